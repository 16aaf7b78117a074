"""The table of the kinds of records."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs
import pytest

from etelecom_async.sandbox.records.kinds import KINDS, SHOP, Kind
from etelecom_async.sandbox.records.values import hints_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from etelecom_async.sandbox.store.state import State
    from tests.sandbox.records.conftest import Desk


@pytest.mark.parametrize("kind", KINDS.values(), ids=list(KINDS))
def test_names_in_a_row(populated: Callable[..., State], kind: Kind) -> None:
    """Tables, columns, references and unique fields of a row exist."""
    state = populated(call_logs=1)
    columns = {row["name"] for row in state.fetch_all(f"PRAGMA table_info({kind.table})")}
    assert {column for column, _ in kind.columns.values()} <= columns
    assert set(kind.unique) <= set(kind.columns)
    assert {group for group in kind.unique.values() if group} <= columns
    assert set(kind.references) <= set(hints_of(kind.new))
    for reference in (*kind.references.values(), SHOP):
        others = {row["name"] for row in state.fetch_all(f"PRAGMA table_info({reference.table})")}
        assert {reference.key or "id"} <= others
        assert not reference.is_of_shop or "shop_id" in others
    state.fetch_all(f"SELECT * FROM {kind.table} WHERE {kind.of_shop}", 1)


@pytest.mark.parametrize("name", KINDS)
def test_a_new_record_is_a_seeded_one(desk: Desk, name: str) -> None:
    """A record with defaults only has the fields of a seeded one, fits the model, and is the newest."""
    kind = KINDS[name]
    if name == "tenants":
        shop = desk.add("shops", tenant=False)["shop"]["id"]
        record = desk.add(name, shop=shop)
    else:
        record = desk.add(name)
    record = record.get("shop", record)
    seeded = desk.book.fetch_all(name)
    assert seeded[0] == record
    assert all(set(other) == set(record) for other in seeded)
    kind.load_model().from_dict(record, ignore_unknown=True)


LISTED: dict[str, dict[str, Any]] = {"calls": {"direction": "in"}, "consents": {"call_type": "audio"}}


@pytest.mark.parametrize("name", KINDS)
def test_enums(name: str) -> None:
    """The enums of a kind are those of its fields, with their listed values."""
    enums = KINDS[name].enums()
    fields = {field.name for field in attrs.fields(KINDS[name].load_model())}
    assert set(enums) <= fields
    for field, value in LISTED.get(name, {}).items():
        assert value in list(enums[field])
