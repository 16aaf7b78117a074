"""Faults of responses: what a caller receives, whether the call was executed, and the counts."""

from __future__ import annotations

import asyncio
import email.utils
import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest

from etelecom_async.sandbox import Fault
from etelecom_async.testing import sandbox
from tests.conftest import PATIENCE

if TYPE_CHECKING:
    from collections.abc import Callable

    from etelecom_async.testing import Sandbox
    from tests.sandbox.conftest import Peer

HIRE = "Shop/CreateAccountUser"
USER = {"full_name": "Lê An", "phone": "0901234567", "password": "one-time"}
NAME = "shop.users.create"


async def is_hired(peer: Peer) -> bool:
    """Returns whether the user that the tests create exists."""
    users = (await peer.shop("Shop/GetAccountUsers"))["account_users"]
    return USER["phone"] in {user["phone"] for user in users}


@pytest.mark.parametrize(("kind", "is_done"), [("reset_before", 0), ("reset_after", 1)])
async def test_reset(peer: Peer, dial: Callable[..., Any], kind: str, is_done: int) -> None:
    """The connection is reset without a byte; counts and records agree on whether the call was executed."""
    active = peer.service.faults.add(Fault(kind=kind, operation=NAME))
    line = await dial()
    line.ask(HIRE, **USER)
    heard = await line.hear()
    assert (heard.data, heard.end) == (b"", "reset")
    assert (peer.service.requests.counts[NAME], peer.service.processed.get(NAME, 0)) == (1, is_done)
    assert active.struck == 1
    assert await is_hired(peer) == is_done


async def test_reset_before_does_not_wait_for_the_body(peer: Peer, dial: Callable[..., Any]) -> None:
    """The reset comes after the head, while the caller still sends its body."""
    peer.service.faults.add(Fault(kind="reset_before"))
    line = await dial()
    line.writer.write(line.head(HIRE, 1_000_000))
    assert (await line.hear()).end == "reset"


async def test_half_body(peer: Peer, dial: Callable[..., Any]) -> None:
    """
    The caller receives a whole head, half of the announced body, and a normal close.

    The call was executed.
    """
    peer.service.faults.add(Fault(kind="half_body", operation=NAME))
    line = await dial()
    line.ask(HIRE, **USER)
    heard = await line.hear()
    assert heard.end == "closed"
    assert heard.head.startswith(b"HTTP/1.1 200 OK\r\n")
    assert len(heard.body) == heard.announced // 2 > 0
    assert peer.service.processed[NAME] == 1
    assert await is_hired(peer)


async def test_half_of_an_error(peer: Peer, dial: Callable[..., Any]) -> None:
    """A fault applies to an error response too, and the call does not count as processed."""
    peer.service.faults.add(Fault(kind="half_body", operation=NAME))
    line = await dial()
    line.ask(HIRE)
    heard = await line.hear()
    assert heard.head.startswith(b"HTTP/1.1 400 ")
    assert len(heard.body) == heard.announced // 2
    assert peer.service.requests.counts == {NAME: 1}
    assert peer.service.processed == {}


def waiting(service: Sandbox) -> int:
    """Returns the number of responses that wait."""
    return len(service._now.app._connection_faults._waiting)


@pytest.mark.parametrize(
    ("settings", "is_done"),
    [
        ({"kind": "stall_header"}, 1),
        ({"kind": "stall_header", "processed": False}, 0),
        ({"kind": "stall_body"}, 1),
        ({"kind": "slow", "pause_seconds": 3600, "piece_bytes": 1}, 1),
    ],
)
async def test_a_caller_that_gives_up(
    peer: Peer,
    dial: Callable[..., Any],
    until: Callable[..., Any],
    *,
    caplog: pytest.LogCaptureFixture,
    settings: Any,
    is_done: int,
) -> None:
    """A stalled response ends when the caller gives up. Then nothing waits, and nothing is logged."""
    peer.service.faults.add(Fault(operation=NAME, **settings))
    line = await dial()
    line.ask(HIRE, **USER)
    await until(lambda: waiting(peer.service))
    assert await is_hired(peer) == is_done
    assert peer.service.processed.get(NAME, 0) == is_done
    line.writer.close()
    await until(lambda: not waiting(peer.service))
    assert not caplog.records


