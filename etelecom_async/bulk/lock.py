"""
Let one process at a time use a journal.

There are two guards. The first is a lock on the file `<journal>.lock`, which the system ends with the
process. The second is a row in the journal itself that names the process. The row still protects the journal
when somebody deletes the lock file, or a forked child releases the lock.
"""

from __future__ import annotations

import os
import secrets
import sqlite3
from contextlib import closing, suppress
from pathlib import Path
from typing import Final

import filelock

from etelecom_async._core import private_files
from etelecom_async.bulk.drives import network_drive
from etelecom_async.bulk.processes import Process, is_running, this_process
from etelecom_async.errors import JournalError

TABLE: Final = (
    "CREATE TABLE lease (id INTEGER PRIMARY KEY CHECK (id = 1), token TEXT NOT NULL, pid INTEGER NOT NULL, "
    "started TEXT NOT NULL, system TEXT NOT NULL)"
)
"""The table of the second guard, with at most one row."""
_HELD: Final[set[str]] = set()
"""Tokens of the locks that this process holds. A row that it could not delete does not block it."""


class JobLock:
    """
    The lock of one journal.

    Args:
        path: The journal: an absolute path without links.
    """

    def __init__(self, path: Path) -> None:
        self._path: Final = path
        self._pid: Final = os.getpid()
        self._token: Final = secrets.token_hex(16)
        # A thread may acquire the lock, and another one release it.
        self._file: Final = filelock.FileLock(
            f"{path}.lock", timeout=0, mode=private_files.MODE, thread_local=False, preserve_lock_file=True
        )

    def acquire(self) -> None:
        """
        Acquire the lock of the file, without waiting.

        Raises:
            JournalError: The journal is in use or on a network drive, or its folder cannot be written.
        """
        # filelock would create the folder, although the path may be misspelt.
        if not self._path.parent.is_dir():
            raise JournalError(f"{self._path} is in a folder that does not exist: check the path.")
        if drive := network_drive(self._path.parent):
            raise JournalError(
                f"{self._path} is on a network drive ({drive}), which can lose a journal: use a local disk."
            )
        try:
            self._file.acquire()
        except filelock.Timeout:
            holder = _reader_of(self._path)
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise JournalError(f"{self._path}.lock cannot be opened: {reason}.") from error
        else:
            return
        raise _in_use(self._path, holder)

    def claim(self, journal: sqlite3.Connection) -> None:
        """
        Write this process into the journal; call it inside a transaction that may write.

        Raises:
            JournalError: The process in the journal still runs.
        """
        lease = _lease_in(journal)
        if lease is not None and _is_held(*lease):
            raise _in_use(self._path, lease[1])
        process = this_process()
        journal.execute(
            "INSERT OR REPLACE INTO lease (id, token, pid, started, system) VALUES (1, ?, ?, ?, ?)",
            (self._token, process.pid, process.started, process.system),
        )
        _HELD.add(self._token)

    def release(self, journal: sqlite3.Connection | None) -> None:
        """Release both guards. A full disk may keep the row, which then blocks no one after this process."""
        _HELD.discard(self._token)
        if journal is not None:
            with suppress(sqlite3.Error):
                journal.execute("DELETE FROM lease WHERE token = ?", (self._token,))
        self._file.release()

    def check_process(self) -> None:
        """
        Raise an error in a forked child: the journal belongs to its parent.

        Raises:
            JournalError: This process is a child of the one that made the lock.
        """
        if self.is_inherited:
            raise JournalError(
                f"{self._path} belongs to process {self._pid}, the parent of this one: use the job there."
            )

    @property
    def is_inherited(self) -> bool:
        """Whether this process is a forked child of the one that made the lock."""
        return os.getpid() != self._pid


def running_process(journal: sqlite3.Connection) -> Process | None:
    """Return the process that uses a journal; `None` if none certainly does."""
    lease = _lease_in(journal)
    return lease[1] if lease is not None and _is_held(*lease) else None


def _lease_in(journal: sqlite3.Connection) -> tuple[str, Process] | None:
    row = journal.execute("SELECT token, pid, started, system FROM lease").fetchone()
    return None if row is None else (row[0], Process(*row[1:]))


def _is_held(token: str, process: Process) -> bool:
    return token in _HELD if process.pid == os.getpid() else is_running(process)


def _reader_of(path: Path) -> Process | None:
    """Return the process that a journal names, if it can be read."""
    with suppress(sqlite3.Error), closing(sqlite3.connect(f"{path.as_uri()}?mode=rw", uri=True)) as journal:
        lease = _lease_in(journal)
        return None if lease is None else lease[1]
    return None


def _in_use(path: Path, process: Process | None) -> JournalError:
    which = "another process" if process is None else f"process {process.pid}"
    return JournalError(f"{path} is in use: {which} runs this job. Wait until it ends, or end it.")
