"""The rows of a shop become changes: what is missing is created, and nothing is taken from anybody."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import Any

import attrs
import hypothesis
import pytest
from hypothesis import strategies as st

from etelecom_async import Secret
from etelecom_async._core.operation import KeyKind
from etelecom_async.provisioning import (
    NEXT_FREE,
    UNASSIGN,
    Change,
    Kind,
    NoteKind,
    PresentExtension,
    PresentHotline,
    PresentShop,
    PresentUser,
    RosterRow,
)
from etelecom_async.provisioning.planner import ShopPlan, plan_shop

SHOP, SALES, CARE = "100", "501", "502"
LAN, HOA, AN = "84901234567", "84901234568", "84901234569"
NEW, NEWER = "84912345678", "84912345679"
BY_PHONE = {LAN: "11", HOA: "12", AN: "13"}


def user(phone: str, name: str = "Lan", user_id: str = "") -> PresentUser:
    """Return an employee."""
    return PresentUser(user_id=user_id or BY_PHONE[phone], full_name=name, phone=phone)


def extension(number: int, user_id: str | None = None, hotline_id: str = SALES) -> PresentExtension:
    """Return an extension."""
    return PresentExtension(extension_id=f"2{number}", number=number, user_id=user_id, hotline_id=hotline_id)


def present(**fields: Any) -> PresentShop:
    """Return a shop: Lan has extension 1001, Hoa has 1002, An has none, and nobody has 1003."""
    extensions = (extension(1001, "11"), extension(1002, "12"), extension(1003))
    usual = PresentShop(
        shop=SHOP,
        users={LAN: user(LAN, "Nguyễn Lan"), HOA: user(HOA, "Hoa"), AN: user(AN, "An")},
        extensions={each.number: each for each in extensions},
        hotlines={
            SALES: PresentHotline(hotline_id=SALES, number="02873001234", name="Sales"),
            CARE: PresentHotline(hotline_id=CARE, number="19001234", name="Care"),
        },
    )
    return attrs.evolve(usual, **fields)


def plan(
    *rows: Mapping[str, Any],
    shop: PresentShop | None = None,
    elsewhere: Mapping[str, str] | None = None,
    numbers: range = range(1001, 2000),
    prune: bool = False,
) -> ShopPlan:
    """Return the plan of rows, whose numbers start at 2."""
    made = [RosterRow(row=number, shop="x", **fields) for number, fields in enumerate(rows, 2)]
    return plan_shop(shop or present(), made, elsewhere=elsewhere or {}, numbers=numbers, prune=prune)


def row(
    phone: Any = None, number: Any = None, name: str | None = None, hotline: str | None = None, **more: Any
) -> Mapping[str, Any]:
    """Return the fields of a row."""
    return {"phone": phone, "extension_number": number, "full_name": name, "hotline": hotline, **more}


def kinds(result: ShopPlan) -> list[tuple[str, int | None]]:
    """Return the kinds of the changes, with the numbers of their rows."""
    return [(change.kind.value, change.row) for change in result.changes.values()]


def notes(result: ShopPlan) -> list[tuple[str, int | None, str]]:
    """Return the notes, except those on what no row names."""
    return [
        (note.kind.value, note.row, note.text) for note in result.notes if note.kind is not NoteKind.ORPHAN
    ]


def _note(kind: str, row_number: int | None, text: str) -> tuple[str, int | None, str]:
    """Return a note as `notes` does."""
    return kind, row_number, text


def orphans(result: ShopPlan) -> list[str]:
    """Return the notes on what no row names."""
    return [note.text.partition(".")[0] for note in result.notes if note.kind is NoteKind.ORPHAN]


def only_change(result: ShopPlan) -> Change:
    """Return the one change of a plan."""
    (change,) = result.changes.values()
    return change


class TestEmployees:
    """Employees are found by their phones, and created with a name."""

    def test_new_employee(self) -> None:
        """An employee whom the shop does not have is created; the key shows no phone."""
        change = only_change(plan(row(NEW, name="Bình", password=Secret("pass-1234"))))
        assert change == Change(
            kind=Kind.CREATE_USER,
            key=change.key,
            shop=SHOP,
            row=2,
            full_name="Bình",
            phone=NEW,
            password=Secret("pass-1234"),
        )
        assert change.key.startswith(f"{SHOP}/user/")
        assert len(change.key) == len(f"{SHOP}/user/") + 12
        assert NEW not in change.key
        assert change.key == only_change(plan(row(NEW, name="Minh"))).key

    def test_known_employee(self) -> None:
        """An employee whom the shop has needs nothing, however the name is spelled."""
        result = plan(row(LAN, name=unicodedata.normalize("NFD", "NGUYỄN  LAN")), row(HOA))
        assert (kinds(result), notes(result), result.unchanged) == ([], [], 2)

    def test_other_name(self) -> None:
        """Another name is a warning, and no change."""
        result = plan(row(LAN, name="Nguyên Lan"))
        assert (kinds(result), result.unchanged) == ([], 1)
        assert notes(result) == [
            _note(
                "warning",
                2,
                "The employee with this phone is 'Nguyễn Lan' at eTelecom, and 'Nguyên Lan' here. "
                "The API cannot change the name: check the phone.",
            )
        ]

    def test_no_name(self) -> None:
        """A new employee without a name fails, also the extension of the row."""
        result = plan(row(NEW, 1004, hotline=SALES))
        assert (kinds(result), result.unchanged) == ([], 0)
        assert notes(result) == [
            ("conflict", 2, "A new employee needs a name. Write it, or check the phone.")
        ]

    def test_phone_of_another_shop(self) -> None:
        """An employee of another shop is not created a second time."""
        result = plan(row(NEW, name="Bình"), elsewhere={NEW: "200"})
        assert kinds(result) == []
        assert notes(result)[0][:2] == ("conflict", 2)
        assert "An employee of shop 200 has this phone" in notes(result)[0][2]

    def test_in_both_shops(self) -> None:
        """An employee whom the shop has may be in another shop, too."""
        assert notes(plan(row(LAN), elsewhere={LAN: "200"})) == []

    def test_deleted_employee(self) -> None:
        """The API cannot restore a deleted employee: the row is blocked."""
        result = plan(row(NEW, 1004, "Bình"), shop=present(deleted_users={NEW: user(NEW, user_id="14")}))
        assert kinds(result) == []
        assert notes(result)[0][:2] == ("blocked", 2)

    def test_two_rows_of_a_new_employee(self) -> None:
        """An employee with two extensions is created once; name and password may be in either row."""
        result = plan(
            row(NEW, 1004, hotline=SALES), row(NEW, 1005, "Bình", CARE, password=Secret("pass-1234"))
        )
        assert kinds(result) == [("create_user", 2), ("create_extension", 2), ("create_extension", 3)]
        create, first, second = result.changes.values()
        assert (create.full_name, create.password) == ("Bình", Secret("pass-1234"))
        assert first.user_key == second.user_key == create.key

    def test_first_row_fails(self) -> None:
        """If the first row of a new employee fails, the second one creates the employee."""
        result = plan(row(NEW, 1004, "Bình", "nix"), row(NEW, 1005, None, CARE))
        assert kinds(result) == [("create_user", 3), ("create_extension", 3)]
        assert [note[:2] for note in notes(result)] == [("conflict", 2)]


class TestExtensions:
    """Extensions are created, assigned and moved as the rows say."""

    def test_new_extension(self) -> None:
        """A new extension is created for its employee in one call."""
        known, new = plan(row(AN, 1004, hotline="Care")), plan(row(NEW, 1004, "Bình", "19001234"))
        assert only_change(known) == Change(
            kind=Kind.CREATE_EXTENSION,
            key=f"{SHOP}/extension/1004",
            shop=SHOP,
            row=2,
            phone=AN,
            extension_number=1004,
            hotline_id=CARE,
            user_id="13",
        )
        create, change = new.changes.values()
        assert (change.user_id, change.user_key, change.hotline_id) == (None, create.key, CARE)

    def test_extension_without_employee(self) -> None:
        """A row without a phone creates an extension for nobody, or leaves the employee unchanged."""
        assert only_change(plan(row(None, 1004, hotline=SALES))).user_id is None
        assert kinds(plan(row(None, 1001, hotline=SALES))) == []
        assert kinds(plan(row(None, 1001, hotline=CARE))) == [("move", 2)]

    def test_hotline_of_a_new_extension(self) -> None:
        """Without a hotline in the row, the only one of the shop counts; with several the row fails."""
        one = present(hotlines={CARE: PresentHotline(hotline_id=CARE, number="", name="")})
        assert only_change(plan(row(AN, 1004), shop=one)).hotline_id == CARE
        assert "A new extension needs a hotline" in notes(plan(row(AN, 1004)))[0][2]

    def test_unknown_hotline(self) -> None:
        """A row with an unknown hotline fails as a whole: its new employee is not created either."""
        result = plan(row(NEW, 1004, "Bình", "nix"), row(LAN, 1001, hotline="nix"))
        assert kinds(result) == []
        assert [note[:2] for note in notes(result)] == [("conflict", 2), ("conflict", 3)]
        assert "The shop has no hotline 'nix'" in notes(result)[0][2]

    def test_assign(self) -> None:
        """An extension of nobody is assigned, and moved if it has another hotline."""
        result = plan(row(AN, 1003, hotline=CARE))
        assert kinds(result) == [("assign", 2), ("move", 2)]
        assign, move = result.changes.values()
        assert assign == Change(
            kind=Kind.ASSIGN,
            key=f"{SHOP}/assign/1003",
            shop=SHOP,
            row=2,
            phone=AN,
            extension_number=1003,
            extension_id="21003",
            user_id="13",
        )
        assert move == Change(
            kind=Kind.MOVE,
            key=f"{SHOP}/move/1003",
            shop=SHOP,
            row=2,
            extension_number=1003,
            extension_id="21003",
            hotline_id=CARE,
        )

    def test_assign_to_a_new_employee(self) -> None:
        """An extension of nobody waits for its new employee."""
        create, assign = plan(row(NEW, 1003, "Bình")).changes.values()
        assert (assign.user_id, assign.user_key, assign.after) == (None, create.key, ())

    def test_nothing_to_do(self) -> None:
        """Extensions that are as the rows say need nothing."""
        result = plan(row(LAN, 1001, hotline=SALES), row(HOA, 1002), row(None, 1003), row(AN))
        assert (kinds(result), result.notes, result.unchanged) == ([], [], 4)

    def test_extension_of_another_employee(self) -> None:
        """Nothing is taken over, and the note says how to free the extension."""
        result = plan(row(AN, 1001))
        assert kinds(result) == []
        assert notes(result) == [
            _note(
                "conflict",
                2,
                "Extension 1001 belongs to the employee with the phone 849******67. "
                "Write another extension, or take it from them: their phone, and - as the extension.",
            )
        ]
        stranger = present(extensions={1001: extension(1001, "99")})
        assert "belongs to another employee" in notes(plan(row(AN, 1001), shop=stranger))[0][2]

    def test_exchange(self) -> None:
        """Employees of the roster may exchange their extensions: both are taken first, and then given."""
        result = plan(row(LAN, 1002), row(HOA, 1001, "Hoa", CARE))
        assert kinds(result) == [
            *(("unassign", 2), ("assign", 2)),
            *(("unassign", 3), ("assign", 3), ("move", 3)),
        ]
        taken, given, other = list(result.changes.values())[:3]
        assert (taken.user_id, given.user_id, given.after) == ("12", "11", (other.key, taken.key))
        assert taken.in_return == (f"{SHOP}/assign/1001",)
        shop = applied(present(), result)
        assert {number: each.user_id for number, each in shop.extensions.items()} == {
            1001: "12",
            1002: "11",
            1003: None,
        }

    def test_exchange_of_three(self) -> None:
        """Three employees may exchange theirs in a circle."""
        held = {1001: extension(1001, "11"), 1002: extension(1002, "12"), 1003: extension(1003, "13")}
        result = plan(row(LAN, 1002), row(HOA, 1003), row(AN, 1001), shop=present(extensions=held))
        assert [kind for kind, _ in kinds(result)] == ["unassign", "assign"] * 3

    @pytest.mark.parametrize(
        "rows",
        [
            [row(LAN, 1002), row(HOA, NEXT_FREE)],
            [row(LAN, 1002), row(HOA, 1004, hotline=SALES)],
            [row(LAN, 1002), row(HOA, 1001, "Another Name")],
            [row(LAN, 1002), row(HOA, 1001, hotline="none")],
            [row(LAN, 1002), row(AN, 1001), row(HOA)],
            [row(LAN, 1002), row(NEW, 1001, "Bình")],
        ],
        ids=["no number in return", "a new number", "name", "hotline", "circle not closed", "new employee"],
    )
    def test_no_exchange(self, rows: list[Mapping[str, Any]]) -> None:
        """Otherwise nothing is taken from an employee who is not in a closed circle, or looks different."""
        result = plan(*rows)
        assert not [kind for kind, _ in kinds(result) if kind == "unassign"]
        assert notes(result)[0][:2] == ("conflict", 2)

    def test_exchange_that_was_stopped(self) -> None:
        """After a part of the calls, the next plan makes the rest: an extension may be for nobody by then."""
        rows = (row(LAN, 1002), row(HOA, 1001))
        changes = plan(*rows).changes
        for done in (["unassign/1001"], ["unassign/1002"], ["unassign/1001", "unassign/1002"]):
            made = {f"{SHOP}/{key}": changes[f"{SHOP}/{key}"] for key in done}
            shop = applied(present(), ShopPlan(changes=made))
            rest = plan(*rows, shop=shop)
            assert sorted(rest.changes) == sorted(changes.keys() - made.keys())
            assert kinds(plan(*rows, shop=applied(shop, rest))) == []

    def test_no_loss_in_an_exchange(self) -> None:
        """Who would give two extensions for one keeps both; so the others of the circle keep theirs, too."""
        held = {1001: extension(1001, "11"), 1002: extension(1002, "12"), 1003: extension(1003, "11")}
        rows = [row(LAN, 1002), row(HOA, 1001), row(AN, 1003)]
        assert kinds(plan(*rows, shop=present(extensions=held))) == []
        held[1004] = extension(1004, "13")
        assert kinds(plan(*rows, row(LAN, 1004), shop=present(extensions=held)))[-1] == ("assign", 5)

    def test_remedy_for_a_holder_in_the_roster(self) -> None:
        """A second row with `-` would not fit the holder's own row, so the remedy is another one."""
        text = notes(plan(row(AN, 1001), row(LAN, 1004, hotline=SALES)))[0][2]
        assert text.endswith(
            "Write another extension, or first apply a roster with - as the phone of this extension."
        )

    def test_twice(self) -> None:
        """An extension in two rows fails in the second one: a shop may have two names in a roster."""
        result = plan(row(LAN, 1001), row(UNASSIGN, 1001))
        assert kinds(result) == []
        assert notes(result) == [
            ("conflict", 3, "Extension 1001 is in row 2, too. Give each extension one row.")
        ]


