"""
How many calls are in flight at a time, and how fast they follow each other.

Reads and writes have separate limiters, so a long list does not delay a message. A server that throttles and
says for how long pauses all calls of the key. A server that does not say for how long holds one operation
only. This module knows no operation and sends nothing.
"""

from __future__ import annotations

import asyncio
import math
from collections import deque
from contextlib import suppress
from enum import Enum, auto
from heapq import heappop, heappush
from typing import Final, NamedTuple

from etelecom_async._core.clock import CLOCK, Clock
from etelecom_async._core.operation import Effect

NARROWING: Final = 0.5
"""The share of its limit that a limiter keeps when the server throttles."""
LONGEST_COOL_DOWN: Final = 60.0
"""Maximum seconds of a pause, whatever the server asks for: after them a call tries again."""


_READ: Final = Effect.READ
"""Looked up once: in Python 3.11 it takes as long as everything else that finds a limiter."""


class LimiterStats(NamedTuple):
    """The state of one limiter."""

    in_flight: int
    """Attempts that have their turn."""
    waiting: int
    """Calls that wait for their turn."""
    limit: float
    """Maximum number of attempts in flight; it falls when the server throttles, and rises again."""


class Stats(NamedTuple):
    """What a client does now, and did so far."""

    reads: LimiterStats
    writes: LimiterStats
    attempts: int
    """Attempts that started, including retries."""
    rate: int
    """Attempts that started in the last whole second."""
    retries: int
    """Attempts that retried a call."""
    throttles: int
    """Attempts that the server refused because of too many calls."""
    pause: float
    """Seconds until the pause after a throttled call ends; 0 without a pause."""
    connections_reused: int | None
    """Attempts that used an open connection again; `None` for a session of the caller."""


