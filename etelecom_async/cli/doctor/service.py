"""Check access, the path name, the clock and the latency with small READ calls."""

from __future__ import annotations

import statistics
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final

from etelecom_async import Effect, EtelecomError
from etelecom_async._core.http.messages import HttpResponse
from etelecom_async.cli import exit_codes, failures
from etelecom_async.cli.calling import Client, method
from etelecom_async.cli.credentials import PARTNER, SHOP, SMS
from etelecom_async.cli.doctor.checks import ACCESS, CLOCK, LATENCY, PATH, Finding
from etelecom_async.cli.doctor.keys import Key
from etelecom_async.errors import APIError, BadRouteError, DecodeError
from etelecom_async.operations import OPERATIONS, KeyKind

CALLS: Final = 5
"""Calls that the latency is the median of."""
_SLOW: Final = 1.0
"""Seconds."""
_OFF: Final = 30
_FAR_OFF: Final = 300
"""Seconds between two clocks."""
_NOT_FOUND: Final = 404
_OWN_ACCOUNT: Final = {
    KeyKind.PARTNER_SHOP_KEY: "shop.current",
    KeyKind.USERNAME_PASSWORD: "sms.templates.list",
}
"""The read that each kind of key may make; `account` for others."""
_LISTS: Final = {PARTNER: "partner.tenants.list", SHOP: "shop.extensions.list"}
_SPELLINGS: Final = ("Etelecom", "ETelecom")
_FIRST_ROW: Final = {"paging": {"limit": 1}}


class Ear:
    """Keeps when the last response arrived, and its header `Date`."""

    def __init__(self) -> None:
        self.date: str | None = None
        self.heard_at: float | None = None
        """Seconds since 1970; `None` before the first response."""

    def __call__(self, response: HttpResponse) -> None:
        """Keep the time of a response."""
        self.date = response.headers.get("Date")
        self.heard_at = time.time()


async def access(client: Client, key: Key) -> Finding:
    """Make one small READ call with a key."""
    target, name = key.credentials.source, _OWN_ACCOUNT.get(key.kind, "account")
    try:
        await method(client, name)()
    except EtelecomError as error:
        if failures.exit_code_of(error) == exit_codes.KEY:
            return ACCESS.failed(target, failures.text_of(error), "refused")
        # The key may be right.
        found = ACCESS.failed(target, failures.text_of(error), "failed")
        return found._replace(check=ACCESS._replace(exit_code=exit_codes.FAILED))
    return ACCESS.ok(target, f"the service accepts the key ({name})")


async def path_name(client: Client, key: Key, target: str) -> Finding:
    """Find out under which spelling the service knows `Etelecom`."""
    row = OPERATIONS[_LISTS[key.credentials.client]]
    used = client.wire_name(row).partition("/")[0]
    spellings = dict.fromkeys((*_SPELLINGS, used))
    try:
        known = [name for name in spellings if await _knows(client, f"{name}/{row.method}")]
    except EtelecomError as error:
        return PATH.failed(target, failures.text_of(error), "failed")
    if used in known:
        both = " and ".join(known)
        return PATH.ok(target, f"the service knows {both}; commands use {used}")
    if not known:
        return PATH.failed(target, f"the service knows neither {' nor '.join(_SPELLINGS)}", "none")
    found = PATH.failed(target, f"the service knows {known[0]}, but commands use {used}", "other")
    return found._replace(remedy=found.remedy.format(name=known[0]))


async def _knows(client: Client, wire_name: str) -> bool:
    try:
        await client.call(wire_name, _FIRST_ROW, effect=Effect.READ)
    except (BadRouteError, DecodeError):  # a page for people proves no API
        return False
    except APIError as error:
        return not (error.code is None and error.status == _NOT_FOUND)
    return True


def clock(ear: Ear, target: str) -> Finding:
    """Compare the clock of the service with ours."""
    date = _date(ear.date)
    if ear.heard_at is None or date is None:
        return CLOCK.warning(target, "the response has no time that can be read", "no date")
    seconds = round(ear.heard_at - date.timestamp())
    if abs(seconds) <= _OFF:
        return CLOCK.ok(target, f"within {_OFF} s of the service's")
    finding = f"{abs(seconds)} s {'ahead of' if seconds > 0 else 'behind'} the service's"
    return (CLOCK.failed if abs(seconds) > _FAR_OFF else CLOCK.warning)(target, finding, "off")


def _date(text: str | None) -> datetime | None:
    try:
        date = parsedate_to_datetime(text or "")
    except ValueError:
        return None
    return date if date.tzinfo else date.replace(tzinfo=UTC)


async def latency(client: Client, key: Key, target: str) -> Finding:
    """Measure some small READ calls."""
    seconds: list[float] = []
    for _ in range(CALLS):
        began = time.perf_counter()
        try:
            await _small_call(client, key)
        except EtelecomError as error:
            return LATENCY.failed(target, failures.text_of(error), "failed")
        seconds.append(time.perf_counter() - began)
    return latency_of(target, seconds)


def latency_of(target: str, seconds: Sequence[float]) -> Finding:
    """Return the finding about the times of some calls."""
    median = statistics.median(seconds)
    finding = f"median {median * 1000:.0f} ms, slowest {max(seconds) * 1000:.0f} ms of {len(seconds)} calls"
    return LATENCY.warning(target, finding, "slow") if median > _SLOW else LATENCY.ok(target, finding)


async def _small_call(client: Client, key: Key) -> Any:
    if key.credentials.client == SMS:
        return await method(client, "sms.templates.list")(item_count=1)
    return await method(client, _LISTS[key.credentials.client])(limit=1)
