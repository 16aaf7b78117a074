"""Each figure of a report equals what plain Python counts over the same calls."""

from __future__ import annotations

import math
import statistics
from collections import Counter, defaultdict
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from etelecom_async import ShopClient, history, models, phones, times
from etelecom_async.history.arrow import pa
from etelecom_async.history.report_database import Database, days_of, step_of
from etelecom_async.history.spans import Span
from etelecom_async.testing import sandbox

Row = dict[str, Any]


def direction_of(row: Row) -> str:
    """Return the row of the table of directions."""
    text = str(row["direction"])
    return text if text in ("in", "out") else "internal" if text in ("ext", "ext_in", "ext_out") else "other"


def answer_of(row: Row) -> datetime | None:
    """Return the first answer."""
    return min((t["answered_time"] for t in row["call_targets"] if t["answered_time"]), default=None)


def outcome_of(row: Row) -> str:
    """Return what became of a call."""
    if answer_of(row):
        return "answered"
    return "unanswered" if row["call_state"] == "not_answered" else "other"


def seconds(begin: datetime | None, end: datetime | None) -> float | None:
    """Return the seconds between two times; `None` if one is not known, or they are reversed."""
    if begin is None or end is None or end < begin:
        return None
    return (end - begin).total_seconds()


def wait_of(row: Row) -> float | None:
    """Return how long the caller waited."""
    end = {"answered": answer_of(row), "unanswered": row["ended_at"]}.get(outcome_of(row))
    return seconds(row["started_at"], end)


def talk_of(row: Row) -> float | None:
    """Return how long the two sides talked."""
    return seconds(answer_of(row), row["ended_at"])


def moment_of(row: Row) -> datetime | None:
    """Return the time of a call."""
    return row["started_at"] or row["created_at"]


def party_of(row: Row) -> str:
    """Return the number of the other side, to compare it."""
    number = row["caller"] if row["direction"] == "in" else row["callee"]
    try:
        return phones.normalize(number)
    except ValueError:
        return "".join(filter(str.isdigit, number or ""))


def local_of(row: Row) -> datetime | None:
    """Return the time of a call in Hanoi."""
    moment = moment_of(row)
    return moment and times.local(moment)


def mean(values: list[float | None]) -> float | None:
    """Return the mean of the known values."""
    known = [value for value in values if value is not None]
    return statistics.fmean(known) if known else None


def total(values: list[float | None]) -> float:
    """Return the sum of the known values."""
    return math.fsum(value for value in values if value is not None)


def check(figures: Any, rows: list[Row], span: Span, limit: float = 20) -> None:
    """Compare all figures with what plain Python counts."""
    incoming = [row for row in rows if direction_of(row) == "in"]
    outgoing = [row for row in rows if direction_of(row) == "out"]
    answered = [row for row in incoming if outcome_of(row) == "answered"]
    missed = [row for row in incoming if outcome_of(row) == "unanswered"]

    assert figures.calls == len(rows)
    outcomes = Counter((direction_of(row), outcome_of(row)) for row in rows)
    assert figures.outcomes == [
        (name, sum(outcomes[name, o] for o in names), *(outcomes[name, o] for o in names))
        for name in ("in", "out", "internal", "other")
        for names in [("answered", "unanswered", "other")]
    ]

    first, last = days_of(span)
    days: list[date | None] = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    if any(moment_of(row) is None for row in rows):
        days.append(None)
    by_day = defaultdict(list)
    for row in rows:
        local = local_of(row)
        by_day[local and local.date()].append(row)
    assert [tuple(period) for period in figures.periods] == [
        (
            day,
            *(
                sum(direction_of(r) == name for r in by_day[day])
                for name in ("in", "out", "internal", "other")
            ),
            sum(r in answered for r in by_day[day]),
            sum(r in missed for r in by_day[day]),
        )
        for day in days
    ]

    hours = Counter((local.isoweekday(), local.hour) for row in incoming if (local := local_of(row)))
    assert [tuple(cell) for cell in figures.hours] == [
        (day, hour, hours[day, hour]) for day in range(1, 8) for hour in range(24)
    ]

    waits = [wait_of(row) for row in answered]
    in_time = sum(wait is not None and wait <= limit for wait in waits)
    late = sum((wait := wait_of(row)) is None or wait > limit for row in missed)
    level = in_time / (len(answered) + late) if len(answered) + late else None
    assert figures.waiting == pytest.approx(
        (
            len(answered),
            mean(waits),
            max((wait for wait in waits if wait is not None), default=None),
            len(missed),
            mean([wait_of(row) for row in missed]),
            in_time,
            late,
            level,
        )
    )

    bounds = [(0, 5), (5, 10), (10, 20), (20, 30), (30, 60), (60, 120), (120, None)]
    for wait, (least, most) in zip(figures.waits, bounds, strict=False):

        def fits(row: Row, least: int = least, most: int | None = most) -> bool:
            found = wait_of(row)
            return found is not None and least <= found < (most or math.inf)

        assert wait == (least, most, sum(map(fits, answered)), sum(map(fits, missed)))
    unknown = [sum(wait_of(row) is None for row in part) for part in (answered, missed)]
    assert figures.waits[7:] == [(None, None, *unknown)]

    for talking, name in zip(figures.talking, ("in", "out", "internal"), strict=True):
        chosen = [r for r in rows if direction_of(r) == name and outcome_of(r) == "answered"]
        talks = [talk_of(row) for row in chosen]
        longest = max((talk for talk in talks if talk is not None), default=None)
        assert talking == (
            name,
            len(chosen),
            pytest.approx(total(talks)),
            pytest.approx(mean(talks)),
            pytest.approx(longest),
        )

    check_people(figures, incoming, outgoing, answered)
    check_returns(figures, missed, answered, outgoing)


