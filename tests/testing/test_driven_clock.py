"""Clients wait on the clock of the test, which takes no time."""

from __future__ import annotations

import asyncio
import math
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from etelecom_async import QueueTimeoutError, RetryPolicy, ShopClient
from etelecom_async.errors import ResourceExhaustedError, UnavailableError
from etelecom_async.testing import DrivenClock, Fault, sandbox

if TYPE_CHECKING:
    from tests.conftest import Peer

KEY = "1161512386239479010:canary-key"


async def test_waits_between_attempts(peer: Peer) -> None:
    """The client waits as long as the server asks, and no time passes."""
    peer.respond_with(peer.refusal("resource_exhausted", 429, Retry_After="30"))
    with DrivenClock() as clock:
        async with ShopClient(KEY, base_url=peer.base_url) as shop:
            assert await shop.account() == {}
    assert clock.waits == [30.0]
    assert clock.elapsed == 30.0


async def test_deadline(peer: Peer) -> None:
    """A wait past the deadline ends the call, and a deadline counts all waits."""
    peer.always = lambda _: peer.refusal("unavailable", 503, Retry_After="9")
    with DrivenClock() as clock:
        async with ShopClient(KEY, base_url=peer.base_url, deadline=20) as shop:
            with pytest.raises(UnavailableError) as caught:
                await shop.account()
    assert clock.waits == [9.0, 9.0]
    assert len(caught.value.attempts) == 3


async def test_rate(peer: Peer) -> None:
    """The rate follows the clock, and waits of several calls overlap."""
    with DrivenClock() as clock:
        async with ShopClient(KEY, base_url=peer.base_url, rate=0.5) as shop:
            await asyncio.gather(*(shop.account() for _ in range(4)))
    assert clock.elapsed == 6.0


async def test_queue_timeout(peer: Peer) -> None:
    """A call that would wait too long for its turn is not sent."""
    with DrivenClock():
        async with ShopClient(KEY, base_url=peer.base_url, rate=0.1, queue_timeout=5) as shop:
            await shop.account()
            with pytest.raises(QueueTimeoutError):
                await shop.account()
    assert len(peer.requests) == 1


async def test_pause_ends_after_an_advance(peer: Peer) -> None:
    """A pause is over when the test advances the clock, by seconds or a timedelta."""
    peer.respond_with(*[peer.refusal("resource_exhausted", 429, Retry_After="50")] * 2)
    with DrivenClock() as clock:
        async with ShopClient(KEY, base_url=peer.base_url, retries=0) as shop:
            for by in (50, timedelta(minutes=1)):
                with pytest.raises(ResourceExhaustedError):
                    await shop.account()
                assert shop.stats().pause == 50
                clock.advance(by)
                assert shop.stats().pause == 0
    assert clock.waits == []
    assert clock.elapsed == 110


@pytest.mark.parametrize("by", [-1, timedelta(seconds=-1), math.inf, math.nan])
def test_the_clock_does_not_go_back(by: float | timedelta) -> None:
    """A step back, and one that is no number, are refused."""
    with pytest.raises(ValueError, match="the clock advances by a number of seconds, 0 or more"):
        DrivenClock().advance(by)


async def test_sleeps_overlap() -> None:
    """Tasks that wait together go on in the order of their times, and the longest one counts."""
    clock = DrivenClock()
    order: list[float] = []

    async def wait(*seconds: float) -> None:
        for each in seconds:
            await clock.sleep(each)
            order.append(clock.elapsed)

    await asyncio.gather(wait(5), wait(1, 1), wait(3))
    assert order == [1, 2, 3, 5]
    assert clock.waits == []


async def test_cancelled_sleep_holds_up_no_other() -> None:
    """A cancelled wait does not count any more."""
    clock = DrivenClock()
    short = asyncio.create_task(clock.sleep(1))
    long = asyncio.create_task(clock.sleep(5))
    await asyncio.sleep(0)
    short.cancel()
    await long
    assert clock.elapsed == 5


async def test_the_sandbox_follows() -> None:
    """The clock of a sandbox advances with each wait, so its changes are due."""
    throttled = Fault(kind="status", status=429, retry_after=45, times=1)
    async with sandbox(faults=[throttled], extensions=2) as service:
        began = service.now
        with DrivenClock(service) as clock:
            async with ShopClient(service.shop_key, base_url=service.base_url) as shop:
                assert len(await shop.extensions.list()) == 2
            clock.advance(timedelta(hours=1))
        assert service.now - began >= timedelta(hours=1, seconds=45)
        assert service.now - began < timedelta(hours=2)


async def test_attached_client(peer: Peer) -> None:
    """A client that exists already follows the clock until the end, and has its own limits again then."""
    peer.always = lambda _: peer.refusal("resource_exhausted", 429, Retry_After="40")
    policy = RetryPolicy(retries=1)
    async with ShopClient(KEY, base_url=peer.base_url, retries=policy) as shop:
        with DrivenClock() as clock:
            clock.attach(shop)
            with pytest.raises(ResourceExhaustedError):
                await shop.account()
            assert shop.stats().pause == 40
        assert clock.waits == [40.0]
        assert shop.stats().pause == 0


def test_a_client_is_changed_once() -> None:
    """The clock and a script with the same clock give a client one set of limiters."""
    with DrivenClock() as clock:
        shop = ShopClient(KEY)
        engine = shop._engine
        assert clock.changed(engine) is engine
