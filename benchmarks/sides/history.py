"""Read call logs into columns and files: by the SDK, and by hand with aiohttp, orjson and pyarrow."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import aiohttp

from benchmarks.measure import Run
from benchmarks.recordings import CALL_LOGS, ROWS
from benchmarks.sides import KEY, LATENCY, expect
from benchmarks.sides.by_hand import HEADERS
from etelecom_async import ShopClient, history

PAGES: Final = 200
LATE_PAGES: Final = 400
SINCE: Final = "2025-01-01"
UNTIL: Final = "2026-01-01"


@asynccontextmanager
async def sdk(url: str) -> AsyncGenerator[Run]:
    """Export the pages of a list; one window, because the prepared pages do not look at dates."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "calls.parquet"
        async with ShopClient(KEY, base_url=f"{url}/walk/{PAGES}/0") as shop:

            async def run(times: int) -> None:
                for _ in range(times):
                    done = await history.export(shop, path, SINCE, UNTIL, windows=1, limit=ROWS)
                    expect(done.rows, PAGES * ROWS)

            yield run


@asynccontextmanager
async def eight_windows(url: str) -> AsyncGenerator[Run]:
    """Read a year of late pages, eight windows at once."""
    async with _reading(url, windows=8) as run:
        yield run


@asynccontextmanager
async def one_window(url: str) -> AsyncGenerator[Run]:
    """Read the same pages, one after the other."""
    async with _reading(url, windows=1) as run:
        yield run


@asynccontextmanager
async def _reading(url: str, *, windows: int) -> AsyncGenerator[Run]:
    async with ShopClient(KEY, base_url=f"{url}/spread/{LATE_PAGES}/{LATENCY}") as shop:

        async def run(times: int) -> None:
            for _ in range(times):
                table = await history.table(shop, SINCE, UNTIL, windows=windows, limit=ROWS)
                expect(len(table), LATE_PAGES * ROWS)

        yield run


@asynccontextmanager
async def by_hand(url: str) -> AsyncGenerator[Run]:
    """Fetch the same pages, and write the same rows."""
    from benchmarks.export_by_hand import export, rows_of  # its packages are only for this side

    with TemporaryDirectory() as folder:
        path = Path(folder) / "calls.parquet"
        async with aiohttp.ClientSession(headers=HEADERS, raise_for_status=True) as http:

            async def run(times: int) -> None:
                for _ in range(times):
                    await export(http, f"{url}/walk/{PAGES}/0{CALL_LOGS}", path)

            async with ShopClient(KEY, base_url=f"{url}/walk/{PAGES}/0") as shop:
                table = await history.table(shop, SINCE, UNTIL, windows=1, limit=ROWS)
            await run(1)
            expect(rows_of(path), table.arrow.drop_columns(["extra"]).to_pylist())
            yield run