class TestUnassign:
    """`-` takes an extension from its employee, and nothing else does."""

    def test_rows_that_contradict_each_other(self) -> None:
        """Rows of two names of a shop may contradict each other: else each plan would undo the last one."""
        result = plan(
            row(LAN, UNASSIGN), row(LAN, 1001), row(AN, UNASSIGN), row(AN, NEXT_FREE, hotline=SALES)
        )
        assert kinds(result) == [("create_extension", 5)]
        assert notes(result) == [
            ("conflict", row_number, f"Row {other} gives this employee an extension. Keep one of these rows.")
            for row_number, other in ((2, 3), (4, 5))
        ]

    def test_employee_without_extension(self) -> None:
        """`-` as the extension takes all extensions of the employee."""
        shop = present(extensions={each: extension(each, "11") for each in (1001, 1005)})
        result = plan(row(LAN, UNASSIGN, "Nguyễn Lan"), shop=shop)
        assert kinds(result) == [("unassign", 2), ("unassign", 2)]
        assert next(iter(result.changes.values())) == Change(
            kind=Kind.UNASSIGN,
            key=f"{SHOP}/unassign/1001",
            shop=SHOP,
            row=2,
            extension_number=1001,
            extension_id="21001",
            user_id="11",
        )
        assert kinds(plan(row(AN, UNASSIGN))) == []

    def test_extension_without_employee(self) -> None:
        """`-` as the phone takes the extension from its employee, and the hotline still counts."""
        assert kinds(plan(row(UNASSIGN, 1001, hotline=CARE))) == [("unassign", 2), ("move", 2)]
        assert kinds(plan(row(UNASSIGN, 1003))) == []

    def test_nothing_is_created(self) -> None:
        """`-` creates neither an employee nor an extension: a warning says that they are not there."""
        result = plan(row(NEW, UNASSIGN, "Bình"), row(UNASSIGN, 1004, hotline=SALES))
        assert kinds(result) == []
        assert notes(result) == [
            ("warning", 2, "The shop has no employee with the phone 849******78. Check the phone."),
            (
                "warning",
                3,
                "The shop has no extension 1004, so there is nobody to take it from. Check the number.",
            ),
        ]

    def test_useless_hotline(self) -> None:
        """A hotline beside `-` has no effect, and a warning says so."""
        result = plan(row(LAN, UNASSIGN, hotline=CARE))
        assert kinds(result) == [("unassign", 2)]
        assert [note[0] for note in notes(result)] == ["warning"]

    def test_handover(self) -> None:
        """An extension that one row frees goes to another employee, after it is free."""
        result = plan(row(AN, 1001), row(LAN, UNASSIGN))
        assert kinds(result) == [("assign", 2), ("unassign", 3)]
        assign, unassign = result.changes.values()
        assert assign.after == (unassign.key,)

    def test_deleted_employee(self) -> None:
        """An extension can be taken from a deleted employee."""
        shop = present(deleted_users={NEW: user(NEW, user_id="14")}, extensions={1001: extension(1001, "14")})
        assert kinds(plan(row(NEW, UNASSIGN), row(AN, 1001), shop=shop)) == [("unassign", 2), ("assign", 3)]
        assert "849******78" in notes(plan(row(AN, 1001), shop=shop))[0][2]


