"""Send the requests for the call logs of a span: several windows at once, each page by page."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple, cast

import attrs

from etelecom_async._client import ShopClient
from etelecom_async._core.codec import raw_pages
from etelecom_async._core.codec.raw_pages import RawPage
from etelecom_async._core.model import Model
from etelecom_async._generated.operations import OPERATIONS
from etelecom_async.errors import ResponseLostError
from etelecom_async.history import row_times
from etelecom_async.history.columns import PageColumns
from etelecom_async.history.spans import OVERLAP, Span
from etelecom_async.history.windows import Window, Windows
from etelecom_async.paging import Pager

OPERATION: Final = OPERATIONS["shop.call_logs.list"]
_USUAL_PAGE: Final = 100
"""Rows of a full page by the documentation. A server may lower a larger limit to it."""


@attrs.frozen(kw_only=True)
class Query:
    """What to read, and how."""

    shop: ShopClient
    span: Span
    filters: Mapping[str, Any]
    limit: int | None
    windows: int
    """Windows to read at once."""
    in_order: bool
    margin: timedelta

    @property
    def account(self) -> str:
        """Whose call logs they are."""
        return str(cast("Any", self.shop)._engine.identity.account)

    def key(self) -> str:
        """Return a digest of what the rows depend on beside the span."""
        asked = json.dumps(
            [dict(self.filters), self.in_order, self.margin.total_seconds()], sort_keys=True, default=_plain
        )
        # The filters may have phone numbers, and the text becomes a part of checkpoints.
        return hashlib.blake2b(asked.encode(), digest_size=8).hexdigest()

    def all_windows(self, now: datetime) -> list[Window]:
        """Return the windows of the span. No window lies in the future, where no call is."""
        # The server may leave out a row at the exact begin. At the ends of windows, `OVERLAP` is added later.
        wide = self.span.widened(self.margin).widened(OVERLAP)
        past = Span(wide.begin, min(wide.end, max(now, self.span.begin)))
        spans = past.split(1 if self.in_order else self.windows)
        spans[-1] = Span(spans[-1].begin, wide.end)
        return [Window(span) for span in spans]


def _plain(value: Any) -> object:
    return value.to_dict(mode="json") if isinstance(value, Model) else str(value)


class Step(NamedTuple):
    """A page of a window, and its place in the list; the end of the window without a page."""

    window: Window
    page: RawPage | None
    bookmark: Callable[[], str] | None


class Workers:
    """
    Tasks that read windows, each page by page.

    Args:
        query: What to read.
        windows: The windows to read.
    """

    def __init__(self, query: Query, windows: Windows) -> None:
        self.requests = 0
        """Responses that were received."""
        self.failure: Exception | None = None
        """Why the tasks ended early."""
        self._query = query
        self._windows = windows
        # They read first pages, to see how many may follow. Rows are counted only where they are handed out.
        self._columns = PageColumns(OPERATION)
        self._steps: asyncio.Queue[Step | None] = asyncio.Queue(maxsize=query.windows)
        self._tasks: list[asyncio.Task[None]] = []
        self._running = 0
        self._reading = 0
        """Windows that are being read."""
        self._has_changed = asyncio.Event()
        self._was_stopped = False

    def start(self) -> None:
        """Start the tasks."""
        client = cast("Any", self._query.shop)
        shop = client._copy(attrs.evolve(client._engine, decode=self._decode))
        self._running = self._query.windows
        self._tasks = [asyncio.create_task(self._work(shop)) for _ in range(self._running)]

    async def next(self) -> Step | None:
        """Return what a task has read; `None` after the end of all tasks."""
        return await self._steps.get()

    def waiting(self) -> list[Step]:
        """Return what the tasks have read, and nobody has taken."""
        steps: list[Step] = []
        while not self._steps.empty():
            step = self._steps.get_nowait()
            steps += () if step is None else (step,)
        return steps

    def fail(self, error: Exception) -> None:
        """End the tasks early. Each ends its page first, so that no request is repeated."""
        self.failure = self.failure or error
        self.wake()

    def stop(self) -> None:
        """Cancel the tasks. The last reference may be dropped in any thread, or after the loop was closed."""
        self._was_stopped = True  # a task may take another step before it is cancelled
        tasks, self._tasks = self._tasks, []
        for task in tasks:
            with suppress(RuntimeError):
                task.get_loop().call_soon_threadsafe(task.cancel)

    def _ends_early(self) -> bool:
        return self._was_stopped or self.failure is not None

    def _decode(self, *args: Any, **options: Any) -> RawPage:
        self.requests += 1
        return raw_pages.decode(*args, **options)

    async def _work(self, shop: ShopClient) -> None:
        try:
            while (window := await self._next_window()) is not None:
                try:
                    await self._read(shop, window)
                finally:
                    self._reading -= 1
                    self.wake()
        except asyncio.CancelledError:
            if self._was_stopped:
                raise
            # Another program has cancelled all tasks of the loop: without an end, the caller would wait.
            self.fail(
                ResponseLostError("a task that reads call logs was cancelled.", operation=OPERATION.name)
            )
        except Exception as error:  # noqa: BLE001 - the caller gets it after the rows that were read
            self.fail(error)
        self._running -= 1
        if not self._running:
            await self._steps.put(None)

    async def _next_window(self) -> Window | None:
        """Return the next window to read; `None` if there are no more."""
        while not self._ends_early():
            window = self._windows.take()
            if window is not None:
                self._reading += 1
                return window
            if not self._reading and not self._windows.has_waiting:
                return None
            self._has_changed.clear()  # a window may be cut, or rows may be handed out
            await self._has_changed.wait()
        return None

    def wake(self) -> None:
        """Let the tasks look for windows again."""
        self._has_changed.set()

    async def _read(self, shop: ShopClient, window: Window) -> None:
        half: Window | None = window
        while half is not None and not self._ends_early():
            window, half = half, await self._read_or_halve(shop, half)

    async def _read_or_halve(self, shop: ShopClient, window: Window) -> Window | None:
        """Read a window; return its first half, unread, if it has many pages."""
        pager = self._pager(shop, window)
        is_new = window.bookmark is None and (self._query.windows > 1 or self._query.in_order)
        async for each in pager.pages():
            page = cast("RawPage", each)
            if is_new and page.next and (half := self._halved(window, page)) is not None:
                return half
            is_new = False
            await self._steps.put(Step(window, page, pager.bookmark()))
            if self._ends_early() and page.next:
                return None
        await self._steps.put(Step(window, None, None))
        return None

    def _halved(self, window: Window, page: RawPage) -> Window | None:
        if len(page.rows) < min(self._query.limit or _USUAL_PAGE, _USUAL_PAGE):
            self._windows.note_rows(window, len(page.rows))
            return None  # the server writes `next` on a last page, too
        extent = row_times.extent(self._columns.table([page]))
        if extent is None:
            return None
        oldest, newest, is_oldest_first = extent
        half = self._windows.halve(window, oldest, newest, is_oldest_first=is_oldest_first)
        self.wake()
        return half

    def _pager(self, shop: ShopClient, window: Window) -> Pager[Any]:
        return shop.call_logs.list(
            **self._query.filters,
            date_from=window.span.begin,
            date_to=window.span.widened(OVERLAP).end,
            limit=self._query.limit,
            resume=window.bookmark and window.bookmark(),
        )
