"""Time, as waits and deadlines see it."""

from __future__ import annotations

import asyncio
import time

from etelecom_async._core.clock import CLOCK


def test_clock_on_the_wall() -> None:
    """It goes forward only, whatever is done to the computer's date, and waits without holding others up."""
    assert CLOCK.now is time.monotonic
    assert CLOCK.sleep is asyncio.sleep
