"""
A call after its first failure: what was tried, what is told of it, and whether there is another try.

The room knows neither JSON nor connections: it is given a function that makes one attempt.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

from etelecom_async._core import hooks
from etelecom_async._core.calls import policy
from etelecom_async._core.calls.limiter import CapacityLimiter
from etelecom_async._core.calls.options import Options
from etelecom_async._core.operation import Effect
from etelecom_async.errors import APIError, Attempt, ClientClosedError, DecodeError, EtelecomError

Once = Callable[[float], Awaitable[tuple[object, int]]]
"""Makes one attempt within the seconds that are left; gives the result and the HTTP status."""


class Repetition:
    """
    The attempts of one call.

    Args:
        operation: Public name of the operation.
        effect: What the call does to the world.
        once: Makes one attempt.
        is_spent: Tells whether the request cannot be sent again.
        limiter: Where each attempt waits for its turn, which *once* gives back.
        options: Deadline, policy and hooks.
        started: When the first attempt began, by the clock.
        first: How it failed.
    """

    def __init__(
        self,
        operation: str,
        effect: Effect,
        once: Once,
        is_spent: Callable[[], bool],
        limiter: CapacityLimiter,
        *,
        options: Options,
        started: float,
        first: EtelecomError,
    ) -> None:
        self._operation = operation
        self._effect = effect
        self._once = once
        self._is_spent = is_spent
        self._limiter = limiter
        self._options = options
        self._started = started
        self._began = started
        self._last = first
        self._noted: EtelecomError | None = None
        self._attempts: list[Attempt] = []

    async def run(self) -> object:
        """
        Make the call again, as long as that is safe and there is time.

        Raises:
            EtelecomError: The last failure.
        """
        try:
            return await policy.repeat(
                self._last,
                self._attempt,
                effect=self._effect,
                policy=self._options.retry,
                time_left=self._time_left,
                sleep=self._options.clock.sleep,
                pause=self._limiter.pause,
                before_wait=self._note_failure,
            )
        except EtelecomError:
            self._note_failure()
            raise

    @property
    def attempts(self) -> tuple[Attempt, ...]:
        """What was tried, first to last."""
        return tuple(self._attempts)

    def last_began(self) -> datetime:
        """Return when the last attempt began."""
        return datetime.now(UTC) - timedelta(seconds=self._options.clock.now() - self._began)

    async def _attempt(self) -> object:
        left = self._time_left()
        try:
            async with asyncio.timeout(None if left == math.inf else left):
                began = await self._limiter.acquire(is_retry=True)
        except TimeoutError:
            raise self._last from self._last.__cause__  # the turn did not come in time
        left = self._time_left()
        if left <= 0:
            self._limiter.release()
            raise self._last from self._last.__cause__  # there is no time left to send it again
        self._began = began
        try:
            result, status = await self._once(left)
        except EtelecomError as error:
            self._last = error
            raise
        except asyncio.CancelledError:
            self._note(hooks.CANCELLED)
            raise
        self._note(hooks.OK, status)
        return result

    def _time_left(self) -> float:
        if self._is_spent():
            return 0.0
        return self._options.deadline - (self._options.clock.now() - self._started)

    def _note_failure(self, wait: float | None = None) -> None:
        last = self._last
        if last is not self._noted and not isinstance(last, ClientClosedError):
            status = last.status if isinstance(last, APIError | DecodeError) else None
            self._note(policy.classify(last), status, wait)
        self._noted = last

    def _note(self, outcome: str, status: int | None = None, wait: float | None = None) -> None:
        attempt = Attempt(
            operation=self._operation,
            number=len(self._attempts) + 1,
            seconds=self._options.clock.now() - self._began,
            outcome=outcome,
            status=status,
            wait=wait,
        )
        self._attempts.append(attempt)
        hooks.emit(self._options.hooks, attempt)
