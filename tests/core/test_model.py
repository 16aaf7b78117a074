"""Test the base of all models: plain export, and null and empty values."""

from __future__ import annotations

import json
import pickle
from datetime import UTC, datetime, timedelta, timezone

import attrs
import pytest
from pydantic import SecretStr

from etelecom_async import Attachment, InvalidRequestError, Page, Secret, models
from etelecom_async._core.codec.enums import OpenEnum
from etelecom_async._core.model import (
    NULL,
    READER,
    Many,
    Map,
    Model,
    Moment,
    Reader,
    set_blank,
    to_moment,
    unset_ids,
    write_time,
)
from tests.conftest import read_html

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)


class Mood(OpenEnum):
    """An enum for these tests."""

    GOOD = "good"


@attrs.frozen(kw_only=True, repr=False)
class Inner(Model):
    """A nested model for the model below."""

    password: Secret | None = None


@attrs.frozen(kw_only=True, repr=False)
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
        mood=Mood.unlisted("odd"),
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
    full = Outer(name="a", mood=Mood.unlisted("odd"), at=NOON, many=(Inner(),), map={"a": "b"})
    assert pickle.loads(pickle.dumps(full)) == full


def test_pickle_of_a_model_carries_no_secret() -> None:
    """The pickle of a model does not contain its secrets, and revealing one afterwards raises an error."""
    data = pickle.dumps(Outer(inner=Inner(password=Secret("canary-77"))))
    assert b"canary-77" not in data
    copy = pickle.loads(data)
    assert repr(copy.inner) == "Inner(password=Secret('****'))"
    with pytest.raises(ValueError, match="pickled or exported without its text"):
        copy.inner.password.reveal()


@attrs.frozen(kw_only=True, repr=False)
class Named(Model):
    """A model with ids, a required field, a file and a name that differs from the API's."""

    id: str = ""
    owner_id: str = ""
    external_id: str = ""
    count: int
    text: str = attrs.field(default="", metadata={"wire": "txt"})
    file: Attachment | None = None
    inner: Inner | None = None
    data: dict[str, object] | None = None


FULL = Outer(
    name="Đỗ",
    mood=Mood.unlisted("odd"),
    at=NOON,
    inner=Inner(password=Secret("s")),
    many=(Inner(),),
    map={"a": "b"},
)


def test_json_export() -> None:
    """`mode="json"` writes times as texts at every depth, and `to_json()` is the same as a JSON text."""
    exported = FULL.to_dict(mode="json")
    assert exported["at"] == "2026-01-02T12:00:00Z"
    assert exported == {**FULL.to_dict(), "at": "2026-01-02T12:00:00Z"}
    assert json.loads(FULL.to_json()) == exported
    assert "Đỗ" in FULL.to_json()
    nested = Named(count=1, data={"at": [NOON]})
    assert nested.to_dict(mode="json")["data"] == {"at": ["2026-01-02T12:00:00Z"]}
    assert nested.to_dict()["data"] == {"at": [NOON]}


def test_unknown_mode() -> None:
    """A misspelled mode is refused."""
    with pytest.raises(ValueError, match="mode is 'python' or 'json', not 'JSON'"):
        FULL.to_dict(mode="JSON")  # type: ignore[arg-type] # the test is about the wrong value


def test_unset_ids() -> None:
    """On request, `0` and an empty id become `None`; an id of the caller may be `0`; other fields stay."""
    model = Named(id="0", owner_id="", external_id="0", count=0, text="0")
    changed = {"id": None, "owner_id": None}
    assert model.to_dict()["id"] == "0"
    assert model.to_dict(unset_ids_as_none=True) == {**model.to_dict(), **changed}
    assert json.loads(model.to_json(unset_ids_as_none=True)) == {**model.to_dict(mode="json"), **changed}
    assert Page(items=(model,)).to_dict(unset_ids_as_none=True)["items"][0]["id"] is None
    assert Named(external_id="", count=0).to_dict(unset_ids_as_none=True)["external_id"] is None
    assert Named.from_dict(model.to_dict(unset_ids_as_none=True)).id == ""


def test_names_of_unset_ids() -> None:
    """Each id has its texts for "not set"; `0` is not one of them for an id that the caller chooses."""
    assert unset_ids(Named) == {"id": ("", "0"), "owner_id": ("", "0"), "external_id": ("",)}
    assert unset_ids(Outer) == {}


