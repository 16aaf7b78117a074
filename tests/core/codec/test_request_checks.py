"""Test the checks of a request before it is sent."""

from __future__ import annotations

import unicodedata
from collections import UserDict
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from functools import partial
from http import HTTPStatus
from types import MappingProxyType
from typing import Any, Literal, cast, get_args
from zoneinfo import ZoneInfo

import attrs
import numpy as np
import pytest
import pytz
from markupsafe import Markup
from pydantic import SecretBytes, SecretStr

from etelecom_async import Attachment, Secret, UnlistedValueWarning
from etelecom_async._core.codec.enums import CompleteEnum, OpenEnum
from etelecom_async._core.codec.request_checks import check, check_body, check_known
from etelecom_async._core.model import Model, fields_of
from etelecom_async._core.secret import to_secret_or_none
from etelecom_async.operations import OPERATIONS

FIELDS = "(fields of Part: id, inner; client.call() sends any other field)"
NAMED = "(fields of Named: name; client.call() sends any other field)"
NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)
NO_PHONE = (
    "not a Vietnamese phone number (3 digits); write it like 0901 234 567, +84 901 234 567 or 84901234567"
)
NO_SUBSCRIBER = "phone takes a mobile or fixed number of Vietnam, not a service number or a foreign one"
NAIVE = NOON.replace(tzinfo=None)
ZONE = "use datetime.now(UTC), or .replace(tzinfo=timezone(timedelta(hours=7))) for a time of Vietnam"
LOCAL_MEAN = (
    "time has the local mean time of its pytz zone, because the zone was passed as tzinfo=: "
    "use zone.localize(naive_time), or tzinfo=timezone(timedelta(hours=7)) for a time of Vietnam"
)


class Mood(OpenEnum):
    """An enum for these tests."""

    GOOD = "good"


class Whole(int):
    """A subclass of `int`."""


class Unfinished(tzinfo):
    """A time zone that does not define its offset, so that it raises an error."""

    def __repr__(self) -> str:
        """Return a text without an address, as below."""
        return "Unfinished()"


class NoOffset(tzinfo):
    """A time zone without an offset."""

    def __repr__(self) -> str:
        """Return a text without an address, because all workers of pytest-xdist need the same test ids."""
        return "NoOffset()"

    def utcoffset(self, _: datetime | None) -> None:
        """Return no offset."""


@attrs.frozen(kw_only=True)
class Part(Model):
    """A nested model for the request below."""

    id: str | None = None
    inner: Part | None = None


@attrs.frozen(kw_only=True)
class Named(Model):
    """A nested model with a required field."""

    name: str


@attrs.frozen(kw_only=True)
class Request(Model):
    """A request with a field of each kind."""

    text: str = ""
    whole: int | None = None
    number: float | None = None
    truth: bool | None = None
    truths: Sequence[bool] | None = None
    time: datetime | None = None
    mood: Mood | str | None = None
    moods: Sequence[Mood | str] | None = None
    part: Part | None = None
    parts: Sequence[Part] | None = None
    named: Named | None = None
    kept: Named | None = attrs.field(default=None, metadata={"local": True})
    texts: Mapping[str, str] | None = None
    open: Mapping[str, Any] | None = None
    secret: Secret | None = attrs.field(default=None, converter=to_secret_or_none)


