"""
The SQLite file of a journal.

One thread opens, uses and closes a store. Each write is one transaction, which is on the disk when the write
returns.
"""

from __future__ import annotations

import json
import os
import secrets
import sqlite3
from collections.abc import Callable, Generator, Iterable, Mapping
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any, Final

import attrs

from etelecom_async._core import private_files
from etelecom_async.bulk import lock
from etelecom_async.bulk.lock import JobLock
from etelecom_async.bulk.processes import Process, this_process
from etelecom_async.bulk.records import PLANNED_FIELDS, Entry, Record
from etelecom_async.bulk.states import NOT_EXECUTED
from etelecom_async.errors import JournalError

# ASCII only: a server may send half of a character in UTF-16.
_encode: Final = json.JSONEncoder(separators=(",", ":")).encode

Entries = Callable[[bytes], Iterable[Entry]]
"""Function that returns the steps of a plan; their digests are made with the given salt."""

# The letters "etej", which distinguish a journal from other SQLite files.
_APPLICATION_ID: Final = 0x6574656A
_VERSION: Final = 1
_PATIENCE: Final = 10.0
"""Maximum number of seconds to wait for another process that reads or claims the journal."""
_MOST_PROBLEMS: Final = 20
_SALT_BYTES: Final = 32
_PRIMARY_CODE: Final = 0xFF
# Why SQLite failed and what to do, by its code.
_REMEDIES: Final = {
    sqlite3.SQLITE_BUSY: "another program has locked it: close that program",
    sqlite3.SQLITE_CANTOPEN: "choose a file in a folder that exists and can be written",
    sqlite3.SQLITE_CORRUPT: "it is damaged: restore a copy of it",
    sqlite3.SQLITE_FULL: "the disk is full: free some space",
    sqlite3.SQLITE_IOERR: "the disk is full or fails: free some space, or check the disk",
    sqlite3.SQLITE_NOTADB: "it is not a journal: choose another file",
    sqlite3.SQLITE_PERM: "change the permissions of the file",
    sqlite3.SQLITE_READONLY: "make the file and its folder writable",
}
_STEPS: Final = (
    "CREATE TABLE step (id INTEGER PRIMARY KEY, position INTEGER NOT NULL, key TEXT NOT NULL UNIQUE, "
    "operation TEXT NOT NULL, effect TEXT NOT NULL, account TEXT NOT NULL, digest TEXT NOT NULL, "
    "state TEXT NOT NULL, doc TEXT NOT NULL)"
)
_TABLES: Final = ("CREATE TABLE job (name TEXT PRIMARY KEY, value NOT NULL)", _STEPS, lock.TABLE)
_UPSERT: Final = (
    "INSERT INTO step (key, operation, effect, account, digest, position, state, doc) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (key) DO UPDATE SET operation = excluded.operation, "
    "effect = excluded.effect, account = excluded.account, digest = excluded.digest, "
    "position = excluded.position, state = excluded.state, doc = excluded.doc"
)
# One statement for all steps: it is a transaction of its own, and Python waits for its lock only once.
_UPDATE: Final = (
    "UPDATE step SET state = new.state, doc = new.doc FROM (SELECT json_extract(value, '$[0]') AS id, "
    "json_extract(value, '$[1]') AS state, json_extract(value, '$[2]') AS doc FROM json_each(?)) AS new "
    "WHERE step.id = new.id"
)
Write = tuple[int, str, Mapping[str, Any]]
"""Id of a step in the store, its state, and `Record.changing`."""


@attrs.frozen(kw_only=True)
class JournalCopy:
    """The content of a journal at one time."""

    id: str
    """Id of the journal; it never changes."""
    meta: Mapping[str, Any]
    """Description of the job by the program that started it."""
    records: Mapping[str, Record]
    """The steps by their keys, in the order of the plan."""
    process: Process | None
    """The process that runs the job; `None` if none certainly does."""


