"""
Find out the rules of lists that the documentation leaves open, with READ calls of one list.

Each question gets the word of the SDK's sandbox as its expected answer.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any, Final, NamedTuple

from etelecom_async import EtelecomError
from etelecom_async.cli.doctor.reads import SMALL_PAGE, describe
from etelecom_async.errors import APIError, InvalidArgumentError, MalformedError, OutOfRangeError

Fetch = Callable[[Mapping[str, Any]], Awaitable[tuple[list[dict[str, Any]], Mapping[str, Any] | None]]]
"""Returns the rows of a page and its `paging`, for the request of the list of calls."""

_LARGE: Final = 1000
_FEWEST: Final = 2
"""Calls, or times, that have an order."""
_USUAL: Final = 100
_SMALLER: Final = (500, 200, 100, 50, 20, 10)
_TIMES: Final = ("created_at", "started_at", "ended_at", "updated_at")
_NEAREST: Final = timedelta(seconds=1)
"""Times that are nearer to one another may be the same with another precision."""
_NEAR: Final = timedelta(minutes=1)
"""A service that compares times, not days, does not find a call so long before it."""
_COARSE: Final = "none: they are ignored, or compared by day only"
_REFUSALS: Final = (InvalidArgumentError, OutOfRangeError, MalformedError)
_PAGES: Final = 5
"""Pages of a period that are searched for a call."""
_CALLS: Final = 3
"""Calls that are searched for."""


LARGEST: Final = "rows of the largest page"
LARGER: Final = "a limit above the largest page"
USUAL: Final = "rows of a page without a limit"
ORDER: Final = "order of a list without sort"
SORT: Final = "sort=updated_at"
PERIOD: Final = "the time of a call that date_from and date_to compare"
FROM: Final = "a call at exactly date_from"
TO: Final = "a call at exactly date_to"
NEXT: Final = "next on the last page"
_EXPECTED: Final[Mapping[str, str]] = {
    LARGEST: "100",
    LARGER: "lowered",
    USUAL: "100",
    ORDER: "newest first, by created_at",
    SORT: "works in both directions",
    PERIOD: "created_at",
    FROM: "is included",
    TO: "is included",
    NEXT: "is filled",
}
"""What the SDK expects, as its sandbox does by default."""


class Rule(NamedTuple):
    """What a question about lists found."""

    question: str
    finding: str
    is_seen: bool = True
    """Whether the data of the account could show it."""

    @property
    def expected(self) -> str:
        """What the SDK expects."""
        return _EXPECTED[self.question]

    @property
    def differs(self) -> bool:
        """Whether the service differs from what the SDK expects."""
        return self.is_seen and self.finding != self.expected


def unseen(question: str, reason: str) -> Rule:
    """Return a rule that the data of the account cannot show."""
    return Rule(question, f"not seen: {reason}", is_seen=False)


def unseen_all(reason: str) -> list[Rule]:
    """Return all rules of the list of calls, if it cannot show them."""
    return [unseen(question, reason) for question in _EXPECTED if question != NEXT]


async def ask(fetch: Fetch) -> list[Rule]:
    """Ask all questions about the list of calls."""
    first, _ = await fetch({"paging": {"limit": SMALL_PAGE}})
    if len(first) < _FEWEST:
        reason = "the account has fewer than two calls"
        return unseen_all(reason)
    usual, _ = await fetch({})
    return [
        *await _answered((LARGEST, LARGER, USUAL), _sizes(fetch, usual)),
        _order(first),
        *await _answered((SORT,), _sort(fetch)),
        *await _answered((PERIOD, FROM, TO), _period(fetch, [*first, *usual])),
    ]


async def _answered(questions: Sequence[str], answers: Awaitable[list[Rule]]) -> list[Rule]:
    """Return the answers; if a call fails, only these questions have none."""
    try:
        return await answers
    except EtelecomError as error:
        return [unseen(question, describe(error)) for question in questions]


async def _sizes(fetch: Fetch, usual: Sequence[object]) -> list[Rule]:
    try:
        rows, paging = await fetch({"paging": {"limit": _LARGE}})
    except _REFUSALS:
        rejected = Rule(LARGER, "rejected")
        return [await _largest_accepted(fetch), rejected, _usual(usual, has_more=True)]
    has_more = len(rows) < _LARGE and await _has_more(fetch, paging)
    if has_more:
        largest, larger = Rule(LARGEST, str(len(rows))), Rule(LARGER, "lowered")
    else:
        reason = f"the account has only {len(rows)} calls" if len(rows) < _LARGE else "no limit was larger"
        largest = unseen(LARGEST, reason)
        if len(rows) > _USUAL:
            largest = Rule(LARGEST, f"{len(rows)} or more")
        larger = unseen(LARGER, reason)
    return [largest, larger, _usual(usual, has_more=has_more or len(rows) > len(usual))]


def _usual(rows: Sequence[object], *, has_more: bool) -> Rule:
    if not has_more:
        return unseen(USUAL, "all calls fit into one page")
    return Rule(USUAL, str(len(rows)))


async def _largest_accepted(fetch: Fetch) -> Rule:
    above = _LARGE
    for limit in _SMALLER:
        try:
            rows, _ = await fetch({"paging": {"limit": limit}})
        except _REFUSALS:
            above = limit
            continue
        if len(rows) < limit:
            return unseen(LARGEST, f"at least {limit}, less than {above}")
        finding = str(limit) if limit == _USUAL else f"at least {limit}, less than {above}"
        return Rule(LARGEST, finding)
    return Rule(LARGEST, f"less than {above}")


async def _has_more(fetch: Fetch, paging: Mapping[str, Any] | None) -> bool:
    following = (paging or {}).get("next")
    if not isinstance(following, str) or not following:
        return False
    try:
        rows, _ = await fetch({"paging": {"limit": 1, "after": following}})
    except APIError:
        return False
    return bool(rows)


def _order(rows: Sequence[Mapping[str, Any]]) -> Rule:
    times = _times_of(rows, "created_at")
    if len(set(times)) < _FEWEST:
        return unseen(ORDER, "no two calls have different times")
    if _rises(times[::-1]):
        return Rule(ORDER, _EXPECTED[ORDER])
    return Rule(ORDER, "oldest first, by created_at" if _rises(times) else "not by created_at")


async def _sort(fetch: Fetch) -> list[Rule]:
    works: list[bool] = []
    for sort in ("updated_at", "-updated_at"):
        try:
            rows, _ = await fetch({"paging": {"limit": SMALL_PAGE, "sort": sort}})
        except _REFUSALS:
            works.append(False)
            continue
        times = _times_of(rows, "updated_at")
        if len(set(times)) < _FEWEST:
            return [unseen(SORT, "no two calls have different times")]
        works.append(_rises(times if sort == "updated_at" else times[::-1]))
    findings = {
        (True, True): _EXPECTED[SORT],
        (True, False): "works, but -updated_at does not",
        (False, True): "does not work, but -updated_at does",
    }
    return [Rule(SORT, findings.get((works[0], works[1]), "is rejected or ignored"))]


async def _period(fetch: Fetch, rows: Sequence[Mapping[str, Any]]) -> list[Rule]:
    """Find out which time of a call a period compares, and whether its ends count."""
    meaning = await _meaning(fetch, rows)
    if meaning is None:
        reason = "no period around one of its times found a call"
        return [Rule(PERIOD, "none of its times"), unseen(FROM, reason)]
    names, call = meaning
    if await _is_in(fetch, call, *_before(call)):
        reason = "a period without the call has it, too"
        return [Rule(PERIOD, _COARSE), unseen(FROM, reason), unseen(TO, reason)]
    ends = await _ends(fetch, call, names)
    if "created_at" in names and len(names) > 1:
        reason = f"{' and '.join(names)} are the same in each call that was looked for"
        return [unseen(PERIOD, reason), *ends]
    return [Rule(PERIOD, " or ".join(names)), *ends]


def _before(call: Mapping[str, Any]) -> tuple[datetime, datetime]:
    """Return a short period before all times of a call."""
    end = min(_moments(call)) - _NEAR
    return end - _NEAREST, end


async def _ends(fetch: Fetch, call: Mapping[str, Any], names: Sequence[str]) -> list[Rule]:
    times = {when for name in names if (when := _read(call.get(name))) is not None}
    if len(times) != 1:
        reason = "the times of the call are too near to each other"
        return [unseen(question, reason) for question in (FROM, TO)]
    (when,) = times
    gap = _NEAREST / 2
    at_from = await _is_in(fetch, call, when, when + gap)
    at_to = await _is_in(fetch, call, when - gap, when)
    is_exact = "." in str(call[names[0]])
    return [
        _end(FROM, is_included=at_from, is_exact=is_exact),
        _end(TO, is_included=at_to, is_exact=is_exact),
    ]


def _end(question: str, *, is_included: bool, is_exact: bool) -> Rule:
    finding = "is included" if is_included else "is not included"
    if not is_exact:
        return unseen(question, f"{finding}, but the times have no fraction of a second")
    return Rule(question, finding)


async def _meaning(
    fetch: Fetch, rows: Sequence[Mapping[str, Any]]
) -> tuple[list[str], Mapping[str, Any]] | None:
    """Return the times that a period may compare, and a call; `None` if no call is found by any."""
    possible: list[str] = []
    found: Mapping[str, Any] | None = None
    for call in _telling(rows):
        fitting: list[str] = []
        for when, names in _moments(call).items():
            if await _is_in(fetch, call, when - _NEAREST / 2, when + _NEAREST / 2):
                fitting += names
                found = found or call
        possible = [name for name in possible if name in fitting] or possible or fitting
    return None if found is None else (possible, found)


def _telling(rows: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return some calls, in which different times are equal; first those with the most times."""
    by_pattern: dict[tuple[tuple[str, ...], ...], Mapping[str, Any]] = {}
    for row in rows:
        by_pattern.setdefault(tuple(map(tuple, _moments(row).values())), row)
    best = sorted(by_pattern, key=len, reverse=True)[:_CALLS]
    return [by_pattern[pattern] for pattern in best]


