"""A ledger in a file: group commit, durability, other files, full disks, forks. See also test_ledger.py."""

from __future__ import annotations

import asyncio
import signal
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from etelecom_async.bulk.ledger import ClaimState, KeyState, LedgerKey
from etelecom_async.bulk.sqlite_ledger import SqliteLedger
from etelecom_async.errors import LedgerError

PATIENCE = 60
posix = pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX")


def key(number: int) -> LedgerKey:
    """Return a key."""
    return LedgerKey(account="1", oa_id="2", tracking_id=f"HD-{number}")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """The path of a ledger that does not exist yet."""
    return tmp_path / "sent.ledger"


def traced(ledger: SqliteLedger) -> list[str]:
    """Return a list to which the ledger adds each statement that it executes."""
    statements: list[str] = []
    assert ledger._connection
    ledger._connection.set_trace_callback(statements.append)
    return statements


async def test_group_commit(path: Path) -> None:
    """Claims that wait are one transaction: a hundred tasks need two, because the first may start alone."""
    async with SqliteLedger(path) as ledger:
        await ledger.claim(key(0), "job")
        statements = traced(ledger)
        with ledger._database:  # as if a transaction took long
            tasks = [asyncio.create_task(ledger.claim(key(number), "job")) for number in range(1, 101)]
            await asyncio.sleep(0)
        claims = await asyncio.gather(*tasks)
        assert {claim.state for claim in claims} == {ClaimState.NEW}
        assert statements.count("COMMIT") <= 2
        assert sum(statement.startswith("INSERT") for statement in statements) == 100


async def test_claim_is_on_the_disk(path: Path) -> None:
    """Each commit waits for the disk: the file has a write-ahead log and the mode FULL."""
    async with SqliteLedger(path) as ledger:
        await ledger.claim(key(1), "job")
        assert ledger._connection
        values = [
            ledger._connection.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("journal_mode", "synchronous")
        ]
        assert values == ["wal", 2]


@posix
def test_kill(path: Path) -> None:
    """A process that is killed right after a claim has claimed: the next job finds the key held."""
    code = (
        "import asyncio, os, signal, sys\n"
        "from etelecom_async.bulk.ledger import LedgerKey\n"
        "from etelecom_async.bulk.sqlite_ledger import SqliteLedger\n"
        "async def main():\n"
        "    key = LedgerKey(account='1', oa_id='2', tracking_id='HD-1')\n"
        "    await SqliteLedger(sys.argv[1]).claim(key, 'job 1')\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
        "asyncio.run(main())"
    )
    assert subprocess.run([sys.executable, "-c", code, path], check=False).returncode == -signal.SIGKILL

    async def claim() -> list[ClaimState]:
        async with SqliteLedger(path) as ledger:
            return [(await ledger.claim(key(1), owner)).state for owner in ("job 1", "job 2")]

    assert asyncio.run(claim()) == [ClaimState.OURS, ClaimState.HELD]


async def test_use_after_close(path: Path) -> None:
    """A closed ledger opens again when it is used; closing twice is harmless."""
    ledger = SqliteLedger(str(path))
    await ledger.close()
    await ledger.claim(key(1), "job")
    await ledger.close()
    await ledger.close()
    assert not path.with_name("sent.ledger-wal").exists()
    assert (await ledger.claim(key(1), "job")).state is ClaimState.OURS
    await ledger.close()
    assert repr(ledger) == f"SqliteLedger({str(path)!r})"


def test_ledger_that_nobody_closes(path: Path) -> None:
    """A ledger without `close` leaves no warning, and works in several event loops."""
    code = (
        "import asyncio, sys\n"
        "from etelecom_async.bulk.ledger import LedgerKey\n"
        "from etelecom_async.bulk.sqlite_ledger import SqliteLedger\n"
        "async def main(ledger, number):\n"
        "    key = LedgerKey(account='1', oa_id='2', tracking_id='HD-1')\n"
        "    print((await ledger.claim(key, f'job {number}')).state)\n"
        "ledger = SqliteLedger(sys.argv[1])\n"
        "for number in (1, 2): asyncio.run(main(ledger, number))"
    )
    done = subprocess.run(
        [sys.executable, "-X", "dev", "-W", "error", "-c", code, path],
        capture_output=True,
        check=False,
        text=True,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "new\nheld\n", "")


async def test_cancelled_claim(path: Path) -> None:
    """A cancelled claim that waits is not made; one whose transaction runs is made, and stays its owner's."""
    inserts, may_continue = threading.Event(), threading.Event()

    def hold(statement: str) -> None:
        if statement.startswith("INSERT"):
            inserts.set()
            may_continue.wait(PATIENCE)

    async with SqliteLedger(path) as ledger:
        await ledger.claim(key(0), "job")
        assert ledger._connection
        ledger._connection.set_trace_callback(hold)
        running = asyncio.create_task(ledger.claim(key(1), "job"))
        assert await asyncio.to_thread(inserts.wait, PATIENCE)
        waiting = asyncio.create_task(ledger.claim(key(2), "job"))
        await asyncio.sleep(0)
        running.cancel()
        waiting.cancel()
        await asyncio.gather(running, waiting, return_exceptions=True)
        may_continue.set()
        states = [(await ledger.claim(key(number), "job")).state for number in (1, 2)]
        assert states == [ClaimState.OURS, ClaimState.NEW]


