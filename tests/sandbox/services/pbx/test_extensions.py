"""Extensions."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.sandbox.conftest import Peer


async def test_create_extension(peer: Peer) -> None:
    """An extension is created with a login, with or without an employee; its number is unique."""
    tenant = await peer.shop("Etelecom/GetTenant")
    hotline_id = (await peer.shop("Etelecom/GetHotlines"))["hotlines"][0]["id"]
    user_id = (await peer.users())[0]["user_id"]
    free = await peer.shop("Etelecom/CreateExtension", hotline_id=hotline_id, extension_number=2001)
    assert (free["extension_number"], free["user_id"], free["state"]) == ("2001", "0", "Z")
    assert (free["tenant_id"], free["tenant_domain"]) == (tenant["id"], tenant["domain"])
    assert (free["hotline_id"], free["expires_at"]) == (hotline_id, "0001-01-01T00:00:00Z")
    assert len(free["extension_password"]) == 12

    body = {"hotline_id": hotline_id, "extension_number": 2002, "user_id": user_id}
    _, owned = await peer.post("shop.Etelecom/CreateExtension", body, key=peer.service.shop_api_key)
    assert owned["user_id"] == user_id
    assert (await peer.extensions())[:2] == [owned, free]
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
    """A missing or inactive tenant, or a hotline that is not on it, gets failed_precondition."""
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
    """
    The number returns the login of an extension.

    E-mail and phone, if given, must be those of its employee.
    """
    extension = next(one for one in await peer.extensions() if one["user_id"] != "0")
    (user,) = await peer.users(user_ids=[extension["user_id"]])
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
    """An extension is assigned to an employee, then to another one, then unassigned. No change returns 0."""
    extension = (await peer.extensions())[0]
    first, second = (user["user_id"] for user in (await peer.users())[:2])
    assign, unassign = "Etelecom/AssignUserToExtension", "Etelecom/RemoveUserOfExtension"
    pair = {"extension_id": extension["id"], "user_id": first}

    async def owner() -> str:
        found: str = next(one for one in await peer.extensions() if one["id"] == extension["id"])["user_id"]
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
    changed = next(one for one in await peer.extensions() if one["id"] == extension["id"])
    assert changed["updated_at"] > extension["updated_at"]
    for wrong in ({"extension_id": "1"}, {"user_id": "1"}):
        assert await peer.shop_error(assign, **(pair | wrong)) == (404, "not_found")
    assert await peer.shop_error(unassign) == (400, "invalid_argument")
    assert await peer.shop_error(unassign, user_id="1") == (404, "not_found")


async def test_unassign_by_user(peer: Peer) -> None:
    """The id of the employee is enough to unassign; an employee without an extension returns 0."""
    extension = next(one for one in await peer.extensions() if one["user_id"] != "0")
    body = {"user_id": extension["user_id"]}
    assert await peer.shop("Etelecom/RemoveUserOfExtension", **body) == {"updated": 1}
    assert await peer.shop("Etelecom/RemoveUserOfExtension", **body) == {"updated": 0}
    assert not await peer.users(user_ids=[extension["user_id"]], has_extension=True)


async def test_change_hotline(busy: Peer) -> None:
    """An extension moves to another hotline of its tenant; its own id or its employee's id selects it."""
    method = "Etelecom/UpdateHotlineForExtension"
    extension = next(one for one in await busy.extensions() if one["user_id"] != "0")
    own = [one["id"] for one in (await busy.shop("Etelecom/GetHotlines"))["hotlines"]]
    first, second = [one for one in own if one != extension["hotline_id"]][:2]
    by_id, by_user = {"extension_id": extension["id"]}, {"user_id": extension["user_id"]}
    assert await busy.shop(method, hotline_id=first, **by_id) == {"updated": 1}
    assert await busy.shop(method, hotline_id=first, **by_id) == {"updated": 0}
    assert await busy.shop(method, hotline_id=second, **by_user) == {"updated": 1}
    moved = next(one for one in await busy.extensions() if one["id"] == extension["id"])
    assert moved == extension | {"hotline_id": second, "updated_at": moved["updated_at"]}
    other = next(user["user_id"] for user in await busy.users() if user["user_id"] != extension["user_id"])
    assert await busy.shop(method, hotline_id=first, **by_id, user_id=other) == {"updated": 0}

    hotlines = await busy.walk(busy.partner, "Etelecom/GetPartnerHotlineList", "hotlines")
    unattached = next(one["id"] for one in hotlines if one["id"] not in own)
    assert await busy.shop_error(method, hotline_id=unattached, **by_id) == (412, "failed_precondition")
    assert await busy.shop_error(method, hotline_id="1", **by_id) == (404, "not_found")
    assert await busy.shop_error(method, hotline_id=first) == (400, "invalid_argument")


async def test_another_shop_has_no_access(peer: Peer) -> None:
    """Another shop cannot see or change the users, extensions and calls of a shop."""
    other = (await peer.partner("Shop/CreateShopAccount"))["shop_key"]
    for method, items in (
        ("Shop/GetAccountUsers", "account_users"),
        ("Etelecom/GetExtensions", "extensions"),
        ("Etelecom/ListCallLogs", "call_logs"),
    ):
        status, response = await peer.post(f"partner.{method}", key=other)
        assert (status, response[items]) == (200, [])
    extension = (await peer.extensions())[0]
    body = {"extension_id": extension["id"], "extension_number": extension["extension_number"]}
    for method in ("GetExtensionInfo", "RemoveUserOfExtension"):
        assert (await peer.post(f"partner.Etelecom/{method}", body, key=other))[0] == 404

    someone = {"full_name": "Lê An", "password": "x", "phone": "0912345678"}
    _, other_user = await peer.post("partner.Shop/CreateAccountUser", someone, key=other)
    pair = {"extension_id": extension["id"], "user_id": other_user["id"]}
    assert await peer.shop_error("Etelecom/AssignUserToExtension", **pair) == (404, "not_found")
