"""Run a command until its end, or until Ctrl-C or SIGTERM."""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Coroutine, Generator
from types import FrameType
from typing import Any, TypeVar

ResultT = TypeVar("ResultT")


def run_until_interrupted(main: Coroutine[Any, Any, ResultT]) -> ResultT:
    """
    Run *main* in a new event loop, and return its result.

    Raises:
        KeyboardInterrupt: Ctrl-C or SIGTERM came.
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


async def _run(main: Coroutine[Any, Any, ResultT]) -> ResultT:
    import asyncio

    # A handler of the event loop makes the loop wake up for every signal. Without it, the loop would notice a
    # signal that comes just before it starts to wait only after the next event.
    with contextlib.suppress(NotImplementedError):  # on Windows
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, signal.raise_signal, signal.SIGINT)
    return await main


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    signal.raise_signal(signal.SIGINT)
