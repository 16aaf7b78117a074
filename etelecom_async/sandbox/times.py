"""Times as the platform writes them, and as the state stores them: whole microseconds."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

from etelecom_async.times import VIETNAM

LATEST: Final = datetime(2150, 1, 1, tzinfo=UTC)
"""Latest time of a record. Ids count time in 63 bits, which are enough until 2173."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


def iso(moment: datetime) -> str:
    """Return *moment* with Vietnam's offset and microseconds, as in records."""
    return moment.astimezone(VIETNAM).isoformat()


def iso_utc(moment: datetime) -> str:
    """Return *moment* in UTC with `Z` and without a fraction, as in webhooks."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def micros(moment: datetime) -> int:
    """Return the microseconds since 1970, the sort key of records."""
    return (moment - _EPOCH) // _MICROSECOND


def moment(micros: int) -> datetime:
    """Return the moment of a number of microseconds; the inverse of `micros`."""
    return _EPOCH + micros * _MICROSECOND


def next_day(moment: datetime) -> datetime:
    """Return the next midnight in Vietnam."""
    return midnight(moment) + timedelta(days=1)


def this_month(moment: datetime) -> datetime:
    """Return the midnight in Vietnam that starts the month."""
    return midnight(moment).replace(day=1)


def next_month(moment: datetime) -> datetime:
    """Return the midnight in Vietnam that ends the month."""
    return this_month(this_month(moment) + timedelta(days=31))


def midnight(moment: datetime) -> datetime:
    """Return the midnight in Vietnam that starts the day."""
    return moment.astimezone(VIETNAM).replace(hour=0, minute=0, second=0, microsecond=0)
