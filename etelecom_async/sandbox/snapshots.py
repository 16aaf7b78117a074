"""
Snapshots of a whole sandbox: a test session seeds once, and each test returns to the same start.

A snapshot has everything that a caller can see: records, keys and settings, the clock with the changes that
it will apply, and late calls. It also has the faults with their counts, the journal, and the events that wait
for their receivers, but no connections. A call that is under way during `restore` belongs to the time before
it, so it is not executed any more. The same applies to an attempt to deliver an event.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

import attrs

from etelecom_async.errors import AbortedError
from etelecom_async.sandbox.deliveries import Dispatcher
from etelecom_async.sandbox.deliveries.log import SavedLog
from etelecom_async.sandbox.faults import FaultInjector
from etelecom_async.sandbox.faults.injector import SavedFaults
from etelecom_async.sandbox.faults.late import LateCalls, SavedCalls
from etelecom_async.sandbox.journal import Journal, SavedJournal
from etelecom_async.sandbox.store.clock import Clock
from etelecom_async.sandbox.store.state import SavedState, State


@attrs.frozen(kw_only=True, eq=False)
class Saved:
    """What a snapshot keeps; only `Snapshots` reads it."""

    owner: Snapshots
    state: SavedState
    late_calls: SavedCalls
    faults: SavedFaults
    journal: SavedJournal
    deliveries: SavedLog


@attrs.frozen(eq=False)
class Snapshot:
    """A saved state of one sandbox; `Sandbox.restore` returns to it, as often as needed."""

    now: datetime
    """The time of the sandbox when the snapshot was taken."""
    saved: Saved = attrs.field(repr=False)
    """Everything else, for the sandbox itself."""


class Snapshots:
    """
    Takes and restores the snapshots of one sandbox.

    Args:
        state: The state.
        clock: The clock.
        late_calls: The calls that faults postponed.
        faults: The active faults.
        journal: The requests that arrived.
        dispatcher: Delivers events.
    """

    def __init__(
        self,
        state: State,
        clock: Clock,
        *,
        late_calls: LateCalls,
        faults: FaultInjector,
        journal: Journal,
        dispatcher: Dispatcher,
    ) -> None:
        self._state: Final = state
        self._clock: Final = clock
        self._late_calls: Final = late_calls
        self._faults: Final = faults
        self._journal: Final = journal
        self._dispatcher: Final = dispatcher
        self.restores = 0
        """Number of restores; a call that sees another number was under way during one."""

    def check_no_restore_since(self, restores: int) -> None:
        """
        Check that a call was not under way during a restore.

        Args:
            restores: Number of restores when the call arrived.

        Raises:
            AbortedError: There was a restore since.
        """
        if self.restores != restores:
            raise AbortedError("the sandbox returned to a snapshot while this call was under way")

    def take(self) -> Snapshot:
        """Return a snapshot; changes that are due are applied first."""
        self._late_calls.execute_due()
        now = self._clock.apply_due()
        saved = Saved(
            owner=self,
            state=self._state.save(),
            late_calls=self._late_calls.save(),
            faults=self._faults.save(),
            journal=self._journal.save(),
            deliveries=self._dispatcher.log.save(),
        )
        return Snapshot(now, saved)

    def restore(self, snapshot: Snapshot) -> None:
        """
        Return to a snapshot.

        Raises:
            ValueError: The snapshot belongs to another sandbox, or to an earlier run of this one.
            StateFileError: The file of the state cannot be written.
        """
        saved = snapshot.saved
        if saved.owner is not self:
            raise ValueError("the snapshot belongs to another run of a sandbox; take one of this sandbox")
        self._state.restore(saved.state)
        self._clock.reload()
        self._late_calls.restore(saved.late_calls)
        self._faults.restore(saved.faults)
        self._journal.restore(saved.journal)
        self._dispatcher.log.restore(saved.deliveries)
        self._dispatcher.cancel_attempts()
        self.restores += 1
