"""How many calls are under way at a time, and how fast they follow each other."""

from __future__ import annotations

import asyncio
import gc
import math
import weakref
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from etelecom_async._core.calls.limiter import (
    KEYS_KEPT,
    LONGEST_COOL_DOWN,
    CapacityLimiter,
    Hold,
    Limiters,
    LimiterStats,
    Stats,
    Turn,
)
from etelecom_async._core.clock import Clock
from etelecom_async._core.operation import Effect
from etelecom_async.errors import ConfigurationError
from tests.conftest import read_html

if TYPE_CHECKING:
    from tests.conftest import Waits


@pytest.fixture
def clock(waits: Waits) -> Clock:
    """A clock that nobody waits for."""
    return Clock(lambda: waits.at, waits.sleep)


async def a_turn() -> None:
    """Lets every task go as far as it can."""
    for _ in range(5):
        await asyncio.sleep(0)


async def test_calls_beyond_the_width_wait_in_order() -> None:
    """A limiter lets in as many as it is wide; the others come first come, first served."""
    limiter = Limiters(2, math.inf).limiter(Effect.READ)
    order: list[int] = []

    async def call(number: int) -> None:
        await limiter.acquire()
        order.append(number)

    tasks = [asyncio.create_task(call(number)) for number in range(5)]
    await a_turn()
    assert (order, limiter.in_flight, limiter.waiting) == ([0, 1], 2, 3)
    for done in (3, 4, 5):
        limiter.release()
        await a_turn()
        assert order == list(range(done))
    limiter.release()
    limiter.release()
    assert (limiter.in_flight, limiter.waiting) == (0, 0)
    await asyncio.gather(*tasks)


async def test_what_waits_for_nothing_begins_at_once(clock: Clock, waits: Waits) -> None:
    """A first attempt takes its turn without waiting, or none at all: limit, rate, pause and others first."""
    limiter = Limiters(2, 0.1, clock).limiter(Effect.READ)
    assert (limiter.acquire_nowait(), limiter.acquire_nowait(), limiter.in_flight) == (1000.0, None, 1)
    waits.at = 1010.0
    assert (limiter.acquire_nowait(), limiter.in_flight) == (1010.0, 2)
    waits.at = 1020.0
    assert (limiter.acquire_nowait(), limiter.in_flight) == (None, 2)
    limiter.release()
    limiter.on_throttle(10.0)  # which makes it one wide
    limiter.release()
    assert (limiter.acquire_nowait(), limiter.in_flight) == (None, 0)
    waits.at = 1030.0
    assert (limiter.acquire_nowait(), limiter.in_flight) == (1030.0, 1)


async def test_nobody_overtakes_who_waits_for_a_start(waits: Waits) -> None:
    """While a call waits for the rate, the next does not begin before it, whatever the clock shows."""
    go_on = asyncio.Event()
    limiter = Limiters(9, 0.1, Clock(lambda: waits.at, lambda _: go_on.wait())).limiter(Effect.READ)
    assert limiter.acquire_nowait() == 1000.0
    first = asyncio.create_task(limiter.acquire())
    await a_turn()
    waits.at = 1015.0
    assert (limiter.acquire_nowait(), limiter.in_flight) == (None, 2)
    go_on.set()
    assert await first == 1015.0


async def test_reads_and_writes_have_lanes_of_their_own() -> None:
    """Reads share one limiter, everything else another."""
    limiters = Limiters(1, math.inf)
    reads, *others = [limiters.limiter(effect) for effect in Effect]
    assert len(set(map(id, others))) == 1
    assert reads not in others
    assert limiters.limiter(Effect.READ) is reads


