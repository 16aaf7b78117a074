"""The time limit for the head of a request."""

from __future__ import annotations

import asyncio
from typing import Final

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

TIMEOUT: Final = 30.0
"""Seconds for the whole head of a request; aiohttp counts them from the previous response of a connection."""


class FirstHeads:
    """Closes connections whose first head does not arrive in time, because not every aiohttp closes them."""

    def __init__(self) -> None:
        self._timers: Final[dict[asyncio.BaseProtocol, asyncio.TimerHandle]] = {}

    def watch(self, protocol: web.RequestHandler) -> None:
        """Start the time of a new connection."""
        loop = asyncio.get_running_loop()
        self._timers[protocol] = loop.call_later(TIMEOUT, self._close, protocol)

    def middleware(self) -> Middleware:
        """Return the middleware that ends the time of a connection with its first request."""

        @web.middleware
        async def end(request: web.Request, handler: Handler) -> web.StreamResponse:
            if timer := self._timers.pop(request.protocol, None):
                timer.cancel()
            return await handler(request)

        return end

    async def stop(self, _: web.Application) -> None:
        """Stop the time of all connections, because the sandbox ends."""
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()

    def _close(self, protocol: web.RequestHandler) -> None:
        del self._timers[protocol]
        protocol.force_close()
