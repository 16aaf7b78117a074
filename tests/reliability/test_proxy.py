"""Proxies: the data that they get, the data that they never see, and calls that they do not forward."""

from __future__ import annotations

import asyncio
import logging
import os
import pickle
import re
import socket
import traceback
from base64 import b64encode
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from etelecom_async import Attempt, Effect, EtelecomError, ShopClient, SmsClient, attempt_hook
from etelecom_async.errors import APIError, ConnectError, OutcomeUnknownError

if TYPE_CHECKING:
    from tests.conftest import Peer, Waits
    from tests.reliability.conftest import Secure

KEY = "1161512386239479010:canary-key"
PASSWORD = "canary pass/word"
USER_INFO = "me:canary%20pass%2Fword@"
CREDENTIALS = b"Proxy-Authorization: Basic " + b64encode(b"me:canary pass/word") + b"\r\n"


class Proxy:
    """A proxy that forwards and records all data, with CONNECT or without; a test may make it fail."""

    def __init__(self) -> None:
        self.seen: list[bytearray] = []
        """Received data, one entry for each connection."""
        self.response: bytes | None = None
        """Response to send, before closing, instead of forwarding the request."""
        self.is_silent = False
        """Whether it neither forwards nor responds."""
        self.port = 0

    def url(self, user_info: str = "", scheme: str = "http") -> str:
        """Return the URL of the proxy."""
        return f"{scheme}://{user_info}localhost:{self.port}"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection."""
        seen = bytearray(await reader.readuntil(b"\r\n\r\n"))
        self.seen.append(seen)
        if self.is_silent:
            await reader.read()
            return
        if self.response is not None:
            length = re.search(rb"Content-Length: (\d+)", seen)
            if length:  # a client that still sends its body would lose the response
                await reader.readexactly(int(length[1]))
            writer.write(self.response)
            await writer.drain()
            return
        method, target, _ = seen.decode().split(" ", 2)
        address = target if method == "CONNECT" else target.removeprefix("http://").partition("/")[0]
        server_reader, server_writer = await asyncio.open_connection(
            "127.0.0.1", int(address.partition(":")[2])
        )
        if method == "CONNECT":
            writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        else:
            server_writer.write(bytes(seen))
        await asyncio.gather(
            self._forward(reader, server_writer, seen), self._forward(server_reader, writer, bytearray())
        )

    @staticmethod
    async def _forward(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, seen: bytearray) -> None:
        try:
            while data := await reader.read(2**16):
                seen += data
                writer.write(data)
                await writer.drain()
        finally:
            writer.close()


@pytest.fixture
def proxy(listen: Callable[..., int]) -> Proxy:
    """Return a proxy that listens on a port."""
    proxy = Proxy()
    proxy.port = listen(proxy.serve)
    return proxy


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Remove the proxies that the environment of the test run names."""
    for name in os.environ:
        if name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)


