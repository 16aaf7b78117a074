"""Tables are written as texts, in files that only their owner can read."""

from __future__ import annotations

import io
import stat
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from etelecom_async.errors import InvalidRequestError
from etelecom_async.provisioning.sheets import open_sheet
from etelecom_async.provisioning.tables import is_same_file, write_table

HEADINGS = ["phone", "name"]
ROWS = [
    ["0901234567", "Nguyễn Thị Yến"],
    ["+12125550123", '=HYPERLINK("http://example.com")'],
    ["", "a\nb;c,d"],
]


@pytest.mark.parametrize("name", ["roster.csv", "roster.xlsx", "ROSTER.XLSX"])
def test_texts_come_back(tmp_path: Path, name: str) -> None:
    """No zero is lost, and no text becomes a formula."""
    path = tmp_path / name
    write_table(path, HEADINGS, ROWS)
    with open_sheet(path, {}, None) as sheet:
        read = [[str(cell).removeprefix("'") for cell in row.cells] for row in sheet.rows]
    assert read == [HEADINGS, *ROWS]
    if sys.platform != "win32":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [each.name for each in tmp_path.iterdir()] == [name]


def test_no_formula(tmp_path: Path) -> None:
    """A spreadsheet program shows the text of a formula, and does not compute it."""
    write_table(tmp_path / "a.xlsx", HEADINGS, ROWS)
    with zipfile.ZipFile(io.BytesIO((tmp_path / "a.xlsx").read_bytes())) as archive:
        assert b"<f>" not in archive.read("xl/worksheets/sheet1.xml")
    write_table(tmp_path / "a.csv", HEADINGS, ROWS)
    text = (tmp_path / "a.csv").read_text(encoding="utf-8")
    assert text.startswith("\ufeffphone,name\n")
    assert "'=HYPERLINK" in text


def test_no_formula_in_headings(tmp_path: Path) -> None:
    """A heading of the input may be any text."""
    path = tmp_path / "a.csv"
    write_table(path, ["=A()", "phone"], [])
    assert path.read_bytes() == b"\xef\xbb\xbf'=A(),phone\r\n"
    with open_sheet(path, {}, None) as sheet:
        assert [row.cells for row in sheet.rows] == [["=A()", "phone"]]


def test_same_file(tmp_path: Path) -> None:
    """Two paths of one file; a file that does not exist is not the same."""
    path = tmp_path / "a.csv"
    assert not is_same_file(path, path)
    path.touch()
    assert is_same_file(path, str(tmp_path / "." / "a.csv"))
    assert not is_same_file(path, tmp_path / "b.csv")
    assert not is_same_file("a\0b", path)


def test_a_missing_folder(tmp_path: Path) -> None:
    """The error names the folder that is missing, and no temporary file."""
    with pytest.raises(FileNotFoundError) as caught:
        write_table(tmp_path / "none" / "a.csv", HEADINGS, ROWS)
    assert caught.value.filename == str(tmp_path / "none")


def test_a_delimiter(tmp_path: Path) -> None:
    """A CSV file has the delimiter of the input."""
    write_table(tmp_path / "a.csv", HEADINGS, [["1", "2"]], delimiter=";")
    assert (tmp_path / "a.csv").read_bytes() == b"\xef\xbb\xbfphone;name\r\n1;2\r\n"


def test_a_failure_leaves_the_older_file(tmp_path: Path) -> None:
    """The file is replaced in one step, and nothing is left beside it."""
    path = tmp_path / "a.csv"
    path.write_text("old", encoding="utf-8")

    def rows() -> Iterator[list[str]]:
        yield ROWS[0]
        raise OSError("no space")

    with pytest.raises(OSError, match="no space"):
        write_table(path, HEADINGS, rows())
    assert [each.read_text(encoding="utf-8") for each in tmp_path.iterdir()] == ["old"]


@pytest.mark.parametrize("name", ["roster.xls", "roster"])
def test_other_endings(tmp_path: Path, name: str) -> None:
    """Another format is refused before anything is written."""
    with pytest.raises(InvalidRequestError, match=r"path ends in \.csv or \.xlsx, not in"):
        write_table(tmp_path / name, HEADINGS, ROWS)
    assert not list(tmp_path.iterdir())