async def test_cancelled_while_waiting_gives_no_turn_away() -> None:
    """A call that is cancelled in the queue leaves it; its turn goes to the next, also in the last moment."""
    limiter = Limiters(1, math.inf).limiter(Effect.READ)
    await limiter.acquire()
    first, second, third = (asyncio.create_task(limiter.acquire()) for _ in range(3))
    await a_turn()
    first.cancel()
    await a_turn()
    assert limiter.waiting == 2
    limiter.release()  # second has its turn from now on, and is cancelled before it knows
    second.cancel()
    await a_turn()
    assert (third.done(), limiter.in_flight, limiter.waiting) == (True, 1, 0)
    limiter.release()
    assert limiter.in_flight == 0


async def test_cancelled_while_it_cools_down_gives_its_turn_back() -> None:
    """A call that is cancelled in a cool-down leaves its limiter."""
    limiter = Limiters(1, math.inf).limiter(Effect.READ)
    limiter.on_throttle(30.0)
    waiting = asyncio.create_task(limiter.acquire())
    await a_turn()
    assert limiter.in_flight == 1
    waiting.cancel()
    await a_turn()
    assert limiter.in_flight == 0


async def test_rate_spaces_the_starts(clock: Clock, waits: Waits) -> None:
    """With a rate, each attempt starts a gap after the one before, in both limiters together."""
    limiters = Limiters(100, 0.1, clock)
    starts = [
        await limiters.limiter(Effect.READ if number % 2 else Effect.CREATE).acquire() for number in range(4)
    ]
    assert starts == [1000.0, 1010.0, 1020.0, 1030.0]
    assert waits == [10.0, 10.0, 10.0]


async def test_skipped_start(clock: Clock, waits: Waits) -> None:
    """The first attempt waits as if another one had just started, also with another key's limiters."""
    limiters = Limiters(100, 0.1, clock)
    limiters.skip_start()
    starts = [
        await each.limiter(Effect.READ).acquire()
        for each in (limiters.with_own(5, None).for_key("1"), limiters.for_key("2"))
    ]
    assert (starts, waits) == ([1010.0, 1020.0], [10.0, 10.0])


class BrokenRate:
    """A shared rate whose folder was deleted."""

    per_second = 1.0

    def start_nowait(self) -> bool:
        """Refuse to start."""
        raise ConfigurationError("no such file")

    def place(self) -> BrokenRate:
        """Return the only place."""
        return self

    def start(self) -> float:
        """Refuse to start."""
        raise ConfigurationError("no such file")

    def leave(self) -> None:
        """Leave nothing."""


async def test_shared_rate_that_breaks(clock: Clock) -> None:
    """A call that cannot start raises the error of the shared rate, and keeps no turn."""
    limiter = Limiters(1, 5, clock).with_own(1, BrokenRate()).limiter(Effect.READ)
    with pytest.raises(ConfigurationError, match="no such file"):
        limiter.acquire_nowait()
    for _ in range(2):
        with pytest.raises(ConfigurationError, match="no such file"):
            await limiter.acquire()
    assert limiter.in_flight == 0


@pytest.mark.parametrize(("asked", "waited"), [(20.0, 20.0), (86400.0, LONGEST_COOL_DOWN)])
async def test_one_throttled_call_pauses_all(clock: Clock, waits: Waits, asked: float, waited: float) -> None:
    """After a throttled call, the next call waits as long as the server asks, up to a maximum."""
    limiters = Limiters(4, math.inf, clock)
    limiter = limiters.limiter(Effect.READ)
    limiter.on_throttle(asked)
    assert limiter.pause() == waited
    await limiters.limiter(Effect.SEND).acquire()
    assert waits == [waited]
    assert limiter.pause() == 0


@pytest.mark.parametrize("rate", [math.inf, 1.0], ids=["any rate", "one a second"])
async def test_a_pause_reaches_those_who_wait_already(waits: Waits, rate: float) -> None:
    """A call that waits for its start, or for a pause to end, waits on when another one is throttled."""

    async def sleep(seconds: float) -> None:
        await waits.sleep(seconds)
        if len(waits) == 1:
            limiter.on_throttle(50.0)

    limiter = Limiters(4, rate, Clock(lambda: waits.at, sleep)).limiter(Effect.READ)
    limiter.on_throttle(5.0)
    assert await limiter.acquire() == 1055.0
    assert waits == [5.0, 50.0]