@pytest.fixture
def closed_port() -> Iterator[int]:
    """Give a reserved port that accepts no connection."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


class TestForwarded:
    """Calls that a proxy forwards, and the data that it sees."""

    @pytest.mark.parametrize("user_info", ["", USER_INFO])
    async def test_plain(self, peer: Peer, proxy: Proxy, user_info: str) -> None:
        """An HTTP call without TLS sends its complete URL to the proxy."""
        async with ShopClient(KEY, base_url=peer.base_url, proxy=proxy.url(user_info)) as shop:
            for _ in range(3):
                assert await shop.call("Any/Thing") == {}
            assert shop.stats().connections_reused == 2
        assert [asked.path for asked in peer.requests] == [f"{peer.base_url}/shop.Any/Thing"] * 3
        (seen,) = proxy.seen
        assert seen.count(f"POST {peer.base_url}/shop.Any/Thing HTTP/1.1\r\n".encode()) == 3
        assert seen.count(CREDENTIALS) == (3 if user_info else 0)

    @pytest.mark.parametrize("user_info", ["", USER_INFO])
    @pytest.mark.parametrize("scheme", ["http", "https"])
    async def test_encrypted(
        self, peer: Peer, secure: Secure, proxy: Proxy, listen: Any, *, scheme: str, user_info: str
    ) -> None:
        """A call with TLS goes through one tunnel; the proxy sees the host and nothing else."""
        url = secure.base_url()
        if scheme == "https":
            proxy.port = listen(proxy.serve, secure.certified())
        proxy_url = proxy.url(user_info, scheme)
        async with ShopClient(KEY, base_url=url, proxy=proxy_url, tls=secure.trusting) as shop:
            for _ in range(3):
                assert await shop.call("Any/Thing", {"password": "canary"}) == {}
            assert shop.stats().connections_reused == 2
        assert [asked.headers["authorization"] for asked in peer.requests] == [f"Bearer {KEY}"] * 3
        assert "proxy-authorization" not in peer.requests[0].headers
        (seen,) = proxy.seen
        head, _, tunnel = seen.partition(b"\r\n\r\n")
        host = url.removeprefix("https://").removesuffix("/v1").encode()
        assert head.startswith(b"CONNECT " + host + b" HTTP/1.1\r\nHost: " + host + b"\r\n")
        assert (CREDENTIALS in head + b"\r\n") == bool(user_info)
        assert tunnel.startswith(b"\x16\x03")  # TLS, from the first byte
        assert b"canary" not in seen
        assert b"Bearer" not in seen
        assert b"Any/Thing" not in seen

    async def test_environment(
        self, peer: Peer, secure: Secure, proxy: Proxy, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A proxy from the environment is used like a `proxy=` argument, even without a scheme."""
        monkeypatch.setenv("ALL_PROXY", f"{USER_INFO}localhost:{proxy.port}")
        async with ShopClient(KEY, base_url=secure.base_url(), trust_env=True, tls=secure.trusting) as shop:
            assert await shop.call("Any/Thing") == {}
            monkeypatch.setenv("NO_PROXY", "localhost")
            assert (
                await shop.call("Any/Thing") == {}
            )  # without the proxy, because NO_PROXY is read for each call
        (seen,) = proxy.seen
        assert CREDENTIALS in seen
        assert len(peer.requests) == peer.connections == 2

    @pytest.mark.parametrize("place", ["NETRC", "HOME"])
    @pytest.mark.parametrize("has_proxy", [False, True])
    async def test_no_netrc(
        self,
        peer: Peer,
        proxy: Proxy,
        monkeypatch: pytest.MonkeyPatch,
        tmp_path: Path,
        *,
        place: str,
        has_proxy: bool,
    ) -> None:
        """The user names and passwords in a netrc file are never sent."""
        entry = "login canary password canary"
        file = tmp_path / ".netrc"
        file.write_text(f"machine 127.0.0.1 {entry}\nmachine localhost {entry}\ndefault {entry}\n")
        monkeypatch.delenv("NETRC", raising=False)
        monkeypatch.setenv(place, str(file if place == "NETRC" else tmp_path))
        if has_proxy:
            monkeypatch.setenv("HTTP_PROXY", proxy.url())
        async with SmsClient("u", "p", base_url=peer.base_url, trust_env=True) as sms:
            await sms.call("Any/Thing")
        (asked,) = peer.requests
        assert asked.path.startswith("http://") == has_proxy
        assert not {"authorization", "proxy-authorization"} & set(asked.headers)


def page(status: int, reason: str = "No") -> bytes:
    """Return a response of the proxy itself."""
    head = f"HTTP/1.1 {status} {reason}\r\nContent-Length: 4\r\nConnection: close\r\n\r\n"
    return f"{head}<h1>".encode()


# The proxy's response instead of a tunnel, and a part of the error's text.
FAULTS = {
    "407": (page(407, "Proxy Authentication Required"), "HTTP 407 Proxy Authentication Required"),
    "502": (page(502, "Bad Gateway"), "the proxy answered HTTP 502 Bad Gateway"),
    "302": (page(302, "Found"), "the proxy answered HTTP 302 Found"),
    "closes": (b"", "Server disconnected"),
    "partial response": (b"HTTP/1.1 2", "Server disconnected"),
    "no HTTP": (b"SSH-2.0-OpenSSH\r\n\r\n", "Bad status line"),
    "closes in the tunnel": (b"HTTP/1.1 200 OK\r\n\r\n", ""),
    "noise in the tunnel": (b"HTTP/1.1 200 OK\r\n\r\n" + b"SSH-2.0-OpenSSH\r\n" * 9, ""),
    "silent": (None, "Connection timeout"),
    "other host": (None, "certificate is not valid for 'localhost'"),
    "down": (None, ""),
}


