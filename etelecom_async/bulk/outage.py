"""Wait while the server cannot be reached, longer each time, and give up in the end."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from etelecom_async._core.clock import Clock

FIRST_WAIT: Final = 1.0
"""Seconds of the first wait; each further one is twice as long."""
LONGEST_WAIT: Final = 30.0


class Outage:
    """
    The time in which the server cannot be reached.

    Calls that fail together are one failure: they wait for the same moment.

    Args:
        clock: Waits.
        patience: Seconds without a connection after which the run gives up.
        tell: Called with the seconds of each wait.
    """

    def __init__(self, clock: Clock, patience: float, tell: Callable[[float], None]) -> None:
        self._clock = clock
        self._patience = patience
        self._tell = tell
        self._began: float | None = None
        self._wait = 0.0
        self._until = 0.0

    def failed(self) -> bool:
        """Record a call that could not connect; return whether the run should give up."""
        now = self._clock.now()
        if self._began is None:
            self._began = now
        if now >= self._until:  # else the call started before the wait
            self._wait = min(LONGEST_WAIT, 2 * self._wait) or FIRST_WAIT
            self._until = now + self._wait
            self._tell(self._wait)
        return now - self._began >= self._patience

    def ended(self) -> None:
        """Record a call that reached the server."""
        if self._began is not None:
            self._began = None
            self._wait = 0.0

    def seconds(self) -> float:
        """Return the seconds until the next try; 0 without an outage."""
        return 0.0 if self._began is None else max(0.0, self._until - self._clock.now())
