"""
Say with SQL what the figures of a report are. Nothing here knows DuckDB, HTML or a language.

`TABLES` are filled from the columns of call logs by `LOAD`, part by part. Then each query gives one figure.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Final, Generic, NamedTuple, TypeVar

import attrs

R = TypeVar("R")

MOST_CALLERS: Final = 200
"""Callers in the list of missed calls that were not returned."""


@attrs.frozen
class Query(Generic[R]):
    """A figure: how to read it, and its rows."""

    sql: str
    row: Callable[..., R]
    """Takes the values of a row."""


TABLES: Final = """
CREATE TABLE call (
    place BIGINT,       -- number of the row
    moment BIGINT,      -- microseconds: the start, or else the creation; null if there is neither
    local TIMESTAMP,    -- the same time in Hanoi
    direction VARCHAR,  -- in, out, internal, other
    outcome VARCHAR,    -- answered, unanswered, other
    wait DOUBLE,        -- seconds until the first answer, or until the caller hung up
    talk DOUBLE,        -- seconds from the first answer to the end
    party VARCHAR,      -- number of the other side, in a form that can be compared; empty if there is none
    number VARCHAR,     -- the same number as the service wrote it
    extension VARCHAR,  -- number of the extension that called
    employee VARCHAR,
    hotline_id VARCHAR,
    hotline VARCHAR,
    hotline_name VARCHAR
);
CREATE TABLE target (
    place BIGINT,       -- the call
    number VARCHAR,
    is_answered BOOLEAN,
    talk DOUBLE
);
"""

LOAD: Final = (
    """
INSERT INTO call
WITH wire AS (
    SELECT
        *,
        epoch_us(coalesce(started_at, created_at)) AS moment,
        epoch_us(started_at) AS began,
        epoch_us(ended_at) AS ended,
        list_min([epoch_us(t.answered_time) FOR t IN call_targets IF t.answered_time IS NOT NULL]) AS answer,
        CASE
            WHEN direction IN ('in', 'out') THEN direction
            WHEN direction IN ('ext', 'ext_in', 'ext_out') THEN 'internal'
            ELSE 'other'
        END AS way
    FROM part
), known AS (
    SELECT
        *,
        CASE
            WHEN answer IS NOT NULL THEN 'answered'
            WHEN call_state = 'not_answered' THEN 'unanswered'
            ELSE 'other'
        END AS outcome,
        coalesce(CASE way WHEN 'in' THEN caller WHEN 'out' THEN callee END, '') AS party
    FROM wire
), timed AS (
    SELECT
        *,
        CASE outcome WHEN 'answered' THEN answer WHEN 'unanswered' THEN ended END - began AS wait,
        ended - answer AS talk,
        regexp_replace(party, '[^0-9]', '', 'g') AS digits,
        party LIKE '%+%' AS has_plus
    FROM known
)
SELECT
    place,
    moment,
    -- In the last hours of the calendar there is no time of Hanoi.
    make_timestamp(moment + CASE WHEN moment < 253402275600000000 THEN 25200000000 ELSE 0 END),
    way,
    outcome,
    CASE WHEN wait >= 0 THEN wait / 1e6 END,
    CASE WHEN talk >= 0 THEN talk / 1e6 END,
    -- As `phones.same` compares numbers: those of Vietnam with 84, service numbers as they are dialled, and
    -- foreign ones with their country code. A foreign number may have lost its plus sign on the way.
    coalesce(
        nullif(regexp_extract(digits, '^(?:(?:00)?84)?(1[89]00[0-9]{4,6})$', 1), ''),
        '84' || nullif(regexp_extract(digits, '^(?:(?:00)?840?|0)([35789][0-9]{8}|2[0-9]{9})$', 1), ''),
        CASE WHEN NOT has_plus THEN
            '84' || nullif(regexp_extract(digits, '^([35789][0-9]{8}|2[0-9]{9})$', 1), '')
        END,
        nullif(regexp_extract(digits, '^(?:00)?([1-9][0-9]{6,14})$', 1), ''),
        digits
    ),
    trim(party),
    CASE way WHEN 'out' THEN coalesce(caller, '') END,
    user_id,
    hotline_id,
    hotline,
    hotline_name
FROM timed
""",
    """
