"""A ledger in a file: SQLite, with one transaction for all changes that wait."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import threading
import time
import weakref
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, Self, TypeVar

import attrs

from etelecom_async.bulk.ledger import (
    Claim,
    ClaimState,
    Entry,
    KeyState,
    LedgerKey,
    check_owner,
    claim_of,
)
from etelecom_async.errors import LedgerError

ResultT = TypeVar("ResultT")
_APPLICATION_ID: Final = 0x65744C31
"""Identifies the file in its header: "etL1"."""
_BUSY_SECONDS: Final = 30.0
_TABLE: Final = """
    CREATE TABLE IF NOT EXISTS sent (
        account TEXT NOT NULL,
        oa_id TEXT NOT NULL,
        tracking_id TEXT NOT NULL,
        state TEXT NOT NULL,
        owner TEXT NOT NULL,
        changed_at TEXT NOT NULL,
        PRIMARY KEY (account, oa_id, tracking_id)
    ) WITHOUT ROWID
"""
_INDEX: Final = "CREATE INDEX IF NOT EXISTS sent_by_state ON sent (state, changed_at)"
_FIND: Final = "SELECT * FROM sent WHERE account = ? AND oa_id = ? AND tracking_id = ?"
_INSERT: Final = "INSERT INTO sent VALUES (?, ?, ?, ?, ?, ?)"
_ACCEPT: Final = """
    INSERT INTO sent VALUES (?, ?, ?, 'accepted', ?, ?)
    ON CONFLICT (account, oa_id, tracking_id)
    DO UPDATE SET state = excluded.state, changed_at = excluded.changed_at
"""
_RELEASE: Final = """
    DELETE FROM sent
    WHERE account = ? AND oa_id = ? AND tracking_id = ? AND owner = ? AND state != 'accepted'
"""
_DOUBT: Final = """
    UPDATE sent SET state = 'unknown', changed_at = ?
    WHERE account = ? AND oa_id = ? AND tracking_id = ? AND owner = ? AND state = 'claimed'
"""
_LIST: Final = "SELECT * FROM sent WHERE state = ? AND changed_at < ? ORDER BY changed_at LIMIT ?"
_AFTER_ALL_TIMES: Final = "~"


@attrs.frozen(eq=False)
class _Change:
    """A change that waits for the next transaction."""

    work: Callable[[sqlite3.Connection], Any]
    result: asyncio.Future[Any]


class SqliteLedger:
    """
    A ledger in a file, for the processes of one machine.

    All changes that wait are one transaction, so many at once cost little more than one. A change is on the
    disk when its method returns. The file must be on a local disk, with the two files that SQLite creates
    beside it.

    Args:
        path: The file. The first use creates it; its folder must exist.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._path: Final = Path(path).absolute()
        self._guard: Final = threading.Lock()
        """For the two fields below it."""
        self._waiting: list[_Change] = []
        self._is_writing = False
        self._database: Final = threading.Lock()
        """For the connection; a thread holds it during a transaction."""
        self._connection: sqlite3.Connection | None = None
        self._process: int | None = None
        """The process that used the ledger first."""

    async def claim(self, key: LedgerKey, owner: str) -> Claim:
        """
        Claim a key, if it is free; return what was found.

        Raises:
            LedgerError: The file cannot be read or written; the key is not claimed, or this owner has it.
        """
        check_owner(owner)
        return await self._write(lambda connection: _claim(connection, key, owner))

    async def accepted(self, key: LedgerKey, owner: str) -> None:
        """
        Record that the message was sent. The key is held for ever, even if the delivery fails later.

        Raises:
            LedgerError: The file cannot be read or written.
        """
        check_owner(owner)
        await self._change(_ACCEPT, (*attrs.astuple(key), owner, _now()))

    async def release(self, key: LedgerKey, owner: str) -> bool:
        """
        Free a key that this owner claimed; return whether it did. An accepted key stays.

        Raises:
            LedgerError: The file cannot be read or written.
        """
        check_owner(owner)
        return await self._change(_RELEASE, (*attrs.astuple(key), owner))

    async def unknown(self, key: LedgerKey, owner: str) -> None:
        """
        Record that this owner could not find out whether the message was sent.

        Raises:
            LedgerError: The file cannot be read or written.
        """
        check_owner(owner)
        await self._change(_DOUBT, (_now(), *attrs.astuple(key), owner))

    async def entries(
        self, state: KeyState, *, before: datetime | None = None, limit: int = 1000
    ) -> list[Entry]:
        """
        Return keys in a state, the oldest first.

        Args:
            state: For example `KeyState.CLAIMED`: messages that are being sent, or whose sender was stopped.
            before: Only keys whose state changed before this time.
            limit: The most keys.

        Raises:
            LedgerError: The file cannot be read or written.
        """
        values = (state, _AFTER_ALL_TIMES if before is None else _sortable(before), limit)
        return await self._write(
            lambda connection: [_entry(row) for row in connection.execute(_LIST, values)]
        )

    async def close(self) -> None:
        """Close the file. A later use opens it again."""
        await asyncio.to_thread(self._close)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    def __repr__(self) -> str:
        return f"SqliteLedger({str(self._path)!r})"

    async def _change(self, statement: str, values: tuple[str, ...]) -> bool:
        """Return whether a statement changed a row."""
        return await self._write(lambda connection: connection.execute(statement, values).rowcount == 1)

    async def _write(self, work: Callable[[sqlite3.Connection], ResultT]) -> ResultT:
        """Return the result of *work* when its transaction is on the disk."""
        process = os.getpid()
        self._process = self._process or process
        if self._process != process:
            message = (
                f"{self._path} was in use before this process was forked: make a ledger in each process."
            )
            raise LedgerError(message)
        result: asyncio.Future[ResultT] = asyncio.get_running_loop().create_future()
        with self._guard:
            if not self._is_writing:
                # Not a daemon: Python waits for it at the end, so no change is lost.
                threading.Thread(target=self._drain, name="etelecom-ledger").start()
                self._is_writing = True
            self._waiting.append(_Change(work, result))
        return await result

    def _drain(self) -> None:
        """Commit what waits, until nothing does; each turn is one transaction."""
        while changes := self._take():
            try:
                with self._database:
                    results = self._commit(changes)
            except Exception as error:  # noqa: BLE001 - otherwise the callers would wait for ever
                reason = _reason(error)
                results = [LedgerError(f"{self._path} cannot be used: {reason}.") for _ in changes]
            _deliver(list(zip(changes, results, strict=True)))

    def _take(self) -> list[_Change]:
        with self._guard:
            changes = [change for change in self._waiting if not change.result.cancelled()]
            self._waiting = []
            self._is_writing = bool(changes)
        return changes

    def _commit(self, changes: list[_Change]) -> list[Any]:
        if self._connection is None:
            self._connection = _connect(self._path)
            # A ledger that nobody closes leaves no open file behind.
            weakref.finalize(self, self._connection.close)
        connection = self._connection
        try:
            connection.execute("BEGIN IMMEDIATE")
            results = [change.work(connection) for change in changes]
            connection.execute("COMMIT")
        except BaseException:
            with suppress(sqlite3.Error):
                connection.rollback()
            raise
        return results

    def _close(self) -> None:
        with self._database:
            if self._connection is not None:
                self._connection.close()
                self._connection = None


