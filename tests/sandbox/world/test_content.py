"""The content of a new sandbox."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import attrs
import pytest

from etelecom_async.sandbox.world.content import COUNTS, UNTIL, Content, ContentOptions


@pytest.mark.parametrize(
    "content",
    [
        {"users": -1},
        {"tenants": 0},
        {"hotlines": 0},
        {"official_accounts": 0},
        {"sms_quota": -1},
        {"until": UNTIL.replace(tzinfo=None)},
    ],
)
def test_wrong_content(content: dict[str, Any]) -> None:
    """A negative number, a missing requirement or a time without a time zone raises an error."""
    with pytest.raises(ValueError, match=r"cannot be negative|need at least one|needs a time zone"):
        Content(**content)


def test_options_and_content_agree() -> None:
    """The options that callers may give are the fields of the content, in the same order."""
    fields = [field.name for field in attrs.fields(Content)]
    assert list(ContentOptions.__annotations__) == fields
    assert [name for name in fields if name not in ("seed", "until")] == list(COUNTS)


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
    assert timedelta(days=3) <= UNTIL - moment < timedelta(days=4)
