"""What a test may give as a reply of a script, and the HTTP response or failure that it means."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Final

import attrs

from etelecom_async._core.codec import error_bodies
from etelecom_async._core.http.failures import lost
from etelecom_async._core.http.messages import HttpResponse
from etelecom_async._core.operation import Operation
from etelecom_async._core.values import kind_of
from etelecom_async.errors import APIError, ConnectError, EtelecomError, ResponseLostError
from etelecom_async.operations import OPERATIONS
from etelecom_async.sandbox import Fault
from etelecom_async.sandbox.faults import FaultInjector
from etelecom_async.sandbox.faults.connection import status_response
from etelecom_async.sandbox.faults.spec import Kind, Target
from etelecom_async.testing import results
from etelecom_async.testing.script_errors import ReplyError

_JSON: Final = {"Content-Type": "application/json"}
_ERRORS: Final = range(300, 600)
_LOST: Final = ConnectionResetError("Connection reset by peer")
_OWN_FIELDS: Final = ("after", "probability", "test", "key", "late_seconds")
"""Fields of a fault that choose its calls or their time; a script does that itself."""


@attrs.frozen
class RawResponse:
    """
    A response that is sent unchanged, for a test of responses that the documentation does not have.

    Args:
        body: Bytes, a text, or a value that is sent as JSON.
        status: HTTP status.
        headers: The headers.
    """

    body: Any = b""
    status: int = 200
    headers: Mapping[str, str] = attrs.field(kw_only=True, factory=lambda: dict(_JSON))

    def encoded(self) -> bytes:
        """Return the bytes of the body."""
        if isinstance(self.body, bytes):
            return self.body
        if isinstance(self.body, str):
            return self.body.encode()
        try:
            return json.dumps(results.plain(self.body), ensure_ascii=False).encode()
        except (TypeError, ValueError) as error:
            raise ReplyError(f"a RawResponse has a value that JSON does not have: {error}") from None


@attrs.frozen
class Reply:
    """A checked reply: a response, or the error of a transport."""

    response: HttpResponse | None = None
    failure: Callable[[float], EtelecomError] | None = None
    """Takes the seconds of the attempt, and returns a new error; `None` for a response."""
    is_executed: bool = True
    """Whether the server did the work."""
    status: int | None = None
    """HTTP status that was sent before the failure."""
    is_late: bool = False
    """Whether no response comes until the client gives up."""
    faults: tuple[str, ...] = ()
    """Kinds of the faults."""


def check(operation: Operation[Any, Any] | None, given: object) -> Reply:
    """
    Return what a reply means.

    Args:
        operation: The operation; `None` for one that the SDK does not have.
        given: A result, an error of the API or of a connection, a status, a fault, or a `RawResponse`.

    Raises:
        ReplyError: The reply is not what the API could send.
    """
    if isinstance(given, RawResponse):
        headers = {name.title(): text for name, text in given.headers.items()}
        return Reply(HttpResponse(given.status, headers, given.encoded()))
    if isinstance(given, Fault):
        return _fault(operation, given)
    if isinstance(given, BaseException):
        return _failed(given)
    if isinstance(given, int) and not isinstance(given, bool):
        return _status(given)
    if operation is not None:
        return Reply(HttpResponse(200, _JSON, results.encode(operation, given)))
    if not isinstance(given, Mapping):
        raise ReplyError(f"the reply to an operation that the SDK lacks is a mapping, not {kind_of(given)}")
    # A call by its wire name returns the JSON unchanged, so there is nothing to check.
    return check(None, RawResponse(given))


def _failed(error: BaseException) -> Reply:
    """Return the reply of a call that fails."""
    if isinstance(error, APIError):
        return Reply(_error_response(error), is_executed=False)
    kind, message = type(error), str(getattr(error, "message", ""))
    if kind is ConnectError:
        return Reply(failure=lambda _: ConnectError(message), is_executed=False)
    if kind is ResponseLostError:
        return Reply(failure=lambda _: ResponseLostError(message))
    raise ReplyError(
        f"a reply takes an APIError, a ConnectError or a ResponseLostError, not {kind.__name__}: "
        "the client makes the other errors itself"
    )


def _error_response(error: APIError) -> HttpResponse:
    headers = dict(_JSON)
    if error.retry_after is not None:
        headers["Retry-After"] = f"{error.retry_after:g}"
    if error.code is None:
        return HttpResponse(error.status, {**headers, "Content-Type": "text/plain"}, error.msg.encode())
    status, body = error_bodies.encode(error)
    return HttpResponse(status, headers, body)


def _status(status: int) -> Reply:
    if status not in _ERRORS:
        raise ReplyError(
            f"{status} is no status of an error, 300 to 599; the reply to a call that succeeds is its result"
        )
    return _fault(None, Fault(kind="status", status=int(status)))


def _fault(operation: Operation[Any, Any] | None, fault: Fault) -> Reply:
    """Return what a fault of the sandbox does to one call."""
    own = [name for name in _OWN_FIELDS if getattr(fault, name) != getattr(attrs.fields(Fault), name).default]
    if own:
        raise ReplyError(f"{own[0]} does not apply to a reply: the order of the replies chooses the call")
    if operation is not None and fault.operation not in (None, operation.form_of or operation.name):
        raise ReplyError(f"the fault is for {fault.operation}, but the reply is for {operation.name}")
    unfit = [kind for kind in fault.kind if kind not in (Kind.STATUS, *_LATE, *_LOSING, Kind.REFUSE)]
    if unfit:
        raise ReplyError(f"a script has no connection for the fault {unfit[0]}; use the sandbox for it")
    if fault.kind == (Kind.REFUSE,):
        # The connection may have been open: then the client cannot know that nothing was read from it.
        return Reply(failure=lambda _: lost(_LOST), is_executed=False, faults=(Kind.REFUSE,))
    name = fault.operation or ("" if operation is None else operation.name)
    injection = FaultInjector([fault]).match(Target.CALL, name)
    if injection is None:  # `probability` is 1 and `after` is 0, so the first call matches
        raise ReplyError(f"the fault {fault.kind[0]} applies to no call")
    kinds = (str(injection.kind),)
    if injection.kind is not Kind.STATUS:
        is_late = injection.kind in _LATE
        return Reply(
            failure=late if is_late else lambda _: lost(_LOST),
            is_executed=injection.is_processed,
            status=200 if injection.kind in _WITH_HEAD else None,
            is_late=is_late,
            faults=kinds,
        )
    sent = status_response(injection)
    body = sent.body if isinstance(sent.body, bytes) else b""
    headers = {**sent.headers, "Content-Type": sent.headers.get("Content-Type", sent.content_type)}
    return Reply(HttpResponse(sent.status, headers, body), is_executed=injection.is_processed, faults=kinds)


_LATE: Final = (Kind.STALL_HEADER, Kind.STALL_BODY)
_LOSING: Final = (Kind.RESET_BEFORE, Kind.RESET_AFTER, Kind.HALF_BODY, Kind.GZIP_GARBAGE)
_WITH_HEAD: Final = (Kind.HALF_BODY, Kind.STALL_BODY, Kind.GZIP_GARBAGE)
"""Faults after whose head the response breaks off."""


def late(seconds: float) -> ResponseLostError:
    """Return the error of an attempt without a response in time."""
    return ResponseLostError(f"no response within {seconds:g} s.")


def row_of(name: str) -> Operation[Any, Any] | None:
    """Return the operation with this public name, or its main form by the name on the wire."""
    if name in OPERATIONS:
        return OPERATIONS[name]
    return next((row for row in OPERATIONS.values() if row.form_of is None and row.wire_name == name), None)
