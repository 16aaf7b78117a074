"""The records of templates, journeys and messages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from etelecom_async.sandbox.services.zalo.rejections import ACCEPTED, OLD_ZALO, Rejection
from etelecom_async.sandbox.services.zns.records import add_journey, add_message, add_template
from etelecom_async.sandbox.store.state import utc_now

if TYPE_CHECKING:
    from collections.abc import Callable

    from etelecom_async.sandbox.store.state import State

OA = {"shop_id": "1", "onwer_id": "2", "oa_id": "3"}


@pytest.mark.parametrize(("rejection", "status", "msg_id"), [(ACCEPTED, "Z", "m"), (OLD_ZALO, "N", "")])
def test_messages(new_state: Callable[[], State], rejection: Rejection, status: str, msg_id: str) -> None:
    """A new message is not charged yet; a rejected one has the code of Zalo and no msg_id."""
    state = new_state()
    doc = add_message(
        state,
        record_id=7,
        oa=OA,
        msg_id="m",
        phone="84901234568",
        template_id=5,
        template_data={"otp": "1234"},
        created_at=utc_now(),
        rejection=rejection,
    )
    assert (doc["status"], doc["msg_id"], doc["is_charged"]) == (status, msg_id, False)
    assert (doc["error_code"], doc["error_message"]) == (rejection.code, rejection.text)
    assert state.fetch_doc("zns_message", 7) == doc


@pytest.mark.parametrize(("rejection", "status", "token"), [(ACCEPTED, "P", "t"), (OLD_ZALO, "N", "")])
def test_journeys(new_state: Callable[[], State], rejection: Rejection, status: str, token: str) -> None:
    """A journey is active and charged; a rejected one has no token and no charge."""
    state, now = new_state(), utc_now()
    doc = add_journey(
        state,
        record_id=7,
        oa=OA,
        journey_id="9",
        journey_token="t",
        phone="84901234568",
        fee=800,
        created_at=now,
        expired_at=now,
        rejection=rejection,
    )
    assert (doc["status"], doc["journey_token"]) == (status, token)
    assert doc["is_charged"] == (rejection is ACCEPTED)
    assert state.fetch_doc("journey", 7) == doc


@pytest.mark.parametrize(("quota", "applies"), [({}, False), ({"daily_quota": 5}, True)])
def test_templates(new_state: Callable[[], State], quota: dict[str, Any], *, applies: bool) -> None:
    """A template has its own quota only if one is given."""
    state = new_state()
    doc = add_template(
        state,
        template_id=7,
        oa=OA,
        name="Mã",
        kind="otp",
        tag="OTP",
        params=[],
        price=300,
        created_at=utc_now(),
        **quota,
    )
    assert doc["apply_template_quota"] is applies
    assert doc["template_remaining_quota"] == doc["template_daily_quota"] == quota.get("daily_quota", 0)
    assert state.fetch_one("SELECT search_name FROM zns_template")["search_name"] == "mã"
