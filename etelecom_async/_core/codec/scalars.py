"""
Read and write texts, numbers and times, strictly or leniently.

This module uses no JSON library and no model.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime, timedelta, timezone
from typing import Any, Final, cast

from etelecom_async._core.secret import Secret

NEVER: Final = "0001-01-01T00:00:00Z"
"""Go's zero time, which the API sends for a time that was never set."""


def json_name(value: object) -> str:
    """Return the JSON type of *value*, as errors name it."""
    names: dict[type, str] = {dict: "object", list: "array", str: "text", bool: "boolean"}
    return "null" if value is None else names.get(type(value), "number")


def read_text(raw: object) -> str:
    """Return a text. A number or boolean is converted; null gives the empty text."""
    if isinstance(raw, str):
        return raw
    if raw is None:
        return ""
    if isinstance(raw, bool):
        return "true" if raw else "false"
    if isinstance(raw, float):
        return _read_float_text(raw)
    if isinstance(raw, int):
        return str(raw)
    message = f"{json_name(raw)} in place of a text"
    raise TypeError(message)


_EXACT: Final = 2.0**53
"""A float of this size or more does not hold every whole number."""


def _read_float_text(raw: float) -> str:
    """
    Return the text of a float: a server may write an id as `17.0`.

    Raises:
        ValueError: It is too large to be exact: two ids would become one.
    """
    if not raw.is_integer():
        return str(raw)
    if abs(raw) >= _EXACT:
        message = "number with a decimal point that is too large to be exact"
        raise ValueError(message)
    return str(int(raw))


def read_int(raw: object, _: Any) -> int:
    """Return a whole number; a text with a whole number is accepted."""
    with suppress(ValueError):
        if isinstance(raw, str) or (isinstance(raw, float) and raw.is_integer()):
            return int(raw)
    return cast("int", exactly(raw, int))


_BOOLEANS: Final[Mapping[str | None, bool]] = {"true": True, "false": False, "1": True, "0": False, "": False}


def read_bool(raw: object, _: Any) -> bool:
    """Return a boolean; 0, 1, the words for true and false, and the empty text are accepted."""
    word = str(raw).lower() if isinstance(raw, str | int) else None
    return _BOOLEANS[word] if word in _BOOLEANS else cast("bool", exactly(raw, bool))


def read_time(raw: object, _: Any) -> datetime | None:
    """Return a time; the empty text gives `None`."""
    return None if raw == "" else time(raw)


FORGIVING: Final[Mapping[Any, Callable[[object, Any], Any]]] = {
    # An enum is a subclass of `str`, so this entry reads enums too.
    str: lambda raw, kind: kind(read_text(raw)),
    int: read_int,
    bool: read_bool,
    datetime: read_time,
    Secret: lambda raw, _: Secret(read_text(raw)),
}


def exactly(raw: object, kind: type) -> object:
    """Return *raw* unchanged; raise an error if its type is not *kind*."""
    if type(raw) is not kind:
        names: dict[type, str] = {str: "text", int: "whole number", bool: "boolean"}
        message = f"{json_name(raw)} in place of a {names[kind]}"
        raise TypeError(message)
    return raw


# The SMS service writes local times of Vietnam without an offset.
_LOCAL_TIME: Final = r"(\d\d)/(\d\d)/(\d{4}) (\d\d):(\d\d):(\d\d)"
VIETNAM: Final = timezone(timedelta(hours=7), "Asia/Ho_Chi_Minh")
"""Vietnam's time zone, which has no daylight saving time."""


def time(raw: object) -> datetime:
    """Return a time, in the format of RFC 3339 or of the SMS service."""
    text = cast("str", exactly(raw, str))
    try:
        local = re.fullmatch(_LOCAL_TIME, text)
        if local is not None:
            day, month, year, hour, minute, second = map(int, local.groups())
            return datetime(year, month, day, hour, minute, second, tzinfo=VIETNAM)
        return datetime.fromisoformat(text)
    except ValueError:
        # Python's own message contains the text, which may be secret or very long.
        message = "text that is no time"
        raise ValueError(message) from None


def read_aware_time(raw: object, _: Any) -> datetime:
    """Return a time; raise an error if it has no offset."""
    when = time(raw)
    if when.tzinfo is None:
        message = "a time without an offset"
        raise ValueError(message)
    return when


def write_time(when: datetime) -> str:
    """Return a time in the format of RFC 3339."""
    return when.isoformat().replace("+00:00", "Z")