INSERT INTO target
WITH target_of_call AS (SELECT place, unnest(call_targets) AS t FROM part), timed AS (
    SELECT
        place,
        coalesce(t.target_number, '') AS number,
        t.answered_time IS NOT NULL AS is_answered,
        epoch_us(t.ended_time) - epoch_us(t.answered_time) AS talk
    FROM target_of_call
)
SELECT place, number, is_answered, CASE WHEN talk >= 0 THEN talk / 1e6 END FROM timed
""",
)
"""Statements that add the rows of the table `part`."""

CLOSE: Final = """
CREATE TABLE missed AS
WITH closing AS (
    -- Of two calls at the same time, the call back counts.
    SELECT party, moment, max(direction = 'out') AS is_call_back
    FROM call
    WHERE party <> '' AND moment IS NOT NULL
        AND (direction = 'out' OR (direction = 'in' AND outcome = 'answered'))
    GROUP BY party, moment
)
SELECT
    call.*,
    CASE WHEN closing.moment IS NULL THEN 'open' WHEN is_call_back THEN 'called_back' ELSE 'called_again' END AS closed_by,
    (closing.moment - call.moment) / 1e6 AS delay
FROM (SELECT * FROM call WHERE direction = 'in' AND outcome = 'unanswered') AS call
ASOF LEFT JOIN closing ON call.party = closing.party AND call.moment < closing.moment
"""  # noqa: E501 - one line for each column
"""Makes the table of missed calls: for each one, the first later call that closes it."""


class Outcomes(NamedTuple):
    """The calls of a direction."""

    direction: str
    calls: int
    answered: int
    unanswered: int
    other: int


OUTCOMES: Final = Query(
    """
SELECT
    directions.direction,
    count(place),
    count(*) FILTER (outcome = 'answered'),
    count(*) FILTER (outcome = 'unanswered'),
    count(*) FILTER (outcome = 'other')
FROM (VALUES (1, 'in'), (2, 'out'), (3, 'internal'), (4, 'other')) AS directions (rank, direction)
LEFT JOIN call USING (direction)
GROUP BY rank, directions.direction
ORDER BY rank
""",
    Outcomes,
)


class Period(NamedTuple):
    """The calls of a day, or of a longer step of a long span."""

    begin: date | None
    """First day; `None` for calls without a time."""
    incoming: int
    outgoing: int
    internal: int
    other: int
    answered: int
    """Incoming calls that were answered."""
    missed: int
    """Incoming calls that were not answered."""

    @property
    def calls(self) -> int:
        """All calls."""
        return self.incoming + self.outgoing + self.internal + self.other


PERIODS: Final = Query(
    """
WITH days AS (
    SELECT DISTINCT date_trunc($step, day) AS begin
    FROM generate_series($first::TIMESTAMP, $last::TIMESTAMP, INTERVAL 1 DAY) AS series (day)
    UNION
    SELECT date_trunc($step, local) FROM call
)
SELECT
    CAST(days.begin AS DATE),
    count(*) FILTER (direction = 'in'),
    count(*) FILTER (direction = 'out'),
    count(*) FILTER (direction = 'internal'),
    count(*) FILTER (direction = 'other'),
    count(*) FILTER (direction = 'in' AND outcome = 'answered'),
    count(*) FILTER (direction = 'in' AND outcome = 'unanswered')
FROM days
LEFT JOIN call ON date_trunc($step, local) IS NOT DISTINCT FROM days.begin
GROUP BY days.begin
ORDER BY days.begin NULLS LAST
""",
    Period,
)


class Hour(NamedTuple):
    """The incoming calls that started in an hour of a weekday."""

    weekday: int
    """From 1, Monday, to 7, Sunday."""
    hour: int
    calls: int


HOURS: Final = Query(
    """
WITH cells AS (SELECT weekday, hour FROM range(1, 8) AS w (weekday), range(24) AS h (hour))
SELECT cells.weekday, cells.hour, count(place)
FROM cells
LEFT JOIN call ON direction = 'in' AND isodow(local) = cells.weekday AND hour(local) = cells.hour
GROUP BY cells.weekday, cells.hour
ORDER BY cells.weekday, cells.hour
""",
    Hour,
)


class Waiting(NamedTuple):
    """How long callers waited."""

    answered: int
    asa: float | None
    """Average speed of answer: seconds that answered calls waited, divided by these calls."""
    longest: float | None
    """Seconds that the answered call with the longest wait waited."""
    abandoned: int
    patience: float | None
    """Seconds that missed calls waited on average."""
    in_time: int
    """Calls that were answered within the limit."""
    abandoned_late: int
    """Missed calls that waited longer than the limit, or whose wait is not known."""
    service_level: float | None
    """A share from 0 to 1."""


WAITING: Final = Query(
    """
