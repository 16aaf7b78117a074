"""What a shop has as a roster: read from its file, it plans to nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import attrs
import pytest

from etelecom_async import ShopClient, provisioning
from etelecom_async.errors import UnauthenticatedError
from etelecom_async.provisioning import (
    UNASSIGN,
    NoteKind,
    PresentExtension,
    PresentHotline,
    PresentShop,
    PresentUser,
    Roster,
    RosterRow,
    export,
    make_plan,
    read_present,
    write_roster,
)
from etelecom_async.provisioning.exporting import roster_of
from etelecom_async.testing import Fault, sandbox

SHOP = "1161512386239479010"
HOTLINE = "1161512386239479011"


def user(number: int, full_name: str = "Lê Ánh", phone: str | None = None) -> PresentUser:
    """Return an employee."""
    phone = f"8490123456{number}" if phone is None else phone
    return PresentUser(user_id=str(number), full_name=full_name, phone=phone)


def extension(number: int, holder: int | None = None, hotline_id: str = HOTLINE) -> PresentExtension:
    """Return an extension."""
    user_id = None if holder is None else str(holder)
    return PresentExtension(extension_id=f"5{number}", number=number, user_id=user_id, hotline_id=hotline_id)


def hotline(hotline_id: str = HOTLINE, number: str = "02838221234", name: str = "Kho") -> PresentHotline:
    """Return a hotline."""
    return PresentHotline(hotline_id=hotline_id, number=number, name=name)


def shop(
    users: list[PresentUser], extensions: list[PresentExtension], *hotlines: PresentHotline, **more: Any
) -> PresentShop:
    """Return a shop."""
    return PresentShop(
        shop=SHOP,
        users={each.phone: each for each in users},
        extensions={each.number: each for each in extensions},
        hotlines={each.hotline_id: each for each in hotlines or (hotline(),)},
        **more,
    )


def row(**fields: Any) -> RosterRow:
    """Return a row of the roster."""
    return RosterRow(row=0, shop=SHOP, **fields)


def read(rows: tuple[RosterRow, ...], path: Path) -> tuple[RosterRow, ...]:
    """Write the rows to a file, and read it."""
    write_roster(path, rows)
    return Roster.read(path).rows


@pytest.mark.parametrize("suffix", ["csv", "xlsx"])
async def test_shop_of_the_service(tmp_path: Path, suffix: str) -> None:
    """The roster of a shop plans to nothing, also read from its file, and has everybody once."""
    async with (
        sandbox(call_logs=0, zns_messages=0, extensions=30) as service,
        ShopClient(service.shop_key, base_url=service.base_url) as client,
    ):
        service.users.add(full_name="Trần Đức", phone="84987654321")
        service.users.add(full_name="+1", phone="+12125550123")
        service.extensions.add(extension_number="4711")
        rows = await export(client)
        present = await read_present(client)
    assert [each.row for each in rows] == [*range(1, len(rows) + 1)]
    assert read(rows, tmp_path / f"roster.{suffix}") == rows
    plan = make_plan(rows, {present.shop: present}, prune=True)
    assert (plan.changes, plan.notes) == ((), ())
    assert {each.phone for each in rows} == {*present.users, UNASSIGN}
    assert {each.extension_number for each in rows} - {None} == present.extensions.keys()
    assert len(rows) == len({(each.phone, each.extension_number) for each in rows})


async def test_list_that_cannot_be_read() -> None:
    """An error of a list is raised: half of a shop is no roster."""
    async with (
        sandbox(call_logs=0, zns_messages=0) as service,
        ShopClient(service.shop_key, base_url=service.base_url) as client,
    ):
        fault = Fault(kind="status", status=401, code="unauthenticated", operation="shop.extensions.list")
        service.faults.add(fault)
        with pytest.raises(UnauthenticatedError):
            await provisioning.export(client)


@pytest.mark.parametrize(
    ("present", "expected"),
    [
        pytest.param(
            shop([user(1)], [extension(1002, 1), extension(1001, 1)]),
            [
                row(full_name="Lê Ánh", phone="84901234561", extension_number=1001, hotline="02838221234"),
                row(full_name="Lê Ánh", phone="84901234561", extension_number=1002, hotline="02838221234"),
            ],
            id="an employee with two extensions",
        ),
        pytest.param(
            shop([user(2, "Vy"), user(1, "An")], [extension(1001)]),
            [
                row(phone=UNASSIGN, extension_number=1001, hotline="02838221234"),
                row(full_name="An", phone="84901234561"),
                row(full_name="Vy", phone="84901234562"),
            ],
            id="an extension for nobody, and employees without one",
        ),
        pytest.param(
            shop([user(1, "  Lê \t Ánh "), user(2, "123"), user(3, "")], [extension(1001, 2)]),
            [
                row(phone="84901234562", extension_number=1001, hotline="02838221234"),
                row(phone="84901234563"),
                row(full_name="Lê Ánh", phone="84901234561"),
            ],
            id="names that a roster cannot have",
        ),
        pytest.param(
            shop([user(1, phone="call me"), user(2, phone="")], [extension(1001, 1)]),
            [row(extension_number=1001, hotline="02838221234")],
            id="phones that are none",
        ),
        pytest.param(
            shop(
                [user(1, "An")],
                [extension(1001, 1), extension(1002, 9), extension(1003, 8)],
                more_users=(user(9, "Vy", "84901234561"),),
                deleted_users={"84901234568": user(8)},
            ),
            [
                row(full_name="An", phone="84901234561", extension_number=1001, hotline="02838221234"),
                row(full_name="An", phone="84901234561", extension_number=1002, hotline="02838221234"),
                row(extension_number=1003, hotline="02838221234"),
            ],
            id="two employees with one phone, and a deleted one",
        ),
        pytest.param(
            shop(
                [],
                [extension(1001), extension(1002, hotline_id="7" * 19), extension(1003, hotline_id="")],
                hotline(),
                hotline("7" * 19, "+842838221234"),
            ),
            [
                row(phone=UNASSIGN, extension_number=1001, hotline=HOTLINE),
                row(phone=UNASSIGN, extension_number=1002, hotline="7" * 19),
                row(phone=UNASSIGN, extension_number=1003),
            ],
            id="two hotlines with one number, and none",
        ),
        pytest.param(
            shop([], [extension(1001)], hotline(number=""), knows_hotlines=False),
            [row(phone=UNASSIGN, extension_number=1001, hotline=HOTLINE)],
            id="hotlines that cannot be listed",
        ),
        pytest.param(
            shop([], [extension(1001, hotline_id="12"), extension(10**9)], hotline("12", "1E9", "12")),
            [row(phone=UNASSIGN, extension_number=1001, hotline="12")],
            id="numbers that no cell can hold",
        ),
        pytest.param(
            shop([], [extension(1001, hotline_id="1.0")], hotline("1.0", "")),
            [row(phone=UNASSIGN, extension_number=1001)],
            id="a hotline that no cell can name",
        ),
    ],
)
def test_rows(present: PresentShop, expected: list[RosterRow], tmp_path: Path) -> None:
    """Each row reads as the same row, and the plan has no change and no conflict."""
    rows = roster_of(present)
    assert list(rows) == expected
    assert read(rows, tmp_path / "roster.csv") == rows
    plan = make_plan(rows, {SHOP: present})
    assert not plan.changes
    assert {note.kind for note in plan.notes} <= {NoteKind.ORPHAN, NoteKind.WARNING}


def test_edited_row() -> None:
    """A changed cell of the roster is a change of the plan."""
    present = shop([user(1), user(2)], [extension(1001, 1)])
    rows = roster_of(present)
    edited = [attrs.evolve(each, extension_number=1002) for each in rows if each.extension_number is None]
    plan = make_plan([*rows[:1], *edited], {SHOP: present})
    assert [change.key for change in plan.changes] == [f"{SHOP}/extension/1002"]
