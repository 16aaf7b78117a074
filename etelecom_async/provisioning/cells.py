"""
Turn the value of a cell into a text.

A spreadsheet has numbers where a person sees texts: 1001 is 1001.0, and a phone number is 901234567.0.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Sequence
from datetime import date, time, timedelta
from decimal import Decimal
from numbers import Integral
from typing import Final, NamedTuple, TypeAlias

import attrs

from etelecom_async._core.secret import Secret
from etelecom_async._core.values import kind_of
from etelecom_async.provisioning.limits import MOST_CHARACTERS

_MOST_EXACT: Final = 10**15
"""A spreadsheet keeps 15 digits of a number, and replaces the others by zeros."""
_FORMULA: Final = re.compile(r"'*[=+\-@\t\r]")
"""The start of a text in a CSV file that is a formula for a spreadsheet program, or is marked as none."""
_INVISIBLE: Final = dict.fromkeys([0x00AD, 0x200B, 0x200E, 0x200F, 0x2060, 0xFEFF])
_AS_TEXT: Final = "format the column as text, and type the value again"


@attrs.frozen
class Unreadable:
    """The value of a cell that shows an error, or a formula whose result is not in the file."""

    problem: str
    remedy: str


Cell: TypeAlias = object
"""A text, a number, `None` for a blank cell, an `Unreadable`, or any other value."""


class SheetRow(NamedTuple):
    """A row of a sheet; its first cell is that of column A."""

    number: int
    """The number that a spreadsheet program shows."""
    cells: Sequence[Cell]


class CellError(ValueError):
    """
    A value cannot be used.

    Args:
        problem: The reason.
        remedy: What to do.
    """

    def __init__(self, problem: str, remedy: str) -> None:
        super().__init__(problem)
        self.problem: Final = problem
        self.remedy: Final = remedy


def is_blank(cell: Cell) -> bool:
    """Return whether a cell has no value; white space is none."""
    if isinstance(cell, str):
        return not _visible(cell).strip()
    return cell is None or (isinstance(cell, float | Decimal) and math.isnan(cell))


def text_of(cell: Cell) -> str:
    """
    Return a cell as the text that a person sees, in the Unicode form NFC, without white space around it.

    Raises:
        CellError: The cell holds no text and no number, or its number has lost digits.
    """
    if isinstance(cell, str):
        return _text(cell)
    if isinstance(cell, Unreadable):
        raise CellError(cell.problem, cell.remedy)
    if isinstance(cell, bool):
        raise CellError("the cell holds TRUE or FALSE", _AS_TEXT)
    if isinstance(cell, date | time | timedelta):
        raise CellError("the cell holds a date or a time", _AS_TEXT)
    if isinstance(cell, float | Decimal | Integral):
        return _number(cell)
    if is_blank(cell):
        return ""
    raise CellError(f"a cell takes a text or a number, not {kind_of(cell)}", "pass a text")


def secret_of(cell: Cell) -> str:
    """
    Return the text of a password, unchanged except for the Unicode form.

    Raises:
        CellError: The cell holds no text and no number.
    """
    if isinstance(cell, Secret):
        return cell.reveal()
    return unicodedata.normalize("NFC", cell) if isinstance(cell, str) else text_of(cell)


def shown(cell: Cell) -> str:
    """Return a cell for an error text; the text may hold personal data."""
    if isinstance(cell, Unreadable):
        return ""
    if isinstance(cell, str):
        return cell.strip()
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < _MOST_EXACT:
        return str(int(cell))
    return str(cell)


def folded(text: str) -> str:
    """Return a name to compare it: case, white space and the Unicode form do not count."""
    return " ".join(unicodedata.normalize("NFC", text).split()).casefold()


def as_text_in_csv(text: str) -> str:
    """
    Return *text* so that a spreadsheet program takes it as a text, and not as a formula.

    The mark is an apostrophe. A text that looks marked gets one more, so that reading gives the same text.
    """
    return f"'{text}" if _FORMULA.match(text) and len(text) > 1 else text


def without_mark(text: str) -> str:
    """Return the text that `as_text_in_csv` made *text* of."""
    return text[1:] if text[:1] == "'" and _FORMULA.match(text) else text


def _visible(text: str) -> str:
    return text if text.isascii() else text.translate(_INVISIBLE)


def _text(cell: str) -> str:
    if len(cell) > MOST_CHARACTERS:
        raise CellError("the text is too long for a cell", f"write at most {MOST_CHARACTERS:,} characters")
    return without_mark(unicodedata.normalize("NFC", _visible(cell)).strip()).strip()


def _number(cell: float | Decimal | Integral) -> str:
    value = cell if isinstance(cell, float | Decimal) else int(cell)
    if isinstance(value, float | Decimal) and math.isinf(value):
        raise CellError("the cell holds no finite number", _AS_TEXT)
    if isinstance(value, float | Decimal) and math.isnan(value):
        return ""
    if value != int(value):
        return str(value)
    # A Python integer or Decimal is exact; a number of a spreadsheet is a float.
    if isinstance(value, float) and abs(value) >= _MOST_EXACT:
        raise CellError("the number has lost digits: a spreadsheet keeps only 15 of them", _AS_TEXT)
    return str(int(value))
