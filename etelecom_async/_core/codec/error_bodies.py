"""Error bodies: bytes to errors for the client, errors to bytes for the sandbox. No I/O."""

from __future__ import annotations

import json
import math
import re
import unicodedata
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from http import HTTPStatus
from itertools import islice
from typing import Any, Final, NamedTuple, Self, cast

import msgspec

from etelecom_async._core import known_secrets
from etelecom_async._core.codec import lenient_json, scalars
from etelecom_async._core.operation import FailureRule, JsonObject, Operation
from etelecom_async._core.secret import mask
from etelecom_async.errors import (
    APIError,
    APIQuotaError,
    DecodeError,
    DeliveryError,
    DeliveryQuotaError,
    EtelecomError,
    NotAppliedError,
    ResourceExhaustedError,
    ResultError,
    SmsError,
    UnauthenticatedError,
    by_code,
    by_sms_status,
)

QUOTED_BYTES: Final = 200
"""Bytes of a response that an error quotes."""
# The bytes or characters of a text that are searched for secrets; the rest is not shown.
_MASKED_BYTES: Final = 4096
# Characters of a key or a phone number that cannot be recognized yet: `shop`, an id of 19 digits, a colon,
# and 7 letters.
_LONGEST_UNQUOTED: Final = 40
_MOST_DETAILS: Final = 100

# The classes of responses that carry no code. Their status alone has one meaning for any sender.
_CLASS_OF_STATUS: Final = {401: UnauthenticatedError, 429: ResourceExhaustedError}
_TOO_MANY: Final = 429


def encode(error: APIError) -> tuple[int, bytes]:
    """Return the HTTP status and the body from which `decode` raises *error* again."""
    body: JsonObject = {"code": error.code, "msg": error.msg}
    if error.meta:
        body["meta"] = error.meta
    return error.status, msgspec.json.encode(body)


def decode(
    operation: Operation[Any, Any], status: int, headers: Mapping[str, str], body: bytes
) -> EtelecomError:
    """Return the error that a response with an HTTP status outside of 2xx means."""
    if status < HTTPStatus.BAD_REQUEST:
        what = "a redirect" if status >= HTTPStatus.MULTIPLE_CHOICES else "no final response"
        target = _describe_location(headers.get("Location", ""))
        return DecodeError(
            (f"{what} (HTTP {status}){target} instead of a response: check the base URL @ $",),
            status=status,
            body=quote(body),
            operation=operation.name,
        )
    retry_after = _retry_after(headers)
    envelope = _envelope(body)
    if envelope is None:
        text, is_page = _describe_foreign(headers, body), is_html(headers, body)
        kind = _CLASS_OF_STATUS.get(status, APIError)
        if status == _TOO_MANY and retry_after is None and not is_page and _names_quota(_beginning(body)):
            kind = APIQuotaError
        error = kind.without_code(text, status=status, retry_after=retry_after, operation=operation.name)
        if is_page:
            error.hint = FOREIGN_HINT  # the key is not the reason
        return error
    return _api_error(operation, envelope, status, retry_after)


FOREIGN_HINT: Final = (
    "It is not a response of the API: check the base URL, and ask the operator of the proxy or the firewall."
)
"""The hint of an error whose response is HTML."""


class _Envelope(NamedTuple):
    """What an error of the API says: a JSON object whose `code` is text."""

    code: str
    msg: str
    meta: Mapping[str, str]
    names_quota: bool
    """Whether it names a quota; the text is read before it is masked."""

    @classmethod
    def masked(cls, code: str, msg: str, meta: object) -> Self:
        """Return the envelope of a server. A code of the protocol stays: the class depends on it."""
        details = cast("dict[str, object]", meta) if isinstance(meta, dict) else {}
        first = {key: str(value) for key, value in islice(details.items(), _MOST_DETAILS)}
        return cls(
            code if by_code(code) is not APIError else _masked(code),
            _masked(msg),
            {_masked(key): _masked(value) for key, value in first.items()},
            _names_quota(code, msg, *first, *first.values()),
        )


def _api_error(
    operation: Operation[Any, Any], envelope: _Envelope, status: int, retry_after: float | None
) -> APIError:
    kind = by_code(envelope.code)
    is_throttle = kind is ResourceExhaustedError or (kind is APIError and status == _TOO_MANY)
    if is_throttle and retry_after is None and envelope.names_quota:
        kind = APIQuotaError
    return kind(
        envelope.msg,
        code=envelope.code,
        meta=envelope.meta,
        status=status,
        retry_after=retry_after,
        operation=operation.name,
    )


