"""Test how users, hotlines, extensions and accounts are found; the commands test the usual cases."""

from __future__ import annotations

import unicodedata
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
    replies = [peer.json({"account_users": users}) for users in (first, second)]
    peer.respond_with(*replies)
    found = await lookup.by_phone("84901234567", lambda form: shop.users.list(phone=form))
    assert [user.email or user.user_id for user in found] == ["1", "a", "b", "2"]
    peer.respond_with(*replies)
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


NAMES = ["Bùi Hữu Quỳnh", "Đặng Văn Hưng", "Lê Quỳnh"]


@pytest.fixture
def exact(peer: Any) -> None:
    """Let the peer compare names exactly."""
    users = [{"user_id": str(number), "full_name": name} for number, name in enumerate(NAMES)]

    def respond(request: Any) -> Any:
        wanted = (request.json.get("filter") or {}).get("name")
        return peer.json({"account_users": [each for each in users if wanted in {None, each["full_name"]}]})

    peer.always = respond


@pytest.mark.usefixtures("exact")
@pytest.mark.parametrize(
    ("text", "user"),
    [
        (unicodedata.normalize("NFD", "Bùi Hữu Quỳnh"), 0),  # as macOS writes names
        ("bui huu quynh", 0),
        ("Bui Huu", 0),
        ("le  quynh", 2),
        ("DANG VAN", 1),
    ],
)
async def test_name_in_another_form(shop: ShopClient, text: str, user: int) -> None:
    """A name may be decomposed, or have no accents, although the service compares texts exactly."""
    assert await lookup.user_id(shop, text) == str(user)


@pytest.mark.filterwarnings("ignore::etelecom_async.ProvisionalOperationWarning")
async def test_name_of_a_hotline(shop: ShopClient, peer: Any) -> None:
    """The name of a hotline may be decomposed, or have no accents, too. An equal name wins."""
    names = ["Tổng đài", "tong dai", "Hỗ trợ"]
    peer.always = lambda _: peer.json(
        {"hotlines": [{"id": str(number), "name": name} for number, name in enumerate(names)]}
    )
    for text, number in ((unicodedata.normalize("NFD", "Tổng Đài"), 0), ("Tong dai", 1), ("ho tro", 2)):
        assert await lookup.hotline_id(shop, text) == str(number)


@pytest.mark.usefixtures("exact")
@pytest.mark.parametrize("text", ["Đặng Văn Hùng", "Đăng", "?!"])
async def test_other_accents_are_another_name(shop: ShopClient, text: str) -> None:
    """Accents that are written count: Hùng is not Hưng."""
    assert "names no employee" in await refused(lookup.user_id(shop, text))


@pytest.mark.usefixtures("exact")
async def test_unclear_name_without_accents(shop: ShopClient) -> None:
    """A part of several names is not clear, also without accents."""
    assert "Bùi Hữu Quỳnh (0), Lê Quỳnh (2)" in await refused(lookup.user_id(shop, "quynh"))


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
