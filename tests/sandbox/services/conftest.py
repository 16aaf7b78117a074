"""An empty state, in which tests read the scheduled changes."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from etelecom_async.sandbox.times import micros

if TYPE_CHECKING:
    from collections.abc import Callable

    from etelecom_async.sandbox.store.state import State


class Schedule:
    """The changes that are scheduled in a state."""

    start = datetime(2026, 1, 1, tzinfo=UTC)
    """The creation time of the records."""

    def __init__(self, state: State) -> None:
        self.state = state

    def changes(self) -> list[tuple[float, dict[str, Any]]]:
        """Returns each change of a record, with its time in seconds after `start`."""
        rows = self.state.fetch_all("SELECT at, changes FROM due ORDER BY at, id")
        return [((row["at"] - micros(self.start)) / 1e6, json.loads(row["changes"])) for row in rows]

    def last_columns(self) -> dict[str, Any]:
        """Returns the columns of the last change."""
        row = self.state.fetch_one("SELECT columns FROM due ORDER BY at DESC, id DESC")
        columns: dict[str, Any] = json.loads(row["columns"])
        return columns


@pytest.fixture
def schedule(new_state: Callable[[], State]) -> Schedule:
    """Returns the schedule of an empty state."""
    return Schedule(new_state())
