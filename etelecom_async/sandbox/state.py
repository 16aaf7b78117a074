"""
What the sandbox remembers, in SQLite: the tables, transactions, settings and fresh ids.

Each record stands as the very JSON in which it is answered (`doc`), beside the columns by which it is found
and ordered, so that a page of a list is a join of texts. The room knows no operation and no HTTP.
"""

# ruff: noqa: S608 - names in SQL are our own tables and columns; values go in by `?`

from __future__ import annotations

import json
import secrets
import sqlite3
from collections.abc import Generator, Iterable, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from etelecom_async.sandbox.ids import id_at
from etelecom_async.sandbox.times import iso, micros

# "etel": tells our files from other SQLite files; the version from older ones of ours.
_APPLICATION_ID: Final = 0x6574656C
_VERSION: Final = 1

_TABLES: Final = """
CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

CREATE TABLE shop (
    id INTEGER PRIMARY KEY, owner_id INTEGER NOT NULL, email TEXT NOT NULL, api_key TEXT NOT NULL UNIQUE,
    shop_key TEXT UNIQUE, created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL, doc TEXT NOT NULL);
CREATE INDEX shop_email ON shop (email);

CREATE TABLE sign_in (
    token TEXT PRIMARY KEY, shop_id INTEGER, name TEXT NOT NULL, email TEXT NOT NULL, phone TEXT NOT NULL,
    redirect_url TEXT NOT NULL, expires_at INTEGER NOT NULL) WITHOUT ROWID;

CREATE TABLE tenant (
    id INTEGER PRIMARY KEY, shop_id INTEGER NOT NULL UNIQUE, owner_id INTEGER NOT NULL,
    search_name TEXT NOT NULL, created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL, doc TEXT NOT NULL);
CREATE INDEX tenant_created ON tenant (created_at, id);

CREATE TABLE hotline (
    id INTEGER PRIMARY KEY, tenant_id INTEGER, number TEXT NOT NULL UNIQUE,
    created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL, doc TEXT NOT NULL);
CREATE INDEX hotline_created ON hotline (created_at, id);
CREATE INDEX hotline_tenant ON hotline (tenant_id, created_at, id);

CREATE TABLE account_user (
    id INTEGER PRIMARY KEY, shop_id INTEGER NOT NULL, phone TEXT NOT NULL, search_name TEXT NOT NULL,
    created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL, doc TEXT NOT NULL, UNIQUE (shop_id, phone));
CREATE INDEX account_user_created ON account_user (shop_id, created_at, id);

CREATE TABLE extension (
    id INTEGER PRIMARY KEY, shop_id INTEGER NOT NULL, tenant_id INTEGER NOT NULL, hotline_id INTEGER NOT NULL,
    user_id INTEGER, number TEXT NOT NULL,
    created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL, doc TEXT NOT NULL, UNIQUE (tenant_id, number));
CREATE INDEX extension_created ON extension (shop_id, created_at, id);
CREATE INDEX extension_user ON extension (user_id);

CREATE TABLE call_log (
    id INTEGER PRIMARY KEY, shop_id INTEGER NOT NULL,
    created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL,
    caller TEXT NOT NULL, callee TEXT NOT NULL, direction TEXT NOT NULL, call_state TEXT NOT NULL,
    duration INTEGER NOT NULL, extension_id INTEGER NOT NULL, hotline_id INTEGER NOT NULL,
    user_id INTEGER NOT NULL, department_id INTEGER NOT NULL,
    external_id TEXT NOT NULL, external_session_id TEXT NOT NULL, doc TEXT NOT NULL);
CREATE INDEX call_log_created ON call_log (shop_id, created_at, id);
CREATE INDEX call_log_updated ON call_log (shop_id, updated_at, id);

CREATE TABLE webhook (id INTEGER PRIMARY KEY, account_id INTEGER NOT NULL, doc TEXT NOT NULL);
CREATE INDEX webhook_account ON webhook (account_id, id);
"""


