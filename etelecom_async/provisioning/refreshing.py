"""
Compare a stored plan with what the shops have by now, and leave out what is done or impossible.

A stored plan has no roster. So what somebody has changed since is found change by change.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Final

import attrs

from etelecom_async.provisioning.cells import CellError
from etelecom_async.provisioning.changes import Change, Kind, Note, NoteKind
from etelecom_async.provisioning.plan import Plan
from etelecom_async.provisioning.present import PresentExtension, PresentShop

_AGAIN: Final = "make the plan again"


def refreshed(plan: Plan, present: Iterable[PresentShop]) -> Plan:
    """
    Return a plan without the changes that are done or impossible by now.

    A note of the kind `conflict` says why a change is impossible. Changes that need it are left out, too.

    Args:
        plan: The stored plan.
        present: What its shops have now.
    """
    shops = {shop.shop: shop for shop in present}
    spoiled: set[str] = set()
    while True:
        refreshing = _Refreshing(shops, spoiled)
        changes = tuple(refreshing.kept(plan.changes))
        more = {change.key for change in changes if not refreshing.impossible.isdisjoint(change.in_return)}
        if not more:
            break
        spoiled |= more
    return attrs.evolve(
        plan,
        changes=changes,
        notes=(*plan.notes, *refreshing.notes),
        present_extensions=sum(len(shop.extensions) for shop in refreshing.shops.values()),
    )


class _Refreshing:
    """
    Leaves out what is done or impossible.

    Args:
        shops: The shops by their ids.
        spoiled: Keys of changes that would take an extension, and give nothing in return by now.
    """

    def __init__(self, shops: Mapping[str, PresentShop], spoiled: Collection[str]) -> None:
        self.shops: Final = shops
        self._spoiled: Final = spoiled
        self.notes: Final[list[Note]] = []
        self._ids: Final[dict[str, str]] = {}
        """Ids of employees who were to be created, and are there, by the keys of the changes."""
        self._done: Final[set[str]] = set()
        self.impossible: Final[set[str]] = set()
        self._of_extension: Final[dict[tuple[str, str | None], dict[Kind, Change]]] = {}
        """For each extension: the changes that give it to an employee, and that take it from one."""

    def kept(self, changes: Sequence[Change]) -> Iterator[Change]:
        """Yield the changes that are still to make."""
        for change in changes:
            if change.kind in (Kind.ASSIGN, Kind.UNASSIGN):
                self._of_extension.setdefault((change.shop, change.extension_id), {})[change.kind] = change
        for change in changes:
            found = self._resolved(change)
            try:
                self._check_needed(change)
                is_done = self._is_done(found, self.shops[change.shop])
            except CellError as error:
                self.impossible.add(change.key)
                text = f"{error.problem[:1].upper()}{error.problem[1:]}. {error.remedy.capitalize()}."
                self.notes.append(Note(kind=NoteKind.CONFLICT, shop=change.shop, row=change.row, text=text))
                continue
            if is_done:
                self._done.add(change.key)
            else:
                yield found

    def _resolved(self, change: Change) -> Change:
        """Return a change with the id of an employee who is there by now, and without what it waited for."""
        after = tuple(key for key in change.after if key not in self._done)
        if change.user_key in self._ids:
            return attrs.evolve(change, user_id=self._ids[change.user_key], user_key=None, after=after)
        return attrs.evolve(change, after=after)

    def _check_needed(self, change: Change) -> None:
        needed = {change.user_key, change.extension_key, *change.after}
        if change.kind is Kind.MOVE:  # the extension may be another employee's by now
            others = self._of_extension.get((change.shop, change.extension_id), {})
            needed |= {other.key for other in others.values()}
        if needed & self.impossible:
            raise CellError("a change that it needs is impossible by now", _AGAIN)
        if change.key in self._spoiled:
            raise CellError("the employee would get nothing in return by now", _AGAIN)

    def _is_done(self, change: Change, shop: PresentShop) -> bool:
        if change.kind is Kind.CREATE_USER:
            user = shop.users.get(change.phone or "")
            if user is not None:
                self._ids[change.key] = user.user_id
            return user is not None
        if change.kind is Kind.CREATE_EXTENSION:
            return _is_created(change, shop)
        extension = _extension(change, shop)
        if change.kind is Kind.MOVE:
            return extension.hotline_id == change.hotline_id
        others = self._of_extension[change.shop, change.extension_id]
        if change.kind is Kind.ASSIGN:
            return _is_assigned(change, extension, is_freed=Kind.UNASSIGN in others)
        later = others.get(Kind.ASSIGN)
        owner = extension.user_id
        if owner is None or (later is not None and owner == self._resolved(later).user_id):
            return True
        if change.user_id is not None and owner != change.user_id:
            raise _belongs_to_another(extension)
        return False


def _is_created(change: Change, shop: PresentShop) -> bool:
    extension = shop.extensions.get(change.extension_number or 0)
    if extension is None:
        return False
    is_same = change.user_key is None and extension.user_id == change.user_id
    if is_same and extension.hotline_id == change.hotline_id:
        return True
    raise CellError(f"somebody has created extension {extension.number} since", _AGAIN)


def _is_assigned(change: Change, extension: PresentExtension, *, is_freed: bool) -> bool:
    owner = extension.user_id
    if owner is not None and owner != change.user_id and not is_freed:
        raise _belongs_to_another(extension)
    return owner is not None and owner == change.user_id


def _belongs_to_another(extension: PresentExtension) -> CellError:
    return CellError(f"extension {extension.number} belongs to another employee by now", _AGAIN)


def _extension(change: Change, shop: PresentShop) -> PresentExtension:
    """Return the present extension of a change."""
    extension = shop.extensions.get(change.extension_number or 0)
    if extension is None or extension.extension_id != change.extension_id:
        raise CellError(f"extension {change.extension_number} is not there any more", _AGAIN)
    return extension
