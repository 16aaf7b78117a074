"""
Bytes out, bytes in: the sessions, and aiohttp's failures turned into ours.

The only room of the client that knows aiohttp. It knows no operation, no JSON and no retry.
"""

from __future__ import annotations

import asyncio
import math
import re
import select
import ssl
import threading
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing
from contextvars import ContextVar
from functools import lru_cache
from types import TracebackType
from typing import Any, Final, cast

import aiohttp
from aiohttp.abc import AbstractStreamWriter

from etelecom_async._core.attachment import Attachment, Form
from etelecom_async._core.connection import ConnectionConfig, Tls
from etelecom_async._core.secret import mask
from etelecom_async.errors import (
    ClientClosedError,
    ConfigurationError,
    ConnectError,
    InvalidRequestError,
    ResponseLostError,
    ResponseTooLargeError,
)

CONNECT_TIMEOUT: Final = 10.0
"""Seconds to open a connection, and to read the certificates before the first one."""
MAX_RESPONSE_BYTES: Final = 64 * 2**20
"""Bytes of an answer, unpacked, beyond which it is not read."""
KEEP_ALIVE: Final = 4.0
"""Seconds for which an idle connection is kept: less than servers keep theirs, commonly 5 or more."""


_LEAVES_AT_ONCE: Final = 2**15
"""Bytes that aiohttp hands over in one go: of so short a request nothing is left when an answer comes."""


class HttpRequest:
    """What goes out; it shows neither key nor body to what prints it, or takes apart what it can."""

    __slots__ = ("body", "headers", "url")

    def __init__(self, url: str, headers: Mapping[str, str], body: bytes | Form) -> None:
        self.url = url
        self.headers = headers
        self.body = body

    def __repr__(self) -> str:
        return f"HttpRequest(url={self.url!r})"

    @property
    def is_spent(self) -> bool:
        """Whether it cannot be sent again: a stream was read for it."""
        return isinstance(self.body, Form) and self.body.is_spent

    def shown(self) -> str:
        """Return the body as it may be shown: secrets and phone numbers masked, files by their names."""
        return mask(self.body.shown() if isinstance(self.body, Form) else self.body.decode())


