"""A plan of several shops: its order, its counts, its limits, and what it shows."""

from __future__ import annotations

import json
from typing import Any

import attrs
import pytest

from etelecom_async import Secret
from etelecom_async.errors import InvalidRequestError
from etelecom_async.provisioning import (
    NEXT_FREE,
    UNASSIGN,
    Change,
    Kind,
    Note,
    NoteKind,
    Plan,
    PresentExtension,
    PresentHotline,
    PresentShop,
    PresentUser,
    RosterRow,
    make_plan,
)
from tests.conftest import read_html
from tests.test_secrecy import locals_of_ours, text_forms

LAN, HOA, NEW = "84901234567", "84901234568", "84912345678"

NO_HOTLINE = "The shop has no hotline 'nix'. Write one of the shop's hotlines: 1, 2."


def shop(shop_id: str, *numbers: int, phones: tuple[str, ...] = (), **fields: Any) -> PresentShop:
    """Return a shop with extensions of nobody, employees, and the hotlines 1 and 2."""
    usual = PresentShop(
        shop=shop_id,
        users={
            phone: PresentUser(user_id=f"{shop_id}{place}", full_name="Lan", phone=phone)
            for place, phone in enumerate(phones)
        },
        extensions={
            number: PresentExtension(
                extension_id=f"{shop_id}{number}", number=number, user_id=None, hotline_id="1"
            )
            for number in numbers
        },
        hotlines={
            each: PresentHotline(hotline_id=each, number="", name=f"Line {each}") for each in ("1", "2")
        },
    )
    return attrs.evolve(usual, **fields)


def row(number: int, shop_name: str = "A", **fields: Any) -> RosterRow:
    """Return a row."""
    return RosterRow(row=number, shop=shop_name, **fields)


def keys(plan: Plan) -> list[str]:
    """Return the keys of the changes, without the digests of the phones."""
    return [
        change.key.rpartition("/")[0] if change.kind is Kind.CREATE_USER else change.key
        for change in plan.changes
    ]


ROWS = (
    row(2, extension_number=1001, hotline="2"),
    row(3, full_name="Bình", phone=NEW, extension_number=1002),
    row(4, "B", extension_number=1001, hotline="Line 1"),
    row(5, "B", full_name="Minh", phone="84912345679", extension_number=1005, hotline="1"),
)
PRESENT = {"A": shop("100", 1001, 1002, 1003, 1004, name="Quận Một"), "B": shop("200", 1001)}


