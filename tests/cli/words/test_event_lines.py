"""Test how an event is shown as one line."""

from __future__ import annotations

import json
from typing import Any

import pytest

from etelecom_async.cli.words.event_lines import line_of, raw_line_of

CALL = {
    "id": "1419486578109444869",
    "direction": "in",
    "caller": "0912345678",
    "callee": "1001",
    "call_state": "answered",
    "duration": 60,
}


@pytest.mark.parametrize(
    ("event", "line"),
    [
        (CALL, "call_log in 091***678 1001 answered 1419486578109444869"),
        (
            {"msg_id": "m", "template_id": 1, "phone": "84912345678", "status": "P", "id": "7"},
            "zl_oa_message 8491***678 P 7",
        ),
        ({"event_name": "follow"}, "oa_event follow"),
        ({"event_name": "follow", "call_state": "x"}, "oa_event follow x"),
        (
            {"IdOmniMess": "ICOMNI1", "Status": "FAIL", "Channel": "zns", "MtCount": 1},
            "sms_status ICOMNI1 FAIL zns",
        ),
        ({}, "unknown"),
        ({"caller": None, "callee": 1001, "call_state": {}}, "call_log"),
        ({"call_state": "a\n\x1b[31mb"}, "call_log a [31mb"),
        ([CALL], "unknown, "),
        ("text", "unknown, 6 bytes of JSON"),
    ],
)
def test_lines(event: Any, line: str) -> None:
    """The line has the kind of the event and its main values; phone numbers are masked."""
    shown = line_of(json.dumps(event).encode())
    assert shown.startswith(line)
    assert "0912345678" not in shown
    assert "\n" not in shown


@pytest.mark.parametrize("body", [b"", b"ok", b"\xff", b"[" * 100_000])
def test_no_json(body: bytes) -> None:
    """A body that is not JSON is shown by its size."""
    assert line_of(body) == f"unknown, {len(body)} bytes that are not JSON"


def test_a_given_kind() -> None:
    """A kind that is known need not be recognized."""
    assert line_of(b"{}", "sms_status") == "sms_status"


@pytest.mark.parametrize(
    ("body", "line"),
    [
        (b'{"a": 1}', '{"a": 1}'),
        (b'{\r\n "a": "x\\ny",\n "b": 1.50}\n', '{   "a": "x\\ny",  "b": 1.50}'),
        ('{"a": "Lê"}'.encode(), '{"a": "Lê"}'),
        (b"\xef\xbb\xbf{}", "{}"),
        (b"no\njson", '"no\\njson"'),
        (b"\xff", '"\ufffd"'),
    ],
)
def test_raw_lines(body: bytes, line: str) -> None:
    """The whole event is one line of JSON, whose values are as they arrived."""
    assert raw_line_of(body) == line
    json.loads(raw_line_of(body))