def check_people(figures: Any, incoming: list[Row], outgoing: list[Row], answered: list[Row]) -> None:
    """Compare the figures of extensions and employees."""
    extensions: dict[str, list[float]] = defaultdict(lambda: [0, 0, 0, 0, 0])
    for row in incoming:
        for number in {target["target_number"] for target in row["call_targets"]}:
            targets = [target for target in row["call_targets"] if target["target_number"] == number]
            extensions[number][0] += 1
            extensions[number][1] += any(target["answered_time"] for target in targets)
            talks = [seconds(target["answered_time"], target["ended_time"]) for target in targets]
            extensions[number][4] += total(talks)
    for row in outgoing:
        extensions[row["caller"]][2] += 1
        extensions[row["caller"]][3] += outcome_of(row) == "answered"
        extensions[row["caller"]][4] += talk_of(row) or 0
    found = {number: values for number, *values in figures.extensions}
    assert found == {number: pytest.approx(values) for number, values in extensions.items()}
    ranks = [(-row.rang - row.outgoing, row.number) for row in figures.extensions]
    assert ranks == sorted(ranks)

    employees: dict[str | None, list[float]] = defaultdict(lambda: [0, 0, 0])
    talks_of: dict[str | None, list[float | None]] = defaultdict(list)
    for row in answered + outgoing:
        employees[row["user_id"]][0] += row["direction"] == "in"
        employees[row["user_id"]][1] += row["direction"] == "out"
        employees[row["user_id"]][2] += row["direction"] == "out" and outcome_of(row) == "answered"
        talks_of[row["user_id"]].append(talk_of(row))
    assert {row.employee: row[1:4] for row in figures.employees} == {
        name: tuple(values) for name, values in employees.items()
    }
    for row in figures.employees:
        talks = talks_of[row.employee]
        assert (row.talk, row.mean) == (pytest.approx(total(talks)), pytest.approx(mean(talks)))


def check_returns(figures: Any, missed: list[Row], answered: list[Row], outgoing: list[Row]) -> None:
    """Compare what became of missed calls, by a search over all pairs."""
    delays: list[float] = []
    again = 0
    unreturned: list[Row] = []
    for row in missed:
        closing = [
            (moment, each["direction"] != "out")
            for each in answered + outgoing
            if (moment := moment_of(each)) and (begin := moment_of(row)) and moment > begin
            if party_of(each) == party_of(row) != ""
        ]
        if not closing:
            unreturned.append(row)
        elif min(closing)[1]:
            again += 1
        else:
            delays.append(seconds(moment_of(row), min(closing)[0]) or 0)
    callers = {party_of(row) for row in unreturned} - {""}
    assert figures.missed == pytest.approx(
        (
            len(missed),
            len(delays),
            again,
            len(unreturned),
            len(callers),
            sum(party_of(row) == "" for row in unreturned),
            mean(list(delays)),
            statistics.median(delays) if delays else None,
        )
    )
    assert [tuple(row) for row in figures.delays] == [
        (least, most, sum(least <= delay < (most or math.inf) for delay in delays))
        for least, most in [
            (0, 300), (300, 900), (900, 3600), (3600, 14400), (14400, 86400), (86400, None),
        ]
    ]  # fmt: skip
    expected = Counter(party_of(row) for row in unreturned if party_of(row))
    assert sorted(expected.values()) == sorted(row.missed for row in figures.callers)
    for caller in figures.callers:
        own = [r for r in unreturned if party_of(r) == party_of({"direction": "in", "caller": caller.number})]
        assert caller.missed == len(own)
        starts = [local.replace(tzinfo=None) for row in own if (local := local_of(row))]
        assert caller.last == max(starts, default=None)
        waits = [wait for row in own if (wait := wait_of(row)) is not None]
        assert caller.longest == pytest.approx(max(waits, default=None))
    latest = [row.last for row in figures.callers if row.last]
    assert latest == sorted(latest, reverse=True)


