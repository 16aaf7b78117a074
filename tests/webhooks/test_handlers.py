"""How handlers are called."""

from __future__ import annotations

import asyncio
import threading
from functools import partial
from typing import Any

import pytest

from etelecom_async.webhooks.handlers import HandlerCancelledError, HandlerExitedError, call


class Keeper:
    """Keeps what it gets, and the thread in which it gets it."""

    def __init__(self) -> None:
        self.got: list[tuple[object, bool]] = []

    def keep(self, value: object) -> None:
        """Keep a value."""
        self.got.append((value, threading.current_thread() is threading.main_thread()))

    async def keep_later(self, value: object) -> None:
        """Keep a value after the loop has turned."""
        await asyncio.sleep(0)
        self.keep(value)


class KeeperObject:
    """An object that is called like a coroutine function."""

    def __init__(self, keeper: Keeper) -> None:
        self._keeper = keeper

    async def __call__(self, value: object) -> None:
        """Keep a value."""
        await self._keeper.keep_later(value)


@pytest.mark.parametrize(
    ("make", "is_in_loop"),
    [
        (lambda keeper: keeper.keep_later, True),
        (lambda keeper: partial(keeper.keep_later), True),
        (KeeperObject, True),
        (lambda keeper: lambda value: keeper.keep_later([value][0]), True),
        (lambda keeper: keeper.keep, False),
        (lambda keeper: partial(keeper.keep), False),
    ],
    ids=[
        "method",
        "partial",
        "object",
        "lambda that returns a coroutine",
        "function",
        "partial of a function",
    ],
)
async def test_where_it_runs(make: Any, *, is_in_loop: bool) -> None:
    """A coroutine runs in the event loop, and any other function in a thread."""
    keeper = Keeper()
    await call(make(keeper), 5)
    assert keeper.got == [(5, is_in_loop)]


async def test_error() -> None:
    """The handler's error is raised."""
    with pytest.raises(ZeroDivisionError):
        await call(lambda value: 1 / value, 0)


async def test_inner_cancellation() -> None:
    """A handler that awaits something cancelled has failed; the task that calls it goes on."""

    async def awaits(_: object) -> None:
        future = asyncio.get_running_loop().create_future()
        future.cancel()
        await future

    with pytest.raises(HandlerCancelledError):
        await call(awaits, 0)


async def test_outer_cancellation() -> None:
    """If the task itself is cancelled, it ends as cancelled."""
    started = asyncio.Event()

    async def waits(_: object) -> None:
        started.set()
        await asyncio.Event().wait()

    task = asyncio.create_task(call(waits, 0))
    await started.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


class ExitOfAnotherPackage(BaseException):
    """An error that is no `Exception`."""


@pytest.mark.parametrize("kind", [SystemExit, ExitOfAnotherPackage])
async def test_exit(kind: type[BaseException]) -> None:
    """A handler that exits has failed; in the loop and in a thread, nothing else ends."""

    async def exits(_: object) -> None:
        raise kind

    def exits_in_thread(_: object) -> None:
        raise kind

    for handler in (exits, exits_in_thread):
        with pytest.raises(HandlerExitedError, match=f"the handler raised {kind.__name__}"):
            await call(handler, 0)


async def test_stop_iteration() -> None:
    """A `StopIteration` is an error like others; asyncio could not hand it out of a thread."""

    async def stops(_: object) -> None:
        next(iter(()))

    for handler in (stops, lambda _: next(iter(()))):
        with pytest.raises(RuntimeError, match="raised StopIteration"):
            await call(handler, 0)


async def test_interrupt() -> None:
    """Ctrl-C in a handler ends the program, as elsewhere."""

    async def interrupted(_: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        await call(interrupted, 0)
