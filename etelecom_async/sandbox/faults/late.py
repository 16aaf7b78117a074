"""
Calls that are executed after their connection has ended, as a proxy that kept the request does.

The clock of the sandbox decides when. No task runs in the background: the next request, or the next look at
the counts, executes the calls that are due. Each sees the time at which it was due.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from etelecom_async.sandbox.store.clock import Clock

_Execute = Callable[[datetime], None]
SavedCalls = list[tuple[datetime, int, _Execute]]
"""Waiting calls that were saved."""


class LateCalls:
    """
    The late calls of one sandbox; they end with it.

    Args:
        clock: The clock of the sandbox.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock: Final = clock
        self._number = 0
        self._waiting: Final[list[tuple[datetime, int, _Execute]]] = []

    def schedule(self, seconds: float, execute: _Execute) -> None:
        """
        Schedule a call.

        Args:
            seconds: Seconds from now.
            execute: Executes the call; gets the time at which it was due.
        """
        self._number += 1
        due = self._clock.now() + timedelta(seconds=seconds)
        heapq.heappush(self._waiting, (due, self._number, execute))

    def save(self) -> SavedCalls:
        """Return a copy of the waiting calls, for `restore`."""
        return list(self._waiting)

    def restore(self, saved: SavedCalls) -> None:
        """Return to saved calls."""
        self._waiting[:] = saved

    def execute_due(self) -> None:
        """Execute the calls that are due, oldest first."""
        while self._waiting and self._waiting[0][0] <= self._clock.now():
            due, _, execute = heapq.heappop(self._waiting)
            execute(due)
