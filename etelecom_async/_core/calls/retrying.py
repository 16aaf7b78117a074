"""
The retry loop of one call: its attempts, the waits between them, and what observers hear of them.

It knows neither JSON nor connections; it takes a function that makes one attempt.
"""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import attrs
import tenacity

from etelecom_async._core import hooks
from etelecom_async._core.calls import policy
from etelecom_async._core.calls.admission import Admission
from etelecom_async._core.calls.limiter import CapacityLimiter
from etelecom_async._core.calls.options import NO_LIMIT, Options
from etelecom_async._core.calls.policy import Failure
from etelecom_async._core.operation import Effect
from etelecom_async.errors import (
    APIError,
    Attempt,
    ClientClosedError,
    ConfigurationError,
    DecodeError,
    EtelecomError,
    QueueTimeoutError,
)

MakeAttempt = Callable[[float], Awaitable[tuple[object, int]]]
"""Makes one attempt within the given seconds; returns result and HTTP status."""


@attrs.frozen
class _Retry:
    """What an attempt returns if it failed, and the call is retried after *wait* seconds."""

    wait: float


class RetryLoop:
    """
    The attempts of one call.

    Args:
        operation: Public name of the operation.
        effect: What the call does to the world.
        make_attempt: Makes one attempt.
        can_resend: Whether the request can be sent again.
        limiter: Where each attempt waits for its turn.
        options: Deadline, retry policy and clock.
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
        observers: hooks.Observers | None = None,
    ) -> None:
        self._operation = operation
        self._effect = effect
        self._make_attempt = make_attempt
        self._can_resend = can_resend
        self._limiter = limiter
        self._options = options
        self._observers = observers
        self._attempts: list[Attempt] = []
        self._admission = Admission(limiter, operation)
        self.started = 0.0
        """When the first attempt started, by the clock."""
        self._attempt_started = 0.0
        self.gave_up: policy.NoRetry | None = None
        """Why the call failed without another attempt, if one might have succeeded."""
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
        Make the first attempt, and retry it as long as that is safe and there is time.

        Raises:
            EtelecomError: The last failure.
        """
        try:
            # The deadline starts here: time in the queue does not count.
            has_limit = self._options.queue_timeout != NO_LIMIT
            turn = self._take_turn_in_time() if has_limit else self._admission.acquire()
            self.started = self._attempt_started = await turn
            result = await self._attempt(self._options.deadline)
            return await self._repeat(result) if isinstance(result, _Retry) else result
        finally:
            self._admission.end()

    async def run_after(self, failure: EtelecomError, started: float) -> object:
        """
        Continue after a first attempt that started at *started* and ended with *failure*.

        Raises:
            EtelecomError: The last failure.
        """
        self.started = self._attempt_started = started
        try:
            wait = self._failed(failure)
            if wait is None:
                raise failure
            return await self._repeat(_Retry(wait))
        finally:
            self._admission.end()

    async def _repeat(self, first: _Retry) -> object:
        """Wait, and retry until an attempt succeeds or the policy ends the call."""
        made = [first]

        async def attempt() -> object:
            # tenacity counts from the first attempt, which was made before: most calls need no retry.
            return made.pop() if made else await self._retry()

        retrying = tenacity.AsyncRetrying(
            retry=tenacity.retry_if_result(_is_retry), wait=_wait_of, sleep=self._options.clock.sleep
        )
        return await retrying(attempt)

    async def _retry(self) -> object:
        """Wait for a turn, and make an attempt."""
        left = self._time_left(self._options.clock.now())
        try:
            async with asyncio.timeout(None if left == math.inf else left):
                started = await self._admission.acquire(is_retry=True)
        except TimeoutError:
            self.gave_up = "deadline"
            raise self._last from self._last.__cause__  # no turn came in time
        except ConfigurationError:
            self.gave_up = "rate"
            raise self._last from self._last.__cause__  # the earlier attempt may have been executed
        left = self._time_left(started)
        if left <= 0:
            self._admission.release()
            self.gave_up = "deadline"
            raise self._last from self._last.__cause__  # no time is left to send it again
        self._attempt_started = started
        return await self._attempt(left)

    async def _take_turn_in_time(self) -> float:
        """Wait for the first turn, but not longer than *queue_timeout*; return the time of the clock."""
        seconds = self._options.queue_timeout
        pause = self._limiter.pause()
        if pause < seconds:
            began = self._options.clock.now()
            try:
                async with asyncio.timeout(seconds):
                    started = await self._admission.acquire()
                if started - began <= seconds:
                    return started
                self._limiter.give_back()  # the event loop was blocked, or a test drives the clock
            except TimeoutError:
                pass
            pause = self._limiter.pause()
        # Outside of `except`, so that the error has no context. A pause never becomes shorter, so the client
        # does not wait for one that is too long.
        self.gave_up = "queue_timeout"
        message = f"the call cannot start within {seconds:g} s (queue_timeout), so nothing was sent."
        if pause:
            message += f" The server throttled an earlier call, so all calls pause for another {pause:.1f} s."
        raise QueueTimeoutError(message, operation=self._operation)

    async def _attempt(self, seconds: float) -> object:
        """Make an attempt within *seconds*; return its result, or a `_Retry` if another one follows."""
        failure: BaseException
        if self._observers is not None:
            self._observers.attempt_started(self._number())
        try:
            result, status = await self._make_attempt(seconds)
        except BaseException as error:  # noqa: BLE001 - `_failed` decides, and it is raised again below
            failure = error
        else:
            self._admission.succeeded()
            self._record(self._options.clock.now(), hooks.OK, status)
            return result
        # Outside of `except`, where an observer could see the error's frames.
        try:
            wait = self._failed(failure)
            if wait is None:
                raise failure
            return _Retry(wait)
        finally:
            del failure

    def _failed(self, failure: BaseException) -> float | None:
        """Record a failed attempt; return the seconds to wait before a retry, or `None` for none."""
        now = self._options.clock.now()
        if not isinstance(failure, EtelecomError):
            self._admission.release()
            is_cancelled = isinstance(failure, asyncio.CancelledError)
            # Other code raised it, at an unknown point.
            self._record(now, hooks.CANCELLED if is_cancelled else Failure.DOUBT)
            return None
        self._last = failure
        decision = policy.decide(
            failure,
            self._effect,
            self._options.retry,
            retry=self._number(),
            can_resend=self._can_resend(),
        )
        pause_before = self._limiter.pause()
        decision = self._admission.failed(decision, self._time_left(now))
        self.gave_up = decision.reason
        status = failure.status if isinstance(failure, APIError | DecodeError) else None
        is_sent = not isinstance(failure, ClientClosedError)
        self._record(now, decision.failure, status, decision.wait, is_sent=is_sent)
        if decision.failure is Failure.THROTTLED:
            from etelecom_async._core import logs  # few calls log anything

            added = self._limiter.pause() - pause_before  # not above 0 if the pause stays as it was
            if self._observers is not None and added > 0:
                self._observers.paused(added)
            if pause := self._limiter.pause_to_report(logs.LONG_PAUSE):
                logs.paused(self._operation, pause)
        return decision.wait

    def seconds(self) -> float | None:
        """Return the seconds since the first attempt started; `None` without an attempt."""
        return self._options.clock.now() - self.started if self._attempts else None

    def _time_left(self, now: float) -> float:
        return self._options.deadline - (now - self.started)

    def _number(self) -> int:
        """Return the number of the current attempt."""
        return len(self._attempts) + 1

    def _record(
        self,
        now: float,
        outcome: str,
        status: int | None = None,
        wait: float | None = None,
        *,
        is_sent: bool = True,
    ) -> None:
        attempt = Attempt(
            operation=self._operation,
            number=self._number(),
            seconds=now - self._attempt_started,
            outcome=outcome,
            status=status,
            wait=wait,
        )
        if is_sent:
            self._attempts.append(attempt)
        if self._observers is not None:
            self._observers.attempt_ended(attempt)
        if hooks.logger.isEnabledFor(logging.INFO):
            from etelecom_async._core import logs  # few calls log anything

            logs.attempt_ended(attempt)


def _is_retry(result: object) -> bool:
    return isinstance(result, _Retry)


def _wait_of(state: tenacity.RetryCallState) -> float:
    """Return the wait that the failed attempt asked for."""
    result = state.outcome and state.outcome.result()
    return result.wait if isinstance(result, _Retry) else 0.0
