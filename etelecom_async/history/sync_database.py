"""Open the database of a sync, and let one sync at a time use it: SQLite or PostgreSQL."""

from __future__ import annotations

import errno
import os
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any, Final, Self

import filelock
from sqlalchemy import event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from etelecom_async._core import private_files
from etelecom_async.errors import InvalidRequestError, SyncError

SQLITE: Final = "sqlite"
POSTGRESQL: Final = "postgresql"
_DRIVERS: Final = {
    SQLITE: "sqlite+aiosqlite",
    POSTGRESQL: "postgresql+asyncpg",
    "postgres": "postgresql+asyncpg",
}
_PATIENCE: Final = 60
"""Seconds that a change of SQLite waits for other programs that use the file."""
_LOCK: Final = 0x65_74_65_6C_73_79_6E_63
"""Number of the lock in PostgreSQL: the letters `etelsync`."""
_NO_FILE: Final = "database takes a file of SQLite, for example sqlite:///calls.db"
_HELD: Final = "55P03"
"""Code of PostgreSQL for a lock that another connection holds."""


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
            raise _wrong(f"database takes SQLite or PostgreSQL, not {engine.dialect.name}")
        if self.is_sqlite and not _names_file(engine.url):
            raise _wrong(_NO_FILE)
        # The one name of the file, because a link would have another lock.
        path = Path(os.path.realpath(engine.url.database or ""))
        self._path: Final = path if self.is_sqlite else None

    @classmethod
    def at(cls, url: str) -> Self:
        """
        Return the database of a URL; a text that is no URL is the path of a file of SQLite.

        Raises:
            InvalidRequestError: The URL cannot be used.
            SyncError: The driver is not installed.
        """
        place = _url(url)
        options: dict[str, Any] = {"connect_args": {"timeout": _PATIENCE}} if _is_sqlite(place) else {}
        try:
            # The parameters of a statement are calls of customers, so no error may show them.
            engine = create_async_engine(place, hide_parameters=True, **options)
        except ModuleNotFoundError as error:
            message = (
                f"{error.name} is not installed: install the extra `sync`, or `postgres` for PostgreSQL."
            )
            raise SyncError(message) from None
        if _is_sqlite(place):
            event.listen(engine.sync_engine, "connect", _set_up)
        return cls(engine)

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
            # Its driver raises errors of its own while it connects.
            if not type(error).__module__.startswith("asyncpg"):
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
            SyncError: Another sync holds it, or the database cannot be used.
        """
        if self._path is not None:
            with self._locked_file(self._path):
                yield
            return
        with self.errors():
            connection = await self.engine.connect()
        try:
            await self._lock(connection)
            yield
        finally:
            await connection.invalidate()  # closes the session, and so its lock
            await connection.close()

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
                os.close(os.open(path, os.O_RDWR | os.O_CREAT, private_files.MODE))
            yield
        finally:
            lock.release()

    async def _lock(self, connection: AsyncConnection) -> None:
        is_held = False
        with self.errors():
            await connection.execution_options(isolation_level="AUTOCOMMIT")
            # The server may need a moment to notice that the process of an earlier sync was killed.
            await connection.execute(text("SET lock_timeout = '5s'"))
            try:
                await connection.execute(text("SELECT pg_advisory_lock(:number)"), {"number": _LOCK})
            except SQLAlchemyError as error:
                if getattr(getattr(error, "orig", None), "sqlstate", None) != _HELD:
                    raise
                is_held = True
        if is_held:
            raise self._in_use()

    def _in_use(self) -> SyncError:
        return SyncError(f"another sync uses the database {shown(self.engine.url)}: wait until it ends.")

    async def close(self) -> None:
        """Close the connections."""
        await self.engine.dispose()


def shown(url: URL) -> str:
    """Return a URL without its password, its options and its driver."""
    plain = url.set(drivername=url.get_backend_name(), query={})
    return plain.render_as_string(hide_password=True)


def reason_of(error: BaseException) -> str:
    """Return why the database failed, without the values of a statement."""
    cause = getattr(error, "orig", None) or error
    if isinstance(cause, OSError) and cause.strerror:
        return cause.strerror
    lines = str(cause).strip().splitlines()  # PostgreSQL writes values into further lines
    return lines[0].rpartition(">: ")[2].rstrip(".") if lines else type(cause).__name__


def _url(given: object) -> URL:
    if not isinstance(given, str) or not given.strip():
        raise _wrong("database takes a URL, for example sqlite:///calls.db or postgresql://host/name")
    if "://" not in given:
        return URL.create(_DRIVERS[SQLITE], database=given)
    try:
        found = make_url(given)
    except (ArgumentError, ValueError):
        found = None
    if found is None:
        raise _wrong("database is no URL; write it like sqlite:///calls.db or postgresql://user@host/name")
    if _is_sqlite(found) and not _names_file(found):
        raise _wrong(_NO_FILE)
    if found.get_backend_name() not in _DRIVERS:
        raise _wrong(f"database takes SQLite or PostgreSQL, not {found.get_backend_name()}")
    return found.set(drivername=_DRIVERS.get(found.drivername, found.drivername))


def _names_file(url: URL) -> bool:
    name = url.database
    return bool(name) and name != ":memory:" and not str(name).startswith("file:")


def _is_sqlite(url: URL) -> bool:
    return url.get_backend_name() == SQLITE


def _set_up(connection: Any, _record: object) -> None:
    """Let others read the file while a sync writes it."""
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.close()


def _wrong(problem: str) -> InvalidRequestError:
    return InvalidRequestError((problem,))
