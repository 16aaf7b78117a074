"""A ledger in the user's own database: the outbox, and its table. See also test_ledger.py."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator

import pytest
from sqlalchemy import Column, Integer, MetaData, Table, insert, select
from sqlalchemy.dialects import mysql
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.pool import NullPool
from sqlalchemy.schema import CreateTable

from etelecom_async.bulk.ledger import ClaimState, KeyState, LedgerKey
from etelecom_async.bulk.sql_ledger import SqlLedger, sent_table
from etelecom_async.errors import LedgerError

KEY = LedgerKey(account="12414", oa_id="411", tracking_id="HD-1")
OTHER = LedgerKey(account="12414", oa_id="411", tracking_id="HD-2")

# The app's own tables; its migrations create the ledger's table with them.
METADATA = MetaData()
INVOICES = Table("invoice", METADATA, Column("number", Integer, primary_key=True))
SENT = sent_table(METADATA, name="sent_by_app")


@pytest.fixture
async def engine(database: str) -> AsyncIterator[AsyncEngine]:
    """An engine of a database of each kind, with the app's tables."""
    engine = create_async_engine(database)
    async with engine.begin() as connection:
        await connection.run_sync(METADATA.create_all)
    yield engine
    async with engine.begin() as connection:
        await connection.run_sync(METADATA.drop_all)
    await engine.dispose()


@pytest.fixture
def ledger(engine: AsyncEngine) -> SqlLedger:
    """A ledger in the app's own metadata."""
    return SqlLedger(engine, table=SENT)


async def test_outbox(engine: AsyncEngine, ledger: SqlLedger) -> None:
    """A key is queued exactly if the app's transaction is committed; then one sender gets it."""
    async with engine.connect() as connection:
        await connection.execute(insert(INVOICES).values(number=1))
        assert await ledger.enqueue(connection, KEY)
        await connection.rollback()
    assert await ledger.entries(KeyState.QUEUED) == []

    async with engine.begin() as connection:
        await connection.execute(insert(INVOICES).values(number=1))
        assert await ledger.enqueue(connection, KEY)
    (queued,) = await ledger.entries(KeyState.QUEUED)
    assert (queued.key, queued.owner) == (KEY, "")

    claims = await asyncio.gather(*(ledger.claim(KEY, f"worker {number}") for number in range(5)))
    assert sorted(claim.state for claim in claims) == ["held"] * 4 + ["new"]
    (owner,) = {claim.entry.owner for claim in claims}
    assert claims[int(owner[-1])].state is ClaimState.NEW
    assert await ledger.entries(KeyState.QUEUED) == []


@pytest.mark.parametrize("state", KeyState)
async def test_key_that_is_there(engine: AsyncEngine, ledger: SqlLedger, state: KeyState) -> None:
    """A key is queued once; the app's transaction goes on, and the state of the key stays."""
    if state is KeyState.QUEUED:
        async with engine.begin() as connection:
            await ledger.enqueue(connection, KEY)
    else:
        await ledger.claim(KEY, "job")
        if state is KeyState.UNKNOWN:
            await ledger.unknown(KEY, "job")
        elif state is KeyState.ACCEPTED:
            await ledger.accepted(KEY, "job")
    before = await ledger.entries(state)

    async with AsyncSession(engine) as session, session.begin():
        await session.execute(insert(INVOICES).values(number=1))
        assert not await ledger.enqueue(session, KEY)
        assert await ledger.enqueue(session, OTHER)
        await session.execute(insert(INVOICES).values(number=2))

    assert KEY in [entry.key for entry in await ledger.entries(state)]
    assert [entry for entry in await ledger.entries(state) if entry.key == KEY] == before
    async with engine.connect() as connection:
        assert len((await connection.execute(select(INVOICES))).all()) == 2


async def test_queued_key_is_not_free_twice(engine: AsyncEngine, ledger: SqlLedger) -> None:
    """A refused message frees its key, and the app can queue it again after a correction."""
    for owner in ("worker 1", "worker 2"):
        async with engine.begin() as connection:
            assert await ledger.enqueue(connection, KEY)
        claim = await ledger.claim(KEY, owner)
        assert (claim.state, claim.entry.state, claim.entry.owner) == ("new", "claimed", owner)
        assert await ledger.release(KEY, owner)
    assert (await ledger.claim(KEY, "worker 3")).state is ClaimState.NEW


async def test_release_of_a_queued_key(engine: AsyncEngine, ledger: SqlLedger) -> None:
    """A sender that did not claim a queued key cannot remove it from the outbox."""
    async with engine.begin() as connection:
        await ledger.enqueue(connection, KEY)
    assert not await ledger.release(KEY, "worker")
    await ledger.unknown(KEY, "worker")
    assert [entry.key for entry in await ledger.entries(KeyState.QUEUED)] == [KEY]


