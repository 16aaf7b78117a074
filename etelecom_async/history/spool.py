"""
Keep the rows of an export until it is whole, in a folder beside its target.

An export that fails leaves the folder. The next one with the same arguments continues in it.
"""

from __future__ import annotations

import errno
import json
import os
import shutil
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import attrs
import filelock

from etelecom_async._core import private_files
from etelecom_async.history import parquet_files
from etelecom_async.history.arrow import ArrowSchema, ArrowTable
from etelecom_async.history.formats import FormatName, OutputFile, can_append

_STATE: Final = "export.json"
_LOCK: Final = "lock"
_SUFFIX: Final = ".partial"
_PARTS: Final = "part-*"


@attrs.frozen
class State:
    """Where an export stands that is not whole."""

    checkpoint: str
    rows: int
    """Rows in the files."""
    unknown_fields: Mapping[str, int]
    """The number of these rows with each field that the models do not have."""


class PartialFolder:
    """
    The hidden folder beside the target of an export, where its files wait. One process at a time holds it.

    Args:
        target: The file or folder to make.
    """

    def __init__(self, target: Path) -> None:
        self.path: Final = target.with_name(f".{target.name}{_SUFFIX}")
        self._target = target
        self._lock = filelock.FileLock(self.path / _LOCK, timeout=0)

    def acquire(self) -> None:
        """
        Make the folder, and lock it.

        Raises:
            BlockingIOError: Another process or task exports to the same target.
            OSError: The folder cannot be made.
        """
        self.path.mkdir(mode=0o700, exist_ok=True)
        try:
            self._lock.acquire()
        except filelock.Timeout:
            message = "another export writes to it: wait until that one ends"
            raise BlockingIOError(errno.EWOULDBLOCK, message, str(self._target)) from None

    def release(self, *, keeps_files: bool) -> None:
        """Release the lock; remove the folder unless a later run continues with its files."""
        if not keeps_files:
            shutil.rmtree(self.path, ignore_errors=True)
        self._lock.release()

    def discard(self) -> None:
        """Remove what is in the folder."""
        for path in self.path.iterdir():
            if path.is_dir():
                shutil.rmtree(path)
            elif path.name != _LOCK:
                path.unlink()


class Spool:
    """
    The folder of an export that is not whole.

    Args:
        target: The file or folder to make.
        key: What the export depends on. A folder of another export is discarded.
    """

    def __init__(self, target: Path, key: str) -> None:
        self._place = PartialFolder(target)
        self.folder: Final = self._place.path
        self.earlier: State | None = None
        """Where the earlier run stopped, if there is something to continue."""
        self._target = target
        self._key = key

    def open(self) -> None:
        """
        Lock the target, and read what an earlier run has left.

        Raises:
            BlockingIOError: Another process or task exports to the same target.
            OSError: The folder cannot be made.
        """
        self._place.acquire()
        try:
            self.earlier = self._restore()
            if self.earlier is None:
                self.discard()
        except BaseException:
            self._place.release(keeps_files=True)
            raise

    def close(self) -> None:
        """Remove the folder if nothing is left to continue, and release the lock."""
        self._place.release(keeps_files=(self.folder / _STATE).exists())

    def _restore(self) -> State | None:
        """Return the state of the earlier run, and remove what was written after it."""
        try:
            saved: Any = json.loads((self.folder / _STATE).read_text(encoding="utf-8"))
            state = State(str(saved["checkpoint"]), int(saved["rows"]), _counts(saved["unknown_fields"]))
            sizes = _counts(saved["sizes"])
            if saved["key"] != self._key or any(self._size(name) < size for name, size in sizes.items()):
                return None
        except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
            return None
        for part in self._parts():
            name = self._name(part)
            if name not in sizes:
                part.unlink()
            else:
                os.truncate(part, sizes[name])
        return state

    def _parts(self) -> list[Path]:
        return sorted(path for path in self.folder.rglob(_PARTS) if path.is_file())

    def _name(self, part: Path) -> str:
        return part.relative_to(self.folder).as_posix()

    def _size(self, name: str) -> int:
        return (self.folder / name).stat().st_size

    @property
    def files(self) -> int:
        """Files of the earlier run."""
        return len(self._parts())

    def save(self, state: State) -> None:
        """Note where the export stands; its files must be closed."""
        sizes = {self._name(part): part.stat().st_size for part in self._parts()}
        saved = {"key": self._key, **attrs.asdict(state), "sizes": sizes}
        private_files.replace(self.folder / _STATE, json.dumps(saved).encode())

    def discard(self) -> None:
        """Remove what is in the folder."""
        self.earlier = None
        self._place.discard()

    def finish_file(self) -> None:
        """Make the target of its parts."""
        whole, *others = self._parts()
        if others:
            parts, whole = [whole, *others], self.folder / "whole"
            with whole.open("wb") as stream:
                parquet_files.join(parts, stream)
        with suppress(OSError):
            shutil.copymode(self._target, whole)  # it may be hidden from others, as it has phone numbers
        whole.replace(self._target)
        private_files.sync_folder(self._target.parent)
        self._forget()

    def finish_folder(self, paths: list[str]) -> None:
        """
        Move the partitions into the target, in place of those that it has.

        A partition that cannot be moved leaves the others; the next run reads the calls again.

        Args:
            paths: The partitions that the export fills, also those that got no row.
        """
        made = {self._name(part.parent) for part in self._parts()}
        replace_partitions(self._target, paths, {name: self.folder / name for name in made}, self.folder)
        self._forget()

    def _forget(self) -> None:
        (self.folder / _STATE).unlink(missing_ok=True)


