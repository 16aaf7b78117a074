"""Keys and options of clients go to other processes, and make the same clients there."""

from __future__ import annotations

import pickle
import ssl
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from etelecom_async import PartnerClient, RetryPolicy, Secret, ShopClient, Tls
from etelecom_async._core.clock import CLOCK
from etelecom_async.errors import InvalidRequestError, ShopNotConnectedError, UnauthenticatedError
from etelecom_async.history.shop_access import ShopAccess, ShopClients, dumps_with_secrets
from etelecom_async.key_store import FileKeyStore
from etelecom_async.testing import sandbox


async def test_options(tmp_path: Path) -> None:
    """Everything that makes a call goes along; hooks and rate do not. Only our pickle has secrets."""
    certificate = tmp_path / "ca.pem"
    async with ShopClient(
        "shop1:very-secret",
        base_url="https://example.com/api",
        tls=Tls(ca_file=certificate, cert_file=certificate, key_password="also-secret"),
        headers={"X-Gateway": "third-secret"},
        retries=RetryPolicy(retries=7),
        deadline=None,
        rate=5,
        hooks=[print],
    ) as shop:
        access = await ShopAccess.of(shop)
    pickled = dumps_with_secrets(access)
    for secret in ("very-secret", "also-secret", "third-secret"):
        assert secret.encode() in pickled
        assert secret.encode() not in pickle.dumps(access)
        assert secret not in repr(access)
    found: ShopAccess = pickle.loads(pickled)
    assert found.identity == access.identity
    assert found.connection == access.connection
    assert found.options == access.options
    assert (found.options.retry.retries, found.options.hooks, found.options.rate) == (7, (), float("inf"))
    assert found.options.headers["X-Gateway"].reveal() == "third-secret"


async def test_clients() -> None:
    """Clients of several shops work, are made once each, and share their connections and one rate."""
    async with (
        sandbox() as service,
        PartnerClient(service.partner_api_key, base_url=service.base_url) as partner,
    ):
        added = service.shops.add(name="Other")
        assert added.shop_key is not None
        first, second = partner.for_shop(service.shop_key), partner.for_shop(added.shop_key)
        accesses = {"1": await ShopAccess.of(first), "2": await ShopAccess.of(second)}
        clients = ShopClients(accesses, 1000)
        assert clients.client("1") is clients.client("1")
        names = [(await clients.client(shop_id).current()).name for shop_id in "12"]
        assert names == [(await first.current()).name, "Other"]
        engines = [clients.client(shop_id)._engine for shop_id in "12"]
        assert engines[0].transport is engines[1].transport
        limiters = [engine.limiters for engine in engines]
        assert limiters[0] is not limiters[1]
        assert limiters[0]._rate_limiter is limiters[1]._rate_limiter
        assert limiters[0]._pause is not limiters[1]._pause
        await clients.close()


async def test_first_start() -> None:
    """The first attempt of a worker keeps its distance from one of the worker that it replaces."""
    async with ShopClient("shop1:key") as shop:
        clients = ShopClients({"1": await ShopAccess.of(shop)}, 0.001)
        client: Any = clients.client("1")
        assert not client._engine.limiters._rate_limiter.start_nowait(CLOCK.now())


async def test_key_store(tmp_path: Path) -> None:
    """A key of a key store is loaded; a shop without one is an error that names it."""
    store = FileKeyStore(tmp_path / "keys.json")
    await store.put("12", Secret("shop12:stored"))
    async with PartnerClient("partner1:key", key_store=store) as partner:
        access = await ShopAccess.of(partner.shop("12"))
        assert (access.identity.account, access.identity.secret) == ("shop12", Secret("shop12:stored"))
        with pytest.raises(ShopNotConnectedError, match="no key is stored for shop 13"):
            await ShopAccess.of(partner.shop("13"))


async def test_renewed_key(tmp_path: Path) -> None:
    """A client with a key store asks for another key; any other client raises the refusal."""
    store = FileKeyStore(tmp_path / "keys.json")
    async with sandbox() as service, ShopClient(service.shop_key, base_url=service.base_url) as shop:
        shop_id = service.shop_key.partition(":")[0].removeprefix("shop")
        await store.put(shop_id, Secret(f"shop{shop_id}:refused"))
        refusal = UnauthenticatedError("refused")
        with pytest.raises(UnauthenticatedError, match="refused"):
            await (await ShopAccess.of(shop)).renewed(shop, refusal)
        async with PartnerClient(
            service.partner_api_key,
            base_url=service.base_url,
            key_store=store,
            redirect_url="https://example.com",
        ) as partner:
            stored = partner.shop(shop_id)
            access = await ShopAccess.of(stored)
            renewed = await access.renewed(stored, refusal)
            assert renewed.identity.secret == await store.get(shop_id) == Secret(service.shop_key)
            assert (renewed.options, renewed.connection) == (access.options, access.connection)


async def test_connections_of_this_process() -> None:
    """A session or a context of certificates cannot go along, and the error says what to use."""
    async with aiohttp.ClientSession() as session, ShopClient("shop1:key", session=session) as shop:
        with pytest.raises(InvalidRequestError, match="omit session="):
            await ShopAccess.of(shop)
    async with ShopClient("shop1:key", tls=ssl.create_default_context()) as shop:
        with pytest.raises(InvalidRequestError, match=r"use tls=Tls\(\.\.\.\)"):
            await ShopAccess.of(shop)
