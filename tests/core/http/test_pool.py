"""The connection pool: which connections are kept, and the private parts of aiohttp that it uses."""

from __future__ import annotations

import asyncio
import inspect
import socket
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest
from aiohttp.client_proto import ResponseHandler

from etelecom_async import ShopClient
from etelecom_async._core.http.connection import ConnectionConfig
from etelecom_async._core.http.pool import _polled, _selected
from etelecom_async._core.http.transport import Transport
from etelecom_async.errors import ConnectError, ResponseLostError
from tests.core.http.conftest import failure, post

if TYPE_CHECKING:
    from tests.conftest import Peer

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
    """Aiohttp calls what the pool overrides: the second call counts as one on a kept connection."""
    await shop.account()
    await shop.account()
    assert shop.stats().connections_reused == 1


async def test_connections_are_kept(transport: Transport, peer: Peer) -> None:
    """Calls one after the other use one connection."""
    for _ in range(3):
        await transport.send(post(peer.base_url), 10)
    assert peer.connections == 1


async def test_cookies_are_not_kept(transport: Transport, peer: Peer) -> None:
    """The client does not send back a server's cookie."""
    peer.respond_with(peer.json({}, Set_Cookie="a=b"))
    await transport.send(post(peer.base_url), 10)
    await transport.send(post(peer.base_url), 10)
    assert [request.headers.get("cookie") for request in peer.requests] == [None, None]


@pytest.mark.parametrize("how", ["drop", "half", "no http"])
async def test_proxy_that_breaks_off(peer: Peer, how: str) -> None:
    """If a proxy opens no tunnel, the request was not sent, though aiohttp reports a lost response."""
    reply = {
        "drop": peer.DROP,
        "half": peer.bare(b"HTTP/1.1 2"),
        "no http": peer.bare(b"SSH-2.0-x\r\n\r\n"),
    }
    peer.respond_with(reply[how], reply[how])
    proxy = peer.base_url.removesuffix("/v1")
    transport = Transport(connection=ConnectionConfig(proxy=proxy))
    error = await failure(transport, "https://127.0.0.1:9")
    await transport.close()
    assert type(error) is ConnectError
    async with aiohttp.ClientSession(proxy=proxy) as session:  # its pool cannot tell
        error = await failure(Transport(session), "https://127.0.0.1:9")
    assert type(error) is ResponseLostError
    assert [request.path for request in peer.requests] == ["127.0.0.1:9"] * 2


async def test_close_while_a_connection_opens(transport: Transport) -> None:
    """A connection that still opens does not stop the closing of its pool."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        url = f"https://127.0.0.1:{listening.getsockname()[1]}"
        calling = asyncio.create_task(transport.send(post(url), 60))
        silent, _ = await asyncio.to_thread(listening.accept)
        session = transport._open_session()
        with silent:
            await transport.close()
            assert session.closed
            calling.cancel()
            await asyncio.wait([calling])


@pytest.mark.parametrize("has_input", [_polled, _selected])
def test_has_input(has_input: Any) -> None:
    """Both functions report waiting bytes and a closed peer at once."""
    here, there = socket.socketpair()
    with here:
        with there:
            assert not has_input(here)
            there.send(b"a")
            assert has_input(here)
            here.recv(1)
            assert not has_input(here)
        assert has_input(here)
