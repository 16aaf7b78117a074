"""The sandbox for tests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aiohttp

from etelecom_async.testing import sandbox

if TYPE_CHECKING:
    from pathlib import Path


async def test_two_at_a_time() -> None:
    """Each sandbox listens on a port of its own, on loopback, and knows nothing of the other."""
    async with sandbox() as one, sandbox() as other:
        assert one.base_url != other.base_url
        assert one.shop_key == other.shop_key
    async with sandbox(seed=2) as third:
        assert third.base_url.startswith("http://127.0.0.1:")


async def test_the_whole_story(tmp_path: Path) -> None:
    """A partner without anything sets a shop up until an employee can call, and finds it after a restart."""
    content = {"tenants": 0, "hotlines": 0, "users": 0, "extensions": 0, "call_logs": 0}
    file = tmp_path / "state.db"
    async with sandbox(data=file, **content) as service, aiohttp.ClientSession() as http:

        async def ask(key: str, method: str, **body: Any) -> Any:
            headers = {"Authorization": f"Bearer {key}"}
            url = f"{service.base_url}/partner.{method}"
            async with http.post(url, json=body, headers=headers) as answer:
                assert answer.status == 200, await answer.text()
                return await answer.json()

        partner = service.partner_api_key
        shop = (await ask(partner, "Shop/CreateShopAccount", name="Cửa hàng", email="a@example.com"))[
            "shop_key"
        ]
        tenant = await ask(shop, "Etelecom/CreateTenant")
        hotline = await ask(partner, "Etelecom/PartnerAddHotline", hotline="02871234567", name="Bán hàng")
        ids = {"tenant_id": tenant["id"], "hotline_id": hotline["id"]}
        owner = {"owner_id": tenant["owner_id"], "connection_id": tenant["connection_id"]}
        assert await ask(partner, "Etelecom/PartnerActivateTenant", **ids, **owner) == {"updated": 1}
        assert await ask(partner, "Etelecom/PartnerAddHotlineToTenant", **ids) == {"updated": 1}
        user = await ask(shop, "Shop/CreateAccountUser", full_name="Lê An", password="x", phone="0912345678")
        extension = await ask(
            shop, "Etelecom/CreateExtension", hotline_id=hotline["id"], extension_number=101
        )
        pair = {"extension_id": extension["id"], "user_id": user["id"]}
        assert await ask(shop, "Etelecom/AssignUserToExtension", **pair) == {"updated": 1}
        assert (await ask(shop, "Etelecom/ListCallLogs"))["call_logs"] == []
        before = await ask(shop, "Etelecom/GetExtensions")
        assert before["extensions"][0]["user_id"] == user["id"]

    async with sandbox(data=file, **content) as service, aiohttp.ClientSession() as http:
        assert await ask(shop, "Etelecom/GetExtensions") == before
