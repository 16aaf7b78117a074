"""
The active faults, and the choice of the calls to which they apply.

Each call of an operation has its own random numbers, by the seed and the position of the call. So the same
seed chooses the same calls, whatever other operations are called in between. Faults and calls of another
sender change nothing either. The module knows no HTTP.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any, Final

import attrs

from etelecom_async.sandbox.faults.spec import Body, Fault, Kind, RetryAfter, Target
from etelecom_async.sandbox.sender import EVERYONE, Sender
from etelecom_async.sandbox.world.fake import Rng


@attrs.frozen(kw_only=True)
class Injection:
    """One use of a fault, with one value of each field."""

    fault: Fault
    kind: Kind
    status: int
    body: Body
    retry_after_as: RetryAfter
    code: str
    """Code in a JSON body; empty for the code of the status."""
    content: str | None
    """The text of the body; `None` for the one that `body` describes."""
    next: Any

    @property
    def is_processed(self) -> bool:
        """Whether the call is executed before the fault acts."""
        if self.late_seconds is not None:
            return False
        if self.kind in (Kind.STATUS, Kind.STALL_HEADER) and self.fault.processed is not None:
            return self.fault.processed
        return self.kind not in (Kind.RESET_BEFORE, Kind.STATUS)

    @property
    def late_seconds(self) -> float | None:
        """Seconds after the response when the call is executed; `None` if it is not late."""
        if self.kind is Kind.EXECUTE_LATE:
            return self.fault.late_seconds or 0.0
        return self.fault.late_seconds if self.kind in (Kind.STATUS, Kind.STALL_HEADER) else None


SavedCounts = tuple[int, int, Counter[str]]
"""The counts of an active fault that were saved."""


class ActiveFault:
    """
    An active fault and its counts.

    Args:
        fault: The fault.
        number: Position among the faults of its sender; gives other random numbers from the same seed.
    """

    def __init__(self, fault: Fault, number: int) -> None:
        self.fault: Final = fault
        self.sender: Final = fault.sender
        """The filter of the calls that get the fault."""
        self.seen = 0
        """Number of calls that had the target and the operation of the fault."""
        self.struck = 0
        """Number of calls into which the fault was injected."""
        self._number: Final = number
        self._seen_by_operation: Final = Counter[str]()

    def match(self, operation: str) -> Rng | None:
        """Count a call; return its random numbers if the fault applies to it."""
        fault = self.fault
        self.seen += 1
        self._seen_by_operation[operation] += 1
        if self.seen <= fault.after or self.struck == fault.times:
            return None
        rng = Rng(f"{fault.seed}/{self._number}/{operation}/{self._seen_by_operation[operation]}")
        return rng if rng.chance(fault.probability) else None

    def save(self) -> SavedCounts:
        """Return a copy of the counts, for `restore`."""
        return self.seen, self.struck, self._seen_by_operation.copy()

    def restore(self, saved: SavedCounts) -> None:
        """Return to saved counts."""
        self.seen, self.struck, seen_by_operation = saved
        self._seen_by_operation.clear()
        self._seen_by_operation.update(seen_by_operation)

    def inject(self, rng: Rng) -> Injection:
        """Count an injection; choose its values."""
        self.struck += 1
        fault = self.fault
        return Injection(
            fault=fault,
            kind=rng.choice(fault.kind),
            status=rng.choice(fault.status),
            body=rng.choice(fault.body),
            retry_after_as=rng.choice(fault.retry_after_as),
            code=rng.choice(fault.code) if fault.code else "",
            content=rng.choice(fault.content) if fault.content else None,
            next=rng.choice(fault.next),
        )


SavedFaults = list[tuple[ActiveFault, SavedCounts]]
"""Active faults that were saved."""


class FaultInjector:
    """
    The active faults, in the order in which they were added; the first one that applies is injected.

    Args:
        faults: Faults that are active from the start.
    """

    def __init__(self, faults: Iterable[Fault] = ()) -> None:
        self._active: Final[list[ActiveFault]] = []
        for fault in faults:
            self.add(fault)

    def add(self, fault: Fault) -> ActiveFault:
        """Activate a fault; return the active fault with its counts."""
        # Another sender must not change the random numbers of this one.
        number = sum(active.sender == fault.sender for active in self._active)
        active = ActiveFault(fault, number)
        self._active.append(active)
        return active

    def clear(self, wanted: Sender = EVERYONE) -> None:
        """Remove the faults of the senders that a filter matches; by default all."""
        self._active[:] = [active for active in self._active if not wanted.matches(active.sender)]

    def save(self) -> SavedFaults:
        """Return a copy of the list and of its counts, for `restore`."""
        return [(active, active.save()) for active in self._active]

    def restore(self, saved: SavedFaults) -> None:
        """Return to a saved list and its counts."""
        self._active[:] = [active for active, _ in saved]
        for active, counts in saved:
            active.restore(counts)

    def __len__(self) -> int:
        return len(self._active)

    def __iter__(self) -> Iterator[ActiveFault]:
        return iter(tuple(self._active))

    def has(self, target: Target) -> bool:
        """Return whether a fault of this target is active."""
        return any(active.fault.target is target for active in self._active)

    def match(self, target: Target, operation: str = "", sender: Sender = EVERYONE) -> Injection | None:
        """
        Return the injection for a connection, a call or a page; `None` if no fault applies.

        Args:
            target: The target.
            operation: Public name of the operation; empty for a connection.
            sender: Sender of the request; a connection has none yet.
        """
        found: Injection | None = None
        for active in self._active:
            fault = active.fault
            if (
                fault.target is target
                and fault.operation in (None, operation)
                and active.sender.matches(sender)
            ):
                rng = active.match(operation)
                if rng is not None and found is None:
                    found = active.inject(rng)
        return found
