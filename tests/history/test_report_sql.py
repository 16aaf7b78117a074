"""Every number of a report equals SQL that was written from the printed definitions, for another database."""

from __future__ import annotations

import json
import random
import re
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from etelecom_async import ShopClient, history, models, times
from etelecom_async.history.report_texts import Texts

MONDAY = datetime(2025, 9, 22, tzinfo=times.VIETNAM)
DAYS = 7
SPAN = (MONDAY, MONDAY + timedelta(days=DAYS))
LIMIT = 15
ZERO = "0001-01-01T00:00:00Z"
EXTENSIONS = ("1001", "1002", "1003", "1004", "1005", "6001")
EMPLOYEES = {f"90{number}": f"Employee <{number}>" for number in range(1, 5)}
FORMS: Mapping[str, Sequence[str]] = {
    "0901234567": ("0901234567", "84901234567", "+84901234567", "0084901234567", "0901 234 567"),
    "0987654321": ("0987654321", "84987654321", "+84 987-654-321"),
    "0351112223": ("0351112223", "84351112223"),
    "02838221234": ("02838221234", "842838221234", "(028) 3822 1234"),
    "+12125550123": ("+12125550123", "0012125550123"),
    "19001234": ("19001234",),
    **{f"09{number:08}": (f"09{number:08}", f"849{number:08}") for number in range(11111111, 11111131)},
}
"""Each person by the number that people dial, and the forms in which logs have it."""
HOTLINES = {"71": ("Sales", "02471000001"), "72": ("Care", "02471000002"), "73": ("Old", "")}


def wire_time(moment: datetime | None, rng: random.Random) -> str | None:
    """Return a time as a server may send it; unset times have three forms."""
    if moment is None:
        return rng.choice((None, ZERO, ""))
    zone = rng.choice((UTC, times.VIETNAM))
    return moment.astimezone(zone).isoformat()


class World:
    """
    Call logs as a server sends them, with the people who call.

    Args:
        seed: Another number makes another world.
        size: Number of calls.
    """

    def __init__(self, seed: int, size: int) -> None:
        self._rng = random.Random(seed)
        self.people: dict[str, str | None] = {}
        """The person on the other side, by the id of the call."""
        self.hotlines: dict[str, list[str]] = {}
        """Hotlines whose lists have a call, by its id."""
        moments = self._moments(size)
        self.calls = [self._call(f"{number + 1}", moment) for number, moment in enumerate(moments)]
        self._rng.shuffle(self.calls)

    def _moments(self, size: int) -> list[datetime]:
        rng = self._rng
        edges = [SPAN[0] - timedelta(seconds=1), SPAN[0], SPAN[1] - timedelta(milliseconds=1), SPAN[1]]
        for day in range(1, DAYS):
            midnight = MONDAY + timedelta(days=day)
            edges += [midnight - timedelta(seconds=1), midnight, midnight + timedelta(microseconds=1)]
        seconds = rng.sample(range(DAYS * 86400 * 10), size - len(edges))
        return edges + [MONDAY + timedelta(seconds=second / 10, microseconds=7) for second in seconds]

    def _call(self, call_id: str, begin: datetime) -> dict[str, Any]:
        rng = self._rng
        directions = ("in", "out", "ext", "ext_in", "ext_out", "unknown", "", "callback", None)
        direction = rng.choices(directions, (60, 25, 4, 2, 2, 2, 2, 2, 1))[0]
        started = None if rng.random() < 0.03 else begin
        created = begin + timedelta(seconds=rng.choice((0, 0, 1)))
        if started is None:
            created = begin
        ended = begin + timedelta(seconds=rng.choice((5, 14.999, 15, 15.001, 30, 60, 63.25, 600, 4000)))
        if rng.random() < 0.03:
            ended = begin - timedelta(seconds=1)
        targets = [self._target(begin, ended) for _ in range(rng.choice((0, 1, 1, 1, 2, 3, 5)))]
        states = ("answered", "not_answered", "unknown", "", "ringing", None)
        state = rng.choices(states, (35, 50, 5, 4, 4, 2))[0]
        person = rng.choice([*FORMS, None])
        number = rng.choice(FORMS[person] if person else ("", "anonymous", None))
        extension = rng.choice(EXTENSIONS)
        self.people[call_id] = person if direction in {"in", "out"} else None
        self.hotlines[call_id] = rng.choices(([], ["71"], ["72"], ["73"], ["71", "72"]), (1, 6, 4, 1, 1))[0]
        wire = {
            "id": call_id,
            "direction": direction,
            "call_state": state,
            "caller": extension if direction == "out" else number,
            "callee": number if direction == "out" else extension,
            "user_id": rng.choice([*EMPLOYEES, "905", "0", "", None]),
            "extension_id": "1",
            "started_at": wire_time(started, rng),
            "created_at": wire_time(created, rng),
            "ended_at": wire_time(None if rng.random() < 0.04 else ended, rng),
            "call_targets": targets or rng.choice(([], None)),
            "recording_urls": ["https://recordings.example/canary?token=canary"],
        }
        return {name: value for name, value in wire.items() if value is not None or rng.random() < 0.5}

    def _target(self, begin: datetime, ended: datetime) -> dict[str, Any]:
        rng = self._rng
        answered = None
        if rng.random() < 0.35:
            answered = begin + timedelta(seconds=rng.choice((0, 3, 9.5, 14.999, 15, 15.001, 29, 200)))
        left = None if rng.random() < 0.1 else ended - timedelta(seconds=rng.choice((0, 0, 1)))
        return {
            "target_number": rng.choice(EXTENSIONS),
            "answered_time": wire_time(answered, rng),
            "ended_time": wire_time(left, rng),
        }


