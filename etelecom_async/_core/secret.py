"""
Keep secrets out of everything that is printed, logged, pickled or exported.

This module contains no operation. `MASKED_KEYS` lists the JSON names of secrets.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any, Final, Protocol, Self, TypeAlias, cast

from etelecom_async._core import known_secrets, phone
from etelecom_async._core.values import kind_of

MASK: Final = "****"

# Names, not operations: an error may quote a truncated response, so masking needs no model of it.
MASKED_KEYS: Final = (
    "api_key",
    "auth_url",
    "authorization",
    "otp",
    "password",
    "secret",
    "shop_key",
    "token",
    # Data of a template: names of people, one-time passwords.
    "list_param",
    "template_data",
)
"""
Endings of JSON names whose values are secret or personal.

`token` also means `access_token` and `accessToken`.
"""

# A pattern is many times faster if its first letter is literal. `fee_token` of a ZNS is excluded, because it
# is a price.
_NAMES: Final = "(?:{})(?<!fee_token)".format(
    "|".join(
        f"{first}(?i:{name[1:].replace('_', '[_-]?')})"
        for name in MASKED_KEYS
        for first in (name[0], name[0].upper())
    )
)


def _named(quote: str) -> str:
    """
    Return a pattern for the masked JSON names with their values, in JSON at any depth of quoting.

    JSON may contain JSON as a string. Each such level doubles the backslashes before a quote and adds one.
    If *n* backslashes precede the quote that ends the name, the pattern reads the value like this:

    - *n* backslashes and a quote end the value.
    - 2 *n* + 1 backslashes and a quote are a quote inside the value.
    - 2 *n* + 2 backslashes are a backslash inside the value.

    The value may be truncated, and it may be a number, a list or an object. If a list or an object contains
    another one, everything after that is masked. The pattern does not backtrack.
    """
    text = rf"\2{quote}(?:[^{quote}\\]|\2\2\\(?:\\|{quote})|\\+[^{quote}\\])*+(?:\2{quote})?"
    number = r"-?\d[\d.eE+-]*"
    nested = rf"[\[{{](?:[^{quote}\\\[\]{{}}]|{text})*+(?:[\]}}]|[\s\S]*)"
    # The SMS service prints an object in quotes, and does not escape the quotes inside.
    printed = rf"{quote}\{{{quote}\w[^{{}}]*(?:\}}{quote}?)?"
    value = f"(?:{printed}|{text}|{number}|{nested})"
    return rf"({_NAMES}(\\*){quote}\s*:\s*){value}"


# The value after a name in plain text.
_WORD: Final = r"[^\s\"'<>]+"


@cache
def _steps() -> tuple[tuple[re.Pattern[str], str], ...]:
    """Return the patterns to search, with their replacements; they are compiled on first use."""
    steps = (
        (_named('"'), rf'\1\2"{MASK}\2"'),
        (_named("'"), rf"\1\2'{MASK}\2'"),
        # User name and password in a URL.
        (r"(:(?:\\*/){2})[^\s/?#\"<>]*@", rf"\1{MASK}@"),
        (rf"([Bb](?i:earer)\s+){_WORD}", rf"\1{MASK}"),
        (
            (
                r"((?:[Aa](?i:uthorization)|-(?i:key|password|secret|token))\s*:\s*(?:(?i:basic|bearer)\s+)?)"
                rf"{_WORD}"
            ),
            rf"\1{MASK}",
        ),
        (rf"({_NAMES})=[^&\s\"'<>]+", rf"\1={MASK}"),
        # Forms of eTelecom's keys: `<19 digits>:<letters>`, `shop<digits>:<letters>`, `request:<letters>`.
        (r"\b(?:shop)?\d{6,}:[\w-]{8,}|\brequest:[\w-]{8,}", MASK),
    )
    return tuple((re.compile(pattern), replacement) for pattern, replacement in steps)


class _NoText:
    """What a secret holds in place of its text: the reason why it has none, as the end of a sentence."""

    __slots__ = ("reason",)

    def __init__(self, reason: str) -> None:
        self.reason: Final = reason


_LEFT_BEHIND: Final = "was pickled or exported without its text: read it again from where it is stored"


class HasSecretValue(Protocol):
    """A secret of another library, for example `pydantic.SecretStr`."""

    def get_secret_value(self) -> str:
        """Return the text itself."""
        ...


class Secret:
    """
    A text that is masked wherever it is printed.

    `repr`, `str`, formatting, logs and `to_dict()` show `****`; `reveal()` returns the text. A pickle does
    not contain the text. An unpickled secret cannot be revealed, and is equal only to itself. An empty
    secret protects nothing, so a pickle preserves it.

    Args:
        text: The text, or a secret of another library with a method `get_secret_value()`.
    """

    __slots__ = ("_text",)

    _text: str | _NoText

    def __init__(self, text: SecretLike) -> None:
        if type(text) is str:  # as in every response
            self._text = text
            return
        # Nothing is refused here: this frame would hold the text. A subclass may print another text.
        given = self._opened(text)
        self._text = str.__str__(given) if isinstance(given, str) else given

    @classmethod
    def of(cls, value: SecretLike) -> Secret:
        """Return *value* as a secret; a secret is returned unchanged."""
        return value if isinstance(value, Secret) else cls(value)

    @staticmethod
    def _opened(value: Any) -> Any:
        """Return what *value* hides, if it is a secret; else *value* itself, of any type."""
        if has_secret_value(value):
            try:
                value = value.get_secret_value()
            except Exception as error:  # noqa: BLE001 - another library may raise anything
                # Raised later: the frames between here and the caller hold the arguments of a call.
                names = type(value).__name__, type(error).__name__
                return _NoText("cannot be read: get_secret_value() of {} raised {}".format(*names))
        return value._text if isinstance(value, Secret) else value

    def reveal(self) -> str:
        """
        Return the text itself.

        Raises:
            ValueError: The secret was pickled or exported, or it could not be read. So it has no text.
        """
        if isinstance(self._text, _NoText):
            message = f"this secret {self._text.reason}."
            raise ValueError(message)  # noqa: TRY004 - the class of the mark is not the caller's
        return self._text

    def __repr__(self) -> str:
        return f"Secret('{MASK}')"

    def __str__(self) -> str:
        return MASK

    def __format__(self, spec: str) -> str:
        return format(MASK, spec)

    def __bool__(self) -> bool:
        text = cast("object", self._text)  # a caller without types may have given anything
        return bool(text) if isinstance(text, str) else text is not None

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        if not (isinstance(self._text, str) and isinstance(other._text, str)):
            return self is other
        from hmac import compare_digest  # only a comparison needs it

        ours, theirs = (text.encode(errors="surrogatepass") for text in (self._text, other._text))
        return compare_digest(ours, theirs)

    def __hash__(self) -> int:
        return hash((Secret, self._text))

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: object) -> Self:
        return self

    def __reduce__(self) -> tuple[object, tuple[str, ...]]:
        return (type(self)._left_behind, ()) if self else (type(self), ("",))

    @classmethod
    def from_export(cls, text: str) -> Self:
        """Return the secret of an exported field; the mask gives a secret that cannot be revealed."""
        return cls._left_behind() if text == MASK else cls(text)

    @classmethod
    def _left_behind(cls) -> Self:
        secret = cls("")
        secret._text = _NoText(_LEFT_BEHIND)
        return secret


SecretLike: TypeAlias = Secret | HasSecretValue | str
"""What a caller may pass as a secret."""


def has_secret_value(value: object) -> bool:
    """Return whether *value* is a secret of another library."""
    if isinstance(value, str | type):
        return False
    try:
        return callable(getattr(value, "get_secret_value", None))
    except Exception:  # noqa: BLE001 - a property of another library may raise anything
        return False


def problem_of(secret: Secret) -> str | None:
    """
    Return why *secret* holds no text, as the end of a sentence; `None` if it holds one.

    This function raises no exception, because its frame holds the text.
    """
    text = cast("object", secret._text)  # pyright: ignore[reportPrivateUsage] - the class belongs to this module
    if isinstance(text, _NoText):
        return text.reason
    return None if isinstance(text, str) else f"takes a text or a Secret, not {kind_of(text)}"


def to_secret(value: SecretLike) -> Secret:
    """Return *value* as a secret. This is the converter of the models' fields."""
    return Secret.of(value)


def to_secret_or_none(value: SecretLike | None) -> Secret | None:
    """Return *value* as a secret, `None` as `None`."""
    return None if value is None else Secret.of(value)


def is_masked_name(name: str) -> bool:
    """Return whether the value with this JSON name is secret or personal."""
    return re.search(rf"{_NAMES}\Z", name) is not None


def mask(text: str) -> str:
    """
    Return *text* with everything that looks like a secret or a phone number masked.

    While the client reads a response, the secrets of that call are masked whatever they look like.
    """
    text = known_secrets.current().replace(text, MASK)
    for pattern, replacement in _steps():
        text = pattern.sub(replacement, text)
    return phone.mask(text)
