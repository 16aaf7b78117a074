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
    assert str(caught.value) == f"{name} is {expected}; not {value!r}."