def test_valid_request() -> None:
    """A request with values of the right types has no problems, and neither has an empty one."""
    full = Request(
        text="a",
        whole=1,
        number=1.5,
        truth=False,
        truths=[True, False],
        time=NOON,
        mood=Mood.GOOD,
        moods=["good", Mood.unlisted("odd")],
        part=Part(id="1"),
        parts=(Part(), Part(id="1"), {"inner": {"id": "1"}}, UserDict(id="1")),
        named={"name": "a"},
        texts={"a": "b"},
        open={"a": [1, {"b": NOON}], "c": 1.5, "d": None, "e": [Secret("a"), SecretStr("a")]},
        secret=SecretStr("a"),
    )
    assert check(full) == check(Request()) == check(Request(whole=HTTPStatus.OK)) == check({"a": 1}) == ()


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"text": 5}, "text is a text, not a number: convert it with str() (ids are texts)"),
        ({"text": None}, "text takes a text, not None"),
        ({"text": True}, "text takes a text, not bool"),
        ({"text": b"a"}, "text takes a text, not bytes"),
        ({"text": ["a" * 50]}, "text takes a text, not list of str"),
        ({"text": 84901234567}, "text is a text, not a number: convert it with str() (ids are texts)"),
        ({"whole": "5"}, "whole takes a whole number, not str"),
        ({"whole": 5.0}, "whole takes a whole number, not float"),
        ({"whole": True}, "whole takes a whole number, not bool"),
        ({"number": "5"}, "number takes a number, not str"),
        ({"number": True}, "number takes a number, not bool"),
        ({"number": float("nan")}, "number takes a number, not nan"),
        ({"number": float("inf")}, "number takes a number, not inf"),
        ({"truth": 1}, "truth takes True or False, not int"),
        ({"truths": [True, 0]}, "truths[1] takes True or False, not int"),
        ({"time": "2026-01-02"}, "time takes a datetime, not str"),
        ({"time": date(2026, 1, 2)}, "time takes a datetime, not date"),
        ({"time": NAIVE}, f"time takes a time with a zone, not a naive one: {ZONE}"),
        (
            {"time": NAIVE.replace(tzinfo=NoOffset())},
            f"time takes a time with a zone, not a naive one: {ZONE}",
        ),
        (
            {"time": NAIVE.replace(tzinfo=Unfinished())},
            f"time takes a time with a zone, not a naive one: {ZONE}",
        ),
        ({"mood": 5}, "mood is a text, not a number: convert it with str() (ids are texts)"),
        ({"moods": "good"}, "moods takes a list, not str"),
        ({"moods": b"good"}, "moods takes a list, not bytes"),
        ({"moods": bytearray(b"good")}, "moods takes a list, not bytearray"),
        ({"moods": memoryview(b"good")}, "moods takes a list, not memoryview"),
        ({"moods": {"good"}}, "moods takes a list, not set of str"),
        ({"moods": ["good", 5]}, "moods[1] is a text, not a number: convert it with str() (ids are texts)"),
        ({"part": [{"id": "1"}]}, "part takes a Part, not list of dict"),
        ({"part": {"id": 5}}, "part.id is a text, not a number: convert it with str() (ids are texts)"),
        ({"part": {"idd": "1"}}, f"part has an unknown field 'idd', did you mean 'id'? {FIELDS}"),
        ({"part": {"0901234567": "1"}}, f"part has an unknown field str {FIELDS}"),
        ({"parts": [{"id": "1"}, {5: "1"}]}, f"parts[1] has an unknown field int {FIELDS}"),
        ({"part": {"inner": {"id": True}}}, "part.inner.id takes a text, not bool"),
        ({"kept": {"name": "a"}}, "kept takes a Named, not dict: use Named.from_dict()"),
        ({"named": {}}, "named.name is required"),
        ({"part": Part(id=5)}, "part.id is a text, not a number: convert it with str() (ids are texts)"),
        ({"parts": [Part(), None]}, "parts[1] takes a Part, not None"),
        ({"parts": [Part(id=[])]}, "parts[0].id takes a text, not empty list"),
        ({"texts": ["a"]}, "texts takes a mapping of names to texts, not list of str"),
        ({"texts": {"a": 5}}, "texts['a'] is a text, not a number: convert it with str() (ids are texts)"),
        ({"texts": {5: "a"}}, "texts takes texts as names, not int"),
        ({"text": b"0901234567"}, "text takes a text, not bytes"),
        ({"texts": {"0901234567": None}}, "texts[str] takes a text, not None"),
        ({"open": {"0901234567": float("nan")}}, "open[str] takes a number, not nan"),
        ({"open": ["a"]}, "open takes a mapping, not list of str"),
        ({"open": {"a": NAIVE}}, f"open['a'] takes a time with a zone, not a naive one: {ZONE}"),
        ({"open": {"a": [{"b": float("nan")}]}}, "open['a'][0]['b'] takes a number, not nan"),
        ({"secret": 5}, "secret takes a text or a Secret, not int"),
        ({"secret": SecretBytes(b"canary")}, "secret takes a text or a Secret, not bytes"),
        ({"secret": Secret(None)}, "secret takes a text or a Secret, not None"),
        ({"secret": SecretStr("")}, "secret is an empty secret"),
        ({"open": {"a": [SecretBytes(b"canary")]}}, "open['a'][0] takes a text or a Secret, not bytes"),
        ({"open": {"a": Secret("")}}, "open['a'] is an empty secret"),
    ],
    ids=lambda value: str(value).partition(" at 0x")[0],
)
def test_problem(fields: dict[str, Any], problem: str) -> None:
    """For a value of another type, the problem names its path and its type, and does not show it."""
    assert check(Request(**fields)) == (problem,)


