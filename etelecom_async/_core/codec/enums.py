"""
Define open enums, which keep values that the documentation does not list.

This module contains no operation and no JSON.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from functools import lru_cache
from typing import Self, TypeVar, cast

FunctionT = TypeVar("FunctionT", bound=Callable[..., object])


def _cached(function: FunctionT) -> FunctionT:
    # The size is limited, because a server may send new values endlessly.
    return cast("FunctionT", lru_cache(maxsize=1024)(function))


class OpenEnum(StrEnum):
    """
    An enum of texts to which the server may add new ones at any time.

    A listed value gives the member. An unlisted value gives a new object of this class, which compares,
    hashes, pickles and prints as its text. `is_listed` distinguishes them. A `match` needs a `case _`.
    """

    @classmethod
    @_cached  # called for each unlisted value in a response, and most of them repeat
    def _missing_(cls, value: object) -> Self:
        if not isinstance(value, str):
            message = f"{value!r} is not a valid {cls.__qualname__}"
            raise ValueError(message)  # noqa: TRY004 - as every enum does; a `None` result would be cached
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
