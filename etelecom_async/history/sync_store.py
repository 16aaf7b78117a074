"""Store calls, and how far each shop is, in the tables of a sync."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Coroutine, Iterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final, TypeVar

from sqlalchemy import Row, Table, Update, delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from etelecom_async.history.spans import Span
from etelecom_async.history.sync_database import Database
from etelecom_async.history.sync_rows import SyncRows
from etelecom_async.history.sync_schema import create_tables
from etelecom_async.history.sync_state import ShopState
from etelecom_async.history.sync_tables import CALL_LOGS, CALL_TARGETS, RECORDING_URLS, STATES

ResultT = TypeVar("ResultT")
ItemT = TypeVar("ItemT")

_BATCH: Final = 1000
"""Rows of a statement."""
_MOST_CONNECTIONS: Final = 4
"""Transactions at a time in PostgreSQL. SQLite has one writer."""


class Store:
    """
    The tables of a sync.

    Args:
        database: The database.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._turns = asyncio.Semaphore(1 if database.is_sqlite else _MOST_CONNECTIONS)
        self._insert: Any = sqlite.insert if database.is_sqlite else postgresql.insert

    async def create_tables(self) -> None:
        """
        Create the tables that the database does not have.

        Raises:
            SyncError: The database failed.
        """
        await _to_its_end(self._create_tables())

    async def _create_tables(self) -> None:
        async with self._transaction() as connection:
            await connection.run_sync(create_tables)

    async def state(self, shop_id: str) -> ShopState:
        """
        Return how far a shop is.

        Raises:
            SyncError: The database failed.
        """
        return await _to_its_end(self._read_state(shop_id))

    async def _read_state(self, shop_id: str) -> ShopState:
        async with self._transaction() as connection:
            found = await connection.execute(select(STATES).where(STATES.c.shop_id == shop_id))
            row = found.one_or_none()
        return ShopState(shop_id=shop_id) if row is None else _state(row)

    async def write(self, rows: SyncRows, state: ShopState) -> int:
        """
        Store calls and the state after them in one transaction; return how many calls were new or changed.

        A call that the tables have already, unchanged, is not written. A cancelled caller waits until the
        transaction has ended.

        Raises:
            SyncError: The database failed, and nothing was stored.
        """
        return await _to_its_end(self._write(rows, state))

    async def _write(self, rows: SyncRows, state: ShopState) -> int:
        async with self._transaction() as connection:
            changed: list[str] = []
            for batch in _batches(list(rows.calls.values())):
                # The database returns only the ids of the rows that it has written.
                written = await connection.execute(self._upsert_calls(), batch)
                changed += written.scalars()
            for table, parts in ((CALL_TARGETS, rows.targets), (RECORDING_URLS, rows.recordings)):
                for ids in _batches(changed):
                    is_of_call = (table.c.shop_id == state.shop_id) & table.c.call_id.in_(ids)
                    await connection.execute(delete(table).where(is_of_call))
                for batch in _batches([part for key in changed for part in parts[key]]):
                    await connection.execute(insert(table), batch)
            await connection.execute(self._upsert(STATES), _values(state))
        return len(changed)

    async def name_shop(self, shop_id: str, name: str) -> None:
        """
        Set the name of a shop in the calls that were stored before it was known.

        Raises:
            SyncError: The database failed.
        """
        is_unnamed = (CALL_LOGS.c.shop_id == shop_id) & CALL_LOGS.c.shop_name.is_(None)
        await _to_its_end(self._execute(update(CALL_LOGS).where(is_unnamed).values(shop_name=name)))

    async def _execute(self, statement: Update) -> None:
        async with self._transaction() as connection:
            await connection.execute(statement)

    def _upsert(self, table: Table, *, where: Callable[[Any], Any] | None = None) -> Any:
        """Return the statement that inserts rows, or updates those of the same keys if *where* agrees."""
        statement = self._insert(table)
        keys = [column.name for column in table.primary_key]
        others = [column.name for column in table.c if column.name not in keys]
        return statement.on_conflict_do_update(
            index_elements=keys,
            set_={name: statement.excluded[name] for name in others},
            where=None if where is None else where(statement.excluded),
        )

    def _upsert_calls(self) -> Any:
        digest = CALL_LOGS.c.digest
        statement = self._upsert(CALL_LOGS, where=lambda new: digest.is_distinct_from(new.digest))
        return statement.returning(CALL_LOGS.c.id)

    @asynccontextmanager
    async def _transaction(self) -> AsyncGenerator[AsyncConnection]:
        with self._database.errors():
            async with self._turns, self._database.engine.begin() as connection:
                await self._database.check_lock(connection)
                yield connection


async def _to_its_end(work: Coroutine[Any, Any, ResultT]) -> ResultT:
    """Await *work*, also after a cancellation, which is raised then."""
    task = asyncio.create_task(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task])
        raise


def _batches(items: Sequence[ItemT]) -> Iterator[Sequence[ItemT]]:
    return (items[start : start + _BATCH] for start in range(0, len(items), _BATCH))


def _state(row: Row[Any]) -> ShopState:
    return ShopState(
        shop_id=row.shop_id,
        shop_name=row.shop_name,
        synced=None if row.synced_since is None else Span(row.synced_since, row.synced_until),
        unfinished=None if row.open_since is None else Span(row.open_since, row.open_until),
        checkpoint=row.checkpoint,
    )


def _values(state: ShopState) -> dict[str, Any]:
    synced, unfinished = state.synced, state.unfinished
    return {
        "shop_id": state.shop_id,
        "shop_name": state.shop_name,
        "synced_since": synced and synced.begin,
        "synced_until": synced and synced.end,
        "open_since": unfinished and unfinished.begin,
        "open_until": unfinished and unfinished.end,
        "checkpoint": state.checkpoint,
    }
