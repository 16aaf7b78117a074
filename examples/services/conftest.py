"""Share fixtures: the sandbox, the settings, the tables, and a server for each framework."""

from __future__ import annotations

import asyncio
import importlib
import socket
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import aiohttp
import attrs
import outbox
import pytest
import uvicorn
from aiohttp import web
from outbox import open_outbox
from settings import Settings
from sqlalchemy import delete
from sqlalchemy.ext.asyncio import create_async_engine

from etelecom_async import ShopClient
from etelecom_async.testing import Sandbox, sandbox

SEND = "shop.zns.messages.send"
ORDER = {"number": "DH-1", "customer": "Lan", "phone": "+84 901 234 567"}


@pytest.fixture(scope="session")
def database(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return the URL of one database for all tests, because Django is configured once."""
    return f"sqlite+aiosqlite:///{tmp_path_factory.mktemp('data')}/orders.db?timeout=60"


@pytest.fixture
async def tables(database: str) -> None:
    """Create the tables, and empty them."""
    engine = create_async_engine(database)
    async with engine.begin() as connection:
        await connection.run_sync(outbox.METADATA.create_all)
        for table in outbox.METADATA.tables.values():
            await connection.execute(delete(table))
    await engine.dispose()


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
        "ORDERS_DEADLINE": "60",  # a test does not depend on the speed of the machine
        "ORDERS_QUEUE_TIMEOUT": "60",
        "ORDERS_LOOK_EVERY": "0.05",
        "ORDERS_RETRY_AFTER": "0",
        "ORDERS_PAUSE": "0",
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
    while not server.started and not task.done():  # noqa: ASYNC110 - uvicorn has only this flag
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
def run(
    request: pytest.FixtureRequest, environment: dict[str, str]
) -> Callable[[], AbstractAsyncContextManager[Running]]:
    """Return a function that runs the service of a framework in this process."""
    del environment  # Django reads it when it is imported
    module = importlib.import_module(f"{request.param}_orders")
    if request.param == "aiohttp":
        return lambda: run_aiohttp(module.make_app())
    return lambda: run_asgi(module.application if request.param == "django" else module.app)


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    """Open a client of the services."""
    async with aiohttp.ClientSession() as session:
        yield session


class Caller:
    """Calls a service, and returns the status and the body of each response."""

    def __init__(self, http: aiohttp.ClientSession, url: str) -> None:
        self._http = http
        self._url = url

    async def post(self, order: object = ORDER) -> tuple[int, str]:
        """Post an order; return the status and the state of its message."""
        async with self._http.post(f"{self._url}/orders", json=order) as response:
            return response.status, (await response.json()).get("message", "")

    async def post_text(self, body: str) -> tuple[int, str]:
        """Post any body as JSON; return the status and the text of the response."""
        json = {"Content-Type": "application/json"}
        async with self._http.post(
            f"{self._url}/orders", data=body.encode("latin-1"), headers=json
        ) as response:
            return response.status, await response.text()

    async def state(self, number: str = "DH-1") -> tuple[int, str]:
        """Return the status and the state of an order's message."""
        async with self._http.get(f"{self._url}/orders/{number}") as response:
            return response.status, (await response.json()).get("message", "")

    async def until(self, *states: str, number: str = "DH-1") -> tuple[int, str]:
        """Ask for the state until it is one of these."""
        async with asyncio.timeout(60):
            while (found := await self.state(number))[1] not in states:
                pass
        return found

    async def employees(self, phone: str) -> tuple[int, Any, Any]:
        """Return the status, the body and the headers of a search."""
        async with self._http.get(f"{self._url}/employees", params={"phone": phone}) as response:
            return response.status, await response.json(), response.headers


async def settle() -> int:
    """Settle all messages, as a service does after ten minutes; return how many are still unknown."""
    async with open_outbox(Settings.read(), sweeps=False) as outbox:
        return len(await outbox.settle(older_than=0))


def sends(service: Sandbox) -> tuple[int, int]:
    """Return how many sends the sandbox received, and how many it executed."""
    return service.requests.counts.get(SEND, 0), service.processed.get(SEND, 0)


async def sending(service: Sandbox, request: asyncio.Task[Any] | None = None) -> None:
    """Wait until the sandbox has received a send, because of a request to the service."""
    async with asyncio.timeout(60):
        while not sends(service)[0]:
            if request is not None and request.done():
                request.result()  # raises its error
            await asyncio.sleep(0)
