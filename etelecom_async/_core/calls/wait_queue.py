"""
Let calls wait in order, and leave from any place in constant time.

This module knows neither limits nor time.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, TypeVar

ValueT = TypeVar("ValueT")


class WaitQueue(Generic[ValueT]):
    """
    Waiting calls, first come, first served.

    A cancelled call leaves in constant time. A `deque` would search for it, so cancelling all calls, newest
    first, would take a time that grows with the square of their number.
    """

    def __init__(self) -> None:
        # Not a `dict`: its first key takes longer to find after each removal from the front.
        self.calls: OrderedDict[asyncio.Future[ValueT], None] = OrderedDict()
        """The waiting calls, first to last."""

    async def wait(self, pass_on: Callable[[ValueT], object]) -> ValueT:
        """
        Wait until `wake` reaches this call, and return its value.

        Args:
            pass_on: Called with the value if the call is cancelled at the moment when it was woken.
        """
        future: asyncio.Future[ValueT] = asyncio.get_running_loop().create_future()
        self.calls[future] = None
        try:
            return await future
        except BaseException:
            self.calls.pop(future, None)
            if future.done() and not future.cancelled():
                pass_on(future.result())
            raise

    def wake(self, value: ValueT) -> bool:
        """Let the first waiting call continue with *value*; return false if no call waits."""
        while self.calls:
            future, _ = self.calls.popitem(last=False)
            if not future.done():  # otherwise the call was cancelled, and has not left yet
                future.set_result(value)
                return True
        return False


class Turnstile:
    """An async context manager that one call enters at a time, first come, first served."""

    def __init__(self) -> None:
        self._queue = WaitQueue[None]()
        self.is_taken = False
        """Whether a call is inside, or about to enter."""

    async def __aenter__(self) -> None:
        if self.is_taken:
            await self._queue.wait(self._pass_on)
        self.is_taken = True

    async def __aexit__(self, *_: object) -> None:
        self._pass_on()

    def _pass_on(self, _: None = None) -> None:
        self.is_taken = self._queue.wake(None)
