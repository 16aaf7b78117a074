"""
One call: encode, wait for a turn, send, decode, retry if that is safe.

The engine knows the shape that all operations share, and reads the rest from the row. Calls go down from here
to `http`, values come back; nothing here is called from below.
"""

from __future__ import annotations

import asyncio
import logging
import warnings
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any, Final, TypeVar, cast
from uuid import uuid4

import attrs

from etelecom_async._core import call_secrets, hooks, known_secrets, urls
from etelecom_async._core.api_keys import Identity
from etelecom_async._core.calls import policy
from etelecom_async._core.calls.limiter import CapacityLimiter, Limiters
from etelecom_async._core.calls.options import Options
from etelecom_async._core.calls.retrying import RetryLoop
from etelecom_async._core.codec import request_checks, requests, responses
from etelecom_async._core.codec.scalars import plain_scalar
from etelecom_async._core.http.messages import HttpRequest
from etelecom_async._core.http.transport import Transport
from etelecom_async._core.model import Model
from etelecom_async._core.operation import Effect, JsonObject, KeyKind, Operation, Verify, is_wire_name
from etelecom_async._core.secret import Secret
from etelecom_async._core.tracebacks import Hidden, cleaned
from etelecom_async._core.values import kind_of
from etelecom_async.errors import (
    APIError,
    ConfigurationError,
    EtelecomError,
    InvalidRequestError,
    PagingError,
    ProvisionalOperationWarning,
)
from etelecom_async.paging import Page, Pager, Paging

if TYPE_CHECKING:
    from etelecom_async._core.calls import verify

RequestT = TypeVar("RequestT")
ResultT = TypeVar("ResultT")
ItemT = TypeVar("ItemT")


