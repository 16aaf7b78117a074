"""The calls of a shop in a database: new ones, changed ones, and no request more than needed."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from etelecom_async import PartnerClient, ShopClient, times
from etelecom_async.errors import EtelecomError, InvalidRequestError, SyncError
from etelecom_async.history.spans import MARGIN, Span
from etelecom_async.history.sync_database import Database
from etelecom_async.history.sync_state import Order, ShopState
from etelecom_async.history.sync_store import Store
from etelecom_async.history.syncing import Reading, SyncProgress, shop_id_of, sync
from etelecom_async.testing import Fault, sandbox
from kills.syncing import calls_of, shop_of, stored_calls

if TYPE_CHECKING:
    from etelecom_async.sandbox import Sandbox
    from tests.conftest import Peer

DAY = timedelta(days=1)
LIST = "shop.call_logs.list"
SINCE = "-40d"
FIRST = times.day(SINCE).begin


@asynccontextmanager
async def service_and_shop(call_logs: int = 600) -> AsyncIterator[tuple[Sandbox, ShopClient]]:
    """Start a sandbox and a client of its shop that does not retry."""
    async with (
        sandbox(call_logs=call_logs) as service,
        ShopClient(service.shop_key, base_url=service.base_url, retries=0) as shop,
    ):
        yield service, shop


async def versions(url: str) -> list[Any]:
    """Return the version of each call in PostgreSQL; the number of changes of the file for SQLite."""
    database = Database.at(url)
    async with database.engine.connect() as connection:
        if not database.is_sqlite:
            found = await connection.execute(text("SELECT id, xmin::text FROM call_logs ORDER BY id"))
        else:
            found = await connection.execute(text("SELECT count(*), max(rowid), sum(rowid) FROM call_logs"))
        rows = [tuple(row) for row in found]
    await database.close()
    return rows


async def refuse_writes(url: str) -> None:
    """Let SQLite refuse each write to the calls; PostgreSQL shows its versions itself."""
    database = Database.at(url)
    if database.is_sqlite:
        async with database.engine.begin() as connection:
            for event in ("INSERT", "UPDATE", "DELETE"):
                body = f"AFTER {event} ON call_logs BEGIN SELECT RAISE(ABORT, 'a write'); END"
                await connection.execute(text(f"CREATE TRIGGER no_{event} {body}"))
    await database.close()


async def test_first_sync(calls_database: str) -> None:
    """The first sync stores all calls since a day, as the sandbox has them."""
    async with service_and_shop() as (service, shop):
        done = await sync(shop, calls_database, SINCE)
        wanted = calls_of(service, FIRST)
        stored = await stored_calls(calls_database)
        assert (done.shop_id, done.shop_name) == (shop_of(service), None)
    assert {key: {name: row[name] for name in wanted[key]} for key, row in stored.items()} == wanted
    assert (done.rows, done.changed, done.without_id, done.error) == (len(wanted), len(wanted), 0, None)
    assert done.synced_until is not None
    assert done.to_dict()["synced_until"] == done.synced_until.isoformat()


async def test_second_sync(calls_database: str) -> None:
    """The second sync sends the requests of the look-back's pages and one more, and writes no call."""
    async with service_and_shop() as (service, shop):
        first = await sync(shop, calls_database, SINCE, limit=10)
        assert first.synced_until is not None
        before = await versions(calls_database)
        await refuse_writes(calls_database)
        second = await sync(shop, calls_database, SINCE, limit=10)
        listed = calls_of(service, first.synced_until - 3 * DAY - MARGIN)
        assert second.requests <= math.ceil(len(listed) / 10) + 1
        assert second.rows == len(calls_of(service, first.synced_until - 3 * DAY)) > 10
        assert second.changed == 0
        assert await versions(calls_database) == before


