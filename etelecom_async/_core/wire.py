"""
Models to bytes and back, in both directions, without any I/O.

`encode` and `decode` serve the client, `decode_request`, `encode_answer` and `encode_error` the sandbox.
The only room that knows JSON, msgspec and cattrs; it knows no operation.

An answer is read twice at the most: msgspec builds the models straight from the bytes; where it refuses
(null for a text, a number for an id), cattrs takes the same bytes and forgives what is near enough.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cache
from itertools import islice
from typing import Any, Final, NamedTuple, TypeVar, cast

import attrs
import msgspec

from etelecom_async._core import converters, scalars
from etelecom_async._core.attachment import Attachment, Form
from etelecom_async._core.model import Model
from etelecom_async._core.operation import Effect, JsonObject, Operation
from etelecom_async._core.request_checks import check
from etelecom_async._core.secret import Secret, mask
from etelecom_async._core.template_data import with_template
from etelecom_async._core.zalo_codes import ZALO
from etelecom_async.errors import (
    APIError,
    DecodeError,
    DeliveryError,
    EtelecomError,
    InvalidArgumentError,
    InvalidRequestError,
    MalformedError,
    MalformedResponseError,
    NotAppliedError,
    by_code,
    by_sms_status,
)
from etelecom_async.paging import Page, PageInfo

RequestT = TypeVar("RequestT")
ResultT = TypeVar("ResultT")

QUOTED_BYTES: Final = 200
"""Bytes of an answer that an error quotes."""
DEEPEST: Final = 100
"""
Objects and arrays inside one another, at the most, where an answer keeps JSON as it came.

A parser reads hundreds more, but printing, exporting and pickling them would end in a `RecursionError`.
"""

# Of a text, so many bytes or letters are looked through for secrets; what follows is not shown.
_MASKED_BYTES: Final = 4096
# Characters of a key or a phone number that are not yet known for one: `shop`, an id of 19 digits, a colon,
# and 7 letters.
_LONGEST_UNQUOTED: Final = 40
_MOST_DETAILS: Final = 100

# What intermediaries mean by a status, by the rule of the Twirp protocol.
_CODE_OF_STATUS: Final = {
    400: "internal",
    401: "unauthenticated",
    403: "permission_denied",
    404: "bad_route",
    429: "resource_exhausted",
    502: "unavailable",
    503: "unavailable",
    504: "unavailable",
}


# --- requests: client to bytes, bytes to sandbox -------------------------------------------------------


def encode(operation: Operation[RequestT, Any], request: RequestT) -> bytes:
    """
    Return the body of a request.

    Raises:
        InvalidRequestError: A value cannot be right; every problem is named.
    """
    try:
        return _JSON.encode(_plain(operation, request))
    except InvalidRequestError:
        raise
    except (TypeError, ValueError, RecursionError) as error:
        raise _invalid((f"JSON cannot hold this: {error}",), operation) from None


_JSON: Final = msgspec.json.Encoder()


def encode_form(operation: Operation[RequestT, Any], request: RequestT) -> Form:
    """
    Return the body of a request that carries a file.

    Raises:
        InvalidRequestError: A value cannot be right; every problem is named.
    """
    plain = _plain(operation, request)
    return Form(
        fields=tuple(
            (name, str(value)) for name, value in plain.items() if not isinstance(value, Attachment)
        ),
        files=tuple((name, value) for name, value in plain.items() if isinstance(value, Attachment)),
    )


def _plain(operation: Operation[RequestT, Any], request: RequestT) -> JsonObject:
    problems = check(request)
    if operation.template:
        request, more = with_template(request)
        problems += more
    if problems:
        raise _invalid(problems, operation)
    kind: Any = type(request)
    return converters.writer(kind)(request)


def _invalid(problems: tuple[str, ...], operation: Operation[Any, Any]) -> InvalidRequestError:
    return InvalidRequestError(problems, operation=operation.name)


def decode_request(operation: Operation[RequestT, Any], body: bytes) -> RequestT:
    """
    Return the request that *body* holds, strictly: a server refuses what it was not told to take.

    Raises:
        MalformedError: The body is no JSON object.
        InvalidArgumentError: A field is missing or of another type; the message names its path.
    """
    try:
        raw = msgspec.json.decode(body or b"{}")
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        message = f"the body is not JSON: {error}"
        raise MalformedError(message) from None
    if not isinstance(raw, dict):
        message = "the body is not a JSON object"
        raise MalformedError(message)
    if operation.request is dict:
        return cast("RequestT", raw)
    try:
        return converters.strict().structure(raw, operation.request)
    except Exception as error:  # noqa: BLE001 - cattrs raises groups of whatever the hooks raise
        raise InvalidArgumentError("; ".join(converters.problems(error))) from None


# --- answers: bytes to client, sandbox to bytes --------------------------------------------------------


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
        schema_mismatches: Counts what did not fit and was forgiven, where the models have the wire's own names;
            other answers cannot be read the quick way, and nobody looks.

    Raises:
        APIError: The answer says no.
        DecodeError: The answer does not fit, or is no JSON object.
        DeliveryError: A 200 that says in its body that the deed failed; so NotAppliedError and SmsError.
    """
    if not 200 <= status < 300:  # noqa: PLR2004 - HTTP's own number
        raise _refusal(operation, status, headers, body)
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
            (f"no JSON object: {_garble(error, headers, body)} @ $",),
            status=status,
            body=_quote(body),
            operation=operation.name,
        ) from None
    except _MisfitError as error:
        raise DecodeError(
            error.problems, status=status, body=_quote(body), operation=operation.name
        ) from None
    if operation.fails_in_body is not None:
        raise_if_failed(operation, result)
    return result


