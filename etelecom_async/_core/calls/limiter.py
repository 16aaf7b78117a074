"""
How many calls are under way at a time, and how fast they follow each other.

Reads and writes have separate limiters, so a long list does not delay a message. A limiter lowers its limit
when the server throttles, and raises it again while calls succeed. This module knows no operation and sends
nothing.
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
"""What a limiter keeps of its limit when a call is throttled."""
COOL_DOWN: Final = 1.0
"""Seconds in which no call of the client starts after a throttled one that names no time itself."""
LONGEST_COOL_DOWN: Final = 60.0
"""Seconds at the most, whatever the server names: after them a call may find out whether it goes on."""


_READ: Final = Effect.READ
"""Looked up once: Python 3.11 takes as long for it as for all else that finds a limiter."""


class LimiterStats(NamedTuple):
    """What goes on in one limiter."""

    in_flight: int
    """Attempts that have their turn."""
    waiting: int
    """Calls that wait for theirs."""
    limit: float
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


class Limiters:
    """
    The limiters of one key, and what they share.

    Args:
        concurrency: Attempts under way at a time, at the most, in each of the two limiters.
        rate: Attempts that start within a second, at the most; infinite for any number.
        clock: Tells when the next may start.
    """

    def __init__(self, concurrency: int, rate: float, clock: Clock = CLOCK) -> None:
        self._rate_limiter = RateLimiter(rate, clock)
        self._concurrency = concurrency
        self._limiters: dict[asyncio.AbstractEventLoop, tuple[CapacityLimiter, CapacityLimiter]] = {}

    def limiter(self, effect: Effect) -> CapacityLimiter:
        """Return the limiter of calls of this effect, in the running event loop."""
        loop = asyncio.get_running_loop()
        limiters = self._limiters.get(loop)
        if limiters is None:
            # A loop that is closed takes its waiting calls with it.
            # A copy, and no error where one is gone: loops of other threads do the same at the same time.
            for known in [known for known in list(self._limiters) if known.is_closed()]:
                self._limiters.pop(known, None)
            limiters = self._limiters[loop] = (
                CapacityLimiter(self._concurrency, self._rate_limiter),
                CapacityLimiter(self._concurrency, self._rate_limiter),
            )
        return limiters[effect is not _READ]

    def stats(self, connections_reused: int | None) -> Stats:
        """Return what goes on in the limiters, over all event loops, with what only the transport knows."""
        rate_limiter = self._rate_limiter
        return Stats(
            reads=self._lane_stats(0),
            writes=self._lane_stats(1),
            attempts=rate_limiter.attempts,
            rate=rate_limiter.rate(),
            retries=rate_limiter.retries,
            throttles=rate_limiter.throttles,
            pause=rate_limiter.pause(),
            connections_reused=connections_reused,
        )

    def _lane_stats(self, which: int) -> LimiterStats:
        limiters = [limiters[which] for limiters in list(self._limiters.values())]
        return LimiterStats(
            in_flight=sum(limiter.in_flight for limiter in limiters),
            waiting=sum(limiter.waiting for limiter in limiters),
            # Each event loop has a limiter of its own; before the first call there is none.
            limit=sum(limiter.limit for limiter in limiters) or float(self._concurrency),
        )


class RateLimiter:
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


class CapacityLimiter:
    """
    The calls of one kind in one event loop: first come, first served, and so repetitions first of all.

    Args:
        limit: Attempts under way at a time, at the most.
        rate_limiter: When the next attempt may start, shared with the other limiters of the key.
    """

    def __init__(self, limit: int, rate_limiter: RateLimiter) -> None:
        self._highest = float(limit)
        self._rate_limiter = rate_limiter
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._waiting_retries: deque[asyncio.Future[None]] = deque()
        """Repetitions, which came before all others, and whose deadlines run."""
        self._starting = asyncio.Lock()
        """One waits for its start at a time, so that none start together when the event loop was held up."""
        self.limit = float(limit)
        self.in_flight = 0

    @property
    def waiting(self) -> int:
        """Calls that wait for their turn."""
        return len(self._waiting) + len(self._waiting_retries)

    def acquire_nowait(self) -> float | None:
        """Do as `acquire` does for a first attempt that has to wait for nothing; `None` where it has to."""
        began = None if self._has_to_queue(is_retry=False) else self._start()
        if began is not None:
            self.in_flight += 1
        return began

    def _has_to_queue(self, *, is_retry: bool) -> bool:
        others = self._waiting_retries or (self._waiting and not is_retry)
        return bool(others) or self.in_flight >= self.limit

    def _start(self) -> float | None:
        return None if self._starting.locked() else self._rate_limiter.begin()

    async def acquire(self, *, is_retry: bool = False) -> float:
        """
        Wait for the turn, for the rate and for a pause; return when that was, by the clock.

        Whoever has the turn calls `release`, whatever happens.
        """
        if self._has_to_queue(is_retry=is_retry):
            await self._queue(is_retry=is_retry)
        else:
            self.in_flight += 1
        began = self._start()
        if began is None:
            try:
                async with self._starting:
                    began = await self._rate_limiter.wait()
            except BaseException:
                self.release()
                raise
        self._rate_limiter.retries += is_retry
        return began

    async def _queue(self, *, is_retry: bool) -> None:
        turn = asyncio.get_running_loop().create_future()
        queue = self._waiting_retries if is_retry else self._waiting
        queue.append(turn)
        try:
            await turn
        except BaseException:
            if turn.done() and not turn.cancelled():
                self.release()  # the turn came together with the cancelling: hand it on
            else:
                with suppress(ValueError):  # whoever left in the same moment has taken it out already
                    queue.remove(turn)
            raise

    def release(self) -> None:
        """Give the turn to the next that waits."""
        self.in_flight -= 1
        while (queue := self._waiting_retries or self._waiting) and self.in_flight < self.limit:
            turn = queue.popleft()
            if not turn.done():
                self.in_flight += 1
                turn.set_result(None)

    def on_throttle(self, retry_after: float | None) -> float:
        """Record a throttled call: lower the limit, and pause all calls. Return the seconds of the pause."""
        if not self.pause():  # calls that were in flight together met the same limit
            self.limit = max(1.0, self.limit * NARROWING)
        self._rate_limiter.cool_down(COOL_DOWN if retry_after is None else retry_after)
        return self.pause()

    def pause(self) -> float:
        """Return the seconds until calls go on after a throttled one; 0 where they do."""
        return self._rate_limiter.pause()

    def on_success(self) -> None:
        """Record a call that succeeded: a lowered limit rises by one after each successful round."""
        if self.limit < self._highest:
            self.limit = min(self._highest, self.limit + 1.0 / self.limit)
