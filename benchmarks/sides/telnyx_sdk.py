"""Use the official SDK of another telephony API: the async client of `telnyx` with its defaults."""

from __future__ import annotations

import importlib
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

from benchmarks.measure import Run, repeating
from benchmarks.sides import expect


@asynccontextmanager
async def small_call(url: str) -> AsyncGenerator[Run]:
    """Get the balance: a request without a body, six short fields. This is less work than our call."""
    # Imported by name, because otherwise the type checkers read two thousand modules.
    telnyx: Any = importlib.import_module("telnyx")
    async with telnyx.AsyncTelnyx(api_key="not-a-real-key", base_url=f"{url}/v2") as client:
        yield repeating(client.balance.retrieve, lambda balance: expect(balance.data.currency, "USD"))
