"""
Find the columns of a roster by their headings, in English or Vietnamese, with or without accents.

The guess can be shown (`Columns.columns`) and overridden by a mapping.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from enum import StrEnum
from functools import lru_cache
from types import MappingProxyType
from typing import Final

import attrs

from etelecom_async._core.suggestions import did_you_mean, plain_letters
from etelecom_async.errors import Mistake
from etelecom_async.provisioning import limits
from etelecom_async.provisioning.cells import Cell, CellError, SheetRow, is_blank, text_of
from etelecom_async.provisioning.mistakes import masked_text


class Field(StrEnum):
    """What a column of a roster holds."""

    SHOP = "shop"
    FULL_NAME = "full_name"
    PHONE = "phone"
    EXTENSION = "extension"
    HOTLINE = "hotline"
    PASSWORD = "password"  # noqa: S105 - the name of a column
    ERROR = "error"
    """The mistakes of a row: a file of bad rows has them, and reading ignores them."""


# Without accents, punctuation and case, see `plain_letters`.
_SPELLINGS: Final[Mapping[Field, str]] = MappingProxyType(
    {
        Field.SHOP: (
            "shop shop_id shop_code shop_name store store_id store_code store_name branch branch_id "
            "branch_code branch_name cua_hang id_cua_hang ma_cua_hang ten_cua_hang ma_shop id_shop ten_shop "
            "chi_nhanh id_chi_nhanh ma_chi_nhanh ten_chi_nhanh"
        ),
        Field.FULL_NAME: (
            "full_name fullname name employee employee_name staff staff_name agent agent_name user user_name "
            "ho_ten ho_va_ten ten ten_day_du ten_nhan_vien nhan_vien ho_ten_nhan_vien ho_va_ten_nhan_vien "
            "nguoi_dung ten_nguoi_dung"
        ),
        Field.PHONE: (
            "phone phone_number phone_no mobile mobile_number mobile_no mobile_phone cell_phone telephone "
            "telephone_number tel so_dien_thoai dien_thoai sdt so_dt dt so_di_dong di_dong "
            "dien_thoai_di_dong so_dien_thoai_di_dong dtdd so_dtdd so_phone so_dien_thoai_nhan_vien "
            "sdt_nhan_vien"
        ),
        Field.EXTENSION: (
            "extension extension_number extension_no ext ext_number ext_no may_nhanh so_may_nhanh so_noi_bo "
            "noi_bo may_noi_bo may_le so_may_le so_nhanh nhanh so_ext"
        ),
        Field.HOTLINE: (
            "hotline hotline_id hotline_number hotline_no hotline_name so_hotline ten_hotline id_hotline "
            "ma_hotline dau_so duong_day_nong so_duong_day_nong"
        ),
        Field.PASSWORD: "password pass mat_khau mat_khau_dang_nhap mk",
        Field.ERROR: "error errors loi",
    }
)
FIELDS: Final = MappingProxyType(
    {spelling: field for field, spellings in _SPELLINGS.items() for spelling in spellings.split()}
)
"""The field of each known heading."""

_KEYS: Final = frozenset(
    {"api_key", "shop_key", "shop_api_key", "partner_key", "partner_api_key", "key", "khoa", "khoa_api"}
)
_PARTS_OF_NAMES: Final = frozenset(
    {"ho", "ho_dem", "ho_va_dem", "ho_lot", "ho_ten_dem", "ho_va_ten_dem", "ten_dem", "last_name", "surname"}
    | {"family_name", "first_name", "given_name", "middle_name"}
)
_LETTERS: Final = 26
_COLUMN_LETTERS: Final = r"(?a)[A-Za-z]{1,2}"


@attrs.frozen(kw_only=True)
class Column:
    """A column of the file, and what the roster takes from it."""

    letter: str
    """The letters that a spreadsheet program shows, for example `C`; empty for Python objects."""
    heading: str
    """The heading as written; empty if there is none."""
    field: Field | None
    """What it holds; `None` if the roster ignores it."""

    def __str__(self) -> str:
        heading = masked_text(self.heading)
        if not self.letter:
            return heading
        return f"column {self.letter} ({heading})" if heading else f"column {self.letter}"


@attrs.frozen(kw_only=True)
class Columns:
    """The headings of a file."""

    row: int
    """Number of the row with the headings; 0 for Python objects."""
    columns: tuple[Column, ...]
    """All columns with a heading or a field, from the first to the last."""
    headings: tuple[str, ...]
    """The heading of each column; empty if there is none."""
    places: Mapping[Field, int]
    """Index of the column of each field."""
    mistakes: tuple[Mistake, ...]

    def named(self, field: Field) -> str:
        """Return the column of *field* for an error text; empty if there is none."""
        return next((str(column) for column in self.columns if column.field is field), "")


def letter_of(index: int) -> str:
    """Return the letters of a column: `A` for 0, `AA` for 26."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, _LETTERS)
        letters = chr(ord("A") + rest) + letters
    return letters


def index_of(letters: str) -> int:
    """Return the index of a column: 0 for `A`, 26 for `AA`."""
    index = 0
    for letter in letters.upper():
        index = index * _LETTERS + ord(letter) - ord("A") + 1
    return index - 1


def count_known(cells: Sequence[Cell], mapping: Mapping[Field, str]) -> int:
    """Return how many cells of a row are headings that the roster knows."""
    wanted = {plain_heading(name) for name in mapping.values()}
    return sum(plain in FIELDS or plain in wanted for plain in map(_plain_cell, cells))


def find_headings(rows: Sequence[SheetRow], mapping: Mapping[Field, str]) -> SheetRow | None:
    """
    Return the row with the most known headings; `None` if no row has one.

    Args:
        rows: The first rows of a sheet: there may be a title above the headings.
        mapping: The heading, or the letters, of the column of a field; it overrides the guess.
    """
    best = max(rows, key=lambda row: count_known(row.cells, mapping), default=None)
    return best if best is not None and count_known(best.cells, mapping) else None