class Store:
    """
    An open journal file, which no other process can use.

    Use `open`.
    """

    def __init__(self, path: Path, job_lock: JobLock, db: sqlite3.Connection) -> None:
        self.path: Final = path
        self.lock: Final = job_lock
        self._db: Final = db
        self.id = ""
        self.meta: Mapping[str, Any] = {}
        self.records: dict[str, Record] = {}
        """The steps by their keys, as they were when the store was opened."""
        self.ids: dict[str, int] = {}
        """The ids of the steps by their keys."""

    @classmethod
    def open(
        cls,
        path: Path,
        entries: Entries,
        meta: Mapping[str, Any] | None = None,
        *,
        may_replace: bool = False,
    ) -> Store:
        """
        Open a journal, or create it, and record the plan in it.

        Args:
            path: The file.
            entries: Returns the steps of the plan, whose keys differ.
            meta: Description of the job as JSON; `None` keeps the recorded one.
            may_replace: Whether the plan may have no key of the journal, if no step in it was executed.

        Raises:
            JournalError: The journal is in use, is of another job, or cannot be written.
        """
        path = path.resolve()  # a link must not lead to another lock
        job_lock = JobLock(path)
        job_lock.acquire()
        db: sqlite3.Connection | None = None
        try:
            with _naming(path, "cannot be used"):
                is_new = _create_file(path)
                db = _connect(path)
                store = cls(path, job_lock, db)
                store._prepare()
                with _transaction(db):
                    store._load(entries, meta, may_replace=may_replace)
                if is_new:
                    private_files.sync_folder(path.parent)
        except BaseException:
            job_lock.release(db)
            if db is not None:
                db.close()
            raise
        return store

    @staticmethod
    def read(path: Path) -> JournalCopy:
        """
        Return the content of a journal, which another process may use.

        Raises:
            JournalError: There is no such journal, or it cannot be read.
        """
        path = path.resolve()
        if not path.is_file():
            raise JournalError(f"{path} does not exist: check the path of the journal.")
        if (copy := Store.find(path)) is None:
            raise JournalError(f"{path} contains no job yet.")
        return copy

    @staticmethod
    def find(path: Path) -> JournalCopy | None:
        """
        Return the content of a journal; `None` if there is no such file, or it contains no job yet.

        Raises:
            JournalError: It cannot be read.
        """
        path = path.resolve()
        if not path.is_file():
            return None
        with _naming(path, "cannot be read"), closing(_connect(path)) as db:
            db.execute("PRAGMA query_only = ON")
            db.execute("BEGIN")
            if not _is_journal(path, db):
                return None
            job = _job(db)
            return JournalCopy(
                id=job["id"],
                meta=json.loads(job["meta"]),
                records=_records(db),
                process=lock.running_process(db),
            )

    def write(self, writes: list[Write]) -> None:
        """
        Write the changes of steps in one transaction.

        Raises:
            JournalError: The disk is full or failed. The file has all of the changes, or none.
        """
        # The last change of a step counts.
        last = {write[0]: write for write in writes}
        with _naming(self.path, "cannot be written, so the job stops"):
            changed = self._db.execute(_UPDATE, (_encode(list(last.values())),)).rowcount
        if changed != len(last):
            raise JournalError(f"{self.path} has lost steps: another program has changed it.")

    def content(self) -> JournalCopy:
        """Return the content of the journal, as it was when the store was opened."""
        return JournalCopy(id=self.id, meta=self.meta, records=self.records, process=this_process())

    def close(self) -> None:
        """Close the file, and let other processes use it."""
        self.lock.release(self._db)
        with suppress(sqlite3.Error):
            self._db.close()

    def _prepare(self) -> None:
        is_journal = _is_journal(self.path, self._db)
        if is_journal:
            problem = self._db.execute("PRAGMA quick_check(1)").fetchone()[0]
            if problem != "ok":
                raise JournalError(f"{self.path} is damaged: restore a copy of it.")
        mode = self._db.execute("PRAGMA journal_mode = WAL").fetchone()[0]
        if mode != "wal":
            raise JournalError(f"{self.path} is on a drive without shared memory: use a local disk.")
        self._db.execute("PRAGMA synchronous = FULL")
        self._db.execute("PRAGMA fullfsync = ON")  # macOS writes to the disk only with it

    def _load(self, entries: Entries, meta: Mapping[str, Any] | None, *, may_replace: bool) -> None:
        # Only now: another process may have created the tables meanwhile.
        if not _is_journal(self.path, self._db):
            self._create()
        self.lock.claim(self._db)
        if meta is not None:
            self._db.execute("UPDATE job SET value = ? WHERE name = 'meta'", (json.dumps(dict(meta)),))
        job = _job(self._db)
        self.id, self.meta = job["id"], json.loads(job["meta"])
        recorded = _records(self._db)
        plan = {entry.key: entry for entry in entries(job["salt"])}
        self._refuse_another_plan(recorded, plan, may_replace=may_replace)
        self.records = {key: _merged(recorded.get(key), entry) for key, entry in plan.items()}
        self._db.executemany(
            "DELETE FROM step WHERE key = ?", [(key,) for key in recorded.keys() - plan.keys()]
        )
        self._db.executemany(
            _UPSERT,
            (
                (
                    *(getattr(record, name) for name in PLANNED_FIELDS),
                    position,
                    record.state,
                    _encode(record.changing()),
                )
                for position, record in enumerate(self.records.values())
            ),
        )
        self.ids = dict(self._db.execute("SELECT key, id FROM step"))

    def _create(self) -> None:
        for table in _TABLES:
            self._db.execute(table)
        self._db.execute(f"PRAGMA application_id = {_APPLICATION_ID}")
        self._db.execute(f"PRAGMA user_version = {_VERSION}")
        job = {"id": secrets.token_hex(16), "salt": secrets.token_bytes(_SALT_BYTES), "meta": "{}"}
        self._db.executemany("INSERT INTO job (name, value) VALUES (?, ?)", job.items())

    def _refuse_another_plan(
        self, recorded: Mapping[str, Record], plan: Mapping[str, Entry], *, may_replace: bool
    ) -> None:
        if recorded and not may_replace and not recorded.keys() & plan.keys():
            raise JournalError(
                f"{self.path} is the journal of another job: no key of this plan is in it. Use another file."
            )
        problems = [
            problem
            for record in recorded.values()
            if record.state not in NOT_EXECUTED and (problem := _difference(record, plan.get(record.key)))
        ]
        if problems:
            more = f"; and {len(problems) - _MOST_PROBLEMS} more" if len(problems) > _MOST_PROBLEMS else ""
            raise JournalError(
                f"{self.path} does not match the plan: {'; '.join(problems[:_MOST_PROBLEMS])}{more}. A step "
                f"that was started cannot change: use the old plan, another key for another call, or "
                f"another file for another job."
            )


