"""The call logs of a span: the same rows as a plain walk, each once, also after a failure."""

from __future__ import annotations

import asyncio
import gc
import inspect
import json
import threading
import warnings
from contextlib import asynccontextmanager
from datetime import date, datetime, timedelta
from itertools import product
from typing import TYPE_CHECKING, Any, cast

import pandas as pd
import pytest

from etelecom_async import RetryPolicy, ShopClient, errors, times
from etelecom_async.errors import (
    DecodeError,
    EtelecomError,
    InvalidRequestError,
    PagingError,
    ResponseLostError,
)
from etelecom_async.history.reading import CallFilter, Calls, calls
from etelecom_async.history.walking import Progress
from etelecom_async.testing import Fault, sandbox

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from etelecom_async.history.arrow import ArrowTable
    from etelecom_async.models import CallLog
    from etelecom_async.sandbox import Sandbox
    from tests.conftest import Asked, Peer, Reply

TODAY = times.day("today").begin
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)
TICK = timedelta(microseconds=1)
NAIVE = TODAY.replace(tzinfo=None)
LIST = "shop.call_logs.list"
KEY = "1161512386239479010:canary-key"
SINCE, UNTIL = TODAY - 4 * DAY, TODAY - 2 * DAY
"""The span of the tests with edges."""


@asynccontextmanager
async def service_and_shop(**options: Any) -> AsyncIterator[tuple[Sandbox, ShopClient]]:
    """Start a sandbox and a client of its shop that does not retry."""
    async with (
        sandbox(**options) as service,
        ShopClient(service.shop_api_key, base_url=service.base_url, retries=0) as shop,
    ):
        yield service, shop


def ids(tables: Sequence[ArrowTable]) -> list[str]:
    """Return the ids of the rows of all tables."""
    return [key for table in tables for key in table.column("id").to_pylist()]


async def read(walk: Calls) -> list[str]:
    """Return the ids of all rows."""
    return ids([table async for table in walk])


async def read_until_failure(walk: Calls, error: type[EtelecomError]) -> tuple[list[str], EtelecomError]:
    """Return the ids of the rows before the failure, and the error."""
    found: list[str] = []
    with pytest.raises(error) as caught:  # noqa: PT012 - rows come before the error
        async for table in walk:
            found += ids([table])
    return found, caught.value


async def expected(shop: ShopClient, since: datetime, until: datetime) -> list[str]:
    """Return the ids that a plain walk gives, by the time of the start, or else of the creation."""
    found: list[tuple[datetime, str]] = []
    async for call in shop.call_logs.list():
        when = call.started_at or call.created_at
        if when is not None and since <= when < until:
            found.append((when, cast("str", call.id)))
    return [key for _, key in sorted(found)]


def add_edges(service: Sandbox) -> None:
    """Add calls at midnight and at whole hours, with creations around their starts."""
    delays = [0 * SECOND, TICK, SECOND, 2 * SECOND, HOUR, 2 * HOUR, -TICK, -2 * SECOND, -HOUR, -2 * HOUR]

    def add(start: datetime, delay: timedelta) -> CallLog:
        return service.calls.add(started_at=start, created_at=start + delay, duration=1)

    for midnight in (SINCE, SINCE + DAY, UNTIL):
        for offset in (0 * SECOND, -TICK, TICK, -SECOND, SECOND, 30 * MINUTE, -30 * MINUTE):
            for delay in delays:
                add(midnight + offset, delay)
    hour = SINCE - 3 * HOUR
    while hour < UNTIL + 3 * HOUR:
        add(hour, 0 * SECOND)
        add(hour - SECOND, 2 * SECOND)
        add(hour + SECOND, -SECOND)
        hour += HOUR


RULES = list(
    product(["created_at", "started_at"], [True, False], [True, False], ["newest_first", "oldest_first"])
)


@pytest.mark.parametrize(("call_time", "with_from", "with_to", "order"), RULES)
async def test_rows_of_a_span(call_time: str, order: str, *, with_from: bool, with_to: bool) -> None:
    """
    Whatever the server compares and includes, the rows are those of a plain walk, each once.

    This includes calls at midnight in Hanoi and at the ends of windows. It also includes calls that were
    created up to the margin before or after their start.
    """
    rules: dict[str, Any] = {"call_time": call_time, "order": order}
    rules |= {"include_date_from": with_from, "include_date_to": with_to}
    async with service_and_shop(call_logs=400, **rules) as (service, shop):
        add_edges(service)
        rows = await expected(shop, SINCE, UNTIL)
        assert len(rows) > 250
        for windows, in_order, limit in product([1, 3, 8], [False, True], [7, 100]):
            walk = calls(shop, SINCE, UNTIL, windows=windows, in_order=in_order, limit=limit)
            found = await read(walk)
            assert (found if in_order else sorted(found)) == (rows if in_order else sorted(rows))
            assert walk.progress.rows == len(rows)


