"""Test the base of all models: plain export, and null and empty values."""

from __future__ import annotations

import pickle
from datetime import UTC, datetime, timedelta, timezone

import attrs
import pytest

from etelecom_async import Secret
from etelecom_async._core.codec.enums import OpenEnum
from etelecom_async._core.model import NULL, Many, Map, Model, Moment, set_blank, to_moment

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)


class Mood(OpenEnum):
    """An enum for these tests."""

    GOOD = "good"


@attrs.frozen(kw_only=True)
class Inner(Model):
    """A nested model for the model below."""

    password: Secret | None = None


@attrs.frozen(kw_only=True)
class Outer(Model):
    """A model with a field of each kind."""

    name: str = ""
    mood: Mood | None = None
    at: Moment | None = attrs.field(default=None, converter=to_moment)
    inner: Inner | None = None
    many: Many[Inner] = ()
    map: Map = attrs.field(factory=dict)

    def __attrs_post_init__(self) -> None:
        if self.many is NULL:
            set_blank(self, "many", ())
        if self.map is NULL:
            set_blank(self, "map", {})


def test_to_dict_is_plain_and_masked() -> None:
    """Models become dicts, tuples lists, enums texts; times stay times; secrets are masked at every depth."""
    model = Outer(
        name="a",
        mood=Mood("odd"),
        at=NOON,
        inner=Inner(password=Secret("s")),
        many=(Inner(password=Secret("s")), Inner(password=Secret("")), Inner()),
        map={"a": "b"},
    )
    exported = model.to_dict()
    assert exported == {
        "name": "a",
        "mood": "odd",
        "at": NOON,
        "inner": {"password": "****"},
        "many": [{"password": "****"}, {"password": ""}, {"password": None}],
        "map": {"a": "b"},
    }
    assert type(exported["mood"]) is str
    assert exported["map"] is not model.map


def test_null_lists_and_maps_are_empty() -> None:
    """Null for a list or a map becomes an empty one, a new object for each model."""
    one = Outer(many=None, map=None)
    other = Outer(many=None, map=None)
    assert (one.many, one.map) == ((), {})
    assert one.map is not other.map


@pytest.mark.parametrize(
    ("time", "expected"),
    [
        (None, None),
        (datetime(2026, 1, 2, 12), NOON),  # noqa: DTZ001 - a time without an offset is the input of this test
        (NOON, NOON),
        (
            NOON.astimezone(timezone(timedelta(hours=7))),
            datetime(2026, 1, 2, 19, tzinfo=timezone(timedelta(hours=7))),
        ),
    ],
)
def test_times_are_aware_or_none(time: datetime | None, expected: datetime | None) -> None:
    """A time without an offset becomes UTC; other times stay unchanged."""
    at = Outer(at=time).at
    assert at == expected
    assert (at and at.utcoffset()) == (expected and expected.utcoffset())


def test_models_are_values() -> None:
    """A model is frozen, slotted, keyword-only, hashable if its fields are, and can be pickled."""
    model = Inner()
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        model.password = None
    with pytest.raises(TypeError):
        Inner(None)
    assert not hasattr(model, "__dict__")
    assert {model: 1}[Inner()] == 1
    assert pickle.loads(pickle.dumps(model)) == model
    full = Outer(name="a", mood=Mood("odd"), at=NOON, many=(Inner(),), map={"a": "b"})
    assert pickle.loads(pickle.dumps(full)) == full


def test_pickle_of_a_model_carries_no_secret() -> None:
    """The pickle of a model does not contain its secrets, and revealing one afterwards raises an error."""
    data = pickle.dumps(Outer(inner=Inner(password=Secret("canary-77"))))
    assert b"canary-77" not in data
    copy = pickle.loads(data)
    assert repr(copy.inner) == "Inner(password=Secret('****'))"
    with pytest.raises(ValueError, match="a pickle does not contain its text"):
        copy.inner.password.reveal()
