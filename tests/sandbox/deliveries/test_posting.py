"""One post to a receiver: what counts as accepted, and that nothing leaves this machine."""

from __future__ import annotations

import asyncio
import socket
import ssl
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
import trustme
from aiohttp import web

from etelecom_async.sandbox.deliveries.posting import NOT_SENT, TIMEOUT, Outcome, Poster, is_local

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.conftest import LoopClock
    from tests.sandbox.deliveries.conftest import Receiver


@pytest.fixture
async def poster() -> AsyncIterator[Poster]:
    """A poster to this machine."""
    poster = Poster()
    yield poster
    await poster.close()


async def test_a_post(receiver: Receiver, poster: Poster) -> None:
    """The receiver gets the bytes as JSON, without a cookie, and `ok` with white space accepts them."""
    receiver.responses = [
        web.Response(text="ok", headers={"Set-Cookie": "a=b"}),
        web.Response(text="ok \r\n"),
    ]
    for _ in range(2):
        assert (await poster.post(f"{receiver.url}/hook?key=1", b'{"a": 1}')).error == ""
    assert receiver.posts == [("/hook", b'{"a": 1}')] * 2
    assert [headers["Content-Type"] for headers in receiver.headers] == ["application/json"] * 2
    assert not any("Cookie" in headers for headers in receiver.headers)


async def test_a_large_event(receiver: Receiver, poster: Poster) -> None:
    """An event of more than a mebibyte is posted without a warning; this receiver refuses it."""
    assert (await poster.post(receiver.url, b"x" * (2**20 + 1))).status == 413


@pytest.mark.parametrize(
    ("response", "outcome"),
    [
        (web.Response(status=401), Outcome("unexpected status: 401", 401)),
        (web.Response(status=500, text="no"), Outcome("unexpected status: 500", 500, "no")),
        (web.Response(status=201, text="ok"), Outcome("unexpected status: 201", 201, "ok")),
        (web.Response(status=204), Outcome("unexpected status: 204", 204)),
        (web.Response(text="OK"), Outcome("unexpected body: it is not ok", 200, "OK")),
        (web.Response(text=" ok"), Outcome("unexpected body: it is not ok", 200, " ok")),
        (web.Response(), Outcome("unexpected body: it is not ok", 200)),
        (web.Response(body=b"\xff"), Outcome("unexpected body: it is not ok", 200, "\ufffd")),
    ],
    ids=["401", "500", "201", "204", "capitals", "leading blank", "no body", "no text"],
)
async def test_refused(receiver: Receiver, poster: Poster, response: web.Response, outcome: Outcome) -> None:
    """Only the status 200 with the body `ok` accepts an event; the outcome has the start of the response."""
    receiver.responses = [response]
    assert await poster.post(receiver.url, b"{}") == outcome


async def test_redirects_are_not_followed(receiver: Receiver, poster: Poster) -> None:
    """A redirect is a failure, and its target gets nothing."""
    receiver.responses = [web.Response(status=307, headers={"Location": f"{receiver.url}/other"})]
    assert await poster.post(f"{receiver.url}/hook", b"{}") == Outcome("unexpected status: 307", 307)
    assert [path for path, _ in receiver.posts] == ["/hook"]


