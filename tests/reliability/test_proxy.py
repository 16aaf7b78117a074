"""Proxies: what they are told, what they never see, and what becomes of calls that they do not pass on."""

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
from etelecom_async.errors import ConnectError, OutcomeUnknownError, UnavailableError, UnknownError

if TYPE_CHECKING:
    from tests.conftest import Peer, Waits
    from tests.reliability.conftest import Secure

KEY = "1161512386239479010:canary-key"
PASSWORD = "canary pass/word"
USER_INFO = "me:canary%20pass%2Fword@"
CREDENTIALS = b"Proxy-Authorization: Basic " + b64encode(b"me:canary pass/word") + b"\r\n"


class Proxy:
    """Passes on what comes, by CONNECT or not, and notes all of it; or does what a test tells it."""

    def __init__(self) -> None:
        self.seen: list[bytearray] = []
        """What came, by connection."""
        self.answer: bytes | None = None
        """What it says in place of passing anything on, before it hangs up."""
        self.is_silent = False
        """Whether it neither passes anything on nor answers."""
        self.port = 0

    def url(self, user_info: str = "", scheme: str = "http") -> str:
        """Where it is."""
        return f"{scheme}://{user_info}localhost:{self.port}"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serves one connection."""
        seen = bytearray(await reader.readuntil(b"\r\n\r\n"))
        self.seen.append(seen)
        if self.is_silent:
            await reader.read()
            return
        if self.answer is not None:
            length = re.search(rb"Content-Length: (\d+)", seen)
            if length:  # else a caller who is still sending would lose the answer
                await reader.readexactly(int(length[1]))
            writer.write(self.answer)
            await writer.drain()
            return
        method, target, _ = seen.decode().split(" ", 2)
        place = target if method == "CONNECT" else target.removeprefix("http://").partition("/")[0]
        there, back = await asyncio.open_connection("127.0.0.1", int(place.partition(":")[2]))
        if method == "CONNECT":
            writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        else:
            back.write(bytes(seen))
        await asyncio.gather(self._pass_on(reader, back, seen), self._pass_on(there, writer, bytearray()))

    @staticmethod
    async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, seen: bytearray) -> None:
        try:
            while data := await reader.read(2**16):
                seen += data
                writer.write(data)
                await writer.drain()
        finally:
            writer.close()


@pytest.fixture
def proxy(listen: Callable[..., int]) -> Proxy:
    """A proxy that listens."""
    proxy = Proxy()
    proxy.port = listen(proxy.serve)
    return proxy


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No proxy is named but those that a test names."""
    for name in os.environ:
        if name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)


@pytest.fixture
def nobody() -> Iterator[int]:
    """A port that is taken, and where nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


class TestPassedOn:
    """What a proxy is told, and what it sees."""

    @pytest.mark.parametrize("user_info", ["", USER_INFO])
    async def test_plain(self, peer: Peer, proxy: Proxy, user_info: str) -> None:
        """What is not encrypted is asked of the proxy by its whole address."""
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
        """What is encrypted goes through a tunnel: the proxy learns the host and nothing else, once."""
        url = secure.base_url()
        if scheme == "https":
            proxy.port = listen(proxy.serve, secure.certified())
        by_way_of = proxy.url(user_info, scheme)
        async with ShopClient(KEY, base_url=url, proxy=by_way_of, tls=secure.trusting) as shop:
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
        """A proxy of the environment, written without its scheme, is used as one that was given."""
        monkeypatch.setenv("ALL_PROXY", f"{USER_INFO}localhost:{proxy.port}")
        async with ShopClient(KEY, base_url=secure.base_url(), trust_env=True, tls=secure.trusting) as shop:
            assert await shop.call("Any/Thing") == {}
            monkeypatch.setenv("NO_PROXY", "localhost")
            assert await shop.call("Any/Thing") == {}  # and from now on no more
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
        """User names and passwords that are kept for other programs are sent to nobody."""
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
    """An answer of the proxy's own."""
    head = f"HTTP/1.1 {status} {reason}\r\nContent-Length: 4\r\nConnection: close\r\n\r\n"
    return f"{head}<h1>".encode()


# What the proxy says in place of opening a tunnel, and what the error says.
FAULTS = {
    "407": (page(407, "Proxy Authentication Required"), "HTTP 407 Proxy Authentication Required"),
    "502": (page(502, "Bad Gateway"), "the proxy answered HTTP 502 Bad Gateway"),
    "302": (page(302, "Found"), "the proxy answered HTTP 302 Found"),
    "hangs up": (b"", "Server disconnected"),
    "breaks off": (b"HTTP/1.1 2", "Server disconnected"),
    "no HTTP": (b"SSH-2.0-OpenSSH\r\n\r\n", "Bad status line"),
    "hangs up in the tunnel": (b"HTTP/1.1 200 OK\r\n\r\n", ""),
    "noise in the tunnel": (b"HTTP/1.1 200 OK\r\n\r\n" + b"SSH-2.0-OpenSSH\r\n" * 9, ""),
    "silent": (None, "Connection timeout"),
    "leads elsewhere": (None, "certificate is not valid for 'localhost'"),
    "gone": (None, ""),
}


