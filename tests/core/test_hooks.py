"""Hooks and the log hear of each attempt, and can do no harm."""

from __future__ import annotations

import logging

import pytest

from etelecom_async import Attempt
from etelecom_async._core import hooks

OK = Attempt(operation="shop.shop", number=1, seconds=0.1234, outcome="ok", status=200)
LOST = Attempt(operation="shop.shop", number=2, seconds=1.5, outcome="lost", wait=0.25)


def test_every_hook_is_told() -> None:
    """Each hook gets the attempt, in the order in which they were given."""
    told: list[tuple[str, Attempt]] = []
    hooks.emit([lambda attempt: told.append(("a", attempt)), lambda attempt: told.append(("b", attempt))], OK)
    assert told == [("a", OK), ("b", OK)]


@pytest.mark.parametrize(
    ("attempt", "line"),
    [
        (OK, "shop.shop: attempt 1 ok (HTTP 200) after 0.123 s"),
        (LOST, "shop.shop: attempt 2 lost (HTTP None) after 1.500 s, again in 0.25 s"),
    ],
    ids=["ok", "lost"],
)
def test_log_line(attempt: Attempt, line: str, caplog: pytest.LogCaptureFixture) -> None:
    """At DEBUG each attempt is a line: what, which, how it ended, how long, and what comes next."""
    caplog.set_level(logging.DEBUG, logger="etelecom_async")
    hooks.emit([], attempt)
    assert caplog.messages == [line]


def test_nothing_is_logged_above_debug(caplog: pytest.LogCaptureFixture) -> None:
    """At INFO the log is silent."""
    caplog.set_level(logging.INFO, logger="etelecom_async")
    hooks.emit([], OK)
    assert caplog.messages == []


def test_failing_hook_harms_nobody(caplog: pytest.LogCaptureFixture) -> None:
    """What a hook raises is logged, and the next hook is told all the same."""
    told: list[Attempt] = []

    def fail(_: Attempt) -> None:
        raise ZeroDivisionError

    hooks.emit([fail, told.append], OK)
    assert told == [OK]
    assert [(record.levelname, record.getMessage()) for record in caplog.records] == [
        ("ERROR", "shop.shop: a hook failed")
    ]
    assert caplog.records[0].exc_info is not None