async def test_a_shorter_pause_ends_no_longer_one(clock: Clock) -> None:
    """What the server asked for first still holds when a later response asks for less."""
    limiter = Limiters(4, math.inf, clock).limiter(Effect.READ)
    limiter.on_throttle(30.0)
    limiter.on_throttle(1.0)
    assert limiter.pause() == 30.0


async def test_a_throttled_lane_narrows_and_climbs_back() -> None:
    """Throttling halves the limit, down to one; each successful round raises it by one, up to the start."""
    limiter = Limiters(8, math.inf).limiter(Effect.READ)
    limits: list[float] = []
    for _ in range(5):
        limiter.on_throttle(0.0)
        limits.append(limiter.limit)
    assert limits == [4.0, 2.0, 1.0, 1.0, 1.0]
    limiter.on_success()
    assert limiter.limit == 2.0
    limiter.on_success()
    limiter.on_success()
    assert limiter.limit == pytest.approx(2.9)
    for _ in range(100):
        limiter.on_success()
    assert limiter.limit == 8.0
    await limiter.acquire()


async def test_a_narrowed_lane_lets_no_more_in_than_it_is_wide() -> None:
    """Attempts in flight continue when the limit falls; the next ones start below the new limit."""
    limiter = Limiters(4, math.inf).limiter(Effect.READ)
    for _ in range(4):
        await limiter.acquire()
    limiter.on_throttle(0.0)
    waiting = asyncio.create_task(limiter.acquire())
    limiter.release()
    limiter.release()
    await a_turn()
    assert (limiter.in_flight, waiting.done()) == (2, False)
    limiter.release()
    await a_turn()
    assert (limiter.in_flight, waiting.done()) == (2, True)


def test_lanes_of_closed_loops_are_dropped() -> None:
    """Each loop has limiters of its own, and a closed loop's are forgotten."""
    limiters = Limiters(1, math.inf)

    async def enter() -> Any:
        limiter = limiters.limiter(Effect.READ)
        await limiter.acquire()
        return limiter

    first, second = asyncio.run(enter()), asyncio.run(enter())
    assert first is not second
    assert limiters.stats(None).reads.in_flight == 1


async def test_stats(clock: Clock, waits: Waits) -> None:
    """The figures say what is under way, what waits and what was, limiter by limiter and together."""
    limiters = Limiters(2, math.inf, clock)
    before = limiters.stats(None)
    assert (before.reads, before.attempts, before.rate) == (
        LimiterStats(in_flight=0, waiting=0, limit=2.0),
        0,
        0,
    )
    limiter = limiters.limiter(Effect.CREATE)
    tasks = [asyncio.create_task(limiter.acquire(is_retry=number == 0)) for number in range(3)]
    await a_turn()
    assert limiters.stats(7) == Stats(
        reads=LimiterStats(in_flight=0, waiting=0, limit=2.0),
        writes=LimiterStats(in_flight=2, waiting=1, limit=2.0),
        attempts=2,
        rate=0,
        retries=1,
        throttles=0,
        pause=0.0,
        connections_reused=7,
    )
    limiter.on_throttle(10.0)
    limiter.release()
    limiter.release()
    await asyncio.gather(*tasks)
    after = limiters.stats(None)
    assert (after.attempts, after.throttles, after.writes.limit) == (3, 1, 1.0)
    assert (after.pause, waits) == (0.0, [10.0])


async def test_rate_is_that_of_the_last_second(clock: Clock, waits: Waits) -> None:
    """The rate that is shown counts the starts of the last whole second, and of no other."""
    limiters = Limiters(100, math.inf, clock)
    limiter = limiters.limiter(Effect.READ)
    seen: list[int] = []
    for starts in (3, 2, 0, 0):
        for _ in range(starts):
            await limiter.acquire()
        waits.at += 1
        seen.append(limiters.stats(None).rate)
    assert seen == [3, 2, 0, 0]
    await limiter.acquire()
    waits.at += 2
    assert limiters.stats(None).rate == 0


