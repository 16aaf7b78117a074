"""Employees, extensions and call logs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from contextlib import AbstractAsyncContextManager

    from tests.sandbox.conftest import Peer

Row = dict[str, Any]


@pytest.fixture
async def busy(open_peer: Callable[..., AbstractAsyncContextManager[Peer]]) -> AsyncIterator[Peer]:
    """The peer of a sandbox with enough rows that every filter has something to leave out."""
    async with open_peer(hotlines=8, users=60, extensions=50, call_logs=900) as peer:
        yield peer


async def users(peer: Peer, **wanted: Any) -> list[Row]:
    """All employees that a filter chooses."""
    return await peer.walk(peer.shop, "Shop/GetAccountUsers", "account_users", filter=wanted)


async def extensions(peer: Peer) -> list[Row]:
    """All extensions."""
    return await peer.walk(peer.shop, "Etelecom/GetExtensions", "extensions")


async def calls(peer: Peer, **wanted: Any) -> list[Row]:
    """All calls that a filter chooses."""
    return await peer.walk(peer.shop, "Etelecom/ListCallLogs", "call_logs", filter=wanted)


async def test_create_user(newcomer: Peer) -> None:
    """An employee is made with a login and listed; the phone number is there once in the shop."""
    fields = {"full_name": "Lê Thị Hồng", "phone": "0912345678"}
    user = await newcomer.shop("Shop/CreateAccountUser", password="s3cret-pass", **fields)
    assert {name: user[name] for name in fields} == fields
    assert user["short_name"] == "Hồng"
    assert user["blocked_at"] == "0001-01-01T00:00:00Z"
    assert "s3cret-pass" not in str(user)
    (listed,) = await users(newcomer)
    assert (listed["user_id"], listed["full_name"]) == (user["id"], "Lê Thị Hồng")
    assert (listed["roles"], listed["department_id"]) == (None, "0")
    again = await newcomer.shop_error("Shop/CreateAccountUser", password="x", **fields)
    assert again == (409, "already_exists")
    other = await newcomer.partner("Shop/CreateShopAccount")
    body = fields | {"password": "x"}
    assert (await newcomer.post("partner.Shop/CreateAccountUser", body, key=other["shop_key"]))[0] == 200


@pytest.mark.parametrize("blank", ["full_name", "password", "phone"])
async def test_a_user_needs_all_of_it(newcomer: Peer, blank: str) -> None:
    """Name, password and phone are required and not blank."""
    fields = {"full_name": "Lê An", "password": "x", "phone": "0912345678"}
    response = await newcomer.shop_error("Shop/CreateAccountUser", **(fields | {blank: " "}))
    assert response == (400, "invalid_argument")


async def test_filters_of_users(busy: Peer) -> None:
    """Each filter, and several together, choose the employees that a look at all of them would choose."""
    everyone = await users(busy)
    numbers = {one["user_id"]: one["extension_number"] for one in await extensions(busy)}
    some = everyone[5]
    assert len(everyone) == 60

    def brute(test: Callable[[Row], bool]) -> list[Row]:
        chosen = [user for user in everyone if test(user)]
        assert 0 < len(chosen) < 60
        return chosen

    given = some["short_name"].split()[-1]
    with_one = brute(lambda user: user["user_id"] in numbers)
    assert await users(busy, has_extension=True) == with_one
    assert await users(busy, has_extension=False) == brute(lambda user: user["user_id"] not in numbers)
    assert await users(busy, name=given.upper()) == brute(
        lambda user: given.lower() in user["full_name"].lower()
    )
    assert await users(busy, phone=some["phone"]) == [some]
    ids = [user["user_id"] for user in everyone[3:9]]
    assert await users(busy, user_ids=ids) == everyone[3:9]
    number = numbers[with_one[0]["user_id"]]
    assert await users(busy, extension_number=number) == with_one[:1]
    assert await users(busy, user_ids=ids, has_extension=True) == [
        one for one in everyone[3:9] if one in with_one
    ]
    assert await users(busy, extension_number="9999") == []
    assert await users(busy, name="", phone="", user_ids=[], extension_number="") == everyone
    refused = await busy.shop_error("Shop/GetAccountUsers", filter={"user_ids": [ids[0], "me"]})
    assert refused == (400, "invalid_argument")


async def test_create_extension(peer: Peer) -> None:
    """An extension is made with a login, for an employee or for nobody; its number is there once."""
    tenant = await peer.shop("Etelecom/GetTenant")
    hotline_id = (await peer.shop("Etelecom/GetHotlines"))["hotlines"][0]["id"]
    user_id = (await users(peer))[0]["user_id"]
    free = await peer.shop("Etelecom/CreateExtension", hotline_id=hotline_id, extension_number=2001)
    assert (free["extension_number"], free["user_id"], free["state"]) == ("2001", "0", "Z")
    assert (free["tenant_id"], free["tenant_domain"]) == (tenant["id"], tenant["domain"])
    assert (free["hotline_id"], free["expires_at"]) == (hotline_id, "0001-01-01T00:00:00Z")
    assert len(free["extension_password"]) == 12

    body = {"hotline_id": hotline_id, "extension_number": 2002, "user_id": user_id}
    _, owned = await peer.post("shop.Etelecom/CreateExtension", body, key=peer.service.shop_api_key)
    assert owned["user_id"] == user_id
    assert (await extensions(peer))[:2] == [owned, free]
    assert await peer.shop_error("Etelecom/CreateExtension", **body) == (409, "already_exists")
    for wrong, error in (
        ({"user_id": "1"}, (404, "not_found")),
        ({"hotline_id": "1"}, (404, "not_found")),
        ({"extension_number": 0}, (400, "invalid_argument")),
        ({"extension_number": 2**70}, (400, "invalid_argument")),
    ):
        fields = body | {"extension_number": 2003} | wrong
        assert await peer.shop_error("Etelecom/CreateExtension", **fields) == error


async def test_an_extension_needs_an_active_tenant_with_the_hotline(newcomer: Peer) -> None:
    """Without a tenant, before it is active, and on a hotline that is elsewhere: failed_precondition."""
    hotline = await newcomer.partner("Etelecom/PartnerAddHotline", hotline="19001234", name="x")
    fields = {"hotline_id": hotline["id"], "extension_number": 101}
    refused = (412, "failed_precondition")
    assert await newcomer.shop_error("Etelecom/CreateExtension", **fields) == refused
    tenant = await newcomer.shop("Etelecom/CreateTenant")
    assert await newcomer.shop_error("Etelecom/CreateExtension", **fields) == refused
    ids = {"tenant_id": tenant["id"], "hotline_id": hotline["id"]}
    owner = {"owner_id": tenant["owner_id"], "connection_id": tenant["connection_id"]}
    await newcomer.partner("Etelecom/PartnerActivateTenant", **ids, **owner)
    assert await newcomer.shop_error("Etelecom/CreateExtension", **fields) == refused
    await newcomer.partner("Etelecom/PartnerAddHotlineToTenant", **ids)
    assert (await newcomer.shop("Etelecom/CreateExtension", **fields))["extension_number"] == "101"


async def test_get_extension(peer: Peer) -> None:
    """The login data of an extension is found by number; e-mail and phone, if given, are its employee's."""
    extension = next(one for one in await extensions(peer) if one["user_id"] != "0")
    (user,) = await users(peer, user_ids=[extension["user_id"]])
    number = extension["extension_number"]
    login = {
        name: extension[name]
        for name in ("extension_number", "extension_password", "tenant_domain", "expires_at")
    }
    assert await peer.shop("Etelecom/GetExtensionInfo", extension_number=number) == login
    found = await peer.shop("Etelecom/GetExtensionInfo", extension_number=number, phone=user["phone"])
    assert found == login
    for wrong in ({"phone": "1"}, {"email": "x@example.com"}, {"extension_number": "9999"}):
        response = await peer.shop_error(
            "Etelecom/GetExtensionInfo", **({"extension_number": number} | wrong)
        )
        assert response == (404, "not_found")
    assert await peer.shop_error("Etelecom/GetExtensionInfo", extension_number="") == (
        400,
        "invalid_argument",
    )


