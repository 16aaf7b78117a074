"""The columns of one row, what is wrong with it, and how it is written."""

from __future__ import annotations

import pytest

from etelecom_async import Secret
from etelecom_async.provisioning.cells import SheetRow
from etelecom_async.provisioning.headings import read_columns
from etelecom_async.provisioning.rows import (
    HEADINGS,
    NEXT_FREE,
    UNASSIGN,
    Repair,
    RosterRow,
    RowReader,
    RowResult,
    cells_of,
)

COLUMNS = ["shop", "full_name", "phone", "extension", "hotline", "password", "error"]


def read(*cells: object, default_shop: str | None = None) -> RowResult:
    """Read a row with the cells of `COLUMNS`; the last ones may be left out."""
    return RowReader(read_columns(SheetRow(1, COLUMNS), {}), default_shop).read(SheetRow(7, cells))


def problems(*cells: object) -> list[str]:
    """Return the mistakes of a row."""
    return list(map(str, read(*cells).mistakes))


def test_a_whole_row() -> None:
    """Each cell has its value, and the error of a file of bad rows is ignored."""
    result = read("A", " Lan  Anh ", "0901 234 567", 1001.0, "Sales", "secret7", "it was wrong")
    assert result == RowResult(
        RosterRow(
            row=7,
            shop="A",
            full_name="Lan Anh",
            phone="84901234567",
            extension_number=1001,
            hotline="Sales",
            password=Secret("secret7"),
        ),
        [],
        [],
    )
    assert "secret7" not in repr(result)
    assert "84901234567" not in repr(result)


def test_blank_is_unchanged() -> None:
    """A blank cell gives `None`; the default shop stands for a blank shop."""
    assert read("", None, "0901234567", default_shop="B").row == RosterRow(
        row=1, shop="B", phone="84901234567"
    )


@pytest.mark.parametrize("dash", ["-", " \u2013 ", "\u2014", "\u2212"])
def test_unassign(dash: str) -> None:
    """A dash, also a typographic one, takes the extension from the employee."""
    by_phone, by_number = read("A", "", "0901234567", dash).row, read("A", "", dash, 1001).row
    assert by_phone is not None
    assert by_phone.extension_number is UNASSIGN
    assert by_number is not None
    assert (by_number.phone, by_number.extension_number) == (UNASSIGN, 1001)
    assert "phone='-'" in repr(by_number)


@pytest.mark.parametrize("text", ["auto", "AUTO", "Tự động", "next free"])
def test_next_free(text: str) -> None:
    """The next free number is asked for by a word."""
    row = read("A", "", "0901234567", text).row
    assert row is not None
    assert row.extension_number is NEXT_FREE


def test_repairs() -> None:
    """A restored zero is reported with its place; the number is masked."""
    assert read("A", "", 901234567.0, "", 2873001234.0).repairs == [
        Repair(row=7, column="column C (phone)", value="090*****67"),
        Repair(row=7, column="column E (hotline)", value="028******34"),
    ]
    (repair, _) = read("A", "", 901234567.0, "", 2873001234.0).repairs
    assert str(repair) == "row 7, column C (phone): the zero at the start is restored, 090*****67"


@pytest.mark.parametrize(
    ("cells", "problem"),
    [
        (("", "Lan", "0901234567"), "column A (shop): the shop is blank"),
        (("-", "Lan", "0901234567"), "an employee cannot be without a shop"),
        (("1234567:abcdefgh", "Lan", "0901234567"), "this is a key, not a shop"),
        (("A", "-", "0901234567"), "a name cannot be removed"),
        (("A", "12", "0901234567"), "a name has letters"),
        (("A", "a\x07b", "0901234567"), "control characters"),
        (("A", "a" * 300, "0901234567"), "more than 255 characters"),
        (
            ("A", "Lan", "090123456"),
            'column C (phone), "090****56": not a Vietnamese phone number (9 digits)',
        ),
        (("A", "Lan", "0901234567", "x"), 'column D (extension), "x": an extension is a whole number'),
        (("A", "Lan", "0901234567", "", "-"), "an extension cannot be without a hotline"),
        (("A", "Lan", "0901234567", "", 1.4150965497747218e18), "lost digits"),
        (
            ("A", "Lan", "0901234567", "", "", "a\nb"),
            'column F (password), "****": the password has line breaks',
        ),
        (("A", "Lan", "0901234567", "", "", "ab "), '"****": the password starts or ends with a space'),
        (("A", "Lan", "0901234567", "", "", "-"), "a password cannot be removed"),
        (("A", "Lan", "", ""), "neither a phone nor an extension"),
        (("A", "Lan", "", 1001), "the employee has no phone"),
        (("A", "", "", "-"), "- needs to know whose extension it is"),
        (("A", "", "", "auto"), "auto needs to know whose extension it is"),
        (("A", "", "-", ""), "- as the phone needs a number of an extension"),
        (("A", "Lan", "-", 1001), "an extension for nobody has a name or a password"),
    ],
)
def test_mistakes(cells: tuple[object, ...], problem: str) -> None:
    """A mistake is one line with its row, and a row with a mistake gives no row."""
    (line,) = problems(*cells)
    assert line.startswith("row 7")
    assert problem in line
    assert read(*cells).row is None
    assert "; " in line


def test_all_mistakes_of_a_row() -> None:
    """Each wrong cell is a mistake; what follows from a wrong cell is none."""
    assert len(problems("-", "12", "x", "y", "-", "-")) == 6
    assert len(problems("A", "Lan", "x", "")) == 1


def test_no_personal_data_in_mistakes() -> None:
    """Phones, passwords and keys are masked, whatever their column."""
    text = "\n".join(
        problems("shop1234567:abcdefgh", "0907654321", "09076543210", "0907654321", "-", "p4ss\n")
    )
    assert "7654321" not in text
    assert not any(secret in text for secret in ("abcdefgh", "p4ss"))


def test_blank_rows() -> None:
    """A row that has only a number in front, or only the error, has no data."""
    reader = RowReader(read_columns(SheetRow(1, ["STT", *COLUMNS]), {}), None)
    assert reader.is_blank(SheetRow(2, [1.0, "", " ", None, "", "", "", "it was wrong"]))
    assert reader.is_blank(SheetRow(2, []))
    assert not reader.is_blank(SheetRow(2, ["", "A"]))


@pytest.mark.parametrize(
    "row",
    [
        RosterRow(
            row=7, shop="A", full_name="Lan", phone="84901234567", extension_number=1001, hotline="0287"
        ),
        RosterRow(row=7, shop="A", phone="+12125550123", extension_number=UNASSIGN),
        RosterRow(row=7, shop="A", phone="19001234", extension_number=NEXT_FREE),
        RosterRow(row=7, shop="A", phone=UNASSIGN, extension_number=1001),
        RosterRow(row=7, shop="A", extension_number=1001, hotline="1415096549774721835"),
    ],
    ids=["user", "leaver", "next", "nobody", "extension"],
)
def test_written_rows_come_back(row: RosterRow) -> None:
    """The cells of a row read as the same row."""
    cells = cells_of(row)
    assert len(cells) == len(HEADINGS)
    assert read(*cells).row == row
