"""Test the turns of one call in a limiter."""

from __future__ import annotations

import asyncio
import math

import attrs
import pytest

from etelecom_async._core.calls.admission import Admission
from etelecom_async._core.calls.limiter import CapacityLimiter, Limiters
from etelecom_async._core.calls.policy import Failure, RetryDecision
from etelecom_async._core.clock import CLOCK
from etelecom_async._core.operation import Effect

NAME = "shop.current"
RETRY = RetryDecision(failure=Failure.NEVER_SENT, wait=1.0)
THROTTLED = RetryDecision(failure=Failure.THROTTLED, wait=1.0)
REFUSED = RetryDecision(failure=Failure.REJECTED)
LOST = RetryDecision(failure=Failure.RESPONSE_LOST, reason="unsafe")
ASKED = attrs.evolve(THROTTLED, wait=30.0, retry_after=30.0)


@pytest.fixture
async def limiter() -> CapacityLimiter:
    """Return a limiter for four calls at a time."""
    return Limiters(4, math.inf, CLOCK).limiter(Effect.READ)


async def admitted(limiter: CapacityLimiter) -> Admission:
    """Return the admission of a call that has its turn."""
    admission = Admission(limiter, NAME)
    await admission.acquire()
    return admission


@pytest.mark.parametrize("decision", [RETRY, THROTTLED, ASKED, REFUSED, LOST], ids=range(5))
async def test_each_failure_releases_the_turn(limiter: CapacityLimiter, decision: RetryDecision) -> None:
    """A failed attempt does not keep its turn, and its decision keeps its class."""
    admission = await admitted(limiter)
    assert limiter.in_flight == 1
    assert admission.failed(decision, math.inf).failure is decision.failure
    assert limiter.in_flight == 0


async def test_success_and_a_call_without_an_outcome_release_the_turn(limiter: CapacityLimiter) -> None:
    """An attempt that succeeded, or that tells nothing, does not keep its turn."""
    (await admitted(limiter)).succeeded()
    (await admitted(limiter)).release()
    assert limiter.in_flight == 0


async def test_success_widens_a_lowered_limit(limiter: CapacityLimiter) -> None:
    """A success counts for the limit that a throttled call lowered."""
    limiter.on_throttle(0.0)
    assert limiter.limit == 2
    (await admitted(limiter)).succeeded()
    assert limiter.limit == 2.5


async def test_throttled_attempt_lowers_the_limit_before_the_next_turn() -> None:
    """A waiting call does not get the turn that the lowered limit takes away."""
    limiter = Limiters(2, math.inf, CLOCK).limiter(Effect.READ)
    first, second = await admitted(limiter), await admitted(limiter)
    waiting = asyncio.create_task(Admission(limiter, NAME).acquire())
    await asyncio.sleep(0)
    first.failed(ASKED, math.inf)
    assert (limiter.limit, limiter.in_flight, limiter.waiting) == (1, 1, 1)
    second.succeeded()
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    assert limiter.in_flight == 0


async def test_no_wait_is_shorter_than_the_pause(limiter: CapacityLimiter) -> None:
    """A retry waits as long as all calls of the client pause."""
    first, second = await admitted(limiter), await admitted(limiter)
    assert first.failed(RETRY, math.inf).wait == 1.0
    limiter.on_throttle(20.0)
    wait = second.failed(RETRY, math.inf).wait
    assert wait is not None
    assert wait == pytest.approx(20.0, abs=1.0)


@pytest.mark.parametrize(("time_left", "wait", "reason"), [(1.1, 1.0, None), (1.0, None, "deadline")])
async def test_deadline(
    limiter: CapacityLimiter, time_left: float, wait: float | None, reason: str | None
) -> None:
    """A call whose deadline comes before its retry ends at once."""
    decision = (await admitted(limiter)).failed(RETRY, time_left)
    assert (decision.wait, decision.reason) == (wait, reason)


class TestHold:
    """An operation that the server throttles without saying for how long."""

    async def test_first_call_probes(self, limiter: CapacityLimiter) -> None:
        """The first throttled call probes, the second leaves the turn to the first."""
        first, second = await admitted(limiter), await admitted(limiter)
        assert first.failed(THROTTLED, math.inf).wait == 1.0
        assert second.failed(THROTTLED, math.inf).wait == 1.0
        assert limiter.holds[NAME].has_probe
        second.end()
        await first.acquire(is_retry=True)
        first.succeeded()
        assert not limiter.holds

    async def test_server_that_asks_for_a_time_holds_nothing(self, limiter: CapacityLimiter) -> None:
        """If the server says how long to wait, all calls pause, and no operation is held."""
        assert (await admitted(limiter)).failed(ASKED, math.inf).wait == 30.0
        assert not limiter.holds

    @pytest.mark.parametrize("decision", [REFUSED, LOST], ids=["refused", "lost"])
    async def test_probe_that_fails_otherwise(
        self, limiter: CapacityLimiter, decision: RetryDecision
    ) -> None:
        """A refusal ends the hold, as the server takes calls again; a lost response does not."""
        probe = await admitted(limiter)
        probe.failed(THROTTLED, math.inf)
        await probe.acquire(is_retry=True)
        probe.failed(decision, math.inf)
        assert (NAME in limiter.holds) == (decision is LOST)
        probe.end()
        assert not limiter.holds

    async def test_probe_that_gives_up(self, limiter: CapacityLimiter) -> None:
        """After the probe's last attempt each waiting call makes one attempt; a throttled one ends there."""
        probe = await admitted(limiter)
        probe.failed(THROTTLED, math.inf)
        waiting = Admission(limiter, NAME)
        turn = asyncio.create_task(waiting.acquire())
        await asyncio.sleep(0)
        await probe.acquire(is_retry=True)
        assert probe.failed(RetryDecision(failure=Failure.THROTTLED), math.inf).wait is None
        await turn
        decision = waiting.failed(THROTTLED, math.inf)
        assert (decision.wait, decision.reason) == (None, "throttled")
        assert (limiter.in_flight, limiter.holds) == (0, {})

    async def test_call_that_came_before_the_hold(self, limiter: CapacityLimiter) -> None:
        """A call that waited for its turn when its operation was held gives it back, and joins the hold."""
        others = [await admitted(limiter) for _ in range(4)]
        late = Admission(limiter, NAME)
        turn = asyncio.create_task(late.acquire())
        await asyncio.sleep(0)
        others[0].failed(THROTTLED, math.inf)
        await asyncio.sleep(0)
        assert not turn.done()
        assert len(limiter.holds[NAME].queue.calls) == 1
        others[0].end()
        await turn
        late.succeeded()
        for other in others[1:]:
            other.succeeded()
        assert (limiter.in_flight, limiter.holds) == (0, {})
