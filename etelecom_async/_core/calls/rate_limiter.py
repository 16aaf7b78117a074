"""
Decide when the next attempt may start, by the rate.

This module knows no key and no pause of a key, except that an attempt of a paused key does not start.
"""

from __future__ import annotations

import asyncio
import math
from heapq import heappop, heappush
from typing import Protocol, TypeGuard, TypeVar, runtime_checkable

from etelecom_async._core.calls.wait_queue import Turnstile
from etelecom_async._core.clock import Clock

ValueT = TypeVar("ValueT")


class Place(Protocol):
    """The place of one waiting attempt among all attempts that share a rate."""

    def start(self) -> float:
        """
        Start now and return 0; if it is too early, return the seconds after which to ask again.

        Raises:
            ConfigurationError: The rate cannot be shared any more, for example without its folder.
        """
        ...

    def leave(self) -> None:
        """Give the place back, unless the attempt has started. This raises nothing."""
        ...


@runtime_checkable
class SharedRateLike(Protocol):
    """A rate that clients share with other clients, event loops or processes, such as `bulk.SharedRate`."""

    @property
    def per_second(self) -> float:
        """Maximum number of attempts that start within a second."""
        ...

    def start_nowait(self) -> bool:
        """
        Start now; return false if it is too early, or if other attempts wait.

        Raises:
            ConfigurationError: The rate cannot be shared any more, for example without its folder.
        """
        ...

    def place(self) -> Place:
        """Return a new place."""
        ...


def is_shared_rate(value: object) -> TypeGuard[SharedRateLike]:
    """Return whether *value* is a shared rate, and not only its class."""
    return isinstance(value, SharedRateLike) and not isinstance(value, type)


class Pause:
    """
    The pause of one key, after the server has throttled a call and said for how long.

    Args:
        clock: Tells when the pause ends.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.ends_at = 0.0
        """When attempts may start again, by the clock."""
        self._reported_until = -math.inf

    def seconds(self) -> float:
        """Return the seconds until the pause ends; 0 without a pause."""
        return max(0.0, self.ends_at - self._clock.now())

    def extend(self, seconds: float) -> None:
        """Pause for *seconds* from now, unless a longer pause has begun."""
        self.ends_at = max(self.ends_at, self._clock.now() + seconds)

    def to_report(self, least: float) -> float:
        """
        Return the seconds until the end of a pause that was not reported yet; 0 if there is none.

        A pause is reported if it lasts more than *least* seconds, and again if it becomes that much longer.
        """
        seconds = self.seconds()
        if seconds <= least or self.ends_at - self._reported_until <= least:
            return 0.0
        self._reported_until = self.ends_at
        return seconds

    async def wait(self) -> None:
        """Wait until the pause ends, also if it is extended meanwhile."""
        while seconds := self.seconds():
            await self._clock.sleep(seconds)


class RateLimiter:
    """
    The starts of all attempts that share a rate: a partner's, and those of its shops.

    Args:
        rate: Maximum number of attempts that start within a second; infinite for no limit.
        clock: Tells when the next attempt may start.
    """

    def __init__(self, rate: float, clock: Clock) -> None:
        self.gap = 1.0 / rate
        """Seconds between two starts; 0 without a limit."""
        self._clock = clock
        self._next = 0.0
        self._given_back: list[float] = []
        """A heap of starts that were given back while calls of other event loops wait for later ones."""
        self._turnstiles: dict[asyncio.AbstractEventLoop, Turnstile] = {}

    def start_nowait(self, now: float) -> bool:
        """Take the start at *now*; return false if it is too early."""
        if now < self._next:
            return False
        self._next = now + self.gap
        return True

    async def wait(self, pause: Pause) -> float | None:
        """
        Wait for a start, and return the time of the clock.

        Returns:
            `None` if *pause* began meanwhile: then the start goes to another call.
        """
        if not self.gap:
            return self._clock.now()
        # One call of an event loop waits for its start at a time. So no two start together after the loop
        # was blocked.
        async with self._turnstile():
            now = self._clock.now()
            if now < pause.ends_at:
                return None
            start = self._reserve(now)
            if start > now:
                try:
                    await self._clock.sleep(start - now)
                except BaseException:
                    self._give_back(start)
                    raise
                now = self._clock.now()
                if now < pause.ends_at:
                    self._give_back(start)
                    return None
            # The start may be late, if the event loop was blocked; the next one still keeps its distance.
            self._next = max(self._next, now + self.gap)
            return now

    def _turnstile(self) -> Turnstile:
        loop = asyncio.get_running_loop()
        turnstile = self._turnstiles.get(loop)
        if turnstile is None:
            drop_closed_loops(self._turnstiles)
            turnstile = self._turnstiles[loop] = Turnstile()
        return turnstile

    def _reserve(self, now: float) -> float:
        while self._given_back:
            start = heappop(self._given_back)
            if start >= now:
                return start
        start = max(now, self._next)
        self._next = start + self.gap
        return start

    def _give_back(self, start: float) -> None:
        if self._next == start + self.gap:  # no later start is reserved
            self._next = start
        else:
            heappush(self._given_back, start)


class SharedRateLimiter(RateLimiter):
    """
    The starts of all attempts that keep a shared rate.

    Args:
        shared: The rate. It has its own clock.
        clock: Waits, and tells when a pause ends.
    """

    def __init__(self, shared: SharedRateLike, clock: Clock) -> None:
        super().__init__(shared.per_second, clock)
        self._shared = shared

    def start_nowait(self, now: float) -> bool:
        """Take the start that is due; return false if it is too early."""
        del now  # the shared rate has its own clock
        return self._shared.start_nowait()

    async def wait(self, pause: Pause) -> float | None:
        """Do as `RateLimiter.wait` does."""
        async with self._turnstile():
            place = self._shared.place()
            try:
                while self._clock.now() >= pause.ends_at:
                    seconds = place.start()
                    if not seconds:
                        return self._clock.now()
                    await self._clock.sleep(seconds)
            finally:
                place.leave()
            return None


def new_rate_limiter(rate: float | SharedRateLike, clock: Clock) -> RateLimiter:
    """Return a rate limiter for a number of attempts a second, or for a shared rate."""
    return RateLimiter(rate, clock) if isinstance(rate, int | float) else SharedRateLimiter(rate, clock)


def drop_closed_loops(by_loop: dict[asyncio.AbstractEventLoop, ValueT]) -> None:
    """Remove the entries of closed event loops; their waiting calls are closed too."""
    # A copy, and no error for a missing key: loops of other threads do the same at the same time.
    for loop in [loop for loop in list(by_loop) if loop.is_closed()]:
        by_loop.pop(loop, None)