def microseconds(text: str | None) -> int | None:
    """Return a time of the wire as a number; `None` if it is not set."""
    if not text or text == ZERO:
        return None
    return round(datetime.fromisoformat(text).timestamp() * 10**6)


SCHEMA = """
create table raw (id, direction, state, caller, user, started, created, ended, person);
create table target (call, number, answered, ended);
create table listed (call, hotline);
"""
VIEWS = f"""
create view call as
with each as (
    select raw.*, coalesce(started, created) as moment,
        (select min(answered) from target where call = id) as answer
    from raw
)
select id, started, moment, person, answer, ended, caller as extension,
    case when user in ('', '0') then null else user end as employee,
    case when direction = 'in' then 'in' when direction = 'out' then 'out'
        when direction in ('ext', 'ext_in', 'ext_out') then 'internal' else 'other' end as way,
    case when answer is not null then 'answered' when state = 'not_answered' then 'unanswered'
        else 'other' end as result,
    case when ended >= answer then ended - answer end as talk,
    case when answer is not null then iif(answer >= started, answer - started, null)
        when state = 'not_answered' then iif(ended >= started, ended - started, null) end as wait
from each
where moment is null
    or (moment >= {microseconds(SPAN[0].isoformat())} and moment < {microseconds(SPAN[1].isoformat())});
create view answered as select * from call where way = 'in' and result = 'answered';
create view missed as select * from call where way = 'in' and result = 'unanswered';
create view back as
select missed.id, min(other.moment) as at from missed join call as other
    on other.way = 'out' and other.person = missed.person and other.moment > missed.moment group by 1;
create view again as
select missed.id, min(other.moment) as at from missed join answered as other
    on other.person = missed.person and other.moment > missed.moment group by 1;
create view closed as
select missed.*, back.at - missed.moment as delay,
    case when back.at is null and again.at is null then 'open'
        when again.at is null or back.at <= again.at then 'back' else 'again' end as ending
from missed left join back using (id) left join again using (id);
"""


