"""Receivers of each kind behind real sockets, and objects of the service as it sends them."""

from __future__ import annotations

import asyncio
import json
import queue
import socket
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import aiohttp
import attrs
import fastapi
import pytest
import uvicorn
from aiohttp import web

from etelecom_async.testing import Sandbox, sandbox
from etelecom_async.webhooks import Event, Router, asgi, wsgi
from etelecom_async.webhooks import aiohttp as on_aiohttp

SECRET = "a-secret-of-the-tests"
PATH = f"/hooks/{SECRET}"
PATIENCE = 60
KINDS = ("aiohttp", "fastapi", "wsgi")


@attrs.define
class Got:
    """The events that handlers got, also in other threads."""

    events: queue.SimpleQueue[Event] = attrs.field(factory=queue.SimpleQueue)

    async def keep(self, event: Event) -> None:
        """Handle an event."""
        self.events.put(event)

    async def next(self) -> Event:
        """Return the next event."""
        return await asyncio.to_thread(self.events.get, timeout=PATIENCE)

    def all(self) -> list[Event]:
        """Return the events that have come."""
        return [self.events.get() for _ in range(self.events.qsize())]


OnStop = Callable[[], Awaitable[None]]


async def _nothing() -> None:
    """Do nothing at the end."""


class _QuietHandler(WSGIRequestHandler):
    def log_message(self, *_: Any) -> None:
        pass


class _ThreadingServer(ThreadingMixIn, WSGIServer):
    daemon_threads = True


@asynccontextmanager
async def _serve_aiohttp(router: Router, port: int, on_stop: OnStop) -> AsyncIterator[int]:
    app = web.Application()
    app.add_subapp("/hooks", on_aiohttp.receiver(router))
    # By default, aiohttp waits 10 seconds for the rest of a refused body.
    runner = web.AppRunner(app, lingering_time=0)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", port).start()
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()
        await on_stop()


@asynccontextmanager
async def _serve_fastapi(router: Router, port: int, on_stop: OnStop) -> AsyncIterator[int]:
    @asynccontextmanager
    async def live(_: fastapi.FastAPI) -> AsyncIterator[None]:
        async with router:
            yield

    app = fastapi.FastAPI(lifespan=live)
    app.mount("/hooks", asgi.receiver(router))
    async with serve_asgi(app, port) as actual:
        yield actual
    await on_stop()


@asynccontextmanager
async def serve_asgi(app: Any, port: int = 0) -> AsyncIterator[int]:
    """Serve an application of ASGI with uvicorn; yield its port."""
    listener = socket.create_server(("127.0.0.1", port))
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False, lifespan="on"))
    task = asyncio.create_task(server.serve(sockets=[listener]))
    while not server.started and not task.done():  # noqa: ASYNC110 - uvicorn has no event for it
        await asyncio.sleep(0)
    try:
        yield listener.getsockname()[1]
    finally:
        server.should_exit = True
        await task
        listener.close()


@asynccontextmanager
async def _serve_wsgi(router: Router, port: int, on_stop: OnStop) -> AsyncIterator[int]:
    app = wsgi.receiver(router, on_stop=on_stop)
    server = make_server("127.0.0.1", port, app, _ThreadingServer, _QuietHandler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server.server_port
    finally:
        await asyncio.to_thread(server.shutdown)
        thread.join()
        await asyncio.to_thread(app.close)
        server.server_close()


_SERVERS = {"aiohttp": _serve_aiohttp, "fastapi": _serve_fastapi, "wsgi": _serve_wsgi}


@attrs.frozen
class Place:
    """A running receiver."""

    port: int
    http: aiohttp.ClientSession

    async def post(self, body: Any, path: str = PATH, **options: Any) -> tuple[int, str]:
        """Post a body; return the status and the text. A body that is not bytes is sent as JSON."""
        data = body if isinstance(body, bytes) or hasattr(body, "__aiter__") else json.dumps(body).encode()
        return await self.request("POST", path, data=data, **options)

    async def request(self, method: str, path: str = PATH, **options: Any) -> tuple[int, str]:
        """Make a request; return the status and the text."""
        async with self.http.request(method, f"http://127.0.0.1:{self.port}{path}", **options) as response:
            return response.status, await response.text()

    async def raw(self, data: bytes) -> bytes:
        """Send bytes, and return the head of the response."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            writer.write(data)
            await writer.drain()
            return await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), PATIENCE)
        finally:
            writer.close()
            await writer.wait_closed()


@attrs.frozen
class Serve:
    """Serves routers with a server of one kind."""

    kind: str

    @asynccontextmanager
    async def __call__(
        self, router: Router, port: int = 0, on_stop: OnStop = _nothing
    ) -> AsyncIterator[Place]:
        """Serve a router; *on_stop* runs last, in the event loop of the handlers."""
        async with _SERVERS[self.kind](router, port, on_stop) as actual, aiohttp.ClientSession() as http:
            yield Place(actual, http)


@pytest.fixture(params=KINDS)
def serve(request: pytest.FixtureRequest) -> Serve:
    """Serve a router with a server of each kind."""
    return Serve(request.param)


@pytest.fixture
def got() -> Got:
    """Events that handlers got."""
    return Got()


@pytest.fixture
def make_router(got: Got) -> Callable[..., Router]:
    """Make a router that keeps each event."""

    def make(**options: Any) -> Router:
        router = Router(secret=SECRET, **options)
        for kind in ("call_log", "zl_oa_message", "oa_event", "sms_status", "unknown"):
            router.on(kind)(got.keep)  # type: ignore[call-overload] - the kind is a variable
        return router

    return make


@pytest.fixture
async def service() -> AsyncIterator[Sandbox]:
    """A sandbox with a few records."""
    async with sandbox(call_logs=20) as running:
        yield running


@attrs.frozen
class Wire:
    """Reads JSON of the sandbox as the wire has it."""

    service: Sandbox

    async def first(self, operation: str, items: str) -> dict[str, Any]:
        """Return the first row of a list."""
        headers = {"Authorization": f"Bearer {self.service.shop_api_key}"}
        url = f"{self.service.base_url}/shop.{operation}"
        async with aiohttp.ClientSession(headers=headers) as http, http.post(url, json={}) as response:
            row: dict[str, Any] = (await response.json())[items][0]
            return row

    async def call(self) -> dict[str, Any]:
        """Return a call log."""
        return await self.first("Etelecom/ListCallLogs", "call_logs")

    async def message(self) -> dict[str, Any]:
        """Return a ZNS message."""
        return await self.first("Zalo/ListMessages", "messages")


@pytest.fixture
def wire(service: Sandbox) -> Wire:
    """JSON of the sandbox."""
    return Wire(service)


SMS_STATUS = {
    "IdOmniMess": "ICOMNI-1",
    "Status": "SUCCESS",
    "Channel": "brandnamesms",
    "ErrorCode": "0",
    "MtCount": 1,
    "TelcoId": 2,
    "IsCharged": "true",
}


@pytest.fixture
def sms_status() -> dict[str, Any]:
    """The status of an SMS, as a public program reads it."""
    return dict(SMS_STATUS)


CALL = {
    "id": "1477470549520345940",
    "call_state": "answered",
    "caller": "0912345678",
    "callee": "1002",
    "direction": "in",
    "duration": 48,
    "started_at": "2026-11-29T11:00:25.705218Z",
}


@pytest.fixture
def call() -> dict[str, Any]:
    """A call log with few fields, which exists nowhere."""
    return dict(CALL)
