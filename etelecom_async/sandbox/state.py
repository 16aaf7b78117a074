"""
What the sandbox remembers, in SQLite: transactions, settings, fresh ids, and what is due later.

Each record stands as the very JSON in which it is answered (`doc`), so that a page of a list is a join of
texts. What time will do to a record is written down when the record is made, and done when the clock is
looked at: nothing runs in between. The room knows no operation and no HTTP.
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
from etelecom_async.sandbox.tables import RECORDS, TABLES, VERSION
from etelecom_async.sandbox.times import iso, micros, moment

# "etel": tells our files from other SQLite files.
_APPLICATION_ID: Final = 0x6574656C


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
        return found == (_APPLICATION_ID, VERSION)

    @contextmanager
    def create(self) -> Generator[None]:
        """Make the tables and whatever the block puts into them, all of it or nothing."""
        with self.transaction():
            for statement in TABLES.split(";"):
                self._db.execute(statement)
            self._db.execute(f"PRAGMA application_id = {_APPLICATION_ID}")
            self._db.execute(f"PRAGMA user_version = {VERSION}")
            yield

    @contextmanager
    def transaction(self) -> Generator[None]:
        """
        Keep what the block changes, only if it ends well and there is room for it.

        Raises:
            sqlite3.Error: It could not be kept; the state is as it was before.
        """
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._db.execute("COMMIT")
        except BaseException:
            # A full disk ends the transaction itself, a lock leaves it open.
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            raise

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
        doc = {**self.doc(table, record_id), **changes}
        if "updated_at" in doc:
            doc["updated_at"] = iso(now)
        columns |= {"updated_at": micros(now), "doc": to_json(doc)}
        places = ", ".join(f"{name} = ?" for name in columns)
        self.run(f"UPDATE {table} SET {places} WHERE id = ?", *columns.values(), record_id)

    def later(
        self, at: datetime, table: str, record_id: int, changes: Mapping[str, Any], **columns: object
    ) -> None:
        """Let a record change when its time comes."""
        self.insert(
            "due",
            at=micros(at),
            record=table,
            record_id=record_id,
            changes=to_json(changes),
            columns=to_json(columns),
        )

    def is_due(self, now: datetime) -> bool:
        """Return whether there is anything for `catch_up` to do."""
        return self.one("SELECT 1 FROM due WHERE at <= ?", micros(now)) is not None

    def catch_up(self, now: datetime) -> None:
        """Make the changes whose time has come, each as of its own time."""
        for row in self.all("SELECT * FROM due WHERE at <= ? ORDER BY at, id", micros(now)):
            changes, columns = json.loads(row["changes"]), json.loads(row["columns"])
            self.amend(row["record"], row["record_id"], moment(row["at"]), changes, **columns)
        self.run("DELETE FROM due WHERE at <= ?", micros(now))

    def doc(self, table: str, record_id: int) -> dict[str, Any]:
        """
        Return a record's JSON.

        Raises:
            LookupError: There is none with this id.
        """
        doc: dict[str, Any] = json.loads(self.only(f"SELECT doc FROM {table} WHERE id = ?", record_id)["doc"])
        return doc

    def new_id(self, now: datetime) -> int:
        """Return an id that was not there before."""
        self._last_id = max(id_at(now, secrets.randbits(24)), self._last_id + 1)
        return self._last_id

    def counts(self) -> dict[str, int]:
        """Return how many records there are, by table."""
        return {table: self.only(f"SELECT count(*) FROM {table}")[0] for table in RECORDS}

    def keep(self, **settings: str) -> None:
        """Remember settings, in place of what they were."""
        for name, value in settings.items():
            self.run("INSERT OR REPLACE INTO setting (name, value) VALUES (?, ?)", name, value)

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
