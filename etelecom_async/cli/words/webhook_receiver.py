"""
Receive events on this machine, and forward them to an app, while `etelecom webhooks listen` runs.

The server listens on 127.0.0.1 only, and takes posts to one path with a random word. The app gets the same
bytes, and its response goes back: so an app that is down makes the service retry, as without this command.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from typing import Final

import aiohttp
from aiohttp import web

HOST: Final = "127.0.0.1"
PATH: Final = "etelecom-listen"
"""The part of the path before the random word. People recognize the webhooks of the command by it."""
_MOST_BYTES: Final = 1024 * 1024
_SECONDS: Final = 30
"""Seconds that the app has for its response."""
_SHUTDOWN: Final = 1.0


class WebhookReceiver:
    """
    The receiver of one run of the command.

    Args:
        forward: URL of the app; `None` to accept each event.
        show: Called with each event and with what came back.
    """

    def __init__(self, forward: str | None, show: Callable[[bytes, str], None]) -> None:
        self._forward: Final = forward
        self._show: Final = show
        self._word: Final = secrets.token_urlsafe(24)
        self._session: aiohttp.ClientSession | None = None
        self.port = 0
        """The port of the server."""
        self.failed: Final[asyncio.Future[None]] = asyncio.get_running_loop().create_future()
        """Ends with the error of a write to stdout."""

    @property
    def path(self) -> str:
        """The path that the service posts to."""
        return f"/{PATH}/{self._word}"

    async def receive(self, request: web.Request) -> web.Response:
        """Take one post."""
        # A tunnel may add or remove the start of a path.
        word = request.path.rpartition("/")[2]
        if not secrets.compare_digest(word.encode(), self._word.encode()):
            return web.Response(status=404)
        if request.method != "POST":
            return web.Response(status=405, headers={"Allow": "POST"})
        body = await request.read()
        response, result = await self._respond(body, request.headers.get("Content-Type", "application/json"))
        try:
            self._show(body, result)
        except OSError as error:
            if not self.failed.done():
                self.failed.set_exception(error)
        return response

    async def _respond(self, body: bytes, content_type: str) -> tuple[web.Response, str]:
        """Return the response of the app, and its summary."""
        if self._forward is None:
            return web.Response(text="ok"), ""
        try:
            async with self._opened().post(
                self._forward, data=body, headers={"Content-Type": content_type}, allow_redirects=False
            ) as answer:
                content = await _read(answer)
                response = web.Response(status=answer.status, body=content)
                return response, f"{answer.status} {content[:40].decode(errors='replace')}"
        except TimeoutError:
            return web.Response(status=504), f"no response within {_SECONDS} seconds"
        except aiohttp.ClientError as error:
            return web.Response(status=502), f"not forwarded ({type(error).__name__})"

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                timeout=aiohttp.ClientTimeout(total=_SECONDS),
                cookie_jar=aiohttp.DummyCookieJar(),
                trust_env=False,  # the app is usually on this machine
            )
        return self._session

    async def close(self) -> None:
        """Close the connections to the app."""
        if self._session is not None:
            await self._session.close()
        self.failed.cancel()


async def _read(answer: aiohttp.ClientResponse) -> bytes:
    """Return the body of a response, at most `_MOST_BYTES` of it. It may come in pieces."""
    content = bytearray()
    async for piece in answer.content.iter_any():
        content.extend(piece)
        if len(content) >= _MOST_BYTES:
            break
    return bytes(content[:_MOST_BYTES])


@asynccontextmanager
async def webhook_receiver(
    port: int, forward: str | None, show: Callable[[bytes, str], None]
) -> AsyncGenerator[WebhookReceiver]:
    """
    Receive events until the end of the block.

    Args:
        port: The port; 0 for a free one.
        forward: URL of the app; `None` to accept each event.
        show: Called with each event and with what came back.

    Raises:
        OSError: The port is in use.
    """
    receiver = WebhookReceiver(forward, show)
    app = web.Application(client_max_size=_MOST_BYTES)
    app.router.add_route("*", "/{path:.*}", receiver.receive)
    runner = web.AppRunner(app, access_log=None, handle_signals=False, shutdown_timeout=_SHUTDOWN)
    await runner.setup()
    try:
        await web.TCPSite(runner, HOST, port).start()
        receiver.port = runner.addresses[0][1]
        yield receiver
    finally:
        await runner.cleanup()
        await receiver.close()
