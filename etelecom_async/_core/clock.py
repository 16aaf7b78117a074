"""
Time, as waits and deadlines see it: given to those who need it, so that a test can turn the hands.

The time limits of a single attempt are the event loop's, and not of this room.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Final, NamedTuple

Sleep = Callable[[float], Awaitable[None]]


class Clock(NamedTuple):
    """What tells the time, and what waits."""

    now: Callable[[], float]
    """Seconds from any fixed point on; the same in all threads."""
    sleep: Sleep
    """Waits for so many of these seconds."""


CLOCK: Final = Clock(time.monotonic, asyncio.sleep)
"""The clock on the wall."""
