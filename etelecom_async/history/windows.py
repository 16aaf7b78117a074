"""
Keep which windows of a span are still to read, and where each of them stands.

Nothing here sends a request. A window is read page by page; a window with many pages is halved first.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any, Final, Self, cast

import attrs

from etelecom_async.errors import PagingError
from etelecom_async.history.spans import Span

CHECKPOINT_VERSION: Final = 1
MANY_PAGES: Final = 64
"""Estimated number of pages above which a window is halved; halving costs one request."""
PAGES_IN_ORDER: Final = 16
"""Pages of a window in time order. Its rows wait in memory, and a failure reads them again."""
_FULL_PAGE: Final = 100
_SHORTEST: Final = timedelta(hours=2)
"""A shorter window is not halved, because windows meet at whole hours."""


@attrs.define(eq=False)
class Window:
    """A part of the span, and the place in its list up to which the rows were handed out."""

    span: Span
    bookmark: Callable[[], str] | None = None
    """Writes the checkpoint of its list; `None` before its first page."""
    handed_out_until: datetime | None = None
    """In time order: all rows of the window before this time were handed out."""


class Windows:
    """
    The windows of a span, in their order.

    Args:
        windows: The windows that are not done.
        oldest_first: Whether to read the earliest window first. Then windows are short, and are cut from the
            front of the span.
        most_held: In that order, the number of windows that are read while an earlier one is not.
    """

    def __init__(self, windows: Iterable[Window], *, oldest_first: bool = False, most_held: int = 8) -> None:
        ordered = sorted(windows, key=lambda window: window.span.begin, reverse=not oldest_first)
        self._oldest_first = oldest_first
        self._waiting: deque[Window] = deque(ordered)
        self._open: list[Window] = list(ordered)
        self._length = sum((window.span.end - window.span.begin for window in ordered), timedelta())
        self._most_held = most_held
        self.held = 0
        """Windows whose rows wait for those of an earlier window."""
        self._page_length: timedelta | None = None
        """The time that a full page covers, as far as it is known."""

    @property
    def has_waiting(self) -> bool:
        """Whether a window is still to be taken."""
        return bool(self._waiting)

    def take(self) -> Window | None:
        """Return the next window to read; `None` if none may be read now."""
        if not self._waiting:
            return None
        if self.held >= self._most_held and self._waiting[0] is not self.first_open():
            return None
        window = self._waiting.popleft()
        length = self._page_length
        if not self._oldest_first or length is None or window.bookmark is not None:
            return window
        return self._cut(window, length * PAGES_IN_ORDER) or window

    def _cut(self, window: Window, length: timedelta) -> Window | None:
        """Cut a window in two; return the part to read first, or `None` if it is short enough."""
        span = window.span
        whole = span.end - span.begin
        if whole < _SHORTEST or whole < 2 * length:
            return None
        parts = [Window(part, handed_out_until=window.handed_out_until) for part in span.cut(length)]
        if len(parts) == 1:
            return None
        if not self._oldest_first:
            parts.reverse()
        place = self._open.index(window)
        self._open[place : place + 1] = parts
        self._waiting.appendleft(parts[1])
        return parts[0]

    def note_rows(self, window: Window, rows: int) -> None:
        """Note that a window has less than a page of rows: later ones may be longer."""
        if self._page_length is not None:
            length = (window.span.end - window.span.begin) * _FULL_PAGE / max(rows, 1)
            self._page_length = max(self._page_length, min(length, 2 * self._page_length))

    def halve(
        self, window: Window, oldest: datetime, newest: datetime, *, is_oldest_first: bool
    ) -> Window | None:
        """
        Replace a window with its halves, if its first page, a full one, shows that it has many pages.

        Args:
            window: The window.
            oldest: The earliest time of a row in its first page.
            newest: The latest time.
            is_oldest_first: Whether the list goes on after the page, and not before it.

        Returns:
            The half to read next; `None` if the window stays.
        """
        span = window.span
        if newest <= oldest:
            return None
        self._page_length = newest - oldest
        if self._oldest_first:
            return self._cut(window, self._page_length * PAGES_IN_ORDER)
        rest = span.end - newest if is_oldest_first else oldest - span.begin
        is_long = rest > self._page_length * MANY_PAGES
        return self._cut(window, (span.end - span.begin) / 2) if is_long else None

    def finish(self, window: Window) -> None:
        """Note that all rows of a window were handed out."""
        self._open.remove(window)

    def first_open(self) -> Window | None:
        """Return the first window, in their order, whose rows were not all handed out."""
        return self._open[0] if self._open else None

    @property
    def done(self) -> float:
        """The share of the time that was read, from 0 to 1."""
        rest = sum((window.span.end - window.span.begin for window in self._open), timedelta())
        return 1.0 if not self._length else 1 - rest / self._length

    def to_json(self) -> list[dict[str, Any]]:
        """Return the windows that are not done as plain data."""
        return [
            {
                "begin": window.span.begin.isoformat(),
                "end": window.span.end.isoformat(),
                "bookmark": window.bookmark and window.bookmark(),
                "handed_out_until": window.handed_out_until and window.handed_out_until.isoformat(),
            }
            for window in self._open
        ]


@attrs.frozen
class Checkpoint:
    """Where a walk over the call logs of a span stands."""

    span: Span
    account: str
    query: str
    """Says what else was asked for, without its values."""
    windows: list[dict[str, Any]]
    seen: list[str]
    """Ids of rows at the ends of windows, which may come again from the next window."""

    def write(self) -> str:
        """Return the checkpoint as a text."""
        return json.dumps(
            {
                "version": CHECKPOINT_VERSION,
                "since": self.span.begin.isoformat(),
                "until": self.span.end.isoformat(),
                "account": self.account,
                "query": self.query,
                "windows": self.windows,
                "seen": self.seen,
            },
            separators=(",", ":"),
        )

    @classmethod
    def read(cls, text: object) -> Self:
        """
        Return the checkpoint of a text.

        Raises:
            PagingError: The text is no checkpoint, or of another version.
        """
        try:
            fields: Any = json.loads(cast("str", text))
            version = fields["version"]
            found = cls._of(fields) if version == CHECKPOINT_VERSION else None
        except (TypeError, ValueError, KeyError, AttributeError, RecursionError):
            message = "resume= is not a checkpoint of call logs; it takes the text of `.checkpoint()`."
            raise PagingError(message) from None
        if found is None:
            message = (
                f"the checkpoint has the format version {version}, and this release reads "
                f"{CHECKPOINT_VERSION}. Start again without resume=."
            )
            raise PagingError(message)
        return found

    @classmethod
    def _of(cls, fields: Any) -> Self:
        found = cls(
            Span(_time(fields["since"]), _time(fields["until"])),
            _text(fields["account"]),
            _text(fields["query"]),
            fields["windows"],
            [_text(key) for key in fields["seen"]],
        )
        _ = found.open_windows()
        return found

    def open_windows(self) -> list[Window]:
        """Return the windows that are not done."""
        return [
            Window(
                Span(_time(window["begin"]), _time(window["end"])),
                _written(window["bookmark"]),
                _optional_time(window["handed_out_until"]),
            )
            for window in self.windows
        ]

    def check(self, span: Span, account: str, query: str) -> None:
        """
        Check that the checkpoint belongs to this span, account and query.

        Raises:
            PagingError: It belongs to another one.
        """
        problem = ""
        if self.account != account:
            problem = "another account"
        elif self.span != span:
            problem = f"the span from {self.span.begin.isoformat()} until {self.span.end.isoformat()}"
        elif self.query != query:
            problem = "other filters, another order or another margin"
        if problem:
            message = (
                f"the checkpoint belongs to {problem}. Use it with the same arguments, or start again "
                f"without resume=."
            )
            raise PagingError(message)


def _written(bookmark: object) -> Callable[[], str] | None:
    if bookmark is None:
        return None
    text = _text(bookmark)
    return lambda: text


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _time(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.utcoffset() is None:
        raise ValueError
    return moment


def _optional_time(text: str | None) -> datetime | None:
    return None if text is None else _time(text)
