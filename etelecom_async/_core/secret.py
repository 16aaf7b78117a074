"""
Secrets and how they are kept out of everything that is printed, logged, pickled or exported.

The room knows no API; `MASKED_KEYS` are the names under which secrets travel.
"""

from __future__ import annotations

import hmac
import re
from functools import cache
from typing import Final, Self

from etelecom_async._core import phone

MASK: Final = "****"

# Names, not operations: a truncated or odd answer is masked by them when it is quoted in an error.
MASKED_KEYS: Final = (
    "api_key",
    "authorization",
    "otp",
    "password",
    "secret",
    "shop_key",
    "token",
    # What is written into a template: names of people, one-time passwords.
    "list_param",
    "template_data",
)
"""
The last word, or words, of the JSON names under which secrets travel, and what is personal as a whole:
`token` stands for `access_token` and `accessToken`, too.
"""

# A pattern is many times as fast where its first letter stands for itself. `fee_token` of a ZNS is a price.
_NAMES: Final = "(?:{})(?<!fee_token)".format(
    "|".join(
        f"{first}(?i:{name[1:].replace('_', '[_-]?')})"
        for name in MASKED_KEYS
        for first in (name[0], name[0].upper())
    )
)


def _named(quote: str) -> str:
    """
    Return a pattern of JSON names to be masked and their values, within any number of JSON texts.

    Each text that is quoted in another one doubles the backslashes before its quotes and adds one: the *n*
    of them that end the name end the value, twice as many and one are a quote in it, and one more a
    backslash. A value that was cut off counts, too; so do numbers, and what a list or an object holds: where
    that holds another one, all that follows it. Nothing here goes back over what it has read.
    """
    text = rf"\2{quote}(?:[^{quote}\\]|\2\2\\(?:\\|{quote})|\\+[^{quote}\\])*+(?:\2{quote})?"
    number = r"-?\d[\d.eE+-]*"
    nested = rf"[\[{{](?:[^{quote}\\\[\]{{}}]|{text})*+(?:[\]}}]|[\s\S]*)"
    # As the SMS service prints an object: in quotes, without escaping the quotes in it.
    printed = rf"{quote}\{{{quote}\w[^{{}}]*(?:\}}{quote}?)?"
    value = f"(?:{printed}|{text}|{number}|{nested})"
    return rf"({_NAMES}(\\*){quote}\s*:\s*){value}"


# What follows a name in plain text, to its end.
_WORD: Final = r"[^\s\"'<>]+"


@cache
def _steps() -> tuple[tuple[re.Pattern[str], str], ...]:
    """Return what is looked for, and what stands there instead; compiled when it is first needed."""
    steps = (
        (_named('"'), rf'\1\2"{MASK}\2"'),
        (_named("'"), rf"\1\2'{MASK}\2'"),
        # User name and password in a web address.
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
    return tuple((re.compile(pattern), instead) for pattern, instead in steps)


class Secret:
    """
    A text that does not show itself.

    `repr`, `str`, formatting, logs, `to_dict()` and pickles give `****`; `reveal()` gives the text.
    A pickle does not carry the text: what comes out of it compares unequal and cannot be revealed. An empty
    secret is none, and comes out as it went in.
    """

    __slots__ = ("_text",)

    _text: str | None

    def __init__(self, text: str) -> None:
        self._text = text

    @classmethod
    def of(cls, value: Secret | str) -> Secret:
        """Return *value* as a secret; a secret stays what it is."""
        return value if isinstance(value, Secret) else cls(value)

    def reveal(self) -> str:
        """
        Return the text itself.

        Raises:
            ValueError: The secret came out of a pickle, which does not carry the text.
        """
        if self._text is None:
            message = "This secret was pickled, and pickles carry no secrets: read the record again."
            raise ValueError(message)
        return self._text

    def __repr__(self) -> str:
        return f"Secret('{MASK}')"

    def __str__(self) -> str:
        return MASK

    def __format__(self, spec: str) -> str:
        return format(MASK, spec)

    def __bool__(self) -> bool:
        return self._text != ""

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        if self._text is None or other._text is None:
            return self is other
        return hmac.compare_digest(self._text.encode(), other._text.encode())

    def __hash__(self) -> int:
        return hash((Secret, self._text))

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: object) -> Self:
        return self

    def __reduce__(self) -> tuple[object, tuple[str, ...]]:
        return (type(self)._left_behind, ()) if self else (type(self), ("",))

    @classmethod
    def _left_behind(cls) -> Self:
        secret = cls("")
        secret._text = None
        return secret


def to_secret(value: Secret | str) -> Secret:
    """Return *value* as a secret; the converter of the models' fields."""
    return Secret.of(value)


def to_secret_or_none(value: Secret | str | None) -> Secret | None:
    """Return *value* as a secret, `None` as `None`."""
    return None if value is None else Secret.of(value)


def mask(text: str) -> str:
    """Return *text* with everything that looks like a secret or a phone number masked."""
    for pattern, instead in _steps():
        text = pattern.sub(instead, text)
    return phone.mask(text)
