"""
The way of one call: encode, send, decode, and again where that is safe.

It knows the shape that all operations share and reads the rest from the row. Calls go down from here to
`transport`, values come back; nothing here is called from below.
"""

from __future__ import annotations

import asyncio
import inspect
import logging
import warnings
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine
from functools import partial
from typing import Any, Final, TypeVar, cast
from uuid import uuid4

import attrs

from etelecom_async._core import hooks
from etelecom_async._core.api_keys import Identity
from etelecom_async._core.calls import policy, verify
from etelecom_async._core.calls.limiter import CapacityLimiter, Limiters
from etelecom_async._core.calls.options import Options
from etelecom_async._core.calls.policy import Failure
from etelecom_async._core.calls.retrying import Repetition
from etelecom_async._core.codec import error_bodies, requests, responses
from etelecom_async._core.http.messages import HttpRequest
from etelecom_async._core.http.transport import Transport
from etelecom_async._core.operation import Operation
from etelecom_async._generated.operations import OPERATIONS
from etelecom_async.errors import (
    APIError,
    Attempt,
    BadRouteError,
    EtelecomError,
    KeyKindError,
    NotFoundError,
    OutcomeUnknownError,
    ProvisionalOperationWarning,
)
from etelecom_async.paging import Page, Pager, Paging

RequestT = TypeVar("RequestT")
ResultT = TypeVar("ResultT")
ItemT = TypeVar("ItemT")

WIRE_NAMES_VARIABLE: Final = "ETELECOM_WIRE_NAMES"


