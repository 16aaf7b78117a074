"""Deliveries become events: typed by shape, with their JSON as it came."""

from __future__ import annotations

import json
import pickle
from copy import deepcopy
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from etelecom_async import models
from etelecom_async.errors import InvalidWebhookError
from etelecom_async.webhooks import (
    CallLogEvent,
    MessageEvent,
    OAEvent,
    SmsStatusEvent,
    UnknownEvent,
    events,
    parse,
)


def one(value: object) -> Any:
    """Return the only event of a delivery with this JSON."""
    (event,) = parse(json.dumps(value).encode())
    return event


def test_call(call: dict[str, Any]) -> None:
    """A call log is the model of the API, and its JSON stays."""
    event = one({**call, "new_field": [1]})
    assert isinstance(event, CallLogEvent)
    assert (event.kind, event.path, event.is_confirmed) == ("call_log", "$", False)
    assert event.call == models.CallLog.from_dict(call)
    assert event.raw["new_field"] == [1]


async def test_objects_of_the_sandbox(wire: Any) -> None:
    """Rows of lists are read as the client reads them."""
    call, message = await wire.call(), await wire.message()
    assert one(call).call == models.CallLog.from_dict(call)
    assert isinstance(one(message), MessageEvent)
    assert one(message).message == models.ZNSMessage.from_dict(message)


def test_values_that_almost_fit(call: dict[str, Any]) -> None:
    """Near types, nulls and blanks are accepted as in responses."""
    near = {
        **call,
        "id": 17,
        "call_state": "ringing",
        "duration": "48",
        "call_targets": None,
        "started_at": 1764414025,
        "ended_at": "0001-01-01T00:00:00Z",
        "note": None,
    }
    read = one(near).call
    assert (read.id, read.duration, read.call_targets, read.note) == ("17", 48, (), "")
    assert (str(read.call_state), read.ended_at) == ("ringing", None)
    assert read.started_at == datetime(2025, 11, 29, 11, 0, 25, tzinfo=UTC)


def test_a_call_that_does_not_fit(call: dict[str, Any]) -> None:
    """A known object with an impossible value is unknown; its problems name the place and not the value."""
    event = one({"data": [{**call, "call_targets": "0912345678", "started_at": "soon"}]})
    assert isinstance(event, UnknownEvent)
    assert event.path == "$.data[0]"
    assert len(event.problems) == 2
    assert all("$.data[0]." in problem for problem in event.problems)
    assert "0912345678" not in f"{event!r}"
    assert event.raw["started_at"] == "soon"


def test_sms_status(sms_status: dict[str, Any]) -> None:
    """The seven fields become those of a status, whatever the case of their names."""
    expected = events.SmsStatus(
        id_omni_mess="ICOMNI-1",
        status=models.SmsDeliveryStatus.SUCCESS,
        channel="brandnamesms",
        error_code="0",
        mt_count=1,
        telco_id=2,
        is_charged="true",
    )
    lower = {f" {name.lower()}": value for name, value in sms_status.items()}
    for body in (sms_status, lower, {**sms_status, "MtCount": "1", "IsCharged": True}):
        event = one(body)
        assert isinstance(event, SmsStatusEvent)
        assert event.status == expected


def test_oa_event(call: dict[str, Any]) -> None:
    """An OA event has its name; a documented object in it is an event, too."""
    event = one({"event_name": " user_send_text ", "message": {"text": "Xin chào"}})
    assert isinstance(event, OAEvent)
    assert event.event_name == "user_send_text"
    both = parse(json.dumps({"event_name": "x", "data": call}).encode())
    assert [each.kind for each in both] == ["oa_event", "call_log"]


def test_unknown() -> None:
    """Everything else is unknown, as a whole."""
    for value in ({}, {"a": {"b": [1]}}, {"id": "1", "phone": "0912345678"}):
        event = one(value)
        assert isinstance(event, UnknownEvent)
        assert (event.raw, event.path, event.problems) == (value, "$", ())
        assert "0912345678" not in repr(event)


def test_lists(call: dict[str, Any]) -> None:
    """Each object of a list stands for itself; an empty list has no event."""
    listed = parse(json.dumps([call, {"x": 1}, {"y": [call, call]}]).encode())
    assert [(event.kind, event.path) for event in listed] == [
        ("call_log", "$[0]"),
        ("unknown", "$[1]"),
        ("call_log", "$[2].y[0]"),
        ("call_log", "$[2].y[1]"),
    ]
    assert parse(b"[]") == ()


@pytest.mark.parametrize("is_nested", [False, True])
def test_most_events(call: dict[str, Any], *, is_nested: bool) -> None:
    """A delivery has a thousand events at most; more are refused as a whole."""
    for count in (events.MOST_EVENTS, events.MOST_EVENTS + 1):
        rows: object = [call] * count
        body = json.dumps({"rows": rows} if is_nested else rows).encode()
        if count == events.MOST_EVENTS:
            assert len(parse(body)) == count
        else:
            with pytest.raises(InvalidWebhookError, match="more than 1000 events"):
                parse(body)


def test_bytes_only() -> None:
    """A text is refused: its encoding is lost. Other views of bytes are accepted."""
    with pytest.raises(TypeError, match="body takes bytes, not str"):
        parse("{}")  # type: ignore[arg-type] - the wrong type is the test
    assert parse(bytearray(b"{}")) == parse(memoryview(b"{}")) == parse(b"{}")  # type: ignore[arg-type] - the wrong type is the test


def test_copies(call: dict[str, Any]) -> None:
    """Events can be copied and pickled, for example for a queue of your own."""
    event = one(call)
    assert deepcopy(event) == event
    assert pickle.loads(pickle.dumps(event)) == event


NAMES = st.sampled_from(
    (
        *("id", "caller", "callee", "direction", "call_state", "duration", "started_at", "oa_id", "msg_id"),
        *("template_id", "phone", "status", "IdOmniMess", "Channel", "ErrorCode", "event_name", "data"),
    )
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda parts: st.lists(parts, max_size=3) | st.dictionaries(NAMES, parts, max_size=8),
    max_leaves=15,
)


@settings(max_examples=30)
@given(st.dictionaries(NAMES, VALUES, max_size=12))
def test_any_object(value: dict[str, Any]) -> None:
    """Whatever values the known fields have, parsing gives events, and each of them can be shown."""
    for event in parse(json.dumps(value).encode()):
        repr(event)
