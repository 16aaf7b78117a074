"""
The leniency of the sandbox: requests as public programs send them, not only as the documentation has them.

`LENIENCIES` lists what the sandbox accepts, where that was seen, and what a strict sandbox answers.
`docs/sandbox.md` has the same table. `relax` turns a request into the documented form, so handlers and the
codec know one form only. The types of the request's class say what a field may be; no operation is named.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from functools import cache
from typing import Any, Final, cast, get_args, get_origin

import attrs

from etelecom_async._core.codec import requests, scalars
from etelecom_async._core.codec.enums import OpenEnum, enum_of
from etelecom_async._core.model import Model, fields_of, value_type
from etelecom_async._core.operation import JsonObject, Operation
from etelecom_async._core.secret import Secret
from etelecom_async.errors import MalformedError
from etelecom_async.sandbox.params import invalid


@attrs.frozen(kw_only=True)
class Leniency:
    """One thing that the sandbox accepts, although the documentation has another form."""

    name: str
    accepted: str
    """What the sandbox accepts, and what it makes of it."""
    source: str
    """Where it was seen."""
    strict: str
    """What a strict sandbox answers."""


LENIENCIES: Final = (
    Leniency(
        name="service spelling",
        accepted="`ETelecom` in a path is `Etelecom`",
        source="schema blocks of the English pages; their samples have `Etelecom`",
        strict="404 `bad_route`",
    ),
    Leniency(
        name="texts for numbers",
        accepted="a text with a whole number, `true` or `false` is the number or the boolean; so are 1 and 0",
        source="public programs: values of query strings, `template_id`",
        strict="400 `invalid_argument`",
    ),
    Leniency(
        name="numbers for texts",
        accepted="a number for an id or another text is its digits",
        source="public programs: ids, values of templates",
        strict="400 `invalid_argument`; SMS: -1, -2 or -8",
    ),
    Leniency(
        name="blank values",
        accepted="an empty text for a number, a boolean or a time is a missing field; so is one for "
        "an object, or an empty array",
        source="inferred: query strings have no other form for it, and PHP writes empty objects as arrays",
        strict="400 `invalid_argument`",
    ),
    Leniency(
        name="null",
        accepted="null is a missing field, at any depth",
        source="public programs: objects without content",
        strict="400 `invalid_argument`; SMS: the code of the missing field",
    ),
    Leniency(
        name="no template data",
        accepted="a missing `template_data`, or an empty array, is an empty object",
        source="public programs, for templates without parameters",
        strict="400 `invalid_argument`",
    ),
    Leniency(
        name="maps as text",
        accepted="JSON text for `template_data` or `list_param` is the object in it",
        source="sample of Get message status, where `list_param` is a text",
        strict="400 `invalid_argument`; SMS: -2",
    ),
    Leniency(
        name="unknown in filters",
        accepted="`unknown` or `unknow` for an enum in a filter does not filter, in every list",
        source="a public program, which always sends a gender",
        strict="200 with the records that have this value",
    ),
    Leniency(
        name="both cursors",
        accepted="`after` and `before` in one request: `after` counts",
        source="sample requests of the documentation, which fill both",
        strict="400 `invalid_argument`",
    ),
    Leniency(
        name="blank webhook",
        accepted="an empty `webhook_url` in UpdateShopOA removes the URL",
        source="a public program, the n8n node",
        strict="400 `invalid_argument`",
    ),
    Leniency(
        name="case of SMS fields",
        accepted="names of fields of the SMS service match in any case",
        source="public programs, whose JSON libraries ignore the case",
        strict="401 `Unauthorized`, or the code of the missing field",
    ),
    Leniency(
        name="single channel",
        accepted="one value for `routerule` is one channel",
        source="older sample of Send SMS",
        strict="SMS: -8",
    ),
    Leniency(
        name="missing channels",
        accepted="channels in `routerule` that the template lacks are skipped, if it has another one",
        source="a public program, which always sends all three",
        strict="SMS: -9",
    ),
    Leniency(
        name="values in reports",
        accepted="`list_param` in a status report is an object for odd phone numbers",
        source="a public program, which reads an object",
        strict="always a text, as in the table of the page",
    ),
)
"""What `Sandbox(strict=True)` and `etelecom sandbox --strict` switch off."""

_SERVICES: Final = {"ETelecom": "Etelecom"}
_UNKNOWN: Final = frozenset({"unknown", "unknow"})
_SINGLE_VALUES: Final = frozenset({"routerule"})
_NOT_GIVEN: Final = object()
# As many digits as a number of 64 bits can have.
_WHOLE: Final = re.compile(r"-?\d{1,19}", re.ASCII)
_BOOLEANS: Final[Mapping[str, bool]] = {"true": True, "1": True, "false": False, "0": False}

_Read = Callable[[Any], Any]
"""Relaxes one value; `_NOT_GIVEN` if it counts as missing."""


def respell(wire_name: str) -> str:
    """Return the path of an operation with the documented spelling of its service."""
    service, slash, method = wire_name.partition("/")
    return f"{_SERVICES.get(service, service)}{slash}{method}"


def relax(operation: Operation[Any, Any], raw: JsonObject) -> JsonObject:
    """Return a request in the documented form; a value that is none of the leniencies stays unchanged."""
    kind: Any = operation.request
    if kind is dict:
        return raw
    relaxed: JsonObject = _object(kind)(raw)
    match relaxed.get("paging"):
        case {"after": after, "before": before, **others} if after and before:
            return relaxed | {"paging": {"after": after, **others}}
        case _:
            return relaxed


def require_values(raw: JsonObject) -> None:
    """
    Check that a request has no null, as in the samples of the documentation.

    Raises:
        InvalidArgumentError: A value is null; the message names its path.
    """
    left: list[tuple[str, Any]] = [("", raw)]
    while left:
        path, value = left.pop()
        if value is None:
            raise invalid(path, "is null; leave the field out")
        if isinstance(value, dict):
            fields = cast("JsonObject", value)
            left += ((f"{path}.{name}".lstrip("."), part) for name, part in fields.items())
        elif items := _items(value):
            left += ((f"{path}[{index}]", part) for index, part in enumerate(items))


def sms_fields(operation: Operation[Any, Any], raw: JsonObject, *, strict: bool) -> JsonObject:
    """Return the fields of a request to the SMS service, by their names in lower case."""
    kind: Any = operation.request
    names = _names(kind)
    if not strict:
        spelled = {names.get(name.lower(), name): value for name, value in raw.items()}
        raw = relax(operation, spelled)
    return {name.lower(): value for name, value in raw.items() if names.get(name.lower()) == name}


@cache
def _names(kind: Any) -> Mapping[str, str]:
    """Return the names of a request's fields on the wire, by their form in lower case."""
    names = (field.metadata.get("wire", field.name) for field in fields_of(kind))
    return {name.lower(): name for name in names}