class State:
    """
    The state of one sandbox.

    Args:
        path: The file to keep it in; `None` keeps it in memory.

    Raises:
        ValueError: The file is something else, or of another version of the sandbox.
    """

    def __init__(self, path: str | Path | None = None) -> None:
        try:
            # Autocommit: what was answered is with the operating system by then; a killed process loses none.
            self._db: Final = sqlite3.connect(
                path or ":memory:", isolation_level=None, check_same_thread=False
            )
            self._db.row_factory = sqlite3.Row
            self.is_new: Final = self._look()
            """Whether there are no tables yet; `create` makes them."""
        except sqlite3.DatabaseError as error:
            raise ValueError(f"{path} cannot hold the state of a sandbox: {error}") from error
        if not (self.is_new or self._is_ours()):
            self.close()
            raise ValueError(f"{path} holds something else, or state of another version of the sandbox")
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = NORMAL")
        self._last_id = 0

    def _look(self) -> bool:
        try:
            is_empty = self.only("SELECT count(*) FROM sqlite_master")[0] == 0
        except BaseException:
            self.close()
            raise
        return bool(is_empty)

    def _is_ours(self) -> bool:
        found = (self.only("PRAGMA application_id")[0], self.only("PRAGMA user_version")[0])
        return found == (_APPLICATION_ID, _VERSION)

    @contextmanager
    def create(self) -> Generator[None]:
        """Make the tables and whatever the block puts into them, all of it or nothing."""
        with self.transaction():
            for statement in _TABLES.split(";"):
                self._db.execute(statement)
            self._db.execute(f"PRAGMA application_id = {_APPLICATION_ID}")
            self._db.execute(f"PRAGMA user_version = {_VERSION}")
            yield

    @contextmanager
    def transaction(self) -> Generator[None]:
        """Keep what the block changes only if it ends well."""
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()

    def all(self, sql: str, *values: object) -> list[sqlite3.Row]:
        """Return every row of a query."""
        return self._db.execute(sql, values).fetchall()

    def one(self, sql: str, *values: object) -> sqlite3.Row | None:
        """Return the first row of a query, if there is one."""
        row: sqlite3.Row | None = self._db.execute(sql, values).fetchone()
        return row

    def only(self, sql: str, *values: object) -> sqlite3.Row:
        """
        Return the row of a query that always has one.

        Raises:
            LookupError: It has none.
        """
        row = self.one(sql, *values)
        if row is None:
            raise LookupError(f"no row for {sql}")
        return row

    def run(self, sql: str, *values: object) -> int:
        """Change something; return how many rows were."""
        return self._db.execute(sql, values).rowcount

    def insert(self, table: str, **columns: object) -> None:
        """Add a row."""
        marks = ", ".join("?" * len(columns))
        self.run(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})", *columns.values())

    def insert_all(self, table: str, columns: Iterable[str], rows: Iterable[tuple[object, ...]]) -> None:
        """Add many rows at once."""
        names = tuple(columns)
        marks = ", ".join("?" * len(names))
        self._db.executemany(f"INSERT INTO {table} ({', '.join(names)}) VALUES ({marks})", rows)

    def amend(
        self, table: str, record_id: int, now: datetime, changes: Mapping[str, Any], **columns: object
    ) -> None:
        """Change fields of a record's JSON, and the columns that go with them, and its time of change."""
        row = self.only(f"SELECT doc FROM {table} WHERE id = ?", record_id)
        doc = {**json.loads(row["doc"]), **changes, "updated_at": iso(now)}
        columns |= {"updated_at": micros(now), "doc": to_json(doc)}
        places = ", ".join(f"{name} = ?" for name in columns)
        self.run(f"UPDATE {table} SET {places} WHERE id = ?", *columns.values(), record_id)

    def new_id(self, now: datetime) -> int:
        """Return an id that was not there before."""
        self._last_id = max(id_at(now, secrets.randbits(24)), self._last_id + 1)
        return self._last_id

    def counts(self) -> dict[str, int]:
        """Return how many records there are, by table."""
        tables = ("shop", "tenant", "hotline", "account_user", "extension", "call_log", "webhook")
        return {table: self.only(f"SELECT count(*) FROM {table}")[0] for table in tables}

    def keep(self, **settings: str) -> None:
        """Remember settings; each is set once."""
        for name, value in settings.items():
            self.insert("setting", name=name, value=value)

    def setting(self, name: str) -> str:
        """Return a setting that was kept."""
        value: str = self.only("SELECT value FROM setting WHERE name = ?", name)["value"]
        return value


def to_json(doc: Mapping[str, Any]) -> str:
    """Return a record as it is kept and answered."""
    return json.dumps(doc, ensure_ascii=False, separators=(",", ":"))


def now() -> datetime:
    """Return the present moment."""
    return datetime.now(UTC)
