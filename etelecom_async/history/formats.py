"""The formats of files with call logs, by their names."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import BinaryIO, Final, Literal, Protocol, cast, get_args

from etelecom_async.history.arrow import ArrowSchema, ArrowTable
from etelecom_async.history.parquet_files import ParquetFile
from etelecom_async.history.streams import WholeStream
from etelecom_async.history.text_files import CsvFile, JsonLines

FormatName = Literal["parquet", "csv", "jsonl"]


class Writer(Protocol):
    """Writes tables into a stream."""

    def write(self, table: ArrowTable) -> None:
        """Append rows."""

    def close(self) -> None:
        """Write the end of the file; the stream stays open."""


NAMES: Final[tuple[str, ...]] = get_args(FormatName)


def can_append(name: FormatName) -> bool:
    """Return whether a closed file of this format can be continued."""
    return name != "parquet"


class Output:
    """
    A stream that gets rows in a format, and stays open.

    Args:
        stream: Where to write.
        name: The format.
        schema: The columns.
        is_new: Whether nothing was written before; only some formats can be continued.
    """

    def __init__(
        self, stream: BinaryIO, name: FormatName, schema: ArrowSchema, *, is_new: bool = True
    ) -> None:
        self._stream = WholeStream(stream)
        self._writer = _writer(self._stream, name, schema, is_new=is_new)

    def write(self, table: ArrowTable) -> None:
        """Append rows."""
        self._writer.write(table)

    def close(self) -> None:
        """Write the rest, and the end of the file."""
        try:
            self._writer.close()
            self._stream.flush()
        finally:
            self.abandon()

    def abandon(self) -> None:
        """Write nothing more, so that a reader sees that the file is not whole."""
        self._stream.end()


class OutputFile:
    """
    A file that gets rows in a format.

    Args:
        path: The file.
        name: The format.
        schema: The columns.
        is_new: Whether to make the file, or else to continue it.
    """

    def __init__(self, path: Path, name: FormatName, schema: ArrowSchema, *, is_new: bool = True) -> None:
        with ExitStack() as stack:
            self._file: BinaryIO = stack.enter_context(path.open("xb" if is_new else "ab"))
            self._output = Output(self._file, name, schema, is_new=is_new)
            stack.pop_all()

    def write(self, table: ArrowTable) -> None:
        """Append rows."""
        self._output.write(table)

    def close(self) -> None:
        """Write the rest, and close the file."""
        with self._file:
            self._output.close()


def _writer(stream: WholeStream, name: FormatName, schema: ArrowSchema, *, is_new: bool) -> Writer:
    if name == "csv":
        return CsvFile(stream, schema, is_new=is_new)
    return JsonLines(stream) if name == "jsonl" else ParquetFile(stream, schema)


def format_of(path: Path | None, given: str | None) -> FormatName:
    """
    Return the format with a name, or else that of the suffix of a path.

    Raises:
        ValueError: There is no such format.
    """
    suffix = "" if path is None else path.suffix.removeprefix(".").lower()
    name = suffix if given is None else given
    if name in NAMES:
        return cast("FormatName", name)
    choices = ", ".join(NAMES)
    if given is not None:
        raise ValueError(f"file_format takes one of {choices}, not {given!r:.40}")
    if path is None:
        raise ValueError(f"a stream has no suffix: give file_format, one of {choices}")
    raise ValueError(
        f"the suffix of {path.name!r} names no format: use .parquet, .csv or .jsonl, or give file_format"
    )
