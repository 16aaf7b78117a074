"""Make the steps of a job from the changes of a plan."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from contextlib import suppress
from typing import Any, Final

from etelecom_async import phones
from etelecom_async._client import ShopClient
from etelecom_async.bulk.steps import Step, step
from etelecom_async.errors import InvalidRequestError
from etelecom_async.provisioning.changes import Change, Kind
from etelecom_async.provisioning.credentials import Credential

OPERATION: Final = "provisioning.apply"
MOST_PROBLEMS: Final = 20
"""Problems that an error names."""


def steps_of(
    changes: Collection[Change], shops: Mapping[str, ShopClient], credentials: Mapping[str, Credential]
) -> list[Step[Any]]:
    """
    Return a step for each change.

    Args:
        changes: The changes. A change comes after those whose results it uses.
        shops: The clients of the shops, by id.
        credentials: The passwords of the users, by the keys of the changes.

    Raises:
        InvalidRequestError: A change lacks a value, or needs a change that is not there.
    """
    making = _Making(shops, credentials)
    for change in changes:
        making.add(change)
    for change in changes:
        making.order(change)
    if problems := making.problems:
        more = len(problems) - MOST_PROBLEMS
        shown = problems[:MOST_PROBLEMS]
        raise InvalidRequestError(
            (*shown, f"and {more} more") if more > 0 else tuple(shown), operation=OPERATION
        )
    return list(making.steps.values())


class _Making:
    """
    Makes the steps of changes.

    Args:
        shops: The clients, by the ids of the shops.
        credentials: The passwords of the users, by the keys of the changes.
    """

    def __init__(self, shops: Mapping[str, ShopClient], credentials: Mapping[str, Credential]) -> None:
        self.steps: Final[dict[str, Step[Any]]] = {}
        self.problems: Final[list[str]] = []
        self._shops: Final = shops
        self._credentials: Final = credentials

    def add(self, change: Change) -> None:
        """Add the step of a change."""
        shop = self._shops[change.shop]
        made: Step[Any]
        match change.kind:
            case Kind.CREATE_USER:
                made = step(
                    change.key,
                    shop.users.create,
                    full_name=self._needed(change, "full_name"),
                    phone=_as_sent(self._needed(change, "phone")),
                    password=self._credentials[change.key].password,
                )
            case Kind.CREATE_EXTENSION:
                made = step(
                    change.key,
                    shop.extensions.create,
                    hotline_id=self._needed(change, "hotline_id"),
                    extension_number=self._needed(change, "extension_number"),
                    user_id=self._id(change, "user", is_needed=False),
                )
            case Kind.ASSIGN:
                made = step(
                    change.key,
                    shop.extensions.assign,
                    extension_id=self._id(change, "extension"),
                    user_id=self._id(change, "user"),
                )
            case Kind.UNASSIGN:
                made = step(change.key, shop.extensions.unassign, extension_id=self._id(change, "extension"))
            case Kind.MOVE:
                made = step(
                    change.key,
                    shop.extensions.change_hotline,
                    extension_id=self._id(change, "extension"),
                    hotline_id=self._needed(change, "hotline_id"),
                )
        self.steps[change.key] = made

    def order(self, change: Change) -> None:
        """Let the step of a change wait for those that it comes after."""
        for key in change.after:
            if key in self.steps:
                self.steps[change.key] = self.steps[change.key].after(self.steps[key])
            else:
                self._report(change, f"comes after {key!r}, which is not in the plan")

    def _needed(self, change: Change, name: str) -> Any:
        value = getattr(change, name)
        if value is None:
            self._report(change, f"has no {name}")
            return _PLACEHOLDERS.get(name, "1")
        return value

    def _id(self, change: Change, what: str, *, is_needed: bool = True) -> Any:
        """Return the id of a user or an extension, or the reference to it in the result of another step."""
        identifier: str | None = getattr(change, f"{what}_id")
        key: str | None = getattr(change, f"{what}_key")
        if identifier is not None or key is None:
            return self._needed(change, f"{what}_id") if is_needed else identifier
        if key in self.steps:
            return self.steps[key].result.id
        self._report(change, f"needs {key!r}, which is not in the plan")
        return "1"

    def _report(self, change: Change, problem: str) -> None:
        self.problems.append(f"change {change.key!r} {problem}")


_PLACEHOLDERS: Final = {"extension_number": 1}
"""Values of the right type, so that all problems of a plan are found together."""


def _as_sent(phone: str) -> str:
    """Return a phone number as it is dialled: a person logs in with it."""
    with suppress(ValueError):
        return phones.national(phone)
    return phone