SELECT
    *,
    in_time / nullif(answered + abandoned_late, 0)
FROM (
    SELECT
        count(*) FILTER (outcome = 'answered') AS answered,
        avg(wait) FILTER (outcome = 'answered'),
        max(wait) FILTER (outcome = 'answered'),
        count(*) FILTER (outcome = 'unanswered'),
        avg(wait) FILTER (outcome = 'unanswered'),
        count(*) FILTER (outcome = 'answered' AND wait <= $limit) AS in_time,
        count(*) FILTER (outcome = 'unanswered' AND (wait > $limit OR wait IS NULL)) AS abandoned_late
    FROM call
    WHERE direction = 'in'
)
""",
    Waiting,
)


class Wait(NamedTuple):
    """The incoming calls that waited for about the same time."""

    least: int | None
    """Seconds; `None` if the wait is not known."""
    most: int | None
    """Seconds that no call of the row reached; `None` for the last row."""
    answered: int
    missed: int


WAITS: Final = Query(
    """
WITH steps (least, most) AS (
    VALUES (0, 5), (5, 10), (10, 20), (20, 30), (30, 60), (60, 120), (120, NULL), (NULL, NULL)
)
SELECT
    least,
    most,
    count(*) FILTER (outcome = 'answered'),
    count(*) FILTER (outcome = 'unanswered')
FROM steps
LEFT JOIN call ON direction = 'in' AND (
    (wait >= least AND (most IS NULL OR wait < most)) OR (wait IS NULL AND least IS NULL)
)
GROUP BY least, most
ORDER BY least NULLS LAST
""",
    Wait,
)


class Talking(NamedTuple):
    """How long the answered calls of a direction took."""

    direction: str
    answered: int
    total: float
    """Seconds."""
    mean: float | None
    longest: float | None


TALKING: Final = Query(
    """
SELECT direction, count(place), coalesce(sum(talk), 0), avg(talk), max(talk)
FROM (VALUES (1, 'in'), (2, 'out'), (3, 'internal')) AS directions (rank, direction)
LEFT JOIN (SELECT * FROM call WHERE outcome = 'answered') AS call USING (direction)
GROUP BY rank, direction
ORDER BY rank
""",
    Talking,
)


class Extension(NamedTuple):
    """The calls of an extension with the outside."""

    number: str
    rang: int
    """Incoming calls that rang there."""
    answered: int
    """Those of them that were answered there."""
    outgoing: int
    reached: int
    """Outgoing calls that were answered."""
    talk: float
    """Seconds."""


EXTENSIONS: Final = Query(
    """
WITH ringing AS (
    SELECT
        target.number,
        count(DISTINCT place) AS rang,
        count(DISTINCT place) FILTER (is_answered) AS answered,
        coalesce(sum(target.talk), 0) AS talk
    FROM target JOIN call USING (place)
    WHERE direction = 'in'
    GROUP BY target.number
), calling AS (
    SELECT
        extension AS number,
        count(*) AS outgoing,
        count(*) FILTER (outcome = 'answered') AS reached,
        coalesce(sum(call.talk), 0) AS talk
    FROM call
    WHERE direction = 'out'
    GROUP BY extension
)
SELECT
    number,
    coalesce(rang, 0),
    coalesce(answered, 0),
    coalesce(outgoing, 0),
    coalesce(reached, 0),
    coalesce(ringing.talk, 0) + coalesce(calling.talk, 0)
FROM ringing FULL JOIN calling USING (number)
ORDER BY coalesce(rang, 0) + coalesce(outgoing, 0) DESC, number
""",
    Extension,
)


class Employee(NamedTuple):
    """The calls of an employee with the outside."""

    employee: str | None
    """The id; `None` for calls that belong to no employee."""
    answered: int
    """Incoming calls."""
    outgoing: int
    reached: int
    """Outgoing calls that were answered."""
    talk: float
    """Seconds."""
    mean: float | None
    """Seconds of an answered call."""


EMPLOYEES: Final = Query(
    """
