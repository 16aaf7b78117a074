"""
Many calls at once: as many under way as the client lets, however many there are to make.

The room knows neither limiters nor requests: it is given a function, and what to call it with.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterable, Awaitable, Callable, Iterable
from contextlib import aclosing
from itertools import count
from typing import Generic, NamedTuple, TypeAlias, TypeVar, cast

from etelecom_async._core.tracebacks import Hidden, boundary, cleaned
from etelecom_async.errors import EtelecomError

InputT = TypeVar("InputT")
ResultT = TypeVar("ResultT")
ThingT = TypeVar("ThingT")

_Queue: TypeAlias = asyncio.Queue[tuple[int, ThingT] | None]
"""Things by their places among the inputs; `None` where one who would have given or taken another ends."""


class MapResult(NamedTuple, Generic[InputT, ResultT]):
    """One of many calls, and what became of it."""

    input: InputT
    """What it was made with."""
    result: ResultT | None
    """What came back; `None` where it failed."""
    error: EtelecomError | None
    """How it failed; `None` where it did not."""

    @boundary
    def unwrap(self) -> ResultT:
        """
        Return what came back.

        Raises:
            EtelecomError: The call failed.
        """
        if self.error is not None:
            raise self.error
        return cast("ResultT", self.result)


def concurrent_map(
    call: Callable[[InputT], Awaitable[ResultT]],
    inputs: Iterable[InputT] | AsyncIterable[InputT],
    *,
    concurrency: int,
    in_order: bool,
) -> AsyncGenerator[MapResult[InputT, ResultT]]:
    """
    Make a call with each of *inputs*, and give what becomes of it.

    At most twice *concurrency* inputs are taken before their results are consumed, so memory stays flat. If
    *call* or *inputs* raise anything but an `EtelecomError`, no more inputs are taken. It is raised after the
    results of the other inputs, because their calls may have created or sent something.

    Args:
        call: Makes one call.
        inputs: What it is made with, one at a time; may be endless.
        concurrency: Calls under way at a time, at the most.
        in_order: Whether they are given in the order of the inputs, and not as they finish.
    """
    return _behind_boundary(call, Hidden(inputs), concurrency, in_order=in_order)


async def _behind_boundary(
    call: Callable[[InputT], Awaitable[ResultT]],
    inputs: Hidden[Iterable[InputT] | AsyncIterable[InputT]],
    concurrency: int,
    *,
    in_order: bool,
) -> AsyncGenerator[MapResult[InputT, ResultT]]:
    try:
        async with aclosing(_results(call, inputs.value, concurrency, in_order=in_order)) as results:
            async for result in results:
                yield result
    except BaseException as error:
        cleaned(error)
        raise


async def _results(
    call: Callable[[InputT], Awaitable[ResultT]],
    inputs: Iterable[InputT] | AsyncIterable[InputT],
    concurrency: int,
    *,
    in_order: bool,
) -> AsyncGenerator[MapResult[InputT, ResultT]]:
    todo: _Queue[InputT] = asyncio.Queue()
    ended: _Queue[MapResult[InputT, ResultT]] = asyncio.Queue()
    room = asyncio.Semaphore(2 * concurrency)
    feeder = asyncio.create_task(_feed(inputs, todo, room, concurrency))
    workers = [asyncio.create_task(_work(call, todo, ended)) for _ in range(concurrency)]

    def end(worker: asyncio.Task[None]) -> None:
        if worker.cancelled() or worker.exception() is not None:
            feeder.cancel()
        ended.put_nowait(None)

    for worker in workers:
        worker.add_done_callback(end)
    early: dict[int, MapResult[InputT, ResultT]] = {}
    following, left = 0, concurrency
    try:
        while left:
            if (numbered := await ended.get()) is None:
                left -= 1
                continue
            place, done = numbered
            early[place if in_order else following] = done
            while following in early:
                yield early.pop(following)
                following += 1
                room.release()
        for place in sorted(early):  # what came after one of which nothing became
            yield early[place]
        for task in (*workers, feeder):
            await task  # raises what is no error of a call
    finally:
        for task in (*workers, feeder):
            task.cancel()
        await asyncio.gather(*workers, feeder, return_exceptions=True)


async def _feed(
    inputs: Iterable[InputT] | AsyncIterable[InputT],
    todo: _Queue[InputT],
    room: asyncio.Semaphore,
    concurrency: int,
) -> None:
    places = count()
    try:
        await room.acquire()
        if isinstance(inputs, AsyncIterable):
            async for given in inputs:
                todo.put_nowait((next(places), given))
                await room.acquire()
        else:
            for numbered in enumerate(inputs):
                todo.put_nowait(numbered)
                await room.acquire()
    finally:
        for _ in range(concurrency):
            todo.put_nowait(None)


async def _work(
    call: Callable[[InputT], Awaitable[ResultT]],
    todo: _Queue[InputT],
    ended: _Queue[MapResult[InputT, ResultT]],
) -> None:
    while (numbered := await todo.get()) is not None:
        place, given = numbered
        done: MapResult[InputT, ResultT]
        try:
            done = MapResult(given, await call(given), None)
        except EtelecomError as error:
            done = MapResult(given, None, cleaned(error))
        ended.put_nowait((place, done))
