"""Rows of XLSX files have the numbers and the columns of the sheet."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pytest
import python_calamine

from etelecom_async.errors import RosterError
from etelecom_async.provisioning.cells import Unreadable
from etelecom_async.provisioning.xlsx_files import read_xlsx

Xlsx = Callable[..., bytes]
Data = Callable[..., str]


def test_places(xlsx: Xlsx, data: Data) -> None:
    """Blank rows above and blank columns before the first value count."""
    rows = list(read_xlsx(io.BytesIO(xlsx(data({"C": 1001, "E": "Lan"}, first=3))), None))
    assert [row.number for row in rows] == [1, 2, 3]
    assert list(rows[2].cells) == [None, None, 1001.0, "", "Lan"]


def test_errors_are_no_blank_cells(xlsx: Xlsx) -> None:
    """`#N/A` and a formula without a result are no values; a formula with one is."""
    cells = '<c r="B2" t="e"><v>#N/A</v></c><c r="C2"><f>A()</f></c><c r="D2"><f>A()</f><v>5</v></c>'
    rows = f'<row r="2">{cells}</row>'
    *_, row = read_xlsx(io.BytesIO(xlsx(rows)), None)
    first, error, formula, value = [None, *row.cells] if len(row.cells) == 3 else row.cells
    assert not first
    assert isinstance(error, Unreadable)
    assert isinstance(formula, Unreadable)
    assert value == 5.0


def test_last_rows_of_formulas_without_results(xlsx: Xlsx, data: Data) -> None:
    """The reader leaves these rows out, and nobody would know that employees are missing."""
    sheet = data({"B": "phone"}, first=2) + '<row r="4"><c r="B4"><f>A()</f></c></row>'
    *_, row = read_xlsx(io.BytesIO(xlsx(sheet)), None)
    assert row.number == 4
    assert row.cells[0] is None
    assert isinstance(row.cells[1], Unreadable)


def test_another_sheet(xlsx: Xlsx, data: Data) -> None:
    """The sheet with the name."""
    (row,) = read_xlsx(io.BytesIO(xlsx(data({"A": 1}), Other=data({"A": 2}))), "Other")
    assert list(row.cells) == [2.0]


def test_a_path_that_has_another_file(tmp_path: Path, xlsx: Xlsx, data: Data) -> None:
    """Only the scanned file is read, also when another one takes its place meanwhile."""
    path = tmp_path / "a.xlsx"
    path.write_bytes(xlsx(data({"A": 1})))
    with path.open("rb") as file:
        assert [list(row.cells) for row in read_xlsx(file, None)] == [[1.0]]
        (tmp_path / "b.xlsx").write_bytes(xlsx(data({"A": 2})))
        (tmp_path / "b.xlsx").replace(path)
        assert [list(row.cells) for row in read_xlsx(file, None)] == [[1.0]]
        path.unlink()
        assert [list(row.cells) for row in read_xlsx(file, None)] == [[1.0]]


def test_an_empty_sheet(xlsx: Xlsx) -> None:
    """No rows."""
    assert list(read_xlsx(io.BytesIO(xlsx("")), None)) == []


def test_what_the_reader_refuses(xlsx: Xlsx) -> None:
    """A text that is not in the file is an error of the roster, and not of the reader."""
    with pytest.raises(RosterError, match="the XLSX file is damaged"):
        list(read_xlsx(io.BytesIO(xlsx('<row r="1"><c r="A1" t="s"><v>9</v></c></row>')), None))


def test_a_failure_inside_the_reader(xlsx: Xlsx, monkeypatch: pytest.MonkeyPatch) -> None:
    """A panic of the reader is no `Exception`; other such errors are left alone."""
    panic = type("PanicException", (BaseException,), {})
    for kind, expected in ((panic, RosterError), (KeyboardInterrupt, KeyboardInterrupt)):

        class Workbook:
            error = kind

            @classmethod
            def from_filelike(cls, _: object) -> None:
                raise cls.error

        monkeypatch.setattr(python_calamine, "CalamineWorkbook", Workbook)
        with pytest.raises(expected):
            list(read_xlsx(io.BytesIO(xlsx('<row r="1"/>')), None))
