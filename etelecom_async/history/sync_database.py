"""Use the database of a sync: let one sync at a time use it, and turn its errors into ours."""

from __future__ import annotations

import errno
import os
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Final, Self

import filelock
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from etelecom_async._core import private_files
from etelecom_async.errors import SyncError
from etelecom_async.history.sync_urls import POSTGRESQL, SQLITE, check_file, engine_of, shown, url_of, wrong

_LOCK: Final = 0x65_74_65_6C_73_79_6E_63
"""Number of the lock in PostgreSQL: the letters `etelsync`."""
_HELD: Final = "55P03"
"""Code of PostgreSQL for a lock that another connection holds."""
_LOCK_SETTINGS: Final = (
    # The server may need a moment to notice that the process of an earlier sync was killed.
    "SET lock_timeout = '2s'",
    # The connection of the lock is idle while the sync reads and writes. No limit of the server may end it.
    # Releases before 14 have no such limit.
    "SELECT set_config(name, '0', false) FROM pg_settings WHERE name = 'idle_session_timeout'",
)


class Database:
    """
    The database of a sync.

    Args:
        engine: An engine of SQLite with a file, or of PostgreSQL.

    Raises:
        InvalidRequestError: The engine is of another database.
    """

    def __init__(self, engine: AsyncEngine) -> None:
        self.engine: Final = engine
        self.is_sqlite: Final = engine.dialect.name == SQLITE
        if not self.is_sqlite and engine.dialect.name != POSTGRESQL:
            raise wrong(f"database takes SQLite or PostgreSQL, not {engine.dialect.name}")
        if self.is_sqlite:
            check_file(engine.url)
        # The one name of the file, because a link would have another lock.
        path = Path(os.path.realpath(engine.url.database or ""))
        self._path: Final = path if self.is_sqlite else None
        self._holder: int | None = None
        """The process of the server of PostgreSQL that holds the lock."""

    @classmethod
    def at(cls, url: str) -> Self:
        """
        Return the database of a URL; a text that is no URL is the path of a file of SQLite.

        Raises:
            InvalidRequestError: The URL cannot be used.
            SyncError: The driver is not installed.
        """
        return cls(engine_of(url_of(url)))

    def __repr__(self) -> str:
        return f"Database({shown(self.engine.url)!r})"

    @contextmanager
    def errors(self) -> Generator[None]:
        """
        Turn the errors of the database into one of the SDK, without the values of a statement.

        Raises:
            SyncError: The database failed.
        """
        try:
            yield
        except (SQLAlchemyError, OSError) as error:
            reason = reason_of(error)
        except Exception as error:
            if not _is_of_driver(error):
                raise
            reason = reason_of(error)
        else:
            return
        raise SyncError(f"the database {shown(self.engine.url)} cannot be used: {reason}.") from None

    @asynccontextmanager
    async def locked(self) -> AsyncGenerator[None]:
        """
        Hold the lock of the database. The system or the server ends it with the process.

        Raises:
            InvalidRequestError: An option in the URL has a wrong value.
            SyncError: Another sync holds it, or the database cannot be used.
        """
        if self._path is not None:
            with self._locked_file(self._path):
                yield
            return
        connection = await self._connect()
        try:
            await self._lock(connection)
            yield
        finally:
            self._holder = None
            await connection.invalidate()  # closes the session, and so its lock
            await connection.close()

    async def _connect(self) -> AsyncConnection:
        with self.errors():
            try:
                return await self.engine.connect()
            except (TypeError, ValueError) as error:
                if _is_of_driver(error):
                    raise
        raise wrong("database has a host, a port or an option after ? that cannot be used")

    @contextmanager
    def _locked_file(self, path: Path) -> Generator[None]:
        lock = filelock.FileLock(f"{path}.lock", timeout=0, mode=private_files.MODE)
        is_held = False
        with self.errors():
            if not path.parent.is_dir():  # the lock would create it, although the path may be misspelt
                raise FileNotFoundError(errno.ENOENT, "its folder does not exist")
            try:
                lock.acquire()
            except filelock.Timeout:
                is_held = True
        if is_held:
            raise self._in_use()
        try:
            with self.errors():
                _create_file(path)
            yield
        finally:
            lock.release()

    async def _lock(self, connection: AsyncConnection) -> None:
        is_held = False
        with self.errors():
            await connection.execution_options(isolation_level="AUTOCOMMIT")
            for statement in _LOCK_SETTINGS:
                await connection.execute(text(statement))
            try:
                await connection.execute(text("SELECT pg_advisory_lock(:number)"), {"number": _LOCK})
            except SQLAlchemyError as error:
                if getattr(getattr(error, "orig", None), "sqlstate", None) != _HELD:
                    raise
                is_held = True
            else:
                self._holder = await connection.scalar(text("SELECT pg_backend_pid()"))
        if is_held:
            raise self._in_use()

    async def check_lock(self, connection: AsyncConnection) -> None:
        """
        Check that PostgreSQL still has the lock. A server, or a proxy before it, may end a connection.

        Args:
            connection: A connection within a transaction.

        Raises:
            SyncError: The lock is lost, so another sync may run.
        """
        if self._holder is None:
            return
        wanted = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted AND pid = :pid"
        if not await connection.scalar(text(wanted), {"pid": self._holder}):
            raise SyncError(f"the connection with the lock of {shown(self.engine.url)} was closed.")

    def _in_use(self) -> SyncError:
        return SyncError(f"another sync uses the database {shown(self.engine.url)}: wait until it ends.")

    async def close(self) -> None:
        """Close the connections."""
        await self.engine.dispose()


def _is_of_driver(error: Exception) -> bool:
    """Return whether an error is one of asyncpg: it raises errors of its own while it connects."""
    return type(error).__module__.startswith("asyncpg")


def _create_file(path: Path) -> None:
    """Create the file for its owner only, if it does not exist."""
    # Opening and closing a file of SQLite would release the locks that this process has on it. So a file that
    # exists is not opened.
    if not path.exists():
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, private_files.MODE))


def reason_of(error: BaseException) -> str:
    """Return why the database failed, without the values of a statement."""
    cause = getattr(error, "orig", None) or error
    if isinstance(cause, OSError) and cause.strerror:
        return cause.strerror
    if isinstance(cause, TimeoutError):
        return "it did not respond in time"
    lines = str(cause).strip().splitlines()  # PostgreSQL writes values into further lines
    return lines[0].rpartition(">: ")[2].rstrip(".") if lines else type(cause).__name__
