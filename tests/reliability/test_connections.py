"""Connections to difficult servers: closed early, unexpected data, redirects, large responses."""

from __future__ import annotations

import asyncio
import errno
import gzip
import itertools
import json
import re
import select
import threading
import time
import tracemalloc
import zlib
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import aiohttp
import attrs
import pytest

from etelecom_async import Effect, EtelecomError, ShopClient
from etelecom_async._core.http.pool import KEEP_ALIVE
from etelecom_async._core.http.transport import MAX_RESPONSE_BYTES
from etelecom_async.errors import DecodeError, OutcomeUnknownError, ResponseLostError, ResponseTooLargeError
from tests.conftest import PATIENCE

if TYPE_CHECKING:
    import ssl

    from tests.conftest import Peer, Waits
    from tests.reliability.conftest import Secure

KEY = "1161512386239479010:canary-key"
BOTH = pytest.mark.parametrize("effect", [Effect.READ, Effect.CREATE])
MIB = 2**20


async def failure(call: Any) -> EtelecomError:
    """Return the error of a call."""
    with pytest.raises(EtelecomError) as caught:
        await call
    return caught.value


async def failure_in_bytes(shop: ShopClient) -> tuple[Any, int]:
    """Return the error of a call, and the peak of its memory in bytes."""
    tracemalloc.start()
    try:
        error = await failure(shop.call("Any/Thing"))
        return error, tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


async def idle(shop: ShopClient) -> Any:
    """Return the only connection that the client keeps open."""
    connector: Any = shop._engine.transport._open_session().connector
    ((kept,),) = connector._conns.values()
    return kept[0]


class Server:
    """Respond to each request with its number; a test may send more data or close the connection."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.requests = 0
        self.connections = 0
        self.extra = b""
        """Unexpected data after the next response."""
        self._loop = loop
        self._writer: asyncio.StreamWriter | None = None

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection."""
        self.connections += 1
        self._writer = writer
        while True:
            await read_request(reader)
            self.requests += 1
            writer.write(response(self.requests) + self.extra)
            self.extra = b""
            await writer.drain()

    def push(self, data: bytes | None) -> None:
        """Send data without a request on the latest connection; close the connection for `None`."""

        async def push() -> None:
            assert self._writer is not None
            self._writer.close() if data is None else self._writer.write(data)

        asyncio.run_coroutine_threadsafe(push(), self._loop).result()


async def read_request(reader: asyncio.StreamReader) -> None:
    """Read one request."""
    head = await reader.readuntil(b"\r\n\r\n")
    length = re.search(rb"Content-Length: (\d+)", head)
    assert length is not None
    await reader.readexactly(int(length[1]))


def response(number: int) -> bytes:
    """Return a response with this number."""
    body = json.dumps({"number": number}).encode()
    return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body


