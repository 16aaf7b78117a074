"""Use aiohttp by hand, as an experienced user does: one session for all calls, with fixed headers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from typing import Any, Final

import aiohttp

from benchmarks.measure import Run, repeating
from benchmarks.recordings import CALL_LOGS, EXTENSION, EXTENSION_NUMBER, LOGIN, ROWS
from benchmarks.sides import AT_A_TIME, HOTLINE_ID, KEY, LATENCY, STEPS_AT_A_TIME, expect

HEADERS: Final = {"Accept": "application/json", "Authorization": f"Bearer {KEY}"}
REQUEST: Final = {"extension_number": EXTENSION_NUMBER}
PAGING: Final = {"paging": {"limit": ROWS}}


def _expect_login(response: Any) -> None:
    expect(response["extension_number"], EXTENSION_NUMBER)


def _expect_page(response: Any) -> None:
    expect(len(response["call_logs"]), ROWS)


@asynccontextmanager
async def small_call(url: str) -> AsyncGenerator[Run]:
    """Look up the login of one extension, into a dict."""
    async with _posting(f"{url}/plain{LOGIN}", REQUEST, _expect_login) as run:
        yield run


@asynccontextmanager
async def page(url: str) -> AsyncGenerator[Run]:
    """Fetch a page of 100 call logs, into dicts."""
    async with _posting(f"{url}/plain{CALL_LOGS}", PAGING, _expect_page) as run:
        yield run


@asynccontextmanager
async def quirky_page(url: str) -> AsyncGenerator[Run]:
    """Fetch a page of 100 call logs with unusual values in each row, into dicts."""
    async with _posting(f"{url}/quirks{CALL_LOGS}", PAGING, _expect_page) as run:
        yield run


@asynccontextmanager
async def _posting(url: str, request: dict[str, Any], check: Callable[[Any], None]) -> AsyncGenerator[Run]:
    async with aiohttp.ClientSession(headers=HEADERS, raise_for_status=True) as http:

        async def call() -> Any:
            async with http.post(url, json=request) as response:
                return await response.json()

        yield repeating(call, check)


@asynccontextmanager
async def small_call_with_orjson(url: str) -> AsyncGenerator[Run]:
    """Look up the login of one extension, into a dict, with orjson."""
    async with _posting_with_orjson(f"{url}/plain{LOGIN}", REQUEST, _expect_login) as run:
        yield run


@asynccontextmanager
async def page_with_orjson(url: str) -> AsyncGenerator[Run]:
    """Fetch a page of 100 call logs, into dicts, with orjson."""
    async with _posting_with_orjson(f"{url}/plain{CALL_LOGS}", PAGING, _expect_page) as run:
        yield run


@asynccontextmanager
async def _posting_with_orjson(
    url: str, request: dict[str, Any], check: Callable[[Any], None]
) -> AsyncGenerator[Run]:
    import orjson

    headers = HEADERS | {"Content-Type": "application/json"}
    async with aiohttp.ClientSession(headers=headers, raise_for_status=True) as http:

        async def call() -> Any:
            async with http.post(url, data=orjson.dumps(request)) as response:
                return orjson.loads(await response.read())

        yield repeating(call, check)


@asynccontextmanager
async def creates(url: str) -> AsyncGenerator[Run]:
    """Create extensions, 64 at a time with a semaphore and `gather`, and keep the results."""
    async with _creating(f"{url}/plain{EXTENSION}", AT_A_TIME) as run:
        yield run


@asynccontextmanager
async def late_creates(url: str) -> AsyncGenerator[Run]:
    """Create extensions with latency, with a semaphore and `gather`, and keep the results."""
    async with _creating(f"{url}/late/{LATENCY}{EXTENSION}", STEPS_AT_A_TIME) as run:
        yield run


@asynccontextmanager
async def _creating(url: str, at_a_time: int) -> AsyncGenerator[Run]:
    async with aiohttp.ClientSession(headers=HEADERS, raise_for_status=True) as http:

        async def run(times: int) -> None:
            limit = asyncio.Semaphore(at_a_time)

            async def create(number: int) -> Any:
                request = {"hotline_id": HOTLINE_ID, "extension_number": number}
                async with limit, http.post(url, json=request) as response:
                    return await response.json()

            created = await asyncio.gather(*(create(number) for number in range(1000, 1000 + times)))
            expect(len(created), times)

        yield run