class Engine:
    """
    Makes calls for one identity, over connections that others may share.

    Args:
        identity: The key, and where it goes.
        transport: The connections.
        options: What holds for all calls.
        limiters: How many calls are under way at a time.
        schema_mismatches: Counts answers that did not fit and were forgiven.
    """

    def __init__(
        self,
        identity: Identity,
        transport: Transport,
        options: Options,
        limiters: Limiters,
        schema_mismatches: Counter[str],
    ) -> None:
        self.identity = identity
        self.transport = transport
        self.options = options
        self.limiters = limiters
        self.schema_mismatches = schema_mismatches
        self._headers = identity.headers()
        self._urls: dict[str, str] = {}

    def call(
        self, operation: Operation[RequestT, ResultT], request: RequestT
    ) -> Coroutine[Any, Any, ResultT]:
        """
        Make one call.

        Raises:
            EtelecomError: See `etelecom_async.errors`.
        """
        calling: Any = self._call(operation, request)
        calling.__qualname__ = operation.name  # which Python names where somebody has forgotten to await it
        return cast("Coroutine[Any, Any, ResultT]", calling)

    def list(
        self, operation: Operation[RequestT, ItemT], request: RequestT, *, prefetch: int, resume: str | None
    ) -> Pager[ItemT]:
        """Return the list that *request* asks for; nothing is sent yet."""
        paging: Paging | None = getattr(request, "paging", None)

        def fetch(cursor: str | None) -> Awaitable[Page[ItemT]]:
            return cast("Awaitable[Page[ItemT]]", self._call(operation, _after(request, cursor)))

        return Pager(
            fetch,
            operation=operation.name,
            # The cursor is not part of the question.
            query=lambda: requests.encode(operation, _after(request, None)),
            key=operation.key,
            prefetch=prefetch,
            resume=resume,
            after=None if paging is None else paging.after,
        )

    async def _call(self, operation: Operation[Any, Any], request: Any) -> object:
        try:
            url = self._urls.get(operation.name) or self._admit(operation)
            if operation.credentials:
                request = self._with_credentials(operation, request)
            if operation.tracking and not getattr(request, operation.tracking):
                # Made once for the call, not for each attempt: it is by this that a lost one is found.
                request = attrs.evolve(request, **{operation.tracking: uuid4().hex})
            encode = requests.encode_form if operation.multipart else requests.encode
            http_request = HttpRequest(url, self._headers, encode(operation, request))
            limiter = self.limiters.limiter(operation.effect)
            # The clock starts with the first attempt: a queue of ten thousand calls is no fault of the last.
            started = limiter.acquire_nowait()
            if started is None:
                started = await limiter.acquire()
            try:
                result, status = await self._attempt(operation, http_request, limiter, self.options.deadline)
            except EtelecomError as error:
                return await self._repeat(
                    operation, request, http_request, limiter, started=started, first=error
                )
            except asyncio.CancelledError:
                self._emit_first_attempt(operation.name, started, hooks.CANCELLED)
                raise
            else:
                self._emit_first_attempt(operation.name, started, hooks.OK, status)
                return result
        except BaseException as error:  # noqa: BLE001 - it goes on as it is, only without its frames
            # This frame and those below hold key and request, for any traceback that shows locals.
            request = http_request = None
            error.__context__ = None
            raise error.with_traceback(None) from error.__cause__

    async def _repeat(
        self,
        operation: Operation[Any, Any],
        request: object,
        http_request: HttpRequest,
        limiter: CapacityLimiter,
        *,
        started: float,
        first: EtelecomError,
    ) -> object:
        repetition = Repetition(
            operation.name,
            operation.effect,
            partial(self._attempt, operation, http_request, limiter),
            lambda: http_request.is_spent,
            limiter,
            options=self.options,
            started=started,
            first=first,
        )
        try:
            return await repetition.run()
        except EtelecomError as last:
            final = self._finalize_error(operation, last, repetition, request, http_request)
            if final is last:
                raise
            raise final from last.with_traceback(None)  # whose frames hold what was asked

    def _emit_first_attempt(self, name: str, started: float, outcome: str, status: int | None = None) -> None:
        """Tell of a first attempt, which nothing follows."""
        if self.options.hooks or hooks.logger.isEnabledFor(logging.DEBUG):
            seconds = self.options.clock.now() - started
            hooks.emit(
                self.options.hooks,
                Attempt(operation=name, number=1, seconds=seconds, outcome=outcome, status=status),
            )

    async def _attempt(
        self,
        operation: Operation[Any, Any],
        http_request: HttpRequest,
        limiter: CapacityLimiter,
        time_left: float,
    ) -> tuple[object, int]:
        """Make one attempt, and give the turn in *limiter* back."""
        try:
            response = await self.transport.send(
                http_request, min(self.options.attempt_timeout, time_left), self.options.max_response_bytes
            )
            result = responses.decode(
                operation, response.status, response.headers, response.body, self.schema_mismatches
            )
        except EtelecomError as error:
            if policy.classify(error) is Failure.REFUSED:
                limiter.on_throttle(error.retry_after if isinstance(error, APIError) else None)
            error.operation = operation.name
            # Below this, frames hold key and bodies, for any traceback that shows locals.
            error.__context__ = None
            raise error.with_traceback(None) from error.__cause__
        else:
            limiter.on_success()
            return result, response.status
        finally:
            limiter.release()

    def _finalize_error(
        self,
        operation: Operation[Any, Any],
        error: EtelecomError,
        repetition: Repetition,
        request: object,
        http_request: HttpRequest,
    ) -> EtelecomError:
        """Return the error that the caller gets, with all that is known of the call."""
        final = policy.outcome(error, operation.effect)
        final.attempts = repetition.attempts
        if isinstance(final, OutcomeUnknownError):
            final.tell(http_request.shown(), repetition.last_began(), self._reader_back(operation, request))
        if policy.left_a_doubt(final.attempts, operation.effect):
            # An attempt may have done it: a later "nothing to do" or "not found" may be its echo.
            final.may_have_happened = True
        if operation.provisional and isinstance(final, BadRouteError):
            wire_name = self.options.wire_names.get(operation.name, operation.wire_name)
            final.message += (
                f" {wire_name!r} was called, but this name is inferred. If you know the right one: "
                f"client.with_options(wire_names={{{operation.name!r}: 'Service/Method'}}), "
                f"or {WIRE_NAMES_VARIABLE}={operation.name}=Service/Method in the environment."
            )
        return final

    def _reader_back(
        self, operation: Operation[Any, Any], request: object
    ) -> Callable[[], Awaitable[object]] | None:
        """Return what reads back whether *request* was done, `None` where no read can."""
        if not operation.verify:
            return None
        name, *fields = operation.verify
        row = OPERATIONS[name]
        wanted = {field: getattr(request, field) for field in fields}

        async def find() -> object:
            asked = verify.question(row, wanted)
            if row.items is None:
                item = await self.call(row, asked)
                return item if verify.is_it(item, wanted) else None
            async for item in self.list(row, asked, prefetch=0, resume=None):
                if verify.is_it(item, wanted):
                    return item
            return None

        async def read_back() -> object:
            try:
                found = await find()
            except NotFoundError:
                return None
            if found is not None and operation.fails_in_body is not None:
                error_bodies.raise_if_failed(operation, found)
            return found

        return read_back

    def _admit(self, operation: Operation[Any, Any]) -> str:
        """Return the operation's address, after what is checked once for each client and operation."""
        kind = self.identity.kind
        if operation.callers and kind not in operation.callers:
            message = (
                f"the documentation gives this call to {_describe(operation.callers)}, and this key is a "
                f"{kind.value}. If you know better: client.call({operation.wire_name!r}, {{...}})."
            )
            raise KeyKindError(message, operation=operation.name)
        wire_name = self.options.wire_names.get(operation.name)
        if operation.provisional and wire_name is None:
            _warn(operation.name, operation.wire_name, operation.provisional)
        url = self.identity.url(wire_name or operation.wire_name)
        self._urls[operation.name] = url
        return url

    def _with_credentials(self, operation: Operation[Any, Any], request: Any) -> Any:
        username, password = operation.credentials
        given = {username: self.identity.username, password: self.identity.secret}
        if isinstance(request, dict):
            return {**given, **cast("dict[str, object]", request)}
        return attrs.evolve(request, **given)


def _after(request: Any, cursor: str | None) -> Any:
    asked: Paging | None = getattr(request, "paging", None)
    if not hasattr(request, "paging") or (asked is not None and asked.after == cursor):
        return request  # the first page is what was asked for
    paging = asked or Paging()
    # `before` says where the first page is; from there on the cursor leads.
    before = paging.before if cursor is None or cursor == paging.after else None
    return attrs.evolve(request, paging=attrs.evolve(paging, after=cursor, before=before))


def _describe(kinds: frozenset[Any]) -> str:
    return " or ".join(sorted(kind.value for kind in kinds))


_OURS: Final = __name__.partition(".")[0]


def _warn(name: str, wire_name: str, reason: str) -> None:
    level, frame = 1, inspect.currentframe()
    # Up to the caller's line; for a call that is a task of its own, that is asyncio's.
    while frame and frame.f_globals.get("__name__", "").partition(".")[0] == _OURS:
        level, frame = level + 1, frame.f_back
    warnings.warn(
        f"{name}: {wire_name}, its fields and its answer are inferred ({reason}). "
        f"If the server does not know it, set the right name with with_options(wire_names=...).",
        ProvisionalOperationWarning,
        stacklevel=level,
    )