async def test_changes(calls_database: str) -> None:
    """New calls and changes in the look-back are stored; older changes need `reread`."""
    async with service_and_shop() as (service, shop):
        await sync(shop, calls_database, SINCE)
        calls = sorted(calls_of(service, FIRST).values(), key=lambda call: call["started_at"])
        old, recent = calls[0]["id"], calls[-1]["id"]
        added = service.calls.add(note="added").id
        service.calls.update(old, note="old")
        service.calls.update(recent, note="recent", recording=False, call_targets=[])
        assert (await sync(shop, calls_database, SINCE)).changed == 2
        stored = await stored_calls(calls_database)
        assert (stored[added]["note"], stored[recent]["note"]) == ("added", "recent")
        assert (stored[recent]["call_targets"], stored[recent]["recording_urls"]) == ([], [])
        assert stored[old]["note"] != "old"
        assert (await sync(shop, calls_database, SINCE, look_back=60 * DAY)).changed == 1
        service.calls.update(old, note="older")
        assert (await sync(shop, calls_database, SINCE, reread=True)).changed == 1
        assert (await stored_calls(calls_database))[old]["note"] == "older"


async def test_earlier_and_later_days(calls_database: str) -> None:
    """An earlier first day adds the calls in between; a later one keeps all, and leaves no gap."""
    async with service_and_shop() as (service, shop):
        await sync(shop, calls_database, "-2d")
        assert (await sync(shop, calls_database, SINCE)).changed > 0
        assert (await stored_calls(calls_database)).keys() == calls_of(service, FIRST).keys()
        done = await sync(shop, calls_database, "-1d")
        assert (done.changed, done.rows > len(calls_of(service, times.day("-1d").begin))) == (0, True)


@pytest.mark.parametrize("after", [1, 20, 40])
async def test_failure(calls_database: str, after: int) -> None:
    """After a failure the calls before it are stored, and the next sync continues there."""
    async with service_and_shop() as (service, shop):
        service.faults.add(Fault(kind="status", status=500, operation=LIST, after=after, times=1))
        with pytest.raises(EtelecomError):
            await sync(shop, calls_database, SINCE, limit=10)
        before = len(await stored_calls(calls_database))
        assert before >= 10 * (after - 4)
        done = await sync(shop, calls_database, SINCE, limit=10)
        assert done.changed + before == len(calls_of(service, FIRST))
        assert (await stored_calls(calls_database)).keys() == calls_of(service, FIRST).keys()
        # The finished walk, and the look-back from its start.
        recent = len(calls_of(service, times.now() - 3 * DAY - MARGIN))
        assert done.rows <= len(calls_of(service, FIRST)) - before + recent


async def test_changes_during_an_interruption(calls_database: str) -> None:
    """A call that changes after its page was stored, while the sync is interrupted, is read again."""
    async with service_and_shop() as (service, shop):
        service.faults.add(Fault(kind="status", status=500, operation=LIST, after=50, times=1))
        with pytest.raises(EtelecomError):
            await sync(shop, calls_database, SINCE, limit=10)
        recent = max(calls_of(service, FIRST).values(), key=lambda call: call["started_at"])["id"]
        assert recent in await stored_calls(calls_database)
        service.calls.update(recent, note="changed")
        await sync(shop, calls_database, SINCE, limit=10)
        assert (await stored_calls(calls_database))[recent]["note"] == "changed"


async def test_forgotten_cursors(calls_database: str) -> None:
    """If the server has forgotten the cursors of an interrupted sync, the span is read anew."""
    async with service_and_shop() as (service, shop):
        service.faults.add(Fault(kind="status", status=500, operation=LIST, after=50, times=1))
        with pytest.raises(EtelecomError):
            await sync(shop, calls_database, SINCE, limit=10)
        refused = Fault(kind="status", status=400, code="invalid_argument", operation=LIST, times=1)
        service.faults.add(refused)
        await sync(shop, calls_database, SINCE, limit=10)
        assert (await stored_calls(calls_database)).keys() == calls_of(service, FIRST).keys()


