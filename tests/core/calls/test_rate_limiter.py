"""Test the starts of attempts: the rate, starts that are given back, and pauses."""

from __future__ import annotations

import asyncio
import math
from typing import TYPE_CHECKING

import pytest

from etelecom_async._core.calls.rate_limiter import (
    Pause,
    RateLimiter,
    SharedRateLimiter,
    is_shared_rate,
    new_rate_limiter,
)
from etelecom_async._core.clock import Clock

if TYPE_CHECKING:
    from tests.conftest import Waits


@pytest.fixture
def clock(waits: Waits) -> Clock:
    """A clock whose waits take no time."""
    return Clock(lambda: waits.at, waits.sleep)


async def test_starts_without_a_wait(clock: Clock, waits: Waits) -> None:
    """A start that is due is taken at once; the next one is due after the gap."""
    rate = RateLimiter(0.1, clock)
    assert [rate.start_nowait(now) for now in (1000.0, 1009.0, 1010.0, 1019.9)] == [True, False, True, False]
    assert waits == []


async def test_no_limit(clock: Clock, waits: Waits) -> None:
    """Without a limit no call waits."""
    rate = RateLimiter(math.inf, clock)
    assert rate.gap == 0
    assert [await rate.wait(Pause(clock)) for _ in range(3)] == [1000.0] * 3
    assert waits == []


async def test_starts_that_come_together_are_spaced(clock: Clock) -> None:
    """Calls that ask for their start at the same moment get one after the other."""
    rate = RateLimiter(0.1, clock)
    assert [rate._reserve(1000.0) for _ in range(3)] == [1000.0, 1010.0, 1020.0]


async def test_starts_that_were_given_back_too_late_are_passed_over(clock: Clock, waits: Waits) -> None:
    """A start that was given back is not taken once its time is over."""
    rate, pause = RateLimiter(0.1, clock), Pause(clock)
    rate._next, rate._given_back = 1020.0, [1005.0, 1010.0]
    waits.at = 1007.0
    assert await rate.wait(pause) == 1010.0
    assert await rate.wait(pause) == 1020.0


async def test_start_of_a_cancelled_call(waits: Waits) -> None:
    """A cancelled call gives its start back; a call of another event loop may have a later one meanwhile."""
    rate = RateLimiter(0.1, Clock(lambda: waits.at, lambda _: asyncio.Event().wait()))
    pause = Pause(Clock(lambda: waits.at, waits.sleep))
    rate.start_nowait(1000.0)
    for later in (False, True):
        waiting = asyncio.create_task(rate.wait(pause))
        await asyncio.sleep(0)
        others = [rate._reserve(1000.0)] if later else []
        waiting.cancel()
        await asyncio.wait([waiting])
        assert others == ([1020.0] if later else [])
        assert [rate._reserve(1000.0) for _ in range(1 + later)] == ([1010.0, 1030.0] if later else [1010.0])
        rate._next = 1010.0


async def test_start_of_a_paused_key(clock: Clock, waits: Waits) -> None:
    """A key that is paused takes no start, whether the pause begins before or during the wait."""
    rate, pause = RateLimiter(0.1, clock), Pause(clock)
    pause.extend(30.0)
    assert await rate.wait(pause) is None
    waits.at = 1040.0
    rate.start_nowait(1040.0)
    waits.late = 1.0

    async def sleep(seconds: float) -> None:
        pause.extend(30.0)
        await waits.sleep(seconds)

    rate._clock = Clock(lambda: waits.at, sleep)
    assert await rate.wait(pause) is None
    assert (waits.at, pause.ends_at) == (1051.0, 1070.0)
    assert rate.start_nowait(1051.0)  # for another key


def test_event_loops() -> None:
    """Calls of several event loops share the rate, one loop after the other, and closed loops are dropped."""
    now = [1000.0]

    async def sleep(seconds: float) -> None:
        now[0] += seconds

    clock = Clock(lambda: now[0], sleep)
    rate, pause = RateLimiter(0.1, clock), Pause(clock)

    async def two() -> list[float | None]:
        return list(await asyncio.gather(rate.wait(pause), rate.wait(pause)))

    assert [asyncio.run(two()) for _ in range(3)] == [[1000.0, 1010.0], [1020.0, 1030.0], [1040.0, 1050.0]]
    assert len(rate._turnstiles) == 1