class Limiters:
    """
    The limiters of one key, and what they share.

    Args:
        concurrency: Maximum number of attempts in flight, for each of the two limiters.
        rate: Maximum number of attempts that start within a second; infinite for no limit.
        clock: Tells when the next attempt may start.
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
            # The waiting calls of a closed loop are closed too. A copy, and no error for a missing key: loops
            # of other threads do the same at the same time.
            for known in [known for known in list(self._limiters) if known.is_closed()]:
                self._limiters.pop(known, None)
            limiters = self._limiters[loop] = (
                CapacityLimiter(self._concurrency, self._rate_limiter),
                CapacityLimiter(self._concurrency, self._rate_limiter),
            )
        return limiters[effect is not _READ]

    def stats(self, connections_reused: int | None) -> Stats:
        """Return the state of the limiters over all event loops, with the count of the transport."""
        rate_limiter = self._rate_limiter
        return Stats(
            reads=self._limiter_stats(0),
            writes=self._limiter_stats(1),
            attempts=rate_limiter.attempts,
            rate=rate_limiter.rate(),
            retries=rate_limiter.retries,
            throttles=rate_limiter.throttles,
            pause=rate_limiter.pause(),
            connections_reused=connections_reused,
        )

    def _limiter_stats(self, which: int) -> LimiterStats:
        limiters = [limiters[which] for limiters in list(self._limiters.values())]
        return LimiterStats(
            in_flight=sum(limiter.in_flight for limiter in limiters),
            waiting=sum(limiter.waiting for limiter in limiters),
            # Each event loop has its own limiter; before the first call there is none.
            limit=sum(limiter.limit for limiter in limiters) or float(self._concurrency),
        )


class RateLimiter:
    """When the next attempt may start: the rate, and the pause after a throttled call."""

    def __init__(self, rate: float, clock: Clock) -> None:
        self._gap = 1.0 / rate
        self._clock = clock
        self._next = 0.0
        self._given_back: list[float] = []
        """Starts that cancelled calls gave back; a heap."""
        self._goes_on_at = 0.0
        self._second_ends = 0.0
        self._in_this_second = 0
        self._in_the_last = 0
        self.attempts = 0
        self.retries = 0
        self.throttles = 0

    def begin(self) -> float | None:
        """Start an attempt and return the time of the clock; `None` if it has to wait."""
        now = self._clock.now()
        if now < self._next or now < self._goes_on_at:
            return None
        if self._gap:
            self._next = now + self._gap
        self._count(now)
        return now

    async def wait(self) -> float:
        """Wait until an attempt may start, and return the time of the clock."""
        now = self._clock.now()
        while (start := self._reserve(now)) > now:
            try:
                await self._clock.sleep(start - now)
            except BaseException:
                heappush(self._given_back, start)
                raise
            now = self._clock.now()
            if now >= self._goes_on_at:  # otherwise another call was throttled meanwhile
                break
        # The start may be late, if the event loop was blocked; the next one still keeps its distance.
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
        """Start to count another second."""
        ends = math.floor(now) + 1.0
        self._in_the_last = self._in_this_second if ends == self._second_ends + 1 else 0
        self._in_this_second = 0
        self._second_ends = ends

    def rate(self) -> int:
        """Return how many attempts started in the last whole second."""
        if (now := self._clock.now()) >= self._second_ends:
            self._turn_to(now)
        return self._in_the_last

    def pause(self) -> float:
        """Return the seconds until the pause ends."""
        return max(0.0, self._goes_on_at - self._clock.now())

    def cool_down(self, seconds: float) -> None:
        """Pause all calls."""
        self._goes_on_at = max(self._goes_on_at, self._clock.now() + min(seconds, LONGEST_COOL_DOWN))


class Turn(Enum):
    """What a call may do after it waited for an operation that is held."""

    FREE = auto()
    """Make its attempt, and retry it."""
    PROBE = auto()
    """Make its attempt, and find out for all others whether the server still throttles."""
    LAST = auto()
    """Make one attempt only: the probe was throttled to the end."""


class Hold:
    """
    An operation that the server throttles without saying for how long.

    One call probes, the others wait. After a success two more go on for each call that goes through, so the
    rate of the operation rises step by step.
    """

    def __init__(self) -> None:
        self.has_probe = False
        self.waiting: deque[asyncio.Future[Turn]] = deque()

    def let_go(self, count: int) -> None:
        """Let waiting calls go on."""
        while count and self._give(Turn.FREE):
            count -= 1

    def end_probe(self) -> None:
        """End the role of the probe; the next waiting call takes it."""
        self.has_probe = self._give(Turn.PROBE)

    def give_up(self) -> None:
        """Let each waiting call make one attempt."""
        self.has_probe = False
        while self._give(Turn.LAST):
            pass

    def _give(self, turn: Turn) -> bool:
        while self.waiting:
            future = self.waiting.popleft()
            if not future.done():
                future.set_result(turn)
                return True
        return False


class CapacityLimiter:
    """
    The calls of one kind in one event loop: first come, first served, retries before all others.

    Args:
        limit: Maximum number of attempts in flight.
        rate_limiter: When the next attempt may start; shared with the other limiters of the key.
    """

    def __init__(self, limit: int, rate_limiter: RateLimiter) -> None:
        self._highest = float(limit)
        self._rate_limiter = rate_limiter
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._waiting_retries: deque[asyncio.Future[None]] = deque()
        """Retries: they came before all others, and their deadlines run."""
        self._starting = asyncio.Lock()
        """One call waits for its start at a time, so no two start together after a blocked event loop."""
        self.holds: dict[str, Hold] = {}
        """By public name, the operations that are held. Usually there is none."""
        self.limit = float(limit)
        self.in_flight = 0

    @property
    def waiting(self) -> int:
        """Calls that wait for their turn."""
        held = sum(len(hold.waiting) for hold in self.holds.values())
        return len(self._waiting) + len(self._waiting_retries) + held

    def acquire_nowait(self) -> float | None:
        """Do as `acquire` does for a first attempt that need not wait; return `None` if it has to wait."""
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
        Wait for a turn, for the rate and for the end of a pause; return the time of the clock.

        Every caller that has a turn must call `release`.
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
                self.release()  # the turn came together with the cancellation: pass it on
            else:
                with suppress(ValueError):  # another call may have taken it out in the same moment
                    queue.remove(turn)
            raise

    def release(self) -> None:
        """Give the turn to the next waiting call."""
        self.in_flight -= 1
        while (queue := self._waiting_retries or self._waiting) and self.in_flight < self.limit:
            turn = queue.popleft()
            if not turn.done():
                self.in_flight += 1
                turn.set_result(None)

    def give_back(self, *, is_retry: bool = False) -> None:
        """Release a turn that was not used for an attempt."""
        self._rate_limiter.attempts -= 1
        self._rate_limiter.retries -= is_retry
        self.release()

    async def wait_while_held(self, operation: str) -> tuple[Hold | None, Turn]:
        """Wait while *operation* is held; return the hold, if there is one, and what the call may do."""
        hold = self.holds.get(operation)
        if hold is None:
            return None, Turn.FREE
        future: asyncio.Future[Turn] = asyncio.get_running_loop().create_future()
        hold.waiting.append(future)
        try:
            return hold, await future
        except BaseException:
            if future.done() and not future.cancelled():
                # The turn came together with the cancellation: pass it on.
                self.leave(operation, hold, future.result())
            else:
                with suppress(ValueError):  # another call may have taken it out in the same moment
                    hold.waiting.remove(future)
                self._drop(operation, hold)
            raise

    def hold(self, operation: str) -> tuple[Hold, bool]:
        """
        Hold an operation that was throttled without a time to wait.

        Returns:
            The hold, and whether this call is the probe now.
        """
        hold = self.holds.setdefault(operation, Hold())
        is_probe = not hold.has_probe
        hold.has_probe = True
        return hold, is_probe

    def leave(self, operation: str, hold: Hold, turn: Turn, *, went_through: bool = False) -> None:
        """
        End what a call may do in a hold.

        Args:
            operation: The public name.
            hold: The hold.
            turn: What the call was allowed to do.
            went_through: Whether the server took the call.
        """
        if turn is Turn.PROBE:
            hold.has_probe = False
            if not went_through:
                hold.end_probe()
        # While a call probes, the others wait for it.
        if not hold.has_probe:
            hold.let_go(2 if went_through else 1)
        self._drop(operation, hold)

    def give_up(self, operation: str, hold: Hold) -> None:
        """End a hold whose probe was throttled to the end."""
        hold.give_up()
        self._drop(operation, hold)

    def _drop(self, operation: str, hold: Hold) -> None:
        if not hold.has_probe and not hold.waiting and self.holds.get(operation) is hold:
            del self.holds[operation]

    def on_throttle(self, retry_after: float | None) -> float:
        """
        Record a throttled call, and return the seconds of the pause.

        If the server says how long to wait, lower the limit and pause all calls.
        """
        self._rate_limiter.throttles += 1
        if retry_after is not None:
            if not self.pause():  # calls that were in flight together met the same limit
                self.limit = max(1.0, self.limit * NARROWING)
            self._rate_limiter.cool_down(retry_after)
        return self.pause()

    def pause(self) -> float:
        """Return the seconds until the pause after a throttled call ends; 0 without a pause."""
        return self._rate_limiter.pause()

    def on_success(self) -> None:
        """Record a call that succeeded: a lowered limit rises by one after each successful round."""
        if self.limit < self._highest:
            self.limit = min(self._highest, self.limit + 1.0 / self.limit)
