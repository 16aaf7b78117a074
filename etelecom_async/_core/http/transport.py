"""
Send requests over aiohttp sessions, and convert its exceptions to the SDK's errors.

This module contains no operation, no JSON and no retry.
"""

from __future__ import annotations

import asyncio
import math
import ssl
import threading
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Final, cast

import aiohttp

from etelecom_async._core import known_secrets
from etelecom_async._core.attachment import Form
from etelecom_async._core.http.connection import ConnectionConfig
from etelecom_async._core.http.failures import (
    NEVER_SENT,
    NeverSentError,
    describe,
    lost,
    never_sent,
    refuses_our_certificate,
    sanitized_cause,
)
from etelecom_async._core.http.messages import HttpRequest, HttpResponse
from etelecom_async._core.http.multipart import (
    WatchedBytes,
    WatchedForm,
    multipart,
    raise_if_unreadable,
    without_content_type,
)
from etelecom_async._core.http.pool import REUSED, OwnSession
from etelecom_async._core.http.tls import Tls
from etelecom_async._core.urls import is_encrypted
from etelecom_async.errors import (
    ClientClosedError,
    ConfigurationError,
    ConnectError,
    EtelecomError,
    ResponseLostError,
    ResponseTooLargeError,
)

CONNECT_TIMEOUT: Final = 10.0
"""Seconds to open a connection, and to read the certificates before the first one."""
MAX_RESPONSE_BYTES: Final = 64 * 2**20
"""Maximum size of a response body in bytes, after decompression."""


_SENT_AT_ONCE: Final = 2**15
"""Maximum bytes of a body that aiohttp writes at once, so all of it is sent before a response arrives."""


