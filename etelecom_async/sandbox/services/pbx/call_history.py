"""
A history of calls in a new sandbox: busy mornings, a quiet day in each week, missed calls at lunch.

The days count back from the end of the history, so another end shifts all calls and changes nothing else. No
time is after the end: a call that would last longer is cut.

The records are written directly as JSON text, so a hundred thousand calls take a few seconds.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

from etelecom_async._core.codec.scalars import NEVER
from etelecom_async.sandbox.ids import id_at
from etelecom_async.sandbox.services.pbx.recordings import recording_url
from etelecom_async.sandbox.services.tenants.seed import Line
from etelecom_async.sandbox.store.state import State
from etelecom_async.sandbox.times import micros, midnight
from etelecom_async.sandbox.world.content import Content
from etelecom_async.sandbox.world.fake import Rng, mobile_numbers
from etelecom_async.times import VIETNAM

# For each hour of the day: its weight, and the share of answered calls.
_HOURS: Final = (1, 1, 0, 0, 0, 1, 4, 30, 90, 150, 140, 95, 35, 75, 130, 125, 110, 70, 35, 28, 22, 12, 5, 2)
_ANSWERED: Final = (*[0.2] * 7, 0.7, *[0.84] * 3, 0.7, 0.55, 0.55, *[0.84] * 3, 0.7, 0.7, *[0.2] * 5)
# For the last day, the day before it, and so on. They are those of a week if the end is a Wednesday.
_LAST_DAYS: Final = (95, 100, 18, 55, 98, 94, 96)

# The last value of each is not in the documentation, because enums may have new values.
_DIRECTIONS: Final = {"in": 90, "out": 90, "ext": 8, "ext_in": 5, "ext_out": 4, "unknown": 2, "callback": 1}
_MISSED_REASONS: Final = ("no_answer", "busy", "cancelled", "", "destination_out_of_order")
_UNLISTED_STATE: Final = "voicemail"

_NOTES: Final = (*[""] * 12, "Khách hẹn gọi lại", "Đã chốt đơn", "Gọi nhầm số", 'Hỏi giá "combo" tháng 10')
_TRUNKS: Final = ("trunk-viettel-01", "trunk-mobifone-02", "trunk-vina-01", "")

# The documentation does not say what the two times mean. The record comes soon after the start, so a program
# can see which time a list compares. All calls have the same delay, which keeps their order and their ties.
_UNTIL_RECORD: Final = timedelta(seconds=2)

# Calls in this time before the end may last longer than the history, or be updated after it.
_LONGEST: Final = timedelta(days=2)

_COLUMNS: Final = (
    "id", "shop_id", "created_at", "updated_at", "caller", "callee", "direction", "call_state", "duration",
    "extension_id", "hotline_id", "user_id", "department_id", "external_id", "external_session_id", "doc",
)  # fmt: skip


class Agent(NamedTuple):
    """An extension, its employee and the department; 0 for none."""

    extension_id: int
    number: str
    user_id: int
    department_id: int


_NOBODY: Final = Agent(0, "", 0, 0)


def populate_calls(
    state: State, content: Content, *, shop_id: int, lines: Sequence[Line], agents: Sequence[Agent]
) -> None:
    """
    Add call logs.

    Args:
        state: The state.
        content: Decides the number and the time of the calls.
        shop_id: The shop.
        lines: The hotlines; at least one if there are calls.
        agents: The extensions; without one, no call is answered.
    """
    if content.call_logs:
        rng = content.rng("call_logs")
        until = content.until.astimezone(VIETNAM)
        moments = _moments(rng, content.call_logs, until)
        rows = _calls(rng, shop_id, (moments, until), lines, agents or (_NOBODY,))
        state.insert_many("call_log", _COLUMNS, rows)


def _moments(rng: Rng, count: int, until: datetime) -> list[datetime]:
    """Return the start times of the calls, oldest first; a few start in the same microsecond."""
    end = midnight(until)
    days = [end - timedelta(days=back + 1) for back in range(min(90, max(7, count // 60)))]
    chosen_days = rng.choices(days, [_LAST_DAYS[back % 7] for back in range(len(days))], k=count)
    chosen_hours = rng.choices(range(24), _HOURS, k=count)
    moments = sorted(
        day + timedelta(hours=hour, microseconds=rng.randrange(3_600_000_000))
        for day, hour in zip(chosen_days, chosen_hours, strict=True)
    )
    for index in range(50, count, 100):
        moments[index] = moments[index - 1]
    return moments


def _calls(
    rng: Rng,
    shop_id: int,
    starts_and_end: tuple[Sequence[datetime], datetime],
    lines: Sequence[Line],
    agents: Sequence[Agent],
) -> Iterator[tuple[object, ...]]:
    """
    Yield the rows.

    Args:
        rng: Decides everything but the times.
        shop_id: The shop.
        starts_and_end: The starts of the calls, and the end of the history.
        lines: The hotlines.
        agents: The extensions.
    """
    moments, until = starts_and_end
    last = until - _LONGEST
    customers = mobile_numbers(rng, max(20, len(moments) // 8))
    notes = [json.dumps(note, ensure_ascii=False) for note in _NOTES]
    directions = rng.choices(list(_DIRECTIONS), list(_DIRECTIONS.values()), k=len(moments))
    for began, direction in zip(moments, directions, strict=True):
        call_id = id_at(began, rng.getrandbits(24))
        line, place = rng.choice(lines), rng.randrange(len(agents))
        agent, colleague = agents[place], agents[place - rng.randrange(max(len(agents) - 1, 1)) - 1]
        # A few customers call often; many call once.
        customer = customers[int(rng.random() ** 2 * len(customers))]
        state, duration, rang = _outcome(rng, began.hour, agent)
        is_last = began > last
        if is_last:
            left = (until - began) // timedelta(seconds=1)
            state, duration, rang = _cut(state, duration, rang, left)

        is_outgoing = direction not in ("in", "unknown")
        # As public programs read it: the extension calls or is called, and the hotline is not shown.
        number = agent.number or line.number
        if direction.startswith("ext"):
            caller, callee = agent.number, colleague.number
        elif is_outgoing:
            caller, callee = number, customer
        else:
            caller, callee = customer, number
        # A missed call from outside has no employee.
        owner = agent if is_outgoing or duration else _NOBODY

        is_over = state != "unknown"
        ended = began + timedelta(seconds=rang + duration, microseconds=rng.randrange(1_000_000))
        created = began + _UNTIL_RECORD
        # A few are updated later, for a note.
        changed = ended + timedelta(seconds=int(rng.random() ** 6 * 86_400)) if is_over else created
        if is_last:
            ended = min(ended, until)
            created = min(created, ended)
            changed = changed if changed <= until else ended
        call_status = "Z" if not is_over else "P" if duration else "N"
        ended_at = _utc(ended) if is_over else NEVER

        external_id = f"{rng.getrandbits(128):032x}" if is_outgoing else ""
        session_id = f"{rng.getrandbits(64):016x}"
        contact_id = id_at(began - timedelta(days=40), 7) if rng.chance(0.3) else 0
        recordings = f'["{recording_url(call_id)}"]' if duration else "null" if rng.chance(0.5) else "[]"
        targets = "null"
        if is_over and (duration or rng.chance(0.85)):
            reached = (callee if is_outgoing else agent.number, colleague.number)
            times = (began, began + timedelta(seconds=rang), ended)
            targets = _targets(rng, reached, times, is_answered=duration > 0)
        doc = (
            f'{{"id":"{call_id}","call_state":"{state}","call_status":"{call_status}","call_targets":{targets},'
            f'"caller":"{caller}","callee":"{callee}","contact_id":"{contact_id}",'
            f'"created_at":"{created.isoformat()}","direction":"{direction}","duration":{duration},'
            f'"ended_at":"{ended_at}","extension_id":"{owner.extension_id}","external_id":"{external_id}",'
            f'"external_session_id":"{session_id}","note":{rng.choice(notes)},"recording_urls":{recordings},'
            f'"started_at":"{_utc(began)}","updated_at":"{changed.isoformat()}","user_id":"{owner.user_id}"}}'
        )
        yield (
            call_id, shop_id, micros(created), micros(changed), caller, callee, direction, state, duration,
            owner.extension_id, line.id, owner.user_id, owner.department_id, external_id, session_id, doc,
        )  # fmt: skip


def _outcome(rng: Rng, hour: int, agent: Agent) -> tuple[str, int, int]:
    """Return the state of a call, its duration and its ring time, in seconds."""
    if rng.chance(0.004):
        return "unknown", 0, 0
    if rng.chance(0.006):
        return _UNLISTED_STATE, 0, 30
    if agent is not _NOBODY and rng.chance(_ANSWERED[hour]):
        return "answered", 3 + int(rng.expovariate(1 / 140)), rng.randrange(2, 20)
    return "not_answered", 0, rng.randrange(5, 45)


def _cut(state: str, duration: int, rang: int, left: int) -> tuple[str, int, int]:
    """Return the state, the duration and the ring time of a call that has only *left* whole seconds."""
    # The end of a call has a part of a second more.
    left = max(left - 1, 0)
    if rang + duration <= left:
        return state, duration, rang
    if duration and left > rang:
        return state, left - rang, rang
    return "not_answered" if duration else state, 0, min(rang, left)


def _targets(
    rng: Rng,
    numbers: tuple[str, str],
    times: tuple[datetime, datetime, datetime],
    *,
    is_answered: bool,
) -> str:
    """
    Return the JSON of the targets of a call.

    Args:
        rng: Decides whether another number rang first.
        numbers: The number that rang last, and one that may have rung first.
        times: The start of the call, the end of its ringing, and its end.
        is_answered: Whether the call was answered.
    """
    began, taken, ended = times
    added, rang = began.isoformat(), (taken - began).seconds

    def target(number: str, answered: str, ended: datetime, reason: str, fail_code: int) -> str:
        status = "missed" if fail_code else "answered"
        return (
            f'{{"add_time":"{added}","answered_time":"{answered}","end_reason":"{reason}",'
            f'"ended_time":"{_utc(ended)}","fail_code":{fail_code},"ring_duration":{rang},'
            f'"ring_time":"{added}","status":"{status}","target_number":"{number}",'
            f'"trunk_name":"{rng.choice(_TRUNKS)}"}}'
        )

    parts: list[str] = []
    if rng.chance(0.2):
        parts.append(target(numbers[1], NEVER, taken, "no_answer", 480))
    if is_answered:
        parts.append(target(numbers[0], taken.isoformat(), ended, "normal_clearing", 0))
    else:
        parts.append(target(numbers[0], NEVER, ended, rng.choice(_MISSED_REASONS), 487))
    return f"[{','.join(parts)}]"


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()[:-6] + "Z"
