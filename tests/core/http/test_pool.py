"""The connection pool's footing: the private parts of aiohttp that it uses are as it expects them."""

from __future__ import annotations

import asyncio
import inspect

import aiohttp
from aiohttp.client_proto import ResponseHandler

from etelecom_async import ShopClient

ADVICE = (
    "aiohttp {version} has changed private parts that _core/http/pool.py uses: {what}. "
    "Read the new aiohttp, repair pool.py, then this test."
)


async def test_canary() -> None:
    """
    A new aiohttp that changes the private parts fails here, with a clear text.

    The pool overrides `_get` and `_create_connection`, and reads `_acquired` and `_payload`. If one of them
    had another name, requests would use dead connections, or a closed client would keep callers waiting.
    """
    connector = aiohttp.TCPConnector()
    protocol = ResponseHandler(asyncio.get_running_loop())
    found = {
        "_get": list(inspect.signature(aiohttp.TCPConnector._get).parameters),
        "_create_connection": list(inspect.signature(aiohttp.TCPConnector._create_connection).parameters),
        "_get is a coroutine": inspect.iscoroutinefunction(connector._get),
        "_acquired": isinstance(connector._acquired, set),
        "_payload": getattr(protocol, "_payload", "no attribute") is None,
    }
    await connector.close()
    expected = {
        "_get": ["self", "key", "traces"],
        "_create_connection": ["self", "req", "traces", "timeout"],
        "_get is a coroutine": True,
        "_acquired": True,
        "_payload": True,
    }
    what = {name: value for name, value in found.items() if value != expected[name]}
    assert found == expected, ADVICE.format(version=aiohttp.__version__, what=what)


async def test_overrides_are_called(shop: ShopClient) -> None:
    """Aiohttp still calls what the pool overrides: the second call is counted as one on a kept connection."""
    await shop.account()
    await shop.account()
    assert shop.stats().connections_reused == 1
