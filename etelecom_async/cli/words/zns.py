"""Define `etelecom zns`: the operations on ZNS, `zns status` and `zns send-many`."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any, Final

import click

from etelecom_async.cli.command import Command, Entry, Group, Option, usage_error
from etelecom_async.cli.operation import group
from etelecom_async.cli.options import REQUEST
from etelecom_async.cli.terminal import note
from etelecom_async.cli.values import Phone, Word
from etelecom_async.cli.words import SUMMARIES, listing, send_many

if TYPE_CHECKING:
    from etelecom_async import ShopClient
    from etelecom_async.models import ZNSMessage

_PATH: Final = "shop.zns"
_LIST: Final = "shop.zns.messages.list"


def command() -> Group:
    """Return the group."""
    made = group(_PATH, "zns")
    entries = {
        "send-many": Entry(SUMMARIES["zns send-many"], lambda: send_many.command(send_many.ZNS)),
        "status": Entry(SUMMARIES["zns status"], _status),
    }
    made.entries = {**entries, **made.entries}
    return made


def _status() -> Command:
    params: list[click.Parameter] = [
        Option("--phone", type=Phone(), help="Recipient's phone number, in any notation.", section=REQUEST),
        Option(
            "--tracking-id", type=Word(), metavar="ID", help="Your own id of the message.", section=REQUEST
        ),
        send_many.oa_option(),
    ]
    params += listing.list_options(listing.operation_of(_LIST).columns, has_pages=False)
    return Command(
        "status",
        params=params,
        help=(
            "Show the ZNS to a phone number or with a tracking id, newest first: whether each was sent, "
            "received and seen, or why it failed.\n\n`etelecom explain` says what states and codes mean. "
            "--dry-run shows the first request. If there is no message, the exit code is 1. "
            "Key: shop_api_key or partner_shop_key. Wire: Zalo/ListMessages."
        ),
        examples=[
            "etelecom zns status --phone '0901 234 567'",
            "etelecom zns status --tracking-id invoice-1 --oa-id OA_ID --json",
        ],
        callback=_run,
    )


def _run(phone: str | None, tracking_id: str | None, oa_id: str | None, **given: Any) -> int:
    if (phone is None) == (tracking_id is None):
        raise usage_error("give either --phone or --tracking-id")
    from etelecom_async.cli.words import lookup

    limit = given["limit"]
    codes: set[int] = set()

    async def messages(shop: ShopClient) -> AsyncIterator[ZNSMessage]:
        account = oa_id or await lookup.only_account(shop)
        if phone is not None:
            found = await lookup.by_phone(
                phone, lambda form: shop.zns.messages.list(oa_id=account, phone=form), limit
            )
        else:
            pager = shop.zns.messages.list(oa_id=account, tracking_id=tracking_id)
            found = await (pager.collect() if limit is None else pager.take(limit))
        for message in lookup.newest_first(found, "created_at")[:limit]:
            if message.error_code:
                codes.add(message.error_code)
            yield message

    code = listing.run(
        listing.operation_of(_LIST, "shop.zalo.accounts.list"),
        given,
        messages,
        if_none="there is no such message",
    )
    if not given["quiet"]:
        _note_codes(codes)
    return code


def _note_codes(codes: set[int]) -> None:
    """Say what the error codes mean."""
    from etelecom_async._core.codec.zalo_codes import ZALO

    for code in sorted(codes, reverse=True):
        meaning = ZALO.get(code, "not listed")
        note(f"error_code {code}: {meaning}. What to do: etelecom explain {code}")
