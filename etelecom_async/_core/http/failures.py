"""Failures of aiohttp and the system: what they prove, how to describe them, what a cause may hold."""

from __future__ import annotations

import re
from typing import Final

import aiohttp

from etelecom_async._core.secret import mask
from etelecom_async.errors import ConnectError

# What aiohttp raises before a request has left. A proxy that refuses to connect to the API is an answer, but
# none of the API's.
NEVER_SENT: Final = (
    aiohttp.ClientConnectorError,
    aiohttp.ClientHttpProxyError,
    aiohttp.ConnectionTimeoutError,
)
# By TLS 1.3 the request is under way when the server, which has not looked at it yet, says that it wants
# another certificate of the client, or any.
_ABOUT_OURS: Final = r"ALERT_(?:\w*CERTIFICATE|UNKNOWN_CA|ACCESS_DENIED)"
_CLOCK: Final = "the server has to renew it, if the clock of this machine is right"
_AUTHORITY: Final = "if you trust who signed it, say so by tls=Tls(ca_file=...)"
# By OpenSSL's numbers: not valid yet or any more; signed by itself or by a stranger.
_CURES: Final = {9: _CLOCK, 10: _CLOCK, 18: _AUTHORITY, 19: _AUTHORITY, 20: _AUTHORITY, 21: _AUTHORITY}


def never_sent(error: BaseException) -> ConnectError:
    return ConnectError(f"could not connect: {describe(error)}.")


def refuses_our_certificate(error: BaseException) -> bool:
    return isinstance(error, aiohttp.ClientOSError) and re.search(_ABOUT_OURS, str(error)) is not None


def describe(error: BaseException) -> str:
    text, cure = str(error), ""
    if isinstance(error, aiohttp.ClientHttpProxyError):
        text = f"the proxy answered HTTP {error.status} {error.message}"
    elif isinstance(error, aiohttp.ServerDisconnectedError):
        text = "Server disconnected"  # it may quote the half of an answer's head
    elif isinstance(error, aiohttp.ClientConnectorError):
        reason = error.os_error
        text = f"{error.host}:{error.port}: {str(reason) or type(reason).__name__}"
        cure = _CURES.get(getattr(reason, "verify_code", 0), "")
    if refuses_our_certificate(error):
        cure = "the server wants a certificate that it trusts: tls=Tls(cert_file=..., key_file=...)"
    text = mask(text) or type(error).__name__  # it may quote an answer that is no HTTP
    return f"{text}; {cure}" if cure else text


def sanitized_cause(error: BaseException) -> BaseException | None:
    """Return *error* as a cause without keys and passwords in its attributes, `None` if it must not stay."""
    if isinstance(error, aiohttp.ClientConnectorError):
        error = error.os_error  # its own repr shows the proxy with its password
    if isinstance(error, aiohttp.ClientResponseError) or mask(str(error)) != str(error):
        return None  # the former carries the headers of the request
    error.__cause__ = error.__context__ = None  # they may hold the same
    return error
