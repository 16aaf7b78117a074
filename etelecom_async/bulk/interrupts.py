"""Ctrl-C in a run: the first one lets the calls in flight end, the second one stops at once."""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import Callable
from types import FrameType
from typing import Any, Final

_AT_ONCE: Final = 2
"""Which Ctrl-C stops at once; a further one does not even wait for the event loop."""


class Interrupts:
    """
    Take Ctrl-C while a run lasts, if the run is in the main thread: only there Python handles it.

    Args:
        first: Called in the event loop after the first Ctrl-C.
        second: Called in the event loop after the second one.
    """

    def __init__(self, first: Callable[[], None], second: Callable[[], None]) -> None:
        self._calls: Final = (first, second)
        self._loop: asyncio.AbstractEventLoop | None = None
        self.count = 0
        """How often Ctrl-C was pressed."""

    def take(self) -> None:
        """Take Ctrl-C, unless the program ignores it."""
        if threading.current_thread() is threading.main_thread():
            self._loop = asyncio.get_running_loop()
            _HANDLER.add(self)

    def give_back(self) -> None:
        """Let the program handle Ctrl-C as before."""
        _HANDLER.remove(self)

    def press(self) -> None:
        """Count a Ctrl-C, and let the event loop call what it means. This runs inside a signal handler."""
        self.count += 1
        if self.count <= _AT_ONCE and self._loop is not None:
            self._loop.call_soon_threadsafe(self._calls[self.count - 1])


class _Handler:
    """
    The handler of the process, while there are runs that take Ctrl-C.

    Several runs may last at the same time: each of them gets every Ctrl-C.
    """

    def __init__(self) -> None:
        self._runs: list[Interrupts] = []
        self._before: Any = None

    def add(self, run: Interrupts) -> None:
        if not self._runs:
            before = signal.getsignal(signal.SIGINT)
            if before in (signal.SIG_IGN, None):
                return
            self._before = signal.signal(signal.SIGINT, self._handle)
        self._runs.append(run)

    def remove(self, run: Interrupts) -> None:
        if run not in self._runs:
            return
        self._runs.remove(run)
        # The program may have set another handler meanwhile.
        if not self._runs and signal.getsignal(signal.SIGINT) == self._handle:
            signal.signal(signal.SIGINT, self._before)

    def _handle(self, number: int, frame: FrameType | None) -> None:
        del number, frame
        for run in self._runs:
            run.press()
        if any(run.count > _AT_ONCE for run in self._runs):
            raise KeyboardInterrupt


_HANDLER: Final = _Handler()
