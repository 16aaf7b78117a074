"""One window of a shop becomes files; all windows together have the rows of the span."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import attrs
import pytest

from etelecom_async import ShopClient, history, times
from etelecom_async.errors import UnauthenticatedError
from etelecom_async.history.reading import query_of
from etelecom_async.history.window_folder import WindowFolder
from etelecom_async.history.window_reading import Orders, WindowResult, read_window
from etelecom_async.testing import Sandbox, sandbox

SINCE, UNTIL = "2025-09-01", "2025-09-09"


@pytest.fixture
async def service() -> AsyncIterator[Sandbox]:
    """A sandbox with calls."""
    async with sandbox(call_logs=150, until=UNTIL) as running:
        yield running


def orders_of(shop: ShopClient, folder: WindowFolder, count: int) -> Orders:
    """Return the orders for a number of windows."""
    query = query_of(shop, SINCE, UNTIL, {})
    windows = attrs.evolve(query, windows=count).all_windows(times.now())
    opened = folder.open([window.span for window in windows])
    folder.prepare("shop1")
    return Orders(
        span=query.span,
        windows=opened,
        filters={},
        limit=9,
        margin=query.margin,
        files=folder.files,
    )


async def read(orders: Orders, shop: ShopClient, number: int) -> WindowResult:
    """Read a window in a thread, as a worker does."""
    loop = asyncio.get_running_loop()

    def wait(work: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(work, loop).result()

    return await asyncio.to_thread(read_window, orders, shop, "shop1", number, wait)


async def test_windows(service: Sandbox, tmp_path: Path) -> None:
    """Five windows have the rows of the span, each once; a window that is there is not read again."""
    folder = WindowFolder(tmp_path / "calls", "key", ("day",), "parquet")
    async with ShopClient(service.shop_key, base_url=service.base_url) as shop:
        orders = orders_of(shop, folder, 5)
        results = [await read(orders, shop, number) for number in range(5)]
        assert [result.error for result in results] == [None] * 5
        requests = len(service.requests)
        assert requests == sum(result.counts.requests for result in results)
        assert await read(orders, shop, 3) == results[3]
        assert len(service.requests) == requests
        counts = folder.join("shop1", 5, orders.span)
        folder.close(is_whole=True)
        assert counts.rows == len(await history.table(shop, SINCE, UNTIL)) > 100


async def test_failures(service: Sandbox, tmp_path: Path) -> None:
    """A refused key and a missing folder are results, not exceptions, and leave no window."""
    folder = WindowFolder(tmp_path / "calls", "key", ("day",), "parquet")
    async with ShopClient("shop1:refused", base_url=service.base_url) as shop:
        orders = orders_of(shop, folder, 2)
        result = await read(orders, shop, 0)
        assert isinstance(result.error, UnauthenticatedError)
        assert folder.files.counts("shop1", 0) is None
        folder.close(is_whole=True)
        (tmp_path / ".calls.partial").touch()
        assert isinstance((await read(orders, shop, 1)).error, NotADirectoryError)


def test_repr(tmp_path: Path) -> None:
    """The text of orders does not show filters, which may have phone numbers."""
    folder = WindowFolder(tmp_path / "calls", "key", ("day",), "parquet")
    span = history.Span.of(SINCE, UNTIL)
    margin = span.end - span.begin
    orders = Orders(
        span=span,
        windows=[span],
        filters={"call_number": "0901234567"},
        limit=None,
        margin=margin,
        files=folder.files,
    )
    assert "0901234567" not in repr(orders)
