"""Keep the beginning of a recording that is not whole, so that a later run continues it."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO, Final

from etelecom_async._core import private_files
from etelecom_async._core.http.downloads import Incoming, Part
from etelecom_async.history import recording_formats

FOLDER: Final = ".parts"
"""Folder of the parts, in the folder of the recordings."""
SUFFIX: Final = ".part"
_NO_LINK: Final = getattr(os, "O_NOFOLLOW", 0)
"""Windows has no such flag, and needs a privilege to make a link."""


class PartFile:
    """
    A file for the part of a recording, with a file that says what it is a part of.

    Args:
        folder: The folder of the recordings.
        stem: Name of the recording, without the suffix.
        key: Digest of what the part belongs to. A part of something else is discarded.
        on_removed: Is called with the bytes of a part, or of a replaced recording, that the folder has lost.
    """

    def __init__(
        self, folder: Path, stem: str, key: str, on_removed: Callable[[int], object] = lambda _: None
    ) -> None:
        self._folder = folder
        self._stem = stem
        self._key = key
        self._on_removed = on_removed
        self._path = folder / FOLDER / f"{stem}{SUFFIX}"
        self._about = folder / FOLDER / f"{stem}.json"
        self._file: BinaryIO | None = None
        self._content_type = ""
        self._validator: str | None = None
        self.size = 0
        """Bytes in the file."""
        self.total: int | None = None
        """Bytes of the whole recording, if the server said so."""

    def restore(self) -> Part | None:
        """Return what an earlier download has left; `None` if there is nothing to continue."""
        try:
            size = _size(self._path)
            _size(self._about)
            about: Any = json.loads(self._about.read_bytes())
            part = Part(
                size=size, total=about["total"], validator=about["validator"]
            )  # as `begin` wrote them
            is_ours = about["key"] == self._key and _fits(part)
            self._content_type = str(about["content_type"])
        except (OSError, ValueError, TypeError, KeyError, RecursionError):
            is_ours, part = False, None
        if part is None or not is_ours:
            self.discard()
            return None
        self.size, self.total, self._validator = part.size, part.total, part.validator
        return part

    @property
    def is_whole(self) -> bool:
        """Whether nothing is missing."""
        return self.total is not None and self.size == self.total

    def begin(self, incoming: Incoming) -> None:
        """
        Start to write what a response brings.

        Raises:
            OSError: The file cannot be written.
        """
        self._path.parent.mkdir(mode=0o700, exist_ok=True)
        if incoming.begin == 0:
            self.discard()
        self._content_type, self.total = incoming.content_type, incoming.total
        self._validator = incoming.validator or self._validator
        about = {
            "key": self._key,
            "validator": self._validator,
            "total": self.total,
            "content_type": self._content_type,
        }
        with _opened(self._about, os.O_TRUNC) as file:
            file.write(json.dumps(about).encode())
        self._file = _opened(self._path, os.O_APPEND)

    def write(self, piece: bytes) -> None:
        """
        Append bytes.

        Raises:
            OSError: The disk is full.
        """
        rest = memoryview(piece)
        while rest and self._file is not None:
            written = self._file.write(rest)
            self.size += written
            rest = rest[written:]

    def close(self) -> None:
        """Close the file; the part stays."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def head(self) -> bytes:
        """Return the first bytes."""
        with self._path.open("rb") as file:
            return file.read(recording_formats.HEAD)

    def finish(self) -> str:
        """
        Give the whole file its name, and return it.

        Raises:
            OSError: The folder cannot be written.
        """
        suffix = recording_formats.suffix_of(self._content_type, self.head())
        name = f"{self._stem}.{suffix}"
        replaced = 0
        with suppress(OSError):
            replaced = _size(self._folder / name)
        self._path.replace(self._folder / name)
        self._on_removed(replaced)
        self._about.unlink(missing_ok=True)
        return name

    def discard(self) -> None:
        """Remove the part."""
        self.close()
        self.size, self.total, self._validator = 0, None, None
        with suppress(OSError):
            size = self._path.lstat().st_size
            self._path.unlink()
            self._on_removed(size)
        with suppress(OSError):
            self._about.unlink()


def _size(path: Path) -> int:
    """
    Return the size of a file.

    Raises:
        OSError: There is no file. A link to one is none.
    """
    found = path.lstat()
    if not stat.S_ISREG(found.st_mode):
        raise FileNotFoundError
    return found.st_size


def _opened(path: Path, flag: int) -> BinaryIO:
    """Open a file to write it, that of a link excepted."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | _NO_LINK | flag, private_files.MODE)
    return os.fdopen(descriptor, "wb", buffering=0)


def _fits(part: Part) -> bool:
    """Return whether a part can be continued, or is whole."""
    return 0 < part.size <= (part.total or part.size) and part.can_be_continued
