"""Test open enums with listed and unlisted values."""

from __future__ import annotations

import copy
import pickle
import sys
import warnings
from enum import Enum
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup
from pydantic import BaseModel, ValidationError

from etelecom_async import UnlistedValueWarning
from etelecom_async._core.codec.enums import (
    CompleteEnum,
    OpenEnum,
    is_unlisted,
    nearest,
    note_unlisted,
    refusal,
    warn_unlisted,
)
from etelecom_async.models import CallDirection


class Colour(OpenEnum):
    """An enum for these tests."""

    RED = "r"
    GREEN = "g"


class Hashed(str, Enum):  # noqa: UP042 - a StrEnum has the hash of its text
    """An enum of texts whose hash is not that of the text."""

    RED = "r"


def test_listed_value_is_the_member() -> None:
    """A listed text gives the member, and `is_listed` is true."""
    assert Colour("r") is Colour.RED
    assert Colour.RED.is_listed


@given(st.text())
def test_any_text_is_a_value(text: str) -> None:
    """For any text, the value compares, hashes, prints and formats as that text."""
    value = Colour.unlisted(text)
    assert (value, hash(value), str(value), f"{value}", value.value) == (text, hash(text), text, text, text)
    assert value.is_listed == (text in {"r", "g"})


@given(st.text())
def test_copies(text: str) -> None:
    """Pickles and copies of any value are equal to it, and belong to the enum."""
    value = CallDirection.unlisted(text)
    for other in (pickle.loads(pickle.dumps(value)), copy.copy(value), copy.deepcopy(value)):
        assert (other, type(other), other.is_listed) == (value, CallDirection, value.is_listed)


def test_unlisted_name_of_a_member_is_no_member() -> None:
    """A text that equals the name of a member, but not its value, is not listed."""
    value = Colour.unlisted("RED")
    assert not value.is_listed
    assert value != Colour.RED
    assert value == "RED"


def test_unlisted_values_do_not_fill_the_memory() -> None:
    """Many different values from a server do not fill the class, and only the latest are cached."""
    for number in range(5000):
        assert Colour.unlisted(f"new {number}") is Colour.unlisted(f"new {number}")
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
    assert repr(Colour.unlisted("b")) == "<Colour: 'b', not listed>"


class Level(CompleteEnum):
    """An enum with a complete list."""

    LOW = "l"
    HIGH = "high"


class TestWarnings:
    """Test warnings of unlisted texts."""

    def test_call_of_the_class(self) -> None:
        """`X("…")` warns once for a text, at the caller's line, and says what may be meant."""
        with pytest.warns(UnlistedValueWarning) as caught:
            values = [Colour("Red "), Colour("Red ")]
        line = sys._getframe().f_lineno - 1
        assert [(warning.filename, warning.lineno) for warning in caught] == [(__file__, line)]
        assert str(caught[0].message) == (
            "Colour does not list this text: did you mean 'r' (RED)? "
            "The list is open, so the text is sent as it is. "
            "If the service knows the text, use Colour.unlisted(...), which does not warn."
        )
        assert values == ["Red ", "Red "]

    def test_complete_list(self) -> None:
        """The warning names a text that has the form of a name, and says that the list is complete."""
        with pytest.warns(
            UnlistedValueWarning, match=r"^Level does not list 'middle'\. The list is complete\."
        ):
            Level("middle")
        with pytest.warns(UnlistedValueWarning, match="'higher': did you mean 'high'\\?"):
            Level(value="higher")  # type: ignore[call-arg]

    def test_no_warning(self) -> None:
        """Listed texts, values of a server and `unlisted` do not warn; `unlisted` finds members, too."""
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            assert Colour("r") is Colour.unlisted("r") is Colour.RED
            assert Colour(Markup("r")) is Colour(Hashed.RED) is Colour.RED
            value = Colour.unlisted("blue")
            assert Colour(value) is value
            assert msgspec.convert("blue", Colour) == value
            for part in (
                ["r", value, Colour.RED, None, 5],
                ("g",),
                "r",
                value,
                Hashed.RED,
                None,
                5,
                {"blue"},
            ):
                note_unlisted(Colour, part)
        assert caught == []

    def test_as_an_error(self, unwarned: dict[Any, Any]) -> None:
        """If the caller's filter makes it an error, each use raises it, but not a part of a request."""
        for _ in range(2):
            with pytest.raises(UnlistedValueWarning):
                Colour("b")
            with pytest.raises(UnlistedValueWarning):
                warn_unlisted(Colour, "b")
            note_unlisted(Colour, ["r", "b"])
        assert unwarned == {}

    def test_memory_is_limited(self, unwarned: dict[Any, Any]) -> None:
        """After many different texts there are no more warnings."""
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            for number in range(2000):
                note_unlisted(Colour, f"new {number}")
        assert len(caught) == len(unwarned) == 1024

    def test_text_is_not_shown(self) -> None:
        """A text that does not have the form of a name may be personal or secret, so it is not shown."""
        for text in ("0901234567", "shop1:canary", "482913", "a b"):
            with pytest.warns(UnlistedValueWarning) as caught:
                Colour(text)
            assert text not in str(caught[0].message)


def test_intention() -> None:
    """A value that `unlisted` or a server made is meant; that of `X("…")`, a text or another enum is not."""
    with warnings.catch_warnings(action="ignore"):
        guess = Level("new")
    for meant in (Level.HIGH, Level.unlisted("new"), msgspec.convert("new", Level), "high"):
        assert not is_unlisted(Level, meant)
    for unmeant in (guess, "new", "HIGH", "", Colour.unlisted("new")):
        assert is_unlisted(Level, unmeant)


@pytest.mark.parametrize(
    "copied",
    [copy.copy, copy.deepcopy, lambda value: pickle.loads(pickle.dumps(value)), Level],
    ids=["copy", "deepcopy", "pickle", "class"],
)
def test_copies_keep_the_intention(copied: Any) -> None:
    """A copy is meant as its original is, and making it does not warn."""
    with warnings.catch_warnings(action="ignore"):
        guess = Level("new")
    assert is_unlisted(Level, copied(guess))
    assert not is_unlisted(Level, copied(Level.unlisted("new")))
    assert copied(Level.LOW) is Level.LOW


def test_in_pydantic() -> None:
    """A field of a pydantic model reads a text as the class does, and writes it as a text."""

    class Query(BaseModel):
        level: Level

    assert Query.model_validate_json('{"level": "high"}').level is Level.HIGH
    meant = Level.unlisted("new")
    assert Query(level=meant).level is meant
    assert Query(level=meant).model_dump_json() == '{"level":"new"}'
    with warnings.catch_warnings(action="ignore"):
        assert is_unlisted(Level, Query.model_validate({"level": "new"}).level)
    for wrong in (5, None, ["high"]):
        with pytest.raises(ValidationError, match="is not a valid Level"):
            Query.model_validate({"level": wrong})
    for mode in ("validation", "serialization"):
        assert Query.model_json_schema(mode=mode)["properties"]["level"]["type"] == "string"  # type: ignore[arg-type]


def test_refusal() -> None:
    """An error lists the values, with their names if these say more, and does not show the text."""
    assert refusal(Level, "HIGH") == (
        "takes 'l' (LOW) or 'high': did you mean 'high'? Level.unlisted(...) sends any other text"
    )
    assert refusal(Level, "canary") == "takes 'l' (LOW) or 'high'. Level.unlisted(...) sends any other text"


def test_nearest() -> None:
    """A text leads to the listed text that it probably means, also by the name of its member."""
    assert [nearest(Level, text) for text in ("HIGH", "low", "canary")] == ["high", "l", None]
