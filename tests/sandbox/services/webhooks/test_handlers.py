"""Webhooks."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.sandbox.conftest import Peer

URL = "https://example.com/webhook"


async def test_create_list_delete(peer: Peer) -> None:
    """
    The list contains a webhook from creation to deletion, oldest first.

    Two webhooks may have the same URL.
    """
    assert await peer.partner("Webhook/GetWebhooks") == {"webhooks": []}
    first = await peer.partner("Webhook/CreateWebhook", url=URL, entities=["call_log"])
    second = await peer.partner("Webhook/CreateWebhook", url=URL, entities=["call_log", "zl_oa_message"])
    assert await peer.partner("Webhook/GetWebhooks") == {"webhooks": [first, second]}
    assert await peer.partner("Webhook/DeleteWebhook", id=first["id"]) == {"webhooks": [second]}
    assert await peer.partner_error("Webhook/DeleteWebhook", id=first["id"]) == (404, "not_found")
    assert await peer.partner("Webhook/DeleteWebhook", id=second["id"]) == {"webhooks": []}


async def test_a_new_webhook_is_as_documented(peer: Peer) -> None:
    """A webhook that was never called has the fields and blank values of the documentation's sample."""
    webhook = await peer.partner("Webhook/CreateWebhook", url=URL, entities=["call_log"])
    assert re.fullmatch(r"\d{19}", webhook.pop("id"))
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", webhook.pop("created_at"))
    assert webhook == {
        "entities": ["call_log"],
        "fields": [],
        "url": URL,
        "metadata": "",
        "states": {"state": "ok", "last_sent_at": None, "last_error": None},
    }


async def test_each_account_has_its_own(peer: Peer) -> None:
    """Partner and shop neither see nor delete each other's webhooks."""
    webhook = await peer.partner("Webhook/CreateWebhook", url=URL, entities=["call_log"])
    key = peer.service.shop_api_key
    assert await peer.post("shop.Webhook/GetWebhooks", key=key) == (200, {"webhooks": []})
    status, _ = await peer.post("shop.Webhook/DeleteWebhook", {"id": webhook["id"]}, key=key)
    assert status == 404
    assert await peer.partner("Webhook/GetWebhooks") == {"webhooks": [webhook]}


@pytest.mark.parametrize(
    "body",
    [
        {"url": URL},
        {"entities": ["call_log"]},
        {"url": URL, "entities": []},
        {"url": URL, "entities": None},
        {"url": URL, "entities": ["order"]},
        {"url": URL, "entities": "call_log"},
        {"url": "example.com", "entities": ["call_log"]},
    ],
)
async def test_wrong_webhooks(peer: Peer, body: dict[str, Any]) -> None:
    """A webhook needs an absolute URL and at least one of the two kinds of event."""
    assert await peer.partner_error("Webhook/CreateWebhook", **body) == (400, "invalid_argument")
    assert await peer.partner("Webhook/GetWebhooks") == {"webhooks": []}
