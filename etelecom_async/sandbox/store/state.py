"""
The state of the sandbox in SQLite: records, settings, new ids and scheduled changes.

A record is stored as the JSON text of its response (`doc`), so a page of a list is a join of texts.
A later change of a record is scheduled when the record is created. It is applied when the next request reads
the clock; no task runs in the background. The module depends on no operation and not on HTTP.
"""

# ruff: noqa: S608 - names in SQL are our own tables and columns; values are bound by `?`

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
from etelecom_async.sandbox.store.tables import RECORDS, TABLES, VERSION
from etelecom_async.sandbox.times import iso, micros, moment

# The letters "etel", which distinguish our files from other SQLite files.
_APPLICATION_ID: Final = 0x6574656C


class State:
    """
    The state of one sandbox.

    Args:
        path: File of the database; `None` keeps the state in memory.

    Raises:
        ValueError: The file is not a state file, or another version of the sandbox wrote it.
    """

    def __init__(self, path: str | Path | None = None) -> None:
        try:
            # Autocommit: the system has each change before its response is sent, so a kill loses none.
            self._db: Final = sqlite3.connect(
                path or ":memory:", isolation_level=None, check_same_thread=False
            )
            self._db.row_factory = sqlite3.Row
            self.is_new: Final = self._has_no_tables()
            """Whether the database has no tables yet; `create` creates them."""
        except sqlite3.DatabaseError as error:
            raise ValueError(f"{path} cannot hold the state of a sandbox: {error}") from error
        if not (self.is_new or self._is_ours()):
            self.close()
            raise ValueError(f"{path} is not a state file of this version of the sandbox")
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = NORMAL")
        self._last_id = 0

    def _has_no_tables(self) -> bool:
        try:
            is_empty = self.fetch_one("SELECT count(*) FROM sqlite_master")[0] == 0
        except BaseException:
            self.close()
            raise
        return bool(is_empty)

    def _is_ours(self) -> bool:
        found = (self.fetch_one("PRAGMA application_id")[0], self.fetch_one("PRAGMA user_version")[0])
        return found == (_APPLICATION_ID, VERSION)

    @contextmanager
    def create(self) -> Generator[None]:
        """Create the tables, and commit them with the changes of the block; roll back if the block fails."""
        with self.transaction():
            for statement in TABLES.split(";"):
                self._db.execute(statement)
            self._db.execute(f"PRAGMA application_id = {_APPLICATION_ID}")
            self._db.execute(f"PRAGMA user_version = {VERSION}")
            yield

    @contextmanager
    def transaction(self) -> Generator[None]:
        """
        Commit the changes of the block; roll back if the block or the commit fails.

        Raises:
            sqlite3.Error: The commit failed; the state is as before.
        """
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._db.execute("COMMIT")
        except BaseException:
            # A full disk ends the transaction; a lock leaves it open.
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            raise

    def close(self) -> None:
        """Close the database."""
        self._db.close()

    def fetch_all(self, sql: str, *values: object) -> list[sqlite3.Row]:
        """Return all rows of a query."""
        return self._db.execute(sql, values).fetchall()

    def fetch_first(self, sql: str, *values: object) -> sqlite3.Row | None:
        """Return the first row of a query, or `None`."""
        row: sqlite3.Row | None = self._db.execute(sql, values).fetchone()
        return row

    def fetch_one(self, sql: str, *values: object) -> sqlite3.Row:
        """
        Return the first row of a query.

        Raises:
            LookupError: The query returns no row.
        """
        row = self.fetch_first(sql, *values)
        if row is None:
            raise LookupError(f"no row for {sql}")
        return row

    def execute(self, sql: str, *values: object) -> int:
        """Execute a statement; return the number of changed rows."""
        return self._db.execute(sql, values).rowcount

    def insert(self, table: str, **columns: object) -> None:
        """Insert a row."""
        marks = ", ".join("?" * len(columns))
        self.execute(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})", *columns.values())

    def insert_record(
        self, table: str, record_id: int, doc: Mapping[str, Any], created_at: datetime, **columns: object
    ) -> None:
        """Insert a record with its JSON, both its times and its other columns."""
        times = {"created_at": micros(created_at), "updated_at": micros(created_at)}
        self.insert(table, id=record_id, doc=to_json(doc), **times, **columns)

    def insert_many(self, table: str, columns: Iterable[str], rows: Iterable[tuple[object, ...]]) -> None:
        """Insert many rows."""
        names = tuple(columns)
        marks = ", ".join("?" * len(names))
        self._db.executemany(f"INSERT INTO {table} ({', '.join(names)}) VALUES ({marks})", rows)

    def update(
        self, table: str, record_id: int, now: datetime, changes: Mapping[str, Any], **columns: object
    ) -> None:
        """Change fields and columns of a record, and set its `updated_at`."""
        doc = {**self.fetch_doc(table, record_id), **changes}
        if "updated_at" in doc:
            doc["updated_at"] = iso(now)
        columns |= {"updated_at": micros(now), "doc": to_json(doc)}
        places = ", ".join(f"{name} = ?" for name in columns)
        self.execute(f"UPDATE {table} SET {places} WHERE id = ?", *columns.values(), record_id)

    def schedule(
        self, at: datetime, table: str, record_id: int, changes: Mapping[str, Any], **columns: object
    ) -> None:
        """Schedule a change of a record; `apply_due` applies it."""
        self.insert(
            "due",
            at=micros(at),
            record=table,
            record_id=record_id,
            changes=to_json(changes),
            columns=to_json(columns),
        )

    def has_due(self, now: datetime) -> bool:
        """Return whether a scheduled change is due."""
        return self.fetch_first("SELECT 1 FROM due WHERE at <= ?", micros(now)) is not None

    def apply_due(self, now: datetime) -> None:
        """Apply the changes that are due, in order, each with its own time as `updated_at`."""
        for row in self.fetch_all("SELECT * FROM due WHERE at <= ? ORDER BY at, id", micros(now)):
            changes, columns = json.loads(row["changes"]), json.loads(row["columns"])
            self.update(row["record"], row["record_id"], moment(row["at"]), changes, **columns)
        self.execute("DELETE FROM due WHERE at <= ?", micros(now))

    def fetch_doc(self, table: str, record_id: int) -> dict[str, Any]:
        """
        Return a record.

        Raises:
            LookupError: There is no record with this id.
        """
        doc: dict[str, Any] = json.loads(
            self.fetch_one(f"SELECT doc FROM {table} WHERE id = ?", record_id)["doc"]
        )
        return doc

    def new_id(self, now: datetime) -> int:
        """Return a new id, greater than all before."""
        self._last_id = max(id_at(now, secrets.randbits(24)), self._last_id + 1)
        return self._last_id

    def count_records(self) -> dict[str, int]:
        """Return the number of records, by table."""
        return {table: self.fetch_one(f"SELECT count(*) FROM {table}")[0] for table in RECORDS}

    def save_settings(self, **settings: str) -> None:
        """Save settings; replace their old values."""
        for name, value in settings.items():
            self.execute("INSERT OR REPLACE INTO setting (name, value) VALUES (?, ?)", name, value)

    def setting(self, name: str) -> str:
        """Return a saved setting."""
        value: str = self.fetch_one("SELECT value FROM setting WHERE name = ?", name)["value"]
        return value


def to_json(doc: Mapping[str, Any]) -> str:
    """Return a record as JSON text, as it is stored and sent."""
    return json.dumps(doc, ensure_ascii=False, separators=(",", ":"))


def search_name(name: str) -> str:
    """Return a name as lists compare it, without case."""
    return name.casefold()


def utc_now() -> datetime:
    """Return the current time of this machine."""
    return datetime.now(UTC)