class TestWithoutNumber:
    """Rows whose extension is blank, or `auto`."""

    def test_hotline_of_the_only_extension(self) -> None:
        """A blank extension and a hotline move the employee's only extension."""
        assert kinds(plan(row(LAN, hotline=CARE))) == [("move", 2)]
        assert kinds(plan(row(LAN, hotline=SALES))) == []

    def test_hotline_without_extension(self) -> None:
        """An employee without an extension has nothing to move: a warning."""
        result = plan(row(NEW, name="Bình", hotline=CARE))
        assert kinds(result) == [("create_user", 2)]
        assert [note[0] for note in notes(result)] == ["warning"]

    @pytest.mark.parametrize("number", [None, NEXT_FREE])
    def test_several_extensions(self, number: Any) -> None:
        """Of several extensions, the row must say which one moves, unless one of them is there already."""
        extensions = {each: extension(each, "11") for each in (1001, 1005)}
        result = plan(row(LAN, number, hotline=CARE), shop=present(extensions=extensions))
        assert notes(result) == [
            ("conflict", 2, "The employee has the extensions 1001, 1005. Write which of them moves.")
        ]
        extensions[1005] = extension(1005, "11", CARE)
        result = plan(row(LAN, number, hotline=CARE), shop=present(extensions=extensions))
        assert (kinds(result), notes(result)) == ([], [])

    def test_next_free(self) -> None:
        """`auto` chooses the next numbers that neither the shop nor another row has."""
        result = plan(
            row(AN, NEXT_FREE, hotline=SALES),
            row(LAN, NEXT_FREE),
            row(NEW, NEXT_FREE, "Bình", CARE),
            row(NEWER, 1005, "Minh", CARE),
        )
        chosen = [
            (change.row, change.extension_number)
            for change in result.changes.values()
            if change.kind is Kind.CREATE_EXTENSION
        ]
        assert chosen == [(2, 1004), (4, 1006), (5, 1005)]

    def test_next_free_is_stable(self) -> None:
        """After a part of the plan is done, a new plan chooses the same numbers for the rest."""
        rows = [row(each, NEXT_FREE, "A", SALES) for each in (AN, NEW, NEWER)]
        first = [
            change.key for change in plan(*rows).changes.values() if change.kind is Kind.CREATE_EXTENSION
        ]
        done = present()
        done = present(
            users={**done.users, NEW: user(NEW, "A", "14")},
            extensions={**done.extensions, 1005: extension(1005, "14")},
        )
        rest = [change.key for change in plan(*rows, shop=done).changes.values()]
        assert first == [f"{SHOP}/extension/{number}" for number in (1004, 1005, 1006)]
        assert [key for key in rest if "/extension/" in key] == [first[0], first[2]]

    def test_no_number_for_a_failed_row(self) -> None:
        """A row that fails takes no number."""
        result = plan(row(NEW, NEXT_FREE, "Bình", "nix"), row(AN, NEXT_FREE, hotline=SALES))
        assert only_change(result).extension_number == 1004

    def test_twice_the_same_employee(self) -> None:
        """Two rows with `auto` for one employee give one extension."""
        result = plan(row(AN, NEXT_FREE, hotline=SALES), row(AN, NEXT_FREE, hotline=SALES))
        assert kinds(result) == [("create_extension", 2)]

    def test_released_extension(self) -> None:
        """`auto` gives another extension to an employee whose own one a row with `-` takes."""
        result = plan(row(LAN, NEXT_FREE, hotline=SALES), row(UNASSIGN, 1001))
        assert kinds(result) == [("create_extension", 2), ("unassign", 3)]

    def test_extension_with_its_own_row(self) -> None:
        """The hotline of an extension is that of its own row, not that of its employee's row."""
        result = plan(row(LAN, hotline=CARE), row(None, 1001, hotline=SALES))
        assert (kinds(result), [note[0] for note in notes(result)]) == ([], ["warning"])

    def test_no_free_number(self) -> None:
        """If the range is used up, the row fails."""
        result = plan(row(AN, NEXT_FREE, hotline=SALES), numbers=range(1001, 1004))
        assert notes(result) == [
            ("conflict", 2, "No number from 1001 to 1003 is free. Give the shop more numbers.")
        ]


