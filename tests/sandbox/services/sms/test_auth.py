"""The authentication of the SMS service, and the form of its rejections."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from etelecom_async.sandbox import Sandbox

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractAsyncContextManager

    from tests.sandbox.conftest import Peer

PATHS = ("OmniMessage/SendMessage", "OmniReport/GetStatusOmni", "TemplateOmni/GetTemplate")


async def ask(peer: Peer, path: str, data: bytes | None = None, **body: Any) -> tuple[int, str, str]:
    """Returns status, content type and text of the response."""
    url = f"{peer.service.sms_base_url}/api/{path}"
    async with peer.http.post(url, data=data, json=None if data is not None else body) as response:
        return response.status, response.content_type, await response.text()


@pytest.mark.parametrize("path", PATHS)
async def test_unauthorized(newcomer: Peer, path: str) -> None:
    """A user name or password that is wrong, missing or not a text gets 401 with plain text."""
    right = {"username": newcomer.service.sms_username, "password": newcomer.service.sms_password}
    for wrong in (
        {"username": "x"},
        {"password": "x"},
        {"password": None},
        {"username": 7},
        {"password": ["x"]},
    ):
        assert await ask(newcomer, path, **(right | wrong)) == (401, "text/plain", "Unauthorized")
    assert await ask(newcomer, path) == (401, "text/plain", "Unauthorized")
    assert (await ask(newcomer, path, **right))[0] == 200


async def test_a_key_is_not_required(newcomer: Peer) -> None:
    """A Bearer key is neither required nor enough."""
    url = f"{newcomer.service.sms_base_url}/api/{PATHS[0]}"
    headers = {"Authorization": f"Bearer {newcomer.service.shop_key}"}
    async with newcomer.http.post(url, json={}, headers=headers) as response:
        assert response.status == 401


@pytest.mark.parametrize(
    ("whitelist", "status"),
    [
        (None, 200),
        (["127.0.0.1"], 200),
        (["10.0.0.0/8", "127.0.0.0/8"], 200),
        (["10.0.0.1", "::1"], 401),
        ([], 401),
    ],
)
async def test_whitelist(
    open_peer: Callable[..., AbstractAsyncContextManager[Peer]], whitelist: list[str] | None, status: int
) -> None:
    """
    An address that is not on the whitelist gets a rejection in plain text.

    Without a whitelist, all addresses may call.
    """
    async with open_peer(call_logs=0, sms_whitelist=whitelist) as peer:
        right = {"username": peer.service.sms_username, "password": peer.service.sms_password}
        for path in PATHS:
            response = await ask(peer, path, **right)
            assert response[0] == status
            if status == 401:
                assert response[1:] == ("text/plain", "Can't access from this IP")
                assert await ask(peer, path, username="x") == response
        # The rest of the sandbox is another host.
        await peer.shop("Etelecom/GetTenant")


def test_wrong_whitelists() -> None:
    """A text that is neither an address nor a network raises an error before the sandbox starts."""
    with pytest.raises(ValueError, match="localhost"):
        Sandbox(sms_whitelist=["localhost"])


@pytest.mark.parametrize(
    "data", [b"", b"{", b"[]", b"[" * 100_000, b'{"a": NaN}', b'{"a": "\\ud800"}', b"\xff"]
)
async def test_bodies_that_are_not_json_objects(newcomer: Peer, data: bytes) -> None:
    """A body that is not a JSON object gets 400 with plain text."""
    status, content_type, text = await ask(newcomer, PATHS[0], data=data)
    assert (status, content_type, text) == (400, "text/plain", "The body is not a JSON object")


async def test_any_content_type(newcomer: Peer) -> None:
    """The documentation's sample of a status has no content type, so none is required."""
    data = b'{"username":"%b","password":"%b"}' % (
        newcomer.service.sms_username.encode(),
        newcomer.service.sms_password.encode(),
    )
    assert (await ask(newcomer, "TemplateOmni/GetTemplate", data=data))[0] == 200
