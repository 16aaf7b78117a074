"""What a sync stores: changed calls only, whole calls only, and the state with them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, text

from etelecom_async.errors import SyncError
from etelecom_async.history.spans import Span
from etelecom_async.history.sync_database import Database
from etelecom_async.history.sync_rows import SyncRows
from etelecom_async.history.sync_state import ShopState
from etelecom_async.history.sync_store import Store
from etelecom_async.history.sync_tables import CALL_LOGS, CALL_TARGETS, RECORDING_URLS, STATES

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
SPAN = Span(NOW - timedelta(days=1), NOW)
STATE = ShopState(shop_id="1", shop_name="Mây", synced=SPAN, unfinished=SPAN, checkpoint="{}")
EMPTY = ShopState(shop_id="1")


@pytest.fixture
async def opened(calls_database: str) -> AsyncIterator[Database]:
    """A database of each kind with the tables of a sync."""
    database = Database.at(calls_database)
    await Store(database).create_tables()
    yield database
    await database.close()


@pytest.fixture
def store(opened: Database) -> Store:
    """The tables."""
    return Store(opened)


def row(key: str, digest: str, *, shop: str = "1", **fields: Any) -> dict[str, Any]:
    """Return the row of a call."""
    blank = {column.name: None for column in CALL_LOGS.c}
    return {**blank, "shop_id": shop, "id": key, "digest": digest, **fields}


def calls(*rows: dict[str, Any], targets: int = 1, recordings: int = 1) -> SyncRows:
    """Return calls with some targets and recordings each."""
    found = SyncRows()
    for call in rows:
        key, of_call = call["id"], {"shop_id": call["shop_id"], "call_id": call["id"]}
        blank = {column.name: None for column in CALL_TARGETS.c}
        found.calls[key] = call
        found.targets[key] = [{**blank, **of_call, "position": place} for place in range(targets)]
        found.recordings[key] = [
            {**of_call, "position": place, "recording_url": f"{call['digest']}-{place}"}
            for place in range(recordings)
        ]
    return found


async def read(database: Database, table: Any, *columns: str) -> list[tuple[Any, ...]]:
    """Return the rows of a table."""
    wanted = select(*(table.c[name] for name in columns)).order_by(*table.primary_key)
    async with database.engine.connect() as connection:
        return [tuple(found) for found in await connection.execute(wanted)]


async def versions(database: Database) -> list[tuple[Any, ...]]:
    """
    Return what the database itself says about writes to the calls.

    PostgreSQL has the transaction and the place of each row's version. SQLite has a trigger here that fires
    for each row that a statement writes.
    """
    async with database.engine.begin() as connection:
        if not database.is_sqlite:
            query = "SELECT id, xmin::text, ctid::text FROM call_logs ORDER BY id"
            return [tuple(found) for found in await connection.execute(text(query))]
        await connection.execute(text("CREATE TABLE IF NOT EXISTS writes (id TEXT)"))
        for event in ("INSERT", "UPDATE", "DELETE"):
            body = f"AFTER {event} ON call_logs BEGIN INSERT INTO writes VALUES ('{event}'); END"
            await connection.execute(text(f"CREATE TRIGGER IF NOT EXISTS on_{event} {body}"))
        return [tuple(found) for found in await connection.execute(text("SELECT * FROM writes"))]


async def test_unchanged_calls_are_not_written(opened: Database, store: Store) -> None:
    """A call with the same digest is not written again, shown by the database; a changed one is."""
    before = [row("1", "a"), row("2", "a"), row("3", "a")]
    assert await store.write(calls(*before), EMPTY) == 3
    first = await versions(opened)
    assert await store.write(calls(*before), EMPTY) == 0
    assert await versions(opened) == first
    assert await store.write(calls(row("1", "a"), row("2", "b"), row("3", "a")), EMPTY) == 1
    assert await versions(opened) != first
    assert await read(opened, CALL_LOGS, "id", "digest") == [("1", "a"), ("2", "b"), ("3", "a")]


async def test_parts_of_a_changed_call_are_replaced(opened: Database, store: Store) -> None:
    """The targets and recordings of a changed call are those of the change; others stay as they are."""
    await store.write(calls(row("1", "a"), row("2", "a"), targets=3, recordings=2), EMPTY)
    await store.write(calls(row("1", "a"), row("2", "b"), targets=1, recordings=1), EMPTY)
    assert await read(opened, CALL_TARGETS, "call_id", "position") == [
        *(("1", 0), ("1", 1), ("1", 2)),
        ("2", 0),
    ]
    assert await read(opened, RECORDING_URLS, "call_id", "recording_url") == [
        *(("1", "a-0"), ("1", "a-1")),
        ("2", "b-0"),
    ]


async def test_shops_do_not_mix(opened: Database, store: Store) -> None:
    """Two shops with the same id of a call have a row each, and a change of one leaves the other."""
    await store.write(calls(row("1", "a")), EMPTY)
    await store.write(calls(row("1", "b", shop="2")), ShopState(shop_id="2"))
    await store.write(calls(row("1", "c", shop="2"), recordings=0), ShopState(shop_id="2"))
    assert await read(opened, CALL_LOGS, "shop_id", "id", "digest") == [("1", "1", "a"), ("2", "1", "c")]
    assert await read(opened, RECORDING_URLS, "shop_id", "recording_url") == [("1", "a-0")]


async def test_many_rows(opened: Database, store: Store) -> None:
    """More rows than one statement takes are all written."""
    rows = calls(*(row(f"{number:05}", "a") for number in range(2500)))
    assert await store.write(rows, EMPTY) == 2500
    assert await store.write(rows, EMPTY) == 0
    assert len(await read(opened, CALL_TARGETS, "call_id")) == 2500


async def test_state(store: Store) -> None:
    """The state comes back as it was stored; a shop without one has the empty state."""
    assert await store.state("1") == EMPTY
    await store.write(SyncRows(), STATE)
    assert await store.state("1") == STATE
    assert await store.state("2") == ShopState(shop_id="2")
    await store.write(SyncRows(), EMPTY)
    assert await store.state("1") == EMPTY


async def test_failure_stores_nothing(opened: Database, store: Store) -> None:
    """If any row is refused, neither the others nor the state are stored."""
    wrong = calls(row("1", "a"), row("2", "a"))
    wrong.recordings["2"][0]["recording_url"] = None
    with pytest.raises(SyncError, match="cannot be used: "):
        await store.write(wrong, STATE)
    for table in (CALL_LOGS, CALL_TARGETS, RECORDING_URLS, STATES):
        assert await read(opened, table, "shop_id") == []


async def test_cancelled_write_ends(opened: Database, store: Store) -> None:
    """A cancelled write is whole or not there, and the caller waits for its end."""
    task = asyncio.create_task(store.write(calls(row("1", "a")), STATE))
    await asyncio.sleep(0)  # it has started
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await read(opened, CALL_LOGS, "id") == [("1",)]
    assert await store.state("1") == STATE


async def test_tables_are_created_once(store: Store) -> None:
    """Creating tables that are there changes nothing."""
    await store.write(calls(row("1", "a")), STATE)
    await store.create_tables()
    assert await store.state("1") == STATE
