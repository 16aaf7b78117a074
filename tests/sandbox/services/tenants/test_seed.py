"""Tenants and hotlines in a new sandbox."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from etelecom_async.sandbox.store.state import State


def docs(state: State, table: str) -> list[dict[str, Any]]:
    """Returns all records of a table."""
    return [json.loads(row["doc"]) for row in state.fetch_all(f"SELECT doc FROM {table} ORDER BY id")]


def test_rows_have_unusual_values(populated: Callable[..., State]) -> None:
    """Some tenants are not active, and some hotlines have no connection or an unlisted network."""
    state = populated(tenants=40, hotlines=40)
    tenants, hotlines = docs(state, "tenant"), docs(state, "hotline")
    assert {tenant["status"] for tenant in tenants} > {"Z", "P", "N"}
    assert {tenant["connection_method"] for tenant in tenants} == {"unknown", "direct"}
    assert {hotline["network"] for hotline in hotlines} > {"mobifone", "vinaphone", "viettel"}
    assert "vietnamobile" in {hotline["network"] for hotline in hotlines}
    assert {hotline["connection_id"] for hotline in hotlines} > {"0"}


def test_hotlines_are_spread(populated: Callable[..., State]) -> None:
    """Half of the hotlines are on the first tenant, a quarter on another one, and a quarter on none."""
    state = populated(tenants=40, hotlines=40)
    rows = state.fetch_all("SELECT tenant_id, count(*) AS number FROM hotline GROUP BY tenant_id")
    counts = {row["tenant_id"]: row["number"] for row in rows}
    first = state.fetch_one("SELECT id FROM tenant WHERE shop_id = ?", int(state.setting("shop_id")))["id"]
    assert (counts.pop(first), counts.pop(None)) == (20, 10)
    assert list(counts.values()) == [10]
