"""
Responses: bytes to models for the client, payloads to bytes for the sandbox. No I/O.

A response is read twice at most. msgspec builds the models straight from the bytes. Where it refuses (null
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
Objects and arrays inside one another, at the most, where an answer keeps JSON as it came.

A parser reads hundreds more, but printing, exporting and pickling them would end in a `RecursionError`.
"""


def decode(
    operation: Operation[Any, ResultT],
    status: int,
    headers: Mapping[str, str],
    body: bytes,
    schema_mismatches: Counter[str],
) -> ResultT | Page[ResultT]:
    """
    Return the answer's model, a page for a list.

    Args:
        operation: The row of the call.
        status: HTTP status; it alone tells success from failure.
        headers: The answer's headers, by names in any case.
        body: The answer's bytes.
        schema_mismatches: Counts values that did not fit and were accepted. Models that rename fields are
            always read by cattrs, and are not counted.

    Raises:
        APIError: The answer says no.
        DecodeError: The answer does not fit, or is no JSON object.
        DeliveryError: A 200 that says in its body that the deed failed; so NotAppliedError and SmsError.
    """
    if not 200 <= status < 300:  # noqa: PLR2004 - HTTP's own number
        raise error_bodies.decode(operation, status, headers, body)
    kind: Any = operation.response
    way = _way(kind, operation.items)
    try:
        try:
            result = _read(operation, way, body, schema_mismatches)
        except msgspec.DecodeError as error:
            result = _read_unescaped(operation, way, body, schema_mismatches, error)
        if way.keeps_json:
            _reject_deep_json(result)
        if operation.effect in _NON_IDEMPOTENT:
            _reject_empty(result, body)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise MalformedResponseError(
            (f"no JSON object: {error_bodies.describe_malformed(error, headers, body)} @ $",),
            status=status,
            body=error_bodies.quote(body),
            operation=operation.name,
        ) from None
    except _MisfitError as error:
        raise DecodeError(
            error.problems, status=status, body=error_bodies.quote(body), operation=operation.name
        ) from None
    if operation.fails_in_body is not None:
        error_bodies.raise_if_failed(operation, result)
    return result


def encode(payload: Mapping[str, Any]) -> bytes:
    """Return the body of a success: *payload* as it is."""
    return msgspec.json.encode(payload)


class _NoObjectError(ValueError):
    """JSON, but no object: as little use as no JSON."""


class _MisfitError(Exception):
    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__(problems)
        self.problems = problems


_NEVER: Final = f'"{scalars.NEVER}"'.encode()
# As long, so that the body is looked through once and copied once, and with blanks that no text may hold:
# put into a longer text, after an escaped quote, it leaves no JSON behind, and the body is read as it came.
_NULL: Final = b"null".ljust(len(_NEVER), b"\n")


def _read(
    operation: Operation[Any, ResultT], way: _Way, body: bytes, schema_mismatches: Counter[str]
) -> ResultT | Page[ResultT]:
    if way.decode is None:
        return _forgive(operation, body)
    try:
        answer = way.decode(body if way.keeps_json else body.replace(_NEVER, _NULL))
    except msgspec.DecodeError as error:
        result = _forgive(operation, body)  # which raises, too, where it is the body that is no JSON
        schema_mismatches[_kind_of(operation, error)] += 1
        return result
    if operation.items is None:
        return cast("ResultT", answer)
    if answer.items is None and answer.paging is None:
        return _forgive(operation, body)  # nothing, or something else altogether
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
        raise error from None  # it tells of the answer as it came
    schema_mismatches[_kind_of(operation, error)] += 1
    return result


def _kind_of(operation: Operation[Any, Any], error: msgspec.DecodeError) -> str:
    """Return what is counted: without the places, of which there may be any number."""
    what = re.sub(r"\[\d+\]", "[...]", str(error))
    return f"{operation.name}: {re.sub(_OFFSET, '', what)}"


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
    if answer and operation.items != "*" and name not in answer and "paging" not in answer:
        # Taken for an empty page, it would end a walk in the middle.
        raise _MisfitError((f"neither {name} nor paging in it @ $",))
    items = _structure(answer.get(name), tuple[item, ...], f"$.{name}")
    if operation.pages is not None:
        items = items or ()
        return Page(items=items, next=_next_number(operation.pages, answer, len(items)))
    info = _structure(answer.get("paging") or {}, PageInfo, "$.paging")
    return _page(items, info)


def _next_number(pages: PageNumbers, answer: JsonObject, count: int) -> str:
    """Return the number of the next page as a cursor; empty after a page that holds everything."""
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


_NON_IDEMPOTENT: Final = frozenset((Effect.CREATE, Effect.SEND))


def _reject_empty(result: object, body: bytes) -> None:
    """Refuse an answer that shows nothing of what was made or sent: it may be anyone's."""
    kind: Any = type(result)
    if not isinstance(result, Model) or result != _blank(kind):
        return
    known = {name for field in attrs.fields(kind) for name in (field.name, field.metadata.get("wire"))}
    if known.isdisjoint(msgspec.json.decode(body)):
        raise _MisfitError(("nothing in it that the documentation shows @ $",))


@cache
def _blank(kind: Any) -> object:
    return kind()


def _structure(raw: object, kind: Any, path: str = "$") -> Any:
    try:
        return converters.forgiving().structure(raw, kind)
    except Exception as error:  # noqa: BLE001 - cattrs raises groups of whatever the hooks raise
        raise _MisfitError(converters.problems(error, path)) from None


def _items_name(answer: JsonObject) -> str:
    """Return the name of the answer's only array, where no page shows how it is called."""
    names = [name for name, value in answer.items() if isinstance(value, list)]
    if len(names) > 1:
        raise _MisfitError((f"one array expected, found {', '.join(sorted(names))} @ $",))
    return names[0] if names else ""


class _Way(NamedTuple):
    """How an answer is read."""

    decode: Callable[[bytes], Any] | None
    """The quick way, if there is one."""
    keeps_json: bool
    """Whether something in it keeps its JSON as it comes."""


@cache
def _way(kind: Any, items: str | None) -> _Way:
    """
    Return how answers of a class are read.

    There is no quick way where a name of ours is not the wire's, the array's name is unknown, or JSON is
    kept as it came beside fields that are not.
    """
    keeps_json = converters.keeps_json(kind)
    if converters.renames(kind) or items == "*" or (keeps_json and kind is not dict):
        return _Way(None, keeps_json)
    if items is not None:
        kind = msgspec.defstruct(
            "Answer",
            [("items", tuple[kind, ...] | None, None), ("paging", PageInfo | None, None)],
            rename={"items": items},
        )
    elif kind is dict:
        kind = JsonObject
    return _Way(msgspec.json.Decoder(kind, dec_hook=_make).decode, keeps_json)


def _make(kind: type[Any], raw: object) -> object:
    if kind is Secret and isinstance(raw, str):
        return Secret(raw)
    message = f"Expected `{kind.__name__}`, got `{scalars.json_name(raw)}`"
    raise ValueError(message)
