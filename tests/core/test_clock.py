"""Test the clock for waits and deadlines."""

from __future__ import annotations

import asyncio
import time

from etelecom_async._core.clock import CLOCK


def test_system_clock() -> None:
    """The clock never goes back, even if the date is changed, and its waits do not block other tasks."""
    assert CLOCK.now is time.monotonic
    assert CLOCK.sleep is asyncio.sleep
