"""
Make many calls concurrently, with a limit on the number of calls at a time.

This module uses neither limiters nor requests. It takes a function and the inputs to call it with.
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
ValueT = TypeVar("ValueT")

_Queue: TypeAlias = asyncio.Queue[tuple[int, ValueT] | None]
"""`(index, value)` pairs; `None` ends a worker, or reports that a worker has ended."""


class MapResult(NamedTuple, Generic[InputT, ResultT]):
    """The outcome of one of many calls."""

    input: InputT
    """The argument of the call."""
    result: ResultT | None
    """The result; `None` if the call failed."""
    error: EtelecomError | None
    """The error; `None` if the call succeeded."""

    @boundary
    def unwrap(self) -> ResultT:
        """
        Return the result.

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
    Make a call with each of *inputs*, and yield the outcomes.

    At most twice *concurrency* inputs are taken before their results are consumed, so memory use stays
    constant. If *call* or *inputs* raise anything but an `EtelecomError`, no more inputs are taken. It is
    raised after the results of the other inputs, because their calls may have created or sent something.

    Args:
        call: Makes one call.
        inputs: The arguments of *call*, one for each call; may be endless.
        concurrency: Maximum number of calls at a time.
        in_order: Whether to yield the outcomes in the order of the inputs. Otherwise as the calls finish.
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
    queued: _Queue[InputT] = asyncio.Queue()
    finished: _Queue[MapResult[InputT, ResultT]] = asyncio.Queue()
    capacity = asyncio.Semaphore(2 * concurrency)
    feeder = asyncio.create_task(_feed(inputs, queued, capacity, concurrency))
    workers = [asyncio.create_task(_work(call, queued, finished)) for _ in range(concurrency)]

    def on_worker_end(worker: asyncio.Task[None]) -> None:
        if worker.cancelled() or worker.exception() is not None:
            feeder.cancel()
        finished.put_nowait(None)

    for worker in workers:
        worker.add_done_callback(on_worker_end)
    ready: dict[int, MapResult[InputT, ResultT]] = {}
    next_index, running = 0, concurrency
    try:
        while running:
            if (numbered := await finished.get()) is None:
                running -= 1
                continue
            index, outcome = numbered
            ready[index if in_order else next_index] = outcome
            while next_index in ready:
                yield ready.pop(next_index)
                next_index += 1
                capacity.release()
        for index in sorted(ready):  # results that follow an input without a result
            yield ready[index]
        for task in (*workers, feeder):
            await task  # raises the exceptions that are not an `EtelecomError`
    finally:
        for task in (*workers, feeder):
            task.cancel()
        await asyncio.gather(*workers, feeder, return_exceptions=True)


async def _feed(
    inputs: Iterable[InputT] | AsyncIterable[InputT],
    queued: _Queue[InputT],
    capacity: asyncio.Semaphore,
    concurrency: int,
) -> None:
    indices = count()
    try:
        await capacity.acquire()
        if isinstance(inputs, AsyncIterable):
            async for value in inputs:
                queued.put_nowait((next(indices), value))
                await capacity.acquire()
        else:
            for numbered in enumerate(inputs):
                queued.put_nowait(numbered)
                await capacity.acquire()
    finally:
        for _ in range(concurrency):
            queued.put_nowait(None)


async def _work(
    call: Callable[[InputT], Awaitable[ResultT]],
    queued: _Queue[InputT],
    finished: _Queue[MapResult[InputT, ResultT]],
) -> None:
    while (numbered := await queued.get()) is not None:
        index, value = numbered
        outcome: MapResult[InputT, ResultT]
        try:
            outcome = MapResult(value, await call(value), None)
        except EtelecomError as error:
            outcome = MapResult(value, None, cleaned(error))
        finished.put_nowait((index, outcome))