async def test_an_endless_body(receiver: Receiver, poster: Poster) -> None:
    """Only the start of a response is read, so an endless one ends."""

    async def endless(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        while True:
            await response.write(b"ok" * 4096)

    receiver.responses = [endless]
    outcome = await poster.post(receiver.url, b"{}")
    assert (outcome.error, outcome.status) == ("unexpected body: it is not ok", 200)
    assert outcome.body == "ok" * 500


async def test_a_slow_receiver(receiver: Receiver, poster: Poster, loop_clock: LoopClock) -> None:
    """An attempt ends after its time limit, and also if only the body is late."""

    async def silent(_: web.Request) -> web.StreamResponse:
        await asyncio.Event().wait()
        return web.Response()

    async def late_body(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        await response.write(b"o")
        await asyncio.Event().wait()
        return response

    for response in (silent, late_body):
        receiver.arrived.clear()
        receiver.responses = [response]
        posting = asyncio.create_task(poster.post(receiver.url, b"{}"))
        await receiver.arrived.wait()
        loop_clock.advance(TIMEOUT + 1)
        assert await posting == Outcome("no response within 5 seconds")


async def test_no_receiver(poster: Poster) -> None:
    """A closed port, a connection that ends without a response, and no HTTP are failures."""
    with closing(socket.create_server(("127.0.0.1", 0))) as probe:
        port = probe.getsockname()[1]
    assert await poster.post(f"http://127.0.0.1:{port}", b"{}") == Outcome(
        "cannot connect: Connection refused"
    )

    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.close()

    async def babble(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(b"SSH-2.0-no-http\r\n\r\n")
        writer.close()

    for serve, error in ((hang_up, "ServerDisconnectedError"), (babble, "ClientResponseError")):
        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        async with server:
            port = server.sockets[0].getsockname()[1]
            outcome = await poster.post(f"http://127.0.0.1:{port}", b"{}")
        assert outcome.error == f"the connection failed ({error})"


async def test_a_certificate_that_is_not_trusted(poster: Poster) -> None:
    """A certificate of another authority, or for another name, is a failure that is named."""
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)

    async def nothing(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    server = await asyncio.start_server(nothing, "127.0.0.1", 0, ssl=context)
    async with server:
        url = f"https://localhost:{server.sockets[0].getsockname()[1]}"
        outcome = await poster.post(url, b"{}")
    assert outcome.error == "cannot connect: TLS failed; the certificate may not be trusted on this machine"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://127.0.0.1:1/x", True),
        ("http://127.9.9.9", True),
        ("http://[::1]:80", True),
        ("https://localhost/x", True),
        ("http://LOCALHOST.", True),
        ("http://app.localhost:3000", True),
        ("http://user:pass@127.0.0.1/", True),
        ("http://127.0.0.1.example.com", False),
        ("http://localhost.example.com", False),
        ("http://127.0.0.1@example.com", False),
        ("http://notlocalhost", False),
        ("http://0.0.0.0", False),
        ("http://10.0.0.1", False),
        ("http://[::ffff:8.8.8.8]", False),
        ("http://169.254.169.254", False),
        ("https://example.com", False),
        ("http://[bad", False),
        ("not a URL", False),
    ],
)
def test_which_addresses_are_local(url: str, expected: bool) -> None:  # noqa: FBT001 - pytest passes it by name
    """Only loopback addresses and `localhost` are on this machine; a name is never looked up for this."""
    assert is_local(url) is expected


async def test_other_machines(poster: Poster, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another machine gets nothing, also if `localhost` leads to it."""
    assert await poster.post("https://example.com/hook", b"{}") == Outcome(NOT_SENT, is_sent=False)

    def elsewhere(*_: object, **__: object) -> list[tuple[object, ...]]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("192.0.2.1", 80))]

    monkeypatch.setattr(socket, "getaddrinfo", elsewhere)
    outcome = await poster.post("http://app.localhost/hook", b"{}")
    assert outcome == Outcome(NOT_SENT, is_sent=False)


async def test_other_machines_may_be_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the option, a name of another machine is looked up; a name without an address is a failure."""
    asked: list[object] = []

    def unknown(host: object, *_: object, **__: object) -> None:
        asked.append(host)
        raise socket.gaierror(socket.EAI_NONAME, "unknown")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    poster = Poster(is_remote_allowed=True)
    try:
        outcome = await poster.post("http://receiver.example/hook", b"{}")
        assert await poster.post("http://[bad", b"{}") == Outcome("the URL is not valid", is_sent=False)
        assert await poster.post("not a URL", b"{}") == Outcome("the URL is not valid", is_sent=False)
    finally:
        await poster.close()
    assert outcome == Outcome("cannot connect: the name has no address")
    assert asked == ["receiver.example"]