async def test_full_disk(path: Path) -> None:
    """On a full disk no claim succeeds, and none is made; with space again the ledger continues."""
    async with SqliteLedger(path) as ledger:
        await ledger.claim(key(0), "job")
        assert ledger._connection
        (pages,) = ledger._connection.execute("PRAGMA page_count").fetchone()
        ledger._connection.execute(f"PRAGMA max_page_count = {pages}")
        claims = await asyncio.gather(
            *(ledger.claim(key(number), "x" * 200) for number in range(1, 101)), return_exceptions=True
        )
        failed = {number for number, claim in enumerate(claims, 1) if isinstance(claim, LedgerError)}
        assert failed
        problem = f"{path} cannot be used: the disk is full. Send nothing without it"
        assert all(str(claims[number - 1]).startswith(problem) for number in failed)

        ledger._connection.execute(f"PRAGMA max_page_count = {pages + 100}")
        states = {number: (await ledger.claim(key(number), "job 2")).state for number in range(1, 101)}
        assert {number for number, state in states.items() if state is ClaimState.NEW} == failed


def refusal(path: Path) -> str:
    """Return the error of a claim."""
    with pytest.raises(LedgerError) as caught:
        asyncio.run(SqliteLedger(path).claim(key(1), "job"))
    return str(caught.value)


def test_other_files(path: Path) -> None:
    """A file that is no ledger is refused and stays unchanged."""
    path.write_text("invoice,phone\n" * 100, encoding="utf-8")
    before = path.read_bytes()
    assert f"{path} cannot be used: file is not a database." in refusal(path)
    assert path.read_bytes() == before

    path.unlink()
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("CREATE TABLE sent (account TEXT)")
    other.close()
    before = path.read_bytes()
    assert f"{path} cannot be used: it is another program's database, and nothing was changed." in refusal(
        path
    )
    assert path.read_bytes() == before


async def test_path_that_cannot_be_used(tmp_path: Path) -> None:
    """A missing folder, or a folder in place of the file, is an error, again and again."""
    for path in (tmp_path / "absent" / "sent.ledger", tmp_path):
        ledger = SqliteLedger(path)
        for _ in range(2):
            with pytest.raises(LedgerError, match="cannot be used: unable to open database file"):
                await ledger.claim(key(1), "job")


async def test_damaged_row(path: Path) -> None:
    """A row that no version wrote is an error, and the ledger answers afterwards."""
    async with SqliteLedger(path) as ledger:
        await ledger.claim(key(1), "job")
        assert ledger._connection
        ledger._connection.execute("UPDATE sent SET state = 'odd'")
        with pytest.raises(LedgerError, match="'odd' is not a valid KeyState"):
            await ledger.claim(key(1), "job")
        assert (await ledger.claim(key(2), "job")).state is ClaimState.NEW
        assert [entry.key for entry in await ledger.entries(KeyState.CLAIMED)] == [key(2)]


async def test_file_that_another_process_holds(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that keeps the file locked does not stop the event loop; the claim ends with an error."""
    monkeypatch.setattr("etelecom_async.bulk.sqlite_ledger._BUSY_SECONDS", 0.05)
    async with SqliteLedger(path) as ledger:
        await ledger.claim(key(1), "job")
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(LedgerError, match="another process has used it for"):
            await ledger.claim(key(2), "job")
        other.close()
        assert (await ledger.claim(key(2), "job")).state is ClaimState.NEW


@posix
def test_fork(path: Path) -> None:
    """A forked child cannot use its parent's connection; a ledger that was not used before works there."""
    code = (
        "import asyncio, os, sys, warnings\n"
        "from etelecom_async.bulk.ledger import LedgerKey\n"
        "from etelecom_async.bulk.sqlite_ledger import SqliteLedger\n"
        "from etelecom_async.errors import LedgerError\n"
        "key = LedgerKey(account='1', oa_id='2', tracking_id='HD-1')\n"
        "used, fresh = (SqliteLedger(sys.argv[1]) for _ in range(2))\n"
        "asyncio.run(used.claim(key, 'job'))\n"
        "if child := os.fork():\n"
        "    print(asyncio.run(used.claim(key, 'job')).state, os.waitpid(child, 0)[1])\n"
        "else:\n"
        "    try: asyncio.run(used.claim(key, 'job'))\n"
        "    except LedgerError as error: assert 'before this process was forked' in str(error)\n"
        "    else: os._exit(1)\n"
        "    os._exit(0 if asyncio.run(fresh.claim(key, 'child')).state == 'held' else 2)"
    )
    done = subprocess.run([sys.executable, "-c", code, path], capture_output=True, check=True, text=True)
    assert done.stdout == "ours 0\n"