async def test_cancelled_in_the_moment_in_which_another_leaves() -> None:
    """Calls that are cancelled together end as cancelled, whether they were under way or in the queue."""
    limiter = Limiters(2, math.inf).limiter(Effect.READ)

    async def call() -> None:
        await limiter.acquire()
        try:
            await asyncio.sleep(3600)
        finally:
            limiter.release()

    tasks = [asyncio.create_task(call()) for _ in range(6)]
    await a_turn()
    for task in tasks:
        task.cancel()
    ends = await asyncio.gather(*tasks, return_exceptions=True)
    assert [asyncio.CancelledError] * 6 == [type(end) for end in ends]
    assert (limiter.in_flight, limiter.waiting) == (0, 0)


async def test_a_start_that_comes_while_one_looks(waits: Waits) -> None:
    """An attempt that finds its start due when it is about to wait for it, begins at once."""
    ticks = iter([1000.0, 1000.9, 1001.5, 1001.5])
    limiter = Limiters(4, 1.0, Clock(lambda: next(ticks), waits.sleep)).limiter(Effect.READ)
    assert await limiter.acquire() == 1000.0
    assert await limiter.acquire() == 1001.5
    assert waits == []


@pytest.mark.parametrize("rate", [0.1, math.inf])
async def test_who_gives_up_gives_the_start_back(clock: Clock, waits: Waits, rate: float) -> None:
    """A call that is cancelled while it waits for its start leaves no gap behind: the next one takes it."""
    held = asyncio.Event()

    async def sleep(seconds: float) -> None:
        if not held.is_set():
            held.set()
            await asyncio.Event().wait()
        await waits.sleep(seconds)

    limiter = Limiters(9, rate, Clock(clock.now, sleep)).limiter(Effect.READ)
    await limiter.acquire()
    limiter.on_throttle(10.0)
    first = asyncio.create_task(limiter.acquire())
    await held.wait()
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    assert (await limiter.acquire(), limiter.in_flight) == (1010.0, 2)


async def test_a_held_up_loop_lets_no_calls_start_together(waits: Waits) -> None:
    """Calls whose starts are overdue together, because the event loop stood still, begin one by one."""

    async def sleep(seconds: float) -> None:
        await waits.sleep(seconds)
        if len(waits) == 1:
            waits.at += 100  # the loop stands still

    limiter = Limiters(9, 0.1, Clock(lambda: waits.at, sleep)).limiter(Effect.READ)
    assert await asyncio.gather(*(limiter.acquire() for _ in range(4))) == [1000.0, 1110.0, 1120.0, 1130.0]


async def test_repetitions_come_before_first_attempts() -> None:
    """A call that comes again has its turn before those that came after it, in the order of coming again."""
    limiter = Limiters(1, math.inf).limiter(Effect.READ)
    await limiter.acquire()
    order: list[str] = []

    async def call(name: str, *, is_retry: bool) -> None:
        await limiter.acquire(is_retry=is_retry)
        order.append(name)
        limiter.release()

    tasks = [
        asyncio.create_task(call(name, is_retry=name.startswith("again")))
        for name in ("first", "second", "again 1", "again 2")
    ]
    await a_turn()
    limiter.release()
    await asyncio.gather(*tasks)
    assert order == ["again 1", "again 2", "first", "second"]


async def test_calls_that_were_turned_away_together_narrow_the_lane_once(clock: Clock, waits: Waits) -> None:
    """Calls that are throttled together lower the limit once; the next one after the pause does so again."""
    limiters = Limiters(64, math.inf, clock)
    limiter = limiters.limiter(Effect.READ)
    for _ in range(64):
        limiter.on_throttle(1.0)
    assert limiter.limit == 32
    waits.at += 1.0
    limiter.on_throttle(1.0)
    assert (limiter.limit, limiters.stats(None).throttles) == (16, 65)