def _envelope(body: bytes) -> _Envelope | None:
    # JSON that a parser reads may still be too deep to be written as a text.
    with suppress(ValueError, RecursionError):
        raw = lenient_json.read(body).value
        fields = cast("JsonObject", raw) if isinstance(raw, dict) else {}
        code, msg, meta = fields.get("code"), fields.get("msg"), fields.get("meta")
        if not isinstance(code, str):
            return None
        return _Envelope.masked(code, str(msg or ""), meta)
    code = _code_of_cut(body)
    if code is None:
        return None
    return _Envelope.masked(code, _beginning(body), {})._replace(msg=quote(body))


_STRING_BEFORE_VALUE: Final = re.compile(r'[{,]\s*("(?:[^"\\]|\\.)*")\s*:\s*')


def _code_of_cut(body: bytes) -> str | None:
    """Return the `code` of a JSON object that was cut off, if the cut is behind it."""
    text = _beginning(body).strip()
    decoder, position = json.JSONDecoder(), 0
    # A value that was cut off ends the search.
    with suppress(ValueError, RecursionError):
        while match := _STRING_BEFORE_VALUE.match(text, position):
            value, position = decoder.raw_decode(text, match.end())
            if json.loads(match[1]) == "code":
                return lenient_json.repaired_text(value) if isinstance(value, str) else None
            position = len(text) - len(text[position:].lstrip())
    return None


def is_html(headers: Mapping[str, str], body: bytes) -> bool:
    """Return whether a response is HTML, by its type or its first character."""
    return "html" in headers.get("Content-Type", "").lower() or _beginning(body).lstrip()[:1] == "<"


_TITLE: Final = re.compile(r"<(title|h1)\b[^>]*>([^<]*)", re.IGNORECASE)


def _describe_foreign(headers: Mapping[str, str], body: bytes) -> str:
    """Return the text of an error that did not come from the API."""
    if not lenient_json.without_mark(body).strip():
        return "no text"
    if not is_html(headers, body):
        return quote(body)
    title = _TITLE.search(_masked(_beginning(body)))
    shown = " ".join(title[2].split()).encode()[:QUOTED_BYTES].decode(errors="ignore") if title else ""
    detail = f" ({shown!r})" if shown else ""
    return f"a proxy, a firewall or a wrong base URL answered with an HTML page{detail}"


_USER: Final = re.compile(r"[^/\\]*@")
_PLACE: Final = re.compile(r"(?:(?:\w+:)?//(?:[\w.-]+|\[[\da-fA-F:.]+\])(?::\d+)?)?(?:/.*)?", re.DOTALL)


def _describe_location(location: str) -> str:
    """Return where a redirect leads, without user name, password, query and fragment."""
    # Masked before the cut, which may be inside a secret.
    place = _USER.sub("", re.split("[?#;]", _masked(location), maxsplit=1)[0]).strip()
    if not place or _PLACE.fullmatch(place) is None:
        return ""
    return f" to {quote(place.encode(errors='replace'))!r}"


# A quota is renewed after hours or days, or has to be bought. "Quota ... per minute" is a rate.
_QUOTA: Final = re.compile(r"quota|hạn mức|hạn ngạch", re.IGNORECASE)
_RATE: Final = re.compile(
    r"per.?(?:second|minute)|\brate\b|/ ?(?:s|sec|min)\b|mỗi (?:giây|phút)", re.IGNORECASE
)


def _names_quota(*texts: str) -> bool:
    """Return whether the texts of an error name a quota and not a rate."""
    whole = unicodedata.normalize("NFC", " ".join(text[:_MASKED_BYTES] for text in texts))
    return _QUOTA.search(whole) is not None and _RATE.search(whole) is None


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """
    Return seconds. The header holds seconds or a date; a value that cannot be read counts as absent.

    A date is by the server's clock, which the response's own `Date` shows.
    """
    value = headers.get("Retry-After")
    if value is None:
        return None
    try:
        seconds = float(value)
    except ValueError:
        when = scalars.read_http_date(value)
        if when is None:
            return None
        now = scalars.read_http_date(headers.get("Date")) or datetime.now(UTC)
        seconds = (when - now).total_seconds()
    return max(seconds, 0.0) if math.isfinite(seconds) else None


