"""Collect the pages of windows into tables, as they come or in time order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, Protocol

from etelecom_async.errors import EtelecomError
from etelecom_async.history import row_times
from etelecom_async.history.arrow import ArrowTable, pa
from etelecom_async.history.fetching import Step
from etelecom_async.history.windows import Window, Windows

Read = Callable[[Sequence[Step]], ArrowTable]
"""Turns steps with a page into the rows of the span."""

_BATCH: Final = 16
"""Pages in a table."""


class Collector(Protocol):
    """Takes the steps of the workers, and returns rows to hand out."""

    def add(self, step: Step) -> ArrowTable | None:
        """Take a step; return the rows that can be handed out now."""

    def rest(self) -> ArrowTable | None:
        """Return the rows that are left when the workers have ended."""

    def windows(self) -> list[dict[str, Any]]:
        """Return the windows whose rows were not all handed out, as plain data."""
        ...


class AsTheyCome:
    """
    Hands out rows as soon as there are some pages of them.

    Args:
        windows: The windows to read.
        read: Turns pages into rows.
        fail: Is called with the error of a page that cannot be read. The rows before it are handed out first.
    """

    def __init__(self, windows: Windows, read: Read, fail: Callable[[EtelecomError], None]) -> None:
        self._windows = windows
        self._read = read
        self._fail = fail
        self._broken: set[Window] = set()
        """Windows with a page that cannot be read; their later pages are not handed out."""
        self._steps: list[Step] = []
        self._pages = 0

    def add(self, step: Step) -> ArrowTable | None:
        """Take a step; return the rows of some pages."""
        self._steps.append(step)
        self._pages += step.page is not None
        return self.rest() if self._pages >= _BATCH else None

    def rest(self) -> ArrowTable | None:
        """Return the rows that were not handed out."""
        steps, self._steps, self._pages = self._steps, [], 0
        try:
            return self._read_all([step for step in steps if step.window not in self._broken])
        except EtelecomError:
            return pa.concat_tables(map(self._read_one, steps))

    def _read_all(self, steps: Sequence[Step]) -> ArrowTable:
        table = self._read([step for step in steps if step.page is not None])
        for step in steps:
            if step.page is None:
                self._windows.finish(step.window)
            else:
                step.window.bookmark = step.bookmark
        return table

    def _read_one(self, step: Step) -> ArrowTable:
        if step.window not in self._broken:
            try:
                return self._read_all([step])
            except EtelecomError as error:
                self._broken.add(step.window)
                self._fail(error)
        return self._read([])

    def windows(self) -> list[dict[str, Any]]:
        """Return the windows that are not done, with their bookmarks."""
        return self._windows.to_json()


class InOrder:
    """
    Hands out rows by their time, the earliest first.

    A row of a window may have a time that is up to *margin* before or after the window. So rows wait until no
    open window can have an earlier one. A row whose time is further away comes later than its time.

    Args:
        windows: The windows to read, the earliest one first.
        read: Turns pages into rows.
        margin: See above.
    """

    def __init__(self, windows: Windows, read: Read, margin: timedelta) -> None:
        self._windows = windows
        self._read = read
        self._margin = margin
        self._steps: dict[int, list[Step]] = {}
        self._waiting: list[tuple[Window, ArrowTable]] = []
        """Windows that were read, and their rows that were not handed out."""

    def add(self, step: Step) -> ArrowTable | None:
        """Take a step; return rows if the first open window has ended."""
        window = step.window
        steps = self._steps.setdefault(id(window), [])
        if step.page is not None:
            steps.append(step)
            return None
        rows = row_times.not_before(self._read(steps), window.handed_out_until)
        del self._steps[id(window)]
        is_first = self._windows.first_open() is window
        self._windows.finish(window)
        self._waiting.append((window, rows))
        self._windows.held = len(self._waiting)
        first = self._windows.first_open()
        if not is_first or first is None:
            return None
        return self._hand_out(first.span.widened(self._margin).begin)

    def _hand_out(self, until: datetime) -> ArrowTable:
        ready: list[ArrowTable] = []
        waiting: list[tuple[Window, ArrowTable]] = []
        for window, rows in self._waiting:
            before, later = row_times.split_at(rows, until)
            ready.append(before)
            if later:
                window.handed_out_until = max(until, window.handed_out_until or until)
                waiting.append((window, later))
        self._waiting = waiting
        self._windows.held = len(waiting)
        return row_times.in_order(pa.concat_tables(ready))

    def rest(self) -> ArrowTable | None:
        """Return the rows that were not handed out; nothing after a failure."""
        if self._windows.first_open() is not None or not self._waiting:
            return None  # the walk has failed: a later window must not be handed out
        waiting, self._waiting = self._waiting, []
        return row_times.in_order(pa.concat_tables([rows for _, rows in waiting]))

    def windows(self) -> list[dict[str, Any]]:
        """Return the windows with rows that wait, and those that are not done."""
        held = Windows([window for window, _ in self._waiting], oldest_first=True)
        return held.to_json() + self._windows.to_json()
