"""The records of official accounts, followers and consents."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from etelecom_async.sandbox.services.zalo.records import add_consent, shared_info, zalo_id
from etelecom_async.sandbox.services.zalo.rejections import OLD_ZALO
from etelecom_async.sandbox.store.state import utc_now
from etelecom_async.sandbox.world.fake import Rng

if TYPE_CHECKING:
    from collections.abc import Callable

    from etelecom_async.sandbox.store.state import State


@pytest.fixture(scope="module")
def state(populated: Callable[..., State]) -> State:
    """Returns the state of a seeded sandbox."""
    return populated(call_logs=0)


def test_the_owner_is_spelt_as_on_the_wire(state: State) -> None:
    """The field of the owner is `onwer_id`, as in all samples."""
    doc = json.loads(state.fetch_one("SELECT doc FROM oa")["doc"])
    assert doc["onwer_id"].isdecimal()
    assert "owner_id" not in doc


def test_zalos_ids() -> None:
    """Zalo's ids have 19 digits, and fit into 64 bits."""
    ids = [zalo_id(Rng(seed)) for seed in range(100)]
    assert {len(str(one)) for one in ids} == {19}
    assert max(ids) < 2**63


def test_shared_data() -> None:
    """Shared data has a name, an address and a phone number; a known phone number is kept."""
    info = shared_info(Rng(1), "Lê An", "84901234567")
    assert (info["name"], info["phone"]) == ("Lê An", "84901234567")
    assert all(info.values())
    assert shared_info(Rng(1), "Lê An", "")["phone"].startswith("84")


def test_a_rejected_request_for_consent(new_state: Callable[[], State]) -> None:
    """A rejected request has the code of Zalo, is not charged, and never expires."""
    state, now = new_state(), utc_now()
    doc = add_consent(
        state,
        record_id=7,
        oa={"shop_id": "1", "onwer_id": "2", "oa_id": "3"},
        phone="84901234568",
        call_type="audio",
        reason_code="delivery_notification",
        created_at=now,
        expires_at=now,
        rejection=OLD_ZALO,
    )
    assert (doc["status"], doc["reply_status"], doc["is_charged"]) == ("N", "Z", False)
    assert (doc["error_code"], doc["error_message"]) == (OLD_ZALO.code, OLD_ZALO.text)
    assert doc["expires_at"] == "0001-01-01T00:00:00Z"
    assert state.fetch_doc("consent", 7) == doc
