"""Routing, errors before a handler runs, and the encoding of responses."""

from __future__ import annotations

import io
import logging
import sqlite3
from typing import TYPE_CHECKING, Any

import pytest

from etelecom_async.operations import OPERATIONS
from etelecom_async.sandbox.services import HANDLERS

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
        ({"hotline_id": "1", "extension_number": "1001"}, "extension_number"),
        ({"hotline_id": 1, "extension_number": 1001}, "hotline_id"),
    ],
)
async def test_invalid_argument_names_the_field(peer: Peer, body: dict[str, Any], path: str) -> None:
    """A missing field or a wrong type gets invalid_argument 400 with the name of the field."""
    status, response = await peer.post("partner.Etelecom/CreateExtension", body, key=peer.service.shop_key)
    assert (status, response["code"]) == (400, "invalid_argument")
    assert path in response["msg"]


def test_every_operation_has_a_handler() -> None:
    """Each operation of the table has a handler, and each handler has an operation."""
    assert set(HANDLERS) == set(OPERATIONS)


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
    assert peer.service.requests == counts
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