class HttpResponse:
    """What came back; it shows no body, as above."""

    __slots__ = ("body", "headers", "status")

    def __init__(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        self.status = status
        self.headers = headers
        self.body = body

    def __repr__(self) -> str:
        return f"HttpResponse(status={self.status}, headers={self.headers!r})"


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
        self._sessions: dict[asyncio.AbstractEventLoop, _OwnSession] = {}
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
        form = _multipart(body) if isinstance(body, Form) else None
        _REUSED.set(True)
        try:
            response = await session.post(
                url,
                data=body if form is None else form,
                headers=headers if form is None else _without_content_type(headers),
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
        except _NEVER_SENT as error:
            raise _never_sent(error) from _sanitized_cause(error)
        except (aiohttp.ClientError, OSError) as error:
            if _refuses_our_certificate(error) and not _REUSED.get():
                raise _never_sent(error) from _sanitized_cause(error)
            if form is not None:
                _raise_if_unreadable(form)
            message = (
                f"no answer within {seconds:g} s."
                if isinstance(error, TimeoutError)
                else f"the connection broke: {_describe(error)}."
            )
            raise ResponseLostError(message) from _sanitized_cause(error)

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
        self._sessions[asyncio.get_running_loop()] = own = _OwnSession(self._count_reuse)
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


_OURS: Final = __name__.partition(".")[0]


class _FilePart(aiohttp.AsyncIterablePayload):
    """A file's pieces, with their whole size told beforehand where it is known."""

    def __init__(self, name: str, file: Attachment) -> None:
        self.name = name
        self.failure: Exception | None = None
        """Why the file could not be read; aiohttp's own error looks as if the connection had broken."""
        self.frames: TracebackType | None = None
        """Where in the caller's code that was."""
        self._bytes = file.size()
        self._pieces = self._watched(file)
        super().__init__(self._pieces, content_type=file.content_type)
        # As browsers write it: servers do not take percent signs for what they stand for.
        self.set_content_disposition("form-data", quote_fields=False, name=name, filename=file.name)

    @property
    def size(self) -> int | None:
        return self._bytes

    async def write(self, writer: AbstractStreamWriter) -> None:
        try:
            await super().write(writer)
        finally:
            await self._pieces.aclose()  # and so the file, when the answer comes before all is sent

    async def _watched(self, file: Attachment) -> AsyncGenerator[bytes, None]:
        try:
            async with aclosing(file.pieces(self._bytes)) as pieces:
                async for piece in pieces:
                    yield piece
        except Exception as error:
            self.failure, self.frames = error, error.__traceback__
            # Our own frames, and later aiohttp's, hold what was to be sent.
            while self.frames is not None and self.frames.tb_frame.f_globals["__name__"].startswith(_OURS):
                self.frames = self.frames.tb_next
            raise


def _multipart(form: Form) -> aiohttp.MultipartWriter:
    writer = aiohttp.MultipartWriter("form-data")
    for name, text in form.fields:
        writer.append(text).set_content_disposition("form-data", name=name)
    for name, file in form.files:
        try:
            writer.append_payload(_FilePart(name, file))
        except OSError as error:  # it is gone since it was checked
            raise _unreadable(name, error) from error.with_traceback(None)
    return writer


def _raise_if_unreadable(body: aiohttp.MultipartWriter) -> None:
    for part, _, _ in body:
        if isinstance(part, _FilePart) and part.failure is not None:
            raise _unreadable(part.name, part.failure) from part.failure.with_traceback(part.frames)


def _unreadable(name: str, error: Exception) -> InvalidRequestError:
    return InvalidRequestError((f"{name} could not be read to its end: {_describe(error)}",))


def _without_content_type(headers: Mapping[str, str]) -> Mapping[str, str]:
    # aiohttp writes it itself: it alone knows the boundary between the parts.
    return {name: value for name, value in headers.items() if name != "Content-Type"}


@lru_cache
def _limits(total: float, connect: float) -> aiohttp.ClientTimeout:
    return aiohttp.ClientTimeout(total=None if total == math.inf else total, connect=connect)


class _OwnSession:
    """
    A session that does not outlive its event loop.

    It is held by an async generator: `asyncio.run`, like every runner, ends the async generators of a loop
    before it closes the loop, and so the session too, even when nobody called `close()`.
    """

    def __init__(self, reused: Callable[[], None]) -> None:
        # The limiters are the limit: a second one here would fail calls that wait for a connection.
        connections = _Connections(limit=0, keepalive_timeout=KEEP_ALIVE)
        connections.reused = reused
        self.session = aiohttp.ClientSession(connector=connections, cookie_jar=aiohttp.DummyCookieJar())
        self.life = _until_ended(self.session, connections)


_REUSED: Final = ContextVar("_REUSED", default=True)
"""Whether the attempt goes over a connection on which the server has answered before; in doubt it does."""


class _Connections(aiohttp.TCPConnector):
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
        _REUSED.set(False)
        try:
            made = await super()._create_connection(req, traces, timeout)
        except (aiohttp.ClientError, OSError) as error:
            # Not all look like it: where a proxy hangs up on CONNECT, so does a server on a request.
            raise _never_sent(error) from _sanitized_cause(error)
        if self.closed:  # which is asked next, too, but as if something had been sent
            made.close()
            message = "could not connect: the client was closed meanwhile."
            raise ConnectError(message)
        return made

    def break_off(self) -> None:
        """End the answers that are on their way: closing forgets who waits for their rest."""
        for busy in self._acquired:
            answer = getattr(busy, "_payload", None)
            if answer is not None:
                answer.set_exception(aiohttp.ClientConnectionError("the client was closed"))

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


async def _until_ended(
    session: aiohttp.ClientSession, connections: _Connections
) -> AsyncGenerator[None, None]:
    try:
        yield
    finally:
        connections.break_off()
        await session.close()


# What aiohttp raises before a request has left. A proxy that refuses to connect to the API is an answer, but
# none of the API's.
_NEVER_SENT: Final = (
    aiohttp.ClientConnectorError,
    aiohttp.ClientHttpProxyError,
    aiohttp.ConnectionTimeoutError,
)
# By TLS 1.3 the request is under way when the server, which has not looked at it yet, says that it wants
# another certificate of the client, or any.
_ABOUT_OURS: Final = r"ALERT_(?:\w*CERTIFICATE|UNKNOWN_CA|ACCESS_DENIED)"
_CLOCK: Final = "the server has to renew it, if the clock of this machine is right"
_AUTHORITY: Final = "if you trust who signed it, say so by tls=Tls(ca_file=...)"
# By OpenSSL's numbers: not valid yet or any more; signed by itself or by a stranger.
_CURES: Final = {9: _CLOCK, 10: _CLOCK, 18: _AUTHORITY, 19: _AUTHORITY, 20: _AUTHORITY, 21: _AUTHORITY}


def _never_sent(error: BaseException) -> ConnectError:
    return ConnectError(f"could not connect: {_describe(error)}.")


def _refuses_our_certificate(error: BaseException) -> bool:
    return isinstance(error, aiohttp.ClientOSError) and re.search(_ABOUT_OURS, str(error)) is not None


def _describe(error: BaseException) -> str:
    text, cure = str(error), ""
    if isinstance(error, aiohttp.ClientHttpProxyError):
        text = f"the proxy answered HTTP {error.status} {error.message}"
    elif isinstance(error, aiohttp.ServerDisconnectedError):
        text = "Server disconnected"  # it may quote the half of an answer's head
    elif isinstance(error, aiohttp.ClientConnectorError):
        reason = error.os_error
        text = f"{error.host}:{error.port}: {str(reason) or type(reason).__name__}"
        cure = _CURES.get(getattr(reason, "verify_code", 0), "")
    if _refuses_our_certificate(error):
        cure = "the server wants a certificate that it trusts: tls=Tls(cert_file=..., key_file=...)"
    text = mask(text) or type(error).__name__  # it may quote an answer that is no HTTP
    return f"{text}; {cure}" if cure else text


def _sanitized_cause(error: BaseException) -> BaseException | None:
    """Return *error* as a cause that holds no key, for any traceback that shows locals or reprs."""
    if isinstance(error, aiohttp.ClientConnectorError):
        error = error.os_error  # its own repr shows the proxy with its password
    if isinstance(error, aiohttp.ClientResponseError) or mask(str(error)) != str(error):
        return None  # the former carries the headers of the request
    error.__cause__ = error.__context__ = None  # so do the frames that it and these have passed
    return error.with_traceback(None)
