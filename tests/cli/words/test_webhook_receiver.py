"""Test the receiver of `etelecom webhooks listen`: which posts it takes, and what it forwards."""

from __future__ import annotations

import asyncio
import io
import socket
from contextlib import closing
from typing import Any

import aiohttp
import pytest

from etelecom_async.cli.words.webhook_receiver import HOST, WebhookReceiver, webhook_receiver

BODY = b'{\n "caller": "0912345678"}'


class Shown:
    """Keeps what the receiver shows."""

    def __init__(self) -> None:
        self.lines: list[tuple[bytes, str]] = []

    def __call__(self, body: bytes, result: str) -> None:
        """Keep an event."""
        self.lines.append((body, result))


async def post(receiver: WebhookReceiver, path: str | None = None, **given: Any) -> tuple[int, bytes]:
    """Post an event; return the status and the body of the response."""
    url = f"http://{HOST}:{receiver.port}{receiver.path if path is None else path}"
    given = {"data": BODY, "headers": {"Content-Type": "application/json; x=1"}, **given}
    method = given.pop("method", "POST")
    async with aiohttp.ClientSession() as http, http.request(method, url, **given) as response:
        return response.status, await response.read()


async def test_without_an_app() -> None:
    """Each event is accepted and shown."""
    shown = Shown()
    async with webhook_receiver(0, None, shown) as receiver:
        assert await post(receiver) == (200, b"ok")
        assert await post(receiver, f"/tunnel{receiver.path}") == (200, b"ok")
    assert shown.lines == [(BODY, "")] * 2


async def test_other_paths_and_methods() -> None:
    """Without the random word, nothing is shown; each run has its own word."""
    shown = Shown()
    async with webhook_receiver(0, None, shown) as receiver, webhook_receiver(0, None, shown) as other:
        assert receiver.path != other.path
        assert (await post(receiver, other.path))[0] == 404
        assert (await post(receiver, "/"))[0] == 404
        assert (await post(receiver, f"{receiver.path}/"))[0] == 404
        assert (await post(receiver, "/etelecom-listen/é"))[0] == 404
        assert (await post(receiver, method="GET"))[0] == 405
    assert shown.lines == []


async def test_the_app_gets_the_same_bytes(peer: Any) -> None:
    """The app gets body and content type, and its response goes back, whatever it is."""
    shown = Shown()
    peer.respond_with(peer.raw(b"ok"), peer.raw(b"broken 0912345678", 500), peer.raw(b"", 302, Location="/x"))
    async with webhook_receiver(0, f"{peer.base_url}/hooks?a=1", shown) as receiver:
        assert await post(receiver) == (200, b"ok")
        assert await post(receiver) == (500, b"broken 0912345678")
        assert await post(receiver) == (302, b"")
    assert [request.path for request in peer.requests] == ["/v1/hooks?a=1"] * 3
    assert {request.body for request in peer.requests} == {BODY}
    assert {request.headers["content-type"] for request in peer.requests} == {"application/json; x=1"}
    assert [result for _, result in shown.lines] == ["200 ok", "500 broken 0912345678", "302 "]


async def test_a_response_in_pieces(peer: Any) -> None:
    """A response of the app is whole, also if it arrives in several pieces; a very large one is cut."""
    shown, sizes = Shown(), (100_000, 3 * 2**20)
    for size in sizes:
        peer.respond_with(peer.raw(b"x" * size))
    async with webhook_receiver(0, peer.base_url, shown) as receiver:
        assert [len((await post(receiver))[1]) for _ in sizes] == [100_000, 2**20]


async def test_an_app_that_is_down() -> None:
    """The service gets a 502, so it retries; the line says that the event was not forwarded."""
    with closing(socket.create_server((HOST, 0))) as probe:
        port = probe.getsockname()[1]
    shown = Shown()
    async with webhook_receiver(0, f"http://{HOST}:{port}", shown) as receiver:
        assert (await post(receiver))[0] == 502
    assert shown.lines == [(BODY, "not forwarded (ClientConnectorError)")]


async def test_an_app_that_never_responds(peer: Any, loop_clock: Any) -> None:
    """After its time, the service gets a 504."""
    shown = Shown()
    peer.respond_with(peer.HANG)
    async with webhook_receiver(0, peer.base_url, shown) as receiver:
        posting = asyncio.create_task(post(receiver))
        await peer.until(1)
        loop_clock.advance(31)
        assert (await posting)[0] == 504
    assert shown.lines == [(BODY, "no response within 30 seconds")]


async def test_a_body_that_is_too_large() -> None:
    """A body has a limit, with and without its length in the head."""

    async def pieces() -> Any:
        for _ in range(3):
            yield b"x" * 2**19

    shown = Shown()
    async with webhook_receiver(0, None, shown) as receiver:
        assert (await post(receiver, data=io.BytesIO(b"x" * 2**21)))[0] == 413
        assert (await post(receiver, data=pieces()))[0] == 413
    assert shown.lines == []


async def test_output_that_is_closed() -> None:
    """A failed write ends the wait of the command; the service still gets its response."""

    def fail(*_: object) -> None:
        raise BrokenPipeError

    async with webhook_receiver(0, None, fail) as receiver:
        assert await post(receiver) == (200, b"ok")
        assert await post(receiver) == (200, b"ok")
        with pytest.raises(BrokenPipeError):
            await receiver.failed


async def test_a_port_in_use() -> None:
    """A port in use raises an error."""
    async with webhook_receiver(0, None, Shown()) as receiver:
        with pytest.raises(OSError, match="in use"):
            async with webhook_receiver(receiver.port, None, Shown()):
                raise AssertionError
