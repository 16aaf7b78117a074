"""
Keep the files of an export that many processes write, until each shop is whole.

A process writes the files of one window of one shop into a folder of its own, and renames it at the end. So
a window is there or not, also after a kill, and a window that was read twice is there once.
"""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from time import monotonic, sleep
from typing import Any, Final, Self
from urllib.parse import quote
from uuid import uuid4

import attrs

from etelecom_async._core import private_files
from etelecom_async.history import partitions, row_times
from etelecom_async.history.arrow import ArrowSchema, ArrowTable, pa, pa_parquet, pc
from etelecom_async.history.columns import count_unknown_fields
from etelecom_async.history.formats import FormatName, OutputFile
from etelecom_async.history.partitions import Layout, PartitionName, Partitions
from etelecom_async.history.spans import Span
from etelecom_async.history.spool import PartialFolder, replace_partitions

_PLAN: Final = "windows.json"
_DONE: Final = "done.json"
_ROWS: Final = "rows"
_BORDERS: Final = "borders.parquet"
_LATENCY: Final = 90.0
"""Seconds to wait for a file of another machine. NFS may show it after a minute."""
_POLL: Final = 0.5


@attrs.frozen(kw_only=True)
class Counts:
    """Numbers of what a read has found."""

    rows: int = 0
    requests: int = 0
    """Responses that were received."""
    unknown_fields: Mapping[str, int] = attrs.field(factory=dict[str, int])
    """The number of rows with each field that the models do not have."""

    @classmethod
    def read(cls, path: Path) -> Self | None:
        """Return the counts in a file; `None` if there is no such file."""
        try:
            saved: Any = json.loads(path.read_text(encoding="utf-8"))
            return cls(
                rows=int(saved["rows"]),
                requests=int(saved["requests"]),
                unknown_fields={name: int(count) for name, count in saved["unknown_fields"].items()},
            )
        except (OSError, ValueError, TypeError, KeyError, AttributeError):
            return None

    def write(self, path: Path) -> None:
        """Write the counts into a file."""
        private_files.replace(path, json.dumps(attrs.asdict(self)).encode())

    def plus(self, other: Counts) -> Counts:
        """Return the sums."""
        return Counts(
            rows=self.rows + other.rows,
            requests=self.requests + other.requests,
            unknown_fields=Counter(self.unknown_fields) + Counter(other.unknown_fields),
        )


@attrs.frozen(kw_only=True)
class WindowFiles:
    """Where the files of windows are, and what they look like. All processes have the same."""

    folder: Path
    """Folder that all machines share."""
    partition: tuple[PartitionName, ...]
    file_format: FormatName

    def of_shop(self, shop_id: str) -> Path:
        """Return the folder with the windows of a shop."""
        return self.folder / "windows" / quote(shop_id, safe="")

    def _of_window(self, shop_id: str, number: int) -> Path:
        return self.of_shop(shop_id) / f"{number:05}"

    def counts(self, shop_id: str, number: int) -> Counts | None:
        """Return the counts of a window that was read; else `None`."""
        return Counts.read(self._of_window(shop_id, number) / _DONE)

    @contextmanager
    def writer(self, shop_id: str, number: int, window: Span, schema: ArrowSchema) -> Generator[WindowWriter]:
        """
        Write the rows of a window. The files appear when the block ends without an error.

        Args:
            shop_id: The id of the shop.
            number: The number of the window.
            window: Its times.
            schema: The columns.

        Raises:
            OSError: A file cannot be written.
        """
        place = self._of_window(shop_id, number)
        new = place.with_name(f".{number:05}-{uuid4().hex}")
        # Without parents: a process that outlives the export must not make the folders again.
        new.mkdir()
        try:
            layout = Layout(self.partition, shop_id, self.file_format, schema)
            with closing(WindowWriter(new, layout, window)) as writer:
                yield writer
            writer.counts().write(new / _DONE)
            try:
                new.rename(place)
            except OSError:
                # Another process had this task, too, and was faster.
                if self.counts(shop_id, number) is None:
                    raise
        finally:
            shutil.rmtree(new, ignore_errors=True)


