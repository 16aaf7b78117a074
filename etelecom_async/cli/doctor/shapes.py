"""
Compare JSON with the models, and keep names, types and forms, but never a value.

There is one exception: the text of an enum field, if the list lacks it and it looks like a value of a list.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from enum import Enum
from functools import cache
from types import NoneType
from typing import Annotated, Any, Final, Literal, NamedTuple, cast, get_args, get_origin

import attrs

from etelecom_async._core.codec.enums import OpenEnum, enum_of
from etelecom_async._core.model import Model, class_of, fields_of, value_type
from etelecom_async._core.secret import Secret

UNKNOWN: Final = "unknown field"
MISSING: Final = "missing field"
TYPE: Final = "type"
NULL_FORM: Final = "null"
TEXT: Final = "unlisted text"
TIME_FORM: Final = "form of a time"

_HIDDEN_NAME: Final = "(a name that is not shown)"
_HIDDEN_TEXT: Final = "(a text that does not look like a value of a list, so it is not shown)"
_NAME: Final = re.compile(r"(?a)[A-Za-z_][A-Za-z0-9_]{0,63}")
_LISTABLE: Final = re.compile(r"(?a)[A-Za-z][A-Za-z0-9_.-]{0,39}")
_NUMBER: Final = re.compile(r"(?a)\d{5}")
"""Digits that may be part of an id or of a phone number."""
_TIME: Final = re.compile(
    r"(?a)\d{4}-\d\d-\d\d(?P<middle>[T ])\d\d:\d\d:\d\d(?P<fraction>\.\d+)?(?P<offset>Z|[+-]\d\d:\d\d)?"
)
_ZERO: Final = "0001-01-01T00:00:00Z"
_DIGITS: Final = re.compile(r"(?a)[\d:./ TZ+-]*\d[\d:./ TZ+-]*")
_LONGEST: Final = 40
_TIME_NAME: Final = "time as text"
_PLAIN: Final[Mapping[Any, str]] = {
    str: "text", Secret: "text", bool: "boolean", int: "integer", float: "number", datetime: _TIME_NAME,
}  # fmt: skip
_JSON: Final[Mapping[type, str]] = {
    str: "text", bool: "boolean", int: "integer", float: "number", list: "array", dict: "object",
    NoneType: "null",
}  # fmt: skip


class Difference(NamedTuple):
    """A difference between the service and the models."""

    operation: str
    kind: str
    path: str
    expected: str
    """A type; for an unlisted text, the enum."""
    found: str
    seen: int
    """How often it was seen."""
    among: int
    """How many objects could have shown it."""


class Shape:
    """
    The shape of the responses of an operation.

    Args:
        operation: Its public name.
    """

    def __init__(self, operation: str) -> None:
        self.operation = operation
        self.fields: dict[str, Counter[str]] = {}
        """Types of the values in JSON, by path."""
        self.forms: dict[str, Counter[str]] = {}
        """How values that are not set, and times, are written, by the kind of value."""
        self._found: Counter[tuple[str, str, str, str]] = Counter()
        self._parents: Counter[str] = Counter()
        """How many objects there were, by path."""

    def add(self, kind: Any, value: object, path: str = "") -> None:
        """
        Compare a value.

        Args:
            kind: The type that is expected: a model, or the type of a field.
            value: The value in JSON.
            path: Its path, without positions.
        """
        if path:
            self.fields.setdefault(path, Counter())[_JSON[type(value)]] += 1
        kind = _bare(kind)
        if kind is Any:
            return
        if value is None:
            self._add_null(kind, path)
        elif isinstance(class_of(kind), type) and issubclass(class_of(kind), Model):
            self._add_object(kind, value, path)
        elif get_origin(kind) is tuple:
            self._add_array(kind, value, path)
        elif (enum := _enum_of(kind)) is not None or get_origin(kind) is Literal:
            self._add_enum(enum, value, path)
        else:
            self._add_plain(kind, value, path)

    def differences(self) -> Iterator[Difference]:
        """Yield the differences, by path."""
        for (kind, path, expected, found), count in sorted(self._found.items(), key=lambda item: item[0][1]):
            parent = path.rpartition(".")[0]
            yield Difference(self.operation, kind, path, expected, found, count, self._parents[parent])

    def _note(self, kind: str, path: str, expected: str, found: str) -> None:
        self._found[kind, path, expected, found] += 1

    def _form(self, kind: str, form: str) -> None:
        self.forms.setdefault(kind, Counter())[form] += 1

    def _add_null(self, kind: Any, path: str) -> None:
        name = name_of(kind)
        self._form(name, "null")
        self._note(NULL_FORM, path, name, "null")

    def _add_object(self, kind: Any, value: object, path: str) -> None:
        if not isinstance(value, dict):
            self._note(TYPE, path, "object", _JSON[type(value)])
            return
        self.add_fields(_types_of(kind), cast("dict[str, Any]", value), path)

    def add_fields(self, known: Mapping[str, Any], value: Mapping[str, Any], path: str = "") -> None:
        """
        Compare an object.

        Args:
            known: The types of its fields, by their names in JSON.
            value: The object in JSON.
            path: Its path, without positions.
        """
        self._parents[path] += 1
        for name, kind in known.items():
            inner = f"{path}.{name}" if path else name
            if name in value:
                self.add(kind, value[name], inner)
            else:
                self._note(MISSING, inner, name_of(kind), "no field")
        for name in value.keys() - known.keys():
            inner = self._add_field(path, name, value[name])
            self._note(UNKNOWN, inner, "no field", _JSON[type(value[name])])

    def _add_field(self, path: str, name: str, value: object) -> str:
        """Note a field that no model has, and return its path."""
        shown = name if is_shown(name) else _HIDDEN_NAME
        inner = f"{path}.{shown}" if path else shown
        self.fields.setdefault(inner, Counter())[_JSON[type(value)]] += 1
        return inner

    def _add_array(self, kind: Any, value: object, path: str) -> None:
        if not isinstance(value, list):
            self._note(TYPE, path, "array", _JSON[type(value)])
            return
        if not value:
            self._form("array", "[]")
            self._note(NULL_FORM, path, "array", "[]")
        for item in cast("Sequence[Any]", value):
            self.add(get_args(kind)[0], item, f"{path}[]")

    def _add_enum(self, enum: type[OpenEnum] | None, value: object, path: str) -> None:
        if not isinstance(value, str):
            self._note(TYPE, path, "text", _JSON[type(value)])
        elif enum is not None and value not in _texts_of(enum):
            is_shown = _LISTABLE.fullmatch(value) and not _NUMBER.search(value)
            text = repr(value) if is_shown or not value else _HIDDEN_TEXT
            self._note(TEXT, path, enum.__name__, text)

    def _add_plain(self, kind: Any, value: object, path: str) -> None:
        expected, found = name_of(kind), _JSON[type(value)]
        if expected == _TIME_NAME:
            self._add_time(value, path)
        elif expected != found and not (expected == "number" and found == "integer"):
            self._note(TYPE, path, expected, found)
        elif expected == "text":
            self._add_unset(path, value)
        elif isinstance(value, dict) and get_args(kind):  # its names are data, too
            for item in cast("dict[str, Any]", value).values():
                self.add(get_args(kind)[1], item, f"{path}{{}}")
        elif isinstance(value, dict):  # an object without a model
            for name, item in cast("dict[str, Any]", value).items():
                self._add_field(path, name, item)

    def _add_unset(self, path: str, value: object) -> None:
        name = path.rpartition(".")[2]
        is_id = name == "id" or name.endswith("_id")
        if value == "" or (is_id and value == "0"):
            self._form("id" if is_id else "text", f'"{value}"')

    def _add_time(self, value: object, path: str) -> None:
        form, is_known = time_form(value)
        self._form("time", form)
        if not is_known:
            self._note(TIME_FORM, path, "RFC 3339 with an offset", form)


def is_shown(name: str) -> bool:
    """Return whether a name of a field looks like one, and not like a value."""
    return _NAME.fullmatch(name) is not None and not _NUMBER.search(name)


def time_form(value: object) -> tuple[str, bool]:
    """Return how a time is written, without its digits, and whether the SDK expects this form."""
    if not isinstance(value, str):
        return _JSON[type(value)], False
    if value == _ZERO:
        return f"{_ZERO} for a time that is not set", True
    match = _TIME.fullmatch(value)
    if match is not None:
        fraction = f".{'f' * (len(match['fraction']) - 1)}" if match["fraction"] else ""
        offset = match["offset"] or ""
        form = f"YYYY-MM-DD{match['middle']}hh:mm:ss{fraction}{offset}"
        return form, match["middle"] == "T" and offset != ""
    if not value:
        return '""', False
    if len(value) <= _LONGEST and _DIGITS.fullmatch(value):
        return re.sub(r"(?a)\d", "9", value), False
    return "a text that is no time", False


def wire_name(field: attrs.Attribute[Any]) -> str:
    """Return the name of a field on the wire."""
    return str(field.metadata.get("wire") or field.name)


# A list repeats the same few types for each of its rows, so what a type means is kept.
_enum_of = cache(enum_of)


@cache
def _types_of(model: Any) -> Mapping[str, Any]:
    """Return the types of a model's fields, by their names on the wire."""
    return {wire_name(field): field.type for field in fields_of(model)}


@cache
def _texts_of(enum: type[OpenEnum]) -> frozenset[str]:
    """Return the texts that an enum lists."""
    return frozenset(member.value for member in enum)


@cache
def name_of(kind: Any) -> str:
    """Return the type in JSON of a field's type."""
    kind = _bare(kind)
    if kind in _PLAIN:
        return _PLAIN[kind]
    origin: Any = class_of(kind)
    if origin is tuple:
        return "array"
    if origin is Literal or (isinstance(origin, type) and issubclass(origin, Enum)):
        return "text"
    return "object" if isinstance(origin, type) and issubclass(origin, dict | Model) else "any"


@cache
def _bare(kind: Any) -> Any:
    """Return the first type that is not null, without its annotations."""
    part = value_type(kind)
    return get_args(part)[0] if get_origin(part) is Annotated else part