async def test_assign_and_unassign(peer: Peer) -> None:
    """An extension goes to an employee, to another one, and to nobody; what changes nothing answers 0."""
    extension = (await extensions(peer))[0]
    first, second = (user["user_id"] for user in (await users(peer))[:2])
    assign, unassign = "Etelecom/AssignUserToExtension", "Etelecom/RemoveUserOfExtension"
    pair = {"extension_id": extension["id"], "user_id": first}

    async def owner() -> str:
        found: str = next(one for one in await extensions(peer) if one["id"] == extension["id"])["user_id"]
        return found

    assert [await peer.shop(assign, **pair) for _ in range(2)] == [{"updated": 1}, {"updated": 0}]
    assert await owner() == first
    assert await peer.shop(assign, **(pair | {"user_id": second})) == {"updated": 1}
    assert await owner() == second
    assert await peer.shop(unassign, **pair) == {"updated": 0}
    assert await owner() == second
    assert await peer.shop(unassign, extension_id=extension["id"]) == {"updated": 1}
    assert await owner() == "0"
    assert await peer.shop(unassign, extension_id=extension["id"]) == {"updated": 0}
    changed = next(one for one in await extensions(peer) if one["id"] == extension["id"])
    assert changed["updated_at"] > extension["updated_at"]
    for wrong in ({"extension_id": "1"}, {"user_id": "1"}):
        assert await peer.shop_error(assign, **(pair | wrong)) == (404, "not_found")
    assert await peer.shop_error(unassign) == (400, "invalid_argument")
    assert await peer.shop_error(unassign, user_id="1") == (404, "not_found")


