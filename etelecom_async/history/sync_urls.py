"""Read the URL of the database of a sync: SQLite or PostgreSQL. No error shows a password."""

from __future__ import annotations

import inspect
import re
from importlib import import_module
from typing import Any, Final

from sqlalchemy import event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

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
_TIMEOUT: Final = "timeout"
_OPTIONS: Final = frozenset(("prepared_statement_cache_size", "prepared_statement_name_func"))
"""Options of a URL that SQLAlchemy itself takes for asyncpg."""
_KEEPALIVES: Final = (
    "SET tcp_keepalives_idle = 60; SET tcp_keepalives_interval = 15; SET tcp_keepalives_count = 4"
)
_SCHEME: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:")
"""Begins a URL. The drive of a Windows path has one letter."""
_EXAMPLES: Final = "sqlite:///calls.db or postgresql://user@host/name"


def url_of(given: object) -> URL:
    """
    Return the URL of a database, with the driver that the sync uses.

    Args:
        given: A URL, or the path of a file of SQLite.

    Raises:
        InvalidRequestError: It is neither.
    """
    if not isinstance(given, str) or not given.strip():
        raise wrong(f"database takes a URL, for example {_EXAMPLES}")
    if "://" not in given:
        if _SCHEME.match(given):  # a misspelt URL would become a file whose name shows the password
            raise wrong(f"database is no URL; write it like {_EXAMPLES}, or a path like ./calls.db")
        return URL.create(_DRIVERS[SQLITE], database=given)
    try:
        found = make_url(given)
        _ = found.port
    except (ArgumentError, ValueError):
        found = None
    if found is None:
        raise wrong(f"database is no URL; write it like {_EXAMPLES}")
    if "@" in (found.host or ""):  # a part of the password would be shown as the host
        raise wrong("database has @ in its password: write %40 for @ there, or use PGPASSWORD")
    driver = _DRIVERS.get(found.get_backend_name())
    if driver is None:
        raise wrong(f"database takes SQLite or PostgreSQL, not {found.get_backend_name()}")
    if found.get_backend_name() == SQLITE:
        check_file(found)
    # URLs of other programs name other drivers, for example psycopg2.
    return found.set(drivername=driver)


def check_file(url: URL) -> None:
    """
    Check that a URL of SQLite names a file.

    Raises:
        InvalidRequestError: It names none, or a database in memory.
    """
    name = str(url.database or "")
    if url.host or not name or name == ":memory:" or name.startswith("file:"):
        raise wrong("database takes a file of SQLite, for example sqlite:///calls.db")


def engine_of(url: URL) -> AsyncEngine:
    """
    Return an engine for a URL of `url_of`.

    Raises:
        InvalidRequestError: An option in the URL is wrong.
        SyncError: The driver is not installed.
    """
    is_sqlite = url.get_backend_name() == SQLITE
    if is_sqlite and (unknown := sorted(url.query.keys() - {_TIMEOUT})):
        raise wrong(
            f"database has the option {unknown[0]} after ?, which is none of SQLite: {_TIMEOUT} is one"
        )
    try:
        place, arguments = _with_patience(url) if is_sqlite else _with_options_of_libpq(url)
        # The parameters of a statement are calls of customers, so no error may show them.
        engine = create_async_engine(place, hide_parameters=True, connect_args=arguments)
    except ModuleNotFoundError as error:
        extra = "sync" if is_sqlite else "postgres"
        message = f"{error.name} is not installed: install the extra `{extra}`."
        raise SyncError(message) from None
    except (ArgumentError, TypeError, ValueError):
        engine = None
    if engine is None:
        raise wrong("database has an option after ? with a wrong value")
    event.listen(engine.sync_engine, "connect", _set_up_sqlite if is_sqlite else _set_up_postgresql)
    return engine


def _with_patience(url: URL) -> tuple[URL, dict[str, Any]]:
    """Return a URL of SQLite, and how long to wait for other programs if it does not say so."""
    return url, {} if _TIMEOUT in url.query else {_TIMEOUT: _PATIENCE}


def _with_options_of_libpq(url: URL) -> tuple[URL, dict[str, Any]]:
    """Return a URL of PostgreSQL without the options that asyncpg reads only in a URL, and these as one."""
    asyncpg: Any = import_module("asyncpg")  # it has no types
    known = {*inspect.signature(asyncpg.connect).parameters, *_OPTIONS}
    others = {name: value for name, value in url.query.items() if name not in known}
    if not others:
        return url, {}
    rest = URL.create(POSTGRESQL, query=others)
    return url.difference_update_query(others), {"dsn": rest.render_as_string(hide_password=False)}


def _set_up_sqlite(connection: Any, _record: object) -> None:
    """Let others read the file while a sync writes it."""
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.close()


def _set_up_postgresql(connection: Any, _record: object) -> None:
    """Let the server notice within two minutes that the machine of a sync is lost, and release its locks."""
    # Not with a cursor: it would start a transaction, and the end of that could take the settings back.
    connection.run_async(_keep_alive)


async def _keep_alive(connection: Any) -> None:
    await connection.execute(_KEEPALIVES)


def shown(url: URL) -> str:
    """Return a URL without its password, its options and its driver."""
    plain = url.set(drivername=url.get_backend_name(), query={})
    return plain.render_as_string(hide_password=True)


def wrong(problem: str) -> InvalidRequestError:
    """Return the error about a URL."""
    return InvalidRequestError((problem,))
