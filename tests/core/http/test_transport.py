"""The transport over real sockets: requests, responses, and the life of sessions."""

from __future__ import annotations

import asyncio
import math
import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest
from aioresponses import CallbackResult, aioresponses

from etelecom_async._core.http.connection import ConnectionConfig
from etelecom_async._core.http.messages import HttpRequest
from etelecom_async._core.http.transport import Transport
from etelecom_async._core.urls import is_web_address
from etelecom_async.errors import (
    ClientClosedError,
    ConfigurationError,
    ConnectError,
    ResponseLostError,
    TransportError,
)
from tests.conftest import PATIENCE, Reply
from tests.core.http.conftest import HEADERS, post

if TYPE_CHECKING:
    from tests.conftest import Peer

FAKE = "http://api.example/v1/shop.Shop/CurrentShop"


class TestExchange:
    """A request and its response."""

    async def test_request(self, transport: Transport, peer: Peer) -> None:
        """Headers and body are sent unchanged, by POST."""
        await transport.send(post(peer.base_url), math.inf)
        (request,) = peer.requests
        assert request.path == "/v1/x"
        assert request.body == b'{"password": "canary-password"}'
        assert request.headers["authorization"] == "Bearer canary-key"
        assert request.headers["content-type"] == "application/json"

    @pytest.mark.parametrize("status", [200, 204, 302, 404, 500])
    async def test_response(self, transport: Transport, peer: Peer, status: int) -> None:
        """Any status is a response, also a redirect; header names match in any case."""
        peer.respond_with(peer.raw(b"" if status == 204 else b"abc", status, Location="/y", Retry_After="5"))
        response = await transport.send(post(peer.base_url), 10)
        assert (response.status, response.body) == (status, b"" if status == 204 else b"abc")
        assert response.headers["retry-after"] == "5"
        assert len(peer.requests) == 1

    @pytest.mark.parametrize("given", [False, True], ids=["own session", "session of the caller"])
    @pytest.mark.parametrize("seconds", [0.5, 4.99, 5.0, 5.05, 12.3, 119.999])
    async def test_time_limit(
        self, peer: Peer, monkeypatch: pytest.MonkeyPatch, seconds: float, *, given: bool
    ) -> None:
        """The timers of an attempt have its exact time limits, also above 5 seconds, where aiohttp rounds."""
        loop = asyncio.get_running_loop()
        now, call_at, timers = loop.time(), loop.call_at, set[float]()

        def record(when: float, *args: Any, **options: Any) -> asyncio.TimerHandle:
            timers.add(round(when - now, 6))
            return call_at(when, *args, **options)

        async with aiohttp.ClientSession() as session:
            transport = Transport(session if given else None)
            monkeypatch.setattr(loop, "time", lambda: now)
            monkeypatch.setattr(loop, "call_at", record)
            await transport.send(post(peer.base_url), seconds)
            monkeypatch.undo()
            await transport.close()
        assert {seconds, min(10.0, seconds / 2)} <= timers

    async def test_impossible_address(self, transport: Transport) -> None:
        """An address that aiohttp refuses is a configuration error."""
        url = "http://a\\b"
        assert is_web_address(url)
        with pytest.raises(ConfigurationError, match="the base URL or the proxy is not a valid URL"):
            await transport.send(post(url), 10)


