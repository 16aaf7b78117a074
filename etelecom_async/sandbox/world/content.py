"""
The content of a new sandbox.

Only this module defines the options; `Sandbox`, `testing.sandbox` and the command line take them from it.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Final, TypedDict

import attrs

from etelecom_async import times
from etelecom_async.sandbox.times import LATEST
from etelecom_async.sandbox.world.fake import Rng

# Each other shop has this part of the employees, extensions and calls of the first shop.
_OTHER_SHOPS: Final = 10
# The ids of older records would have fewer than the 19 digits of the documented ones.
_FIRST_YEAR: Final = 2020
_LAST_YEAR: Final = LATEST.year - 1


class ContentOptions(TypedDict, total=False):
    """
    The options for the content of a new sandbox; `Content` has the defaults.

    Args:
        seed: Seed of the records, ids and keys. The same seed and the same end of the history give the same
            ones. Another day gives the same records with all times, ids and keys of that day.
        tenants: Tenants, each with its own shop. The first is active; the sandbox gives the keys of its shop.
        hotlines: Hotlines of the partner; half of them are on the first tenant.
        users: Employees of the first shop. Each other shop has a tenth of this number, rounded up. All other
            shops together have at most this number, but at least one each.
        extensions: Extensions of the first tenant; the other tenants as for *users*.
        call_logs: Calls of the first shop, in the days before *until*; the other shops as for *users*.
        official_accounts: Zalo official accounts of the first shop. The first can send, the grant of the
            second has expired, and the third is disconnected.
        followers: Zalo users with a contact to these accounts, most of them to the first.
        zns_messages: ZNS of the first account, in all states, with journeys and consents.
        sms_quota: Messages that the SMS service accepts.
        until: End of the seeded history; by default the last midnight in Hanoi, each time a sandbox starts. A
            date or `"2026-11-30"` stands for its first moment in Hanoi, and fixes all records, ids and keys.
            Also a word that `times.day` knows, such as `"yesterday"`, or a datetime with a time zone.
    """

    seed: int
    tenants: int
    hotlines: int
    users: int
    extensions: int
    call_logs: int
    official_accounts: int
    followers: int
    zns_messages: int
    sms_quota: int
    until: datetime | date | str


def _not_negative(_: object, attribute: attrs.Attribute[int], value: int) -> None:
    if value < 0:
        raise ValueError(f"{attribute.name} is {value}, but cannot be negative")


def _last_midnight() -> datetime:
    return times.day("today").begin


def _to_moment(until: object) -> datetime:
    """Return the first moment of a day in Hanoi; a datetime is a date too, and stays as it is."""
    if isinstance(until, datetime):
        return until
    if isinstance(until, str):
        return _read_end(until)
    if isinstance(until, date):
        return times.day(until).begin
    message = f"until takes a date, a datetime with a time zone, or a text, not {type(until).__name__}"
    raise TypeError(message)


def _read_end(text: str) -> datetime:
    if ":" in text:
        try:
            return datetime.fromisoformat(text.strip())
        except ValueError:
            pass
    try:
        return times.day(text).begin
    except ValueError as error:
        raise ValueError(f"until: {error}") from None


def _count(default: int) -> int:
    count: int = attrs.field(default=default, validator=_not_negative)
    return count


@attrs.frozen(kw_only=True)
class Content:
    """
    The checked options of `ContentOptions`, with their defaults.

    Raises:
        ValueError: A number is negative. `until` names no day, has no time zone, or its year is not from 2020
            to 2149. There are extensions or calls without a tenant and a hotline, or followers or ZNS without
            an official account.
        TypeError: `until` is neither a datetime nor a date nor a text.
    """

    seed: int = 1
    tenants: int = _count(3)
    hotlines: int = _count(4)
    users: int = _count(12)
    extensions: int = _count(10)
    call_logs: int = _count(250)
    official_accounts: int = _count(3)
    followers: int = _count(40)
    zns_messages: int = _count(60)
    sms_quota: int = _count(10_000)
    until: datetime = attrs.field(factory=_last_midnight, converter=_to_moment)

    def __attrs_post_init__(self) -> None:
        if self.until.tzinfo is None:
            raise ValueError("until needs a time zone")
        if not _FIRST_YEAR <= self.until.year <= _LAST_YEAR:
            years = f"its year must be from {_FIRST_YEAR} to {_LAST_YEAR}"
            raise ValueError(f"until is {self.until.date().isoformat()}, but {years}")
        if (self.extensions or self.call_logs) and not (self.tenants and self.hotlines):
            raise ValueError("extensions and call logs need at least one tenant and one hotline")
        if (self.followers or self.zns_messages) and not self.official_accounts:
            raise ValueError("followers and ZNS messages need at least one official account")

    def rng(self, part: str) -> Rng:
        """Return the random numbers of a part, which are independent of other parts."""
        return Rng(f"{self.seed}/{part}")

    def of_shop(self, index: int) -> Content:
        """Return the content of the shop with this index, which has random numbers of its own."""
        if index == 0:
            return self
        counts = {name: self._share(getattr(self, name)) for name in ("users", "extensions", "call_logs")}
        return attrs.evolve(self, seed=self.rng(f"shop {index}").getrandbits(62), **counts)

    def _share(self, count: int) -> int:
        """Return the number of records of each other shop."""
        together = count // max(self.tenants - 1, 1)
        return min(count, max(min(-(-count // _OTHER_SHOPS), together), 1))

    def before(self, days: float, rng: Rng) -> datetime:
        """Return a random moment of the day that ends *days* days before `until`."""
        return self.until - timedelta(days=days, microseconds=rng.randrange(86_400_000_000))


COUNTS: Final = tuple(field.name for field in attrs.fields(Content) if field.validator is _not_negative)
"""The options that are numbers of records or messages, in order."""
