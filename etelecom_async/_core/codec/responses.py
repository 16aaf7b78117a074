"""
Responses: bytes to models for the client, payloads to bytes for the sandbox. No I/O.

msgspec builds the models straight from the bytes. If it refuses them (null for a text, a number for an id),
cattrs reads the same bytes, names every mismatch, and accepts near misses.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import cache
from operator import attrgetter
from typing import Any, Final, NamedTuple, TypeVar, cast

import attrs
import msgspec

from etelecom_async._core.codec import converters, error_bodies, lenient_json, scalars
from etelecom_async._core.model import Model
from etelecom_async._core.operation import Effect, JsonObject, Operation, PageNumbers
from etelecom_async._core.secret import Secret, mask
from etelecom_async.errors import DecodeError, MalformedResponseError
from etelecom_async.paging import Page, PageInfo

ResultT = TypeVar("ResultT")

Decode = Callable[..., Any]
"""Type of `decode`, and of functions that take its arguments and read responses in another form."""

_SUCCESSES: Final = range(200, 300)
DEEPEST: Final = 100
"""
Maximum depth of objects and arrays, where a result keeps JSON unchanged.

A parser reads hundreds of levels more, but printing, exporting and pickling them raises `RecursionError`.
"""


def decode(
    operation: Operation[Any, ResultT],
    status: int,
    headers: Mapping[str, str],
    body: bytes,
    schema_mismatches: Counter[str],
    *,
    allow_empty_page: bool = True,
) -> ResultT | Page[ResultT]:
    """
    Return the model of a response; a page for a list.

    Args:
        operation: The row of the call.
        status: HTTP status; it alone tells success from failure.
        headers: The headers, by names in any case.
        body: The bytes.
        schema_mismatches: Counts values that did not fit and were accepted, by operation and path.
        allow_empty_page: For a list: whether `{}` is an empty page. In the middle of a list it would end the
            walk.

    Raises:
        APIError: An error response.
        DecodeError: The response does not fit, shows nothing, or is not a JSON object.
        DeliveryError: A 200 whose body says that the call failed; also NotAppliedError and SmsError.
    """
    if status not in _SUCCESSES:
        raise error_bodies.decode(operation, status, headers, body)
    kind: Any = operation.response
    way = _way(kind, operation.items)
    try:
        try:
            result, mismatches = _read(operation, way, body)
        except msgspec.DecodeError:
            if not lenient_json.without_mark(body).strip() and _may_be_silent(operation):
                return cast("ResultT", kind())
            raise
        if way.keeps_json:
            _reject_deep_json(result)
        if not way.shows_something(result):
            _reject_empty(operation, body, allow_empty_page=allow_empty_page)
    except (ValueError, RecursionError) as error:
        raise _malformed(operation, status, headers, body, error) from None
    except _MismatchError as error:
        raise DecodeError(
            error.problems, status=status, body=error_bodies.quote(body), operation=operation.name
        ) from None
    if mismatches:
        _count(mismatches, operation, schema_mismatches)
    if operation.fails_in_body is None and operation.cases is None:
        return result
    return cast("ResultT", _judge(operation, status, body, result))


def _judge(operation: Operation[Any, Any], status: int, body: bytes, result: Any) -> object:
    """Return the result that a response stands for; raise if it says that the call failed."""
    error_bodies.raise_if_failed(operation, status, result)
    if operation.cases is None:
        return result
    from etelecom_async._core.codec import cases  # only few operations need it

    chosen = cases.select(operation.cases, result)
    if isinstance(chosen, str):
        raise DecodeError((chosen,), status=status, body=error_bodies.quote(body), operation=operation.name)
    return chosen


def encode(payload: Mapping[str, Any]) -> bytes:
    """Return the body of a success: *payload* unchanged."""
    return msgspec.json.encode(payload)


def _malformed(
    operation: Operation[Any, Any], status: int, headers: Mapping[str, str], body: bytes, reason: Exception
) -> MalformedResponseError:
    error = MalformedResponseError(
        (f"no JSON object: {error_bodies.describe_malformed(reason, headers, body)} @ $",),
        status=status,
        body=error_bodies.quote(body),
        operation=operation.name,
    )
    if error_bodies.is_html(headers, body):
        error.hint = error_bodies.FOREIGN_HINT
    return error


class _NoObjectError(ValueError):
    """JSON, but not an object."""


class _MismatchError(Exception):
    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__()
        self.problems = tuple(map(mask, problems))  # they contain names that the server chose


_NEVER: Final = f'"{scalars.NEVER}"'.encode()
# It has the same length, so that the body is searched once and copied once. No JSON text may hold its blanks:
# inside of a longer text, after an escaped quote, it is not JSON, and the body is read unchanged.
_NULL: Final = b"null".ljust(len(_NEVER), b"\n")


_Mismatches = Collection[tuple[str, str]]
"""Paths without positions, and what did not fit there."""


def _read(
    operation: Operation[Any, ResultT], way: _Way, body: bytes
) -> tuple[ResultT | Page[ResultT], _Mismatches]:
    """Return the result, and the mismatches that were accepted."""
    refused = ""
    if way.decode is not None:
        try:
            response = way.decode(body if way.keeps_json else body.replace(_NEVER, _NULL))
        except msgspec.ValidationError as error:
            refused = str(error)
        except ValueError:
            pass  # the lenient reader knows whether it is JSON
        else:
            if operation.items is None:
                return response, ()
            if response.items is not None or response.paging is not None:
                return _page(response.items, response.paging), ()
    return _forgive(operation, body, refused)


_MOST_KINDS: Final = 1000
"""Kinds of mismatches that are counted apart, because a server may use new names endlessly."""
_LONGEST_PATH: Final = 200


def _count(mismatches: _Mismatches, operation: Operation[Any, Any], schema_mismatches: Counter[str]) -> None:
    for path, text in mismatches:
        kind = f"{operation.name}: {text} - at `{mask(path)[:_LONGEST_PATH]}`"
        if len(schema_mismatches) >= _MOST_KINDS and kind not in schema_mismatches:
            kind = f"{operation.name}: another kind of mismatch"
        schema_mismatches[kind] += 1


def _page(items: Sequence[ResultT] | None, info: PageInfo | None) -> Page[ResultT]:
    if info is None:
        return Page(items=tuple(items or ()))
    return Page(items=tuple(items or ()), next=info.next, prev=info.prev)


def _forgive(
    operation: Operation[Any, ResultT], body: bytes, refused: str
) -> tuple[ResultT | Page[ResultT], _Mismatches]:
    """Read *body* leniently; *refused* says which value the quick decoder refused."""
    raw, repairs = lenient_json.read(body)
    if not isinstance(raw, dict):
        raise _NoObjectError(f"{scalars.json_name(raw)} in place of an object")
    response = cast("JsonObject", raw)
    found: set[str] = set()
    if operation.items is None:
        _reject_guesses(repairs, operation.fails_in_body)
        result: Any = _structure(response, operation.response, found)
    else:
        result = _forgive_page(operation, operation.items, response, repairs, found)
    return result, _mismatches(found, repairs, refused)


def _mismatches(found: set[str], repairs: lenient_json.Repairs, refused: str) -> _Mismatches:
    mismatches = {(lenient_json.show(trail), text) for trail, text in repairs.items()}
    repaired = {path for path, _ in mismatches}
    for line in found:
        text, _, path = line.rpartition(" @ ")
        if path not in repaired:
            mismatches.add((path, text))
    if not mismatches and refused:
        # Only msgspec refuses it: a time in the format of the SMS service.
        text, _, path = re.sub(r"\[\d+\]", "[...]", refused).partition(" - at ")
        mismatches.add((path.strip("`"), text))
    return mismatches


def _forgive_page(
    operation: Operation[Any, ResultT],
    name: str,
    response: JsonObject,
    repairs: lenient_json.Repairs,
    found: set[str],
) -> Page[ResultT]:
    item: Any = operation.response
    name = _items_name(response) if name == "*" else name
    if response and name not in response and "paging" not in response:
        # As an empty page it would end a walk in the middle.
        raise _MismatchError((f"neither {name or 'an array'} nor paging in it @ $",))
    pages = operation.pages
    numbers = () if pages is None else (pages.response, pages.total)
    _reject_guesses(repairs, "paging", *numbers)
    if (name,) in repairs:
        raise _MismatchError((f"number in place of an array @ $.{name}",))
    items = _structure(response.get(name), tuple[item, ...], found, f"$.{name}")
    if pages is not None:
        items = items or ()
        return Page(items=items, next=_next_number(pages, response, len(items), found))
    info = _structure(response.get("paging") or {}, PageInfo, found, "$.paging")
    return _page(items, info)


def _reject_guesses(repairs: lenient_json.Repairs, *names: str | None) -> None:
    """
    Refuse a repaired value where a guess would mislead.

    A wrong cursor would end or repeat a list. A wrong status would hide that the call failed.
    """
    wrong = tuple(
        f"{text} @ {lenient_json.show(trail)}"
        for trail, text in repairs.items()
        if trail[:1] and trail[0] in names
    )
    if wrong:
        raise _MismatchError(wrong)


def _next_number(pages: PageNumbers, response: JsonObject, count: int, found: set[str]) -> str:
    """Return the number of the next page as a cursor; an empty one if the page holds all items."""
    number, total = (
        None if response.get(name) is None else _structure(response[name], int, found, f"$.{name}")
        for name in (pages.response, pages.total)
    )
    return "" if number is None or (total is not None and count >= total) else str(number + 1)


def _reject_deep_json(result: object) -> None:
    level: list[object] = [result]
    for _ in range(DEEPEST):
        level = [part for whole in level for part in _parts(whole) if part.__class__ not in _LEAVES]
        if not level:
            return
    raise RecursionError(f"more than {DEEPEST} objects and arrays inside one another")


_LEAVES: Final = frozenset((str, int, float, bool, type(None)))


def _parts(whole: Any) -> Iterable[object]:
    if isinstance(whole, Model):
        kind: Any = type(whole)
        return [getattr(whole, field.name) for field in attrs.fields(kind)]
    if isinstance(whole, dict):
        return cast("dict[str, object]", whole).values()
    return cast("Sequence[object]", whole) if isinstance(whole, list | tuple) else ()


def _may_be_silent(operation: Operation[Any, Any]) -> bool:
    """Return whether a success needs no body: a delete, or a result that only says `updated`."""
    kind: Any = operation.response
    return operation.effect is Effect.DELETE or _field_names(kind) == ("updated",)


def _reject_empty(operation: Operation[Any, Any], body: bytes, *, allow_empty_page: bool) -> None:
    """Refuse a response that shows nothing of the result: it may be from another server."""
    value, repairs = lenient_json.read(body)
    raw = cast("JsonObject", value)
    kind: Any = operation.response
    if operation.items is not None:
        if not raw and not allow_empty_page:
            raise _MismatchError(("an empty object in the middle of a list @ $",))
    elif (raw or operation.effect is not Effect.DELETE) and not any(
        name in raw and (name,) not in repairs for name in _wire_names(kind)
    ):
        raise _MismatchError(("nothing in it that the documentation shows @ $",))


@cache
def _field_names(kind: Any) -> tuple[str, ...]:
    """Return the names of the fields of a model; none for a result that is any JSON object."""
    return tuple(field.name for field in attrs.fields(kind)) if attrs.has(kind) else ()


@cache
def _wire_names(kind: Any) -> frozenset[str]:
    """Return the names under which the fields of a model travel, the corrected ones included."""
    return frozenset(
        name for field in attrs.fields(kind) for name in (field.name, field.metadata.get("wire", field.name))
    )


@cache
def _something(kind: Any, items: str | None) -> Callable[[Any], bool]:
    """Return a function that tells whether a result shows something; it is quick for a usual result."""
    if items is not None:
        return lambda page: bool(page.items) or bool(page.next)
    names = _field_names(kind)
    if not names:
        return lambda _: True
    values = attrgetter(*names, names[0])  # twice, so that it returns a tuple also for one field
    return lambda result: any(values(result))


def _structure(raw: object, kind: Any, found: set[str], path: str = "$") -> Any:
    """Return *raw* as *kind*; add the mismatches that are accepted to *found*."""
    try:
        return converters.exact().structure(raw, kind)
    except Exception as error:  # noqa: BLE001 - cattrs raises groups of whatever the hooks raise
        near_misses = converters.mismatches(error, path)
    try:
        result = converters.forgiving().structure(raw, kind)
    except Exception as error:  # noqa: BLE001 - cattrs raises groups of whatever the hooks raise
        raise _MismatchError(converters.problems(error, path)) from None
    found |= near_misses
    return result


def _items_name(response: JsonObject) -> str:
    """Return the name of the only array, if no page of the documentation shows it."""
    names = [name for name, value in response.items() if isinstance(value, list)]
    if len(names) > 1:
        raise _MismatchError((f"one array expected, found {', '.join(sorted(names))} @ $",))
    # An empty list may come as null.
    return next(iter(names or [name for name, value in response.items() if value is None]), "")


class _Way(NamedTuple):
    """How a response is read."""

    decode: Callable[[bytes], Any] | None
    """The quick decoder, if there is one."""
    keeps_json: bool
    """Whether a part of it keeps its JSON unchanged."""
    shows_something: Callable[[Any], bool]
    """Whether a result has a value that is not blank."""


@cache
def _way(kind: Any, items: str | None) -> _Way:
    """
    Return how responses of a class are read.

    There is no quick decoder if a Python name differs from the wire's, or if the array's name is unknown. Nor
    is there one if some fields keep their JSON and others do not.
    """
    shows_something = _something(kind, items)
    keeps_json = converters.keeps_json(kind)
    if converters.renames(kind) or items == "*" or (keeps_json and kind is not dict):
        return _Way(None, keeps_json, shows_something)
    if items is not None:
        kind = msgspec.defstruct(
            "Response",
            [("items", tuple[kind, ...] | None, None), ("paging", PageInfo | None, None)],
            rename={"items": items},
        )
    elif kind is dict:
        kind = JsonObject
    return _Way(msgspec.json.Decoder(kind, dec_hook=_make).decode, keeps_json, shows_something)


def _make(kind: type[Any], raw: object) -> object:
    if kind is Secret and isinstance(raw, str):
        return Secret(raw)
    message = f"Expected `{kind.__name__}`, got `{scalars.json_name(raw)}`"
    raise ValueError(message)
