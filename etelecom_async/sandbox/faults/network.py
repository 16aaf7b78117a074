"""
What befalls answers on their way: lost, late, cut off, garbled, or another one than was to be given.

What is sent is sent by aiohttp as any answer, so that nothing but the fault tells it from one.
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
from etelecom_async.sandbox.faults.fault import Body, Fault, Kind, RetryAfter
from etelecom_async.sandbox.faults.listener import reset
from etelecom_async.sandbox.faults.plan import Strike

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
_DRAINED_BYTES: Final = 64 * 1024


class Network:
    """The way between callers and one sandbox."""

    def __init__(self) -> None:
        self._is_closed = False
        self._waiting: Final = set[asyncio.Event]()

    def close(self) -> None:
        """Let nobody wait any longer: the sandbox ends."""
        self._is_closed = True
        for over in self._waiting:
            over.set()

    async def befall(
        self, strike: Strike, request: web.Request, respond: Callable[[], Awaitable[web.Response]]
    ) -> web.StreamResponse:
        """
        Answer a request as the fault has it.

        Args:
            strike: What befalls it.
            request: What was asked; its body is not read yet.
            respond: Does what was asked, and answers rightly.
        """
        if strike.kind is Kind.RESET_BEFORE:
            return _lose(request)
        try:
            if strike.is_processed:
                answer = await respond()
            else:
                # A caller who is still sending would not hear.
                async for _ in request.content.iter_chunked(_DRAINED_BYTES):
                    pass
                answer = web.Response()
            return await self._deliver(strike, request, answer)
        except ConnectionError:
            # The caller has gone.
            return _lose(request)

    async def _deliver(
        self, strike: Strike, request: web.Request, answer: web.Response
    ) -> web.StreamResponse:
        fault = strike.fault
        body = answer.body if isinstance(answer.body, bytes) else b""
        half = body[: len(body) // 2]
        match strike.kind:
            case Kind.STATUS:
                return _other_answer(strike)
            case Kind.GZIP_GARBAGE:
                answer.headers["Content-Encoding"] = "gzip"
                return answer
            case Kind.HALF_BODY:
                return await _send(request, answer, half, announced=len(body))
            case Kind.WRONG_LENGTH:
                return await _send(request, answer, body, announced=max(0, len(body) + fault.off_by))
            case Kind.SLOW:
                return await self._send_slowly(request, answer, body, fault)
            case Kind.STALL_BODY:
                await (await _begin(request, answer, len(body))).write(half)
                await self._wait(request)
            case Kind.STALL_HEADER:
                await self._wait(request)
            case _:
                pass
        return _lose(request)

    async def _send_slowly(
        self, request: web.Request, answer: web.Response, body: bytes, fault: Fault
    ) -> web.StreamResponse:
        sending = await _begin(request, answer, len(body))
        for start in range(0, len(body), fault.piece_bytes):
            if start and await self._wait(request, fault.pause_seconds):
                return _lose(request)
            await sending.write(body[start : start + fault.piece_bytes])
        return sending

    async def _wait(self, request: web.Request, seconds: float | None = None) -> bool:
        """Wait; return whether that was ended by the caller's going, or by the sandbox's end."""
        transport = request.transport
        if self._is_closed or transport is None or transport.is_closing():
            return True
        over = asyncio.Event()
        protocol = transport.get_protocol()
        transport.set_protocol(_Watch(cast("asyncio.Protocol", protocol), over))
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


class _Watch(asyncio.Protocol):
    """
    Stands before a connection's protocol and tells when the caller goes, which aiohttp does not.

    Args:
        protocol: Hears all as before.
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


def _lose(request: web.Request) -> web.Response:
    """Reset the connection; what is returned is for aiohttp alone, and goes nowhere."""
    reset(request.transport)
    return web.Response()


async def _begin(request: web.Request, answer: web.Response, announced: int) -> web.StreamResponse:
    """Return an answer of which nothing but the number of bytes was said yet."""
    sending = web.StreamResponse(status=answer.status, headers=answer.headers)
    sending.content_length = announced
    await sending.prepare(request)
    return sending


async def _send(
    request: web.Request, answer: web.Response, body: bytes, *, announced: int
) -> web.StreamResponse:
    """Send an answer with another Content-Length than that of its body."""
    sending = await _begin(request, answer, announced)
    await sending.write(body)
    transport = request.transport
    if transport is None or transport.is_closing():
        return _lose(request)
    if len(body) < announced:
        transport.close()
    else:
        # aiohttp keeps to what was announced.
        transport.write(body[announced:])
    return sending


def _other_answer(strike: Strike) -> web.Response:
    status, headers = strike.status, _retry_after(strike)
    phrase = HTTPStatus(status).phrase if status in list(HTTPStatus) else "Error"
    if strike.body is Body.NONE:
        return web.Response(status=status, headers=headers)
    if strike.body is Body.HTML:
        text = f"<html><head><title>{status} {phrase}</title></head><body><h1>{phrase}</h1></body></html>"
        return web.Response(status=status, headers=headers, text=text, content_type="text/html")
    code = strike.fault.code or _CODES.get(status, "unknown")
    _, body = error_bodies.encode(APIError(f"a fault of the sandbox: {phrase}", code=code, status=status))
    return web.Response(status=status, headers=headers, body=body, content_type="application/json")


def _retry_after(strike: Strike) -> dict[str, str]:
    seconds = strike.fault.retry_after
    if seconds is None:
        return {}
    if strike.retry_after_as is RetryAfter.JUNK:
        return {"Retry-After": "in a while"}
    if strike.retry_after_as is RetryAfter.SECONDS:
        return {"Retry-After": f"{seconds:g}"}
    # A date has whole seconds, and is not to come too early.
    moment = datetime.now(UTC) + timedelta(seconds=math.ceil(seconds) + 1)
    return {"Retry-After": format_datetime(moment.replace(microsecond=0), usegmt=True)}
