"""Ctrl-C in a run: the first one lets the calls in flight end, the second one stops at once."""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import Callable
from typing import Any


class Interrupts:
    """
    Take Ctrl-C while a run lasts, where that is possible: in the main thread, in a loop that has signals.

    Args:
        first: Called on the first Ctrl-C.
        second: Called on the second one, and on further ones.
    """

    def __init__(self, first: Callable[[], None], second: Callable[[], None]) -> None:
        self._first = first
        self._second = second
        self._before: Any = None
        self._is_taken = False
        self.count = 0
        """How often Ctrl-C was pressed."""

    def take(self) -> None:
        """Take Ctrl-C, unless the program handles or ignores it by itself."""
        if threading.current_thread() is not threading.main_thread():
            return
        self._before = signal.getsignal(signal.SIGINT)
        if self._before in (signal.SIG_IGN, None):
            return
        try:
            asyncio.get_running_loop().add_signal_handler(signal.SIGINT, self._pressed)
        except (NotImplementedError, RuntimeError):  # Windows, or a loop without signals
            return
        self._is_taken = True

    def give_back(self) -> None:
        """Let the program handle Ctrl-C as before."""
        if self._is_taken:
            self._is_taken = False
            asyncio.get_running_loop().remove_signal_handler(signal.SIGINT)
            signal.signal(signal.SIGINT, self._before)

    def _pressed(self) -> None:
        self.count += 1
        (self._first if self.count == 1 else self._second)()
