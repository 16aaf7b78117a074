"""
Check a request before anything is sent.

The types of the model's fields are the rules. The result lists every problem, and says what to write
instead. It shows no value of the request, which may be secret or personal. This module contains no operation
and writes no JSON.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from functools import cache
from typing import Any, Final, cast, get_args, get_origin

import attrs

from etelecom_async import phones
from etelecom_async._core.attachment import Attachment
from etelecom_async._core.codec import enums, plain_parts, scalars
from etelecom_async._core.codec.enums import CompleteEnum, OpenEnum, enum_of
from etelecom_async._core.codec.scalars import composed, plain_scalar
from etelecom_async._core.datetimes import real_datetime
from etelecom_async._core.model import Model, fields_of, parts_of, value_type
from etelecom_async._core.secret import Secret, has_secret_value, mask, problem_of
from etelecom_async._core.values import kind_of, quoted_name

_Check = Callable[[object, str], Iterable[str]]


def check(request: object) -> tuple[str, ...]:
    """Return one line for each problem of *request*; an empty tuple if there is none."""
    return tuple(_check_model(request, "") if isinstance(request, Model) else _check_open(request, "body"))


def check_known(kind: Any, body: object) -> tuple[str, ...]:
    """
    Return one line for each unlisted value and each reversed period in a body of plain JSON.

    The body is that of an operation whose class of requests is *kind*. The server checks the rest: a caller
    may use plain JSON because the class is wrong.
    """
    return tuple(_known(kind)(body, "body"))


def check_body(kind: type[Model], body: object) -> tuple[str, ...]:
    """Return one line for each problem of *body*, which stands for a request of class *kind*."""
    if isinstance(body, Mapping):
        return tuple(_check_fields(kind, cast("Mapping[object, object]", body), "body", ""))
    return (f"body takes a {kind.__name__} or a mapping, not {kind_of(body)}",)


def _check_model(model: Model, path: str) -> list[str]:
    kind: Any = type(model)
    rules, periods = _rules(kind)
    problems: list[str] = []
    for name, plain, rule in rules:
        value = getattr(model, name)
        if value.__class__ not in plain:
            problems += rule(value, f"{path}{name}")
    for start, end in periods:
        if _is_later(getattr(model, start), getattr(model, end)):
            problems.append(_reversed(f"{path}{start}", f"{path}{end}"))
    return problems


@cache
def _rules(
    model: Any,
) -> tuple[tuple[tuple[str, frozenset[type], _Check], ...], tuple[tuple[str, str], ...]]:
    """
    Return what to check in a model.

    For each field: its name, the classes whose values need no check, and the rule for others. After that, the
    periods: pairs of fields.
    """
    rules = tuple(
        (field.name, frozenset[type](), _local(field.type))
        if "local" in field.metadata
        else (field.name, _plain(field), _limited(_rule(field.type), field.metadata))
        for field in fields_of(model)
    )
    return rules, _periods(model)


def _periods(model: Any) -> tuple[tuple[str, str], ...]:
    """Return the pairs of fields with the start and the end of a period: times `…_from` and `…_to`."""
    times = {field.name for field in fields_of(model) if real_datetime() in parts_of(field.type)}
    pairs = ((name, f"{name.removesuffix('_from')}_to") for name in sorted(times) if name.endswith("_from"))
    return tuple((start, end) for start, end in pairs if end in times)


def _is_later(start: object, end: object) -> bool:
    """Return whether both are times with a zone, and *start* is the later one."""
    if not (isinstance(start, datetime) and isinstance(end, datetime)):
        return False
    start_offset, end_offset = _offset(start), _offset(end)
    if start_offset is None or end_offset is None:
        return False
    # Python compares two times of one zone by their clocks, which go back at the end of summer time.
    return start.replace(tzinfo=None) - end.replace(tzinfo=None) > start_offset - end_offset


def _reversed(start: str, end: str) -> str:
    return f"{start} is later than {end}: no time is in this period, so exchange them"


def _plain(field: attrs.Attribute[Any]) -> frozenset[type]:
    kinds = {str, int, bool, type(None)}.intersection(parts_of(field.type))
    is_limited = not field.metadata.keys().isdisjoint(_MORE) or enum_of(field.type) is not None
    return frozenset(kinds - {str} if is_limited else kinds)


def _local(kind: Any) -> _Check:
    """Return the rule for a field that is not sent. Its content came from the server: check only its type."""
    names = " or ".join(part.__name__ for part in get_args(kind) if part is not type(None))

    def run(value: object, path: str) -> Iterator[str]:
        if not isinstance(value, kind):
            hint = f": use {names}.from_dict()" if isinstance(value, Mapping) else ""
            yield f"{path} takes a {names}, not {kind_of(cast('Any', value))}{hint}"

    return run


def _limited(rule: _Check, facts: Mapping[str, Any]) -> _Check:
    """Extend a field's rule by the limits and the form in its metadata."""
    limits = {name: facts[name] for name in _LIMITED if name in facts}
    is_phone = facts.get("form") == "phone"

    def run(value: object, path: str) -> Iterator[str]:
        problems = list(rule(value, path))
        yield from problems
        if problems:
            return
        for name, most in limits.items():
            length = len(composed(value) if isinstance(value, str) else cast("Sequence[object]", value))
            if length > most:
                yield f"{path} takes {most} {_LIMITED[name]} at the most, not {length}"
        if is_phone:
            yield from _phone(cast("str", value), path)

    return run if limits or is_phone else rule


