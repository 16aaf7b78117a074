"""
Split a span of time into windows. Nothing here knows HTTP or Arrow.

The documentation does not say which time of a call `date_from` and `date_to` compare, nor whether they
include their ends. So a request asks for a little more than the span, and the rows are chosen by their own
times.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Final, Self

import attrs

from etelecom_async import times
from etelecom_async._core.values import kind_of

OVERLAP: Final = timedelta(seconds=1)
"""How far a window reaches into the next one, in case the server leaves out a row at its exact end."""
MARGIN: Final = timedelta(hours=2)
"""
How far the first and the last window reach out of the span.

A call that started in the span may have been created so much earlier or later.
"""


@attrs.frozen
class Span:
    """Times from `begin` until `end`, which is not included."""

    begin: datetime
    end: datetime

    @classmethod
    def of(cls, since: str | date, until: str | date | None, *, now: datetime | None = None) -> Self:
        """
        Return the time from the start of *since* until the start of *until*, in days of Hanoi.

        An aware datetime is a moment, and no day. Without *until*, the span ends now.

        Raises:
            ValueError: An argument names no day, has no offset, or *since* is not before *until*.
        """
        begin = _moment(since, "since", now)
        end = (now or times.now()) if until is None else _moment(until, "until", now)
        if begin >= end:
            raise ValueError(
                f"since is {begin:%Y-%m-%d %H:%M}, which is not before until, {end:%Y-%m-%d %H:%M} (Hanoi). "
                f"The day of until is not included"
            )
        return cls(begin, end)

    @classmethod
    def of_texts(cls, begin: str, end: str) -> Self:
        """
        Return the span of two texts in ISO 8601.

        Raises:
            ValueError: A text is no time, or has no offset.
        """
        moments = datetime.fromisoformat(begin), datetime.fromisoformat(end)
        if any(moment.utcoffset() is None for moment in moments):
            raise ValueError("a time needs an offset")
        return cls(*moments)

    def __contains__(self, moment: datetime) -> bool:
        return self.begin <= moment < self.end

    def split(self, count: int) -> list[Self]:
        """
        Return up to *count* windows of about equal length that fill the span, the earliest first.

        They meet at whole hours, so a row at the end of a window is known by its time alone.
        """
        length = (self.end - self.begin) / count
        middles = (_whole_hour(self.begin + length * number) for number in range(1, count))
        cuts = [self.begin, *dict.fromkeys(cut for cut in middles if self.begin < cut < self.end), self.end]
        return [type(self)(begin, end) for begin, end in pairwise(cuts)]

    def cut(self, length: timedelta) -> list[Self]:
        """Return a window of about this length from the front, and the rest. They meet at a whole hour."""
        middle = _whole_hour(self.begin + max(length, timedelta(hours=1)))
        if not self.begin < middle < self.end:
            return [self]
        return [type(self)(self.begin, middle), type(self)(middle, self.end)]

    def widened(self, margin: timedelta) -> Self:
        """Return the span with a margin on both sides, as far as the calendar has such times."""
        first, last = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
        begin = first if self.begin - first <= margin else self.begin - margin
        return type(self)(begin, last if last - self.end <= margin else self.end + margin)


def _whole_hour(moment: datetime) -> datetime:
    rounded = moment.astimezone(UTC) + timedelta(minutes=30)
    return rounded.replace(minute=0, second=0, microsecond=0)


def _plain(moment: datetime, name: str) -> datetime:
    """Return a time of the class `datetime` itself: a time of pandas has another range."""
    try:
        return datetime.combine(
            date(moment.year, moment.month, moment.day),
            time(
                moment.hour, moment.minute, moment.second, moment.microsecond, moment.tzinfo, fold=moment.fold
            ),
        )
    except (TypeError, ValueError):  # `pandas.NaT`
        raise ValueError(f"{name} is no time") from None


def _moment(given: object, name: str, now: datetime | None) -> datetime:
    if isinstance(given, datetime):
        given = _plain(given, name)
        if given.utcoffset() is None:
            raise ValueError(
                f"{name} is a time without an offset, so it is not clear which moment it is; add one: "
                f".replace(tzinfo=times.VIETNAM)"
            )
    elif not isinstance(given, str | date):
        raise ValueError(f"{name} takes a day or an aware time, not {kind_of(given)}")  # noqa: TRY004 - one error for every wrong time
    try:
        return times.local(given) if isinstance(given, datetime) else times.day(given, now=now).begin
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from None
