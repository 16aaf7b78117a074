"""
Responses: bytes to models for the client, payloads to bytes for the sandbox. No I/O.

A response is read twice at most. msgspec builds the models straight from the bytes. If it refuses them (null
for a text, a number for an id), cattrs reads the same bytes and accepts near misses.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from typing import Any, Final, NamedTuple, TypeVar, cast

import attrs
import msgspec

from etelecom_async._core.codec import converters, error_bodies, scalars
from etelecom_async._core.model import Model
from etelecom_async._core.operation import Effect, JsonObject, Operation, PageNumbers
from etelecom_async._core.secret import Secret
from etelecom_async.errors import DecodeError, MalformedResponseError
from etelecom_async.paging import Page, PageInfo

ResultT = TypeVar("ResultT")

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
        schema_mismatches: Counts values that did not fit and were accepted. Models that rename fields are
            always read by cattrs, and are not counted.
        allow_empty_page: For a list: whether `{}` is an empty page. In the middle of a list it would end the
            walk.

    Raises:
        APIError: An error response.
        DecodeError: The response does not fit, shows nothing, or is not a JSON object.
        DeliveryError: A 200 whose body says that the call failed; also NotAppliedError and SmsError.
    """
    if not 200 <= status < 300:  # noqa: PLR2004 - HTTP's own number
        raise error_bodies.decode(operation, status, headers, body)
    kind: Any = operation.response
    way = _way(kind, operation.items)
    try:
        try:
            result = _read(operation, way, body, schema_mismatches)
        except msgspec.DecodeError as error:
            if not body.strip() and _may_be_silent(operation):
                return cast("ResultT", kind())
            result = _read_unescaped(operation, way, body, schema_mismatches, error)
        if way.keeps_json:
            _reject_deep_json(result)
        if not way.shows_something(result):
            _reject_empty(operation, body, allow_empty_page=allow_empty_page)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise MalformedResponseError(
            (f"no JSON object: {error_bodies.describe_malformed(error, headers, body)} @ $",),
            status=status,
            body=error_bodies.quote(body),
            operation=operation.name,
        ) from None
    except _MismatchError as error:
        raise DecodeError(
            error.problems, status=status, body=error_bodies.quote(body), operation=operation.name
        ) from None
    if operation.fails_in_body is not None:
        error_bodies.raise_if_failed(operation, status, result)
    return result


def encode(payload: Mapping[str, Any]) -> bytes:
    """Return the body of a success: *payload* unchanged."""
    return msgspec.json.encode(payload)


class _NoObjectError(ValueError):
    """JSON, but not an object."""


class _MismatchError(Exception):
    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__(problems)
        self.problems = problems


_NEVER: Final = f'"{scalars.NEVER}"'.encode()
# It has the same length, so that the body is searched once and copied once. No JSON text may hold its blanks:
# inside of a longer text, after an escaped quote, it is not JSON, and the body is read unchanged.
_NULL: Final = b"null".ljust(len(_NEVER), b"\n")


def _read(
    operation: Operation[Any, ResultT], way: _Way, body: bytes, schema_mismatches: Counter[str]
) -> ResultT | Page[ResultT]:
    if way.decode is None:
        return _forgive(operation, body)
    try:
        answer = way.decode(body if way.keeps_json else body.replace(_NEVER, _NULL))
    except msgspec.DecodeError as error:
        result = _forgive(operation, body)  # it raises too, if the body is not JSON
        schema_mismatches[_kind_of(operation, error)] += 1
        return result
    if operation.items is None:
        return cast("ResultT", answer)
    if answer.items is None and answer.paging is None:
        return _forgive(operation, body)  # an empty or another object
    return _page(answer.items, answer.paging)


# The documentation of the SMS service prints an object inside quotes without escaping the quotes in it.
_UNESCAPED_OBJECT: Final = rb':\s*"(\{[^{}]*\})"'


def _read_unescaped(
    operation: Operation[Any, ResultT],
    way: _Way,
    body: bytes,
    schema_mismatches: Counter[str],
    error: msgspec.DecodeError,
) -> ResultT | Page[ResultT]:
    try:
        result = _read(operation, way, re.sub(_UNESCAPED_OBJECT, rb":\1", body), schema_mismatches)
    except msgspec.DecodeError:
        raise error from None  # it describes the unchanged response
    schema_mismatches[_kind_of(operation, error)] += 1
    return result


def _kind_of(operation: Operation[Any, Any], error: msgspec.DecodeError) -> str:
    """Return the text to count: without positions, because there may be any number of them."""
    text = re.sub(r"\[\d+\]", "[...]", str(error))
    return f"{operation.name}: {re.sub(_OFFSET, '', text)}"


_OFFSET: Final = r" \(byte \d+\)"


def _page(items: Sequence[ResultT] | None, info: PageInfo | None) -> Page[ResultT]:
    if info is None:
        return Page(items=tuple(items or ()))
    return Page(items=tuple(items or ()), next=info.next, prev=info.prev)


def _forgive(operation: Operation[Any, ResultT], body: bytes) -> ResultT | Page[ResultT]:
    raw = msgspec.json.decode(body)
    if not isinstance(raw, dict):
        raise _NoObjectError(f"{scalars.json_name(raw)} in place of an object")
    answer = cast("JsonObject", raw)
    item: Any = operation.response
    if operation.items is None:
        return cast("ResultT", _structure(answer, item))
    name = _items_name(answer) if operation.items == "*" else operation.items
    if answer and name not in answer and "paging" not in answer:
        # As an empty page it would end a walk in the middle.
        raise _MismatchError((f"neither {name or 'an array'} nor paging in it @ $",))
    items = _structure(answer.get(name), tuple[item, ...], f"$.{name}")
    if operation.pages is not None:
        items = items or ()
        return Page(items=items, next=_next_number(operation.pages, answer, len(items)))
    info = _structure(answer.get("paging") or {}, PageInfo, "$.paging")
    return _page(items, info)


def _next_number(pages: PageNumbers, answer: JsonObject, count: int) -> str:
    """Return the number of the next page as a cursor; an empty one if the page holds all items."""
    number, total = (
        _structure(answer.get(name), int | None, f"$.{name}") for name in (pages.response, pages.total)
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
    raw = msgspec.json.decode(body)
    kind: Any = operation.response
    if operation.items is not None:
        if not raw and not allow_empty_page:
            raise _MismatchError(("an empty object in the middle of a list @ $",))
    elif (raw or operation.effect is not Effect.DELETE) and _wire_names(kind).isdisjoint(raw):
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

    def shows_something(result: object) -> bool:
        for name in names:  # noqa: SIM110 - a generator takes twice as long, on the way of every call
            if getattr(result, name):
                return True
        return False

    return shows_something


def _structure(raw: object, kind: Any, path: str = "$") -> Any:
    try:
        return converters.forgiving().structure(raw, kind)
    except Exception as error:  # noqa: BLE001 - cattrs raises groups of whatever the hooks raise
        raise _MismatchError(converters.problems(error, path)) from None


def _items_name(answer: JsonObject) -> str:
    """Return the name of the only array, if no page of the documentation shows it."""
    names = [name for name, value in answer.items() if isinstance(value, list)]
    if len(names) > 1:
        raise _MismatchError((f"one array expected, found {', '.join(sorted(names))} @ $",))
    # An empty list may come as null.
    return next(iter(names or [name for name, value in answer.items() if value is None]), "")


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
            "Answer",
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