_LIMITED = {"max_length": "characters", "max_items": "items"}
_MORE = {*_LIMITED, "form"}


def _phone(value: str, path: str) -> Iterator[str]:
    try:
        number = phones.normalize(value)
    except ValueError as error:
        yield f"{path}: {error}"
    else:
        if not number.startswith(phones.COUNTRY_CODE):
            yield f"{path} takes a mobile or fixed number of Vietnam, not a service number or a foreign one"


def _rule(kind: Any) -> _Check:
    if (enum := enum_of(kind)) is not None:
        return _choice(enum)
    part = value_type(kind)
    origin, arguments = get_origin(part), get_args(part)
    if origin is Sequence:
        return _sequence(_rule(arguments[0]))
    if origin is Mapping:
        return _texts if arguments[1] is str else _check_open
    return _PLAIN.get(part, _model_rule(part))


def _choice(kind: type[OpenEnum]) -> _Check:
    """Return the rule for an enum: its members, their texts, and values that are meant to be unlisted."""

    def run(value: object, path: str) -> Iterator[str]:
        if not isinstance(value, str):
            yield from _text(value, path)
        elif not issubclass(kind, CompleteEnum):
            enums.warn_unlisted(kind, value)
        elif enums.is_unlisted(kind, value):
            yield f"{path} {enums.refusal(kind, value)}"

    return run


@cache
def _known(kind: Any) -> _Check:
    """Return the rule for plain JSON in place of a value of this type."""
    if (enum := enum_of(kind)) is not None:
        choice = _choice(enum)
        return lambda value, path: choice(value, path) if isinstance(value, str) else ()
    part = value_type(kind)
    if get_origin(part) is Sequence:
        return _known_items(_known(get_args(part)[0]))
    return _known_fields(part) if isinstance(part, type) and issubclass(part, Model) else _anything


def _anything(*_: object) -> Iterable[str]:
    return ()


def _known_items(rule: _Check) -> _Check:
    def run(value: object, path: str) -> Iterator[str]:
        if _is_list(value):
            for index, item in enumerate(cast("Sequence[object]", value)):
                yield from rule(item, f"{path}[{index}]")

    return run


def _known_fields(kind: Any) -> _Check:
    def run(value: object, path: str) -> Iterator[str]:
        if not isinstance(value, Mapping):
            return
        body = cast("Mapping[object, object]", value)
        rules, periods = _rules_of_json(kind)
        for name, rule in rules:
            if name in body:
                yield from rule(body[name], f"{path}[{name!r}]")
        for start, end in periods:
            if _is_later(_as_time(body.get(start)), _as_time(body.get(end))):
                yield _reversed(f"{path}[{start!r}]", f"{path}[{end!r}]")

    return run


@cache
def _rules_of_json(model: Any) -> tuple[Sequence[tuple[str, _Check]], Sequence[tuple[str, str]]]:
    """Return the rules and the periods of a model, by the names in JSON."""
    names = {field.name: str(field.metadata.get("wire", field.name)) for field in fields_of(model)}
    rules = [(names[field.name], _known(cast("Any", field.type))) for field in fields_of(model)]
    return rules, [(names[start], names[end]) for start, end in _periods(model)]


def _as_time(value: object) -> object:
    """Return a text of plain JSON as a time, if it is one."""
    if isinstance(value, str):
        with suppress(ValueError):
            return scalars.time(str.__str__(value))
    return value


_NO_LISTS: Final = (str, bytes, bytearray, memoryview)
"""Sequences that are single values."""


def _is_list(value: object) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, _NO_LISTS)


def _sequence(rule: _Check) -> _Check:
    def run(value: object, path: str) -> Iterator[str]:
        if not _is_list(value):
            yield f"{path} takes a list, not {kind_of(value)}"
            return
        for index, item in enumerate(cast("Sequence[object]", value)):
            yield from rule(item, f"{path}[{index}]")

    return run


def _model_rule(kind: type[Any]) -> _Check:
    def run(value: object, path: str) -> Iterable[str]:
        if isinstance(value, kind) and isinstance(value, Model):
            return _check_model(value, f"{path}.")
        if isinstance(value, Mapping) and issubclass(kind, Model):
            return _check_fields(kind, cast("Mapping[object, object]", value), path, f"{path}.")
        return [f"{path} takes a {kind.__name__}, not {kind_of(cast('Any', value))}"]

    return run


def _check_fields(kind: Any, fields: Mapping[object, object], path: str, prefix: str) -> Iterator[str]:
    """Check a dict that stands for a model of class *kind*."""
    known = cast("Mapping[object, str]", plain_parts.field_names(kind))
    for name in fields:
        if name not in known:
            yield f"{path} has an unknown field {_unknown(name, kind, sorted(set(known.values())))}"
    given = {known[name] for name in fields if name in known}
    missing = [name for name in _required(kind) if name not in given]
    yield from (f"{prefix}{name} is required" for name in missing)
    if not missing:
        yield from _check_model(plain_parts.to_model(kind, fields), prefix)


