"""Test reading and writing of texts, numbers and times, strictly and leniently."""

from __future__ import annotations

import unicodedata
from datetime import UTC, datetime, timedelta, timezone
from enum import Enum
from fractions import Fraction
from http import HTTPStatus
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from etelecom_async._core.codec import scalars
from etelecom_async._core.codec.scalars import FORGIVING
from etelecom_async._core.model import write_time
from etelecom_async._core.secret import Secret
from etelecom_async.models import CallDirection

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)
VIETNAM = timezone(timedelta(hours=7))


@pytest.mark.parametrize(
    ("kind", "raw", "read"),
    [
        (str, "a", "a"),
        (str, None, ""),
        (str, 5, "5"),
        (str, 1.5, "1.5"),
        (str, True, "true"),
        (str, False, "false"),
        (int, 5, 5),
        (int, "5", 5),
        (int, "-5", -5),
        (int, 5.0, 5),
        (bool, True, True),
        (bool, "True", True),
        (bool, 1, True),
        (bool, "1", True),
        (bool, "false", False),
        (bool, 0, False),
        (bool, "", False),
        (datetime, "", None),
        (datetime, "2026-01-02T12:00:00Z", NOON),
        (datetime, "2026-01-02T19:00:00.000000+07:00", NOON),
        (datetime, "02/01/2026 19:00:00", NOON),
        (datetime, "02/01/2026 18:59:60", NOON),
        (datetime, 1767355200, NOON),
        (datetime, "1767355200.0", NOON),
        (datetime, 1e12, datetime(2001, 9, 9, 1, 46, 40, tzinfo=UTC)),
        (datetime, -62135596800000, None),
        (datetime, "0000-00-00", None),
        *[
            (datetime, text, None)
            for text in ("00/00/0000 00:00:00", "00/00/0000", "0000/00/00", "0000-01-01")
        ],
        *[(datetime, text, None) for text in ("2026-00-00", "2026-01-00 00:00:00", "2026-00-01T00:00:00Z")],
        (datetime, "2026-01-01T24:00:00Z", datetime(2026, 1, 2, tzinfo=UTC)),
        (datetime, "2026-01-01T24:00:00.000+07:00", datetime(2026, 1, 2, tzinfo=VIETNAM)),
        (datetime, "2026-01-01 24:00Z", datetime(2026, 1, 2, tzinfo=UTC)),
        (datetime, "01/01/2026 24:00:00", datetime(2026, 1, 2, tzinfo=VIETNAM)),
        (datetime, "20260102", datetime(2026, 1, 2)),  # noqa: DTZ001 - the model's converter adds UTC
        (Secret, "s", Secret("s")),
        (Secret, 5, Secret("5")),
    ],
    ids=repr,
)
def test_accepted(kind: type, raw: object, read: object) -> None:
    """A value that almost fits is converted to the intended value."""
    value = FORGIVING[kind](raw, kind)
    assert value == read
    assert type(value) is type(read)


@pytest.mark.parametrize(
    ("kind", "raw", "why"),
    [
        (str, [], "array in place of a text"),
        (str, {}, "object in place of a text"),
        (int, "five", "text in place of a whole number"),
        (int, "", "text in place of a whole number"),
        (int, 1.5, "number in place of a whole number"),
        (int, float("inf"), "number in place of a whole number"),
        (int, True, "boolean in place of a whole number"),
        (int, None, "null in place of a whole number"),
        (bool, "maybe", "text in place of a boolean"),
        (bool, 2, "number in place of a boolean"),
        (bool, 1.0, "number in place of a boolean"),
        (bool, [], "array in place of a boolean"),
        (bool, None, "null in place of a boolean"),
        (datetime, 5, "number in place of a text"),
        (datetime, "yesterday", "text that is no time"),
        (datetime, "31/02/2026 19:00:00", "text that is no time"),
        (datetime, "9999-12-31T23:59:60Z", "text that is no time"),
        (datetime, "2026-01-02T12:00:61Z", "text that is no time"),
        (datetime, "2026-01-02T24:00:01Z", "text that is no time"),
        (datetime, "2026-01-02T24:01:00Z", "text that is no time"),
        (datetime, "2026-01-02T25:00:00Z", "text that is no time"),
        (datetime, "9999-12-31T24:00:00Z", "text that is no time"),
        (datetime, "2026-13-01T00:00:00Z", "text that is no time"),
        (datetime, "2026-01-02T12:60:00Z", "text that is no time"),
        (datetime, "202601020304", "text that is no time"),
        (datetime, "20260102030405", "text that is no time"),
        (datetime, "9" * 5000, "text that is no time"),
        (datetime, 10**400, "number in place of a text"),
        (datetime, -5, "number in place of a text"),
        (datetime, float("nan"), "number in place of a text"),
        (datetime, False, "boolean in place of a text"),
        (Secret, {}, "object in place of a text"),
    ],
    ids=repr,
)
def test_refused(kind: type, raw: object, why: str) -> None:
    """For any other value, the error names its type, and does not show the value."""
    with pytest.raises((TypeError, ValueError)) as caught:
        FORGIVING[kind](raw, kind)
    assert str(caught.value) == why


