"""Bad rows are written with their mistakes, corrected, and read again."""

from __future__ import annotations

import stat
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from etelecom_async.errors import InvalidRequestError
from etelecom_async.provisioning import Roster
from etelecom_async.provisioning.sheets import open_sheet

CSV = (
    "Danh sách;;;\r\n"
    "STT;Cửa hàng;SĐT;Mật khẩu\r\n"
    "1;A;0901234567;one\r\n"
    "2;;0901234568;two\r\n"
    "3;A;+849012x;three\r\n"
)


def cells(path: Path) -> list[list[str]]:
    """Return the cells of a file, as texts."""
    with open_sheet(path, {}, None) as sheet:
        return [[str(cell).removeprefix("'") for cell in row.cells] for row in sheet.rows]


@pytest.mark.parametrize("name", ["bad.csv", "bad.xlsx"])
def test_correct_and_read_again(tmp_path: Path, name: str) -> None:
    """The file has the columns of the input; after the correction it is a roster, with the same columns."""
    path = tmp_path / name
    roster = Roster.read(CSV.encode(), skip_bad=True)
    assert [row.phone for row in roster.rows] == ["84901234567"]
    assert [row.row for row in roster.bad_rows] == [4, 5]
    assert len(roster.mistakes) == 2
    roster.write_bad_rows(path)
    headings, shop, phone = cells(path)
    assert headings == ["STT", "Cửa hàng", "SĐT", "Mật khẩu", "error"]
    assert shop[:4] == ["2", "", "0901234568", "two"]
    assert shop[4].startswith("column B (Cửa hàng): the shop is blank; write the shop")
    assert phone[2:4] == ["+849012x", "three"]
    assert phone[4].startswith("column C (SĐT): a phone number has no letters")
    if sys.platform != "win32":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    again = Roster.read(path, skip_bad=True)
    again.write_bad_rows(tmp_path / f"again{name}")
    assert cells(tmp_path / f"again{name}") == [headings, shop, phone]
    shop[1], phone[2] = "A", "0901234569"
    corrected = "\n".join(",".join(f'"{cell}"' for cell in row) for row in (headings, shop, phone))
    rows = Roster.read(corrected.encode()).rows
    assert [(row.shop, row.phone, row.password and row.password.reveal()) for row in rows] == [
        ("A", "84901234568", "two"),
        ("A", "84901234569", "three"),
    ]


@pytest.mark.parametrize("name", ["bad.csv", "bad.xlsx"])
@pytest.mark.parametrize("password", ["=1+1", "-x", "'=1", "''@a", "'quoted'", "plain"])
def test_passwords_are_unchanged(tmp_path: Path, name: str, password: str) -> None:
    """A password that looks like a formula is the same after the file of bad rows was read."""
    rows = [{"shop": "", "phone": "0901234567", "password": password}]
    Roster.read(rows, skip_bad=True).write_bad_rows(tmp_path / name)
    (row,) = Roster.read(tmp_path / name, default_shop="A").rows
    assert row.password is not None
    assert row.password.reveal() == password


def test_the_delimiter_of_the_input(tmp_path: Path) -> None:
    """A spreadsheet program opens the file as it opened the input."""
    Roster.read(CSV.encode(), skip_bad=True).write_bad_rows(tmp_path / "bad.csv")
    assert (
        (tmp_path / "bad.csv").read_text(encoding="utf-8-sig").startswith("STT;Cửa hàng;SĐT;Mật khẩu;error")
    )


def test_numbers_of_a_sheet(tmp_path: Path, xlsx: Callable[..., bytes], data: Callable[..., str]) -> None:
    """A number has no decimals, and cells beyond the headings are kept."""
    rows = data({"B": "phone", "C": "extension"}, {"B": 901234567, "C": 0, "D": 12}, {"B": 1})
    Roster.read(xlsx(rows), default_shop="A", skip_bad=True).write_bad_rows(tmp_path / "bad.xlsx")
    _, first, second = cells(tmp_path / "bad.xlsx")
    assert first[:4] == ["", "901234567", "0", "12"]
    assert second[:4] == ["", "1", "", ""]


def test_blank_numbers(tmp_path: Path) -> None:
    """A missing value of pandas stays blank: it is not the name of an employee."""
    rows = [{"full_name": float("nan"), "phone": "1"}]
    Roster.read(rows, default_shop="A", skip_bad=True).write_bad_rows(tmp_path / "bad.csv")
    assert cells(tmp_path / "bad.csv")[1][:2] == ["", "1"]


def test_passwords_are_hidden() -> None:
    """The cells of a bad row are secrets: none is in its text."""
    (row, _) = Roster.read(CSV.encode(), skip_bad=True).bad_rows
    assert "two" not in repr(row)
    assert "0901234568" not in repr(row)


@pytest.mark.parametrize("is_text", [True, False])
def test_the_input_is_not_overwritten(tmp_path: Path, *, is_text: bool) -> None:
    """The good rows of the input would be lost, also by another path to it."""
    path = tmp_path / "roster.csv"
    path.write_bytes(CSV.encode())
    roster = Roster.read(str(path) if is_text else path, skip_bad=True)
    with pytest.raises(InvalidRequestError, match="path is the file of the roster"):
        roster.write_bad_rows(tmp_path / ".." / tmp_path.name / "roster.csv")
    assert path.read_bytes() == CSV.encode()


def test_no_bad_rows(tmp_path: Path) -> None:
    """A good roster has none, and the file has only headings."""
    roster = Roster.read([{"shop": "A", "phone": "0901234567"}], skip_bad=True)
    assert (roster.bad_rows, roster.mistakes) == ((), ())
    roster.write_bad_rows(tmp_path / "bad.csv")
    assert cells(tmp_path / "bad.csv") == [["shop", "phone", "error"]]
