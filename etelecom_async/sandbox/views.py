"""
The part of a sandbox that belongs to one test or one key: its faults, its requests and its counts.

Tests that use one sandbox at the same time each take their own view, and see nothing of the others.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

import attrs

from etelecom_async.sandbox.faults import ActiveFault, Fault, FaultInjector
from etelecom_async.sandbox.faults.late import LateCalls
from etelecom_async.sandbox.faults.spec import bind
from etelecom_async.sandbox.journal import Journal, Requests
from etelecom_async.sandbox.sender import TEST_HEADER, Sender, encode_test_name


class ViewFaults:
    """
    The active faults of one test or key.

    Args:
        faults: All active faults.
        sender: The test or the key.
    """

    def __init__(self, faults: FaultInjector, sender: Sender) -> None:
        self._faults: Final = faults
        self._sender: Final = sender

    def add(self, fault: Fault) -> ActiveFault:
        """
        Activate a fault for the calls of this test or key; return the active fault with its counts.

        Raises:
            ValueError: The fault names another test or key, or acts before a request is read.
        """
        return self._faults.add(bind(fault, self._sender))

    def clear(self) -> None:
        """Remove the faults of this test or key."""
        self._faults.clear(self._sender)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __iter__(self) -> Iterator[ActiveFault]:
        return (active for active in self._faults if self._sender.matches(active.sender))


@attrs.frozen(eq=False)
class View:
    """The part of a sandbox that belongs to one test or one key; see `Sandbox.for_test`."""

    _sender: Sender
    _all_faults: FaultInjector = attrs.field(repr=False)
    _journal: Journal = attrs.field(repr=False)
    _late_calls: LateCalls = attrs.field(repr=False)

    @property
    def headers(self) -> Mapping[str, str]:
        """Return the headers with which a request belongs to this test; none for a key."""
        return {TEST_HEADER: encode_test_name(self._sender.test)} if self._sender.test else {}

    @property
    def faults(self) -> ViewFaults:
        """Return the active faults of this test or key."""
        return ViewFaults(self._all_faults, self._sender)

    @property
    def requests(self) -> Requests:
        """Return the requests of this test or key, as `Sandbox.requests` does."""
        self._late_calls.execute_due()
        return self._journal.requests(self._sender)

    @property
    def processed(self) -> Mapping[str, int]:
        """Return the number of executed calls by public name, as `Sandbox.processed` does."""
        self._late_calls.execute_due()
        return self._journal.executed(self._sender)
