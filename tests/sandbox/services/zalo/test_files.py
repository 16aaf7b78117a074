"""Uploads: the accepted files, and the life of a token."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.sandbox.conftest import Peer


async def shown(peer: Peer, token: str) -> Any:
    """Returns the description of an upload."""
    async with peer.http.get(f"{peer.service.sms_base_url}/_sandbox/uploads/{token}") as response:
        return await response.json()


@pytest.mark.parametrize(
    ("kind", "name", "content_type", "expected"),
    [
        ("image", "a.png", "image/png", "image/png"),
        ("image", "a.jpg", "image/jpeg", "image/jpeg"),
        ("image", "a.jpeg", "application/octet-stream", "image/jpeg"),
        ("image", "a.PNG", "image/png; charset=x", "image/png"),
        ("file", "giá.pdf", "application/pdf", "application/pdf"),
        ("", "a", "application/octet-stream", "application/octet-stream"),
        ("anything", "a.bin", "x/y", "x/y"),
    ],
)
async def test_accepted_files(peer: Peer, kind: str, name: str, content_type: str, expected: str) -> None:
    """A picture is accepted by its content type or else by its name; other files of any kind are accepted."""
    oa_id = (await peer.oas())[0]["oa_id"]
    status, response = await peer.upload(b"abc", name, content_type, type=kind, oa_id=oa_id)
    assert status == 200, response
    assert set(response) == {"token"}
    upload = await shown(peer, response["token"])
    assert (upload["type"], upload["name"], upload["content_type"]) == (kind, name, expected)
    assert upload["size"] == 3


async def test_type_is_optional(peer: Peer) -> None:
    """`type` is optional, because the documentation does not mark it as required."""
    status, _ = await peer.upload(oa_id=(await peer.oas())[0]["oa_id"])
    assert status == 200


@pytest.mark.parametrize(
    ("content", "content_type", "kind", "word"),
    [
        (b"", "application/pdf", "file", "empty"),
        (b"abc", "image/gif", "image", "image/gif"),
        (b"abc", "text/plain", "image", "text/plain"),
        (b"x" * (10 * 1024 * 1024 + 1), "image/png", "image", "at most"),
    ],
    ids=["empty", "gif", "text", "large"],
)
async def test_rejected_files(peer: Peer, content: bytes, content_type: str, kind: str, word: str) -> None:
    """An empty file, a picture of another type, and a file that is too large are rejected with the reason."""
    oa_id = (await peer.oas())[0]["oa_id"]
    status, response = await peer.upload(content, "a.png", content_type, type=kind, oa_id=oa_id)
    assert (status, response["code"]) == (400, "invalid_argument")
    assert word in response["msg"]


async def test_a_form_needs_file_and_account(peer: Peer) -> None:
    """A form without a file or without an account is rejected, and nothing is stored."""
    status, response = await peer.upload(type="image")
    assert (status, response["code"], response["meta"]["field"]) == (400, "invalid_argument", "oa_id")
    status, response = await peer.upload(type="image", oa_id="1")
    assert (status, response["code"]) == (404, "not_found")
    body = b'--x\r\nContent-Disposition: form-data; name="oa_id"\r\n\r\n%b\r\n--x--\r\n'
    oa_id = (await peer.oas())[0]["oa_id"]
    headers = {
        "Authorization": f"Bearer {peer.service.shop_key}",
        "Content-Type": "multipart/form-data; boundary=x",
    }
    url = f"{peer.service.base_url}/partner.OA/UploadFile"
    async with peer.http.post(url, data=body % oa_id.encode(), headers=headers) as refused:
        response = await refused.json()
    assert (refused.status, response["meta"]["field"]) == (400, "file")


async def test_a_token_is_valid_for_seven_days(peer: Peer) -> None:
    """A token expires after seven days; then it is like an unknown one."""
    oa = (await peer.oas())[0]
    followers = await peer.shop("Zalo/ListFollowers", filter={"oa_id": oa["oa_id"]})
    _, response = await peer.upload(type="file", oa_id=oa["oa_id"])
    message = {
        "oa_id": oa["oa_id"],
        "recipient": {"user_id": followers["followers"][0]["zl_user_id"]},
        "message": {"token": response["token"]},
    }
    peer.advance(days=6, hours=23)
    await peer.shop("Zalo/OASendFile", **message)
    peer.advance(hours=2)
    assert await peer.shop_error("Zalo/OASendFile", **message) == (404, "not_found")