@attrs.define(kw_only=True, eq=False)
class Engine:
    """Makes calls for one identity, over connections that others may share."""

    identity: Identity
    """The key, and where it goes."""
    transport: Transport
    options: Options
    limiters: Limiters
    operations: Mapping[str, Operation[Any, Any]] = attrs.field(repr=False)
    """The rows by public name; `verify()` finds its read there."""
    schema_mismatches: Counter[str] = attrs.field(factory=Counter)
    """Counts values in responses that did not fit and were accepted."""
    server_clock: verify.ServerClock | None = None
    """Set in the copy that reads back: it hears the time of the server."""
    decode: responses.Decode = responses.decode
    """Reads responses; a copy can have another one, which reads the rows of a list in another form."""
    _headers: Mapping[str, str] = attrs.field(init=False, repr=False)
    _urls: dict[str, str] = attrs.field(init=False, repr=False, factory=dict)
    _secrets: Callable[[str], Iterable[str]] = attrs.field(init=False, repr=False)
    """Returns the secrets of the client that a request to a URL carries."""

    def __attrs_post_init__(self) -> None:
        self._headers = self.identity.headers()
        if added := self.options.headers:
            from etelecom_async._core import headers  # few clients need it

            self._headers = {**self._headers, **headers.revealed(added)}
        self._secrets = partial(_secrets_of_client, self.identity, self.transport, added)

    def call(
        self, operation: Operation[RequestT, ResultT], request: RequestT
    ) -> Coroutine[Any, Any, ResultT]:
        """
        Make one call.

        Raises:
            EtelecomError: See `etelecom_async.errors`.
        """
        if operation.provisional:
            self.warn_of_inferred(operation)
        calling: Any = self._call(operation, Hidden(request))
        calling.__qualname__ = operation.name  # Python's warning about a forgotten `await` names it
        return cast("Coroutine[Any, Any, ResultT]", calling)

    def call_by_wire_name(
        self, wire_name: str, body: Mapping[str, Any] | None, effect: Effect | None
    ) -> Coroutine[Any, Any, JsonObject]:
        """
        Make one call of an operation that the table need not have.

        Args:
            wire_name: Service and method, for example `Etelecom/GetExtensions`.
            body: The request's JSON object.
            effect: What the call does; `None` for that of the operation of this name, or for `Effect.CREATE`.

        Raises:
            EtelecomError: See `etelecom_async.errors`.
        """
        return self._call_by_wire_name(wire_name, Hidden(body), effect)

    async def _call_by_wire_name(
        self, wire_name: str, hidden: Hidden[Any], effect: Effect | None
    ) -> JsonObject:
        try:
            row = self.row_by_wire_name(wire_name, hidden.value, effect)
            known = self._known(wire_name)
            request = None if known is None else known.request
            hidden.value = {} if hidden.value is None else call_secrets.with_secrets(request, hidden.value)
            return cast("JsonObject", await self._call(row, hidden))
        except BaseException as error:
            cleaned(error)
            raise

    def row_by_wire_name(
        self, wire_name: str, body: object, effect: Effect | None
    ) -> Operation[JsonObject, JsonObject]:
        """
        Return the row of a call by its wire name, and check *body*.

        Raises:
            ConfigurationError: *wire_name* is no wire name, or *effect* is no `Effect`.
            InvalidRequestError: *body* is a model, or has an unlisted value.
        """
        _check_wire_name(wire_name)
        known = self._known(wire_name)
        row = self._row(wire_name, body, effect, known)
        _refuse_model(row, body)
        if known is not None:
            _check_known(known, wire_name, body)
        return row

    def check(self, operation: Operation[RequestT, Any], request: RequestT) -> None:
        """
        Check a request as a call would, and send nothing.

        Raises:
            InvalidRequestError: A value is invalid. The error lists every problem.
        """
        self._prepare(operation, Hidden(request))

    def read_back(
        self,
        operation: Operation[RequestT, Any],
        request: RequestT,
        started: datetime,
        listener: verify.ServerClock | None = None,
    ) -> verify.ReadBack | None:
        """
        Return what reads whether a call of an earlier process was executed; `None` if no read can tell.

        Args:
            operation: The operation of the call.
            request: Its request, with all values that the engine chose.
            started: When the call started, by the clock of the server.
            listener: Takes the time of the server from the reads.
        """
        rule = operation.verify
        if rule is None:
            return None
        from etelecom_async._core.calls import verify  # few programs need it

        http_request = self._prepare(operation, Hidden(request))
        return self._reader(operation, rule, request, verify.KnownStart(started, listener), http_request)

    def _row(
        self, wire_name: str, body: object, effect: Any, known: Operation[Any, Any] | None
    ) -> Operation[JsonObject, JsonObject]:
        """Return a row for an operation that is known by its wire name only."""
        if effect is None:
            effect = Effect.CREATE if known is None else known.effect_of(body)
        elif not isinstance(effect, Effect):
            message = f"effect takes an Effect, for example Effect.READ, not {kind_of(effect)}."
            raise ConfigurationError(message)
        service, _, method = wire_name.partition("/")
        is_sms = self.identity.kind is KeyKind.USERNAME_PASSWORD
        return Operation(
            name=wire_name,
            service=service,
            method=method,
            effect=effect,
            callers=frozenset(),
            request_type=lambda: dict,
            response_type=lambda: dict,
            credentials=("username", "password") if is_sms else (),
        )

    def _known(self, wire_name: str) -> Operation[Any, Any] | None:
        """Return the operation of the table with this wire name; its request has the fields of all forms."""
        for row in self.operations.values():
            if row.form_of is None and wire_name in (row.wire_name, self.options.wire_name(row)):
                return row.as_served()
        return None

    @staticmethod
    def request_of(operation: Operation[RequestT, Any], body: object) -> RequestT:
        """Return *body* as the request of *operation*; the checks refuse it if it does not fit."""
        return operation.request() if body is None else cast("RequestT", body)

    def list(
        self, operation: Operation[RequestT, ItemT], request: RequestT, *, prefetch: int, resume: str | None
    ) -> Pager[ItemT]:
        """Return the list that *request* asks for; nothing is sent yet."""
        if operation.provisional:
            self.warn_of_inferred(operation)
        start = _cursor(operation, request)

        def fetch(cursor: str | None) -> Awaitable[Page[ItemT]]:
            asked = Hidden(_after(operation, request, cursor))
            return cast("Awaitable[Page[ItemT]]", self._call(operation, asked))

        return Pager(
            fetch,
            operation=operation.name,
            query=lambda: requests.encode(operation, _query(operation, request)),
            account=self.identity.account,
            key=operation.key,
            prefetch=prefetch,
            resume=resume,
            after=start,
        )

    async def _call(self, operation: Operation[Any, Any], hidden: Hidden[Any]) -> object:
        try:
            http_request = self._prepare(operation, hidden)
            options = self.options
            limiter = self.limiters.limiter(operation.effect)
            if options.hooks or hooks.logger.isEnabledFor(logging.DEBUG):
                return await self._observed_call(operation, hidden, http_request, limiter)
            # A usual call needs no loop, and no wait. The deadline starts here.
            started = None if operation.name in limiter.holds else limiter.acquire_nowait()
            if started is None:
                loop = self._retry_loop(operation, hidden, http_request, limiter)
                attempts = loop.run()
            else:
                try:
                    result, _ = await self._attempt(operation, hidden, http_request, options.deadline)
                except EtelecomError as error:
                    loop = self._retry_loop(operation, hidden, http_request, limiter)
                    attempts = loop.run_after(error, started)
                except BaseException:
                    limiter.release()
                    raise
                else:
                    limiter.release_after_success()
                    return result
            return await self._finalized(attempts, loop, operation, hidden, http_request)
        except BaseException as error:
            cleaned(error)
            raise

    async def _observed_call(
        self,
        operation: Operation[Any, Any],
        hidden: Hidden[Any],
        http_request: HttpRequest,
        limiter: CapacityLimiter,
    ) -> object:
        """Make the call, and report it to observers."""
        clock = self.options.clock
        effect = operation.effect_of(hidden.value)
        host, port = urls.host_and_port(self.identity.base_url)
        call = hooks.Call(
            operation=operation.name,
            wire_name=operation.wire_name,
            effect=effect,
            server_address=host,
            server_port=port,
            limiter=limiter,
        )
        observers = hooks.Observers(self.options.hooks, call)
        began = clock.now()
        loop = self._retry_loop(operation, hidden, http_request, limiter, observers)
        try:
            result = await self._finalized(loop.run(), loop, operation, hidden, http_request)
        except BaseException as error:  # noqa: BLE001 - raised again below, after the observers
            failure = error
        else:
            observers.call_ended(_call_end(effect, clock.now() - began, loop, None))
            return result
        # Outside of `except`, where an observer could see the error's frames.
        try:
            observers.call_ended(_call_end(effect, clock.now() - began, loop, failure))
            raise failure
        finally:
            del failure

    def _prepare(self, operation: Operation[Any, Any], hidden: Hidden[Any]) -> HttpRequest:
        """Return the bytes to send; every attempt sends the same ones."""
        url = self._urls.get(operation.name) or self._admit(operation)
        if operation.credentials:
            hidden.value = self._with_credentials(operation, hidden.value)
        if operation.tracking and _is_blank(getattr(hidden.value, operation.tracking)):
            # One id for all attempts: a message whose response was lost is found by it.
            hidden.value = attrs.evolve(hidden.value, **{operation.tracking: uuid4().hex})
        encode = requests.encode_form if operation.multipart else requests.encode
        body = encode(operation, hidden.value)
        return HttpRequest(url, self._headers, body, self._secrets, hidden, operation=operation.name)

    def _retry_loop(
        self,
        operation: Operation[Any, Any],
        hidden: Hidden[Any],
        http_request: HttpRequest,
        limiter: CapacityLimiter,
        observers: hooks.Observers | None = None,
    ) -> RetryLoop:
        return RetryLoop(
            operation.name,
            operation.effect_of(hidden.value),
            partial(self._attempt, operation, hidden, http_request),
            http_request.can_resend,
            limiter,
            options=self.options,
            observers=observers,
        )

    async def _attempt(
        self,
        operation: Operation[Any, Any],
        hidden: Hidden[Any],
        http_request: HttpRequest,
        time_left: float,
    ) -> tuple[object, int]:
        """Make one attempt within *time_left* seconds; return its result and the HTTP status."""
        options = self.options
        try:
            response = await self.transport.send(
                http_request, min(options.attempt_timeout, time_left), options.max_response_bytes
            )
            may_be_empty = operation.items is None or not _is_later_page(operation, hidden.value)
            if self.server_clock is not None:
                self.server_clock.hear(response.headers)
                may_be_empty = False
            reading = known_secrets.CALL.set(http_request)  # errors mask what this call knows
            try:
                result = self.decode(
                    operation,
                    response.status,
                    response.headers,
                    response.body,
                    self.schema_mismatches,
                    allow_empty_page=may_be_empty,
                )
            finally:
                known_secrets.CALL.reset(reading)
        except EtelecomError as error:
            error.operation = operation.name
            raise
        else:
            return result, response.status

    async def _finalized(
        self,
        attempts: Awaitable[object],
        loop: RetryLoop,
        operation: Operation[Any, Any],
        hidden: Hidden[Any],
        http_request: HttpRequest,
    ) -> object:
        """Return what *attempts* return, or raise the error that the caller gets."""
        try:
            return await attempts
        except EtelecomError as error:
            last = error
        # Outside of `except`, where a handler of the log could see the error's frames.
        try:
            final = self._finalize_error(last, loop, operation, hidden, http_request)
            if loop.gave_up is not None:
                from etelecom_async._core import logs  # few calls log anything

                logs.gave_up(final, loop.gave_up, loop.seconds())
            if final is last:
                raise last
            raise final from last
        finally:
            del last

    def _finalize_error(
        self,
        error: EtelecomError,
        loop: RetryLoop,
        operation: Operation[Any, Any],
        hidden: Hidden[Any],
        http_request: HttpRequest,
    ) -> EtelecomError:
        """Return the error that the caller gets, with everything that is known of the call."""
        effect = operation.effect_of(hidden.value)
        final = policy.outcome(error, effect)
        final.attempts = loop.attempts
        if policy.left_a_doubt(final.attempts, effect):
            # An earlier attempt may have been executed: "not found" may be caused by it.
            final.may_have_happened = True
        if final.may_have_happened:
            read_back = self._read_back(operation, hidden.value, loop.started, http_request)
            final.describe(http_request.shown(), loop.last_attempt_at(), read_back)
        from etelecom_async._core.calls import hints  # only an error needs it

        final.hint = hints.of_call(final, operation, self.identity.kind, self.options.wire_name(operation))
        return final

    def _read_back(
        self, operation: Operation[Any, Any], request: object, started: float, http_request: HttpRequest
    ) -> verify.ReadBack | None:
        """Return what reads whether *request* was executed, `None` if no read can tell."""
        rule = operation.verify
        if rule is None:
            return None
        from etelecom_async._core.calls import verify  # only a failed write needs it

        clock = verify.ServerClock(self.options.clock, started)
        return self._reader(operation, rule, request, clock, http_request)

    def _reader(
        self,
        operation: Operation[Any, Any],
        rule: Verify,
        request: object,
        clock: verify.ServerClock,
        http_request: HttpRequest,
    ) -> verify.ReadBack | None:
        """Return what reads whether *request* was executed, `None` if it does not name its object."""
        from etelecom_async._core.calls import verify

        wanted = verify.Wanted.of(rule, request)
        if wanted is None:
            return None
        reader = attrs.evolve(self, server_clock=clock)
        return verify.ReadBack(
            operation,
            self.operations[rule.read],
            None if rule.first is None else self.operations[rule.first],
            wanted,
            None if rule.any_age or operation.effect not in verify.NEW_OBJECTS else clock,
            http_request,
            read_one=reader.call,
            read_list=partial(reader.list, prefetch=0, resume=None),
        )

    def _admit(self, operation: Operation[Any, Any]) -> str:
        """Return the operation's URL, and keep it for the next call."""
        url = self.identity.url(self.options.wire_name(operation))
        self._urls[operation.name] = url
        return url

    def warn_of_inferred(self, operation: Operation[Any, Any]) -> None:
        """Warn once for each process. The caller's line is still on the stack: no task runs the call yet."""
        name = operation.name
        if name not in _WARNED and name not in self.options.wire_names:
            _warn(name, self.options.wire_name(operation))
            _WARNED.add(name)  # not before: a warning that the caller turned into an error comes again

    def _with_credentials(self, operation: Operation[Any, Any], request: Any) -> Any:
        username, password = operation.credentials
        given = {username: self.identity.username, password: self.identity.secret}
        if isinstance(request, Mapping):
            return {**given, **cast("Mapping[str, object]", request)}
        # The checks refuse an open body that is no mapping.
        return attrs.evolve(request, **given) if isinstance(request, Model) else request


