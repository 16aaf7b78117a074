"""Employees."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.sandbox.conftest import Peer

Row = dict[str, Any]


async def test_create_user(newcomer: Peer) -> None:
    """An employee is created with a login and listed; a phone number is unique in the shop."""
    fields = {"full_name": "Lê Thị Hồng", "phone": "0912345678"}
    user = await newcomer.shop("Shop/CreateAccountUser", password="s3cret-pass", **fields)
    assert {name: user[name] for name in fields} == fields
    assert user["short_name"] == "Hồng"
    assert user["blocked_at"] == "0001-01-01T00:00:00Z"
    assert "s3cret-pass" not in str(user)
    (listed,) = await newcomer.users()
    assert (listed["user_id"], listed["full_name"]) == (user["id"], "Lê Thị Hồng")
    assert (listed["roles"], listed["department_id"]) == (None, "0")
    again = await newcomer.shop_error("Shop/CreateAccountUser", password="x", **fields)
    assert again == (409, "already_exists")
    other = await newcomer.partner("Shop/CreateShopAccount")
    body = fields | {"password": "x"}
    assert (await newcomer.post("partner.Shop/CreateAccountUser", body, key=other["shop_key"]))[0] == 200


@pytest.mark.parametrize("blank", ["full_name", "password", "phone"])
async def test_required_fields_of_a_user(newcomer: Peer, blank: str) -> None:
    """Name, password and phone are required and not blank."""
    fields = {"full_name": "Lê An", "password": "x", "phone": "0912345678"}
    response = await newcomer.shop_error("Shop/CreateAccountUser", **(fields | {blank: " "}))
    assert response == (400, "invalid_argument")


async def test_filters_of_users(busy: Peer) -> None:
    """Each filter, and several together, return the same employees as a filter over the whole list."""
    everyone = await busy.users()
    numbers = {one["user_id"]: one["extension_number"] for one in await busy.extensions()}
    some = everyone[5]
    assert len(everyone) == 60

    def expected(test: Callable[[Row], bool]) -> list[Row]:
        chosen = [user for user in everyone if test(user)]
        assert 0 < len(chosen) < 60
        return chosen

    given = some["short_name"].split()[-1]
    with_one = expected(lambda user: user["user_id"] in numbers)
    assert await busy.users(has_extension=True) == with_one
    assert await busy.users(has_extension=False) == expected(lambda user: user["user_id"] not in numbers)
    assert await busy.users(name=given.upper()) == expected(
        lambda user: given.lower() in user["full_name"].lower()
    )
    assert await busy.users(phone=some["phone"]) == [some]
    ids = [user["user_id"] for user in everyone[3:9]]
    assert await busy.users(user_ids=ids) == everyone[3:9]
    number = numbers[with_one[0]["user_id"]]
    assert await busy.users(extension_number=number) == with_one[:1]
    assert await busy.users(user_ids=ids, has_extension=True) == [
        one for one in everyone[3:9] if one in with_one
    ]
    assert await busy.users(extension_number="9999") == []
    assert await busy.users(name="", phone="", user_ids=[], extension_number="") == everyone
    refused = await busy.shop_error("Shop/GetAccountUsers", filter={"user_ids": [ids[0], "me"]})
    assert refused == (400, "invalid_argument")