@pytest.mark.parametrize(
    "fields",
    [
        {"text": Markup("a"), "mood": np.str_("good"), "moods": [Markup("good"), np.str_("good")]},
        {"texts": {Markup("a"): np.str_("b")}, "secret": Markup("a")},
        *({"whole": kind(5)} for kind in (np.int8, np.int64, np.uint64, Whole)),
        *({"number": kind(5)} for kind in (np.int32, np.float16, np.float32, np.float64)),
        {"truth": np.True_, "truths": [np.False_]},
        {"open": {"a": [np.float32(1.5), np.int64(1), np.True_, Markup("a")]}},
    ],
    ids=str,
)
def test_subclasses_and_numpy(fields: dict[str, Any]) -> None:
    """A text of a subclass is a text, and a scalar of numpy is what it looks like."""
    assert check(Request(**fields)) == ()


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"text": np.int64(5)}, "text is a text, not a number: convert it with str() (ids are texts)"),
        ({"text": np.float64("nan")}, "text takes a text, not nan"),
        ({"text": np.array("a")}, "text takes a text, not ndarray"),
        ({"whole": np.float64(5)}, "whole takes a whole number, not float64"),
        ({"whole": np.array([5])}, "whole takes a whole number, not ndarray"),
        ({"whole": np.True_}, f"whole takes a whole number, not {type(np.True_).__name__}"),
        ({"number": np.float32("inf")}, "number takes a number, not float32"),
        ({"number": np.True_}, f"number takes a number, not {type(np.True_).__name__}"),
        ({"truth": np.int64(1)}, "truth takes True or False, not int64"),
        ({"truth": np.array([True])}, "truth takes True or False, not ndarray"),
        ({"moods": np.array(["good"])}, "moods takes a list, not ndarray"),
        ({"moods": Markup("good")}, "moods takes a list, not Markup"),
        ({"open": {"a": np.float32("nan")}}, "open['a'] takes a number, not float32"),
    ],
    ids=str,
)
def test_numpy_of_another_type(fields: dict[str, Any], problem: str) -> None:
    """A scalar of numpy with another type is refused, and so is an array."""
    assert check(Request(**fields)) == (problem,)


def test_huge_number() -> None:
    """A whole number that no float can hold is a number."""
    assert check(Request(number=10**400)) == ()


@pytest.mark.parametrize(
    "name", ["Asia/Ho_Chi_Minh", "Asia/Bangkok", "Europe/Paris", "US/Eastern", "Antarctica/Casey"]
)
def test_zone_of_pytz(name: str) -> None:
    """The local mean time of a zone of pytz is refused; a localized time and fixed offsets are accepted."""
    zone = pytz.timezone(name)
    assert check(Request(time=NAIVE.replace(tzinfo=zone))) == (LOCAL_MEAN,)
    assert check(Request(time=zone.localize(NAIVE))) == check(Request(time=NOON.astimezone(zone))) == ()


@pytest.mark.parametrize("zone", [pytz.UTC, pytz.FixedOffset(420), pytz.timezone("Etc/GMT-7")], ids=str)
def test_fixed_zone_of_pytz(zone: tzinfo) -> None:
    """A zone of pytz with one offset for all times needs no `localize()`."""
    assert check(Request(time=NAIVE.replace(tzinfo=zone))) == ()


