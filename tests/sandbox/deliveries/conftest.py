"""A receiver of events on this machine, whose responses a test chooses."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import web

Respond = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Receiver:
    """A receiver of events."""

    def __init__(self) -> None:
        self.url = ""
        self.posts: list[tuple[str, bytes]] = []
        """Path and body of each post."""
        self.headers: list[dict[str, str]] = []
        self.responses: list[web.Response | Respond] = []
        """The next responses; without one, the receiver accepts."""
        self.arrived = asyncio.Event()

    def events(self, path: str = "/") -> list[Any]:
        """Return the JSON of the posts to a path."""
        return [json.loads(body) for found, body in self.posts if found == path]

    async def receive(self, request: web.Request) -> web.StreamResponse:
        """Take a post."""
        self.posts.append((request.path, await request.read()))
        self.headers.append(dict(request.headers))
        self.arrived.set()
        response = self.responses.pop(0) if self.responses else web.Response(text="ok")
        return response if isinstance(response, web.StreamResponse) else await response(request)


@asynccontextmanager
async def running(receiver: Receiver, port: int = 0) -> AsyncIterator[Receiver]:
    """Let a receiver listen until the end of the block."""
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", receiver.receive)
    # A handler that waits for ever ends with its connection.
    runner = web.AppRunner(
        app, access_log=None, handle_signals=False, handler_cancellation=True, shutdown_timeout=0.1
    )
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", port, reuse_address=True).start()
        receiver.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        yield receiver
    finally:
        await runner.cleanup()


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    """A receiver that accepts every event."""
    async with running(Receiver()) as receiver:
        yield receiver