def _is_blank(value: object) -> bool:
    # Not `not value`: the value is not checked yet, and some objects of other libraries refuse to be tested.
    return value is None or (isinstance(value, str) and not value)


def _secrets_of_client(
    identity: Identity, transport: Transport, added: Mapping[str, Secret], url: str
) -> Iterable[str]:
    from etelecom_async._core import headers  # only an error needs it

    return (*identity.secrets(), *headers.secrets_of(added.values()), *transport.proxy_secrets(url))


def _check_wire_name(wire_name: object) -> None:
    if not (isinstance(wire_name, str) and is_wire_name(wire_name)):
        message = "call() takes the name of an operation in the form 'Service/Method'."
        raise ConfigurationError(message)


def _check_known(known: Operation[Any, Any], wire_name: str, body: object) -> None:
    """Refuse unlisted values, and reversed periods, in the plain body of a known operation."""
    problems = request_checks.check_known(known.request, body)
    if problems:
        raise InvalidRequestError(problems, operation=wire_name)


def _refuse_model(row: Operation[Any, Any], body: object) -> None:
    if isinstance(body, Model):
        raise InvalidRequestError((f"body takes a mapping, not {kind_of(body)}",), operation=row.name)


def _is_later_page(operation: Operation[Any, Any], request: Any) -> bool:
    """Return whether *request* asks for a page after the first one."""
    cursor = _cursor(operation, request)
    return bool(cursor) and (operation.pages is None or cursor not in ("0", "1"))


