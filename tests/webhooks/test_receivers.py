"""The same behaviour behind aiohttp, FastAPI and WSGI, over real sockets."""

from __future__ import annotations

import asyncio
import json
import logging
import threading
from collections.abc import Callable
from typing import Any

import aiohttp
import pytest

from etelecom_async import ShopClient, webhooks
from etelecom_async.testing import Sandbox
from etelecom_async.webhooks import Router, SeenInMemory

SECRET = "a-secret-of-the-tests"
PATH = f"/hooks/{SECRET}"
Make = Callable[..., Router]


async def test_events_arrive(
    serve: Any, make_router: Make, got: Any, wire: Any, sms_status: dict[str, Any]
) -> None:
    """Objects of the sandbox arrive as typed events in the order of their posts, whatever is around them."""
    call, message = await wire.call(), await wire.message()
    bodies = [call, {"data": {"items": [message]}}, {"event_name": "any"}, sms_status, {"else": 1}]
    async with serve(make_router()) as place:
        for body in bodies:
            assert await place.post(body) == (200, "ok")
        events = [await got.next() for _ in bodies]
    assert [event.kind for event in events] == [
        *("call_log", "zl_oa_message", "oa_event", "sms_status", "unknown")
    ]
    assert events[0].call.id == call["id"]
    assert events[1].message.msg_id == message["msg_id"]
    assert events[1].path == "$.data.items[0]"
    assert [event.raw for event in events] == [call, message, *bodies[2:]]
    assert got.all() == []


async def test_wrong_secret(serve: Any, make_router: Make, got: Any, call: dict[str, Any]) -> None:
    """A forger without the secret gets 404, whatever the method and the body are, and changes nothing."""
    wrong = ["/hooks/", "/hooks/x", f"/hooks/{SECRET}x", f"/hooks/{SECRET}/x", f"/hooks/{SECRET.upper()}"]
    async with serve(make_router()) as place:
        answers = {await place.post(call, path) for path in wrong}
        answers |= {await place.request(method, wrong[1]) for method in ("GET", "PUT", "DELETE", "OPTIONS")}
        answers.add(await place.post(b"x" * 1_000_000, wrong[1]))
        assert answers == {(404, "not found")}
    assert got.all() == []


async def test_secret_with_a_query(serve: Any, make_router: Make, got: Any, call: dict[str, Any]) -> None:
    """The secret counts only in the path; a query after it means nothing."""
    async with serve(make_router()) as place:
        assert await place.post(call, f"{PATH}?a=b") == (200, "ok")
        assert await place.post(call, f"/hooks/x?{SECRET}") == (404, "not found")
    assert len(got.all()) == 1


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH", "OPTIONS"])
async def test_other_methods(serve: Any, make_router: Make, got: Any, method: str) -> None:
    """With the secret, another method than POST gets 405."""
    async with serve(make_router()) as place:
        assert await place.request(method) == (405, "method not allowed")
    assert got.all() == []


async def test_replayed(serve: Any, make_router: Make, got: Any, call: dict[str, Any]) -> None:
    """The same bytes again are acknowledged, and handled once; a changed call is another event."""
    async with serve(make_router()) as place:
        for body in (call, call, {**call, "note": "x"}, call):
            assert await place.post(body) == (200, "ok")
    assert [event.raw.get("note") for event in got.all()] == [None, "x"]


