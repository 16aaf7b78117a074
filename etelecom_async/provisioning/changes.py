"""What a plan changes, and what it says without a change. Only data: no call, no file."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Final

import attrs

from etelecom_async._core.secret import Secret
from etelecom_async.provisioning.mistakes import masked_phone


class Kind(StrEnum):
    """
    What a change does. Each is one call.

    They are in the order of the calls, so a part of a plan from its start is useful.
    """

    CREATE_USER = "create_user"
    CREATE_EXTENSION = "create_extension"
    UNASSIGN = "unassign"
    ASSIGN = "assign"
    MOVE = "move"
    """Give the extension another hotline."""


CREATES: Final = frozenset({Kind.CREATE_USER, Kind.CREATE_EXTENSION})
"""Changes that must not be made twice."""
_PLACES: Final = {kind: place for place, kind in enumerate(Kind)}


class NoteKind(StrEnum):
    """What a plan says without a change."""

    BLOCKED = "blocked"
    """The API cannot do it, for example rename a user. Nothing is changed."""
    CONFLICT = "conflict"
    """
    The row would take something from another user or shop, or names a hotline that the shop does not have.

    Nothing is changed, and the row fails.
    """
    ORPHAN = "orphan"
    """It is there, and no row names it."""
    WARNING = "warning"
    """The change is made, but a person should look at it."""


@attrs.frozen(kw_only=True)
class Change:
    """
    One call of a plan.

    An object that an earlier change makes has no id yet: then `user_key` or `extension_key` names that
    change, and the id is `None`.
    """

    kind: Kind
    key: str
    """
    Name of the step in the journal: the same in each plan of the same roster.

    It shows no phone number.
    """
    shop: str
    """Id of the shop."""
    row: int | None = None
    """Number of the row that asks for it; `None` for a change that no row asks for."""
    full_name: str | None = None
    phone: str | None = attrs.field(
        default=None, repr=lambda phone: repr(masked_phone(phone)) if phone else "None"
    )
    """The employee's phone, also of an employee who gets an extension."""
    password: Secret | None = None
    """The password of a new user, if the roster has one."""
    extension_number: int | None = None
    hotline_id: str | None = None
    user_id: str | None = None
    user_key: str | None = None
    extension_id: str | None = None
    extension_key: str | None = None
    after: tuple[str, ...] = ()
    """Keys of more changes that must be done before."""
    in_return: tuple[str, ...] = ()
    """Keys of the changes that give the employee other extensions: without them, this one is not taken."""


def in_order(changes: Iterable[Change]) -> list[Change]:
    """Return changes in the order of their calls."""
    return sorted(changes, key=lambda change: _PLACES[change.kind])


@attrs.frozen(kw_only=True)
class Note:
    """What a plan says about a row, or about an object that no row names."""

    kind: NoteKind
    shop: str
    row: int | None = None
    text: str
    """A sentence with what is so, and one with what to do. Phone numbers are masked."""
