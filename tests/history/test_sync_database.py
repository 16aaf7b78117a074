"""The database of a sync: its errors and its lock."""

from __future__ import annotations

import asyncio
import sqlite3
import stat
import subprocess
import sys
import threading
import traceback
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from etelecom_async.errors import InvalidRequestError, SyncError
from etelecom_async.history import sync_database
from etelecom_async.history.sync_database import Database
from etelecom_async.history.sync_store import Store

PHONE = "0912345678"
WRITE = """
import sqlite3, sys
sqlite3.connect(sys.argv[1], timeout=0).execute("INSERT INTO a VALUES (1)")
"""
UNREACHABLE = "postgresql://an:geheim@/calls?host=/absent"


async def lock(url: str) -> None:
    """Hold the lock of a database for a moment."""
    database = Database.at(url)
    try:
        async with database.locked():
            pass
    finally:
        await database.close()


def names_in(folder: Path) -> list[str]:
    """Return the names in a folder."""
    return sorted(path.name for path in folder.iterdir())


def join_threads() -> None:
    """Wait for the threads of aiosqlite, which still report to the event loop after a failure."""
    for thread in threading.enumerate():
        if "_connection_worker_thread" in thread.name:
            thread.join()


def test_engines_of_other_databases() -> None:
    """An engine of a database in memory is refused, too."""
    with pytest.raises(InvalidRequestError, match="takes a file of SQLite"):
        Database(create_async_engine("sqlite+aiosqlite://"))


async def test_one_sync_at_a_time(calls_database: str) -> None:
    """Another sync of the same database is refused while one runs, and can run after it."""
    first = Database.at(calls_database)
    async with first.locked():
        with pytest.raises(SyncError, match="another sync uses the database"):
            await lock(calls_database)
    await first.close()
    await lock(calls_database)


@pytest.mark.skipif(sys.platform == "win32", reason="links need a right on Windows")
async def test_lock_of_a_link(tmp_path: Path) -> None:
    """A link to a file of SQLite has the lock of the file."""
    (tmp_path / "link.db").symlink_to(tmp_path / "calls.db")
    database = Database.at(str(tmp_path / "calls.db"))
    async with database.locked():
        with pytest.raises(SyncError, match="another sync uses the database"):
            await lock(str(tmp_path / "link.db"))
    await database.close()


async def test_lock_that_is_lost(postgresql: str) -> None:
    """If the server ends the connection with the lock, the sync writes no more: another one may run."""
    database, other = Database.at(postgresql), Database.at(postgresql)
    ended = "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'"
    async with database.locked():
        async with other.engine.connect() as connection:
            await connection.execute(text(ended))
        with pytest.raises(SyncError, match=r"connection with the lock .* was closed"):
            await Store(database).create_tables()
    await database.close()
    await other.close()
    await lock(postgresql)


async def test_locks_of_this_process(tmp_path: Path) -> None:
    """The lock of a sync keeps the locks on the file that this process has: closing the file ends them."""
    file = tmp_path / "calls.db"
    database = Database.at(str(file))
    with closing(sqlite3.connect(file, isolation_level=None)) as own:
        own.execute("CREATE TABLE a (b)")
        own.execute("BEGIN EXCLUSIVE")
        async with database.locked():
            command = [sys.executable, "-c", WRITE, str(file)]
            done = await asyncio.to_thread(subprocess.run, command, capture_output=True, check=False)
    assert b"database is locked" in done.stderr
    await database.close()


async def test_lock_of_a_sync_that_failed(calls_database: str) -> None:
    """A sync that fails releases the lock."""
    first = Database.at(calls_database)
    with pytest.raises(ZeroDivisionError):
        async with first.locked():
            raise ZeroDivisionError
    await lock(calls_database)
    await first.close()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has other permissions")
async def test_permissions(tmp_path: Path) -> None:
    """A new file of SQLite can be read by its owner only, because it has phone numbers."""
    await lock(str(tmp_path / "calls.db"))
    assert stat.S_IMODE((tmp_path / "calls.db").stat().st_mode) == 0o600


