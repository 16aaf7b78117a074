"""Routing, errors before a handler runs, and the encoding of responses."""

from __future__ import annotations

import asyncio
import io
import logging
import sqlite3
from typing import TYPE_CHECKING, Any

import pytest

from etelecom_async.operations import OPERATIONS
from etelecom_async.sandbox.services import HANDLERS
from etelecom_async.sandbox.store.state import State

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractAsyncContextManager
    from pathlib import Path

    from tests.sandbox.conftest import Peer

BAD_ROUTES = {
    "unknown method": ("POST", "/v1/shop.Misc/Nothing", "application/json", 'no handler for path "/v1/shop'),
    "slash for dot": ("POST", "/v1/shop/Misc/CurrentAccount", "application/json", "no handler for path"),
    "no base": ("POST", "/v1/Misc/CurrentAccount", "application/json", "no handler for path"),
    "no version": ("POST", "/shop.Misc/CurrentAccount", "application/json", "no handler for path"),
    "trailing slash": ("POST", "/v1/shop.Misc/CurrentAccount/", "application/json", "no handler for path"),
    "line break": ("POST", "/v1/%0A.Misc/CurrentAccount", "application/json", "no handler for path"),
    "SMS on this base": ("POST", "/v1/shop.OmniMessage/SendMessage", "application/json", "no handler for"),
    "this on the SMS base": ("POST", "/api/Misc/CurrentAccount", "application/json", "no handler for path"),
    "GET": ("GET", "/v1/shop.Misc/CurrentAccount", "application/json", 'unsupported method "GET"'),
    "no content type": ("POST", "/v1/shop.Misc/CurrentAccount", None, 'unexpected Content-Type: ""'),
    "other content type": (
        "POST",
        "/v1/shop.Misc/CurrentAccount",
        "text/plain",
        'Content-Type: "text/plain"',
    ),
}


@pytest.mark.parametrize(("method", "path", "content_type", "msg"), BAD_ROUTES.values(), ids=BAD_ROUTES)
async def test_bad_route(peer: Peer, method: str, path: str, content_type: str | None, msg: str) -> None:
    """A wrong path, HTTP method or content type gets bad_route 404, before the key is checked."""
    headers = {} if content_type is None else {"Content-Type": content_type}
    url = peer.service.base_url.removesuffix("/v1") + path
    async with peer.http.request(
        method, url, data=b"{}", headers=headers, skip_auto_headers=["Content-Type"]
    ) as response:
        body = await response.json()
    assert (response.status, body["code"]) == (404, "bad_route")
    assert msg in body["msg"]


async def test_content_type_may_name_a_charset(peer: Peer) -> None:
    """`application/json; charset=utf-8` is JSON, in any case."""
    headers = {
        "Content-Type": "Application/JSON; charset=utf-8",
        "Authorization": f"Bearer {peer.service.shop_api_key}",
    }
    url = f"{peer.service.base_url}/shop.Misc/CurrentAccount"
    async with peer.http.post(url, data=b"{}", headers=headers) as response:
        assert response.status == 200


@pytest.mark.parametrize("body", [b"{", b"[]", b"null", b"\xff", b"[" * 100_000, b'{"a": NaN}'])
async def test_malformed(peer: Peer, body: bytes) -> None:
    """A body that is not a JSON object gets malformed 400."""
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {peer.service.shop_api_key}"}
    url = f"{peer.service.base_url}/shop.Misc/CurrentAccount"
    async with peer.http.post(url, data=body, headers=headers) as response:
        assert (response.status, (await response.json())["code"]) == (400, "malformed")


async def test_a_body_that_is_too_large(peer: Peer) -> None:
    """A body that is too large gets 413, and is not logged as a failure."""
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {peer.service.shop_api_key}"}
    url = f"{peer.service.base_url}/shop.Misc/CurrentAccount"
    async with peer.http.post(url, data=io.BytesIO(b" " * 8_400_000 + b"{}"), headers=headers) as response:
        assert response.status == 413


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"extension_number": 1001}, "hotline_id"),
        ({"hotline_id": "1", "extension_number": "many"}, "extension_number"),
        ({"hotline_id": [1], "extension_number": 1001}, "hotline_id"),
    ],
)
async def test_invalid_argument_names_the_field(peer: Peer, body: dict[str, Any], path: str) -> None:
    """A missing field or a wrong type gets invalid_argument 400 with the name of the field."""
    status, response = await peer.post("partner.Etelecom/CreateExtension", body, key=peer.service.shop_key)
    assert (status, response["code"]) == (400, "invalid_argument")
    assert path in response["msg"]


