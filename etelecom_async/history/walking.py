"""Walk once over the call logs of a span, and know where the walk stands."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from typing import Protocol, Self, cast

import attrs

from etelecom_async import times
from etelecom_async._core.codec.raw_pages import RawPage
from etelecom_async._core.tracebacks import cleaned
from etelecom_async.errors import EtelecomError, PagingError
from etelecom_async.history import row_times
from etelecom_async.history.arrow import ArrowTable, pa
from etelecom_async.history.collecting import AsTheyCome, Collector, InOrder
from etelecom_async.history.columns import PageColumns, count_unknown_fields
from etelecom_async.history.fetching import OPERATION, Query, Step, Workers
from etelecom_async.history.windows import Checkpoint, Windows


@attrs.frozen(kw_only=True)
class Progress:
    """How far a walk is."""

    rows: int
    """Rows that were handed out."""
    requests: int
    """Responses that were received."""
    done: float
    """The share of the time that was read, from 0 to 1."""


class Stage(Protocol):
    """Is called while an export runs."""

    def __call__(self, stage: str, progress: Progress, /) -> object:
        """
        Show how far the export is.

        Args:
            stage: `calls`, or the number of the hotline whose calls are looked up.
            progress: How far this stage is.
        """


class Tables:
    """The tables of one loop, and its only reference to the tasks that read: leaving the loop stops them."""

    def __init__(self, walk: Walk) -> None:
        self._walk = walk

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> ArrowTable:
        try:
            return await self._walk.next()
        except BaseException as error:
            cleaned(error)
            raise

    def __del__(self) -> None:
        self._walk.stop()


class Walk:
    """The state of one loop over the call logs of a span."""

    def __init__(self, query: Query, checkpoint: Checkpoint | None) -> None:
        open_windows = query.all_windows(times.now()) if checkpoint is None else checkpoint.open_windows()
        self.columns = PageColumns(OPERATION)
        self._query = query
        self._windows = Windows(open_windows, oldest_first=query.in_order, most_held=2 * query.windows)
        self._borders = row_times.Borders([] if checkpoint is None else checkpoint.seen)
        self._workers = Workers(query, self._windows)
        self._collector: Collector = AsTheyCome(self._windows, self._read, self._workers.fail)
        if query.in_order:
            self._collector = InOrder(self._windows, self._read, query.margin)
        self._turn = asyncio.Lock()
        """Held by the task that waits for the next rows."""
        self._rows = 0
        self.unknown_fields: Counter[str] = Counter()
        """The number of rows that were handed out with each field that the models do not have."""
        self._has_started = False
        self._has_ended = False
        self._was_stopped = False

    def progress(self) -> Progress:
        """Return how far the loop is."""
        return Progress(rows=self._rows, requests=self._workers.requests, done=self._windows.done)

    def checkpoint(self) -> str:
        """Return where the loop stands."""
        query = self._query
        return Checkpoint(
            query.span,
            query.account,
            query.key(),
            self._collector.windows(),
            self._borders.seen(),
        ).write()

    def _read(self, steps: Sequence[Step]) -> ArrowTable:
        query = self._query
        pages = [cast("RawPage", step.page) for step in steps]
        table = self.columns.table(pages)
        if query.windows > 1 or query.in_order:
            spans = [(step.window.span, len(page.items)) for step, page in zip(steps, pages, strict=True)]
            row_times.check_windows(table, spans, query.margin)
        return row_times.within(table, query.span)

    async def next(self) -> ArrowTable:
        """
        Return the next rows, at least one.

        Raises:
            StopAsyncIteration: There are no more.
        """
        async with self._turn:
            try:
                table = None
                while not table:
                    table = await self._next()
            except StopAsyncIteration:
                raise
            except BaseException as error:
                self._was_stopped = True
                self.stop()
                if isinstance(error, EtelecomError):
                    error.checkpoint = self.checkpoint()
                raise
            return table

    def rest(self) -> ArrowTable | None:
        """
        Stop reading, and return the rows that were read, but not handed out.

        In time order there are none: a row that waits may have earlier ones before it.
        """
        self._was_stopped = True
        self.stop()
        parts = [self._collector.add(step) for step in self._workers.waiting()]
        rows = [part for part in (*parts, self._collector.rest()) if part]
        if not rows:
            return None
        return self._handed_out(pa.concat_tables(rows))

    def stop(self) -> None:
        """Stop reading."""
        self._workers.stop()

    async def _next(self) -> ArrowTable | None:
        """Return the next rows; raise the failure after the last ones."""
        if self._was_stopped:
            message = "this loop was stopped. Start a new one, with resume= and the text of `.checkpoint()`."
            raise PagingError(message, operation=OPERATION.name)
        if self._has_ended:
            if self._workers.failure is not None:
                raise self._workers.failure
            if self._collector.windows():  # never: a row must not be lost without an error
                raise PagingError("the walk ended before its last window.", operation=OPERATION.name)
            raise StopAsyncIteration
        if not self._has_started:
            self._has_started = True
            self._workers.start()
        step = await self._workers.next()
        self._has_ended = step is None
        rows = self._collector.rest() if step is None else self._collector.add(step)
        self._workers.wake()
        return None if rows is None else self._handed_out(rows)

    def _handed_out(self, rows: ArrowTable) -> ArrowTable:
        """Return the rows that no earlier table had, and count them."""
        table = self._borders.without_repeats(rows)
        self._rows += len(table)
        count_unknown_fields(table, self.unknown_fields)
        return table