class TestNotPassedOn:
    """What becomes of calls that a proxy does not pass on."""

    @pytest.mark.parametrize("effect", [Effect.READ, Effect.CREATE, Effect.SEND])
    @pytest.mark.parametrize("fault", FAULTS)
    async def test_encrypted(
        self,
        peer: Peer,
        secure: Secure,
        proxy: Proxy,
        nobody: int,
        waits: Waits,
        *,
        caplog: pytest.LogCaptureFixture,
        monkeypatch: pytest.MonkeyPatch,
        fault: str,
        effect: Effect,
    ) -> None:
        """Without a tunnel nothing is sent: any call is made again, and the password does not show."""
        caplog.set_level(logging.DEBUG)
        asyncio.get_running_loop().set_debug(True)
        proxy.answer, said = FAULTS[fault]
        if fault == "silent":
            proxy.is_silent = True
            monkeypatch.setattr("etelecom_async._core.http.transport.CONNECT_TIMEOUT", 0.05)
        if fault == "gone":
            proxy.port = nobody
        told: list[Attempt] = []
        async with ShopClient(
            KEY,
            base_url=secure.base_url(secure.certified("other.example") if "elsewhere" in fault else None),
            proxy=proxy.url(USER_INFO),
            tls=secure.trusting,
            retries=1,
            hooks=[attempt_hook(told.append)],
        ) as shop:
            waits.govern(shop)
            with pytest.raises(EtelecomError) as caught:
                await shop.call("Any/Thing", effect=effect)
            error = caught.value
            assert type(error) is ConnectError
            assert said in str(error)
            assert [attempt.outcome for attempt in told] == ["never_sent"] * 2
            assert not error.may_have_happened
            assert peer.requests == []
            seen = "".join([*everything(error), caplog.text, repr(shop), repr(shop.stats()), repr(told)])
        assert "canary" not in seen
        assert "CONNECT" not in seen

    @pytest.mark.parametrize("effect", [Effect.READ, Effect.CREATE])
    @pytest.mark.parametrize(
        ("answer", "kind", "outcome"),
        [
            (page(407), UnknownError, "rejected"),
            (page(502), UnavailableError, "lost"),
            (page(504), UnavailableError, "lost"),
            (page(503), UnavailableError, "server_fault"),
            (None, ConnectError, "never_sent"),
        ],
        ids=["407", "502", "504", "503", "gone"],
    )
    async def test_plain(
        self,
        peer: Peer,
        proxy: Proxy,
        nobody: int,
        waits: Waits,
        *,
        answer: bytes | None,
        kind: type[EtelecomError],
        outcome: str,
        effect: Effect,
    ) -> None:
        """Without a tunnel a proxy's answer counts as the server's: by its status."""
        proxy.answer = answer
        if answer is None:
            proxy.port = nobody
        async with ShopClient(KEY, base_url=peer.base_url, proxy=proxy.url(USER_INFO), retries=1) as shop:
            waits.govern(shop)
            with pytest.raises(EtelecomError) as caught:
                await shop.call("Any/Thing", effect=effect)
        error = caught.value
        is_repeated = outcome == "never_sent" or (effect is Effect.READ and outcome != "rejected")
        assert [attempt.outcome for attempt in error.attempts] == [outcome] * (1 + is_repeated)
        is_unknown = effect is Effect.CREATE and outcome == "lost"
        assert type(error) is (OutcomeUnknownError if is_unknown else kind)
        assert error.may_have_happened == (effect is Effect.CREATE and outcome in ("lost", "server_fault"))
        assert peer.requests == []
        assert "canary" not in "".join(everything(error))


def everything(error: BaseException) -> Iterator[str]:
    """All that a program could show of an error, and of those behind it."""
    yield str(error)
    yield repr(error)
    yield repr(vars(error))
    if isinstance(error, EtelecomError):
        yield repr(pickle.dumps(error))
    for frame, _ in traceback.walk_tb(error.__traceback__):
        if "etelecom_async" in frame.f_globals["__name__"] or "aiohttp" in frame.f_globals["__name__"]:
            yield repr(frame.f_locals)
    for behind in (error.__cause__, error.__context__):
        if behind is not None:
            yield from everything(behind)
