"""
The attempts to deliver events, newest last, for the assertions of a test.

Only the newest attempts are kept. A body is masked when a test reads it, by the rules of the client.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, Final, overload

import attrs

from etelecom_async.sandbox.journal import mask_body
from etelecom_async.sandbox.store.outbox import Receiver
from etelecom_async.sandbox.times import iso

MOST_DELIVERIES: Final = 10_000
"""Number of the newest attempts that are kept."""


@attrs.frozen(kw_only=True)
class Delivery:
    """An attempt to deliver an event."""

    receiver: str
    """`webhook:ID`, `oa:ID` for the address of an official account, or `sms`."""
    event: str
    """`call_log`, `zl_oa_message`, `sms_status`, or the `event_name` of an official account's event."""
    time: datetime
    """When the attempt started, by the clock of the sandbox."""
    retried: int
    """Number of attempts before this one."""
    status: int | None
    """HTTP status of the response; `None` if there was none."""
    error: str
    """Why the attempt failed; empty after a success."""
    state: str
    """State of the receiver after the attempt: `ok`, `retry` or `stop`."""
    body: Any
    """The JSON of the event with phone numbers and secrets masked."""

    @property
    def is_delivered(self) -> bool:
        """Return whether the receiver accepted the event."""
        return not self.error

    def to_dict(self) -> dict[str, Any]:
        """Return the attempt as JSON."""
        return {**attrs.asdict(self), "time": iso(self.time)}


@attrs.define(eq=False)
class Attempt:
    """An attempt in the log, whose body is masked on first use."""

    receiver: str
    event: str
    time: datetime
    retried: int
    status: int | None
    error: str
    state: str
    body: bytes
    _shown: Delivery | None = None

    def to_delivery(self) -> Delivery:
        """Return the attempt with a masked body."""
        if self._shown is None:
            self._shown = Delivery(
                receiver=self.receiver,
                event=self.event,
                time=self.time,
                retried=self.retried,
                status=self.status,
                error=self.error,
                state=self.state,
                body=mask_body(self.body),
            )
        return self._shown


class Deliveries(Sequence[Delivery]):
    """
    The attempts so far, oldest first, and the state of each receiver.

    Args:
        attempts: The newest attempts.
        receivers: The receivers that have had an event.
    """

    def __init__(self, attempts: Iterable[Attempt], receivers: tuple[Receiver, ...]) -> None:
        self._attempts: Final = tuple(attempts)
        self.receivers: Final = receivers
        """The receivers that have had an event, by name."""

    @property
    def waiting(self) -> int:
        """Return the number of events that wait for their delivery or a retry."""
        return sum(receiver.waiting for receiver in self.receivers)

    @property
    def failed(self) -> list[Delivery]:
        """Return the attempts that failed."""
        return [delivery for delivery in self if not delivery.is_delivered]

    def of(self, event: str) -> list[Delivery]:
        """Return the attempts with one kind of event, for example `call_log`."""
        return [attempt.to_delivery() for attempt in self._attempts if attempt.event == event]

    def __len__(self) -> int:
        return len(self._attempts)

    def __iter__(self) -> Iterator[Delivery]:
        return (attempt.to_delivery() for attempt in self._attempts)

    @overload
    def __getitem__(self, index: int) -> Delivery: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Delivery]: ...
    def __getitem__(self, index: int | slice) -> Delivery | Sequence[Delivery]:
        if isinstance(index, slice):
            return [attempt.to_delivery() for attempt in self._attempts[index]]
        return self._attempts[index].to_delivery()

    def __repr__(self) -> str:
        return f"<Deliveries: {len(self)} attempts, {self.waiting} events waiting>"


SavedLog = tuple[Attempt, ...]
"""A log that was saved."""


class DeliveryLog:
    """The attempts of one sandbox."""

    def __init__(self) -> None:
        self._attempts: Final = deque[Attempt](maxlen=MOST_DELIVERIES)

    def add(self, attempt: Attempt) -> None:
        """Add an attempt."""
        self._attempts.append(attempt)

    def read(self, receivers: tuple[Receiver, ...]) -> Deliveries:
        """Return the attempts with the receivers."""
        return Deliveries(self._attempts, receivers)

    def counts(self) -> dict[str, int]:
        """Return the number of attempts by event and result; empty before the first one."""
        counts: dict[str, int] = {}
        for attempt in self._attempts:
            name = f"{attempt.event}, {'failed' if attempt.error else 'delivered'}"
            counts[name] = counts.get(name, 0) + 1
        return counts

    def save(self) -> SavedLog:
        """Return a copy, for `restore`."""
        return tuple(self._attempts)

    def restore(self, saved: SavedLog) -> None:
        """Return to a saved log."""
        self._attempts.clear()
        self._attempts.extend(saved)