class WindowWriter:
    """
    Writes the rows of a window.

    Rows at the ends of the window may also come from the window beside it. They get a file of their own.

    Args:
        folder: Where to write.
        layout: Which files to write.
        window: The times of the window.
    """

    def __init__(self, folder: Path, layout: Layout, window: Span) -> None:
        self.requests = 0
        """Responses that were received."""
        self._edges = (window.begin, window.end)
        self._rows = Partitions(folder / _ROWS, layout)
        self._borders = OutputFile(folder / _BORDERS, "parquet", layout.schema)
        self._count = 0
        self._unknown_fields: Counter[str] = Counter()

    def write(self, table: ArrowTable) -> None:
        """Append rows."""
        is_border = row_times.around(table, self._edges)
        borders, rows = table.filter(is_border), table.filter(pc.invert(is_border))
        if borders:
            self._borders.write(borders)
        if rows:
            self._rows.write(rows)
            self._count += len(rows)
            count_unknown_fields(rows, self._unknown_fields)

    def counts(self) -> Counts:
        """Return what was written, without the rows at the ends of the window."""
        return Counts(rows=self._count, requests=self.requests, unknown_fields=self._unknown_fields)

    def close(self) -> None:
        """Close the files."""
        with closing(self._borders):
            self._rows.close()


