"""The report of a job: counts, and what to do about each step that is not done."""

from __future__ import annotations

import json

from etelecom_async import Effect
from etelecom_async.bulk.records import Failure, Record
from etelecom_async.bulk.report import ADVICE, Report, report_of
from etelecom_async.bulk.states import State
from tests.conftest import read_html


def record(key: str, state: State, text: str = "") -> Record:
    """Return the record of a step."""
    error = Failure(kind="E", text=text) if text else None
    return Record(
        key=key,
        operation="o",
        effect=Effect.CREATE,
        account="1",
        digest="d",
        state=state,
        error=error,
    )


def report(*records: Record, stopped: str = "") -> Report:
    """Return the report of these steps."""
    return report_of({each.key: each for each in records}, stopped)


def test_complete() -> None:
    """A job is complete when each step is done, or another job has done it."""
    done = report(record("a", State.DONE), record("b", State.SKIPPED))
    assert done.is_complete
    assert not report(record("a", State.DONE), record("b", State.UNKNOWN)).is_complete
    assert str(report(record("a", State.DONE))) == "1 step: 1 done."
    assert report().is_complete


def test_lines() -> None:
    """Steps that are not done are listed in the order of the plan, with the reason and the remedy."""
    made = report(
        record("a", State.FAILED, "no number."),
        record("b", State.DONE),
        record("c", State.PLANNED),
        stopped="Wait.",
    )
    assert [line.key for line in made.lines] == ["a", "c"]
    assert [line.key for line in made.in_state(State.PLANNED)] == ["c"]
    assert str(made).splitlines() == [
        "3 steps: 1 planned, 1 done, 1 failed.",
        "a (o) is failed: no number. Correct the input, and run the job again.",
        "c (o) is planned. Run the job again.",
        "Stopped: Wait.",
    ]
    assert "no number" not in repr(made)


def test_many_lines() -> None:
    """The text has the first 20 lines, the report has all."""
    made = report(*(record(f"{number}", State.PLANNED) for number in range(25)))
    assert len(made.lines) == 25
    assert str(made).splitlines()[-1] == "... and 5 more"
    assert len(str(made).splitlines()) == 22


def test_json() -> None:
    """The report as JSON has each state, also those without a step."""
    made = json.loads(json.dumps(report(record("a", State.UNKNOWN, "lost.")).to_dict()))
    assert made == {
        "counts": {state.value: int(state is State.UNKNOWN) for state in State},
        "is_complete": False,
        "stopped": "",
        "steps": [{"key": "a", "operation": "o", "state": "unknown", "reason": "lost."}],
    }


def test_advice() -> None:
    """There is advice for each state but `done`."""
    assert set(ADVICE) == set(State) - {State.DONE}


def test_html() -> None:
    """A notebook shows the steps that are not done, with masked keys, and why the run stopped."""
    rows, texts = read_html(
        report(
            record("a", State.DONE),
            record("0901234567", State.FAILED, "<b>no</b>"),
            *(record(f"p{n}", State.PLANNED) for n in range(25)),
            stopped="Ctrl-C",
        )
    )
    assert texts == ["27 steps: 25 planned, 1 done, 1 failed", "… and 6 more", "Stopped: Ctrl-C"]
    assert rows[:2] == [
        ["key", "operation", "state", "reason", "what to do"],
        ["090***567", "o", "failed", "<b>no</b>", ADVICE[State.FAILED]],
    ]
    assert read_html(report(record("a", State.DONE))) == ([], ["1 step: 1 done"])
