"""The result shows each change and what to do, and never a password or a whole phone number."""

from __future__ import annotations

import csv
import json
import sys
from pathlib import Path
from typing import Any

import pytest
import python_calamine

from etelecom_async._core.secret import Secret
from etelecom_async.bulk.report import Line, Report
from etelecom_async.bulk.states import State
from etelecom_async.errors import InvalidRequestError
from etelecom_async.provisioning import Change, Kind, Note, NoteKind, Result
from etelecom_async.provisioning.results import result_of, what_of
from tests.conftest import read_html

USER = Change(
    kind=Kind.CREATE_USER,
    key="u",
    shop="7",
    row=2,
    full_name="Lan",
    phone="84901234567",
    password=Secret("Krypt0"),
)
KINDS = {
    Kind.CREATE_EXTENSION: "create extension 1001",
    Kind.ASSIGN: "assign extension 1001",
    Kind.UNASSIGN: "unassign extension 1001",
    Kind.MOVE: "move extension 1001",
}


def change(kind: Kind, row: int | None = 3) -> Change:
    """A change of extension 1001."""
    return Change(kind=kind, key=kind.value, shop="7", row=row, extension_number=1001)


def result(*left: tuple[Change, State, str], **more: Any) -> Result:
    """The result of a job in which a user was created, and other changes are not done."""
    lines = tuple(
        Line(key=each.key, operation="o", state=state, reason=reason) for each, state, reason in left
    )
    report = Report(counts={}, lines=lines, stopped=more.pop("stopped", ""))
    return result_of([USER, *(each for each, _, _ in left)], report, **more)


def test_counts() -> None:
    """The counts have the five states; what was not tried is skipped, and a start without an end unknown."""
    found = result(
        (change(Kind.CREATE_EXTENSION), State.FAILED, "The number is used"),
        (change(Kind.ASSIGN), State.BLOCKED, "It needs 'x'."),
        (change(Kind.MOVE), State.PLANNED, ""),
        (change(Kind.UNASSIGN, None), State.STARTED, ""),
        notes=[
            Note(kind=NoteKind.CONFLICT, shop="7", row=9, text="Another user has it."),
            Note(kind=NoteKind.BLOCKED, shop="7", row=10, text="The API cannot do it."),
            Note(kind=NoteKind.WARNING, shop="7", row=11, text="Look."),
            Note(kind=NoteKind.ORPHAN, shop="7", text="Nobody names it."),
        ],
        stopped="Ctrl-C.",
    )
    assert found.counts == {"done": 1, "failed": 2, "unknown": 1, "skipped": 1, "blocked": 2}
    assert not found.is_complete
    rows = [(row.row, row.what, row.state.value, row.reason) for row in found.rows]
    assert rows == [
        (2, "create user 090*****67", "done", ""),
        (
            3,
            "create extension 1001",
            "failed",
            "The number is used. Correct the input, and run the job again.",
        ),
        (
            3,
            "assign extension 1001",
            "blocked",
            "It needs 'x'. Correct the step that it depends on, and run the job again.",
        ),
        (3, "move extension 1001", "skipped", "It was not tried: run the job again."),
        (
            None,
            "unassign extension 1001",
            "unknown",
            "Run the job again: it reads back whether the call was executed.",
        ),
        (9, "conflict", "failed", "Another user has it."),
        (10, "blocked", "blocked", "The API cannot do it."),
    ]
    assert found.to_dict()["rows"][0] == {
        "row": 2,
        "shop": "7",
        "what": "create user 090*****67",
        "state": "done",
        "reason": "",
    }
    assert {name: found.to_dict()[name] for name in ("done", "stopped")} == {"done": 1, "stopped": "Ctrl-C."}


def test_remarks() -> None:
    """A remark stands at a change that is done, or replaces its state."""
    found = result(remarks={"u": "Look at it."}, states={"u": State.BLOCKED})
    assert [(row.state, row.reason) for row in found.rows] == [(State.BLOCKED, "Look at it.")]
    assert result(remarks={"u": "Look at it."}).is_complete


@pytest.mark.parametrize(("kind", "text"), KINDS.items())
def test_texts(kind: Kind, text: str) -> None:
    """Each kind of change has words; a phone that is none is masked, too."""
    assert what_of(change(kind)) == text
    odd = Change(kind=Kind.CREATE_USER, key="u", shop="7", phone="12345678901234567")
    assert what_of(odd) == "create user 123************67"
    assert what_of(Change(kind=Kind.CREATE_USER, key="u", shop="7")) == "create user "


def test_text() -> None:
    """The text has the counts, a table of what is not done, and why the run stopped."""
    assert str(result()) == "1 change: 1 done."
    assert str(Result(rows=())) == "0 changes: none."
    found = result((change(Kind.MOVE), State.PLANNED, ""), stopped="Ctrl-C.")
    assert str(found).splitlines() == [
        "2 changes: 1 done, 1 skipped.",
        "row  shop  what                 state    reason",
        "3    7     move extension 1001  skipped  It was not tried: run the job again.",
        "Stopped: Ctrl-C.",
    ]
    many = Result(rows=found.rows[1:] * 23)
    assert str(many).endswith("\n... and 3 more")
    assert len(many.table().splitlines()) == 24


class TestFiles:
    """A result is written as JSON, CSV or XLSX."""

    def test_same_content(self, tmp_path: Path) -> None:
        """The three files have the same rows, and are private."""
        found = result((change(Kind.MOVE, None), State.FAILED, "=1+1"))
        for name in ("r.json", "r.csv", "r.XLSX"):
            found.write(tmp_path / name)
            if sys.platform != "win32":
                assert (tmp_path / name).stat().st_mode & 0o777 == 0o600
            assert b"Krypt0" not in (tmp_path / name).read_bytes()
        assert json.loads((tmp_path / "r.json").read_text("utf-8")) == found.to_dict()
        with (tmp_path / "r.csv").open(encoding="utf-8-sig", newline="") as file:
            written = list(csv.reader(file))
        assert written[0] == ["row", "shop", "what", "state", "reason"]
        assert written[1] == ["2", "7", "create user 090*****67", "done", ""]
        assert written[2][:4] == ["", "7", "move extension 1001", "failed"]
        sheet = python_calamine.load_workbook(tmp_path / "r.XLSX").get_sheet_by_index(0).to_python()
        assert sheet[1] == ["2", "7", "create user 090*****67", "done", ""]
        assert sheet[2][4] == "=1+1. Correct the input, and run the job again."

    def test_another_ending(self, tmp_path: Path) -> None:
        """Another ending is refused."""
        with pytest.raises(InvalidRequestError, match=r"\.csv or \.xlsx"):
            result().write(tmp_path / "r.txt")


def test_html() -> None:
    """A notebook shows the rows that are not done first; no password and no whole phone number."""
    shown = result((change(Kind.MOVE), State.FAILED, "<b>no</b>"), stopped="Ctrl-C")
    rows, texts = read_html(shown)
    assert texts == ["2 changes: 1 done, 1 failed", "Stopped: Ctrl-C"]
    assert rows[0] == ["row", "shop", "what", "state", "reason"]
    assert [row[2:4] for row in rows[1:]] == [
        ["move extension 1001", "failed"],
        ["create user 090*****67", "done"],
    ]
    assert rows[1][4].startswith("<b>no</b>")
    assert "Krypt0" not in shown._repr_html_()
