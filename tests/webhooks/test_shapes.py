"""Objects are recognised by the names of their fields, wherever they are."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from etelecom_async.webhooks.shapes import DEEPEST, find, shape_of

SAMPLES = Path(__file__).parent.parent / "contract" / "samples"
EXPECTED = {
    "Etelecom.ListCallLogs": "call_log",
    "Zalo.GetMessage": "zl_oa_message",
    "Zalo.ListMessages": "zl_oa_message",
    "Zalo.SendZNS": "zl_oa_message",
    "Zalo.SendZNSJourney": "zl_oa_message",
}


def test_samples_of_the_documentation() -> None:
    """In all documented responses, only call logs and ZNS messages are recognised."""
    samples = sorted(SAMPLES.glob("*/response*.json"))
    assert set(EXPECTED) <= {sample.parent.name for sample in samples}
    for sample in samples:
        shapes = {found.shape for found in find(json.loads(sample.read_text(encoding="utf-8")))}
        expected = EXPECTED.get(sample.parent.name)
        assert shapes == ({expected} if expected else set()), sample.parent.name


def test_fewest_fields(call: dict[str, Any], sms_status: dict[str, Any]) -> None:
    """An object with the fewest fields is recognised; without one of them it is not."""
    few = {"id": "1", "caller": "1", "direction": "in", "call_state": "answered", "duration": None}
    assert shape_of(few) == shape_of(call) == "call_log"
    for name in few:
        assert shape_of({key: value for key, value in few.items() if key != name}) is None
    message = {"oa_id": "1", "msg_id": "2", "template_id": 3, "phone": None, "status": "P"}
    assert shape_of(message) == "zl_oa_message"
    for name in message:
        assert shape_of({key: value for key, value in message.items() if key != name}) is None
    assert shape_of({**sms_status, "x": 1}) == "sms_status"
    few_sms = {" idOmniMess ": "1", "status": "FAIL", "CHANNEL": "", "errorcode": "1"}
    assert shape_of(few_sms) == "sms_status"
    for name in few_sms:
        assert shape_of({key: value for key, value in few_sms.items() if key != name}) is None


@pytest.mark.parametrize("unset", ["", " ", "0", 0, None, False, True, [], {}], ids=repr)
def test_unset_ids(call: dict[str, Any], sms_status: dict[str, Any], unset: object) -> None:
    """An object without an id is none of them: nothing could tell two of them apart."""
    assert shape_of({**call, "id": unset}) is None
    assert shape_of({**sms_status, "IdOmniMess": unset}) is None
    assert shape_of({"oa_id": unset, "msg_id": "2", "template_id": 3, "phone": "", "status": "P"}) is None


@pytest.mark.parametrize("name", ["", " ", 1, None, ["a"]])
def test_no_event_name(name: object) -> None:
    """An OA event has a name that is a text."""
    assert shape_of({"event_name": "x"}) == "oa_event"
    assert shape_of({"event_name": name}) is None


def test_places(call: dict[str, Any]) -> None:
    """Objects are found in objects and lists, in their order. A name that is no identifier is not quoted."""
    value = {"data": [{"a": call}, call], "0912345678": {"b": call}, "event_name": "x"}
    assert [(found.shape, found.path) for found in find(value)] == [
        ("oa_event", "$"),
        ("call_log", "$.data[0].a"),
        ("call_log", "$.data[1]"),
        ("call_log", "$[...].b"),
    ]


def test_parts_belong_to_their_object(call: dict[str, Any]) -> None:
    """An object inside of a call is not another event."""
    assert len(list(find({**call, "parent": call}))) == 1


def test_depth(call: dict[str, Any]) -> None:
    """An object is found under a bounded number of others."""
    value: Any = call
    for _ in range(DEEPEST):
        value = {"a": value}
    assert len(list(find(value))) == 1
    assert list(find({"a": value})) == []
    lists: Any = [call]
    for _ in range(DEEPEST):
        lists = [lists]
    assert list(find({"a": lists})) == []
