"""The JSON of each kind of record."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import attrs
import pytest

from etelecom_async.operations import OPERATIONS
from etelecom_async.sandbox import records
from etelecom_async.sandbox.handlers import HANDLERS
from etelecom_async.sandbox.store.state import search_name

if TYPE_CHECKING:
    from collections.abc import Callable

    from etelecom_async.sandbox.store.state import State

TABLES = {
    "tenant": "partner.tenants.list",
    "hotline": "partner.hotlines.list",
    "account_user": "shop.users.list",
    "extension": "shop.extensions.list",
    "call_log": "shop.call_logs.list",
    "shop": "partner.shops.list",
}
ELSEWHERE = ("webhooks", "shop.hot", "shop.zalo", "shop.zns")


@pytest.fixture
def state(populated: Callable[..., State]) -> State:
    """The state of a seeded sandbox."""
    return populated(call_logs=1)


@pytest.mark.parametrize("table", [table for table in TABLES if table != "shop"])
def test_a_record_has_all_documented_fields(state: State, table: str) -> None:
    """What is kept has each field of the documented item, by its name on the wire, and no other."""
    doc = json.loads(state.fetch_one(f"SELECT doc FROM {table}")["doc"])
    item = OPERATIONS[TABLES[table]].response
    assert set(doc) == {field.metadata.get("wire", field.name) for field in attrs.fields(item)}


def test_names_are_found_in_any_case() -> None:
    """Names are looked up without case, Vietnamese letters too."""
    assert search_name("ĐẶNG") in search_name("Đặng Minh Anh")


def test_a_hotline_shows_its_place() -> None:
    """An attached hotline is enabled and has the connection of its tenant; a free one has none."""
    tenant = {"connection_id": "7", "connection_method": "direct"}
    assert records.hotline_place(tenant) == {
        "connection_id": "7",
        "connection_method": "direct",
        "status": "P",
    }
    assert records.hotline_place(None)["connection_id"] == "0"


def test_every_list_is_covered() -> None:
    """Each list of records with a handler is looked at above."""
    lists = {name for name in HANDLERS if OPERATIONS[name].items and not name.startswith(ELSEWHERE)}
    assert lists == set(TABLES.values())