class Oracle:
    """
    Answers with SQL of SQLite, and writes the numbers as the page does.

    Args:
        world: The calls.
        texts: The texts of the page.
    """

    def __init__(self, world: World, texts: Texts) -> None:
        self._texts = texts
        self._database = sqlite3.connect(":memory:")
        self._database.executescript(SCHEMA)
        for call in world.calls:
            at = [microseconds(call.get(name)) for name in ("started_at", "created_at", "ended_at")]
            names = ("id", "direction", "call_state", "caller", "user_id")
            row = [*(call.get(name) or "" for name in names), *at, world.people[call["id"]]]
            self._database.execute(f"insert into raw values ({','.join('?' * 9)})", row)
            for target in call.get("call_targets") or ():
                moments = [microseconds(target.get(name)) for name in ("answered_time", "ended_time")]
                values = [call["id"], target["target_number"], *moments]
                self._database.execute("insert into target values (?, ?, ?, ?)", values)
            for hotline in world.hotlines[call["id"]]:
                self._database.execute("insert into listed values (?, ?)", [call["id"], hotline])
        self._database.executescript(VIEWS)

    def close(self) -> None:
        """Close the database."""
        self._database.close()

    def rows(self, query: str, **values: object) -> list[tuple[Any, ...]]:
        """Return the rows of a query."""
        return self._database.execute(query, values).fetchall()

    def one(self, query: str, **values: object) -> tuple[Any, ...]:
        """Return the only row of a query."""
        (row,) = self.rows(query, **values)
        return row

    def length(self, microseconds: float | None) -> str:
        """Return a length of time as a text."""
        return self._texts.length(None if microseconds is None else microseconds / 10**6)

    def counts(self, *numbers: int) -> list[str]:
        """Return numbers as texts."""
        return [self._texts.count(number) for number in numbers]

    def tables(self) -> dict[str, list[list[str]]]:
        """Return the rows of each table by its caption."""
        t = self._texts
        found = {
            "by_direction": self.directions(),
            "by_day": self.days(),
            "answering": self.answering(),
            "by_hour": self.hours(),
            "waiting": self.waits(),
            "service_level": self.waiting(),
            "talking": self.talking(),
            "missed_section": self.missed(),
            "delay": self.delays(),
            "callers_section": self.callers(),
            "by_extension": self.extensions(),
            "by_employee": self.employees(),
            "by_hotline": self.hotlines(),
        }
        return {t(name): rows for name, rows in found.items()}

    def directions(self) -> list[list[str]]:
        """Return the calls by direction and result, and their sums."""
        query = """
            select count(*) filter (where result = 'answered'), count(*) filter (where result = 'unanswered'),
                count(*) filter (where result = 'other'), count(*) from call where way like :way
        """
        ways = {"in": "in", "out": "out", "internal": "internal", "other": "other", "total": "%"}
        return [[self._texts(name), *self.counts(*self.one(query, way=way))] for name, way in ways.items()]

    def _by_day(self, columns: str) -> Iterator[tuple[str, tuple[Any, ...]]]:
        """Yield a row of counts for each day, for calls without a time if there are some, and for all."""
        query = (
            f"select {columns} from call where date((moment + 25200000000) / 1000000, 'unixepoch') is :day"
        )
        days: list[date] = [(MONDAY + timedelta(days=day)).date() for day in range(DAYS)]
        for day in days:
            yield self._texts.weekday_and_day(day), self.one(query, day=day.isoformat())
        if self.rows("select 1 from call where moment is null limit 1"):
            yield self._texts("no_time"), self.one(query, day=None)
        yield self._texts("total"), self.one(f"select {columns} from call")

    def days(self) -> list[list[str]]:
        """Return the calls by day and direction."""
        ways = (f"count(*) filter (where way = '{way}')" for way in ("in", "out", "internal", "other"))
        columns = f"{', '.join(ways)}, count(*)"
        return [[label, *self.counts(*row)] for label, row in self._by_day(columns)]

    def answering(self) -> list[list[str]]:
        """Return the answer rate by day."""
        columns = (
            "count(*) filter (where way = 'in' and result = 'answered'), "
            "count(*) filter (where way = 'in' and result = 'unanswered')"
        )
        return [
            [label, *self.counts(*row), self._texts.percent(row[0] / sum(row) if sum(row) else None)]
            for label, row in self._by_day(columns)
        ]

    def hours(self) -> list[list[str]]:
        """Return the incoming calls by hour and weekday."""
        counts = {
            (int(hour), int(day)): number
            for hour, day, number in self.rows("""
                select strftime('%H', local, 'unixepoch'), strftime('%w', local, 'unixepoch'), count(*)
                from (select (moment + 25200000000) / 1000000 as local from call
                    where way = 'in' and moment is not null)
                group by 1, 2
            """)
        }
        week = (1, 2, 3, 4, 5, 6, 0)
        lines = [[counts.get((hour, day), 0) for day in week] for hour in range(24)]
        rows = [[f"{hour}:00", *self.counts(*line, sum(line))] for hour, line in enumerate(lines)]
        sums = [sum(column) for column in zip(*lines, strict=True)]
        return [*rows, [self._texts("total"), *self.counts(*sums, sum(sums))]]

    def _ranges(self, bounds: Sequence[float], column: str, *views: str) -> list[list[str]]:
        edges = [0.0, *bounds]
        rows: list[list[str]] = []
        for least, most in zip(edges, [*bounds, None], strict=True):
            is_inside = f"{column} >= {least * 10**6:.0f}"
            if most is not None:
                is_inside += f" and {column} < {most * 10**6:.0f}"
            numbers = (self.one(f"select count(*) from {view} where {is_inside}")[0] for view in views)
            rows.append([self._texts.between(least, most), *self.counts(*numbers)])
        return rows

    def waits(self) -> list[list[str]]:
        """Return the incoming calls by their wait."""
        rows = self._ranges((5, 10, 20, 30, 60, 120), "wait", "answered", "missed")
        unknown = [
            self.one(f"select count(*) from {view} where wait is null")[0] for view in ("answered", "missed")
        ]
        return [*rows, [self._texts("not_known"), *self.counts(*unknown)]]

    def level(self) -> tuple[int, int, int]:
        """Return the numbers of the service level: answered in time, answered, and missed late."""
        ((in_time, answered),) = self.rows(
            "select count(*) filter (where wait <= :limit), count(*) from answered", limit=LIMIT * 10**6
        )
        (late,) = self.one(
            "select count(*) from missed where wait > :limit or wait is null", limit=LIMIT * 10**6
        )
        return in_time, answered, late

    def waiting(self) -> list[list[str]]:
        """Return the average speed of answer and the service level."""
        t = self._texts
        mean, longest = self.one("select avg(wait), max(wait) from answered")
        (patience,) = self.one("select avg(wait) from missed")
        in_time, answered, late = self.level()
        return [
            [t("asa"), self.length(mean)],
            [t("longest_wait"), self.length(longest)],
            [t("patience"), self.length(patience)],
            [t("service_level_row", limit=t.limit(LIMIT)), t.percent(in_time / (answered + late))],
        ]

    def talking(self) -> list[list[str]]:
        """Return the talk times by direction."""
        query = """
            select count(*), avg(talk), max(talk), sum(talk)
            from call where way = :way and result = 'answered'
        """
        rows: list[list[str]] = []
        for way in ("in", "out", "internal"):
            answered, *lengths = self.one(query, way=way)
            rows.append([self._texts(way), *self.counts(answered), *map(self.length, lengths)])
        return rows

    def missed(self) -> list[list[str]]:
        """Return what became of missed calls."""
        t = self._texts
        counts = self.one("""
            select count(*), count(*) filter (where ending = 'back'),
                count(*) filter (where ending = 'again'), count(*) filter (where ending = 'open'),
                count(distinct person) filter (where ending = 'open'),
                count(*) filter (where ending = 'open' and person is null)
            from closed
        """)
        (mean,) = self.one("select avg(delay) from closed where ending = 'back'")
        (median,) = self.one("""
            with ranked as (
                select delay, row_number() over (order by delay) as place, count(*) over () as size
                from closed where ending = 'back'
            )
            select avg(delay) from ranked where place in ((size + 1) / 2, (size + 2) / 2)
        """)
        names = ("missed_calls", "called_back", "called_again", "open", "open_callers", "without_number")
        return [
            *([t(name), *self.counts(count)] for name, count in zip(names, counts, strict=True)),
            [t("mean_delay"), self.length(mean)],
            [t("median_delay"), self.length(median)],
        ]

    def delays(self) -> list[list[str]]:
        """Return the times to call back."""
        self._database.execute(
            "create view if not exists returned as select delay from closed where ending = 'back'"
        )
        return self._ranges((300, 900, 3600, 4 * 3600, 24 * 3600), "delay", "returned")

    def callers(self) -> list[list[str]]:
        """Return the numbers that nobody called back, the latest first."""
        query = """
            select person, count(*), max(moment), max(wait) from closed
            where ending = 'open' and person is not null group by 1 order by 3 desc
        """
        return [
            [
                person,
                *self.counts(number),
                self._texts.time(times.local(datetime.fromtimestamp(last / 10**6, UTC))),
                self.length(wait),
            ]
            for person, number, last, wait in self.rows(query)
        ]

    def cards(self) -> list[tuple[str, str]]:
        """Return the first figures of the page, each with the line below it."""
        t = self._texts
        incoming, answered, missed, opened = self.one("""
            select count(*) filter (where way = 'in'), (select count(*) from answered),
                (select count(*) from missed), (select count(*) from closed where ending = 'open') from call
        """)
        mean, longest, talk = self.one("select avg(wait), max(wait), avg(talk) from answered")
        (outgoing,) = self.one("select avg(talk) from call where way = 'out'")
        in_time, _, late = self.level()
        figures = {
            t.count(incoming): t("card_incoming", answered=t.count(answered), missed=t.count(missed)),
            t.share(answered, answered + missed): t("card_answer_rate"),
            t.count(opened): t("card_not_returned", missed=t.count(missed)),
            self.length(mean): t("card_asa", longest=self.length(longest)),
            t.share(in_time, answered + late): t("card_service_level", limit=t.limit(LIMIT)),
            self.length(talk): t("card_mean_talk", outgoing=self.length(outgoing)),
        }
        return list(figures.items())

    def extensions(self) -> list[list[str]]:
        """Return the calls by extension, in any order."""
        query = """
            with rung as (
                select id, number, max(target.answered is not null) as took,
                    sum(iif(target.ended >= target.answered, target.ended - target.answered, null)) as talk
                from call join target on target.call = id where way = 'in' group by 1, 2
            ), numbers as (
                select number from rung union select extension from call where way = 'out'
            )
            select number, (select count(*) from rung where rung.number = numbers.number),
                (select count(*) from rung where rung.number = numbers.number and took),
                (select count(*) from rung where rung.number = numbers.number and not took),
                (select count(*) from call where way = 'out' and extension = number),
                (select count(*) from call where way = 'out' and extension = number and result = 'answered'),
                (select sum(talk) from (select talk from rung where rung.number = numbers.number
                    union all select talk from call where way = 'out' and extension = number))
            from numbers
        """
        return [
            [number, *self.counts(*counts), self.length(talk)] for number, *counts, talk in self.rows(query)
        ]

    def employees(self) -> list[list[str]]:
        """Return the calls by employee, in any order."""
        query = """
            select employee, count(*) filter (where way = 'in' and result = 'answered'),
                count(*) filter (where way = 'out'),
                count(*) filter (where way = 'out' and result = 'answered'), sum(talk), avg(talk)
            from call where way = 'out' or (way = 'in' and result = 'answered') group by 1
        """
        nobody = self._texts("nobody")
        return [
            [
                nobody if employee is None else str(EMPLOYEES.get(employee, employee)),
                *self.counts(*counts),
                self.length(talk),
                self.length(mean),
            ]
            for employee, *counts, talk, mean in self.rows(query)
        ]

    def hotlines(self) -> list[list[str]]:
        """Return the calls by hotline, in any order."""
        query = """
            with owned as (
                select call.*,
                    (select iif(count(*) = 1, max(hotline), null) from listed where call = id) as line
                from call
            )
            select line, count(*) filter (where way = 'in'),
                count(*) filter (where way = 'in' and result = 'answered'),
                count(*) filter (where way = 'in' and result = 'unanswered'),
                count(*) filter (where way = 'out')
            from owned group by 1
        """
        rows: list[list[str]] = []
        for line, incoming, answered, missed, outgoing in self.rows(query):
            share = self._texts.share(answered, answered + missed)
            label = self._texts("unresolved") if line is None else " · ".join(filter(None, HOTLINES[line]))
            numbers = self.counts(incoming, answered, missed)
            rows.append([label, *numbers, share, *self.counts(outgoing)])
        return rows


