"""
What one call may do now: its turn in the limiter, and its part in a hold of its operation.

It joins the retry policy's decision with the state of the limiter. It sends nothing.
"""

from __future__ import annotations

from typing import Final

import attrs

from etelecom_async._core.calls.limiter import CapacityLimiter, Hold, Turn
from etelecom_async._core.calls.policy import Failure, RetryDecision

_NOT_THROTTLED: Final = frozenset((Failure.REJECTED, Failure.DOUBT))
"""Failures after which the server takes calls again, if it throttled before."""


class Admission:
    """
    The turns of one call.

    Args:
        limiter: Where each attempt waits for its turn.
        operation: Public name of the operation.
    """

    def __init__(self, limiter: CapacityLimiter, operation: str) -> None:
        self._limiter = limiter
        self._operation = operation
        self._turn = Turn.FREE
        self._hold: Hold | None = None
        """The hold that this call probes for, or that let it go."""

    async def acquire(self, *, is_retry: bool = False) -> float:
        """
        Wait while the operation is held, then for a turn; return the time of the clock.

        Each turn must be released: by `succeeded`, `failed` or `release`.
        """
        limiter = self._limiter
        while True:
            if self._hold is None and self._operation in limiter.holds:
                self._hold, self._turn = await limiter.wait_while_held(self._operation)
            started = await limiter.acquire(is_retry=is_retry)
            if self._hold is not None or self._operation not in limiter.holds:
                return started
            limiter.give_back(is_retry=is_retry)  # another call was throttled meanwhile

    def release(self) -> None:
        """Give up the turn of an attempt that tells nothing about the server."""
        self._limiter.release()

    def succeeded(self) -> None:
        """Release the turn of an attempt that succeeded."""
        self._limiter.release_after_success()
        self._leave_hold(went_through=True)

    def failed(self, decision: RetryDecision, time_left: float) -> RetryDecision:
        """
        Release the turn of an attempt that failed, and return what to do.

        Args:
            decision: What the retry policy says.
            time_left: Seconds until the deadline of the call.
        """
        is_throttled = decision.failure is Failure.THROTTLED
        pause = self._limiter.release_after_failure(decision.retry_after, is_throttled=is_throttled)
        if decision.wait is not None:
            wait = max(decision.wait, pause)
            # The client does not wait past the deadline.
            in_time = wait < time_left
            decision = attrs.evolve(decision, wait=wait) if in_time else decision.give_up("deadline")
        if is_throttled:
            return self._throttled(decision)
        if decision.failure in _NOT_THROTTLED:
            self._leave_hold(went_through=True)
        elif self._turn is not Turn.PROBE:
            self._leave_hold(went_through=False)
        return decision

    def _throttled(self, decision: RetryDecision) -> RetryDecision:
        """Hold the operation, or end what a hold allowed."""
        asks_for_time = decision.retry_after is not None
        if decision.wait is not None and self._turn is Turn.LAST and not asks_for_time:
            decision = decision.give_up("throttled")
        if decision.wait is None:
            self._give_up_hold()
        elif self._turn is not Turn.PROBE and (asks_for_time or not self._becomes_probe()):
            self._leave_hold(went_through=False)
        return decision

    def _becomes_probe(self) -> bool:
        """Hold the operation; return whether this call probes for the others now."""
        hold, is_probe = self._limiter.hold(self._operation)
        if is_probe:
            self._hold, self._turn = hold, Turn.PROBE
        return is_probe

    def _give_up_hold(self) -> None:
        """Leave the hold; without the probe, the others get their last attempt."""
        if self._turn is Turn.PROBE and self._hold is not None:
            hold, self._hold, self._turn = self._hold, None, Turn.FREE
            self._limiter.give_up(self._operation, hold)
        else:
            self._leave_hold(went_through=False)

    def end(self) -> None:
        """End the call, whatever it was allowed to do."""
        self._leave_hold(went_through=False)

    def _leave_hold(self, *, went_through: bool) -> None:
        """Let others go on, if this call was let go by a hold."""
        hold, turn = self._hold, self._turn
        self._hold, self._turn = None, Turn.FREE
        if hold is not None:
            self._limiter.leave(self._operation, hold, turn, went_through=went_through)
