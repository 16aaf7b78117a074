"""An event loop in its own thread."""

from __future__ import annotations

import asyncio
import threading

import pytest

from etelecom_async.webhooks.loop_thread import LoopThread, NotRunError


async def name_of_thread() -> str:
    """Return the name of the thread that runs this."""
    return threading.current_thread().name


async def wait_forever() -> None:
    """Never end."""
    await asyncio.Event().wait()


def test_run_and_end() -> None:
    """Coroutines run in the thread, and the thread ends after the last one; then nothing runs any more."""
    thread = LoopThread()
    assert thread.run(name_of_thread(), 60) == "etelecom-webhooks"
    assert thread.end(name_of_thread(), 60) == "etelecom-webhooks"
    assert not [each for each in threading.enumerate() if each.name == "etelecom-webhooks"]
    with pytest.raises(NotRunError):
        thread.run(name_of_thread(), 60)


def test_no_result_in_time() -> None:
    """A coroutine without a result in time goes on, and the end of the thread cancels it."""
    thread = LoopThread()
    with pytest.raises(NotRunError):
        thread.run(wait_forever(), 0)
    thread.end(name_of_thread(), 60)


def test_end_during_a_wait() -> None:
    """A caller that still waits when the thread ends is told so."""
    thread = LoopThread()
    waiting, failures = threading.Event(), list[Exception]()

    async def wait() -> None:
        waiting.set()
        await wait_forever()

    def call() -> None:
        try:
            thread.run(wait(), 60)
        except NotRunError as error:
            failures.append(error)

    caller = threading.Thread(target=call)
    caller.start()
    assert waiting.wait(60)
    thread.end(name_of_thread(), 60)
    caller.join(60)
    assert len(failures) == 1


def test_last_coroutine_that_fails() -> None:
    """The error of the last coroutine is raised, and the thread still ends."""

    async def fails() -> None:
        raise ZeroDivisionError

    thread = LoopThread()
    with pytest.raises(ZeroDivisionError):
        thread.end(fails(), 60)
    assert not [each for each in threading.enumerate() if each.name == "etelecom-webhooks"]


def test_end_of_a_blocked_loop() -> None:
    """A coroutine that blocks the event loop does not hold the end."""
    may_end, started = threading.Event(), threading.Event()

    async def block() -> None:
        started.set()
        may_end.wait(60)

    thread = LoopThread()
    with pytest.raises(NotRunError):
        thread.run(block(), 0)
    assert started.wait(60)
    last = name_of_thread()
    with pytest.raises(NotRunError):
        thread.end(last, 0.01)
    may_end.set()
    for each in threading.enumerate():
        if each.name == "etelecom-webhooks":
            each.join(60)


def test_last_coroutine_that_times_out() -> None:
    """A timeout of the last coroutine itself is its error."""

    async def fails() -> None:
        raise TimeoutError("of the database")

    with pytest.raises(TimeoutError, match="of the database"):
        LoopThread().end(fails(), 60)