async def test_throttle_without_a_time_pauses_nothing(clock: Clock) -> None:
    """A throttled call without a time to wait pauses no other call and keeps the limit."""
    limiters = Limiters(64, math.inf, clock)
    limiter = limiters.limiter(Effect.READ)
    assert limiter.on_throttle(None) == 0
    assert (limiter.limit, limiter.pause(), limiters.stats(None).throttles) == (64.0, 0, 1)


class TestHold:
    """An operation that the server throttles without a time to wait."""

    NAME = "shop.current"

    @pytest.fixture
    async def limiter(self, clock: Clock) -> CapacityLimiter:
        """A limiter with one operation on hold."""
        self.limiters = Limiters(64, math.inf, clock)
        limiter = self.limiters.limiter(Effect.READ)
        self.hold, is_probe = limiter.hold(self.NAME)
        assert is_probe
        return limiter

    def wait(self, limiter: CapacityLimiter, count: int) -> list[asyncio.Task[Any]]:
        """Calls that wait for the operation."""
        return [asyncio.create_task(limiter.wait_while_held(self.NAME)) for _ in range(count)]

    @staticmethod
    def turns(tasks: list[asyncio.Task[Any]]) -> list[Turn]:
        """What the calls may do that need not wait any more."""
        return [task.result()[1] for task in tasks if task.done() and not task.cancelled()]

    async def test_one_probe(self, limiter: CapacityLimiter) -> None:
        """The first throttled call probes; another one waits, and so does a new call, in order."""
        assert limiter.hold(self.NAME) == (self.hold, False)
        tasks = self.wait(limiter, 3)
        await a_turn()
        assert (self.turns(tasks), limiter.waiting) == ([], 3)
        assert await limiter.wait_while_held("another") == (None, Turn.FREE)
        limiter.leave(self.NAME, self.hold, Turn.PROBE, went_through=True)
        await a_turn()
        assert [task.done() for task in tasks] == [True, True, False]
        tasks[2].cancel()
        await asyncio.wait(tasks)

    async def test_each_success_lets_two_go(self, limiter: CapacityLimiter) -> None:
        """The rate of the operation rises step by step, and the hold ends with the last waiting call."""
        tasks = self.wait(limiter, 5)
        await a_turn()
        turn = Turn.PROBE
        for free in (2, 4, 5):
            limiter.leave(self.NAME, self.hold, turn, went_through=True)
            turn = Turn.FREE
            await a_turn()
            assert self.turns(tasks) == [Turn.FREE] * free
        assert limiter.holds == {}

    async def test_probe_that_is_used_up(self, limiter: CapacityLimiter) -> None:
        """Each waiting call gets one attempt, and the hold ends."""
        tasks = self.wait(limiter, 3)
        await a_turn()
        limiter.give_up(self.NAME, self.hold)
        await a_turn()
        assert (self.turns(tasks), limiter.holds) == ([Turn.LAST] * 3, {})

    async def test_probe_that_ends_otherwise(self, limiter: CapacityLimiter) -> None:
        """The next waiting call becomes the probe; without one the hold ends."""
        tasks = self.wait(limiter, 1)
        await a_turn()
        limiter.leave(self.NAME, self.hold, Turn.PROBE)
        await a_turn()
        assert (self.turns(tasks), self.NAME in limiter.holds) == ([Turn.PROBE], True)
        limiter.leave(self.NAME, self.hold, Turn.PROBE)
        assert limiter.holds == {}

    async def test_waiting_calls_stay_while_another_probes(self, limiter: CapacityLimiter) -> None:
        """A call that was let go lets no other one go while a new probe runs."""
        tasks = self.wait(limiter, 4)
        await a_turn()
        limiter.leave(self.NAME, self.hold, Turn.PROBE, went_through=True)
        assert limiter.hold(self.NAME) == (self.hold, True)  # one of the two is throttled again
        limiter.leave(self.NAME, self.hold, Turn.FREE, went_through=True)
        await a_turn()
        assert len(self.turns(tasks)) == 2
        limiter.leave(self.NAME, self.hold, Turn.PROBE, went_through=True)
        await a_turn()
        assert len(self.turns(tasks)) == 4

    @pytest.mark.parametrize("is_let_go", [False, True])
    async def test_cancelled_while_waiting(self, limiter: CapacityLimiter, *, is_let_go: bool) -> None:
        """A cancelled call leaves the queue; what it was allowed to do passes to the next one."""
        tasks = self.wait(limiter, 2)
        await a_turn()
        if is_let_go:
            limiter.leave(self.NAME, self.hold, Turn.PROBE)  # the first one is the probe, and does not know
        tasks[0].cancel()
        await a_turn()
        if not is_let_go:
            limiter.leave(self.NAME, self.hold, Turn.PROBE)
            await a_turn()
        assert tasks[0].cancelled()
        assert self.turns(tasks) == [Turn.PROBE]
        limiter.leave(self.NAME, self.hold, Turn.PROBE)
        assert (limiter.holds, limiter.waiting) == ({}, 0)

    async def test_turn_that_is_given_back(self, limiter: CapacityLimiter) -> None:
        """A turn without an attempt counts as none."""
        await limiter.acquire(is_retry=True)
        limiter.give_back(is_retry=True)
        stats = self.limiters.stats(None)
        assert (stats.reads.in_flight, stats.attempts, stats.retries) == (0, 0, 0)


