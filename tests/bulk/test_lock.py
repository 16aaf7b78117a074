"""One process at a time uses a journal, whatever happens to the file of the lock."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from etelecom_async import Effect
from etelecom_async.bulk.lock import JobLock
from etelecom_async.bulk.processes import start_of, this_process
from etelecom_async.bulk.records import Entry
from etelecom_async.bulk.store import Entries, Store
from etelecom_async.errors import JournalError

posix = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no fork, and removes no open file")

# A process that uses the journal until its input ends. The text before `input()` is up to the test.
HOLDER = """
import asyncio, fcntl, gc, os, signal, sys
from contextlib import suppress
from pathlib import Path
from etelecom_async import Effect
from etelecom_async.bulk.journal import Journal
from etelecom_async.bulk.records import Entry
from etelecom_async.errors import JournalError

path = Path(sys.argv[1])
lock = path.with_name(f"{{path.name}}.lock")
entry = Entry(key="a", operation="o", effect=Effect.CREATE, account="1", digest="d")

def unlock_all():
    for name in os.listdir("/dev/fd"):
        with suppress(OSError):  # the list itself was open
            fcntl.flock(int(name), fcntl.LOCK_UN)

async def main():
    signal.alarm(20)  # if the test hangs
    journal = await Journal.open(path, lambda _: [entry])
    {action}
    os.write(1, b"open\\n")  # one piece, because a child writes into the same pipe
    input()

asyncio.run(main())
"""
ENTRY = Entry(key="a", operation="o", effect=Effect.CREATE, account="1", digest="d")
# A child of the process does this, and waits until the test kills it.
IN_CHILD = """
    if os.fork() == 0:
        signal.alarm(20)
        {action}
        os.write(1, f"child {{os.getpid()}}\\n".encode())
        signal.pause()
