"""The receiver for ASGI; tests/webhooks/test_receivers.py has its common behaviour."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import aiohttp
import fastapi
import litestar
import pytest
import uvicorn

from etelecom_async import webhooks
from etelecom_async.webhooks.asgi import receiver

SECRET = "a-secret-of-the-tests"


class Connection:
    """A connection of ASGI without a server: some servers send messages that uvicorn does not."""

    def __init__(self, *messages: dict[str, Any]) -> None:
        self._messages = list(messages)
        self.sent: list[dict[str, Any]] = []

    async def receive(self) -> dict[str, Any]:
        """Return the next message."""
        return self._messages.pop(0)

    async def send(self, message: Any) -> None:
        """Keep a message."""
        self.sent.append(message)

    async def post(self, app: Any, **scope: Any) -> int | None:
        """Serve a POST; return the status of the response."""
        whole = {"type": "http", "method": "POST", "path": f"/hooks/{SECRET}", "headers": [], **scope}
        await app(whole, self.receive, self.send)
        return self.sent[0]["status"] if self.sent else None


def pieces(*parts: bytes) -> list[dict[str, Any]]:
    """Return the messages of a body."""
    last = len(parts) - 1
    return [
        {"type": "http.request", "body": part, "more_body": number < last}
        for number, part in enumerate(parts)
    ]


async def test_own_lifespan(call: dict[str, Any]) -> None:
    """Without an outer application, the receiver hears the start and the stop of the server."""
    router = webhooks.Router(secret=SECRET)
    got: list[str] = []
    router.on("call_log")(lambda event: got.append(event.call.id))
    server = uvicorn.Server(uvicorn.Config(receiver(router), port=0, log_config=None, lifespan="on"))
    task = asyncio.create_task(server.serve())
    while not server.started and not task.done():  # noqa: ASYNC110 - uvicorn has no event for it
        await asyncio.sleep(0)
    port = server.servers[0].sockets[0].getsockname()[1]
    async with (
        aiohttp.ClientSession() as http,
        http.post(f"http://127.0.0.1:{port}/any/{SECRET}", json=call) as response,
    ):
        assert (response.status, await response.text()) == (200, "ok")
    server.should_exit = True
    await task
    assert got == [call["id"]]
    assert router.is_closed


def test_mounted_without_a_lifespan(call: dict[str, Any], caplog: pytest.LogCaptureFixture) -> None:
    """Without a lifespan, the first delivery starts the work, and the end of the loop logs the rest."""
    router = webhooks.Router(secret=SECRET)
    got: list[str] = []

    @router.on("call_log")
    async def handle(event: webhooks.CallLogEvent) -> None:
        got.append(event.call.note)
        if event.call.note == "1":
            await asyncio.Event().wait()

    async def serve() -> None:
        app = fastapi.FastAPI()
        app.mount("/hooks", receiver(router))
        for number in range(3):
            body = json.dumps({**call, "note": str(number)}).encode()
            scope = {"query_string": b"", "root_path": "", "http_version": "1.1"}
            assert await Connection(*pieces(body)).post(app, **scope) == 200
        while len(got) < 2:  # noqa: ASYNC110 - the handler sets no event
            await asyncio.sleep(0)

    asyncio.run(serve())
    assert got == ["0", "1"]
    assert [vars(record)["reason"] for record in caplog.records] == ["stopped"] * 2
    assert call["caller"] not in caplog.text


async def test_pieces(call: dict[str, Any]) -> None:
    """A body may come in pieces, with empty ones and without the optional keys."""
    router = webhooks.Router(secret=SECRET)
    got: list[str] = []
    router.on("call_log")(lambda event: got.append(event.call.id))
    body = json.dumps(call).encode()
    async with router:
        messages = [{"type": "http.request", "more_body": True}, *pieces(body[:9], b"", body[9:])]
        assert await Connection(*messages).post(receiver(router)) == 200
        assert await Connection({"type": "http.request"}).post(receiver(router)) == 400
    assert got == [call["id"]]


async def test_sender_leaves(call: dict[str, Any]) -> None:
    """If the sender leaves in the middle, there is no response, and nothing changes."""
    router = webhooks.Router(secret=SECRET)
    got: list[object] = []
    router.on("call_log")(got.append)
    part = {"type": "http.request", "body": json.dumps(call).encode(), "more_body": True}
    async with router:
        assert await Connection(part, {"type": "http.disconnect"}).post(receiver(router)) is None
    assert got == []


async def test_other_protocols() -> None:
    """A WebSocket is refused, and an unknown protocol is an error."""
    app = receiver(webhooks.Router(secret=SECRET))
    connection = Connection({"type": "websocket.connect"})
    await app({"type": "websocket"}, connection.receive, connection.send)
    assert connection.sent == [{"type": "websocket.close"}]
    with pytest.raises(NotImplementedError):
        await app({"type": "other"}, connection.receive, connection.send)


async def test_litestar(call: dict[str, Any]) -> None:
    """The receiver can be mounted in Litestar."""
    router = webhooks.Router(secret=SECRET)
    got: list[str] = []
    router.on("call_log")(lambda event: got.append(event.call.id))
    handler = litestar.asgi("/hooks", is_mount=True, copy_scope=False)(receiver(router))
    app: Any = litestar.Litestar([handler], lifespan=[lambda _: router])
    connection = Connection(*pieces(json.dumps(call).encode()))
    async with router:
        scope = {"raw_path": f"/hooks/{SECRET}".encode(), "query_string": b"", "root_path": ""}
        assert await connection.post(app, **scope) == 200
    assert got == [call["id"]]


@pytest.mark.parametrize(("version", "is_named"), [("1.1", True), ("1.0", True), ("2", False), ("3", False)])
async def test_header_of_the_connection(version: str, *, is_named: bool) -> None:
    """A refused request ends the connection of HTTP/1; HTTP/2 forbids the header."""
    connection = Connection(*pieces(b"{}"))
    app = receiver(webhooks.Router(secret=SECRET))
    assert await connection.post(app, path="/wrong", http_version=version) == 404
    assert ((b"connection", b"close") in connection.sent[0]["headers"]) == is_named