async def test_unassign_by_user(peer: Peer) -> None:
    """The employee alone is enough to find the extension to take away; one without any answers 0."""
    extension = next(one for one in await extensions(peer) if one["user_id"] != "0")
    body = {"user_id": extension["user_id"]}
    assert await peer.shop("Etelecom/RemoveUserOfExtension", **body) == {"updated": 1}
    assert await peer.shop("Etelecom/RemoveUserOfExtension", **body) == {"updated": 0}
    assert not await users(peer, user_ids=[extension["user_id"]], has_extension=True)


async def test_change_hotline(busy: Peer) -> None:
    """An extension moves to another hotline of its tenant, found by its id or its employee's."""
    method = "Etelecom/UpdateHotlineForExtension"
    extension = next(one for one in await extensions(busy) if one["user_id"] != "0")
    own = [one["id"] for one in (await busy.shop("Etelecom/GetHotlines"))["hotlines"]]
    first, second = [one for one in own if one != extension["hotline_id"]][:2]
    by_id, by_user = {"extension_id": extension["id"]}, {"user_id": extension["user_id"]}
    assert await busy.shop(method, hotline_id=first, **by_id) == {"updated": 1}
    assert await busy.shop(method, hotline_id=first, **by_id) == {"updated": 0}
    assert await busy.shop(method, hotline_id=second, **by_user) == {"updated": 1}
    moved = next(one for one in await extensions(busy) if one["id"] == extension["id"])
    assert moved == extension | {"hotline_id": second, "updated_at": moved["updated_at"]}
    other = next(user["user_id"] for user in await users(busy) if user["user_id"] != extension["user_id"])
    assert await busy.shop(method, hotline_id=first, **by_id, user_id=other) == {"updated": 0}

    hotlines = await busy.walk(busy.partner, "Etelecom/GetPartnerHotlineList", "hotlines")
    foreign = next(one["id"] for one in hotlines if one["id"] not in own)
    assert await busy.shop_error(method, hotline_id=foreign, **by_id) == (412, "failed_precondition")
    assert await busy.shop_error(method, hotline_id="1", **by_id) == (404, "not_found")
    assert await busy.shop_error(method, hotline_id=first) == (400, "invalid_argument")


