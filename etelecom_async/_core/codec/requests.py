"""Encode requests for the client, and decode them for the sandbox. No I/O."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, TypeVar, cast

import msgspec

from etelecom_async._core.attachment import Attachment, Form
from etelecom_async._core.codec import converters
from etelecom_async._core.codec.plain_parts import to_model
from etelecom_async._core.codec.request_checks import check, check_body
from etelecom_async._core.codec.scalars import plain_scalar
from etelecom_async._core.model import Model, fields_of
from etelecom_async._core.operation import JsonObject, Operation
from etelecom_async._core.values import quoted_name
from etelecom_async.errors import InvalidArgumentError, InvalidRequestError, MalformedError

RequestT = TypeVar("RequestT")


def encode(operation: Operation[RequestT, Any], request: RequestT) -> bytes:
    """
    Return the body of a request.

    Raises:
        InvalidRequestError: A value is invalid. The error lists every problem.
    """
    try:
        return _JSON.encode(_plain(operation, request))
    except InvalidRequestError:
        raise
    except _UNENCODABLE as error:
        problems = _unencodable_parts(request) or (f"cannot be encoded as JSON: {error}",)
        raise _invalid(problems, operation) from None


def _to_builtin(value: object) -> object:
    """Return *value*, a scalar of another type, as a built-in one."""
    plain = plain_scalar(value)
    if plain is value:
        message = f"encoding a {type(value).__name__} is unsupported"
        raise TypeError(message)
    return plain


_JSON: Final = msgspec.json.Encoder(enc_hook=_to_builtin)
_UNENCODABLE: Final = (TypeError, ValueError, OverflowError, RecursionError)
_HALF: Final = "has half of a character (a lone surrogate), which cannot be sent: decode the text again"


def _unencodable_parts(request: object) -> tuple[str, ...]:
    """Return a problem for each part that JSON cannot hold; none for a request that contains itself."""
    try:
        return tuple(_parts(request, ""))
    except RecursionError:
        return ()


def _parts(value: object, path: str) -> Iterator[str]:
    if isinstance(value, Model):
        kind: Any = type(value)
        for field in fields_of(kind):
            if "local" not in field.metadata:
                yield from _parts(getattr(value, field.name), f"{path}.{field.name}".removeprefix("."))
    elif isinstance(value, Mapping):
        for name, item in cast("Mapping[object, object]", value).items():
            key = f"{path or 'body'}[{quoted_name(name)}]"
            yield from _leaf({name: None}, f"the name of {key}")
            yield from _parts(item, key)
    elif isinstance(value, list | tuple):
        for index, item in enumerate(cast("Sequence[object]", value)):
            yield from _parts(item, f"{path}[{index}]")
    else:
        yield from _leaf(value, path)


def _leaf(value: object, path: str) -> Iterator[str]:
    try:
        _JSON.encode(converters.forgiving().unstructure(value))
    except UnicodeEncodeError:
        yield f"{path} {_HALF}"
    except _UNENCODABLE as error:
        yield f"{path} cannot be encoded as JSON: {error}"


def encode_form(operation: Operation[RequestT, Any], request: RequestT) -> Form:
    """
    Return the body of a request with a file.

    Raises:
        InvalidRequestError: A value is invalid. The error lists every problem.
    """
    plain = _plain(operation, request)
    files = {name: value for name, value in plain.items() if isinstance(value, Attachment)}
    fields = {name: str(plain_scalar(value)) for name, value in plain.items() if name not in files}
    problems = tuple(f"{name} {_HALF}" for name, text in fields.items() if not _is_unicode(text))
    if problems:
        raise _invalid(problems, operation)
    return Form(fields=tuple(fields.items()), files=tuple(files.items()))


def _is_unicode(text: str) -> bool:
    """Return whether *text* has no lone surrogate."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _plain(operation: Operation[RequestT, Any], request: RequestT) -> JsonObject:
    kind: Any = operation.request
    if isinstance(request, kind) or kind is dict:
        problems = check(request)
    elif not (problems := check_body(kind, request)):
        request = to_model(kind, cast("Mapping[str, Any]", request))
    if operation.template:
        from etelecom_async._core.codec.template_data import with_template  # few operations have one

        request, more = with_template(request)
        problems += more
    if problems:
        raise _invalid(problems, operation)
    # An open body may be any mapping.
    is_model = isinstance(request, Model)
    plain: object = request if is_model else dict(cast("Mapping[str, object]", request))
    return converters.writer(cast("Any", type(plain)))(plain)


def _invalid(problems: tuple[str, ...], operation: Operation[Any, Any]) -> InvalidRequestError:
    return InvalidRequestError(problems, operation=operation.name)


def read_object(body: bytes) -> JsonObject:
    """
    Return the JSON object in *body*; an empty body is an empty object.

    Raises:
        MalformedError: The body is not a JSON object.
    """
    try:
        raw = msgspec.json.decode(body or b"{}")
    except (ValueError, RecursionError) as error:
        message = f"the body is not JSON: {error}"
        raise MalformedError(message) from None
    if not isinstance(raw, dict):
        message = "the body is not a JSON object"
        raise MalformedError(message)
    return cast("JsonObject", raw)


def structure(operation: Operation[RequestT, Any], raw: JsonObject) -> RequestT:
    """
    Return the request with these fields. Types must fit exactly, as on a strict server.

    Raises:
        InvalidArgumentError: A field is missing or has another type; the message names its path.
    """
    if operation.request is dict:
        return cast("RequestT", raw)
    try:
        return converters.strict().structure(raw, operation.request)
    except Exception as error:  # noqa: BLE001 - cattrs raises groups of whatever the hooks raise
        raise InvalidArgumentError("; ".join(converters.problems(error))) from None
