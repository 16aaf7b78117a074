"""Test validators: the error for an invalid value describes the valid ones."""

from __future__ import annotations

import math
from typing import Any

import attrs
import pytest

from etelecom_async._core.validators import above_zero, must_be, whole_number, zero_or_more
from etelecom_async.errors import ConfigurationError


@attrs.frozen(kw_only=True)
class Settings:
    """One option for each validator."""

    calls: Any = attrs.field(default=1, validator=whole_number(least=1))
    rate: Any = attrs.field(default=1, validator=above_zero("a number above 0"))
    wait: Any = attrs.field(default=1, validator=zero_or_more("a number of seconds, 0 or more"))
    name: Any = attrs.field(default="x", validator=must_be("a text", lambda value: isinstance(value, str)))


@pytest.mark.parametrize(
    "right",
    [
        *({"calls": value} for value in (1, 10**9)),
        *({"rate": value} for value in (1, 0.001, math.inf)),
        *({"wait": value} for value in (0, 0.0, 5.5)),
    ],
    ids=str,
)
def test_valid(right: dict[str, Any]) -> None:
    """A valid value stays unchanged."""
    ((name, value),) = right.items()
    assert getattr(Settings(**right), name) is value


@pytest.mark.parametrize(
    ("invalid", "expected"),
    [
        *(({"calls": value}, "a whole number, 1 or more") for value in (0, -1, 2.0, True, "3", None)),
        *(({"rate": value}, "a number above 0") for value in (0, -1, math.nan, True, "3", None)),
        *(({"rate": value}, "a number above 0") for value in (-math.inf,)),
        *(({"wait": value}, "a number of seconds, 0 or more") for value in (-1, math.inf, math.nan, "3")),
        ({"name": 5}, "a text"),
    ],
    ids=str,
)
def test_invalid(invalid: dict[str, Any], expected: str) -> None:
    """Any other value, of any type, is refused; the error has the option's name and the valid values."""
    ((name, value),) = invalid.items()
    with pytest.raises(ConfigurationError) as caught:
        Settings(**invalid)
    shown = "str" if isinstance(value, str) else repr(value)
    assert str(caught.value) == f"{name} is {expected}; not {shown}."


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("canary", "str"),
        (["canary"], "list of str"),
        ({"key_password": "canary"}, "dict"),
        (-(10**5000), "int"),
    ],
    ids=["text", "list", "dict", "many digits"],
)
def test_values_are_not_shown(value: object, shown: str) -> None:
    """The error shows numbers only: any other value may be a key or a password in the wrong place."""
    with pytest.raises(ConfigurationError) as caught:
        Settings(wait=value)
    assert str(caught.value) == f"wait is a number of seconds, 0 or more; not {shown}."


@pytest.mark.parametrize("name", ["rate", "wait"])
def test_number_that_no_float_holds(name: str) -> None:
    """A whole number that is too large for a float is refused: calculations with it would fail later."""
    with pytest.raises(ConfigurationError, match=f"^{name} is a number "):
        Settings(**{name: 10**400})
    assert Settings(calls=10**400).calls == 10**400
