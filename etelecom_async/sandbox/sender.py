"""
The sender of a request: its test and its key, as the head of the request names them.

Faults, counts and recorded requests can belong to one sender. So tests that use one sandbox at the same time
do not see those of each other.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from urllib.parse import quote, unquote

import attrs

TEST_HEADER: Final = "X-Sandbox-Test"
"""The header of a request with the name of its test, percent-encoded as in a URL."""
_LONGEST_NAME: Final = 500
# Only other letters have to be encoded, so most names are as they are. `%` would be ambiguous.
_UNCHANGED: Final = "".join(sign for sign in map(chr, range(128)) if sign.isprintable() and sign != "%")


def read_test_name(name: object) -> str:
    """
    Return the name of a test.

    Raises:
        ValueError: The name is blank or too long, or has a control character or a space at an end.
    """
    if not isinstance(name, str) or not name.strip():
        raise ValueError(f"test is {name!r}, not a name")
    if name != name.strip() or not name.isprintable():
        raise ValueError(f"test is {name!r}: use printable characters, without spaces at the ends")
    if len(name) > _LONGEST_NAME:
        raise ValueError(f"test has {len(name)} characters; at most {_LONGEST_NAME} are allowed")
    return name


def encode_test_name(name: str) -> str:
    """Return the value of the header for the name of a test."""
    return quote(name, safe=_UNCHANGED)


def read_key(key: object) -> str:
    """
    Return a key, as the header `Authorization: Bearer <key>` carries it; no error quotes it.

    Raises:
        ValueError: The key is blank, or has a character that no key has.
    """
    if not isinstance(key, str) or not key:
        raise ValueError("key is blank or not a text")
    if not (key.isascii() and key.isprintable()) or " " in key:
        raise ValueError(
            "key has a space or a character that no key has: give the key alone, without `Bearer`"
        )
    return key


@attrs.frozen
class Sender:
    """
    A sender; as a filter, a field that is `None` matches every value.

    Args:
        test: Name of the test.
        key: Key of the request.
    """

    test: str | None = None
    key: str | None = attrs.field(default=None, repr=False)

    @classmethod
    def of_head(cls, headers: Mapping[str, str]) -> Sender:
        """Return the sender of a request, by its headers; the mapping ignores the case of names."""
        scheme, _, key = headers.get("Authorization", "").partition(" ")
        return cls(
            test=unquote(headers.get(TEST_HEADER, "")).strip() or None,
            key=(key.strip() or None) if scheme.lower() == "bearer" else None,
        )

    def matches(self, sender: Sender) -> bool:
        """Return whether this filter matches a sender."""
        return self.test in (None, sender.test) and self.key in (None, sender.key)


EVERYONE: Final = Sender()
"""The filter that matches every sender."""
