"""Tenants and hotlines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from contextlib import AbstractAsyncContextManager

    from tests.sandbox.conftest import Peer


@pytest.fixture
async def crowd(open_peer: Callable[..., AbstractAsyncContextManager[Peer]]) -> AsyncIterator[Peer]:
    """Returns the peer of a sandbox with many tenants and hotlines."""
    async with open_peer(tenants=30, hotlines=30, call_logs=0) as peer:
        yield peer


async def make_tenant(peer: Peer) -> tuple[dict[str, Any], dict[str, Any]]:
    """Returns a new tenant, which is not active, and a new hotline."""
    tenant = await peer.shop("Etelecom/CreateTenant")
    return tenant, await peer.partner("Etelecom/PartnerAddHotline", hotline="02873001234", name="Bán hàng")


async def activate(peer: Peer, tenant: dict[str, Any], **fields: str) -> Any:
    """Activates a tenant."""
    wanted = {
        "tenant_id": tenant["id"],
        "owner_id": tenant["owner_id"],
        "connection_id": tenant["connection_id"],
        "hotline_id": "0",
    }
    return await peer.partner("Etelecom/PartnerActivateTenant", **(wanted | fields))


async def test_create_tenant(newcomer: Peer) -> None:
    """A shop creates one tenant, which is new and not active, and can get it; a second one is rejected."""
    assert await newcomer.shop_error("Etelecom/GetTenant") == (404, "not_found")
    assert await newcomer.shop_error("Etelecom/GetDriverConfig") == (404, "not_found")
    tenant = await newcomer.shop("Etelecom/CreateTenant")
    assert tenant["status"] == "Z"
    assert tenant["name"] == (await newcomer.shop("Shop/CurrentShop"))["name"]
    assert await newcomer.shop("Etelecom/GetTenant") == tenant
    assert (await newcomer.shop("Etelecom/GetDriverConfig"))["tenant_domain"] == tenant["domain"]
    assert (await newcomer.partner("Etelecom/GetPartnerTenantList"))["tenants"] == [tenant]
    assert await newcomer.shop_error("Etelecom/CreateTenant") == (409, "already_exists")


async def test_activate(newcomer: Peer) -> None:
    """Activating a tenant enables it; the second time, `updated` is 0."""
    tenant, hotline = await make_tenant(newcomer)
    assert await activate(newcomer, tenant, hotline_id=hotline["id"]) == {"updated": 1}
    active = await newcomer.shop("Etelecom/GetTenant")
    assert active == tenant | {"status": "P", "updated_at": active["updated_at"]}
    assert active["updated_at"] > tenant["updated_at"]
    assert await activate(newcomer, tenant, hotline_id=hotline["id"]) == {"updated": 0}
    assert await newcomer.shop("Etelecom/GetTenant") == active


@pytest.mark.parametrize(
    ("field", "value", "error"),
    [
        ("tenant_id", "1", (404, "not_found")),
        ("hotline_id", "1", (404, "not_found")),
        ("owner_id", "1", (400, "invalid_argument")),
        ("connection_id", "1", (400, "invalid_argument")),
        ("tenant_id", "string", (400, "invalid_argument")),
    ],
)
async def test_activate_with_wrong_ids(
    newcomer: Peer, field: str, value: str, error: tuple[int, str]
) -> None:
    """Unknown ids get not_found; ids that do not belong together get invalid_argument."""
    tenant, hotline = await make_tenant(newcomer)
    wanted = {
        "tenant_id": tenant["id"],
        "owner_id": tenant["owner_id"],
        "connection_id": tenant["connection_id"],
        "hotline_id": hotline["id"],
    }
    assert (
        await newcomer.partner_error("Etelecom/PartnerActivateTenant", **(wanted | {field: value})) == error
    )
    assert (await newcomer.shop("Etelecom/GetTenant"))["status"] == "Z"


async def test_filters_of_tenants(crowd: Peer) -> None:
    """A filter of name (any part, any case) or owner selects the same tenants as a search of all tenants."""
    tenants = await crowd.walk(crowd.partner, "Etelecom/GetPartnerTenantList", "tenants")
    assert len(tenants) == 30

    async def chosen(**wanted: Any) -> list[Any]:
        body = {"filter": wanted, "paging": {"limit": 7}}
        return await crowd.walk(crowd.partner, "Etelecom/GetPartnerTenantList", "tenants", **body)

    for tenant in tenants:
        word = tenant["name"].split()[0].upper()
        assert await chosen(name=word) == [
            one for one in tenants if word.casefold() in one["name"].casefold()
        ]
        assert await chosen(owner_id=tenant["owner_id"]) == [tenant]
        assert await chosen(name="không có", owner_id=tenant["owner_id"]) == []
    assert await chosen(name="", owner_id="0") == tenants


async def test_create_hotline(newcomer: Peer) -> None:
    """A new hotline is on no tenant, and its number is unique."""
    fields = {
        "hotline": "0901234567",
        "name": "Bán hàng",
        "description": "mới",
        "network": "mobifone",
        "is_free_charge": True,
        "owner_id": "7",
    }
    hotline = await newcomer.partner("Etelecom/PartnerAddHotline", **fields)
    assert {name: hotline[name] for name in fields} == fields
    assert (hotline["status"], hotline["connection_id"]) == ("Z", "0")
    assert (await newcomer.partner("Etelecom/GetPartnerHotlineList"))["hotlines"] == [hotline]
    response = await newcomer.partner_error("Etelecom/PartnerAddHotline", hotline="0901234567", name="x")
    assert response == (409, "already_exists")


async def test_a_hotline_needs_number_and_name(newcomer: Peer) -> None:
    """Number and name are required, other fields default to blank; the network is one of the five."""
    hotline = await newcomer.partner("Etelecom/PartnerAddHotline", hotline="1900", name="x")
    assert (hotline["network"], hotline["is_free_charge"], hotline["owner_id"]) == ("unknown", False, "0")
    for fields in (
        {"name": "x"},
        {"hotline": "1901"},
        {"hotline": " ", "name": "x"},
        {"hotline": "1901", "name": ""},
        {"hotline": "1901", "name": "x", "network": "gmobile"},
        {"hotline": "1901", "name": "x", "owner_id": "me"},
    ):
        response = await newcomer.partner_error("Etelecom/PartnerAddHotline", **fields)
        assert response == (400, "invalid_argument"), fields
    assert len((await newcomer.partner("Etelecom/GetPartnerHotlineList"))["hotlines"]) == 1


async def test_attach_and_detach(newcomer: Peer) -> None:
    """A hotline is attached to an active tenant and detached again; a repeated call changes nothing."""
    tenant, hotline = await make_tenant(newcomer)
    pair = {"tenant_id": tenant["id"], "hotline_id": hotline["id"]}
    attach, detach = "Etelecom/PartnerAddHotlineToTenant", "Etelecom/PartnerRemoveHotlineFromTenant"
    assert await newcomer.partner_error(attach, **pair) == (412, "failed_precondition")
    await activate(newcomer, tenant)
    assert (await newcomer.shop("Etelecom/GetHotlines"))["hotlines"] == []
    assert [await newcomer.partner(attach, **pair) for _ in range(2)] == [{"updated": 1}, {"updated": 0}]
    (attached,) = (await newcomer.shop("Etelecom/GetHotlines"))["hotlines"]
    assert attached["connection_id"] == tenant["connection_id"]
    assert attached["status"] == "P"
    assert [await newcomer.partner(detach, **pair) for _ in range(2)] == [{"updated": 1}, {"updated": 0}]
    assert (await newcomer.shop("Etelecom/GetHotlines"))["hotlines"] == []
    for wrong in ({"tenant_id": "1"}, {"hotline_id": "1"}):
        assert await newcomer.partner_error(attach, **(pair | wrong)) == (404, "not_found")
        assert await newcomer.partner_error(detach, **(pair | wrong)) == (404, "not_found")
    assert await newcomer.partner_error(attach, tenant_id=tenant["id"]) == (400, "invalid_argument")


async def test_a_hotline_is_on_one_tenant(crowd: Peer) -> None:
    """A hotline on one tenant must be detached before it is attached to another."""
    own = (await crowd.shop("Etelecom/GetHotlines"))["hotlines"][0]
    tenants = (await crowd.partner("Etelecom/GetPartnerTenantList"))["tenants"]
    mine = (await crowd.shop("Etelecom/GetTenant"))["id"]
    other = next(one["id"] for one in tenants if one["status"] == "P" and one["id"] != mine)
    pair = {"tenant_id": other, "hotline_id": own["id"]}
    assert await crowd.partner_error("Etelecom/PartnerAddHotlineToTenant", **pair) == (
        412,
        "failed_precondition",
    )
    assert await crowd.partner("Etelecom/PartnerRemoveHotlineFromTenant", **pair) == {"updated": 0}


async def test_delete_hotline(peer: Peer) -> None:
    """A deleted hotline is in no list; deleting it again gets not_found."""
    hotline = (await peer.shop("Etelecom/GetHotlines"))["hotlines"][0]
    body = {"hotline_id": hotline["id"]}
    assert await peer.partner("Etelecom/PartnerRemoveHotline", **body) == {"updated": 1}
    assert await peer.partner_error("Etelecom/PartnerRemoveHotline", **body) == (404, "not_found")
    for ask, method in ((peer.shop, "GetHotlines"), (peer.partner, "GetPartnerHotlineList")):
        assert hotline["id"] not in [one["id"] for one in (await ask(f"Etelecom/{method}"))["hotlines"]]


async def test_hotlines_of_a_shop_are_those_of_its_tenant(crowd: Peer) -> None:
    """A shop sees only the hotlines of its tenant; a shop without a tenant sees none."""
    everything = await crowd.walk(crowd.partner, "Etelecom/GetPartnerHotlineList", "hotlines")
    own = await crowd.walk(crowd.shop, "Etelecom/GetHotlines", "hotlines", paging={"limit": 3})
    assert len(everything) == 30
    assert own == [one for one in everything if one in own]
    assert 0 < len(own) < 30
    other = await crowd.partner("Shop/CreateShopAccount")
    status, response = await crowd.post("shop.Etelecom/GetHotlines", key=other["api_key"])
    assert (status, response["hotlines"]) == (200, [])
