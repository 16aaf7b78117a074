"""
Convert times to local time, and name days: Hanoi, if you do not say otherwise.

The service sends times with different offsets, also within one record. `.date()` of a time in UTC gives the
wrong day in Hanoi for the first seven hours of each day. The models keep the offset that the server sent.

    >>> times.local(datetime(2026, 11, 27, 20, 30, tzinfo=UTC)).date()
    datetime.date(2026, 11, 28)
    >>> begin, end = times.day("2026-11-28")
    >>> begin.isoformat(), end.isoformat()
    ('2026-11-28T00:00:00+07:00', '2026-11-29T00:00:00+07:00')
"""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta, timezone, tzinfo
from typing import Final, NamedTuple, TypedDict, overload

__all__ = ["VIETNAM", "Day", "DayFilter", "day", "local", "now"]

VIETNAM: Final = timezone(timedelta(hours=7), "Asia/Ho_Chi_Minh")
"""Vietnam's time zone: +07:00 without a change since 1975, so it needs no database of time zones."""

_WORDS: Final = {"today": 0, "yesterday": 1}
_DAYS_AGO: Final = r"(?a)-(\d{1,7})d?"
_ISO_DATE: Final = r"(?a)\d{4}-\d\d-\d\d"
_EXAMPLES: Final = "write today, yesterday, -7d or 2026-11-28"


class DayFilter(TypedDict):
    """The arguments of a list that select a day."""

    date_from: datetime
    date_to: datetime


class Day(NamedTuple):
    """
    A day from midnight to midnight, as aware datetimes of one zone.

    Unpack it, as in `begin, end = times.day("yesterday")`, or pass its `filter` to a list.
    """

    begin: datetime
    """Midnight at the start of the day."""
    end: datetime
    """Midnight at the end of the day, the first moment of the next day."""

    @property
    def date(self) -> date:
        """The calendar date."""
        return self.begin.date()

    @property
    def filter(self) -> DayFilter:
        """`date_from` and `date_to`, as in `shop.call_logs.list(**times.day("yesterday").filter)`."""
        return {"date_from": self.begin, "date_to": self.end}

    def __contains__(self, moment: object) -> bool:
        """Return whether an aware time is in the day; `end` is not."""
        return isinstance(moment, datetime) and self.begin <= moment < self.end


def now(zone: tzinfo = VIETNAM) -> datetime:
    """Return the present time in *zone*. Tests can replace this function to set the day."""
    return datetime.now(zone)


@overload
def local(moment: datetime, zone: tzinfo = VIETNAM) -> datetime: ...


@overload
def local(moment: None, zone: tzinfo = VIETNAM) -> None: ...


@overload
def local(moment: datetime | None, zone: tzinfo = VIETNAM) -> datetime | None: ...


def local(moment: datetime | None, zone: tzinfo = VIETNAM) -> datetime | None:
    """
    Return a time of the service in *zone*, Hanoi by default, for its date and hour.

    Args:
        moment: An aware time. `None`, a time that is not set, stays `None`.
        zone: The zone of the result.

    Raises:
        ValueError: The time has no offset, or has no date in *zone*.
    """
    if moment is None:
        return None
    if moment.utcoffset() is None:
        raise ValueError(
            "this time has no offset, so it is not clear which moment it is; add one: .replace(tzinfo=UTC)"
        )
    try:
        return moment.astimezone(zone)
    except OverflowError:
        raise ValueError("this time is outside of the years 1 to 9999 in the zone") from None


def day(which: str | date, zone: tzinfo = VIETNAM, *, now: datetime | None = None) -> Day:
    """
    Return a day from midnight to midnight in *zone*, Hanoi by default.

    Args:
        which: `"today"`, `"yesterday"`, `"-7d"` for the day seven days ago, `"2026-11-28"`, or a date. For an
            aware datetime, the day in *zone* that contains it.
        zone: The zone of the day.
        now: The present time, aware; by default that of the system.

    Raises:
        ValueError: *which* names no day, or a time has no offset.
    """
    if isinstance(which, datetime):
        return _day(local(which, zone).date(), zone)
    if isinstance(which, date):
        return _day(which, zone)
    if not isinstance(which, str):  # pyright: ignore[reportUnnecessaryIsInstance] - callers without types
        raise ValueError(f"a day is a text or a date, not {type(which).__name__}; {_EXAMPLES}")  # noqa: TRY004 - one error for every wrong day
    return _day(_date(which, zone, now), zone)


def _date(which: str, zone: tzinfo, now: datetime | None) -> date:
    word = which.strip().lower()
    if re.fullmatch(_ISO_DATE, word):
        try:
            return date.fromisoformat(word)
        except ValueError:
            raise ValueError(f"{word} is not in the calendar; {_EXAMPLES}") from None
    if (days := _days_ago(word)) is None:
        raise ValueError(f"{which[:40]!r} names no day; {_EXAMPLES}")
    try:
        return _today(zone, now) - timedelta(days=days)
    except OverflowError:
        raise ValueError(f"this day is outside of the years 1 to 9999; {_EXAMPLES}") from None


def _days_ago(word: str) -> int | None:
    if word in _WORDS:
        return _WORDS[word]
    found = re.fullmatch(_DAYS_AGO, word)
    return None if found is None else int(found[1])


def _today(zone: tzinfo, given: datetime | None) -> date:
    return local(now(zone) if given is None else given, zone).date()


def _day(date_of_day: date, zone: tzinfo) -> Day:
    if date_of_day == date.max:
        raise ValueError(f"the last day of the calendar has no end; {_EXAMPLES}")
    midnight = datetime.combine(date_of_day, time(), zone)
    return Day(midnight, datetime.combine(date_of_day + timedelta(days=1), time(), zone))