PHONES = (LAN, HOA, AN, NEW, NEWER)
NUMBERS = (1001, 1002, 1003, 1004, 1005)
LINES = st.sampled_from([None, "Sales", "Care"])
NAMES = st.sampled_from(["Bình", None])


@st.composite
def rosters(draw: st.DrawFn) -> list[Mapping[str, Any]]:
    """Return the rows of a roster that `Roster.read` accepts."""
    numbers = draw(st.permutations(NUMBERS))[: draw(st.integers(0, len(NUMBERS)))]
    holders = st.sampled_from([None, UNASSIGN, *PHONES])
    rows = [row(draw(holders), number, draw(NAMES), draw(LINES)) for number in numbers]
    named = {each["phone"] for each in rows}
    others = [phone for phone in PHONES if phone not in named and draw(st.booleans())]
    markers = st.sampled_from([None, UNASSIGN, NEXT_FREE])
    rows += [row(phone, draw(markers), draw(NAMES), draw(LINES)) for phone in others]
    return draw(st.permutations(rows))


def applied(shop: PresentShop, result: ShopPlan) -> PresentShop:
    """Return the shop after all changes of a plan."""
    users, extensions = dict(shop.users), dict(shop.extensions)
    for change in sorted(result.changes.values(), key=lambda change: bool(change.after)):
        holder = change.user_id or change.user_key
        number = change.extension_number or 0
        match change.kind:
            case Kind.CREATE_USER:
                assert change.phone not in users
                users[str(change.phone)] = user(str(change.phone), str(change.full_name), change.key)
            case Kind.CREATE_EXTENSION:
                assert number not in extensions
                extensions[number] = extension(number, holder, str(change.hotline_id))
            case Kind.ASSIGN:
                assert extensions[number].user_id is None, "an extension was taken over"
                extensions[number] = attrs.evolve(extensions[number], user_id=holder)
            case Kind.UNASSIGN:
                extensions[number] = attrs.evolve(extensions[number], user_id=None)
            case Kind.MOVE:
                extensions[number] = attrs.evolve(extensions[number], hotline_id=str(change.hotline_id))
    return attrs.evolve(shop, users=users, extensions=extensions)


