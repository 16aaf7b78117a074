"""
Read a roster: which employees and extensions the shops should have.

    roster = Roster.read("employees.xlsx")
    for column in roster.columns:
        print(column, column.field)
    for row in roster.rows:
        print(row.shop, row.full_name, row.extension_number)

Reading sends nothing. It finds all mistakes of a file together.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice
from pathlib import Path
from typing import Final, Self

import attrs

from etelecom_async._core.tracebacks import boundary
from etelecom_async.errors import InvalidRequestError, Mistake
from etelecom_async.provisioning.bad_rows import BadRow, bad_rows, write_bad_rows
from etelecom_async.provisioning.cells import CellError, SheetRow, folded, is_blank
from etelecom_async.provisioning.csv_files import HEADING_ROWS
from etelecom_async.provisioning.headings import (
    Column,
    Columns,
    Field,
    find_headings,
    read_columns,
    read_mapping,
)
from etelecom_async.provisioning.mistakes import OPERATION, masked_phone, refusal, roster_error
from etelecom_async.provisioning.numbers import read_phone
from etelecom_async.provisioning.rows import (
    HEADINGS,
    Marker,
    Repair,
    RosterRow,
    RowReader,
    cells_of,
)
from etelecom_async.provisioning.sheets import Sheet, Source, open_sheet
from etelecom_async.provisioning.tables import is_same_file, write_table

_NONE: Final[Mapping[str, str]] = {}
_NO_ROWS: Final = "write the rows below the headings"


@attrs.frozen(kw_only=True)
class Roster:
    """A checked list of employees and extensions."""

    rows: tuple[RosterRow, ...]
    """The rows without mistakes, in the order of the source."""
    columns: tuple[Column, ...]
    """What each column holds, by its heading; show it before you use the rows."""
    repairs: tuple[Repair, ...]
    """Phone numbers whose zero at the start is restored."""
    bad_rows: tuple[BadRow, ...]
    """The rows with mistakes; only `Roster.read(..., skip_bad=True)` has any."""
    encoding_guess: str = ""
    """Encoding of a CSV file, if it is only a guess from the letters: look at the names. Else empty."""
    _headings: Columns = attrs.field(alias="headings", repr=False, eq=False)
    _delimiter: str = attrs.field(alias="delimiter", repr=False, eq=False)
    _file: Path | None = attrs.field(alias="file", default=None, repr=False, eq=False)

    @property
    def mistakes(self) -> tuple[Mistake, ...]:
        """The mistakes of the bad rows."""
        return tuple(mistake for row in self.bad_rows for mistake in row.mistakes)

    @classmethod
    @boundary
    def read(
        cls,
        source: Source,
        *,
        mapping: Mapping[str, str] = _NONE,
        default_shop: str | None = None,
        sheet: str | None = None,
        skip_bad: bool = False,
    ) -> Self:
        """
        Return the roster in a CSV or XLSX file, or in Python objects.

        Columns are found by their headings, in English or Vietnamese: shop, full_name, phone, extension,
        hotline, password. A blank cell changes nothing. `-` as the extension or as the phone takes the
        extension from the employee, and `auto` as the extension asks for the next free number.

        Args:
            source: The path of a file, the bytes of a file, or dicts by heading.
            mapping: The heading, or the letters, of the column of a field; for example
                `{"phone": "Zalo"}` or `{"phone": "D"}`.
            default_shop: The shop of rows that name none. Default: each row has to name one.
            sheet: Name of the sheet of an XLSX file. Default: the first visible one.
            skip_bad: Whether to leave out rows with mistakes, and to keep them in `bad_rows`.

        Raises:
            RosterError: The source has mistakes; the error has all of them. With *skip_bad*, only mistakes
                of the whole file count.
        """
        fields, wrong = read_mapping(mapping)
        if wrong:
            raise roster_error(wrong)
        with open_sheet(source, fields, sheet) as opened:
            read = cls._read(opened, fields, default_shop, skip_bad=skip_bad)
        file = Path(source).absolute() if isinstance(source, str | os.PathLike) else None
        return attrs.evolve(read, file=file)

    @classmethod
    def _read(
        cls, sheet: Sheet, fields: Mapping[Field, str], default_shop: str | None, *, skip_bad: bool
    ) -> Self:
        columns, rest = _columns(sheet, fields)
        if columns.mistakes:
            raise roster_error(columns.mistakes)
        reader = RowReader(columns, default_shop)
        found: list[RosterRow] = []
        mistakes: list[Mistake] = []
        repairs: list[Repair] = []
        bad: list[SheetRow] = []
        twice = _Twice(columns)
        for row in rest:
            if reader.is_blank(row):
                continue
            result = reader.read(row)
            wrong = result.mistakes if result.row is None else twice.add(result.row)
            if result.row is None or wrong:
                mistakes += wrong
                bad.append(row)
            else:
                found.append(result.row)
                repairs += result.repairs
        if not found and not bad:
            raise refusal("the roster has no rows", _NO_ROWS)
        if mistakes and not skip_bad:
            raise roster_error(mistakes)
        return cls(
            rows=tuple(found),
            columns=columns.columns,
            repairs=tuple(repairs),
            bad_rows=bad_rows(bad, mistakes),
            encoding_guess=sheet.guess,
            headings=columns,
            delimiter=sheet.delimiter,
        )

    def write_bad_rows(self, path: str | os.PathLike[str]) -> None:
        """
        Write the bad rows to a file, with the columns of the input and a column `error`.

        Correct the rows, and read the file as a roster. Only its owner can read it. It has the passwords of
        the input, if there are any.

        Args:
            path: The file; its ending `.csv` or `.xlsx` chooses the format.

        Raises:
            InvalidRequestError: The ending is another one, or it is the file of the roster: its good rows
                would be lost.
            OSError: The file cannot be written.
        """
        if self._file is not None and is_same_file(path, self._file):
            problem = "path is the file of the roster, and its good rows would be lost: write another file"
            raise InvalidRequestError((problem,), operation=OPERATION)
        write_bad_rows(path, self.bad_rows, self._headings, delimiter=self._delimiter)

    @boundary
    def write(self, path: str | os.PathLike[str]) -> None:
        """
        Write the rows as a roster, without passwords.

        Args:
            path: As in `write_bad_rows`.

        Raises:
            InvalidRequestError: The ending is neither `.csv` nor `.xlsx`.
            OSError: The file cannot be written.
        """
        write_roster(path, self.rows)


def write_roster(path: str | os.PathLike[str], rows: Iterable[RosterRow]) -> None:
    """
    Write rows as a roster, without passwords. `Roster.read` gives the same rows.

    Args:
        path: The file; its ending `.csv` or `.xlsx` chooses the format.
        rows: The rows.

    Raises:
        InvalidRequestError: The ending is another one.
        OSError: The file cannot be written.
    """
    write_table(path, [field.value for field in HEADINGS], map(cells_of, rows))


def _columns(sheet: Sheet, fields: Mapping[Field, str]) -> tuple[Columns, Iterator[SheetRow]]:
    """Return the columns, and the rows below the headings."""
    rows = iter(sheet.rows)
    head = list(islice((row for row in rows if not all(map(is_blank, row.cells))), HEADING_ROWS))
    if not head:
        raise refusal("the roster is empty", "write the headings in the first row")
    headings = find_headings(head, fields)
    if headings is None and not fields:
        remedy = "write phone, extension, full_name, hotline and shop above the columns, or map them"
        raise refusal("no row has headings that are known", remedy)
    headings = head[0] if headings is None else headings
    columns = read_columns(headings, fields, lettered=sheet.kind != "objects")
    if _has_phone(headings, columns):
        remedy = "write headings above the first row, for example phone and full_name"
        raise refusal(f"row {headings.number} should have headings, and has a phone number", remedy)
    below = [row for row in head if row.number > headings.number]
    return columns, chain(below, rows)


def _has_phone(headings: SheetRow, columns: Columns) -> bool:
    """Return whether the row with the headings is an employee: then the file has no headings."""
    place = columns.places.get(Field.PHONE, len(headings.cells))
    try:
        return bool(read_phone(headings.cells[place])) if place < len(headings.cells) else False
    except CellError:
        return False


class _Twice:
    """The phones and extensions of earlier rows, to find those that come twice."""

    def __init__(self, columns: Columns) -> None:
        self._phone: Final = columns.named(Field.PHONE)
        self._extension: Final = columns.named(Field.EXTENSION)
        self._by_phone: dict[str, RosterRow] = {}
        self._by_extension: dict[tuple[str, int], RosterRow] = {}

    def add(self, row: RosterRow) -> Sequence[Mistake]:
        """Return what is wrong with a row beside the earlier ones."""
        shop = folded(row.shop)  # accents count: Mây and May may be two shops
        number = row.extension_number
        if isinstance(number, int):
            earlier = self._by_extension.setdefault((shop, number), row)
            if earlier is not row:
                problem = f"the shop has this extension in row {earlier.row}, too"
                return [_twice(row, problem, "give each extension one row", self._extension, str(number))]
        if row.phone is None or isinstance(row.phone, Marker):
            return ()
        earlier = self._by_phone.setdefault(row.phone, row)
        problem = "" if earlier is row else _difference(earlier, row)
        if not problem:
            return ()
        remedy = "give each employee one phone"
        return [_twice(row, f"{problem} {earlier.row}", remedy, self._phone, masked_phone(row.phone))]


def _difference(earlier: RosterRow, row: RosterRow) -> str:
    """Return why two rows with one phone do not fit; empty if one employee has two extensions."""
    if folded(earlier.shop) != folded(row.shop):
        return "this phone is in another shop in row"
    if earlier.full_name and row.full_name and earlier.full_name.casefold() != row.full_name.casefold():
        return "this phone has another name in row"
    numbers = (earlier.extension_number, row.extension_number)
    return "" if all(isinstance(each, int) for each in numbers) else "this phone is in row"


def _twice(row: RosterRow, problem: str, remedy: str, column: str, value: str) -> Mistake:
    return Mistake(problem=problem, remedy=remedy, row=row.row, column=column, value=value)