class TestNotForwarded:
    """Calls that a proxy does not forward."""

    @pytest.mark.parametrize("effect", [Effect.READ, Effect.CREATE, Effect.SEND])
    @pytest.mark.parametrize("fault", FAULTS)
    async def test_encrypted(
        self,
        peer: Peer,
        secure: Secure,
        proxy: Proxy,
        closed_port: int,
        waits: Waits,
        *,
        caplog: pytest.LogCaptureFixture,
        monkeypatch: pytest.MonkeyPatch,
        fault: str,
        effect: Effect,
    ) -> None:
        """Without a tunnel nothing is sent: every call is retried, and no text shows the password."""
        caplog.set_level(logging.DEBUG)
        asyncio.get_running_loop().set_debug(True)
        proxy.response, text = FAULTS[fault]
        if fault == "silent":
            proxy.is_silent = True
            monkeypatch.setattr("etelecom_async._core.http.transport.CONNECT_TIMEOUT", 0.05)
        if fault == "down":
            proxy.port = closed_port
        attempts: list[Attempt] = []
        async with ShopClient(
            KEY,
            base_url=secure.base_url(secure.certified("other.example") if fault == "other host" else None),
            proxy=proxy.url(USER_INFO),
            tls=secure.trusting,
            retries=1,
            hooks=[attempt_hook(attempts.append)],
        ) as shop:
            waits.govern(shop)
            with pytest.raises(EtelecomError) as caught:
                await shop.call("Any/Thing", effect=effect)
            error = caught.value
            assert type(error) is ConnectError
            assert text in str(error)
            assert [attempt.outcome for attempt in attempts] == ["never_sent"] * 2
            assert not error.may_have_happened
            assert peer.requests == []
            seen = "".join([*everything(error), caplog.text, repr(shop), repr(shop.stats()), repr(attempts)])
        assert "canary" not in seen
        assert "CONNECT" not in seen

    @pytest.mark.parametrize("effect", [Effect.READ, Effect.CREATE])
    @pytest.mark.parametrize(
        ("response", "kind", "outcome"),
        [
            (page(407), APIError, "rejected"),
            (page(502), APIError, "response_lost"),
            (page(504), APIError, "response_lost"),
            (page(503), APIError, "server_fault"),
            (None, ConnectError, "never_sent"),
        ],
        ids=["407", "502", "504", "503", "down"],
    )
    async def test_plain(
        self,
        peer: Peer,
        proxy: Proxy,
        closed_port: int,
        waits: Waits,
        *,
        response: bytes | None,
        kind: type[EtelecomError],
        outcome: str,
        effect: Effect,
    ) -> None:
        """For a call without TLS, a response of the proxy counts as the server's, by its status."""
        proxy.response = response
        if response is None:
            proxy.port = closed_port
        async with ShopClient(KEY, base_url=peer.base_url, proxy=proxy.url(USER_INFO), retries=1) as shop:
            waits.govern(shop)
            with pytest.raises(EtelecomError) as caught:
                await shop.call("Any/Thing", effect=effect)
        error = caught.value
        is_retried = outcome == "never_sent" or (effect is Effect.READ and outcome != "rejected")
        assert [attempt.outcome for attempt in error.attempts] == [outcome] * (1 + is_retried)
        is_unknown = effect is Effect.CREATE and outcome == "response_lost"
        assert type(error) is (OutcomeUnknownError if is_unknown else kind)
        assert error.may_have_happened == (
            effect is Effect.CREATE and outcome in ("response_lost", "server_fault")
        )
        assert peer.requests == []
        assert "canary" not in "".join(everything(error))


def everything(error: BaseException) -> Iterator[str]:
    """Yield every text that a program could show of an error, of its cause and of its context."""
    yield str(error)
    yield repr(error)
    yield repr(vars(error))
    if isinstance(error, EtelecomError):
        yield repr(pickle.dumps(error))
    for frame, _ in traceback.walk_tb(error.__traceback__):
        if "etelecom_async" in frame.f_globals["__name__"] or "aiohttp" in frame.f_globals["__name__"]:
            yield repr(frame.f_locals)
    for inner in (error.__cause__, error.__context__):
        if inner is not None:
            yield from everything(inner)
