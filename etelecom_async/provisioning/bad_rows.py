"""
Keep the rows with mistakes, to correct them and to read them again.

The file of bad rows has the columns of the input and a column `error`. Reading ignores that column.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Final

import attrs

from etelecom_async._core.secret import Secret
from etelecom_async.errors import Mistake
from etelecom_async.provisioning.cells import Cell, SheetRow, is_blank, shown
from etelecom_async.provisioning.headings import Columns, Field
from etelecom_async.provisioning.tables import write_table


@attrs.frozen(kw_only=True)
class BadRow:
    """A row with mistakes."""

    row: int
    """Number of the row."""
    mistakes: tuple[Mistake, ...]
    cells: tuple[Secret, ...]
    """The cells as the file has them; any of them may be a password or a phone number."""


def bad_rows(rows: Sequence[SheetRow], mistakes: Sequence[Mistake]) -> tuple[BadRow, ...]:
    """
    Return the rows with mistakes.

    Args:
        rows: These rows of the sheet.
        mistakes: Their mistakes, in the order of the rows.
    """
    by_row = {row: tuple(group) for row, group in groupby(mistakes, key=lambda mistake: mistake.row)}
    return tuple(
        BadRow(row=row.number, mistakes=by_row[row.number], cells=tuple(map(_secret, row.cells)))
        for row in rows
    )


def write_bad_rows(
    path: str | os.PathLike[str], rows: Sequence[BadRow], columns: Columns, *, delimiter: str
) -> None:
    """
    Write the bad rows with their mistakes, in place of an older file.

    Args:
        path: The file; its ending `.csv` or `.xlsx` chooses the format.
        rows: The rows.
        columns: The columns of the input.
        delimiter: The delimiter of a CSV file.

    Raises:
        InvalidRequestError: The ending is another one.
        OSError: The file cannot be written.
    """
    width = max((len(columns.headings), *(len(row.cells) for row in rows)))
    error = columns.places.get(Field.ERROR)
    kept = [place for place in range(width) if place != error]
    texts = [columns.headings[place] if place < len(columns.headings) else "" for place in kept]
    write_table(path, [*texts, Field.ERROR.value], _lines(rows, kept), delimiter=delimiter)


def _lines(rows: Sequence[BadRow], kept: Sequence[int]) -> Iterator[list[str]]:
    for row in rows:
        cells = [row.cells[place].reveal() if place < len(row.cells) else "" for place in kept]
        yield [*cells, "\n".join(_short(mistake) for mistake in row.mistakes)]


def _short(mistake: Mistake) -> str:
    """Return a mistake without its row, whose number is another one in the new file."""
    return str(attrs.evolve(mistake, row=None, value=""))


_BLANK: Final = Secret("")


def _secret(cell: Cell) -> Secret:
    if isinstance(cell, Secret):
        return cell
    text = "" if is_blank(cell) else shown(cell)
    return Secret(text) if text else _BLANK