@hypothesis.given(
    rows=rosters(),
    holders=st.lists(st.sampled_from([None, "11", "12"]), min_size=3, max_size=3),
    prune=st.booleans(),
)
def test_second_plan(rows: list[Mapping[str, Any]], holders: list[str | None], *, prune: bool) -> None:
    """After all changes, a plan of the same roster has none; nothing is taken over on the way."""
    extensions = {number: extension(number, holder) for number, holder in zip(NUMBERS, holders, strict=False)}
    shop = present(extensions=extensions)
    first = plan(*rows, shop=shop, prune=prune)
    second = plan(*rows, shop=applied(shop, first), prune=prune)
    assert kinds(second) == []
    needed = {key for change in first.changes.values() for key in (change.user_key, *change.after) if key}
    assert needed <= first.changes.keys()


class TestRest:
    """What the shop has and no row names is said; prune takes extensions, and deletes nothing."""

    def test_orphans(self) -> None:
        """Employees and extensions that no row names are listed; a row without a number covers its own."""
        result = plan(row(LAN))
        assert kinds(result) == []
        assert orphans(result) == [
            "No row names the employee with the phone 849******68",
            "No row names the employee with the phone 849******69",
            "No row names extension 1002",
            "No row names extension 1003",
        ]

    def test_second_extension(self) -> None:
        """An employee's other extension is named by no row."""
        shop = present(extensions={each: extension(each, "11") for each in (1001, 1005)})
        assert orphans(plan(row(LAN, 1001), row(HOA), row(AN), shop=shop)) == ["No row names extension 1005"]

    def test_prune(self) -> None:
        """Prune takes extensions that no row covers; a second plan then has nothing to do."""
        result = plan(row(LAN), row(AN), prune=True)
        assert only_change(result) == Change(
            kind=Kind.UNASSIGN,
            key=f"{SHOP}/unassign/1002",
            shop=SHOP,
            extension_number=1002,
            extension_id="21002",
            user_id="12",
        )
        pruned = present(extensions={1001: extension(1001, "11"), 1002: extension(1002)})
        assert kinds(plan(row(LAN), row(AN), shop=pruned, prune=True)) == []

    def test_prune_takes_nothing_over(self) -> None:
        """Prune does not free an extension for another employee."""
        result = plan(row(AN, 1002), row(LAN), prune=True)
        assert kinds(result) == []
        assert [note[:2] for note in notes(result)] == [("conflict", 2)]

    def test_prune_of_a_row_that_fails(self) -> None:
        """An employee whose row cannot be done keeps the extension that no row names."""
        result = plan(row(LAN, 1002), row(HOA), prune=True)
        assert kinds(result) == []
        assert [note[:2] for note in notes(result)] == [("conflict", 2)]
        text = "No row names extension 1001. It stays, because its employee's row cannot be done."
        assert text in [note.text for note in result.notes]
        free = present(extensions={1001: extension(1001, "11"), 1003: extension(1003)})
        assert kinds(plan(row(LAN, 1003), shop=free, prune=True)) == [("assign", 2), ("unassign", None)]

    def test_doubles(self) -> None:
        """Two employees with one phone are one for the plan, and a warning; also two equal numbers."""
        shop = present(
            more_users=(user(LAN, user_id="19"),),
            extensions={1001: extension(1001, "19")},
            more_extensions=(extension(1001),),
        )
        result = plan(row(LAN, 1001), row(HOA), row(AN), shop=shop)
        assert kinds(result) == []
        assert notes(result) == [
            ("warning", None, "Two employees have the phone 849******67: ask eTelecom to delete one."),
            ("warning", None, "Two extensions have the number 1001: ask eTelecom to delete one."),
        ]

    def test_kind_of_key(self) -> None:
        """A warning names the changes that the documentation gives to another kind of key."""
        rows = [row(NEW, 1004, "Bình", SALES), row(AN, 1003)]
        own = plan(*rows, shop=present(key_kind=KeyKind.SHOP_API_KEY))
        assert notes(own) == [
            _note(
                "warning",
                None,
                "The documentation gives create_user, assign to a partner_shop_key, and "
                "the key of this shop is a shop_api_key. If the server refuses a call, use another key.",
            )
        ]
        assert notes(plan(*rows, shop=present(key_kind=KeyKind.PARTNER_SHOP_KEY))) == []
