"""How many calls are under way at a time, and how fast they follow each other."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from etelecom_async._core.limits import COOL_DOWN, LONGEST_COOL_DOWN, Lane, Limits
from etelecom_async._core.operation import Effect


class Waits(list[float]):
    """The waits that nobody waits."""

    async def sleep(self, seconds: float) -> None:
        """In place of `asyncio.sleep`."""
        self.append(seconds)


@pytest.fixture
def waits() -> Waits:
    """What was to be waited, in seconds."""
    return Waits()


async def a_turn() -> None:
    """Lets every task go as far as it can."""
    for _ in range(5):
        await asyncio.sleep(0)


async def test_calls_beyond_the_width_wait_in_order(waits: Waits) -> None:
    """A lane lets in as many as it is wide; the others come first come, first served."""
    lane = Limits(2, None).lane(Effect.READ)
    order: list[int] = []

    async def call(number: int) -> None:
        await lane.enter(waits.sleep)
        order.append(number)

    tasks = [asyncio.create_task(call(number)) for number in range(5)]
    await a_turn()
    assert (order, lane.in_flight, lane.queued) == ([0, 1], 2, 3)
    for done in (3, 4, 5):
        lane.leave()
        await a_turn()
        assert order == list(range(done))
    lane.leave()
    lane.leave()
    assert (lane.in_flight, lane.queued, waits) == (0, 0, [])
    await asyncio.gather(*tasks)


async def test_reads_and_writes_have_lanes_of_their_own() -> None:
    """Reads share one lane, everything else another."""
    limits = Limits(1, None)
    reads, *others = [limits.lane(effect) for effect in Effect]
    assert len(set(map(id, others))) == 1
    assert reads not in others
    assert limits.lane(Effect.READ) is reads


async def test_cancelled_while_waiting_gives_no_turn_away(waits: Waits) -> None:
    """A call that is cancelled in the queue leaves it; its turn goes to the next, also in the last moment."""
    lane = Limits(1, None).lane(Effect.READ)
    await lane.enter(waits.sleep)
    first, second, third = (asyncio.create_task(lane.enter(waits.sleep)) for _ in range(3))
    await a_turn()
    first.cancel()
    await a_turn()
    assert lane.queued == 2
    lane.leave()  # second has its turn from now on, and is cancelled before it knows
    second.cancel()
    await a_turn()
    assert (third.done(), lane.in_flight, lane.queued) == (True, 1, 0)
    lane.leave()
    assert lane.in_flight == 0


async def test_cancelled_while_it_cools_down_gives_its_turn_back() -> None:
    """A call that is cancelled in a cool-down leaves its lane."""
    lane = Limits(1, None).lane(Effect.READ)
    lane.throttled(30.0)
    waiting = asyncio.create_task(lane.enter(asyncio.sleep))
    await a_turn()
    assert lane.in_flight == 1
    waiting.cancel()
    await a_turn()
    assert lane.in_flight == 0


async def test_rate_spaces_the_starts(waits: Waits) -> None:
    """With a rate, each call starts a gap after the one before, in both lanes together."""
    limits = Limits(100, 0.1)
    for number in range(4):
        await limits.lane(Effect.READ if number % 2 else Effect.CREATE).enter(waits.sleep)
    assert [pytest.approx(wait, abs=1) for wait in waits] == [10.0, 20.0, 30.0]


@pytest.mark.parametrize(("asked", "waited"), [(None, COOL_DOWN), (20.0, 20.0), (86400.0, LONGEST_COOL_DOWN)])
async def test_one_throttled_call_cools_down_all(waits: Waits, asked: float | None, waited: float) -> None:
    """After a throttled call, the next of any lane waits as long as the server asks, within reason."""
    limits = Limits(4, None)
    limits.lane(Effect.READ).throttled(asked)
    await limits.lane(Effect.SEND).enter(waits.sleep)
    assert [pytest.approx(waited, abs=0.5)] == waits


async def test_an_attempt_that_waited_does_not_wait_again(waits: Waits) -> None:
    """A repeated attempt, which has waited for itself, takes its turn at once."""
    lane = Limits(4, None).lane(Effect.READ)
    lane.throttled(30.0)
    await lane.enter(None)
    assert (waits, lane.in_flight) == ([], 1)


async def test_a_throttled_lane_narrows_and_climbs_back(waits: Waits) -> None:
    """Throttling halves a lane, down to one; a round of good calls widens it by one, up to where it was."""
    lane = Limits(8, None).lane(Effect.READ)
    widths: list[float] = []
    for _ in range(5):
        lane.throttled(0.0)
        widths.append(lane.width)
    assert widths == [4.0, 2.0, 1.0, 1.0, 1.0]
    lane.went_well()
    assert lane.width == 2.0
    lane.went_well()
    lane.went_well()
    assert lane.width == pytest.approx(2.9)
    for _ in range(100):
        lane.went_well()
    assert lane.width == 8.0
    await lane.enter(waits.sleep)


async def test_a_narrowed_lane_lets_no_more_in_than_it_is_wide(waits: Waits) -> None:
    """What is under way when a lane narrows goes on; the next come in when there is room."""
    lane = Limits(4, None).lane(Effect.READ)
    for _ in range(4):
        await lane.enter(waits.sleep)
    lane.throttled(0.0)
    waiting = asyncio.create_task(lane.enter(waits.sleep))
    lane.leave()
    lane.leave()
    await a_turn()
    assert (lane.in_flight, waiting.done()) == (2, False)
    lane.leave()
    await a_turn()
    assert (lane.in_flight, waiting.done()) == (2, True)


def test_lanes_of_closed_loops_are_dropped() -> None:
    """Each loop has lanes of its own, and a closed loop's are forgotten."""
    limits = Limits(1, None)

    async def enter() -> Any:
        lane = limits.lane(Effect.READ)
        await lane.enter(asyncio.sleep)
        return lane

    first, second = asyncio.run(enter()), asyncio.run(enter())
    assert first is not second
    assert limits.stats()["reads"].in_flight == 1


async def test_stats(waits: Waits) -> None:
    """The figures say what is under way and what waits, lane by lane."""
    limits = Limits(2, None)
    lane: Lane = limits.lane(Effect.CREATE)
    tasks = [asyncio.create_task(lane.enter(waits.sleep)) for _ in range(3)]
    await a_turn()
    stats = limits.stats()
    assert (stats["writes"].in_flight, stats["writes"].queued, stats["writes"].width) == (2, 1, 2.0)
    assert (stats["reads"].in_flight, stats["reads"].queued) == (0, 0)
    lane.leave()
    await asyncio.gather(*tasks)


async def test_cancelled_in_the_moment_in_which_another_leaves(waits: Waits) -> None:
    """Calls that are cancelled together end as cancelled, whether they were under way or in the queue."""
    lane = Limits(2, None).lane(Effect.READ)

    async def call() -> None:
        await lane.enter(waits.sleep)
        try:
            await asyncio.sleep(3600)
        finally:
            lane.leave()

    tasks = [asyncio.create_task(call()) for _ in range(6)]
    await a_turn()
    for task in tasks:
        task.cancel()
    ends = await asyncio.gather(*tasks, return_exceptions=True)
    assert [asyncio.CancelledError] * 6 == [type(end) for end in ends]
    assert (lane.in_flight, lane.queued) == (0, 0)
