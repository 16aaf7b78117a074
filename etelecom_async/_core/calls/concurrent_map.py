"""
Make many calls concurrently, with a limit on the number of calls at a time.

This module uses neither limiters nor requests. It takes a function and the inputs to call it with.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterable, Awaitable, Callable, Coroutine, Iterable
from contextlib import aclosing
from contextvars import copy_context
from typing import Any, Generic, NamedTuple, TypeVar, cast

from etelecom_async._core.tracebacks import Hidden, boundary, cleaned
from etelecom_async.errors import EtelecomError

InputT = TypeVar("InputT")
ResultT = TypeVar("ResultT")


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
    constant. No more tasks start than there are inputs; one more takes the inputs of an async iterable. If
    *call* or *inputs* raise anything but an `EtelecomError`, no more inputs are taken. It is raised after the
    results of the other inputs, because their calls may have created or sent something.

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
    workers = _Workers(call, concurrency)
    ready: dict[int, MapResult[InputT, ResultT]] = {}
    next_index = 0
    try:
        source: _Source[InputT] | _AsyncSource[InputT]
        if isinstance(inputs, AsyncIterable):
            source = _AsyncSource(inputs, workers)
        else:
            source = _Source(inputs, workers)
        source.take(2 * concurrency)
        while workers.tasks or not workers.events.empty():
            if (numbered := await workers.events.get()) is None:
                continue
            index, outcome = numbered
            ready[index if in_order else next_index] = outcome
            while next_index in ready:
                yield ready.pop(next_index)
                next_index += 1
                source.take(1)
        for index in sorted(ready):  # results that follow an input without a result
            yield ready[index]
        for task in workers.failed:
            await task  # raises the exception that is not an `EtelecomError`
        source.raise_error()
    finally:
        await workers.cancel()


class _Workers(Generic[InputT, ResultT]):
    """
    Tasks that make the calls. A worker ends when no input is left for it.

    Args:
        call: Makes one call.
        most: Maximum number of calls at a time.
    """

    def __init__(self, call: Callable[[InputT], Awaitable[ResultT]], most: int) -> None:
        self._call = call
        self._most = most
        self._context = copy_context()
        self._running = 0
        self._number = 0
        self._queued: deque[tuple[int, InputT]] = deque()
        self.tasks: dict[asyncio.Task[None], None] = {}
        """Tasks that have not ended, in the order of their starts."""
        self.failed: list[asyncio.Task[None]] = []
        """Tasks that ended with an exception; after the first, no more inputs are taken."""
        self.feeder: asyncio.Task[None] | None = None
        """The task that takes inputs, if they need one."""
        self.events: asyncio.Queue[tuple[int, MapResult[InputT, ResultT]] | None] = asyncio.Queue()
        """Outcomes with the indices of their inputs; `None` for the end of a task."""

    def add(self, value: InputT) -> None:
        """Make a call with this input, as soon as fewer calls than the maximum are in flight."""
        self._queued.append((self._number, value))
        self._number += 1
        if self._running < self._most:
            self._running += 1
            self.start(self._work())

    def start(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Start a task in a copy of the first context; inputs may have changed the current one."""
        task = asyncio.create_task(work, context=self._context.copy())
        self.tasks[task] = None
        task.add_done_callback(self._on_end)
        return task

    def _on_end(self, task: asyncio.Task[None]) -> None:
        self.tasks.pop(task)
        if task.cancelled() or task.exception() is not None:
            self.failed.append(task)
            if self.feeder is not None:
                self.feeder.cancel()
        self.events.put_nowait(None)

    async def _work(self) -> None:
        try:
            while self._queued:
                index, value = self._queued.popleft()
                outcome: MapResult[InputT, ResultT]
                try:
                    outcome = MapResult(value, await self._call(value), None)
                except EtelecomError as error:
                    outcome = MapResult(value, None, cleaned(error))
                self.events.put_nowait((index, outcome))
                del value, outcome
        finally:
            self._running -= 1

    async def cancel(self) -> None:
        """Cancel all tasks, and wait for their ends."""
        tasks = list(self.tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


class _Source(Generic[InputT]):
    """
    The inputs of an iterable, which are taken without a task.

    Args:
        inputs: The iterable.
        workers: Make the calls.
    """

    def __init__(self, inputs: Iterable[InputT], workers: _Workers[InputT, Any]) -> None:
        self._inputs = iter(inputs)
        self._workers = workers
        self._is_open = True
        self._error: BaseException | None = None

    def take(self, count: int) -> None:
        """Take *count* more inputs, unless they end before, or a call has failed."""
        while count and self._is_open and not self._workers.failed:
            count -= 1
            try:
                value = next(self._inputs)
            except StopIteration:
                self._is_open = False
            except (Exception, asyncio.CancelledError) as error:  # noqa: BLE001 - raised by `raise_error`, after the results
                self._is_open = False
                self._error = error
            else:
                self._workers.add(value)

    def raise_error(self) -> None:
        """Raise what the inputs raised, if they did."""
        if self._error is not None:
            raise self._error


class _AsyncSource(Generic[InputT]):
    """
    The inputs of an async iterable, which a task takes.

    Args:
        inputs: The async iterable.
        workers: Make the calls.
    """

    def __init__(self, inputs: AsyncIterable[InputT], workers: _Workers[InputT, Any]) -> None:
        self._inputs = inputs
        self._workers = workers
        self._allowed = 0
        self._is_allowed = asyncio.Event()
        workers.feeder = workers.start(self._feed())

    def take(self, count: int) -> None:
        """Let the task take *count* more inputs."""
        self._allowed += count
        self._is_allowed.set()

    def raise_error(self) -> None:
        """Do nothing: the task raises what the inputs raise."""

    async def _feed(self) -> None:
        await self._is_allowed.wait()
        async for value in self._inputs:
            self._workers.add(value)
            self._allowed -= 1
            if not self._allowed:
                self._is_allowed.clear()
                await self._is_allowed.wait()