@cache
def _object(kind: Any, *, is_filter: bool = False) -> _Read:
    """Return the function for objects of a class of models."""
    reads: dict[str, _Read] = {}
    maps: list[str] = []
    for field in fields_of(kind):
        part, wire = _part(field.type), field.metadata.get("wire", field.name)
        read = _read_in_filter(part) if is_filter else _reader(part, is_filter=field.name == "filter")
        if wire in _SINGLE_VALUES:
            read = _single(read)
        reads |= {field.name: read, wire: read}
        if get_origin(part) is Mapping and field.default is attrs.NOTHING:
            maps.append(wire)

    def read_object(raw: Any) -> Any:
        if not isinstance(raw, dict):
            return _NOT_GIVEN if raw in ("", []) else raw
        fields = cast("JsonObject", raw)
        read = {name: reads.get(name, _unchanged)(value) for name, value in fields.items()}
        given = {name: value for name, value in read.items() if value not in (None, _NOT_GIVEN)}
        return {**{name: dict[str, str]() for name in maps}, **given}

    return read_object


def _read_in_filter(part: Any) -> _Read:
    """Return the function for a field of a filter, where an enum that is unknown counts as missing."""
    if _is(part, OpenEnum):
        return lambda raw: _NOT_GIVEN if _is_unknown(raw) else _text(raw)
    read = _reader(part)
    if not _is(part, Model):
        return read
    # A condition whose enum is unknown is no condition, whatever its other fields say.
    enums = [field.name for field in fields_of(part) if _is(_part(field.type), OpenEnum)]
    return lambda raw: (
        _NOT_GIVEN
        if isinstance(raw, dict) and any(_is_unknown(cast("JsonObject", raw).get(name)) for name in enums)
        else read(raw)
    )


