"""The first bytes of a source say what it is."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from etelecom_async.errors import RosterError
from etelecom_async.provisioning import limits
from etelecom_async.provisioning.cells import SheetRow
from etelecom_async.provisioning.sheets import open_sheet

Xlsx = Callable[..., bytes]
Data = Callable[..., str]


def rows(source: Any) -> tuple[str, list[SheetRow]]:
    """Return the kind and the rows of a source."""
    with open_sheet(source, {}, None) as sheet:
        return sheet.kind, list(sheet.rows)


def test_files_and_bytes(tmp_path: Path, xlsx: Xlsx, data: Data) -> None:
    """The ending of a name does not count."""
    content = xlsx(data({"A": "phone"}))
    path = tmp_path / "roster.csv"
    for kind, each in (("xlsx", content), ("csv", b"phone\n")):
        path.write_bytes(each)
        for source in (path, str(path), each, bytearray(each)):
            assert rows(source) == (kind, [SheetRow(1, ["phone"])])


def test_objects() -> None:
    """Dicts may have different keys; each row has the number of its dict."""
    given = [{"phone": 1}, {"shop": "a", "phone": 2}]
    assert rows(iter(given)) == (
        "objects",
        [SheetRow(0, ["phone", "shop"]), SheetRow(1, [1]), SheetRow(2, [2, "a"])],
    )
    assert rows([]) == ("objects", [SheetRow(0, [])])


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "an old .xls file, or a file with a password"),
        (b"%PDF-1.7", "a PDF file"),
        (b"PK\5\6" + bytes(18), "an empty archive"),
        (b"<html><table>", "a web page"),
        (5, "a roster is not read from int"),
        ({"phone": 1}, "a roster is not read from dict"),
        (["0901234567"], "row 1 is str"),
    ],
)
def test_other_sources(source: object, problem: str) -> None:
    """Another kind of file, or of object, is refused by one line with the way out."""
    with pytest.raises(RosterError) as caught:
        rows(source)
    (mistake,) = caught.value.mistakes
    assert problem in mistake.problem
    assert mistake.remedy


def test_no_file(tmp_path: Path) -> None:
    """A missing file is an error of the roster."""
    with pytest.raises(RosterError, match="cannot be read: No such file or directory; check the path"):
        rows(tmp_path / "roster.csv")
    with pytest.raises(RosterError, match="cannot be read: ValueError"):
        rows("a\0b")


def test_keys_of_any_kind() -> None:
    """The columns of a table without headings have numbers."""
    given = [{0: "0901234567"}, {1: 1001}]
    assert rows(given)[1] == [SheetRow(0, ["0", "1"]), SheetRow(1, ["0901234567"]), SheetRow(2, [None, 1001])]


@pytest.mark.parametrize("text", ["phone\n0901234567", "x" * 5000])
def test_a_text_that_is_no_path(text: str) -> None:
    """The error does not show the content of a file."""
    with pytest.raises(RosterError, match="the text is not the path of a file; pass the content") as caught:
        rows(text)
    assert text not in str(caught.value)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such files")
def test_a_pipe(tmp_path: Path) -> None:
    """A file that can be read only once."""
    path = tmp_path / "pipe"
    os.mkfifo(path)
    writer = os.open(path, os.O_RDWR)
    with pytest.raises(RosterError, match="is not a usual file; save the roster"):
        rows(path)
    os.close(writer)


def test_too_many_objects(monkeypatch: pytest.MonkeyPatch) -> None:
    """An endless iterator ends at the limit."""
    monkeypatch.setattr(limits, "MOST_ROWS", 10)
    with pytest.raises(RosterError, match="more than 10 rows"):
        rows(iter(lambda: {"phone": 1}, None))
