"""Rows are chosen by their times: spans, rows that come twice, time order."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from etelecom_async.errors import PagingError
from etelecom_async.history import row_times
from etelecom_async.history.arrow import ArrowTable, pa
from etelecom_async.history.schema import TIME
from etelecom_async.history.spans import Span

NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
TICK = timedelta(microseconds=1)
Row = tuple[str | None, datetime | None, datetime | None]


def table_of(*rows: Row) -> ArrowTable:
    """Return rows of id, start and creation, in chunks of one row, as several pages give them."""
    schema = pa.schema([("id", pa.string()), ("started_at", TIME), ("created_at", TIME)])
    parts = [pa.table([[value] for value in row], schema=schema) for row in rows]
    return pa.concat_tables(parts) if parts else schema.empty_table()


def ids(table: ArrowTable) -> list[str]:
    """Return the ids of the rows."""
    found: list[str] = table.column("id").to_pylist()
    return found


def test_times() -> None:
    """The time of a call is its start, or else its creation."""
    table = table_of(("1", NOON, NOON + SECOND), ("2", None, NOON), ("3", NOON, None), ("4", None, None))
    assert row_times.times_of(table).to_pylist() == [NOON, NOON, NOON, None]


def test_within() -> None:
    """A span has the rows from its begin until its end, and those without a time."""
    span = Span(NOON, NOON + SECOND)
    table = table_of(
        ("before", NOON - TICK, NOON),
        ("begin", NOON, NOON - SECOND),
        ("last", NOON + SECOND - TICK, None),
        ("created", None, NOON),
        ("end", NOON + SECOND, NOON),
        ("none", None, None),
    )
    assert ids(row_times.within(table, span)) == ["begin", "last", "created", "none"]
    assert ids(row_times.within(table_of(), span)) == []
    inside = table_of(("begin", NOON, NOON))
    assert row_times.within(inside, span) is inside


def test_not_before() -> None:
    """Rows at or after a moment stay, and those without a time."""
    table = table_of(("before", NOON - TICK, None), ("at", NOON, None), ("none", None, None))
    assert ids(row_times.not_before(table, NOON)) == ["at", "none"]
    assert row_times.not_before(table, None) is table


def test_split_at() -> None:
    """Rows before a moment are first; the others have those without a time."""
    table = table_of(("before", NOON - TICK, None), ("at", NOON, None), ("none", None, None))
    before, later = row_times.split_at(table, NOON)
    assert (ids(before), ids(later)) == (["before"], ["at", "none"])


def test_in_order() -> None:
    """Rows are sorted by time, then by id; rows without a time are last."""
    table = table_of(
        ("none", None, None), ("b", NOON, None), ("a", None, NOON), ("first", NOON - TICK, NOON + SECOND)
    )
    assert ids(row_times.in_order(table)) == ["first", "a", "b", "none"]


def test_extent() -> None:
    """The extent is that of the creations, or else of the starts, with the order of the rows."""
    early, late = NOON - SECOND, NOON + SECOND
    newest_first = table_of(("1", None, late), ("2", late, NOON), ("3", early, None), ("4", None, None))
    assert row_times.extent(newest_first) == (early, late, False)
    assert row_times.extent(table_of(("1", None, early), ("2", None, late))) == (early, late, True)
    assert row_times.extent(table_of(("1", None, NOON))) == (NOON, NOON, False)
    assert row_times.extent(table_of(("1", None, None))) is None
    assert row_times.extent(table_of()) is None


@pytest.mark.parametrize("column", ["started_at", "created_at"])
@pytest.mark.parametrize(
    ("offset", "is_kept"),
    [
        (-2 * SECOND, True),
        (-TICK, True),
        (0 * SECOND, True),
        (SECOND, True),
        (2 * SECOND, True),
        (3 * SECOND, False),
        (-2 * SECOND - TICK, False),
        (timedelta(minutes=30), False),
    ],
)
def test_borders(column: str, offset: timedelta, *, is_kept: bool) -> None:
    """Rows that start or are created around a whole hour come once; others are not remembered."""
    borders = row_times.Borders([])
    far, near = NOON + timedelta(minutes=30), NOON + offset
    row: Row = ("1", near, far) if column == "started_at" else ("1", far, near)
    assert ids(borders.without_repeats(table_of(row))) == ["1"]
    assert ids(borders.without_repeats(table_of(row))) == ([] if is_kept else ["1"])
    assert borders.seen() == (["1"] if is_kept else [])


def test_borders_of_any_rows() -> None:
    """Rows without a time come once, also in one table; rows without an id cannot be compared."""
    borders = row_times.Borders(["5"])
    rows: list[Any] = [("1", None, None), (None, NOON, None), ("2", NOON, None), ("1", None, None)]
    table = table_of(*rows, (None, NOON, None), ("5", NOON, None), ("6", NOON + timedelta(minutes=9), None))
    assert ids(borders.without_repeats(table)) == ["1", None, "2", None, "6"]
    assert borders.seen() == ["1", "2", "5"]
    assert ids(borders.without_repeats(table_of())) == []


EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(("hours", "is_far"), [(-3, True), (-1, False), (0, False), (4, False), (6, True)])
def test_rows_outside_of_their_window(hours: int, *, is_far: bool) -> None:
    """A row far outside of its window shows that the server does not filter by time."""
    span = Span(EPOCH, EPOCH + timedelta(hours=3))
    table = table_of(("1", None, None), ("2", EPOCH + timedelta(hours=hours), None))
    windows = [(span, 1), (span, 1)]
    if is_far:
        with pytest.raises(PagingError, match="windows=1"):
            row_times.check_windows(table, windows, timedelta(hours=2))
    else:
        row_times.check_windows(table, windows, timedelta(hours=2))


def test_time_at_the_epoch() -> None:
    """The first moment of 1970 is a time like others."""
    later = EPOCH + timedelta(days=9)
    table = table_of(("1", EPOCH, None), ("2", later, None))
    assert ids(row_times.within(table, Span(EPOCH + timedelta(days=8), EPOCH + timedelta(days=10)))) == ["2"]
