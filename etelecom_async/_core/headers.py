"""
Check the headers that a caller adds to each request, for example for a gateway.

The value of such a header is often a token, so it is held as a `Secret`, and no error shows it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, cast

from etelecom_async._core.secret import Secret, problem_of
from etelecom_async._core.values import kind_of
from etelecom_async.errors import ConfigurationError

_ELSEWHERE: Final = {
    "authorization": "the client sends the key there; pass the key as api_key",
    "proxy-authorization": "pass proxy='http://user:password@host:port'",
}
"""Headers of the client that have an argument of their own."""
OWN: Final = frozenset(
    (
        *_ELSEWHERE,
        *("accept", "accept-encoding", "content-type", "user-agent"),
        # They describe the body and the connection, so a wrong value breaks the request.
        *("connection", "content-encoding", "content-length", "content-range", "expect", "host"),
        *(
            "http2-settings",
            "keep-alive",
            "proxy-connection",
            "te",
            "trailer",
            "transfer-encoding",
            "upgrade",
        ),
    )
)
"""Headers that the client or HTTP itself sets, in lower case."""

_TOKEN: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
# A name may be a token in the wrong place. Tokens have more digits or are longer.
_SHOWN_NAME: Final = re.compile(r"(?a)[A-Z]{1,20}\d?(?:[-_][A-Z]{1,20}\d?){0,4}", re.IGNORECASE)
_VALUE: Final = re.compile(r"[ -~]+")
_FEWEST: Final = 4
"""A value with fewer characters is no secret, and would mask parts of many texts."""


def merged(before: Mapping[str, Secret], given: object) -> Mapping[str, Secret]:
    """
    Return the headers *before* with those of the caller. Names ignore case.

    Raises:
        ConfigurationError: A name or a value is invalid, or the client sets the header itself.
    """
    if not isinstance(given, Mapping):
        message = f"headers takes a mapping of names to texts, not {kind_of(given)}."
        raise ConfigurationError(message)
    added: dict[str, tuple[str, Secret]] = {}
    for given_name, value in cast("Mapping[object, Any]", given).items():
        name = _checked_name(given_name)
        if name.lower() in added:
            message = f"headers names {_shown(name)} twice: names ignore case, so pass it once."
            raise ConfigurationError(message)
        secret = Secret.of(value)
        problem = _problem_of(secret)
        if problem is not None:
            message = f"headers: the value of {_shown(name)} {problem}."
            raise ConfigurationError(message)
        added[name.lower()] = name, secret
    kept = {name.lower(): (name, secret) for name, secret in before.items()}
    return dict({**kept, **added}.values())


def revealed(headers: Mapping[str, Secret]) -> Mapping[str, str]:
    """Return *headers* as they are sent."""
    return {name: secret.reveal() for name, secret in headers.items()}


def secrets_of(headers: Iterable[Secret]) -> Iterator[str]:
    """Yield the texts that no error may show: each value, and what follows a scheme such as `Bearer`."""
    for secret in headers:
        text = secret.reveal()
        yield from (part for part in (text, text.partition(" ")[2]) if len(part) >= _FEWEST)


def _checked_name(name: object) -> str:
    if not isinstance(name, str):
        message = f"headers takes texts as names, not {kind_of(name)}."
        raise ConfigurationError(message)
    name = str.__str__(name)  # a subclass may print another text
    if _TOKEN.fullmatch(name) is None:
        message = (
            "headers has an invalid name, which is not shown: it may be a token in the wrong place. A name "
            "has letters, digits and signs such as `-`, but no space and no colon."
        )
        raise ConfigurationError(message)
    if name.lower() in OWN:
        remedy = _ELSEWHERE.get(name.lower(), "the client sets it itself; omit it")
        message = f"headers cannot contain {name}: {remedy}."
        raise ConfigurationError(message)
    return name


def _shown(name: str) -> str:
    return repr(name) if _SHOWN_NAME.fullmatch(name) else "a name that is not shown"


def _problem_of(secret: Secret) -> str | None:
    # Raises no exception, because its frame holds the text of the secret.
    if (problem := problem_of(secret)) is not None:
        return problem
    text = secret.reveal()
    if not text.strip():
        return "is empty: omit the header, or set the variable that it comes from"
    if text != text.strip():
        return "starts or ends with white space: copy it again"
    if _VALUE.fullmatch(text) is None:
        return "has line breaks, control characters or letters outside ASCII, which a header cannot carry"
    return None
