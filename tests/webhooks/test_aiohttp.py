"""The receiver for aiohttp; tests/webhooks/test_receivers.py has its common behaviour."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from etelecom_async import ShopClient, webhooks
from etelecom_async.testing import Sandbox
from etelecom_async.webhooks.aiohttp import receiver

SECRET = "a-secret-of-the-tests"


async def test_clients_are_still_open(service: Sandbox, wire: Any) -> None:
    """The events that are left are handled while the clients of the outer application are open."""
    call = await wire.call()
    read: list[int] = []
    shops: list[ShopClient] = []
    router = webhooks.Router(secret=SECRET)

    @router.on("call_log")
    async def handle(_: webhooks.CallLogEvent) -> None:
        read.append(len(await shops[0].extensions.list(limit=1)))

    async def connect(_: web.Application) -> AsyncIterator[None]:
        async with ShopClient(service.shop_api_key, base_url=service.base_url) as shop:
            shops.append(shop)
            yield

    app = web.Application()
    app.cleanup_ctx.append(connect)
    app.add_subapp("/hooks", receiver(router))
    async with TestClient(TestServer(app)) as client:
        response = await client.post(f"/hooks/{SECRET}", json=call)
        assert (response.status, await response.text()) == (200, "ok")
    assert read == [1]
    assert router.is_closed


async def test_application_of_its_own(call: dict[str, Any]) -> None:
    """The receiver can be the whole application; after a stop it can start again."""
    router = webhooks.Router(secret=SECRET)
    got: list[str] = []
    router.on("call_log")(lambda event: got.append(event.call.id))
    for number in range(2):
        async with TestClient(TestServer(receiver(router))) as client:
            response = await client.post(f"/{SECRET}", json={**call, "note": str(number)})
            assert response.status == 200
    assert got == [call["id"]] * 2


async def test_other_routes_stay(call: dict[str, Any]) -> None:
    """A response of the receiver cannot be told from that of a path that does not exist, by its status."""
    app = web.Application()
    app.add_subapp("/hooks", receiver(webhooks.Router(secret=SECRET)))
    async with TestClient(TestServer(app)) as client:
        for path in ("/hooks/wrong", "/nothing"):
            assert (await client.post(path, json=call)).status == 404
