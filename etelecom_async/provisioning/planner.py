"""
Compare the rows of one shop with what the shop has.

A row that cannot be done has no changes at all. Nothing is ever taken from another employee: only a row with
`-` frees an extension, or employees of the roster exchange theirs.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from hashlib import blake2b
from typing import Final, TypeVar

import attrs

from etelecom_async._generated import operations as ops
from etelecom_async.provisioning.cells import CellError, folded
from etelecom_async.provisioning.changes import Change, Kind, Note, NoteKind
from etelecom_async.provisioning.hotlines import find_hotline, only_hotline
from etelecom_async.provisioning.mistakes import masked_phone, shortened
from etelecom_async.provisioning.present import PresentExtension, PresentShop, PresentUser
from etelecom_async.provisioning.rows import Marker, RosterRow

ValueT = TypeVar("ValueT")

_CALLERS: Final = {
    Kind.CREATE_USER: ops.SHOP_USERS_CREATE.callers,
    Kind.CREATE_EXTENSION: ops.SHOP_EXTENSIONS_CREATE.callers,
    Kind.ASSIGN: ops.SHOP_EXTENSIONS_ASSIGN.callers,
    Kind.UNASSIGN: ops.SHOP_EXTENSIONS_UNASSIGN.callers,
    Kind.MOVE: ops.SHOP_EXTENSIONS_CHANGE_HOTLINE.callers,
}
_CHECK_PHONE: Final = "Check the phone."
_STAYS: Final = "It stays, because the API cannot delete it."


class _BlockedError(CellError):
    """The API cannot do what a row asks for."""


@attrs.frozen(kw_only=True)
class _Employee:
    """An employee who exists, or whom a change of the plan creates."""

    phone: str
    user_id: str | None = None
    user_key: str | None = None


@attrs.define(kw_only=True)
class ShopPlan:
    """What the plan of one shop has."""

    changes: dict[str, Change] = attrs.field(factory=dict[str, Change])
    """By key."""
    notes: list[Note] = attrs.field(factory=list[Note])
    unchanged: int = 0
    """Rows that need nothing."""


def plan_shop(
    shop: PresentShop,
    rows: Sequence[RosterRow],
    *,
    elsewhere: Mapping[str, str],
    numbers: range,
    prune: bool,
    wanted_elsewhere: Collection[str] = (),
) -> ShopPlan:
    """
    Return what to do in a shop.

    Args:
        shop: What the shop has.
        rows: All rows of the shop.
        elsewhere: The id of the shop that has a phone, for phones of other shops.
        numbers: The numbers from which the next free one is chosen.
        prune: Whether to take extensions that no row covers from their employees.
        wanted_elsewhere: Phones of employees whom a row names in another shop. They cannot be moved, so prune
            lets them keep their extensions.
    """
    return _Planner(shop, rows, elsewhere, numbers).plan(prune=prune, wanted_elsewhere=wanted_elsewhere)


class _Planner:
    def __init__(
        self,
        shop: PresentShop,
        rows: Sequence[RosterRow],
        elsewhere: Mapping[str, str],
        numbers: range,
    ) -> None:
        self._shop: Final = shop
        self._rows: Final = rows
        self._elsewhere: Final = elsewhere
        self._result: Final = ShopPlan()
        self._holders: Final = {
            user.user_id: user.phone
            for user in (*shop.users.values(), *shop.more_users, *shop.deleted_users.values())
        }
        self._held: Final = self._held_by_phone()
        self._full_names: Final = _first_of_each_phone(rows, lambda row: row.full_name)
        self._passwords: Final = _first_of_each_phone(rows, lambda row: row.password)
        self._rows_by_number: Final = self._first_rows()
        self._given: Final = _first_of_each_phone(rows, _gives)
        """Rows that give employees an extension, by phone."""
        self._freed: Final = self._find_freed()
        self._numbers: Final = numbers
        self._free_numbers: Final = (
            number
            for number in numbers
            if number not in shop.extensions and number not in self._rows_by_number
        )
        self._chosen: Final[dict[str, int]] = {}
        """The next free number that an employee gets, by phone."""
        self._hotlines: Final[dict[str, str]] = {}
        """Ids of the hotlines by their texts."""
        self._passed_on: Final[dict[str, list[int]]] = {}
        """The numbers that employees give to others of the roster, by phone."""
        self._in_return: Final[dict[str, list[int]]] = {}
        """The numbers that they get instead."""
        self._exchanged: Final = self._find_exchanged()
        self._failed: Final[set[str]] = set()
        """Phones of rows that cannot be done."""

    def plan(self, *, prune: bool, wanted_elsewhere: Collection[str]) -> ShopPlan:
        for row in self._rows:
            self._plan_row(row)
        self._add_rest(prune=prune, kept={*self._failed, *wanted_elsewhere})
        self._check_key()
        return self._result

    def _held_by_phone(self) -> dict[str, list[PresentExtension]]:
        held: dict[str, list[PresentExtension]] = {}
        for number in sorted(self._shop.extensions):
            extension = self._shop.extensions[number]
            phone = self._holders.get(extension.user_id or "")
            if phone is not None:
                held.setdefault(phone, []).append(extension)
        return held

    def _first_rows(self) -> dict[int, RosterRow]:
        first: dict[int, RosterRow] = {}
        for row in self._rows:
            if isinstance(row.extension_number, int):
                first.setdefault(row.extension_number, row)
        return first

    def _find_freed(self) -> set[int]:
        """Return the numbers that rows with `-` as the extension take from their employees."""
        phones = {row.phone for row in self._rows if row.extension_number is Marker.UNASSIGN}
        return {
            extension.number
            for phone, held in self._held.items()
            if phone in phones and phone not in self._given
            for extension in held
        }

    def _find_exchanged(self) -> set[int]:
        """
        Return the numbers of extensions that employees of the roster give to one another.

        An employee who gives extensions away gets as many instead, so nobody loses one: from the others, or
        such that nobody has.
        """
        receivers: dict[int, str] = {}
        passed_on = self._passed_on
        for number, row in self._rows_by_number.items():
            extension = self._shop.extensions.get(number)
            if extension is None or not self._may_receive(row, extension):
                continue
            receivers[number] = str(row.phone)
            if extension.user_id is not None and number not in self._freed:
                passed_on.setdefault(self._holders[extension.user_id], []).append(number)
        gets = Counter(receivers.values())
        losers = [phone for phone, numbers in passed_on.items() if len(numbers) > gets[phone]]
        while losers:
            for number in passed_on.pop(losers.pop(), ()):
                receiver = receivers.pop(number)
                gets[receiver] -= 1
                if len(passed_on.get(receiver, ())) > gets[receiver]:
                    losers.append(receiver)
        for number, phone in receivers.items():
            self._in_return.setdefault(phone, []).append(number)
        return {number for numbers in passed_on.values() for number in numbers}

    def _may_receive(self, row: RosterRow, extension: PresentExtension) -> bool:
        """Return whether an extension surely can go to the employee of a row, who does not have it."""
        user = self._shop.users.get(row.phone or "")
        is_known = extension.user_id is None or extension.user_id in self._holders
        if user is None or not is_known or not _fits_name(row, user):
            return False
        with suppress(CellError):
            self._hotline(row)
            return not self._is_held_by(extension, user.phone)
        return False

    def _plan_row(self, row: RosterRow) -> None:
        try:
            changes = list(self._changes_of(row))
        except CellError as error:
            kind = NoteKind.BLOCKED if isinstance(error, _BlockedError) else NoteKind.CONFLICT
            self._note(kind, row, _sentences(error))
            self._failed.add(row.phone or "")
        else:
            for change in changes:
                self._result.changes.setdefault(change.key, change)
            self._result.unchanged += not changes

    def _changes_of(self, row: RosterRow) -> Iterator[Change]:
        number = row.extension_number
        if isinstance(number, int) and self._rows_by_number[number] is not row:
            other = self._rows_by_number[number].row
            raise CellError(f"extension {number} is in row {other}, too", "give each extension one row")
        if row.phone is Marker.UNASSIGN:
            yield from self._free(row)
        elif row.phone is not None and number is Marker.UNASSIGN:
            yield from self._take_all(row, row.phone)
        elif row.phone is None:
            yield from self._extension(row, number, None)
        else:
            yield from self._employee_and_extension(row, row.phone)

    def _free(self, row: RosterRow) -> Iterator[Change]:
        """Take an extension from its employee."""
        number = row.extension_number
        extension = self._shop.extensions.get(number) if isinstance(number, int) else None
        if extension is None:
            text = (
                f"The shop has no extension {number}, so there is nobody to take it from. Check the number."
            )
            self._note(NoteKind.WARNING, row, text)
            return
        if extension.user_id is not None:
            yield self._unassign(extension, row)
        yield from self._move(row, extension)

    def _take_all(self, row: RosterRow, phone: str) -> Iterator[Change]:
        """Take all extensions from an employee. An employee who does not exist is not created."""
        user = self._shop.users.get(phone) or self._shop.deleted_users.get(phone)
        if user is None:
            text = f"The shop has no employee with the phone {masked_phone(phone)}. {_CHECK_PHONE}"
            self._note(NoteKind.WARNING, row, text)
            return
        if phone in self._given:
            other = self._given[phone].row
            raise CellError(f"row {other} gives this employee an extension", "keep one of these rows")
        self._check_name(row, user)
        if row.hotline is not None:
            self._note(
                NoteKind.WARNING, row, "A row with - as the extension needs no hotline. Clear the cell."
            )
        for extension in self._held.get(phone, ()):
            yield self._unassign(extension, row)

    def _employee_and_extension(self, row: RosterRow, phone: str) -> Iterator[Change]:
        create = self._create_user(row, phone)
        user = self._shop.users.get(phone)
        employee = _Employee(
            phone=phone,
            user_id=None if user is None else user.user_id,
            user_key=None if create is None else create.key,
        )
        changes = list(self._employees_extension(row, employee))
        if create is not None and create.key not in self._result.changes:
            yield create
        yield from changes

    def _employees_extension(self, row: RosterRow, employee: _Employee) -> Iterator[Change]:
        number = row.extension_number
        if isinstance(number, int):
            yield from self._extension(row, number, employee)
            return
        held = [each for each in self._held.get(employee.phone, ()) if not self._is_released(each.number)]
        if number is Marker.NEXT_FREE and not held:
            if employee.phone not in self._chosen:
                change = self._create_extension(row, None, employee)
                self._chosen[employee.phone] = self._next_free()
                yield self._numbered(change, self._chosen[employee.phone])
        elif row.hotline is not None:
            # An extension with a row of its own has its hotline there.
            yield from self._move_only(
                row, [each for each in held if each.number not in self._rows_by_number]
            )

    def _is_released(self, number: int) -> bool:
        """Return whether a row with `-` as the phone takes the extension from its employee."""
        row = self._rows_by_number.get(number)
        return row is not None and row.phone is Marker.UNASSIGN

    def _move_only(self, row: RosterRow, held: Sequence[PresentExtension]) -> Iterator[Change]:
        """Move the extension of an employee whose row has no number."""
        hotline_id = self._hotline(row)
        if not held:
            text = "The employee has no extension, so the hotline has no effect. Write an extension, or auto."
            self._note(NoteKind.WARNING, row, text)
        elif all(extension.hotline_id != hotline_id for extension in held):
            if len(held) > 1:
                numbers = ", ".join(str(extension.number) for extension in held)
                raise CellError(f"the employee has the extensions {numbers}", "write which of them moves")
            yield from self._move(row, held[0])

    def _extension(
        self, row: RosterRow, number: int | Marker | None, employee: _Employee | None
    ) -> Iterator[Change]:
        """Create the extension of a row, or make it as the row says."""
        extension = self._shop.extensions.get(number) if isinstance(number, int) else None
        if extension is None:
            yield self._create_extension(row, number if isinstance(number, int) else None, employee)
            return
        moves = list(self._move(row, extension))
        if employee is not None and not self._is_held_by(extension, employee.phone):
            if extension.number in self._exchanged:
                numbers = self._in_return[self._holders[extension.user_id or ""]]
                yield attrs.evolve(self._unassign(extension, row), in_return=self._keys(Kind.ASSIGN, numbers))
            elif extension.user_id is not None and extension.number not in self._freed:
                raise CellError(
                    f"extension {number} belongs to {self._holder_text(extension)}",
                    self._remedy_for(extension),
                )
            yield self._assign(row, extension, employee)
        yield from moves

    def _is_held_by(self, extension: PresentExtension, phone: str) -> bool:
        return extension.user_id is not None and self._holders.get(extension.user_id) == phone

    def _holder_text(self, extension: PresentExtension) -> str:
        phone = self._holders.get(extension.user_id or "")
        return "another employee" if phone is None else f"the employee with the phone {masked_phone(phone)}"

    def _remedy_for(self, extension: PresentExtension) -> str:
        if self._holders.get(extension.user_id or "") in self._given:
            return "write another extension, or first apply a roster with - as the phone of this extension"
        return "write another extension, or take it from them: their phone, and - as the extension"

    def _create_user(self, row: RosterRow, phone: str) -> Change | None:
        """Return the change that creates an employee; `None` if the shop has the employee."""
        user = self._shop.users.get(phone)
        if user is not None:
            self._check_name(row, user)
            return None
        if phone in self._shop.deleted_users:
            raise _BlockedError(
                "the employee with this phone is deleted, and the API cannot restore employees",
                "ask eTelecom, or write another phone",
            )
        if phone in self._elsewhere:
            raise CellError(
                f"an employee of shop {self._elsewhere[phone]} has this phone",
                "write that shop, or another phone: an employee cannot be moved",
            )
        full_name = self._full_names.get(phone)
        if full_name is None:
            raise CellError("a new employee needs a name", "write it, or check the phone")
        return Change(
            kind=Kind.CREATE_USER,
            key=f"{self._shop.shop}/user/{blake2b(phone.encode(), digest_size=6).hexdigest()}",
            shop=self._shop.shop,
            row=row.row,
            full_name=full_name,
            phone=phone,
            password=self._passwords.get(phone),
        )

    def _check_name(self, row: RosterRow, user: PresentUser) -> None:
        if not _fits_name(row, user):
            self._note(
                NoteKind.WARNING,
                row,
                f"The employee with this phone is {shortened(user.full_name)!r} at eTelecom, and "
                f"{shortened(row.full_name or '')!r} here. The API cannot change the name: check the phone.",
            )

    def _hotline(self, row: RosterRow) -> str | None:
        """Return the id of the hotline of a row; `None` if its cell is blank."""
        text = row.hotline
        if text is None:
            return None
        if text not in self._hotlines:
            self._hotlines[text] = find_hotline(text, self._shop)
        return self._hotlines[text]

    def _next_free(self) -> int:
        number = next(self._free_numbers, None)
        if number is None:
            first, last = self._numbers[0], self._numbers[-1]
            raise CellError(f"no number from {first} to {last} is free", "give the shop more numbers")
        return number

    def _create_extension(self, row: RosterRow, number: int | None, employee: _Employee | None) -> Change:
        change = Change(
            kind=Kind.CREATE_EXTENSION,
            key="",
            shop=self._shop.shop,
            row=row.row,
            phone=None if employee is None else employee.phone,
            hotline_id=self._hotline(row) or only_hotline(self._shop),
            user_id=None if employee is None else employee.user_id,
            user_key=None if employee is None else employee.user_key,
        )
        return change if number is None else self._numbered(change, number)

    def _numbered(self, change: Change, number: int) -> Change:
        return attrs.evolve(change, key=f"{self._shop.shop}/extension/{number}", extension_number=number)

    def _assign(self, row: RosterRow, extension: PresentExtension, employee: _Employee) -> Change:
        numbers = [*self._passed_on.get(employee.phone, ())]
        if extension.user_id is not None:
            numbers.append(extension.number)
        return attrs.evolve(
            self._change(Kind.ASSIGN, extension, row),
            phone=employee.phone,
            user_id=employee.user_id,
            user_key=employee.user_key,
            after=self._keys(Kind.UNASSIGN, numbers),
        )

    def _unassign(self, extension: PresentExtension, row: RosterRow | None) -> Change:
        change = self._change(Kind.UNASSIGN, extension, row)
        return attrs.evolve(change, user_id=extension.user_id)

    def _move(self, row: RosterRow, extension: PresentExtension) -> Iterator[Change]:
        hotline_id = self._hotline(row)
        if hotline_id is not None and hotline_id != extension.hotline_id:
            yield attrs.evolve(self._change(Kind.MOVE, extension, row), hotline_id=hotline_id)

    def _change(self, kind: Kind, extension: PresentExtension, row: RosterRow | None) -> Change:
        return Change(
            kind=kind,
            key=self._key(kind, extension),
            shop=self._shop.shop,
            row=None if row is None else row.row,
            extension_number=extension.number,
            extension_id=extension.extension_id,
        )

    def _keys(self, kind: Kind, numbers: Sequence[int]) -> tuple[str, ...]:
        return tuple(self._key(kind, self._shop.extensions[number]) for number in numbers)

    def _key(self, kind: Kind, extension: PresentExtension) -> str:
        return f"{self._shop.shop}/{kind}/{extension.number}"

    def _add_rest(self, *, prune: bool, kept: Collection[str]) -> None:
        """
        Add what the shop has and no row names.

        Args:
            prune: Whether to take extensions from their employees.
            kept: Phones of employees who keep theirs: they do not get what their rows ask for.
        """
        phones = {row.phone for row in self._rows if row.phone is not None}
        named = {row.phone for row in self._rows if not isinstance(row.extension_number, int)}
        covered = {
            extension.number for phone, held in self._held.items() if phone in named for extension in held
        }
        for phone, user in self._shop.users.items():
            if phone not in phones:
                text = f"No row names the employee with the phone {masked_phone(user.phone)}. {_STAYS}"
                self._note(NoteKind.ORPHAN, None, text)
        for number in sorted(self._shop.extensions.keys() - self._rows_by_number.keys() - covered):
            extension = self._shop.extensions[number]
            if prune and self._holders.get(extension.user_id or "") in kept:
                text = (
                    f"No row names extension {number}. It stays, because its employee's row cannot be done."
                )
                self._note(NoteKind.ORPHAN, None, text)
            elif prune and extension.user_id is not None:
                change = self._unassign(extension, None)
                self._result.changes[change.key] = change
            else:
                self._note(NoteKind.ORPHAN, None, f"No row names extension {number}. {_STAYS}")
        self._add_doubles()

    def _add_doubles(self) -> None:
        for user in self._shop.more_users:
            text = f"Two employees have the phone {masked_phone(user.phone)}: ask eTelecom to delete one."
            self._note(NoteKind.WARNING, None, text)
        for extension in self._shop.more_extensions:
            text = f"Two extensions have the number {extension.number}: ask eTelecom to delete one."
            self._note(NoteKind.WARNING, None, text)

    def _check_key(self) -> None:
        """Warn of changes that the documentation gives to another kind of key."""
        kind = self._shop.key_kind
        if kind is None:
            return
        kinds = {change.kind for change in self._result.changes.values()}
        others = [each for each in Kind if each in kinds and kind not in _CALLERS[each]]
        if others:
            callers = sorted({caller for each in others for caller in _CALLERS[each]})
            text = (
                f"The documentation gives {', '.join(others)} to a {' or a '.join(callers)}, and the key of "
                f"this shop is a {kind}. If the server refuses a call, use another key."
            )
            self._note(NoteKind.WARNING, None, text)

    def _note(self, kind: NoteKind, row: RosterRow | None, text: str) -> None:
        row_number = None if row is None else row.row
        self._result.notes.append(Note(kind=kind, shop=self._shop.shop, row=row_number, text=text))


def _fits_name(row: RosterRow, user: PresentUser) -> bool:
    return row.full_name is None or folded(row.full_name) == folded(user.full_name)


def _gives(row: RosterRow) -> RosterRow | None:
    """Return *row* if it gives an extension to its employee."""
    number = row.extension_number
    return row if isinstance(number, int) or number is Marker.NEXT_FREE else None


def _first_of_each_phone(
    rows: Sequence[RosterRow], value_of: Callable[[RosterRow], ValueT | None]
) -> dict[str, ValueT]:
    """Return the first value that is not blank, by phone: an employee with two extensions has two rows."""
    first: dict[str, ValueT] = {}
    for row in rows:
        value = value_of(row)
        if row.phone is not None and value is not None:
            first.setdefault(row.phone, value)
    return first


def _sentences(error: CellError) -> str:
    return f"{error.problem[:1].upper()}{error.problem[1:]}. {error.remedy[:1].upper()}{error.remedy[1:]}."
