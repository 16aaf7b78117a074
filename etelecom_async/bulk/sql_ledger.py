"""
A ledger in your own database, by SQLAlchemy (the extra `sync`).

The table can also be an outbox: your app queues the key of a message in the transaction that stores the
invoice. So the message is sent exactly if the invoice was stored.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any, Final, cast

import attrs
from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    CursorResult,
    DateTime,
    Executable,
    Index,
    MetaData,
    String,
    Table,
    and_,
    delete,
    insert,
    inspect,
    select,
    update,
)
from sqlalchemy.dialects import mysql, postgresql
from sqlalchemy.exc import IntegrityError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession

from etelecom_async.bulk.ledger import (
    MOST_CHARACTERS,
    Claim,
    ClaimState,
    Entry,
    KeyState,
    LedgerKey,
    check_owner,
    claim_of,
)
from etelecom_async.errors import LedgerError

_MOST_CONNECTIONS: Final = 5
"""Connections that a ledger uses at a time; it is the usual size of a pool."""


def _text(name: str, *, is_key: bool = False) -> Column[str]:
    # MySQL's default order ignores case and accents, and would take two keys for one.
    exact = mysql.VARCHAR(MOST_CHARACTERS, charset="utf8mb4", collation="utf8mb4_bin")
    kind = String(MOST_CHARACTERS).with_variant(exact, "mysql", "mariadb")
    return Column(name, kind, primary_key=is_key, nullable=False)


def sent_table(metadata: MetaData | None = None, *, name: str = "etelecom_sent") -> Table:
    """
    Return the table of a ledger; with your own *metadata*, your migrations create it.

    Its primary key is the key of a message: account, official account, tracking id. So the database itself
    refuses a second claim.
    """
    return Table(
        name,
        MetaData() if metadata is None else metadata,
        _text("account", is_key=True),
        _text("oa_id", is_key=True),
        _text("tracking_id", is_key=True),
        _text("state"),
        _text("owner"),
        Column("changed_at", DateTime(timezone=True), nullable=False),
        Index(f"{name}_by_state", "state", "changed_at"),
    )


class SqlLedger:
    """
    A ledger in a table of your own database.

    Each change is one statement in a transaction of its own. It is as durable as the database makes its
    transactions: do not turn `synchronous_commit` of PostgreSQL off. Tested with PostgreSQL and SQLite.

    Args:
        engine: The engine of the database. It must write to the primary server, not to a replica.
        table: The table, as `sent_table` returns it. Default: a table `etelecom_sent`.
    """

    def __init__(self, engine: AsyncEngine, *, table: Table | None = None) -> None:
        self.table: Final = sent_table() if table is None else table
        # So a statement commits at once, and no isolation level hides what others have committed.
        self._engine: Final = engine.execution_options(isolation_level="AUTOCOMMIT")
        # SQLite has one writer: connections that wait for each other get their turns by chance, and late. In
        # other databases the ledger leaves connections of the pool to the app.
        connections = 1 if engine.dialect.name == "sqlite" else _MOST_CONNECTIONS
        self._turns: Final = asyncio.Semaphore(connections)

    async def create_table(self) -> None:
        """
        Create the table, if the database does not have it.

        Raises:
            LedgerError: The database refuses it, or cannot be reached.
        """
        async with self._connected() as connection:
            try:
                await connection.run_sync(self.table.create, checkfirst=True)
            except SQLAlchemyError:  # another process may just have created it
                if not await connection.run_sync(_has_table, self.table):
                    raise

    async def enqueue(self, connection: AsyncConnection | AsyncSession, key: LedgerKey) -> bool:
        """
        Queue a key in your own transaction; return whether it is new.

        The key appears for senders when you commit, and never if you roll back. A key that was claimed or
        sent before stays as it is.

        Args:
            connection: Your connection or session. The method does not commit.
            key: The key of the message. Your own tables hold the message itself.

        Raises:
            sqlalchemy.exc.SQLAlchemyError: The database failed; roll back.
        """
        dialect = (
            connection.get_bind().dialect if isinstance(connection, AsyncSession) else connection.dialect
        )
        values = _values(Entry(key=key, state=KeyState.QUEUED, owner="", changed_at=datetime.now(UTC)))
        return await self._insert(connection, dialect.name, values)

    async def claim(self, key: LedgerKey, owner: str) -> Claim:
        """
        Claim a key, if it is free or queued; return what was found.

        Raises:
            LedgerError: The database failed; the key is not claimed, or this owner has it.
        """
        check_owner(owner)
        table = self.table
        entry = Entry(key=key, state=KeyState.CLAIMED, owner=owner, changed_at=datetime.now(UTC))
        values = _values(entry)
        changed = {name: values[name] for name in ("state", "owner", "changed_at")}
        is_queued = and_(self._is(key), table.c.state == KeyState.QUEUED)
        async with self._connected() as connection:
            while True:
                if await self._insert(connection, connection.dialect.name, values):
                    return Claim(ClaimState.NEW, entry)
                if await _changes(connection, update(table).where(is_queued).values(changed)):
                    return Claim(ClaimState.NEW, entry)
                row = (await connection.execute(select(table).where(self._is(key)))).one_or_none()
                # Between two statements another sender may free the key, and an app may queue it again.
                if row is not None and row.state != KeyState.QUEUED:
                    return claim_of(_entry(row), owner)

    async def accepted(self, key: LedgerKey, owner: str) -> None:
        """
        Record that the message was sent. The key is held for ever, even if the delivery fails later.

        Raises:
            LedgerError: The database failed.
        """
        check_owner(owner)
        entry = Entry(key=key, state=KeyState.ACCEPTED, owner=owner, changed_at=datetime.now(UTC))
        values = _values(entry)
        changed = {"state": KeyState.ACCEPTED.value, "changed_at": entry.changed_at}
        async with self._connected() as connection:
            while not await _changes(connection, update(self.table).where(self._is(key)).values(changed)):
                if await self._insert(connection, connection.dialect.name, values):
                    return

    async def release(self, key: LedgerKey, owner: str) -> bool:
        """
        Free a key that this owner claimed; return whether it did. An accepted key stays.

        Raises:
            LedgerError: The database failed.
        """
        check_owner(owner)
        table = self.table
        is_free = and_(self._is(key), table.c.owner == owner, table.c.state != KeyState.ACCEPTED)
        async with self._connected() as connection:
            return await _changes(connection, delete(table).where(is_free))

    async def requeue(self, key: LedgerKey, owner: str) -> bool:
        """
        Put a key that this owner claimed back into the queue; return whether it did.

        Use it if the message was certainly not sent, and can be sent later as it is: `frees_key(error)` is
        true, and the service was busy. It is one statement, so a kill cannot lose the key between a `release`
        and an `enqueue`. A key whose outcome is unknown stays, and so does an accepted one.

        Raises:
            LedgerError: The database failed.
        """
        check_owner(owner)
        table = self.table
        is_ours = and_(self._is(key), table.c.owner == owner, table.c.state == KeyState.CLAIMED)
        changed = {"state": KeyState.QUEUED.value, "owner": "", "changed_at": datetime.now(UTC)}
        async with self._connected() as connection:
            return await _changes(connection, update(table).where(is_ours).values(changed))

    async def unknown(self, key: LedgerKey, owner: str) -> None:
        """
        Record that this owner could not find out whether the message was sent.

        Raises:
            LedgerError: The database failed.
        """
        check_owner(owner)
        table = self.table
        is_ours = and_(self._is(key), table.c.owner == owner, table.c.state == KeyState.CLAIMED)
        changed = {"state": KeyState.UNKNOWN.value, "changed_at": datetime.now(UTC)}
        async with self._connected() as connection:
            await _changes(connection, update(table).where(is_ours).values(changed))

    async def entries(
        self, state: KeyState, *, before: datetime | None = None, limit: int = 1000
    ) -> list[Entry]:
        """
        Return keys in a state, the oldest first.

        Args:
            state: For example `KeyState.QUEUED`: the messages to send.
            before: Only keys whose state changed before this time.
            limit: The most keys.

        Raises:
            LedgerError: The database failed.
        """
        table = self.table
        wanted = select(table).where(table.c.state == state).order_by(table.c.changed_at).limit(limit)
        if before is not None:
            wanted = wanted.where(table.c.changed_at < before.astimezone(UTC))
        async with self._connected() as connection:
            return [_entry(row) for row in await connection.execute(wanted)]

    def __repr__(self) -> str:
        return f"SqlLedger({self.table.name!r})"

    @asynccontextmanager
    async def _connected(self) -> AsyncGenerator[AsyncConnection]:
        """Lend a connection, and turn errors of the database into those of a ledger."""
        try:
            async with self._turns, self._engine.connect() as connection:
                yield connection
        except (SQLAlchemyError, OSError) as error:  # drivers raise OSError when they cannot connect
            cause = getattr(error, "orig", None) or error
            raise LedgerError(f"the table {self.table.name} cannot be used: {cause}.") from error

    def _is(self, key: LedgerKey) -> ColumnElement[bool]:
        columns = self.table.c
        return and_(
            columns.account == key.account,
            columns.oa_id == key.oa_id,
            columns.tracking_id == key.tracking_id,
        )

    async def _insert(
        self, connection: AsyncConnection | AsyncSession, dialect: str, values: dict[str, Any]
    ) -> bool:
        """Insert a row; return whether its key is new. A conflict must not end a transaction."""
        if dialect == "postgresql":  # an error would end it
            statement = postgresql.insert(self.table).values(values).on_conflict_do_nothing()
            return await _changes(connection, statement)
        try:
            return await _changes(connection, insert(self.table).values(values))
        except IntegrityError:
            return False


async def _changes(connection: AsyncConnection | AsyncSession, statement: Executable) -> bool:
    """Execute a statement; return whether it changed a row."""
    result = await connection.execute(statement)
    return cast("CursorResult[Any]", result).rowcount == 1


def _has_table(connection: Connection, table: Table) -> bool:
    return inspect(connection).has_table(table.name, schema=table.schema)


def _values(entry: Entry) -> dict[str, Any]:
    return {
        **attrs.asdict(entry.key),
        "state": entry.state.value,
        "owner": entry.owner,
        "changed_at": entry.changed_at,
    }


def _entry(row: Any) -> Entry:
    # SQLite drops the offset; the stored times are UTC.
    changed_at = row.changed_at if row.changed_at.tzinfo else row.changed_at.replace(tzinfo=UTC)
    return Entry(
        key=LedgerKey(account=row.account, oa_id=row.oa_id, tracking_id=row.tracking_id),
        state=KeyState(row.state),
        owner=row.owner,
        changed_at=changed_at.astimezone(UTC),
    )
