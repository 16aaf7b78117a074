"""Which spans a sync reads: nothing is left out, and little is read again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from etelecom_async.history.spans import Span
from etelecom_async.history.sync_state import Order, ShopState, spans_to_read, windows_of

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def days(first: float, last: float = 0) -> Span:
    """Return the span between two numbers of days ago."""
    return Span(NOW - first * DAY, NOW - last * DAY)


def read(
    synced: Span | None, since: float, *, reread: bool = False, unfinished: Span | None = None
) -> list[Span]:
    """Return what a sync reads, with a look-back of 3 days."""
    state = ShopState(shop_id="1", synced=synced, unfinished=unfinished)
    return spans_to_read(state, Order(span=days(since), reread=reread))


@pytest.mark.parametrize(
    ("synced", "since", "expected"),
    [
        (None, 10, [days(10)]),
        (days(10, 1), 10, [days(4)]),
        (days(10, 9), 1, [days(10)]),
        (days(40, 20), 1, [days(23)]),
        (days(2, 1), 2, [days(2)]),
        (days(10, 1), 20, [days(20, 10), days(4)]),
        (days(2, 1), 20, [days(20, 2), days(4)]),
    ],
    ids=["first", "look-back", "all of a short span", "no gap", "short", "earlier", "earlier and short"],
)
def test_spans(synced: Span | None, since: float, expected: list[Span]) -> None:
    """A sync reads new calls, the look-back, and the days before the first one of earlier syncs."""
    assert read(synced, since) == expected


@pytest.mark.parametrize(
    ("synced", "since", "expected"),
    [
        (None, 10, [days(10)]),
        (days(10, 1), 8, [days(8)]),
        (days(10, 1), 20, [days(20)]),
        (days(40, 20), 1, [days(23)]),
    ],
)
def test_reread(synced: Span | None, since: float, expected: list[Span]) -> None:
    """`reread` reads all days since the first one, and leaves no gap."""
    assert read(synced, since, reread=True) == expected


def test_unfinished_span() -> None:
    """An unfinished span is read first; the rest follows from its own look-back, as it was read in part."""
    assert read(None, 10, unfinished=days(10, 1)) == [days(10, 1), days(4)]
    assert read(days(10, 5), 10, unfinished=days(8, 1)) == [days(8, 1), days(4)]
    assert read(days(10, 5), 20, unfinished=days(8, 1)) == [days(8, 1), days(20, 10), days(4)]


def test_unfinished_reread() -> None:
    """The same reread continues, and then reads the calls since its start; another one starts anew."""
    assert read(days(10, 1), 9, reread=True, unfinished=days(9, 0.5)) == [days(9, 0.5), days(3.5)]
    assert read(days(10, 1), 7, reread=True, unfinished=days(9, 0.5)) == [days(7)]
    assert read(None, 7, reread=True, unfinished=days(9, 0.5)) == [days(7)]
    # Its first pages are too old.
    assert read(days(10, 1), 9, reread=True, unfinished=days(9, 1.5)) == [days(9)]


def test_clock_that_was_set_back() -> None:
    """With a clock behind the last sync, the look-back is read: its end is a time of the server."""
    assert read(days(10, -8), 10) == [days(-5, -8)]
    assert read(days(10, -8), 10, reread=True) == [days(10, -8)]
    assert read(None, 10, unfinished=days(10, -8)) == [days(10, -8), days(-5, -8)]


def test_span_without_time() -> None:
    """A sync at the very time of the last one reads nothing, and there is no error."""
    assert read(days(0), 0) == []


def test_first_day_that_moves() -> None:
    """A first day like `-10d` moves with the time, and its unfinished span is continued."""
    assert read(None, 10, unfinished=days(13, 3)) == [days(13, 3), days(6)]
    assert read(None, 10, unfinished=days(10.9, 0.1)) == [days(10.9, 0.1), days(3.1)]


def test_first_day_that_is_corrected() -> None:
    """An unfinished span of a first day that was a mistake, far too early, is dropped."""
    assert read(None, 10, unfinished=days(3000, 0.1)) == [days(10)]
    assert read(days(20, 1), 10, unfinished=days(3000, 20)) == [days(4)]
    assert read(days(20, 1), 10, unfinished=days(3000, 0.5)) == [days(4)]


def test_state_after_pages_and_spans() -> None:
    """A span counts as synced only after its last page; two spans that touch become one."""
    state = ShopState(shop_id="1", synced=days(10, 5)).reading(days(8), "checkpoint")
    assert (state.synced, state.unfinished, state.checkpoint) == (days(10, 5), days(8), "checkpoint")
    state = state.finished(days(8))
    assert (state.synced, state.unfinished, state.checkpoint) == (days(10), None, None)


def test_windows() -> None:
    """The look-back is read in one window, which costs one request more than its pages; others in several."""
    assert windows_of(days(4), 3 * DAY, 4) == 1
    assert windows_of(days(4.1), 3 * DAY, 4) == 4
