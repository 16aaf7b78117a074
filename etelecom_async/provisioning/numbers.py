"""
Read the numbers of a roster: phones, extensions, hotlines and ids.

A spreadsheet stores a phone number as a number, and then the zero at its start is lost. This module restores
the zero, and says so.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final, NamedTuple

from etelecom_async import phones
from etelecom_async.provisioning.cells import Cell, CellError, shown, text_of

_USUAL: Final = re.compile(r"(?a:0([35789]\d{8}))")
"""The most frequent form; the other forms take fifty times as long to read."""
_SHORTENED: Final = re.compile(r"(?a)\d(?:[.,]\d+)?[eE]\+?\d{1,2}")
_DECIMAL: Final = re.compile(r"(?a)(?!-?\d{1,3}[.,]000\Z)(-?\d+)[.,]0{1,6}")
"""A whole number with decimals; `1.000` may be a thousand as well."""
_DIGITS: Final = re.compile(r"(?a)\d+")
_MOST_DIGITS: Final = 9
"""A longer number would not fit into an int32, and looks like a phone number."""
_AS_TEXT: Final = "format the column as text, and type the value again"
_PHONE_EXAMPLES: Final = "write it like 0901 234 567, +84 901 234 567 or 84901234567"


class Phone(NamedTuple):
    """A phone number of a cell."""

    number: str
    """The normalized number, see `etelecom_async.phones`."""
    lost_zero: bool
    """Whether the cell held the number without the zero at its start."""


def read_phone(cell: Cell) -> Phone:
    """
    Return the phone number in a cell.

    Raises:
        CellError: It is not exactly one phone number.
    """
    text = text_of(cell)
    if (found := _USUAL.fullmatch(text)) is not None:
        return Phone(f"{phones.COUNTRY_CODE}{found[1]}", lost_zero=False)
    try:
        number = phones.normalize(text)
    except ValueError as error:
        problem, _, remedy = str(error).partition("; ")
        raise CellError(problem, remedy or _PHONE_EXAMPLES) from None
    return Phone(number, lost_zero=_lost_zero(text, number))


def read_extension(cell: Cell) -> int:
    """
    Return the number of an extension in a cell: 1001 for 1001, "1001" and 1001.0.

    Raises:
        CellError: It is no number of an extension.
    """
    text = _whole_number(text_of(cell))
    if _SHORTENED.fullmatch(text) is not None:
        raise CellError("the cell shows only the first digits of the number", _AS_TEXT)
    if _DIGITS.fullmatch(text) is None:
        raise CellError("an extension is a whole number", "write it like 1001")
    if text.startswith("0"):
        raise CellError("the number of an extension does not start with 0", "write it like 1001")
    if len(text) > _MOST_DIGITS:
        raise CellError(f"an extension has at most {_MOST_DIGITS} digits", "write it like 1001")
    return int(text)


def read_name(cell: Cell) -> str:
    """
    Return an id, a code or a name in a cell: 12 for 12.0, and one space in place of several.

    Raises:
        CellError: It is a number that has lost digits.
    """
    text = _whole_number(" ".join(text_of(cell).split()))
    if _SHORTENED.fullmatch(text) is not None:
        raise CellError("the cell shows only the first digits of the number", _AS_TEXT)
    return text


def read_name_or_number(cell: Cell) -> tuple[str, bool]:
    """
    Return the id, number or name of a hotline, and whether its phone number had lost its zero.

    Raises:
        CellError: It is a number that has lost digits.
    """
    return _with_zero(read_name(cell))


@lru_cache(maxsize=1024)  # many rows have one hotline
def _with_zero(text: str) -> tuple[str, bool]:
    if _DIGITS.fullmatch(text) is None or text.startswith("0"):
        return text, False
    try:
        number = phones.normalize(text)
    except ValueError:  # an id
        return text, False
    return (phones.national(number), True) if _lost_zero(text, number) else (text, False)


def shown_number(cell: Cell) -> str:
    """Return the value of a cell with a phone number, for an error text; it may be personal data."""
    text = shown(cell)
    found = _DECIMAL.fullmatch(text)
    return text if found is None else found[1]


def _whole_number(text: str) -> str:
    """Return *text* with ASCII digits if it is a number, and without decimals that are zero."""
    if text.isascii() and text.isdigit():
        return text
    digits = "".join(str(int(letter)) if letter.isdecimal() else letter for letter in text)
    found = _DECIMAL.fullmatch(digits)
    if found is not None:
        return found[1]
    return digits if _DIGITS.fullmatch(digits) is not None else text


def _lost_zero(text: str, number: str) -> bool:
    """Return whether *text* is *number* without the zero, the country code and the plus sign at its start."""
    if not number.startswith(phones.COUNTRY_CODE):
        return False
    if _SHORTENED.fullmatch(text.strip("'\"=")) is not None:
        return True
    digits = re.sub(r"(?a)\D", "", _whole_number(text))
    return f"{phones.COUNTRY_CODE}{digits}" == number
