"""
Bytes out, bytes in: the sessions, and aiohttp's failures turned into ours.

The only room of the client that knows aiohttp. It knows no operation, no JSON and no retry.
"""

from __future__ import annotations

import asyncio
import math
import ssl
import threading
from functools import lru_cache
from typing import Final, cast

import aiohttp

from etelecom_async._core.attachment import Form
from etelecom_async._core.http.connection import ConnectionConfig
from etelecom_async._core.http.failures import (
    NEVER_SENT,
    describe,
    never_sent,
    refuses_our_certificate,
    sanitized_cause,
)
from etelecom_async._core.http.messages import HttpRequest, HttpResponse
from etelecom_async._core.http.multipart import multipart, raise_if_unreadable, without_content_type
from etelecom_async._core.http.pool import REUSED, OwnSession
from etelecom_async._core.http.tls import Tls
from etelecom_async.errors import (
    ClientClosedError,
    ConfigurationError,
    ConnectError,
    ResponseLostError,
    ResponseTooLargeError,
)

CONNECT_TIMEOUT: Final = 10.0
"""Seconds to open a connection, and to read the certificates before the first one."""
MAX_RESPONSE_BYTES: Final = 64 * 2**20
"""Bytes of an answer, unpacked, beyond which it is not read."""


_LEAVES_AT_ONCE: Final = 2**15
"""Bytes that aiohttp hands over in one go: of so short a request nothing is left when an answer comes."""