@pytest.mark.parametrize("scheme", ["http", "https"])
class TestKept:
    """Connections that are kept open between calls."""

    @pytest.fixture
    def server(self, other_thread: asyncio.AbstractEventLoop) -> Server:
        """Return the server."""
        return Server(other_thread)

    @pytest.fixture
    def client(
        self, server: Server, listen: Callable[..., int], secure: Secure, scheme: str
    ) -> Callable[..., ShopClient]:
        """Return a function that makes a client of the server, without retries."""
        context: ssl.SSLContext | None = secure.certified() if scheme == "https" else None
        url = f"{scheme}://localhost:{listen(server.serve, context)}/v1"
        return lambda **options: ShopClient(
            KEY, base_url=url, tls=secure.trusting, **{"retries": 0, **options}
        )

    @BOTH
    @pytest.mark.parametrize("when", ["noticed", "unnoticed"])
    @pytest.mark.parametrize(
        "data",
        [
            response(666),
            response(666) * 2,
            b"HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
            b"?",
            None,
        ],
        ids=["response", "two responses", "408", "noise", "close"],
    )
    async def test_unexpected_data(
        self, server: Server, client: Any, *, data: bytes | None, when: str, effect: Effect
    ) -> None:
        """Data that arrives between calls is no response; the next call uses another connection."""
        async with client() as shop:
            assert await shop.call("Any/Thing") == {"number": 1}
            connection = await idle(shop)
            server.push(data)
            # Wait until the data is there. This blocks the client's loop, so it has not read the data.
            assert select.select([connection.transport.get_extra_info("socket")], [], [], PATIENCE)[0]
            if when == "noticed":
                async with asyncio.timeout(PATIENCE):
                    while connection.is_connected() and not connection.should_close:  # noqa: ASYNC110 - no event
                        await asyncio.sleep(0)
            assert await shop.call("Any/Thing", effect=effect) == {"number": 2}
            assert shop.stats().connections_reused == 0
        assert (server.requests, server.connections) == (2, 2)

    async def test_second_response(self, server: Server, client: Any) -> None:
        """If one request gets two responses, the first one counts and the second one is discarded."""
        async with client() as shop:
            server.extra = response(666)
            assert await shop.call("Any/Thing") == {"number": 1}
            assert await shop.call("Any/Thing") == {"number": 2}
        assert (server.requests, server.connections) == (2, 2)

    async def test_unknown_state(self, server: Server, client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        """A connection is not reused if the system cannot report its state."""

        def fail(_: object) -> bool:
            raise OSError(errno.ENOMEM, "no memory")

        async with client() as shop:
            assert await shop.call("Any/Thing") == {"number": 1}
            monkeypatch.setattr("etelecom_async._core.http.pool._has_input", fail)
            assert await shop.call("Any/Thing", effect=Effect.SEND) == {"number": 2}
        assert (server.requests, server.connections) == (2, 2)

    async def test_count(self, server: Server, client: Any) -> None:
        """`stats()` counts the calls that reused an open connection."""
        async with client() as shop:
            assert shop.stats().connections_reused == 0
            await asyncio.gather(*(shop.call("Any/Thing") for _ in range(2)))
            assert shop.stats().connections_reused == 0
            for _ in range(3):
                await shop.call("Any/Thing")
            copy = shop.with_options(rate=1000)
            await copy.call("Any/Thing")
            assert shop.stats().connections_reused == copy.stats().connections_reused == 4
        assert server.connections == 2

    @pytest.mark.parametrize(("late", "connections"), [(-0.1, 1), (0.1, 2)])
    async def test_keep_alive(
        self, server: Server, client: Any, monkeypatch: pytest.MonkeyPatch, late: float, connections: int
    ) -> None:
        """A connection is reused only within `KEEP_ALIVE`, which is shorter than servers' usual limit."""
        assert KEEP_ALIVE < 5
        now = [time.monotonic()]
        monkeypatch.setattr("aiohttp.connector.monotonic", lambda: now[0])
        async with client() as shop:
            await shop.call("Any/Thing")
            now[0] += KEEP_ALIVE + late
            await shop.call("Any/Thing")
        assert server.connections == connections


@pytest.mark.parametrize("received", ["nothing", "head", "half"])
async def test_closing_during_a_response(peer: Peer, received: str) -> None:
    """Closing the client ends a call in flight at once; the error leaves its outcome unknown."""
    half = peer.raw(b'{"a":' if received == "half" else b"", Content_Length="7")
    peer.respond_with(peer.HANG if received == "nothing" else half)
    shop = ShopClient(KEY, base_url=peer.base_url, attempt_timeout=None, deadline=None)
    call = asyncio.create_task(shop.call("Any/Thing", effect=Effect.SEND))
    await peer.until(1)
    connector: Any = shop._engine.transport._open_session().connector
    async with asyncio.timeout(PATIENCE):
        while received != "nothing" and not any(busy._payload for busy in connector._acquired):  # noqa: ASYNC110 - no event
            await asyncio.sleep(0)
        await shop.close()
        error = await failure(call)
    assert type(error) is OutcomeUnknownError
    assert received == "nothing" or "the client was closed" in str(error)
    assert len(peer.requests) == 1


class TestClosedByServer:
    """A server that closes a kept connection while the next request is in transit."""

    @BOTH
    @pytest.mark.parametrize("retries", [0, 1])
    async def test_dropped(self, peer: Peer, waits: Waits, effect: Effect, retries: int) -> None:
        """The request is sent once: aiohttp does not retry it. Only the SDK retries, and only READs."""
        peer.respond_with(peer.json({}), peer.DROP)
        async with ShopClient(KEY, base_url=peer.base_url, retries=retries) as shop:
            waits.govern(shop)
            await shop.call("Any/Thing")
            call = shop.call("Any/Thing", effect=effect)
            is_retried = effect is Effect.READ and retries > 0
            if is_retried:
                assert await call == {}
            else:
                kind = ResponseLostError if effect is Effect.READ else OutcomeUnknownError
                assert type(await failure(call)) is kind
            assert len(peer.requests) == 2 + is_retried
            assert shop.stats().connections_reused == 1

    async def test_given_session(self, peer: Peer) -> None:
        """For a session that the user passes, reused connections are not counted."""
        async with (
            aiohttp.ClientSession() as session,
            ShopClient(KEY, base_url=peer.base_url, session=session) as shop,
        ):
            await shop.call("Any/Thing")
            assert shop.stats().connections_reused is None


@BOTH
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("where", ["another host", "without TLS", "the same host"])
async def test_redirect(
    peer: Peer, secure: Secure, listen: Callable[..., int], *, status: int, where: str, effect: Effect
) -> None:
    """No redirect is followed, so that no other host gets the key; the error names the redirect."""
    received: list[bytes] = []

    async def other(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        received.append(await reader.read())

    location = "/v1/elsewhere" if where == "the same host" else f"http://localhost:{listen(other)}/v1"
    peer.respond_with(peer.raw(b"", status, Location=f"{location}?token=canary"))
    url = secure.base_url() if where == "without TLS" else peer.base_url
    async with ShopClient(KEY, base_url=url, tls=secure.trusting) as shop:
        error = await failure(shop.call("Any/Thing", effect=effect))
    assert isinstance(error, DecodeError)
    assert f"a redirect (HTTP {status}) to {location!r} instead of a response" in str(error)
    assert "canary" not in str(error)
    assert len(error.attempts) == len(peer.requests) == 1
    assert received == []


def in_chunks(data: bytes) -> bytes:
    """Return the data in chunked encoding."""
    pieces = [data[:5], data[5:], b""]
    return b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces)


FORMS: dict[str, tuple[bytes, Callable[[bytes], bytes], bool]] = {
    "Content-Length": (b"Content-Length: %d", bytes, False),
    "chunked": (b"Transfer-Encoding: chunked", in_chunks, False),
    "until close": (b"Connection: close", bytes, True),
    "gzip": (b"Content-Encoding: gzip\r\nContent-Length: %d", gzip.compress, False),
    "deflate": (b"Content-Encoding: deflate\r\nContent-Length: %d", zlib.compress, False),
    "gzip, chunked": (
        b"Content-Encoding: gzip\r\nTransfer-Encoding: chunked",
        lambda data: in_chunks(gzip.compress(data)),
        False,
    ),
}


def in_form(peer: Peer, form: str, body: bytes, status: int = 200) -> Any:
    """Return a response with this body."""
    header, encode, hangs_up = FORMS[form]
    data = encode(body)
    header = header.replace(b"%d", b"%d" % len(data))
    head = b"HTTP/1.1 %d -\r\n%s\r\n\r\n" % (status, header)
    return attrs.evolve(peer.DROP, head=head, body=data, hangs_up=hangs_up)


class Flood:
    """A server whose first response never ends."""

    def __init__(self, header: bytes, pieces: Callable[[], Any]) -> None:
        self.sent = 0
        self.connections = 0
        self.disconnected = threading.Event()
        """Set when the client has disconnected."""
        self._head = b"HTTP/1.1 200 OK\r\n%s\r\n" % header
        self._pieces = pieces

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection."""
        self.connections += 1
        await read_request(reader)
        if self.connections > 1:
            writer.write(response(self.connections))
            await reader.read()
            return
        try:
            for piece in itertools.chain([self._head], self._pieces()):
                writer.write(piece)
                self.sent += len(piece)
                await writer.drain()
        finally:
            self.disconnected.set()


def zeros() -> Any:
    """Yield an endless gzip stream that decompresses to a thousand times its size."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    yield packer.compress(bytes(MIB)) + packer.flush(zlib.Z_SYNC_FLUSH)
    yield from itertools.repeat(packer.compress(bytes(MIB)) + packer.flush(zlib.Z_SYNC_FLUSH))


class TestSize:
    """Responses that are too large."""

    @pytest.mark.parametrize("form", FORMS)
    async def test_limit(self, peer: Peer, form: str) -> None:
        """The limit counts decompressed bytes: exactly that many are accepted, one more is an error."""
        body = json.dumps({"a": "x" * 1000}).encode()
        peer.respond_with(*(in_form(peer, form, body) for _ in range(2)))
        async with ShopClient(KEY, base_url=peer.base_url) as shop:
            assert await shop.with_options(max_response_bytes=len(body)).call("Any/Thing") == {
                "a": "x" * 1000
            }
            error = await failure(
                shop.with_options(max_response_bytes=len(body) - 1).call("Any/Thing", effect=Effect.READ)
            )
            assert type(error) is ResponseTooLargeError
            assert f"more than {len(body) - 1} bytes" in str(error)
            assert len(error.attempts) == 1
            assert await shop.call("Any/Thing") == {}
        assert len(peer.requests) == 3

    @BOTH
    @pytest.mark.parametrize("status", [200, 404, 500])
    async def test_status(self, peer: Peer, status: int, effect: Effect) -> None:
        """The error has the status. Only a call that is no READ may have been executed."""
        peer.respond_with(in_form(peer, "chunked", b"x" * 100, status))
        async with ShopClient(KEY, base_url=peer.base_url, max_response_bytes=99) as shop:
            error: Any = await failure(shop.call("Any/Thing", effect=effect))
        assert (type(error), error.status) == (ResponseTooLargeError, status)
        assert error.may_have_happened == (effect is Effect.CREATE)

    @pytest.mark.parametrize(
        ("header", "pieces"),
        [
            (b"Content-Length: 1000000000000\r\n", lambda: itertools.repeat(b"x" * 1000)),
            (b"Transfer-Encoding: chunked\r\n", lambda: itertools.repeat(b"3E8\r\n" + b"x" * 1000 + b"\r\n")),
            (b"", lambda: itertools.repeat(b"x" * 1000)),
            (b"Content-Encoding: gzip\r\n", zeros),
        ],
        ids=["Content-Length", "chunked", "until close", "gzip"],
    )
    async def test_endless(self, listen: Callable[..., int], header: bytes, pieces: Any) -> None:
        """An endless response is abandoned when it gets too large, and its connection is closed."""
        flood = Flood(header, pieces)
        url = f"http://127.0.0.1:{listen(flood.serve)}/v1"
        async with ShopClient(KEY, base_url=url, max_response_bytes=100_000) as shop:
            error, peak = await failure_in_bytes(shop)
            assert type(error) is ResponseTooLargeError
            assert await asyncio.to_thread(flood.disconnected.wait, PATIENCE)
            assert await shop.call("Any/Thing") == {"number": 2}
            assert shop.stats().connections_reused == 0
        assert flood.connections == 2
        assert flood.sent < 16 * MIB  # the capacity of the sockets' buffers
        assert peak < 8 * MIB

    @pytest.mark.parametrize("form", ["gzip", "deflate"])
    async def test_bomb(self, peer: Peer, form: str) -> None:
        """Reading a small response that decompresses to a large one stops at the default limit."""
        peer.respond_with(in_form(peer, form, bytes(MAX_RESPONSE_BYTES + MIB)))
        async with ShopClient(KEY, base_url=peer.base_url) as shop:
            error, peak = await failure_in_bytes(shop)
        assert type(error) is ResponseTooLargeError
        assert f"more than {MAX_RESPONSE_BYTES} bytes, which max_response_bytes allows" in str(error)
        assert MAX_RESPONSE_BYTES == 64 * MIB
        assert peak < MAX_RESPONSE_BYTES + 8 * MIB

    @pytest.mark.parametrize(
        "body",
        [b"[" * 10**6, b'{"a":' * 10**6, b'{"a":' + b"[" * 10**4 + b"]" * 10**4 + b"}"],
        ids=["arrays", "objects", "closed"],
    )
    async def test_nesting(self, peer: Peer, body: bytes) -> None:
        """JSON that is nested too deep is a `DecodeError`, not a crash."""
        peer.respond_with(in_form(peer, "gzip", body))
        async with ShopClient(KEY, base_url=peer.base_url, retries=0) as shop:
            error = await failure(shop.call("Any/Thing", effect=Effect.READ))
        assert isinstance(error, DecodeError)

    @pytest.mark.parametrize(
        ("header", "pieces"),
        [
            (b"", lambda: itertools.repeat(b"X-Header: " + b"x" * 1000 + b"\r\n")),
            (b"X-Header: ", lambda: itertools.repeat(b"x" * 1000)),
            (
                b"Transfer-Encoding: chunked\r\n",
                lambda: itertools.chain([b"2\r\n{}\r\n0\r\n"], itertools.repeat(b"X-Trailer: x\r\n")),
            ),
        ],
        ids=["headers", "a header", "trailers"],
    )
    async def test_endless_head(self, listen: Callable[..., int], header: bytes, pieces: Any) -> None:
        """An endless head is a lost response, and its connection is closed, too."""
        flood = Flood(header, pieces)
        flood._head = flood._head.removesuffix(b"\r\n") if b"chunked" not in header else flood._head
        url = f"http://127.0.0.1:{listen(flood.serve)}/v1"
        async with ShopClient(KEY, base_url=url, retries=0) as shop:
            error = await failure(shop.call("Any/Thing", effect=Effect.READ))
            assert type(error) is ResponseLostError
            assert await asyncio.to_thread(flood.disconnected.wait, PATIENCE)
            assert await shop.call("Any/Thing") == {"number": 2}
        assert flood.sent < 16 * MIB
