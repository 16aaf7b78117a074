"""
Provide attrs validators whose errors describe the valid values.

This module contains no option of the client.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Final

import attrs

from etelecom_async._core.values import kind_of
from etelecom_async.errors import ConfigurationError

Validator = Callable[[Any, "attrs.Attribute[Any]", Any], None]

_LARGE: Final = 10**12
"""Errors do not show numbers of this size: they may have thousands of digits, or be no number by mistake."""


def must_be(expected: str, is_valid: Callable[[Any], bool]) -> Validator:
    """
    Return a validator for an option.

    Args:
        expected: Description of the valid values.
        is_valid: Returns whether a value is valid. It must accept a value of any type.
    """

    def validate(_: object, option: attrs.Attribute[Any], value: Any) -> None:
        if not is_valid(value):
            message = f"{option.name} is {expected}; not {_shown(value)}."
            raise ConfigurationError(message)

    return validate


def whole_number(*, least: int) -> Validator:
    """Return a validator for a whole number that is *least* or more."""
    return must_be(f"a whole number, {least} or more", lambda value: type(value) is int and value >= least)


def above_zero(expected: str) -> Validator:
    """Return a validator for a number above 0, which may be infinite. *expected* describes it in errors."""
    return must_be(expected, lambda value: _is_number(value) and value > 0)


def zero_or_more(expected: str) -> Validator:
    """Return a validator for a finite number, 0 or more. *expected* describes it in errors."""
    return must_be(expected, lambda value: _is_number(value) and 0 <= value < math.inf)


def _is_number(value: object) -> bool:
    """Return whether *value* is a number that a float can hold."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    try:
        float(value)
    except OverflowError:
        return False
    return True


def _shown(value: object) -> str:
    # A text may be a key or a password in the wrong place.
    return repr(value) if isinstance(value, int | float) and abs(value) < _LARGE else kind_of(value)