SELECT
    employee,
    count(*) FILTER (direction = 'in') AS answered,
    count(*) FILTER (direction = 'out') AS outgoing,
    count(*) FILTER (direction = 'out' AND outcome = 'answered'),
    coalesce(sum(talk), 0),
    avg(talk)
FROM call
WHERE direction = 'out' OR (direction = 'in' AND outcome = 'answered')
GROUP BY employee
ORDER BY employee IS NULL, answered + outgoing DESC, employee
""",
    Employee,
)


class Hotline(NamedTuple):
    """The calls of a hotline."""

    hotline: str
    """Its number; `unresolved` for the calls that no hotline's list has."""
    name: str
    incoming: int
    answered: int
    missed: int
    outgoing: int


HOTLINES: Final = Query(
    """
SELECT
    coalesce(hotline, ''),
    coalesce(hotline_name, ''),
    count(*) FILTER (direction = 'in') AS incoming,
    count(*) FILTER (direction = 'in' AND outcome = 'answered'),
    count(*) FILTER (direction = 'in' AND outcome = 'unanswered'),
    count(*) FILTER (direction = 'out') AS outgoing
FROM call
WHERE direction IN ('in', 'out')
GROUP BY hotline_id, hotline, hotline_name
ORDER BY hotline_id IS NULL, incoming + outgoing DESC, hotline
""",
    Hotline,
)


class Missed(NamedTuple):
    """What became of the missed calls."""

    missed: int
    called_back: int
    called_again: int
    """Calls whose caller called again and was answered, before any call back."""
    open: int
    callers: int
    """Numbers with calls that were not returned."""
    without_number: int
    """Calls that were not returned because they show no number."""
    mean: float | None
    """Seconds until the call back."""
    median: float | None


MISSED: Final = Query(
    """
SELECT
    count(*),
    count(*) FILTER (closed_by = 'called_back'),
    count(*) FILTER (closed_by = 'called_again'),
    count(*) FILTER (closed_by = 'open'),
    count(DISTINCT party) FILTER (closed_by = 'open' AND party <> ''),
    count(*) FILTER (closed_by = 'open' AND party = ''),
    avg(delay) FILTER (closed_by = 'called_back'),
    median(delay) FILTER (closed_by = 'called_back')
FROM missed
""",
    Missed,
)


class Delay(NamedTuple):
    """The missed calls that were called back after about the same time."""

    least: int
    """Seconds."""
    most: int | None
    calls: int


DELAYS: Final = Query(
    """
WITH steps (least, most) AS (
    VALUES (0, 300), (300, 900), (900, 3600), (3600, 14400), (14400, 86400), (86400, NULL)
)
SELECT least, most, count(place)
FROM steps
LEFT JOIN missed ON closed_by = 'called_back' AND delay >= least AND (most IS NULL OR delay < most)
GROUP BY least, most
ORDER BY least
""",
    Delay,
)


class Caller(NamedTuple):
    """A number whose missed calls were not returned."""

    number: str
    """As the service wrote it the last time."""
    missed: int
    last: datetime | None
    """Time of the last one in Hanoi, without a zone."""
    longest: float | None
    """Seconds that the caller waited at most."""


CALLERS: Final = Query(
    f"""
SELECT coalesce(arg_max(number, moment), min(number)), count(*), max(local) AS last, max(wait)
FROM missed
WHERE closed_by = 'open' AND party <> ''
GROUP BY party
ORDER BY last DESC NULLS LAST, party
LIMIT {MOST_CALLERS}
""",  # noqa: S608 - the number is a constant
    Caller,
)


@attrs.frozen(kw_only=True)
class Figures:
    """All figures of a report."""

    outcomes: list[Outcomes]
    periods: list[Period]
    hours: list[Hour]
    waiting: Waiting
    waits: list[Wait]
    talking: list[Talking]
    extensions: list[Extension]
    employees: list[Employee]
    hotlines: list[Hotline] | None
    """`None` if the hotlines were not looked up."""
    missed: Missed
    delays: list[Delay]
    callers: list[Caller]

    @property
    def calls(self) -> int:
        """The number of all calls."""
        return sum(row.calls for row in self.outcomes)
