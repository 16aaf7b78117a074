"""
Show an event as one line, with phone numbers masked.

The kind of an event follows from its fields, because no page of the documentation shows a name for it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, cast

from etelecom_async._core import secret
from etelecom_async.cli.terminal import one_line


def line_of(body: bytes, event: str | None = None) -> str:
    """
    Return one line about an event.

    Args:
        body: The event as it arrived.
        event: Its kind, if it is known.
    """
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return f"unknown, {len(body)} bytes that are not JSON"
    if not isinstance(found, dict):
        return f"unknown, {len(body)} bytes of JSON"
    fields = cast("Mapping[str, Any]", found)
    return one_line(secret.mask(f"{event or _kind(fields)} {_parts(fields)}".rstrip()))


def raw_line_of(body: bytes) -> str:
    """Return the whole event in one line; an event that is not JSON becomes a text of JSON."""
    try:
        json.loads(body)
    except (ValueError, RecursionError):
        return json.dumps(body.decode(errors="replace"), ensure_ascii=False)
    # JSON has line breaks between its values only.
    return " ".join(body.decode("utf-8-sig").split("\n")).replace("\r", " ").strip()


def _kind(fields: Mapping[str, Any]) -> str:
    if "event_name" in fields:
        return "oa_event"
    if "call_state" in fields:
        return "call_log"
    if "msg_id" in fields and "template_id" in fields:
        return "zl_oa_message"
    return "sms_status" if "IdOmniMess" in fields else "unknown"


def _parts(fields: Mapping[str, Any]) -> str:
    """Return the values that tell a person most; values of other types are left out."""
    names = (
        "event_name", "direction", "caller", "callee", "call_state", "phone", "status", "delivery_status",
        "IdOmniMess", "Status", "Channel", "id",
    )  # fmt: skip
    shown = [fields[name] for name in names if isinstance(fields.get(name), str) and fields[name]]
    return " ".join(shown)
