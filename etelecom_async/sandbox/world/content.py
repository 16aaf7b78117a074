"""What a new sandbox holds."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

import attrs

from etelecom_async.sandbox.times import VIETNAM
from etelecom_async.sandbox.world.fake import Rng

UNTIL: Final = datetime(2025, 10, 1, tzinfo=VIETNAM)
"""Where seeded history ends unless told otherwise: fixed, so that a seed gives the same on any day."""


def _not_negative(_: object, attribute: attrs.Attribute[int], value: int) -> None:
    if value < 0:
        raise ValueError(f"{attribute.name} is {value}, but cannot be negative")


@attrs.frozen(kw_only=True)
class Content:
    """
    How much a new sandbox holds.

    The first tenant belongs to the shop whose keys the sandbox gives, and all that is a shop's, too.

    Raises:
        ValueError: A number is negative, a time has no zone, there are extensions or calls and no tenant or
            hotline to be on, or followers or ZNS and no official account.
    """

    seed: int = 1
    tenants: int = attrs.field(default=3, validator=_not_negative)
    hotlines: int = attrs.field(default=4, validator=_not_negative)
    users: int = attrs.field(default=12, validator=_not_negative)
    extensions: int = attrs.field(default=10, validator=_not_negative)
    call_logs: int = attrs.field(default=250, validator=_not_negative)
    official_accounts: int = attrs.field(default=3, validator=_not_negative)
    followers: int = attrs.field(default=40, validator=_not_negative)
    zns_messages: int = attrs.field(default=60, validator=_not_negative)
    sms_quota: int = attrs.field(default=10_000, validator=_not_negative)
    until: datetime = UNTIL
    """Before which all of it was made."""

    def __attrs_post_init__(self) -> None:
        if self.until.tzinfo is None:
            raise ValueError("until needs a zone: a time without one is not a moment")
        if (self.extensions or self.call_logs) and not (self.tenants and self.hotlines):
            raise ValueError("extensions and call logs need at least one tenant and one hotline")
        if (self.followers or self.zns_messages) and not self.official_accounts:
            raise ValueError("followers and ZNS messages need at least one official account")

    def rng(self, part: str) -> Rng:
        """Return the random numbers of one part."""
        return Rng(f"{self.seed}/{part}")

    def before(self, days: float, rng: Rng) -> datetime:
        """Return a moment about that many days before the end."""
        return self.until - timedelta(days=days, microseconds=rng.randrange(86_400_000_000))
