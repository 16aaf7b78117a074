"""Failures of aiohttp and the system, over real sockets: what they prove, and what they may show."""

from __future__ import annotations

import asyncio
import re
import traceback
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest
from aiohttp.abc import AbstractResolver

from etelecom_async._core.http.transport import Transport
from etelecom_async._core.tracebacks import cleaned
from etelecom_async.errors import ConnectError, ResponseLostError
from tests.core.http.conftest import failure, post

if TYPE_CHECKING:
    from tests.conftest import LoopClock, Peer


class FailingResolver(AbstractResolver):
    """A name server that knows nobody."""

    async def resolve(self, host: str, port: int = 0, family: Any = 0) -> Any:
        """Knows nobody."""
        raise OSError(None, f"nobody knows {host}:{port} ({family})")

    async def close(self) -> None:
        """Has nothing to close."""


class TestFailures:
    """What aiohttp raises, told by whether the request left."""

    async def test_refused(self, transport: Transport, closed_port: int) -> None:
        """A refused connection: it never left."""
        error = await failure(transport, f"http://127.0.0.1:{closed_port}")
        assert type(error) is ConnectError
        assert f"could not connect: 127.0.0.1:{closed_port}: [Errno " in str(error)

    async def test_tls(self, transport: Transport, peer: Peer) -> None:
        """A server that speaks no TLS: it never left."""
        error = await failure(transport, peer.base_url.replace("http:", "https:"))
        assert type(error) is ConnectError
        assert peer.requests == []

    async def test_unknown_host(self) -> None:
        """A name that nobody knows: it never left."""
        connector = aiohttp.TCPConnector(resolver=FailingResolver(), use_dns_cache=False)
        async with aiohttp.ClientSession(connector=connector) as session:
            error = await failure(Transport(session), "http://api.example")
        assert type(error) is ConnectError
        assert "nobody knows api.example" in str(error)

    @pytest.mark.parametrize("seconds", [0.05, 0.2])
    async def test_connection_that_does_not_open(
        self, transport: Transport, deaf_port: int, seconds: float
    ) -> None:
        """A handshake that does not end in time: it never left, however short the attempt's limit is."""
        error = await failure(transport, f"https://127.0.0.1:{deaf_port}", seconds)
        assert type(error) is ConnectError
        assert "Connection timeout" in str(error)

    async def test_no_free_connection(self, peer: Peer) -> None:
        """No connection becomes free in time: it never left."""
        peer.answers(peer.HANG)
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=1)) as session:
            transport = Transport(session)
            first = asyncio.create_task(transport.send(post(peer.base_url), 10))
            await peer.until(1)
            assert type(await failure(transport, peer.base_url, 0.1)) is ConnectError
            first.cancel()
            assert [type(end) for end in await asyncio.gather(first, return_exceptions=True)] == [
                asyncio.CancelledError
            ]
        assert len(peer.requests) == 1

    async def test_proxy_that_refuses(self, peer: Peer) -> None:
        """A proxy that does not let us through: it never left; its answer is none of the API's."""
        peer.answers(peer.raw(b"", 407))
        async with aiohttp.ClientSession(proxy=peer.base_url.removesuffix("/v1")) as session:
            error = await failure(Transport(session), "https://127.0.0.1:9")
        assert type(error) is ConnectError
        assert "407" in str(error)

    async def test_no_answer_in_time(self, transport: Transport, peer: Peer, loop_clock: LoopClock) -> None:
        """A server is silent: the request left, and the response is lost."""
        peer.answers(peer.HANG)
        peer.on_hang = lambda: loop_clock.advance(21)
        error = await failure(transport, peer.base_url, 20)
        assert type(error) is ResponseLostError
        assert str(error) == "no answer within 20 s."

    @pytest.mark.parametrize("how", ["drop", "half", "no http"])
    async def test_broken_connection(self, transport: Transport, peer: Peer, how: str) -> None:
        """A server that hangs up, breaks off or speaks something else: it left, and the answer is lost."""
        reply = {"drop": peer.DROP, "half": peer.half(), "no http": peer.bare(b"SSH-2.0-x\r\n\r\n")}[how]
        peer.answers(reply)
        error = await failure(transport, peer.base_url)
        assert type(error) is ResponseLostError
        assert re.match(r"the connection broke: \S", str(error))

    async def test_what_is_no_http_is_masked(self, transport: Transport, peer: Peer) -> None:
        """What aiohttp quotes of an answer that is no HTTP is masked."""
        peer.answers(peer.bare(b"HTTP/1.1 200 OK\r\nBearer canary-key\r\n\r\n"))
        message = str(await failure(transport, peer.base_url))
        assert "Bearer" in message
        assert "canary" not in message

    @pytest.mark.parametrize("how", ["refused", "drop", "hang", "half", "half head", "no http", "proxy"])
    async def test_causes_hold_no_key(self, peer: Peer, closed_port: int, how: str) -> None:
        """The cause says what aiohttp said; no frame, repr or cause of it shows the key to the caller."""
        peer.answers(
            {
                "drop": peer.DROP,
                "hang": peer.HANG,
                "half": peer.half(),
                "half head": peer.bare(b"HTTP/1.1 200 OK\r\nAuthorization: Bearer canary-key"),
                "no http": peer.bare(b"SSH-2.0-x\r\n\r\n"),
                "proxy": peer.raw(b"", 407),
                "refused": peer.DROP,
            }[how]
        )
        url = f"http://127.0.0.1:{closed_port}" if how == "refused" else peer.base_url
        proxy = peer.base_url if how == "proxy" else None
        async with aiohttp.ClientSession(proxy=proxy) as session:
            error = await failure(
                Transport(session), "https://127.0.0.1:9" if proxy else url, 0.05 if how == "hang" else 10
            )
        cause = cleaned(error).__cause__
        if cause is None:
            assert how in {"proxy", "no http", "half head"}
        else:
            shown = traceback.TracebackException.from_exception(cause, capture_locals=True).format()
            assert "canary" not in "".join(shown) + repr(cause)
