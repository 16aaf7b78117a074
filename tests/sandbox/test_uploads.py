"""Uploads of files of any size."""

from __future__ import annotations

import hashlib
import tracemalloc
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.sandbox.conftest import Peer

PIECE = bytes(range(256)) * 1024


async def post(
    peer: Peer, data: Any, content_type: str | None = None, key: str | None = None
) -> tuple[int, Any]:
    """Uploads any body; returns status and JSON."""
    headers = {"Authorization": f"Bearer {key or peer.service.shop_key}"}
    if content_type:
        headers["Content-Type"] = content_type
    url = f"{peer.service.base_url}/partner.OA/UploadFile"
    async with peer.http.post(url, data=data, headers=headers) as response:
        return response.status, await response.json()


def form(pieces: int, **fields: str) -> aiohttp.FormData:
    """Returns a form with a file of this many pieces, which are generated while it is sent."""

    async def content() -> AsyncIterator[bytes]:
        for _ in range(pieces):
            yield PIECE

    made = aiohttp.FormData()
    for name, value in fields.items():
        made.add_field(name, value)
    made.add_field("file", content(), filename="film.mp4", content_type="video/mp4")
    return made


async def test_a_large_file_needs_little_memory(peer: Peer) -> None:
    """A file of 100 MiB is counted and hashed completely, but only a small part is in memory at a time."""
    oa_id = (await peer.oas())[0]["oa_id"]
    pieces = 400
    tracemalloc.start()
    try:
        status, response = await post(peer, form(pieces, type="video", oa_id=oa_id))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert status == 200, response
    assert peak < 16 * 1024 * 1024
    digest = hashlib.sha256()
    for _ in range(pieces):
        digest.update(PIECE)
    async with peer.http.get(f"{peer.service.sms_base_url}/_sandbox/uploads/{response['token']}") as found:
        upload = await found.json()
    assert (upload["size"], upload["sha256"]) == (pieces * len(PIECE), digest.hexdigest())


async def test_a_caller_receives_the_rejection(peer: Peer) -> None:
    """A large file with a bad key or a wrong path gets its error after the last byte, instead of a reset."""
    status, response = await post(peer, form(100, type="video"), key="1:x")
    assert (status, response["code"]) == (401, "unauthenticated")
    url = f"{peer.service.base_url}/partner.OA/Nothing"
    async with peer.http.post(url, data=form(100)) as answered:
        assert (answered.status, (await answered.json())["code"]) == (404, "bad_route")


async def test_the_partners_own_key_is_rejected(peer: Peer) -> None:
    """An upload belongs to a shop, so the partner's own key gets permission_denied."""
    status, response = await post(peer, form(1, type="video"), key=peer.service.partner_api_key)
    assert (status, response["code"]) == (403, "permission_denied")


async def test_the_content_type_must_be_a_form(peer: Peer) -> None:
    """JSON gets bad_route, like any other wrong content type."""
    status, response = await post(peer, b"{}", "application/json")
    assert (status, response["code"]) == (404, "bad_route")


FORM = "multipart/form-data; boundary=x"
PART = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n'
NO_FORMS = {
    "no boundary": (b"", "multipart/form-data"),
    "empty": (b"", FORM),
    "something else": (b"no form", FORM),
    "cut off": (PART + b"\r\nabc", FORM),
    "a form inside": (
        b"--x\r\nContent-Type: multipart/mixed; boundary=y\r\n\r\n--y\r\n\r\na\r\n--y--\r\n--x--\r\n",
        FORM,
    ),
    "no header": (b"--x\r\nno header\r\n\r\nabc\r\n--x--\r\n", FORM),
    "a long header": (b"--x\r\nX: " + b"y" * 20_000 + b"\r\n\r\nabc\r\n--x--\r\n", FORM),
    "no text": (b'--x\r\nContent-Disposition: form-data; name="type"\r\n\r\n\xff\r\n--x--\r\n', FORM),
}


@pytest.mark.parametrize(("data", "content_type"), NO_FORMS.values(), ids=NO_FORMS)
async def test_invalid_forms(peer: Peer, data: bytes, content_type: str) -> None:
    """A body that is not a form, or ends too early, gets 400."""
    status, response = await post(peer, data, content_type)
    assert (status, response["code"]) == (400, "malformed")


async def test_fields_are_short(peer: Peer) -> None:
    """The other fields have a maximum length and a maximum number."""
    status, response = await peer.upload(type="x" * 5000)
    assert (status, response["code"]) == (400, "invalid_argument")
    status, response = await peer.upload(**{f"field{number}": "x" for number in range(20)})
    assert (status, response["code"]) == (400, "invalid_argument")
