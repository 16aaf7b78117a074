"""Write the call logs of a span into files."""

from __future__ import annotations

import errno
import io
import json
import os
import stat
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Any, BinaryIO, Final, Unpack, cast

import attrs

from etelecom_async._client import ShopClient
from etelecom_async._core.tracebacks import cleaned
from etelecom_async._core.values import kind_of
from etelecom_async._generated import models
from etelecom_async.errors import APIError, InvalidRequestError, PagingError
from etelecom_async.history import partitions
from etelecom_async.history.arrow import ArrowSchema, ArrowTable
from etelecom_async.history.formats import FormatName, Output, Writer, format_of
from etelecom_async.history.hotlines import HotlineColumns, listed
from etelecom_async.history.partitions import PartitionName, Partitions
from etelecom_async.history.reading import CallOptions, Calls, calls
from etelecom_async.history.schema import VERSION
from etelecom_async.history.spool import FileParts, Spool, State, resolved
from etelecom_async.history.walking import Stage

ROWS_AT_RISK: Final = 200_000
"""Rows after which an export notes where it stands. A killed process loses those after the last note."""


@attrs.frozen(kw_only=True)
class Export:
    """What an export has written."""

    rows: int
    """Rows in the file or the partitions, with those of earlier runs that this one continued."""
    requests: int
    """Responses that this run received."""
    hotline_requests: int
    """Those of them that were for the hotlines."""
    resumed_rows: int
    """Rows of earlier runs."""
    unknown_fields: Mapping[str, int]
    """The number of rows with each field that the models do not have; `extra` has the values."""

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as plain data."""
        return attrs.asdict(self)


async def export(
    shop: ShopClient,
    output: str | os.PathLike[str] | BinaryIO,
    since: str | date,
    until: str | date | None = None,
    *,
    file_format: FormatName | None = None,
    partition: Sequence[PartitionName] = (),
    hotlines: bool | Iterable[models.Hotline] = False,
    on_progress: Stage | None = None,
    **options: Unpack[CallOptions],
) -> Export:
    """
    Write the call logs of a span of time into a file, or into a folder with partitions.

    The file appears when it is whole. After a failure or Ctrl-C, the rows wait in a hidden folder beside it.
    The same call then continues, and repeats at most the requests that were in flight. Without *until*, each
    call ends at another time, so it starts anew. The lists of hotlines are read again.

        await history.export(shop, "november.parquet", "2026-11-01", "2026-12-01")

    Times are UTC in Parquet, and have the offset of Hanoi in CSV and JSON Lines. In CSV, lists are JSON
    texts. A text that is a formula for a spreadsheet starts with an apostrophe there.

    Args:
        shop: A client of the shop.
        output: The file or folder, or a binary stream. An existing file is replaced.
        since: First day, or an aware time; see `calls`.
        until: The day after the last one, or an aware time. Default: now.
        file_format: `parquet`, `csv` or `jsonl`. Default: the suffix of *output*; `parquet` for partitions.
        partition: Folders to make: `shop`, `day`, `month`, the outermost first. The export replaces the
            partitions of its span; with `shop` alone, the whole folder of the shop. The id of the shop is
            that of its key.
        hotlines: Whether to add the columns `hotline_id`, `hotline` and `hotline_name`. A call log names no
            hotline, so the export lists the calls of each hotline, too. `True` takes the hotlines of
            `shop.hotlines.list`, which is inferred; a list of hotlines needs no such call.
        on_progress: Is called after each part.
        options: See `CallOptions`. `resume` is not used.

    Raises:
        InvalidRequestError: An argument is wrong.
        EtelecomError: A request failed.
        OSError: A file cannot be written.
    """
    try:
        target = target_of(output, file_format, partition)
        walk = calls(shop, since, until, **_without_resume(options))
        if target.partition:
            partitions.check(target.partition, walk.span)
        columns = HotlineColumns(shop, walk.span, options)
        if hotlines is not False:
            await columns.read(None if hotlines is True else listed(hotlines), on_progress)
        run = _Run(walk, columns, on_progress)
        if target.path is None:
            return await run.into_stream(cast("BinaryIO", output), target.file_format)
        return await run.into_path(target, target.path)
    except BaseException as error:
        cleaned(error)
        raise


@attrs.frozen
class Target:
    """Where to write, and how."""

    path: Path | None
    """The file or folder; `None` for a stream."""
    file_format: FormatName
    partition: tuple[PartitionName, ...]


def target_of(output: object, file_format: str | None, partition: object) -> Target:
    """
    Return where to write.

    Raises:
        InvalidRequestError: An argument is wrong.
        OSError: A file is where a folder must be, or the other way round.
    """
    problems: list[str] = []
    path: Path | None = None
    if isinstance(output, str | os.PathLike):
        path = resolved(cast("str", output))
    elif isinstance(output, io.TextIOBase) or not callable(getattr(output, "write", None)):
        problems.append(f"output takes a path or a binary stream, not {kind_of(output)}")
    names = cast("tuple[PartitionName, ...]", _partition(partition, problems))
    if names and path is None:
        problems.append("partition needs a folder as output")
    chosen: FormatName = "parquet"
    try:
        chosen = format_of(path, "parquet" if names and file_format is None else file_format)
    except ValueError as error:
        problems.append(str(error))
    if problems:
        raise InvalidRequestError(tuple(problems))
    if path is not None:
        _check_place(path, is_folder=bool(names))
    return Target(path, chosen, names)


def _partition(given: object, problems: list[str]) -> tuple[str, ...]:
    names = (given,) if isinstance(given, str) else given
    if isinstance(names, Sequence) and all(isinstance(name, str) for name in cast("Sequence[object]", names)):
        return tuple(cast("Sequence[str]", names))
    problems.append(f"partition takes names, for example ('shop', 'day'), not {kind_of(given)}")
    return ()


def _check_place(path: Path, *, is_folder: bool) -> None:
    with suppress(FileNotFoundError):
        mode = path.stat().st_mode
        if is_folder and not stat.S_ISDIR(mode):
            raise NotADirectoryError(errno.ENOTDIR, "partitions need a folder, and this is a file", str(path))
        if not is_folder and stat.S_ISDIR(mode):
            raise IsADirectoryError(errno.EISDIR, "this is a folder, and no file", str(path))
        if not is_folder and not stat.S_ISREG(mode):
            # The file would take its place.
            raise OSError(errno.EINVAL, "this is no file: open it, and give the stream", str(path))


def _without_resume(options: CallOptions) -> CallOptions:
    if "resume" in options:
        problem = "resume is not for an export: the same export continues by itself"
        raise InvalidRequestError((problem,))
    return options


class _Run:
    """One run of an export."""

    def __init__(self, walk: Calls, columns: HotlineColumns, on_progress: Stage | None) -> None:
        self._walk = walk
        self._columns = columns
        self._on_progress = on_progress
        self._schema: ArrowSchema = columns.schema(walk.schema)
        self._requests = columns.requests
        """Responses that were received, without those of the present walk."""

    async def into_stream(self, stream: BinaryIO, name: FormatName) -> Export:
        """Write into a stream, which stays open."""
        output = Output(stream, name, self._schema)
        try:
            await self._write(self._walk, output)
            output.close()
        finally:
            output.abandon()
        return self._result(self._walk, None)

    async def into_path(self, target: Target, path: Path) -> Export:
        """Write into a file or folder; continue an earlier run."""
        spool = Spool(path, self._key(target))
        spool.open()
        try:
            walk = self._continued(spool.earlier)
            if walk is not None:
                try:
                    return await self._into_spool(walk, spool, target)
                except PagingError as error:
                    if not isinstance(error.__cause__, APIError):
                        raise
                    self._requests += walk.progress.requests
            # There is nothing to continue, or the server has forgotten the cursors of the earlier run.
            spool.discard()
            return await self._into_spool(self._walk, spool, target)
        finally:
            spool.close()

    def _continued(self, earlier: State | None) -> Calls | None:
        """Return the rest of an earlier walk; `None` if there is none, or another release has written it."""
        with suppress(PagingError):
            return None if earlier is None else self._walk.resumed(earlier.checkpoint)
        return None

    async def _into_spool(self, walk: Calls, spool: Spool, target: Target) -> Export:
        earlier = spool.earlier

        def save() -> None:
            result = self._result(walk, earlier)
            spool.save(State(walk.checkpoint(), result.rows, result.unknown_fields))

        parts = _Parts(lambda: self._open(spool, target), save)
        try:
            await self._write(walk, parts)
        except BaseException:
            if parts.count == walk.progress.rows and (rest := walk.rest()):
                parts.write(self._columns.add(rest))
            raise
        finally:
            parts.close()
            result = self._result(walk, earlier)
            # Rows that were handed out, but not written, would be missing after a later run.
            if parts.count == walk.progress.rows and (result.rows or walk.progress.done):
                save()
        if target.partition:
            spool.finish_folder(partitions.of_span(target.partition, walk.account, walk.span))
        else:
            spool.finish_file()
        return result

    def _open(self, spool: Spool, target: Target) -> FileParts | Partitions:
        if not target.partition:
            return FileParts(spool, target.file_format, self._schema)
        walk = self._walk
        layout = partitions.Layout(
            target.partition, walk.account, target.file_format, self._schema, most_open=2 * walk.windows + 8
        )
        return Partitions(spool.folder, layout, spool.files)

    async def _write(self, walk: Calls, writer: Writer) -> None:
        async for table in walk:
            writer.write(self._columns.add(table))
            if self._on_progress is not None:
                self._on_progress("calls", walk.progress)

    def _key(self, target: Target) -> str:
        walk = self._walk
        parts = [walk.key, target.file_format, target.partition, VERSION, self._columns.key]
        return json.dumps(parts)

    def _result(self, walk: Calls, earlier: State | None) -> Export:
        earlier = earlier or State("", 0, {})
        return Export(
            rows=earlier.rows + walk.progress.rows,
            requests=self._requests + walk.progress.requests,
            hotline_requests=self._columns.requests,
            resumed_rows=earlier.rows,
            unknown_fields=Counter(earlier.unknown_fields) + Counter(walk.unknown_fields),
        )


class _Parts:
    """
    Writes rows into parts, and saves now and then where the export stands, in case the process is killed.

    Args:
        open_parts: Opens new parts, or continues those that were closed.
        save: Notes where the export stands; all parts are closed.
    """

    def __init__(self, open_parts: Callable[[], Writer], save: Callable[[], None]) -> None:
        self.count = 0
        """Rows that were written."""
        self._open_parts = open_parts
        self._save = save
        self._parts: Writer | None = open_parts()
        self._unsaved = 0

    def write(self, table: ArrowTable) -> None:
        # Not opened before there are rows: parts without rows would have to be joined.
        self._parts = self._parts or self._open_parts()
        self._parts.write(table)
        self.count += len(table)
        self._unsaved += len(table)
        if self._unsaved >= ROWS_AT_RISK:
            self.close()
            self._save()
            self._unsaved = 0

    def close(self) -> None:
        parts, self._parts = self._parts, None
        if parts is not None:
            parts.close()