def test_offset_with_seconds() -> None:
    """An offset that RFC 3339 cannot write is refused."""
    zone = timezone(timedelta(hours=7, minutes=6, seconds=30))
    assert check(Request(time=NAIVE.replace(tzinfo=zone))) == (
        "time has an offset with seconds, which JSON times cannot have: use .astimezone(UTC)",
    )


@attrs.frozen(kw_only=True)
class Limited(Model):
    """A request whose fields have limits and forms."""

    phone: str | None = attrs.field(default=None, metadata={"form": "phone"})
    short: str | None = attrs.field(default=None, metadata={"max_length": 3})
    few: Sequence[str] | None = attrs.field(default=None, metadata={"max_items": 2})
    file: Attachment | None = None
    mine: object = attrs.field(default=None, metadata={"local": True})


@pytest.mark.parametrize(
    ("fields", "problems"),
    [
        ({}, ()),
        ({"phone": "0901 234 567", "short": "abc", "few": ["a", "b"], "file": Attachment(b"")}, ()),
        ({"mine": object}, ()),
        (
            {"phone": "113"},
            (f"phone: {NO_PHONE}",),
        ),
        ({"phone": "901234567"}, ()),
        ({"phone": "1900 1234"}, (NO_SUBSCRIBER,)),
        ({"phone": "+1 212 555 0123"}, (NO_SUBSCRIBER,)),
        ({"phone": 113}, ("phone is a text, not a number: convert it with str() (ids are texts)",)),
        ({"short": "abcd"}, ("short takes 3 characters at the most, not 4",)),
        ({"short": unicodedata.normalize("NFD", "ếếế")}, ()),
        (
            {"short": unicodedata.normalize("NFD", "ếếếế")},
            ("short takes 3 characters at the most, not 4",),
        ),
        ({"short": Markup("abcd")}, ("short takes 3 characters at the most, not 4",)),
        ({"short": ["a"] * 4}, ("short takes a text, not list of str",)),
        ({"few": ["a", "b", "c"]}, ("few takes 2 items at the most, not 3",)),
        ({"file": b"content"}, ("file takes a file, not bytes",)),
        ({"file": Attachment("/no/such/file")}, ("file: there is no file '/no/such/file'",)),
    ],
    ids=lambda value: str(value)[:40],
)
def test_limits_and_forms(fields: dict[str, Any], problems: tuple[str, ...]) -> None:
    """If the types fit, lengths, phone numbers and files are checked; local fields are not."""
    assert check(Limited(**fields)) == problems


def test_secret_of_a_wrong_type() -> None:
    """A value that bypassed the converter and is not a `Secret` is refused, and not shown."""
    request = Request()
    object.__setattr__(request, "secret", "canary")
    assert check(request) == ("secret takes a text or a Secret, not str",)


def test_secret_that_was_pickled() -> None:
    """An unpickled secret, which has no text, is refused, so it is not sent as an empty text."""
    request = Request(secret=Secret._left_behind())
    assert check(request) == (
        "secret was pickled or exported without its text: read it again from where it is stored",
    )


def test_every_problem_is_reported() -> None:
    """All problems are reported together, in the order of the fields."""
    assert check(Request(text=5, whole="5", parts=[5])) == (
        "text is a text, not a number: convert it with str() (ids are texts)",
        "whole takes a whole number, not str",
        "parts[0] takes a Part, not int",
    )


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (["a"], "body takes a mapping, not list of str"),
        ({"a": {"b": NAIVE}}, f"body['a']['b'] takes a time with a zone, not a naive one: {ZONE}"),
        ({"a": (1.0, float("-inf"))}, "body['a'][1] takes a number, not -inf"),
    ],
    ids=str,
)
def test_open_body(body: object, problem: str) -> None:
    """An open body must be an object, without values that JSON would change."""
    assert check(body) == (problem,)


class Level(CompleteEnum):
    """An enum with a complete list."""

    LOW = "low"
    HIGH = "high"


