"""Define `etelecom calls`, with `calls list`."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import click

from etelecom_async.cli import exit_codes
from etelecom_async.cli.command import Command, CommandError, Entry, Group, Option
from etelecom_async.cli.index import enum
from etelecom_async.cli.options import REQUEST
from etelecom_async.cli.terminal import note
from etelecom_async.cli.values import Day, Listed, Moment, Phone, Word
from etelecom_async.cli.words import SUMMARIES, listing

if TYPE_CHECKING:
    from etelecom_async import Pager, ShopClient
    from etelecom_async.models import CallLog

_LIST: Final = "shop.call_logs.list"
_LOOKUPS: Final = {
    "user": ("shop.users.list", "shop.extensions.list"),
    "hotline": ("shop.hotlines.list",),
    "extension": ("shop.extensions.list",),
}
"""Operations that find what an option names."""


def command() -> Group:
    """Return the group."""
    return Group(
        "calls",
        {"list": Entry(SUMMARIES["calls list"], _list)},
        help="History of the shop's calls.",
        examples=["etelecom calls list --day yesterday --missed"],
    )


def _list() -> Command:
    params: list[click.Parameter] = [
        Option("--day", type=Day(), help="Day of Hanoi: yesterday, -7d, 2026-11-28.", section=REQUEST),
        Option(
            "--from", "date_from", type=Moment(is_end=False), help="Start: a day or a time.", section=REQUEST
        ),
        Option(
            "--to",
            "date_to",
            type=Moment(is_end=True),
            help="End: a time, or a day to its end.",
            section=REQUEST,
        ),
        Option(
            "--missed",
            is_flag=True,
            help=(
                "Only missed calls: direction in and state not_answered. Unanswered calls between extensions "
                "and calls that are not over do not count."
            ),
            section=REQUEST,
        ),
        Option("--answered", is_flag=True, help="Only calls with the state answered.", section=REQUEST),
        Option(
            "--direction",
            type=Listed(enum("enum:CallDirection")),
            help="Direction of the call.",
            section=REQUEST,
        ),
        Option(
            "--user",
            type=Word(),
            metavar="PHONE|NAME|ID",
            help="Calls of an employee. With --missed: that rang at an extension of the employee.",
            section=REQUEST,
        ),
        Option(
            "--extension",
            type=Word(),
            metavar="NUMBER",
            help="Calls of an extension. With --missed: that rang at it.",
            section=REQUEST,
        ),
        Option(
            "--hotline", type=Word(), metavar="PHONE|NAME|ID", help="Calls of a hotline.", section=REQUEST
        ),
        Option(
            "--number",
            type=Phone(),
            help="Calls from or to a phone number, in any notation.",
            section=REQUEST,
        ),
    ]
    params += listing.list_options(listing.operation_of(_LIST).columns, has_pages=True)
    return Command(
        "list",
        params=params,
        help=(
            "List calls, the newest first; without a filter, all of them.\n\nThe service does not say which "
            "time of a call a period refers to, so the command leaves out calls that started after its end. "
            "A missed call belongs to no employee and to no extension. So --missed with --user or "
            "--extension reads all missed calls, and shows those that rang there. --dry-run shows the first "
            "request. Key: shop_api_key or partner_shop_key; --user needs the latter. "
            "Wire: Etelecom/ListCallLogs."
        ),
        examples=[
            "etelecom calls list --day yesterday --missed",
            "etelecom calls list --from -7d --user 'Nguyễn Thị Lan' --csv > calls.csv",
            "etelecom calls list --day today --number '0901 234 567'",
        ],
        callback=_run,
    )


class _Wanted(NamedTuple):
    """What the user asked for."""

    begin: datetime | None
    end: datetime | None
    state: str | None
    direction: str | None
    user: str | None
    extension: str | None
    hotline: str | None
    number: str | None
    is_missed: bool


def _run(**given: Any) -> int:
    wanted = _wanted(given)
    used = [name for option, names in _LOOKUPS.items() if given[option] for name in names]
    row = listing.operation_of(_LIST, *used)
    if given["hotline"] and not given["quiet"]:
        note("shop.hotlines.list finds the hotline; it is inferred, not documented, and may fail")

    def calls(shop: ShopClient) -> AsyncIterator[CallLog]:
        return _calls(shop, wanted, given)

    return listing.run(row, given, calls)


def _wanted(given: Mapping[str, Any]) -> _Wanted:
    """
    Return what the options ask for.

    Raises:
        CommandError: They exclude each other.
    """
    for one, other in _EXCLUSIVE:
        if given[one] and given[other]:
            raise _usage(f"{_flag(one)} and {_flag(other)} exclude each other")
    if given["missed"] and given["direction"] not in (None, "in"):
        raise _usage("--missed means calls from outside, so --direction must be in")
    begin, end = given["day"] or (given["date_from"], given["date_to"])
    if begin and end and begin >= end:
        raise _usage("--from is not before --to: no time is in this period")
    return _Wanted(
        begin=begin,
        end=end,
        state="answered" if given["answered"] else None,
        direction=given["direction"],
        user=given["user"],
        extension=given["extension"],
        hotline=given["hotline"],
        number=given["number"],
        is_missed=given["missed"],
    )


def _flag(name: str) -> str:
    return f"--{name.removeprefix('date_')}"


_EXCLUSIVE: Final = (
    ("day", "date_from"),
    ("day", "date_to"),
    ("missed", "answered"),
    ("user", "extension"),
    ("number", "resume"),
)
"""Pairs of options; only one of each may be given."""


async def _calls(shop: ShopClient, wanted: _Wanted, given: Mapping[str, Any]) -> AsyncIterator[CallLog]:
    """Yield the calls, the newest first."""
    from etelecom_async import phones
    from etelecom_async.cli.running import USUAL_PAGE

    limit, size = given["limit"], given["page_size"]
    filters, rang = await _filters(shop, wanted)
    if rang is not None and not rang:
        if not given["quiet"]:
            note("this employee has no extension, so no call rang at one")
        return
    if size is None and rang is None and limit is not None and limit < USUAL_PAGE:
        size = limit  # no row that nobody asked for

    def listed(number: str | None) -> Pager[CallLog]:
        return shop.call_logs.list(**filters, call_number=number, limit=size, resume=given["resume"])

    rows = listed(None) if wanted.number is None else _merged(map(listed, phones.forms(wanted.number)))
    shown = 0
    async for call in rows:
        if _belongs(call, wanted, rang):
            yield call
            shown += 1
            if shown == limit:
                return


async def _filters(shop: ShopClient, wanted: _Wanted) -> tuple[dict[str, Any], Sequence[str] | None]:
    """Return the filters of the list, and the extensions at which a call must have rung, if any."""
    from etelecom_async import call_logs
    from etelecom_async.cli.words import lookup

    filters: dict[str, Any] = {
        "call_state": wanted.state,
        "direction": wanted.direction,
        "date_from": wanted.begin,
        "date_to": wanted.end,
    }
    rang: Sequence[str] | None = None
    if wanted.is_missed:
        filters |= call_logs.MISSED
    if wanted.hotline:
        filters["hotline_ids"] = [await lookup.hotline_id(shop, wanted.hotline)]
    if wanted.user:
        filters["user_id"] = await lookup.user_id(shop, wanted.user)
        if wanted.is_missed:
            rang = await lookup.numbers_of_user(shop, filters.pop("user_id"))
    if wanted.extension:
        extension = await lookup.extension(shop, wanted.extension)
        if wanted.is_missed:
            rang = [extension.extension_number]
        else:
            filters["extension_ids"] = [extension.id]
    return filters, rang


def _belongs(call: CallLog, wanted: _Wanted, rang: Sequence[str] | None) -> bool:
    """Return whether to show a call that the service has returned."""
    from etelecom_async import call_logs

    if wanted.end is not None and call.started_at is not None and call.started_at >= wanted.end:
        return False
    return rang is None or call_logs.rang_at(call, rang)


async def _merged(lists: Iterable[Pager[CallLog]]) -> AsyncIterator[CallLog]:
    """
    Yield the calls of several lists, the newest first, each call once.

    A service that compares numbers in any form returns the same calls in each list.
    """
    from etelecom_async import EtelecomError

    walks = [aiter(pager) for pager in lists]
    try:
        heads = [await anext(walk, None) for walk in walks]
        while calls := [call for call in heads if call is not None]:
            newest = max(calls, key=lambda call: call.started_at.timestamp() if call.started_at else _NEVER)
            yield newest
            for index, call in enumerate(heads):
                if call is not None and call.id == newest.id:
                    heads[index] = await anext(walks[index], None)
    except EtelecomError as error:
        error.checkpoint = None  # it belongs to one of the lists
        raise


_NEVER: Final = float("-inf")


def _usage(text: str) -> CommandError:
    return CommandError(text, exit_code=exit_codes.USAGE)