def _unknown(name: object, kind: Any, known: Sequence[str]) -> str:
    from etelecom_async._core.suggestions import did_you_mean  # only errors need it

    fields = f"fields of {kind.__name__}: {', '.join(known)}; client.call() sends any other field"
    return f"{quoted_name(name)}{did_you_mean(name, known)} ({fields})"


@cache
def _required(kind: Any) -> tuple[str, ...]:
    return tuple(field.name for field in fields_of(kind) if field.default is attrs.NOTHING)


def _text(value: object, path: str) -> Iterator[str]:
    if isinstance(value, str):
        return
    if _is_whole(value):
        yield f"{path} is a text, not a number: convert it with str() (ids are texts)"
    else:
        yield f"{path} takes a text, not {kind_of(value)}"


def _whole(value: object, path: str) -> Iterator[str]:
    if not _is_whole(value):
        yield f"{path} takes a whole number, not {kind_of(value)}"


def _is_whole(value: object) -> bool:
    number = plain_scalar(value)
    return isinstance(number, int) and not isinstance(number, bool)


def _number(value: object, path: str) -> Iterator[str]:
    number = plain_scalar(value)
    if not (_is_whole(number) or (isinstance(number, float) and math.isfinite(number))):
        yield f"{path} takes a number, not {kind_of(value)}"


def _truth(value: object, path: str) -> Iterator[str]:
    if not isinstance(plain_scalar(value), bool):
        yield f"{path} takes True or False, not {kind_of(value)}"


def _time(value: object, path: str) -> Iterator[str]:
    if not isinstance(value, datetime):
        yield f"{path} takes a datetime, not {kind_of(value)}"
    elif (offset := _offset(value)) is None:
        yield (
            f"{path} takes a time with a zone, not a naive one: "
            "use datetime.now(UTC), or .replace(tzinfo=timezone(timedelta(hours=7))) for a time of Vietnam"
        )
    elif hasattr(value.tzinfo, "localize") and value.tzname() in _PYTZ_UNSET:
        yield (
            f"{path} has the local mean time of its pytz zone, because the zone was passed as tzinfo=: "
            "use zone.localize(naive_time), or tzinfo=timezone(timedelta(hours=7)) for a time of Vietnam"
        )
    elif offset % timedelta(minutes=1):
        yield f"{path} has an offset with seconds, which JSON times cannot have: use .astimezone(UTC)"


def _offset(time: datetime) -> timedelta | None:
    try:
        return time.utcoffset()
    except Exception:  # noqa: BLE001 - a time zone of the caller may raise anything
        return None


_PYTZ_UNSET: Final = ("LMT", "-00")
"""Names of the first entry of a zone in pytz, which it uses until `localize()` selects another one."""


def _secret(value: object, path: str) -> Iterator[str]:
    if not isinstance(value, Secret):
        yield f"{path} takes a text or a Secret, not {kind_of(value)}"
    elif (problem := problem_of(value)) is not None:
        yield f"{path} {problem}"
    elif not value:
        yield f"{path} is an empty secret"


def _file(value: object, path: str) -> Iterator[str]:
    if not isinstance(value, Attachment):
        yield f"{path} takes a file, not {kind_of(value)}"
    elif (problem := value.problem()) is not None:
        yield f"{path}: {mask(problem)}"


def _texts(value: object, path: str) -> Iterator[str]:
    if not isinstance(value, Mapping):
        yield f"{path} takes a mapping of names to texts, not {kind_of(value)}"
        return
    for name, item in cast("Mapping[object, object]", value).items():
        if not isinstance(name, str):
            yield f"{path} takes texts as names, not {kind_of(name)}"
        yield from _text(item, f"{path}[{quoted_name(name)}]")


def _check_open(value: object, path: str) -> Iterator[str]:
    if isinstance(value, Mapping):
        for name, item in cast("Mapping[object, object]", value).items():
            yield from _check_json(item, f"{path}[{quoted_name(name)}]")
    else:
        yield f"{path} takes a mapping, not {kind_of(value)}"


def _check_json(value: object, path: str) -> Iterator[str]:
    # The encoder refuses values that JSON cannot contain. These checks find values that it would change.
    if isinstance(value, Mapping):
        yield from _check_open(cast("object", value), path)
    elif isinstance(value, list | tuple):
        for index, item in enumerate(cast("Sequence[object]", value)):
            yield from _check_json(item, f"{path}[{index}]")
    elif isinstance(value, datetime):
        yield from _time(value, path)
    elif isinstance(value, Secret) or has_secret_value(value):
        yield from _secret(Secret.of(cast("Any", value)), path)
    elif isinstance(plain_scalar(value), float):
        yield from _number(value, path)


_PLAIN: dict[Any, _Check] = {
    str: _text,
    int: _whole,
    float: _number,
    bool: _truth,
    real_datetime(): _time,
    Secret: _secret,
    Attachment: _file,
}