async def test_forged(
    serve: Any, service: Sandbox, wire: Any, call: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    """With `confirm`, a forger who knows the secret cannot invent or change a call."""
    real = await wire.call()
    forged = {**real, "call_state": "not_answered", "duration": 9999, "note": "forged"}
    events: list[webhooks.CallLogEvent] = []
    shop = ShopClient(service.shop_api_key, base_url=service.base_url)
    router = Router(secret=SECRET, confirm=shop)

    @router.on("call_log")
    async def keep(event: webhooks.CallLogEvent) -> None:
        events.append(event)

    async with serve(router, on_stop=shop.close) as place:
        for body in (call, {**real, "id": "1"}, forged):
            assert await place.post(body) == (200, "ok")
    (event,) = events
    assert event.is_confirmed
    assert (event.call.id, event.call.duration) == (real["id"], real["duration"])
    assert event.call.note == real["note"]
    dropped = [record for record in caplog.records if getattr(record, "kind", "") == "webhook_dropped"]
    assert [getattr(record, "reason", "") for record in dropped] == ["not_found", "not_found"]
    assert call["caller"] not in caplog.text


@pytest.mark.parametrize("size", [1001, 10**12])
async def test_too_large(serve: Any, make_router: Make, got: Any, size: int) -> None:
    """A body that says that it is too large is refused before it is read."""
    async with serve(make_router(max_bytes=1000)) as place:
        head = f"POST {PATH} HTTP/1.1\r\nHost: x\r\nContent-Length: {size}\r\n\r\n"
        response = await place.raw(head.encode())
        assert response.split()[1] == b"413"
        assert await place.post({"a": "x" * 1001}) == (413, "too large")
        whole = json.dumps({"a": "x" * (1000 - len('{"a": ""}'))}).encode()
        assert len(whole) == 1000
        assert await place.post(whole) == (200, "ok")
    assert len(got.all()) == 1


async def test_too_large_in_chunks(serve: Any, make_router: Make, got: Any) -> None:
    """A body without a length is refused as soon as it is too large."""
    if serve.kind == "wsgi":
        pytest.skip("wsgiref does not read chunks; tests/webhooks/test_wsgi.py has a server that does")

    async with serve(make_router(max_bytes=1000)) as place:
        head = f"POST {PATH} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
        response = await place.raw(
            head.encode() + b"12c\r\n" + b" " * 300 + b"\r\n" + b"384\r\n" + b" " * 900
        )
        assert response.split()[1] == b"413"
    assert got.all() == []


MALFORMED = (
    b"",
    b"   ",
    b"ok",
    b"{",
    b'{"a": 1} {"b": 2}',
    b"5",
    b'"text"',
    b"null",
    b"[1, 2]",
    b'[{"a": 1}, null]',
    b'{"a": 1, "a": 2}',
    b'{"x": {"id": "1", "id": "2"}}',
    b"[" * 200_000,
    b'{"a":' * 200_000,
    b"[" * 101 + b"]" * 101,
    b'{"a":' * 101 + b"1" + b"}" * 101,
    json.dumps({"a": "ê"}).encode("utf-16"),
    json.dumps({"a": 1}).encode("utf-32"),
    b"\x1f\x8b\x08\x00" + bytes(100),
    b"a=1&b=2",
    b"<xml/>",
)


async def test_malformed(serve: Any, make_router: Make, got: Any, call: dict[str, Any]) -> None:
    """A malformed body gets 400, changes nothing, and does not keep the next delivery from its handler."""
    async with serve(make_router()) as place:
        for body in MALFORMED:
            assert await place.post(body) == (400, "malformed"), body[:30]
        assert await place.post(call) == (200, "ok")
    assert [event.kind for event in got.all()] == ["call_log"]


async def test_compressed(serve: Any, make_router: Make, got: Any) -> None:
    """A compressed body is refused: a small one could become large."""
    async with serve(make_router()) as place:
        head = f"POST {PATH} HTTP/1.1\r\nHost: x\r\nContent-Encoding: gzip\r\nContent-Length: 9\r\n\r\n"
        response = await place.raw(head.encode())
        assert response.split()[1] == b"415"
    assert got.all() == []


@pytest.mark.parametrize("part", [b"", b'{"a": "'])
async def test_slow(serve: Any, make_router: Make, got: Any, part: bytes) -> None:
    """A body that does not end in time gets 408."""
    if serve.kind == "wsgi" and not part:
        pytest.skip("WSGI has no read with a timeout")
    async with serve(make_router(body_seconds=1e-6)) as place:
        head = f"POST {PATH} HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n"
        response = await place.raw(head.encode() + part)
        assert response.split()[1] == b"408"
    assert got.all() == []


async def test_sender_leaves(serve: Any, make_router: Make, got: Any, call: dict[str, Any]) -> None:
    """A body that breaks off changes nothing, even if its beginning is valid JSON."""
    async with serve(make_router()) as place:
        body = json.dumps(call).encode()
        head = f"POST {PATH} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body) + 5}\r\n\r\n"
        reader, writer = await asyncio.open_connection("127.0.0.1", place.port)
        writer.write(head.encode() + body)
        writer.write_eof()
        await reader.read()
        writer.close()
        await writer.wait_closed()
        assert await place.post({"else": 1}) == (200, "ok")
    assert [event.kind for event in got.all()] == ["unknown"]


async def test_answers_before_the_work(serve: Any, got: Any, call: dict[str, Any]) -> None:
    """The response comes while the handler still works, and the end of the service waits for the handler."""
    started, may_end = threading.Event(), threading.Event()
    router = Router(secret=SECRET)

    @router.on("call_log")
    def work(event: webhooks.CallLogEvent) -> None:
        started.set()
        assert may_end.wait(60)
        got.events.put(event)

    async with serve(router) as place:
        assert await place.post(call) == (200, "ok")
        assert await asyncio.to_thread(started.wait, 60)
        assert got.all() == []
        may_end.set()
    assert len(got.all()) == 1


async def test_queue_is_full(serve: Any, got: Any, call: dict[str, Any]) -> None:
    """If the queue is full, the service is told to try again; then the same delivery is accepted."""
    may_end = threading.Event()
    router = Router(secret=SECRET, max_queue=2)

    @router.on("call_log")
    def work(event: webhooks.CallLogEvent) -> None:
        assert may_end.wait(60)
        got.events.put(event)

    async with serve(router) as place:
        bodies = [{**call, "note": str(number)} for number in range(3)]
        answers = [await place.post(body) for body in bodies]
        assert answers == [(200, "ok"), (200, "ok"), (503, "try again later")]
        may_end.set()
        await got.next()
        await got.next()
        while (answer := await place.post(bodies[2])) != (200, "ok"):
            assert answer == (503, "try again later")
        assert (await got.next()).raw["note"] == "2"


async def test_handlers_that_fail(
    serve: Any, got: Any, call: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    """A handler's error changes no answer, and is logged without phone numbers; other handlers still run."""
    router = Router(secret=SECRET)
    dropped: list[webhooks.Dropped] = []

    @router.on("call_log")
    def fails(event: webhooks.CallLogEvent) -> None:
        raise ValueError(f"no customer with {event.call.caller}")

    router.on("call_log")(got.keep)
    router.on_dropped(dropped.append)
    async with serve(router) as place:
        for number in range(2):
            assert await place.post({**call, "note": str(number)}) == (200, "ok")
    assert [event.raw["note"] for event in got.all()] == ["0", "1"]
    assert [(drop.reason, type(drop.error)) for drop in dropped] == [("handler_failed", ValueError)] * 2
    records = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert [getattr(record, "error", "") for record in records] == ["ValueError"] * 2
    assert "no customer with 091***678" in caplog.text
    assert call["caller"] not in caplog.text


async def test_receiver_that_was_down(serve: Any, make_router: Make, got: Any, call: dict[str, Any]) -> None:
    """A receiver that was down gets the delivery when the service tries again, and a repeated one once."""
    seen = SeenInMemory()
    async with serve(make_router(seen=seen)) as place:
        assert await place.post(call) == (200, "ok")
        port = place.port
    async with aiohttp.ClientSession() as http:
        with pytest.raises(aiohttp.ClientConnectionError):
            await http.post(f"http://127.0.0.1:{port}{PATH}", data=b"{}")
    async with serve(make_router(seen=seen), port) as place:
        assert await place.post(call) == (200, "ok")
        assert await place.post({**call, "note": "later"}) == (200, "ok")
    assert [event.raw.get("note") for event in got.all()] == [None, "later"]
