"""A walk stops its requests when it ends, and says where it stands."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from typing import Any, cast

import pytest

from etelecom_async import Attempt, ShopClient, attempt_hook, times
from etelecom_async.errors import PagingError, UnavailableError
from etelecom_async.history.fetching import Query
from etelecom_async.history.spans import MARGIN, Span
from etelecom_async.history.walking import Progress, Tables, Walk
from etelecom_async.history.windows import Checkpoint
from etelecom_async.testing import Fault, sandbox

LIST = "shop.call_logs.list"
TODAY = times.day("today").begin
SPAN = Span(TODAY - timedelta(days=9), TODAY)


def walk_of(shop: ShopClient, checkpoint: str | None = None, **changes: Any) -> Walk:
    """Return a walk over nine days."""
    options: dict[str, Any] = {"limit": 5, "windows": 3, "in_order": False, **changes}
    query = Query(shop=shop, span=SPAN, filters={}, margin=MARGIN, **options)
    return Walk(query, None if checkpoint is None else Checkpoint.read(checkpoint))


async def ids_of(walk: Walk) -> list[str]:
    """Return the ids of all rows that are left."""
    return [key async for table in Tables(walk) for key in table.column("id").to_pylist()]


async def test_whole_walk() -> None:
    """Tables have rows, progress counts them, and the end stays the end."""
    async with (
        sandbox(call_logs=200) as service,
        ShopClient(service.shop_api_key, base_url=service.base_url) as shop,
    ):
        walk = walk_of(shop)
        assert walk.progress() == Progress(rows=0, requests=0, done=0)
        rows = 0
        async for table in Tables(walk):
            assert len(table)
            rows += len(table)
            assert walk.progress().rows == rows
        assert walk.progress() == Progress(rows=200, requests=service.requests.counts[LIST], done=1)
        for _ in range(2):
            with pytest.raises(StopAsyncIteration):
                await walk.next()
        assert json.loads(walk.checkpoint())["windows"] == []


async def test_failure() -> None:
    """A failure comes after the rows before it, has the checkpoint, and ends the walk."""
    async with (
        sandbox(call_logs=200) as service,
        ShopClient(service.shop_api_key, base_url=service.base_url, retries=0) as shop,
    ):
        service.faults.add(Fault(kind="status", operation=LIST, after=20, times=1))
        walk = walk_of(shop)
        first: list[str] = []
        with pytest.raises(UnavailableError) as caught:  # noqa: PT012 - rows come before the error
            while True:
                first += (await walk.next()).column("id").to_pylist()
        assert len(first) >= 80
        assert caught.value.checkpoint == walk.checkpoint()
        with pytest.raises(PagingError, match="this loop was stopped"):
            await walk.next()
        rest = await ids_of(walk_of(shop, cast("str", caught.value.checkpoint)))
        assert len({*first, *rest}) == len(first) + len(rest) == 200


async def test_several_tasks() -> None:
    """Tasks that share a walk get each row once, and all of them end."""
    async with (
        sandbox(call_logs=300) as service,
        ShopClient(service.shop_api_key, base_url=service.base_url) as shop,
    ):
        walk = walk_of(shop)
        found = [key for ids in await asyncio.gather(*(ids_of(walk) for _ in range(3))) for key in ids]
        assert len({*found}) == len(found) == 300


async def test_cancelled() -> None:
    """A cancelled walk does not go on, and another one continues where it stood."""
    async with (
        sandbox(call_logs=200) as service,
        ShopClient(service.shop_api_key, base_url=service.base_url) as shop,
    ):
        walk = walk_of(shop)
        first = (await walk.next()).column("id").to_pylist()
        waiting = asyncio.create_task(walk.next())
        await asyncio.sleep(0)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        with pytest.raises(PagingError, match="this loop was stopped"):
            await walk.next()
        rest = await ids_of(walk_of(shop, walk.checkpoint(), limit=100, windows=1))
        assert len({*first, *rest}) == len(first) + len(rest) == 200


@pytest.mark.parametrize("in_order", [False, True])
async def test_rest_after_an_interrupt(*, in_order: bool) -> None:
    """The rows that were read need no second request; in time order, none may overtake an earlier one."""
    async with (
        sandbox(call_logs=200) as service,
        ShopClient(service.shop_api_key, base_url=service.base_url) as shop,
    ):
        reached = asyncio.Event()

        def note(_: Attempt) -> None:
            if len(service.requests) >= 9:
                reached.set()

        walk = walk_of(shop.with_options(hooks=[attempt_hook(note)]), in_order=in_order)
        kept: list[str] = []

        async def keep() -> None:
            async for table in Tables(walk):
                kept.extend(table["id"].to_pylist())

        task = asyncio.create_task(keep())
        await reached.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        rest = walk.rest()
        assert (rest is not None) is not in_order
        if rest is not None:
            kept += rest["id"].to_pylist()
        assert walk.progress().rows == len(kept)
        assert walk.rest() is None
        found = [*kept, *await ids_of(walk_of(shop, walk.checkpoint(), in_order=in_order))]
        assert len(found) == len(set(found)) == 200