class Transport:
    """
    Sessions of a client: one for each running event loop, opened on first use.

    Args:
        session: The caller's own session. It replaces all others, and the client never closes it.
        connection: Options of the caller for connections.
    """

    def __init__(
        self, session: aiohttp.ClientSession | None = None, connection: ConnectionConfig | None = None
    ) -> None:
        self._given = session
        self._given_loop: asyncio.AbstractEventLoop | None = None
        """Event loop of the caller's session: the loop that uses it first."""
        self._connection = connection or ConnectionConfig()
        tls = self._connection.tls
        self._certificates: ssl.SSLContext | bool | None = (
            None if isinstance(tls, Tls) else True if tls is None else tls
        )
        """`True` for the system's certificates; `None` until the files are read."""
        self._reading = threading.Lock()
        self._sessions: dict[asyncio.AbstractEventLoop, OwnSession] = {}
        self._reused = 0
        self._closed = False

    @property
    def connections_reused(self) -> int | None:
        """How often an open connection was used again; `None` with the caller's own session."""
        return None if self._given is not None else self._reused

    async def send(
        self, request: HttpRequest, seconds: float, most_bytes: int = MAX_RESPONSE_BYTES
    ) -> HttpResponse:
        """
        Send *request* and return the response with any status.

        Args:
            request: The URL, headers and body to send.
            seconds: Seconds until the last byte of the response must arrive; more than 0.
            most_bytes: Maximum size of the response body in bytes, after decompression.

        Raises:
            ConfigurationError: The certificates or the proxy cannot be used.
            InvalidRequestError: A file could not be read, so the request was not sent completely.
            ConnectError: The request was never sent.
            ResponseLostError: The request was sent, but no complete response arrived.
            ResponseTooLargeError: The response body has more than *most_bytes* bytes.
        """
        # Much less than `total`, so a connection that does not open is not taken for a lost response.
        limits = _limits(seconds, min(CONNECT_TIMEOUT, seconds / 2))
        certificates = self._certificates
        if certificates is None:
            now = asyncio.get_running_loop().time
            began = now()
            certificates = await self._read_certificates(limits.connect)
            # At least half of the time is left, unless the event loop was blocked.
            limits = _limits(max(seconds - (now() - began), seconds / 2), limits.connect)
        session = self._open_session() or await self._session()
        url, headers, body = request.url, request.headers, request.body
        proxy = self._connection.proxy_for(url)
        proxy_headers: Mapping[str, str] | None = None
        if proxy is not None and is_encrypted(url):
            proxy_headers = proxy.headers  # for the tunnel
        elif proxy is not None:
            headers = {**headers, **proxy.headers}
        data = self._data(body)
        REUSED.set(True)
        try:
            response = await session.post(
                url,
                data=data,
                headers=without_content_type(headers) if isinstance(body, Form) else headers,
                timeout=limits,
                proxy=None if proxy is None else proxy.url,
                proxy_headers=proxy_headers,
                ssl=certificates,
                allow_redirects=False,
                raise_for_status=False,  # the caller's session may have `raise_for_status=True`
            )
            content = None
            if self._given is None and isinstance(body, bytes) and len(body) <= _SENT_AT_ONCE:
                # No other code has read the response, and the request is sent completely.
                content = _buffered_body(response, most_bytes)
            if content is None:
                content = await _read_body(response, most_bytes)
            return HttpResponse(response.status, response.headers, content)
        except EtelecomError:
            raise
        except Exception as error:
            with known_secrets.of_call(request):  # the text of aiohttp may quote the response
                failure = self._failure(error, data, seconds)
                cause = sanitized_cause(error)
            if failure is None:
                raise
            raise failure from (None if isinstance(failure, ConfigurationError) else cause)

    def proxy_secrets(self, url: str) -> Iterable[str]:
        """Return user name and password of the proxy for calls to *url*."""
        try:
            proxy = self._connection.proxy_for(url)
        except ConfigurationError:  # the environment has changed
            return ()
        return () if proxy is None else proxy.secrets()

    def _data(self, body: bytes | Form) -> bytes | WatchedBytes | WatchedForm:
        """Return *body* for aiohttp; one that knows whether it was sent, for a session of the caller."""
        if isinstance(body, Form):
            return multipart(body)
        return body if self._given is None else WatchedBytes(body)

    def _failure(
        self, error: Exception, data: bytes | WatchedBytes | WatchedForm, seconds: float
    ) -> EtelecomError | None:
        """Return what *error* means for the call; `None` if it is not an error of the connection."""
        # Code of the caller's session may fail, or send again, after the request was sent.
        was_sent = self._given is not None and not isinstance(data, bytes) and data.is_sent
        if isinstance(error, aiohttp.InvalidURL) and not was_sent:
            message = "the base URL or the proxy is not a valid URL; check it."
            return ConfigurationError(message)
        if not was_sent and isinstance(error, NEVER_SENT):
            return never_sent(error.reason if isinstance(error, NeverSentError) else error)
        if isinstance(error, aiohttp.ClientError | OSError):
            if refuses_our_certificate(error) and not REUSED.get():
                return never_sent(error)
            if isinstance(data, WatchedForm):
                raise_if_unreadable(data)
            is_late = isinstance(error, TimeoutError)
            return ResponseLostError(f"no response within {seconds:g} s.") if is_late else lost(error)
        if not was_sent:
            return None
        reason = f"{type(error).__name__}: {describe(error)}"
        message = f"a middleware or a trace of the session failed after the request was sent: {reason}."
        return ResponseLostError(message)

    def loops(self) -> list[asyncio.AbstractEventLoop]:
        """Return the event loops in which this object has opened a session."""
        return list(self._sessions)

    async def close(self) -> None:
        """Close the sessions of this object; the caller's session stays open."""
        self._closed = True
        own = self._sessions.pop(asyncio.get_running_loop(), None)
        # Sessions of other loops cannot be closed from here. Their runners close them when they end.
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
            self._given_loop = self._given_loop or asyncio.get_running_loop()
            if self._given_loop is not asyncio.get_running_loop():
                message = (
                    "the session that was given as session= belongs to another event loop. Without session=, "
                    "the client opens a session for each event loop."
                )
                raise ConfigurationError(message)
            return self._given
        # Other threads may change the dict meanwhile, so iterate over a copy and ignore missing keys.
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
        with self._reading:  # read only once, even with concurrent calls in several loops
            if self._certificates is None:
                self._certificates = cast("Tls", self._connection.tls).context()
            return self._certificates

    def _count_reuse(self) -> None:
        self._reused += 1


@lru_cache
def _limits(total: float, connect: float) -> aiohttp.ClientTimeout:
    return aiohttp.ClientTimeout(
        total=None if total == math.inf else total,
        connect=connect,
        ceil_threshold=math.inf,  # by default, aiohttp rounds times of 5 seconds and more up to whole seconds
    )


def _buffered_body(response: aiohttp.ClientResponse, most_bytes: int) -> bytes | None:
    """Return the body if it arrived together with the headers, so aiohttp has finished the response."""
    content = response.content
    return content.read_nowait() if content.is_eof() and content.total_bytes <= most_bytes else None


async def _read_body(response: aiohttp.ClientResponse, most_bytes: int) -> bytes:
    async with response:
        size = response.content_length
        if response.content.is_eof():  # also if the caller's session has read the body, which aiohttp keeps
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
    raise too_large(response.status, most_bytes)


def too_large(status: int, most_bytes: int) -> ResponseTooLargeError:
    """Return the error for a response body with more than *most_bytes* bytes."""
    problem = f"it has more than {most_bytes} bytes, which max_response_bytes allows @ $"
    return ResponseTooLargeError((problem,), status=status, body="")
