"""
Open enums: a value that the documentation does not list is kept, not refused.

The room knows no API and no JSON.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from functools import lru_cache
from typing import Self, TypeVar, cast

FunctionT = TypeVar("FunctionT", bound=Callable[..., object])


def _kept(function: FunctionT) -> FunctionT:
    # So many and no more: a server that sends endless new values must not fill the memory.
    return cast("FunctionT", lru_cache(maxsize=1024)(function))


class OpenEnum(StrEnum):
    """
    A set of texts to which the server may add one at any time.

    A listed value is the member. An unlisted one becomes a lone member that compares, hashes, pickles and
    prints as its text; `is_listed` tells the two apart. A `match` over the members needs a `case _`.
    """

    @classmethod
    @_kept  # asked for each unlisted value of an answer, most of which are not new
    def _missing_(cls, value: object) -> Self:
        if not isinstance(value, str):
            message = f"{value!r} is not a valid {cls.__qualname__}"
            raise ValueError(message)  # noqa: TRY004 - every enum says so; `None` would be kept
        member = str.__new__(cls, value)
        member._name_ = value
        member._value_ = value
        return member

    @property
    def is_listed(self) -> bool:
        """Whether the documentation lists this value."""
        return type(self).__members__.get(self._name_) is self

    def __repr__(self) -> str:
        if self.is_listed:
            return f"<{type(self).__name__}.{self._name_}: {self._value_!r}>"
        return f"<{type(self).__name__}: {self._value_!r}, not listed>"
