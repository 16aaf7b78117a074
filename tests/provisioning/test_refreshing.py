"""A stored plan is compared with what the shops have by now, change by change."""

from __future__ import annotations

from collections.abc import Iterable

import attrs
import pytest

from etelecom_async.provisioning.changes import Change, Kind, NoteKind
from etelecom_async.provisioning.plan import Plan
from etelecom_async.provisioning.present import PresentExtension, PresentShop, PresentUser
from etelecom_async.provisioning.refreshing import refreshed

PHONE = "84901234567"
LAN = PresentUser(user_id="7", full_name="Lan", phone=PHONE)
USER = Change(kind=Kind.CREATE_USER, key="1/user/a", shop="1", row=2, full_name="Lan", phone=PHONE)
EXTENSION = Change(
    kind=Kind.CREATE_EXTENSION,
    key="1/extension/1001",
    shop="1",
    row=2,
    phone=PHONE,
    extension_number=1001,
    hotline_id="9",
    user_key=USER.key,
)
UNASSIGN = Change(
    kind=Kind.UNASSIGN,
    key="1/unassign/1002",
    shop="1",
    extension_number=1002,
    extension_id="e1002",
    user_id="6",
)
ASSIGN = Change(
    kind=Kind.ASSIGN,
    key="1/assign/1002",
    shop="1",
    row=3,
    phone=PHONE,
    extension_number=1002,
    extension_id="e1002",
    user_key=USER.key,
    after=(UNASSIGN.key,),
)
MOVE = Change(
    kind=Kind.MOVE,
    key="1/move/1002",
    shop="1",
    row=3,
    extension_number=1002,
    extension_id="e1002",
    hotline_id="10",
)


def extension(number: int, user_id: str | None, hotline_id: str = "9") -> PresentExtension:
    """Return an extension."""
    return PresentExtension(extension_id=f"e{number}", number=number, user_id=user_id, hotline_id=hotline_id)


def after(
    changes: Iterable[Change], *extensions: PresentExtension, users: tuple[PresentUser, ...] = ()
) -> Plan:
    """Return what is left of a plan if a shop has these extensions and users."""
    present = PresentShop(
        shop="1",
        users={user.phone: user for user in users},
        extensions={each.number: each for each in extensions},
        hotlines={},
    )
    return refreshed(Plan(changes=tuple(changes), notes=(), shops={"1": ""}), [present])


def test_nothing_has_changed() -> None:
    """If the shop is as it was, the plan stays, and counts the present extensions."""
    changes = (USER, EXTENSION, UNASSIGN, ASSIGN, MOVE)
    found = after(changes, extension(1002, "6"))
    assert (found.changes, found.notes, found.present_extensions) == (changes, (), 1)


def test_all_is_done() -> None:
    """If somebody has made all changes, none is left, and nothing is wrong."""
    done = (extension(1001, "7"), extension(1002, "7", "10"))
    found = after((USER, EXTENSION, UNASSIGN, ASSIGN, MOVE), *done, users=(LAN,))
    assert (found.changes, found.notes) == ((), ())


def test_employee_is_there() -> None:
    """The changes of an employee who is there by now take the id, and wait for nothing that is done."""
    found = after((USER, EXTENSION, UNASSIGN, ASSIGN), extension(1002, None), users=(LAN,))
    assert found.changes == (
        attrs.evolve(EXTENSION, user_key=None, user_id="7"),
        attrs.evolve(ASSIGN, user_key=None, user_id="7", after=()),
    )


@pytest.mark.parametrize(
    ("change", "present", "text"),
    [
        (EXTENSION, extension(1001, None), "Somebody has created extension 1001 since. Make the plan again."),
        (
            attrs.evolve(EXTENSION, user_key=None, user_id="7"),
            extension(1001, "7", "10"),
            "Somebody has created extension 1001 since. Make the plan again.",
        ),
        (MOVE, extension(1001, None), "Extension 1002 is not there any more. Make the plan again."),
        (
            MOVE,
            attrs.evolve(extension(1002, None), extension_id="new"),
            "Extension 1002 is not there any more. Make the plan again.",
        ),
        (
            attrs.evolve(ASSIGN, after=()),
            extension(1002, "5"),
            "Extension 1002 belongs to another employee by now. Make the plan again.",
        ),
        (
            UNASSIGN,
            extension(1002, "5"),
            "Extension 1002 belongs to another employee by now. Make the plan again.",
        ),
    ],
)
def test_impossible(change: Change, present: PresentExtension, text: str) -> None:
    """A change that would hit something else is left out, and a note says why."""
    found = after([change], present)
    assert found.changes == ()
    assert [(note.kind, note.row, note.text) for note in found.notes] == [
        (NoteKind.CONFLICT, change.row, text)
    ]


def test_what_needs_an_impossible_change() -> None:
    """A change that waits for an impossible one is impossible, too."""
    found = after((USER, UNASSIGN, ASSIGN, MOVE), extension(1002, "5"))
    assert found.changes == (USER,)
    text = "A change that it needs is impossible by now. Make the plan again."
    assert [note.text for note in found.notes[1:]] == [text, text]


def test_exchange_that_is_impossible() -> None:
    """If one extension of an exchange belongs to somebody else by now, all employees keep theirs."""
    taken = {number: attrs.evolve(UNASSIGN, key=f"1/unassign/{number}") for number in (1001, 1002, 1003)}
    changes: list[Change] = []
    for number, holder, receiver in ((1001, "6", "7"), (1002, "7", "8"), (1003, "8", "6")):
        given = f"1/assign/{1003 if number == 1001 else number - 1}"
        fields = {"extension_number": number, "extension_id": f"e{number}"}
        changes += [
            attrs.evolve(taken[number], user_id=holder, in_return=(given,), **fields),
            attrs.evolve(
                ASSIGN,
                key=f"1/assign/{number}",
                user_id=receiver,
                user_key=None,
                after=(taken[number].key,),
                **fields,
            ),
        ]
    present = [extension(1001, "6"), extension(1002, "7"), extension(1003, "8")]
    in_order = sorted(changes, key=lambda change: change.kind is Kind.ASSIGN)
    assert after(in_order, *present).changes == tuple(in_order)
    present[0] = extension(1001, "5")
    found = after(in_order, *present)
    assert found.changes == ()
    texts = [note.text for note in found.notes]
    assert texts.count("The employee would get nothing in return by now. Make the plan again.") == 2


def test_unassign_without_a_named_employee() -> None:
    """A change that names no employee takes the extension from any employee."""
    change = attrs.evolve(UNASSIGN, user_id=None)
    assert after([change], extension(1002, "5")).changes == (change,)
