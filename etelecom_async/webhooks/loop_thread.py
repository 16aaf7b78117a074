"""An event loop in a thread of its own, for programs that have none."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Coroutine
from concurrent.futures import CancelledError
from concurrent.futures import TimeoutError as FutureTimeoutError
from typing import Any, Final, TypeVar

ResultT = TypeVar("ResultT")


class NotRunError(Exception):
    """The coroutine has no result in time, or the thread ends."""


class LoopThread:
    """
    Runs coroutines in an event loop in its own thread.

    The thread is a daemon: a program that forgets `end` can exit.
    """

    def __init__(self) -> None:
        self.pid: Final = os.getpid()
        """The process of the thread. A process that is forked from it does not have the thread."""
        self._loop: Final = asyncio.new_event_loop()
        self._lock: Final = threading.Lock()
        self._is_ended = False
        self._thread: Final = threading.Thread(target=self._run, name="etelecom-webhooks", daemon=True)
        self._thread.start()

    def run(self, coroutine: Coroutine[Any, Any, ResultT], seconds: float) -> ResultT:
        """
        Return the result of a coroutine.

        Args:
            coroutine: The coroutine. It goes on after *seconds*.
            seconds: Seconds to wait for the result.

        Raises:
            NotRunError: There is no result in time, or the thread ends.
        """
        with self._lock:
            if self._is_ended:
                coroutine.close()
                raise NotRunError
            future = asyncio.run_coroutine_threadsafe(coroutine, self._loop)
        try:
            return future.result(seconds)
        except (CancelledError, FutureTimeoutError):
            raise NotRunError from None

    def end(self, last: Coroutine[Any, Any, ResultT], seconds: float) -> ResultT:
        """
        Run a last coroutine, then end the thread; return the coroutine's result.

        Args:
            last: The coroutine.
            seconds: Seconds to wait for its result, and again for the thread.

        Raises:
            NotRunError: There is no result in time, for example because a coroutine blocks the event loop.
                The thread then ends later.
        """
        with self._lock:
            self._is_ended = True
        future = asyncio.run_coroutine_threadsafe(last, self._loop)
        try:
            return future.result(seconds)
        except (CancelledError, FutureTimeoutError):
            if future.done() and not future.cancelled():
                raise  # the error of the coroutine itself
            raise NotRunError from None
        finally:
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(seconds)

    def _run(self) -> None:
        loop = self._loop
        asyncio.set_event_loop(loop)
        try:
            loop.run_forever()
            tasks = asyncio.all_tasks(loop)
            for task in tasks:
                task.cancel()
            loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
            loop.run_until_complete(loop.shutdown_asyncgens())
        finally:
            loop.close()  # it does not wait for handlers in threads