async def test_calls_of_the_sandbox(maker: Any) -> None:
    """The figures equal those of the models that a plain list returns, also when a table comes in parts."""
    async with (
        sandbox(call_logs=600) as service,
        ShopClient(service.shop_api_key, base_url=service.base_url) as shop,
    ):
        calls = history.calls(shop, "-10d", "today", limit=10)
        tables = [table async for table in calls]
        listed = [
            call.to_dict(unset_ids_as_none=True)
            async for call in shop.call_logs.list()
            if (call.started_at or call.created_at) in calls.span
        ]
    assert len(tables) > 1
    assert {direction_of(row) for row in listed} == {"in", "out", "internal", "other"}
    assert {outcome_of(row) for row in listed} == {"answered", "unanswered", "other"}
    check(maker.of_tables(tables, span=calls.span), listed, calls.span)
    check(maker.of_tables(tables, span=calls.span, limit=7.5), listed, calls.span, limit=7.5)


def test_no_calls(maker: Any) -> None:
    """Without calls, every count is 0, and no figure is invented."""
    figures = maker.figures()
    check(figures, [], maker.span)
    assert (figures.waiting.asa, figures.waiting.service_level, figures.missed.mean) == (None, None, None)
    assert (figures.extensions, figures.employees, figures.callers, figures.hotlines) == ([], [], [], None)


def test_one_call(maker: Any) -> None:
    """One answered call: it waited and talked for known times."""
    row = maker.call("2025-09-23T09:00:00", answer=8, lasts=70, user_id="5")
    figures = maker.figures(row)
    check(figures, [row], maker.span)
    assert figures.waiting == (1, 8, 8, 0, None, 1, 0, 1.0)
    assert figures.talking[0] == ("in", 1, 62, 62, 62)
    assert figures.employees == [("5", 1, 0, 0, 62, 62)]


def test_only_missed_calls(maker: Any) -> None:
    """Missed calls alone: the service level is 0, unless all callers hung up early."""
    early, late = maker.call("2025-09-23T09:00:00", lasts=20), maker.call("2025-09-23T10:00:00", lasts=20.5)
    check(maker.figures(early, late), [early, late], maker.span)
    assert maker.figures(early, late).waiting.service_level == 0
    assert maker.figures(early).waiting.service_level is None


def test_limit_of_the_service_level(maker: Any) -> None:
    """An answer after exactly the limit is in time, and one a moment later is not."""
    rows = [maker.call(f"2025-09-23T09:0{n}:00", answer=wait) for n, wait in enumerate((20, 20.000001))]
    assert maker.figures(*rows).waiting[5:] == (1, 0, 0.5)


def test_unknown_states_and_directions(maker: Any) -> None:
    """A state or direction that is not known is in the row `other`, and in no rate."""
    rows = [
        maker.call("2025-09-23T09:00:00", call_state=state, direction=direction)
        for state in ("unknown", "voicemail", "", None, "answered", "not_answered")
        for direction in ("in", "out", "ext", "ext_in", "ext_out", "unknown", "callback", "", None)
    ]
    figures = maker.figures(*rows)
    check(figures, rows, maker.span)
    assert figures.outcomes == [
        ("in", 6, 0, 1, 5),
        ("out", 6, 0, 1, 5),
        ("internal", 18, 0, 3, 15),
        ("other", 24, 0, 4, 20),
    ]
    assert (figures.waiting.answered, figures.waiting.abandoned) == (0, 1)


