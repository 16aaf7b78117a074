"""Test how users, hotlines, extensions and accounts are found; the commands test the usual cases."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from etelecom_async import ShopClient
from etelecom_async.cli.command import CommandError
from etelecom_async.cli.words import lookup
from etelecom_async.models import ZNSMessage


async def refused(call: Any) -> str:
    """Return the text of the usage error of a look-up."""
    with pytest.raises(CommandError) as caught:
        await call
    assert caught.value.exit_code == 2
    return str(caught.value)


async def test_rows_of_both_forms(shop: ShopClient, peer: Any) -> None:
    """A row in both lists counts once; rows without an id are all kept; a limit takes one page only."""
    first = [{"user_id": "1"}, {"email": "a"}]
    second = [{"user_id": "1"}, {"email": "b"}, {"user_id": "2"}]
    answers = [peer.json({"account_users": users}) for users in (first, second)]
    peer.answers(*answers)
    found = await lookup.by_phone("84901234567", lambda form: shop.users.list(phone=form))
    assert [user.email or user.user_id for user in found] == ["1", "a", "b", "2"]
    peer.answers(*answers)
    limited = await lookup.by_phone("84901234567", lambda form: shop.users.list(phone=form), 1)
    assert [user.user_id for user in limited] == ["1"]


def test_newest_first() -> None:
    """Rows without a time come last, in their order."""
    moments = (None, datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC), None)
    rows = [ZNSMessage(id=str(number), created_at=moment) for number, moment in enumerate(moments)]
    assert [row.id for row in lookup.newest_first(rows, "created_at")] == ["2", "1", "0", "3"]


async def test_exact_name_wins(shop: ShopClient, peer: Any) -> None:
    """If one name is exactly the text, the others that contain it do not count."""
    users = [{"user_id": "1", "full_name": "Lan Anh"}, {"user_id": "2", "full_name": "LAN"}]
    peer.always = lambda _: peer.json({"account_users": users})
    assert await lookup.user_id(shop, "Lan") == "2"
    assert "is not clear; give the id of one employee: Lan Anh (1), LAN (2)" in await refused(
        lookup.user_id(shop, "La")
    )


async def test_ids_need_no_call(shop: ShopClient, peer: Any) -> None:
    """An id is taken as it is."""
    assert await lookup.user_id(shop, "1434290379667432794") == "1434290379667432794"
    assert await lookup.hotline_id(shop, "1434290379667432794") == "1434290379667432794"
    assert peer.requests == []


async def test_many_choices(shop: ShopClient, peer: Any) -> None:
    """An error lists ten choices, and the number of the others."""
    extensions = [{"id": str(number), "extension_number": "1001"} for number in range(12)]
    peer.always = lambda _: peer.json({"extensions": extensions})
    text = await refused(lookup.extension(shop, "1001"))
    assert text.endswith("1001 (8), 1001 (9) and 2 more")
    peer.always = lambda _: peer.json({"extensions": []})
    assert await refused(lookup.extension(shop, "1")) == "--extension '1' names no extension of this shop"


async def test_numbers_of_a_user(shop: ShopClient, peer: Any) -> None:
    """An employee may have several extensions."""
    owners = {"1001": "7", "1002": "8", "1003": "7"}
    extensions = [{"extension_number": number, "user_id": owner} for number, owner in owners.items()]
    peer.always = lambda _: peer.json({"extensions": extensions})
    assert await lookup.numbers_of_user(shop, "7") == ["1001", "1003"]
