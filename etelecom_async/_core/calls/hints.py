"""
Say what to do after a refusal, with what the table and the client know of the call.

This module sends nothing. The hints of an error that need no knowledge of the call are in `errors`.
"""

from __future__ import annotations

from typing import Any, Final

from etelecom_async._core.operation import KeyKind, Operation
from etelecom_async.errors import (
    APIError,
    BadRouteError,
    EtelecomError,
    PermissionDeniedError,
    ResourceExhaustedError,
)

WIRE_NAMES_VARIABLE: Final = "ETELECOM_WIRE_NAMES"

_NOT_FOUND: Final = 404
_SERVER_FAULT: Final = 500


def of_call(error: EtelecomError, operation: Operation[Any, Any], kind: KeyKind, wire_name: str) -> str:
    """
    Return the hint of *error*.

    Args:
        error: The error of the call.
        operation: The row of the call.
        kind: The kind of the client's key.
        wire_name: Service and method, as the client called them.
    """
    hint = error.hint
    if isinstance(error, PermissionDeniedError) and operation.denied:
        hint = operation.denied
    if _is_refused(error) and operation.callers and kind not in operation.callers:
        callers = " or a ".join(sorted(operation.callers))
        hint += (
            f" The documentation gives this call to a {callers}; the key of this client is a {kind.value}."
        )
    if _is_unknown_path(error, operation):
        hint += (
            f" {wire_name!r} was called{', but this name is inferred' if operation.provisional else ''}. If "
            f"the server has another name: "
            f"client.with_options(wire_names={{{operation.name!r}: 'Service/Method'}}), or for the whole "
            f"service wire_names={{{operation.service!r}: 'Service'}}. In the environment: "
            f"{WIRE_NAMES_VARIABLE}={operation.name}=Service/Method."
        )
    return hint.lstrip()


def _is_refused(error: EtelecomError) -> bool:
    # A failure inside a 200 has the class of a refusal, too. A response without a code is not the API's.
    return (
        isinstance(error, APIError)
        and error.code is not None
        and error.status < _SERVER_FAULT
        and not isinstance(error, ResourceExhaustedError)
    )


def _is_unknown_path(error: EtelecomError, operation: Operation[Any, Any]) -> bool:
    """Return whether the server, or a proxy before it, may not know the path of the call."""
    if operation.name == operation.wire_name:  # called by its wire name, so the caller knows it
        return False
    if isinstance(error, BadRouteError):
        return True
    is_bare = isinstance(error, APIError) and (error.status, error.code) == (_NOT_FOUND, None)
    return is_bare and operation.provisional is not None
