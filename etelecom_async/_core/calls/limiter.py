"""
How many calls are in flight at a time, and how fast they follow each other.

Reads and writes have separate limiters, so a long list does not delay a message. A server that throttles and
says for how long pauses all calls of the key. A server that does not say for how long holds one operation
only. This module knows no operation and sends nothing.
"""

from __future__ import annotations

import asyncio
import math
from collections import OrderedDict
from collections.abc import Hashable
from enum import Enum, auto
from functools import partial
from typing import Final, NamedTuple
from weakref import WeakValueDictionary

from etelecom_async._core.calls.rate_limiter import (
    Pause,
    RateLimiter,
    SharedRateLike,
    drop_closed_loops,
    new_rate_limiter,
)
from etelecom_async._core.calls.wait_queue import Turnstile, WaitQueue
from etelecom_async._core.clock import CLOCK, Clock
from etelecom_async._core.operation import Effect

NARROWING: Final = 0.5
"""The share of its limit that a limiter keeps when the server throttles."""
LONGEST_COOL_DOWN: Final = 60.0
"""Maximum seconds of a pause, whatever the server asks for: after them a call tries again."""
KEYS_KEPT: Final = 1000
"""Number of keys whose limiters outlive their clients, so that a pause is not forgotten."""


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

    def _repr_html_(self) -> str:
        """Return the numbers as an HTML table, for notebooks."""
        return _fields_table("LimiterStats", self._asdict())


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

    def _repr_html_(self) -> str:
        """Return the numbers as an HTML table, for notebooks."""
        fields: dict[str, object] = {}
        for name, value in self._asdict().items():
            if isinstance(value, LimiterStats):
                fields |= {f"{name}.{part}": number for part, number in value._asdict().items()}
            else:
                fields[name] = value
        return _fields_table("Stats", fields)


def _fields_table(caption: str, fields: dict[str, object]) -> str:
    from etelecom_async._core.html_tables import fields_table

    return fields_table(caption, fields)


