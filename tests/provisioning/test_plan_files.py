"""A plan survives a file, which only its owner can read, and which holds no secret."""

from __future__ import annotations

import json
import stat
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import attrs
import pytest

from etelecom_async import Secret
from etelecom_async.errors import InvalidRequestError
from etelecom_async.provisioning import (
    Change,
    Kind,
    Note,
    NoteKind,
    Plan,
    differences,
    read_plan,
    write_plan,
)
from tests.test_secrecy import chain, locals_of_ours, text_forms

USER = Change(
    kind=Kind.CREATE_USER, key="1/user/ab", shop="1", row=2, full_name="Lan Đỗ", phone="84901234567"
)
EXTENSION = Change(
    kind=Kind.CREATE_EXTENSION,
    key="1/extension/1001",
    shop="1",
    row=2,
    phone="84901234567",
    extension_number=1001,
    hotline_id="5",
    user_key="1/user/ab",
)
UNASSIGN = Change(
    kind=Kind.UNASSIGN,
    key="1/unassign/1002",
    shop="1",
    extension_number=1002,
    extension_id="7",
    user_id="8",
    in_return=("1/assign/1003",),
)
ASSIGN = Change(
    kind=Kind.ASSIGN,
    key="1/assign/1002",
    shop="1",
    row=3,
    phone="84901234568",
    extension_number=1002,
    extension_id="7",
    user_id="9",
    after=("1/unassign/1002",),
)
MOVE = Change(
    kind=Kind.MOVE,
    key="1/move/1003",
    shop="1",
    row=4,
    extension_number=1003,
    extension_id="10",
    hotline_id="5",
)
PLAN = Plan(
    changes=(USER, EXTENSION, UNASSIGN, ASSIGN, MOVE),
    notes=(
        Note(kind=NoteKind.CONFLICT, shop="1", row=5, text="It is so."),
        Note(kind=NoteKind.ORPHAN, shop="1", text="It stays."),
    ),
    shops={"1": "Quận Một"},
    unchanged={"1": 4},
    present_extensions=10,
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return the path of a plan."""
    return tmp_path / "plan.json"


def test_round_trip(path: Path) -> None:
    """A plan is the same after it was written and read; a second one takes the place of the first."""
    write_plan(path, attrs.evolve(PLAN, changes=()))
    write_plan(path, PLAN)
    assert read_plan(path) == PLAN


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such modes")
def test_mode(path: Path) -> None:
    """Only the owner can read the file; a file that others can read is refused."""
    write_plan(path, PLAN)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    path.chmod(0o640)
    with pytest.raises(InvalidRequestError, match="is open to other users of this machine"):
        read_plan(path)


def test_passwords(path: Path) -> None:
    """The file has no password; a note of the plan that is read says that a new one is generated."""
    changes = (attrs.evolve(USER, password=Secret("hidden-1")), EXTENSION)
    write_plan(path, attrs.evolve(PLAN, changes=changes))
    assert "hidden-1" not in path.read_text(encoding="utf-8")
    plan = read_plan(path)
    assert plan.changes == (USER, EXTENSION)
    assert plan.notes[2:] == (
        Note(
            kind=NoteKind.WARNING,
            shop="1",
            row=2,
            text="The roster has a password, and the file of the plan has none: a new one is generated.",
        ),
    )


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("phone,name\n0901234567,Lan\n", "is no file of a plan"),
        ("[" * 100_000, "is no file of a plan"),
        ("[]", "is no file of a plan"),
        ("{}", "is no file of a plan"),
        ('{"format": "etelecom_async.plan/2"}', "has an unknown format; perhaps a newer version"),
        ('{"format": "etelecom_async.plan/1"}', "is damaged: make the plan again"),
    ],
)
def test_other_files(path: Path, content: str, problem: str) -> None:
    """A file that is no plan is refused, without its content."""
    path.write_text(content, encoding="utf-8")
    path.chmod(0o600)
    with pytest.raises(InvalidRequestError, match=problem) as caught:
        read_plan(path)
    assert "0901234567" not in str(caught.value)


def _without(place: int, name: str) -> Callable[[Any], None]:
    def change(data: Any) -> None:
        del data["changes"][place][name]

    return change


def _with(place: int, name: str, value: object) -> Callable[[Any], None]:
    def change(data: Any) -> None:
        data["changes"][place][name] = value

    return change


DAMAGES: dict[str, Callable[[Any], None]] = {
    "no kind": _without(0, "kind"),
    "another kind": _with(0, "kind", "delete_user"),
    "no phone": _without(0, "phone"),
    "no number": _without(1, "extension_number"),
    "a number as a text": _with(1, "extension_number", "1001"),
    "a negative number": _with(1, "extension_number", -1),
    "a text as a number": _with(1, "hotline_id", 5),
    "a missing dependency": _with(1, "user_key", "1/user/cd"),
    "a missing predecessor": _with(3, "after", ["1/unassign/1009"]),
    "a key twice": _with(2, "key", "1/user/ab"),
    "a change that is a list": lambda data: data["changes"].append([]),
    "a note without a row": lambda data: data["notes"][0].pop("row"),
    "shops as a list": lambda data: data.update(shops=[]),
    "a count as true": lambda data: data.update(present_extensions=True),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_damaged(path: Path, damage: str) -> None:
    """A plan that was changed by hand so that it cannot be made is refused."""
    write_plan(path, PLAN)
    data = json.loads(path.read_bytes())
    DAMAGES[damage](data)
    path.write_text(json.dumps(data), encoding="utf-8")
    with pytest.raises(InvalidRequestError, match="is damaged"):
        read_plan(path)


def test_frames(path: Path) -> None:
    """No frame of an error about a file holds its content."""
    write_plan(path, PLAN)
    path.write_text(path.read_text(encoding="utf-8").replace('"5"', "5"), encoding="utf-8")
    with pytest.raises(InvalidRequestError) as caught:
        read_plan(path)
    texts = [text for link in chain(caught.value) for text in (*locals_of_ours(link), text_forms(link))]
    assert not any("84901234567" in text for text in texts)


def test_missing_file(path: Path) -> None:
    """A file that is not there is an error of the system."""
    with pytest.raises(FileNotFoundError):
        read_plan(path)


class TestDifferences:
    """What changed since a plan was written is said in sentences."""

    def test_none(self) -> None:
        """Equal changes have no differences; rows, passwords and old notes do not count."""
        changes = (attrs.evolve(USER, row=9, password=Secret("x")), *PLAN.changes[1:])
        assert differences(PLAN, attrs.evolve(PLAN, changes=changes)) == []

    def test_more_and_less(self) -> None:
        """Changes that are done by now, and new ones, are named with masked phones."""
        old, new = attrs.evolve(PLAN, changes=(USER, MOVE)), attrs.evolve(PLAN, changes=(EXTENSION, UNASSIGN))
        assert differences(old, new) == [
            "No longer planned: create the employee with the phone 849******67 (shop 1, row 2).",
            "No longer planned: move extension 1003 (shop 1, row 4).",
            "Planned now: create extension 1001 (shop 1, row 2).",
            "Planned now: unassign extension 1002 (shop 1).",
        ]

    def test_changed(self) -> None:
        """A change with other details is named with them."""
        changed = (
            attrs.evolve(EXTENSION, phone="84901234568", hotline_id="6"),
            attrs.evolve(USER, full_name="Lan"),
            attrs.evolve(UNASSIGN, user_id="88"),
        )
        assert differences(PLAN, attrs.evolve(PLAN, changes=(*changed, ASSIGN, MOVE))) == [
            "Planned with another employee and hotline now: create extension 1001 (shop 1, row 2).",
            "Planned with another name now: create the employee with the phone 849******67 (shop 1, row 2).",
            "Planned with another employee now: unassign extension 1002 (shop 1).",
        ]

    def test_employee_exists_now(self) -> None:
        """An employee who was created since then is the same one."""
        old = attrs.evolve(PLAN, changes=(EXTENSION,))
        new = attrs.evolve(PLAN, changes=(attrs.evolve(EXTENSION, user_key=None, user_id="8"),))
        assert differences(old, new) == []

    def test_new_problems(self) -> None:
        """New conflicts are named; new warnings and orphans are not."""
        notes = (
            *PLAN.notes,
            Note(kind=NoteKind.CONFLICT, shop="1", row=6, text="It is taken."),
            Note(kind=NoteKind.BLOCKED, shop="1", text="It cannot be."),
            Note(kind=NoteKind.WARNING, shop="1", row=6, text="Look."),
        )
        assert differences(PLAN, attrs.evolve(PLAN, notes=notes)) == [
            "New problem (conflict; shop 1, row 6): It is taken.",
            "New problem (blocked; shop 1): It cannot be.",
        ]