async def test_checkpoint_of_another_key(calls_database: str) -> None:
    """A sync with another key of the same shop has the same rows, and starts its span anew."""
    async with service_and_shop() as (service, shop):
        service.faults.add(Fault(kind="status", status=500, operation=LIST, after=50, times=1))
        with pytest.raises(EtelecomError):
            await sync(shop, calls_database, SINCE, limit=10)
        async with ShopClient(service.shop_api_key, base_url=service.base_url) as own:
            done = await sync(own, calls_database, SINCE)
        assert done.shop_id == shop_of(service)
        assert (await stored_calls(calls_database)).keys() == calls_of(service, FIRST).keys()


async def test_cancelled_sync(calls_database: str) -> None:
    """A cancelled sync stops at once, releases the lock, and keeps what it has stored."""
    async with service_and_shop() as (service, shop):
        service.faults.add(Fault(kind="stall_header", operation=LIST, after=50))
        task = asyncio.create_task(sync(shop, calls_database, SINCE, limit=10))
        while len(service.requests) <= 50:  # noqa: ASYNC110 - the sandbox has no event for a request
            await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        service.faults.clear()
        await sync(shop, calls_database, SINCE)
        assert (await stored_calls(calls_database)).keys() == calls_of(service, FIRST).keys()


async def test_overlapping_syncs(calls_database: str) -> None:
    """A second sync of the same database is refused before its first request."""
    database = Database.at(calls_database)
    async with service_and_shop(10) as (service, shop), database.locked():
        with pytest.raises(SyncError, match="another sync"):
            await sync(shop, calls_database, SINCE)
        assert len(service.requests) == 0
    await database.close()


async def test_clock_that_is_ahead(calls_database: str) -> None:
    """If the clock of this machine is days ahead, the next sync with a right clock loses no call."""
    async with service_and_shop() as (service, shop):
        database, now = Database.at(calls_database), times.now()
        store = Store(database)
        await store.create_tables()
        ahead = Order(span=Span(FIRST, now + 10 * DAY))
        reading = Reading(shop, store, ahead, {"limit": 10})
        await reading.run(ShopState(shop_id=reading.shop_id))
        done = reading.result()
        assert done.rows == len(calls_of(service, FIRST))
        assert done.synced_until is not None
        assert now - timedelta(seconds=5) < done.synced_until < now + timedelta(minutes=5)
        # A failure within such a sync leaves no checkpoint with a time in the future.
        service.faults.add(Fault(kind="status", status=500, operation=LIST, after=40, times=1))
        with pytest.raises(EtelecomError):
            await Reading(shop, store, ahead, {"limit": 10}).run(ShopState(shop_id=reading.shop_id))
        assert (await store.state(reading.shop_id)).unfinished is None
        # A span that the server does not know yet is not synced at all.
        future = Reading(shop, store, Order(span=Span(now + DAY, now + 2 * DAY)), {})
        await future.run(ShopState(shop_id="future"))
        assert future.state == ShopState(shop_id="future")
        await database.close()


async def test_clock_that_is_a_little_ahead(calls_database: str) -> None:
    """If the clock is minutes ahead, a sync that ended early continues."""
    async with service_and_shop() as (service, shop):
        database = Database.at(calls_database)
        store = Store(database)
        await store.create_tables()
        service.faults.add(Fault(kind="status", status=500, operation=LIST, after=40, times=1))
        reading = Reading(
            shop, store, Order(span=Span(FIRST, times.now() + timedelta(minutes=9))), {"limit": 10}
        )
        with pytest.raises(EtelecomError):
            await reading.run(ShopState(shop_id=reading.shop_id))
        assert (await store.state(reading.shop_id)).checkpoint is not None
        await database.close()


