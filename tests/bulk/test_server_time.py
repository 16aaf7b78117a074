"""The time of the server counts, whatever the clock of this machine says."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, cast

import pytest

from etelecom_async import ShopClient, SmsClient, errors
from etelecom_async.bulk.server_time import ServerTime, ServerTimes

if TYPE_CHECKING:
    from etelecom_async._core.calls.engine import Engine
    from tests.conftest import Peer, Waits

DATE = "Wed, 04 Mar 2026 05:06:07 GMT"
TIME = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)


def engine_of(client: ShopClient | SmsClient) -> Engine:
    """Return the engine of a client."""
    return cast("Engine", cast("Any", client)._engine)


async def test_one_read(peer: Peer, shop: ShopClient, waits: Waits) -> None:
    """One read gives the time, however many steps ask at once; then the monotonic clock counts."""
    peer.always = lambda _: peer.json({}, Date=DATE)
    times = ServerTimes()
    time = times.of("a", engine_of(shop))
    assert times.of("a", engine_of(shop)) is time
    assert times.of("b", engine_of(shop)) is not time
    assert sorted(await asyncio.gather(*(time.learn() for _ in range(5)))) == [False] * 4 + [True]
    assert not await time.learn()
    assert len(peer.requests) == 1
    assert time.now() == TIME
    waits.at += 90
    assert time.now() == TIME + timedelta(seconds=90)


async def test_no_time(peer: Peer, shop: ShopClient) -> None:
    """Without a `Date`, the time of this machine counts."""
    peer.always = lambda _: peer.json({})
    time = ServerTime(engine_of(shop))
    assert await time.learn()
    assert abs(time.now() - datetime.now(UTC)) < timedelta(minutes=1)


@pytest.mark.parametrize(
    ("code", "status"), [("permission_denied", 403), ("not_found", 404)], ids=["no access", "no such read"]
)
async def test_refused_read(peer: Peer, shop: ShopClient, code: str, status: int) -> None:
    """A refusal of the read has the time, too, and the key may still make the calls of the job."""
    peer.always = lambda _: peer.refusal(code, status, Date=DATE)
    time = ServerTime(engine_of(shop))
    assert await time.learn()
    assert time.now() == TIME


async def test_response_that_does_not_fit(peer: Peer, shop: ShopClient) -> None:
    """So has a response that is no JSON object."""
    peer.always = lambda _: peer.raw(b"[]", Date=DATE)
    shop = shop.with_options(retries=0)
    time = ServerTime(engine_of(shop))
    assert await time.learn()
    assert time.now() == TIME


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (401, "unauthenticated", errors.UnauthenticatedError),
        (429, "resource_exhausted", errors.ResourceExhaustedError),
        (503, "unavailable", errors.UnavailableError),
    ],
)
async def test_no_answer(
    peer: Peer, shop: ShopClient, status: int, code: str, kind: type[errors.EtelecomError]
) -> None:
    """A key that is refused, and a server that fails, are errors; later the read is made again."""
    peer.always = lambda _: peer.refusal(code, status, Date=DATE)
    time = ServerTime(engine_of(shop.with_options(retries=0)))
    with pytest.raises(kind):
        await time.learn()
    peer.always = lambda _: peer.json({}, Date=DATE)
    assert await time.learn()


async def test_bare_refusal(peer: Peer, shop: ShopClient) -> None:
    """A refusal without a code is an error: it may come from anything between."""
    peer.always = lambda _: peer.raw(b"<h1>no</h1>", 404)
    with pytest.raises(errors.APIError):
        await ServerTime(engine_of(shop)).learn()


async def test_suspect(peer: Peer, shop: ShopClient) -> None:
    """After calls that ended in doubt, the read is made once more."""
    time = ServerTime(engine_of(shop))
    assert await time.learn()
    time.suspect()
    assert await time.learn()
    assert not await time.learn()
    assert len(peer.requests) == 2


async def test_sms(peer: Peer) -> None:
    """The SMS service has no read, so nothing is read."""
    async with SmsClient("user", "password", base_url=peer.base_url) as sms:
        time = ServerTime(engine_of(sms))
        time.suspect()
        assert not await time.learn()
        assert abs(time.now() - datetime.now(UTC)) < timedelta(minutes=1)
    assert peer.requests == []
