"""Encode requests for the client, and decode them for the sandbox. No I/O."""

from __future__ import annotations

from typing import Any, Final, TypeVar, cast

import msgspec

from etelecom_async._core.attachment import Attachment, Form
from etelecom_async._core.codec import converters
from etelecom_async._core.codec.request_checks import check
from etelecom_async._core.codec.template_data import with_template
from etelecom_async._core.operation import JsonObject, Operation
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
    except (TypeError, ValueError, RecursionError) as error:
        raise _invalid((f"cannot be encoded as JSON: {error}",), operation) from None


_JSON: Final = msgspec.json.Encoder()


def encode_form(operation: Operation[RequestT, Any], request: RequestT) -> Form:
    """
    Return the body of a request with a file.

    Raises:
        InvalidRequestError: A value is invalid. The error lists every problem.
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


def decode(operation: Operation[RequestT, Any], body: bytes) -> RequestT:
    """
    Return the request in *body*. Types must fit exactly, as on a strict server.

    Raises:
        MalformedError: The body is not a JSON object.
        InvalidArgumentError: A field is missing or has another type; the message names its path.
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