class Page(HTMLParser):
    """
    The tables of a page by their captions, its cards, and its texts.

    Args:
        html: The page.
    """

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tables: dict[str, list[list[str]]] = {}
        self.cards: list[list[str]] = []
        self.texts: list[str] = []
        self._rows: list[list[str]] = []
        self._open: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(
        self,
        tag: str,
        attrs: list[tuple[str, str | None]],  # noqa: ARG002 - HTMLParser gives them by this name
    ) -> None:
        """Open a table, a row, a cell or a card."""
        if tag in {"th", "td"}:
            self._rows[-1].append("")
        elif tag == "tr":
            self._rows.append([])
        elif tag == "caption":
            self.texts.append("")
        elif tag == "span":
            self.cards[-1].append("")
        elif tag == "li":
            self.cards.append([])
        if tag in {"th", "td", "caption", "span", "p", "li"}:
            self._open.append(tag)
            if tag in {"p", "li"}:
                self.texts.append("")

    def handle_endtag(self, tag: str) -> None:
        """Close what was opened."""
        if self._open and self._open[-1] == tag:
            self._open.pop()
        if tag == "caption":
            self.tables[self.texts[-1]] = self._rows = []
        elif tag == "thead":
            self._rows.clear()

    def handle_data(self, data: str) -> None:
        """Add a text to the cell or the paragraph that is open."""
        where = self._open[-1] if self._open else ""
        if where in {"th", "td"}:
            self._rows[-1][-1] += data
        elif where == "span":
            self.cards[-1][-1] += data
        elif where:
            self.texts[-1] += data


