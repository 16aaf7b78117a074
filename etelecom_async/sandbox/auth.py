"""
Authentication of API keys, and the authorization of their callers.

The SMS service has credentials of its own, in `services.sms.auth`.
"""

from __future__ import annotations

from etelecom_async._core.operation import KeyKind, Operation
from etelecom_async.errors import PermissionDeniedError, UnauthenticatedError
from etelecom_async.sandbox.context import Caller
from etelecom_async.sandbox.store.state import State


def authenticate(state: State, authorization: str | None) -> Caller:
    """
    Return the owner of the key in an `Authorization` header.

    Raises:
        UnauthenticatedError: The header is missing, is not `Bearer <key>`, or has an unknown key.
    """
    scheme, _, key = (authorization or "").partition(" ")
    key = key.strip()
    if scheme.lower() != "bearer" or not key:
        raise UnauthenticatedError("the Authorization header is missing or is not `Bearer <key>`")
    if not key.isascii():
        raise UnauthenticatedError("the key is not valid")
    if key == state.setting("partner_api_key"):
        return Caller(KeyKind.PARTNER_API_KEY, int(state.setting("partner_id")))
    row = state.fetch_first("SELECT id, api_key FROM shop WHERE api_key = ? OR shop_key = ?", key, key)
    if row is None:
        raise UnauthenticatedError("the key is not valid")
    kind = KeyKind.SHOP_API_KEY if row["api_key"] == key else KeyKind.PARTNER_SHOP_KEY
    return Caller(kind, row["id"])


def authorize(caller: Caller, scope: str, operation: Operation[object, object]) -> None:
    """
    Check that a caller may call an operation on this base URL.

    Raises:
        PermissionDeniedError: Operation or base URL need another kind of key; `meta.reason` says which.
    """
    if caller.kind not in operation.callers:
        allowed = ", ".join(sorted(operation.callers))
        reason = f"{operation.wire_name} takes {allowed}, but the key is a {caller.kind}"
    elif caller.kind.scope != scope:
        reason = f"a {caller.kind} belongs to the base URL /v1/{caller.kind.scope}, not /v1/{scope}"
    else:
        return
    raise PermissionDeniedError("this key is not allowed to call the operation", meta={"reason": reason})
