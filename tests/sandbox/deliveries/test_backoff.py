"""The pauses between two attempts to deliver an event."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

from etelecom_async.sandbox.deliveries.backoff import PAUSES, pause_after


def test_pauses_grow_up_to_a_day() -> None:
    """Each pause is longer than the one before, the last one is 24 hours, and then the retries end."""
    assert all(first < second for first, second in pairwise(PAUSES))
    assert PAUSES[-1] == timedelta(hours=24)
    assert pause_after(0) == PAUSES[0]
    assert pause_after(len(PAUSES) - 1) == PAUSES[-1]
    assert pause_after(len(PAUSES)) is None
