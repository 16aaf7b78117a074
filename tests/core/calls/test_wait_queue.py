"""Test the order of waiting calls, and cancellation at any moment."""

from __future__ import annotations

import asyncio

from etelecom_async._core.calls.wait_queue import Turnstile, WaitQueue


async def until_idle() -> None:
    """Let every task go as far as it can."""
    for _ in range(5):
        await asyncio.sleep(0)


class TestWaitQueue:
    """Test `WaitQueue`."""

    async def test_order(self) -> None:
        """Calls wake in the order in which they came, each with its value; then none is left to wake."""
        queue = WaitQueue[str]()
        tasks = [asyncio.create_task(queue.wait(print)) for _ in range(3)]
        await until_idle()
        assert [queue.wake(value) for value in ("a", "b", "c", "d")] == [True, True, True, False]
        assert await asyncio.gather(*tasks) == ["a", "b", "c"]

    async def test_cancelled(self) -> None:
        """A cancelled call leaves at once, also from the middle, and none is woken in its place."""
        queue, passed_on = WaitQueue[int](), []
        tasks = [asyncio.create_task(queue.wait(passed_on.append)) for _ in range(3)]
        await until_idle()
        tasks[1].cancel()
        await until_idle()
        assert len(queue.calls) == 2
        assert [queue.wake(number) for number in (1, 2, 3)] == [True, True, False]
        await asyncio.wait(tasks)
        assert (tasks[0].result(), tasks[1].cancelled(), tasks[2].result(), passed_on) == (1, True, 2, [])

    async def test_woken_and_cancelled(self) -> None:
        """A call that is cancelled at the moment when it was woken passes its value on."""
        queue, passed_on = WaitQueue[str](), []
        task = asyncio.create_task(queue.wait(passed_on.append))
        await until_idle()
        queue.wake("turn")
        task.cancel()
        await asyncio.wait([task])
        assert (task.cancelled(), passed_on) == (True, ["turn"])

    async def test_cancelled_and_not_yet_left(self) -> None:
        """A call that was cancelled, but has not run since, is passed over."""
        queue = WaitQueue[str]()
        first, second = (asyncio.create_task(queue.wait(print)) for _ in range(2))
        await until_idle()
        first.cancel()
        queue.wake("turn")
        assert await second == "turn"
        assert first.cancelled()

    async def test_closed(self) -> None:
        """A coroutine that is closed while it waits leaves the queue, and passes nothing on."""
        queue, passed_on = WaitQueue[str](), []
        waiting = queue.wait(passed_on.append)
        waiting.send(None)
        assert len(queue.calls) == 1
        waiting.close()
        assert (len(queue.calls), passed_on) == (0, [])


class TestTurnstile:
    """Test `Turnstile`."""

    async def test_one_at_a_time(self) -> None:
        """Calls enter one by one, in the order in which they came."""
        turnstile, inside, order = Turnstile(), [], []

        async def enter(number: int) -> None:
            async with turnstile:
                inside.append(number)
                assert inside == [number]
                await asyncio.sleep(0)
                inside.remove(number)
                order.append(number)

        await asyncio.gather(*map(enter, range(5)))
        assert (order, turnstile.is_taken) == ([0, 1, 2, 3, 4], False)

    async def test_nobody_overtakes(self) -> None:
        """A call that comes before the next one has entered waits behind it."""
        turnstile, order = Turnstile(), []

        async def enter(name: str) -> None:
            async with turnstile:
                order.append(name)

        async with turnstile:
            waiting = asyncio.create_task(enter("waiting"))
            await until_idle()
        assert turnstile.is_taken
        await enter("late")
        await waiting
        assert order == ["waiting", "late"]

    async def test_cancelled(self) -> None:
        """A call that is cancelled, even as it is let in, blocks no other."""
        turnstile = Turnstile()

        async def enter() -> None:
            async with turnstile:
                await asyncio.sleep(0)

        async with turnstile:
            tasks = [asyncio.create_task(enter()) for _ in range(3)]
            await until_idle()
            tasks[0].cancel()
        tasks[1].cancel()  # it was let in, and does not know
        await asyncio.wait(tasks)
        assert [task.cancelled() for task in tasks] == [True, True, False]
        assert not turnstile.is_taken
