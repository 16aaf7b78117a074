"""
Accept deliveries, and hand their events to handlers after the response.

An adapter asks `refusal` before it reads a body, and gives the whole body to `accept`. Both return the
response. Nothing else decides what a delivery does.
"""

from __future__ import annotations

import asyncio
import math
import os
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Any, Final, Literal, Self, TypeVar, cast, overload

import attrs

from etelecom_async._core.plurals import counted
from etelecom_async._core.secret import SecretLike
from etelecom_async._core.tracebacks import boundary
from etelecom_async._core.validators import above_zero, must_be, whole_number
from etelecom_async._core.values import kind_of
from etelecom_async.errors import ConfigurationError, InvalidWebhookError
from etelecom_async.webhooks import answers, bodies, drops, handlers
from etelecom_async.webhooks.answers import Answer
from etelecom_async.webhooks.confirming import PAUSES, ConfirmingShop, FindShop, NotConfirmedError, confirm
from etelecom_async.webhooks.drops import Dropped, Reason
from etelecom_async.webhooks.duplicates import SeenInMemory, SeenStore, digest_of
from etelecom_async.webhooks.events import (
    KINDS,
    CallLogEvent,
    Event,
    MessageEvent,
    OAEvent,
    SmsStatusEvent,
    UnknownEvent,
    parse,
)
from etelecom_async.webhooks.handlers import Handler
from etelecom_async.webhooks.path_secret import PathSecrets
from etelecom_async.webhooks.work_queue import WorkQueue

EventT = TypeVar("EventT", bound=Event)
DropHandlerT = TypeVar("DropHandlerT", bound=Handler[Dropped])

_CANCEL_SECONDS: Final = 5.0
"""Seconds that a store of hashes has to clean up after it was cancelled."""
CLOSE_SECONDS: Final = 30.0
"""Default maximum of seconds in which `close` handles the events that are left."""
_LARGE: Final = 64 * 1024
"""Bytes of a body that is read in a thread, so that the event loop is free."""
_BODIES_IN_QUEUE: Final = 16
"""The deliveries in the queue have together at most the size of so many of the largest bodies."""


def _tuple_of(pauses: object) -> Any:
    return tuple(cast("Sequence[object]", pauses)) if isinstance(pauses, list | tuple) else pauses


def _are_pauses(value: object) -> bool:
    return isinstance(value, tuple) and all(
        isinstance(part, int | float) and not isinstance(part, bool) and 0 < part < math.inf
        for part in cast("tuple[object, ...]", value)
    )


@attrs.frozen(kw_only=True)
class Limits:
    """The limits of a router."""

    max_bytes: int = attrs.field(validator=whole_number(least=1))
    body_seconds: float = attrs.field(validator=above_zero("a number of seconds above 0"))
    max_queue: int = attrs.field(validator=whole_number(least=1))
    concurrency: int = attrs.field(validator=whole_number(least=1))
    confirm_pauses: tuple[float, ...] = attrs.field(
        validator=must_be("a list of seconds above 0", _are_pauses)
    )


