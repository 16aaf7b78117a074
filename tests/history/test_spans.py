"""Spans of time: days of Hanoi, their windows and their margins."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etelecom_async.history.spans import Span
from etelecom_async.times import VIETNAM

NOW = datetime(2026, 11, 30, 1, 30, tzinfo=VIETNAM)
HOUR = timedelta(hours=1)
EARLIEST, LATEST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)

NAIVE = NOW.replace(tzinfo=None)

moments = st.timedeltas(timedelta(), timedelta(days=9999)).map(datetime(2000, 1, 1, tzinfo=UTC).__add__)


def hanoi(day: int, hour: int = 0, minute: int = 0) -> datetime:
    """Return a time of November 2026 in Hanoi."""
    return datetime(2026, 11, day, hour, minute, tzinfo=VIETNAM)


@pytest.mark.parametrize(
    ("since", "until", "begin", "end"),
    [
        ("2026-11-01", "2026-11-03", hanoi(1), hanoi(3)),
        ("-7d", "today", hanoi(23), hanoi(30)),
        ("yesterday", None, hanoi(29), NOW),
        (date(2026, 11, 1), date(2026, 11, 2), hanoi(1), hanoi(2)),
        (datetime(2026, 11, 1, 17, tzinfo=UTC), "2026-11-03", hanoi(2), hanoi(3)),
        (datetime(2026, 11, 1, 17, 30, tzinfo=UTC), NOW, hanoi(2, 0, 30), NOW),
    ],
)
def test_of(since: Any, until: Any, begin: datetime, end: datetime) -> None:
    """A day starts at midnight in Hanoi, a datetime is a moment, and the default end is now."""
    assert Span.of(since, until, now=NOW) == Span(begin, end)


@pytest.mark.parametrize(
    ("since", "until", "problem"),
    [
        (NAIVE, None, "since is a time without an offset"),
        ("2026-11-01", NAIVE, "until is a time without an offset"),
        ("2026-11-03", "2026-11-03", "The day of until is not included"),
        ("2026-11-03", "2026-11-01", "since is 2026-11-03 00:00, which is not before until, 2026-11-01"),
        ("2026-12-24", None, "which is not before until, 2026-11-30 01:30"),
        ("last week", None, "since: 'last week' names no day"),
        ("2026-11-31", None, "since: 2026-11-31 is not in the calendar"),
        ("2026-11-01", "tomorrow", "until: 'tomorrow' names no day"),
        (5, None, "since takes a day or an aware time, not"),
        (None, None, "since takes a day or an aware time, not"),
        ("2026-11-01", b"2026-11-02", "until takes a day or an aware time, not"),
        (date.max, None, "since: the last day of the calendar has no end"),
        (LATEST, None, "since: this time is outside of the years 1 to 9999"),
        ("2026-11-01", LATEST, "until: this time is outside of the years 1 to 9999"),
    ],
)
def test_wrong_times(since: Any, until: Any, problem: str) -> None:
    """A wrong time raises an error that names the argument."""
    with pytest.raises(ValueError, match=r"since|until") as caught:
        Span.of(since, until, now=NOW)
    assert problem in str(caught.value)


def test_contains() -> None:
    """A span includes its begin, and not its end."""
    span = Span(hanoi(1), hanoi(2))
    assert hanoi(1) in span
    assert hanoi(2) - timedelta(microseconds=1) in span
    assert hanoi(2) not in span
    assert hanoi(1) - timedelta(microseconds=1) not in span


@given(moments, st.timedeltas(timedelta(microseconds=1), timedelta(days=800)), st.integers(1, 64))
def test_split(begin: datetime, length: timedelta, count: int) -> None:
    """Windows fill the span without gaps; inside of it they meet at whole hours."""
    span = Span(begin, begin + length)
    windows = span.split(count)
    assert 1 <= len(windows) <= count
    assert (windows[0].begin, windows[-1].end) == (span.begin, span.end)
    assert all(window.begin < window.end for window in windows)
    assert all(first.end == second.begin for first, second in pairwise(windows))
    assert not any((window.begin - EARLIEST) % HOUR for window in windows[1:])
    if length >= 2 * HOUR * count:
        assert len(windows) == count


@given(moments, st.timedeltas(timedelta(hours=2), timedelta(days=30)))
def test_halves_of_two_hours(begin: datetime, length: timedelta) -> None:
    """A window of two hours or more always has two halves."""
    assert len(Span(begin, begin + length).split(2)) == 2


def test_widened() -> None:
    """A margin is added on both sides, up to the ends of the calendar."""
    span = Span(hanoi(10), hanoi(11))
    assert span.widened(HOUR) == Span(hanoi(9, 23), hanoi(11, 1))
    assert span.widened(timedelta()) == span
    assert span.widened(timedelta.max) == Span(EARLIEST, LATEST)
    west = timezone(timedelta(hours=-12))
    early = Span(datetime.min.replace(tzinfo=west), datetime(1, 1, 2, tzinfo=west))
    assert early.widened(timedelta(days=2)).begin == EARLIEST