async def test_progress(calls_database: str) -> None:
    """The progress grows until 1, and has what was stored."""
    seen: list[SyncProgress] = []
    async with service_and_shop() as (_, shop):
        done = await sync(shop, calls_database, "-2d", limit=10)
        done = await sync(shop, calls_database, SINCE, limit=10, on_progress=seen.append)
    shares = [progress.done for progress in seen]
    assert shares == sorted(shares)
    assert shares[-1] == 1
    assert 0 < shares[0] < 1
    assert seen[-1].shop == done
    assert 0 < seen[0].shop.changed < done.changed


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
async def test_server_that_ends_the_connections(calls_database: str) -> None:
    """If PostgreSQL ends the connections midway, the sync fails, and the next one continues."""
    postgresql = calls_database
    async with service_and_shop() as (service, shop):
        ended: list[asyncio.Task[None]] = []

        def end_connections(_: SyncProgress) -> None:
            if not ended:
                ended.append(asyncio.create_task(end_others(postgresql)))

        with pytest.raises(SyncError, match=r"postgresql://postgres:\*\*\*@/postgres cannot be used: "):
            await sync(shop, postgresql, SINCE, limit=5, on_progress=end_connections)
        await asyncio.gather(*ended)
        before = len(await stored_calls(postgresql))
        assert 0 < before < len(calls_of(service, FIRST))
        await sync(shop, postgresql, SINCE)
        assert (await stored_calls(postgresql)).keys() == calls_of(service, FIRST).keys()


async def end_others(url: str) -> None:
    """Let PostgreSQL end all other connections."""
    database = Database.at(url)
    async with database.engine.connect() as connection:
        ended = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() "
        await connection.execute(text(f"{ended} AND backend_type = 'client backend'"))
    await database.close()


async def test_engine_of_the_caller(calls_database: str) -> None:
    """An engine works, too, and stays open."""
    engine = create_async_engine(calls_database)
    async with service_and_shop(10) as (_, shop):
        assert (await sync(shop, engine, SINCE)).changed == 10
    async with engine.connect() as connection:
        assert (await connection.execute(text("SELECT count(*) FROM call_logs"))).scalar() == 10
    await engine.dispose()


async def test_calls_without_an_id(calls_database: str, peer: Peer) -> None:
    """A call without an id cannot be stored; it is counted, and the others are stored."""
    peer.always = lambda _: peer.json({"call_logs": [{"note": "a"}, {"id": "7", "note": "b"}]})
    async with ShopClient("1161512386239479010:canary", base_url=peer.base_url) as shop:
        done = await sync(shop, calls_database, "-1d")
    assert (done.rows, done.changed, done.without_id) == (2, 1, 1)
    assert list(await stored_calls(calls_database)) == ["7"]


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"shop": None}, "shop takes a ShopClient, not None"),
        ({"since": "tomorrow"}, "since"),
        ({"look_back": timedelta(hours=1)}, "look_back takes a timedelta of at least 2 hours"),
        ({"look_back": 3}, "look_back takes a timedelta"),
        ({"windows": 0}, "windows takes a whole number"),
        ({"windows": "4"}, "windows takes a whole number"),
        ({"lookback": 3}, "no option 'lookback'"),
        ({"database": "mysql://a/b"}, "SQLite or PostgreSQL"),
        ({"database": None}, "database takes a URL"),
    ],
)
async def test_wrong_arguments(tmp_path: Any, given: dict[str, Any], problem: str) -> None:
    """Wrong arguments are refused with their names, before any request."""
    async with service_and_shop(10) as (service, shop):
        usual = {"shop": shop, "database": str(tmp_path / "calls.db"), "since": SINCE}
        with pytest.raises(InvalidRequestError, match=problem):
            await sync(**{**usual, **given})
        assert len(service.requests) == 0


async def test_shop_ids() -> None:
    """All keys of a shop give its id; a key without one has the id of the caller."""
    async with PartnerClient("canary", base_url="http://127.0.0.1:1/v1") as partner:
        assert shop_id_of(partner.for_shop("shop12:canary")) == "12"
        assert shop_id_of(partner.for_shop("canary"), "Mây") == "Mây"
        assert shop_id_of(partner.for_shop("canary")) == "shop"
        assert shop_id_of(partner.for_shop("shop12:canary"), "Mây") == "12"
