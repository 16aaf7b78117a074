"""Define the options that choose calls: a span of time, and filters for `calls list` and `calls export`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Self

import click

from etelecom_async import times
from etelecom_async.cli.command import Option, usage_error
from etelecom_async.cli.index import enum
from etelecom_async.cli.options import REQUEST
from etelecom_async.cli.terminal import note
from etelecom_async.cli.values import Listed, Moment, Word

if TYPE_CHECKING:
    from etelecom_async import ShopClient

LIST: Final = "shop.call_logs.list"
_LOOKUPS: Final = {
    "user": ("shop.users.list", "shop.extensions.list"),
    "hotline": ("shop.hotlines.list",),
    "extension": ("shop.extensions.list",),
}
"""Operations that find what an option names."""
_EXCLUSIVE: Final = (("missed", "answered"), ("user", "extension"))


def options(*, of_user: str, of_extension: str) -> list[click.Parameter]:
    """
    Return the options that choose calls.

    Args:
        of_user: Help of `--user`.
        of_extension: Help of `--extension`.
    """
    return [
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
        Option("--user", type=Word(), metavar="PHONE|NAME|ID", help=of_user, section=REQUEST),
        Option("--extension", type=Word(), metavar="NUMBER", help=of_extension, section=REQUEST),
        Option(
            "--hotline", type=Word(), metavar="PHONE|NAME|ID", help="Calls of a hotline.", section=REQUEST
        ),
    ]


def span_options() -> list[click.Parameter]:
    """Return the options for a span of time: `--since` and `--until`."""
    moment = Moment(is_end=False, needs_offset=True)
    return [
        Option(
            "--since",
            type=moment,
            required=True,
            help="First day of Hanoi: yesterday, -7d, 2026-11-28; or a time with an offset.",
            section=REQUEST,
        ),
        Option(
            "--until",
            type=moment,
            default="today",
            show_default=True,
            help="The day after the last one, or a time with an offset. It is not included.",
            section=REQUEST,
        ),
    ]


def check_span(since: datetime, until: datetime) -> None:
    """
    Refuse a span without a moment, before anything is loaded.

    Raises:
        CommandError: The start is not before the end.
    """
    if since >= until:
        begin, end = (f"{times.local(moment):%Y-%m-%d %H:%M} in Hanoi" for moment in (since, until))
        raise usage_error(
            f"--since is {begin}, which is not before --until, {end}. The day of --until is not included"
        )


class Chosen(NamedTuple):
    """Which calls the user asks for."""

    state: str | None
    direction: str | None
    user: str | None
    extension: str | None
    hotline: str | None
    is_missed: bool

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> Self:
        """
        Return what the options ask for.

        Raises:
            CommandError: They exclude each other.
        """
        refuse_pairs(given, _EXCLUSIVE)
        if given["missed"] and given["direction"] not in (None, "in"):
            raise usage_error("--missed means calls from outside, so --direction must be in")
        return cls(
            state="answered" if given["answered"] else None,
            direction=given["direction"],
            user=given["user"],
            extension=given["extension"],
            hotline=given["hotline"],
            is_missed=given["missed"],
        )

    def lookups(self) -> list[str]:
        """Return the public names of the operations that find what the options name."""
        return [name for option, names in _LOOKUPS.items() if getattr(self, option) for name in names]


def refuse_pairs(given: Mapping[str, Any], pairs: Iterable[tuple[str, str]]) -> None:
    """
    Refuse options that exclude each other.

    Args:
        given: Values of the options.
        pairs: Names of options; only one of each pair may be given.

    Raises:
        CommandError: Both options of a pair are given.
    """
    for one, other in pairs:
        if given[one] and given[other]:
            raise usage_error(f"{_flag(one)} and {_flag(other)} exclude each other")


def _flag(name: str) -> str:
    return f"--{name.removeprefix('date_')}"


def note_inferred(given: Mapping[str, Any], what: str) -> None:
    """
    Note that the list of hotlines is not documented.

    Args:
        given: Values of the options.
        what: What the list is for, as a verb and its object.
    """
    if not given["quiet"]:
        note(f"shop.hotlines.list {what}; it is inferred, not documented, and may fail")


async def find(shop: ShopClient, chosen: Chosen) -> tuple[dict[str, Any], Sequence[str] | None]:
    """
    Return the filters of the list, and the extensions at which a call must have rung, if any.

    Raises:
        CommandError: An option names nothing, or more than one thing.
        EtelecomError: A look-up failed.
    """
    from etelecom_async import call_logs
    from etelecom_async.cli.words import lookup

    filters: dict[str, Any] = {"call_state": chosen.state, "direction": chosen.direction}
    rang: Sequence[str] | None = None
    if chosen.is_missed:
        filters |= call_logs.MISSED
    if chosen.hotline:
        filters["hotline_ids"] = [await lookup.hotline_id(shop, chosen.hotline)]
    if chosen.user:
        filters["user_id"] = await lookup.user_id(shop, chosen.user)
        if chosen.is_missed:
            rang = await lookup.numbers_of_user(shop, filters.pop("user_id"))
    if chosen.extension:
        extension = await lookup.extension(shop, chosen.extension)
        if chosen.is_missed:
            rang = [extension.extension_number]
        else:
            filters["extension_ids"] = [extension.id]
    return filters, rang