def _difference(record: Record, entry: Entry | None) -> str | None:
    """Return how the plan differs from a step that was started; `None` if it does not."""
    if entry is None:
        change = "is missing in the plan"
    elif record.operation != entry.operation:
        change = f"was {record.operation}, and is now {entry.operation}"
    elif record.account != entry.account:
        change = "has another account now"
    elif record.digest != entry.digest:
        change = "has other arguments now"
    else:
        return None
    return f"{record.key!r} ({record.state}) {change}"


def _merged(record: Record | None, entry: Entry) -> Record:
    """Return the record of a step: a new one if the step is new or has changed."""
    if record is None or _difference(record, entry):
        return Record.planned(entry)
    return attrs.evolve(record, effect=entry.effect)


def _create_file(path: Path) -> bool:
    """Create an empty file that only its owner can read, if there is none; return whether there was none."""
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, private_files.MODE))
        return True
    return False


def _connect(path: Path) -> sqlite3.Connection:
    # Autocommit: a statement outside of a transaction is one of its own.
    db = sqlite3.connect(
        f"{path.as_uri()}?mode=rw", timeout=_PATIENCE, isolation_level=None, uri=True, check_same_thread=False
    )
    db.row_factory = sqlite3.Row
    return db


def _is_journal(path: Path, db: sqlite3.Connection) -> bool:
    """Return whether a file is a journal; false if it is empty."""
    number, version, tables = (
        db.execute(question).fetchone()[0]
        for question in ("PRAGMA application_id", "PRAGMA user_version", "SELECT count(*) FROM sqlite_master")
    )
    if (number, tables) == (0, 0):
        return False
    if number != _APPLICATION_ID:
        raise JournalError(f"{path} is not a journal: choose another file.")
    if version != _VERSION:
        raise JournalError(f"{path} is of another version of the SDK: finish the job with that version.")
    return True


def _job(db: sqlite3.Connection) -> dict[str, Any]:
    return dict(tuple(row) for row in db.execute("SELECT name, value FROM job"))


def _records(db: sqlite3.Connection) -> dict[str, Record]:
    rows = db.execute(
        "SELECT key, operation, effect, account, digest, state, doc FROM step ORDER BY position"
    )
    return {
        row["key"]: Record.decode({name: row[name] for name in PLANNED_FIELDS}, row["state"], row["doc"])
        for row in rows
    }


@contextmanager
def _transaction(db: sqlite3.Connection) -> Generator[None]:
    db.execute("BEGIN IMMEDIATE")
    try:
        yield
        db.execute("COMMIT")
    except BaseException:
        with suppress(sqlite3.Error):
            db.execute("ROLLBACK")
        raise


@contextmanager
def _naming(path: Path, problem: str) -> Generator[None]:
    """Raise errors of the file as `JournalError`."""
    try:
        yield
    except sqlite3.Error as error:
        # Python itself finds a text that is not UTF-8; this error has no code.
        code: int = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT)
        remedy = _REMEDIES.get(code & _PRIMARY_CODE)
        reason = f"{error}; {remedy}" if remedy else str(error)
        raise JournalError(f"{path} {problem}: {reason}. Then run the job again.") from error
    except OSError as error:
        raise JournalError(f"{path} {problem}: {error.strerror or type(error).__name__}.") from error
