"""Test the kinds of keys, and the one call that checks a key."""

from __future__ import annotations

from typing import Any

import pytest

from etelecom_async import KeyKind, KeyKindError, Secret
from etelecom_async.cli.credentials import Credentials
from etelecom_async.cli.key_check import KINDS, check, is_of_one_shop, kind_of, setting_of, shop_of
from etelecom_async.cli.settings import SETTINGS

OWN, LINKED = "1161512386239479010:x", "shop1161512386239479010:x"


@pytest.mark.parametrize(
    ("whose", "key", "setting"),
    [
        ("partner", OWN, "partner_api_key"),
        ("shop", OWN, "shop_api_key"),
        ("shop", LINKED, "shop_key"),
        ("sms", "p w", "sms_password"),
    ],
)
def test_kind(whose: str, key: str, setting: str) -> None:
    """The form of a shop's key shows its kind; a partner's may have the form of a shop's own."""
    assert setting_of(kind_of(whose, Secret(key))) == setting
    assert SETTINGS[setting].is_secret


def test_wrong_kind() -> None:
    """A partner's key for a shop is no partner's key, and a request token is no key."""
    with pytest.raises(KeyKindError):
        kind_of("partner", Secret(LINKED))
    assert [is_of_one_shop(Secret(key)) for key in (LINKED, OWN, "request:x")] == [True, False, False]
    assert set(KINDS) == set(KeyKind)
    assert [shop_of(key) for key in (LINKED, OWN, "x")] == ["1161512386239479010"] * 2 + [""]


@pytest.mark.parametrize(
    ("whose", "key", "path"),
    [
        ("partner", OWN, "/v1/partner.Misc/CurrentAccount"),
        ("shop", OWN, "/v1/shop.Misc/CurrentAccount"),
        ("shop", LINKED, "/v1/partner.Shop/CurrentShop"),
        ("sms", "password", "/v1/api/TemplateOmni/GetTemplate"),
    ],
)
def test_one_call(peer: Any, whose: str, key: str, path: str) -> None:
    """The check makes one READ call, and returns name and id of the account."""
    peer.always = lambda _: peer.json({"id": "7", "name": "Mây", "ListTemp": []})
    credentials = Credentials(whose, Secret(key), "VARIABLE", "here", "someone")
    account = check(credentials, peer.base_url)
    assert [request.path for request in peer.requests] == [path]
    assert account == ("" if whose == "sms" else "Mây (7)")
    assert check(credentials, peer.base_url, makes_call=False) == ""
    assert len(peer.requests) == 1