def served(world: World, peer: Any) -> None:
    """Let the peer serve a world: its calls, those of each hotline, and its employees."""

    def respond(request: Any) -> Any:
        if request.path.endswith("ListCallLogs"):
            wanted = json.loads(request.body).get("filter", {}).get("hotline_ids")
            calls = [
                call for call in world.calls if not wanted or set(wanted) & set(world.hotlines[call["id"]])
            ]
            return peer.json({"call_logs": calls, "paging": {}})
        if request.path.endswith("Users"):
            users = [{"user_id": user, "full_name": name} for user, name in EMPLOYEES.items()]
            return peer.json({"account_users": users, "paging": {}})
        return peer.json({})

    peer.always = respond


@pytest.mark.parametrize(("seed", "language"), [(1, "en"), (2, "vi")])
async def test_every_number(peer: Any, shop: ShopClient, tmp_path: Path, seed: int, language: Any) -> None:
    """Each number in each table, card and formula of the page is the one that SQLite counts."""
    world = World(seed, 700)
    served(world, peer)
    hotlines = [models.Hotline(id=key, name=name, hotline=to) for key, (name, to) in HOTLINES.items()]
    file = tmp_path / "report.html"
    done = await history.report(
        shop,
        file,
        *SPAN,
        language=language,
        hotlines=hotlines,
        service_level=LIMIT,
        reveal_numbers=True,
        windows=1,
    )
    html = file.read_text(encoding="utf-8")
    page, texts = Page(html), Texts(language)
    oracle = Oracle(world, texts)
    expected = oracle.tables()
    assert page.tables.keys() == expected.keys()
    ranked = {texts(name) for name in ("by_extension", "by_employee", "by_hotline")}
    for caption, rows in expected.items():
        found = page.tables[caption]
        order: Any = sorted if caption in ranked else list
        assert order(found) == order(rows), caption
    in_time, answered, late = oracle.counts(*oracle.level())
    formula = f"{in_time} / ({answered} + {late})"
    assert sum(formula in text for text in page.texts) == 1
    assert [tuple(card[1:]) for card in page.cards if len(card) > 1] == oracle.cards()
    counts = oracle.one("""
        select (select count(*) from call), count(*), count(*) filter (where ending = 'open') from closed
    """)
    assert (done.calls, done.missed, done.not_returned) == counts
    oracle.close()
    assert "canary" not in re.sub(r"\s", "", html)
