"""Columns are found by their headings."""

from __future__ import annotations

import unicodedata

import pytest

from etelecom_async.provisioning.cells import SheetRow
from etelecom_async.provisioning.headings import (
    FIELDS,
    Field,
    count_known,
    find_headings,
    index_of,
    letter_of,
    plain_heading,
    read_columns,
    read_mapping,
)

VIETNAMESE = ["Cửa hàng", "Họ tên", "Số điện thoại", "Máy nhánh", "Hotline"]
PLACES = {Field.SHOP: 0, Field.FULL_NAME: 1, Field.PHONE: 2, Field.EXTENSION: 3, Field.HOTLINE: 4}


@pytest.mark.parametrize(
    "headings",
    [
        ["shop", "full_name", "phone", "extension", "hotline"],
        VIETNAMESE,
        [unicodedata.normalize("NFD", text) for text in VIETNAMESE],
        ["CUA HANG", "HO TEN", "SO DIEN THOAI", "MAY NHANH", "HOTLINE"],
        ["Mã cửa hàng", "Họ và tên (*)", "SĐT", "Số máy nhánh:", "Đầu số"],
        ["Shop ID", "Employee name", "Phone No.", "Ext.", "Hotline number"],
        ["Chi nhánh", "Nhân viên", "Điện thoại\n[bắt buộc]", "Nội bộ", "Tên hotline"],
    ],
)
def test_the_headings_of_the_contract_and_their_like(headings: list[str]) -> None:
    """English or Vietnamese, with or without accents, remarks and punctuation."""
    columns = read_columns(SheetRow(1, headings), {})
    assert (dict(columns.places), columns.mistakes) == (PLACES, ())


def test_each_spelling_is_plain_and_means_one_thing() -> None:
    """A spelling with a capital or an accent in the table would never match."""
    assert all(plain_heading(spelling.replace("_", " ")) == spelling for spelling in FIELDS)
    assert len(FIELDS) > 100


def test_the_guess_can_be_shown() -> None:
    """Each column has its letter, its heading, and what it holds; an unknown one holds nothing."""
    columns = read_columns(SheetRow(3, ["STT", "SĐT", "", "Tên"]), {})
    shown = [(str(column), column.field) for column in columns.columns]
    assert shown == [
        ("column A (STT)", None),
        ("column B (SĐT)", Field.PHONE),
        ("column D (Tên)", Field.FULL_NAME),
    ]
    assert (columns.row, columns.named(Field.PHONE), columns.named(Field.SHOP)) == (3, "column B (SĐT)", "")


def test_a_mapping_overrides_the_guess() -> None:
    """By heading or by letters, also for a column without a heading."""
    row = SheetRow(1, ["Số điện thoại", "Zalo", "Máy nhánh"])
    assert read_columns(row, {Field.PHONE: "zalo"}).places[Field.PHONE] == 1
    assert read_columns(row, {Field.PHONE: "B"}).places[Field.PHONE] == 1
    columns = read_columns(row, {Field.HOTLINE: "E"})
    assert columns.places[Field.HOTLINE] == 4
    assert str(columns.columns[-1]) == "column E"
    assert columns.headings == ("Số điện thoại", "Zalo", "Máy nhánh", "", "")


@pytest.mark.parametrize(
    ("headings", "mapping", "problem"),
    [
        (["phone", "SĐT"], {}, "column A (phone) and column B (SĐT) both look like phone"),
        (["name"], {}, "no column holds phones or extensions"),
        (["phone", "API key"], {}, "keys do not belong in a roster"),
        (["phone", "Họ đệm", "Tên"], {}, "the name is in several columns"),
        (["phone"], {Field.SHOP: "Kho"}, "the mapping of shop names no column: 'Kho'"),
        (["phone"], {Field.SHOP: "So"}, "the mapping of shop names no column: 'So'"),
        (["phone", "a", "a"], {Field.SHOP: "a"}, "2 columns have the heading of shop"),
        (["phone", "a"], {Field.SHOP: "a", Field.HOTLINE: "a"}, "shop and hotline are mapped to one column"),
    ],
)
def test_mistakes(headings: list[str], mapping: dict[Field, str], problem: str) -> None:
    """Columns that cannot be told apart are one mistake with a remedy."""
    (mistake,) = read_columns(SheetRow(1, headings), mapping).mistakes
    assert mistake.problem == problem
    assert mistake.remedy


def test_a_mapped_name_is_not_in_several_columns() -> None:
    """The caller has said which column it is."""
    assert not read_columns(SheetRow(1, ["phone", "Họ", "Tên"]), {Field.FULL_NAME: "Tên"}).mistakes


def test_objects_have_no_letters() -> None:
    """The keys of dicts are named without a letter, and letters map nothing."""
    columns = read_columns(SheetRow(0, ["phone", "a"]), {Field.SHOP: "B"}, lettered=False)
    assert str(columns.columns[0]) == "phone"
    assert columns.mistakes[0].row is None
    (twice,) = read_columns(SheetRow(0, ["phone", "sdt"]), {}, lettered=False).mistakes
    assert twice.remedy == "map one of them, for example phone=sdt"


def test_two_columns_of_errors_are_no_mistake() -> None:
    """A file of bad rows may be read twice."""
    assert not read_columns(SheetRow(1, ["phone", "error", "Lỗi"]), {}).mistakes


def test_the_row_with_the_most_headings() -> None:
    """A title above the headings does not count, and neither do numbers or very long texts."""
    rows = [SheetRow(1, ["Hotline"]), SheetRow(3, VIETNAMESE), SheetRow(4, [1.0, None, "x" * 40_000])]
    assert find_headings(rows, {}) == rows[1]
    assert find_headings(rows[2:], {}) is None
    assert count_known(["Zalo"], {Field.PHONE: "zalo"}) == 1


@pytest.mark.parametrize(("index", "letters"), [(0, "A"), (25, "Z"), (26, "AA"), (255, "IV"), (16383, "XFD")])
def test_letters(index: int, letters: str) -> None:
    """Columns have the letters of Excel."""
    assert (letter_of(index), index_of(letters), index_of(letters.lower())) == (letters, index, index)


def test_mapping() -> None:
    """A field may be named like a heading; an unknown one is a mistake with a suggestion."""
    assert read_mapping({"phone": "a", "Máy nhánh": "b"})[0] == {Field.PHONE: "a", Field.EXTENSION: "b"}
    _, (unknown, error) = read_mapping({"phones": "a", "error": "b"})
    assert "did you mean 'phone'?" in unknown.remedy
    assert error.problem == "the mapping has no field 'error'"
