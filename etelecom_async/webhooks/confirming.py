"""
Read the object that an event claims, before the event is believed.

The API has no read of a call by its id. So the calls of its number around its time are read, and their ids
compared.
"""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterable, Awaitable, Callable
from datetime import datetime, timedelta
from typing import Final, Protocol, TypeAlias, TypeVar, runtime_checkable

import attrs

from etelecom_async._generated.models.pbx import CallDirection, CallLog
from etelecom_async._generated.models.zns import ZNSMessage
from etelecom_async.errors import (
    EtelecomError,
    InvalidArgumentError,
    InvalidRequestError,
    NotFoundError,
)
from etelecom_async.webhooks.drops import Reason
from etelecom_async.webhooks.events import CallLogEvent, Event, MessageEvent

RowT = TypeVar("RowT")

MARGIN: Final = timedelta(hours=12)
"""How far the read reaches before and after the time of a call. It is not known which time a filter means."""
PAUSES: Final = (1.0, 5.0, 30.0)
"""
Default pauses before further reads, in seconds.

The documentation does not say how soon the lists show a new call.
"""
MOST_ROWS: Final = 500
"""Rows to read at most. A forged event may name a busy number."""

_UNSET: Final = ("", "0")
"""How the service writes an id that is not set."""


class CallLogLists(Protocol):
    """The namespace `call_logs` of a shop."""

    def list(
        self,
        *,
        call_number: str | None = ...,
        date_from: datetime | None = ...,
        date_to: datetime | None = ...,
    ) -> AsyncIterable[CallLog]:
        """List the calls of a number."""
        ...


class MessageReads(Protocol):
    """The namespace `zns.messages` of a shop."""

    def get(self, *, oa_id: str, msg_id: str) -> Awaitable[ZNSMessage]:
        """Read a message by Zalo's id."""
        ...

    def list(
        self, *, oa_id: str | None = ..., phone: str | None = ..., tracking_id: str | None = ...
    ) -> AsyncIterable[ZNSMessage]:
        """List the messages to a phone number."""
        ...


class Zns(Protocol):
    """The namespace `zns` of a shop."""

    @property
    def messages(self) -> MessageReads:
        """ZNS messages."""
        ...


@runtime_checkable
class ConfirmingShop(Protocol):
    """What a confirmation needs of a shop; `ShopClient` has it."""

    @property
    def call_logs(self) -> CallLogLists:
        """Call logs."""
        ...

    @property
    def zns(self) -> Zns:
        """ZNS."""
        ...


FindShop: TypeAlias = Callable[[Event], Awaitable[ConfirmingShop | None] | ConfirmingShop | None]
"""
Returns the shop of an event; `None` if there is none, so that the event is dropped.

It runs in the event loop, so it must not block.
"""


class NotConfirmedError(Exception):
    """
    The event cannot be believed.

    Args:
        reason: Why.
        error: The error behind it.
        may_pass: Whether a later read may confirm the event: a list can be behind, and a service unavailable.
    """

    def __init__(self, reason: Reason, error: Exception | None = None, *, may_pass: bool = False) -> None:
        super().__init__(reason)
        self.reason: Final[Reason] = reason
        self.error: Final = error
        self.may_pass: Final = may_pass


async def confirm(event: Event, by: ConfirmingShop | FindShop) -> Event:
    """
    Return the event with the object as the API shows it.

    An event of another kind is returned unchanged, because no read of a shop shows its object.

    Args:
        event: The event.
        by: The shop, or a function that returns the shop of an event.

    Raises:
        NotConfirmedError: The API does not show the object, or the read failed.
    """
    if not isinstance(event, CallLogEvent | MessageEvent):
        return event
    try:
        found = by if isinstance(by, ConfirmingShop) else by(event)
        shop = await found if inspect.isawaitable(found) else found
        if shop is None:
            raise NotConfirmedError("not_confirmable")
        if isinstance(event, CallLogEvent):
            return attrs.evolve(event, call=await _read_call(shop, event.call), is_confirmed=True)
        return attrs.evolve(event, message=await _read_message(shop, event.message), is_confirmed=True)
    except (InvalidArgumentError, InvalidRequestError) as error:
        raise NotConfirmedError("not_found", error) from None  # the service refuses an invented value
    except NotFoundError as error:
        raise NotConfirmedError("not_found", error, may_pass=True) from None
    except EtelecomError as error:
        raise NotConfirmedError("confirm_failed", error, may_pass=True) from None


async def _read_call(shop: ConfirmingShop, claimed: CallLog) -> CallLog:
    time = claimed.started_at or claimed.created_at
    numbers = [claimed.caller, claimed.callee]
    if claimed.direction == CallDirection.OUT:
        numbers.reverse()  # the number outside of the shop comes first: few calls have it
    numbers = [number for number in dict.fromkeys(numbers) if number]
    if time is None or not numbers:
        raise NotConfirmedError("not_confirmable")
    for number in numbers:
        calls = shop.call_logs.list(
            call_number=number, date_from=_shifted(time, -1), date_to=_shifted(time, 1)
        )
        found = await _find(calls, lambda call: call.id == claimed.id)
        if found is not None:
            return found
    raise NotConfirmedError("not_found", may_pass=True)


def _shifted(time: datetime, sign: int) -> datetime:
    try:
        return time + sign * MARGIN
    except OverflowError:  # the first or the last year of the calendar
        return time


async def _find(rows: AsyncIterable[RowT], is_wanted: Callable[[RowT], bool]) -> RowT | None:
    """Return the first wanted row among `MOST_ROWS`."""
    count = 0
    async for row in rows:
        if is_wanted(row):
            return row
        count += 1
        if count >= MOST_ROWS:
            break
    return None


async def _read_message(shop: ConfirmingShop, claimed: ZNSMessage) -> ZNSMessage:
    messages = shop.zns.messages
    if claimed.msg_id:
        found = await messages.get(oa_id=claimed.oa_id, msg_id=claimed.msg_id)
        if found.msg_id == claimed.msg_id and claimed.id in {found.id, *_UNSET}:
            return found
        raise NotConfirmedError("not_found")  # the service has the message, and it is another one
    if claimed.id in _UNSET or not (claimed.phone or claimed.tracking_id):
        raise NotConfirmedError("not_confirmable")
    # A message that was refused may have no id of Zalo.
    listed = messages.list(
        oa_id=claimed.oa_id, phone=claimed.phone or None, tracking_id=claimed.tracking_id or None
    )
    found_in_list = await _find(listed, lambda message: message.id == claimed.id)
    if found_in_list is None:
        raise NotConfirmedError("not_found", may_pass=True)
    return found_in_list
