"""What became of a job: the number of steps in each state, and the steps that are not done."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, Final

import attrs

from etelecom_async._core.plurals import counted
from etelecom_async._core.secret import mask
from etelecom_async.bulk.records import Record
from etelecom_async.bulk.states import State

ADVICE: Final[Mapping[State, str]] = {
    State.PLANNED: "Run the job again.",
    State.STARTED: "Run the job again: it reads back whether the call was executed.",
    State.FAILED: "Correct the input, and run the job again.",
    State.UNKNOWN: "Find out whether it was executed; the job does not repeat it by itself.",
    State.SKIPPED: "Nothing to do, unless the other job gave up.",
    State.BLOCKED: "Correct the step that it depends on, and run the job again.",
}
"""What to do about a step that is not done."""
_MOST_LINES: Final = 20


@attrs.frozen(kw_only=True)
class Line:
    """A step that is not done."""

    key: str
    operation: str
    state: State
    reason: str
    """Why, with secrets and phone numbers masked."""

    def to_dict(self) -> dict[str, Any]:
        """Return the line as JSON."""
        return {**attrs.asdict(self), "state": self.state.value}

    def __str__(self) -> str:
        reason = f": {self.reason}" if self.reason else "."
        return f"{self.key} ({self.operation}) is {self.state.value}{reason} {ADVICE[self.state]}"


@attrs.frozen(kw_only=True)
class Report:
    """What became of a job so far."""

    counts: Mapping[State, int]
    """Steps by state; states without a step are missing."""
    lines: tuple[Line, ...] = attrs.field(repr=False)
    """The steps that are not done, in the order of the plan."""
    stopped: str = ""
    """Why the run stopped before its end, and when to resume it; empty if it did not stop."""

    @property
    def is_complete(self) -> bool:
        """Whether every step is done, or was done by another job."""
        return not (self.counts.keys() - {State.DONE, State.SKIPPED})

    def in_state(self, state: State) -> Iterator[Line]:
        """Yield the lines of the steps in *state*."""
        return (line for line in self.lines if line.state is state)

    def to_dict(self) -> dict[str, Any]:
        """Return the report as JSON."""
        return {
            "counts": {state.value: self.counts.get(state, 0) for state in State},
            "is_complete": self.is_complete,
            "stopped": self.stopped,
            "steps": [line.to_dict() for line in self.lines],
        }

    def summary(self, noun: str = "step") -> str:
        """
        Return the number of steps in each state, for example `2 steps: 1 done, 1 failed`.

        Args:
            noun: What the steps are, in the singular.
        """
        counts = ", ".join(f"{self.counts[state]} {state.value}" for state in State if state in self.counts)
        return f"{counted(sum(self.counts.values()), noun)}: {counts or 'none'}"

    def _repr_html_(self) -> str:
        """Return the steps that are not done as an HTML table, for notebooks. Keys are masked."""
        from etelecom_async._core.html_tables import records_table

        records = [
            {
                "key": mask(line.key),
                "operation": line.operation,
                "state": line.state,
                "reason": line.reason,
                "what to do": ADVICE[line.state],
            }
            for line in self.lines
        ]
        notes = [f"Stopped: {self.stopped}"] if self.stopped else []
        return records_table(self.summary(), records, notes=notes, most=_MOST_LINES)

    def __str__(self) -> str:
        texts = [f"{self.summary()}.", *map(str, self.lines[:_MOST_LINES])]
        if len(self.lines) > _MOST_LINES:
            texts.append(f"... and {len(self.lines) - _MOST_LINES} more")
        if self.stopped:
            texts.append(f"Stopped: {self.stopped}")
        return "\n".join(texts)


def report_of(records: Mapping[str, Record], stopped: str = "") -> Report:
    """
    Return what became of a job so far.

    Args:
        records: All steps by their keys, from the journal.
        stopped: Why the run stopped, if it did.
    """
    lines = tuple(
        Line(
            key=key,
            operation=record.operation,
            state=record.state,
            reason="" if record.error is None else record.error.text,
        )
        for key, record in records.items()
        if record.state is not State.DONE
    )
    return Report(counts=Counter(record.state for record in records.values()), lines=lines, stopped=stopped)
