"""
The state of the sandbox in SQLite: records, settings, new ids and scheduled changes.

A record is stored as the JSON text of its response (`doc`), so a page of a list is a join of texts.
A later change of a record is scheduled when the record is created. It is applied when the next request reads
the clock. An observer sees the records that a transaction adds or changes. The module depends on no operation
and not on HTTP.
"""

# ruff: noqa: S608 - names in SQL are our own tables and columns; values are bound by `?`

from __future__ import annotations

import json
import secrets
import sqlite3
import threading
import weakref
from collections.abc import Generator, Iterable, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any, Final, Protocol

import attrs

from etelecom_async.sandbox.ids import id_at
from etelecom_async.sandbox.store.tables import RECORDS, TABLES, VERSION
from etelecom_async.sandbox.times import iso, micros, moment

# The letters "etel", which distinguish our files from other SQLite files.
_APPLICATION_ID: Final = 0x6574656C
# What a user can do about a failure of the disk or of the file, by SQLite's code.
_REMEDIES: Final = {
    sqlite3.SQLITE_BUSY: "close the program that uses the file",
    sqlite3.SQLITE_CANTOPEN: "choose a file in a folder that exists and can be written",
    sqlite3.SQLITE_CORRUPT: "restore a copy of the file, or start with another file",
    sqlite3.SQLITE_FULL: "free some space",
    sqlite3.SQLITE_IOERR: "check the disk",
    sqlite3.SQLITE_NOTADB: "choose another file",
    sqlite3.SQLITE_PERM: "change the permissions of the file",
    sqlite3.SQLITE_READONLY: "make the file and its folder writable",
}
_PRIMARY_CODE: Final = 0xFF
# `json.dumps` would create an encoder for each record.
_encode: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class StateFileError(Exception):
    """The file cannot hold the state: it is in use, damaged or another file, or the disk is full."""


def describe_storage_failure(error: BaseException) -> str | None:
    """Return a failure of the disk or the file of the state, and its remedy; `None` for other errors."""
    # Python itself finds a text that is not UTF-8, and quotes all of it; the error has no code.
    default = sqlite3.SQLITE_CORRUPT if isinstance(error, sqlite3.OperationalError) else sqlite3.SQLITE_OK
    code: int = getattr(error, "sqlite_errorcode", default)
    remedy = _REMEDIES.get(code & _PRIMARY_CODE)
    return None if remedy is None else f"{str(error).partition(' with text ')[0]}; {remedy}"


@attrs.frozen
class Change:
    """A record that a transaction added or changed."""

    table: str
    record_id: int
    before: Mapping[str, Any] | None
    """The record in JSON before the transaction; `None` for a new one."""
    after: Mapping[str, Any]


class Observer(Protocol):
    """Sees the changes of a state."""

    tables: frozenset[str]
    """The tables whose records it sees."""

    def is_listening(self) -> bool:
        """Return whether the observer wants changes now."""
        ...

    def change(self, change: Change) -> None:
        """See a change; it happens in the transaction of the change, which also commits what this stores."""
        ...

    def committed(self) -> None:
        """Learn that a transaction was committed."""
        ...


class SavedState:
    """
    A copy of a state in memory.

    Args:
        copy: The database; closed with the copy.
        last_id: The newest id of the state.
        mark: The mark of the state at this time; equal marks mean equal states.
    """

    def __init__(self, copy: sqlite3.Connection, last_id: int, mark: tuple[int, int]) -> None:
        self.copy: Final = copy
        self.last_id: Final = last_id
        self.mark = mark
        weakref.finalize(self, copy.close)


