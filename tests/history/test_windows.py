"""The windows of a walk, and checkpoints as texts."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from etelecom_async.errors import PagingError
from etelecom_async.history.spans import Span
from etelecom_async.history.windows import MANY_PAGES, Checkpoint, Window, Windows

START = datetime(2026, 11, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
SPAN = Span(START, START + 96 * HOUR)


def windows_of(count: int, *, oldest_first: bool = False) -> Windows:
    """Return windows of equal length."""
    return Windows(map(Window, SPAN.split(count)), oldest_first=oldest_first)


def spans_of(windows: Windows) -> list[tuple[float, float]]:
    """Return the windows that are not done, in their order, as hours since the start."""
    parts = [(datetime.fromisoformat(each["begin"]), each["end"]) for each in windows.to_json()]
    return [((begin - START) / HOUR, (datetime.fromisoformat(end) - START) / HOUR) for begin, end in parts]


def take_some(windows: Windows, count: int) -> list[float]:
    """Take some windows; return their begins as hours since the start."""
    taken = [windows.take() for _ in range(count)]
    return [(window.span.begin - START) / HOUR for window in taken if window is not None]


def take_all(windows: Windows) -> list[float]:
    """Take the windows that wait; return their begins as hours since the start."""
    found: list[float] = []
    while (window := windows.take()) is not None:
        found.append((window.span.begin - START) / HOUR)
    return found


@pytest.mark.parametrize("oldest_first", [False, True])
def test_order(*, oldest_first: bool) -> None:
    """Windows are taken the newest first, or the oldest first, whatever the order in which they are given."""
    parts = SPAN.split(4)
    windows = Windows(map(Window, [parts[2], parts[0], parts[3], parts[1]]), oldest_first=oldest_first)
    expected = [0, 24, 48, 72] if oldest_first else [72, 48, 24, 0]
    assert [begin for begin, _ in spans_of(windows)] == expected
    assert take_all(windows) == expected
    assert windows.take() is None
    assert len(spans_of(windows)) == 4  # taken, but not done


def test_halve() -> None:
    """The halves take the place of the window: one is returned, the other is the next to be taken."""
    windows = windows_of(2)
    window = windows.take()
    assert window is not None
    end = window.span.end
    half = windows.halve(window, end - timedelta(minutes=9), end, is_oldest_first=False)
    assert half is not None
    begins = [72, 48, 0]
    assert [begin for begin, _ in spans_of(windows)] == begins
    assert half is windows.first_open()
    assert take_all(windows) == begins[1:]
    assert windows.done == 0


def test_front_of_a_window_in_time_order() -> None:
    """In time order, windows of some pages are cut from the front, by the time that a page covers."""
    windows = windows_of(1, oldest_first=True)
    window = windows.take()
    assert window is not None
    end = window.span.end
    front = windows.halve(window, end - timedelta(minutes=15), end, is_oldest_first=False)
    assert front is windows.first_open()
    assert spans_of(windows) == [(0, 4), (4, 96)]  # sixteen pages of a quarter of an hour
    assert take_some(windows, 2) == [4, 8]
    windows.note_rows(Window(Span(START, START + 4 * HOUR)), 50)
    third = windows.take()
    assert third is not None
    assert (third.span.end - third.span.begin) == 8 * HOUR  # a page covers twice the time at the most


def test_held_windows() -> None:
    """In time order, no window is taken while too many wait for the first one; the first one always is."""
    windows = Windows(map(Window, SPAN.split(4)), oldest_first=True, most_held=1)
    first, second = windows.take(), windows.take()
    assert first is not None
    assert second is not None
    windows.finish(second)
    windows.held = 1
    assert windows.take() is None
    assert windows.has_waiting
    windows.finish(first)
    assert windows.take() is not None


@pytest.mark.parametrize(
    ("first", "last", "is_halved"),
    [
        # Newest first: the rest lies before the page, whatever lies behind it.
        (96, 95, True),
        (96, 94, False),
        (40, 39.5, True),
        (30, 29.5, False),
        (1, 0.5, False),
        # Oldest first: the rest lies behind the page.
        (0, 1, True),
        (0, 2, False),
        (60, 60.5, True),
        (70, 70.5, False),
        (95, 95.5, False),
        # One time says nothing.
        (50, 50, False),
    ],
)
def test_estimate(first: float, last: float, *, is_halved: bool) -> None:
    """A window is halved if its rest takes more than `MANY_PAGES` pages that are like the first one."""
    assert MANY_PAGES == 64
    windows = windows_of(1)
    window = windows.take()
    assert window is not None
    oldest, newest = sorted((START + first * HOUR, START + last * HOUR))
    half = windows.halve(window, oldest, newest, is_oldest_first=first < last)
    assert (half is not None) == is_halved
    assert len(spans_of(windows)) == 1 + is_halved


def test_short_window() -> None:
    """A window of less than two hours is not halved, because windows meet at whole hours."""
    for length, is_halved in ((2 * HOUR, True), (2 * HOUR - timedelta(seconds=1), False)):
        window = Window(Span(START, START + length))
        newest = window.span.end
        half = Windows([window]).halve(window, newest - timedelta(seconds=1), newest, is_oldest_first=False)
        assert (half is not None) == is_halved


def test_halves_of_a_window_in_order() -> None:
    """The halves of a window know which rows of it were handed out."""
    window = Window(SPAN, handed_out_until=START + HOUR)
    windows = Windows([window], oldest_first=True)
    assert windows.halve(window, START, START + timedelta(minutes=1), is_oldest_first=True)
    assert {each["handed_out_until"] for each in windows.to_json()} == {(START + HOUR).isoformat()}


@given(st.data())
def test_halves_fill_the_span(data: st.DataObject) -> None:
    """Whatever is halved and finished, the open windows and the finished ones fill the span once."""
    windows = windows_of(data.draw(st.integers(1, 5)), oldest_first=data.draw(st.booleans()))
    finished: list[Span] = []
    done = [windows.done]
    while (window := windows.take()) is not None:
        half: Window | None = window
        while half is not None:
            window, half = half, None
            if data.draw(st.booleans()):
                newest = window.span.end
                half = windows.halve(window, newest - timedelta(seconds=1), newest, is_oldest_first=False)
        windows.finish(window)
        finished.append(window.span)
        done.append(windows.done)
    assert (windows.to_json(), windows.first_open()) == ([], None)
    finished.sort(key=lambda span: span.begin)
    assert finished[0].begin == SPAN.begin
    assert finished[-1].end == SPAN.end
    assert [span.end for span in finished[:-1]] == [span.begin for span in finished[1:]]
    assert (done[0], done[-1]) == (0, 1)
    assert done == sorted(done)


def test_done_of_nothing() -> None:
    """Without windows, all of the time was read."""
    assert Windows([]).done == 1


CHECKPOINT = Checkpoint(
    SPAN,
    "1161512386239479010",
    "digest",
    Windows(
        [
            Window(Span(START, START + HOUR), lambda: "bookmark"),
            Window(Span(START + HOUR, START + 2 * HOUR), handed_out_until=START + HOUR),
        ]
    ).to_json(),
    ["1", "2"],
)


def test_checkpoint() -> None:
    """A checkpoint is the same after it was written and read."""
    found = Checkpoint.read(CHECKPOINT.write())
    assert found == CHECKPOINT
    newer, older = found.open_windows()
    assert (newer.bookmark, newer.handed_out_until) == (None, START + HOUR)
    assert older.bookmark is not None
    assert (older.bookmark(), older.span) == ("bookmark", Span(START, START + HOUR))
    found.check(SPAN, CHECKPOINT.account, CHECKPOINT.query)


WRITTEN: dict[str, Any] = json.loads(CHECKPOINT.write())
WINDOW: dict[str, Any] = WRITTEN["windows"][0]


DAMAGED: list[Any] = [
    *("", "null", "[]", "5", "{}", "x", "[" * 100_000, CHECKPOINT.write()[:-1]),
    *(None, 5, WRITTEN),
    *(json.dumps({**WRITTEN, name: value}) for name in WRITTEN if name != "version" for value in (None, 5)),
    *(json.dumps({key: WRITTEN[key] for key in WRITTEN if key != name}) for name in WRITTEN),
    json.dumps({**WRITTEN, "since": "2026-11-01T00:00:00"}),
    json.dumps({**WRITTEN, "seen": [1]}),
    json.dumps({**WRITTEN, "seen": [["1"]]}),
    json.dumps({**WRITTEN, "windows": ["x"]}),
    *(json.dumps({**WRITTEN, "windows": [{**WINDOW, name: 5}]}) for name in WINDOW),
    json.dumps({**WRITTEN, "windows": [{**WINDOW, "begin": "now"}]}),
]


@pytest.mark.parametrize("number", range(len(DAMAGED)))
def test_damaged_checkpoint(number: int) -> None:
    """A text that is no checkpoint of call logs is refused."""
    with pytest.raises(PagingError, match=r"resume= is not a checkpoint of call logs"):
        Checkpoint.read(DAMAGED[number])


@pytest.mark.parametrize("fields", [{**WRITTEN, "version": 2}, {"version": 2}])
def test_other_version(fields: object) -> None:
    """A checkpoint of another version is refused, whatever its fields are."""
    with pytest.raises(
        PagingError, match=r"has the format version 2, and this release reads 1\. Start again"
    ):
        Checkpoint.read(json.dumps(fields))


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"account": "2"}, "belongs to another account"),
        (
            {"span": Span(START, START + HOUR)},
            "the span from 2026-11-01T00:00:00+00:00 until 2026-11-01T01:00:00+00:00",
        ),
        ({"query": "other"}, "belongs to other filters, another order or another margin"),
    ],
)
def test_checkpoint_of_another_walk(changed: dict[str, Any], problem: str) -> None:
    """A checkpoint of another account, span or query is refused with the difference."""
    found = attrs.evolve(CHECKPOINT, **changed)
    with pytest.raises(PagingError) as caught:
        found.check(SPAN, CHECKPOINT.account, CHECKPOINT.query)
    assert problem in str(caught.value)
    assert "start again without resume=" in str(caught.value)
