"""
Ids in the form of the platform: 19 digits that grow with time.

An id in the documentation's samples is a count of ticks of 10 ms, then 24 bits that distinguish ids of one
tick. The start of the count was computed from the times of the sample records.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

UNSET_ID: Final = "0"
"""The id that means "not set"."""

MAX_INT64: Final = 2**63 - 1
"""Largest id or other number of a record."""

_ID_DIGITS: Final = len(str(MAX_INT64))
_START: Final = datetime(1999, 1, 2, 20, 29, 13, tzinfo=UTC)
_TICK: Final = timedelta(milliseconds=10)
_LOW_BITS: Final = 24


def parse_id(text: str) -> int | None:
    """Return the number of an id; `None` if the text is not a whole number of 64 bits."""
    # `isdecimal` alone accepts the digits of every script.
    if not (text.isascii() and text.isdecimal() and len(text) <= _ID_DIGITS):
        return None
    number = int(text)
    return number if number <= MAX_INT64 else None


def id_at(moment: datetime, low: int) -> int:
    """Return the id of a record created at *moment*; *low* distinguishes the records of one tick."""
    return ((moment - _START) // _TICK << _LOW_BITS) | (low & ((1 << _LOW_BITS) - 1))
