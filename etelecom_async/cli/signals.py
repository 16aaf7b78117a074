"""Run a command until its end, or until Ctrl-C, SIGTERM, or the end of its terminal."""

from __future__ import annotations

import contextlib
import signal
import sys
import threading
from collections.abc import Callable, Coroutine, Generator
from types import FrameType
from typing import TYPE_CHECKING, Any, Final, TypeVar

if TYPE_CHECKING:
    import asyncio

ResultT = TypeVar("ResultT")

_PATIENCE: Final = 3.0
"""Seconds that an interrupted event loop may do nothing else, for example while it writes a long response."""


def run_until_interrupted(main: Coroutine[Any, Any, ResultT]) -> ResultT:
    """
    Run *main* in a new event loop, and return its result.

    Raises:
        KeyboardInterrupt: Ctrl-C or SIGTERM came, or the terminal ended.
    """
    import asyncio  # help and usage errors need no event loop

    return asyncio.run(_run(main))


@contextlib.contextmanager
def signals_interrupt() -> Generator[None]:
    """Let Ctrl-C and SIGTERM interrupt, also in a background job, for which shells ignore Ctrl-C."""
    before = {
        signal.SIGINT: signal.signal(signal.SIGINT, signal.default_int_handler),
        signal.SIGTERM: signal.signal(signal.SIGTERM, _interrupt),
    }
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextlib.contextmanager
def time_limit(seconds: float) -> Generator[None]:
    """
    Stop a write that waits for its reader for too long. On Windows, there is no limit.

    Raises:
        TimeoutError: The time is over.
    """
    if sys.platform == "win32":
        yield
        return
    before = signal.signal(signal.SIGALRM, _time_out)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


async def _run(main: Coroutine[Any, Any, ResultT]) -> ResultT:
    import asyncio

    if sys.platform == "win32":
        return await main
    loop = asyncio.get_running_loop()
    endings = [signal.SIGTERM]
    if signal.getsignal(signal.SIGHUP) is signal.SIG_DFL:  # `nohup` ignores the end of the terminal
        endings.append(signal.SIGHUP)
    # A handler of the event loop makes the loop wake up for every signal. Without it, the loop would notice a
    # signal that comes just before it starts to wait only after the next event.
    for ending in endings:
        loop.add_signal_handler(ending, _do_nothing)
    # But that handler runs in the loop only, and the system would continue a write that waits for its reader.
    # This handler runs at once, and interrupts the write.
    for ending in endings:
        signal.signal(ending, _interrupt)
    cancel = signal.getsignal(signal.SIGINT)  # that of `asyncio.run`: the second time, it raises
    if not callable(cancel):
        return await main
    with _unblocking(loop, cancel):
        return await main


@contextlib.contextmanager
def _unblocking(
    loop: asyncio.AbstractEventLoop, cancel: Callable[[int, FrameType | None], Any]
) -> Generator[None]:
    """
    Repeat the signal if the event loop does not react, because the command waits in a write.

    It waits if the program at the other end of the pipe has stopped reading, as in `etelecom … | less`.
    """
    ended = threading.Event()
    watch = threading.Thread(target=_watch, args=(loop, ended), daemon=True)

    def interrupt(number: int, frame: FrameType | None) -> None:
        with contextlib.suppress(RuntimeError):  # it runs since the first signal
            watch.start()
        cancel(number, frame)

    signal.signal(signal.SIGINT, interrupt)
    try:
        yield
    finally:
        ended.set()
        signal.signal(signal.SIGINT, cancel)


def _watch(loop: asyncio.AbstractEventLoop, ended: threading.Event) -> None:
    thread = threading.main_thread().ident or 0
    while not ended.is_set():
        alive = threading.Event()
        with contextlib.suppress(RuntimeError):  # the loop is just closed
            loop.call_soon_threadsafe(alive.set)
        if alive.wait(_PATIENCE):
            ended.wait(_PATIENCE)
        elif not ended.is_set():
            signal.pthread_kill(thread, signal.SIGINT)


def _do_nothing() -> None:
    pass


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    signal.raise_signal(signal.SIGINT)


def _time_out(_number: int, _frame: FrameType | None) -> None:
    raise TimeoutError
