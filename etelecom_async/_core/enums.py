"""
Open enums: a value that the documentation does not list is kept, not refused.

The room knows no API and no JSON.
"""

from __future__ import annotations

from enum import StrEnum
from functools import lru_cache
from typing import Self, TypeVar

EnumT = TypeVar("EnumT", bound="OpenEnum")


class OpenEnum(StrEnum):
    """
    A set of texts to which the server may add one at any time.

    A listed value is the member. An unlisted one becomes a lone member that compares, hashes, pickles and
    prints as its text; `is_listed` tells the two apart. A `match` over the members needs a `case _`.
    """

    @classmethod
    def _missing_(cls, value: object) -> Self | None:
        return _unlisted(cls, value) if isinstance(value, str) else None

    @property
    def is_listed(self) -> bool:
        """Whether the documentation lists this value."""
        return type(self).__members__.get(self._name_) is self

    def __repr__(self) -> str:
        if self.is_listed:
            return f"<{type(self).__name__}.{self._name_}: {self._value_!r}>"
        return f"<{type(self).__name__}: {self._value_!r}, not listed>"


# So many and no more: a server that sends endless new values must not fill the memory.
@lru_cache(maxsize=1024)
def _unlisted(kind: type[EnumT], text: str) -> EnumT:
    member = str.__new__(kind, text)
    member._name_ = text
    member._value_ = text
    return member
