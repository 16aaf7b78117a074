"""The content of a new sandbox."""

from __future__ import annotations

import inspect
import re
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import attrs
import pytest

from etelecom_async import times
from etelecom_async.sandbox.world.content import COUNTS, Content, ContentOptions


@pytest.mark.parametrize(
    "content",
    [
        {"users": -1},
        {"tenants": 0},
        {"hotlines": 0},
        {"official_accounts": 0},
        {"sms_quota": -1},
        {"until": datetime(2026, 1, 1)},  # noqa: DTZ001 - the mistake
        {"until": "2026-01-01T00:00:00"},
    ],
)
def test_wrong_content(content: dict[str, Any]) -> None:
    """A negative number, a missing requirement or a time without a time zone raises an error."""
    with pytest.raises(ValueError, match=r"cannot be negative|need at least one|needs a time zone"):
        Content(**content)


FAR = timezone(timedelta(hours=14))


@pytest.mark.parametrize(
    "until",
    [
        datetime(9999, 1, 1, tzinfo=UTC),
        datetime.max.replace(tzinfo=timezone(-timedelta(hours=12))),
        datetime(2150, 1, 1, tzinfo=FAR),
        datetime(2019, 12, 31, 23, tzinfo=UTC),
        datetime(1999, 1, 1, tzinfo=UTC),
        datetime.min.replace(tzinfo=FAR),
    ],
)
def test_ends_for_which_there_are_no_ids(until: datetime) -> None:
    """An end before 2020 or after 2149 raises an error that names both years."""
    with pytest.raises(
        ValueError, match=r"^until is \d{4}-\d\d-\d\d, but its year must be from 2020 to 2149$"
    ):
        Content(until=until)


def test_options_and_content_agree() -> None:
    """The options that callers may give are the fields of the content, in the same order."""
    fields = [field.name for field in attrs.fields(Content)]
    assert list(ContentOptions.__annotations__) == fields
    assert [name for name in fields if name not in ("seed", "until")] == list(COUNTS)


def test_a_date_as_the_end() -> None:
    """A date stands for its first moment in Vietnam."""
    until = Content(until=date(2026, 11, 30)).until
    assert until == datetime.fromisoformat("2026-11-30T00:00:00+07:00")


@pytest.mark.parametrize(
    ("until", "expected"),
    [
        ("2026-11-30", "2026-11-30T00:00:00+07:00"),
        ("2028-02-29", "2028-02-29T00:00:00+07:00"),
        ("today", "2026-11-29T00:00:00+07:00"),
        (" Yesterday ", "2026-11-28T00:00:00+07:00"),
        ("-29d", "2026-10-31T00:00:00+07:00"),
        ("2026-11-30T17:30:00Z", "2026-11-30T17:30:00+00:00"),
        ("2026-11-30 17:30+07:00", "2026-11-30T17:30:00+07:00"),
    ],
)
def test_a_text_as_the_end(monkeypatch: pytest.MonkeyPatch, until: str, expected: str) -> None:
    """A text is a date, a word of `times.day`, or a time with an offset; days are those of Hanoi."""
    _set_now(monkeypatch, datetime(2026, 11, 28, 17, tzinfo=UTC))
    assert Content(until=until).until == datetime.fromisoformat(expected)


@pytest.mark.parametrize("until", ["tomorrow", "2026-02-29", "30/11/2026", "", "17:30", "2026-11-30T25:00Z"])
def test_a_text_that_names_no_day(until: str) -> None:
    """Another text raises an error that names the option and shows the right forms."""
    with pytest.raises(ValueError, match=r"^until: .*write today, yesterday, -7d or 2026-11-28"):
        Content(until=until)


@pytest.mark.parametrize("until", [1_796_000_000, None])
def test_an_end_of_another_type(until: Any) -> None:
    """A number as the end raises an error that names the right types."""
    with pytest.raises(TypeError, match=r"with a time zone, or a text, not (int|NoneType)"):
        Content(until=until)


def test_the_default_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """By default the history ends at the last midnight in Hanoi, at each moment again."""
    for now, expected in (
        ("2026-11-28T16:59:59Z", "2026-11-28T00:00:00+07:00"),
        ("2026-11-28T17:00:00Z", "2026-11-29T00:00:00+07:00"),
        ("2028-03-01T01:00:00Z", "2028-03-01T00:00:00+07:00"),
    ):
        _set_now(monkeypatch, datetime.fromisoformat(now))
        assert Content().until == datetime.fromisoformat(expected)


def _set_now(monkeypatch: pytest.MonkeyPatch, now: datetime) -> None:
    monkeypatch.setattr(times, "now", lambda zone=times.VIETNAM: now.astimezone(zone))


@pytest.mark.parametrize(
    ("tenants", "count", "share"),
    [(2, 250, 25), (3, 251, 26), (30, 50_000, 1724), (30, 250, 8), (30, 3, 1), (30, 0, 0), (1, 10, 1)],
)
def test_the_content_of_other_shops(tenants: int, count: int, share: int) -> None:
    """Another shop has a tenth, rounded up; all others have at most as many as the first, but one each."""
    content = Content(tenants=tenants, call_logs=count, users=count, extensions=count)
    assert content.of_shop(0) is content
    other = content.of_shop(1)
    assert (other.call_logs, other.users, other.extensions) == (share,) * 3
    assert other.until == content.until
    assert len({content.of_shop(index).seed for index in range(3)}) == 3


def test_the_docstring_lists_each_option() -> None:
    """The docstring of the options names each one, in order."""
    named = re.findall(r"^    (\w+): ", inspect.getdoc(ContentOptions) or "", re.MULTILINE)
    assert named == list(ContentOptions.__annotations__)


def test_an_unknown_option() -> None:
    """An unknown option raises an error that names it."""
    with pytest.raises(TypeError, match="call_log'"):
        Content(call_log=5)


def test_parts_do_not_change_each_other() -> None:
    """Each part has its own random numbers, which depend on the seed."""
    content = Content(seed=5)
    assert content.rng("users").random() == content.rng("users").random()
    numbers = {content.rng("users").random(), content.rng("shops").random(), Content().rng("users").random()}
    assert len(numbers) == 3


def test_moments_before_the_end() -> None:
    """A moment is up to a day before the given number of days before the end."""
    content = Content()
    moment = content.before(3, content.rng("users"))
    assert timedelta(days=3) <= content.until - moment < timedelta(days=4)
