"""The folder of the recordings: one run at a time, its manifest, and its quota."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final, Self

import filelock

from etelecom_async.history import recording_parts
from etelecom_async.history.recording_manifest import SAVED, Manifest, Recording

_LOCK: Final = ".lock"


class QuotaReachedError(Exception):
    """A file does not fit into what the folder may hold."""


class Quota:
    """
    The bytes that a folder may hold.

    Args:
        most: The most bytes; `None` for any number.
        used: Bytes that it holds now.
    """

    def __init__(self, most: int | None, used: int) -> None:
        self._most = most
        self._used = used

    def take(self, size: int) -> None:
        """
        Count bytes before they are written.

        Raises:
            QuotaReachedError: They do not fit.
        """
        if self._most is not None and self._used + size > self._most:
            raise QuotaReachedError
        self._used += size

    def add(self, size: int) -> None:
        """Count bytes that are written in any case: the notes about the recordings."""
        self._used += size

    def give_back(self, size: int) -> None:
        """Count bytes that were not written, or that were removed."""
        self._used -= size


class RecordingFolder:
    """
    The folder of the recordings. Use it with `with`.

    Args:
        path: The folder; it is made if it does not exist.
        most: The most bytes that it may hold; `None` for any number.
    """

    def __init__(self, path: Path, most: int | None = None) -> None:
        self.path: Final = path
        self.manifest: Final = Manifest(path)
        self.quota = Quota(most, 0)
        self._most = most
        self._lock = filelock.FileLock(path / _LOCK, timeout=0)

    def __enter__(self) -> Self:
        """
        Lock the folder, and read its manifest.

        Raises:
            BlockingIOError: Another run uses it.
            OSError: The folder or its manifest cannot be made.
        """
        if not self.path.exists():
            self.path.mkdir(mode=0o700, parents=True)
        try:
            self._lock.acquire()
        except filelock.Timeout:
            message = "another run downloads into it: wait until that one ends"
            raise BlockingIOError(errno.EWOULDBLOCK, message, str(self.path)) from None
        try:
            self.manifest.open()
            if self._most is not None:
                self.quota = Quota(self._most, sum(_sizes(self.path)))
        except BaseException:
            self._lock.release()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.manifest.close()
        with suppress(OSError):  # it has parts, or does not exist
            (self.path / recording_parts.FOLDER).rmdir()
        self._lock.release()

    def note(self, recording: Recording) -> None:
        """
        Note the state of a recording.

        Raises:
            OSError: The manifest cannot be written.
        """
        self.quota.add(self.manifest.note(recording))

    def has(self, recording: Recording) -> bool:
        """Return whether the file of a recording is there, with its size."""
        if recording.state != SAVED or recording.file is None:
            return False
        try:
            return (self.path / Path(recording.file).name).stat().st_size == recording.bytes
        except OSError:
            return False


def _sizes(folder: Path) -> Iterator[int]:
    """Yield the sizes of the files in a folder, and of the parts."""
    for place in (folder.glob("*"), (folder / recording_parts.FOLDER).glob(f"*{recording_parts.SUFFIX}")):
        for path in place:
            if path.is_file():
                yield path.stat().st_size
