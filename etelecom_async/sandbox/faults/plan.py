"""
The faults in force, and which of them strikes a call.

Each call of an operation has its own random numbers, by the seed and the call's position. So the same seed
chooses the same calls, whatever other operations are called in between. The module knows no HTTP.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Final

import attrs

from etelecom_async.sandbox.fake import Rng
from etelecom_async.sandbox.faults.fault import Body, Fault, Kind, RetryAfter, Target


@attrs.frozen(kw_only=True)
class Strike:
    """What befalls one call."""

    fault: Fault
    kind: Kind
    status: int
    body: Body
    retry_after_as: RetryAfter

    @property
    def is_processed(self) -> bool:
        """Whether the call is done before it goes wrong."""
        if self.kind in (Kind.STATUS, Kind.STALL_HEADER) and self.fault.processed is not None:
            return self.fault.processed
        return self.kind not in (Kind.RESET_BEFORE, Kind.STATUS)


class ArmedFault:
    """
    A fault in force.

    Args:
        fault: What goes wrong.
        number: Its place in the order in which faults came; gives other random numbers from the same seed.
    """

    def __init__(self, fault: Fault, number: int) -> None:
        self.fault: Final = fault
        self.seen = 0
        """How many calls came that it could have struck."""
        self.struck = 0
        """How many of them it did strike."""
        self._number: Final = number
        self._seen_of: Final = Counter[str]()

    def look(self, operation: str) -> Rng | None:
        """Count a call that is at its mercy; return its random numbers if the fault applies."""
        fault = self.fault
        self.seen += 1
        self._seen_of[operation] += 1
        if self.seen <= fault.after or self.struck == fault.times:
            return None
        rng = Rng(f"{fault.seed}/{self._number}/{operation}/{self._seen_of[operation]}")
        return rng if rng.chance(fault.probability) else None

    def strike(self, rng: Rng) -> Strike:
        """Strike a call."""
        self.struck += 1
        fault = self.fault
        return Strike(
            fault=fault,
            kind=rng.choice(fault.kind),
            status=rng.choice(fault.status),
            body=rng.choice(fault.body),
            retry_after_as=rng.choice(fault.retry_after_as),
        )


class Faults:
    """
    The faults in force, in the order in which they came: the first that can strike a call does.

    Args:
        faults: Those that are there from the start.
    """

    def __init__(self, faults: Iterable[Fault] = ()) -> None:
        self._armed: Final[list[ArmedFault]] = []
        for fault in faults:
            self.add(fault)

    def add(self, fault: Fault) -> ArmedFault:
        """Put a fault into force; what is returned tells how often it struck."""
        armed = ArmedFault(fault, len(self._armed))
        self._armed.append(armed)
        return armed

    def clear(self) -> None:
        """End all faults."""
        self._armed.clear()

    def __len__(self) -> int:
        return len(self._armed)

    def __iter__(self) -> Iterator[ArmedFault]:
        return iter(tuple(self._armed))

    def strike(self, target: Target, operation: str = "") -> Strike | None:
        """
        Return what befalls a connection, a call or a page, if anything does.

        Args:
            target: Which of them it is.
            operation: Public name of the operation that was asked for; empty for a connection.
        """
        found: Strike | None = None
        for armed in self._armed:
            fault = armed.fault
            if fault.target is target and fault.operation in (None, operation):
                rng = armed.look(operation)
                if rng is not None and found is None:
                    found = armed.strike(rng)
        return found