class TestSessions:
    """Test sessions of the caller and of the client, and their lifetime."""

    async def test_given_session_is_used_and_stays_open(self, peer: Peer) -> None:
        """The transport uses the caller's session and does not close it."""
        async with aiohttp.ClientSession(headers={"X-Mine": "1"}) as session:
            transport = Transport(session)
            await transport.send(post(peer.base_url), 10)
            await transport.close()
            assert not session.closed
            with pytest.raises(ClientClosedError, match="the client is closed"):
                await transport.send(post(peer.base_url), 10)
        assert [request.headers["x-mine"] for request in peer.requests] == ["1"]

    @pytest.mark.parametrize("is_chunked", [False, True])
    @pytest.mark.parametrize("reads", ["middleware", "trace"])
    async def test_given_session_that_reads_responses(
        self, peer: Peer, reads: str, *, is_chunked: bool
    ) -> None:
        """A body that the caller's session has read before, perhaps to log it, arrives complete."""
        head = b"Transfer-Encoding: chunked" if is_chunked else b"Content-Length: 7"
        body = b'7\r\n{"a":1}\r\n0\r\n\r\n' if is_chunked else b'{"a":1}'
        peer.respond_with(Reply(head=b"HTTP/1.1 200 -\r\n" + head + b"\r\n\r\n", body=body))
        seen: list[bytes] = []

        async def read(request: Any, send: Any) -> aiohttp.ClientResponse:
            response: aiohttp.ClientResponse = await send(request)
            seen.append(await response.read())
            return response

        async def emit(*arguments: Any) -> None:
            seen.append(await arguments[-1].response.read())

        trace = aiohttp.TraceConfig()
        trace.on_request_end.append(emit)
        options: Any = {"middlewares": [read]} if reads == "middleware" else {"trace_configs": [trace]}
        async with aiohttp.ClientSession(**options) as session:
            assert (await Transport(session).send(post(peer.base_url), 10)).body == b'{"a":1}'
        assert seen == [b'{"a":1}']

    @pytest.mark.parametrize("fails", ["middleware", "trace"])
    async def test_given_session_that_fails_after_the_send(self, peer: Peer, fails: str) -> None:
        """A middleware or a trace that fails after the send is a lost response, and no secret is shown."""

        async def call(request: Any, send: Any) -> aiohttp.ClientResponse:
            await send(request)
            raise KeyError("0901234567")

        async def emit(*_: Any) -> None:
            raise KeyError("0901234567")

        trace = aiohttp.TraceConfig()
        trace.on_request_end.append(emit)
        options: Any = {"middlewares": [call]} if fails == "middleware" else {"trace_configs": [trace]}
        async with aiohttp.ClientSession(**options) as session:
            with pytest.raises(
                ResponseLostError, match="failed after the request was sent: KeyError"
            ) as caught:
                await Transport(session).send(post(peer.base_url), 10)
        assert "0901234567" not in str(caught.value)
        assert len(peer.requests) == 1

    async def test_given_session_that_fails_before_the_send(self, peer: Peer) -> None:
        """A middleware that refuses a request raises its own error: nothing was sent."""

        async def call(*_: Any) -> aiohttp.ClientResponse:
            raise KeyError("no")

        async with aiohttp.ClientSession(middlewares=[call]) as session:
            with pytest.raises(KeyError):
                await Transport(session).send(post(peer.base_url), 10)
        assert peer.requests == []

    async def test_given_session_that_sends_again(self, peer: Peer) -> None:
        """A middleware that sends again, and cannot connect then, leaves a lost response: one was sent."""

        async def call(request: Any, send: Any) -> aiohttp.ClientResponse:
            await send(request)
            raise aiohttp.ConnectionTimeoutError("slow")

        async with aiohttp.ClientSession(middlewares=[call]) as session:
            with pytest.raises(ResponseLostError):
                await Transport(session).send(post(peer.base_url), 10)
        assert len(peer.requests) == 1

    async def test_given_session_that_is_closed(self, peer: Peer) -> None:
        """The error says that the given session is closed."""
        session = aiohttp.ClientSession()
        await session.close()
        with pytest.raises(ClientClosedError, match="given as session= is closed"):
            await Transport(session).send(post(peer.base_url), 10)

    def test_given_session_of_another_loop(self, peer: Peer) -> None:
        """The error says that the given session belongs to another event loop."""
        transport: Transport
        with asyncio.Runner() as first:

            async def begin() -> aiohttp.ClientSession:
                session = aiohttp.ClientSession()
                nonlocal transport
                transport = Transport(session)
                await transport.send(post(peer.base_url), 10)
                return session

            session = first.run(begin())
            with pytest.raises(ConfigurationError, match="session= belongs to another event loop"):
                asyncio.run(transport.send(post(peer.base_url), 10))
            first.run(session.close())
        assert len(peer.requests) == 1

    async def test_use_after_close(self, transport: Transport, peer: Peer) -> None:
        """A closed transport sends nothing; closing it again does no harm."""
        await transport.send(post(peer.base_url), 10)
        await transport.close()
        await transport.close()
        with pytest.raises(ClientClosedError, match="Make a new client"):
            await transport.send(post(peer.base_url), 10)
        assert len(peer.requests) == 1

    async def test_close_while_a_session_opens(self, peer: Peer) -> None:
        """A transport that another thread closes while its first session opens sends nothing."""
        transport = Transport()

        class Sessions(dict[Any, Any]):
            def __setitem__(self, loop: Any, own: Any) -> None:
                super().__setitem__(loop, own)
                transport._closed = True

        transport._sessions = Sessions()
        for _ in range(2):
            with pytest.raises(ClientClosedError, match="the client is closed"):
                await transport.send(post(peer.base_url), 10)
        assert peer.requests == []

    async def test_event_loops(self, transport: Transport, peer: Peer) -> None:
        """A transport names the event loops in which it has a session; none before its first request."""
        assert transport.loops() == []
        await transport.send(post(peer.base_url), 10)
        assert transport.loops() == [asyncio.get_running_loop()]
        await transport.close()
        assert transport.loops() == []

    async def test_close_before_use(self) -> None:
        """A transport that was never used can be closed."""
        await Transport().close()

    async def test_concurrent_calls_share_one_session(
        self, transport: Transport, peer: Peer, connectors: Any
    ) -> None:
        """The first calls of an event loop share one session, however many there are."""
        before = set(connectors)
        await asyncio.gather(*(transport.send(post(peer.base_url), 10) for _ in range(20)))
        assert len(set(connectors) - before) == 1

    def test_loops_one_after_the_other(self, peer: Peer, connectors: Any) -> None:
        """Each `asyncio.run` has its own session, which ends with it; closed loops are forgotten."""
        transport = Transport()
        before = set(connectors)
        for _ in range(3):
            assert asyncio.run(transport.send(post(peer.base_url), 10)).status == 200
            assert len(transport._sessions) == 1
            assert all(pool.closed for pool in set(connectors) - before)
        asyncio.run(transport.close())
        assert len(peer.requests) == 3

    def test_loops_at_the_same_time(self, peer: Peer) -> None:
        """Threads with one event loop each share a transport; each loop has its own session."""
        transport = Transport()
        sessions: set[aiohttp.ClientSession] = set()
        meet = threading.Barrier(4)

        async def use() -> None:
            for _ in range(5):
                meet.wait(PATIENCE)
                assert (await transport.send(post(peer.base_url), 10)).status == 200
                sessions.add(transport._open_session())

        threads = [threading.Thread(target=lambda: asyncio.run(use())) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(PATIENCE)
        assert len(peer.requests) == 20
        assert peer.connections == len(sessions) == 4
        assert all(session.closed for session in sessions)

    async def test_closing_lets_go_of_other_loops(self, peer: Peer) -> None:
        """A session in another thread ends there, with its event loop."""
        transport = Transport()
        sessions: list[aiohttp.ClientSession] = []
        used, closed = threading.Event(), threading.Event()

        async def use() -> None:
            await transport.send(post(peer.base_url), 10)
            sessions.append(transport._open_session())
            used.set()
            await asyncio.to_thread(closed.wait, PATIENCE)

        thread = threading.Thread(target=lambda: asyncio.run(use()))
        thread.start()
        await asyncio.to_thread(used.wait, PATIENCE)
        await transport.close()
        closed.set()
        await asyncio.to_thread(thread.join, PATIENCE)
        assert [session.closed for session in sessions] == [True]

    async def test_session_that_raises(self, peer: Peer) -> None:
        """A given session that raises for error statuses loses no response."""
        peer.respond_with(peer.refusal("not_found", 404))
        async with aiohttp.ClientSession(raise_for_status=True) as session:
            assert (await Transport(session).send(post(peer.base_url), 10)).status == 404


class TestProxySecrets:
    """The secrets of the proxy, which a response may repeat."""

    @pytest.mark.parametrize(
        ("config", "secrets"),
        [
            (ConnectionConfig(), []),
            (ConnectionConfig(proxy="http://proxy.example"), []),
            (ConnectionConfig(proxy="http://me:pass@proxy.example"), ["pass"]),
        ],
        ids=["no proxy", "no password", "password"],
    )
    def test_of_the_caller(self, config: ConnectionConfig, secrets: list[str]) -> None:
        """The password of the caller's proxy is a secret."""
        assert list(Transport(connection=config).proxy_secrets("https://api.example")) == secrets

    def test_of_the_environment(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """The environment counts as it is now; if its proxy has become invalid, there is no secret."""
        transport = Transport(connection=ConnectionConfig(trust_env=True))
        monkeypatch.delenv("NO_PROXY", raising=False)
        monkeypatch.setenv("HTTPS_PROXY", "http://me:pass@proxy.example")
        assert list(transport.proxy_secrets("https://api.example")) == ["pass"]
        monkeypatch.setenv("HTTPS_PROXY", "ftp://me:pass@proxy.example")
        assert list(transport.proxy_secrets("https://api.example")) == []


class TestFake:
    """Test the transport with aioresponses, which users may use to mock HTTP."""

    @pytest.fixture
    def fake(self) -> Iterator[aioresponses]:
        """Replace all sockets."""
        with aioresponses() as fake:
            yield fake

    async def test_response(self, transport: Transport, fake: aioresponses) -> None:
        """A response of aioresponses arrives complete."""
        fake.post(FAKE, status=429, body=b"abc", headers={"Retry-After": "5"})
        response = await transport.send(HttpRequest(FAKE, HEADERS, b"{}"), 10)
        assert (response.status, response.body, response.headers["Retry-After"]) == (429, b"abc", "5")

    async def test_request(self, transport: Transport, fake: aioresponses) -> None:
        """A callback sees the request."""
        seen: list[dict[str, Any]] = []

        def remember(_: object, **keywords: Any) -> CallbackResult:
            seen.append(keywords)
            return CallbackResult(payload={})

        fake.post(FAKE, callback=remember)
        await transport.send(HttpRequest(FAKE, HEADERS, b"{}"), 10)
        assert (seen[0]["headers"], seen[0]["data"], seen[0]["allow_redirects"]) == (HEADERS, b"{}", False)

    @pytest.mark.parametrize(
        ("raised", "kind"),
        [
            (aiohttp.ServerDisconnectedError(), ResponseLostError),
            (aiohttp.ClientPayloadError("cut off"), ResponseLostError),
            (aiohttp.ClientOSError(104, "reset"), ResponseLostError),
            (TimeoutError(), ResponseLostError),
            (ConnectionResetError("reset"), ResponseLostError),
            (aiohttp.ConnectionTimeoutError("slow"), ConnectError),
        ],
        ids=lambda value: getattr(value, "__name__", type(value).__name__),
    )
    async def test_failure(
        self, transport: Transport, fake: aioresponses, raised: Exception, kind: type[TransportError]
    ) -> None:
        """Each failure of aiohttp becomes one of two errors."""
        fake.post(FAKE, exception=raised)
        with pytest.raises(TransportError) as caught:
            await transport.send(HttpRequest(FAKE, HEADERS, b"{}"), 10)
        assert type(caught.value) is kind
        assert caught.value.__cause__ is raised

    async def test_certificate_refused_in_mid_connection(
        self, transport: Transport, fake: aioresponses
    ) -> None:
        """On a connection that was perhaps used before, a refused certificate leaves the outcome open."""
        alert = aiohttp.ClientOSError(
            1, "[SSL: SSLV3_ALERT_CERTIFICATE_EXPIRED] sslv3 alert certificate expired"
        )
        fake.post(FAKE, exception=alert)
        with pytest.raises(
            ResponseLostError, match="the server requires a client certificate that it trusts"
        ):
            await transport.send(HttpRequest(FAKE, HEADERS, b"{}"), 10)
