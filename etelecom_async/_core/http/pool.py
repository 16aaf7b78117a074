"""
Provide a session with a connection pool for each event loop.

Only this module uses private parts of aiohttp.
"""

from __future__ import annotations

import select
from collections.abc import AsyncGenerator, Callable
from contextvars import ContextVar
from typing import Any, Final

import aiohttp

from etelecom_async._core.http.failures import NeverSentError
from etelecom_async.errors import ConnectError

KEEP_ALIVE: Final = 4.0
"""Seconds to keep an idle connection. Servers commonly keep theirs longer, for 5 seconds or more."""


class OwnSession:
    """
    A session that does not outlive its event loop.

    The async generator `life` holds the session. `asyncio.run` ends the async generators of a loop before it
    closes the loop, as every runner does. So the session is closed even if `close()` was never called.
    """

    def __init__(self, reused: Callable[[], None]) -> None:
        # The limiters already limit connections. A limit here would let calls time out in the pool's queue.
        connections = ConnectionPool(limit=0, keepalive_timeout=KEEP_ALIVE)
        connections.reused = reused
        self.session = aiohttp.ClientSession(connector=connections, cookie_jar=aiohttp.DummyCookieJar())
        self.life = _until_ended(self.session, connections)


REUSED: Final = ContextVar("REUSED", default=True)
"""Whether the attempt uses a connection on which the server has responded before; `True` if unknown."""


class ConnectionPool(aiohttp.TCPConnector):
    """
    A pool that reports requests that were never sent, and drops idle connections with unexpected data.

    Such data would be taken for the response to the next request.
    """

    reused: Callable[[], None]
    """Called for each connection that is used again."""

    async def _create_connection(
        self,
        req: Any,
        traces: Any,
        timeout: Any,  # noqa: ASYNC109 - aiohttp's name
    ) -> Any:
        REUSED.set(False)
        try:
            made = await super()._create_connection(req, traces, timeout)
        except (aiohttp.ClientError, OSError) as error:
            # The type alone does not show this: a proxy that closes during CONNECT raises the same error as a
            # server that closes during a request.
            raise NeverSentError(error) from None
        if self.closed:  # aiohttp checks this next, but its error looks as if something had been sent
            made.close()
            message = "could not connect: the client was closed meanwhile."
            raise ConnectError(message)
        return made

    def break_off(self) -> None:
        """Fail the responses that are being received. Closing the pool alone would let their readers wait."""
        for busy in self._acquired:
            # The placeholder of a connection that is being opened has no payload.
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
    except OSError:  # the state is unknown
        return False


def _polled(socket: Any) -> bool:
    poll = select.poll()
    poll.register(socket, select.POLLIN)
    return bool(poll.poll(0))


def _selected(socket: Any) -> bool:
    return bool(select.select((socket,), (), (), 0)[0])


# Whether the socket has data, or the server has closed it. A busy event loop may not have noticed yet.
# On systems with poll(), select() accepts only file descriptors below 1024.
_has_input: Final = _polled if hasattr(select, "poll") else _selected


async def _until_ended(
    session: aiohttp.ClientSession, connections: ConnectionPool
) -> AsyncGenerator[None, None]:
    try:
        yield
    finally:
        connections.break_off()
        await session.close()