@pytest.mark.parametrize("call_time", ["created_at", "started_at"])
async def test_no_margin(call_time: str) -> None:
    """Without a margin, calls at the begin of the span come also from a server that leaves them out."""
    rules: dict[str, Any] = {"call_time": call_time, "include_date_from": False, "include_date_to": False}
    async with service_and_shop(call_logs=0, **rules) as (service, shop):
        for offset in (-TICK, 0 * SECOND, TICK, 2 * DAY - TICK, 2 * DAY):
            service.calls.add(started_at=SINCE + offset, duration=1)
        found = await read(calls(shop, SINCE, UNTIL, windows=3, margin=timedelta()))
        assert sorted(found) == sorted(await expected(shop, SINCE, UNTIL))
        assert len(found) == 3
        everything = calls(shop, SINCE, UNTIL, windows=2, in_order=True, margin=timedelta.max)
        assert sorted(await read(everything)) == sorted(found)


async def test_day_of_hanoi() -> None:
    """A call at 00:30 in Hanoi belongs to that day, and one that started at 23:59:59 to the day before."""
    async with service_and_shop(call_logs=0) as (service, shop):
        day = TODAY - 3 * DAY
        early = service.calls.add(started_at=day + 30 * MINUTE, duration=5)
        late = service.calls.add(started_at=day - SECOND, created_at=day + SECOND, duration=5)
        that_day = await read(calls(shop, day.date(), (day + DAY).date()))
        day_before = await read(calls(shop, (day - DAY).date(), day.date()))
        assert (that_day, day_before) == ([early.id], [late.id])
        assert await read(calls(shop, "-3d", "-2d")) == [early.id]


async def test_calls_without_a_start(peer: Peer) -> None:
    """A call without a start has the time of its creation; a call without any time comes, too, and once."""

    def page(_: Asked) -> Reply:
        rows = [
            {"id": "1", "started_at": None, "created_at": SINCE.isoformat()},
            {"id": "2", "started_at": "0001-01-01T00:00:00Z", "created_at": (UNTIL - TICK).isoformat()},
            {"id": "3", "created_at": UNTIL.isoformat()},
            {"id": "4", "started_at": UNTIL.isoformat(), "created_at": SINCE.isoformat()},
            {"id": "5"},
        ]
        return peer.json({"call_logs": rows, "paging": {}})

    peer.always = page
    async with ShopClient(KEY, base_url=peer.base_url) as shop:
        assert await read(calls(shop, SINCE, UNTIL, windows=1)) == ["1", "2", "5"]
        assert await read(calls(shop, SINCE, UNTIL, windows=1, in_order=True)) == ["1", "2", "5"]
        assert set(await read(calls(shop, SINCE, UNTIL, windows=3, in_order=True))) == {"1", "2", "5"}


@pytest.mark.parametrize("in_order", [False, True])
async def test_filters(*, in_order: bool) -> None:
    """The filters are those of the list."""
    async with service_and_shop(call_logs=300) as (_, shop):
        walk = calls(shop, "-8d", "today", call_state="not_answered", direction="in", in_order=in_order)
        plain = await shop.call_logs.list(call_state="not_answered", direction="in").collect()
        assert sorted(await read(walk)) == sorted(cast("str", call.id) for call in plain)
        assert plain