def encode_answer(payload: Mapping[str, Any]) -> bytes:
    """Return the body of a success: *payload* as it is."""
    return msgspec.json.encode(payload)


def encode_error(error: APIError) -> tuple[int, bytes]:
    """Return the HTTP status and the body from which `decode` raises *error* again."""
    body: JsonObject = {"code": error.code, "msg": error.msg}
    if error.meta:
        body["meta"] = error.meta
    return error.status, msgspec.json.encode(body)


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
    info = _structure(answer.get("paging") or {}, PageInfo, "$.paging")
    return _page(items, info)


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


# --- refusals ------------------------------------------------------------------------------------------


def _refusal(
    operation: Operation[Any, Any], status: int, headers: Mapping[str, str], body: bytes
) -> EtelecomError:
    if status < 400:  # noqa: PLR2004 - HTTP's own number
        what = "a redirect" if status >= 300 else "no final answer"  # noqa: PLR2004 - as above
        return DecodeError(
            (f"{what} (HTTP {status}) in place of an answer: check the base URL @ $",),
            status=status,
            body=_quote(body),
            operation=operation.name,
        )
    code, msg, meta = _envelope(status, body)
    return by_code(code)(
        msg,
        code=code,
        meta=meta,
        status=status,
        retry_after=_retry_after(headers.get("Retry-After")),
        operation=operation.name,
    )


def _envelope(status: int, body: bytes) -> tuple[str, str, dict[str, str]]:
    # Also what a parser reads may be too deep to be written as a text.
    with suppress(msgspec.MsgspecError, ValueError, RecursionError):
        raw = msgspec.json.decode(body)
        fields = cast("JsonObject", raw) if isinstance(raw, dict) else {}
        code, msg, meta = fields.get("code"), fields.get("msg"), fields.get("meta")
        if isinstance(code, str):
            details = cast("dict[str, object]", meta) if isinstance(meta, dict) else {}
            told = islice(details.items(), _MOST_DETAILS)
            return (
                _shown(code),
                _shown(str(msg or "")),
                {_shown(key): _shown(str(value)) for key, value in told},
            )
    # Not the API's own words: a proxy, another host, the SMS service's bare text; or they were cut off.
    begun = re.match(_BEGUN, body)
    code = begun[1].decode() if begun else _CODE_OF_STATUS.get(status, "unknown")
    return code, _quote(body) or "no text", {}


# A Twirp server writes the code first: it is there where the rest was cut off.
_BEGUN: Final = rb'\s*\{\s*"code"\s*:\s*"(\w+)"'


def _retry_after(value: str | None) -> float | None:
    """Return seconds; the header holds seconds or a date, and what cannot be read counts as absent."""
    if value is None:
        return None
    try:
        seconds = float(value)
    except ValueError:
        try:
            when = parsedate_to_datetime(value)
        except (ValueError, OverflowError):
            return None
        if when.tzinfo is None:
            when = when.replace(tzinfo=UTC)
        seconds = (when - datetime.now(UTC)).total_seconds()
    return max(seconds, 0.0) if math.isfinite(seconds) else None


def raise_if_failed(operation: Operation[Any, Any], result: Any) -> None:
    """
    Judge a *result* of an operation that may fail within a 200.

    Raises:
        ResultError: It says that the deed failed.
    """
    name = cast("str", operation.fails_in_body)
    value = getattr(result, name)
    if name == "updated" and not value:
        message = "the server answered `updated: 0`: nothing was done."
        raise NotAppliedError(message, result=result, operation=operation.name)
    if name == "error_code" and value:
        meaning = f" ({ZALO[value]})" if value in ZALO else ""
        message = f"refused with error_code {value}{meaning}{_format_detail(result.error_message)}."
        raise DeliveryError(message, result=result, operation=operation.name)
    if name == "status" and value != "1":
        message = f"refused with status {value}{_format_detail(result.code)}."
        status = str(value)
        error = by_sms_status(status)(message, result=result, status=status, operation=operation.name)
        error.may_have_happened = not value  # an answer that says neither yes nor no
        raise error


def _format_detail(text: str) -> str:
    return f": {_shown(text)}" if text else ""


def _garble(error: Exception, headers: Mapping[str, str], body: bytes) -> str:
    if not body:
        return "the answer is empty"
    kind = headers.get("Content-Type", "")
    if "html" in kind or body.lstrip()[:1] == b"<":
        return "the answer is HTML"
    return str(error)


def _shown(text: str) -> str:
    shown = mask(text[:_MASKED_BYTES])
    return shown if len(text) <= _MASKED_BYTES else f"{shown[:-_LONGEST_UNQUOTED]}..."


def _quote(body: bytes) -> str:
    # Masked before it is cut, so that a cut never uncovers half a secret; what stands at the end of what
    # was masked may be such a half.
    text = mask(body[:_MASKED_BYTES].decode(errors="replace"))
    if len(body) > _MASKED_BYTES:
        text = text[:-_LONGEST_UNQUOTED]
    return text.encode()[:QUOTED_BYTES].decode(errors="ignore")