async def test_another_shop_sees_none_of_it(peer: Peer) -> None:
    """Users, extensions and calls of a shop are hidden from another one, and cannot be touched by it."""
    other = (await peer.partner("Shop/CreateShopAccount"))["shop_key"]
    for method, items in (
        ("Shop/GetAccountUsers", "account_users"),
        ("Etelecom/GetExtensions", "extensions"),
        ("Etelecom/ListCallLogs", "call_logs"),
    ):
        status, response = await peer.post(f"partner.{method}", key=other)
        assert (status, response[items]) == (200, [])
    extension = (await extensions(peer))[0]
    body = {"extension_id": extension["id"], "extension_number": extension["extension_number"]}
    for method in ("GetExtensionInfo", "RemoveUserOfExtension"):
        assert (await peer.post(f"partner.Etelecom/{method}", body, key=other))[0] == 404

    someone = {"full_name": "Lê An", "password": "x", "phone": "0912345678"}
    _, stranger = await peer.post("partner.Shop/CreateAccountUser", someone, key=other)
    pair = {"extension_id": extension["id"], "user_id": stranger["id"]}
    assert await peer.shop_error("Etelecom/AssignUserToExtension", **pair) == (404, "not_found")


async def test_filters_of_call_logs(busy: Peer) -> None:
    """Each filter chooses the calls that a look at all of them would choose, in the same order."""
    everything = await calls(busy)
    assert len(everything) == 900
    departments = {user["user_id"]: user["department_id"] for user in await users(busy)}
    department = next(number for number in departments.values() if number != "0")
    some = next(call for call in everything if call["external_id"] and call["user_id"] != "0")
    ids = list({call["extension_id"] for call in everything if call["extension_id"] != "0"})[:3]

    for wanted, test in (
        ({"call_number": some["callee"]}, lambda call: some["callee"] in (call["caller"], call["callee"])),
        ({"call_number": some["caller"]}, lambda call: some["caller"] in (call["caller"], call["callee"])),
        ({"call_state": "answered"}, lambda call: call["call_state"] == "answered"),
        ({"call_state": "unknown"}, lambda call: call["call_state"] == "unknown"),
        ({"call_state": "voicemail"}, lambda call: call["call_state"] == "voicemail"),
        ({"direction": "ext_out"}, lambda call: call["direction"] == "ext_out"),
        ({"direction": "callback"}, lambda call: call["direction"] == "callback"),
        ({"external_id": some["external_id"]}, lambda call: call["id"] == some["id"]),
        ({"external_session_id": some["external_session_id"]}, lambda call: call["id"] == some["id"]),
        ({"extension_ids": ids}, lambda call: call["extension_id"] in ids),
        ({"user_id": some["user_id"]}, lambda call: call["user_id"] == some["user_id"]),
        ({"department_id": department}, lambda call: departments.get(call["user_id"]) == department),
        ({"duration": at_most(60)}, lambda call: call["duration"] <= 60),
        ({"duration": at_most(0)}, lambda call: call["duration"] == 0),
        (
            {"direction": "in", "call_state": "answered", "duration": at_most(100), "extension_ids": ids},
            lambda call: (
                (call["direction"], call["call_state"]) == ("in", "answered")
                and call["duration"] <= 100
                and call["extension_id"] in ids
            ),
        ),
    ):
        expected = [call for call in everything if test(call)]
        assert 0 < len(expected) < 900, wanted
        assert await calls(busy, **wanted) == expected, wanted


