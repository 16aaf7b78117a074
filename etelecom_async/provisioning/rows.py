"""
Read one row of a roster, and write it.

A blank cell means "unchanged". `-` in the phone or in the extension takes the extension from the employee.
`auto` in the extension asks for the next free number.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Final, NamedTuple, TypeVar

import attrs

from etelecom_async import phones
from etelecom_async._core.secret import MASK, Secret
from etelecom_async._core.suggestions import plain_letters
from etelecom_async.errors import Mistake
from etelecom_async.provisioning.cells import Cell, CellError, SheetRow, is_blank, secret_of, text_of
from etelecom_async.provisioning.headings import Columns, Field
from etelecom_async.provisioning.mistakes import masked_phone, masked_text
from etelecom_async.provisioning.numbers import (
    read_extension,
    read_name,
    read_name_or_number,
    read_phone,
    shown_number,
)

ValueT = TypeVar("ValueT")


class Marker(StrEnum):
    """A cell that holds no value, but says what to do."""

    UNASSIGN = "-"
    NEXT_FREE = "auto"


UNASSIGN: Final = Marker.UNASSIGN
"""Take the extension from the employee."""
NEXT_FREE: Final = Marker.NEXT_FREE
"""Choose the next free number of the shop."""

_UNASSIGN_TEXTS: Final = frozenset("-\u2010\u2011\u2012\u2013\u2014\u2212")
_NEXT_FREE_TEXTS: Final = frozenset({"auto", "next", "next_free", "tu_dong", "moi"})
_KEY: Final = re.compile(r"(?a)(?:shop)?\d{6,}:[\w-]{8,}|request:[\w-]{8,}")
_LONGEST_NAME: Final = 255


@attrs.frozen(kw_only=True)
class RosterRow:
    """
    One row of a roster: an employee, an extension, or both.

    `None` means that the cell was blank: what is there stays unchanged.
    """

    row: int = attrs.field(eq=False)
    """Number of the row, as the spreadsheet program shows it; of Python objects, 1 for the first."""
    shop: str
    """The shop as written: its id, code or name."""
    full_name: str | None = None
    phone: str | Marker | None = attrs.field(
        default=None, repr=lambda phone: repr(masked_phone(phone)) if phone else repr(phone)
    )
    """The employee's phone number, see `etelecom_async.phones`; `UNASSIGN`: the extension is for nobody."""
    extension_number: int | Marker | None = None
    """`UNASSIGN`: the employee has no extension; `NEXT_FREE`: the plan chooses a number."""
    hotline: str | None = None
    """The hotline as written: its id, number or name."""
    password: Secret | None = None
    """The password for the employee's login; only a new user gets it."""


@attrs.frozen(kw_only=True)
class Repair:
    """A phone number that had lost the zero at its start, and is restored."""

    row: int
    column: str
    value: str
    """The restored number, masked."""

    def __str__(self) -> str:
        return f"row {self.row}, {self.column}: the zero at the start is restored, {self.value}"


class RowResult(NamedTuple):
    """What a row of the sheet gives."""

    row: RosterRow | None
    """The row; `None` if it has mistakes."""
    mistakes: list[Mistake]
    repairs: list[Repair]


class RowReader:
    """
    Read the rows of a sheet, one at a time.

    Args:
        columns: The columns of the sheet.
        default_shop: The shop of rows that name none; `None` if each row has to name one.
    """

    def __init__(self, columns: Columns, default_shop: str | None) -> None:
        self._places: Final = columns.places
        self._default_shop: Final = default_shop
        self._names: Final = {field: columns.named(field) for field in Field}

    def is_blank(self, row: SheetRow) -> bool:
        """Return whether all cells that the roster uses are blank."""
        return all(is_blank(self._cell(row, field)) for field in self._places if field is not Field.ERROR)

    def read(self, row: SheetRow) -> RowResult:
        """Return the row, its mistakes, and its repairs."""
        reading = _Reading(row.number, {field: self._cell(row, field) for field in Field}, self._names)
        shop = reading.value(Field.SHOP, _read_shop) or self._default_shop
        full_name = reading.value(Field.FULL_NAME, _read_name)
        phone = reading.value(Field.PHONE, reading.read_phone)
        extension = reading.value(Field.EXTENSION, _read_extension)
        hotline = reading.value(Field.HOTLINE, reading.read_hotline)
        password = reading.value(Field.PASSWORD, _read_password)
        if shop is None:
            reading.check_shop()
        reading.check_together(phone, extension, names_employee=full_name is not None or password is not None)
        if reading.mistakes or shop is None:
            return RowResult(None, reading.mistakes, [])
        read = RosterRow(
            row=row.number,
            shop=shop,
            full_name=full_name,
            phone=phone,
            extension_number=extension,
            hotline=hotline,
            password=password,
        )
        return RowResult(read, [], reading.repairs)

    def _cell(self, row: SheetRow, field: Field) -> Cell:
        place = self._places.get(field)
        return row.cells[place] if place is not None and place < len(row.cells) else None


