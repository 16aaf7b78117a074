"""Read the rows of an XLSX file. Only this module uses python-calamine."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO, Final, cast

import python_calamine

from etelecom_async.errors import RosterError
from etelecom_async.provisioning.cells import Cell, SheetRow
from etelecom_async.provisioning.mistakes import refusal
from etelecom_async.provisioning.xlsx_scan import Scan, scan

_PANIC: Final = "PanicException"
"""The class of a failure inside the reader. It is not an `Exception`, and cannot be imported."""


def read_xlsx(file: BinaryIO, sheet: str | None) -> Iterator[SheetRow]:
    """
    Yield the rows of a sheet, also the blank ones.

    Args:
        file: The file.
        sheet: Name of the sheet; `None` for the first one that is visible.

    Raises:
        RosterError: The file is too large, is damaged, or is no XLSX file.
    """
    scanned = scan(file, sheet)
    file.seek(0)
    with _failures():
        found = _open(file).get_sheet_by_name(scanned.sheet)
    if found.start is None:
        return
    # The reader leaves out blank columns before the first value, but not blank rows.
    padding: list[Cell] = [None] * found.start[1]
    number = 0
    for number, values in enumerate(found.iter_rows(), 1):
        yield SheetRow(number, _cells(number, [*padding, *values] if padding else values, scanned))
    # It also leaves out the last rows, if none of their cells has a value: that may be the mistake.
    blank: list[Cell] = [""] * found.width
    for row in sorted({row for row, _ in scanned.unreadable if row > number}):
        yield SheetRow(row, _cells(row, [*padding, *blank], scanned))


def _cells(number: int, values: Sequence[Cell], scanned: Scan) -> Sequence[Cell]:
    if not scanned.unreadable:
        return values
    return [
        scanned.unreadable.get((number, column), value) if value in ("", 0) else value
        for column, value in enumerate(values)
    ]


def _open(file: BinaryIO) -> python_calamine.CalamineWorkbook:
    """Open the scanned file by its path, which saves a copy of its bytes; else from its bytes."""
    name: object = getattr(file, "name", None)
    # By a path, the reader goes by the ending. Another file may have this path by now.
    if isinstance(name, str | Path) and Path(name).suffix.lower() == ".xlsx":
        with suppress(OSError):
            if os.path.samestat(os.fstat(file.fileno()), Path(name).stat()):
                return _by_path(name)
    return python_calamine.CalamineWorkbook.from_filelike(file)


def _by_path(path: str | Path) -> python_calamine.CalamineWorkbook:
    workbook: Any = python_calamine.CalamineWorkbook  # the types of its paths are not complete
    return cast("python_calamine.CalamineWorkbook", workbook.from_path(path))


@contextmanager
def _failures() -> Generator[None]:
    """Turn the failures of the reader into errors of a roster."""
    try:
        yield
    except python_calamine.CalamineError:
        raise _damaged() from None
    except BaseException as error:
        if type(error).__name__ == _PANIC:
            raise _damaged() from None
        raise


def _damaged() -> RosterError:
    return refusal("the XLSX file is damaged", "open it in a spreadsheet program, and save it as .xlsx")
