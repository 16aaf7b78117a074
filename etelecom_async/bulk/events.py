"""What a run tells while it works: to the loop over the run, and as JSON lines."""

from __future__ import annotations

import json
from typing import Any, NamedTuple, TextIO

from etelecom_async._core.secret import mask
from etelecom_async.bulk.states import State
from etelecom_async.errors import EtelecomError


class Ended(NamedTuple):
    """A step that has ended, for this run or for good."""

    key: str
    operation: str
    """Public name of the operation."""
    state: State
    result: Any = None
    """The result, if this run made the call and got it; else `None`."""
    error: EtelecomError | None = None
    """The error of the call, if this run made it."""
    reason: str = ""
    """Why the step is not done, with secrets, phone numbers and message data masked."""

    def __repr__(self) -> str:
        # The result and the error may contain names and message data.
        return f"<step {mask(self.key)!r}: {self.operation} is {self.state.value}>"

    def to_dict(self) -> dict[str, Any]:
        """Return the event as JSON; without the result, which may hold secrets and message data."""
        return {
            "event": "ended",
            "key": self.key,
            "operation": self.operation,
            "state": self.state.value,
            "reason": self.reason,
        }


class Waiting(NamedTuple):
    """The run waits."""

    seconds: float
    reason: str

    def to_dict(self) -> dict[str, Any]:
        """Return the event as JSON."""
        return {"event": "waiting", "seconds": round(self.seconds, 3), "reason": self.reason}


Event = Ended | Waiting


class JsonLines:
    """
    Writes each event as a line of JSON; give it to `run` as `on_event`.

    Args:
        file: Takes the lines. Each one is flushed.
    """

    def __init__(self, file: TextIO) -> None:
        self._file = file

    def __call__(self, event: Event) -> None:
        """Write an event."""
        self._file.write(json.dumps(event.to_dict(), ensure_ascii=False) + "\n")
        self._file.flush()
