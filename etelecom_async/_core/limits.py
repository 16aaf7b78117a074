"""
How many calls are under way at a time, and how fast they follow each other.

Reads and writes have lanes of their own, so that a long list does not hold up a message. A lane narrows when
the server says that it is too much, and widens again while all goes well. The room knows no operation and
sends nothing.
"""

from __future__ import annotations

import asyncio
import math
from collections import deque
from contextlib import suppress
from heapq import heappop, heappush
from typing import Final, NamedTuple

from etelecom_async._core.clock import CLOCK, Clock
from etelecom_async._core.operation import Effect

NARROWING: Final = 0.5
"""What a lane keeps of its width when a call is throttled."""
COOL_DOWN: Final = 1.0
"""Seconds in which no call of the client starts after a throttled one that names no time itself."""
LONGEST_COOL_DOWN: Final = 60.0
"""Seconds at the most, whatever the server names: after them a call may find out whether it goes on."""


_READ: Final = Effect.READ
"""Looked up once: Python 3.11 takes as long for it as for all else that finds a lane."""


class LimiterStats(NamedTuple):
    """What goes on in one lane."""

    in_flight: int
    """Attempts that have their turn."""
    queued: int
    """Calls that wait for theirs."""
    width: float
    """Attempts that may have a turn at a time; it falls when the server throttles, and climbs back."""


class Stats(NamedTuple):
    """What a client is doing, and has done so far."""

    reads: LimiterStats
    writes: LimiterStats
    attempts: int
    """Attempts that were begun, repetitions included."""
    rate: int
    """Attempts that were begun in the last whole second."""
    retries: int
    """Attempts that repeated a call."""
    throttles: int
    """Attempts that the server turned away as too many."""
    pause: float
    """Seconds until calls go on after such a one; 0 where they do."""
    connections_reused: int | None
    """Attempts that went over a connection that was open already; `None` where the session is yours."""


class Limits:
    """
    The lanes of one key, and what they share.

    Args:
        concurrency: Attempts under way at a time, at the most, in each of the two lanes.
        rate: Attempts that start within a second, at the most; infinite for any number.
        clock: Tells when the next may start.
    """

    def __init__(self, concurrency: int, rate: float, clock: Clock = CLOCK) -> None:
        self._pace = _Pace(rate, clock)
        self._concurrency = concurrency
        self._lanes: dict[asyncio.AbstractEventLoop, tuple[Lane, Lane]] = {}

    def lane(self, effect: Effect) -> Lane:
        """Return the lane of calls of this effect, in the running event loop."""
        loop = asyncio.get_running_loop()
        lanes = self._lanes.get(loop)
        if lanes is None:
            # A loop that is closed takes its waiting calls with it.
            # A copy, and no error where one is gone: loops of other threads do the same at the same time.
            for known in [known for known in list(self._lanes) if known.is_closed()]:
                self._lanes.pop(known, None)
            lanes = self._lanes[loop] = (
                Lane(self._concurrency, self._pace),
                Lane(self._concurrency, self._pace),
            )
        return lanes[effect is not _READ]

    def stats(self, connections_reused: int | None) -> Stats:
        """Return what goes on in the lanes, over all event loops, with what only the transport knows."""
        pace = self._pace
        return Stats(
            reads=self._lane_stats(0),
            writes=self._lane_stats(1),
            attempts=pace.attempts,
            rate=pace.rate(),
            retries=pace.retries,
            throttles=pace.throttles,
            pause=pace.pause(),
            connections_reused=connections_reused,
        )

    def _lane_stats(self, which: int) -> LimiterStats:
        lanes = [lanes[which] for lanes in list(self._lanes.values())]
        return LimiterStats(
            in_flight=sum(lane.in_flight for lane in lanes),
            queued=sum(lane.queued for lane in lanes),
            # Each event loop has a lane of its own; before the first call there is none.
            width=sum(lane.width for lane in lanes) or float(self._concurrency),
        )