def _reader(part: Any, *, is_filter: bool = False) -> _Read:
    """Return the function for values of a type."""
    if _is(part, Model):
        return _object(part, is_filter=is_filter)
    if get_origin(part) is Mapping:
        return _map
    if get_origin(part) is Sequence:
        return _many(_reader(_part(get_args(part)[0])))
    return next((read for kind, read in _READS if _is(part, kind)), _unchanged)


def _part(kind: Any) -> Any:
    """Return the one type of a field: without `None`, and the enum of an enum that accepts any text."""
    return enum_of(kind) or value_type(kind)


def _is(part: Any, kind: type) -> bool:
    return isinstance(part, type) and issubclass(part, kind)


def _is_unknown(raw: Any) -> bool:
    return isinstance(raw, str) and raw in _UNKNOWN


def _items(raw: object) -> list[object] | None:
    """Return *raw* if it is an array of JSON."""
    return cast("list[object]", raw) if isinstance(raw, list) else None


def _unchanged(raw: Any) -> Any:
    return raw


def _many(read: _Read) -> _Read:
    def read_items(raw: Any) -> Any:
        items = _items(raw)
        # An item cannot be missing, so a blank one stays what it is.
        return raw if items is None else [_or_unchanged(read(item), item) for item in items]

    return read_items


def _or_unchanged(read: Any, raw: Any) -> Any:
    return raw if read is _NOT_GIVEN else read


def _single(read: _Read) -> _Read:
    return lambda raw: read([raw] if isinstance(raw, str | int) and raw != "" else raw)


def _map(raw: Any) -> Any:
    if isinstance(raw, str):
        with suppress(MalformedError):
            raw = requests.read_object(raw.encode())
    if not isinstance(raw, dict):
        return {} if raw == [] else raw
    fields = cast("JsonObject", raw)
    return {name: _text(value) for name, value in fields.items() if value is not None}


def _text(raw: Any) -> Any:
    if type(raw) in (int, float):
        # A float that is too large to be exact stays a number, which the codec rejects.
        with suppress(ValueError):
            return scalars.read_text(raw)
    return raw


def _number(raw: Any) -> Any:
    if isinstance(raw, str):
        text = raw.strip()
        return int(text) if _WHOLE.fullmatch(text) else raw if text else _NOT_GIVEN
    return int(raw) if isinstance(raw, float) and raw.is_integer() else raw


def _boolean(raw: Any) -> Any:
    word = str(raw).strip().lower() if isinstance(raw, str | int) else None
    return _NOT_GIVEN if word == "" else _BOOLEANS.get(word, raw) if word is not None else raw


def _time(raw: Any) -> Any:
    return _NOT_GIVEN if raw == "" else raw


_READS: Final[Sequence[tuple[type, _Read]]] = (
    (bool, _boolean),
    (int, _number),
    (datetime, _time),
    (str, _text),
    (Secret, _text),
)
"""Functions by the type of a field; `bool` is before `int`, its base."""
