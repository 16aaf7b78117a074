"""The bounded queue of events."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pytest

from etelecom_async.webhooks import Event, UnknownEvent
from etelecom_async.webhooks.work_queue import WorkQueue

if TYPE_CHECKING:
    from tests.conftest import LoopClock


def event(number: int) -> Event:
    """Return an event with a number."""
    return UnknownEvent(raw={"number": number})


def numbers(events: Sequence[Event]) -> list[int]:
    """Return the numbers of events."""
    return [each.raw["number"] for each in events]


async def turn() -> None:
    """Let the tasks of the event loop run until they wait."""
    for _ in range(20):
        await asyncio.sleep(0)


class Work:
    """Handles events as a test allows it."""

    def __init__(self, **options: Any) -> None:
        self.started: list[Event] = []
        self.done: list[Event] = []
        self.abandoned: list[Event] = []
        self.may_go = asyncio.Event()
        self.ignores_cancellation = False
        self.unfinished: set[int] = set()
        """Numbers of events that want a pause whenever there is one."""
        limits = {"most_events": 3, "most_bytes": 100, "concurrency": 1, **options}
        self.queue = WorkQueue(self._handle, self.abandoned.extend, **limits)

    async def _handle(self, given: Event, has_pause: bool) -> bool:  # noqa: FBT001 - the queue calls it by place
        self.started.append(given)
        if has_pause and given.raw["number"] in self.unfinished:
            return False
        try:
            await self.may_go.wait()
        except asyncio.CancelledError:
            if not self.ignores_cancellation:
                raise
        else:
            self.done.append(given)
        return True

    def offer(self, *wanted: int, size: int = 0) -> bool:
        """Put a delivery if there is room."""
        if self.queue.reserve(len(wanted), size):
            self.queue.put([event(number) for number in wanted], size)
            return True
        return False


async def test_order() -> None:
    """Events are handled in their order, one at a time, and the queue is empty at the end."""
    work = Work()
    assert work.offer(1, 2)
    assert work.offer(3)
    await asyncio.sleep(0)
    assert numbers(work.started) == [1]
    work.may_go.set()
    await work.queue.join()
    assert numbers(work.done) == [1, 2, 3]
    assert await work.queue.stop(None) == []


async def test_concurrency() -> None:
    """Several events can be handled at a time."""
    work = Work(concurrency=2)
    assert work.offer(1, 2, 3)
    await asyncio.sleep(0)
    assert numbers(work.started) == [1, 2]
    work.may_go.set()
    assert await work.queue.stop(None) == []
    assert sorted(numbers(work.done)) == [1, 2, 3]


async def test_events_are_bounded() -> None:
    """A full queue takes nothing; the end of an event makes room. Events in work count, too."""
    work = Work()
    assert work.offer(1, 2, 3)
    await asyncio.sleep(0)
    assert not work.offer(4)
    work.may_go.set()
    await work.queue.join()
    assert work.offer(4)
    await work.queue.stop(None)


async def test_bytes_are_bounded() -> None:
    """The size of the deliveries is bounded; it is released with the last event of a delivery."""
    work = Work()
    assert work.offer(1, 2, size=90)
    assert not work.offer(3, size=11)
    assert work.offer(3, size=10)
    work.may_go.set()
    await work.queue.join()
    assert work.offer(4, size=100)
    await work.queue.stop(None)


async def test_large_delivery() -> None:
    """A delivery that is larger than the queue is accepted while the queue is empty: it would never fit."""
    work = Work()
    assert work.offer(*range(10), size=1000)
    assert not work.offer(11)
    work.may_go.set()
    await work.queue.stop(None)
    assert len(work.done) == 10


async def test_release() -> None:
    """Room that is given back can be used."""
    work = Work()
    assert work.queue.reserve(3, 100)
    assert not work.offer(1)
    work.queue.release(3, 100)
    assert work.offer(1)
    work.may_go.set()
    assert await work.queue.stop(None) == []


@pytest.mark.parametrize("ignores_cancellation", [False, True])
async def test_stop_in_time(*, ignores_cancellation: bool) -> None:
    """The events that are left after the time come back, the one in work included."""
    work = Work()
    work.ignores_cancellation = ignores_cancellation
    assert work.offer(1, 2, 3)
    await asyncio.sleep(0)
    left = numbers(await work.queue.stop(0))
    assert left == ([2, 3] if ignores_cancellation else [1, 2, 3])
    assert (numbers(work.started), work.abandoned) == ([1], [])


async def test_cancelled_stop() -> None:
    """If the caller of `stop` is cancelled, the events that are left are abandoned, and no task stays."""
    work = Work()
    assert work.offer(1, 2)
    task = asyncio.create_task(work.queue.stop(None))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert numbers(work.abandoned) == [1, 2]


def test_loop_that_ends() -> None:
    """An event loop that ends without `stop` abandons the events that are left, each once."""

    async def main() -> Work:
        work = Work(concurrency=2)
        assert work.offer(1, 2, 3)
        await asyncio.sleep(0)
        return work

    assert sorted(numbers(asyncio.run(main()).abandoned)) == [1, 2, 3]


async def test_pauses(loop_clock: LoopClock) -> None:
    """An event in a pause lets others pass, keeps its room, and comes again after each pause."""
    work = Work(pauses=(10, 1000))
    work.unfinished = {1}
    work.may_go.set()
    assert work.offer(1, 2)
    join = asyncio.create_task(work.queue.join())
    await turn()
    assert numbers(work.done) == [2]
    assert not work.offer(4, 5, 6)
    loop_clock.advance(11)
    await turn()
    assert numbers(work.started) == [1, 2, 1]
    assert not join.done()
    loop_clock.advance(1001)
    await join
    assert numbers(work.done) == [2, 1]
    assert await work.queue.stop(None) == []


async def test_stop_ends_pauses() -> None:
    """At the end, an event in a pause comes at once, for the last time."""
    work = Work(pauses=(1000, 1000))
    work.unfinished = {1}
    work.may_go.set()
    assert work.offer(1, 2)
    await turn()
    assert await work.queue.stop(None) == []
    assert numbers(work.done) == [2, 1]


async def test_pause_that_starts_at_the_end() -> None:
    """An event that asks for a pause while the queue stops comes again at once."""
    work = Work(pauses=(1000, 1000))
    work.unfinished = {1}
    work.may_go.set()
    assert work.offer(1)
    stop = asyncio.create_task(work.queue.stop(None))
    assert await stop == []
    assert numbers(work.done) == [1]


def test_loop_that_ends_in_a_pause() -> None:
    """An event in a pause is abandoned with the others when the event loop ends."""

    async def main() -> Work:
        work = Work(pauses=(1000,))
        work.unfinished = {1}
        assert work.offer(1, 2)
        await turn()
        return work

    assert sorted(numbers(asyncio.run(main()).abandoned)) == [1, 2]


async def test_handler_that_ignores_the_end(loop_clock: LoopClock) -> None:
    """A handler that ignores its cancellation does not hold the end, and its event comes back."""
    may_end = asyncio.Event()

    async def handle(_: Event, has_pause: bool) -> bool:  # noqa: FBT001 - the queue calls it by place
        assert not has_pause
        while not may_end.is_set():
            try:
                await may_end.wait()
            except asyncio.CancelledError:
                loop_clock.advance(60)
        return True

    queue = WorkQueue(handle, list[Event]().extend, most_events=3, most_bytes=100, concurrency=1)
    assert queue.reserve(1, 0)
    queue.put([event(1)], 0)
    await turn()
    assert numbers(await queue.stop(0)) == [1]
    may_end.set()
    await turn()
