"""What the tests of all services share: the sandbox, the settings, the tables, and a server for each framework."""

from __future__ import annotations

import asyncio
import importlib
import socket
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import attrs
import outbox
import pytest
import uvicorn
from aiohttp import web
from sqlalchemy import create_engine, delete

from etelecom_async import ShopClient
from etelecom_async.testing import Sandbox, sandbox

SEND = "shop.zns.messages.send"


@pytest.fixture(scope="session")
def database(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return the URL of one database for all tests, because Django is configured once."""
    return f"sqlite+aiosqlite:///{tmp_path_factory.mktemp('data')}/orders.db?timeout=60"


@pytest.fixture
def tables(database: str) -> None:
    """Create the tables, and empty them."""
    engine = create_engine(database.replace("+aiosqlite", ""))
    outbox.METADATA.create_all(engine)
    with engine.begin() as connection:
        for table in outbox.METADATA.tables.values():
            connection.execute(delete(table))
    engine.dispose()


@pytest.fixture
async def service() -> AsyncIterator[Sandbox]:
    """Run the sandbox."""
    async with sandbox() as running:
        yield running


@pytest.fixture
async def shop(service: Sandbox) -> AsyncIterator[ShopClient]:
    """Open a client that prepares what a test needs."""
    async with ShopClient(service.shop_key, base_url=service.base_url) as client:
        yield client


@pytest.fixture
async def environment(
    service: Sandbox, shop: ShopClient, database: str, tables: None, monkeypatch: pytest.MonkeyPatch
) -> dict[str, str]:
    """Set the variables of a service, with an official account and a template of the sandbox."""
    del tables
    accounts = [account async for account in shop.zalo.accounts.list() if account.status == "P"]
    oa_id = max(accounts, key=lambda account: str(account.expires_at)).oa_id
    templates = [template async for template in shop.zns.templates.list(oa_id=oa_id, type="text")]
    variables = {
        "ETELECOM_BASE_URL": service.base_url,
        "ETELECOM_SHOP_API_KEY": service.shop_key,
        "ORDERS_DATABASE_URL": database,
        "ORDERS_LOOK_EVERY": "0.05",
        "ORDERS_OA_ID": oa_id,
        "ORDERS_TEMPLATE_ID": next(str(t.template_id) for t in templates if t.template_status == "ENABLE"),
    }
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    return variables


@attrs.frozen
class Running:
    """A service that runs."""

    url: str
    stop: Callable[[], None]
    """Asks the server to stop, as SIGTERM does; the block of `run` waits for the end."""


def _listening() -> socket.socket:
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    return listening


@asynccontextmanager
async def run_asgi(app: Any) -> AsyncGenerator[Running]:
    """Run an ASGI application in uvicorn, in this process."""
    listening = _listening()
    server = uvicorn.Server(uvicorn.Config(app, lifespan="on", log_config=None))
    task = asyncio.create_task(server.serve([listening]))
    while not server.started and not task.done():
        await asyncio.sleep(0)
    if task.done():
        await task

    def stop() -> None:
        server.should_exit = True

    try:
        yield Running(f"http://127.0.0.1:{listening.getsockname()[1]}", stop)
    finally:
        stop()
        await task
        listening.close()


@asynccontextmanager
async def run_aiohttp(app: web.Application) -> AsyncGenerator[Running]:
    """Run an application of aiohttp that cancels the handler if its caller leaves."""
    runner = web.AppRunner(app, handler_cancellation=True)
    await runner.setup()
    listening = _listening()
    await web.SockSite(runner, listening).start()
    try:
        yield Running(f"http://127.0.0.1:{listening.getsockname()[1]}", lambda: None)
    finally:
        await runner.cleanup()


FRAMEWORKS = ["aiohttp", "starlette", "fastapi", "litestar", "django"]


@pytest.fixture(params=FRAMEWORKS)
def run(request: pytest.FixtureRequest, environment: dict[str, str]) -> Callable[[], AbstractAsyncContextManager[Running]]:
    """Return a function that runs the service of a framework in this process."""
    module = importlib.import_module(f"{request.param}_orders")
    if request.param == "aiohttp":
        return lambda: run_aiohttp(module.make_app())
    return lambda: run_asgi(module.application if request.param == "django" else module.app)


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    """Open a client of the services."""
    async with aiohttp.ClientSession() as session:
        yield session
