"""The URLs of the database of a sync: which are taken, and what errors show of them."""

from __future__ import annotations

import sys
import traceback

import pytest
from sqlalchemy.engine import make_url

from etelecom_async.errors import InvalidRequestError, SyncError
from etelecom_async.history.sync_urls import engine_of, shown, url_of


@pytest.mark.parametrize(
    ("given", "drivername"),
    [
        ("calls.db", "sqlite+aiosqlite"),
        ("/data/calls.db", "sqlite+aiosqlite"),
        ("sqlite:///calls.db", "sqlite+aiosqlite"),
        ("sqlite+aiosqlite:///calls.db", "sqlite+aiosqlite"),
        ("postgresql://an@db/calls", "postgresql+asyncpg"),
        ("postgres://an@db/calls", "postgresql+asyncpg"),
        ("postgresql+asyncpg://an@db/calls", "postgresql+asyncpg"),
        ("postgresql+psycopg2://an@db/calls", "postgresql+asyncpg"),
        ("C:\\data\\calls.db", "sqlite+aiosqlite"),
        ("./a:b.db", "sqlite+aiosqlite"),
    ],
)
def test_urls(given: str, drivername: str) -> None:
    """A path is a file of SQLite, and usual URLs get the drivers that the sync uses."""
    assert url_of(given).drivername == drivername


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ("", "takes a URL"),
        (" ", "takes a URL"),
        ("sqlite://", "takes a file of SQLite"),
        ("sqlite:///:memory:", "takes a file of SQLite"),
        ("sqlite:///file:a?mode=memory&uri=true", "takes a file of SQLite"),
        ("mysql://an:geheim@db/calls", "SQLite or PostgreSQL, not mysql"),
        ("x://an:geheim@db/calls", "SQLite or PostgreSQL, not x"),
        ("postgresql://an:geheim@db:port/calls", "is no URL"),
        ("postgresql:an:geheim@db/calls", "is no URL"),
        ("postgresql:/an:geheim@db/calls", "is no URL"),
        ("an:geheim@db/calls", "is no URL"),
        ("postgresql://an:ge@heim@db/calls", "write %40 for @"),
        ("sqlite://calls.db", "takes a file of SQLite"),
    ],
)
def test_wrong_urls(given: str, problem: str) -> None:
    """Other databases, files that nobody keeps and texts that are no URL are refused, without passwords."""
    with pytest.raises(InvalidRequestError, match=problem) as caught:
        url_of(given)
    assert "geheim" not in "".join(traceback.format_exception(caught.value))


def test_shown() -> None:
    """The URL in errors has neither the password nor the options, which may have another one."""
    url = make_url("postgresql+asyncpg://an:geheim@db:5432/calls?password=geheim")
    assert shown(url) == "postgresql://an:***@db:5432/calls"


@pytest.mark.parametrize(
    ("driver", "extra", "url"),
    [("asyncpg", "postgres", "postgresql://an@db/calls"), ("aiosqlite", "sync", "sqlite:///calls.db")],
)
def test_driver_that_is_missing(monkeypatch: pytest.MonkeyPatch, driver: str, extra: str, url: str) -> None:
    """Without its driver, a database is an error that names the extra."""
    monkeypatch.setitem(sys.modules, driver, None)
    with pytest.raises(SyncError, match=f"{driver} is not installed: install the extra `{extra}`"):
        engine_of(url_of(url))


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ("foo=geheim", "the option foo after [?], which is none of SQLite"),
        ("isolation_level=geheim", "the option isolation_level after [?]"),
        ("timeout=geheim", "an option after [?] with a wrong value"),
    ],
)
def test_options_of_sqlite(options: str, problem: str) -> None:
    """An option of SQLite that is unknown or wrong is an error without its value."""
    with pytest.raises(InvalidRequestError, match=problem) as caught:
        engine_of(url_of(f"sqlite:///calls.db?{options}"))
    assert "geheim" not in "".join(traceback.format_exception(caught.value))
