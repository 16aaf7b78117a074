"""What a shop has now: employees, extensions and hotlines, as far as a roster can name them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import attrs

from etelecom_async._core.operation import KeyKind
from etelecom_async.provisioning.mistakes import masked_phone


@attrs.frozen(kw_only=True)
class PresentUser:
    """An employee of a shop."""

    user_id: str
    full_name: str
    phone: str = attrs.field(repr=lambda phone: repr(masked_phone(phone)))
    """The number in the form of a roster, see `etelecom_async.phones.normalize`."""


@attrs.frozen(kw_only=True)
class PresentExtension:
    """An extension of a shop."""

    extension_id: str
    number: int
    user_id: str | None
    """The employee to whom it is assigned."""
    hotline_id: str


@attrs.frozen(kw_only=True)
class PresentHotline:
    """A hotline of a shop."""

    hotline_id: str
    number: str
    name: str


def _shown_values(users: Mapping[str, PresentUser]) -> str:
    """Return employees without the phone numbers that are their keys."""
    return repr(list(users.values()))


_NOBODY: Final[Mapping[str, PresentUser]] = MappingProxyType({})


@attrs.frozen(kw_only=True)
class PresentShop:
    """What a shop has now."""

    shop: str
    """Its id."""
    name: str = ""
    code: str = ""
    users: Mapping[str, PresentUser] = attrs.field(repr=_shown_values)
    """By phone."""
    extensions: Mapping[int, PresentExtension]
    """By number."""
    hotlines: Mapping[str, PresentHotline]
    """By id."""
    more_users: tuple[PresentUser, ...] = ()
    """Employees whose phone another one of `users` has, too."""
    more_extensions: tuple[PresentExtension, ...] = ()
    """Extensions whose number another one of `extensions` has, too."""
    deleted_users: Mapping[str, PresentUser] = attrs.field(default=_NOBODY, repr=_shown_values)
    """Deleted employees by phone, except those whose phone another employee has now."""
    knows_hotlines: bool = True
    """Whether the shop's hotlines could be listed; else `hotlines` has only those of the extensions."""
    key_kind: KeyKind | None = None
    """The kind of the key that read it; `None` if unknown."""