class Router:
    """
    Receives deliveries of webhooks, and calls your handlers.

        router = Router(secret=os.environ["WEBHOOK_SECRET"])

        @router.on("call_log")
        async def save(event: CallLogEvent) -> None: ...

    An adapter connects it to a server: `webhooks.aiohttp`, `webhooks.asgi` or `webhooks.wsgi`. `async with
    router:` around the service handles the events that are left when the service stops.

    Args:
        secret: The secret at the end of the webhook's path, at least 16 characters; or several.
        confirm: A shop. Each claimed call and message is read from it before a handler gets the event, and
            the handler gets the object that was read. For several shops, a function that returns the shop of
            an event, or a coroutine function. Default: no event is confirmed.
        confirm_pauses: Seconds before each further read, if the API does not show the object or the read
            fails. Other events are handled meanwhile. Default: 1, 5 and 30. An empty list: one read only.
        seen: Where the hashes of accepted deliveries are kept. Default: in memory, for 25 hours.
        max_bytes: Bytes of a body. Default: 1 MiB.
        body_seconds: Seconds until the end of a body. Default: 10.
        max_queue: Events that wait or are being handled. Default: 1000.
        concurrency: Events that are handled at a time. Default: 1, so in the order of their arrival.

    Raises:
        ConfigurationError: An argument is wrong.
    """

    @boundary
    def __init__(
        self,
        *,
        secret: SecretLike | Sequence[SecretLike],
        confirm: ConfirmingShop | FindShop | None = None,
        confirm_pauses: Sequence[float] = PAUSES,
        seen: SeenStore | None = None,
        max_bytes: int = bodies.MAX_BYTES,
        body_seconds: float = bodies.SECONDS,
        max_queue: int = 1000,
        concurrency: int = 1,
    ) -> None:
        self._secrets: Final = PathSecrets(secret)
        self._confirm: Final = _checked_confirm(confirm)
        self._seen: Final[SeenStore] = SeenInMemory() if seen is None else seen
        self.limits: Final = Limits(
            max_bytes=max_bytes,
            body_seconds=body_seconds,
            max_queue=max_queue,
            concurrency=concurrency,
            confirm_pauses=_tuple_of(confirm_pauses),
        )
        self._handlers: Final[dict[str, list[Callable[[Any], object]]]] = {kind: [] for kind in KINDS}
        self._drop_handlers: Final[list[Callable[[Dropped], object]]] = []
        self._queue: WorkQueue | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._pid = 0
        self._accepting: Final[set[asyncio.Task[Answer]]] = set()
        self._is_closed = False

    def __repr__(self) -> str:
        return f"<Router, {counted(sum(map(len, self._handlers.values())), 'handler')}>"

    @property
    def is_closed(self) -> bool:
        """Whether the router accepts no more deliveries."""
        return self._is_closed

    @overload
    def on(self, kind: Literal["call_log"]) -> Callable[[Handler[CallLogEvent]], Handler[CallLogEvent]]: ...
    @overload
    def on(
        self, kind: Literal["zl_oa_message"]
    ) -> Callable[[Handler[MessageEvent]], Handler[MessageEvent]]: ...
    @overload
    def on(self, kind: Literal["oa_event"]) -> Callable[[Handler[OAEvent]], Handler[OAEvent]]: ...
    @overload
    def on(
        self, kind: Literal["sms_status"]
    ) -> Callable[[Handler[SmsStatusEvent]], Handler[SmsStatusEvent]]: ...
    @overload
    def on(self, kind: Literal["unknown"]) -> Callable[[Handler[UnknownEvent]], Handler[UnknownEvent]]: ...

    def on(self, kind: str) -> Callable[[Any], Any]:
        """
        Register a function for the events of a kind; use it as a decorator.

        Several functions may have the same kind. They are called in the order of their registration. If one
        fails, the others are called, too.

        Args:
            kind: `call_log`, `zl_oa_message`, `oa_event`, `sms_status`, or `unknown`.

        Raises:
            ConfigurationError: There is no such kind.
        """
        if kind not in self._handlers:
            raise ConfigurationError(f"kind is one of {', '.join(KINDS)}")
        handlers_of_kind = self._handlers[kind]

        def register(handler: Callable[[Any], object]) -> Callable[[Any], object]:
            handlers_of_kind.append(handler)
            return handler

        return register

    def on_dropped(self, handler: DropHandlerT) -> DropHandlerT:
        """
        Register a function for accepted events that were not handled to the end; use it as a decorator.

        It gets a `Dropped` with the event and the reason. The service does not send the event again.
        """
        self._drop_handlers.append(handler)
        return handler

    def refusal(
        self, *, method: str, path: str, length: str | None = None, encoding: str | None = None
    ) -> Answer | None:
        """
        Return the response to a request whose body need not be read; `None` to read it.

        Args:
            method: Method of the request.
            path: Its path. The last part must be the secret.
            length: The header `Content-Length`, if there is one.
            encoding: The header `Content-Encoding`, if there is one.
        """
        if not self._secrets.match(path):
            return answers.NOT_FOUND
        if method != "POST":
            return answers.NOT_ALLOWED
        if encoding and encoding.strip().lower() != "identity":
            return answers.ENCODED
        if length and length.isdecimal() and int(length[:_MOST_DIGITS]) > self.limits.max_bytes:
            return answers.TOO_LARGE
        return answers.BUSY if self._is_closed else None

    async def accept(self, body: bytes) -> Answer:
        """
        Take a delivery, and return the response to it. Its handlers run later.

        A caller that is cancelled does not stop it: the delivery is accepted as a whole, or not at all.

        Args:
            body: The whole body.
        """
        task = asyncio.ensure_future(self._accept(body))
        self._accepting.add(task)
        task.add_done_callback(self._accepting.discard)
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            caller = asyncio.current_task()
            if not task.cancelled() or caller is None or caller.cancelling():
                raise
            return answers.BUSY  # `close` has given it up

    async def join(self) -> None:
        """Wait until all accepted events are handled, also those that wait for another read."""
        if self._queue is not None:
            await self._queue.join()

    async def close(self, seconds: float | None = CLOSE_SECONDS) -> tuple[Dropped, ...]:
        """
        Accept no more deliveries, and handle the events that are left.

        Events that wait for another read are read at once, for the last time.

        Args:
            seconds: Seconds for the events that are left; `None` for no limit.

        Returns:
            The events that were not handled in time. They were logged and given to `on_dropped`, too.
        """
        self._is_closed = True
        queue = self._own_queue()
        if queue is None:
            return ()
        loop = asyncio.get_running_loop()
        end = None if seconds is None else loop.time() + seconds
        if self._accepting:
            _, late = await asyncio.wait(set(self._accepting), timeout=seconds)
            for task in late:  # the store of hashes does not answer
                task.cancel()
            if late:
                await asyncio.wait(late, timeout=_CANCEL_SECONDS)
        self._queue = None
        seconds = None if end is None else max(end - loop.time(), 0.0)
        left = tuple(Dropped(event=event, reason="stopped") for event in await queue.stop(seconds))
        for drop in left:
            await self._drop(drop)
        return left

    def abandon(self) -> tuple[Dropped, ...]:
        """
        Log and return the events that are left, because the event loop does not react.

        Any thread may call this. `on_dropped` does not get the events.
        """
        self._is_closed = True
        queue, self._queue = self._queue, None
        left = () if queue is None else queue.left()
        self._abandon(left)
        return tuple(Dropped(event=event, reason="stopped") for event in left)

    async def __aenter__(self) -> Self:
        self._is_closed = False
        self._open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def _accept(self, body: bytes) -> Answer:
        if self._is_closed:
            return answers.BUSY
        try:
            # A large body may take seconds.
            events = parse(body) if len(body) < _LARGE else await asyncio.to_thread(parse, body)
        except InvalidWebhookError as error:
            drops.refused("malformed", str(error))
            return answers.MALFORMED
        if self.is_closed:
            return answers.BUSY
        queue = self._open()
        if not queue.reserve(len(events), len(body)):
            drops.refused("queue_full", f"{self.limits.max_queue} events are waiting; see max_queue")
            return answers.BUSY
        try:
            is_new = await self._seen.add(digest_of(body))
        except BaseException as error:
            queue.release(len(events), len(body))
            if not isinstance(error, Exception):
                drops.refused("seen_failed", "the store of hashes has not answered before the end")
                raise
            drops.refused("seen_failed", "the store of hashes has failed", error=error)
            return answers.BUSY
        if is_new and queue.is_stopped:  # the store took longer than `close`, and has the hash now
            for event in events:
                await self._drop(Dropped(event=event, reason="stopped"))
        elif is_new and events:
            queue.put(events, len(body))
        else:
            queue.release(len(events), len(body))
        return answers.OK

    def _own_queue(self) -> WorkQueue | None:
        """
        Return the queue of the running event loop, if there is one.

        Raises:
            ConfigurationError: The queue works in another event loop.
        """
        if self._queue is not None and self._loop is not asyncio.get_running_loop():
            if self._pid == os.getpid() and self._loop is not None and not self._loop.is_closed():
                raise ConfigurationError("a router works in one event loop: make one for each")
            # Its loop has ended, and logged what was left; or it is that of the process before a fork.
            self._queue = None
            self._accepting.clear()
        return self._queue

    def _open(self) -> WorkQueue:
        """Return the queue of the running event loop; make one if there is none."""
        queue = self._own_queue()
        if queue is None or queue.is_stopped:
            self._loop, self._pid = asyncio.get_running_loop(), os.getpid()
            queue = self._queue = WorkQueue(
                self._handle,
                self._abandon,
                most_events=self.limits.max_queue,
                most_bytes=_BODIES_IN_QUEUE * self.limits.max_bytes,
                concurrency=self.limits.concurrency,
                pauses=self.limits.confirm_pauses,
            )
        return queue

    async def _handle(self, event: Event, has_pause: bool) -> bool:  # noqa: FBT001 - the queue calls it by place
        """Confirm an event, and call its handlers; return whether it is done. It raises no error."""
        registered = self._handlers[event.kind]
        if not registered:
            drops.unhandled(event)
            return True
        if self._confirm is not None:
            try:
                with handlers.contained():
                    event = await confirm(event, self._confirm)
            except NotConfirmedError as error:
                if error.may_pass and has_pause:
                    return False
                await self._drop(Dropped(event=event, reason=error.reason, error=error.error))
                return True
            except Exception as error:  # noqa: BLE001 - the user's function may raise anything
                await self._drop(Dropped(event=event, reason="confirm_failed", error=error))
                return True
        for handler in registered:
            try:
                await handlers.call(handler, event)
            except Exception as error:  # noqa: BLE001 - a handler may raise anything
                await self._drop(Dropped(event=event, reason="handler_failed", error=error))
        return True

    def _abandon(self, events: Sequence[Event]) -> None:
        """Log the events that are left in an event loop that ends without `close`."""
        for event in events:
            drops.dropped(Dropped(event=event, reason="stopped"))

    async def _drop(self, drop: Dropped) -> None:
        drops.dropped(drop)
        for handler in self._drop_handlers:
            try:
                await handlers.call(handler, drop)
            except Exception as error:  # noqa: BLE001 - a handler may raise anything
                reason: Reason = "handler_failed"
                drops.dropped(Dropped(event=drop.event, reason=reason, error=error))


_MOST_DIGITS: Final = 20
"""Digits of a length that are read; more digits cannot make it smaller."""


def _checked_confirm(given: ConfirmingShop | FindShop | None) -> ConfirmingShop | FindShop | None:
    value: Any = given
    if value is None or (
        (isinstance(value, ConfirmingShop) or callable(value)) and not isinstance(value, type)
    ):
        return given
    raise ConfigurationError(f"confirm is a ShopClient, or a function that returns one; not {kind_of(value)}")
