"""
Read JSON that is almost valid, so that a bad text or number costs one value and not the response.

This module contains no operation and no model.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any, Final, NamedTuple, cast

import msgspec

BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"
"""Some servers and editors write it before JSON; it means nothing."""

Trail = tuple[str | int, ...]
"""The keys and indexes from the whole value to a part of it."""
Repairs = Mapping[Trail, str]
"""The problem of each repaired part, by its place."""


class Reading(NamedTuple):
    """A JSON value, and the parts of it that were repaired."""

    value: object
    repairs: Repairs


def without_mark(body: bytes) -> bytes:
    """Return *body* without a byte order mark."""
    return body.removeprefix(BYTE_ORDER_MARK)


def read(body: bytes) -> Reading:
    """
    Return the JSON value in *body*.

    A text with a half surrogate, a raw control character or invalid UTF-8 is kept as far as possible. A
    number that is not finite becomes null.

    Raises:
        ValueError: It is no JSON; the text describes *body* as a strict reader sees it.
    """
    body = without_mark(body)
    try:
        return Reading(msgspec.json.decode(body), {})
    except ValueError:
        reading = _repair(body.decode(errors="surrogateescape"))
        if reading is None:
            raise
        return reading


def _repair(body: str) -> Reading | None:
    """Return the repaired value; `None` if the body is no JSON."""
    for text, repairs in _candidates(body):
        with suppress(ValueError):
            return Reading(_repaired(_parse(text), (), repairs), repairs)
    return None


def _read_int(digits: str) -> float:
    try:
        return int(digits)
    except ValueError:  # Python's limit of digits
        return math.inf


def show(trail: Trail) -> str:
    """Return the JSON path of *trail*, without indexes and unusual keys: there may be any number of them."""
    return "$" + "".join(
        f".{part}" if isinstance(part, str) and part.isidentifier() else "[...]" for part in trail
    )


# The documentation of the SMS service prints an object inside quotes without escaping the quotes in it.
_UNESCAPED_OBJECT: Final = re.compile(r':\s*"(\{[^{}]*\})"')
_STRING: Final = re.compile(r'"(?:[^"\\]|\\.)*+"', re.DOTALL)
_RAW_CONTROL: Final = re.compile(r"[\x00-\x1f]")


def _candidates(text: str) -> Iterator[tuple[str, dict[Trail, str]]]:
    """Yield texts that may be almost valid, and what was changed in them."""
    yield text, {}
    changed, count = _UNESCAPED_OBJECT.subn(r":\1", text)
    if count:
        yield changed, {(): "Object in quotes without escapes"}


def _parse(text: str) -> object:
    try:
        return json.loads(text, parse_int=_read_int)
    except json.JSONDecodeError as error:
        if not error.msg.startswith("Invalid control character"):
            raise
    return json.loads(_STRING.sub(_mark_controls, text), parse_int=_read_int)


# JSON allows no raw control character in a text. Two low surrogates stand for it until the text is repaired,
# so that its place is known. No valid text contains them.
_MARK: Final = "\udfff"
_MARKS: Final = 0xDC00


def _mark_controls(string: re.Match[str]) -> str:
    return _RAW_CONTROL.sub(lambda control: _MARK + chr(_MARKS + ord(control[0])), string[0])


_MARKED: Final = re.compile("\udfff([\udc00-\udc1f])")
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
# The other surrogates stand for bytes that are not UTF-8.
_HALF_SURROGATE: Final = re.compile("[\ud800-\udc7f\udd00-\udfff]")


def _repaired(value: Any, trail: Trail, repairs: dict[Trail, str]) -> object:
    """Return *value* with every part repaired, and add the places to *repairs*."""
    if isinstance(value, list):
        parts = cast("list[object]", value)
        return [_repaired(part, (*trail, index), repairs) for index, part in enumerate(parts)]
    if isinstance(value, dict):
        fields = cast("dict[str, object]", value)
        return {
            _repaired(key, (*trail, _A_KEY), repairs): _repaired(part, (*trail, key), repairs)
            for key, part in fields.items()
        }
    if isinstance(value, str) and _SURROGATE.search(value):
        repairs[trail] = "Invalid characters in a text"
        return repaired_text(value)
    if isinstance(value, float) and not math.isfinite(value):
        repairs[trail] = "Number that is not finite"
        return None
    return cast("object", value)


_A_KEY: Final = "?"
"""Stands for a key whose own text is repaired."""


def repaired_text(text: str) -> str:
    """Return *text*, which the parser of the standard library read, without half surrogates."""
    text = _MARKED.sub(lambda mark: chr(ord(mark[1]) - _MARKS), text)
    text = _HALF_SURROGATE.sub("\ufffd", text)
    return text.encode(errors="surrogateescape").decode(errors="replace")
