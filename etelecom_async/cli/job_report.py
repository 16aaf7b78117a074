"""Write what became of a job: what is not done to stdout, and the counts to stderr."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from etelecom_async.bulk.report import ADVICE, Report
from etelecom_async.bulk.states import State
from etelecom_async.bulk.verdicts import KEY_REFUSED
from etelecom_async.cli import exit_codes
from etelecom_async.cli.layout import Layout
from etelecom_async.cli.output import writer
from etelecom_async.cli.terminal import note
from etelecom_async.cli.wording import in_words_of_commands

_COLUMNS: Final = ("key", "state", "reason", "advice")


def write(
    report: Report,
    journal: Path,
    *,
    is_json: bool,
    is_quiet: bool,
    has_rows: bool = True,
    noun: str = "message",
    more: Mapping[str, Any] | None = None,
) -> None:
    """
    Write a report.

    Args:
        report: The report.
        journal: The file of the job.
        is_json: Whether to write one JSON object instead of rows.
        is_quiet: Whether to write no notes.
        has_rows: Whether to write the rows; otherwise only the notes.
        noun: What the steps of the job are, in the singular.
        more: More fields of the JSON object.
    """
    rows = [
        {
            "key": line.key,
            "state": line.state.value,
            "reason": in_words_of_commands(line.reason),
            "advice": in_words_of_commands(ADVICE[line.state]),
        }
        for line in report.lines
    ]
    if is_json:
        shown = {**report.to_dict(), "steps": rows, "journal": str(journal), **(more or {})}
        print(json.dumps(shown, ensure_ascii=False, indent=2))
        return
    if has_rows:
        out = writer(Layout(), sys.stdout, result="", known=_COLUMNS)
        for row in rows:
            out.add(row)
        out.end()
    if not is_quiet:
        note(report.summary(noun))


def exit_code_of(report: Report, *, is_interrupted: bool) -> int:
    """Return the exit code of a run."""
    if report.is_complete:
        return exit_codes.DONE
    if is_interrupted:
        return exit_codes.INTERRUPTED
    if KEY_REFUSED in report.stopped:
        return exit_codes.KEY
    is_partly = bool({State.DONE, State.SKIPPED} & report.counts.keys())
    return exit_codes.PARTLY_DONE if is_partly else exit_codes.FAILED
