"""
How many calls are under way at a time, and how fast they follow each other.

Reads and writes have lanes of their own, so that a long list does not hold up a message. A lane narrows when
the server says that it is too much, and widens again while all goes well. The room knows no operation and
sends nothing.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Final

import attrs

from etelecom_async._core.operation import Effect

Sleep = Callable[[float], Awaitable[None]]

NARROWING: Final = 0.5
"""What a lane keeps of its width when a call is throttled."""
COOL_DOWN: Final = 1.0
"""Seconds in which no call of the client starts after a throttled one that names no time itself."""
LONGEST_COOL_DOWN: Final = 60.0
"""Seconds at the most, whatever the server names: after them a call may find out whether it goes on."""


@attrs.frozen(kw_only=True)
class LaneStats:
    """What goes on in one lane."""

    in_flight: int
    """Attempts under way."""
    queued: int
    """Calls that wait for their turn."""
    width: float
    """Attempts that may be under way at a time; it falls when the server throttles, and climbs back."""


class Limits:
    """
    The lanes of one key, and what they share.

    Args:
        concurrency: Attempts under way at a time, at the most, in each of the two lanes.
        rate: Calls that start within a second, at the most, repetitions not counted; `None` for any number.
    """

    def __init__(self, concurrency: int, rate: float | None) -> None:
        self._pace = _Pace(rate)
        self._concurrency = concurrency
        self._lanes: dict[tuple[asyncio.AbstractEventLoop, bool], Lane] = {}

    def lane(self, effect: Effect) -> Lane:
        """Return the lane of calls of this effect, in the running event loop."""
        key = (asyncio.get_running_loop(), effect is Effect.READ)
        lane = self._lanes.get(key)
        if lane is None:
            # A loop that is closed takes its waiting calls with it.
            # A copy, and no error where one is gone: loops of other threads do the same at the same time.
            for known in [known for known in list(self._lanes) if known[0].is_closed()]:
                self._lanes.pop(known, None)
            lane = self._lanes[key] = Lane(self._concurrency, self._pace)
        return lane

    def stats(self) -> dict[str, LaneStats]:
        """Return what goes on in the lanes, over all event loops."""
        lanes_of = list(self._lanes.items())
        return {
            name: LaneStats(
                in_flight=sum(lane.in_flight for lane in lanes),
                queued=sum(lane.queued for lane in lanes),
                width=sum(lane.width for lane in lanes),
            )
            for name, lanes in (
                ("reads", [lane for (_, reads), lane in lanes_of if reads]),
                ("writes", [lane for (_, reads), lane in lanes_of if not reads]),
            )
        }


class _Pace:
    """When the next call may start: the rate, and the cool-down that one throttled call gives to all."""

    def __init__(self, rate: float | None) -> None:
        self._gap = 0.0 if rate is None else 1.0 / rate
        self._next = 0.0
        self.throttles = 0

    def reserve(self) -> float:
        """Take the next start, and return the seconds until it is due."""
        if not self._gap and not self._next:
            return 0.0
        now = time.monotonic()
        start = max(now, self._next)
        if self._gap:
            self._next = start + self._gap
        return start - now

    def cool_down(self, seconds: float) -> None:
        self.throttles += 1
        self._next = max(self._next, time.monotonic() + min(seconds, LONGEST_COOL_DOWN))


class Lane:
    """
    The calls of one kind in one event loop: first come, first served.

    Args:
        width: Attempts under way at a time, at the most.
        pace: When the next call may start, shared with the other lanes of the key.
    """

    def __init__(self, width: int, pace: _Pace) -> None:
        self._widest = float(width)
        self._pace = pace
        self._waiting: deque[asyncio.Future[None]] = deque()
        self.width = float(width)
        self.in_flight = 0

    @property
    def queued(self) -> int:
        """Calls that wait for their turn."""
        return len(self._waiting)

    async def enter(self, sleep: Sleep | None) -> None:
        """
        Wait for the turn. Whoever has it calls `leave`, whatever happens.

        Args:
            sleep: Waits for the rate and for a cool-down; given, so that tests need not. `None` for a
                repetition, which has waited for itself.
        """
        if self._waiting or self.in_flight >= self.width:
            await self._queue()
        else:
            self.in_flight += 1
        if sleep is not None and (wait := self._pace.reserve()) > 0:
            try:
                await sleep(wait)
            except asyncio.CancelledError:
                self.leave()
                raise

    async def _queue(self) -> None:
        turn = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self.leave()  # the turn came together with the cancelling: hand it on
            else:
                with suppress(ValueError):  # whoever left in the same moment has taken it out already
                    self._waiting.remove(turn)
            raise

    def leave(self) -> None:
        """Give the turn to the next that waits."""
        self.in_flight -= 1
        while self._waiting and self.in_flight < self.width:
            turn = self._waiting.popleft()
            if not turn.done():
                self.in_flight += 1
                turn.set_result(None)

    def throttled(self, retry_after: float | None) -> None:
        """Take note of a call that the server turned away: narrow the lane, and let all calls pause."""
        self.width = max(1.0, self.width * NARROWING)
        self._pace.cool_down(COOL_DOWN if retry_after is None else retry_after)

    def went_well(self) -> None:
        """Take note of a call that was answered: a lane that was narrowed widens by one after each round."""
        if self.width < self._widest:
            self.width = min(self._widest, self.width + 1.0 / self.width)
