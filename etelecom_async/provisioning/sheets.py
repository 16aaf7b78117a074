"""
Open the source of a roster: an XLSX or CSV file, its bytes, or Python objects.

The first bytes say what a file is; its name may be wrong.
"""

from __future__ import annotations

import io
import os
from collections.abc import Generator, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, Final, TypeAlias, cast

import attrs

from etelecom_async._core.values import kind_of
from etelecom_async.errors import RosterError
from etelecom_async.provisioning import limits
from etelecom_async.provisioning.cells import SheetRow
from etelecom_async.provisioning.csv_files import csv_form, read_csv
from etelecom_async.provisioning.headings import Field
from etelecom_async.provisioning.mistakes import refusal

Source: TypeAlias = str | os.PathLike[str] | bytes | Iterable[Mapping[str, Any]]
"""The path of a file, the bytes of a file, or rows as dicts by heading."""

_ZIP: Final = b"PK\3\4"
_OTHERS: Final = {
    b"\xd0\xcf\x11\xe0": "an old .xls file, or a file with a password",
    b"%PDF": "a PDF file",
    b"PK\5\6": "an empty archive",
    b"<": "a web page or an XML file",
}
"""Beginnings of files that programs give the ending .xls or .csv."""
_XLSX_REMEDY: Final = "save it as .xlsx without a password, or as CSV UTF-8"
_LONGEST_PATH: Final = 4096
_SOURCES: Final = "give a path, the bytes of a file, or dicts"


@attrs.frozen(kw_only=True)
class Sheet:
    """An open source."""

    rows: Iterator[SheetRow]
    """Its rows, also the blank ones; the first row of Python objects has their keys."""
    kind: str
    """`csv`, `xlsx` or `objects`."""
    delimiter: str = ","
    """The delimiter of a CSV file."""
    guess: str = ""
    """The encoding of a CSV file, if it is a guess from the letters."""


@contextmanager
def open_sheet(source: Source, mapping: Mapping[Field, str], sheet: str | None) -> Generator[Sheet]:
    """
    Open a source.

    Args:
        source: The source.
        mapping: The headings that the caller names; they help to find the delimiter.
        sheet: Name of the sheet of an XLSX file; `None` for the first visible one.

    Raises:
        RosterError: The file cannot be read, or is of another kind.
    """
    given = cast("object", source)
    if isinstance(given, bytes | bytearray):
        yield _of_file(io.BytesIO(given), mapping, sheet)
    elif isinstance(given, str) and ("\n" in given or len(given) > _LONGEST_PATH):
        raise refusal("the text is not the path of a file", "pass the content of a file as bytes")
    elif isinstance(given, str | os.PathLike):
        with _opened(Path(cast("str", given))) as file:
            yield _of_file(file, mapping, sheet)
    elif isinstance(given, Iterable) and not isinstance(given, Mapping):
        rows = _of_objects(cast("Iterable[object]", given))
        yield Sheet(rows=rows, kind="objects")
    else:
        raise refusal(f"a roster is not read from {kind_of(source)}", _SOURCES)


@contextmanager
def _opened(path: Path) -> Generator[BinaryIO]:
    try:
        file = path.open("rb")
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or type(error).__name__
        failure: RosterError = refusal(f"{path} cannot be read: {reason}", "check the path")
    else:
        with file:
            if not file.seekable():  # it is read more than once
                raise refusal(f"{path} is not a usual file", "save the roster to a file first")
            yield file
        return
    raise failure


def _of_file(file: BinaryIO, mapping: Mapping[Field, str], sheet: str | None) -> Sheet:
    start = file.read(len(_ZIP))
    if start == _ZIP:
        from etelecom_async.provisioning.xlsx_files import read_xlsx

        return Sheet(rows=read_xlsx(file, sheet), kind="xlsx")
    for mark, kind in _OTHERS.items():
        if start.startswith(mark):
            raise refusal(f"the file is {kind}", _XLSX_REMEDY)
    form = csv_form(file, mapping)
    guess = form.encoding if form.is_guess else ""
    return Sheet(rows=read_csv(file, form), kind="csv", delimiter=form.delimiter, guess=guess)


def _of_objects(rows: Iterable[object]) -> Iterator[SheetRow]:
    """Yield the keys of the dicts, and then their values; a row has the number of its dict."""
    keys: dict[object, None] = {}
    values: list[SheetRow] = []
    for number, row in enumerate(rows, 1):
        if not isinstance(row, Mapping):
            raise refusal(f"row {number} is {kind_of(row)}", _SOURCES)
        if number > limits.MOST_ROWS:
            raise refusal(f"there are more than {limits.MOST_ROWS:,} rows", limits.ROWS_REMEDY)
        cells = cast("Mapping[object, object]", row)
        keys.update(dict.fromkeys(cells))
        values.append(SheetRow(number, [cells.get(key) for key in keys]))
    yield SheetRow(0, list(map(str, keys)))
    yield from values
