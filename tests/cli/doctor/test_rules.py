"""Test the questions about lists, with the switches of the sandbox."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import attrs
import pytest

from etelecom_async import times
from etelecom_async.cli.doctor import conformance, keys, rules
from etelecom_async.cli.doctor.rules import FROM, LARGER, LARGEST, NEXT, ORDER, PERIOD, SORT, TO, USUAL, Rule
from etelecom_async.errors import InternalError
from etelecom_async.sandbox.rules import Rules
from etelecom_async.testing import sandbox

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.cli.conftest import Tool

QUIET = {"followers": 0, "zns_messages": 0, "official_accounts": 0}


@pytest.fixture
def asked(tool: Tool) -> Any:
    """Return a function that asks a sandbox with some switches, and returns the rules by question."""

    async def ask(newer: int, options: Mapping[str, Any]) -> dict[str, Rule]:
        async with sandbox(**{**QUIET, **options}) as service:
            tool.set(service.environment())
            start = times.now() - timedelta(minutes=5, microseconds=1234)
            for number in range(newer):
                began = start + timedelta(seconds=number)
                service.calls.add(caller="0912345678", started_at=began, duration=5, created_at=began)
            found = await conformance.examine(keys.find(("shop",), None), None)
        return {rule.question: rule for rule in found.rules}

    return lambda newer=0, **options: asyncio.run(ask(newer, options))


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_plain_sandbox(asked: Any, seed: int) -> None:
    """The sandbox keeps all rules that the SDK expects, and its own calls show all of them."""
    found = asked(seed=seed)
    assert {rule.question: rule.finding for rule in found.values()} == rules._EXPECTED
    assert not any(rule.differs for rule in found.values())


SWITCHES: list[tuple[dict[str, Any], dict[str, str]]] = [
    ({"call_time": "started_at"}, {PERIOD: "started_at"}),
    ({"include_date_from": False}, {FROM: "is not included"}),
    ({"include_date_to": False}, {TO: "is not included"}),
    ({"page_size": 20}, {USUAL: "20"}),
    ({"max_page_size": 50, "page_size": 50}, {LARGEST: "50", USUAL: "50"}),
    ({"max_page_size": 500}, {LARGEST: "250 or more"}),
    ({"larger_limit": "rejected"}, {LARGER: "rejected"}),
    ({"order": "oldest_first"}, {ORDER: "oldest first, by created_at"}),
    ({"last_page": "has_no_next"}, {NEXT: "is empty"}),
    (
        {"call_time": "started_at", "include_date_to": False, "order": "oldest_first"},
        {PERIOD: "started_at", TO: "is not included", ORDER: "oldest first, by created_at"},
    ),
    (
        {"larger_limit": "rejected", "max_page_size": 30, "page_size": 30},
        {LARGER: "rejected", LARGEST: "at least 20, less than 50", USUAL: "30"},
    ),
]
"""Values of the sandbox's rules, and what differs then."""


@pytest.mark.parametrize(("options", "findings"), SWITCHES)
def test_switches(asked: Any, options: dict[str, Any], findings: dict[str, str]) -> None:
    """Each switch of a plain sandbox is found out, and only that one differs."""
    found = asked(**options)
    assert {rule.question: rule.finding for rule in found.values() if rule.differs} == findings


def test_lists_without_pages(tool: Tool) -> None:
    """A list that the sandbox sends without pages is named by its missing object."""

    async def compare() -> list[tuple[str, ...]]:
        async with sandbox(**QUIET, unpaged=["shop.users.list", "shop.hotlines.list"]) as service:
            tool.set(service.environment())
            found = await conformance.examine(keys.find(("shop",), None), None)
        return [each[:3] for each in found.differences]

    lists = ("shop.hotlines.list", "shop.users.list")
    assert asyncio.run(compare()) == [(name, "missing field", "paging") for name in lists]


def test_all_switches_are_tested() -> None:
    """Each rule of the sandbox has a row in the table; `unpaged` has a test of its own."""
    tested = {name for options, _ in SWITCHES for name in options}
    assert tested == {field.name for field in attrs.fields(Rules)} - {"unpaged"}


@pytest.mark.parametrize("calls", [0, 1])
def test_too_few_calls(asked: Any, calls: int) -> None:
    """An account with fewer than two calls shows no rule of the list, and none differs."""
    found = asked(call_logs=calls)
    assert not any(rule.differs for rule in found.values())
    assert found[PERIOD].finding == "not seen: the account has fewer than two calls"


def test_one_page(asked: Any) -> None:
    """An account whose calls fit into one page does not show the size of pages."""
    found = asked(call_logs=5)
    assert found[LARGEST].finding == "not seen: the account has only 5 calls"
    assert not found[USUAL].is_seen
    assert asked(call_logs=5, larger_limit="rejected")[LARGEST].is_seen is False


