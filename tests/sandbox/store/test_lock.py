"""The lock of a file."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import pytest

from etelecom_async.sandbox.store.lock import lock

if TYPE_CHECKING:
    from pathlib import Path

HOLD = """
import pathlib, sys
from etelecom_async.sandbox.store.lock import lock

with lock(pathlib.Path(sys.argv[1])):
    print("locked", flush=True)
    sys.stdin.read()
"""
# Starts a child process that outlives it with a copy of the open file.
LEAVE = """
import os, pathlib, sys
from etelecom_async.sandbox.store.lock import lock

with lock(pathlib.Path(sys.argv[1])):
    if os.fork() == 0:
        print("locked", flush=True)
        sys.stdin.read()
        os._exit(0)
os._exit(0)
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return the path of a lock."""
    return tmp_path / "state.db.lock"


def test_one_block_at_a_time(path: Path) -> None:
    """A second block in the process is refused. After the first, the lock is free and its file is removed."""
    for _ in range(2):
        with lock(path):
            assert path.read_bytes() == b""
            for _ in range(2):
                with pytest.raises(BlockingIOError), lock(path):
                    pass
        assert not path.exists()


def test_a_block_that_fails(path: Path) -> None:
    """The lock ends with a block that raises an error."""
    with pytest.raises(ZeroDivisionError), lock(path):
        raise ZeroDivisionError
    with lock(path):
        pass


def test_a_killed_process(path: Path) -> None:
    """Another process is refused while the first lives. After `kill -9`, the file is left, but no lock."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"locked\n"
        with pytest.raises(BlockingIOError), lock(path):
            pass
        process.kill()
        process.wait()
    assert path.exists()
    with lock(path):
        pass
    assert not path.exists()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the system has no fork")
def test_a_child_process(path: Path) -> None:
    """The lock ends with its block, even if a child process still has a copy of the open file."""
    with subprocess.Popen(
        [sys.executable, "-c", LEAVE, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"locked\n"
        process.wait()
        with lock(path):
            pass


def test_many_threads(path: Path) -> None:
    """Of many threads that lock and unlock, at most one has the lock at a time."""
    holders: list[int] = []
    most: list[int] = []
    refused: list[int] = []

    def work(number: int) -> None:
        for _ in range(200):
            try:
                with lock(path):
                    holders.append(number)
                    most.append(len(holders))
                    holders.remove(number)
            except BlockingIOError:
                refused.append(number)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(most) == {1}
    assert len(most) + len(refused) == 800
    with lock(path):
        pass


def test_a_missing_folder(tmp_path: Path) -> None:
    """A file that cannot be created raises the error of the system."""
    with pytest.raises(FileNotFoundError), lock(tmp_path / "nowhere" / "lock"):
        pass