@attrs.frozen(kw_only=True)
class Levels(Model):
    """A part of a request with enums, at several depths."""

    level: Level | Literal["low", "high"] | None = None
    levels: Sequence[Level | Literal["low", "high"]] | None = None
    mood: Mood | str | None = None
    inner: Levels | None = None
    many: Sequence[Levels] | None = attrs.field(default=None, metadata={"wire": "Many"})
    date_from: datetime | None = None
    date_to: datetime | None = None
    sent_from: datetime | None = attrs.field(default=None, metadata={"wire": "sentFrom"})
    sent_to: datetime | None = None
    paid_from: datetime | None = None
    name_from: str | None = None
    name_to: str | None = None


LATER = NOON + timedelta(seconds=1)
# Clocks in New York go back from two to one at the end of summer time.
NEW_YORK = ZoneInfo("America/New_York")
FIRST_HALF_PAST_ONE = datetime(2026, 11, 1, 1, 30, tzinfo=NEW_YORK)
SECOND_ONE = datetime(2026, 11, 1, 1, fold=1, tzinfo=NEW_YORK)
TAKES = "takes 'low' or 'high'"
UNLISTED = "Level.unlisted(...) sends any other text"
REVERSED = "no time is in this period, so exchange them"


def test_complete_list() -> None:
    """Members, their texts and values that are meant to be unlisted are accepted, at any depth."""
    listed = [Level.LOW, "high", Level.unlisted("new"), Markup("low"), np.str_("low")]
    part = Levels(level="low", levels=cast("Any", listed))
    assert check(part) == check(Levels(level=Level.unlisted("new"), inner=part, many=[part])) == ()


def test_text_outside_of_a_complete_list() -> None:
    """Each unlisted text is a problem with its path, the values and the likely one; the text is not shown."""
    with pytest.warns(UnlistedValueWarning):
        guess = Level("canary")
    part: Any = partial(Levels, level="High ")
    request = part(levels=["canary", Mood.unlisted("low"), "low", guess, 5], inner=part(), many=[part()])
    assert check(request) == (
        f"level {TAKES}: did you mean 'high'? {UNLISTED}",
        f"levels[0] {TAKES}. {UNLISTED}",
        f"levels[3] {TAKES}. {UNLISTED}",
        "levels[4] is a text, not a number: convert it with str() (ids are texts)",
        f"inner.level {TAKES}: did you mean 'high'? {UNLISTED}",
        f"many[0].level {TAKES}: did you mean 'high'? {UNLISTED}",
    )


def test_text_outside_of_an_open_list() -> None:
    """An unlisted text is no problem and warns once; one that is meant does not warn."""
    with pytest.warns(UnlistedValueWarning, match="Mood does not list 'godo': did you mean 'good'") as caught:
        assert check(Levels(mood="godo", inner=Levels(mood="godo"))) == ()
    assert len(caught) == 1
    assert check(Levels(mood="godo", inner=Levels(mood=Mood.unlisted("odd")))) == ()


@pytest.mark.parametrize(
    ("fields", "problems"),
    [
        ({"date_from": LATER, "date_to": NOON}, [f"date_from is later than date_to: {REVERSED}"]),
        (
            {"inner": Levels(sent_from=LATER, sent_to=NOON)},
            [f"inner.sent_from is later than inner.sent_to: {REVERSED}"],
        ),
        ({"date_from": LATER.astimezone(timezone(timedelta(hours=7))), "date_to": LATER}, []),
        ({"date_from": NOON, "date_to": LATER, "sent_from": LATER, "sent_to": None}, []),
        ({"date_from": FIRST_HALF_PAST_ONE, "date_to": SECOND_ONE}, []),
        (
            {"date_from": SECOND_ONE, "date_to": FIRST_HALF_PAST_ONE},
            [f"date_from is later than date_to: {REVERSED}"],
        ),
        ({"date_from": datetime.min.replace(tzinfo=UTC), "date_to": datetime.max.replace(tzinfo=UTC)}, []),
        ({"paid_from": LATER, "date_to": NOON}, []),
        ({"name_from": "b", "name_to": "a"}, []),
    ],
    ids=[
        "reversed",
        "nested",
        "equal",
        "end of summer time",
        "reversed at its end",
        "extremes",
        "in order",
        "other fields",
        "texts",
    ],
)
def test_period(fields: dict[str, Any], problems: list[str]) -> None:
    """The start of a period may not be later than its end; the names of the fields tell the pairs."""
    assert list(check(Levels(**fields))) == problems


