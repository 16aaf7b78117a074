"""Windows are read page by page, several at once; those with many pages are halved."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import attrs
import pytest

from etelecom_async import ShopClient, times
from etelecom_async.history.fetching import Query, Workers
from etelecom_async.history.spans import OVERLAP, Span
from etelecom_async.history.windows import Checkpoint, Windows
from etelecom_async.models import CallDurationFilter
from etelecom_async.testing import Fault, sandbox

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from etelecom_async.sandbox import Sandbox

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
TODAY = times.day("today").begin
LIST = "shop.call_logs.list"
FEW = 300
"""Calls in a week."""


def query_of(shop: ShopClient, **changes: Any) -> Query:
    """Return a query for the last eight days."""
    query = Query(
        shop=shop,
        span=Span(TODAY - timedelta(days=8), TODAY),
        filters={},
        limit=None,
        windows=4,
        in_order=False,
        margin=2 * HOUR,
    )
    return attrs.evolve(query, **changes)


@asynccontextmanager
async def service_and_shop(**options: Any) -> AsyncIterator[tuple[Sandbox, ShopClient]]:
    """Start a sandbox and a client of its shop that does not retry."""
    async with (
        sandbox(**options) as service,
        ShopClient(service.shop_api_key, base_url=service.base_url, retries=0) as shop,
    ):
        yield service, shop


@attrs.define
class Reading:
    """The rows of a finished reading."""

    ids: list[str]
    workers: Workers
    windows: Windows


async def read(query: Query, windows: Windows) -> Reading:
    """Read windows until their end."""
    workers = Workers(query, windows)
    found: list[str] = []
    workers.start()
    while (step := await workers.next()) is not None:
        if step.page is None:
            windows.finish(step.window)
        else:
            step.window.bookmark = step.bookmark
            found += [row.id for row in step.page.items]
    return Reading(found, workers, windows)


def windows_of(query: Query) -> Windows:
    """Return the windows of a query."""
    return Windows(query.all_windows(times.now()))


@pytest.fixture
async def closed() -> AsyncIterator[ShopClient]:
    """A client that sends nothing."""
    async with ShopClient("1161512386239479010:canary-key") as shop:
        yield shop


def test_windows_of_a_span(closed: ShopClient) -> None:
    """The windows fill the span with its margins, and a second more at the begin."""
    query = query_of(closed)
    spans = [window.span for window in query.all_windows(TODAY + timedelta(days=1))]
    assert len(spans) == 4
    begin = query.span.begin - 2 * HOUR - OVERLAP
    assert (spans[0].begin, spans[-1].end) == (begin, TODAY + 2 * HOUR + OVERLAP)
    assert [span.end for span in spans[:-1]] == [span.begin for span in spans[1:]]


def test_no_window_in_the_future(closed: ShopClient) -> None:
    """The windows of a span that ends in the future are parts of the past; the last one has the rest, too."""
    span = Span(TODAY - 2 * DAY, TODAY + 30 * DAY)
    first, second, last = query_of(closed, span=span, windows=3).all_windows(TODAY)
    assert (first.span.end, second.span.end) == (TODAY - 33 * HOUR, TODAY - 17 * HOUR)
    assert last.span.end == span.end + 2 * HOUR + OVERLAP
    span = Span(TODAY + 2 * DAY, TODAY + 30 * DAY)
    found = query_of(closed, span=span, windows=3).all_windows(TODAY)
    assert found[0].span.begin == span.begin - 2 * HOUR - OVERLAP
    assert found[-1].span.begin <= span.begin
    assert found[-1].span.end == span.end + 2 * HOUR + OVERLAP


def test_windows_of_the_calendar(closed: ShopClient) -> None:
    """A span that fills the calendar has windows, and so has one that nearly does."""
    whole = Span(datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC))
    for span, margin in ((whole, HOUR), (query_of(closed).span, timedelta.max)):
        found = query_of(closed, span=span, margin=margin).all_windows(TODAY)
        assert (found[0].span.begin, found[-1].span.end) == (whole.begin, whole.end)


async def test_key() -> None:
    """The key of a query depends on filters and order, and shows no filter."""
    async with ShopClient("1161512386239479010:canary-key") as shop:
        plain = query_of(shop)
        filtered = query_of(shop, filters={"call_number": "0901234567"})
        others = [filtered, query_of(shop, in_order=True), query_of(shop, filters={"extension_ids": ["1"]})]
        assert plain.account == "1161512386239479010"
        others.append(query_of(shop, margin=5 * HOUR))
        others.append(query_of(shop, filters={"duration": CallDurationFilter(value=5)}))
        assert plain.key() == query_of(shop, windows=9, limit=5).key()
        assert len({plain.key(), *(query.key() for query in others)}) == 6
        assert "0901234567" not in filtered.key()
        ordered = query_of(shop, filters={"user_id": "1", "direction": "in"})
        assert ordered.key() == query_of(shop, filters={"direction": "in", "user_id": "1"}).key()


@pytest.mark.parametrize("order", ["newest_first", "oldest_first"])
@pytest.mark.parametrize("oldest_first", [False, True])
async def test_halving(order: str, *, oldest_first: bool) -> None:
    """
    Windows with many pages are halved, which costs one request each and changes no row.

    A window is asked for with its overlap, so rows at its end may come twice here.
    """
    async with service_and_shop(call_logs=FEW, order=order) as (service, shop):
        for number in range(400):
            begin = TODAY - timedelta(days=1) + timedelta(minutes=number)
            service.calls.add(started_at=begin, duration=1)
        query = query_of(shop, windows=2, limit=2)
        windows = Windows(query.all_windows(times.now()), oldest_first=oldest_first)
        found = await read(query, windows)
        sent = service.requests.of(LIST)
        calls = await shop.call_logs.list().collect()
    assert set(found.ids) == {call.id for call in calls}
    assert len(found.ids) <= len(calls) + 20
    assert found.workers.requests == len(sent)
    filters = [request.body["filter"] for request in sent if "after" not in request.body["paging"]]
    spans = [(body["date_from"], body["date_to"]) for body in filters]
    assert len(set(spans)) == len(spans)  # the first page of a window is requested once
    # Each halving makes two windows of one.
    assert (len(spans) - 2) % 2 == 0
    assert len(spans) > 2 + 2 * 3
    whole = len(set(found.ids)) / 2
    assert len(sent) <= whole + 2 * len(spans)
    assert (found.windows.done, found.windows.to_json()) == (1, [])


async def test_one_window_is_not_halved() -> None:
    """One window alone is read page by page, because its halves would not save any time."""
    async with service_and_shop(call_logs=FEW) as (service, shop):
        query = query_of(shop, windows=1, limit=2)
        found = await read(query, windows_of(query))
        assert len(found.ids) == len(set(found.ids)) == FEW
        sent = service.requests.of(LIST)
        assert len(sent) == FEW // 2 + 1
        assert [request.body["paging"].get("after") for request in sent].count(None) == 1


async def test_sparse_windows_are_not_halved() -> None:
    """A short page is the last one, although it has a `next` cursor: few calls take few requests."""
    async with service_and_shop(call_logs=0) as (service, shop):
        for minute in range(30):
            service.calls.add(started_at=TODAY - timedelta(days=1, minutes=minute), duration=1)
        query = query_of(shop, windows=2)
        found = await read(query, windows_of(query))
        assert len(found.ids) == 30
        assert service.requests.counts == {LIST: 3}


@pytest.mark.parametrize("last_page", ["has_next", "has_no_next"])
@pytest.mark.parametrize("after", [0, 3, 20, 40])
async def test_failure(last_page: str, after: int) -> None:
    """After a failure, the other tasks end their page and send nothing more; the pages are not lost."""
    fault = Fault(kind="status", status=503, operation=LIST, after=after, times=1)
    async with service_and_shop(call_logs=FEW, last_page=last_page, faults=[fault]) as (service, shop):
        query = query_of(shop, limit=5, windows=8)
        found = await read(query, windows_of(query))
        assert found.workers.failure is not None
        sent = len(service.requests)
        assert after < sent <= after + 8
        written = Checkpoint(query.span, "", "", found.windows.to_json(), []).write()
        rest = await read(query, Windows(Checkpoint.read(written).open_windows()))
        assert rest.workers.failure is None
        twice = len(found.ids) + len(rest.ids) - FEW
        assert set(found.ids) | set(rest.ids) == {call.id for call in await shop.call_logs.list().collect()}
        assert 0 <= twice <= 20  # rows in the overlap of two windows


async def test_stop() -> None:
    """Tasks that are stopped send nothing more, also while they wait for their reader."""
    async with service_and_shop(call_logs=FEW) as (service, shop):
        query = query_of(shop, limit=5, windows=3)
        workers = Workers(query, windows_of(query))
        workers.stop()  # nothing was started
        workers = Workers(query, windows_of(query))
        others = asyncio.all_tasks()
        workers.start()
        tasks = asyncio.all_tasks() - others
        assert len(tasks) == 3
        await workers.next()
        workers.stop()
        await asyncio.wait(tasks)
        sent = len(service.requests)
        await shop.call_logs.list()
        assert len(service.requests) == sent + 1


def test_stop_after_the_loop(closed_loop_workers: Workers) -> None:
    """Tasks of a closed event loop are stopped without an error."""
    closed_loop_workers.stop()


@pytest.fixture
def closed_loop_workers() -> Workers:
    """Return workers whose event loop was closed."""

    async def start() -> Workers:
        async with service_and_shop(call_logs=FEW) as (_, shop):
            query = query_of(shop, limit=5)
            workers = Workers(query, windows_of(query))
            workers.start()
            await workers.next()
            return workers

    return asyncio.run(start())
