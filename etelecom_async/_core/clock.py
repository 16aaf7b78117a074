"""
Provide the clock for waits and deadlines. Tests replace it to set the time.

The timeouts of a single attempt use the event loop's clock instead.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Final, NamedTuple

Sleep = Callable[[float], Awaitable[None]]


class Clock(NamedTuple):
    """A source of time, and a function that waits."""

    now: Callable[[], float]
    """Returns seconds since any fixed point, which is the same for all threads."""
    sleep: Sleep
    """Waits for a number of these seconds."""


CLOCK: Final = Clock(time.monotonic, asyncio.sleep)
"""The monotonic clock of the system."""
