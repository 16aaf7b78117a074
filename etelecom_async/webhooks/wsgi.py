"""
Receive webhooks in an application of Flask, Django, or any other of WSGI.

The handlers run in an event loop in a thread of its own, for two reasons. The response is not late because of
them, and a handler may use the async clients: their connections belong to one event loop. A handler that is
no coroutine function runs in a further thread, so it may use the framework's database.
"""

from __future__ import annotations

import atexit
import os
import threading
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any, Final, TypeAlias

from etelecom_async.webhooks import answers, bodies
from etelecom_async.webhooks.answers import Answer
from etelecom_async.webhooks.drops import Dropped
from etelecom_async.webhooks.loop_thread import LoopThread, NotRunError
from etelecom_async.webhooks.router import CLOSE_SECONDS, Router

Environ: TypeAlias = Mapping[str, Any]
StartResponse: TypeAlias = Callable[[str, list[tuple[str, str]]], object]

_AT_EXIT_SECONDS: Final = 5.0
_LATE_SECONDS: Final = 15.0
"""Seconds after the time of `close` in which cancelled handlers, `on_dropped` and `on_stop` must end."""
_PIECE_BYTES: Final = 64 * 1024


def receiver(router: Router, *, on_stop: Callable[[], Awaitable[object]] | None = None) -> WsgiReceiver:
    """
    Return an application of WSGI. Send it the requests whose paths begin with those of your webhooks.

    Its thread starts with the first delivery, so each process that the server forks has its own. Call
    `close()` when the process ends. Without it, the exit of Python closes the receiver.

    Args:
        router: The router. It belongs to this application.
        on_stop: A coroutine function that is called in the receiver's event loop at the end, for example the
            `close` of the client that confirms events.
    """
    return WsgiReceiver(router, on_stop)


class WsgiReceiver:
    """
    An application of WSGI that receives webhooks.

    Args:
        router: The router.
        on_stop: Called in the event loop at the end.
    """

    def __init__(self, router: Router, on_stop: Callable[[], Awaitable[object]] | None) -> None:
        self._router: Final = router
        self._on_stop: Final = on_stop
        self._lock: Final = threading.Lock()
        self._thread: LoopThread | None = None

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Serve one request."""
        answer = self._answer(environ)
        start_response(f"{answer.status.value} {answer.status.phrase}", list(answer.all_headers.items()))
        return [answer.body]

    def close(self, seconds: float = CLOSE_SECONDS) -> tuple[Dropped, ...]:
        """
        Accept no more deliveries, handle the events that are left, and end the thread.

        Args:
            seconds: Seconds for the events that are left.

        Returns:
            The events that were not handled in time. They were logged, too.
        """
        with self._lock:
            thread = self._running() or LoopThread()
            self._thread = None
        atexit.unregister(self._close_at_exit)
        try:
            return thread.end(self._stop(seconds), seconds + _LATE_SECONDS)
        except NotRunError:  # a coroutine of a handler blocks the event loop
            return self._router.abandon()

    async def _stop(self, seconds: float) -> tuple[Dropped, ...]:
        left = await self._router.close(seconds)
        if self._on_stop is not None:
            await self._on_stop()
        return left

    def _close_at_exit(self) -> None:
        if self._running() is not None:
            self.close(_AT_EXIT_SECONDS)

    def _answer(self, environ: Environ) -> Answer:
        length: str = environ.get("CONTENT_LENGTH") or ""
        refusal = self._router.refusal(
            method=environ["REQUEST_METHOD"],
            path=environ.get("SCRIPT_NAME", "") + environ.get("PATH_INFO", ""),
            length=length,
            encoding=environ.get("HTTP_CONTENT_ENCODING"),
        )
        if refusal is not None:
            return refusal
        limits = self._router.limits
        try:
            body = _read(environ, length, bodies.Collector(limits.max_bytes), limits.body_seconds)
        except bodies.BodyTooLargeError:
            return answers.TOO_LARGE
        except bodies.BodyTooSlowError:
            return answers.TOO_SLOW
        except (_BrokenError, OSError):
            return answers.BROKEN
        return self._accept(body)

    def _accept(self, body: bytes) -> Answer:
        with self._lock:
            if self._router.is_closed:
                return answers.BUSY
            if self._running() is None:
                self._thread = LoopThread()
                atexit.register(self._close_at_exit)
            thread = self._thread
        assert thread is not None  # noqa: S101 - it was made above
        try:
            return thread.run(self._router.accept(body), self._router.limits.body_seconds)
        except NotRunError:
            return answers.BUSY  # a store of hashes that takes long; the delivery may still be accepted

    def _running(self) -> LoopThread | None:
        """Return the thread of this process."""
        thread = self._thread
        return thread if thread is not None and thread.pid == os.getpid() else None


class _BrokenError(Exception):
    """The body ends early, or its length is no number."""


def _read(environ: Environ, length: str, collector: bodies.Collector, seconds: float) -> bytes:
    """
    Return the body of a request.

    The time is checked after each piece. A sender that stops in the middle is the server's matter: WSGI has
    no read with a timeout.
    """
    if length and not (length.isascii() and length.isdecimal()):
        raise _BrokenError
    is_open = not length and bool(environ.get("wsgi.input_terminated"))  # in chunks
    remaining = _PIECE_BYTES if is_open else int(length or 0)
    stream = environ["wsgi.input"]
    read = getattr(stream, "read1", stream.read)  # `read` would wait for all bytes of a piece
    end = time.monotonic() + seconds
    while remaining:
        piece: bytes = read(min(remaining, _PIECE_BYTES))
        if not piece:
            break
        collector.add(piece)
        if time.monotonic() > end:
            raise bodies.BodyTooSlowError
        remaining -= 0 if is_open else len(piece)
    if remaining and not is_open:
        raise _BrokenError
    return collector.body()
