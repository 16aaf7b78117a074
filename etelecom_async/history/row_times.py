"""Choose rows by their times: the span, rows that come twice, and time order."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from etelecom_async.errors import PagingError
from etelecom_async.history.arrow import ArrowTable, pa, pc
from etelecom_async.history.schema import TIME
from etelecom_async.history.spans import Span

_HOUR: Final = 3600 * 10**6
_INCLUDED: Final = True
_EXCLUDED: Final = False
"""What a row counts as if the time that is compared is null."""
_TOLERANCE: Final = timedelta(seconds=5)
"""By how much the rounding of a server may widen a window."""
_NEAR: Final = 2 * 10**6
"""Microseconds around a whole hour, where windows overlap."""


def times_of(table: ArrowTable) -> Any:
    """Return the time of each call: its start, or else its creation."""
    return pc.coalesce(table.column("started_at"), table.column("created_at"))


def within(table: ArrowTable, span: Span) -> ArrowTable:
    """Return the rows whose time is in the span, and those without a time."""
    when = times_of(table)
    begin, end = _scalar(span.begin), _scalar(span.end)
    extent = pc.min_max(when)
    earliest, latest = extent["min"].value, extent["max"].value
    if earliest is None or (begin.value <= earliest and latest < end.value):
        return table
    inside = pc.and_(pc.greater_equal(when, begin), pc.less(when, end))
    return table.filter(pc.fill_null(inside, _INCLUDED))


def not_before(table: ArrowTable, moment: datetime | None) -> ArrowTable:
    """Return the rows at or after a moment; all of them for `None`."""
    if moment is None:
        return table
    return table.filter(pc.fill_null(pc.greater_equal(times_of(table), _scalar(moment)), _INCLUDED))


def check_windows(table: ArrowTable, spans: Sequence[tuple[Span, int]], margin: timedelta) -> None:
    """
    Check that the service filters by time: else each window would have the calls of the others, too.

    Args:
        table: The rows.
        spans: The windows of the rows, each with the number of its rows, in the order of the table.
        margin: How far the creation of a call may be from its start.

    Raises:
        PagingError: A call lies outside of its window by more than the margin.
    """
    begins: list[int] = []
    ends: list[int] = []
    for span, count in spans:
        wide = span.widened(margin).widened(_TOLERANCE)
        begins += [_scalar(wide.begin).value] * count
        ends += [_scalar(wide.end).value] * count
    begin, end = pa.array(begins, pa.int64()), pa.array(ends, pa.int64())
    is_far = pc.is_valid(times_of(table))
    for name in ("created_at", "started_at"):
        times = table.column(name).cast(pa.int64())
        outside = pc.or_(pc.less(times, begin), pc.greater(times, end))
        is_far = pc.and_(is_far, pc.fill_null(outside, _INCLUDED))
    if pc.any(is_far).as_py():
        message = (
            "the server returned a call outside of the requested time: it ignores date_from and date_to, or "
            "rounds them. Read with windows=1 and without in_order; calls are then chosen by their own times."
        )
        raise PagingError(message)


class Extent(NamedTuple):
    """The earliest and the latest creation in a page, and the order of its rows."""

    oldest: datetime
    newest: datetime
    is_oldest_first: bool


def extent(table: ArrowTable) -> Extent | None:
    """Return which times a table has; `None` if no row has a time."""
    created = pc.coalesce(table.column("created_at"), table.column("started_at")).drop_null()
    if not len(created):
        return None
    span = pc.min_max(created)
    is_oldest_first = created[0].as_py() < created[-1].as_py()
    return Extent(span["min"].as_py(), span["max"].as_py(), is_oldest_first)


class Borders:
    """
    Drops the rows that come from two windows.

    Windows meet at whole hours, so only the ids of rows around a whole hour are kept, and of rows without a
    time.

    Args:
        seen: The ids that an earlier walk kept.
    """

    def __init__(self, seen: list[str]) -> None:
        self._seen = set(seen)

    def seen(self) -> list[str]:
        """Return the ids that are kept."""
        return sorted(self._seen)

    def without_repeats(self, table: ArrowTable) -> ArrowTable:
        """Return the rows of a table to hand out that no earlier one had."""
        near = pc.or_(_is_near(table.column("started_at")), _is_near(table.column("created_at")))
        near = pc.or_(near, pc.is_null(times_of(table)))
        if not pc.any(near).as_py():
            return table
        repeated: list[int] = []
        ids = table.column("id")
        for index in pc.indices_nonzero(near).to_pylist():
            key = ids[index].as_py()
            if key is None:
                continue
            if key in self._seen:
                repeated.append(index)
            self._seen.add(key)
        if not repeated:
            return table
        indexes = pa.array(range(len(table)))
        return table.filter(pc.invert(pc.is_in(indexes, value_set=pa.array(repeated, indexes.type))))


def around(table: ArrowTable, moments: Sequence[datetime]) -> Any:
    """Return which rows start or were created at one of these moments, about, and which have no time."""
    found = pc.is_null(times_of(table))
    for name in ("started_at", "created_at"):
        micros = table.column(name).cast(pa.int64())
        for moment in moments:
            at = _scalar(moment).value
            near = pc.and_(pc.greater_equal(micros, at - _NEAR), pc.less_equal(micros, at + _NEAR))
            found = pc.or_(found, pc.fill_null(near, _EXCLUDED))
    return found


def _is_near(times: Any) -> Any:
    micros = times.cast(pa.int64())
    after = pc.subtract(micros, pc.multiply(pc.divide(micros, _HOUR), _HOUR))
    near = pc.or_(pc.less_equal(after, _NEAR), pc.greater_equal(after, _HOUR - _NEAR))
    return pc.fill_null(near, _EXCLUDED)


def in_order(table: ArrowTable) -> ArrowTable:
    """Return the rows by time, and rows of one time by id."""
    keys = [("time", "ascending"), ("id", "ascending")]
    order = pc.sort_indices(pa.table({"time": times_of(table), "id": table.column("id")}), sort_keys=keys)
    return table.take(order)


def split_at(table: ArrowTable, moment: datetime) -> tuple[ArrowTable, ArrowTable]:
    """Return the rows before a moment, and the others. Rows without a time are among the others."""
    before = pc.fill_null(pc.less(times_of(table), _scalar(moment)), _EXCLUDED)
    return table.filter(before), table.filter(pc.invert(before))


def _scalar(moment: datetime) -> Any:
    return pa.scalar(moment, TIME)
