"""Implement the measured work in several ways. Each side takes the server's URL and gives a `Run`."""

from __future__ import annotations

from typing import Final

KEY: Final = "1415892419793374698:not-a-real-key"
HOTLINE_ID: Final = "1382490423722550785"
AT_A_TIME: Final = 64
"""Number of creates in flight at a time."""
LATENCY: Final = 50
"""Milliseconds of latency for the steps of a job."""
STEPS_AT_A_TIME: Final = 16
"""Number of steps of a job in flight at a time."""


def expect(found: object, wanted: object) -> None:
    """Raise if a side's result is wrong. A side that fails silently would look fast."""
    if found != wanted:
        raise RuntimeError(f"a side got {found!r}, not {wanted!r}")
