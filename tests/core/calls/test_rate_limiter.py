"""Test the starts of attempts: the rate, starts that are given back, and pauses."""

from __future__ import annotations

import asyncio
import math
from typing import TYPE_CHECKING

import pytest

from etelecom_async._core.calls.rate_limiter import Pause, RateLimiter
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