def _moments(call: Mapping[str, Any]) -> dict[datetime, list[str]]:
    """Return the different times of a call, with the names of the fields near to each."""
    moments: dict[datetime, list[str]] = {}
    for name in _TIMES:
        when = _read(call.get(name))
        if when is None:
            continue
        near = next((known for known in moments if abs(known - when) < _NEAREST), when)
        moments.setdefault(near, []).append(name)
    return moments


async def _is_in(fetch: Fetch, call: Mapping[str, Any], begin: datetime, end: datetime) -> bool:
    """Return whether the list of a period has a call."""
    period = {"date_from": _write(begin), "date_to": _write(end)}
    paging: dict[str, Any] = {}
    for _ in range(_PAGES):
        try:
            rows, info = await fetch({"filter": period, "paging": paging})
        except _REFUSALS:
            return False
        if any(row.get("id") == call.get("id") for row in rows):
            return True
        following = (info or {}).get("next")
        if not rows or not isinstance(following, str) or not following:
            return False
        paging = {"after": following}
    return False


def _times_of(rows: Iterable[Mapping[str, Any]], name: str) -> list[datetime]:
    return [when for row in rows if (when := _read(row.get(name))) is not None]


def _rises(times: Sequence[datetime]) -> bool:
    return all(one <= other for one, other in pairwise(times))


def _read(value: object) -> datetime | None:
    if not isinstance(value, str):
        return None
    try:
        when = datetime.fromisoformat(value)
    except ValueError:
        return None
    return when if when.tzinfo and when.year > 1 else None


def _write(when: datetime) -> str:
    return when.astimezone(UTC).isoformat().replace("+00:00", "Z")
