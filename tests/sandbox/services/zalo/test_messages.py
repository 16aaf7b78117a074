"""Consulting messages, and their quotas."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from etelecom_async.sandbox.times import next_month

if TYPE_CHECKING:
    from tests.sandbox.conftest import Peer

COMMON = {"direction", "msg_id", "oa_id", "recipient_id", "sender_id", "shop_id", "type", "user_id"}


async def parties(peer: Peer) -> dict[str, Any]:
    """Returns the sender and the recipient, who is a follower."""
    oa_id = (await peer.oas())[0]["oa_id"]
    wanted = {"oa_id": oa_id, "state": "follow"}
    followers = (await peer.shop("Zalo/ListFollowers", filter=wanted))["followers"]
    return {"oa_id": oa_id, "recipient": {"user_id": followers[0]["zl_user_id"]}}


async def uploaded(peer: Peer, kind: str, oa_id: str) -> str:
    """Returns the token of an upload."""
    content_type = "image/png" if kind == "image" else "application/pdf"
    status, response = await peer.upload(b"abc", "a", content_type, type=kind, oa_id=oa_id)
    assert status == 200
    token: str = response["token"]
    return token


async def messages(peer: Peer, oa_id: str) -> dict[str, tuple[dict[str, Any], str, set[str]]]:
    """Returns a message of each kind: content, type in the response, and fields that only this kind has."""
    linked = {"quota", "wl_partner_id", "zl_user_id"}
    return {
        "OASendText": ({"text": "Chào bạn"}, "text", {"quota"}),
        "OASendSticker": ({"attachment_id": "bfe458bf64fa8da4d4eb"}, "sticker", linked),
        "OASendImage": ({"attachment_id": await uploaded(peer, "image", oa_id)}, "photo", linked),
        "OASendFile": ({"token": await uploaded(peer, "file", oa_id)}, "file", {"zl_user_id"}),
    }


async def test_each_kind_is_sent(peer: Peer) -> None:
    """The response to each kind has the fields of its documentation, with sender and recipient."""
    body = await parties(peer)
    for method, (message, kind, more) in (await messages(peer, body["oa_id"])).items():
        response = await peer.shop(f"Zalo/{method}", message=message, **body)
        assert set(response) == COMMON | more, method
        assert (response["direction"], response["type"]) == ("out", kind)
        assert (response["sender_id"], response["oa_id"]) == (body["oa_id"], body["oa_id"])
        assert response["recipient_id"] == body["recipient"]["user_id"]
        assert response["msg_id"]


async def test_message_ids_differ(peer: Peer) -> None:
    """A message that is sent twice has two ids."""
    body = await parties(peer)
    sent = [await peer.shop("Zalo/OASendText", message={"text": "a"}, **body) for _ in range(2)]
    assert sent[0]["msg_id"] != sent[1]["msg_id"]


async def test_a_picture_by_its_url(peer: Peer) -> None:
    """A URL of a picture is enough, and a request may have both URL and upload."""
    body = await parties(peer)
    url = "https://example.com/a.png"
    await peer.shop("Zalo/OASendImage", message={"image_url": url}, **body)
    token = await uploaded(peer, "image", body["oa_id"])
    await peer.shop("Zalo/OASendImage", message={"image_url": url, "attachment_id": token}, **body)


@pytest.mark.parametrize(
    ("method", "message"),
    [
        ("OASendText", {}),
        ("OASendText", {"text": "  "}),
        ("OASendText", {"text": "x" * 2001}),
        ("OASendText", {"text": ["a"]}),
        ("OASendSticker", {}),
        ("OASendImage", {}),
        ("OASendImage", {"image_url": "a.png"}),
        ("OASendFile", {}),
    ],
)
async def test_wrong_messages(peer: Peer, method: str, message: dict[str, Any]) -> None:
    """
    Empty, long and wrong content is rejected, and so is a missing message, sender or recipient.

    Nothing is sent.
    """
    body = await parties(peer) | {"message": message}
    assert await peer.shop_error(f"Zalo/{method}", **body) == (400, "invalid_argument")
    for missing in body:
        fields = {name: value for name, value in body.items() if name != missing}
        assert await peer.shop_error(f"Zalo/{method}", **fields) == (400, "invalid_argument")


async def test_unknown_ids(peer: Peer) -> None:
    """An unknown recipient, account or token gets not_found, and so does a user of another account."""
    body = await parties(peer)
    content = {"message": {"text": "a"}}
    unknown_user = body | content | {"recipient": {"user_id": "1"}}
    assert await peer.shop_error("Zalo/OASendText", **unknown_user) == (404, "not_found")
    unknown_account = body | content | {"oa_id": "1"}
    assert await peer.shop_error("Zalo/OASendText", **unknown_account) == (404, "not_found")
    second = (await peer.oas())[1]["oa_id"]
    others = await peer.shop("Zalo/ListFollowers", filter={"oa_id": second})
    user_of_another_account = (
        body | content | {"recipient": {"user_id": others["followers"][0]["zl_user_id"]}}
    )
    assert await peer.shop_error("Zalo/OASendText", **user_of_another_account) == (404, "not_found")
    for method, name in (("OASendFile", "token"), ("OASendImage", "attachment_id")):
        unknown = body | {"message": {name: "x"}}
        assert await peer.shop_error(f"Zalo/{method}", **unknown) == (404, "not_found")
    no_picture = body | {"message": {"attachment_id": await uploaded(peer, "file", body["oa_id"])}}
    assert await peer.shop_error("Zalo/OASendImage", **no_picture) == (400, "invalid_argument")


async def test_replies_are_used_first(peer: Peer) -> None:
    """In the 48 hours after an interaction, 8 replies are free. Other messages use the package."""
    body = await parties(peer)

    async def send() -> dict[str, str]:
        quota: dict[str, str] = (await peer.shop("Zalo/OASendText", message={"text": "a"}, **body))["quota"]
        return quota

    quota = await send()
    assert (quota["quota_type"], quota["remain"], quota["total"]) == ("sub_quota", "1999", "2000")
    assert (quota["owner_type"], quota["owner_id"]) == ("OA", body["oa_id"])
    assert quota["expired_date"][2:3] == "/"
    await peer.shop("Zalo/RequestUserInfo", oa_id=body["oa_id"], zl_user_id=body["recipient"]["user_id"])
    peer.advance(minutes=6)
    replies = [await send() for _ in range(9)]
    assert [reply["quota_type"] for reply in replies] == ["reply"] * 8 + ["sub_quota"]
    assert [reply["remain"] for reply in replies] == ["7", "6", "5", "4", "3", "2", "1", "0", "1998"]
    await peer.shop("Zalo/RequestUserInfo", oa_id=body["oa_id"], zl_user_id=body["recipient"]["user_id"])
    peer.advance(minutes=6)
    assert (await send())["quota_type"] == "reply"
    peer.advance(hours=48)
    assert (await send())["quota_type"] == "sub_quota"


async def test_a_package_is_used_up(peer: Peer) -> None:
    """Past the package, messages are rejected until the next month; rejected messages are not counted."""
    state = peer.service._now.state
    body = await parties(peer)
    state.execute("UPDATE oa SET package = 3 WHERE id = ?", int(body["oa_id"]))
    # Early in a month, so that the messages below are of one month.
    peer.service.advance(next_month(peer.service.now) - peer.service.now)
    content = body | {"message": {"text": "a"}}
    sent = [(await peer.shop("Zalo/OASendText", **content))["quota"]["remain"] for _ in range(3)]
    assert sent == ["2", "1", "0"]
    for _ in range(2):
        assert await peer.shop_error("Zalo/OASendText", **content) == (429, "resource_exhausted")
    peer.advance(days=31)
    assert (await peer.shop("Zalo/OASendText", **content))["quota"]["remain"] == "2"


async def test_the_first_message_creates_a_conversation(peer: Peer) -> None:
    """The first message to a user creates a conversation."""
    oa_id = (await peer.oas())[0]["oa_id"]
    wanted = {"oa_id": oa_id, "has_conversation": False}
    one = (await peer.shop("Zalo/ListFollowers", filter=wanted))["followers"][0]
    body = {"oa_id": oa_id, "recipient": {"user_id": one["zl_user_id"]}, "message": {"text": "a"}}
    await peer.shop("Zalo/OASendText", **body)
    (after,) = (await peer.shop("Zalo/ListFollowers", filter={"zl_user_id": one["zl_user_id"]}))["followers"]
    assert after["has_conversation"] is True
