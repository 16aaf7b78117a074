"""Test open enums with listed and unlisted values."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etelecom_async._core.codec.enums import OpenEnum
from etelecom_async.models import CallDirection


class Colour(OpenEnum):
    """An enum for these tests."""

    RED = "r"
    GREEN = "g"


def test_listed_value_is_the_member() -> None:
    """A listed text gives the member, and `is_listed` is true."""
    assert Colour("r") is Colour.RED
    assert Colour.RED.is_listed


@given(st.text())
def test_any_text_is_a_value(text: str) -> None:
    """For any text, the value compares, hashes, prints and formats as that text."""
    value = Colour(text)
    assert (value, hash(value), str(value), f"{value}", value.value) == (text, hash(text), text, text, text)
    assert value.is_listed == (text in {"r", "g"})


@given(st.text())
def test_copies(text: str) -> None:
    """Pickles and copies of any value are equal to it, and belong to the enum."""
    value = CallDirection(text)
    for other in (pickle.loads(pickle.dumps(value)), copy.copy(value), copy.deepcopy(value)):
        assert (other, type(other), other.is_listed) == (value, CallDirection, value.is_listed)


def test_unlisted_name_of_a_member_is_no_member() -> None:
    """A text that equals the name of a member, but not its value, is not listed."""
    value = Colour("RED")
    assert not value.is_listed
    assert value != Colour.RED
    assert value == "RED"


def test_unlisted_values_do_not_fill_the_memory() -> None:
    """Many different values from a server do not fill the class, and only the latest are cached."""
    for number in range(5000):
        assert Colour(f"new {number}") is Colour(f"new {number}")
    assert list(Colour) == [Colour.RED, Colour.GREEN]
    assert set(Colour._value2member_map_) == {"r", "g"}
    kept: Any = OpenEnum.__dict__["_missing_"].__func__
    assert kept.cache_info().currsize == kept.cache_info().maxsize


@pytest.mark.parametrize("value", [1, None, b"r", object()])
def test_value_that_is_not_a_text(value: object) -> None:
    """Only a text can be a value; other types are refused and not cached."""
    kept: Any = OpenEnum.__dict__["_missing_"].__func__
    kept.cache_clear()
    with pytest.raises(ValueError, match="is not a valid Colour"):
        Colour(value)
    assert kept.cache_info().currsize == 0


@pytest.mark.parametrize("value", [[], {}, {"r"}])
def test_value_that_cannot_be_hashed(value: object) -> None:
    """A value that cannot be hashed raises an error, too."""
    with pytest.raises(TypeError, match="unhashable"):
        Colour(value)


def test_repr() -> None:
    """The repr distinguishes listed and unlisted values."""
    assert repr(Colour.RED) == "<Colour.RED: 'r'>"
    assert repr(Colour("b")) == "<Colour: 'b', not listed>"