async def test_default_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without `until`, a span ends now, and its checkpoint continues with the same end."""
    async with service_and_shop(call_logs=300) as (service, shop):
        walk = calls(shop, "-8d", limit=3, windows=3)
        table = await anext(aiter(walk))
        now = times.now() + DAY
        monkeypatch.setattr(times, "now", lambda _zone=times.VIETNAM: now)
        service.calls.add(duration=1)
        again = calls(shop, walk.span.begin, resume=walk.checkpoint(), limit=3, windows=3)
        assert again.span == walk.span
        assert sorted(ids([table]) + await read(again)) == await sorted_ids(shop, TODAY)


async def sorted_ids(shop: ShopClient, until: datetime = UNTIL + 9 * DAY) -> list[str]:
    """Return the ids of all calls before a time."""
    return sorted(await expected(shop, TODAY - 99 * DAY, until))


async def test_progress() -> None:
    """Rows and requests are counted, and the share of the time never goes back."""
    async with service_and_shop(call_logs=500) as (service, shop):
        walk = calls(shop, "-9d", "today", windows=4, limit=5)
        seen = [walk.progress]
        assert seen == [Progress(rows=0, requests=0, done=0)]
        rows = 0
        async for table in walk:
            rows += len(table)
            seen.append(walk.progress)
            assert walk.progress.rows == rows
        seen.append(walk.progress)
        assert seen[-1] == Progress(rows=500, requests=service.requests.counts[LIST], done=1)
        for name in ("rows", "requests", "done"):
            values = [getattr(each, name) for each in seen]
            assert values == sorted(values)
        told: list[Progress] = []
        table = await walk.table(on_progress=told.append)
        assert (len(table), told[-1].rows, len(told) > 1) == (500, 500, True)
        assert repr(walk).startswith("<call logs from ")
        assert len(await calls(shop, "-90d", "-80d").table()) == 0
        assert calls(shop, "-9d").schema.names[0] == "id"


async def test_unknown_fields(peer: Peer) -> None:
    """Rows with unknown fields are counted once, although the first page of a window is looked at before."""
    when = (SINCE + HOUR).isoformat()
    pages = [
        {"call_logs": [{"id": f"{number}", "created_at": when, "mood": 1}], "paging": {"next": cursor}}
        for number, cursor in ((1, "a"), (2, ""))
    ]
    peer.always = lambda request: peer.json(pages["after" in request.json["paging"]])
    async with ShopClient(KEY, base_url=peer.base_url) as shop:
        walk = calls(shop, SINCE, SINCE + 2 * HOUR, windows=2, margin=timedelta(), limit=1)
        assert await read(walk)
        assert walk.unknown_fields["mood"] in (2, 4)  # one or two windows gave both rows
        single = calls(shop, SINCE, SINCE + 2 * HOUR, windows=1, limit=1)
        assert (await read(single), single.unknown_fields) == (["1", "2"], {"mood": 2})


@pytest.mark.parametrize("last_page", ["has_next", "has_no_next"])
@pytest.mark.parametrize("windows", [1, 8])
@pytest.mark.parametrize("after", [0, 1, 15, 29, 40])
async def test_failure(last_page: Any, windows: int, after: int) -> None:
    """A failure costs at most two repeated requests; the rows before it and after it are all rows, once."""
    async with service_and_shop(call_logs=500, last_page=last_page) as (service, shop):

        def count() -> int:
            return service.requests.counts[LIST]

        rows = sorted(await read(calls(shop, "-9d", "today", windows=windows, limit=10)))
        clean = count()
        assert len(rows) == 500
        assert clean >= 50
        service.faults.add(Fault(kind="status", status=503, operation=LIST, after=after, times=1))
        walk = calls(shop, "-9d", "today", windows=windows, limit=10)
        found, error = await read_until_failure(walk, errors.UnavailableError)
        assert error.checkpoint == walk.checkpoint()
        if after > windows:
            assert found
        again = calls(shop, "-9d", "today", windows=windows, limit=10, resume=cast("str", error.checkpoint))
        assert sorted(found + await read(again)) == rows
        assert count() - 2 * clean <= 2


@pytest.mark.parametrize("after", [0, 5, 12, 30, 41])
@pytest.mark.parametrize("windows", [1, 3, 8])
async def test_failure_in_order(after: int, windows: int) -> None:
    """In time order, a failed walk and its continuation give all rows in order, each once."""
    async with service_and_shop(call_logs=400) as (service, shop):
        add_edges(service)
        rows = await expected(shop, SINCE, UNTIL)
        options: Any = {"windows": windows, "limit": 10, "in_order": True}
        service.faults.add(Fault(kind="status", status=503, operation=LIST, after=after, times=1))
        found, error = await read_until_failure(calls(shop, SINCE, UNTIL, **options), errors.UnavailableError)
        # The continuation fails, too.
        service.faults.add(Fault(kind="status", status=503, operation=LIST, after=10, times=1))
        again = calls(shop, SINCE, UNTIL, **options, resume=cast("str", error.checkpoint))
        more, error = await read_until_failure(again, errors.UnavailableError)
        rest = calls(shop, SINCE, UNTIL, **options, resume=cast("str", error.checkpoint))
        assert found + more + await read(rest) == rows


@pytest.mark.parametrize("in_order", [False, True])
@pytest.mark.parametrize("order", ["newest_first", "oldest_first"])
async def test_checkpoint_after_each_table(order: Any, *, in_order: bool) -> None:
    """A walk that continues from any table gives exactly the rest, also with other numbers of windows."""
    async with service_and_shop(call_logs=300, order=order) as (service, shop):
        add_edges(service)
        since, until = TODAY - 8 * DAY, TODAY
        rows = await expected(shop, since, until)
        walk = calls(shop, since, until, windows=3, limit=5, in_order=in_order)
        tables: list[ArrowTable] = []
        checkpoints = [walk.checkpoint()]
        async for table in walk:
            tables.append(table)
            checkpoints.append(walk.checkpoint())
        checkpoints.append(walk.checkpoint())
        assert len(tables) > 2
        for number, checkpoint in enumerate(checkpoints):
            rest = calls(
                shop, since, until, windows=1 + number % 9, limit=50, in_order=in_order, resume=checkpoint
            )
            assert in_order or rest.checkpoint() == checkpoint
            found = ids(tables[:number]) + await read(rest)
            assert (found if in_order else sorted(found)) == (rows if in_order else sorted(rows))
        ended = calls(shop, since, until, in_order=in_order, resume=checkpoints[-1])
        sent = len(service.requests)
        assert (await read(ended), len(service.requests), ended.progress.done) == ([], sent, 1)


async def test_checkpoint_of_other_arguments() -> None:
    """A checkpoint is refused with other spans, accounts, filters or orders, and as a damaged text."""
    async with (
        ShopClient(KEY) as shop,
        ShopClient("1161512386239479011:canary-key") as other,
    ):
        text = calls(shop, SINCE, UNTIL, direction="in").checkpoint()
        same: dict[str, Any] = {"direction": "in", "resume": text}
        assert calls(shop, SINCE, UNTIL, **same, windows=9, limit=5).checkpoint() == text
        query = "other filters, another order or another margin"
        for problem, client, since, until, options in [
            ("another account", other, SINCE, UNTIL, same),
            ("the span from", shop, SINCE - DAY, UNTIL, same),
            ("the span from", shop, SINCE, UNTIL + DAY, same),
            (query, shop, SINCE, UNTIL, {"resume": text}),
            (query, shop, SINCE, UNTIL, {**same, "margin": HOUR}),
            (
                "other filters, another order or another margin",
                shop,
                SINCE,
                UNTIL,
                {**same, "direction": "out"},
            ),
            (
                "other filters, another order or another margin",
                shop,
                SINCE,
                UNTIL,
                {**same, "in_order": True},
            ),
        ]:
            with pytest.raises(PagingError, match=f"the checkpoint belongs to {problem}"):
                calls(client, since, until, **cast("Any", options))
        for damaged in (text[:-1], "", "5", shop.call_logs.list().checkpoint(), 5):
            with pytest.raises(PagingError, match=r"resume= is not a checkpoint of call logs|format version"):
                calls(shop, SINCE, UNTIL, resume=cast("Any", damaged))
        version = json.dumps({**json.loads(text), "version": 9})
        with pytest.raises(PagingError, match="format version 9, and this release reads 1"):
            calls(shop, SINCE, UNTIL, direction="in", resume=version)


async def test_checkpoint_shows_no_phone_number() -> None:
    """A checkpoint and a repr have no phone number of the filters."""
    async with ShopClient(KEY) as shop:
        walk = calls(shop, SINCE, UNTIL, call_number="0901234567")
        assert "901234567" not in walk.checkpoint() + repr(walk)


async def settled(service: Sandbox, shop: ShopClient, most: int) -> None:
    """Check that no task of a walk is left, and at most the requests that were under way have arrived."""
    sent = len(service.requests)
    for _ in range(5):
        await shop.call_logs.list(limit=1)
    assert len(service.requests) - sent <= 5 + most
    sent = len(service.requests)
    await shop.call_logs.list(limit=1)
    assert len(service.requests) == sent + 1
    names = [repr(task.get_coro()) for task in asyncio.all_tasks()]
    assert not [name for name in names if "Workers" in name]


async def test_leaving_the_loop() -> None:
    """Leaving a loop stops its requests, while its checkpoint stays."""
    async with service_and_shop(call_logs=500) as (service, shop):
        walk = calls(shop, "-9d", "today", windows=3, limit=2)
        found: list[str] = []
        async for table in walk:
            found += ids([table])
            break
        await settled(service, shop, 3)
        rest = await read(calls(shop, "-9d", "today", windows=3, limit=50, resume=walk.checkpoint()))
        assert sorted(found + rest) == await sorted_ids(shop)

        with pytest.raises(ZeroDivisionError):  # noqa: PT012 - the loop is the subject of the test
            async for table in walk:
                len(table) / 0
        await settled(service, shop, 3)

        tables = aiter(walk)
        await anext(tables)
        del tables
        await settled(service, shop, 3)

        tables = aiter(walk)
        await anext(tables)
        holder = [tables]
        del tables
        thread = threading.Thread(target=holder.clear)
        thread.start()
        thread.join()
        await settled(service, shop, 3)
        del walk


async def test_new_loop() -> None:
    """Each loop starts anew, also while another one runs."""
    async with service_and_shop(call_logs=300) as (_, shop):
        walk = calls(shop, "-9d", "today", windows=3, limit=2)
        first = aiter(walk)
        before = await anext(first)
        assert len(await read(walk)) == 300
        assert walk.progress.rows == 300
        assert len(before) + sum([len(table) async for table in first]) == 300
        with pytest.raises(StopAsyncIteration):
            await anext(first)
        assert aiter(first) is first


async def test_shared_loop() -> None:
    """Several tasks may share a loop: each row goes to one of them, and all end."""
    async with service_and_shop(call_logs=300) as (_, shop):
        walk = calls(shop, "-9d", "today", windows=3, limit=2)
        tables = aiter(walk)

        async def take() -> list[str]:
            return ids([table async for table in tables])

        found = await asyncio.gather(take(), take(), take())
        assert sorted(key for part in found for key in part) == await sorted_ids(shop)


async def test_cancelled() -> None:
    """A cancelled walk sends nothing more, and refuses to continue; its checkpoint continues."""
    async with service_and_shop(call_logs=500) as (service, shop):
        walk = calls(shop, "-9d", "today", windows=3, limit=2)
        tables = aiter(walk)
        found = ids([await anext(tables)])
        fault = service.faults.add(Fault(kind="stall_header", operation=LIST, times=3))

        async def take() -> None:
            async for table in tables:
                found.extend(ids([table]))

        task = asyncio.create_task(take())
        while fault.struck == 0:
            await shop.extensions.list(limit=1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await settled(service, shop, 3)
        with pytest.raises(
            PagingError, match=r"this loop was stopped\. Start a new one, with resume="
        ) as caught:
            await anext(tables)
        service.faults.clear()
        rest = calls(shop, "-9d", "today", windows=3, limit=50, resume=caught.value.checkpoint)
        assert sorted(found + await read(rest)) == await sorted_ids(shop)


def test_end_of_the_event_loop() -> None:
    """A loop that an ending program leaves makes no warning, whether its event loop is open or closed."""

    async def start() -> Any:
        async with service_and_shop(call_logs=500) as (_, shop):
            tables = aiter(calls(shop, "-9d", "today", windows=3, limit=2))
            await anext(tables)
            return tables

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        tables = asyncio.run(start())
        del tables
        gc.collect()
    assert [str(warning.message) for warning in caught] == []


async def test_wrong_arguments() -> None:
    """All mistakes are named at once, before anything is requested."""
    async with ShopClient(KEY) as shop:

        def problems(*args: Any, **options: Any) -> str:
            with pytest.raises(InvalidRequestError) as caught:
                calls(*args, **options)
            assert caught.value.operation == LIST
            return str(caught.value)

        for windows in (0, 65, True, "3", 1.0, None):
            assert "windows takes a whole number from 1 to 64" in problems(shop, "-7d", windows=windows)
        assert "margin takes a timedelta, not below 0" in problems(shop, "-7d", margin=-SECOND)
        assert "margin takes a timedelta, not below 0" in problems(shop, "-7d", margin=3600)
        assert "since is a time without an offset" in problems(shop, NAIVE)
        assert "until is a time without an offset" in problems(shop, "-7d", NAIVE)
        assert "which is not before until" in problems(shop, "today", "today")
        assert "which is not before until" in problems(shop, "-7d", "-9d")
        assert "'last week' names no day" in problems(shop, "last week")
        assert "shop takes a ShopClient, not" in problems(None, "-7d")
        text = problems("shop", "soon", window=3, state="in", windows=0, margin=None)
        for part in ("shop takes", "'soon'", "no option 'window'", "no option 'state'", "windows", "margin"):
            assert part in text
        assert calls(shop, date(2026, 11, 1), "today").span.end == TODAY


async def test_wrong_filter() -> None:
    """A filter that the list refuses is refused by the first request."""
    async with ShopClient(KEY) as shop:
        for options in ({"extension_ids": 5}, {"limit": "x"}):
            walk = calls(shop, "-7d", **cast("Any", options))
            with pytest.raises(InvalidRequestError):
                await walk.table()


BROKEN: dict[str, dict[str, Any]] = {
    "error": {"content": '{"error": "no"}', "status": 200},
    "blank": {"content": "{}", "status": 200},
    "html": {"body": "html", "status": 502},
    "refused": {"status": 403, "code": "permission_denied"},
}


@pytest.mark.parametrize("windows", [1, 3])
@pytest.mark.parametrize("name", BROKEN)
async def test_broken_page(name: str, windows: int) -> None:
    """A page that is no list raises the error of the plain list; the rows before it are handed out."""
    async with service_and_shop(call_logs=300) as (service, shop):
        fault: dict[str, Any] = {"kind": "status", "operation": LIST, "after": 9, "times": 1, **BROKEN[name]}
        service.faults.add(Fault(**fault))
        with pytest.raises(EtelecomError) as plain:
            await shop.call_logs.list(limit=5).collect()
        service.faults.clear()
        service.faults.add(Fault(**fault))
        found, error = await read_until_failure(
            calls(shop, "-9d", "today", limit=5, windows=windows), type(plain.value)
        )
        if name in ("error", "blank"):
            assert type(error) is DecodeError
        assert len(found) + 5 * windows >= 9 * 5
        rest = calls(shop, "-9d", "today", limit=50, windows=windows, resume=cast("str", error.checkpoint))
        assert sorted(found + await read(rest)) == await sorted_ids(shop)


@pytest.mark.parametrize("in_order", [False, True])
@pytest.mark.parametrize("windows", [1, 2])
async def test_row_that_does_not_fit(peer: Peer, windows: int, *, in_order: bool) -> None:
    """A row that the models refuse raises their error; the rows of the pages before it are handed out."""
    middle = SINCE + HOUR

    def page(request: Asked) -> Reply:
        number = int(request.json.get("paging", {}).get("after") or 0)
        # Two windows meet in the middle; the newer one is the broken one.
        begin = datetime.fromisoformat(request.json["filter"]["date_from"])
        is_broken = windows == 1 or in_order or begin >= middle
        when = middle + MINUTE if is_broken else middle - MINUTE
        row: dict[str, Any] = {"id": f"{is_broken:d}{number}", "created_at": when.isoformat()}
        if is_broken and number == 3:
            row["duration"] = "none"
        return peer.json({"call_logs": [row], "paging": {"next": "" if number == 5 else f"{number + 1}"}})

    peer.always = page
    async with ShopClient(KEY, base_url=peer.base_url, retries=0) as shop:
        with pytest.raises(DecodeError) as plain:
            await shop.call_logs.list(date_from=middle).collect()
        options: Any = {"windows": windows, "in_order": in_order, "margin": timedelta()}
        walk = calls(shop, SINCE, SINCE + 2 * HOUR, **options)
        found, error = await read_until_failure(walk, DecodeError)
        assert str(error) == str(plain.value)
        older = [f"0{number}" for number in range(6)] if windows == 2 and not in_order else []
        if not in_order:
            assert {"10", "11", "12"} <= set(found) <= {"10", "11", "12", *older}
        again = calls(shop, SINCE, SINCE + 2 * HOUR, **options, resume=cast("str", error.checkpoint))
        more, error = await read_until_failure(again, DecodeError)
        assert in_order or set(found + more) == {"10", "11", "12", *older}
        assert len(found + more) == len(set(found + more))


async def test_repeated_cursor() -> None:
    """A cursor that repeats ends the walk with the error of the plain list, after the rows before it."""
    async with service_and_shop(call_logs=300) as (service, shop):
        service.faults.add(Fault(kind="repeat_cursor", operation=LIST, after=5, times=1))
        found, error = await read_until_failure(calls(shop, "-9d", "today", limit=5, windows=1), PagingError)
        assert "returned a cursor for the second time" in str(error)
        assert len(found) == 35
        rest = calls(shop, "-9d", "today", limit=50, windows=1, resume=cast("str", error.checkpoint))
        assert sorted(found + await read(rest)) == await sorted_ids(shop)


async def test_retries() -> None:
    """Throttled and failed requests are retried as in the plain list, and rows that shift come once."""
    faults = [
        Fault(kind="status", status=429, retry_after=0, operation=LIST, after=3, times=3),
        Fault(kind="status", status=503, operation=LIST, after=9, times=2),
        Fault(kind="duplicate_rows", operation=LIST, after=4, times=3),
        Fault(kind="shift_rows", operation=LIST, after=6, times=3),
    ]
    async with sandbox(call_logs=300, faults=faults) as service:
        policy = RetryPolicy(wait_initial=0)
        async with ShopClient(service.shop_api_key, base_url=service.base_url, retries=policy) as shop:
            found = await read(calls(shop, "-9d", "today", limit=5, windows=3))
            assert shop.stats().throttles == 3
            assert sorted(found) == await sorted_ids(shop)


async def test_throttled_without_retries() -> None:
    """A throttled request without retries ends the walk with the error and its wait."""
    async with service_and_shop(call_logs=300) as (service, shop):
        service.faults.add(Fault(kind="status", status=429, retry_after=0, operation=LIST, after=5, times=1))
        found, error = await read_until_failure(
            calls(shop, "-9d", "today", limit=5, windows=3), errors.ResourceExhaustedError
        )
        assert found
        rest = calls(shop, "-9d", "today", resume=cast("str", error.checkpoint))
        assert sorted(found + await read(rest)) == await sorted_ids(shop)


@pytest.mark.parametrize("windows", [2, 64])
async def test_server_that_ignores_dates(windows: int, peer: Peer) -> None:
    """Such a server would give each call in each window: several windows are refused, and one is right."""
    rows = [{"id": f"{100 + day}", "started_at": (SINCE + day * DAY).isoformat()} for day in range(-1, 9)]
    peer.always = lambda _: peer.json({"call_logs": rows, "paging": {}})
    async with ShopClient(KEY, base_url=peer.base_url, retries=0) as shop:
        with pytest.raises(PagingError, match=r"ignores date_from and date_to.*windows=1"):
            await read(calls(shop, SINCE, SINCE + 8 * DAY, windows=windows))
        found = await read(calls(shop, SINCE, SINCE + 8 * DAY, windows=1))
        assert sorted(found) == [f"{100 + day}" for day in range(8)]


async def test_cancelled_tasks() -> None:
    """If another program cancels all tasks of the loop, the walk ends with an error, and does not wait."""
    async with service_and_shop(call_logs=300) as (_, shop):
        me = asyncio.current_task()

        async def cancel_after_a_table() -> None:
            async for _ in calls(shop, SINCE, UNTIL, limit=1):
                for task in asyncio.all_tasks() - {me}:
                    if "_work" in repr(task.get_coro()):
                        task.cancel()

        with pytest.raises(ResponseLostError, match="was cancelled"):
            await cancel_after_a_table()


async def test_times_of_pandas() -> None:
    """A time of pandas with nanoseconds is a time; `NaT` is none."""
    async with service_and_shop(call_logs=50) as (_, shop):
        begin = pd.Timestamp(SINCE).as_unit("ns")
        assert sorted(await read(calls(shop, begin, UNTIL))) == sorted(await read(calls(shop, SINCE, UNTIL)))
        with pytest.raises(InvalidRequestError, match="since is no time"):
            calls(shop, cast("datetime", pd.NaT), UNTIL)


def test_every_filter_is_an_option() -> None:
    """The options have each filter of the list, with its types."""
    listed = inspect.signature(ShopClient(KEY).call_logs.list).parameters
    paging = {"after", "before", "date_from", "date_to", "limit", "prefetch", "resume", "sort"}
    assert set(CallFilter.__annotations__) == set(listed) - paging