class State:
    """
    The state of one sandbox.

    Args:
        path: File of the database; `None` keeps the state in memory.

    Raises:
        StateFileError: The file is not a state file, is damaged, or cannot be used. Another version of the
            sandbox may have written it.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._path: Final = path
        with self._naming_the_file():
            # Autocommit: the system has each change before its response is sent, so a kill loses none.
            self._db: Final = sqlite3.connect(
                path or ":memory:", isolation_level=None, check_same_thread=False
            )
        self._db.row_factory = sqlite3.Row
        self._db.create_function("micros_of", 1, _micros_of, deterministic=True)
        try:
            with self._naming_the_file():
                self.is_new: Final = self.fetch_one("SELECT count(*) FROM sqlite_master")[0] == 0
                """Whether the database has no tables yet; `create` creates them."""
                if not self.is_new:
                    self._check()
                self._db.execute("PRAGMA journal_mode = WAL")
                self._db.execute("PRAGMA synchronous = NORMAL")
        except BaseException:
            self.close()
            raise
        self._last_id = 0
        self._restores = 0
        self._lock: Final = threading.RLock()
        self._before: Final[dict[tuple[str, int], Mapping[str, Any] | None]] = {}
        self.observer: Observer | None = None
        """Sees the records that transactions add or change; the seed has none."""

    @contextmanager
    def _naming_the_file(self) -> Generator[None]:
        try:
            yield
        except sqlite3.Error as error:
            if problem := describe_storage_failure(error):
                raise StateFileError(f"{self._path} cannot hold the state of a sandbox: {problem}") from error
            raise

    def _check(self) -> None:
        found = (self.fetch_one("PRAGMA application_id")[0], self.fetch_one("PRAGMA user_version")[0])
        if found != (_APPLICATION_ID, VERSION):
            raise StateFileError(
                f"{self._path} is not a state file of this version of the sandbox; choose another file"
            )
        problem = self.fetch_one("PRAGMA quick_check(1)")[0]
        if problem != "ok":
            damage = f"it is damaged ({' '.join(problem.split())}); {_REMEDIES[sqlite3.SQLITE_CORRUPT]}"
            raise StateFileError(f"{self._path} cannot hold the state of a sandbox: {damage}")

    @contextmanager
    def create(self) -> Generator[None]:
        """
        Create the tables, and commit them with the changes of the block; roll back if the block fails.

        Raises:
            StateFileError: The file cannot be written.
        """
        with self._naming_the_file(), self.transaction():
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
        # A test may add a record in one thread while an event is delivered in another.
        with self._lock:
            self._db.execute("BEGIN IMMEDIATE")
            self._before.clear()
            try:
                yield
                self._report_changes()
                self._db.execute("COMMIT")
            except BaseException:
                # A full disk ends the transaction; a lock leaves it open.
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                raise
        if self.observer is not None and self.observer.is_listening():
            self.observer.committed()

    def _note_before(self, table: str, record_id: int, before: Mapping[str, Any] | None) -> None:
        """Keep a record as it was at the start of the transaction, for the observer."""
        if self.observer is not None and table in self.observer.tables:
            self._before.setdefault((table, record_id), before)

    def _report_changes(self) -> None:
        """Tell the observer about each record that was added or changed since the last report."""
        found = list(self._before.items())
        self._before.clear()
        if self.observer is None or not found or not self.observer.is_listening():
            return
        for (table, record_id), before in found:
            after = self.fetch_doc(table, record_id)
            if before != after:
                self.observer.change(Change(table, record_id, before, after))

    def save(self) -> SavedState:
        """Return a copy of everything in the state, for `restore`."""
        copy = sqlite3.connect(":memory:", check_same_thread=False)
        saved = SavedState(copy, self._last_id, self._mark())
        self._db.backup(copy)
        return saved

    def restore(self, saved: SavedState) -> None:
        """
        Return to a saved state; a state without changes since then stays as it is.

        Raises:
            StateFileError: The file cannot be written; the state is unchanged.
        """
        if saved.mark != self._mark():
            with self._naming_the_file():
                saved.copy.backup(self._db)
            self._restores += 1
            saved.mark = self._mark()
        self._last_id = saved.last_id

    def load(self, saved: SavedState) -> None:
        """Copy a saved state into this one, which is new and in memory."""
        saved.copy.backup(self._db)
        self._last_id = saved.last_id

    def size(self) -> int:
        """Return the number of bytes of the database."""
        pages: int = self.fetch_one("PRAGMA page_count")[0]
        page_size: int = self.fetch_one("PRAGMA page_size")[0]
        return pages * page_size

    def _mark(self) -> tuple[int, int]:
        return self._restores, self._db.total_changes

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
        self._note_before(table, record_id, None)

    def insert_many(self, table: str, columns: Iterable[str], rows: Iterable[tuple[object, ...]]) -> None:
        """Insert many rows."""
        names = tuple(columns)
        marks = ", ".join("?" * len(names))
        self._db.executemany(f"INSERT INTO {table} ({', '.join(names)}) VALUES ({marks})", rows)

    def update(
        self, table: str, record_id: int, now: datetime, changes: Mapping[str, Any], **columns: object
    ) -> None:
        """Change fields and columns of a record, and set its `updated_at`."""
        before = self.fetch_doc(table, record_id)
        self._note_before(table, record_id, before)
        doc = {**before, **changes}
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

    def unschedule(self, table: str, record_id: int, fields: Iterable[str]) -> None:
        """Take fields of a record out of its scheduled changes."""
        found = "SELECT id, changes, columns FROM due WHERE record = ? AND record_id = ?"
        for row in self.fetch_all(found, table, record_id):
            planned = json.loads(row["changes"])
            kept = {name: value for name, value in planned.items() if name not in fields}
            if not kept:
                self.execute("DELETE FROM due WHERE id = ?", row["id"])
            elif len(kept) < len(planned):
                self.execute("UPDATE due SET changes = ? WHERE id = ?", to_json(kept), row["id"])

    def delete(self, table: str, record_id: int) -> bool:
        """Delete a record with its scheduled changes; return whether it existed."""
        self._before.pop((table, record_id), None)
        self.execute("DELETE FROM due WHERE record = ? AND record_id = ?", table, record_id)
        return self.execute(f"DELETE FROM {table} WHERE id = ?", record_id) > 0

    def has_due(self, now: datetime) -> bool:
        """Return whether a scheduled change is due."""
        return self.fetch_first("SELECT 1 FROM due WHERE at <= ?", micros(now)) is not None

    def next_due(self) -> datetime | None:
        """Return the time of the next scheduled change; `None` if there is none."""
        at: int | None = self.fetch_one("SELECT min(at) FROM due")[0]
        return None if at is None else moment(at)

    def apply_due(self, now: datetime) -> None:
        """Apply the changes that are due; `updated_at` of a record is the time of its last one."""
        if self.observer is not None and self.observer.is_listening():
            self._apply_step_by_step(now)
        else:
            self._apply_together(now)
        self.execute("DELETE FROM due WHERE at <= ?", micros(now))

    def _apply_step_by_step(self, now: datetime) -> None:
        """Apply the changes in their order, so that the observer sees each of them."""
        self._report_changes()
        for step in self.fetch_all("SELECT * FROM due WHERE at <= ? ORDER BY at, id", micros(now)):
            changes, columns = json.loads(step["changes"]), json.loads(step["columns"])
            self.update(step["record"], step["record_id"], moment(step["at"]), changes, **columns)
            self._report_changes()

    def _apply_together(self, now: datetime) -> None:
        due = "SELECT * FROM due WHERE at <= ? ORDER BY record, record_id, at, id"
        rows = self.fetch_all(due, micros(now))
        for (table, record_id), steps in groupby(rows, itemgetter("record", "record_id")):
            changes, columns, at = dict[str, Any](), dict[str, Any](), 0
            for step in steps:
                changes |= json.loads(step["changes"])
                columns |= json.loads(step["columns"])
                at = step["at"]
            self.update(table, record_id, moment(at), changes, **columns)

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


def _micros_of(text: str | None) -> int | None:
    """Return the sort key of a time in a record; SQL calls this function `micros_of`."""
    return micros(datetime.fromisoformat(text)) if text else None


def to_json(doc: Mapping[str, Any]) -> str:
    """Return a record as JSON text, as it is stored and sent."""
    return _encode(doc)


def search_name(name: str) -> str:
    """Return a name as lists compare it, without case."""
    return name.casefold()


def utc_now() -> datetime:
    """Return the current time of this machine."""
    return datetime.now(UTC)