async def test_readers_are_not_blocked(tmp_path: Path) -> None:
    """While a sync writes into SQLite, other programs read what was there before."""
    database = Database.at(str(tmp_path / "calls.db"))
    async with database.engine.begin() as writer:
        await writer.execute(text("CREATE TABLE a (b)"))
    async with database.engine.begin() as writer, database.engine.connect() as reader:
        await writer.execute(text("INSERT INTO a VALUES (1)"))
        assert (await reader.execute(text("SELECT * FROM a"))).all() == []
    await database.close()


async def test_folder_that_does_not_exist(tmp_path: Path) -> None:
    """A misspelt folder is an error, and is not created."""
    with pytest.raises(SyncError, match="cannot be used: its folder does not exist"):
        await lock(str(tmp_path / "absent" / "calls.db"))
    assert names_in(tmp_path) == []


async def test_server_that_cannot_be_reached() -> None:
    """A server that cannot be reached is an error of the SDK without the password."""
    pytest.importorskip("asyncpg")
    with pytest.raises(SyncError, match=r"postgresql://an:\*\*\*@/calls cannot be used: ") as caught:
        await lock(UNREACHABLE)
    assert "geheim" not in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize(
    ("options", "error", "problem"),
    [
        ("timeout=geheim", InvalidRequestError, "an option after [?] that cannot be used"),
        ("sslmode=geheim", SyncError, "cannot be used: `sslmode` parameter must be one of"),
        ("foo=geheim", SyncError, 'cannot be used: unrecognized configuration parameter "foo"'),
    ],
)
async def test_options_of_urls(postgresql: str, options: str, error: type[Exception], problem: str) -> None:
    """An option of a URL that is wrong is an error that names it, and not its value."""
    with pytest.raises(error, match=problem) as caught:
        await lock(f"{postgresql}&{options}")
    assert "geheim" not in "".join(traceback.format_exception(caught.value))


async def test_options_of_libpq(postgresql: str) -> None:
    """The options of other programs for PostgreSQL work, too."""
    database = Database.at(f"{postgresql}&sslmode=disable&application_name=nightly")
    async with database.engine.connect() as connection:
        assert await connection.scalar(text("SHOW application_name")) == "nightly"
    await database.close()


async def test_database_that_does_not_exist(postgresql: str) -> None:
    """A database that the server does not have is an error of the SDK, too."""
    with pytest.raises(SyncError, match='cannot be used: database "absent" does not exist'):
        await lock(postgresql.replace("/postgres?", "/absent?"))


async def test_file_that_is_no_database(tmp_path: Path) -> None:
    """A file of another program stays as it is."""
    file = tmp_path / "calls.db"
    file.write_text("no database, but a text that is long enough " * 40)
    before = file.read_bytes()
    database = Database.at(str(file))
    with pytest.raises(SyncError, match="cannot be used: file is not a database"), database.errors():
        await database.engine.connect()
    await database.close()
    await asyncio.to_thread(join_threads)
    assert file.read_bytes() == before


async def insert_twice(database: Database, phone: str) -> None:
    """Insert a key that the table has already."""
    with database.errors():
        async with database.engine.begin() as connection:
            await connection.execute(text("CREATE TABLE people (phone varchar(20) PRIMARY KEY)"))
            for _ in range(2):
                await connection.execute(text("INSERT INTO people VALUES (:phone)"), {"phone": phone})


async def test_errors_show_no_values(calls_database: str) -> None:
    """An error of a statement names its reason, and no value: values are calls of customers."""
    database = Database.at(calls_database)
    with pytest.raises(SyncError) as caught:
        await insert_twice(database, PHONE)
    assert PHONE not in "".join(traceback.format_exception(caught.value))
    assert sync_database.reason_of(ValueError()) == "ValueError"
    assert sync_database.reason_of(TimeoutError()) == "it did not respond in time"
    async with database.engine.begin() as connection:
        await connection.execute(text("DROP TABLE IF EXISTS people"))
    await database.close()


async def test_other_errors_stay(tmp_path: Path) -> None:
    """An error that is not of the database keeps its class."""
    database = Database.at(str(tmp_path / "calls.db"))
    with pytest.raises(ZeroDivisionError), database.errors():
        raise ZeroDivisionError
    assert repr(database).endswith("calls.db')")