@pytest.mark.parametrize("mode", ["python", "json"])
def test_from_dict_reads_an_export(mode: str) -> None:
    """Both forms of an export give the same model; a masked secret stays without its text."""
    exported = FULL.to_dict(mode=mode)  # type: ignore[arg-type] # the parameters are the two modes
    copy = Outer.from_dict(exported)
    assert copy.to_dict() == FULL.to_dict()
    assert attrs.evolve(copy, inner=None) == attrs.evolve(FULL, inner=None)
    assert copy.inner is not None
    assert copy.inner.password is not None
    with pytest.raises(ValueError, match="exported without its text"):
        copy.inner.password.reveal()


def test_from_dict_reads_the_wire() -> None:
    """The API's names, nulls and zero time are accepted, and so are values that are already models."""
    assert Named.from_dict({"txt": "a", "count": "3", "id": None}) == Named(text="a", count=3)
    assert Outer.from_dict({"at": "0001-01-01T00:00:00Z", "many": None, "map": None}) == Outer()
    inner = Inner(password=Secret("s"))
    assert Named.from_dict({"count": 1, "inner": inner}).inner is inner
    assert Named.from_dict({"count": 1, "inner": {"password": "s"}}).inner == inner
    for secret in (Secret("s"), SecretStr("s")):
        assert Named.from_dict({"count": 1, "inner": {"password": secret}}).inner == inner
    assert Outer.from_dict({"many": [inner], "mood": Mood.GOOD}) == Outer(many=(inner,), mood=Mood.GOOD)


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        ({}, "required field missing @ $.count"),
        ({"count": 1, "ownr_id": "1"}, "unknown field 'ownr_id', did you mean 'owner_id'? @ $"),
        ({"count": 1, "zzz": "1", "xxx": 2}, "unknown field 'zzz'; unknown field 'xxx' @ $"),
        (
            {"count": 1, "inner": {"passwort": "s"}},
            "unknown field 'passwort', did you mean 'password'? @ $.inner",
        ),
        ({"count": "many"}, "text in place of a whole number @ $.count"),
        ({"count": 1, "id": ["1"]}, "array in place of a text @ $.id"),
        (
            {"count": 1, "file": "/etc/passwd"},
            "the content of a file is not in plain data: pass an Attachment @ $.file",
        ),
        ([1], "array in place of an object @ $"),
        ("text", "text in place of an object @ $"),
        (None, "null in place of an object @ $"),
    ],
    ids=str,
)
def test_from_dict_names_each_problem(data: object, problem: str) -> None:
    """Wrong data is refused with the JSON path, and no file is opened by its name."""
    with pytest.raises(InvalidRequestError) as caught:
        Named.from_dict(data)  # type: ignore[arg-type] # wrong types are the input of this test
    assert caught.value.problems == (problem,)


def test_from_dict_may_ignore_unknown_fields() -> None:
    """`ignore_unknown=True` skips them at every depth: the API may send more than it documents."""
    data = {"count": 1, "new": 1, "inner": {"password": "s", "new": 1}}
    assert Named.from_dict(data, ignore_unknown=True) == Named(count=1, inner=Inner(password=Secret("s")))


def test_from_dict_keeps_a_file() -> None:
    """An `Attachment` is the value of a file."""
    file = Attachment(b"content", name="a.txt")
    assert Named.from_dict({"count": 1, "file": file}).file is file


def test_from_dict_leaves_no_secret_in_a_traceback() -> None:
    """The frames of the SDK keep no local variable of a failed `from_dict`."""
    with pytest.raises(InvalidRequestError) as caught:
        Inner.from_dict({"password": "canary-78", "wrong": 1})
    trace = caught.value.__traceback__
    assert trace is not None
    frames = []
    while trace := trace.tb_next:
        frames.append(repr(trace.tb_frame.f_locals))
    assert frames
    assert "canary-78" not in "".join(frames)


def test_page_from_dict() -> None:
    """A page takes the model of its items; without one, the items stay plain data."""
    page = Page(items=(Named(id="1", count=1),), next="n")
    for exported in (page.to_dict(), page.to_dict(mode="json"), json.loads(page.to_json())):
        assert Page.from_dict(exported, item=Named) == page
        assert Page.from_dict(exported) == Page(items=tuple(exported["items"]), next="n")
    with pytest.raises(
        InvalidRequestError, match=r"unknown field 'idd', did you mean 'id'\? @ \$\.items\[0\]"
    ):
        Page.from_dict({"items": [{"idd": "1", "count": 1}]}, item=Named)
    extended = {"items": [{"new": 1, "count": 1}], "total": 1}
    assert Page.from_dict(extended, item=Named, ignore_unknown=True) == Page(items=(Named(count=1),))