class Shared:
    """A shared rate of one start in ten seconds. It keeps what it was asked for."""

    per_second = 0.1

    def __init__(self, *answers: float) -> None:
        self.answers = list(answers)
        """What `start` returns, one after the other."""
        self.asked: list[str] = []

    def start_nowait(self) -> bool:
        """Take the next answer."""
        return not self.answers.pop(0)

    def place(self) -> Shared:
        """This is the only place, too."""
        self.asked.append("place")
        return self

    def start(self) -> float:
        """Take the next answer."""
        self.asked.append("start")
        return self.answers.pop(0)

    def leave(self) -> None:
        """Note that the place was left."""
        self.asked.append("leave")


class TestSharedRateLimiter:
    """Test `SharedRateLimiter`."""

    def test_new_rate_limiter(self, clock: Clock) -> None:
        """A shared rate has a limiter of its own kind; a number does not, and a class is no rate."""
        limiter = new_rate_limiter(Shared(), clock)
        assert (type(limiter), limiter.gap) == (SharedRateLimiter, 10.0)
        assert type(new_rate_limiter(5, clock)) is RateLimiter
        assert not is_shared_rate(Shared)

    async def test_waits_as_often_as_it_is_told(self, clock: Clock, waits: Waits) -> None:
        """The shared rate is asked again after each wait, and the place is left at the end."""
        shared = Shared(7.0, 0.5, 0.0)
        assert await new_rate_limiter(shared, clock).wait(Pause(clock)) == 1007.5
        assert waits == [7.0, 0.5]
        assert shared.asked == ["place", "start", "start", "start", "leave"]

    def test_start_nowait(self, clock: Clock) -> None:
        """The shared rate decides, whatever the clock of the client shows."""
        limiter = new_rate_limiter(Shared(0.0, 1.0), clock)
        assert [limiter.start_nowait(1000.0), limiter.start_nowait(9999.0)] == [True, False]

    async def test_one_place_for_each_event_loop(self) -> None:
        """While a call waits, others of its event loop take no place. A cancelled one leaves its place."""
        shared = Shared(7.0, 0.0)
        limiter = new_rate_limiter(shared, Clock(lambda: 1000.0, lambda _: asyncio.Event().wait()))
        pause = Pause(Clock(lambda: 1000.0, asyncio.sleep))
        first, second = (asyncio.create_task(limiter.wait(pause)) for _ in range(2))
        await asyncio.sleep(0)
        assert shared.asked == ["place", "start"]
        first.cancel()
        assert await second == 1000.0
        assert first.cancelled()
        assert shared.asked == ["place", "start", "leave", "place", "start", "leave"]

    async def test_paused_key(self, waits: Waits) -> None:
        """A key whose pause begins during the wait leaves its place, and does not start."""

        async def sleep(seconds: float) -> None:
            await waits.sleep(seconds)
            pause.extend(30.0)

        clock = Clock(lambda: waits.at, sleep)
        pause, shared = Pause(clock), Shared(7.0, 0.0)
        assert await new_rate_limiter(shared, clock).wait(pause) is None
        assert shared.asked == ["place", "start", "leave"]


class TestPause:
    """Test `Pause`."""

    async def test_wait(self, clock: Clock, waits: Waits) -> None:
        """A call waits until the pause ends, and not at all without one."""
        pause = Pause(clock)
        await pause.wait()
        assert waits == []
        pause.extend(5.0)
        await pause.wait()
        assert (waits, pause.seconds()) == ([5.0], 0.0)

    async def test_extended_meanwhile(self, waits: Waits) -> None:
        """A pause that is extended while a call waits for its end is waited for to its new end."""

        async def sleep(seconds: float) -> None:
            await waits.sleep(seconds)
            if len(waits) == 1:
                pause.extend(7.0)

        pause = Pause(Clock(lambda: waits.at, sleep))
        pause.extend(5.0)
        await pause.wait()
        assert waits == [5.0, 7.0]

    async def test_shorter(self, clock: Clock) -> None:
        """A shorter pause does not end a longer one."""
        pause = Pause(clock)
        pause.extend(30.0)
        pause.extend(1.0)
        assert pause.seconds() == 30.0

    async def test_to_report(self, clock: Clock, waits: Waits) -> None:
        """A pause is reported once, and again only if it becomes that much longer; a short one never."""
        pause = Pause(clock)
        found: list[float] = []
        for at, seconds in [(0, 5), (1, 6), (2, 6), (3, 9), (3.5, 9), (20, 5), (21, 5), (30, 60), (31, 60)]:
            waits.at = 1000.0 + at
            pause.extend(seconds)
            found.append(pause.to_report(5.0))
        assert found == [0.0, 6.0, 0.0, 0.0, 9.0, 0.0, 0.0, 60.0, 0.0]
