"""
Recognise the documented objects of the service in any JSON, by the names of their fields.

No page shows the body of an event. So an object counts wherever it is: at the top, under any name, or in a
list. An envelope around it means nothing. All of this is inferred.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, Literal, NamedTuple, TypeAlias, cast

Shape: TypeAlias = Literal["call_log", "zl_oa_message", "oa_event", "sms_status"]
"""The first two are the names of entities that a webhook subscribes to. The others are this SDK's."""

DEEPEST: Final = 8
"""Number of objects and lists around an object that is still found."""

_CALL_NAMES: Final = frozenset(
    {
        *("call_state", "call_status", "call_targets", "callee", "caller", "direction", "duration"),
        *("ended_at", "extension_id", "external_id", "external_session_id", "recording_urls", "started_at"),
    }
)
_FEWEST_CALL_NAMES: Final = 4
_MESSAGE_NAMES: Final = frozenset(
    {"delivery_status", "delivery_time", "msg_id", "phone", "sent_time", "status", "tracking_id", "type"}
)
_FEWEST_MESSAGE_NAMES: Final = 3
SMS_NAMES: Final = ("idomnimess", "status", "channel", "errorcode", "mtcount", "telcoid", "ischarged")
"""The fields of an SMS status in lower case; the service ignores case in its requests."""
_FEWEST_SMS_NAMES: Final = 4


class Found(NamedTuple):
    """An object of a known shape."""

    shape: Shape
    fields: dict[str, Any]
    path: str
    """Its place, as a JSON path that starts at `$`."""


def find(value: dict[str, Any], path: str = "$") -> Iterator[Found]:
    """
    Yield the objects of known shapes in *value*, in their order.

    An object inside of a call, of a message or of an SMS status belongs to it. An OA event may carry others.
    """
    yield from _find(value, path, DEEPEST)


def _find(value: object, path: str, levels: int) -> Iterator[Found]:
    if isinstance(value, dict):
        fields = cast("dict[str, Any]", value)
        shape = shape_of(fields)
        if shape is not None:
            yield Found(shape, fields, path)
        if shape in {None, "oa_event"} and levels:
            for name, part in fields.items():
                if _has_parts(part):
                    place = f"{path}.{name}" if name.isidentifier() else f"{path}[...]"
                    yield from _find(part, place, levels - 1)
    elif isinstance(value, list) and levels:
        for index, part in enumerate(cast("list[object]", value)):
            if _has_parts(part):
                yield from _find(part, f"{path}[{index}]", levels - 1)


def _has_parts(value: object) -> bool:
    return isinstance(value, dict | list) and bool(cast("dict[str, object] | list[object]", value))


def shape_of(fields: Mapping[str, object]) -> Shape | None:
    """Return what an object is by the names of its fields; `None` if it is nothing known."""
    if len(fields) >= _FEWEST_SMS_NAMES:  # the others need more; a body may have a million small objects
        if _is_call(fields):
            return "call_log"
        if _is_message(fields):
            return "zl_oa_message"
        if _is_sms_status(fields):
            return "sms_status"
    name = fields.get("event_name")
    return "oa_event" if isinstance(name, str) and name.strip() else None


def _has(fields: Mapping[str, object], name: str) -> bool:
    """Return whether an id is set. The service writes `"0"` for an id that is not."""
    value = fields.get(name)
    return (
        isinstance(value, str | int) and not isinstance(value, bool) and str(value).strip() not in {"", "0"}
    )


def _is_call(fields: Mapping[str, object]) -> bool:
    names = fields.keys()
    return (
        _has(fields, "id")
        and bool(names & {"caller", "callee"})
        and len(names & _CALL_NAMES) >= _FEWEST_CALL_NAMES
    )


def _is_message(fields: Mapping[str, object]) -> bool:
    """Return whether it is a ZNS: consents and messages of a chat have no template."""
    names = fields.keys()
    return (
        _has(fields, "oa_id")
        and (_has(fields, "id") or _has(fields, "msg_id"))
        and bool(names & {"template_id", "template_data"})
        and len(names & _MESSAGE_NAMES) >= _FEWEST_MESSAGE_NAMES
    )


def _is_sms_status(fields: Mapping[str, object]) -> bool:
    known = sms_fields(fields)
    return _has(known, "idomnimess") and "status" in known and len(known) >= _FEWEST_SMS_NAMES


def sms_fields(fields: Mapping[str, object]) -> dict[str, object]:
    """Return the known fields of an SMS status by their names in lower case, without blanks around them."""
    plain = {name.strip().lower(): value for name, value in fields.items()}
    return {name: plain[name] for name in SMS_NAMES if name in plain}