"""


def one_step(_: bytes) -> list[Entry]:
    """Return a plan with one step."""
    return [ENTRY]


ONE: Entries = one_step


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """The path of a journal that does not exist yet."""
    return tmp_path.resolve() / "job.journal"


class Holder:
    """A process that uses a journal."""

    def __init__(self, path: Path, action: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-c", HOLDER.format(action=action), str(path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.lines: list[str] = []
        self.read_until("open")

    def read_until(self, word: str) -> None:
        """Read lines until one starts with *word*."""
        assert self.process.stdout is not None
        while not any(line.startswith(word) for line in self.lines):
            line = self.process.stdout.readline()
            assert line, f"the process ended: {self.lines}"
            self.lines.append(line.strip())

    def kill(self) -> None:
        """End the process at once, and release its pipes."""
        self.process.kill()
        self.process.wait()
        for line in self.lines:
            if line.startswith("child"):
                os.kill(int(line.split()[1]), signal.SIGKILL)
        self.lines.clear()
        for pipe in (self.process.stdin, self.process.stdout):
            assert pipe is not None
            pipe.close()


@pytest.fixture
def holders() -> Iterator[list[Holder]]:
    """Holders to kill after the test."""
    started: list[Holder] = []
    yield started
    for holder in started:
        holder.kill()


def refuses(path: Path, pid: int) -> None:
    """Assert that the journal cannot be opened, because this process uses it."""
    with pytest.raises(JournalError, match=rf"is in use: process {pid} runs this job"):
        Store.open(path, ONE)


def test_second_process(path: Path, holders: list[Holder]) -> None:
    """A second process is refused, with the number of the first one; a killed process frees the journal."""
    holders.append(Holder(path, "pass"))
    refuses(path, holders[0].process.pid)
    holders[0].kill()
    Store.open(path, ONE).close()


def test_same_process(path: Path) -> None:
    """One process cannot open a journal twice, but again after closing it."""
    store = Store.open(path, ONE)
    refuses(path, os.getpid())
    store.close()
    Store.open(path, ONE).close()


@posix
def test_unlinked_lock_file(path: Path, holders: list[Holder]) -> None:
    """If somebody deletes the file of the lock, the journal stays in use; also in the same process."""
    holders.append(Holder(path, "lock.unlink()"))
    refuses(path, holders[0].process.pid)
    holders[0].kill()
    store = Store.open(path, ONE)
    path.with_name(f"{path.name}.lock").unlink()
    refuses(path, os.getpid())
    store.close()


@posix
def test_second_descriptor(path: Path, holders: list[Holder]) -> None:
    """The process opens its lock file and its journal once more, and closes them: they stay in use."""
    holders.append(Holder(path, "lock.read_bytes(); path.read_bytes(); gc.collect()"))
    refuses(path, holders[0].process.pid)


CHILDREN = {
    "ends": "os._exit(0)",
    "exits": "sys.exit()",
    "deletes the journal": "del journal; gc.collect()",
    "releases the lock": "journal._lock.release(None)",
    "unlocks every file": "unlock_all()",
    "closes every file": "os.closerange(3, 100)",
    "opens the lock file again": "file = lock.open('ab')",
}


@posix
@pytest.mark.parametrize("action", CHILDREN.values(), ids=CHILDREN)
def test_forked_child(path: Path, holders: list[Holder], action: str) -> None:
    """A forked child cannot free the journal of its parent. A killed parent frees it, and the child lives."""
    wait = "os.wait()" if action in (CHILDREN["ends"], CHILDREN["exits"]) else "pass"
    holders.append(Holder(path, f"{IN_CHILD.format(action=action).strip()}\n    {wait}"))
    if wait == "pass":
        holders[0].read_until("child")
    refuses(path, holders[0].process.pid)
    os.kill(holders[0].process.pid, signal.SIGKILL)
    os.waitid(os.P_PID, holders[0].process.pid, os.WEXITED | os.WNOWAIT)
    Store.open(path, ONE).close()


@posix
def test_use_in_a_forked_child(path: Path, holders: list[Holder]) -> None:
    """A forked child cannot write into the journal of its parent, and closing it there does nothing."""
    action = """
    if os.fork() == 0:
        try:
            await journal.intent("a")
        except JournalError as error:
            print(error, flush=True)
        await journal.close()
        os._exit(0)
    os.wait()
    await journal.intent("a")
    """
    holders.append(Holder(path, action.strip()))
    pid = holders[0].process.pid
    assert f"belongs to process {pid}, the parent of this one" in holders[0].lines[0]
    refuses(path, pid)
    holders[0].kill()
    assert Store.read(path).records["a"].state == "started"


@posix
def test_number_of_another_process(path: Path) -> None:
    """After a reboot, another process may have the number in the journal: it does not block it."""
    Store.open(path, ONE).close()
    parent = os.getppid()
    start = start_of(parent)
    assert start
    lease = "INSERT INTO lease VALUES (1, 'token', ?, ?, ?)"
    with closing(sqlite3.connect(path)) as db:
        db.execute(lease, (parent, start, "another boot"))
        db.commit()
    Store.open(path, ONE).close()
    with closing(sqlite3.connect(path)) as db:
        db.execute(lease, (parent, "another start", this_process().system))
        db.commit()
    Store.open(path, ONE).close()


def test_row_of_this_process_that_stayed(path: Path) -> None:
    """A full disk may keep the row of the lock. It does not block the same process later."""
    store = Store.open(path, ONE)
    with closing(sqlite3.connect(path)) as db:
        row = db.execute("SELECT token, pid, started, system FROM lease").fetchone()
        store.close()
        db.execute("INSERT INTO lease VALUES (1, ?, ?, ?, ?)", row)
        db.commit()
    assert Store.read(path).process is None
    Store.open(path, ONE).close()


@posix
def test_network_drive(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A journal on a network drive is refused, and no file is created."""
    mounts = path.with_name("mounts")
    mounts.write_text(f"1 1 0:1 / {path.parent} rw - nfs4 server:/ rw\n")
    monkeypatch.setattr("etelecom_async.bulk.drives._MOUNTS", mounts)
    if sys.platform == "linux":
        with pytest.raises(JournalError, match=r"is on a network drive \(nfs4\).*use a local disk"):
            JobLock(path).acquire()
    assert list(path.parent.iterdir()) == [mounts]


def test_folder_that_does_not_exist(path: Path) -> None:
    """A missing folder is not created, because the path may be misspelt."""
    with pytest.raises(JournalError, match="job is in a folder that does not exist"):
        JobLock(path.parent / "missing" / "job").acquire()
    assert not (path.parent / "missing").exists()


def test_lock_file_that_cannot_be_opened(path: Path) -> None:
    """A lock file that cannot be opened is an error that names it."""
    path.with_name(f"{path.name}.lock").mkdir()
    with pytest.raises(JournalError, match=r"job\.journal\.lock cannot be opened: "):
        JobLock(path).acquire()