async def test_a_first_attempt_overtakes_no_repetition() -> None:
    """When a limit rises before any call ends, a new call still waits behind those that wait already."""
    limiter = Limiters(2, math.inf).limiter(Effect.READ)
    limiter.limit = 1.0
    await limiter.acquire()
    again = asyncio.create_task(limiter.acquire(is_retry=True))
    await a_turn()
    limiter.limit = 2.0
    assert limiter.acquire_nowait() is None
    first = asyncio.create_task(limiter.acquire())
    await a_turn()
    assert (again.done(), first.done(), limiter.waiting) == (False, False, 2)
    limiter.release()
    await a_turn()
    assert (again.done(), first.done(), limiter.in_flight) == (True, True, 2)


async def test_a_repetition_that_never_began_is_none(clock: Clock) -> None:
    """A retry that is cancelled in the queue does not count as a retry."""
    limiters = Limiters(1, math.inf, clock)
    limiter = limiters.limiter(Effect.READ)
    await limiter.acquire()
    again = asyncio.create_task(limiter.acquire(is_retry=True))
    await a_turn()
    again.cancel()
    await asyncio.gather(again, return_exceptions=True)
    limiter.release()
    assert (limiters.stats(None).retries, limiters.stats(None).attempts, limiter.in_flight) == (0, 1, 0)


async def test_a_hold_passes_over_calls_that_were_cancelled() -> None:
    """A call that was cancelled while it waited does not take the role of the probe."""
    hold, passed_on = Hold(), []
    cancelled, waiting = (asyncio.create_task(hold.queue.wait(passed_on.append)) for _ in range(2))
    await a_turn()
    cancelled.cancel()
    hold.end_probe()
    assert (await waiting, hold.has_probe, passed_on) == (Turn.PROBE, True, [])
    assert cancelled.cancelled()


class CountedFuture(asyncio.Future[Any]):
    """A future that counts how often futures are compared, as a search in a queue does."""

    compared = 0

    def __eq__(self, other: object) -> bool:
        CountedFuture.compared += 1
        return self is other

    __hash__ = asyncio.Future.__hash__


ORDERS: dict[str, Callable[[list[Any]], list[Any]]] = {
    "oldest first": list,
    "newest first": lambda tasks: tasks[::-1],
    "mixed": lambda tasks: tasks[1::2] + tasks[-2::-2],
}


