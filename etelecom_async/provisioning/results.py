"""Show what became of a roster: as a table, and as JSON, CSV and XLSX files. No password is in it."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import attrs

from etelecom_async import phones
from etelecom_async._core import private_files
from etelecom_async._core.plurals import counted
from etelecom_async.bulk import report as bulk_report
from etelecom_async.bulk.report import Line, Report
from etelecom_async.bulk.states import State
from etelecom_async.provisioning import job_changes
from etelecom_async.provisioning.changes import Change, Kind, Note, NoteKind
from etelecom_async.provisioning.mistakes import masked_phone
from etelecom_async.provisioning.tables import write_table

STATES: Final = (State.DONE, State.FAILED, State.UNKNOWN, State.SKIPPED, State.BLOCKED)
"""The states of rows, in the order of the counts."""
HEADINGS: Final = ("row", "shop", "what", "state", "reason")
STATE_OF: Final = {State.PLANNED: State.SKIPPED, State.STARTED: State.UNKNOWN}
"""States of rows that have another name than those of their steps."""
_NOTES: Final = {NoteKind.CONFLICT: State.FAILED, NoteKind.BLOCKED: State.BLOCKED}
_VERBS: Final = {
    Kind.CREATE_USER: "create user",
    Kind.CREATE_EXTENSION: "create extension",
    Kind.ASSIGN: "assign extension",
    Kind.UNASSIGN: "unassign extension",
    Kind.MOVE: "move extension",
}
ADVICE: Final = {**bulk_report.ADVICE, State.PLANNED: "It was not tried: run the job again."}
"""What to do about a row, by the state of its step."""
_MOST_LINES: Final = 20


@attrs.frozen(kw_only=True)
class ResultRow:
    """What became of one change, or of a part of a row that cannot be done."""

    row: int | None
    """Number of the row in the roster."""
    shop: str
    """Id of the shop."""
    what: str
    """The change, for example `create extension 1001`; phone numbers are masked."""
    state: State
    """One of done, failed, unknown, skipped (not tried yet) and blocked."""
    reason: str = ""
    """Why it is not done, or what to look at. Secrets and phone numbers are masked."""

    def to_dict(self) -> dict[str, Any]:
        """Return the row as JSON."""
        return {**attrs.asdict(self), "state": self.state.value}

    def cells(self) -> tuple[str, ...]:
        """Return the row as texts, in the order of `HEADINGS`."""
        return "" if self.row is None else str(self.row), self.shop, self.what, self.state.value, self.reason


@attrs.frozen(kw_only=True)
class Result:
    """What became of a roster so far."""

    rows: tuple[ResultRow, ...] = attrs.field(repr=False)
    """The changes in their order, and then the notes of the plan that are conflicts or impossible."""
    stopped: str = ""
    """Why the run stopped before its end, and when to resume it; empty if it did not stop."""

    @property
    def counts(self) -> dict[str, int]:
        """Number of rows in each state: done, failed, unknown, skipped and blocked."""
        counts = Counter(row.state for row in self.rows)
        return {state.value: counts[state] for state in STATES}

    @property
    def is_complete(self) -> bool:
        """Whether everything is done."""
        return all(row.state is State.DONE for row in self.rows)

    def to_dict(self) -> dict[str, Any]:
        """Return the result as JSON."""
        return {**self.counts, "stopped": self.stopped, "rows": [row.to_dict() for row in self.rows]}

    def table(self, rows: Iterable[ResultRow] | None = None) -> str:
        """
        Return rows as a table of plain text.

        Args:
            rows: The rows. Default: all.
        """
        lines = [HEADINGS, *(row.cells() for row in (self.rows if rows is None else rows))]
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        return "\n".join(
            "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
            for line in lines
        )

    def write(self, path: str | os.PathLike[str]) -> None:
        """
        Write all rows into a file that only its owner can read, in place of an older one.

        Args:
            path: The file; its ending `.json`, `.csv` or `.xlsx` chooses the format.

        Raises:
            InvalidRequestError: The ending is another one.
            OSError: The file cannot be written.
        """
        target = Path(path)
        if target.suffix.lower() == ".json":
            text = json.dumps(self.to_dict(), ensure_ascii=False, indent=1)
            private_files.replace(target, f"{text}\n".encode())
            return
        write_table(target, HEADINGS, (row.cells() for row in self.rows))

    def summary(self) -> str:
        """Return the number of changes in each state, for example `2 changes: 1 done, 1 failed`."""
        counts = ", ".join(f"{count} {state}" for state, count in self.counts.items() if count) or "none"
        return f"{counted(len(self.rows), 'change')}: {counts}"

    def _repr_html_(self) -> str:
        """Return the rows as an HTML table, for notebooks; those that are not done come first."""
        from etelecom_async._core.html_tables import records_table

        rows = sorted(self.rows, key=lambda row: row.state is State.DONE)
        records = [{**attrs.asdict(row), "state": row.state} for row in rows]
        notes = [f"Stopped: {self.stopped}"] if self.stopped else []
        return records_table(self.summary(), records, notes=notes, most=_MOST_LINES)

    def __str__(self) -> str:
        texts = [f"{self.summary()}."]
        left = [row for row in self.rows if row.state is not State.DONE]
        if left:
            texts.append(self.table(left[:_MOST_LINES]))
        if len(left) > _MOST_LINES:
            texts.append(f"... and {len(left) - _MOST_LINES} more")
        if self.stopped:
            texts.append(f"Stopped: {self.stopped}")
        return "\n".join(texts)


def result_of(
    changes: Iterable[Change],
    report: Report,
    *,
    notes: Iterable[Note] = (),
    remarks: Mapping[str, str] | None = None,
    states: Mapping[str, State] | None = None,
) -> Result:
    """
    Return the result of a run.

    Args:
        changes: The changes of the job.
        report: What became of its steps.
        notes: What the plan says without a change.
        remarks: More about changes, by their keys.
        states: States that replace those of the report, by keys.
    """
    lines = {line.key: line for line in report.lines}
    remarks, states = remarks or {}, states or {}
    rows: list[ResultRow] = []
    for change in job_changes.newest(changes, lambda key: _is_past(lines.get(key))):
        line = lines.get(change.key)
        state = State.DONE if line is None else line.state
        texts = [remarks.get(change.key, "")]
        if line is not None:
            texts = [sentence(line.reason), *texts, ADVICE.get(state, "")]
        state = states.get(change.key, state)
        rows.append(
            ResultRow(
                row=change.row,
                shop=change.shop,
                what=what_of(change),
                state=STATE_OF.get(state, state),
                reason=" ".join(filter(None, texts)),
            )
        )
    rows += [
        ResultRow(
            row=note.row, shop=note.shop, what=note.kind.value, state=_NOTES[note.kind], reason=note.text
        )
        for note in notes
        if note.kind in _NOTES
    ]
    return Result(rows=tuple(rows), stopped=report.stopped)


def _is_past(line: Line | None) -> bool:
    """Return whether nothing is left of a change, so that one that is made once more stands for it."""
    return line is None or line.state is State.FAILED


def what_of(change: Change) -> str:
    """Return what a change does, in words, with a masked phone number."""
    if change.kind is not Kind.CREATE_USER:
        return f"{_VERBS[change.kind]} {change.extension_number}"
    phone = change.phone or ""
    with suppress(ValueError):
        phone = phones.national(phone)
    return f"{_VERBS[change.kind]} {masked_phone(phone)}"


def sentence(text: str) -> str:
    """Return a text that ends as a sentence does; an empty one stays empty."""
    return text if not text or text.endswith((".", "!", "?")) else f"{text}."