class _Reading:
    """The cells of one row, and what is wrong with them."""

    def __init__(self, row: int, cells: Mapping[Field, Cell], names: Mapping[Field, str]) -> None:
        self.mistakes: Final[list[Mistake]] = []
        self.repairs: Final[list[Repair]] = []
        self._row: Final = row
        self._cells: Final = cells
        self._names: Final = names
        self._failed: Final[set[Field]] = set()

    def value(self, field: Field, read: Callable[[Cell], ValueT]) -> ValueT | None:
        """Return the value of a cell; `None` if it is blank or has a mistake."""
        cell = self._cells[field]
        if is_blank(cell):
            return None
        try:
            return read(cell)
        except CellError as error:
            self._failed.add(field)
            value = _shown_cell(field, cell)
            self._add(error.problem, error.remedy, self._names[field], value)
        return None

    def read_phone(self, cell: Cell) -> str | Marker:
        """Return the phone number; note whether it had lost its zero."""
        if _is_unassign(cell):
            return UNASSIGN
        phone = read_phone(cell)
        if phone.lost_zero:
            self._add_repair(Field.PHONE, phones.national(phone.number))
        return phone.number

    def read_hotline(self, cell: Cell) -> str:
        """Return the hotline as written; note whether its number had lost its zero."""
        if _is_unassign(cell):
            raise CellError(
                "an extension cannot be without a hotline", "leave the cell blank, or name another hotline"
            )
        text, lost_zero = read_name_or_number(cell)
        if lost_zero:
            self._add_repair(Field.HOTLINE, text)
        return text

    def check_shop(self) -> None:
        """Add the mistake that no shop is named, except if the shop itself is wrong."""
        if Field.SHOP not in self._failed:
            remedy = "write the shop in each row; merged cells keep it only in their first row"
            self._add("the shop is blank", remedy, self._names[Field.SHOP])

    def check_together(
        self, phone: str | Marker | None, extension: int | Marker | None, *, names_employee: bool
    ) -> None:
        """Add the mistakes of cells that do not fit each other, if none of them is wrong by itself."""
        if self._failed & {Field.PHONE, Field.EXTENSION}:
            return
        if phone is None and extension is None:
            self._add("the row has neither a phone nor an extension", "write one of them, or delete the row")
        elif phone is None and isinstance(extension, Marker):
            self._add(f"{extension} needs to know whose extension it is", "write the employee's phone")
        elif phone is None and names_employee:
            self._add("the employee has no phone", "write it: employees are found by their phones")
        elif phone is UNASSIGN and not isinstance(extension, int):
            self._add("- as the phone needs a number of an extension", "write the number, or the phone")
        elif phone is UNASSIGN and names_employee:
            remedy = "clear these cells, or write the phone"
            self._add("an extension for nobody has a name or a password", remedy)

    def _add_repair(self, field: Field, number: str) -> None:
        self.repairs.append(Repair(row=self._row, column=self._names[field], value=masked_phone(number)))

    def _add(self, problem: str, remedy: str, column: str = "", value: str = "") -> None:
        self.mistakes.append(
            Mistake(problem=problem, remedy=remedy, row=self._row, column=column, value=value)
        )


def _shown_cell(field: Field, cell: Cell) -> str:
    if field is Field.PASSWORD:
        return MASK
    if field is Field.PHONE:
        return masked_phone(shown_number(cell))
    return masked_text(shown_number(cell))


def _is_unassign(cell: Cell) -> bool:
    return isinstance(cell, str) and cell.strip() in _UNASSIGN_TEXTS


def _read_name(cell: Cell) -> str:
    if _is_unassign(cell):
        raise CellError("a name cannot be removed", "leave the cell blank to change nothing")
    name = " ".join(text_of(cell).split())
    if not any(letter.isalpha() for letter in name):
        raise CellError("a name has letters", "write the employee's name")
    if not name.isprintable():
        raise CellError("the name has control characters", "type it again")
    if len(name) > _LONGEST_NAME:
        raise CellError(f"the name has more than {_LONGEST_NAME} characters", "shorten it")
    return name


def _read_extension(cell: Cell) -> int | Marker:
    if _is_unassign(cell):
        return UNASSIGN
    if isinstance(cell, str) and not cell.isdecimal() and plain_letters(cell) in _NEXT_FREE_TEXTS:
        return NEXT_FREE
    return read_extension(cell)


def _read_password(cell: Cell) -> Secret:
    password = secret_of(cell)
    if not password.isprintable():
        raise CellError("the password has line breaks or control characters", "type it again")
    if password != password.strip():
        raise CellError("the password starts or ends with a space", "delete the space")
    if _is_unassign(password):
        raise CellError("a password cannot be removed", "leave the cell blank to have one generated")
    return Secret(password)


def _read_shop(cell: Cell) -> str:
    if _is_unassign(cell):
        raise CellError("an employee cannot be without a shop", "write the id, code or name of the shop")
    shop = read_name(cell)
    if _KEY.fullmatch(shop) is not None:
        raise CellError("this is a key, not a shop", "write the id, code or name; keep keys in a key store")
    return shop


HEADINGS: Final = (Field.SHOP, Field.FULL_NAME, Field.PHONE, Field.EXTENSION, Field.HOTLINE)
"""The columns of a roster that is written; passwords are in no roster."""


def cells_of(row: RosterRow) -> tuple[str, ...]:
    """Return the cells of a row under `HEADINGS`: they read as the same row, without a password."""
    phone = row.phone
    if phone is not None and not isinstance(phone, Marker) and not phone.startswith("+"):
        phone = phones.national(phone)
    extension = "" if row.extension_number is None else str(row.extension_number)
    return row.shop, row.full_name or "", phone or "", extension, row.hotline or ""