class TestCancellation:
    """The work to cancel waiting calls is linear, whatever they wait for."""

    NAME = "shop.current"
    CALLS = 400

    @pytest.fixture
    async def compared(self) -> Callable[[], int]:
        """Returns the number of comparisons between futures since the start of the test."""
        loop = asyncio.get_running_loop()
        loop.create_future = lambda: CountedFuture(loop=loop)
        before = CountedFuture.compared
        return lambda: CountedFuture.compared - before

    @pytest.mark.parametrize("order", ORDERS.values(), ids=ORDERS)
    @pytest.mark.parametrize("what", ["turn", "retry", "hold", "rate", "pause"])
    async def test_cancel_all(
        self,
        waits: Waits,
        compared: Callable[[], int],
        what: str,
        order: Callable[[list[Any]], list[Any]],
    ) -> None:
        """No cancelled call is searched for, and the limiter is as before."""
        is_limited = what in {"turn", "retry", "hold"}
        clock = Clock(lambda: waits.at, lambda _: asyncio.Event().wait())
        limiters = Limiters(1 if is_limited else self.CALLS + 1, 0.1 if what == "rate" else math.inf, clock)
        limiter = limiters.limiter(Effect.READ)
        await limiter.acquire()
        if what == "hold":
            limiter.hold(self.NAME)
        if what == "pause":
            limiter.on_throttle(30.0)
            limiter.limit = float(self.CALLS + 1)

        async def call() -> None:
            if what == "hold":
                await limiter.wait_while_held(self.NAME)
            await limiter.acquire(is_retry=what == "retry")

        tasks = [asyncio.create_task(call()) for _ in range(self.CALLS)]
        await a_turn()
        before = limiters.stats(None).reads
        assert (before.waiting, before.in_flight) == ((self.CALLS, 1) if is_limited else (0, self.CALLS + 1))
        for task in order(tasks):
            task.cancel()
        await asyncio.wait(tasks)
        assert all(task.cancelled() for task in tasks)
        assert compared() < self.CALLS
        assert limiters.stats(None).reads[:2] == (1, 0)


