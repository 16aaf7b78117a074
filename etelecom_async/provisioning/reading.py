"""Read what a shop has: employees, extensions and hotlines."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final, cast

import attrs

from etelecom_async import phones
from etelecom_async._client import ShopClient
from etelecom_async._core.tracebacks import cleaned
from etelecom_async._generated import operations as ops
from etelecom_async._generated.models import AccountUser, Extension, Hotline
from etelecom_async.errors import BadRouteError, KeyKindError, UnimplementedError
from etelecom_async.provisioning.present import PresentExtension, PresentHotline, PresentShop, PresentUser

_UNSET: Final = ("", "0")
"""An id that is not set."""


async def read_present(shop: ShopClient) -> PresentShop:
    """
    Return what a shop has now, from all pages of its lists.

    The list of hotlines is not documented. If the server does not know it, the shop has the hotlines of its
    extensions.

    Args:
        shop: The shop, with the partner's key for it. A shop's own key may not list employees.

    Raises:
        EtelecomError: A list cannot be read.
    """
    try:
        return await _read(shop)
    except BaseException as error:
        cleaned(error)
        raise


async def read_owner(shop: ShopClient) -> tuple[str, str]:
    """
    Return the id and the name of the shop of a key.

    Raises:
        EtelecomError: They cannot be read.
        KeyKindError: The server does not say which shop it is.
    """
    kind = cast("Any", shop)._engine.identity.kind
    if kind in ops.SHOP_CURRENT.callers:
        current = await shop.current()
        shop_id, name = current.id, current.name
    else:  # a shop's own key
        account = await shop.account()
        shop_id, name = str(account.get("id") or ""), str(account.get("name") or "")
    if shop_id in _UNSET:
        raise KeyKindError("the server does not say which shop the key is of.")
    return shop_id, name


async def _read(shop: ShopClient) -> PresentShop:
    engine: Any = cast("Any", shop)._engine
    shop_id, name = await read_owner(shop)
    # An item may come twice if a list changes while it is read.
    users = {user.user_id: user async for user in shop.users.list()}
    extensions = {extension.id: extension async for extension in shop.extensions.list()}
    # The name of the list is a guess. A failure has a way out here, so nobody needs the warning about it.
    known = engine.options.wire_name(ops.SHOP_HOTLINES_LIST)
    hotlines = shop.with_options(wire_names={ops.SHOP_HOTLINES_LIST.name: known}).hotlines
    try:
        listed = [hotline async for hotline in hotlines.list()]
    except (BadRouteError, UnimplementedError):
        listed = None
    return attrs.evolve(
        _present(shop_id, name, users.values(), extensions.values(), listed), key_kind=engine.identity.kind
    )


def _present(
    shop_id: str,
    name: str,
    users: Iterable[AccountUser],
    extensions: Iterable[Extension],
    hotlines: Iterable[Hotline] | None,
) -> PresentShop:
    """Return a shop from its lists; `None` for hotlines that could not be listed."""
    numbered, more_extensions = _by_number(extensions)
    owners = {extension.user_id for extension in numbered.values() if extension.user_id is not None}
    given = sorted(users, key=lambda user: (user.user_id not in owners, *_age(user.user_id)))
    deleted = _by_phone(user for user in given if user.deleted)[0]
    present, more_users = _by_phone(user for user in given if not user.deleted)
    known = {
        hotline.id: PresentHotline(hotline_id=hotline.id, number=hotline.hotline, name=hotline.name)
        for hotline in hotlines or ()
    }
    for extension in (*numbered.values(), *more_extensions):
        if hotlines is None and extension.hotline_id not in _UNSET:
            known[extension.hotline_id] = PresentHotline(hotline_id=extension.hotline_id, number="", name="")
    return PresentShop(
        shop=shop_id,
        name=name,
        users=present,
        more_users=more_users,
        deleted_users={phone: user for phone, user in deleted.items() if phone not in present},
        extensions=numbered,
        more_extensions=more_extensions,
        hotlines=known,
        knows_hotlines=hotlines is not None,
    )


def _by_phone(users: Iterable[AccountUser]) -> tuple[dict[str, PresentUser], tuple[PresentUser, ...]]:
    """Return employees by phone, and the later ones whose phone is there already."""
    found: dict[str, PresentUser] = {}
    more: list[PresentUser] = []
    for each in users:
        phone = _normalized(each.phone)
        user = PresentUser(user_id=each.user_id, full_name=each.full_name, phone=phone)
        if found.setdefault(phone, user) is not user:
            more.append(user)
    return found, tuple(more)


def _by_number(
    extensions: Iterable[Extension],
) -> tuple[dict[int, PresentExtension], tuple[PresentExtension, ...]]:
    """Return extensions by number, and more ones with the same numbers."""
    found: dict[int, PresentExtension] = {}
    more: list[PresentExtension] = []
    # Of two with one number, that of an employee counts, and then the older one.
    for each in sorted(extensions, key=lambda each: (each.user_id in _UNSET, *_age(each.id))):
        # A roster cannot name an extension whose number is no number.
        if not (each.extension_number.isascii() and each.extension_number.isdecimal()):
            continue
        extension = PresentExtension(
            extension_id=each.id,
            number=int(each.extension_number),
            user_id=None if each.user_id in _UNSET else each.user_id,
            hotline_id="" if each.hotline_id in _UNSET else each.hotline_id,
        )
        if found.setdefault(extension.number, extension) is not extension:
            more.append(extension)
    return found, tuple(more)


def _age(record_id: str) -> tuple[int, str]:
    """Return what sorts ids by age: newer ids are larger numbers."""
    return len(record_id), record_id


def _normalized(phone: str) -> str:
    try:
        return phones.normalize(phone)
    except ValueError:  # no row can name it
        return phone
