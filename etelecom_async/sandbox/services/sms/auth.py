"""
The fields and the credentials of requests to the SMS service, which has its own host and conventions.

User name and password are in every body, and the address of the caller may have to be on a whitelist.
Rejections are HTTP 401 with plain text. `leniency` reads the names of the fields, whose case differs between
the operations.
"""

from __future__ import annotations

import hmac
import ipaddress
import json
from collections.abc import Sequence
from typing import Final, cast

from etelecom_async._core.operation import JsonObject, KeyKind
from etelecom_async.sandbox.context import Caller
from etelecom_async.sandbox.store.state import State

IPNetwork = ipaddress.IPv4Network | ipaddress.IPv6Network

_UNAUTHORIZED: Final = 401


class TextRejectionError(Exception):
    """
    A rejection in plain text.

    Args:
        status: HTTP status.
        text: The body.
    """

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status: Final = status
        self.text: Final = text


def read_networks(addresses: Sequence[str]) -> tuple[IPNetwork, ...]:
    """
    Return a whitelist as networks; a single address is a network of its own.

    Raises:
        ValueError: A text is neither an address nor a network.
    """
    return tuple(ipaddress.ip_network(address) for address in addresses)


def read_fields(body: bytes) -> JsonObject:
    """
    Return the fields of a request.

    Raises:
        TextRejectionError: The body is not a JSON object. The sandbox chooses the status 400.
    """
    try:
        fields = json.loads(body, parse_constant=_reject_constant)
        # JSON allows half a surrogate pair, but text does not.
        json.dumps(fields, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        fields = None
    if not isinstance(fields, dict):
        raise TextRejectionError(400, "The body is not a JSON object")
    return cast("JsonObject", fields)


def _reject_constant(name: str) -> None:
    message = f"{name} is not JSON"
    raise ValueError(message)


def authenticate(
    state: State, fields: JsonObject, remote: str | None, allowed: Sequence[IPNetwork] | None
) -> Caller:
    """
    Check the address and the credentials of a caller.

    Args:
        state: The state with the credentials.
        fields: The fields of the request, by their names in lower case.
        remote: The address of the caller.
        allowed: The whitelist; `None` for no whitelist.

    Raises:
        TextRejectionError: The address is not on the list, or user name or password is wrong.
    """
    if allowed is not None:
        address = ipaddress.ip_address(remote or "0.0.0.0")  # noqa: S104 - an address that no whitelist has
        if not any(address in network for network in allowed):
            raise TextRejectionError(_UNAUTHORIZED, "Can't access from this IP")
    for name in ("username", "password"):
        given, expected = str(fields.get(name)), state.setting(f"sms_{name}")
        if not hmac.compare_digest(given.encode(), expected.encode()):
            raise TextRejectionError(_UNAUTHORIZED, "Unauthorized")
    return Caller(KeyKind.USERNAME_PASSWORD, int(state.setting("partner_id")))