class TestMaking:
    """Rows of several shops become one plan."""

    def test_order(self) -> None:
        """Employees come first, then extensions, and then the changes of extensions."""
        assert keys(make_plan(ROWS, PRESENT)) == [
            "100/user",
            "200/user",
            "200/extension/1005",
            "100/assign/1002",
            "100/move/1001",
        ]

    def test_unassign_before_assign(self) -> None:
        """An extension is free before the next employee gets it."""
        held = {1001: PresentExtension(extension_id="1001001", number=1001, user_id="1000", hotline_id="1")}
        present = {"A": shop("100", phones=(LAN, HOA), extensions=held)}
        rows = [row(2, phone=HOA, extension_number=1001), row(3, phone=LAN, extension_number=UNASSIGN)]
        assert keys(make_plan(rows, present, allow_large=True)) == ["100/unassign/1001", "100/assign/1001"]

    @pytest.mark.parametrize("name", ["unassign", "100/assign/1001", "100/unassign/1002"])
    def test_only_whole_exchanges(self, name: str) -> None:
        """A part of an exchange would leave an employee without extension: the rest is made, too."""
        held = {
            number: PresentExtension(extension_id=str(number), number=number, user_id=user_id, hotline_id="1")
            for number, user_id in ((1001, "1000"), (1002, "1001"))
        }
        present = {"A": shop("100", phones=(LAN, HOA), extensions=held)}
        rows = [row(2, phone=HOA, extension_number=1001), row(3, phone=LAN, extension_number=1002)]
        plan = make_plan(rows, present, allow_large=True)
        assert len(plan.changes) == 4
        assert plan.only([name]) == plan

    def test_nothing_to_do(self) -> None:
        """A roster that fits gives an empty plan."""
        plan = make_plan([row(2, extension_number=1001)], PRESENT)
        assert plan.changes == ()
        assert str(plan).endswith("Nothing to do.")

    def test_two_names_of_one_shop(self) -> None:
        """A shop may have several names: its rows are planned together."""
        present = {"A": PRESENT["A"], "100": PRESENT["A"]}
        plan = make_plan(
            [
                row(2, full_name="A", phone=LAN, extension_number=NEXT_FREE, hotline="1"),
                row(3, "100", extension_number=1005, hotline="1"),
                row(4, "100", extension_number=1005, hotline="1"),
            ],
            present,
        )
        assert [change.extension_number for change in plan.changes] == [None, 1006, 1005]
        assert [note.row for note in plan.notes if note.kind is NoteKind.CONFLICT] == [4]

    def test_phone_of_another_shop(self) -> None:
        """A new employee whose phone another shop of the roster has is a conflict, and no change."""
        present = {"A": PRESENT["A"], "B": shop("200", phones=(NEW, LAN))}
        plan = make_plan([row(2, full_name="Bình", phone=NEW), row(3, "B", phone=LAN)], present)
        assert (plan.changes, plan.counts["conflict"]) == ((), 1)

    def test_employee_who_moves_to_another_shop(self) -> None:
        """The API cannot do that: prune leaves the employee the extension in the old shop."""
        held = {1001: PresentExtension(extension_id="7", number=1001, user_id="2000", hotline_id="1")}
        present = {"A": shop("100"), "B": shop("200", phones=(NEW, LAN), extensions=held)}
        rows = [row(2, full_name="Bình", phone=NEW, extension_number=1005), row(3, "B", phone=LAN)]
        plan = make_plan(rows, present, prune=True)
        assert (plan.changes, plan.counts["conflict"]) == ((), 1)

    def test_only_shops_of_rows(self) -> None:
        """A shop that no row names is not touched, not even by prune."""
        plan = make_plan(ROWS[:1], PRESENT, prune=True)
        assert {change.shop for change in plan.changes} == {note.shop for note in plan.notes} == {"100"}
        assert plan.present_extensions == 4

    @pytest.mark.parametrize("name", ["A", "100", "a"])
    def test_numbers(self, name: str) -> None:
        """Each shop has its own numbers, by its id or its name; else they start at 1001."""
        rows = [
            row(2, full_name="A", phone=LAN, extension_number=NEXT_FREE, hotline="1"),
            row(3, "B", full_name="B", phone=HOA, extension_number=NEXT_FREE, hotline="1"),
        ]
        plan = make_plan(rows, PRESENT, number_ranges={name: range(3000, 3100, 10)})
        assert keys(plan)[2:] == ["100/extension/3000", "200/extension/1002"]

    def test_names_with_accents(self) -> None:
        """Shops whose names differ only by accents are told apart, or refused if the name fits both."""
        present = {"Bán": shop("100", 1001), "Bạn": shop("200", 1001)}
        rows = [
            row(number, name, extension_number=1001, hotline="2") for number, name in ((2, "Bán"), (3, "Bạn"))
        ]
        for name, key in (("Bán", "100/move/1001"), ("Bạn", "200/move/1001")):
            assert keys(make_plan(rows, present, only=[name], allow_large=True)) == [key]
            assert make_plan(rows, present, number_ranges={name: range(1, 2)}, allow_large=True).moved == 2
        with pytest.raises(InvalidRequestError, match="not 'ban'"):
            make_plan(rows, present, only=["ban"])
        with pytest.raises(InvalidRequestError, match="number_ranges has a shop 'ban'"):
            make_plan(rows, present, number_ranges={"ban": range(1, 2)})

    @pytest.mark.parametrize(
        ("arguments", "problem"),
        [
            ({"number_ranges": {"C": range(1, 2)}}, "number_ranges has a shop 'C', and no row names it"),
            ({"number_ranges": {"A": range(0)}}, "number_ranges['A'] has to be a range of positive numbers"),
            ({"number_ranges": {"A": range(3)}}, "number_ranges['A'] has to be a range of positive numbers"),
            ({"only": "move"}, "only takes a collection of names, not one text"),
            (
                {"only": ["mov"]},
                "only takes kinds of changes, shops and keys, not 'mov', did you mean 'move'?",
            ),
        ],
    )
    def test_wrong_arguments(self, arguments: Any, problem: str) -> None:
        """Arguments that do not fit the rows are refused."""
        with pytest.raises(InvalidRequestError) as caught:
            make_plan(ROWS, PRESENT, **arguments)
        assert caught.value.problems == (problem,)

    def test_shop_that_was_not_read(self) -> None:
        """Each shop of the rows has to be read before."""
        with pytest.raises(InvalidRequestError, match="present has no shop 'B', and rows name it"):
            make_plan(ROWS, {"A": PRESENT["A"]})