def at_most(value: int) -> Row:
    """The filter of a duration."""
    return {"comparison": "less_than_or_equal_to", "value": value}


async def test_dates_of_call_logs(busy: Peer) -> None:
    """Both ends belong to the span, to the microsecond, in any zone; a time never set is no limit."""
    everything = await calls(busy)
    moments = [datetime.fromisoformat(call["created_at"]) for call in everything]
    youngest, oldest = moments[100], moments[700]
    step = timedelta(microseconds=1)
    for date_from, date_to in (
        (oldest, youngest),
        (oldest + step, youngest - step),
        (oldest.astimezone(UTC), None),
        (None, youngest.astimezone(UTC)),
    ):
        wanted = {
            "date_from": date_from and date_from.isoformat(),
            "date_to": date_to and date_to.isoformat(),
        }
        expected = [
            call
            for call, moment in zip(everything, moments, strict=True)
            if (not date_from or date_from <= moment) and (not date_to or moment <= date_to)
        ]
        assert 0 < len(expected) < 900
        assert await calls(busy, **wanted) == expected
    never = "0001-01-01T00:00:00Z"
    assert await calls(busy, date_from=never, date_to=never) == everything
    assert await calls(busy, date_from=youngest.isoformat(), date_to=oldest.isoformat()) == []


async def test_hotlines_of_call_logs(busy: Peer) -> None:
    """Each call is on one hotline of the tenant: that of its caller or callee, if that is not internal."""
    everything = await calls(busy)
    hotlines = (await busy.shop("Etelecom/GetHotlines"))["hotlines"]
    found: list[Row] = []
    for hotline in hotlines:
        chosen = await calls(busy, hotline_ids=[hotline["id"]])
        for call in everything:
            if not call["direction"].startswith("ext"):
                assert (call in chosen) == (hotline["hotline"] in (call["caller"], call["callee"]))
        found += chosen
    assert sorted(call["id"] for call in found) == sorted(call["id"] for call in everything)
    assert await calls(busy, hotline_ids=[hotline["id"] for hotline in hotlines]) == everything


async def test_filters_that_say_nothing(busy: Peer) -> None:
    """A filter that is null, empty, "0" or not set leaves nothing out."""
    everything = await calls(busy)
    blank = {
        "call_number": "",
        "call_state": None,
        "department_id": "0",
        "direction": "",
        "duration": {"comparison": "unknow", "value": 1},
        "extension_ids": [],
        "hotline_ids": None,
        "external_id": "",
        "user_id": "0",
    }
    assert await calls(busy, **blank) == everything
    assert await calls(busy, duration={}) == everything


@pytest.mark.parametrize(
    "wanted",
    [
        {"duration": {"comparison": "greater_than", "value": 1}},
        {"duration": {"comparison": "less_than_or_equal_to"}},
        {"duration": {"comparison": "less_than_or_equal_to", "value": -1}},
        {"duration": {"value": 1}},
        {"date_from": "2025-10-01"},
        {"date_from": "2025-10-01T00:00:00"},
        {"extension_ids": ["x"]},
        {"hotline_ids": [1]},
        {"user_id": "me"},
    ],
)
async def test_wrong_filters(peer: Peer, wanted: Row) -> None:
    """A filter that cannot be meant is refused, not ignored."""
    assert await peer.shop_error("Etelecom/ListCallLogs", filter=wanted) == (400, "invalid_argument")


async def test_calls_are_newest_first(busy: Peer) -> None:
    """Without an order the newest call is first, and a page holds 100, however many are asked for."""
    for limit in (None, 0, 100, 1000):
        response = await busy.shop("Etelecom/ListCallLogs", paging={"limit": limit})
        moments = [datetime.fromisoformat(call["created_at"]) for call in response["call_logs"]]
        assert len(moments) == 100
        assert moments == sorted(moments, reverse=True)
