"""Error bodies: bytes to errors for the client, errors to bytes for the sandbox. No I/O."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from itertools import islice
from typing import Any, Final, cast

import msgspec

from etelecom_async._core.codec.zalo_codes import ZALO
from etelecom_async._core.operation import FailureRule, JsonObject, Operation
from etelecom_async._core.secret import mask
from etelecom_async.errors import (
    APIError,
    DecodeError,
    DeliveryError,
    EtelecomError,
    NotAppliedError,
    ResultError,
    by_code,
    by_sms_status,
)

QUOTED_BYTES: Final = 200
"""Bytes of an answer that an error quotes."""
# Of a text, so many bytes or letters are looked through for secrets; what follows is not shown.
_MASKED_BYTES: Final = 4096
# Characters of a key or a phone number that are not yet known for one: `shop`, an id of 19 digits, a colon,
# and 7 letters.
_LONGEST_UNQUOTED: Final = 40
_MOST_DETAILS: Final = 100

# What intermediaries mean by a status, by the rule of the Twirp protocol.
_CODE_OF_STATUS: Final = {
    400: "internal",
    401: "unauthenticated",
    403: "permission_denied",
    404: "bad_route",
    429: "resource_exhausted",
    502: "unavailable",
    503: "unavailable",
    504: "unavailable",
}


def encode(error: APIError) -> tuple[int, bytes]:
    """Return the HTTP status and the body from which `decode` raises *error* again."""
    body: JsonObject = {"code": error.code, "msg": error.msg}
    if error.meta:
        body["meta"] = error.meta
    return error.status, msgspec.json.encode(body)


def decode(
    operation: Operation[Any, Any], status: int, headers: Mapping[str, str], body: bytes
) -> EtelecomError:
    if status < 400:  # noqa: PLR2004 - HTTP's own number
        what = "a redirect" if status >= 300 else "no final answer"  # noqa: PLR2004 - as above
        return DecodeError(
            (f"{what} (HTTP {status}) in place of an answer: check the base URL @ $",),
            status=status,
            body=quote(body),
            operation=operation.name,
        )
    code, msg, meta = _envelope(status, body)
    return by_code(code)(
        msg,
        code=code,
        meta=meta,
        status=status,
        retry_after=_retry_after(headers.get("Retry-After")),
        operation=operation.name,
    )


def _envelope(status: int, body: bytes) -> tuple[str, str, dict[str, str]]:
    # Also what a parser reads may be too deep to be written as a text.
    with suppress(msgspec.MsgspecError, ValueError, RecursionError):
        raw = msgspec.json.decode(body)
        fields = cast("JsonObject", raw) if isinstance(raw, dict) else {}
        code, msg, meta = fields.get("code"), fields.get("msg"), fields.get("meta")
        if isinstance(code, str):
            details = cast("dict[str, object]", meta) if isinstance(meta, dict) else {}
            told = islice(details.items(), _MOST_DETAILS)
            return (
                _masked(code),
                _masked(str(msg or "")),
                {_masked(key): _masked(str(value)) for key, value in told},
            )
    # Not the API's own words: a proxy, another host, the SMS service's bare text; or they were cut off.
    begun = re.match(_BEGUN, body)
    code = begun[1].decode() if begun else _CODE_OF_STATUS.get(status, "unknown")
    return code, quote(body) or "no text", {}


# A Twirp server writes the code first: it is there where the rest was cut off.
_BEGUN: Final = rb'\s*\{\s*"code"\s*:\s*"(\w+)"'


def _retry_after(value: str | None) -> float | None:
    """Return seconds; the header holds seconds or a date, and what cannot be read counts as absent."""
    if value is None:
        return None
    try:
        seconds = float(value)
    except ValueError:
        try:
            when = parsedate_to_datetime(value)
        except (ValueError, OverflowError):
            return None
        if when.tzinfo is None:
            when = when.replace(tzinfo=UTC)
        seconds = (when - datetime.now(UTC)).total_seconds()
    return max(seconds, 0.0) if math.isfinite(seconds) else None


def raise_if_failed(operation: Operation[Any, Any], result: Any) -> None:
    """
    Apply the operation's failure rule to *result*.

    Raises:
        ResultError: The result says that the call failed.
    """
    rule = operation.fails_in_body
    if rule is not None and (error := _FAILURES[rule](result)) is not None:
        error.operation = operation.name
        raise error


def _not_updated(result: Any) -> ResultError | None:
    if result.updated:
        return None
    return NotAppliedError("the server answered `updated: 0`: nothing was done.", result=result)


def _error_code(result: Any) -> ResultError | None:
    code: int | None = result.error_code
    if not code:
        return None
    meaning = f" ({ZALO[code]})" if code in ZALO else ""
    message = f"refused with error_code {code}{meaning}{_format_detail(result.error_message)}."
    return DeliveryError(message, result=result)


def _sms_status(result: Any) -> ResultError | None:
    if result.status == "1":
        return None
    status = str(result.status)
    message = f"refused with status {status}{_format_detail(result.code)}."
    error = by_sms_status(status)(message, result=result, status=status)
    error.may_have_happened = not result.status  # a response that says neither yes nor no
    return error


_FAILURES: Final[Mapping[FailureRule, Callable[[Any], ResultError | None]]] = {
    FailureRule.NOT_UPDATED: _not_updated,
    FailureRule.ERROR_CODE: _error_code,
    FailureRule.SMS_STATUS: _sms_status,
}


def _format_detail(text: str) -> str:
    return f": {_masked(text)}" if text else ""


def describe_malformed(error: Exception, headers: Mapping[str, str], body: bytes) -> str:
    if not body:
        return "the answer is empty"
    kind = headers.get("Content-Type", "")
    if "html" in kind or body.lstrip()[:1] == b"<":
        return "the answer is HTML"
    return str(error)


def _masked(text: str) -> str:
    shown = mask(text[:_MASKED_BYTES])
    return shown if len(text) <= _MASKED_BYTES else f"{shown[:-_LONGEST_UNQUOTED]}..."


def quote(body: bytes) -> str:
    # Masked before it is cut, so that a cut never uncovers half a secret; what stands at the end of what
    # was masked may be such a half.
    text = mask(body[:_MASKED_BYTES].decode(errors="replace"))
    if len(body) > _MASKED_BYTES:
        text = text[:-_LONGEST_UNQUOTED]
    return text.encode()[:QUOTED_BYTES].decode(errors="ignore")
