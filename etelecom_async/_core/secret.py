"""
Secrets and how they are kept out of everything that is printed, logged, pickled or exported.

The room knows no API; `MASKED_KEYS` are the JSON names under which secrets travel.
"""

from __future__ import annotations

import hmac
import re
from typing import Final, Self

MASK: Final = "****"

# Names, not operations: a truncated or odd answer is masked by them when it is quoted in an error.
MASKED_KEYS: Final = (
    "api_key",
    "app_secret",
    "auth_token",
    "extension_password",
    "password",
    "shop_key",
    "token",
)
_NAMES = "|".join(MASKED_KEYS)
# A value that was cut off is masked, too; so are numbers, and what a list or an object holds.
_QUOTED = re.compile(
    rf'(?i)("(?:{_NAMES})"\s*:\s*)(?:"(?:[^"\\]|\\.)*"?|-?\d[\d.eE+-]*|[\[{{][^\]}}]*[\]}}]?)'
)
# JSON within a JSON text, as a server writes it that quotes the request in its error.
_ESCAPED = re.compile(
    rf'(?i)(\\"(?:{_NAMES})\\"\s*:\s*)'
    r'(?:\\"(?:[^"\\]|\\u|\\\\(?:\\["\\]|[^"\\]))*(?:\\")?|-?\d[\d.eE+-]*)'
)
_FORM = re.compile(rf"(?i)\b({_NAMES})=[^&\s\"'<>]+")
_BEARER = re.compile(r"(?i)\b(bearer\s+)\S+")
# Forms of eTelecom's keys: `<19 digits>:<letters>`, `shop<digits>:<letters>`, `request:<letters>`.
_KEY = re.compile(r"\b(?:shop)?\d{6,}:[\w-]{8,}|\brequest:[\w-]{8,}")
# Vietnamese numbers as people and programs write them; ids have 19 digits and stay readable, and so do
# fractions of a second.
_PHONE = re.compile(r"(?<![\w.])((?:\+?84[ .-]?|0)\d{2})(?:[ .-]?\d){3,5}((?:[ .-]?\d){3})(?!\d)")


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
    text = _QUOTED.sub(rf'\1"{MASK}"', text)
    text = _ESCAPED.sub(rf'\1\\"{MASK}\\"', text)
    text = _FORM.sub(rf"\1={MASK}", text)
    text = _BEARER.sub(rf"\1{MASK}", text)
    text = _KEY.sub(MASK, text)
    return _PHONE.sub(r"\1***\2", text)
