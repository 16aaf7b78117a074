"""
What a setting may be: validators for attrs, whose errors say what would be right.

The room knows no setting.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import attrs

from etelecom_async.errors import ConfigurationError

Validator = Callable[[Any, "attrs.Attribute[Any]", Any], None]


def must_be(right: str, is_right: Callable[[Any], bool]) -> Validator:
    """
    Return a validator of a setting.

    Args:
        right: What would be right, in words.
        is_right: Whether a value is; asked for any value, of any type.
    """

    def validate(_: object, setting: attrs.Attribute[Any], value: Any) -> None:
        if not is_right(value):
            message = f"{setting.name} is {right}; not {value!r}."
            raise ConfigurationError(message)

    return validate


def whole_number(*, least: int) -> Validator:
    """Return the validator of a whole number, *least* or more."""
    return must_be(f"a whole number, {least} or more", lambda value: type(value) is int and value >= least)


def above_zero(what: str) -> Validator:
    """Return the validator of a number above 0, which *what* says in words; it may be infinite."""
    return must_be(what, lambda value: _is_number(value) and value > 0)


def zero_or_more(what: str) -> Validator:
    """Return the validator of a finite number, 0 or more, which *what* says in words."""
    return must_be(what, lambda value: _is_number(value) and 0 <= value < math.inf)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
