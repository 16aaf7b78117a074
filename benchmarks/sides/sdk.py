"""Use the SDK: the side that all others are compared with."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Final

from benchmarks.measure import Run, repeating
from benchmarks.recordings import EXTENSION_NUMBER, ROWS
from benchmarks.sides import AT_A_TIME, HOTLINE_ID, KEY, expect
from etelecom_async import ShopClient
from etelecom_async.models import Extension

PAGES: Final = 100
LATENCY: Final = 20
"""Milliseconds until a page arrives, and milliseconds of work with each page."""


@asynccontextmanager
async def small_call(url: str) -> AsyncGenerator[Run]:
    """Look up the login of one extension: four fields, one of them a time, one a secret."""
    async with ShopClient(KEY, base_url=f"{url}/plain") as shop:
        yield repeating(
            lambda: shop.extensions.get(extension_number=EXTENSION_NUMBER),
            lambda login: expect(login.extension_number, EXTENSION_NUMBER),
        )


@asynccontextmanager
async def page(url: str) -> AsyncGenerator[Run]:
    """Fetch a page of 100 call logs."""
    async with _pages(f"{url}/plain") as run:
        yield run


@asynccontextmanager
async def quirky_page(url: str) -> AsyncGenerator[Run]:
    """Fetch a page of 100 call logs with unusual values in each row."""
    async with _pages(f"{url}/quirks") as run:
        yield run


@asynccontextmanager
async def _pages(base_url: str) -> AsyncGenerator[Run]:
    async with ShopClient(KEY, base_url=base_url) as shop:
        yield repeating(lambda: shop.call_logs.list(limit=ROWS), lambda page: expect(len(page), ROWS))


@asynccontextmanager
async def creates(url: str) -> AsyncGenerator[Run]:
    """Create extensions, 64 at a time, and keep the results."""
    async with ShopClient(KEY, base_url=f"{url}/plain", concurrency=AT_A_TIME) as shop:

        async def run(times: int) -> None:
            expect(len(await create_all(shop, range(1000, 1000 + times))), times)

        yield run


async def create_all(shop: ShopClient, numbers: range) -> list[Extension]:
    """Create an extension for each number, in any order."""
    return [
        done.unwrap()
        async for done in shop.map(
            lambda number: shop.extensions.create(hotline_id=HOTLINE_ID, extension_number=number), numbers
        )
    ]


@asynccontextmanager
async def prefetching(url: str) -> AsyncGenerator[Run]:
    """Walk the pages with `prefetch=1`. The work with each page lets other tasks run."""
    async with _walks(url, prefetch=1, work=_wait) as run:
        yield run


@asynccontextmanager
async def prefetching_for_blocking_work(url: str) -> AsyncGenerator[Run]:
    """Walk the pages with `prefetch=1`. The work with each page blocks the event loop."""
    async with _walks(url, prefetch=1, work=_block) as run:
        yield run


@asynccontextmanager
async def fetching_alone(url: str) -> AsyncGenerator[Run]:
    """Walk the pages without any work."""
    async with _walks(url, prefetch=0, work=_nothing) as run:
        yield run


@asynccontextmanager
async def working_alone(_: str) -> AsyncGenerator[Run]:
    """Do the work for each page without fetching any page."""

    async def run(times: int) -> None:
        for _ in range(times * PAGES):
            await _wait()

    yield run


@asynccontextmanager
async def _walks(url: str, *, prefetch: int, work: Callable[[], Awaitable[None]]) -> AsyncGenerator[Run]:
    async with ShopClient(KEY, base_url=f"{url}/walk/{PAGES}/{LATENCY}") as shop:

        async def run(times: int) -> None:
            for _ in range(times):
                pages = 0
                async for _page in shop.call_logs.list(limit=ROWS, prefetch=prefetch).pages():
                    pages += 1
                    await work()
                expect(pages, PAGES)

        yield run


async def _wait() -> None:
    await asyncio.sleep(LATENCY / 1000)


async def _block() -> None:
    time.sleep(LATENCY / 1000)  # noqa: ASYNC251 - the row measures the effect of blocking


async def _nothing() -> None:
    pass
