"""
Read deliveries: bytes in, events out. No I/O.

Body, headers and signature of a delivery are not documented. So an event keeps its JSON as it came. The typed
view of an event is inferred from the names of its fields, see `shapes`.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice
from typing import Any, ClassVar, Final, Literal, TypeAlias, TypeVar

import attrs

from etelecom_async._core.codec import converters
from etelecom_async._core.model import Model
from etelecom_async._generated.models.pbx import CallLog
from etelecom_async._generated.models.sms import SmsDeliveryStatus
from etelecom_async._generated.models.zns import ZNSMessage
from etelecom_async.errors import InvalidWebhookError
from etelecom_async.webhooks import json_bodies
from etelecom_async.webhooks.shapes import Found, find, sms_fields

ModelT = TypeVar("ModelT", bound=Model)
Kind: TypeAlias = Literal["call_log", "zl_oa_message", "oa_event", "sms_status", "unknown"]

KINDS: Final[tuple[Kind, ...]] = ("call_log", "zl_oa_message", "oa_event", "sms_status", "unknown")
MOST_EVENTS: Final = 1000
"""Maximum number of events in one delivery."""


@attrs.frozen(kw_only=True)
class Event:
    """
    One event of a delivery.

    Everything but `raw` is inferred: no page shows what the service posts.
    """

    kind: ClassVar[Kind] = "unknown"

    raw: Mapping[str, Any] = attrs.field(repr=False)
    """The JSON object as it came. It may hold phone numbers and names of persons."""
    path: str = "$"
    """Place of the object in the body, as a JSON path."""
    is_confirmed: bool = False
    """Whether a read of the API has shown the object; see `Router(confirm=...)`."""


@attrs.frozen(kw_only=True)
class CallLogEvent(Event):
    """A call that was added or changed. Inferred: the object has the fields of a call log."""

    kind: ClassVar[Kind] = "call_log"

    call: CallLog
    """The call. If the event is confirmed, it is the one that the API has shown."""


@attrs.frozen(kw_only=True)
class MessageEvent(Event):
    """A ZNS message that has changed. Inferred: the object has the fields of a message."""

    kind: ClassVar[Kind] = "zl_oa_message"

    message: ZNSMessage
    """The message. If the event is confirmed, it is the one that the API has shown."""


@attrs.frozen(kw_only=True)
class OAEvent(Event):
    """
    An event of an official account. Inferred: the object has an `event_name`.

    If it holds a call or a message, the delivery has an event for that object, too.
    """

    kind: ClassVar[Kind] = "oa_event"

    event_name: str
    """Name of the event. No page lists the names."""


@attrs.frozen(kw_only=True, repr=False)
class SmsStatus(Model):
    """
    Status of an SMS or an omni-channel message.

    Inferred: a public program reads these fields. The documentation shows none.
    """

    id_omni_mess: str = attrs.field(default="", metadata={"wire": "idomnimess"})
    """Message's id from `sms.send`."""
    status: SmsDeliveryStatus | None = None
    """Delivery status. Inferred: the same values as those of `sms.status`."""
    channel: str = ""
    """Channel that was used. No page lists the values."""
    error_code: str = attrs.field(default="", metadata={"wire": "errorcode"})
    """Error code of the channel."""
    mt_count: int | None = attrs.field(default=None, metadata={"wire": "mtcount"})
    """Number of paid messages."""
    telco_id: int | None = attrs.field(default=None, metadata={"wire": "telcoid"})
    """Mobile network. No page lists the values."""
    is_charged: str = attrs.field(default="", metadata={"wire": "ischarged"})
    """Whether a ZNS was charged, as a text. No page lists the values."""


@attrs.frozen(kw_only=True)
class SmsStatusEvent(Event):
    """The status of an SMS. Inferred: the object has the fields that a public program reads."""

    kind: ClassVar[Kind] = "sms_status"

    status: SmsStatus
    """The status."""


@attrs.frozen(kw_only=True)
class UnknownEvent(Event):
    """An object that is nothing known, or that does not fit what its names promise."""

    problems: tuple[str, ...] = ()
    """Why a known object could not be read, with JSON paths; empty for an object that is nothing known."""


def parse(body: bytes) -> tuple[Event, ...]:
    """
    Return the events in the body of a delivery, in their order.

    An object of a known shape is found at the top, under any name, or in a list. A top-level object without
    any is an `UnknownEvent`. So is each such object of a top-level list.

    Args:
        body: The bytes. Any JSON object, or an array of objects.

    Returns:
        The events. None only for an empty array.

    Raises:
        InvalidWebhookError: The body is not JSON, holds no objects, or has too many events; see `.problems`.
    """
    given: Any = body
    if not isinstance(given, bytes | bytearray | memoryview):
        message = f"body takes bytes, not {type(given).__name__}"
        raise TypeError(message)
    events: list[Event] = []
    for path, unit in json_bodies.read(bytes(body)):
        found = list(islice(find(unit, path), MOST_EVENTS + 1))
        events += map(_event, found) if found else [UnknownEvent(raw=unit, path=path)]
        if len(events) > MOST_EVENTS:
            raise InvalidWebhookError((f"more than {MOST_EVENTS} events @ $",))
    return tuple(events)


def _event(found: Found) -> Event:
    raw, path = found.fields, found.path
    try:
        match found.shape:
            case "call_log":
                return CallLogEvent(call=_model(CallLog, raw), raw=raw, path=path)
            case "zl_oa_message":
                return MessageEvent(message=_model(ZNSMessage, raw), raw=raw, path=path)
            case "sms_status":
                return SmsStatusEvent(status=_model(SmsStatus, sms_fields(raw)), raw=raw, path=path)
            case "oa_event":
                return OAEvent(event_name=raw["event_name"].strip(), raw=raw, path=path)
    except Exception as error:  # noqa: BLE001 - cattrs raises groups of whatever the hooks raise
        return UnknownEvent(raw=raw, path=path, problems=converters.problems(error, path))


def _model(kind: type[ModelT], fields: Mapping[str, object]) -> ModelT:
    """Return a model as the client reads it from a response that almost fits."""
    return converters.forgiving().structure(fields, kind)