def test_repr_is_short() -> None:
    """The repr has only the fields that are set, masks secrets, and shortens long texts and lists."""
    assert repr(Outer()) == "Outer()"
    assert repr(Inner(password=Secret("s"))) == "Inner(password=Secret('****'))"
    assert repr(Named(id="0", count=0, inner=Inner())) == "Named(id='0', count=0, inner=Inner())"
    long = repr(Outer(name="a" * 5000, many=(Inner(),) * 50))
    assert long == f"Outer(name='{'a' * 99}…, many=[Inner(), Inner(), Inner(), … 50 items])"
    assert repr(Page(items=(Inner(),) * 3)) == "Page(items=[Inner(), Inner(), Inner()])"


@pytest.mark.parametrize(
    ("when", "text"),
    [
        (NOON, "2026-01-02T12:00:00Z"),
        (NOON.astimezone(timezone(timedelta(hours=7))), "2026-01-02T19:00:00+07:00"),
    ],
)
def test_write_time(when: datetime, text: str) -> None:
    """A time is written in the format of RFC 3339, with its own offset."""
    assert write_time(when) == text


def test_codec_is_loaded_on_first_use() -> None:
    """A reader without a function imports the codec, which sets it; other attributes do not exist."""
    assert vars(Reader()) == {}
    assert Reader().read is READER.read
    assert not hasattr(Reader(), "write")


def test_html() -> None:
    """A notebook shows the same fields as the repr: with masked secrets and short lists."""
    model = Outer(
        name="<b>Lan</b> 0901234567",
        mood=Mood.GOOD,
        at=NOON,
        inner=Inner(password=Secret("canary")),
        many=(Inner(), Inner(password=Secret("canary")), *(Inner(),) * 3),
        map={"a": "b"},
    )
    rows, texts = read_html(model)
    assert texts == ["Outer"]
    assert rows == [
        ["field", "value"],
        ["name", "<b>Lan</b> 0901234567"],
        ["mood", "good"],
        ["at", "2026-01-02 12:00:00+00:00"],
        ["inner", "password: ****"],
        ["many", "; password: ****; ; … 5 items"],
        ["map", "{'a': 'b'}"],
    ]
    assert all(f"{name}=" in repr(model) for name, _ in rows[1:])
    assert "canary" not in model._repr_html_() + repr(model)
    assert "0901234567" in repr(model)  # models show phone numbers; only logs and errors mask them
    assert read_html(Outer()) == ([], ["Outer"])


def test_html_of_a_page() -> None:
    """A page is a table: a row for each item, and a column for each field that any of them has."""
    items = (Outer(name="a"), Outer(mood=Mood.GOOD, inner=Inner(password=Secret("canary"))))
    assert read_html(Page(items=items)) == (
        [["name", "mood", "inner"], ["a", "", ""], ["", "good", "password: ****"]],
        ["Page of 2 items"],
    )
    assert read_html(Page(items=())) == ([], ["Page of 0 items"])
    long = read_html(Page(items=(Outer(name="a"),) * 100))
    assert (len(long[0]), long[1]) == (11, ["Page of 100 items", "… and 90 more"])


def test_html_of_plain_data() -> None:
    """Items that are no models are masked by the names of their fields."""
    html = read_html(Page(items=({"api_key": "canary", "name": "a"},)))
    assert html == ([["item"], ["{'api_key': '****', 'name': 'a'}"]], ["Page of 1 item"])


def test_urls_of_recordings() -> None:
    """A notebook and a repr show how many recordings there are: a URL may open one without a key."""
    call = models.CallLog(id="1", recording_urls=("https://canary/1", "https://canary/2"))
    one = models.CallLog(id="2", recording_urls=("https://canary/1",))
    assert read_html(call)[0] == [["field", "value"], ["id", "1"], ["recording_urls", "2 recordings"]]
    assert read_html(Page(items=(call, one)))[0][1:] == [["1", "2 recordings"], ["2", "1 recording"]]
    assert repr(one) == "CallLog(id='2', recording_urls=<1 recording>)"
    assert call.to_dict()["recording_urls"] == ["https://canary/1", "https://canary/2"]


def test_personal_fields_of_plain_types() -> None:
    """Data of templates and tokens are masked in a notebook and in a repr, though their type is no secret."""
    message = models.ZNSMessage(template_data={"otp": "canary"})
    uploaded = models.UploadedFile(token="canary")
    assert repr(message) == "ZNSMessage(template_data=<****>)"
    assert read_html(message)[0][1:] == [["template_data", "****"]]
    assert read_html(uploaded)[0][1:] == [["token", "****"]]
    assert uploaded.token == "canary"