def read_columns(headings: SheetRow, mapping: Mapping[Field, str], *, lettered: bool = True) -> Columns:
    """
    Return what each column holds.

    Args:
        headings: The row with the headings.
        mapping: As in `find_headings`.
        lettered: Whether columns have letters, as in a file.
    """
    guess = _Guess(headings, lettered=lettered)
    for field, name in mapping.items():
        guess.map(field, name)
    guess.match(mapping.keys())
    guess.check(mapping.keys())
    return guess.columns()


class _Guess:
    """The columns of a row of headings, while they are matched with fields."""

    def __init__(self, headings: SheetRow, *, lettered: bool) -> None:
        self._row: Final = headings.number
        self._lettered: Final = lettered
        self._texts: Final = [_heading(cell) for cell in headings.cells]
        self._plain: Final = [plain_heading(text) for text in self._texts]
        self._fields: dict[int, Field] = {}
        self._mistakes: list[Mistake] = []

    def map(self, field: Field, name: str) -> None:
        """Take the column that the caller names, by its heading or its letters."""
        wanted = plain_heading(name)
        matches = [index for index, plain in enumerate(self._plain) if plain == wanted != ""]
        if not matches and self._lettered and re.fullmatch(_COLUMN_LETTERS, name):
            matches = [index for index in (index_of(name),) if index < limits.MOST_COLUMNS]
        if not matches:
            known = did_you_mean(name, filter(None, self._texts))
            remedy = f"write a heading of the file, or the letters of a column{known}"
            self._add(f"the mapping of {field} names no column: {masked_text(name)!r}", remedy)
        elif len(matches) > 1:
            self._add(f"{len(matches)} columns have the heading of {field}", "map it to the letters of one")
        elif matches[0] in self._fields:
            both = f"{self._fields[matches[0]]} and {field}"
            self._add(f"{both} are mapped to one column", "map each of them to its own column")
        else:
            self._fields[matches[0]] = field

    def match(self, mapped: Collection[Field]) -> None:
        """Take the columns with known headings, except for fields that are *mapped*."""
        for index, plain in enumerate(self._plain):
            field = FIELDS.get(plain)
            if field is None or field in mapped or index in self._fields:
                continue
            earlier = next((place for place, each in self._fields.items() if each is field), None)
            if earlier is None:
                self._fields[index] = field
            elif field is not Field.ERROR:
                example = letter_of(index) if self._lettered else self._texts[index]
                problem = f"{self._column(earlier)} and {self._column(index)} both look like {field}"
                self._add(problem, f"map one of them, for example {field}={example}")

    def check(self, mapped: Collection[Field]) -> None:
        """Add what is wrong with the other columns, or missing."""
        for index, plain in enumerate(self._plain):
            if index in self._fields:
                continue
            if plain in _KEYS:
                self._add(
                    "keys do not belong in a roster", "keep them in a key store, and delete the column", index
                )
            if plain in _PARTS_OF_NAMES and Field.FULL_NAME not in mapped:
                self._add(
                    "the name is in several columns", "put the whole name into one, or map full_name", index
                )
        if not self._mistakes and not {Field.PHONE, Field.EXTENSION} & set(self._fields.values()):
            found = ", ".join(masked_text(text) for text in self._texts if text)
            self._add(
                "no column holds phones or extensions",
                f"rename or map one; the headings are: {found or 'none'}",
            )

    def columns(self) -> Columns:
        """Return the result."""
        width = max(len(self._texts), max(self._fields, default=0) + 1)
        columns = [self._column(index) for index in range(width)]
        return Columns(
            row=self._row,
            columns=tuple(column for column in columns if column.heading or column.field),
            headings=tuple(column.heading for column in columns),
            places=MappingProxyType({field: index for index, field in self._fields.items()}),
            mistakes=tuple(self._mistakes),
        )

    def _column(self, index: int) -> Column:
        letter = letter_of(index) if self._lettered else ""
        heading = self._texts[index] if index < len(self._texts) else ""
        return Column(letter=letter, heading=heading, field=self._fields.get(index))

    def _add(self, problem: str, remedy: str, index: int | None = None) -> None:
        where = "" if index is None else str(self._column(index))
        self._mistakes.append(Mistake(row=self._row or None, column=where, problem=problem, remedy=remedy))


def read_mapping(mapping: Mapping[str, str]) -> tuple[dict[Field, str], list[Mistake]]:
    """Return *mapping* by fields, and what is wrong with it."""
    fields: dict[Field, str] = {}
    mistakes: list[Mistake] = []
    known = [field.value for field in Field if field is not Field.ERROR]
    for name, heading in mapping.items():
        field = FIELDS.get(plain_heading(name))
        if field is None or field is Field.ERROR:
            remedy = f"the fields are: {', '.join(known)}{did_you_mean(name, known)}"
            mistakes.append(Mistake(problem=f"the mapping has no field {masked_text(name)!r}", remedy=remedy))
        else:
            fields[field] = heading
    return fields, mistakes


@lru_cache(maxsize=1024)
def plain_heading(text: str) -> str:
    """Return a heading without accents, case, punctuation, and remarks in brackets."""
    return plain_letters(re.sub(r"\([^()]*\)|\[[^\[\]]*\]", " ", text))


def _plain_cell(cell: Cell) -> str:
    return plain_heading(_heading(cell))


def _heading(cell: Cell) -> str:
    if not isinstance(cell, str) or is_blank(cell):
        return ""
    try:
        return " ".join(text_of(cell).split())
    except CellError:  # too long for a heading
        return ""
