"""Queue events that no change of a record makes, because a test asks for them."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any, Final, TypedDict

from etelecom_async.sandbox.deliveries.events import EventSource
from etelecom_async.sandbox.hints import did_you_mean
from etelecom_async.sandbox.store.state import State


class EventError(ValueError):
    """An event cannot be queued: a field is wrong, or there is no address for it."""


class SmsStatus(TypedDict, total=False):
    """The fields that public programs read from the state of an SMS, with their names on the wire."""

    IdOmniMess: str
    Status: str
    Channel: str
    ErrorCode: str
    MtCount: int
    TelcoId: int
    IsCharged: str


_DEFAULTS: Final[Mapping[str, str | int]] = {
    "IdOmniMess": "",
    "Status": "SUCCESS",
    "Channel": "brandnamesms",
    "ErrorCode": "0",
    "MtCount": 1,
    "TelcoId": 1,
    "IsCharged": "True",
}


def queue_oa_event(state: State, events: EventSource, event_name: object, oa_id: object = None) -> None:
    """
    Queue an event of an official account that has nothing but its name.

    Args:
        state: The state.
        events: Queues the event.
        event_name: The name.
        oa_id: The account; `None` for the oldest one with a webhook URL.

    Raises:
        EventError: The name is blank, or there is no such account with a webhook URL.
    """
    if not isinstance(event_name, str) or not event_name.strip():
        raise EventError("event_name is blank or not a text")
    if oa_id is None:
        row = state.fetch_first(
            "SELECT id FROM oa WHERE json_extract(doc, '$.webhook_url') <> '' ORDER BY created_at, id"
        )
    else:
        row = state.fetch_first("SELECT id FROM oa WHERE CAST(id AS TEXT) = ?", str(oa_id))
    if row is None and oa_id is not None:
        raise EventError(f"there is no official account {str(oa_id)[:40]!r}")
    with state.transaction():
        is_queued = row is not None and events.add_oa_event(event_name, row["id"])
    if not is_queued:
        raise EventError(
            "the official account has no webhook URL; set one with shop.zalo.accounts.update (UpdateShopOA)"
        )


def queue_sms_status(state: State, events: EventSource, given: Mapping[str, object]) -> dict[str, Any]:
    """
    Queue the state of an SMS; return its fields.

    Args:
        state: The state.
        events: Queues the event.
        given: Fields; missing ones get the values of an SMS that arrived.

    Raises:
        EventError: A field is unknown or has a wrong type, or the sandbox has no address for states of SMS.
    """
    for name, value in given.items():
        if name not in _DEFAULTS:
            raise EventError(f"{name}: there is no such field{did_you_mean(name, _DEFAULTS)}")
        if type(value) is not type(_DEFAULTS[name]):
            wanted = "a text" if isinstance(_DEFAULTS[name], str) else "a whole number"
            raise EventError(f"{name}: it is not {wanted}")
    fields = {**_DEFAULTS, "IdOmniMess": f"ICOMNI{secrets.token_hex(15).upper()}", **given}
    with state.transaction():
        is_queued = events.add_sms_status(fields)
    if not is_queued:
        raise EventError(
            "the sandbox has no address for states of SMS; start it with sms_webhook (--sms-webhook URL)"
        )
    return fields
