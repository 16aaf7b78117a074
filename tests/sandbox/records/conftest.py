"""The records of a seeded state, at a time that tests choose."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import pytest

from etelecom_async.sandbox.records import RecordBook
from etelecom_async.sandbox.rules import DEFAULTS, Rules
from etelecom_async.times import VIETNAM

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from etelecom_async.sandbox.store.state import State

NOW = datetime(2026, 11, 29, 0, 0, 30, tzinfo=VIETNAM)
"""Half a minute after midnight, so that a call of a minute began on the day before."""


class FixedClock:
    """A clock that shows the time that a test sets."""

    def __init__(self) -> None:
        self.moment = NOW

    def now(self) -> datetime:
        """Returns the time that was set."""
        return self.moment


class Desk:
    """Adds records to a state, and reads what the lists of the API would read."""

    def __init__(self, state: State, *, rules: Rules = DEFAULTS, allow_duplicates: bool = False) -> None:
        self.state = state
        self.clock = FixedClock()
        clock: Any = self.clock
        self.book = RecordBook(state, clock, rules=rules, allow_duplicates=allow_duplicates)

    def add(self, kind: str, **given: Any) -> dict[str, Any]:
        """Adds one record."""
        with self.book.changes():
            return self.book.add(kind, given)

    def update(self, kind: str, record_id: str, given: Mapping[str, Any]) -> dict[str, Any]:
        """Changes one record."""
        with self.book.changes():
            return self.book.update(kind, int(record_id), given)

    def delete(self, kind: str, record_id: str) -> None:
        """Deletes one record."""
        with self.book.changes():
            self.book.delete(kind, int(record_id))

    def row(self, table: str, record_id: str) -> dict[str, Any]:
        """Returns the columns of a record."""
        return dict(self.state.fetch_one(f"SELECT * FROM {table} WHERE id = ?", int(record_id)))


@pytest.fixture
def desk(populated: Callable[..., State]) -> Desk:
    """Returns the records of a state with a little of everything."""
    return Desk(populated(until="2026-11-29", call_logs=30, followers=4, zns_messages=10))