def test_call_over_midnight(maker: Any) -> None:
    """A call belongs to the day and the hour of Hanoi on which it started."""
    late = maker.call("2025-09-23T23:59:59", answer=5, lasts=120)
    early = maker.call("2025-09-24T00:00:00", answer=5, lasts=120)
    figures = maker.figures(late, early)
    check(figures, [late, early], maker.span)
    assert {row.begin: row.incoming for row in figures.periods if row.incoming} == {
        date(2025, 9, 23): 1,
        date(2025, 9, 24): 1,
    }
    assert [row for row in figures.hours if row.calls] == [(2, 23, 1), (3, 0, 1)]


def test_five_targets(maker: Any) -> None:
    """Five extensions ring and one answers: one answered call, once, and one answer by extension."""
    begin = maker.hanoi("2025-09-23T09:00:00")
    answered, ended = begin + timedelta(seconds=12), begin + timedelta(seconds=100)
    targets = [maker.target(str(1001 + n), answered if n == 3 else None, ended) for n in range(5)]
    row = maker.call("2025-09-23T09:00:00", answer=1, lasts=100, call_targets=targets)
    figures = maker.figures(row)
    check(figures, [row], maker.span)
    assert (figures.outcomes[0].answered, figures.waiting.asa) == (1, 12)
    assert [(row.number, row.rang, row.answered) for row in figures.extensions] == [
        ("1001", 1, 0), ("1002", 1, 0), ("1003", 1, 0), ("1004", 1, 1), ("1005", 1, 0),
    ]  # fmt: skip


def test_two_answers(maker: Any) -> None:
    """A call that was passed on is answered once; the first answer counts; a number that rang twice, once."""
    begin = maker.hanoi("2025-09-23T09:00:00")
    first, second, ended = (begin + timedelta(seconds=n) for n in (10, 50, 90))
    targets = [
        maker.target("1002", second, ended), maker.target("1001", first, second), maker.target("1001"),
    ]  # fmt: skip
    row = maker.call("2025-09-23T09:00:00", answer=1, lasts=90, call_targets=targets)
    figures = maker.figures(row)
    check(figures, [row], maker.span)
    assert (figures.waiting.asa, figures.talking[0].total) == (10, 80)
    assert figures.extensions == [("1001", 1, 1, 0, 0, 40), ("1002", 1, 1, 0, 0, 40)]


@pytest.mark.parametrize(
    ("later", "expected"),
    [
        ([], "open"),
        ([("2025-09-23T08:59:59", {"direction": "out"})], "open"),
        ([("2025-09-23T09:00:00", {"direction": "out"})], "open"),
        ([("2025-09-23T09:00:00.000001", {"direction": "out"})], "called_back"),
        ([("2025-09-23T11:00:00", {"direction": "out", "answer": 5})], "called_back"),
        ([("2025-09-23T11:00:00", {"direction": "out", "callee": "+84 901 234 567"})], "called_back"),
        ([("2025-09-23T11:00:00", {"direction": "out", "callee": "84901234568"})], "open"),
        ([("2025-09-23T11:00:00", {"direction": "ext_out"})], "open"),
        ([("2025-09-23T11:00:00", {"direction": "in"})], "open"),
        ([("2025-09-23T08:00:00", {"direction": "in", "answer": 5})], "open"),
        (
            [("2025-09-23T11:00:00", {"direction": "in", "answer": 5, "caller": "84901234567"})],
            "called_again",
        ),
        (
            [
                ("2025-09-23T11:00:00", {"direction": "in", "answer": 5}),
                ("2025-09-23T12:00:00", {"direction": "out"}),
            ],
            "called_again",
        ),
        (
            [
                ("2025-09-23T11:00:00", {"direction": "in", "answer": 5}),
                ("2025-09-23T11:00:00", {"direction": "out"}),
            ],
            "called_back",
        ),
    ],
)
def test_returned(maker: Any, later: list[tuple[str, Row]], expected: str) -> None:
    """The first later call to or from the same number closes a missed call; of two at once, the call back."""
    rows = [maker.call("2025-09-23T09:00:00")]
    rows += [maker.call(at, **{"callee": "0901234567", **fields}) for at, fields in later]
    for order in (rows, rows[::-1]):
        figures = maker.figures(*order)
        check(figures, order, maker.span)
        assert getattr(figures.missed, expected) >= 1
        assert figures.missed.called_back + figures.missed.called_again == (expected != "open")


