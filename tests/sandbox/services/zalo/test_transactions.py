"""Transaction messages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.sandbox.conftest import Peer

URL = {"type": "oa.open.url", "title": "Xem", "payload": {"url": "https://example.com"}}
MESSAGE: dict[str, Any] = {
    "content_banner": {"image_url": "https://example.com/a.png"},
    "content_header": {"content": "Đơn hàng", "align": "left"},
    "content_text": {"content": "Cảm ơn bạn", "align": "center"},
    "content_table": [{"key": "x" * 25, "value": "x" * 100, "style": "yellow"}],
    "buttons": [
        URL | {"title": "x" * 100, "image_icon": "default"},
        {"type": "oa.query.show", "title": "Hỏi", "payload": {"content": "x" * 1000}},
        {"type": "oa.open.sms", "title": "SMS", "payload": {"content": "a", "phone_code": "0901234567"}},
        {"type": "oa.open.phone", "title": "Gọi", "payload": {"phone_code": "0901234567"}, "image_icon": ""},
    ],
}


async def parties(peer: Peer) -> dict[str, Any]:
    """Returns the sender and the recipient."""
    oa_id = (await peer.oas())[0]["oa_id"]
    followers = (await peer.shop("Zalo/ListFollowers", filter={"oa_id": oa_id}))["followers"]
    return {"oa_id": oa_id, "recipient": {"user_id": followers[0]["zl_user_id"]}}


async def test_full_and_minimal_messages(peer: Peer) -> None:
    """A message with all fields and one with few fields are sent; the response has only the id."""
    body = await parties(peer) | {"template_type": "transaction_order", "language": "VI"}
    responses = [await peer.shop("Zalo/SendZNSTxn", message=message, **body) for message in (MESSAGE, {})]
    assert [set(response) for response in responses] == [{"message_id"}] * 2
    assert responses[0]["message_id"] != responses[1]["message_id"]


async def test_uploads_in_a_message(peer: Peer) -> None:
    """Banner and icon accept only the token of an uploaded picture."""
    body = await parties(peer)
    _, response = await peer.upload(b"abc", "a.png", "image/png", type="image", oa_id=body["oa_id"])
    for token, status in ((response["token"], 200), ("x", 404)):
        for message in (
            {"content_banner": {"attachment_id": token}},
            {"buttons": [URL | {"image_icon": token}]},
        ):
            found, _ = await peer.post(
                "partner.Zalo/SendZNSTxn", body | {"message": message}, key=peer.service.shop_key
            )
            assert found == status, message


@pytest.mark.parametrize(
    ("message", "field"),
    [
        ({"buttons": [URL] * 5}, "message.buttons"),
        ({"buttons": [URL | {"title": ""}]}, "message.buttons[0].title"),
        ({"buttons": [URL, URL | {"title": "x" * 101}]}, "message.buttons[1].title"),
        ({"buttons": [URL | {"type": "oa.open.door"}]}, "message.buttons[0].type"),
        ({"buttons": [{"type": "oa.open.url", "title": "a"}]}, "message.buttons[0].payload.url"),
        ({"buttons": [URL | {"payload": {"url": "example"}}]}, "message.buttons[0].payload.url"),
        (
            {"buttons": [URL | {"type": "oa.query.hide", "payload": {"content": "x" * 1001}}]},
            "message.buttons[0].payload.content",
        ),
        (
            {"buttons": [URL | {"type": "oa.open.sms", "payload": {"content": "x"}}]},
            "message.buttons[0].payload.phone_code",
        ),
        ({"content_table": [{"key": "x" * 26, "value": "a"}]}, "message.content_table[0].key"),
        ({"content_table": [{"key": "a", "value": "x" * 101}]}, "message.content_table[0].value"),
        ({"content_table": [{"key": "a"}]}, "message.content_table[0].value"),
        ({"content_banner": {}}, "message.content_banner.attachment_id"),
        ({"content_banner": {"image_url": "a.png"}}, "message.content_banner.image_url"),
        ({"content_header": {"align": "left"}}, "message.content_header.content"),
        ({"content_text": {"content": "a", "align": "top"}}, "message.content_text.align"),
    ],
)
async def test_limits(peer: Peer, message: dict[str, Any], field: str) -> None:
    """A field that passes a limit, or a missing required field, is rejected with its name."""
    body = await parties(peer) | {"message": message}
    status, response = await peer.post("partner.Zalo/SendZNSTxn", body, key=peer.service.shop_key)
    assert (status, response["code"]) == (400, "invalid_argument")
    assert response["meta"]["field"] == field


async def test_language_and_recipient(peer: Peer) -> None:
    """The language is one of three, and the recipient is a user of the account."""
    body = await parties(peer) | {"message": {}}
    assert await peer.shop_error("Zalo/SendZNSTxn", **body, language="WE") == (400, "invalid_argument")
    unknown = body | {"recipient": {"user_id": "1"}}
    assert await peer.shop_error("Zalo/SendZNSTxn", **unknown) == (404, "not_found")
    for missing in body:
        fields = {name: value for name, value in body.items() if name != missing}
        assert await peer.shop_error("Zalo/SendZNSTxn", **fields) == (400, "invalid_argument")
