"""Faults of new connections."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aiohttp
import pytest

from etelecom_async.sandbox import Fault

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.sandbox.conftest import Peer


async def test_refuse(peer: Peer, dial: Callable[..., Any]) -> None:
    """A new connection is reset before the caller sends anything, and no request arrives."""
    active = peer.service.faults.add(Fault(kind="refuse"))
    line = await dial()
    heard = await line.hear()
    assert (heard.data, heard.end) == (b"", "reset")
    assert (active.seen, active.struck) == (1, 1)
    assert peer.service.requests.counts == {}


async def test_refuse_for_a_client(peer: Peer) -> None:
    """An HTTP client gets a connection error, and its next connection works."""
    peer.service.faults.add(Fault(kind="refuse", times=1))
    with pytest.raises(aiohttp.ClientConnectionError):
        await peer.shop("Etelecom/GetTenant")
    await peer.shop("Etelecom/GetTenant")
    assert peer.service.requests.counts == {"shop.tenant.get": 1}


async def test_refuse_counts_connections(peer: Peer, dial: Callable[..., Any]) -> None:
    """`after` and `times` count connections; an open connection stays open."""
    await peer.shop("Etelecom/GetTenant")
    active = peer.service.faults.add(Fault(kind="refuse", after=1, times=2))
    await peer.shop("Etelecom/GetTenant")
    ends: list[str] = []
    for _ in range(4):
        line = await dial()
        line.ask("Etelecom/GetTenant")
        ends.append((await line.hear()).end)
    assert ends == ["closed", "reset", "reset", "closed"]
    assert (active.seen, active.struck) == (4, 2)
    assert peer.service.requests.counts == {"shop.tenant.get": 4}