class Limiters:
    """
    The limiters of one key, and what they share.

    Args:
        concurrency: Maximum number of attempts in flight, for each of the two limiters.
        rate: Maximum number of attempts that start within a second; infinite for no limit. Or a shared rate.
        clock: Tells when the next attempt may start.
    """

    def __init__(self, concurrency: int, rate: float | SharedRateLike, clock: Clock = CLOCK) -> None:
        self._rate_limiter: RateLimiter = new_rate_limiter(rate, clock)
        self._pause = Pause(clock)
        self._counts = Counts(clock)
        self._clock = clock
        self._concurrency = concurrency
        self._limiters: dict[asyncio.AbstractEventLoop, tuple[CapacityLimiter, CapacityLimiter]] = {}
        self._by_key: WeakValueDictionary[Hashable, Limiters] = WeakValueDictionary()
        self._last_keys: OrderedDict[Hashable, Limiters] = OrderedDict()

    def with_own(self, concurrency: int, rate: float | SharedRateLike | None) -> Limiters:
        """
        Return new limiters of the same key, which share its pause.

        Args:
            concurrency: Maximum number of attempts in flight.
            rate: Maximum number of attempts that start within a second, or a shared rate; `None` to share
                the rate of these limiters.
        """
        own = Limiters(concurrency, math.inf if rate is None else rate, self._clock)
        own._pause = self._pause
        if rate is None:
            own._rate_limiter = self._rate_limiter
        return own

    def for_key(self, key: Hashable) -> Limiters:
        """Return the limiters of another key: the same ones each time. They share the rate only."""
        limiters = self._by_key.get(key)
        if limiters is None:
            limiters = self._by_key[key] = Limiters(self._concurrency, math.inf, self._clock)
            limiters._rate_limiter = self._rate_limiter
        self._last_keys.pop(key, None)
        self._last_keys[key] = limiters  # at the end
        if len(self._last_keys) > KEYS_KEPT:
            self._last_keys.popitem(last=False)
        return limiters

    def skip_start(self) -> None:
        """Let the first attempt wait as long as the rate demands after another one."""
        self._rate_limiter.start_nowait(self._clock.now())

    def limiter(self, effect: Effect) -> CapacityLimiter:
        """Return the limiter of calls of this effect, in the running event loop."""
        loop = asyncio.get_running_loop()
        limiters = self._limiters.get(loop)
        if limiters is None:
            drop_closed_loops(self._limiters)
            limiters = self._limiters[loop] = (self._new_limiter(), self._new_limiter())
        return limiters[effect is not _READ]

    def _new_limiter(self) -> CapacityLimiter:
        return CapacityLimiter(self._concurrency, self._rate_limiter, self._pause, self._counts, self._clock)

    def stats(self, connections_reused: int | None) -> Stats:
        """Return the state of the limiters over all event loops, with the count of the transport."""
        counts = self._counts
        return Stats(
            reads=self._limiter_stats(0),
            writes=self._limiter_stats(1),
            attempts=counts.attempts,
            rate=counts.rate(),
            retries=counts.retries,
            throttles=counts.throttles,
            pause=self._pause.seconds(),
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


class Counts:
    """
    The counts of the attempts of one key.

    Args:
        clock: Tells when a second ends.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._second_ends = 0.0
        self._in_this_second = 0
        self._in_the_last = 0
        self.attempts = 0
        self.retries = 0
        self.throttles = 0

    def add(self, now: float) -> None:
        """Count an attempt that starts at *now*."""
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
        self.queue = WaitQueue[Turn]()

    def let_go(self, count: int) -> None:
        """Let waiting calls go on."""
        while count and self.queue.wake(Turn.FREE):
            count -= 1

    def end_probe(self) -> None:
        """End the role of the probe; the next waiting call takes it."""
        self.has_probe = self.queue.wake(Turn.PROBE)

    def give_up(self) -> None:
        """Let each waiting call make one attempt."""
        self.has_probe = False
        while self.queue.wake(Turn.LAST):
            pass


class CapacityLimiter:
    """
    The calls of one kind in one event loop: first come, first served, retries before all others.

    Args:
        limit: Maximum number of attempts in flight.
        rate_limiter: When the next attempt may start; clients for other keys may share it.
        pause: The pause of the key.
        counts: The counts of the key.
        clock: Tells when an attempt starts.
    """

    def __init__(
        self, limit: int, rate_limiter: RateLimiter, pause: Pause, counts: Counts, clock: Clock
    ) -> None:
        self._highest = float(limit)
        self._rate_limiter = rate_limiter
        self._pause = pause
        self._counts = counts
        self._clock = clock
        self._queue = WaitQueue[None]()
        self._retry_queue = WaitQueue[None]()
        """Retries: they came before all others, and their deadlines run."""
        self._starting = Turnstile()
        """One call of this limiter waits for its start at a time, so they start in order."""
        self.holds: dict[str, Hold] = {}
        """By public name, the operations that are held. Usually there is none."""
        self.limit = float(limit)
        self.in_flight = 0

    @property
    def waiting(self) -> int:
        """Calls that wait for their turn."""
        # A copy: another thread may read the number while the dict changes.
        held = sum(len(hold.queue.calls) for hold in list(self.holds.values()))
        return len(self._queue.calls) + len(self._retry_queue.calls) + held

    def acquire_nowait(self) -> float | None:
        """Do as `acquire` does for a first attempt that need not wait; return `None` if it has to wait."""
        if self._retry_queue.calls or self._queue.calls or self.in_flight >= self.limit:
            return None
        started = self._start()
        if started is not None:
            self.in_flight += 1
        return started

    def _start(self) -> float | None:
        """Start an attempt and return the time of the clock; `None` if it has to wait."""
        now = self._clock.now()
        if self._starting.is_taken or now < self._pause.ends_at:
            return None
        if self._rate_limiter.gap and not self._rate_limiter.start_nowait(now):
            return None
        self._counts.add(now)
        return now

    async def acquire(self, *, is_retry: bool = False) -> float:
        """
        Wait for a turn, for the rate and for the end of a pause; return the time of the clock.

        Every caller that has a turn must call `release`.
        """
        queue = self._retry_queue if is_retry else self._queue
        if self._retry_queue.calls or queue.calls or self.in_flight >= self.limit:
            await queue.wait(self._pass_on)
        else:
            self.in_flight += 1
        try:
            started = self._start()
            if started is None:
                started = await self._wait_for_start()
        except BaseException:
            self.release()
            raise
        self._counts.retries += is_retry
        return started

    async def _wait_for_start(self) -> float:
        async with self._starting:
            started: float | None = None
            while started is None:  # another call may be throttled meanwhile
                await self._pause.wait()
                started = await self._rate_limiter.wait(self._pause)
            self._counts.add(started)
            return started

    def release(self) -> None:
        """Give the turn to the next waiting call."""
        self.in_flight -= 1
        while (self._retry_queue.calls or self._queue.calls) and self.in_flight < self.limit:
            if self._retry_queue.wake(None) or self._queue.wake(None):
                self.in_flight += 1

    def _pass_on(self, _: None) -> None:
        self.release()

    def give_back(self, *, is_retry: bool = False) -> None:
        """Release a turn that was not used for an attempt."""
        self._counts.attempts -= 1
        self._counts.retries -= is_retry
        self.release()

    async def wait_while_held(self, operation: str) -> tuple[Hold | None, Turn]:
        """Wait while *operation* is held; return the hold, if there is one, and what the call may do."""
        hold = self.holds.get(operation)
        if hold is None:
            return None, Turn.FREE
        try:
            return hold, await hold.queue.wait(partial(self.leave, operation, hold))
        except BaseException:
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
        if not hold.has_probe and not hold.queue.calls and self.holds.get(operation) is hold:
            del self.holds[operation]

    def on_throttle(self, retry_after: float | None) -> float:
        """
        Record a throttled call, and return the seconds of the pause.

        If the server says how long to wait, lower the limit and pause all calls.
        """
        self._counts.throttles += 1
        if retry_after is not None:
            if not self.pause():  # calls that were in flight together met the same limit
                self.limit = max(1.0, self.limit * NARROWING)
            self._pause.extend(min(retry_after, LONGEST_COOL_DOWN))
        return self.pause()

    def pause(self) -> float:
        """Return the seconds until the pause after a throttled call ends; 0 without a pause."""
        return self._pause.seconds()

    def pause_to_report(self, least: float) -> float:
        """Return the seconds of a pause of more than *least* that was not reported yet; else 0."""
        return self._pause.to_report(least)

    def on_success(self) -> None:
        """Record a call that succeeded: a lowered limit rises by one after each successful round."""
        if self.limit < self._highest:
            self.limit = min(self._highest, self.limit + 1.0 / self.limit)

    def release_after_failure(self, retry_after: float | None, *, is_throttled: bool) -> float:
        """
        Record a failed call, and give its turn to the next waiting call; return the seconds of the pause.

        A waiting call must not exceed the lowered limit, so the throttled call is recorded first.
        """
        pause = self.on_throttle(retry_after) if is_throttled else self.pause()
        self.release()
        return pause

    def release_after_success(self) -> None:
        """Record a call that succeeded, and give its turn to the next waiting call."""
        self.on_success()
        self.release()