async def test_a_caller_that_disconnects_while_sending(
    peer: Peer, dial: Callable[..., Any], until: Callable[..., Any], caplog: pytest.LogCaptureFixture
) -> None:
    """A request that is never complete is not executed, and nothing is logged."""
    peer.service.faults.add(Fault(kind="status"))
    line = await dial()
    tasks = len(asyncio.all_tasks())
    line.writer.write(line.head(HIRE, 1000))
    await until(lambda: peer.service.requests.counts)
    line.writer.transport.abort()
    await until(lambda: len(asyncio.all_tasks()) <= tasks)
    assert peer.service.processed == {}
    assert not caplog.records


@pytest.mark.parametrize(
    "settings",
    [
        {"kind": "stall_header"},
        {"kind": "stall_body"},
        {"kind": "slow", "pause_seconds": 3600, "piece_bytes": 7},
    ],
    ids=lambda settings: settings["kind"],
)
async def test_a_sandbox_that_ends(
    dial: Callable[..., Any], until: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    """The sandbox ends at once and resets waiting connections, after the bytes that were sent before."""
    monkeypatch.setattr("etelecom_async.sandbox.server._SHUTDOWN_TIMEOUT", 100 * PATIENCE)
    async with asyncio.timeout(PATIENCE):
        async with sandbox(faults=[Fault(**settings)]) as service:
            line = await dial(service)
            line.ask("Etelecom/GetTenant")
            await until(lambda: waiting(service))
            hearing = asyncio.create_task(line.hear())
        heard = await hearing
    assert heard.end == "reset"
    if settings["kind"] == "stall_header":
        assert heard.data == b""
    else:
        assert len(heard.body) == settings.get("piece_bytes", heard.announced // 2)


async def test_slow(peer: Peer, dial: Callable[..., Any]) -> None:
    """The response is complete and correct, with pauses, and the connection can be used again."""
    peer.service.faults.add(Fault(kind="slow", times=1, piece_bytes=10, pause_seconds=0.002))
    loop = asyncio.get_running_loop()
    line = await dial()
    before = loop.time()
    line.ask("Etelecom/GetTenant", more_headers="")
    line.ask("Etelecom/GetTenant")
    _, slow, quick = (await line.hear()).data.split(b"HTTP/1.1 200 OK\r\n")
    bodies = [response.partition(b"\r\n\r\n")[2] for response in (slow, quick)]
    assert bodies[0] == bodies[1]
    # The loop's timers may be early by a tick of its clock.
    assert loop.time() - before >= 0.9 * 0.002 * ((len(bodies[0]) - 1) // 10)


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (429, "resource_exhausted"),
        (500, "internal"),
        (502, "unavailable"),
        (503, "unavailable"),
        (504, "deadline_exceeded"),
        (599, "unknown"),
    ],
)
async def test_status_as_json(peer: Peer, status: int, code: str) -> None:
    """The response is an error of the API with the code of the status, and the call is not executed."""
    peer.service.faults.add(Fault(kind="status", status=status, times=1))
    response, body = await peer.post(f"partner.{HIRE}", USER, key=peer.service.shop_key)
    assert (response, body["code"]) == (status, code)
    assert "sandbox" in body["msg"]
    assert (peer.service.requests.counts, peer.service.processed) == ({NAME: 1}, {})
    assert not await is_hired(peer)


async def test_status_with_another_code(peer: Peer) -> None:
    """The body has the given `code`, for any status."""
    peer.service.faults.add(Fault(kind="status", status=500, code="unknown"))
    assert await peer.shop_error("Etelecom/GetTenant") == (500, "unknown")


@pytest.mark.parametrize("status", [200, 429, 500, 502, 503, 504])
@pytest.mark.parametrize(
    ("body", "content_type"), [("html", "text/html"), ("none", "application/octet-stream")]
)
async def test_status_without_json(peer: Peer, status: int, body: str, content_type: str) -> None:
    """The response has the status, and an HTML page as from a proxy, or an empty body."""
    peer.service.faults.add(Fault(kind="status", status=status, body=body))
    async with call(peer, "Etelecom/GetTenant") as response:
        assert (response.status, response.content_type) == (status, content_type)
        text = await response.text()
    assert text.startswith(f"<html><head><title>{status} ") if body == "html" else text == ""
    assert peer.service.processed == {}


@pytest.mark.parametrize("processed", [False, True])
@pytest.mark.parametrize("body", ["json", "html", "text", "cut", "none"])
@pytest.mark.parametrize("statuses", [range(200, 300), range(300, 400), range(400, 500), range(500, 600)])
async def test_every_status(peer: Peer, statuses: range, body: str, *, processed: bool) -> None:
    """Each status comes with each body, with the call executed or not."""
    read, is_empty = "shop.tenant.get", {204, 205, 304}
    for status in statuses:
        peer.service.faults.clear()
        peer.service.faults.add(Fault(kind="status", status=status, body=body, processed=processed))
        async with call(peer, "Etelecom/GetTenant") as response:
            assert response.status == status
            content = await response.text()
        assert bool(content) == (body != "none") or status in is_empty
    assert peer.service.requests.counts[read] == len(statuses)
    assert peer.service.processed.get(read, 0) == (len(statuses) if processed else 0)


async def test_status_as_a_cut_error(peer: Peer) -> None:
    """The code of the error can be read, and its text is cut off."""
    peer.service.faults.add(Fault(kind="status", status=400, code="internal", body="cut"))
    async with call(peer, "Etelecom/GetTenant") as response:
        text = await response.text()
    assert text == '{"code":"internal","msg":"a fault of the sandbox: Ba'
    assert response.content_type == "application/json"


async def test_status_as_text(peer: Peer) -> None:
    """The reason comes as plain text."""
    peer.service.faults.add(Fault(kind="status", status=502, body="text"))
    async with call(peer, "Etelecom/GetTenant") as response:
        assert (await response.text(), response.content_type) == ("Bad Gateway\n", "text/plain")


async def test_several_codes(peer: Peer) -> None:
    """One of several codes is chosen each time, and over time each of them, whatever the status."""
    codes = ["internal", "unavailable", "resource_exhausted"]
    peer.service.faults.add(Fault(kind="status", status=422, code=codes))
    seen = {await peer.shop_error("Etelecom/GetTenant") for _ in range(50)}
    assert seen == {(422, code) for code in codes}


@pytest.mark.parametrize("content", ["{}", '{"error": -216, "message": "Không"}', "", "not JSON", "[1]"])
async def test_status_with_content(peer: Peer, content: str) -> None:
    """The body is this text, sent as JSON, also when it is none."""
    peer.service.faults.add(Fault(kind="status", status=200, content=content, processed=True))
    async with call(peer, "Etelecom/GetTenant") as response:
        assert (response.status, response.content_type) == (200, "application/json")
        assert await response.text() == content
    assert peer.service.processed == {"shop.tenant.get": 1}


async def test_status_after_execution(peer: Peer) -> None:
    """With `processed`, the call is executed before the error, as behind a proxy that timed out."""
    peer.service.faults.add(Fault(kind="status", status=504, processed=True, operation=NAME))
    assert await peer.shop_error(HIRE, **USER) == (504, "deadline_exceeded")
    assert peer.service.processed[NAME] == 1
    assert await is_hired(peer)


async def test_status_after_a_large_body(peer: Peer, dial: Callable[..., Any]) -> None:
    """A caller with a large body reads the response, and the connection can be used again."""
    peer.service.faults.add(Fault(kind="status", times=1))
    line = await dial()
    line.ask(HIRE, full_name="x" * 3_000_000, more_headers="")
    line.ask("Etelecom/GetTenant")
    heard = await line.hear()
    assert heard.end == "closed"
    assert heard.data.startswith(b"HTTP/1.1 503 ")
    assert heard.data.count(b"HTTP/1.1 200 ") == 1


@pytest.mark.parametrize(("how", "expected"), [("seconds", "7"), ("junk", "in a while"), (None, None)])
async def test_retry_after(peer: Peer, how: str | None, expected: str | None) -> None:
    """`Retry-After` is in seconds, is not readable, or is missing."""
    asked = {"retry_after": 7, "retry_after_as": how} if how else {}
    peer.service.faults.add(Fault(kind="status", status=429, **asked))
    async with call(peer, "Etelecom/GetTenant") as response:
        assert response.headers.get("Retry-After") == expected


async def test_retry_after_as_a_date(peer: Peer) -> None:
    """The date has the format of HTTP, and is not before the end of the seconds."""
    peer.service.faults.add(Fault(kind="status", retry_after=60, retry_after_as="date"))
    before = datetime.now(UTC)
    async with call(peer, "Etelecom/GetTenant") as response:
        header = response.headers["Retry-After"]
    assert header.endswith(" GMT")
    date = email.utils.parsedate_to_datetime(header)
    assert before + timedelta(seconds=60) <= date <= datetime.now(UTC) + timedelta(seconds=62)


@pytest.mark.parametrize(("off_by", "end"), [(-1, "kept"), (-10_000, "kept"), (1, "closed"), (50, "closed")])
async def test_wrong_length(peer: Peer, dial: Callable[..., Any], off_by: int, end: str) -> None:
    """The whole body is sent; if too few bytes are announced, the rest stays on an open connection."""
    peer.service.faults.add(Fault(kind="wrong_length", off_by=off_by, times=1))
    line = await dial()
    line.ask("Etelecom/GetTenant", more_headers="")
    if end == "kept":
        line.ask("Etelecom/GetTenant")
    heard = await line.hear()
    first, _, second = heard.body.partition(b"HTTP/1.1 200 OK\r\n")
    assert json.loads(first)["status"] == "P"
    assert heard.announced == max(0, len(first) + off_by)
    assert bool(second) == (end == "kept")
    assert peer.service.processed["shop.tenant.get"] == peer.service.requests.counts["shop.tenant.get"]


async def test_gzip_garbage(peer: Peer) -> None:
    """The header says gzip, so a caller that decodes the body fails. The call was executed."""
    peer.service.faults.add(Fault(kind="gzip_garbage", operation=NAME))
    with pytest.raises(aiohttp.ClientPayloadError, match="gzip"):
        await peer.shop(HIRE, **USER)
    assert peer.service.processed[NAME] == 1
    assert await is_hired(peer)


async def test_several_kinds(peer: Peer) -> None:
    """One of the values is chosen each time, and each of them after some time."""
    peer.service.faults.add(Fault(kind="status", status=[429, 500, 503], body=["json", "html", "none"]))
    seen: set[tuple[int, str]] = set()
    for _ in range(100):
        async with call(peer, "Etelecom/GetTenant") as response:
            seen.add((response.status, response.content_type))
    types = ("application/json", "text/html", "application/octet-stream")
    assert seen == {(status, content_type) for status in (429, 500, 503) for content_type in types}


async def test_uploads_and_messages_meet_faults(peer: Peer) -> None:
    """Faults apply to forms and to the calls of the SMS host."""
    peer.service.faults.add(Fault(kind="status", status=502, body="none"))
    form = aiohttp.FormData()
    form.add_field("file", b"x" * 1_000_000, filename="a.png", content_type="image/png")
    headers = {"Authorization": f"Bearer {peer.service.shop_key}"}
    url = f"{peer.service.base_url}/partner.OA/UploadFile"
    async with peer.http.post(url, data=form, headers=headers) as response:
        assert response.status == 502
    async with peer.http.post(
        f"{peer.service.sms_base_url}/api/OmniMessage/SendMessage", json={}
    ) as response:
        assert response.status == 502
    assert peer.service.requests.counts == {"shop.zalo.files.upload": 1, "sms.send": 1}
    assert peer.service.processed == {}


async def test_unknown_paths_get_none(peer: Peer) -> None:
    """An unknown operation is rejected as always, and no fault counts it."""
    active = peer.service.faults.add(Fault(kind="reset_before"))
    assert await peer.shop_error("Etelecom/Nothing") == (404, "bad_route")
    assert active.seen == 0


async def test_faults_from_the_start() -> None:
    """The faults of the constructor are active each time that the sandbox starts."""
    service = sandbox(faults=[Fault(kind="status", times=1)])
    for _ in range(2):
        async with service, aiohttp.ClientSession() as http:
            headers = {"Authorization": f"Bearer {service.shop_key}"}
            statuses: list[int] = []
            for _ in range(2):
                url = f"{service.base_url}/partner.Etelecom/GetTenant"
                async with http.post(url, json={}, headers=headers) as response:
                    statuses.append(response.status)
            assert statuses == [503, 200]


def call(peer: Peer, method: str) -> Any:
    """Calls an operation with the partner's key for the shop."""
    headers = {"Authorization": f"Bearer {peer.service.shop_key}"}
    return peer.http.post(f"{peer.service.base_url}/partner.{method}", json={}, headers=headers)
