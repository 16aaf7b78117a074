"""
Many calls at once: as many under way as the client lets, however many there are to make.

The room knows neither lanes nor requests: it is given a function, and what to call it with.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Awaitable, Callable, Iterable
from itertools import count
from typing import Generic, NamedTuple, TypeVar, cast

from etelecom_async.errors import EtelecomError

InputT = TypeVar("InputT")
ResultT = TypeVar("ResultT")


class Done(NamedTuple, Generic[InputT, ResultT]):
    """One of many calls, and what became of it."""

    input: InputT
    """What it was made with."""
    result: ResultT | None
    """What came back; `None` where it failed."""
    error: EtelecomError | None
    """How it failed; `None` where it did not."""

    def get(self) -> ResultT:
        """
        Return what came back.

        Raises:
            EtelecomError: The call failed.
        """
        if self.error is not None:
            raise self.error
        return cast("ResultT", self.result)


async def fan_out(
    call: Callable[[InputT], Awaitable[ResultT]],
    inputs: Iterable[InputT] | AsyncIterable[InputT],
    *,
    width: int,
    in_order: bool,
) -> AsyncGenerator[Done[InputT, ResultT]]:
    """
    Make a call with each of *inputs*, and give what becomes of it.

    No more than twice *width* inputs are taken before what became of them has been asked for, so that memory
    stays flat with any number of them.

    Args:
        call: Makes one call.
        inputs: What it is made with, one at a time; may be endless.
        width: Calls under way at a time, at the most.
        in_order: Whether they are given in the order of the inputs, and not as they finish.
    """
    source, places = _each(inputs), count()
    turn, room = asyncio.Lock(), asyncio.Semaphore(2 * width)
    ended: asyncio.Queue[tuple[int, Done[InputT, ResultT]] | asyncio.Task[None]] = asyncio.Queue()

    async def work() -> None:
        while True:
            await room.acquire()
            async with turn:  # what gives the inputs is asked by one at a time
                try:
                    given = await anext(source)
                except StopAsyncIteration:
                    room.release()
                    return
                place = next(places)
            try:
                done = Done[InputT, ResultT](given, await call(given), None)
            except EtelecomError as error:
                done = Done[InputT, ResultT](given, None, error)
            ended.put_nowait((place, done))

    workers = [asyncio.create_task(work()) for _ in range(width)]
    for worker in workers:
        worker.add_done_callback(ended.put_nowait)
    early: dict[int, Done[InputT, ResultT]] = {}
    following, left = 0, width
    try:
        while left:
            end = await ended.get()
            if isinstance(end, asyncio.Task):
                end.result()  # raises what is no error of a call
                left -= 1
                continue
            place, done = end
            early[place if in_order else following] = done
            while following in early:
                yield early.pop(following)
                following += 1
                room.release()
    finally:
        for worker in workers:
            worker.cancel()
        await asyncio.gather(*workers, return_exceptions=True)


async def _each(inputs: Iterable[InputT] | AsyncIterable[InputT]) -> AsyncIterator[InputT]:
    if isinstance(inputs, AsyncIterable):
        async for given in inputs:
            yield given
    else:
        for given in inputs:
            yield given
