"""The JSON of official accounts and their followers."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import attrs
import pytest

from etelecom_async.operations import OPERATIONS
from etelecom_async.sandbox.records_zalo import shared_info, zalo_id
from etelecom_async.sandbox.world.fake import Rng

if TYPE_CHECKING:
    from collections.abc import Callable

    from etelecom_async.sandbox.store.state import State

TABLES = {"oa": "shop.zalo.accounts.list", "follower": "shop.zalo.followers.list"}


@pytest.fixture(scope="module")
def state(populated: Callable[..., State]) -> State:
    """The state of a seeded sandbox."""
    return populated(call_logs=0)


@pytest.mark.parametrize("table", TABLES)
def test_a_record_has_all_documented_fields(state: State, table: str) -> None:
    """What is kept has each field of the documented item, by its name on the wire, and no other."""
    doc = json.loads(state.fetch_one(f"SELECT doc FROM {table}")["doc"])
    fields = attrs.fields(OPERATIONS[TABLES[table]].response)
    assert set(doc) == {field.metadata.get("wire", field.name) for field in fields}


def test_the_owner_is_spelt_as_on_the_wire(state: State) -> None:
    """`onwer_id`, as all samples have it."""
    doc = json.loads(state.fetch_one("SELECT doc FROM oa")["doc"])
    assert doc["onwer_id"].isdecimal()
    assert "owner_id" not in doc


def test_zalos_ids() -> None:
    """They have 19 digits, and fit into 64 bits."""
    ids = [zalo_id(Rng(seed)) for seed in range(100)]
    assert {len(str(one)) for one in ids} == {19}
    assert max(ids) < 2**63


def test_what_is_shared() -> None:
    """Whoever shares gives name, address and a phone number, the known one where there is one."""
    info = shared_info(Rng(1), "Lê An", "84901234567")
    assert (info["name"], info["phone"]) == ("Lê An", "84901234567")
    assert all(info.values())
    assert shared_info(Rng(1), "Lê An", "")["phone"].startswith("84")
