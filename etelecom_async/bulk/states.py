"""The states of a step: how far it is, and what is certain about it."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class State(StrEnum):
    """How far a step is."""

    PLANNED = "planned"
    """Nothing was sent."""
    STARTED = "started"
    """The intent is on disk, the outcome is not. The call may have been executed."""
    DONE = "done"
    """The server executed the call."""
    FAILED = "failed"
    """The call certainly was not executed: it was refused, or never sent."""
    UNKNOWN = "unknown"
    """The call ended without proof: the server may have executed it."""
    SKIPPED = "skipped"
    """Another job has sent this message, or is sending it. The ledger says so."""
    BLOCKED = "blocked"
    """A step that this one needs is not done."""


NOT_EXECUTED: Final = frozenset({State.PLANNED, State.FAILED, State.SKIPPED, State.BLOCKED})
"""States in which the call of this job certainly was not executed: it may be corrected, and made."""
IN_DOUBT: Final = frozenset({State.STARTED, State.UNKNOWN})
"""States in which the server may have executed the call: it must not be made again without a read-back."""