def test_every_operation_has_a_handler() -> None:
    """Each operation of the table has a handler, and each handler has an operation; forms share one."""
    assert set(HANDLERS) == {name for name, row in OPERATIONS.items() if row.form_of is None}


async def test_unimplemented(peer: Peer, monkeypatch: pytest.MonkeyPatch) -> None:
    """An operation without a handler gets unimplemented 501."""
    monkeypatch.delitem(HANDLERS, "shop.tenant.get")
    assert await peer.shop_error("Etelecom/GetTenant") == (501, "unimplemented")


async def test_a_handler_that_fails_changes_nothing(
    peer: Peer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A failure of the sandbox gets internal 500, is logged, and changes nothing."""
    create = HANDLERS["webhooks.create"]

    def fail_at_the_end(*call: Any) -> Any:
        create(*call)
        raise ZeroDivisionError

    monkeypatch.setitem(HANDLERS, "webhooks.create", fail_at_the_end)
    wanted = {"url": "https://example.com/webhook", "entities": ["call_log"]}
    assert await peer.partner_error("Webhook/CreateWebhook", **wanted) == (500, "internal")
    assert [record.levelno for record in caplog.records] == [logging.ERROR]
    assert await peer.partner("Webhook/GetWebhooks") == {"webhooks": []}


async def test_a_commit_that_fails(
    open_peer: Callable[..., AbstractAsyncContextManager[Peer]], tmp_path: Path
) -> None:
    """A change whose commit fails gets internal 500 and is not stored; later changes work again."""
    file = tmp_path / "state.db"
    wanted = {"url": "https://example.com/webhook", "entities": ["call_log"]}
    async with open_peer(data=file, call_logs=0) as peer:
        state = peer.service._now.state
        state.fetch_one("PRAGMA journal_mode = DELETE")  # A reader now blocks a writer.
        state.fetch_one("PRAGMA busy_timeout = 0")
        reader = sqlite3.connect(file)
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM setting").fetchone()
        for _ in range(2):
            assert await peer.partner_error("Webhook/CreateWebhook", **wanted) == (500, "internal")
        assert await peer.partner("Webhook/GetWebhooks") == {"webhooks": []}
        assert "webhooks.create" not in peer.service.processed
        reader.close()
        created = await peer.partner("Webhook/CreateWebhook", **wanted)
    async with open_peer(data=file) as again:
        assert (await again.partner("Webhook/GetWebhooks"))["webhooks"] == [created]


async def test_request_log(peer: Peer) -> None:
    """Each request counts by public name, rejected ones included; wrong paths do not count."""
    await peer.shop("Etelecom/GetTenant")
    await peer.shop("Etelecom/GetTenant")
    await peer.shop_error("Etelecom/CreateExtension")
    await peer.shop_error("Etelecom/Nothing")
    counts = {"shop.tenant.get": 2, "shop.extensions.create": 1}
    assert peer.service.requests.counts == counts
    async with peer.http.get(f"{peer.service.sms_base_url}/_sandbox/requests") as response:
        log = await response.json()
    assert log == {"total": 3, "requests": counts, "processed": {"shop.tenant.get": 2}}
    assert peer.service.processed == log["processed"]


async def test_overview_shows_no_key(peer: Peer) -> None:
    """The page at the root shows the numbers of records, and none of the keys."""
    async with peer.http.get(peer.service.sms_base_url) as response:
        text = await response.text()
    assert peer.service.base_url in text
    assert "call_log" in text
    assert not [
        key for key in peer.service.environment().values() if ":" in key and key in text and "//" not in key
    ]


async def test_recordings_can_be_fetched(peer: Peer) -> None:
    """The URL of a recording leads to a WAV file on the sandbox itself."""
    calls = (await peer.shop("Etelecom/ListCallLogs"))["call_logs"]
    url = next(call["recording_urls"][0] for call in calls if call["recording_urls"])
    assert url.startswith(f"{peer.service.sms_base_url}/")
    async with peer.http.get(url) as response:
        assert (await response.read())[:4] == b"RIFF"


async def test_a_full_disk(
    open_peer: Callable[..., AbstractAsyncContextManager[Peer]],
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """On a full disk, calls, pages and controls get internal 500, and the log has one line for each."""
    url = "https://example.com"
    wanted = {"name": "Lê An", "email": "an@example.com", "phone": "0901234567", "redirect_url": url}
    async with open_peer(data=tmp_path / "state.db", call_logs=0) as peer:
        asked = await peer.partner("Shop/AuthorizeShop", **wanted)
        state = peer.service._now.state
        pages = state.fetch_one("PRAGMA page_count")[0]
        # Pages that earlier changes left free.
        state.fetch_one(f"PRAGMA max_page_count = {pages}")
        while state.fetch_one("PRAGMA freelist_count")[0]:
            state.execute("CREATE TABLE IF NOT EXISTS filling (text)")
            state.execute("INSERT INTO filling VALUES (?)", "x" * 4000)
        with pytest.raises(sqlite3.OperationalError):
            state.execute("INSERT INTO filling VALUES (?)", "x" * 100_000)
        big = "x" * 100_000
        assert await peer.partner_error("Shop/AuthorizeShop", **{**wanted, "name": big}) == (500, "internal")
        state.execute("PRAGMA query_only = ON")
        status, _, text = await peer.browse("POST", asked["auth_url"])
        assert (status, "readonly database; make the file and its folder writable" in text) == (500, True)
        async with peer.http.post(
            f"{peer.service.sms_base_url}/_sandbox/clock", json={"advance_seconds": 1}
        ) as response:
            assert response.status == 500
    assert len(caplog.records) == 3
    assert not [record for record in caplog.records if record.exc_info]
    assert "database or disk is full; free some space" in caplog.messages[0]


async def test_a_page_that_fails(
    newcomer: Peer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """An error in a page gets internal 500, and the log has its traceback."""
    monkeypatch.setattr(State, "count_records", lambda _: 1 / 0)
    status, _, text = await newcomer.browse("GET", newcomer.service.sms_base_url)
    assert (status, "its log says why" in text) == (500, True)
    (record,) = caplog.records
    assert record.exc_info is not None


async def test_requests_that_are_not_http(newcomer: Peer, caplog: pytest.LogCaptureFixture) -> None:
    """Requests that are not valid HTTP get 400 and no line in the log, however long they are."""
    host, _, port = newcomer.service.sms_base_url.removeprefix("http://").rpartition(":")
    long = "x" * 10_000
    for text in (
        "\x16\x03\x01\r\n\r\n",
        "nonsense\r\n\r\n",
        "GET / HTTP/1.1\r\nno colon\r\n\r\n",
        f"GET /{long} HTTP/1.1\r\n",
    ):
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(text.encode())
        assert (await reader.read()).startswith((b"HTTP/1.1 400", b"HTTP/1.0 400")), text
        writer.close()
        await writer.wait_closed()
    assert not caplog.records


BODIES = {
    "API": ("/v1/partner.Shop/CreateAccountUser", "application/json"),
    "control": ("/_sandbox/clock", "application/json"),
    "upload": ("/v1/partner.OA/UploadFile", "multipart/form-data; boundary=x"),
    "wrong path": ("/v1/partner.Nothing", "application/json"),
}


@pytest.mark.parametrize("is_reset", [False, True])
@pytest.mark.parametrize(("path", "content_type"), BODIES.values(), ids=BODIES)
async def test_callers_that_disconnect(
    newcomer: Peer, caplog: pytest.LogCaptureFixture, path: str, content_type: str, *, is_reset: bool
) -> None:
    """A caller that closes the connection within its body causes no line in the log, and leaves nothing."""
    host, _, port = newcomer.service.sms_base_url.removeprefix("http://").rpartition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: {content_type}\r\nContent-Length: 1000\r\n"
    )
    key = f"Authorization: Bearer {newcomer.service.shop_key}\r\n"
    writer.write(f"{head}{key}Expect: 100-continue\r\n\r\n--x\r\n".encode())
    await reader.readuntil(b"\r\n\r\n")  # the sandbox reads the body now
    if is_reset:
        writer.transport.abort()
    else:
        writer.close()
        await writer.wait_closed()
    status, _, _ = await newcomer.browse("GET", newcomer.service.sms_base_url)
    assert status == 200
    assert not caplog.records


@pytest.mark.parametrize(("path", "content_type"), BODIES.values(), ids=BODIES)
async def test_bodies_that_cannot_be_decoded(
    newcomer: Peer, caplog: pytest.LogCaptureFixture, path: str, content_type: str
) -> None:
    """A body that claims to be gzip, and is not, gets an error of the caller, and no line in the log."""
    headers = {
        "Authorization": f"Bearer {newcomer.service.shop_key}",
        "Content-Type": content_type,
        "Content-Encoding": "gzip",
    }
    url = f"{newcomer.service.sms_base_url}{path}"
    async with newcomer.http.post(url, data=b"no gzip", headers=headers) as response:
        assert (response.status, (await response.json())["code"]) == (400, "malformed")
    assert not caplog.records
