"""Phones, extensions and hotlines, in the forms in which spreadsheets have them."""

from __future__ import annotations

import pytest

from etelecom_async import phones
from etelecom_async.provisioning.cells import CellError
from etelecom_async.provisioning.numbers import (
    Phone,
    read_extension,
    read_name,
    read_name_or_number,
    read_phone,
    shown_number,
)


@pytest.mark.parametrize(
    ("cell", "number", "lost_zero"),
    [
        ("0901234567", "84901234567", False),
        ("+84 901 234 567", "84901234567", False),
        ("84901234567", "84901234567", False),
        (84901234567.0, "84901234567", False),
        (901234567.0, "84901234567", True),
        ("901 234 567", "84901234567", True),
        ("901234567.0", "84901234567", True),
        ("9.01234567E+8", "84901234567", True),
        (845678901, "84845678901", True),
        ("19001234", "19001234", False),
        ("+12125550123", "+12125550123", False),
    ],
    ids=repr,
)
def test_phone(cell: object, number: str, lost_zero: bool) -> None:  # noqa: FBT001 - a value of the table
    """The number is normalized, and a lost zero is noticed."""
    assert read_phone(cell) == Phone(number, lost_zero)


@pytest.mark.parametrize("prefix", ["03", "05", "07", "08", "09"])
def test_the_fast_way_gives_what_phones_gives(prefix: str) -> None:
    """Usual numbers take a shortcut: its result is that of `phones.normalize`."""
    text = f"{prefix}12345678"
    assert read_phone(text).number == phones.normalize(text)


@pytest.mark.parametrize(
    "cell", ["0901 23x 567", "0212345678", "12", 0.5, "0901234567, 0901234568"], ids=repr
)
def test_no_phone(cell: object) -> None:
    """A wrong number is an error that says what to write."""
    with pytest.raises(CellError) as caught:
        read_phone(cell)
    assert caught.value.problem
    assert caught.value.remedy


@pytest.mark.parametrize(
    "cell",
    [1001, 1001.0, "1001", " 1001 ", "1001.0", "1001,00", "1001.000", "\uff11\uff10\uff10\uff11"],
    ids=repr,
)
def test_extension(cell: object) -> None:
    """An extension is the same number in each spelling."""
    assert read_extension(cell) == 1001


@pytest.mark.parametrize(
    ("cell", "problem"),
    [
        ("01001", "start with 0"),
        (0, "start with 0"),
        (-1, "whole number"),
        ("10a", "whole number"),
        (10.5, "whole number"),
        ("901234567890", "at most 9 digits"),
        ("1.2E+5", "only the first digits"),
        ("1.000", "whole number"),
        ("10,000", "whole number"),
        ("-1,000", "whole number"),
    ],
    ids=repr,
)
def test_no_extension(cell: object, problem: str) -> None:
    """A wrong number is an error."""
    with pytest.raises(CellError, match=problem):
        read_extension(cell)


def test_names() -> None:
    """A name has single spaces; an id as a number has no decimals."""
    assert [read_name("  Quận   1 "), read_name(12.0), read_name("007")] == ["Quận 1", "12", "007"]
    with pytest.raises(CellError, match="only the first digits"):
        read_name("1.4151E+18")


@pytest.mark.parametrize(
    ("cell", "text", "lost_zero"),
    [
        ("Sales", "Sales", False),
        ("02873001234", "02873001234", False),
        (2873001234.0, "02873001234", True),
        ("19001234", "19001234", False),
        ("842873001234", "842873001234", False),
        ("1415096549774721835", "1415096549774721835", False),
        (12.0, "12", False),
    ],
    ids=repr,
)
def test_hotline(cell: object, text: str, lost_zero: bool) -> None:  # noqa: FBT001 - a value of the table
    """A hotline stays as written; only its lost zero is restored."""
    assert read_name_or_number(cell) == (text, lost_zero)


def test_shown_number() -> None:
    """A number in an error has no decimals that are zero."""
    assert [shown_number(1001.0), shown_number("1001.00"), shown_number("1.5")] == ["1001", "1001", "1.5"]