class TestOnly:
    """A part of a plan has the changes that it needs."""

    @pytest.mark.parametrize(
        ("names", "left"),
        [
            (["move"], ["100/move/1001"]),
            (["B"], ["200/user", "200/extension/1005"]),
            (["quan mot", "move"], ["100/move/1001"]),
            (["200", "move", "create_user"], ["200/user"]),
            (["200/extension/1005"], ["200/user", "200/extension/1005"]),
            (["assign"], ["100/user", "100/assign/1002"]),
            ([], ["100/user", "200/user", "200/extension/1005", "100/assign/1002", "100/move/1001"]),
        ],
    )
    def test_names(self, names: list[str], left: list[str]) -> None:
        """Kinds, shops and keys choose changes; an employee that an extension needs stays."""
        assert keys(make_plan(ROWS, PRESENT, only=names)) == left

    @pytest.mark.parametrize("key", ["100/extension/1001", "100/user/0a1b2c3d4e5f", "200/move/99"])
    def test_only_a_key_that_is_not_needed(self, key: str) -> None:
        """A change that is done by now is no longer planned: the same command again finds nothing to do."""
        assert keys(make_plan(ROWS, PRESENT, only=[key])) == []
        with pytest.raises(InvalidRequestError, match="only takes kinds"):
            make_plan(ROWS, PRESENT, only=[f"9{key}"])

    def test_same_numbers(self) -> None:
        """The next free numbers are the same as in the whole plan."""
        rows = [
            row(number, full_name="A", phone=f"8490123456{number}", extension_number=NEXT_FREE, hotline="1")
            for number in (2, 3)
        ]
        key = make_plan(rows, PRESENT).changes[-1].key
        assert make_plan(rows, PRESENT, only=[key]).changes[-1].key == key == "100/extension/1006"


class TestSize:
    """A plan that does more than expected is refused."""

    def test_moved(self) -> None:
        """More than 30 % of the extensions need a permission; exactly 30 % do not."""
        present = {"A": shop("100", *range(1001, 1011))}
        rows = [row(number, extension_number=999 + number, hotline="2") for number in range(2, 6)]
        assert len(make_plan(rows[:3], present).changes) == 3
        with pytest.raises(InvalidRequestError, match="moves or unassigns 4 of 10 extensions, more than 30%"):
            make_plan(rows, present)
        assert make_plan(rows, present, allow_large=True).moved == 4

    def test_each_extension_counts_once(self) -> None:
        """An extension that is unassigned and moved is one; new ones do not count."""
        held = {
            number: PresentExtension(extension_id=f"{number}", number=number, user_id="1000", hotline_id="1")
            for number in range(1001, 1005)
        }
        rows = [
            row(2, phone=UNASSIGN, extension_number=1001, hotline="2"),
            row(3, extension_number=1009, hotline="1"),
        ]
        plan = make_plan(rows, {"A": shop("100", extensions=held)})
        assert (plan.moved, len(plan.changes)) == (1, 3)

    def test_number_of_changes(self) -> None:
        """max_changes is a limit of its own, which allow_large does not lift."""
        assert len(make_plan(ROWS, PRESENT, max_changes=5).changes) == 5
        with pytest.raises(
            InvalidRequestError, match=r"5 changes, and at most 4 are allowed \(max_changes\)"
        ):
            make_plan(ROWS, PRESENT, max_changes=4, allow_large=True)
        assert make_plan(ROWS, PRESENT, max_changes=1, only=["move"]).moved == 1


class TestSecrecy:
    """Errors show no phone number, and no password."""

    def test_frames(self) -> None:
        """No frame of an error about a plan holds a row."""
        rows = [row(2, full_name="Bình", phone=NEW, password=Secret("hidden-1"), extension_number=1002)]
        with pytest.raises(InvalidRequestError) as caught:
            make_plan(rows, PRESENT, max_changes=0)
        texts = [*locals_of_ours(caught.value), text_forms(caught.value)]
        assert not any(secret in text for text in texts for secret in (NEW, "hidden-1"))


