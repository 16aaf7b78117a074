"""Which keys are accepted, and for which operations."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from etelecom_async.errors import UnauthenticatedError
from etelecom_async.operations import OPERATIONS, KeyKind
from etelecom_async.sandbox.auth import authenticate
from etelecom_async.sandbox.services import HANDLERS

if TYPE_CHECKING:
    from collections.abc import Callable

    from etelecom_async.sandbox.store.state import State
    from tests.sandbox.conftest import Peer


async def test_both_keys_act_for_the_same_shop(peer: Peer) -> None:
    """The shop's own key and the partner's key for it name the same shop."""
    own = await peer.post("shop.Misc/CurrentAccount", key=peer.service.shop_api_key)
    assert own[1]["id"] == (await peer.shop("Shop/CurrentShop"))["id"]


@pytest.mark.parametrize(
    "authorization", [None, "", "Bearer", "Bearer ", "Bearer 1:x", "{key}", "Basic {key}"]
)
async def test_unauthenticated(peer: Peer, authorization: str | None) -> None:
    """A key that is missing, unknown or not sent as Bearer gets unauthenticated 401."""
    headers = {"Content-Type": "application/json"}
    if authorization is not None:
        headers["Authorization"] = authorization.format(key=peer.service.shop_api_key)
    url = f"{peer.service.base_url}/shop.Misc/CurrentAccount"
    async with peer.http.post(url, data=b"{}", headers=headers) as response:
        assert (response.status, (await response.json())["code"]) == (401, "unauthenticated")


def test_a_key_that_is_no_text(new_state: Callable[[], State]) -> None:
    """A key with bytes that are not UTF-8 is not valid; the state is not asked for it."""
    with pytest.raises(UnauthenticatedError, match="the key is not valid"):
        authenticate(new_state(), "Bearer \udcff")


async def test_each_operation_accepts_its_kinds_of_key(peer: Peer) -> None:
    """
    Each operation accepts the kinds of key in its row, on their base URL.

    Otherwise `meta.reason` says why.
    """
    service = peer.service
    keys = {
        KeyKind.PARTNER_API_KEY: service.partner_api_key,
        KeyKind.PARTNER_SHOP_KEY: service.shop_key,
        KeyKind.SHOP_API_KEY: service.shop_api_key,
    }
    count = 0
    for name in HANDLERS:
        row = OPERATIONS[name]
        if row.multipart or KeyKind.USERNAME_PASSWORD in row.callers:
            continue  # No JSON, or no key; see `test_uploads` and `services/sms/test_auth`
        for kind, key in keys.items():
            for scope in ("shop", "partner"):
                status, body = await peer.post(f"{scope}.{row.wire_name}", key=key)
                is_allowed = kind in row.callers and scope == kind.scope
                assert (status != 403) == is_allowed, (row.wire_name, kind, scope)
                if not is_allowed:
                    assert body["code"] == "permission_denied"
                    assert kind in body["meta"]["reason"]
                count += 1
    assert count == 54 * 6
