"""Read one window of a shop into files. The caller is a thread, and an event loop in another one reads."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping, Sequence
from datetime import timedelta
from typing import Any, TypeAlias

import attrs

from etelecom_async._client import ShopClient
from etelecom_async.errors import EtelecomError
from etelecom_async.history.arrow import ArrowTable
from etelecom_async.history.fetching import Query
from etelecom_async.history.reading import USUAL_WINDOWS, Calls
from etelecom_async.history.spans import Span
from etelecom_async.history.walking import Tables
from etelecom_async.history.window_folder import Counts, WindowFiles
from etelecom_async.history.windows import Checkpoint, Window, Windows

Wait: TypeAlias = Callable[[Coroutine[Any, Any, Any]], Any]
"""Runs a coroutine in the event loop of the client, and returns its result."""


@attrs.frozen(kw_only=True)
class Orders:
    """What to read from each shop. It holds no key."""

    span: Span
    windows: Sequence[Span]
    """The parts of the span, with the margin."""
    filters: Mapping[str, Any] = attrs.field(repr=False)
    """They may have phone numbers."""
    limit: int | None
    margin: timedelta
    files: WindowFiles

    def query(self, shop: ShopClient) -> Query:
        """Return the query of a shop."""
        return Query(
            shop=shop,
            span=self.span,
            filters=self.filters,
            limit=self.limit,
            windows=USUAL_WINDOWS,  # a window with many pages is halved, and its parts are read at once
            in_order=False,
            margin=self.margin,
        )


@attrs.frozen(kw_only=True)
class WindowResult:
    """How the read of a window ended."""

    counts: Counts = attrs.field(factory=Counts)
    error: EtelecomError | OSError | None = None
    """Why it ended early."""


def read_window(orders: Orders, shop: ShopClient, shop_id: str, number: int, wait: Wait) -> WindowResult:
    """
    Read a window of a shop into files.

    Args:
        orders: What to read.
        shop: A client of the shop.
        shop_id: The id of the shop.
        number: The number of the window.
        wait: Runs a coroutine.
    """
    try:
        counts = orders.files.counts(shop_id, number)
        return WindowResult(counts=counts or _read(orders, shop, shop_id, number, wait))
    except (EtelecomError, OSError) as error:
        return WindowResult(error=error)


def _read(orders: Orders, shop: ShopClient, shop_id: str, number: int, wait: Wait) -> Counts:
    walk = _walk(orders, shop, number)
    with orders.files.writer(shop_id, number, orders.windows[number], walk.schema) as writer:
        tables = aiter(walk)
        # This thread writes while the event loop reads.
        while (table := wait(_next(tables))) is not None:
            writer.write(table)
        writer.requests = walk.progress.requests
    return writer.counts()


def _walk(orders: Orders, shop: ShopClient, number: int) -> Calls:
    """Return the calls of a window: the rest of the span's calls after those of all other windows."""
    query = orders.query(shop)
    windows = Windows([Window(orders.windows[number])]).to_json()
    return Calls(query, Checkpoint(query.span, query.account, query.key(), windows, []))


async def _next(tables: Tables) -> ArrowTable | None:
    """Return the next rows; `None` after the last ones."""
    return await anext(tables, None)
