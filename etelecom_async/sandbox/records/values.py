"""
Checks of the fields of a record, and their form in JSON.

In Python, a time is an aware datetime. In a file or a request it is a text: ISO 8601 with an offset, or
`now`. Two forms are relative: `-90m` (also s, h, d) is a time before now. `yesterday 09:30` is a time in
Hanoi, on a day that `times.day` knows.
"""

from __future__ import annotations

import re
import types
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import UTC, datetime, time, timedelta
from functools import cache
from types import MappingProxyType
from typing import Any, Final, Union, cast, get_args, get_origin, get_type_hints

from etelecom_async import times
from etelecom_async._core.codec.enums import OpenEnum, is_unlisted, nearest
from etelecom_async._core.codec.scalars import NEVER
from etelecom_async._core.datetimes import real_datetime
from etelecom_async.sandbox.hints import nearest_or_all
from etelecom_async.sandbox.ids import MAX_INT64, UNSET_ID, parse_id
from etelecom_async.sandbox.times import LATEST, iso

FIRST: Final = datetime(2020, 1, 1, tzinfo=UTC)
"""Earliest creation of a record; older ids would have fewer digits than the documented ones."""

_BEFORE_NOW: Final = re.compile(r"(?a)-(\d{1,9})([smhd])")
_DAY_AND_TIME: Final = re.compile(r"(?a)(\S+)\s+(\d{1,2}:\d\d(?::\d\d)?)")
_UNITS: Final = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_EXAMPLES: Final = "write 2026-11-30T09:30:00+07:00, now, -90m or yesterday 09:30"
_SHOWN: Final = 60


class RecordError(ValueError):
    """Records cannot be added, changed or found; `problems` has one text for each mistake."""

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems: Final = tuple(problems)
        super().__init__("\n".join(self.problems))

    def __reduce__(self) -> tuple[object, ...]:
        """Return what a pickle needs, because the text is made from the problems."""
        return (type(self), (self.problems,))


@cache
def hints_of(fields: type) -> dict[str, Any]:
    """Return the types of the fields of a `TypedDict`."""
    # The first use may be in time frozen by freezegun, which replaces the class.
    return get_type_hints(fields, localns={"datetime": real_datetime()})


def check_fields(
    given: Mapping[str, object],
    fields: type,
    enums: Mapping[str, type[OpenEnum]],
    now: datetime,
    parts: Mapping[str, Collection[str]] = MappingProxyType({}),
) -> tuple[dict[str, Any], list[str]]:
    """
    Return the fields that are right, converted, and a text for each mistake.

    Args:
        given: The fields by name.
        fields: The `TypedDict` with their types.
        enums: The enums by field. An unlisted value is accepted unless it looks like a misspelt one.
        now: The time of the sandbox, for times relative to it.
        parts: The names of the fields of objects, by the field that has the objects.
    """
    hints = hints_of(fields)
    values: dict[str, Any] = {}
    problems: list[str] = []
    for name, value in given.items():
        if name not in hints:
            problems.append(f"{name}: there is no such field{nearest_or_all(str(name), hints)}")
            continue
        try:
            if isinstance(value, str) and name in enums:
                _check_spelling(value, enums[name])
            values[name] = _convert(value, hints[name], now)
            _check_names(values[name], parts.get(name, ()))
        except ValueError as error:
            problems.append(f"{name}: {error}")
        except RecursionError:
            problems.append(f"{name}: it is nested too deep, or contains itself")
    return values, problems


def to_wire(value: Any) -> Any:
    """Return a converted value as records have it in JSON; a time that is not set is the zero time."""
    return iso(value) if isinstance(value, datetime) else value


def read_optional_id(text: str) -> int | None:
    """
    Return the number of an id; `None` if it is not set.

    Raises:
        ValueError: The text is not an id.
    """
    number = parse_id(text or UNSET_ID)
    if number is None:
        raise ValueError(f"{text[:_SHOWN]!r} is not an id, a number of at most 64 bits")
    return number or None


def time_to_wire(value: datetime | None) -> str:
    """Return a time as records have it; `None` is the zero time, which means "not set"."""
    return NEVER if value is None else iso(value)


def _check_spelling(text: str, kind: type[OpenEnum]) -> None:
    if is_unlisted(kind, text) and (close := nearest(kind, text)):
        name = kind.__name__
        raise ValueError(
            f"{text!r} is no listed value; did you mean {close!r}? In Python, {name}.unlisted(...) keeps it"
        )


