"""A clock for clients that stands still until something waits, so that waits take no time."""

from __future__ import annotations

import asyncio
import math
from datetime import timedelta
from typing import Final

import attrs

from etelecom_async._core.calls.engine import Engine
from etelecom_async._core.calls.limiter import Limiters
from etelecom_async._core.clock import Clock
from etelecom_async.sandbox import Sandbox
from etelecom_async.testing.diversion import Diversion

_TURNS: Final = 10
"""Turns of the event loop in which other tasks can start their waits, before a wait ends."""
_START: Final = 1000.0


class DrivenClock(Diversion):
    """
    A clock that moves only when a client waits, or when the test advances it.

    Waits between attempts, pauses, the rate and deadlines follow it. Waits of several tasks overlap, as in
    real time. The timeout of one attempt over a connection is real: only scripted replies follow the clock
    there.

        with DrivenClock() as clock:
            async with ShopClient(key, base_url=service.base_url) as shop:
                ...
        assert clock.waits == [0.5, 1.0]

    Args:
        *sandboxes: Sandboxes whose clocks advance together with this one.
    """

    def __init__(self, *sandboxes: Sandbox) -> None:
        super().__init__()
        self.waits: Final[list[float]] = []
        """Seconds of each wait of a client, in the order in which the waits started."""
        self._sandboxes: Final = sandboxes
        self._now = _START
        self._due: list[float] = []
        self._clock: Final = Clock(lambda: self._now, self._wait)

    @property
    def elapsed(self) -> float:
        """Return the seconds that have passed on this clock."""
        return self._now - _START

    def advance(self, by: float | timedelta) -> None:
        """
        Advance the clock, and those of its sandboxes.

        Args:
            by: Seconds, or a timedelta.

        Raises:
            ValueError: The clock would go back, or the number is not finite.
        """
        seconds = by.total_seconds() if isinstance(by, timedelta) else float(by)
        if not 0 <= seconds < math.inf:
            raise ValueError(f"the clock advances by a number of seconds, 0 or more, not by {seconds:g}")
        self._move_to(self._now + seconds)

    async def sleep(self, seconds: float) -> None:
        """Let this number of seconds pass; other tasks that wait for less go on first."""
        due = self._now + seconds
        self._due.append(due)
        try:
            for _ in range(_TURNS):
                await asyncio.sleep(0)
            while min(self._due) < due:  # noqa: ASYNC110 - other event loops may wait on this clock, too
                await asyncio.sleep(0)
            self._move_to(due)
        finally:
            self._due.remove(due)

    async def _wait(self, seconds: float) -> None:
        self.waits.append(seconds)
        await self.sleep(seconds)

    def _move_to(self, moment: float) -> None:
        seconds = moment - self._now
        if seconds <= 0:
            return
        self._now = moment
        for service in self._sandboxes:
            service.advance(timedelta(seconds=seconds))

    def changed(self, engine: Engine) -> Engine:
        """Return *engine* with this clock, and with limiters that follow it."""
        options = engine.options
        if options.clock is self._clock:
            return engine
        return attrs.evolve(
            engine,
            options=attrs.evolve(options, clock=self._clock),
            limiters=Limiters(options.concurrency, options.rate, self._clock),
        )
