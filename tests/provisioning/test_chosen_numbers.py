"""A job that continues keeps the extensions that `auto` has chosen, as long as they fit."""

from __future__ import annotations

import pytest

from etelecom_async.provisioning.changes import Change, Kind
from etelecom_async.provisioning.chosen_numbers import with_chosen_numbers
from etelecom_async.provisioning.present import PresentExtension, PresentShop, PresentUser
from etelecom_async.provisioning.rows import NEXT_FREE, UNASSIGN, RosterRow

PHONE = "84901234567"
OTHER = "84901234568"
LAN = PresentUser(user_id="7", full_name="Lan", phone=PHONE)
CHOSEN = Change(
    kind=Kind.CREATE_EXTENSION, key="1/extension/1005", shop="1", phone=PHONE, extension_number=1005
)


def extension(number: int, user_id: str | None) -> PresentExtension:
    """Return an extension of a hotline."""
    return PresentExtension(extension_id=f"e{number}", number=number, user_id=user_id, hotline_id="9")


def shop(*extensions: PresentExtension, users: tuple[PresentUser, ...] = ()) -> PresentShop:
    """Return a shop with these extensions."""
    return PresentShop(
        shop="1",
        users={user.phone: user for user in users},
        extensions={each.number: each for each in extensions},
        hotlines={},
    )


def number_for(row: RosterRow, present: PresentShop, *earlier: Change) -> object:
    """Return the extension of a row after an earlier plan."""
    (found,) = with_chosen_numbers([row], earlier or (CHOSEN,), {"May": present})
    return found.extension_number


AUTO = RosterRow(row=2, shop="May", phone=PHONE, extension_number=NEXT_FREE)


@pytest.mark.parametrize(
    "present",
    [shop(), shop(extension(1005, None)), shop(users=(LAN,)), shop(extension(1001, "8"), users=(LAN,))],
    ids=["new", "created for nobody", "employee without extension", "extension of another employee"],
)
def test_keeps_the_number(present: PresentShop) -> None:
    """The chosen number stays while nobody has it, and the employee has no other one."""
    assert number_for(AUTO, present) == 1005


@pytest.mark.parametrize(
    ("row", "present"),
    [
        (AUTO, shop(extension(1005, "8"))),
        (AUTO, shop(extension(1001, "7"), users=(LAN,))),
        (RosterRow(row=2, shop="May", phone=OTHER, extension_number=NEXT_FREE), shop()),
    ],
    ids=["it belongs to another employee", "the employee has one", "nothing was chosen"],
)
def test_chooses_anew(row: RosterRow, present: PresentShop) -> None:
    """Otherwise the plan chooses, or finds that nothing is to do."""
    assert number_for(row, present) is NEXT_FREE


@pytest.mark.parametrize(
    "row",
    [
        RosterRow(row=2, shop="May", phone=PHONE, extension_number=1001),
        RosterRow(row=2, shop="May", phone=PHONE, extension_number=UNASSIGN),
        RosterRow(row=2, shop="May", phone=PHONE),
        RosterRow(row=2, shop="May", phone=UNASSIGN, extension_number=1001),
    ],
)
def test_other_rows(row: RosterRow) -> None:
    """Rows without `auto` stay as they are."""
    assert list(with_chosen_numbers([row], [CHOSEN], {"May": shop()})) == [row]


def test_number_of_another_row() -> None:
    """A row that names the number gets it, so `auto` chooses anew."""
    row = RosterRow(row=3, shop="Mây", phone=OTHER, extension_number=1005)
    rows = with_chosen_numbers([AUTO, row], [CHOSEN], {"May": shop(), "Mây": shop()})
    assert list(rows) == [AUTO, row]


def test_changes_without_a_number_or_a_phone() -> None:
    """Changes that give no employee a number count for nothing."""
    user = Change(kind=Kind.CREATE_USER, key="1/user/a", shop="1", phone=PHONE, full_name="Lan")
    unassign = Change(kind=Kind.UNASSIGN, key="1/unassign/1005", shop="1", extension_number=1005)
    elsewhere = Change(kind=Kind.ASSIGN, key="2/assign/1", shop="2", phone=PHONE, extension_number=1)
    assert number_for(AUTO, shop(), user, unassign, elsewhere) is NEXT_FREE
