"""
Call the hooks, which report each call to the caller and to telemetry.

A hook is called with a `Call` when the call starts. It returns an observer, or `None`. The observer is called
for each attempt and for the end of the call. It may keep data from start to end, for example a span. It may
also set a context variable: the attempt runs in the same context, and so does the HTTP request.

Hooks run in the task of the call, outside of any `except` block, so they cannot see the error's frames. The
SDK logs and ignores an exception that a hook raises.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from typing import Final, Protocol, TypeAlias, TypeVar

import attrs

from etelecom_async._core.operation import Effect
from etelecom_async._core.values import kind_of
from etelecom_async.errors import Attempt, ConfigurationError

ArgumentT = TypeVar("ArgumentT")

OK: Final = "ok"
"""The outcome of a call or an attempt that succeeded."""
CANCELLED: Final = "cancelled"
"""The outcome of a call or an attempt that the caller cancelled."""
ERROR: Final = "error"
"""The outcome of a call that ended with an error."""

logger: Final = logging.getLogger(__name__.partition(".")[0])
"""The logger of `logs`, which is imported only when there is something to log."""


class LimiterView(Protocol):
    """
    The limiter of a call, which reads its numbers when you ask for them.

    Reads and other calls of a key have separate limiters. They belong to one event loop.
    """

    @property
    def in_flight(self) -> int:
        """Attempts that have their turn."""
        ...

    @property
    def waiting(self) -> int:
        """Calls that wait for their turn."""
        ...

    @property
    def limit(self) -> float:
        """Maximum number of attempts in flight; it falls when the server throttles, and rises again."""
        ...


@attrs.frozen(kw_only=True)
class Call:
    """A call that starts: its request is complete, and nothing has been sent."""

    operation: str
    """Public name, for example `shop.extensions.create`."""
    wire_name: str
    """Service and method, for example `Etelecom/CreateExtension`."""
    effect: Effect
    server_address: str
    """Host of the base URL, for example `api.etelecom.vn`."""
    server_port: int
    """Port of the base URL, for example 443."""
    limiter: LimiterView = attrs.field(eq=False, repr=False)
    """Where the call waits for its turn. The same object for all calls that wait together."""


@attrs.frozen(kw_only=True)
class CallEnd:
    """A call that ended, with all its attempts."""

    outcome: str
    """`ok`, `cancelled` or `error`."""
    seconds: float
    """Seconds from the start of the call to its end, including all waits."""
    attempts: tuple[Attempt, ...]
    """The attempts, first to last; none if the call ended before its turn."""
    error: str | None = None
    """Name of the error's class, for example `NotFoundError`."""
    code: str | None = None
    """The code of the API in the last response, for example `not_found`; `None` without a listed code."""
    may_have_happened: bool = False
    """Whether the server may have executed the call despite the error."""


class CallObserver:
    """
    Observer of one call. Override the methods that you need; the others do nothing.

    The class itself can be the hook, if its constructor takes the `Call`.
    """

    def attempt_started(self, number: int) -> None:
        """Handle the start of attempt *number* (1 for the first), after the wait for its turn."""

    def attempt_ended(self, attempt: Attempt) -> None:
        """Handle the end of an attempt. `attempt.wait` is the wait before the next one."""

    def paused(self, seconds: float) -> None:
        """
        Handle a pause of all calls of the key, after the attempt that the server throttled has ended.

        Args:
            seconds: Seconds that this attempt adds to the pause; another attempt may have started the pause.
        """

    def call_ended(self, end: CallEnd) -> None:
        """Handle the end of the call. No other method is called after it."""


Hook: TypeAlias = Callable[[Call], CallObserver | None]


def attempt_hook(function: Callable[[Attempt], object]) -> Hook:
    """
    Return a hook that calls *function* after each attempt.

    Args:
        function: Takes the `Attempt`. It must be quick, and must not wait.

    Raises:
        ConfigurationError: *function* cannot be called.
    """
    given: object = function
    if not callable(given):
        message = f"attempt_hook takes a function, not {kind_of(given)}."
        raise ConfigurationError(message)

    class Observer(CallObserver):
        def attempt_ended(self, attempt: Attempt) -> None:
            function(attempt)

    return lambda _: Observer()


class Observers:
    """
    The observers of one call.

    Args:
        hooks: The hooks of the caller.
        call: The call that starts.
    """

    def __init__(self, hooks: Sequence[Hook], call: Call) -> None:
        self._operation = call.operation
        self._observers: list[CallObserver] = []
        for hook in hooks:
            observer = self._safely(hook, call)
            if isinstance(observer, CallObserver):
                self._observers.append(observer)
            elif observer is not None:
                kind = type(observer).__name__
                _failed(call.operation, f"a hook returned {kind}, not a CallObserver or None")

    def attempt_started(self, number: int) -> None:
        """Notify all observers that an attempt starts."""
        for observer in self._observers:
            self._safely(observer.attempt_started, number)

    def attempt_ended(self, attempt: Attempt) -> None:
        """Notify all observers that an attempt ended, in reverse order."""
        for observer in reversed(self._observers):
            self._safely(observer.attempt_ended, attempt)

    def paused(self, seconds: float) -> None:
        """Notify all observers that the call has paused all calls of its key."""
        for observer in self._observers:
            self._safely(observer.paused, seconds)

    def call_ended(self, end: CallEnd) -> None:
        """Notify all observers that the call ended, in reverse order."""
        for observer in reversed(self._observers):
            self._safely(observer.call_ended, end)

    def _safely(self, function: Callable[[ArgumentT], object], argument: ArgumentT) -> object:
        try:
            return function(argument)
        except (Exception, asyncio.CancelledError) as failure:  # noqa: BLE001 - a hook may raise anything; the log has it
            _failed(self._operation, "a hook failed", failure)
            return None


def _failed(operation: str, problem: str, failure: BaseException | None = None) -> None:
    from etelecom_async._core import logs  # few calls log anything

    logs.hook_failed(operation, problem, failure=failure)
