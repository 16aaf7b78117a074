"""
Hooks: what the caller, the log and telemetry see of each call.

A hook is called with a `Call` when the call starts. It returns an observer, or `None`. The observer hears of
each attempt and of the end of the call. It may keep whatever it needs from start to end, for example a span.

Hooks run in the task of the call, outside of any `except` block, so they cannot see the error's frames. The
SDK logs what a hook raises, and drops it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from typing import Final, TypeAlias, TypeVar

import attrs

from etelecom_async._core.operation import Effect
from etelecom_async.errors import Attempt

ArgumentT = TypeVar("ArgumentT")

OK: Final = "ok"
"""The outcome of a call or an attempt that succeeded."""
CANCELLED: Final = "cancelled"
"""The outcome of a call or an attempt that the caller cancelled."""
ERROR: Final = "error"
"""The outcome of a call that ended with an error."""

logger = logging.getLogger("etelecom_async")


@attrs.frozen(kw_only=True)
class Call:
    """A call that starts: its request is complete, and nothing was sent yet."""

    operation: str
    """Public name, for example `shop.extensions.create`."""
    wire_name: str
    """Service and method, for example `Etelecom/CreateExtension`."""
    effect: Effect


@attrs.frozen(kw_only=True)
class CallEnd:
    """A call that ended, with everything that was tried."""

    outcome: str
    """`ok`, `cancelled` or `error`."""
    seconds: float
    """Seconds from the start of the call to its end, including all waits."""
    attempts: tuple[Attempt, ...]
    """The attempts, first to last; none if the call ended before its turn."""
    error: str | None = None
    """Name of the error's class, for example `NotFoundError`."""
    may_have_happened: bool = False
    """Whether the server may have executed the call in spite of the error."""


class CallObserver:
    """
    Hears of one call. Override the methods that you need; the others do nothing.

    The class itself can be the hook, if its constructor takes the `Call`.
    """

    def attempt_started(self, number: int) -> None:
        """Hear that attempt *number* (1 for the first) has its turn and is sent now."""

    def attempt_ended(self, attempt: Attempt) -> None:
        """Hear how an attempt ended, and how long the client waits before the next one."""

    def call_ended(self, end: CallEnd) -> None:
        """Hear how the call ended. Nothing follows."""


Hook: TypeAlias = Callable[[Call], CallObserver | None]


def attempt_hook(function: Callable[[Attempt], object]) -> Hook:
    """
    Return a hook that calls *function* after each attempt.

    Args:
        function: Takes the `Attempt`. It must be quick, and must not wait.
    """

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
        if logger.isEnabledFor(logging.DEBUG):
            self._observers.append(_Log())
        for hook in hooks:
            observer = self._safely(hook, call)
            if isinstance(observer, CallObserver):
                self._observers.append(observer)
            elif observer is not None:
                kind = type(observer).__name__
                logger.error("%s: a hook returned %s, not a CallObserver or None", call.operation, kind)

    def attempt_started(self, number: int) -> None:
        """Tell all observers that an attempt starts."""
        for observer in self._observers:
            self._safely(observer.attempt_started, number)

    def attempt_ended(self, attempt: Attempt) -> None:
        """Tell all observers how an attempt ended, the last to start first."""
        for observer in reversed(self._observers):
            self._safely(observer.attempt_ended, attempt)

    def call_ended(self, end: CallEnd) -> None:
        """Tell all observers how the call ended, the last to start first."""
        for observer in reversed(self._observers):
            self._safely(observer.call_ended, end)

    def _safely(self, function: Callable[[ArgumentT], object], argument: ArgumentT) -> object:
        try:
            return function(argument)
        except (Exception, asyncio.CancelledError):
            logger.exception("%s: a hook failed", self._operation)
            return None


class _Log(CallObserver):
    """Writes a line for each attempt at DEBUG."""

    def attempt_ended(self, attempt: Attempt) -> None:
        retry = "" if attempt.wait is None else f", retry in {attempt.wait:.2f} s"
        logger.debug(
            "%s: attempt %d %s (HTTP %s) after %.3f s%s",
            attempt.operation,
            attempt.number,
            attempt.outcome,
            attempt.status,
            attempt.seconds,
            retry,
        )
