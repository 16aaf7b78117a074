"""The public view of the operations table."""

from __future__ import annotations

import re

import attrs
import pytest

from etelecom_async import Effect, KeyKind, PartnerClient, ShopClient, SmsClient
from etelecom_async.operations import OPERATIONS, Operation

CLIENTS = {
    "partner": PartnerClient("partner-key"),
    "shop": ShopClient("1161512386239479010:abcdefgh"),
    "sms": SmsClient("u", "p"),
}


def test_table() -> None:
    """The table has 58 operations, 5 of them inferred; one has two forms. It is sorted by names."""
    forms = {name: row.form_of for name, row in OPERATIONS.items() if row.form_of is not None}
    assert forms == {"partner.shops.connect": "partner.shops.authorize"}
    assert len(OPERATIONS) == 58 + len(forms)
    assert sum(row.provisional is not None for row in OPERATIONS.values()) == 5
    assert [row.name for row in OPERATIONS.values()] == list(OPERATIONS) == sorted(OPERATIONS)
    assert len({row.wire_name for row in OPERATIONS.values()}) == 58


def test_table_cannot_be_changed() -> None:
    """The table is read-only."""
    with pytest.raises(TypeError):
        OPERATIONS["x"] = OPERATIONS["account"]


@pytest.mark.parametrize("row", OPERATIONS.values(), ids=OPERATIONS)
def test_row(row: Operation[object, object]) -> None:
    """A row has its callers, its effect and its source."""
    assert isinstance(row.effect, Effect)
    assert row.callers
    assert re.fullmatch(r"https://docs\.etelecom\.vn/\S+", row.source)
    # SMS accepts one kind of key, and no other service accepts it.
    assert (KeyKind.USERNAME_PASSWORD in row.callers) == row.name.startswith("sms.")
    assert bool(row.credentials) == row.name.startswith("sms.")
    if row.name.endswith(".list"):
        assert row.items
        assert row.effect is Effect.READ
    else:
        assert row.items is None


@pytest.mark.parametrize("row", OPERATIONS.values(), ids=OPERATIONS)
def test_name_leads_to_the_method(row: Operation[object, object]) -> None:
    """The public name is the attribute path from a client to a method, whose docstring has the wire name."""
    first, *rest = row.name.split(".")
    if first in CLIENTS:
        clients = [CLIENTS[first]]
    else:
        clients, rest = [CLIENTS["partner"], CLIENTS["shop"]], [first, *rest]
    for client in clients:
        method: object = client
        for name in rest:
            method = getattr(method, name)
        assert row.wire_name in str(method.__doc__)
        assert f"Effect: {row.effect.value}" in str(method.__doc__)


def test_lists_can_be_paged() -> None:
    """Each list has a cursor or a page number in its request, except the one that has a single page."""
    without = [
        name
        for name, row in OPERATIONS.items()
        if row.items and row.pages is None and "paging" not in attrs.fields_dict(row.request)
    ]
    assert without == ["webhooks.list"]
