"""Pages of windows become tables, as they come or in time order."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, cast

import attrs
from hypothesis import given
from hypothesis import strategies as st

from etelecom_async.errors import EtelecomError
from etelecom_async.history.arrow import ArrowTable, pa
from etelecom_async.history.collecting import AsTheyCome, Collector, InOrder
from etelecom_async.history.fetching import Step
from etelecom_async.history.schema import TIME
from etelecom_async.history.spans import Span
from etelecom_async.history.windows import Checkpoint, Window, Windows

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

START = datetime(2026, 11, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
SPAN = Span(START, START + 40 * HOUR)
MARGIN = 2 * HOUR
BAD = EtelecomError("no")
SCHEMA = pa.schema([("id", pa.string()), ("started_at", TIME), ("created_at", TIME)])


@attrs.frozen
class Row:
    """A call of a test, with times in hours since the start; `time` is `None` for a call without one."""

    id: str
    time: float | None
    window: int


def read(steps: Sequence[Any]) -> ArrowTable:
    """Return the rows of steps, whose pages are lists of rows here."""
    rows = [row for step in steps for row in step.page]
    times = [None if row.time is None else START + row.time * HOUR for row in rows]
    return pa.table([[row.id for row in rows], times, [None] * len(rows)], schema=SCHEMA)


def ids(tables: Iterable[ArrowTable | None]) -> list[str]:
    """Return the ids of the rows of all tables."""
    return [key for table in tables if table is not None for key in table.column("id").to_pylist()]


def step(window: Window, page: list[Row] | None, bookmark: str = "") -> Step:
    """Return a step with a page of rows."""
    return Step(window, cast("Any", page), lambda: bookmark)


def taken(windows: Windows) -> list[Window]:
    """Return all windows that wait."""
    return list(iter(windows.take, None))


def open_windows(collector: Collector) -> list[tuple[float, str | None]]:
    """Return the begin of each window that is not done, in hours since the start, and its bookmark."""
    return [
        ((datetime.fromisoformat(window["begin"]) - START) / HOUR, window["bookmark"])
        for window in collector.windows()
    ]


def test_as_they_come() -> None:
    """Sixteen pages of any windows make a table; only then their windows move on or end."""
    windows = Windows(map(Window, SPAN.split(2)))
    newer, older = taken(windows)
    collector = AsTheyCome(windows, read, [].append)
    for number in range(14):
        assert collector.add(step(newer, [Row(f"{number}", 30, 1)], f"{number}")) is None
    assert collector.add(step(older, [Row("14", 10, 0)], "14")) is None
    assert collector.add(step(newer, None)) is None
    assert open_windows(collector) == [(20, None), (0, None)]
    table = collector.add(step(older, [Row("15", 9, 0)], "15"))
    assert ids([table]) == [str(number) for number in range(16)]
    assert open_windows(collector) == [(0, "15")]
    collector.add(step(older, [Row("16", 8, 0)], "16"))
    assert open_windows(collector) == [(0, "15")]
    assert ids([collector.rest()]) == ["16"]
    assert open_windows(collector) == [(0, "16")]
    collector.add(step(older, None))
    assert ids([collector.rest()]) == []
    assert open_windows(collector) == []


def test_page_that_cannot_be_read() -> None:
    """The rows before such a page are handed out, and those of other windows; its window goes no further."""

    def read_good(steps: Sequence[Any]) -> ArrowTable:
        if any(row.time == 13 for step in steps for row in step.page):
            raise BAD
        return read(steps)

    windows = Windows(map(Window, SPAN.split(2)))
    newer, older = taken(windows)
    failures: list[EtelecomError] = []
    collector = AsTheyCome(windows, read_good, failures.append)
    collector.add(step(older, [Row("1", 15, 0)], "1"))
    collector.add(step(older, [Row("2", 13, 0)], "2"))
    collector.add(step(newer, [Row("3", 30, 1)], "3"))
    collector.add(step(older, [Row("4", 10, 0)], "4"))
    collector.add(step(newer, None))
    assert ids([collector.rest()]) == ["1", "3"]
    assert failures == [BAD]
    collector.add(step(older, [Row("5", 9, 0)], "5"))
    collector.add(step(older, None))
    assert ids([collector.rest()]) == []
    assert open_windows(collector) == [(0, "1")]


def test_in_order_waits_for_earlier_windows() -> None:
    """Rows wait until no open window can have an earlier one; those within the margin wait longer."""
    windows = Windows(map(Window, SPAN.split(4)), oldest_first=True)
    first, second, third, _ = taken(windows)
    collector = InOrder(windows, read, MARGIN)
    assert collector.add(step(second, [Row("12", 12, 1)])) is None
    assert collector.add(step(second, None)) is None
    assert collector.add(step(first, [Row("9", 9, 0), Row("1", 1, 0)])) is None
    assert open_windows(collector) == [(10, None), (0, None), (20, None), (30, None)]
    table = collector.add(step(first, None))
    assert ids([table]) == ["1", "9", "12"]
    assert open_windows(collector) == [(20, None), (30, None)]
    assert collector.add(step(third, [Row("28", 28, 2), Row("27.9", 27.9, 2), Row("18", 18, 2)])) is None
    assert ids([collector.add(step(third, None))]) == ["18", "27.9"]
    waiting, last = collector.windows()
    assert (waiting["begin"], last["begin"]) == tuple(
        (START + hours * HOUR).isoformat() for hours in (20, 30)
    )
    assert waiting["handed_out_until"] == (START + 28 * HOUR).isoformat()
    assert collector.rest() is None  # a window is open, so the walk has failed


def test_in_order_keeps_rows_without_a_time() -> None:
    """Rows without a time come last, and their window is not done before."""
    windows = Windows(map(Window, SPAN.split(4)), oldest_first=True)
    collector = InOrder(windows, read, MARGIN)
    tables: list[ArrowTable | None] = []
    for number, window in enumerate(taken(windows)):
        rows = [Row(f"{number}", number * 10 + 5, number), Row(f"none {number}", None, number)]
        collector.add(step(window, rows))
        tables.append(collector.add(step(window, None)))
        begins = [begin for begin, _ in open_windows(collector)]
        assert begins == [0, 10, 20, 30]
    assert ids(tables) == ["0", "1", "2"]
    assert ids([collector.rest()]) == ["3", "none 0", "none 1", "none 2", "none 3"]
    assert open_windows(collector) == []


def test_in_order_of_the_whole_calendar() -> None:
    """A margin that reaches out of the calendar is cut."""
    windows = Windows(map(Window, SPAN.split(2)), oldest_first=True)
    first, second = taken(windows)
    collector = InOrder(windows, read, timedelta.max)
    collector.add(step(first, [Row("1", 1, 0)]))
    assert ids([collector.add(step(first, None))]) == []
    collector.add(step(second, [Row("2", 30, 1)]))
    assert ids([collector.add(step(second, None)), collector.rest()]) == ["1", "2"]


@st.composite
def all_rows(draw: st.DrawFn) -> list[Row]:
    """Return rows of eight windows of five hours, with times around them; some have no time."""
    found: list[Row] = []
    for window in range(8):
        offsets = st.one_of(st.none(), st.integers(-2, 6), st.integers(-20, 25))
        for offset in draw(st.lists(offsets, max_size=4)):
            time = None if offset is None else window * 5 + offset
            found.append(Row(f"{len(found)}", time, window))
    return found


@given(all_rows(), st.data())
def test_in_order_continues(rows: list[Row], data: st.DataObject) -> None:
    """
    A walk in time order that stops anywhere, again and again, hands out each row once.

    Rows within the margin of their windows come in order, also over all the walks.
    """
    windows = Windows(map(Window, SPAN.split(8)), oldest_first=True)
    found: list[str] = []
    for _ in range(3):
        collector = InOrder(windows, read, MARGIN)
        found += ids(walk(collector, windows, rows, data, most=data.draw(st.integers(0, 10))))
        checkpoint = Checkpoint(SPAN, "", "", collector.windows(), [])
        windows = Windows(Checkpoint.read(checkpoint.write()).open_windows(), oldest_first=True)
    collector = InOrder(windows, read, MARGIN)
    found += ids([*walk(collector, windows, rows, data, most=1000), collector.rest()])
    assert sorted(found) == sorted(row.id for row in rows)
    by_id = {row.id: row for row in rows}
    times = [
        row.time
        for row in map(by_id.__getitem__, found)
        if row.time is not None and -2 <= row.time - 5 * row.window < 7
    ]
    assert times == sorted(times)
    assert open_windows(collector) == []


def walk(
    collector: InOrder, windows: Windows, rows: list[Row], data: st.DataObject, *, most: int
) -> Iterator[ArrowTable | None]:
    """Read up to three windows at once, in any order of their steps, and stop after some of the steps."""
    reading: list[tuple[Window, Iterator[Step]]] = []
    for _ in range(most):
        while len(reading) < 3 and (window := windows.take()) is not None:
            reading.append((window, steps_of(window, rows)))
        if not reading:
            return
        index = data.draw(st.integers(0, len(reading) - 1))
        following = next(reading[index][1])
        if following.page is None:
            del reading[index]
        yield collector.add(following)


def steps_of(window: Window, rows: list[Row]) -> Iterator[Step]:
    """Yield the steps of a window: a page for each row, and the end."""
    number = (window.span.begin - START) // (5 * HOUR)
    for row in rows:
        if row.window == number:
            yield step(window, [row])
    yield step(window, None)
