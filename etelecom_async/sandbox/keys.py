"""
Keys of the documented forms, and who stands behind one.

A shop's own key is `<19 digits>:<32 signs>`, the partner's key for a shop `shop<19 digits>:<64 signs>`. How a
partner's own key looks is not documented; here it looks like a shop's.
"""

from __future__ import annotations

import random
import string
from typing import Final

from etelecom_async._core.operation import KeyKind, Operation
from etelecom_async.errors import PermissionDeniedError, UnauthenticatedError
from etelecom_async.sandbox.context import Caller
from etelecom_async.sandbox.records import ShopKeys
from etelecom_async.sandbox.state import State

_SIGNS: Final = string.ascii_letters + string.digits


def secret(rng: random.Random, length: int) -> str:
    """Return random letters and digits."""
    return "".join(rng.choices(_SIGNS, k=length))


def api_key(rng: random.Random, account_id: int) -> str:
    """Return a new key of a shop or partner for itself."""
    return f"{account_id}:{secret(rng, 32)}"


def shop_key(rng: random.Random, shop_id: int) -> str:
    """Return a new key by which the partner acts for a shop."""
    return f"shop{shop_id}:{secret(rng, 64)}"


def shop_keys(rng: random.Random, shop_id: int) -> ShopKeys:
    """Return both keys of a new shop."""
    return ShopKeys(api_key=api_key(rng, shop_id), shop_key=shop_key(rng, shop_id))


def authenticate(state: State, authorization: str | None) -> Caller:
    """
    Return whose key a request carries.

    Raises:
        UnauthenticatedError: There is none, it is not sent as `Bearer`, or nobody has it.
    """
    scheme, _, key = (authorization or "").partition(" ")
    key = key.strip()
    if scheme.lower() != "bearer" or not key:
        raise UnauthenticatedError("the Authorization header is missing or is not `Bearer <key>`")
    if key == state.setting("partner_api_key"):
        return Caller(KeyKind.PARTNER_API_KEY, int(state.setting("partner_id")))
    row = state.fetch_first("SELECT id, api_key FROM shop WHERE api_key = ? OR shop_key = ?", key, key)
    if row is None:
        raise UnauthenticatedError("the key is not valid")
    kind = KeyKind.SHOP_API_KEY if row["api_key"] == key else KeyKind.PARTNER_SHOP_KEY
    return Caller(kind, row["id"])


def authorize(caller: Caller, scope: str, operation: Operation[object, object]) -> None:
    """
    Let a caller pass who may do this here.

    Raises:
        PermissionDeniedError: The key is of a kind that belongs elsewhere; `meta.reason` says where.
    """
    if caller.kind not in operation.callers:
        allowed = ", ".join(sorted(operation.callers))
        reason = f"{operation.wire_name} takes {allowed}, this is a {caller.kind}"
    elif caller.kind.scope != scope:
        reason = f"a {caller.kind} belongs to the base URL /v1/{caller.kind.scope}, not /v1/{scope}"
    else:
        return
    raise PermissionDeniedError("the key may not do this", meta={"reason": reason})
