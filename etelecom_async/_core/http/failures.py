"""Classify and describe failures of aiohttp and the system, and remove secrets from them."""

from __future__ import annotations

import re
from typing import Final

import aiohttp
from aiohttp.http_exceptions import HttpProcessingError

from etelecom_async._core.secret import mask
from etelecom_async.errors import ConnectError, ResponseLostError

# With TLS 1.3 the client may already send the request when the server refuses the client's certificate. The
# server has not read the request then.
_CLIENT_CERTIFICATE_ALERT: Final = r"ALERT_(?:\w*CERTIFICATE|UNKNOWN_CA|ACCESS_DENIED)"
_CLOCK: Final = "the server must renew it, if the clock of this machine is right"
_AUTHORITY: Final = "if you trust its issuer, pass tls=Tls(ca_file=...)"
_OTHER_LIMIT: Final = (
    "for a higher one, pass session=aiohttp.ClientSession(max_line_size=..., max_field_size=...) of your own"
)
_STRICT: Final = (
    "Python 3.13 and later require certificates that follow RFC 5280, so its owner must renew it. Until "
    "then, pass tls=context with context = ssl.create_default_context(cafile=...) and "
    "context.verify_flags &= ~ssl.VERIFY_X509_STRICT"
)
# By OpenSSL's error number: 9 and 10 not yet valid or expired; 18 to 21 self-signed or unknown issuer; 80 to
# 94 the strict rules, for example 85, a missing Authority Key Identifier.
_HINTS: Final = {
    **dict.fromkeys((9, 10), _CLOCK),
    **dict.fromkeys((18, 19, 20, 21), _AUTHORITY),
    **dict.fromkeys(range(80, 95), _STRICT),
}


class NeverSentError(Exception):
    """The pool could not connect; *reason* is the exception of aiohttp or the system."""

    def __init__(self, reason: Exception) -> None:
        super().__init__()
        self.reason = reason


# Exceptions that aiohttp raises before it sends a request. A proxy that refuses CONNECT does respond, but the
# API never gets the request.
NEVER_SENT: Final = (
    NeverSentError,
    aiohttp.ClientConnectorError,
    aiohttp.ClientHttpProxyError,
    aiohttp.ConnectionTimeoutError,
)


def never_sent(error: BaseException) -> ConnectError:
    return ConnectError(f"could not connect: {describe(error)}.")


def refuses_our_certificate(error: BaseException) -> bool:
    return (
        isinstance(error, aiohttp.ClientOSError)
        and re.search(_CLIENT_CERTIFICATE_ALERT, str(error)) is not None
    )


def lost(error: BaseException) -> ResponseLostError:
    """Return the error for a request that was sent, and whose response was not received."""
    reason = describe(error)
    return ResponseLostError(f"{reason}." if _violation(error) else f"the connection broke: {reason}.")


def describe(error: BaseException) -> str:
    """Return what failed, on one line, and what to do about it."""
    text, hint = str(error), ""
    if isinstance(error, aiohttp.ClientHttpProxyError):
        text = f"the proxy answered HTTP {error.status} {error.message}"
    elif isinstance(error, aiohttp.ServerDisconnectedError):
        text = "Server disconnected"  # its text may quote part of a response
    elif isinstance(error, aiohttp.ClientConnectorError):
        reason = error.os_error
        text = f"{error.host}:{error.port}: {str(reason) or type(reason).__name__}"
        hint = _HINTS.get(getattr(reason, "verify_code", 0), "")
    elif (violation := _violation(error)) is not None:
        text = f"the response is not valid HTTP: {violation}"
    elif (cut := _parser_text(error)) is not None:
        text = cut.rstrip(".")
    if refuses_our_certificate(error):
        hint = "the server requires a client certificate that it trusts: tls=Tls(cert_file=..., key_file=...)"
    # It may quote a response that is not HTTP.
    text = " ".join(mask(text).split())[:_LONGEST] or type(error).__name__
    return f"{text}; {hint}" if hint else text


_LONGEST: Final = 300
"""Characters of a failure's own text."""
# aiohttp shows an error of its parser with a status that no server sent, in one of two forms.
_IN_PAYLOAD: Final = re.compile(
    r"\d+, message:\s*(?P<text>.*)|.*<\w+: \d+, message=(?P<quote>['\"])(?P<quoted>.*)(?P=quote)>.*",
    re.DOTALL,
)
_CUT: Final = "Not enough data"
"""Beginning of the parser's text if the connection closed before the end of a response."""
_TOO_LONG: Final = re.compile(r"Got more than (\d+) bytes")
_UNDECODABLE: Final = re.compile(r"Can not decode content-encoding|deflate$")


def _parser_text(error: BaseException) -> str | None:
    """Return what aiohttp's parser says about the response; `None` if *error* is not from the parser."""
    # The parser's own error is not always among the causes: that depends on when the bytes arrived.
    if isinstance(error, aiohttp.ClientResponseError):
        return error.message if isinstance(error.__cause__, HttpProcessingError) else None
    if isinstance(error, aiohttp.ClientPayloadError) and (match := _IN_PAYLOAD.fullmatch(str(error))):
        return match["text"] or match["quoted"] or ""
    return None


def _violation(error: BaseException) -> str | None:
    """Return how the response breaks the rules of HTTP; `None` if that is not what failed."""
    text = _parser_text(error)
    if text is None or text.startswith(_CUT):
        return None
    if (limit := _TOO_LONG.match(text)) is not None:
        # The text goes on with the line, which may hold a secret.
        return f"a line or a header has more than {limit[1]} bytes, which is the limit; {_OTHER_LIMIT}"
    if _UNDECODABLE.match(text):
        return f"its body cannot be decoded as its Content-Encoding says ({text})"
    return text.rstrip(" ^\n.") or "it cannot be read"


def sanitized_cause(error: BaseException) -> BaseException | None:
    """Return a form of *error* without keys and passwords, or `None` if there is none."""
    if isinstance(error, NeverSentError):
        error = error.reason
    if isinstance(error, aiohttp.ClientConnectorError):
        error = error.os_error  # its own repr shows the proxy with its password
    if isinstance(error, aiohttp.ClientResponseError) or mask(str(error)) != str(error):
        return None  # a ClientResponseError contains the headers of the request
    if _parser_text(error) is not None:
        error = aiohttp.ClientPayloadError(describe(error))
    error.__cause__ = error.__context__ = None  # they may contain the same secrets
    return error
