"""Followers, and the form that requests their data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from contextlib import AbstractAsyncContextManager

    from tests.sandbox.conftest import Peer


@pytest.fixture
async def crowd(open_peer: Callable[..., AbstractAsyncContextManager[Peer]]) -> AsyncIterator[Peer]:
    """Returns the peer of a sandbox with many followers."""
    async with open_peer(call_logs=0, followers=120) as peer:
        yield peer


async def listed(peer: Peer, **wanted: Any) -> list[Any]:
    """Returns the followers that a filter selects."""
    body = {"filter": wanted, "paging": {"limit": 50}}
    return await peer.walk(peer.shop, "Zalo/ListFollowers", "followers", **body)


async def test_filters(crowd: Peer) -> None:
    """Each filter selects the same followers as a search of the whole list; `unknown` selects all."""
    everyone = await listed(crowd)
    assert len(everyone) == 120
    for field in ("gender", "state", "has_conversation", "oa_id", "assigned_user_id", "phone", "zl_user_id"):
        for value in {one[field] for one in everyone} - {""}:
            found = await listed(crowd, **{field: value})
            expected = [one for one in everyone if value in ("unknown", one[field])]
            assert found == expected, (field, value)
    for one in everyone[::20]:
        word = one["full_name"].split()[-1].upper()
        assert await listed(crowd, name=word) == [
            other for other in everyone if word.casefold() in other["full_name"].casefold()
        ]
        moment = one["created_at"]
        assert await listed(crowd, date_from=moment) == [
            other for other in everyone if other["created_at"] >= moment
        ]
        assert await listed(crowd, date_to=moment) == [
            other for other in everyone if other["created_at"] <= moment
        ]


async def test_several_filters_at_once(crowd: Peer) -> None:
    """Several filters must all match."""
    everyone = await listed(crowd)
    found = await listed(crowd, gender="female", state="follow", has_conversation=True)
    assert found == [
        one
        for one in everyone
        if one["gender"] == "female" and one["state"] == "follow" and one["has_conversation"]
    ]
    assert found


async def test_tags_and_several_ids(crowd: Peer) -> None:
    """One of several tags is enough, and so is one of several ids."""
    everyone = await listed(crowd)

    def has(one: Any, *tags: str) -> bool:
        return bool(set(one["tags_and_notes_info"]["tag_names"] or []) & set(tags))

    for tags in (["VIP"], ["VIP", "Hà Nội"], ["Khách mới", "không có"]):
        found = await listed(crowd, tags=tags)
        assert found == [one for one in everyone if has(one, *tags)]
        assert found
    assert await listed(crowd, tags=["vip"]) == []
    wanted = [everyone[3]["zl_user_id"], everyone[70]["zl_user_id"], "nobody"]
    assert await listed(crowd, zl_user_ids=wanted) == [everyone[3], everyone[70]]
    assert await listed(crowd, tags=[], zl_user_ids=[]) == everyone


async def test_phone_in_any_form(crowd: Peer) -> None:
    """A filter finds a phone number in any of its forms."""
    one = next(one for one in await listed(crowd) if one["phone"])
    for phone in (one["phone"], f"0{one['phone'][2:]}", one["phone"][2:]):
        assert await listed(crowd, phone=phone) == [one]


async def test_followers_of_another_shop(crowd: Peer) -> None:
    """A shop sees its own followers only."""
    other = await crowd.partner("Shop/CreateShopAccount")
    _, response = await crowd.post("shop.Zalo/ListFollowers", key=other["api_key"])
    assert response["followers"] == []


async def asked(peer: Peer, state: str) -> dict[str, Any]:
    """Returns a follower of the account that can send; the follower has not shared any data yet."""
    oa_id = (await peer.oas())[0]["oa_id"]
    everyone = await listed(peer, state=state, oa_id=oa_id)
    return next(one for one in everyone if one["shared_info"] is None and not one["phone"])


async def test_the_form_is_answered_later(crowd: Peer) -> None:
    """A user that follows the account fills the form in after five minutes, not earlier."""
    one = await asked(crowd, "follow")
    form = {
        "oa_id": one["oa_id"],
        "zl_user_id": one["zl_user_id"],
        "title": "x" * 100,
        "subtitle": "x" * 500,
        "image_url": "https://example.com/a.png",
    }
    assert await crowd.shop("Zalo/RequestUserInfo", **form) == {"updated": 1}
    crowd.advance(minutes=4)
    assert await listed(crowd, zl_user_id=one["zl_user_id"]) == [one]
    crowd.advance(minutes=2)
    (after,) = await listed(crowd, zl_user_id=one["zl_user_id"])
    assert after["shared_info"]["name"] == one["full_name"]
    assert after["phone"] == after["shared_info"]["phone"]
    assert after["has_conversation"] is True
    assert after["updated_at"] > one["updated_at"]
    changed = {"shared_info", "phone", "has_conversation", "updated_at"}
    assert {name: after[name] for name in set(after) - changed} == {
        name: one[name] for name in set(one) - changed
    }


async def test_users_that_do_not_follow_never_answer(crowd: Peer) -> None:
    """The form is sent to a user that does not follow the account, but never filled in."""
    one = await asked(crowd, "unfollow")
    body = {"oa_id": one["oa_id"], "zl_user_id": one["zl_user_id"]}
    assert await crowd.shop("Zalo/RequestUserInfo", **body) == {"updated": 1}
    crowd.advance(days=30)
    assert await listed(crowd, zl_user_id=one["zl_user_id"]) == [one]


async def test_wrong_forms(crowd: Peer) -> None:
    """Title and subtitle have limits, the picture is a URL, and the user belongs to the account."""
    one = await asked(crowd, "follow")
    body = {"oa_id": one["oa_id"], "zl_user_id": one["zl_user_id"]}
    for wrong in ({"title": "x" * 101}, {"subtitle": "x" * 501}, {"image_url": "a.png"}, {"zl_user_id": " "}):
        response = await crowd.shop_error("Zalo/RequestUserInfo", **(body | wrong))
        assert response == (400, "invalid_argument"), wrong
    for missing in body:
        fields = {name: value for name, value in body.items() if name != missing}
        assert await crowd.shop_error("Zalo/RequestUserInfo", **fields) == (400, "invalid_argument")
    assert await crowd.shop_error("Zalo/RequestUserInfo", **(body | {"zl_user_id": "1"})) == (
        404,
        "not_found",
    )
