"""
Write results to stdout or to a file: as a table, TSV, CSV, JSON or JSON lines.

Rows are written as they come, so a list of any length needs little memory.
"""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, Protocol, TextIO

from etelecom_async._core import private_files
from etelecom_async._core.formulas import harmless
from etelecom_async.cli import columns, exit_codes
from etelecom_async.cli.command import CommandError, usage_error
from etelecom_async.cli.console import console
from etelecom_async.cli.files import replacing
from etelecom_async.cli.layout import Layout
from etelecom_async.cli.terminal import is_private, printable

_BATCH: Final = 100
"""Rows of a list that one table holds, and that are written at a time."""

Row = Mapping[str, Any]


class Writer(Protocol):
    """Writes one result, or the rows of a list."""

    def one(self, row: Row) -> None:
        """Write a single result."""

    def add(self, row: Row) -> None:
        """Write a row of a list."""

    def end(self) -> None:
        """Write the end of a list, also of one that an error has cut."""


@contextmanager
def opened(layout: Layout) -> Generator[TextIO]:
    """
    Yield the stream for the results.

    A file gets its new content at the end, in one step. After an error it stays as it was; only the rows of a
    list that ended early replace it.

    Raises:
        CommandError: Secrets would be shown to others, or the file cannot be written.
    """
    if layout.file is None:
        if layout.reveal and not is_private(sys.stdout):
            raise usage_error(
                "--reveal shows secrets only on a terminal, or in a file that only you can read: add "
                "--output FILE, which makes such a file"
            )
        yield sys.stdout
        return
    failure: CommandError | None = None
    try:
        with replacing(Path(layout.file), private_files.MODE if layout.reveal else None) as stream:
            if layout.reveal and not is_private(stream):
                raise usage_error(
                    f"--output {layout.file} is no file that only you can read, so --reveal cannot use it"
                )
            try:
                yield stream
            except CommandError as error:
                if error.exit_code != exit_codes.PARTLY_DONE:
                    raise
                failure = error  # the rows before the error stay
    except OSError as error:
        if isinstance(error, BrokenPipeError):
            raise
        raise usage_error(f"--output {layout.file} cannot be written: {error.strerror or error}") from None
    if failure is not None:
        raise failure


def writer(layout: Layout, stream: TextIO, *, result: str, known: Sequence[str]) -> Writer:
    """
    Return the writer for a result.

    Args:
        layout: What the user asked for.
        stream: Where to write.
        result: Name of the class of a row, or of the operation if rows have no class; it may be empty.
        known: All columns of a row; none for any JSON object.
    """
    chosen = layout.columns
    match layout.format_for(stream):
        case "json":
            return _Json(stream, chosen)
        case "jsonl":
            return _JsonLines(stream, chosen)
        case "csv":
            return _Csv(stream, chosen, known)
        case "tsv":
            return _Tsv(stream, chosen, columns.DEFAULTS.get(result, known))
        case _:
            return _Table(stream, chosen, columns.DEFAULTS.get(result, known))


class _JsonLines:
    def __init__(self, stream: TextIO, chosen: Sequence[str]) -> None:
        self._stream = stream
        self._chosen = chosen

    def one(self, row: Row) -> None:
        self.add(row)

    def add(self, row: Row) -> None:
        self._stream.write(f"{_json(self._picked(row))}\n")

    def end(self) -> None:
        pass

    def _picked(self, row: Row) -> Row:
        return {name: columns.value_at(row, name) for name in self._chosen} if self._chosen else row


class _Json(_JsonLines):
    _has_rows = False

    def one(self, row: Row) -> None:
        self._stream.write(f"{_json(self._picked(row), indent=2)}\n")

    def add(self, row: Row) -> None:
        before = ",\n " if self._has_rows else "[\n "
        self._has_rows = True
        self._stream.write(f"{before}{_json(self._picked(row))}")

    def end(self) -> None:
        self._stream.write("\n]\n" if self._has_rows else "[]\n")


def _json(value: object, indent: int | None = None) -> str:
    return json.dumps(value, ensure_ascii=False, indent=indent, default=str)


class _Lines:
    """Base of the formats with columns."""

    def __init__(self, stream: TextIO, chosen: Sequence[str], usual: Sequence[str]) -> None:
        self._stream = stream
        self._is_chosen = bool(chosen)
        self._columns = chosen or usual

    def _cells(self, row: Row) -> list[object]:
        if not self._columns:
            self._columns = columns.columns_of(row)  # of the first row: no class says what the others have
        return [columns.value_at(row, name) for name in self._columns]


class _Csv(_Lines):
    _has_header = False

    def one(self, row: Row) -> None:
        self.add(row)

    def add(self, row: Row) -> None:
        cells = [_safe(value) for value in self._cells(row)]
        self._header()
        csv.writer(self._stream, lineterminator="\n").writerow(cells)

    def end(self) -> None:
        self._header()

    def _header(self) -> None:
        if not self._has_header and self._columns:
            csv.writer(self._stream, lineterminator="\n").writerow(self._columns)
        self._has_header = True


class _Tsv(_Lines):
    def one(self, row: Row) -> None:
        if self._is_chosen:
            self.add(row)
            return
        for name in columns.columns_of(row):
            self._line((name, columns.value_at(row, name)))

    def add(self, row: Row) -> None:
        self._line(self._cells(row))

    def end(self) -> None:
        pass

    def _line(self, values: Iterable[object]) -> None:
        self._stream.write("\t".join(_safe(value).translate(_ESCAPES) for value in values) + "\n")


_ESCAPES: Final = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def _safe(value: object) -> str:
    """Return the text of a value, so that a spreadsheet executes nothing of it."""
    text = columns.cell(value)
    return harmless(text) if isinstance(value, str) else text


class _Table(_Lines):
    def __init__(self, stream: TextIO, chosen: Sequence[str], usual: Sequence[str]) -> None:
        super().__init__(stream, chosen, usual)
        self._rows: list[list[object]] = []

    def one(self, row: Row) -> None:
        names = self._columns if self._is_chosen else columns.columns_of(row)
        self._draw((), [[name, columns.value_at(row, name)] for name in names])

    def add(self, row: Row) -> None:
        self._rows.append(self._cells(row))
        if len(self._rows) == _BATCH:
            self._flush()

    def end(self) -> None:
        if self._rows:
            self._flush()

    def _flush(self) -> None:
        self._draw(self._columns, self._rows)
        self._rows = []

    def _draw(self, headings: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
        from rich.table import Table
        from rich.text import Text

        table = Table(*headings, box=None, pad_edge=False, show_header=bool(headings), header_style="bold")
        for heading in table.columns:
            heading.overflow = "fold"  # an id must stay complete
        for row in rows:
            # A server's text must not control the terminal.
            table.add_row(*(Text(printable(columns.cell(value)), overflow="fold") for value in row))
        console(self._stream).print(table)
