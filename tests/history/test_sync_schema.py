"""The tables of a sync that exist already: of an earlier release, of the user, or of another program."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import text

from etelecom_async.errors import SyncError
from etelecom_async.history.sync_database import Database
from etelecom_async.history.sync_rows import SyncRows
from etelecom_async.history.sync_state import ShopState
from etelecom_async.history.sync_store import Store
from etelecom_async.history.sync_tables import CALL_LOGS


@pytest.fixture
async def opened(calls_database: str) -> AsyncIterator[Database]:
    """A database of each kind."""
    database = Database.at(calls_database)
    yield database
    async with database.engine.begin() as connection:
        await connection.execute(text("DROP VIEW IF EXISTS my_calls"))
    await database.close()


async def run(database: Database, *statements: str) -> list[tuple[object, ...]]:
    """Run statements; return the rows of the last one, if it has some."""
    rows: list[tuple[object, ...]] = []
    async with database.engine.begin() as connection:
        for statement in statements:
            found = await connection.execute(text(statement))
            rows = [tuple(row) for row in found] if found.returns_rows else []
    return rows


def one_call(note: str) -> SyncRows:
    """Return a call."""
    row = {column.name: None for column in CALL_LOGS.c}
    return SyncRows(
        calls={"7": {**row, "shop_id": "1", "id": "7", "digest": note, "note": note}},
        targets={"7": []},
        recordings={"7": []},
    )


async def test_columns_of_an_earlier_release(opened: Database) -> None:
    """Columns that an earlier release did not have are added, and the next change fills them."""
    store, state = Store(opened), ShopState(shop_id="1")
    await store.create_tables()
    await store.write(one_call("a"), state)
    await run(
        opened, "ALTER TABLE call_logs DROP COLUMN note", "ALTER TABLE sync_state DROP COLUMN shop_name"
    )
    await store.create_tables()
    await store.write(one_call("b"), named(state))
    assert await run(opened, "SELECT id, note FROM call_logs") == [("7", "b")]
    assert (await store.state("1")).shop_name == "Mây"


def named(state: ShopState) -> ShopState:
    """Return a state with a name."""
    return ShopState(shop_id=state.shop_id, shop_name="Mây")


async def test_columns_and_views_of_the_user(opened: Database) -> None:
    """Columns that the user has added keep their values after a change of the call, and views stay."""
    store, state = Store(opened), ShopState(shop_id="1")
    await store.create_tables()
    await store.write(one_call("a"), state)
    await run(
        opened,
        "ALTER TABLE call_logs ADD COLUMN mine TEXT",
        "UPDATE call_logs SET mine = 'x'",
        "CREATE VIEW my_calls AS SELECT id, note, mine FROM call_logs",
    )
    await store.create_tables()
    assert await store.write(one_call("b"), state) == 1
    assert await run(opened, "SELECT id, note, mine FROM my_calls") == [("7", "b", "x")]


async def test_tables_of_another_program(opened: Database) -> None:
    """A table of another program with the name of ours is an error, and nothing is created or changed."""
    await run(opened, "CREATE TABLE recordings (id INTEGER PRIMARY KEY, name TEXT)")
    with pytest.raises(SyncError, match="a table recordings that is not of a sync: it has no column shop_id"):
        await Store(opened).create_tables()
    await run(opened, "INSERT INTO recordings (id, name) VALUES (1, 'a')")
    assert await run(opened, "SELECT * FROM recordings") == [(1, "a")]
    with pytest.raises(SyncError, match="sync_state"):
        await Store(opened).state("1")
