"""The official SDK of another telephony API: `telnyx`, its async client as it comes (httpx, pydantic)."""

from __future__ import annotations

import importlib
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

from benchmarks.measure import Run
from benchmarks.sides import expect


@asynccontextmanager
async def small_call(url: str) -> AsyncGenerator[Run]:
    """Ask for the balance: six short fields, and no body goes out, so that it has less to do than we."""
    # By name: the type checkers would read two thousand modules.
    telnyx: Any = importlib.import_module("telnyx")
    async with telnyx.AsyncTelnyx(api_key="not-a-real-key", base_url=f"{url}/v2") as client:

        async def run(times: int) -> None:
            for _ in range(times):
                answer = await client.balance.retrieve()
                expect(answer.data.currency, "USD")

        yield run
