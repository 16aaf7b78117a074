"""How long a run waits for a server that cannot be reached."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from etelecom_async._core.clock import Clock
from etelecom_async.bulk.outage import Outage

if TYPE_CHECKING:
    from tests.conftest import Waits


@pytest.fixture
def told() -> list[float]:
    """The waits that the outage tells."""
    return []


@pytest.fixture
def outage(waits: Waits, told: list[float]) -> Outage:
    """An outage that a test starts."""
    return Outage(Clock(lambda: waits.at, waits.sleep), 300.0, told.append)


async def test_waits_get_longer(outage: Outage, waits: Waits, told: list[float]) -> None:
    """Each wait is twice as long, up to a limit; after the patience, the run gives up."""
    rounds = 0
    while not outage.failed():
        rounds += 1
        await waits.sleep(outage.seconds())
    assert told[:7] == [1, 2, 4, 8, 16, 30, 30]
    assert waits.at == 1000 + sum(waits)
    assert 300 <= sum(waits) < 330
    assert rounds == len(waits)


async def test_calls_that_fail_together(outage: Outage, told: list[float]) -> None:
    """They are one failure, and wait for the same moment."""
    assert not any(outage.failed() for _ in range(50))
    assert told == [1]
    assert outage.seconds() == 1


async def test_server_is_back(outage: Outage, waits: Waits, told: list[float]) -> None:
    """A call that reaches the server ends the outage; the next one starts anew, with its own patience."""
    assert outage.seconds() == 0
    outage.ended()
    outage.failed()
    await waits.sleep(outage.seconds())
    outage.ended()
    assert outage.seconds() == 0
    waits.at += 1000
    assert not outage.failed()
    assert told == [1, 1]


async def test_wait_is_over(outage: Outage, waits: Waits) -> None:
    """After the wait, the next call may start."""
    outage.failed()
    waits.at += 60
    assert outage.seconds() == 0