def raise_if_failed(operation: Operation[Any, Any], status: int, result: Any) -> None:
    """
    Apply the operation's failure rule to *result*.

    Raises:
        APIError: The result carries another code than `ok`.
        ResultError: The result says that the call failed.
    """
    rule = operation.fails_in_body
    if rule is None:
        return
    error = _not_ok(operation, status, result) if rule is FailureRule.NOT_OK else _FAILURES[rule](result)
    if error is not None:
        error.operation = operation.name
        raise error


def _not_ok(operation: Operation[Any, Any], status: int, result: Any) -> APIError | None:
    """
    Return the error of a result whose `code` is not `ok`.

    Code, text and details are those of the API's errors, so the class is theirs too. A caller
    handles "permission denied" in one place, whatever the HTTP status.
    """
    code: str = result.code
    if not code or code.strip().lower() == "ok":
        return None
    return _api_error(operation, _Envelope.masked(code.strip(), result.msg, result.meta), status, None)


def _not_updated(result: Any) -> ResultError | None:
    if result.updated:
        return None
    return NotAppliedError("the response says `updated: 0`: nothing was changed.", result=result)


def _error_code(result: Any) -> ResultError | None:
    code: int | None = result.error_code
    if not code:
        return None
    from etelecom_async._core.codec.zalo_codes import QUOTA_CODES, ZALO  # only an error needs them

    meaning = f" ({ZALO[code]})" if code in ZALO else ""
    message = f"refused with error_code {code}{meaning}{_format_detail(result.error_message)}."
    return (DeliveryQuotaError if code in QUOTA_CODES else DeliveryError)(message, result=result)


_NUMBER: Final = re.compile(r"\s*([+-]?\d+(?:\.\d+)?)\s*", re.ASCII)


def _sms_status(result: Any) -> ResultError | None:
    shown = str(result.status)
    match = _NUMBER.fullmatch(shown)
    number = float(match[1]) if match else 0.0
    if number == 1:
        return None
    detail = _format_detail(result.code)
    if number < 0:
        status = str(int(number)) if number.is_integer() else shown.strip()
        return by_sms_status(status)(f"refused with status {shown}{detail}.", result=result, status=status)
    # The documentation calls every status but 1 a refusal, and lists negative ones only.
    error = SmsError(f"neither accepted nor refused: status {shown!r}{detail}.", result=result, status=shown)
    error.may_have_happened = True
    return error


_FAILURES: Final[Mapping[FailureRule, Callable[[Any], ResultError | None]]] = {
    FailureRule.NOT_UPDATED: _not_updated,
    FailureRule.ERROR_CODE: _error_code,
    FailureRule.SMS_STATUS: _sms_status,
}


def _format_detail(text: str) -> str:
    return f": {_masked(text)}" if text else ""


def describe_malformed(error: Exception, headers: Mapping[str, str], body: bytes) -> str:
    """Return why *body* is not a JSON object."""
    if not lenient_json.without_mark(body).strip():
        return "the response is empty"
    if is_html(headers, body):
        return "the response is HTML"
    reason = str(error)
    # Releases of msgspec say this in their own words.
    return "a text is not UTF-8" if "utf-8" in reason.lower() else reason


def _beginning(body: bytes) -> str:
    """Return the part of *body* that is searched for secrets, as text without a byte order mark."""
    return lenient_json.without_mark(body)[:_MASKED_BYTES].decode(errors="replace")


def _masked(text: str) -> str:
    shown = mask(text[:_MASKED_BYTES])
    return shown if len(text) <= _MASKED_BYTES else f"{shown[: -_longest_unquoted()]}..."


def _longest_unquoted() -> int:
    """Return the number of characters at a cut that may be a part of a secret."""
    return max(_LONGEST_UNQUOTED, known_secrets.current().longest)


def quote(body: bytes) -> str:
    """Return the first bytes of *body*, masked."""
    # Masked before the cut, so that no cut shows half a secret. The masked part may end with such a half.
    text = mask(_beginning(body))
    if len(body) > _MASKED_BYTES:
        text = text[: -_longest_unquoted()]
    return text.encode()[:QUOTED_BYTES].decode(errors="ignore")
