"""
Read and write texts, numbers and times, strictly or leniently.

This module uses no JSON library and no model.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from numbers import Integral
from typing import Any, Final, cast

from etelecom_async._core.codec.enums import OpenEnum
from etelecom_async._core.datetimes import real_datetime
from etelecom_async._core.secret import Secret
from etelecom_async.times import VIETNAM

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


# Databases write it for a time that was never set: there is no year, month or day 0.
_ZERO_DATE: Final = re.compile(
    r"(?:0000[-/].*|\d{4}[-/]00[-/].*|\d{4}[-/]\d\d[-/]00|00[-/]00[-/]0000)(?:\D.*)?", re.DOTALL
)
_COUNT: Final = re.compile(r"-?\d+(?:\.\d+)?", re.ASCII)
# Forms that Python does not know: the text around a number, a number that it knows, and the difference.
_LEAP_SECOND: Final = re.compile(r"(.*\d\d:\d\d:)60(?!\d)(.*)", re.DOTALL), "59", timedelta(seconds=1)
_END_OF_DAY: Final = (
    re.compile(r"(.*\d[Tt ])24(:00(?::00(?:[.,]0+)?)?(?![:.,\d]).*)", re.DOTALL),
    "00",
    timedelta(days=1),
)


def read_time(raw: object, _: Any) -> datetime | None:
    """
    Return a time; `None` for the empty text, and for a date with zeros.

    A count of seconds, milliseconds, microseconds or nanoseconds since 1970 is accepted, as a number or as a
    text. A leap second is the first second of the next minute, and 24:00 the first one of the next day.
    """
    count = raw
    if isinstance(raw, str):
        text = raw.strip()
        if not text or _ZERO_DATE.fullmatch(text):
            return None
        for form, known, difference in (_LEAP_SECOND, _END_OF_DAY):
            parts = form.fullmatch(text)
            if parts is not None:
                return _later(f"{parts[1]}{known}{parts[2]}", difference)
        count = float(text) if _COUNT.fullmatch(text) else None
    if type(count) in (int, float):
        with suppress(ValueError):
            return _read_count(cast("float", count))
    return time(raw)


def _later(text: str, difference: timedelta) -> datetime:
    with suppress(OverflowError):
        return time(text) + difference
    raise ValueError(_NO_TIME)


# The first time after 1973 for seconds, and after 2001 for the others. A smaller number may be a date without
# separators, for example 202601020304.
_UNITS: Final = ((1e8, 1e10, 1.0), (1e12, 1e13, 1e3), (1e15, 1e16, 1e6), (1e18, 1e19, 1e9))
_EPOCH: Final = real_datetime()(1970, 1, 1, tzinfo=UTC)
_UNSET: Final = frozenset({0, *(-62135596800 * 1000**unit for unit in range(3))})
"""Counts that mean "never set": the epoch, and Go's zero time."""


def _read_count(count: float) -> datetime | None:
    """
    Return the time of a count since 1970, whose unit its size tells; `None` if it was never set.

    Raises:
        ValueError: It is too small or too large for a count.
    """
    if count in _UNSET:
        return None
    for least, most, per_second in _UNITS:
        if least <= count < most:
            return _EPOCH + timedelta(seconds=count / per_second)
    raise ValueError(_NO_TIME)


_NO_TIME: Final = "text that is no time"


def _read_any_text(raw: object, kind: type[str]) -> str:
    # An enum is a subclass of `str`. A value from a server does not warn.
    text = read_text(raw)
    return kind.unlisted(text) if issubclass(kind, OpenEnum) else kind(text)


FORGIVING: Final[Mapping[Any, Callable[[object, Any], Any]]] = {
    str: _read_any_text,
    int: read_int,
    bool: read_bool,
    real_datetime(): read_time,
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


def local_time(text: str) -> datetime | None:
    """Return a time in the format of the SMS service; `None` for any other text."""
    local = re.fullmatch(_LOCAL_TIME, text)
    if local is not None:
        day, month, year, hour, minute, second = map(int, local.groups())
        with suppress(ValueError):
            return real_datetime()(year, month, day, hour, minute, second, tzinfo=VIETNAM)
    return None


def time(raw: object) -> datetime:
    """Return a time, in the format of RFC 3339 or of the SMS service."""
    text = cast("str", exactly(raw, str))
    try:
        return local_time(text) or real_datetime().fromisoformat(text)
    except ValueError:
        # Python's own message contains the text, which may be secret or very long.
        raise ValueError(_NO_TIME) from None


def read_aware_time(raw: object, _: Any) -> datetime:
    """Return a time; raise an error if it has no offset."""
    when = time(raw)
    if when.tzinfo is None:
        message = "a time without an offset"
        raise ValueError(message)
    return when


def read_http_date(value: str | None) -> datetime | None:
    """Return the time of an HTTP header; `None` if it is missing or cannot be read."""
    try:
        when = parsedate_to_datetime(value or "")
    except (ValueError, OverflowError):
        return None
    return when if when.tzinfo is not None else when.replace(tzinfo=UTC)


def plain_scalar(value: object) -> object:
    """
    Return the built-in text, number or boolean that *value* stands for.

    *value* may be of a subclass, or a scalar of numpy. Anything else is returned unchanged.
    """
    if isinstance(value, str):
        return str.__str__(value)  # not `str(value)`: an enum may print something else
    kind = _numpy_kind(value)
    if isinstance(value, bool) or kind == "b":
        return bool(value)
    if isinstance(value, float) or kind == "f":
        return float(cast("float", value))
    return int(value) if isinstance(value, Integral) else value


def _numpy_kind(value: object) -> str | None:
    """Return the letter of numpy for the type of a scalar; `None` if *value* is no scalar of numpy."""
    kind: str | None = getattr(getattr(value, "dtype", None), "kind", None)
    return kind if getattr(value, "shape", None) == () else None


def composed(text: str) -> str:
    """Return *text* in the Unicode form NFC, in which limits count characters."""
    return unicodedata.normalize("NFC", text)
