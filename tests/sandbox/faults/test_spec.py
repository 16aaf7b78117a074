"""The description of a fault, and its checks."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from etelecom_async.operations import OPERATIONS
from etelecom_async.sandbox.faults import Body, Fault, Kind, RetryAfter, Target


def test_one_value_or_several() -> None:
    """A single value is a list of one, and a text is a member of its enum."""
    fault = Fault(kind="status", status=500, body=["json", "html"], retry_after=1, retry_after_as="date")
    assert fault == Fault(
        kind=[Kind.STATUS],
        status=(500,),
        body=(Body.JSON, Body.HTML),
        retry_after=1,
        retry_after_as=RetryAfter.DATE,
    )


def test_either_name_of_an_operation() -> None:
    """The public name and the wire name give the same fault."""
    for row in OPERATIONS.values():
        assert Fault(kind="slow", operation=row.wire_name) == Fault(kind="slow", operation=row.name)
    form = Fault(kind="slow", operation="partner.shops.connect")
    assert form.operation == "partner.shops.authorize"


def test_targets() -> None:
    """Each kind acts on connections, calls or pages."""
    by_target = {target: [kind for kind in Kind if kind.target is target] for target in Target}
    assert [len(kinds) for kinds in by_target.values()] == [1, 10, 4, 1]


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        ({"kind": "explode"}, "kind is 'explode', not one of refuse, reset_before"),
        ({"kind": []}, "kind is empty"),
        ({"kind": 5}, "kind is 5"),
        ({"kind": [["slow"]]}, "kind is"),
        ({"kind": ["slow", "refuse"]}, "slow, refuse do not have the same target"),
        ({"kind": "slow", "operation": "shop.nothing"}, "operation is 'shop.nothing'"),
        ({"kind": "slow", "operation": "shop.user.list"}, "did you mean 'shop.users.list'?"),
        ({"kind": "slow", "test": ""}, "test is ''"),
        ({"kind": "slow", "test": ["a"]}, "test is ['a'], not a name"),
        ({"kind": "slow", "key": "Bearer canary"}, "without `Bearer`"),
        ({"kind": "slow", "key": "k:1", "operation": "sms.send"}, "key does not apply to sms.send"),
        ({"kind": "refuse", "test": "a"}, "test does not apply to refuse: no request was read yet"),
        ({"kind": "refuse", "key": "k:1"}, "key does not apply to refuse"),
        ({"kind": "slow", "operation": ["sms.send"]}, "operation is"),
        ({"kind": "refuse", "operation": "sms.send"}, "operation does not apply to refuse"),
        ({"kind": "repeat_cursor", "operation": "sms.send"}, "sms.send is not a list"),
        ({"kind": "slow", "times": 0}, "times is 0, not a whole number, 1 or more"),
        ({"kind": "slow", "times": True}, "times is True"),
        ({"kind": "slow", "after": -1}, "after is -1, not a whole number, 0 or more"),
        ({"kind": "slow", "after": 1.5}, "after is 1.5"),
        ({"kind": "slow", "probability": 1.1}, "probability is 1.1, not a number from 0 to 1"),
        ({"kind": "slow", "probability": float("nan")}, "probability is nan"),
        ({"kind": "slow", "seed": "x"}, "seed is 'x', not a whole number"),
        ({"kind": "slow", "piece_bytes": 0}, "piece_bytes is 0"),
        ({"kind": "slow", "pause_seconds": float("inf")}, "pause_seconds is inf, not a number of seconds"),
        ({"kind": "slow", "processed": False}, "processed is False, which does not apply to slow"),
        ({"kind": "slow", "status": 500}, "status is (500,), which does not apply to slow"),
        ({"kind": "status", "status": 100}, "status is 100, not a number from 200 to 599"),
        ({"kind": "status", "status": "503"}, "status is '503'"),
        ({"kind": "status", "status": []}, "status is empty"),
        ({"kind": "status", "body": "xml"}, "body is 'xml', not one of json, cut, html, text, none"),
        ({"kind": "status", "code": 5}, "code is 5, not a text"),
        ({"kind": "status", "code": []}, "code is empty"),
        ({"kind": "status", "content": ["{}", 5]}, "content is 5, not a text"),
        ({"kind": "status", "content": "{}", "code": "internal"}, "content is the whole body"),
        ({"kind": "status", "content": "{}", "body": "html"}, "content is the whole body"),
        ({"kind": "slow", "content": "{}"}, "content is ('{}',), which does not apply to slow"),
        (
            {"kind": "reset_after", "late_seconds": 1},
            "late_seconds is 1, which does not apply to reset_after",
        ),
        ({"kind": "execute_late", "late_seconds": -1}, "late_seconds is -1, not a number of seconds"),
        ({"kind": "execute_late", "processed": True}, "processed is True, which does not apply to"),
        ({"kind": "status", "late_seconds": 1, "processed": False}, "late_seconds already says when"),
        ({"kind": "blank_next", "operation": "sms.send"}, "sms.send is not a list"),
        ({"kind": ["blank_next", "repeat_page"]}, "do not have the same target"),
        ({"kind": "blank_next", "next": "x"}, "next is 'x', not null, false, 0 or a blank text"),
        ({"kind": "blank_next", "next": 1}, "next is 1"),
        ({"kind": "blank_next", "next": True}, "next is True"),
        ({"kind": "repeat_page", "next": 0}, "next is (0,), which does not apply to repeat_page"),
        ({"kind": "status", "processed": 1}, "processed is 1, not true or false"),
        ({"kind": "status", "retry_after": -1}, "retry_after is -1"),
        ({"kind": "status", "retry_after_as": "junk"}, "retry_after, which is missing"),
        ({"kind": "wrong_length", "off_by": 0.5}, "off_by is 0.5"),
        ({"kind": "shift_rows", "rows": 0}, "rows is 0"),
        ({"kind": "repeat_cursor", "rows": 2}, "rows is 2, which does not apply to repeat_cursor"),
    ],
)
def test_wrong_values(settings: dict[str, Any], problem: str) -> None:
    """A value that is wrong, or that does not apply to the kind, raises an error that names it."""
    with pytest.raises(ValueError, match=re.escape(problem)):
        Fault(**settings)


@pytest.mark.parametrize(
    "settings",
    [
        {"kind": "blank_next", "next": 0},
        {"kind": "blank_next", "next": [None, "", " "]},
        {"kind": "status", "code": ["internal", "unknown"], "late_seconds": 0},
        {"kind": "status", "content": ""},
    ],
)
def test_to_dict(settings: dict[str, Any]) -> None:
    """The fields come back as they were given, also a value that equals another default."""
    assert json.dumps(Fault(**settings).to_dict(), sort_keys=True) == json.dumps(settings, sort_keys=True)


def test_a_key_is_masked() -> None:
    """A fault does not show its key."""
    fault = Fault(kind="slow", key="canary")
    assert fault.to_dict() == {"kind": "slow", "key": "****"}
    assert "canary" not in repr(fault)
    assert Fault(kind="slow", key=fault.key) == fault