@pytest.mark.parametrize("odd", ["2026-01-02", NOON.replace(tzinfo=None), NOON.replace(tzinfo=Unfinished())])
def test_period_with_an_invalid_time(odd: Any) -> None:
    """A time that is refused for another reason has only that problem."""
    (problem,) = check(Levels(date_from=odd, date_to=NOON))
    assert problem.startswith("date_from takes a ")
    (problem,) = check(Levels(date_from=LATER, date_to=odd))
    assert problem.startswith("date_to takes a ")


def test_every_period_of_the_api_is_checked() -> None:
    """Each request with two times has them as a period, so no pair has names that the rule does not know."""
    for row in OPERATIONS.values():
        for kind in [row.request, *map(part_of, fields_of(row.request) if row.request is not dict else ())]:
            if isinstance(kind, type) and issubclass(kind, Model):
                times = [field.name for field in fields_of(kind) if field.type == datetime | None]
                reverse = dict(zip(times, (LATER, NOON), strict=False))
                assert not times or len(check(kind(**reverse))) == 1, kind


def part_of(field: attrs.Attribute[Any]) -> Any:
    """Return the type of a field without `None`."""
    return next((part for part in get_args(field.type) if part is not type(None)), field.type)


class TestPlainJson:
    """Test plain JSON for an operation whose request is known."""

    def test_problems(self) -> None:
        """Unlisted texts and reversed periods are found by their names in JSON, at any depth."""
        body = {
            "level": "High",
            "levels": ["low", "x", Level.unlisted("x"), 5, None],
            "inner": MappingProxyType({"level": "x"}),
            "Many": [
                {"sentFrom": "2026-01-02T00:00:00Z", "sent_to": "2026-01-02T00:00:00+07:00"},
                {"level": "low"},
            ],
            "date_from": LATER,
            "date_to": "2026-01-02T12:00:00Z",
        }
        assert check_known(Levels, body) == (
            f"body['level'] {TAKES}: did you mean 'high'? {UNLISTED}",
            f"body['levels'][1] {TAKES}. {UNLISTED}",
            f"body['inner']['level'] {TAKES}. {UNLISTED}",
            f"body['Many'][0]['sentFrom'] is later than body['Many'][0]['sent_to']: {REVERSED}",
            f"body['date_from'] is later than body['date_to']: {REVERSED}",
        )

    @pytest.mark.parametrize(
        "body",
        [
            None,
            5,
            "text",
            [{"level": "x"}],
            {"level": 5, "levels": "x", "inner": "x", "Many": {"level": "x"}},
            {"level": ["x"], "many": [{"level": "x"}], "other": "x"},
            {"date_from": "2026-01-02T12:00:00", "date_to": "2026-01-01T12:00:00Z"},
            {"date_from": "yesterday", "date_to": "2026-01-01T12:00:00Z"},
            {"date_from": 5, "date_to": 4},
            {"level": None, "date_from": None},
        ],
        ids=str,
    )
    def test_other_json(self, body: object) -> None:
        """JSON of another form than the documented one is the server's matter."""
        assert check_known(Levels, body) == ()


@pytest.mark.parametrize(
    ("body", "problems"),
    [
        ({"name": "a"}, ()),
        (UserDict(name="a"), ()),
        (
            {"nam": "a"},
            (f"body has an unknown field 'nam', did you mean 'name'? {NAMED}", "name is required"),
        ),
        ({"name": 5}, ("name is a text, not a number: convert it with str() (ids are texts)",)),
        (Part(), ("body takes a Named or a mapping, not Part",)),
        ([("name", "a")], ("body takes a Named or a mapping, not list of tuple",)),
    ],
    ids=["dict", "UserDict", "typo", "type", "model", "list"],
)
def test_body(body: object, problems: tuple[str, ...]) -> None:
    """A mapping in place of a whole request is checked like the request; other values are refused."""
    assert check_body(Named, body) == problems