def replace_partitions(
    target: Path, filled: Iterable[str], made: Mapping[str, Path], old_folder: Path
) -> None:
    """
    Move partitions into the folder of all partitions, in place of those that it has.

    Args:
        target: The folder of all partitions.
        filled: The partitions that an export fills, also those that got no row.
        made: The folders with the files of the partitions that got rows.
        old_folder: Where the replaced partitions go.

    Raises:
        OSError: A partition cannot be moved; others may have been.
    """
    places = {path: target / path for path in sorted({*filled, *made})}
    for place in places.values():  # before any change
        if place.exists() and not place.is_dir():
            message = "a partition needs a folder, and this is a file: move it away"
            raise NotADirectoryError(errno.ENOTDIR, message, str(place))
    target.mkdir(exist_ok=True)
    for number, (path, place) in enumerate(places.items()):
        if place.exists():
            place.replace(old_folder / f"old-{number}")
        if path in made:
            place.parent.mkdir(parents=True, exist_ok=True)
            made[path].replace(place)


def _counts(saved: Any) -> dict[str, int]:
    return {name: int(count) for name, count in saved.items()}


def resolved(target: str | os.PathLike[str]) -> Path:
    """
    Return the path of a target, without links.

    Raises:
        OSError: It is no place for a file, or its folder does not exist.
    """
    try:
        path = Path(os.path.realpath(target))
    except ValueError:
        raise OSError(errno.EINVAL, "a path has no zero byte", os.fspath(target)) from None
    if not path.name:
        raise IsADirectoryError(errno.EISDIR, "this is a folder, and no file", str(path))
    if not path.parent.is_dir():
        raise FileNotFoundError(errno.ENOENT, "its folder does not exist: make it first", str(path.parent))
    return path


def waiting_rows(target: str | os.PathLike[str]) -> int:
    """Return the number of rows of the last export to *target*, if it ended early; else 0."""
    spool = Spool(resolved(target), "")
    try:
        return int(json.loads((spool.folder / _STATE).read_text(encoding="utf-8"))["rows"])
    except (OSError, ValueError, TypeError, KeyError, RecursionError):
        return 0


class FileParts:
    """
    The parts of one file.

    A format that can be continued has one part. Parquet has one for each run.
    """

    def __init__(self, spool: Spool, name: FormatName, schema: ArrowSchema) -> None:
        is_new = spool.files == 0 or not can_append(name)
        number = spool.files if is_new else 0
        path = spool.folder / f"part-{number:05}.{name}"
        self._file = OutputFile(path, name, schema, is_new=is_new)

    def write(self, table: ArrowTable) -> None:
        """Append rows."""
        self._file.write(table)

    def close(self) -> None:
        """Close the part."""
        self._file.close()
