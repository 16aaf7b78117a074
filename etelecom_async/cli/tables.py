"""Read the rows of a CSV file, with the numbers that a spreadsheet shows."""

from __future__ import annotations

import csv
import hashlib
import io
from pathlib import Path
from typing import Any, Final, NamedTuple

from etelecom_async.cli.command import CommandError, usage_error

Row = tuple[int, dict[Any, Any]]
"""The number of a row, and its cells by the names of their columns; `None` has the cells without a column."""
_SEPARATORS: Final = (",", ";", "\t")
_UTF_16: Final = (b"\xff\xfe", b"\xfe\xff")
_SAVE: Final = "save it as UTF-8, in Excel as `CSV UTF-8`"


class CsvFile(NamedTuple):
    """The content of a CSV file."""

    rows: list[Row]
    sha256: str
    """Digest of the file."""


def read(path: Path) -> CsvFile:
    """
    Read a CSV file: UTF-8, with a heading. The separator is a comma, a semicolon or a tab.

    Raises:
        CommandError: It cannot be read, has another encoding, or its heading is wrong.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise _usage(path, f"cannot be read: {error.strerror or type(error).__name__}") from None
    text = _text(path, content)
    heading = text.partition("\n")[0]
    separator = max(_SEPARATORS, key=heading.count)
    try:
        records = list(csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True))
    except csv.Error as error:
        raise _usage(path, f"is no CSV file: {error}") from None
    names = [name.strip() for name in records[0]] if records else []
    if not any(names):
        raise _usage(path, "has no heading: its first line needs the names of the columns")
    if repeated := sorted({name for name in names if name and names.count(name) > 1}):
        raise _usage(path, f"has several columns named {', '.join(map(repr, repeated))}: rename them")
    rows = [(number, _row(names, cells)) for number, cells in enumerate(records, 1) if any(cells)]
    return CsvFile(rows[1:], hashlib.sha256(content).hexdigest())


def _text(path: Path, content: bytes) -> str:
    if content.startswith(_UTF_16):
        raise _usage(path, f"has the encoding UTF-16: {_SAVE}")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise _usage(path, f"is not UTF-8 (line {line}): {_SAVE}") from None


def _row(names: list[str], cells: list[str]) -> dict[Any, Any]:
    row: dict[Any, Any] = {
        name: cells[index] if index < len(cells) else None for index, name in enumerate(names)
    }
    row.pop("", None)
    if any(rest := cells[len(names) :]):
        row[None] = rest
    return row


def _usage(path: Path, problem: str) -> CommandError:
    return usage_error(f"{path} {problem}")