def _call_end(
    effect: Effect, seconds: float, loop: RetryLoop, failure: BaseException | None
) -> hooks.CallEnd:
    attempts = loop.attempts
    if failure is None:
        return hooks.CallEnd(outcome=hooks.OK, seconds=seconds, attempts=attempts)
    is_cancelled = isinstance(failure, asyncio.CancelledError)
    return hooks.CallEnd(
        outcome=hooks.CANCELLED if is_cancelled else hooks.ERROR,
        seconds=seconds,
        attempts=attempts,
        error=type(failure).__name__,
        # The text of an unlisted code may be anything.
        code=type(failure).code if isinstance(failure, APIError) and failure.code is not None else None,
        may_have_happened=(
            failure.may_have_happened
            if isinstance(failure, EtelecomError)
            else policy.left_a_doubt(attempts, effect)
        ),
    )


_BITS: Final = 64
"""Bits of a page number, at the most."""


def _cursor(operation: Operation[Any, Any], request: Any) -> str | None:
    """Return the cursor of the first page that *request* asks for."""
    if operation.pages is not None:
        number = plain_scalar(getattr(request, operation.pages.request))
        if number is None or (type(number) is int and number.bit_length() < _BITS):
            return None if number is None else str(number)
        return "?"  # refused when it is encoded
    paging: Paging | None = getattr(request, "paging", None)
    return None if paging is None else paging.after


