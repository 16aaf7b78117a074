"""
The form of the SMS service, which is another host with another style: who is let in, and how it refuses.

User name and password stand in every body, the caller's address may have to be on a white list, and both
refusals are HTTP 401 with bare text. Names of fields count in any case: the programs that call the service
write some of them with capitals.
"""

from __future__ import annotations

import hmac
import ipaddress
import json
from collections.abc import Sequence
from typing import Any, Final, cast

from etelecom_async._core.operation import JsonObject, KeyKind
from etelecom_async.sandbox.context import Caller
from etelecom_async.sandbox.store.state import State

IPNetwork = ipaddress.IPv4Network | ipaddress.IPv6Network

_UNAUTHORIZED: Final = 401


class TextRejectionError(Exception):
    """A refusal in bare text."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status: Final = status
        self.text: Final = text


def read_networks(addresses: Sequence[str]) -> tuple[IPNetwork, ...]:
    """
    Return a white list as networks; an address is one of its own.

    Raises:
        ValueError: A text is neither an address nor a network.
    """
    return tuple(ipaddress.ip_network(address) for address in addresses)


def read_fields(body: bytes) -> JsonObject:
    """
    Return the fields of a request by their names in small letters.

    Raises:
        TextRefusalError: The body is no JSON object; 400 is chosen here, since no page says it.
    """
    try:
        fields = json.loads(body, parse_constant=_no_constant)
        # Half a surrogate pair is JSON, but no text.
        json.dumps(fields, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        fields = None
    if not isinstance(fields, dict):
        raise TextRejectionError(400, "The body is not a JSON object")
    return {name.lower(): value for name, value in cast("dict[str, Any]", fields).items()}


def _no_constant(name: str) -> None:
    message = f"{name} is not JSON"
    raise ValueError(message)


def authenticate(
    state: State, fields: JsonObject, remote: str | None, allowed: Sequence[IPNetwork] | None
) -> Caller:
    """
    Let a caller in.

    Args:
        state: Knows the account.
        fields: The request.
        remote: The caller's address.
        allowed: The white list; `None` where it is switched off.

    Raises:
        TextRefusalError: The address is not on the list, or user name or password is wrong.
    """
    if allowed is not None:
        address = ipaddress.ip_address(remote or "0.0.0.0")  # noqa: S104 - an address that is on no list
        if not any(address in network for network in allowed):
            raise TextRejectionError(_UNAUTHORIZED, "Can't access from this IP")
    for name in ("username", "password"):
        given, wanted = str(fields.get(name)), state.setting(f"sms_{name}")
        if not hmac.compare_digest(given.encode(), wanted.encode()):
            raise TextRejectionError(_UNAUTHORIZED, "Unauthorized")
    return Caller(KeyKind.USERNAME_PASSWORD, int(state.setting("partner_id")))
