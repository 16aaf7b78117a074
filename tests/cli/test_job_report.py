"""The report of a job: rows on stdout, counts on stderr, and an exit code for each outcome."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from etelecom_async.bulk.report import ADVICE, Line, Report
from etelecom_async.bulk.states import State
from etelecom_async.bulk.verdicts import KEY_REFUSED
from etelecom_async.cli import exit_codes
from etelecom_async.cli.job_report import exit_code_of, write


def report(*states: State, stopped: str = "") -> Report:
    """Return a report of steps in these states."""
    lines = tuple(
        Line(key=f"HD-{index}", operation="sms.send", state=state, reason="It needs resend_unknown.")
        for index, state in enumerate(states)
        if state is not State.DONE
    )
    return Report(counts=Counter(states), lines=lines, stopped=stopped)


def test_rows(capsys: pytest.CaptureFixture[str]) -> None:
    """A pipe gets a row for each message that is not done, in words of the command line."""
    shown = report(State.DONE, State.UNKNOWN, State.DONE)
    write(shown, Path("j"), is_json=False, is_quiet=False)
    advice = ADVICE[State.UNKNOWN]
    assert capsys.readouterr() == (
        f"HD-1\tunknown\tIt needs --resend-unknown.\t{advice}\n",
        "etelecom: 3 messages: 2 done, 1 unknown\n",
    )
    write(shown, Path("j"), is_json=False, is_quiet=True, has_rows=False)
    assert capsys.readouterr() == ("", "")


def test_json(capsys: pytest.CaptureFixture[str]) -> None:
    """With JSON it is one object, and there are no notes."""
    write(report(State.FAILED), Path("j"), is_json=True, is_quiet=False, more={"process": 5})
    out, err = capsys.readouterr()
    found = json.loads(out)
    assert err == ""
    assert (found["journal"], found["process"], found["counts"]["failed"]) == ("j", 5, 1)
    assert found["steps"] == [
        {
            "key": "HD-0",
            "state": "failed",
            "reason": "It needs --resend-unknown.",
            "advice": ADVICE[State.FAILED],
        }
    ]


KEY = f"shop 1 at localhost: {KEY_REFUSED}"


@pytest.mark.parametrize(
    ("states", "stopped", "interrupted", "code"),
    [
        ((State.DONE, State.SKIPPED), "", 0, exit_codes.DONE),
        ((State.DONE,), "", 1, exit_codes.DONE),
        ((State.DONE, State.PLANNED), "", 1, exit_codes.INTERRUPTED),
        ((State.DONE, State.FAILED), "", 0, exit_codes.PARTLY_DONE),
        ((State.FAILED,), "", 0, exit_codes.FAILED),
        ((State.DONE, State.PLANNED), KEY, 0, exit_codes.KEY),
    ],
)
def test_exit_codes(states: tuple[State, ...], stopped: str, interrupted: int, code: int) -> None:
    """The exit code says whether all, some or no messages are done, and why the run stopped."""
    assert exit_code_of(report(*states, stopped=stopped), is_interrupted=bool(interrupted)) == code