def _after(operation: Operation[Any, Any], request: Any, cursor: str | None) -> Any:
    """Return *request* for the page after *cursor*."""
    if operation.pages is not None:
        if cursor == _cursor(operation, request):
            return request  # the first page is what was asked for, checked when it is encoded
        if cursor is not None and not cursor.isdecimal():
            message = (
                "resume= is not a checkpoint of this list; it takes the text that checkpoint() returned."
            )
            raise PagingError(message, operation=operation.name)
        number = None if cursor is None else int(cursor)
        return attrs.evolve(request, **{operation.pages.request: number})
    asked: Paging | None = getattr(request, "paging", None)
    if not hasattr(request, "paging") or (asked is not None and asked.after == cursor):
        return request  # the first page is what was asked for
    paging = asked or Paging()
    # `before` says where the first page is; then the cursor counts.
    before = paging.before if cursor is None or cursor == paging.after else None
    return attrs.evolve(request, paging=attrs.evolve(paging, after=cursor, before=before))


def _query(operation: Operation[Any, Any], request: Any) -> Any:
    """Return *request* without cursor and page size: what a checkpoint belongs to."""
    request = _after(operation, request, None)
    paging: Paging | None = getattr(request, "paging", None)
    return request if paging is None else attrs.evolve(request, paging=attrs.evolve(paging, limit=None))


_WARNED: Final[set[str]] = set()
"""Names of the inferred operations whose warning this process has shown."""


def _warn(name: str, wire_name: str) -> None:
    from etelecom_async._core.user_line import stack_level  # only a warning needs it

    warnings.warn(
        f"{name} is inferred, not documented: the name {wire_name} and its fields may be wrong; "
        "wire_names= corrects the name.",
        ProvisionalOperationWarning,
        stacklevel=stack_level(),
    )
