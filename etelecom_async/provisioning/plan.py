"""
Compare a roster with what the shops have: which calls make them as the roster says.

    present = {row.shop: await read_present(shop) for ...}
    plan = make_plan(roster.rows, present)
    print(plan)

Making a plan sends nothing. A row that cannot be done has no changes, and a note says why.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any, Final

import attrs

from etelecom_async._core.plurals import counted
from etelecom_async._core.suggestions import did_you_mean, plain_letters
from etelecom_async._core.tracebacks import boundary
from etelecom_async.errors import InvalidRequestError
from etelecom_async.provisioning.changes import Change, Kind, Note, NoteKind, in_order
from etelecom_async.provisioning.mistakes import masked_phone, masked_text, shortened
from etelecom_async.provisioning.planner import ShopPlan, plan_shop
from etelecom_async.provisioning.present import PresentShop
from etelecom_async.provisioning.rows import Marker, RosterRow

OPERATION: Final = "provisioning.make_plan"
DEFAULT_NUMBERS: Final = range(1001, 10_000)
"""The numbers from which `auto` chooses for a shop without a range of its own."""
MOST_MOVED: Final = 0.3
"""A plan that moves or unassigns a larger part of the present extensions is refused."""

_KEY: Final = re.compile(r"(?a)user/[0-9a-f]+|(?:extension|assign|unassign|move)/\d+")
"""The key of a change, without its shop."""
_MOST_NOTES: Final = 20
"""Notes of each kind that the text of a plan shows, and rows of its tables."""
_PROBLEMS: Final = (NoteKind.BLOCKED, NoteKind.CONFLICT, NoteKind.WARNING)


def _count(items: Sequence[object]) -> str:
    """Return a short text for a list: a notebook saves the repr of a plan beside its table."""
    return f"<{len(items)}>"


@attrs.frozen(kw_only=True)
class Plan:
    """The calls that make shops as a roster says, and what a person should know before."""

    changes: tuple[Change, ...] = attrs.field(repr=_count)
    """In the order of the calls."""
    notes: tuple[Note, ...] = attrs.field(repr=_count)
    shops: Mapping[str, str] = attrs.field(factory=dict[str, str])
    """Names of the shops, by id."""
    unchanged: Mapping[str, int] = attrs.field(factory=dict[str, int])
    """How many rows of each shop need nothing."""
    present_extensions: int = 0
    """How many extensions the shops have now."""

    @property
    def counts(self) -> dict[str, int]:
        """How many changes of each kind, notes of each kind, and unchanged rows there are."""
        found = Counter[str](each.kind.value for each in _parts(self))
        names = (*(kind.value for kind in Kind), *(kind.value for kind in NoteKind))
        return {**{name: found[name] for name in names}, "unchanged": sum(self.unchanged.values())}

    @property
    def moved(self) -> int:
        """How many of the present extensions get another hotline, or lose their employee."""
        kinds = (Kind.MOVE, Kind.UNASSIGN)
        return len({(each.shop, each.extension_number) for each in self.changes if each.kind in kinds})

    def check_size(self, *, max_changes: int | None = None, allow_large: bool = False) -> None:
        """
        Refuse a plan that does more than a person expects.

        Args:
            max_changes: The largest number of changes. Default: any number.
            allow_large: Whether the plan may move or unassign more than 30 % of the present extensions.

        Raises:
            InvalidRequestError: The plan is too large.
        """
        problems: list[str] = []
        if max_changes is not None and len(self.changes) > max_changes:
            problems.append(
                f"the plan has {len(self.changes):,} changes, and at most {max_changes:,} are allowed "
                f"(max_changes)"
            )
        if not allow_large and self.moved > MOST_MOVED * self.present_extensions:
            problems.append(
                f"the plan moves or unassigns {self.moved:,} of {self.present_extensions:,} extensions, more "
                f"than {MOST_MOVED:.0%}: check the roster, and pass allow_large if this is right"
            )
        if problems:
            raise InvalidRequestError(tuple(problems), operation=OPERATION)

    def only(self, names: Collection[str]) -> Plan:
        """
        Return the plan with some of its changes, and with the changes that these need.

        Args:
            names: Kinds of changes, such as `move`, ids or names of shops, or keys of changes. A change has
                to fit one name of each of these sorts that is given. The key of a change that is not needed,
                or not any more, is allowed.

        Raises:
            InvalidRequestError: A name is none of them.
        """
        by_key = {change.key: change for change in self.changes}
        known = {*Kind, *by_key}
        labels = [(name, shop_id) for shop_id, name in self.shops.items()]
        names = [name if name in known else _shop_id(name, labels) or name for name in names]
        kinds, shops = ({*names} & known for known in ({*Kind}, {*self.shops}))
        keys = {name for name in names if name in by_key or self._may_be_key(name)}
        unknown = [name for name in names if name not in {*kinds, *shops, *keys}]
        if unknown:
            hint = did_you_mean(unknown[0], [*(kind.value for kind in Kind), *self.shops])
            problem = f"only takes kinds of changes, shops and keys, not {masked_text(unknown[0])!r}{hint}"
            raise InvalidRequestError((problem,), operation=OPERATION)
        waiting = [
            change
            for change in self.changes
            if (not kinds or change.kind in kinds)
            and (not shops or change.shop in shops)
            and (not keys or change.key in keys)
        ]
        kept: set[str] = set()
        while waiting:
            change = waiting.pop()
            kept.add(change.key)
            needed = (change.user_key, change.extension_key, *change.after)
            waiting += [by_key[key] for key in needed if key is not None and key not in kept]
            waiting += [by_key[key] for key in change.in_return if key in by_key and key not in kept]
        return attrs.evolve(self, changes=tuple(each for each in self.changes if each.key in kept))

    def _may_be_key(self, name: str) -> bool:
        shop_id, _, rest = name.partition("/")
        return shop_id in self.shops and _KEY.fullmatch(rest) is not None

    def to_dict(self) -> dict[str, Any]:
        """Return the plan as JSON for scripts, without passwords, and with masked phone numbers."""
        return {
            "changes": len(self.changes),
            "steps": [_step(change) for change in self.changes],
            "problems": [_note(note) for note in self.notes if note.kind in _PROBLEMS],
            "orphans": [_note(note) for note in self.notes if note.kind is NoteKind.ORPHAN],
            "unchanged": sum(self.unchanged.values()),
        }

    def _repr_html_(self) -> str:
        """Return the changes and the problems as HTML tables, for notebooks. Phone numbers are masked."""
        from etelecom_async._core.html_tables import records_table

        changes = [{**_step(change), "shop": _shop_text(self, change.shop)} for change in self.changes]
        for change in changes:
            del change["key"]  # it says nothing more
        problems = [{**_note(note), "shop": _shop_text(self, note.shop)} for note in _problems(self.notes)]
        orphans = self.counts[NoteKind.ORPHAN]
        notes = [f"{sum(self.unchanged.values()):,} unchanged, {orphans:,} in no row."]
        parts = [records_table(self._last_line(), changes, notes=notes, most=_MOST_NOTES)]
        if problems:
            parts.append(records_table("Problems", problems, most=_MOST_NOTES))
        return "\n".join(parts)

    def __str__(self) -> str:
        return "\n".join([*_table(self), *_shown_notes(self.notes), self._last_line()])

    def _last_line(self) -> str:
        if not self.changes:
            return "Nothing to do."
        return f"{counted(len(self.changes), 'change')} to make."


@boundary
def make_plan(
    rows: Iterable[RosterRow],
    present: Mapping[str, PresentShop],
    *,
    number_ranges: Mapping[str, range] | None = None,
    prune: bool = False,
    only: Collection[str] | None = None,
    max_changes: int | None = None,
    allow_large: bool = False,
) -> Plan:
    """
    Return the changes that make the shops as a roster says.

    Employees are found by their phones. Nothing is taken from another employee or another shop: such a row
    has no changes, and a note says why. The plan has the numbers that `auto` chooses.

    Args:
        rows: The rows of the roster.
        present: What each shop has, by its name in the rows. Several names may be of one shop.
        number_ranges: The numbers for `auto`, by the shop's id or its name in the rows. Default: 1001 to
            9999.
        prune: Whether to take extensions that no row covers from their employees. Nothing is deleted.
        only: Kinds of changes, shops or keys of changes, see `Plan.only`. Default: all changes.
        max_changes: The largest number of changes. Default: any number.
        allow_large: Whether the plan may move or unassign more than 30 % of the present extensions.

    Raises:
        InvalidRequestError: The plan is too large, or an argument does not fit the rows.
    """
    given = tuple(rows)
    names = _Names(given, present)
    numbers = names.numbers(number_ranges or {})
    shops: dict[str, PresentShop] = {shop.shop: shop for shop in present.values()}
    by_shop: dict[str, list[RosterRow]] = {}
    for row in given:
        by_shop.setdefault(present[row.shop].shop, []).append(row)
    elsewhere = _Elsewhere(shops.values())
    others = {shop_id: elsewhere.of(some, shop_id) for shop_id, some in by_shop.items()}
    moving = {
        phone for shop_id, found in others.items() for phone in found if phone not in shops[shop_id].users
    }
    plans = {
        shop_id: plan_shop(
            shops[shop_id],
            some,
            elsewhere=others[shop_id],
            numbers=numbers.get(shop_id, DEFAULT_NUMBERS),
            prune=prune,
            wanted_elsewhere=moving,
        )
        for shop_id, some in by_shop.items()
    }
    plan = _joined(plans, shops)
    if only is not None:
        plan = plan.only(names.shop_ids(only))
    plan.check_size(max_changes=max_changes, allow_large=allow_large)
    return plan


class _Names:
    """The names of the shops in the rows."""

    def __init__(self, rows: Sequence[RosterRow], present: Mapping[str, PresentShop]) -> None:
        missing = dict.fromkeys(row.shop for row in rows if row.shop not in present)
        if missing:
            raise _invalid(f"present has no shop {masked_text(next(iter(missing)))!r}, and rows name it")
        self._labels: Final = [(name, shop.shop) for name, shop in present.items()]

    def shop_ids(self, names: Collection[str]) -> list[str]:
        """Return *names* with the ids of shops in place of their names."""
        if isinstance(names, str):
            raise _invalid("only takes a collection of names, not one text")
        kinds = {*Kind}
        return [name if name in kinds else _shop_id(name, self._labels) or name for name in names]

    def numbers(self, ranges: Mapping[str, range]) -> dict[str, range]:
        """Return the ranges of numbers by the ids of their shops."""
        found: dict[str, range] = {}
        for name, numbers in ranges.items():
            shop_id = _shop_id(name, self._labels)
            if shop_id is None:
                raise _invalid(f"number_ranges has a shop {masked_text(name)!r}, and no row names it")
            if not numbers or min(numbers) < 1:
                raise _invalid(f"number_ranges[{masked_text(name)!r}] has to be a range of positive numbers")
            found[shop_id] = numbers
        return found


def _shop_id(name: str, labels: Sequence[tuple[str, str]]) -> str | None:
    """
    Return the id of a shop by its id or its name; `None` if no shop fits, or several do.

    Args:
        name: The id, or the name; accents and case count only if several names fit.
        labels: Names of shops, with their ids.
    """
    for spelled in (str, plain_letters):
        wanted = spelled(name)
        found = {shop_id for label, shop_id in labels if wanted and wanted in (spelled(label), shop_id)}
        if found:
            return found.pop() if len(found) == 1 else None
    return None


class _Elsewhere:
    """The shops that have a phone."""

    def __init__(self, shops: Iterable[PresentShop]) -> None:
        self._shops: Final[dict[str, list[str]]] = {}
        for shop in shops:
            for phone in shop.users:
                self._shops.setdefault(phone, []).append(shop.shop)

    def of(self, rows: Iterable[RosterRow], shop_id: str) -> dict[str, str]:
        """Return another shop than *shop_id* that has the phone of a row, by phone."""
        found: dict[str, str] = {}
        for row in rows:
            phone = row.phone
            if phone is None or isinstance(phone, Marker):
                continue
            other = next((other for other in self._shops.get(phone, ()) if other != shop_id), None)
            if other is not None:
                found[phone] = other
        return found


def _joined(plans: Mapping[str, ShopPlan], shops: Mapping[str, PresentShop]) -> Plan:
    changes = [change for plan in plans.values() for change in plan.changes.values()]
    return Plan(
        changes=tuple(in_order(changes)),
        notes=tuple(note for plan in plans.values() for note in plan.notes),
        shops={shop_id: shops[shop_id].name for shop_id in plans},
        unchanged={shop_id: plan.unchanged for shop_id, plan in plans.items()},
        present_extensions=sum(len(shops[shop_id].extensions) for shop_id in plans),
    )


def _parts(plan: Plan) -> Iterator[Change | Note]:
    yield from plan.changes
    yield from plan.notes


_STEP_FIELDS: Final = ("extension_number", "hotline_id", "user_id", "extension_id")


def _step(change: Change) -> dict[str, Any]:
    step: dict[str, Any] = {
        "kind": change.kind.value,
        "shop": change.shop,
        "row": change.row,
        "key": change.key,
    }
    if change.full_name is not None:
        step["full_name"] = change.full_name
    if change.phone is not None:
        step["phone"] = masked_phone(change.phone)
    step.update({name: value for name in _STEP_FIELDS if (value := getattr(change, name)) is not None})
    return step


def _note(note: Note) -> dict[str, Any]:
    return {"kind": note.kind.value, "shop": note.shop, "row": note.row, "text": note.text}


_COLUMNS: Final = (*Kind, "unchanged", *_PROBLEMS, NoteKind.ORPHAN)


def _table(plan: Plan) -> list[str]:
    """Return a line for each shop with its counts, and one for all shops; columns of zeros are left out."""
    counts: dict[str, Counter[str]] = {
        shop_id: Counter({"unchanged": count}) for shop_id, count in plan.unchanged.items()
    }
    for each in _parts(plan):
        counts.setdefault(each.shop, Counter())[each.kind.value] += 1
    total = sum(counts.values(), Counter[str]())
    columns = [str(column) for column in _COLUMNS if total[column]]
    if not columns:
        return []
    rows = [
        [_shop_text(plan, shop_id), *(str(found[name]) for name in columns)]
        for shop_id, found in counts.items()
    ]
    if len(rows) > 1:
        rows.append(["all shops", *(str(total[name]) for name in columns)])
    lines = [["shop", *(name.replace("_", " ") for name in columns)], *rows]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return ["  ".join(_padded(line, widths)).rstrip() for line in lines]


def _padded(line: Sequence[str], widths: Sequence[int]) -> list[str]:
    return [
        text.rjust(width) if place else text.ljust(width)
        for place, (text, width) in enumerate(zip(line, widths, strict=True))
    ]


def _shop_text(plan: Plan, shop_id: str) -> str:
    name = plan.shops.get(shop_id, "")
    return f"{shop_id} ({shortened(name)})" if name else shop_id


def _problems(notes: Iterable[Note]) -> list[Note]:
    """Return the notes that a person should look at, ordered by their kinds."""
    return sorted(
        (note for note in notes if note.kind in _PROBLEMS), key=lambda note: _PROBLEMS.index(note.kind)
    )


def _shown_notes(notes: Sequence[Note]) -> list[str]:
    """Return a line for each problem, up to a number of them."""
    lines: list[str] = []
    for kind, group in groupby(_problems(notes), key=lambda note: note.kind):
        some = list(group)
        for note in some[:_MOST_NOTES]:
            row = "" if note.row is None else f", row {note.row}"
            lines.append(f"{kind.value}: shop {note.shop}{row}: {note.text}")
        if len(some) > _MOST_NOTES:
            lines.append(f"{kind.value}: and {len(some) - _MOST_NOTES:,} more; `.notes` has all of them.")
    return lines


def _invalid(problem: str) -> InvalidRequestError:
    return InvalidRequestError((problem,), operation=OPERATION)
