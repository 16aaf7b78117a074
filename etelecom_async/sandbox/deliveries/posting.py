"""
Post one event to a receiver.

A receiver accepts an event with status 200 and the body `ok`. The older platform of the same make documents
this; eTelecom's own pages name no response. Redirects are not followed. By default, no request leaves this
machine: the check sees each address just before the connection, after the look-up of `localhost`.
"""

from __future__ import annotations

import io
import os
import socket
from http import HTTPStatus
from ipaddress import ip_address
from typing import Any, Final
from urllib.parse import urlsplit

import aiohttp
import attrs

TIMEOUT: Final = 5
"""Seconds for one attempt."""
_ACCEPTED: Final = b"ok"
_MOST_READ: Final = 4096
"""Bytes of a response that are read."""
_MOST_SHOWN: Final = 1000
"""Characters of a response that are stored."""
NOT_SENT: Final = (
    "not sent: the sandbox posts to this machine only; allow_remote_webhooks (--allow-remote-webhooks) "
    "allows other addresses"
)
"""The error of an address that is not on this machine."""


@attrs.frozen
class Outcome:
    """How one attempt ended."""

    error: str
    """Why it failed; empty after a success."""
    status: int | None = None
    body: str = ""
    """The start of the response."""
    is_sent: bool = True
    """Whether a connection was tried."""


class _RemoteAddressError(OSError):
    """An address is not on this machine."""


def is_local(url: str) -> bool:
    """Return whether a URL names this machine, without a look-up in the DNS."""
    try:
        host = (urlsplit(url).hostname or "").removesuffix(".")
    except ValueError:  # a record can have any text as its URL
        return False
    return host == "localhost" or host.endswith(".localhost") or _is_loopback(host)


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        return False


def _open_local_socket(info: Any) -> socket.socket:
    family, kind, protocol, _, place = info
    if not _is_loopback(str(place[0])):
        raise _RemoteAddressError
    return socket.socket(family, kind, protocol)


class Poster:
    """
    Posts events.

    Args:
        is_remote_allowed: Whether requests may leave this machine.
    """

    def __init__(self, *, is_remote_allowed: bool = False) -> None:
        self._is_remote_allowed: Final = is_remote_allowed
        self._session: aiohttp.ClientSession | None = None

    async def close(self) -> None:
        """Close the connections; a later post opens new ones."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def post(self, url: str, body: bytes) -> Outcome:
        """Post an event, and return the outcome; no failure of the receiver raises an error."""
        if not (self._is_remote_allowed or is_local(url)):
            return Outcome(NOT_SENT, is_sent=False)
        try:
            return await self._post(url, body)
        except TimeoutError:
            return Outcome(f"no response within {TIMEOUT} seconds")
        except (aiohttp.ClientError, OSError, ValueError) as error:
            return _failure(error)

    async def _post(self, url: str, body: bytes) -> Outcome:
        headers = {"Content-Type": "application/json"}
        # aiohttp warns about many bytes, not about a file of them.
        data = io.BytesIO(body)
        async with self._opened().post(url, data=data, headers=headers, allow_redirects=False) as response:
            found = await _read(response)
            text = found.decode(errors="replace")[:_MOST_SHOWN]
            if response.status != HTTPStatus.OK:
                return Outcome(f"unexpected status: {response.status}", response.status, text)
            if found.rstrip() != _ACCEPTED:
                return Outcome("unexpected body: it is not ok", response.status, text)
            return Outcome("", response.status, text)

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            connector = aiohttp.TCPConnector(
                limit=0,
                # A receiver that restarts between two events has closed an old connection.
                force_close=True,
                socket_factory=None if self._is_remote_allowed else _open_local_socket,
            )
            self._session = aiohttp.ClientSession(
                connector=connector,
                timeout=aiohttp.ClientTimeout(total=TIMEOUT),
                cookie_jar=aiohttp.DummyCookieJar(),
                trust_env=False,  # a proxy would be another machine
            )
        return self._session


def _failure(error: Exception) -> Outcome:
    """Return the outcome of an attempt without a response."""
    if isinstance(error, aiohttp.InvalidURL):
        return Outcome("the URL is not valid", is_sent=False)
    if isinstance(error, aiohttp.ClientSSLError):
        return Outcome("cannot connect: TLS failed; the certificate may not be trusted on this machine")
    if not isinstance(error, aiohttp.ClientConnectorError):
        return Outcome(f"the connection failed ({type(error).__name__})")
    if isinstance(error.os_error, _RemoteAddressError):
        return Outcome(NOT_SENT, is_sent=False)
    number = error.os_error.errno or 0
    # A failed look-up of a name has a number that is not positive.
    return Outcome(f"cannot connect: {os.strerror(number) if number > 0 else 'the name has no address'}")


async def _read(response: aiohttp.ClientResponse) -> bytes:
    """Return the start of a body; the rest of a longer one is not read."""
    found = b""
    async for piece in response.content.iter_any():
        found += piece
        if len(found) > _MOST_READ:
            response.close()
            break
    return found[: _MOST_READ + 1]