def _deliver(results: list[tuple[_Change, Any]]) -> None:
    """Hand the results to the event loops that wait for them, with one wake-up for each loop."""
    for loop in {change.result.get_loop() for change, _ in results}:
        mine = [(change, result) for change, result in results if change.result.get_loop() is loop]
        with suppress(RuntimeError):  # the loop was closed
            loop.call_soon_threadsafe(_settle, mine)


def _settle(results: list[tuple[_Change, Any]]) -> None:
    for change, result in results:
        if change.result.done():  # cancelled
            continue
        if isinstance(result, LedgerError):
            change.result.set_exception(result)
        else:
            change.result.set_result(result)


def _connect(path: Path) -> sqlite3.Connection:
    """Open the file, and create its table if it is new."""
    connection = sqlite3.connect(
        path,
        isolation_level=None,  # no hidden transactions
        timeout=_BUSY_SECONDS,
        check_same_thread=False,  # one thread at a time uses it
    )
    try:
        _refuse_other_files(connection)
        _use_wal(connection)
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA fullfsync = ON")  # for macOS, whose fsync leaves data in the drive
        connection.execute("BEGIN IMMEDIATE")
        connection.execute(_TABLE)
        connection.execute(_INDEX)
        connection.execute(f"PRAGMA application_id = {_APPLICATION_ID}")
        connection.execute("COMMIT")
    except BaseException:
        connection.close()
        raise
    return connection


def _refuse_other_files(connection: sqlite3.Connection) -> None:
    connection.execute("BEGIN")  # so that both reads see the same state
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    connection.execute("COMMIT")
    if tables and application != _APPLICATION_ID:
        raise sqlite3.DatabaseError("it is another program's database, and nothing was changed")


def _use_wal(connection: sqlite3.Connection) -> None:
    """Switch to a write-ahead log. SQLite does not wait here while another process does the same."""
    until = time.monotonic() + _BUSY_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                raise
            time.sleep(0.01)
        else:
            return


def _reason(error: Exception) -> str:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # without the details of an extended code
    if code == sqlite3.SQLITE_FULL:
        return "the disk is full"
    if code == sqlite3.SQLITE_BUSY:
        return f"another process has used it for {_BUSY_SECONDS:.0f} seconds"
    return str(error).rstrip(".") or type(error).__name__


def _claim(connection: sqlite3.Connection, key: LedgerKey, owner: str) -> Claim:
    row = connection.execute(_FIND, attrs.astuple(key)).fetchone()
    if row is not None:
        return claim_of(_entry(row), owner)
    values = (*attrs.astuple(key), KeyState.CLAIMED, owner, _now())
    connection.execute(_INSERT, values)
    return Claim(ClaimState.NEW, _entry(values))


def _entry(row: tuple[str, ...]) -> Entry:
    account, oa_id, tracking_id, state, owner, changed_at = row
    return Entry(
        key=LedgerKey(account=account, oa_id=oa_id, tracking_id=tracking_id),
        state=KeyState(state),
        owner=owner,
        changed_at=datetime.fromisoformat(changed_at),
    )


def _now() -> str:
    return _sortable(datetime.now(UTC))


def _sortable(moment: datetime) -> str:
    """Return a time as a text; texts have the order of their times."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")
