"""A CSV file is read with the row numbers of a spreadsheet, and another form of file is explained."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from etelecom_async.cli import exit_codes, tables
from etelecom_async.cli.command import CommandError


def write(folder: Path, content: str | bytes) -> Path:
    """Return a file with this content."""
    file = folder / "rows.csv"
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    return file


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_forms(tmp_path: Path, separator: str, mark: str, end: str) -> None:
    """Any usual separator, line end and byte order mark gives the same rows; an empty line counts."""
    lines = [["số", " name "], ["1", f'"a{separator}b"'], [], ["2", "Đỗ"]]
    text = mark + "".join(separator.join(line) + end for line in lines)
    content = tables.read(write(tmp_path, text))
    assert content.rows == [
        (2, {"số": "1", "name": f"a{separator}b"}),
        (4, {"số": "2", "name": "Đỗ"}),
    ]
    assert content.sha256 == hashlib.sha256(text.encode()).hexdigest()


def test_cells_that_do_not_fit(tmp_path: Path) -> None:
    """Missing cells are `None`. Cells without a column come together; empty ones do not count."""
    rows = tables.read(write(tmp_path, "a,b,\n1\n1,2,,\n1,2,,4\n")).rows
    assert rows == [
        (2, {"a": "1", "b": None}),
        (3, {"a": "1", "b": "2"}),
        (4, {"a": "1", "b": "2", None: ["4"]}),
    ]


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("số\n1\n".encode("utf-16"), "has the encoding UTF-16: save it as UTF-8, in Excel as `CSV UTF-8`"),
        (b"a\n\xd0\xff\n", "is not UTF-8 (line 2): save it as UTF-8, in Excel as `CSV UTF-8`"),
        (b"", "has no heading: its first line needs the names of the columns"),
        (b" , \n1,2\n", "has no heading: its first line needs the names of the columns"),
        (b"a,b,a \n1,2,3\n", "has several columns named 'a': rename them"),
        (b'a\n"1"2\n', "is no CSV file: "),
    ],
)
def test_wrong_file(tmp_path: Path, content: bytes, problem: str) -> None:
    """The error is of usage, and says what to do."""
    file = write(tmp_path, content)
    with pytest.raises(CommandError) as caught:
        tables.read(file)
    assert str(caught.value).startswith(f"{file} {problem}")
    assert caught.value.exit_code == exit_codes.USAGE


def test_no_file(tmp_path: Path) -> None:
    """A file that cannot be read is named."""
    with pytest.raises(CommandError, match=r"rows\.csv cannot be read: No such file or directory"):
        tables.read(tmp_path / "rows.csv")
