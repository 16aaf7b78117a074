"""Find users, hotlines, extensions and official accounts by what people know of them."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, Final, TypeVar

from etelecom_async import phones
from etelecom_async._core.suggestions import plain_letters
from etelecom_async.cli.command import usage_error
from etelecom_async.cli.values import folded, is_id

if TYPE_CHECKING:
    from etelecom_async import Pager, ShopClient
    from etelecom_async.models import AccountUser, Extension

RowT = TypeVar("RowT")
_MOST_SHOWN: Final = 10
"""Choices that an error lists."""


async def by_phone(phone: str, find: Callable[[str], Pager[RowT]], limit: int | None = None) -> list[RowT]:
    """
    Return the rows of a list with a filter for a phone number, each row once.

    The service may compare texts exactly, so each form of the number needs a call.

    Args:
        phone: The number.
        find: Makes the list for one form of the number.
        limit: Rows for one form, at the most.
    """
    found: dict[object, RowT] = {}
    for form in phones.forms(phone):
        pager = find(form)
        rows: list[Any] = await (pager.collect() if limit is None else pager.take(limit))
        for row in rows:
            found.setdefault(row.id or id(row), row)
    return list(found.values())


def newest_first(rows: Iterable[Any], time: str) -> list[Any]:
    """Return *rows* by the time with this name, the newest first; rows without a time come last."""
    dated = [(getattr(row, time), row) for row in rows]
    known = sorted((each for each in dated if each[0]), key=lambda each: each[0], reverse=True)
    return [row for _, row in known] + [row for moment, row in dated if not moment]


async def user_id(shop: ShopClient, text: str) -> str:
    """
    Return the id of an employee.

    Args:
        shop: The client.
        text: A phone number, an id, or a name or a part of one.

    Raises:
        CommandError: There is no such employee, or more than one.
    """
    if (phone := _phone(text)) is not None:
        users = await by_phone(phone, lambda form: shop.users.list(phone=form))
        users = [user for user in users if phones.same(user.phone, phone)]
    elif is_id(text):
        return text
    else:
        users = await _users_by_name(shop, unicodedata.normalize("NFC", text))
    choices = [f"{user.full_name} ({user.user_id})" for user in users]
    return users[_only("--user", text, "employee", choices)].user_id


async def _users_by_name(shop: ShopClient, text: str) -> list[AccountUser]:
    """Return the employees with a name, or else those whose names have it as a part."""
    users = await shop.users.list(name=text).collect()
    if not users and (plain := _plain(text)):
        # The service may compare accents, and people leave them out.
        users = await shop.users.list().collect()
        users = [user for user in users if plain in plain_letters(user.full_name)]
    return _with_name(users, "full_name", text) or users


def _with_name(rows: Sequence[RowT], field: str, text: str) -> list[RowT]:
    """Return the rows whose name is *text*. Accents do not count if *text* has none and no name is equal."""
    names = [str(getattr(row, field)) for row in rows]
    wanted, plain = folded(text), _plain(text)
    found = [row for row, name in zip(rows, names, strict=True) if folded(name) == wanted]
    if found or not plain:
        return found
    return [row for row, name in zip(rows, names, strict=True) if plain_letters(name) == plain]


def _plain(text: str) -> str:
    """Return the letters of a text without accents; an empty text if it has accents, because they count."""
    return plain_letters(text) if text.isascii() else ""


async def hotline_id(shop: ShopClient, text: str) -> str:
    """
    Return the id of a hotline.

    Args:
        shop: The client.
        text: Its phone number, its id, or its name.

    Raises:
        CommandError: There is no such hotline, or more than one.
    """
    phone = _phone(text)
    if phone is None and is_id(text):
        return text
    hotlines = await shop.hotlines.list().collect()
    if phone is not None:
        found = [hotline for hotline in hotlines if phones.same(hotline.hotline, phone)]
    else:
        found = _with_name(hotlines, "name", text)
    choices = [f"{hotline.hotline} ({hotline.id})" for hotline in found]
    known = [hotline.hotline for hotline in hotlines]
    return found[_only("--hotline", text, "hotline", choices, known)].id


async def extension(shop: ShopClient, number: str) -> Extension:
    """
    Return the extension with this number.

    Raises:
        CommandError: There is no such extension, or more than one.
    """
    extensions = await shop.extensions.list().collect()
    found = [each for each in extensions if each.extension_number == number]
    choices = [f"{each.extension_number} ({each.id})" for each in found]
    known = [each.extension_number for each in extensions]
    return found[_only("--extension", number, "extension", choices, known)]


async def numbers_of_user(shop: ShopClient, user: str) -> list[str]:
    """Return the numbers of an employee's extensions."""
    extensions = await shop.extensions.list().collect()
    return [each.extension_number for each in extensions if each.user_id == user]


async def only_account(shop: ShopClient) -> str:
    """
    Return the id of the shop's only official account.

    Raises:
        CommandError: There is none, or more than one; the error lists them.
    """
    accounts = await shop.zalo.accounts.list().collect()
    if len(accounts) == 1:
        return accounts[0].oa_id
    if not accounts:
        raise usage_error("the shop has no official account: connect one at eTelecom first")
    choices = _shown([f"{account.oa_id} ({account.name})" for account in accounts])
    raise usage_error(f"the shop has {len(accounts)} official accounts; choose one with --oa-id: {choices}")


def _phone(text: str) -> str | None:
    """Return the phone number in *text*; `None` if it is none."""
    try:
        return phones.normalize(text)
    except ValueError:
        return None


def _only(flag: str, text: str, kind: str, choices: Sequence[str], known: Sequence[str] = ()) -> int:
    """
    Return the index of the only choice: 0.

    Raises:
        CommandError: There is no choice, or more than one.
    """
    if len(choices) == 1:
        return 0
    if choices:
        raise usage_error(f"{flag} {text!r} is not clear; give the id of one {kind}: {_shown(choices)}")
    listed = f"; there are: {_shown(known)}" if known else ""
    raise usage_error(f"{flag} {text!r} names no {kind} of this shop{listed}")


def _shown(choices: Sequence[str]) -> str:
    more = f" and {len(choices) - _MOST_SHOWN} more" if len(choices) > _MOST_SHOWN else ""
    return f"{', '.join(choices[:_MOST_SHOWN])}{more}"
