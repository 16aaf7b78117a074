"""A lock that one block has at a time; the system ends it with its process, even after `kill -9`."""

from __future__ import annotations

import os
import sys
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

if sys.platform == "win32":
    import msvcrt

    def _acquire(file: IO[bytes]) -> None:
        try:
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        except PermissionError as error:
            raise BlockingIOError(*error.args) from None

    def _release(file: IO[bytes], path: Path) -> None:
        msvcrt.locking(file.fileno(), msvcrt.LK_UNLCK, 1)
        file.close()
        # Windows removes no open file, so the lock of another block stays.
        with suppress(OSError):
            path.unlink()

else:
    import fcntl

    def _acquire(file: IO[bytes]) -> None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def _release(file: IO[bytes], path: Path) -> None:
        # First the name, so that no other block locks this file.
        with suppress(OSError):
            path.unlink()
        # A child process may have a copy of the open file, so closing alone may not end the lock.
        fcntl.flock(file, fcntl.LOCK_UN)
        file.close()


@contextmanager
def lock(path: Path) -> Generator[None]:
    """
    Hold a lock during the block.

    The file of the lock is empty, and is removed at the end. A killed process leaves the file, but no lock.

    Args:
        path: File for the lock, which nothing else uses.

    Raises:
        BlockingIOError: Another block has the lock, in this process or in another one.
        OSError: The file cannot be created, or its file system has no locks.
    """
    file = _open_locked(path)
    try:
        yield
    finally:
        _release(file, path)


def _open_locked(path: Path) -> IO[bytes]:
    while True:
        file = path.open("ab")
        try:
            _acquire(file)
            if _is_file_of(path, file):
                return file
        except BaseException:
            file.close()
            raise
        # The block before removed this file after it was opened here.
        file.close()


def _is_file_of(path: Path, file: IO[bytes]) -> bool:
    try:
        return os.path.samestat(path.stat(), os.fstat(file.fileno()))
    except FileNotFoundError:
        return False