class TestShowing:
    """A plan is shown as a table, and as JSON."""

    def test_counts(self) -> None:
        """The counts have each kind of change and note, and the rows that need nothing."""
        rows = [*ROWS, row(6, extension_number=1003), row(7, phone=NEW, extension_number=UNASSIGN)]
        assert make_plan(rows, PRESENT).counts == {
            "create_user": 2,
            "create_extension": 1,
            "assign": 1,
            "unassign": 0,
            "move": 1,
            "blocked": 0,
            "conflict": 0,
            "orphan": 1,
            "warning": 1,
            "unchanged": 3,
        }

    def test_table(self) -> None:
        """The table has a line for each shop and one for all, and then the problems."""
        rows = [*ROWS, row(6, "B", extension_number=1009, hotline="nix")]
        lines = str(make_plan(rows, PRESENT)).splitlines()
        assert lines == [
            "shop            create user  create extension  assign  move  unchanged  conflict  orphan",
            "100 (Quận Một)            1                 0       1     1          0         0       2",
            "200                       1                 1       0     0          1         1       0",
            "all shops                 2                 1       1     1          1         1       2",
            f"conflict: shop 200, row 6: {NO_HOTLINE}",
            "5 changes to make.",
        ]

    def test_one_shop(self) -> None:
        """One shop has no line for all shops, and one change is no plural."""
        assert str(make_plan(ROWS[:1], PRESENT)).splitlines()[1:] == [
            "100 (Quận Một)     1       3",
            "1 change to make.",
        ]
        assert str(Plan(changes=(), notes=())) == "Nothing to do."

    def test_many_problems(self) -> None:
        """Of many problems of one kind, the first twenty are shown; a problem may have no row."""
        notes = [Note(kind=NoteKind.WARNING, shop="1", text=f"Text {number}.") for number in range(23)]
        lines = str(Plan(changes=(), notes=tuple(notes))).splitlines()
        assert lines[2] == "warning: shop 1: Text 0."
        assert lines[-2] == "warning: and 3 more; `.notes` has all of them."
        assert len(lines) == 24

    def test_json(self) -> None:
        """The JSON has the steps and the problems, without passwords and with masked phones."""
        rows = [
            row(2, full_name="Bình", phone=NEW, password=Secret("hidden-1"), extension_number=1002),
            row(3, extension_number=1009, hotline="nix"),
            row(4, phone=HOA, extension_number=UNASSIGN),
        ]
        plan = make_plan(rows, PRESENT)
        assert json.loads(json.dumps(plan.to_dict())) == {
            "changes": 2,
            "steps": [
                {
                    "kind": "create_user",
                    "shop": "100",
                    "row": 2,
                    "key": plan.changes[0].key,
                    "full_name": "Bình",
                    "phone": "849******78",
                },
                {
                    "kind": "assign",
                    "shop": "100",
                    "row": 2,
                    "key": "100/assign/1002",
                    "phone": "849******78",
                    "extension_number": 1002,
                    "extension_id": "1001002",
                },
            ],
            "problems": [
                {
                    "kind": "conflict",
                    "shop": "100",
                    "row": 3,
                    "text": NO_HOTLINE,
                },
                {
                    "kind": "warning",
                    "shop": "100",
                    "row": 4,
                    "text": "The shop has no employee with the phone 849******68. Check the phone.",
                },
            ],
            "orphans": [
                {
                    "kind": "orphan",
                    "shop": "100",
                    "row": None,
                    "text": f"No row names extension {number}. It stays, because the API cannot delete it.",
                }
                for number in (1001, 1003, 1004)
            ],
            "unchanged": 1,
        }
        assert "hidden-1" not in f"{plan!r}{plan}"
        assert NEW not in f"{plan!r}{plan}"

    def test_unknown_shop(self) -> None:
        """A plan that was made by hand needs no names of shops."""
        change = Change(kind=Kind.MOVE, key="7/move/1", shop="7", extension_number=1)
        assert str(Plan(changes=(change,), notes=())).splitlines() == [
            "shop  move",
            "7        1",
            "1 change to make.",
        ]


def test_html() -> None:
    """A notebook shows each change and each problem; no password and no whole phone number."""
    rows = [
        row(
            2,
            phone=NEW,
            full_name="<i>Hoa</i>",
            extension_number=1001,
            hotline="1",
            password=Secret("Krypt0"),
        ),
        row(3, phone=LAN, extension_number=1002, hotline="nix"),
    ]
    plan = make_plan(rows, {"A": shop("A", phones=(LAN,), name="Mây")})
    shown, texts = read_html(plan)
    assert texts == ["2 changes to make.", "0 unchanged, 0 in no row.", "Problems"]
    assert shown[0][:4] == ["kind", "shop", "row", "full_name"]
    assert shown[1][:5] == ["create_user", "A (Mây)", "2", "<i>Hoa</i>", "849******78"]
    assert shown[3:] == [["kind", "shop", "row", "text"], ["conflict", "A (Mây)", "3", NO_HOTLINE]]
    assert not any(secret in plan._repr_html_() for secret in ("Krypt0", NEW, LAN, "0912345678"))
    nothing = make_plan([], {"A": shop("A")})
    assert read_html(nothing) == ([], ["Nothing to do.", "0 unchanged, 0 in no row."])