class _Pace:
    """When the next attempt may start: the rate, and the pause that one throttled call gives to all."""

    def __init__(self, rate: float, clock: Clock) -> None:
        self._gap = 1.0 / rate
        self._clock = clock
        self._next = 0.0
        self._given_back: list[float] = []
        """Starts of those who have given up; a heap."""
        self._goes_on_at = 0.0
        self._second_ends = 0.0
        self._in_this_second = 0
        self._in_the_last = 0
        self.attempts = 0
        self.retries = 0
        self.throttles = 0

    def begin(self) -> float | None:
        """Begin an attempt and return when that was, by the clock; `None` where it has to wait."""
        now = self._clock.now()
        if now < self._next or now < self._goes_on_at:
            return None
        if self._gap:
            self._next = now + self._gap
        self._count(now)
        return now

    async def wait(self) -> float:
        """Wait until an attempt may begin, and return when that was, by the clock."""
        now = self._clock.now()
        while (start := self._reserve(now)) > now:
            try:
                await self._clock.sleep(start - now)
            except BaseException:
                heappush(self._given_back, start)
                raise
            now = self._clock.now()
            if now >= self._goes_on_at:  # else another call was throttled meanwhile
                break
        # It may be late, when the event loop was held up; the next one keeps its distance all the same.
        self._next = max(self._next, now + self._gap)
        self._count(now)
        return now

    def _reserve(self, now: float) -> float:
        earliest = max(now, self._goes_on_at)
        while self._given_back:
            start = heappop(self._given_back)
            if start >= earliest:
                return start
        start = max(earliest, self._next)
        self._next = start + self._gap
        return start

    def _count(self, now: float) -> None:
        if now >= self._second_ends:
            self._turn_to(now)
        self._in_this_second += 1
        self.attempts += 1

    def _turn_to(self, now: float) -> None:
        """Begin to count another second."""
        ends = math.floor(now) + 1.0
        self._in_the_last = self._in_this_second if ends == self._second_ends + 1 else 0
        self._in_this_second = 0
        self._second_ends = ends

    def rate(self) -> int:
        """Return how many attempts were begun in the last whole second."""
        if (now := self._clock.now()) >= self._second_ends:
            self._turn_to(now)
        return self._in_the_last

    def pause(self) -> float:
        """Return the seconds until calls go on."""
        return max(0.0, self._goes_on_at - self._clock.now())

    def cool_down(self, seconds: float) -> None:
        """Let all calls pause."""
        self.throttles += 1
        self._goes_on_at = max(self._goes_on_at, self._clock.now() + min(seconds, LONGEST_COOL_DOWN))


class Lane:
    """
    The calls of one kind in one event loop: first come, first served, and so repetitions first of all.

    Args:
        width: Attempts under way at a time, at the most.
        pace: When the next attempt may start, shared with the other lanes of the key.
    """

    def __init__(self, width: int, pace: _Pace) -> None:
        self._widest = float(width)
        self._pace = pace
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._waiting_again: deque[asyncio.Future[None]] = deque()
        """Repetitions, which came before all others, and whose deadlines run."""
        self._starting = asyncio.Lock()
        """One waits for its start at a time, so that none start together when the event loop was held up."""
        self.width = float(width)
        self.in_flight = 0

    @property
    def queued(self) -> int:
        """Calls that wait for their turn."""
        return len(self._waiting) + len(self._waiting_again)

    def begin(self) -> float | None:
        """Do as `enter` does for a first attempt that has to wait for nothing; `None` where it has to."""
        began = None if self._has_to_queue(is_repetition=False) else self._start()
        if began is not None:
            self.in_flight += 1
        return began

    def _has_to_queue(self, *, is_repetition: bool) -> bool:
        others = self._waiting_again or (self._waiting and not is_repetition)
        return bool(others) or self.in_flight >= self.width

    def _start(self) -> float | None:
        return None if self._starting.locked() else self._pace.begin()

    async def enter(self, *, is_repetition: bool = False) -> float:
        """
        Wait for the turn, for the rate and for a pause; return when that was, by the clock.

        Whoever has the turn calls `leave`, whatever happens.
        """
        if self._has_to_queue(is_repetition=is_repetition):
            await self._queue(is_repetition=is_repetition)
        else:
            self.in_flight += 1
        began = self._start()
        if began is None:
            try:
                async with self._starting:
                    began = await self._pace.wait()
            except BaseException:
                self.leave()
                raise
        self._pace.retries += is_repetition
        return began

    async def _queue(self, *, is_repetition: bool) -> None:
        turn = asyncio.get_running_loop().create_future()
        queue = self._waiting_again if is_repetition else self._waiting
        queue.append(turn)
        try:
            await turn
        except BaseException:
            if turn.done() and not turn.cancelled():
                self.leave()  # the turn came together with the cancelling: hand it on
            else:
                with suppress(ValueError):  # whoever left in the same moment has taken it out already
                    queue.remove(turn)
            raise

    def leave(self) -> None:
        """Give the turn to the next that waits."""
        self.in_flight -= 1
        while (queue := self._waiting_again or self._waiting) and self.in_flight < self.width:
            turn = queue.popleft()
            if not turn.done():
                self.in_flight += 1
                turn.set_result(None)

    def throttled(self, retry_after: float | None) -> None:
        """Take note of a call that the server turned away: narrow the lane, and let all calls pause."""
        if not self.pause():  # calls that were under way together have met the same limit
            self.width = max(1.0, self.width * NARROWING)
        self._pace.cool_down(COOL_DOWN if retry_after is None else retry_after)

    def pause(self) -> float:
        """Return the seconds until calls go on after a throttled one; 0 where they do."""
        return self._pace.pause()

    def went_well(self) -> None:
        """Take note of a call that was answered: a lane that was narrowed widens by one after each round."""
        if self.width < self._widest:
            self.width = min(self._widest, self.width + 1.0 / self.width)
