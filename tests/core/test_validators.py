"""What a setting may be: what is wrong is told together with what would be right."""

from __future__ import annotations

import math
from typing import Any

import attrs
import pytest

from etelecom_async._core.validators import above_zero, must_be, whole_number, zero_or_more
from etelecom_async.errors import ConfigurationError


@attrs.frozen(kw_only=True)
class Settings:
    """One of each kind."""

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
def test_right(right: dict[str, Any]) -> None:
    """A value that can be right stays as it is."""
    ((name, value),) = right.items()
    assert getattr(Settings(**right), name) is value


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        *(({"calls": value}, "a whole number, 1 or more") for value in (0, -1, 2.0, True, "3", None)),
        *(({"rate": value}, "a number above 0") for value in (0, -1, math.nan, True, "3", None)),
        *(({"wait": value}, "a number of seconds, 0 or more") for value in (-1, math.inf, math.nan, "3")),
        ({"name": 5}, "a text"),
    ],
    ids=str,
)
def test_wrong(wrong: dict[str, Any], said: str) -> None:
    """Any other value is refused, of whatever type it is, with the setting's name and what would be right."""
    ((name, value),) = wrong.items()
    with pytest.raises(ConfigurationError) as caught:
        Settings(**wrong)
    assert str(caught.value) == f"{name} is {said}; not {value!r}."
