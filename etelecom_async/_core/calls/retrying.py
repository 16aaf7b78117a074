"""
The retry loop of one call: its attempts, the waits between them, and what observers hear of them.

It knows neither JSON nor connections: it is given a function that makes one attempt.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import tenacity

from etelecom_async._core import hooks
from etelecom_async._core.calls import policy
from etelecom_async._core.calls.limiter import CapacityLimiter
from etelecom_async._core.calls.options import Options
from etelecom_async._core.calls.policy import Failure
from etelecom_async._core.operation import Effect
from etelecom_async.errors import APIError, Attempt, ClientClosedError, DecodeError, EtelecomError

MakeAttempt = Callable[[float], Awaitable[tuple[object, int]]]
"""Makes one attempt within the given seconds, and releases its turn. Returns result and HTTP status."""


class _Retry(Exception):  # noqa: N818 - a signal to tenacity, not an error
    """The attempt failed, and the call is retried after *wait* seconds."""

    def __init__(self, wait: float) -> None:
        super().__init__(wait)
        self.wait = wait


class RetryLoop:
    """
    The attempts of one call.

    Args:
        operation: Public name of the operation.
        effect: What the call does to the world.
        make_attempt: Makes one attempt.
        can_resend: Whether the request can be sent again.
        limiter: Where each retry waits for its turn; *make_attempt* releases it.
        options: Deadline, retry policy and clock.
        started: When the first attempt started, by the clock.
        observers: Hear of each attempt, if there are any.
    """

    def __init__(
        self,
        operation: str,
        effect: Effect,
        make_attempt: MakeAttempt,
        can_resend: Callable[[], bool],
        limiter: CapacityLimiter,
        *,
        options: Options,
        started: float,
        observers: hooks.Observers | None = None,
    ) -> None:
        self._operation = operation
        self._effect = effect
        self._make_attempt = make_attempt
        self._can_resend = can_resend
        self._limiter = limiter
        self._options = options
        self._started = started
        self._attempt_started = started
        self._observers = observers
        self._attempts: list[Attempt] = []
        self._last: EtelecomError

    @property
    def attempts(self) -> tuple[Attempt, ...]:
        """The finished attempts, first to last."""
        return tuple(self._attempts)

    def last_attempt_at(self) -> datetime:
        """Return when the last attempt started."""
        return datetime.now(UTC) - timedelta(seconds=self._options.clock.now() - self._attempt_started)

    async def run(self) -> object:
        """
        Make the first attempt, which has its turn, and retry it as long as that is safe and there is time.

        Raises:
            EtelecomError: The last failure.
        """
        try:
            return await self._attempt(self._options.deadline)
        except _Retry as retry:
            wait = retry.wait
        return await self._repeat(wait)

    async def run_after(self, failure: EtelecomError) -> object:
        """
        Continue after a first attempt that ended with *failure*.

        Raises:
            EtelecomError: The last failure.
        """
        wait = self._failed(failure)
        if wait is None:
            raise failure
        return await self._repeat(wait)

    async def _repeat(self, wait: float) -> object:
        """Wait, and retry until an attempt succeeds or the policy ends the call."""
        first = [wait]

        async def attempt() -> object:
            # tenacity counts from the first attempt, which was made without it: most calls need no retry.
            if first:
                raise _Retry(first.pop())
            return await self._retry()

        retrying = tenacity.AsyncRetrying(
            retry=tenacity.retry_if_exception_type(_Retry), wait=_wait_of, sleep=self._options.clock.sleep
        )
        return await retrying(attempt)

    async def _retry(self) -> object:
        """Wait for a turn, and make an attempt."""
        left = self._time_left()
        try:
            async with asyncio.timeout(None if left == math.inf else left):
                started = await self._limiter.acquire(is_retry=True)
        except TimeoutError:
            raise self._last from self._last.__cause__  # no turn came in time
        left = self._time_left()
        if left <= 0:
            self._limiter.release()
            raise self._last from self._last.__cause__  # no time is left to send it again
        self._attempt_started = started
        return await self._attempt(left)

    async def _attempt(self, seconds: float) -> object:
        """Make an attempt within *seconds*; raise `_Retry` if another one follows."""
        failure: EtelecomError | asyncio.CancelledError
        if self._observers is not None:
            self._observers.attempt_started(self._number())
        try:
            result, status = await self._make_attempt(seconds)
        except (EtelecomError, asyncio.CancelledError) as error:
            failure = error
        else:
            self._record(hooks.OK, status)
            return result
        # Outside of `except`, where an observer could see the error's frames.
        try:
            wait = self._failed(failure)
            if wait is None:
                raise failure
            raise _Retry(wait)
        finally:
            del failure

    def _failed(self, failure: EtelecomError | asyncio.CancelledError) -> float | None:
        """Record a failed attempt; return the seconds to wait before a retry, or `None` for none."""
        if isinstance(failure, asyncio.CancelledError):
            self._record(hooks.CANCELLED)
            return None
        self._last = failure
        kind = policy.classify(failure)
        pause = (
            self._limiter.on_throttle(_retry_after(failure))
            if kind is Failure.THROTTLED
            else self._limiter.pause()
        )
        wait: float | None = None
        if self._can_resend():
            wait = policy.retry_wait(
                failure, kind, self._effect, self._options.retry, retry=self._number(), pause=pause
            )
        if wait is not None and wait >= self._time_left():
            wait = None  # the client does not wait past the deadline
        status = failure.status if isinstance(failure, APIError | DecodeError) else None
        self._record(kind, status, wait, is_sent=not isinstance(failure, ClientClosedError))
        return wait

    def _time_left(self) -> float:
        return self._options.deadline - (self._options.clock.now() - self._started)

    def _number(self) -> int:
        """Return the number of the current attempt."""
        return len(self._attempts) + 1

    def _record(
        self, outcome: str, status: int | None = None, wait: float | None = None, *, is_sent: bool = True
    ) -> None:
        attempt = Attempt(
            operation=self._operation,
            number=self._number(),
            seconds=self._options.clock.now() - self._attempt_started,
            outcome=outcome,
            status=status,
            wait=wait,
        )
        if is_sent:
            self._attempts.append(attempt)
        if self._observers is not None:
            self._observers.attempt_ended(attempt)


def _retry_after(failure: EtelecomError) -> float | None:
    """Return the seconds that the server asks to wait."""
    return failure.retry_after if isinstance(failure, APIError) else None


def _wait_of(state: tenacity.RetryCallState) -> float:
    """Return the wait that the failed attempt asked for."""
    failure = state.outcome and state.outcome.exception()
    return failure.wait if isinstance(failure, _Retry) else 0.0