class TestKeys:
    """Several keys, as of a partner and its shops."""

    async def test_share_the_rate(self, clock: Clock) -> None:
        """Calls of all keys together keep the rate; each key has its own counts."""
        partner = Limiters(100, 0.1, clock)
        of_keys = [partner, partner.for_key("a"), partner.for_key("b")]
        starts = [await limiters.limiter(Effect.READ).acquire() for limiters in of_keys * 2]
        assert starts == [1000.0, 1010.0, 1020.0, 1030.0, 1040.0, 1050.0]
        assert [limiters.stats(None).attempts for limiters in of_keys] == [2, 2, 2]

    async def test_take_turns(self, clock: Clock) -> None:
        """Waiting calls of all keys get their starts in the order in which they came."""
        partner = Limiters(100, 0.1, clock)
        limiters = [partner.for_key(key).limiter(Effect.READ) for key in "abc"]
        order: list[int] = []

        async def call(number: int) -> float:
            started = await limiters[number % 3].acquire()
            order.append(number)
            return started

        starts = await asyncio.gather(*map(call, range(9)))
        assert order == list(range(9))
        assert starts == [1000.0 + 10 * number for number in range(9)]

    async def test_start_one_by_one_after_a_blocked_loop(self, waits: Waits) -> None:
        """Starts of several keys that are overdue together, because the loop was blocked, keep the rate."""

        async def sleep(seconds: float) -> None:
            await waits.sleep(seconds)
            if len(waits) == 1:
                waits.at += 100  # the loop is blocked

        partner = Limiters(9, 0.1, Clock(lambda: waits.at, sleep))
        calls = [partner.for_key(key).limiter(Effect.READ).acquire() for key in "abcd"]
        assert await asyncio.gather(*calls) == [1000.0, 1110.0, 1120.0, 1130.0]

    async def test_pause_alone(self, clock: Clock, waits: Waits) -> None:
        """A throttled key pauses and lowers its own limit; calls of other keys start meanwhile."""
        partner = Limiters(64, math.inf, clock)
        throttled, other = partner.for_key("a"), partner.for_key("b")
        throttled.limiter(Effect.READ).on_throttle(30.0)
        assert [limiters.stats(None).pause for limiters in (partner, throttled, other)] == [0, 30, 0]
        assert await other.limiter(Effect.READ).acquire() == 1000.0
        assert [limiters.stats(None).reads.limit for limiters in (throttled, other)] == [32, 64]
        assert await throttled.limiter(Effect.SEND).acquire() == 1030.0
        assert waits == [30.0]

    async def test_paused_key_delays_no_other(self, waits: Waits) -> None:
        """A key that is paused while its call waits for the rate gives its start to another key."""
        other_started = asyncio.Event()

        async def sleep(seconds: float) -> None:
            await a_turn()
            if not waits:
                paused.limiter(Effect.READ).on_throttle(25.0)
            else:
                await other_started.wait()
            await waits.sleep(seconds)

        async def second() -> float:
            started = await other.limiter(Effect.READ).acquire()
            other_started.set()
            return started

        partner = Limiters(9, 0.1, Clock(lambda: waits.at, sleep))
        paused, other = partner.for_key("a"), partner.for_key("b")
        await partner.limiter(Effect.READ).acquire()
        starts = await asyncio.gather(paused.limiter(Effect.READ).acquire(), second())
        assert starts == [1025.0, 1010.0]
        assert waits == [10.0, 15.0]

    async def test_same_key(self, clock: Clock) -> None:
        """Asking twice for a key returns the same limiters, so it has one concurrency and one pause."""
        partner = Limiters(2, math.inf, clock)
        partner.for_key("a").limiter(Effect.READ).on_throttle(30.0)  # no client keeps them alive
        gc.collect()
        assert partner.for_key("a") is partner.for_key("a")
        assert partner.for_key("a").stats(None).pause == 30.0
        assert partner.for_key("b").stats(None).pause == 0.0

    async def test_memory(self, clock: Clock) -> None:
        """Of many keys, those that were used last are kept, and those that are in use."""
        partner = Limiters(2, math.inf, clock)
        in_use = partner.for_key("in use")
        dropped = weakref.ref(partner.for_key("dropped"))
        for number in range(KEYS_KEPT):
            partner.for_key("kept")
            partner.for_key(number)
        kept = weakref.ref(partner.for_key("kept"))
        gc.collect()
        assert (dropped(), partner.for_key("in use")) == (None, in_use)
        assert kept() is partner.for_key("kept")

    async def test_own_rate(self, clock: Clock) -> None:
        """A copy with its own rate shares the pause; one with its own concurrency also shares the rate."""
        limiters = Limiters(8, 0.1, clock)
        narrow, fast = limiters.with_own(2, None), limiters.with_own(8, math.inf)
        starts = [await each.limiter(Effect.READ).acquire() for each in (limiters, fast, narrow)]
        assert starts == [1000.0, 1000.0, 1010.0]
        assert [each.stats(None).reads.limit for each in (limiters, fast, narrow)] == [8, 8, 2]
        limiters.limiter(Effect.READ).on_throttle(30.0)
        assert [each.stats(None).pause for each in (limiters, fast, narrow)] == [30, 30, 30]


def test_html_of_stats() -> None:
    """A notebook shows each number in a row; those of reads and writes have the name of their limiter."""
    reads = LimiterStats(in_flight=1, waiting=2, limit=64.0)
    stats = Stats(
        reads=reads,
        writes=LimiterStats(in_flight=0, waiting=0, limit=2.5),
        attempts=3,
        rate=1,
        retries=0,
        throttles=0,
        pause=0.0,
        connections_reused=None,
    )
    rows, texts = read_html(stats)
    assert texts == ["Stats"]
    assert ["writes.limit", "2.5"] in rows
    assert ["retries", "0"] in rows
    assert ["connections_reused", ""] in rows
    assert len(rows) == 1 + 6 + 6
    assert read_html(reads) == (
        [["field", "value"], ["in_flight", "1"], ["waiting", "2"], ["limit", "64.0"]],
        ["LimiterStats"],
    )
