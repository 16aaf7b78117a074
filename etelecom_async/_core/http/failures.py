"""Classify and describe failures of aiohttp and the system, and remove secrets from them."""

from __future__ import annotations

import re
from typing import Final

import aiohttp

from etelecom_async._core.secret import mask
from etelecom_async.errors import ConnectError

# Exceptions that aiohttp raises before it sends a request. A proxy that refuses CONNECT does respond, but the
# API never gets the request.
NEVER_SENT: Final = (
    aiohttp.ClientConnectorError,
    aiohttp.ClientHttpProxyError,
    aiohttp.ConnectionTimeoutError,
)
# With TLS 1.3 the client may already send the request when the server refuses the client's certificate. The
# server has not read the request then.
_CLIENT_CERTIFICATE_ALERT: Final = r"ALERT_(?:\w*CERTIFICATE|UNKNOWN_CA|ACCESS_DENIED)"
_CLOCK: Final = "the server must renew it, if the clock of this machine is right"
_AUTHORITY: Final = "if you trust its issuer, pass tls=Tls(ca_file=...)"
# By OpenSSL's error number: 9 and 10 not yet valid or expired; 18 to 21 self-signed or unknown issuer.
_HINTS: Final = {9: _CLOCK, 10: _CLOCK, 18: _AUTHORITY, 19: _AUTHORITY, 20: _AUTHORITY, 21: _AUTHORITY}


def never_sent(error: BaseException) -> ConnectError:
    return ConnectError(f"could not connect: {describe(error)}.")


def refuses_our_certificate(error: BaseException) -> bool:
    return (
        isinstance(error, aiohttp.ClientOSError)
        and re.search(_CLIENT_CERTIFICATE_ALERT, str(error)) is not None
    )


def describe(error: BaseException) -> str:
    text, hint = str(error), ""
    if isinstance(error, aiohttp.ClientHttpProxyError):
        text = f"the proxy answered HTTP {error.status} {error.message}"
    elif isinstance(error, aiohttp.ServerDisconnectedError):
        text = "Server disconnected"  # its text may quote part of a response
    elif isinstance(error, aiohttp.ClientConnectorError):
        reason = error.os_error
        text = f"{error.host}:{error.port}: {str(reason) or type(reason).__name__}"
        hint = _HINTS.get(getattr(reason, "verify_code", 0), "")
    if refuses_our_certificate(error):
        hint = "the server requires a client certificate that it trusts: tls=Tls(cert_file=..., key_file=...)"
    text = mask(text) or type(error).__name__  # it may quote a response that is not HTTP
    return f"{text}; {hint}" if hint else text


def sanitized_cause(error: BaseException) -> BaseException | None:
    """Return a form of *error* without keys and passwords, or `None` if there is none."""
    if isinstance(error, aiohttp.ClientConnectorError):
        error = error.os_error  # its own repr shows the proxy with its password
    if isinstance(error, aiohttp.ClientResponseError) or mask(str(error)) != str(error):
        return None  # a ClientResponseError contains the headers of the request
    error.__cause__ = error.__context__ = None  # they may contain the same secrets
    return error
