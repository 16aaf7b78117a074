"""A roster is described in notes, and each of its mistakes is a line."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from etelecom_async.cli.provision_roster import as_json, read_roster, show_mistakes
from etelecom_async.errors import Mistake, RosterError

if TYPE_CHECKING:
    from collections.abc import Sequence

GIVEN: dict[str, Any] = {"mapping": (), "sheet": None, "skip_bad": None, "prune": False, "quiet": False}


def write(folder: Path, rows: Sequence[str]) -> str:
    """Write a roster of phones and extensions."""
    file = folder / "a.csv"
    file.write_text("\n".join(["SĐT,Ghi chú,Máy nhánh", *rows]), encoding="utf-8")
    return str(file)


def test_notes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Notes say what each column is, which is ignored, and which zeros are restored: five of them."""
    file = write(tmp_path, [f"90123456{place},x,{1001 + place}" for place in range(7)])
    roster = read_roster({**GIVEN, "file": file}, "May")
    assert {row.shop for row in roster.rows} == {"May"}
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == (
        "etelecom: column A (SĐT) is phone; column C (Máy nhánh) is extension; ignored: column B (Ghi chú)"
    )
    assert lines[1].startswith("etelecom: row 2, column A (SĐT): the zero at the start is restored, ")
    assert lines[-1] == "etelecom: and 2 more zeros at the start are restored"
    assert len(lines) == 7
    read_roster({**GIVEN, "file": file, "quiet": True}, "May")
    assert capsys.readouterr().err == ""


def test_bad_rows(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The bad rows are counted, and are in the file."""
    bad = tmp_path / "bad.csv"
    file = write(tmp_path, ["12,x,1001", "13,x,1002", "0901234567,x,1003"])
    roster = read_roster({**GIVEN, "file": file, "skip_bad": str(bad)}, "May")
    assert len(roster.rows) == 1
    note = f"etelecom: 2 rows are left out, and written to {bad} with the mistakes\n"
    assert capsys.readouterr().err.endswith(note)
    assert bad.read_text(encoding="utf-8-sig").startswith("SĐT,Ghi chú,Máy nhánh,error\n12,x,1001,")


def test_corrected_rows_are_kept(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file of bad rows in which a person has corrected rows is renamed, and not overwritten."""
    bad = tmp_path / "bad.csv"
    given = {**GIVEN, "file": write(tmp_path, ["12,x,1001", "0901234567,x,1003"]), "skip_bad": str(bad)}
    for _ in range(2):
        read_roster(given, "May")
    assert len(list(tmp_path.iterdir())) == 2
    for number, quiet in ((1, False), (2, True)):
        corrected = bad.read_text(encoding="utf-8").replace("12,", "0901234568,")
        bad.write_text(corrected, encoding="utf-8")
        capsys.readouterr()
        read_roster({**given, "quiet": quiet}, "May")
        kept = tmp_path / f"bad-{number}.csv"
        assert kept.read_text(encoding="utf-8") == corrected
        assert (f"{bad} had corrected rows, and is now {kept}" in capsys.readouterr().err) is not quiet
        assert "0901234568" not in bad.read_text(encoding="utf-8")


def test_a_guessed_encoding(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A wrong guess would make wrong names, which nobody can change later."""
    file = tmp_path / "a.csv"
    file.write_bytes(b"phone,full_name\n0901234567,Ho\xe0\n")
    read_roster({**GIVEN, "file": str(file)}, "May")
    assert "etelecom: the file is read as cp125" in capsys.readouterr().err


def test_lines_of_mistakes(capsys: pytest.CaptureFixture[str]) -> None:
    """Each mistake is a line, in words of commands, up to a thousand of them."""
    mistake = Mistake(problem="the key cannot be used", remedy="get a new one with `shops.authorize`", row=2)
    assert show_mistakes(RosterError((mistake,))) == 2
    assert capsys.readouterr().err == (
        "etelecom: row 2: the key cannot be used; get a new one with `etelecom connect`\n"
    )
    assert show_mistakes(RosterError((mistake,) * 1002)) == 2
    lines = capsys.readouterr().err.splitlines()
    assert (len(lines), lines[-1]) == (1001, "etelecom: and 2 more mistakes")


def test_mistakes_as_json() -> None:
    """As data, a mistake has row, column and value."""
    mistake = Mistake(problem="wrong", remedy="correct it", row=2, column="column A", value="1*")
    assert as_json([mistake]) == [
        {"kind": "mistake", "row": 2, "column": "column A", "value": "1*", "text": "wrong; correct it"}
    ]
