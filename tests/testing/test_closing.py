"""A client is closed from outside of its event loop."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from etelecom_async import ShopClient
from etelecom_async.testing.closing import close

if TYPE_CHECKING:
    from tests.conftest import Peer

KEY = "1161512386239479010:canary-key"


def test_loop_that_stands_still(peer: Peer) -> None:
    """The connections are closed in their event loop, which runs for this moment."""
    shop = ShopClient(KEY, base_url=peer.base_url)
    loop = asyncio.new_event_loop()
    loop.run_until_complete(shop.account())
    own = shop._engine.transport._sessions[loop]
    close(shop)
    assert own.session.closed
    loop.close()


def test_loop_in_another_thread(peer: Peer, other_thread: asyncio.AbstractEventLoop) -> None:
    """The connections are closed in the thread of their event loop."""
    shop = ShopClient(KEY, base_url=peer.base_url)
    asyncio.run_coroutine_threadsafe(shop.account(), other_thread).result()
    own = shop._engine.transport._sessions[other_thread]
    close(shop)
    asyncio.run_coroutine_threadsafe(asyncio.sleep(0), other_thread).result()
    assert own.session.closed


def test_closed_loop(peer: Peer) -> None:
    """A closed event loop has closed its connections already; a client without a call has none."""
    shop = ShopClient(KEY, base_url=peer.base_url)
    close(shop)
    asyncio.run(shop.account())
    close(shop)
