"""
The pauses between two attempts to deliver an event.

The documentation says that the pauses grow, and that the last one ends the retries. The older platform of the
same make names 24 hours as the upper bound. The sandbox chooses the numbers.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

PAUSES: Final = (
    timedelta(seconds=10),
    timedelta(minutes=1),
    timedelta(minutes=10),
    timedelta(hours=1),
    timedelta(hours=3),
    timedelta(hours=6),
    timedelta(hours=12),
    timedelta(hours=24),
)
"""The pause before each retry."""


def pause_after(retried: int) -> timedelta | None:
    """Return the pause after a failure; `None` if it was the last retry."""
    return PAUSES[retried] if retried < len(PAUSES) else None