class Transport:
    """
    The connections of a client: one session for each running event loop, opened on first use.

    Args:
        session: The caller's own session, used in place of ours and never closed by us.
        connection: What the caller says of the way to the server.
    """

    def __init__(
        self, session: aiohttp.ClientSession | None = None, connection: ConnectionConfig | None = None
    ) -> None:
        self._given = session
        self._home: asyncio.AbstractEventLoop | None = None
        """The event loop of the session that was given: the first in which it is used."""
        self._connection = connection or ConnectionConfig()
        tls = self._connection.tls
        self._certificates: ssl.SSLContext | bool | None = (
            None if isinstance(tls, Tls) else True if tls is None else tls
        )
        """`True` for those of the system, `None` while there are files to be read."""
        self._reading = threading.Lock()
        self._sessions: dict[asyncio.AbstractEventLoop, OwnSession] = {}
        self._reused = 0
        self._closed = False

    @property
    def connections_reused(self) -> int | None:
        """How often an open connection was used again; `None` where the session is the caller's."""
        return None if self._given is not None else self._reused

    async def send(
        self, request: HttpRequest, seconds: float, most_bytes: int = MAX_RESPONSE_BYTES
    ) -> HttpResponse:
        """
        Send *request* and return the answer, whatever its status.

        Args:
            request: What to send, and where to.
            seconds: Limit from here to the last byte of the answer; more than 0.
            most_bytes: Limit of the answer's body, unpacked.

        Raises:
            ConfigurationError: The certificates, or the proxy, cannot be used.
            InvalidRequestError: A file could not be read, so that the request did not leave as a whole.
            ConnectError: The request never left.
            ResponseLostError: It left, and no answer came back.
            ResponseTooLargeError: The answer has more bytes than that.
        """
        # Well before `total`, so that a connection that does not open is not taken for a lost answer.
        limits = _limits(seconds, min(CONNECT_TIMEOUT, seconds / 2))
        certificates = self._certificates
        if certificates is None:
            certificates = await self._read_certificates(limits.connect)
        session = self._open_session() or await self._session()
        url, headers, body = request.url, request.headers, request.body
        form = multipart(body) if isinstance(body, Form) else None
        REUSED.set(True)
        try:
            response = await session.post(
                url,
                data=body if form is None else form,
                headers=headers if form is None else without_content_type(headers),
                timeout=limits,
                proxy=self._connection.proxy_for(url),
                ssl=certificates,
                allow_redirects=False,
                raise_for_status=False,  # a session that was given may be set to raise
            )
            whole = None
            if self._given is None and isinstance(body, bytes) and len(body) <= _LEAVES_AT_ONCE:
                # Nobody else has read it, and nothing is being sent any more.
                whole = _buffered_body(response, most_bytes)
            if whole is None:
                whole = await _read_body(response, most_bytes)
            return HttpResponse(response.status, response.headers, whole)
        except aiohttp.InvalidURL:
            message = "the base URL, or the proxy, has a form that cannot be called; check it."
            raise ConfigurationError(message) from None
        except NEVER_SENT as error:
            raise never_sent(error) from sanitized_cause(error)
        except (aiohttp.ClientError, OSError) as error:
            if refuses_our_certificate(error) and not REUSED.get():
                raise never_sent(error) from sanitized_cause(error)
            if form is not None:
                raise_if_unreadable(form)
            message = (
                f"no answer within {seconds:g} s."
                if isinstance(error, TimeoutError)
                else f"the connection broke: {describe(error)}."
            )
            raise ResponseLostError(message) from sanitized_cause(error)

    async def close(self) -> None:
        """Close what was opened here; a session given by the caller stays open."""
        self._closed = True
        own = self._sessions.pop(asyncio.get_running_loop(), None)
        # Other loops are not ours to run: their runners end their sessions with them.
        self._sessions.clear()
        if own is not None:
            await own.life.aclose()

    def _open_session(self) -> aiohttp.ClientSession | None:
        own = self._sessions.get(asyncio.get_running_loop())
        return None if own is None else own.session

    async def _session(self) -> aiohttp.ClientSession:
        """Return the caller's session, or open one for the running event loop."""
        self._refuse_if_closed()
        if self._given is not None:
            if self._given.closed:
                message = "the session that was given as session= is closed."
                raise ClientClosedError(message)
            self._home = self._home or asyncio.get_running_loop()
            if self._home is not asyncio.get_running_loop():
                message = (
                    "the session that was given as session= belongs to another event loop; without one, the "
                    "client has a session for each."
                )
                raise ConfigurationError(message)
            return self._given
        # A copy, and no error where one is gone: loops of other threads do the same at the same time.
        for known in list(self._sessions):
            if known.is_closed():
                self._sessions.pop(known, None)
        self._sessions[asyncio.get_running_loop()] = own = OwnSession(self._count_reuse)
        await anext(own.life)
        if self._closed:  # by another thread
            await self.close()
            self._refuse_if_closed()
        return own.session

    def _refuse_if_closed(self) -> None:
        if self._closed:
            message = "the client is closed."
            raise ClientClosedError(message)

    async def _read_certificates(self, seconds: float | None) -> ssl.SSLContext | bool:
        try:
            async with asyncio.timeout(seconds):
                return await asyncio.to_thread(self._read)
        except TimeoutError:
            message = "the files of tls could not be read in time."
            raise ConnectError(message) from None

    def _read(self) -> ssl.SSLContext | bool:
        with self._reading:  # once, also where calls come together, from any loop
            if self._certificates is None:
                self._certificates = cast("Tls", self._connection.tls).context()
            return self._certificates

    def _count_reuse(self) -> None:
        self._reused += 1


@lru_cache
def _limits(total: float, connect: float) -> aiohttp.ClientTimeout:
    return aiohttp.ClientTimeout(total=None if total == math.inf else total, connect=connect)


def _buffered_body(response: aiohttp.ClientResponse, most_bytes: int) -> bytes | None:
    """Return the body where it came together with the head, so that aiohttp is through with the response."""
    content = response.content
    return content.read_nowait() if content.is_eof() and content.total_bytes <= most_bytes else None


async def _read_body(response: aiohttp.ClientResponse, most_bytes: int) -> bytes:
    async with response:
        size = response.content_length
        if response.content.is_eof():  # also where the caller's session has read it: aiohttp keeps it
            size = response.content.total_bytes
        elif size is None or "Content-Encoding" in response.headers:
            pieces: list[bytes] = []
            size = 0
            async for piece in response.content.iter_any():
                size += len(piece)
                if size > most_bytes:
                    break
                pieces.append(piece)
            else:
                return b"".join(pieces)
        if size <= most_bytes:
            return await response.read()
    problem = f"it has more than {most_bytes} bytes, which max_response_bytes allows @ $"
    raise ResponseTooLargeError((problem,), status=response.status, body="")