def test_two_missed_calls_at_the_same_second(maker: Any) -> None:
    """One call back closes both of two missed calls of one caller at the same second."""
    rows = [maker.call("2025-09-23T09:00:00"), maker.call("2025-09-23T09:00:00")]
    rows.append(maker.call("2025-09-23T09:10:00", direction="out", callee="0901234567"))
    figures = maker.figures(*rows)
    check(figures, rows, maker.span)
    assert figures.missed[:4] == (2, 2, 0, 0)
    assert (figures.missed.mean, figures.missed.median) == (600, 600)


def test_unknown_times(maker: Any) -> None:
    """Null and reversed times give no wait and no talk; such a missed call counts as late, and stays open."""
    begin = maker.hanoi("2025-09-23T09:00:00")
    before = begin - timedelta(seconds=5)
    rows = [
        maker.call(None),
        maker.call(None, call_targets=[maker.target("1001", begin)]),
        maker.call("2025-09-23T09:00:00", started_at=None, answer=5),
        maker.call("2025-09-23T09:00:00", ended_at=None, answer=5),
        maker.call("2025-09-23T09:00:00", ended_at=None),
        maker.call(
            "2025-09-23T09:00:00", ended_at=before, call_targets=[maker.target("1001", before, begin)]
        ),
        maker.call("2025-09-23T09:00:00", lasts=-5),
        maker.call(None, direction="out", callee="0901234567"),
    ]
    figures = maker.figures(*rows)
    check(figures, rows, maker.span)
    assert figures.periods[-1][:3] == (None, 2, 1)
    assert figures.waits[-1] == (None, None, 3, 3)
    assert figures.waiting.abandoned_late == 3


@pytest.mark.parametrize("caller", ["", None, "anonymous"])
def test_callers_without_a_number(maker: Any, caller: str | None) -> None:
    """A caller without a number cannot be called back, is in no list, and never matches another call."""
    rows = [
        maker.call("2025-09-23T09:00:00", caller=caller),
        maker.call("2025-09-23T09:05:00", caller=caller, answer=5),
        maker.call("2025-09-23T09:06:00", direction="out", callee=caller, caller="1001"),
    ]
    figures = maker.figures(*rows)
    check(figures, rows, maker.span)
    assert (figures.missed.open, figures.missed.without_number, figures.callers) == (1, 1, [])


def test_extensions_and_employees_that_are_not_known(maker: Any) -> None:
    """Calls without an employee, without targets and without a caller have rows of their own."""
    rows = [
        maker.call("2025-09-23T09:00:00", answer=5, user_id=None),
        maker.call("2025-09-23T09:00:00", call_targets=[]),
        maker.call("2025-09-23T09:00:00", call_targets=[maker.target("")]),
        maker.call("2025-09-23T09:00:00", direction="out", caller="", callee="0901234568"),
        maker.call("2025-09-23T09:00:00", direction="out", caller="1009", callee="0901234569", user_id="7"),
    ]
    figures = maker.figures(*rows)
    check(figures, rows, maker.span)
    assert [row.employee for row in figures.employees] == ["7", None]
    assert [row.number for row in figures.extensions] == ["", "1001", "1009"]


def test_hotlines(maker: Any) -> None:
    """The calls of each hotline are counted, and those that no list has are the last row."""
    rows = [
        maker.call("2025-09-23T09:00:00", answer=5),
        maker.call("2025-09-23T09:01:00"),
        maker.call("2025-09-23T09:02:00", direction="out"),
        maker.call("2025-09-23T09:03:00", direction="ext"),
        maker.call("2025-09-23T09:04:00", answer=5),
    ]
    table = maker.table(rows)
    for name, value, unresolved in (
        ("hotline_id", "9", None),
        ("hotline", "02873001234", "unresolved"),
        ("hotline_name", "Sales", "unresolved"),
    ):
        table = table.append_column(name, pa.array([value] * 4 + [unresolved], pa.string()))
    figures = maker.of_tables([table], has_hotlines=True)
    assert figures.hotlines == [
        ("02873001234", "Sales", 2, 1, 1, 1),
        ("unresolved", "unresolved", 1, 1, 0, 0),
    ]


