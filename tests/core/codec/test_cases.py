"""Results that share a response are told apart, and a wrong one is refused without its token."""

from __future__ import annotations

from typing import Any

import pytest

from etelecom_async import DecodeError, Secret
from etelecom_async.models import LoginRequired, ShopKey
from etelecom_async.operations import OPERATIONS
from tests.core.codec.conftest import decode, refused

KEY = "shop1052570182707778180:KgGTCsQHSzfKBt8la63c7E6NRqqnD5RVRMrb0aJwa8jZ"
TOKEN = "request:Ut8zhsaQp_kwKi2u2gEch_9R3yiQvpFUnB5mE_MRfks"
URL = f"https://partner-auth.etelecom.vn/login?token={TOKEN}"


def key(**changes: Any) -> dict[str, Any]:
    """Return a response with a key."""
    return {"code": "ok", "type": "shop_key", "auth_token": KEY, "expires_in": -1, **changes}


def page(**changes: Any) -> dict[str, Any]:
    """Return a response with a sign-in page."""
    response = {"code": "ok", "type": "shop_request", "auth_token": TOKEN, "expires_in": 900, "auth_url": URL}
    return {**response, **changes}


@pytest.mark.parametrize(
    "response",
    [key(), key(type=None), key(type=""), key(type="link"), key(auth_token="opaque"), key(expires_in="-1")],
    ids=["tag", "no tag", "blank tag", "unlisted tag", "unknown token", "forgiven"],
)
def test_key(response: dict[str, Any]) -> None:
    """The tag decides; without a known one, the beginning of the token does."""
    result = decode("partner.shops.authorize", response)
    assert result == ShopKey(shop_key=Secret(response["auth_token"]), expires_in=-1)
    assert KEY not in repr(result)


@pytest.mark.parametrize("name", ["partner.shops.authorize", "partner.shops.connect"])
@pytest.mark.parametrize(
    "response", [page(), page(type=None), page(auth_token=None)], ids=["tag", "no tag", "no token"]
)
def test_page(name: str, response: dict[str, Any]) -> None:
    """Both halves can return the page on which the shop must log in."""
    assert decode(name, response) == LoginRequired(auth_url=Secret(URL), expires_in=900)


@pytest.mark.parametrize(
    ("name", "response", "problem"),
    [
        (
            "partner.shops.authorize",
            key(type="link", auth_token="opaque-token"),
            "neither a known type (shop_key or shop_request) nor a known beginning of auth_token @ $.type",
        ),
        ("partner.shops.authorize", key(auth_token=None), "shop_key without auth_token @ $.auth_token"),
        ("partner.shops.authorize", key(auth_token=""), "shop_key without auth_token @ $.auth_token"),
        ("partner.shops.authorize", page(auth_url=None), "shop_request without auth_url @ $.auth_url"),
        (
            "partner.shops.authorize",
            key(auth_token=TOKEN),
            "shop_key, but with the auth_token of shop_request @ $.auth_token",
        ),
        ("partner.shops.connect", key(), "shop_key in place of shop_request @ $.type"),
    ],
    ids=["unknown", "no key", "blank key", "no page", "token of the other", "unexpected"],
)
def test_wrong_response(name: str, response: dict[str, Any], problem: str) -> None:
    """A response that is neither of the results is refused; no part of the error holds the token."""
    error = refused(name, response)
    assert type(error) is DecodeError
    assert error.problems == (problem,)
    assert error.operation == name
    for secret in (KEY, TOKEN, "opaque-token"):
        assert secret not in f"{error} {error.body!r}"


def test_results_of_a_row() -> None:
    """A row names the classes of its results."""
    assert OPERATIONS["partner.shops.authorize"].results == (ShopKey, LoginRequired)
    assert OPERATIONS["partner.shops.connect"].results == (LoginRequired,)
    assert OPERATIONS["account"].results == (dict,)
