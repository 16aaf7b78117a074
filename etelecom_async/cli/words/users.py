"""Define `etelecom users`: the operations on users, and `users find`."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any, Final

import click

from etelecom_async.cli.command import Command, Entry, Group
from etelecom_async.cli.operation import group
from etelecom_async.cli.values import Phone
from etelecom_async.cli.words import SUMMARIES, listing

if TYPE_CHECKING:
    from etelecom_async import ShopClient
    from etelecom_async.models import AccountUser

_PATH: Final = "shop.users"
_LIST: Final = "shop.users.list"


def command() -> Group:
    """Return the group."""
    made = group(_PATH, "users")
    made.entries = {"find": Entry(SUMMARIES["users find"], _find), **made.entries}
    return made


def _find() -> Command:
    params: list[click.Parameter] = [click.Argument(["phone"], type=Phone(), metavar="PHONE")]
    params += listing.list_options(listing.operation_of(_LIST).columns, has_pages=False)
    return Command(
        "find",
        params=params,
        help=(
            "Find the employees with a phone number, in any notation: 0901 234 567, +84 901 234 567 or "
            "84901234567.\n\nThe command looks for each form of the number, because the service may compare "
            "texts exactly. --dry-run shows the first request. If nobody has the number, the exit code is 1. "
            "Key: partner_shop_key. Wire: Shop/GetAccountUsers."
        ),
        examples=["etelecom users find '0901 234 567'", "etelecom users find +84901234567 --json"],
        callback=_run,
    )


def _run(phone: str, **given: Any) -> int:
    from etelecom_async import phones
    from etelecom_async.cli.words import lookup

    async def find(shop: ShopClient) -> AsyncIterator[AccountUser]:
        users = await lookup.by_phone(phone, lambda form: shop.users.list(phone=form))
        # A service that ignores the filter must not show others.
        found = [user for user in users if not user.phone or phones.same(user.phone, phone)]
        for user in found[: given["limit"]]:
            yield user

    return listing.run(
        listing.operation_of(_LIST), given, find, if_none="no employee of this shop has this phone number"
    )