async def test_claim_waits_for_the_app(database: str, engine: AsyncEngine) -> None:
    """A claim during the app's transaction sees a key that is committed, and none that is rolled back."""
    if database.startswith("sqlite"):
        pytest.skip("a transaction of SQLite that writes holds the whole database")
    ledger = SqlLedger(engine, table=SENT)
    for ends, expected in (("rollback", "new"), ("commit", "new")):
        async with engine.connect() as connection:
            await ledger.enqueue(connection, KEY)
            claim = asyncio.create_task(ledger.claim(KEY, ends))
            waits = "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
            async with engine.connect() as watcher:
                while not (await watcher.exec_driver_sql(waits)).all():
                    await watcher.rollback()
            await getattr(connection, ends)()
            assert (await claim).state == expected
        assert await ledger.release(KEY, ends)


async def test_isolation_of_the_app(database: str, engine: AsyncEngine) -> None:
    """An app whose engine has the level SERIALIZABLE gets the same claims, without errors."""
    strict = create_async_engine(database, isolation_level="SERIALIZABLE", poolclass=NullPool)
    first, second = SqlLedger(strict, table=SENT), SqlLedger(engine, table=SENT)
    claims = await asyncio.gather(*(each.claim(KEY, "job") for each in [first, second] * 5))
    assert sorted(claim.state for claim in claims) == ["new", *["ours"] * 9]


async def test_create_table(database: str) -> None:
    """Several processes may create the table at once, and again later."""
    engines = [create_async_engine(database, poolclass=NullPool) for _ in range(4)]
    ledgers = [SqlLedger(engine) for engine in engines]
    for _ in range(2):
        await asyncio.gather(*(ledger.create_table() for ledger in ledgers))
    assert (await ledgers[0].claim(KEY, "job")).state is ClaimState.NEW
    assert repr(ledgers[0]) == "SqlLedger('etelecom_sent')"
    async with engines[0].begin() as connection:
        await connection.run_sync(ledgers[0].table.drop)


async def test_missing_table(database: str) -> None:
    """Without the table each method fails with an error that names it; nothing is claimed."""
    ledger = SqlLedger(create_async_engine(database, poolclass=NullPool), table=sent_table(name="absent"))
    for use in (
        ledger.claim(KEY, "job"),
        ledger.accepted(KEY, "job"),
        ledger.release(KEY, "job"),
        ledger.unknown(KEY, "job"),
        ledger.requeue(KEY, "job"),
        ledger.entries(KeyState.QUEUED),
    ):
        with pytest.raises(LedgerError, match=r"the table absent cannot be used: .*absent"):
            await use


@pytest.mark.parametrize(
    "url",
    ["sqlite+aiosqlite:////absent/app.db", "postgresql+asyncpg:///app?host=/absent&user=app"],
    ids=["sqlite", "postgresql"],
)
async def test_database_that_cannot_be_reached(url: str) -> None:
    """A database that cannot be reached is an error of the ledger, also while it creates its table."""
    if url.startswith("postgresql"):
        pytest.importorskip("asyncpg")
    ledger = SqlLedger(create_async_engine(url, poolclass=NullPool))
    for use in (ledger.claim(KEY, "job"), ledger.create_table()):
        with pytest.raises(LedgerError, match="the table etelecom_sent cannot be used: "):
            await use
    # After a failure, the thread of aiosqlite still reports to this event loop.
    for thread in threading.enumerate():
        if "_connection_worker_thread" in thread.name:
            await asyncio.to_thread(thread.join)


def test_table_of_mysql() -> None:
    """MySQL would take keys for equal that differ only in case; the table asks for an exact comparison."""
    statement = str(CreateTable(sent_table()).compile(dialect=mysql.dialect()))
    assert statement.count("VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL") == 5
    assert "PRIMARY KEY (account, oa_id, tracking_id)" in statement


@pytest.mark.parametrize("state", [KeyState.QUEUED, KeyState.CLAIMED, KeyState.UNKNOWN, KeyState.ACCEPTED])
async def test_requeue(engine: AsyncEngine, ledger: SqlLedger, state: KeyState) -> None:
    """Only a claimed key of this owner goes back into the queue, where any sender gets it."""
    async with engine.begin() as connection:
        await ledger.enqueue(connection, KEY)
    if state is not KeyState.QUEUED:
        await ledger.claim(KEY, "worker 1")
    if state is KeyState.UNKNOWN:
        await ledger.unknown(KEY, "worker 1")
    elif state is KeyState.ACCEPTED:
        await ledger.accepted(KEY, "worker 1")
    assert not await ledger.requeue(KEY, "worker 2")
    assert not await ledger.requeue(OTHER, "worker 1")
    is_back = await ledger.requeue(KEY, "worker 1")
    assert is_back == (state is KeyState.CLAIMED)
    (entry,) = await ledger.entries(KeyState.QUEUED if is_back else state)
    assert entry.key == KEY
    if is_back:
        assert entry.owner == ""
        assert (await ledger.claim(KEY, "worker 2")).state is ClaimState.NEW
        assert not await ledger.requeue(KEY, "worker 1")
