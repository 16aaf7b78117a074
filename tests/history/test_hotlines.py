"""The hotline of a call is the one whose list has the call, and nothing else."""

from __future__ import annotations

import warnings
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any, cast

import pytest

from etelecom_async import ShopClient, times
from etelecom_async.errors import ProvisionalOperationWarning
from etelecom_async.history.arrow import ArrowTable, pa
from etelecom_async.history.hotlines import COLUMNS, UNRESOLVED, HotlineColumns
from etelecom_async.history.reading import CallOptions, calls
from etelecom_async.history.spans import Span
from etelecom_async.models import Hotline
from etelecom_async.testing import sandbox

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from etelecom_async.sandbox import Sandbox
    from tests.conftest import Asked, Peer, Reply

KEY = "1161512386239479010:canary-key"
HOTLINES = "shop.hotlines.list"
TODAY = times.day("today").begin
DAY = timedelta(days=1)
SPAN = Span(TODAY - 5 * DAY, TODAY + DAY)
UNKNOWN = (None, UNRESOLVED, UNRESOLVED)

Found = dict[str, tuple[str | None, str | None, str | None]]


@asynccontextmanager
async def service_and_shop(**options: Any) -> AsyncIterator[tuple[Sandbox, ShopClient]]:
    """Start a sandbox with two hotlines and a client of its shop."""
    async with (
        sandbox(**{"hotlines": 2, **options}) as service,
        ShopClient(service.shop_api_key, base_url=service.base_url, retries=0) as shop,
    ):
        yield service, shop


def table_of(*ids: str | None) -> ArrowTable:
    """Return rows with these ids."""
    return pa.table({"id": pa.array(ids, pa.string())})


def found_in(table: ArrowTable) -> Found:
    """Return the three columns by the ids of the calls."""
    return {row["id"]: tuple(row[name] for name in COLUMNS) for row in table.to_pylist()}


async def resolved(shop: ShopClient, columns: HotlineColumns, **options: Any) -> Found:
    """Return the hotline of each call of the span."""
    found: Found = {}
    async for table in calls(shop, SPAN.begin, SPAN.end, **options):
        found |= found_in(columns.add(table))
    return found


async def test_own_records() -> None:
    """Each call has the hotline of its record, also if its extension has another one now."""
    async with service_and_shop(call_logs=60) as (service, shop):
        first, second = service.hotlines.list()
        extension = service.extensions.list()[0]
        moved = service.calls.add(hotline_id=cast("str", first.id), extension_id=cast("str", extension.id))
        service.extensions.update(cast("str", extension.id), hotline_id=cast("str", second.id))
        other = service.hotlines.add(shop=None)
        loose = service.calls.add(hotline_id=cast("str", other.id), extension_id=cast("str", extension.id))
        columns = HotlineColumns(shop, SPAN, {})
        with pytest.warns(ProvisionalOperationWarning):
            await columns.read(None, None)
        assert columns.requests == len(service.requests)
        found = await resolved(shop, columns)
        assert found[cast("str", moved.id)] == (first.id, first.hotline, first.name)
        assert found[cast("str", loose.id)] == UNKNOWN
        for hotline in (first, second):
            listed = await shop.call_logs.list(
                hotline_ids=[cast("str", hotline.id)], date_from=SPAN.begin, date_to=SPAN.end
            ).collect()
            ids = {key for key, value in found.items() if value[0] == hotline.id}
            assert ids == {call.id for call in listed}
        assert len(found) > 40


async def test_given_list() -> None:
    """A list of hotlines sends no request for the list, and only lists the calls of these hotlines."""
    async with service_and_shop(call_logs=60) as (service, shop):
        first, second = service.hotlines.list()
        columns = HotlineColumns(shop, SPAN, {})
        stages: set[str] = set()
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            await columns.read(iter([first, first, Hotline(id="")]), lambda stage, _: stages.add(stage))
        assert stages == {first.hotline}
        assert HOTLINES not in service.requests.counts
        asked = {tuple(each.body["filter"]["hotline_ids"]) for each in service.requests}
        assert asked == {(first.id,)}
        assert columns.requests == len(service.requests)
        values = set((await resolved(shop, columns)).values())
        assert values == {(first.id, first.hotline, first.name), UNKNOWN}
        assert second.id not in columns.key
        assert cast("str", first.id) in columns.key


@pytest.mark.parametrize("chosen", [[0], [0, 1], []])
async def test_filter(chosen: list[int]) -> None:
    """With the filter `hotline_ids`, only these hotlines are listed; an empty filter takes all."""
    async with service_and_shop(call_logs=60) as (service, shop):
        hotlines = service.hotlines.list()
        ids = [cast("str", hotlines[number].id) for number in chosen]
        options: CallOptions = {"hotline_ids": ids, "direction": "in", "in_order": True, "windows": 2}
        columns = HotlineColumns(shop, SPAN, options)
        await columns.read(hotlines, None)
        asked = {tuple(each.body["filter"]["hotline_ids"]) for each in service.requests}
        assert asked == {(key,) for key in ids or [hotline.id for hotline in hotlines]}
        assert {each.body["filter"]["direction"] for each in service.requests} == {"in"}
        found = await resolved(shop, columns, **options)
        assert {key for key, _, _ in found.values()} == {key for (key,) in asked}


@pytest.mark.parametrize("numbers", [("1", "2", "3"), ("a", "b", "c"), ("01", "9" * 19, "9" * 5000)])
async def test_calls_in_several_lists(numbers: tuple[str, str, str], peer: Peer) -> None:
    """A call in two or three lists is not resolved, whatever its id is."""
    twice, alone, thrice = numbers
    lists = {"10": [twice, alone, thrice], "11": [twice, thrice], "12": [thrice]}

    def page(request: Asked) -> Reply:
        ids = lists[request.json["filter"]["hotline_ids"][0]]
        rows = [{"id": key, "started_at": TODAY.isoformat()} for key in ids]
        return peer.json({"call_logs": rows, "paging": {}})

    peer.always = page
    async with ShopClient(KEY, base_url=peer.base_url) as shop:
        columns = HotlineColumns(shop, SPAN, {"windows": 1})
        await columns.read([Hotline(id="10", name="A"), Hotline(id="11"), Hotline(id="12")], None)
        found = found_in(columns.add(table_of(twice, alone, thrice, "4", "", "x", None)))
        assert found.pop(alone) == ("10", "", "A")
        assert set(found.values()) == {UNKNOWN}


async def test_no_columns() -> None:
    """Without hotlines there are no columns; with an empty list all calls are unresolved."""
    async with ShopClient(KEY) as shop:
        columns = HotlineColumns(shop, SPAN, {})
        table = table_of("1")
        assert (columns.add(table), columns.schema(table.schema), columns.key) == (
            table,
            table.schema,
            "null",
        )
        await columns.read([], None)
        assert (columns.requests, columns.key) == (0, "[]")
        assert columns.schema(table.schema).names == ["id", *COLUMNS]
        assert columns.add(table).schema == columns.schema(table.schema)
        assert found_in(columns.add(table)) == {"1": UNKNOWN}
        assert columns.add(table_of()).num_rows == 0
