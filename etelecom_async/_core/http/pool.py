"""
The connection pool: one for each event loop.

The only module that uses private parts of aiohttp.
"""

from __future__ import annotations

import select
from collections.abc import AsyncGenerator, Callable
from contextvars import ContextVar
from typing import Any, Final

import aiohttp

from etelecom_async._core.http.failures import never_sent, sanitized_cause
from etelecom_async.errors import ConnectError

KEEP_ALIVE: Final = 4.0
"""Seconds for which an idle connection is kept: less than servers keep theirs, commonly 5 or more."""


class OwnSession:
    """
    A session that does not outlive its event loop.

    It is held by an async generator: `asyncio.run`, like every runner, ends the async generators of a loop
    before it closes the loop, and so the session too, even when nobody called `close()`.
    """

    def __init__(self, reused: Callable[[], None]) -> None:
        # The limiters are the limit: a second one here would fail calls that wait for a connection.
        connections = ConnectionPool(limit=0, keepalive_timeout=KEEP_ALIVE)
        connections.reused = reused
        self.session = aiohttp.ClientSession(connector=connections, cookie_jar=aiohttp.DummyCookieJar())
        self.life = _until_ended(self.session, connections)


REUSED: Final = ContextVar("REUSED", default=True)
"""Whether the attempt goes over a connection on which the server has answered before; in doubt it does."""


class ConnectionPool(aiohttp.TCPConnector):
    """
    A pool that tells what was never sent, and keeps no connection on which the server has spoken unasked.

    What came while it was idle would be taken for the answer to the next request.
    """

    reused: Callable[[], None]
    """Told of each connection that is used again."""

    async def _create_connection(
        self,
        req: Any,
        traces: Any,
        timeout: Any,  # noqa: ASYNC109 - aiohttp calls it so
    ) -> Any:
        REUSED.set(False)
        try:
            made = await super()._create_connection(req, traces, timeout)
        except (aiohttp.ClientError, OSError) as error:
            # Not all look like it: where a proxy hangs up on CONNECT, so does a server on a request.
            raise never_sent(error) from sanitized_cause(error)
        if self.closed:  # which is asked next, too, but as if something had been sent
            made.close()
            message = "could not connect: the client was closed meanwhile."
            raise ConnectError(message)
        return made

    def break_off(self) -> None:
        """End the responses that are being received: closing the pool alone leaves their readers waiting."""
        for busy in self._acquired:
            # The placeholder of a connection that opens has no payload.
            payload = getattr(busy, "_payload", None)
            if payload is not None:
                payload.set_exception(aiohttp.ClientConnectionError("the client was closed"))

    async def _get(self, key: Any, traces: Any) -> Any:
        while (kept := await super()._get(key, traces)) is not None:
            if _is_silent(kept):
                self.reused()
                return kept
            kept.close()
        return None


def _is_silent(kept: Any) -> bool:
    try:
        return not (kept.protocol.should_close or _has_input(kept.transport.get_extra_info("socket")))
    except OSError:  # nothing is known of it
        return False


def _polled(socket: Any) -> bool:
    poll = select.poll()
    poll.register(socket, select.POLLIN)
    return bool(poll.poll(0))


def _selected(socket: Any) -> bool:
    return bool(select.select((socket,), (), (), 0)[0])


# Whether there is something to read, or the server has hung up, to which a busy event loop has not come yet.
# Where there is a poll(), select() takes no more than the first 1024 of a process's files.
_has_input: Final = _polled if hasattr(select, "poll") else _selected


async def _until_ended(
    session: aiohttp.ClientSession, connections: ConnectionPool
) -> AsyncGenerator[None, None]:
    try:
        yield
    finally:
        connections.break_off()
        await session.close()
