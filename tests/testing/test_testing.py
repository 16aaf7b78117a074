"""The package exports its names, and the sandbox as a context manager for tests."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING, Any

import aiohttp

from etelecom_async import testing
from etelecom_async.testing import sandbox

if TYPE_CHECKING:
    from pathlib import Path


async def test_two_at_a_time() -> None:
    """Two sandboxes run at the same time on loopback, each on its own port."""
    async with sandbox(until="2026-11-30") as one, sandbox(until="2026-11-30") as other:
        assert one.base_url != other.base_url
        assert one.shop_key == other.shop_key
    async with sandbox(seed=2) as third:
        assert third.base_url.startswith("http://127.0.0.1:")


async def test_complete_setup(tmp_path: Path) -> None:
    """A new partner sets up a shop until an employee can call; the data survives a restart."""
    content = {"tenants": 0, "hotlines": 0, "users": 0, "extensions": 0, "call_logs": 0}
    file = tmp_path / "state.db"
    async with sandbox(data=file, **content) as service, aiohttp.ClientSession() as http:

        async def post(key: str, method: str, **body: Any) -> Any:
            headers = {"Authorization": f"Bearer {key}"}
            url = f"{service.base_url}/partner.{method}"
            async with http.post(url, json=body, headers=headers) as response:
                assert response.status == 200, await response.text()
                return await response.json()

        partner = service.partner_api_key
        shop = (await post(partner, "Shop/CreateShopAccount", name="Cửa hàng", email="a@example.com"))[
            "shop_key"
        ]
        tenant = await post(shop, "Etelecom/CreateTenant")
        hotline = await post(partner, "Etelecom/PartnerAddHotline", hotline="02871234567", name="Bán hàng")
        ids = {"tenant_id": tenant["id"], "hotline_id": hotline["id"]}
        owner = {"owner_id": tenant["owner_id"], "connection_id": tenant["connection_id"]}
        assert await post(partner, "Etelecom/PartnerActivateTenant", **ids, **owner) == {"updated": 1}
        assert await post(partner, "Etelecom/PartnerAddHotlineToTenant", **ids) == {"updated": 1}
        user = await post(shop, "Shop/CreateAccountUser", full_name="Lê An", password="x", phone="0912345678")
        extension = await post(
            shop, "Etelecom/CreateExtension", hotline_id=hotline["id"], extension_number=101
        )
        pair = {"extension_id": extension["id"], "user_id": user["id"]}
        assert await post(shop, "Etelecom/AssignUserToExtension", **pair) == {"updated": 1}
        assert (await post(shop, "Etelecom/ListCallLogs"))["call_logs"] == []
        before = await post(shop, "Etelecom/GetExtensions")
        assert before["extensions"][0]["user_id"] == user["id"]

    async with sandbox(data=file, **content) as service, aiohttp.ClientSession() as http:
        assert await post(shop, "Etelecom/GetExtensions") == before


def test_names_are_loaded_on_first_use() -> None:
    """An import of the package loads no other module; each public name is there when it is used."""
    code = """
import sys
import etelecom_async.testing as testing
ours = sorted(name for name in sys.modules if name.partition(".")[0] == "etelecom_async")
assert ours == [f"etelecom_async{name}" for name in ("", "._lazy", "._version", ".testing")], ours
assert set(testing.__all__) <= set(dir(testing))
assert [name for name in testing.__all__ if getattr(testing, name) is None] == []
assert testing.sandbox is testing.Sandbox
try:
    testing.Scripted
except AttributeError as error:
    assert "'etelecom_async.testing' has no attribute 'Scripted'" in str(error)
else:
    raise SystemExit("no error")
"""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_table_of_names() -> None:
    """The table names exactly the public names."""
    assert set(vars(testing)["_MODULES"]) == set(testing.__all__)