@pytest.mark.parametrize(
    ("until", "step", "rows"),
    [
        ("2025-11-02", "day", 62),
        ("2025-11-03", "week", 9),
        ("2026-11-01", "week", 61),
        ("2030-09-01", "month", 60),
        ("2045-09-01", "year", 21),
    ],
)
def test_steps(maker: Any, until: str, step: str, rows: int) -> None:
    """A long span is counted by week, month or year, so that the page stays small; no call is lost."""
    span = Span.of("2025-09-01", until)
    calls = [maker.call(f"{day}T12:00:00", answer=5) for day in ("2025-09-01", "2025-10-01", "2025-11-01")]
    figures = maker.figures(*calls, span=span)
    assert step_of(span) == step
    assert (len(figures.periods), sum(row.calls for row in figures.periods)) == (rows, 3)


def test_days_of_a_span() -> None:
    """The last day is that of the last moment, which is not included."""
    assert days_of(Span.of("2025-09-22", "2025-09-29")) == (date(2025, 9, 22), date(2025, 9, 28))
    assert days_of(
        Span(times.day("2025-09-22").begin, times.day("2025-09-22").begin + timedelta(hours=1))
    ) == (
        date(2025, 9, 22),
        date(2025, 9, 22),
    )


@pytest.mark.parametrize(
    "number",
    [
        "0901234567",
        "84901234567",
        "+84901234567",
        "0084901234567",
        "840901234567",
        "901234567",
        "0901 234-567",
    ],
)
def test_forms_of_a_number(maker: Any, number: str) -> None:
    """A call back closes a missed call whatever forms the two numbers have, as `phones.same` says."""
    rows = [
        maker.call("2025-09-23T09:00:00", caller="84901234567"),
        maker.call("2025-09-23T09:10:00", direction="out", callee=number),
    ]
    assert phones.same("84901234567", number)
    assert maker.figures(*rows).missed.called_back == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("19001234", "8419001234"),
        ("1800 123 456", "+84 1800123456"),
        ("+12125550123", "0012125550123"),
        ("+20 2 1234567", "02021234567"),
        ("+901234567", "0901234567"),
        ("02838221234", "2838221234"),
        ("1001", "01001"),
    ],
)
def test_other_numbers(maker: Any, one: str, other: str) -> None:
    """Service numbers, foreign numbers and extensions are the same only if `phones.same` says so."""
    for caller, callee in ((one, other), (other, one), (one, one)):
        rows = [
            maker.call("2025-09-23T09:00:00", caller=caller),
            maker.call("2025-09-23T09:10:00", direction="out", callee=callee),
        ]
        is_same = caller == callee or phones.same(one, other)
        assert maker.figures(*rows).missed.called_back == int(is_same)


def test_foreign_number_without_its_plus(maker: Any) -> None:
    """A trunk may drop the plus sign of a foreign number."""
    rows = [
        maker.call("2025-09-23T09:00:00", caller="+12125550123"),
        maker.call("2025-09-23T09:10:00", direction="out", callee="12125550123"),
    ]
    assert maker.figures(*rows).missed.called_back == 1


def test_missing_folder(tmp_path: Path) -> None:
    """A folder that cannot be used is an `OSError`, as for any other file."""
    with pytest.raises(OSError, match="the calls cannot be counted: IO Error"):
        Database(tmp_path / "missing")


def test_columns_that_are_read(maker: Any) -> None:
    """Addresses of recordings never reach the database."""
    row = maker.call("2025-09-23T09:00:00", recording_urls=["https://recordings.example/secret"])
    assert set(models.CallLog.__annotations__) >= set(maker.table([row]).column_names) - {"extra"}
    with Database(_made(maker)) as database:
        database.add(maker.table([row]))
        columns = database._connection.execute(
            "SELECT column_name FROM information_schema.columns"
        ).fetchall()
    assert not [name for (name,) in columns if "record" in name]


def test_memory_and_access(maker: Any) -> None:
    """The database has a limit for its memory, and reads no other file and no extension."""
    with Database(_made(maker)) as database:
        setting = database._connection.execute(
            "SELECT current_setting('memory_limit'), current_setting('enable_external_access')"
        )
        assert setting.fetchall() == [("244.1 MiB", False)]
        with pytest.raises(Exception, match="disabled"):
            database._connection.execute(f"SELECT * FROM read_text('{__file__}')")


def _made(maker: Any) -> Path:
    folder: Path = maker._folder / "own"
    folder.mkdir()
    return folder
