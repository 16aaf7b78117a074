"""
Ids of the platform's form: 19 digits that grow with time.

The ids in the documentation's samples are a count of 10 ms ticks, with 24 bits behind it that tell ids of one
tick apart; with the sample records' own times that gives the start of the count.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

UNSET_ID: Final = "0"
"""What the platform writes for an id that is not set."""

_START: Final = datetime(1999, 1, 2, 20, 29, 13, tzinfo=UTC)
_TICK: Final = timedelta(milliseconds=10)
_LOW_BITS: Final = 24


def id_at(moment: datetime, low: int) -> int:
    """Return the id of something made at *moment*; *low* tells apart what was made in one tick."""
    return ((moment - _START) // _TICK << _LOW_BITS) | (low & ((1 << _LOW_BITS) - 1))