def test_enum() -> None:
    """The text of an enum gives its member, also an unlisted one."""
    assert FORGIVING[str]("in", CallDirection) is CallDirection.IN
    assert FORGIVING[str](5, CallDirection) == CallDirection.unlisted("5")


_JSON: st.SearchStrategy[Any] = st.none() | st.booleans() | st.integers() | st.floats() | st.text()


@given(raw=_JSON | st.lists(_JSON, max_size=2) | st.dictionaries(st.text(), _JSON, max_size=2))
def test_anything_is_read_or_refused(raw: object) -> None:
    """Any JSON value is read, or refused with a TypeError or ValueError, as cattrs expects."""
    for kind, read in FORGIVING.items():
        try:
            value = read(raw, kind)
        except (TypeError, ValueError):
            continue
        assert value is None or isinstance(value, kind)


@pytest.mark.parametrize("raw", ["a", 5, True, None, [], {}], ids=repr)
@pytest.mark.parametrize("kind", [str, int, bool])
def test_exactly(kind: type, raw: object) -> None:
    """The strict check accepts only the exact type; a boolean is not a number."""
    if type(raw) is kind:
        assert scalars.exactly(raw, kind) is raw
    else:
        with pytest.raises(TypeError, match=f"^{scalars.json_name(raw)} in place of a "):
            scalars.exactly(raw, kind)


def test_time_of_the_sms_service() -> None:
    """A time in the format of the SMS service is in Vietnam's zone."""
    when = scalars.time("02/01/2026 19:00:00")
    assert (when, when.utcoffset()) == (NOON, timedelta(hours=7))


@pytest.mark.parametrize(
    ("text", "when"),
    [
        ("Fri, 02 Jan 2026 12:00:00 GMT", NOON),
        ("Fri, 02 Jan 2026 12:00:00", NOON),
        ("Friday, 02-Jan-26 12:00:00 GMT", NOON),
        ("Fri Jan  2 12:00:00 2026", NOON),
        ("Fri, 02 Jan 2026 19:00:00 +0700", NOON),
        *[(text, None) for text in (None, "", "soon", "5", "Mon, 01 Jan 99999 00:00:00 GMT")],
    ],
)
def test_http_date(text: str | None, when: datetime | None) -> None:
    """A header has a time in one of HTTP's three forms; a time that cannot be read is None."""
    assert scalars.read_http_date(text) == when


def test_aware_time() -> None:
    """The strict reader requires an offset."""
    assert scalars.read_aware_time("2026-01-02T19:00:00+07:00", None) == NOON
    with pytest.raises(ValueError, match="a time without an offset"):
        scalars.read_aware_time("2026-01-02T19:00:00", None)


@given(
    when=st.datetimes(timezones=st.sampled_from([UTC, VIETNAM, timezone(timedelta(hours=-3, minutes=-30))]))
)
def test_times_come_back(when: datetime) -> None:
    """A written time is read as the same time, and UTC is written as `Z`."""
    text = write_time(when)
    assert scalars.time(text) == when
    assert text.endswith("Z") == (when.tzinfo is UTC)


class Colour(str, Enum):  # noqa: UP042 - a StrEnum prints its value
    """An enum of texts that prints its names."""

    RED = "red"


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        ("a", "a"),
        (Markup("<b>"), "<b>"),
        (np.str_("a"), "a"),
        (CallDirection.unlisted("odd"), "odd"),
        (Colour.RED, "red"),
        (5, 5),
        (HTTPStatus.OK, 200),
        (np.int8(-5), -5),
        (np.uint64(2**64 - 1), 2**64 - 1),
        (10**400, 10**400),
        (True, True),
        (np.True_, True),
        (1.5, 1.5),
        (np.float32(1.5), 1.5),
        (np.float64(1.5), 1.5),
        (np.array(1.5), 1.5),
    ],
    ids=repr,
)
def test_plain_scalar(value: object, plain: object) -> None:
    """A text, number or boolean of a subclass or of numpy becomes the built-in one."""
    found = scalars.plain_scalar(value)
    assert (found, type(found)) == (plain, type(plain))


@pytest.mark.parametrize(
    "value",
    [None, b"a", [1], {}, Fraction(1, 2), np.array([1]), np.array(["a"]), np.bytes_(b"a"), Secret("a")],
    ids=repr,
)
def test_no_scalar(value: object) -> None:
    """Any other value stays unchanged."""
    assert scalars.plain_scalar(value) is value


def test_composed() -> None:
    """A decomposed text is composed, so that a letter with its accents is one character."""
    assert scalars.composed(unicodedata.normalize("NFD", "tiếng Việt")) == "tiếng Việt"
    assert scalars.composed("a") == "a"
