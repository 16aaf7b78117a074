"""
Times as the platform writes them, and as the state keeps them.

The room knows no record: text out, whole microseconds in.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Final

VIETNAM: Final = timezone(timedelta(hours=7))

UNSET_TIME: Final = "0001-01-01T00:00:00Z"
"""What the platform writes for a time that was never set: Go's zero time."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


def iso(moment: datetime) -> str:
    """Return *moment* with Vietnam's offset and microseconds, as records carry it."""
    return moment.astimezone(VIETNAM).isoformat()


def iso_utc(moment: datetime) -> str:
    """Return *moment* in UTC with `Z` and without a fraction, as webhooks carry it."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def micros(moment: datetime) -> int:
    """Microseconds since 1970, by which records are ordered."""
    return (moment - _EPOCH) // _MICROSECOND


def moment(micros: int) -> datetime:
    """Return the moment of which `micros` gives that number."""
    return _EPOCH + micros * _MICROSECOND


def next_day(moment: datetime) -> datetime:
    """Return the coming midnight in Vietnam."""
    return _midnight(moment) + timedelta(days=1)


def this_month(moment: datetime) -> datetime:
    """Return the midnight in Vietnam with which the month began."""
    return _midnight(moment).replace(day=1)


def next_month(moment: datetime) -> datetime:
    """Return the midnight in Vietnam with which the month ends."""
    return this_month(this_month(moment) + timedelta(days=31))


def _midnight(moment: datetime) -> datetime:
    return moment.astimezone(VIETNAM).replace(hour=0, minute=0, second=0, microsecond=0)