class Calls:
    """
    A list of calls that a test controls, without an order.

    Args:
        rows: The calls.
        unit: Characters of `created_at` that a period compares; 0 if it is ignored.
    """

    def __init__(self, rows: list[dict[str, Any]], unit: int) -> None:
        self.rows = rows
        self.unit = unit

    async def fetch(self, body: Mapping[str, Any]) -> tuple[list[dict[str, Any]], Mapping[str, Any] | None]:
        """Return the calls of the period."""
        period = body.get("filter")
        if period is None or not self.unit:
            return self.rows, None
        begin, end = (period[name][: self.unit] for name in ("date_from", "date_to"))
        return [row for row in self.rows if begin <= row["created_at"][: self.unit] <= end], None


def calls(unit: int = 19, **times_of: list[Any]) -> Calls:
    """Return calls with these times."""
    columns = [[(name, value) for value in values] for name, values in times_of.items()]
    rows = [{"id": str(number), **dict(row)} for number, row in enumerate(zip(*columns, strict=True))]
    return Calls(rows, unit)


def ask(made: Calls) -> dict[str, Rule]:
    """Ask all questions about some calls."""
    return {rule.question: rule for rule in asyncio.run(rules.ask(made.fetch))}


def test_ignored_sort() -> None:
    """An order that is ignored is a difference."""
    hours = ["2026-11-28T03:00:00.5Z", "2026-11-28T01:00:00.5Z", "2026-11-28T02:00:00.5Z"]
    found = ask(calls(created_at=hours, updated_at=hours))
    assert found[ORDER].finding == "not by created_at"
    assert found[SORT].finding == "is rejected or ignored"


def test_one_direction() -> None:
    """An order that works in one direction only is a difference."""
    rising = ["2026-11-28T01:00:00.5Z", "2026-11-28T02:00:00.5Z"]
    assert ask(calls(created_at=rising, updated_at=rising))[SORT].finding == "works, but -updated_at does not"
    found = ask(calls(created_at=rising, updated_at=rising[::-1]))
    assert found[SORT].finding == "does not work, but -updated_at does"


@pytest.mark.parametrize("value", [None, 5, "soon", "2026-11-28T01:00:00", "0001-01-01T00:00:00Z"])
def test_unreadable_times(value: Any) -> None:
    """Times that cannot be read show nothing, and nothing fails."""
    found = ask(calls(created_at=[value, value], updated_at=[value, value]))
    assert not found[ORDER].is_seen
    assert not found[SORT].is_seen
    assert found[PERIOD].finding == "none of its times"


def test_whole_seconds() -> None:
    """Times without a fraction do not show whether the ends count, because the service may keep more."""
    found = ask(calls(created_at=["2026-11-28T01:00:00Z", "2026-11-28T02:00:00Z"]))
    assert not found[FROM].is_seen
    assert "no fraction" in found[TO].finding


def test_times_that_are_too_near() -> None:
    """Two times of a call within a second show no end."""
    found = ask(calls(created_at=["2026-11-28T01:00:00.1Z"] * 2, started_at=["2026-11-28T01:00:00.2Z"] * 2))
    assert not found[PERIOD].is_seen
    assert found[FROM].finding == "not seen: the times of the call are too near to each other"


@pytest.mark.parametrize("unit", [0, len("2026-11-28")])
def test_coarse_period(unit: int) -> None:
    """A service that ignores a period, or compares days only, is named; its ends show nothing."""
    hours = [f"2026-11-28T0{hour}:00:00.5Z" for hour in (3, 2)]
    found = ask(calls(unit, created_at=hours, started_at=[f"2026-11-28T0{hour}:30:00.5Z" for hour in (2, 1)]))
    assert found[PERIOD].finding == "none: they are ignored, or compared by day only"
    assert found[PERIOD].differs
    assert not found[FROM].is_seen
    assert not found[TO].is_seen


@pytest.mark.parametrize(
    ("fails", "unanswered"),
    [
        (lambda body: "filter" in body, {PERIOD, FROM, TO}),
        (lambda body: "sort" in body.get("paging", {}), {SORT}),
        (lambda body: body.get("paging", {}).get("limit") == 1000, {LARGEST, LARGER, USUAL}),
    ],
)
def test_question_that_the_service_cannot_answer(fails: Any, unanswered: set[str]) -> None:
    """A server fault leaves only the question open that caused it."""
    hours = [f"2026-11-28T0{hour}:00:00.5Z" for hour in (3, 2, 1)]
    made = calls(created_at=hours, updated_at=hours)

    async def fetch(body: Mapping[str, Any]) -> Any:
        if fails(body):
            raise InternalError("canary", status=500)
        return await made.fetch(body)

    found = asyncio.run(rules.ask(fetch))
    failed = {rule.question for rule in found if rule.finding == "not seen: HTTP 500, internal"}
    assert failed == unanswered
    assert {rule.question for rule in found} == set(rules._EXPECTED) - {NEXT}


def test_telling_call_beyond_a_small_page(asked: Any) -> None:
    """A call with different times counts also if it is older than the calls of a small page."""
    found = asked(call_time="started_at", newer=30)
    assert {rule.question: rule.finding for rule in found.values() if rule.differs} == {PERIOD: "started_at"}
