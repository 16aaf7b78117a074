"""Test DNS, connections and TLS step by step, with and without a proxy."""

from __future__ import annotations

import asyncio
import socket
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from etelecom_async._core.http.connection import Proxy
from etelecom_async.cli.doctor import network
from etelecom_async.cli.doctor.addresses import Address
from etelecom_async.cli.doctor.checks import Finding, Status

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.reliability.conftest import Secure


class Tunnel:
    """A proxy for CONNECT that a test may make fail."""

    def __init__(self) -> None:
        self.response: bytes | None = None
        """Response in place of a tunnel."""
        self.port = 0
        self.heads: list[bytes] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection."""
        self.heads.append(await reader.readuntil(b"\r\n\r\n"))
        if self.response is not None:
            writer.write(self.response)
            await writer.drain()
            return
        port = int(self.heads[-1].split()[1].rpartition(b":")[2])
        other_reader, other_writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        try:
            await asyncio.gather(_forward(reader, other_writer), _forward(other_reader, writer))
        finally:
            other_writer.close()


async def _forward(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(2**16):
        writer.write(data)
        await writer.drain()
    writer.close()


@pytest.fixture
def tunnel(listen: Callable[..., int]) -> Tunnel:
    """A proxy that listens on a port."""
    tunnel = Tunnel()
    tunnel.port = listen(tunnel.serve)
    return tunnel


def of(found: list[Finding]) -> list[tuple[str, Status]]:
    """Return the checks with their statuses."""
    return [(each.check.name, each.status) for each in found]


async def test_dns() -> None:
    """A name is looked up, an address is not."""
    found = await network.dns(Address("localhost", 80, is_encrypted=False))
    assert found.status is Status.OK
    assert "found by IPv" in found.finding
    assert "nothing is looked up" in (await network.dns(Address("::1", 80, is_encrypted=False))).finding


@pytest.mark.parametrize("error", [socket.gaierror(-2, "Name or service not known"), OSError("no network")])
async def test_unknown_host(monkeypatch: pytest.MonkeyPatch, error: OSError) -> None:
    """A host that cannot be found is a failure with the reason of the system."""

    def refuse(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    found = await network.dns(Address("nowhere.example", 443, is_encrypted=True))
    assert found.status is Status.FAILED
    assert found.finding == (error.strerror or "no network")


async def test_silent_dns(monkeypatch: pytest.MonkeyPatch) -> None:
    """A DNS server that does not answer is a failure after some time."""
    monkeypatch.setattr(network, "TIMEOUT", 0.001)
    loop = asyncio.get_running_loop()
    monkeypatch.setattr(loop, "getaddrinfo", lambda *_, **__: loop.create_future())
    found = await network.dns(Address("nowhere.example", 443, is_encrypted=True))
    assert found.finding == "no response within 0.001 s"


async def test_without_tls(peer: Any) -> None:
    """Without TLS, only the connection is opened."""
    found = await network.connection(Address("127.0.0.1", peer.port, is_encrypted=False), None)
    assert of(found) == [("connection", Status.OK)]


async def test_silent_server(listen: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that does not answer the handshake is a failure of TLS after some time."""
    monkeypatch.setattr(network, "TIMEOUT", 0.2)

    async def silent(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        while await reader.read(100):
            pass

    found = await network.connection(Address("127.0.0.1", listen(silent), is_encrypted=True), None)
    assert of(found) == [("connection", Status.OK), ("TLS", Status.FAILED)]
    assert "no handshake within" in found[-1].finding


async def test_no_route(monkeypatch: pytest.MonkeyPatch) -> None:
    """A blocked or silent port is a failure of the connection."""

    async def refuse(*_: object, **__: object) -> None:
        raise OSError(113, "No route to host")

    monkeypatch.setattr(asyncio, "open_connection", refuse)
    (found,) = await network.connection(Address("127.0.0.1", 9, is_encrypted=True), None)
    assert (found.status, found.finding) == (Status.FAILED, "No route to host")

    async def hang(*_: object, **__: object) -> None:
        await asyncio.get_running_loop().create_future()

    monkeypatch.setattr(asyncio, "open_connection", hang)
    monkeypatch.setattr(network, "TIMEOUT", 0.001)
    (found,) = await network.connection(Address("127.0.0.1", 9, is_encrypted=True), None)
    assert found.finding == "no response within 0.001 s"


class TestProxy:
    """Connections through a proxy."""

    @pytest.fixture
    def address(self, secure: Secure, monkeypatch: pytest.MonkeyPatch) -> Address:
        """The peer with TLS, whose authority is trusted."""
        monkeypatch.setenv("SSL_CERT_FILE", str(secure.ca_file))
        return Address.of(secure.base_url())

    async def test_tunnel(self, address: Address, tunnel: Tunnel) -> None:
        """TLS goes through the tunnel, and the proxy gets user name and password."""
        proxy = Proxy.of(f"http://me:canary@127.0.0.1:{tunnel.port}")
        found = await network.connection(address, proxy)
        assert of(found) == [("connection", Status.OK), ("TLS", Status.OK)]
        assert found[0].finding == f"opened through 127.0.0.1:{tunnel.port}"
        assert b"Proxy-Authorization: Basic " in tunnel.heads[0]
        assert "canary" not in str(found)

    async def test_tls_to_the_proxy(
        self, address: Address, tunnel: Tunnel, secure: Secure, listen: Any
    ) -> None:
        """A proxy may have an https URL: TLS goes through TLS."""
        port = listen(tunnel.serve, secure.certified())
        found = await network.connection(address, Proxy.of(f"https://localhost:{port}"))
        assert of(found) == [("connection", Status.OK), ("TLS", Status.OK)]

    @pytest.mark.parametrize(
        ("response", "finding", "remedy"),
        [
            (b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n", "HTTP 407", "user name and password"),
            (b"HTTP/1.1 403 Forbidden\r\n\r\n", "with HTTP 403", "NO_PROXY"),
            (b"HTTP/1.0 502 Bad Gateway\r\n\r\n", "with HTTP 502", "NO_PROXY"),
            (b"SSH-2.0-canary\r\n\r\n", "not HTTP", "port of the proxy"),
            (b"cut", "not HTTP", "port of the proxy"),
            (b"x" * 2**17, "not HTTP", "port of the proxy"),
        ],
    )
    async def test_refusal(
        self, address: Address, tunnel: Tunnel, response: bytes, finding: str, remedy: str
    ) -> None:
        """A proxy that opens no tunnel is named, not the service."""
        tunnel.response = response
        (found,) = await network.connection(address, Proxy.of(f"http://127.0.0.1:{tunnel.port}"))
        assert (found.check.name, found.status) == ("proxy", Status.FAILED)
        assert finding in found.finding
        assert remedy in found.remedy
        assert "canary" not in found.finding

    async def test_unreachable(self, address: Address) -> None:
        """A proxy that does not listen is named."""
        (found,) = await network.connection(address, Proxy.of("http://127.0.0.1:9"))
        assert (found.check.name, found.status) == ("proxy", Status.FAILED)
        assert "no connection to 127.0.0.1:9" in found.finding


@pytest.mark.parametrize(("days", "status"), [(3, Status.WARNING), (100, Status.OK)])
def test_certificate(days: int, status: Status) -> None:
    """A certificate that ends soon is a warning."""
    end = datetime.now(UTC) + timedelta(days=days, hours=1)
    shown = {"notAfter": f"{end:%b %d %H:%M:%S %Y} GMT"}
    found = network.certificate("host:443", shown, "TLSv1.3")
    assert found.status is status
    assert f"{end:%Y-%m-%d}" in found.finding


@pytest.mark.parametrize(
    ("code", "problem"),
    [(9, "early"), (10, "expired"), (62, "host"), (64, "host"), (20, "issuer"), (85, "other")],
)
def test_problem(code: int, problem: str) -> None:
    """Each number of OpenSSL has the remedy of its problem."""
    assert network._problem(code) == problem
