"""
Faults of responses on their way: lost, late, cut off, malformed, or replaced by another one.

aiohttp sends them like every other response, so nothing but the fault is different.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http import HTTPStatus
from typing import Final, cast

from aiohttp import web

from etelecom_async._core.codec import error_bodies
from etelecom_async.errors import APIError
from etelecom_async.sandbox.faults.injector import Injection
from etelecom_async.sandbox.faults.listener import reset
from etelecom_async.sandbox.faults.spec import Body, Fault, Kind, RetryAfter

_CODES: Final = {
    400: "invalid_argument",
    401: "unauthenticated",
    403: "permission_denied",
    404: "not_found",
    408: "deadline_exceeded",
    409: "aborted",
    412: "failed_precondition",
    429: "resource_exhausted",
    500: "internal",
    501: "unimplemented",
    502: "unavailable",
    503: "unavailable",
    504: "deadline_exceeded",
}
_PHRASES: Final = {int(status): status.phrase for status in HTTPStatus}


class ConnectionFaults:
    """Injects faults between the callers and one sandbox."""

    def __init__(self) -> None:
        self._is_closed = False
        self._waiting: Final = set[asyncio.Event]()

    def close(self) -> None:
        """End all waits, because the sandbox ends."""
        self._is_closed = True
        for over in self._waiting:
            over.set()

    async def inject(
        self, injection: Injection, request: web.Request, respond: Callable[[], Awaitable[web.Response]]
    ) -> web.StreamResponse:
        """
        Respond to a request with a fault.

        Args:
            injection: The fault.
            request: The request; its body is not read yet.
            respond: Reads the body, and executes the call if the injection says so.
        """
        if injection.kind is Kind.RESET_BEFORE:
            return _reset(request)
        try:
            return await self._send(injection, request, await respond())
        except ConnectionError:
            # The caller has closed the connection.
            return _reset(request)

    async def _send(
        self, injection: Injection, request: web.Request, response: web.Response
    ) -> web.StreamResponse:
        fault = injection.fault
        body = response.body if isinstance(response.body, bytes) else b""
        half = body[: len(body) // 2]
        match injection.kind:
            case Kind.STATUS:
                return status_response(injection)
            case Kind.GZIP_GARBAGE:
                response.headers["Content-Encoding"] = "gzip"
                return response
            case Kind.HALF_BODY:
                return await _send_with_length(request, response, half, announced=len(body))
            case Kind.WRONG_LENGTH:
                announced = max(0, len(body) + fault.off_by)
                return await _send_with_length(request, response, body, announced=announced)
            case Kind.SLOW:
                return await self._send_slowly(request, response, body, fault)
            case Kind.STALL_BODY:
                await (await _send_head(request, response, len(body))).write(half)
                await self._wait(request)
            case Kind.STALL_HEADER:
                await self._wait(request)
            case _:
                pass
        return _reset(request)

    async def _send_slowly(
        self, request: web.Request, response: web.Response, body: bytes, fault: Fault
    ) -> web.StreamResponse:
        stream = await _send_head(request, response, len(body))
        for start in range(0, len(body), fault.piece_bytes):
            if start and await self._wait(request, fault.pause_seconds):
                return _reset(request)
            await stream.write(body[start : start + fault.piece_bytes])
        return stream

    async def _wait(self, request: web.Request, seconds: float | None = None) -> bool:
        """Wait; return whether the end of the connection or of the sandbox ended the wait."""
        transport = request.transport
        if self._is_closed or transport is None or transport.is_closing():
            return True
        over = asyncio.Event()
        protocol = transport.get_protocol()
        transport.set_protocol(_DisconnectWatcher(cast("asyncio.Protocol", protocol), over))
        self._waiting.add(over)
        try:
            async with asyncio.timeout(seconds):
                await over.wait()
        except TimeoutError:
            return False
        finally:
            self._waiting.discard(over)
            if not transport.is_closing():
                transport.set_protocol(protocol)
        return True


class _DisconnectWatcher(asyncio.Protocol):
    """
    Sets an event when the caller disconnects, which aiohttp does not report while a handler runs.

    Args:
        protocol: The protocol of the connection; gets every call.
        over: Set when the connection ends.
    """

    def __init__(self, protocol: asyncio.Protocol, over: asyncio.Event) -> None:
        self._protocol: Final = protocol
        self._over: Final = over

    def data_received(self, data: bytes) -> None:
        self._protocol.data_received(data)

    def eof_received(self) -> bool | None:
        return self._protocol.eof_received()

    def pause_writing(self) -> None:
        self._protocol.pause_writing()

    def resume_writing(self) -> None:
        self._protocol.resume_writing()

    def connection_lost(self, exc: Exception | None) -> None:
        self._protocol.connection_lost(exc)
        self._over.set()


def _reset(request: web.Request) -> web.Response:
    """Reset the connection; return a response for aiohttp, which is never sent."""
    reset(request.transport)
    return web.Response()


async def _send_head(request: web.Request, response: web.Response, announced: int) -> web.StreamResponse:
    """Send status, headers and this Content-Length; return the stream for the body."""
    stream = web.StreamResponse(status=response.status, headers=response.headers)
    stream.content_length = announced
    await stream.prepare(request)
    return stream


async def _send_with_length(
    request: web.Request, response: web.Response, body: bytes, *, announced: int
) -> web.StreamResponse:
    """Send a response with a Content-Length that is not the length of its body."""
    stream = await _send_head(request, response, announced)
    await stream.write(body)
    transport = request.transport
    if transport is None or transport.is_closing():
        return _reset(request)
    if len(body) < announced:
        transport.close()
    else:
        # aiohttp does not write more than it announced.
        transport.write(body[announced:])
    return stream


def status_response(injection: Injection) -> web.Response:
    """Return the response of a `status` fault."""
    status, headers = injection.status, _retry_after(injection)
    phrase = _PHRASES.get(status, "Error")
    if injection.content is not None:
        content = injection.content.encode()
        return web.Response(status=status, headers=headers, body=content, content_type="application/json")
    if injection.body is Body.NONE:
        return web.Response(status=status, headers=headers)
    if injection.body is Body.HTML:
        text = f"<html><head><title>{status} {phrase}</title></head><body><h1>{phrase}</h1></body></html>"
        return web.Response(status=status, headers=headers, text=text, content_type="text/html")
    if injection.body is Body.TEXT:
        return web.Response(status=status, headers=headers, text=f"{phrase}\n")
    code = injection.code or _CODES.get(status, "unknown")
    _, body = error_bodies.encode(APIError(f"a fault of the sandbox: {phrase}", code=code, status=status))
    if injection.body is Body.CUT:
        body = body[: -len(phrase)]
    return web.Response(status=status, headers=headers, body=body, content_type="application/json")


def _retry_after(injection: Injection) -> dict[str, str]:
    seconds = injection.fault.retry_after
    if seconds is None:
        return {}
    if injection.retry_after_as is RetryAfter.JUNK:
        return {"Retry-After": "in a while"}
    if injection.retry_after_as is RetryAfter.SECONDS:
        return {"Retry-After": f"{seconds:g}"}
    # A date has whole seconds, and must not be too early.
    moment = datetime.now(UTC) + timedelta(seconds=math.ceil(seconds) + 1)
    return {"Retry-After": format_datetime(moment.replace(microsecond=0), usegmt=True)}
