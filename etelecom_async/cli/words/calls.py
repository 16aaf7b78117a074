"""Define `etelecom calls`, with `calls list`."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import click

from etelecom_async.cli.command import Command, Entry, Group, Option, usage_error
from etelecom_async.cli.options import REQUEST
from etelecom_async.cli.terminal import note
from etelecom_async.cli.values import Day, Moment, Phone
from etelecom_async.cli.words import (
    SUMMARIES,
    call_filters,
    calls_export,
    calls_recordings,
    calls_report,
    calls_sync,
    listing,
)

if TYPE_CHECKING:
    from etelecom_async import Pager, ShopClient
    from etelecom_async.models import CallLog


def command() -> Group:
    """Return the group."""
    return Group(
        "calls",
        {
            "list": Entry(SUMMARIES["calls list"], _list),
            "export": Entry(SUMMARIES["calls export"], calls_export.command),
            "recordings": Entry(SUMMARIES["calls recordings"], calls_recordings.command),
            "report": Entry(SUMMARIES["calls report"], calls_report.command),
            "sync": Entry(SUMMARIES["calls sync"], calls_sync.command),
        },
        help="History of the shop's calls.",
        examples=[
            "etelecom calls list --day yesterday --missed",
            "etelecom calls export --since -7d --output week.parquet",
            "etelecom calls recordings --since -7d --output recordings",
            "etelecom calls report --since -7d --output week.html",
            "etelecom calls sync --database calls.db --since 2026-11-01",
        ],
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
        *call_filters.options(
            of_user="Calls of an employee. With --missed: that rang at an extension of the employee.",
            of_extension="Calls of an extension. With --missed: that rang at it.",
        ),
        Option(
            "--number",
            type=Phone(),
            help="Calls from or to a phone number, in any notation.",
            section=REQUEST,
        ),
    ]
    params += listing.list_options(listing.operation_of(call_filters.LIST).columns, has_pages=True)
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
    number: str | None
    chosen: call_filters.Chosen


def _run(**given: Any) -> int:
    wanted = _wanted(given)
    row = listing.operation_of(call_filters.LIST, *wanted.chosen.lookups())
    if given["hotline"]:
        call_filters.note_inferred(given, "finds the hotline")

    def calls(shop: ShopClient) -> AsyncIterator[CallLog]:
        return _calls(shop, wanted, given)

    return listing.run(row, given, calls)


def _wanted(given: Mapping[str, Any]) -> _Wanted:
    """
    Return what the options ask for.

    Raises:
        CommandError: They exclude each other.
    """
    call_filters.refuse_pairs(given, _EXCLUSIVE)
    chosen = call_filters.Chosen.of(given)
    begin, end = given["day"] or (given["date_from"], given["date_to"])
    if begin and end and begin >= end:
        raise usage_error("--from is not before --to: no time is in this period")
    return _Wanted(begin=begin, end=end, number=given["number"], chosen=chosen)


_EXCLUSIVE: Final = (("day", "date_from"), ("day", "date_to"), ("number", "resume"))
"""Pairs of options; only one of each may be given."""


async def _calls(shop: ShopClient, wanted: _Wanted, given: Mapping[str, Any]) -> AsyncIterator[CallLog]:
    """Yield the calls, the newest first."""
    from etelecom_async import phones
    from etelecom_async.cli.running import USUAL_PAGE

    limit, size = given["limit"], given["page_size"]
    filters, rang = await call_filters.find(shop, wanted.chosen)
    filters |= {"date_from": wanted.begin, "date_to": wanted.end}
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