class WindowFolder:
    """
    The hidden folder of an export whose shops are not all whole.

    Args:
        target: The folder to make.
        key: What the export depends on. The files of another export are discarded.
        partition: Folders to make.
        file_format: The format of the files.
    """

    def __init__(
        self, target: Path, key: str, partition: tuple[PartitionName, ...], file_format: FormatName
    ) -> None:
        self._place = PartialFolder(target)
        self._target = target
        self._key = key
        self._joining: Final = self._place.path / "joining"
        """Has the windows of shops whose files are about to be moved."""
        self.files: Final = WindowFiles(folder=self._place.path, partition=partition, file_format=file_format)

    def open(self, windows: Sequence[Span]) -> list[Span]:
        """
        Lock the target, and return the windows to read: those of an earlier run that did not end, if any.

        Args:
            windows: The windows of a new run.

        Raises:
            BlockingIOError: Another process or task exports to the same target.
            OSError: The folder cannot be made.
        """
        self._place.acquire()
        try:
            earlier = self._earlier()
            if earlier is not None:
                if self._joining.exists():  # the earlier run was killed
                    shutil.rmtree(self._joining)
                return earlier
            self._place.discard()
            plan = {
                "key": self._key,
                "windows": [[span.begin.isoformat(), span.end.isoformat()] for span in windows],
            }
            private_files.replace(self._place.path / _PLAN, json.dumps(plan).encode())
        except BaseException:
            self._place.release(keeps_files=True)
            raise
        return list(windows)

    def _earlier(self) -> list[Span] | None:
        try:
            plan: Any = json.loads((self._place.path / _PLAN).read_text(encoding="utf-8"))
            if plan["key"] != self._key:
                return None
            return [Span.of_texts(begin, end) for begin, end in plan["windows"]]
        except (OSError, ValueError, TypeError, KeyError):
            return None

    def close(self, *, is_whole: bool) -> None:
        """
        Release the lock.

        Args:
            is_whole: Whether no later run has to continue.
        """
        self._place.release(keeps_files=not is_whole and self._has_files())

    def _has_files(self) -> bool:
        """Return whether a window or a shop is there that a later run needs not read."""
        folder = self._place.path
        return any(
            True for pattern in ("windows/*/*/done.json", "shops/*.json") for _ in folder.glob(pattern)
        )

    def prepare(self, shop_id: str) -> dict[int, Counts]:
        """
        Make the folder for the windows of a shop; return the counts of those that an earlier run has read.

        Raises:
            OSError: The folder cannot be made.
        """
        folder = self.files.of_shop(shop_id)
        folder.mkdir(parents=True, exist_ok=True)
        numbers = [int(path.name) for path in folder.iterdir() if path.name.isdecimal()]
        found = {number: self.files.counts(shop_id, number) for number in numbers}
        return {number: counts for number, counts in found.items() if counts is not None}

    def joined(self, shop_id: str) -> Counts | None:
        """Return the counts of a shop that an earlier run has joined; else `None`."""
        return Counts.read(self._of_joined(shop_id))

    def _of_joined(self, shop_id: str) -> Path:
        return self._place.path / "shops" / f"{quote(shop_id, safe='')}.json"

    def join(self, shop_id: str, count: int, span: Span) -> Counts:
        """
        Move the files of a shop into the target, in place of the partitions of the span.

        Args:
            shop_id: The id of the shop; all of its windows were read.
            count: The number of windows.
            span: The times of the rows.

        Raises:
            OSError: A file is missing or cannot be moved.
        """
        total = self._whole(shop_id, count)
        # From here on, the next run reads the windows again: their files are about to be moved.
        folder = self._joining / quote(shop_id, safe="")
        self._joining.mkdir(exist_ok=True)
        self.files.of_shop(shop_id).rename(folder)
        windows = [folder / f"{number:05}" for number in range(count)]
        borders = _without_repeats([pa_parquet.read_table(window / _BORDERS) for window in windows])
        total = total.plus(_counted(borders))
        layout = Layout(self.files.partition, shop_id, self.files.file_format, borders.schema)
        with closing(Partitions(folder / "borders", layout)) as parts:
            parts.write(borders)
        made = _moved([*(window / _ROWS for window in windows), folder / "borders"], folder / "whole")
        filled = partitions.of_span(self.files.partition, shop_id, span)
        replace_partitions(self._target, filled, made, folder)
        marker = self._of_joined(shop_id)
        marker.parent.mkdir(exist_ok=True)
        total.write(marker)
        shutil.rmtree(folder, ignore_errors=True)
        return total

    def _whole(self, shop_id: str, count: int) -> Counts:
        """
        Return the counts of all windows of a shop. Wait for windows that this machine does not see yet.

        Raises:
            FileNotFoundError: One is missing.
        """
        until = monotonic() + _LATENCY
        total = Counts()
        for number in range(count):
            while (counts := self.files.counts(shop_id, number)) is None:
                if monotonic() >= until:
                    window = self.files.of_shop(shop_id) / f"{number:05}"
                    raise FileNotFoundError(2, "the files of a window are missing", str(window))
                sleep(_POLL)
            total = total.plus(counts)
        return total


def _without_repeats(tables: Sequence[ArrowTable]) -> ArrowTable:
    """Return the rows of all tables; a row that comes twice is there once. Rows without an id all stay."""
    table = pa.concat_tables(tables)
    seen: set[object] = set()
    kept: list[bool] = []
    for each in table.column("id").to_pylist():
        kept.append(each is None or each not in seen)
        seen.add(each)
    return table.filter(pa.array(kept, pa.bool_()))


def _counted(table: ArrowTable) -> Counts:
    unknown_fields: Counter[str] = Counter()
    count_unknown_fields(table, unknown_fields)
    return Counts(rows=len(table), unknown_fields=unknown_fields)


def _moved(sources: Iterable[Path], target: Path) -> dict[str, Path]:
    """Move the files of all sources into one folder for each partition; return these by their names."""
    made: dict[str, Path] = {}
    numbers: Counter[str] = Counter()
    for source in sources:
        for file in sorted(path for path in source.rglob("part-*") if path.is_file()):
            name = file.parent.relative_to(source).as_posix()
            if name not in made:
                made[name] = target / name
                made[name].mkdir(parents=True)
            file.rename(made[name] / f"part-{numbers[name]:05}{file.suffix}")
            numbers[name] += 1
    return made