def _check_names(value: object, known: Collection[str]) -> None:
    """Check the names of the fields of an object or of a list of objects."""
    objects = cast("list[object]", value) if isinstance(value, list) else [value]
    for item in objects:
        if known and isinstance(item, dict):
            for name in cast("dict[str, object]", item):
                if name not in known:
                    raise ValueError(f"there is no field {name!r} in it{nearest_or_all(name, known)}")


def _convert(value: object, hint: Any, now: datetime) -> Any:
    choices: tuple[Any, ...] = get_args(hint) if get_origin(hint) in (types.UnionType, Union) else (hint,)
    if value is None:
        if types.NoneType in choices:
            return None
        raise ValueError("cannot be null")
    kind = next(choice for choice in choices if choice is not types.NoneType)
    if get_origin(kind) is Sequence:
        (inner,) = get_args(kind)
        return _sequence(value, inner, now)
    if get_origin(kind) is Mapping:
        return _mapping(value)
    return _SCALARS[kind](value, now)


def _sequence(value: object, inner: Any, now: datetime) -> list[Any]:
    if not isinstance(value, Sequence) or isinstance(value, str | bytes):
        raise _no(value, "is not a list")
    return [_convert(item, inner, now) for item in cast("Sequence[object]", value)]


def _mapping(value: object) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        raise _no(value, "is not an object")
    return {str(name): _json(item) for name, item in cast("Mapping[object, object]", value).items()}


def _json(value: object) -> Any:
    """Return a value inside of an object of the API."""
    if isinstance(value, datetime):
        return iso(_aware(value))
    if isinstance(value, Mapping):
        return _mapping(cast("object", value))
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        return [_json(item) for item in cast("Sequence[object]", value)]
    if isinstance(value, str):
        return _encodable(value)
    if value is None or isinstance(value, bool | int | float):
        return value
    raise _no(value, "cannot be in JSON")


def _text(value: object, _: datetime) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if not isinstance(value, str):
        raise _no(value, "is not a text")
    return _encodable(str(value))


def _encodable(text: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise ValueError("the text has half of a surrogate pair") from None
    return text


def _number(value: object, _: datetime) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise _no(value, "is not a whole number")
    if abs(value) > MAX_INT64:
        raise ValueError("the number has more than 64 bits")
    return int(value)


def _flag(value: object, _: datetime) -> bool:
    if not isinstance(value, bool):
        raise _no(value, "is neither true nor false")
    return value


def _moment(value: object, now: datetime) -> datetime:
    if isinstance(value, datetime):
        return _aware(value)
    if not isinstance(value, str):
        raise _no(value, f"is not a time; {_EXAMPLES}")
    text = value.strip()
    try:
        return _aware(_read_moment(text, now))
    except OverflowError:
        raise ValueError(f"{text!r} is outside of the years 1 to 9999") from None


def _read_moment(text: str, now: datetime) -> datetime:
    if text.lower() == "now":
        return now
    if found := _BEFORE_NOW.fullmatch(text):
        return now - timedelta(**{_UNITS[found[2]]: int(found[1])})
    if found := _DAY_AND_TIME.fullmatch(text):
        try:
            day = times.day(found[1], now=now).date
            clock = time.fromisoformat(found[2].zfill(len("09:30")))
        except ValueError:
            pass
        else:
            return datetime.combine(day, clock, times.VIETNAM)
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{text[:_SHOWN]!r} is not a time; {_EXAMPLES}") from None


def _aware(moment: datetime) -> datetime:
    if moment.utcoffset() is None:
        raise ValueError("the time has no offset; add one, such as +07:00")
    return times.local(moment)


def check_creation(moment: datetime) -> None:
    """
    Check the time of the creation of a record, which is in its id.

    Raises:
        ValueError: There are no ids for this time.
    """
    if not FIRST <= moment < LATEST:
        raise ValueError(f"its year must be from {FIRST.year} to {LATEST.year - 1}")


def _no(value: object, problem: str) -> ValueError:
    """Return the error for a value."""
    text = repr(value)
    return ValueError(f"{text if len(text) <= _SHOWN else f'{text[:_SHOWN]}...'} {problem}")


_SCALARS: Final[dict[Any, Callable[[object, datetime], Any]]] = {
    str: _text,
    int: _number,
    bool: _flag,
    object: lambda value, _: _json(value),
    real_datetime(): _moment,
}
