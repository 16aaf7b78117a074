"""
Write tables as CSV or XLSX files that only their owner can read. Only this module uses XlsxWriter.

All cells are texts: no name of an employee becomes a formula, and no phone number loses its zero.
"""

from __future__ import annotations

import csv
import errno
import io
import os
from collections.abc import Iterable, Sequence
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, BinaryIO, Final

from etelecom_async._core import private_files
from etelecom_async.errors import InvalidRequestError
from etelecom_async.provisioning.cells import as_text_in_csv
from etelecom_async.provisioning.limits import MOST_CHARACTERS

_NARROWEST: Final = 14
_SUFFIXES: Final = (".csv", ".xlsx")


def check_suffix(path: str | os.PathLike[str]) -> Path:
    """
    Return *path*.

    Raises:
        InvalidRequestError: Its ending is neither `.csv` nor `.xlsx`.
    """
    found = Path(path)
    if found.suffix.lower() not in _SUFFIXES:
        problem = f"path ends in .csv or .xlsx, not in {found.suffix or 'nothing'}"
        raise InvalidRequestError((problem,), operation="provisioning.write_table")
    return found


def is_same_file(one: str | os.PathLike[str], other: str | os.PathLike[str]) -> bool:
    """Return whether both paths are those of one file that exists."""
    try:
        return os.path.samefile(one, other)  # noqa: PTH121 - also for a path that is a text
    except (OSError, ValueError):
        return False


def write_table(
    path: str | os.PathLike[str],
    headings: Sequence[str],
    rows: Iterable[Sequence[str]],
    *,
    delimiter: str = ",",
) -> None:
    """
    Write a table, in place of an older file. A failure leaves the older file unchanged.

    Args:
        path: The file; its ending `.csv` or `.xlsx` chooses the format.
        headings: The first row.
        rows: The other rows.
        delimiter: The delimiter of a CSV file.

    Raises:
        InvalidRequestError: The ending is another one.
        OSError: The file cannot be written.
    """
    target = check_suffix(path)
    if not target.parent.is_dir():  # else the error would name a temporary file
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(target.parent))
    # Temporary files are in a folder that only the owner can enter.
    with TemporaryDirectory(prefix=".etelecom-", dir=target.parent) as folder:
        new = Path(folder) / f"new{target.suffix.lower()}"
        descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, private_files.MODE)
        with os.fdopen(descriptor, "wb") as file:
            if new.suffix == ".csv":
                _write_csv(file, headings, rows, delimiter)
            else:
                _write_xlsx(file, headings, rows, folder)
            file.flush()
            os.fsync(file.fileno())
        new.replace(target)
    private_files.sync_folder(target.parent)


def _write_csv(
    file: BinaryIO, headings: Sequence[str], rows: Iterable[Sequence[str]], delimiter: str
) -> None:
    # Excel recognizes UTF-8 only by the byte order mark.
    text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="")
    writer = csv.writer(text, delimiter=delimiter)
    for row in chain((headings,), rows):
        writer.writerow([as_text_in_csv(cell) for cell in row])
    text.detach()


def _write_xlsx(file: BinaryIO, headings: Sequence[str], rows: Iterable[Sequence[str]], folder: str) -> None:
    # Imported here, because a CSV file does not need it.
    import xlsxwriter  # type: ignore[import-untyped]  # pyright: ignore[reportMissingTypeStubs] - it has no types

    # In constant memory, the writer keeps rows in temporary files.
    options = {
        "constant_memory": True,
        "tmpdir": folder,
        "strings_to_formulas": False,
        "strings_to_urls": False,
    }
    content = io.BytesIO()
    book: Any = xlsxwriter.Workbook(content, options)
    sheet = book.add_worksheet("roster")
    as_text, bold = book.add_format({"num_format": "@"}), book.add_format({"bold": True})
    for column, heading in enumerate(headings):
        # A person may add rows: in a column of texts, Excel keeps the zero of a phone number.
        sheet.set_column(column, column, max(_NARROWEST, len(heading) + 2), as_text)
    sheet.freeze_panes(1, 0)
    for column, heading in enumerate(headings):
        sheet.write_string(0, column, heading, bold)
    for number, row in enumerate(rows, 1):
        for column, cell in enumerate(row):
            if cell:
                sheet.write_string(number, column, cell[:MOST_CHARACTERS], as_text)
    book.close()
    file.write(content.getbuffer())
