"""Tell the kind of a key, and check it with one READ call. This module loads the client."""

from __future__ import annotations

from typing import Final, cast

from etelecom_async import EtelecomError, PartnerClient, Secret, ShopClient, SmsClient
from etelecom_async._core import api_keys
from etelecom_async._core.operation import KeyKind
from etelecom_async.cli.calling import client
from etelecom_async.cli.credentials import PARTNER, SMS, Credentials
from etelecom_async.cli.signals import run_until_interrupted

KINDS: Final = {
    KeyKind.PARTNER_API_KEY: "the partner's own key",
    KeyKind.SHOP_API_KEY: "the shop's own key",
    KeyKind.PARTNER_SHOP_KEY: "a partner's key for one shop",
    KeyKind.USERNAME_PASSWORD: "a password of the SMS service",
}
"""What to call each kind of key."""
_SETTINGS: Final = {
    KeyKind.PARTNER_API_KEY: "partner_api_key",
    KeyKind.SHOP_API_KEY: "shop_api_key",
    KeyKind.PARTNER_SHOP_KEY: "shop_key",
    KeyKind.USERNAME_PASSWORD: "sms_password",
}


def kind_of(whose: str, key: Secret) -> KeyKind:
    """
    Return the kind of a key.

    Raises:
        KeyKindError: The form is that of another kind of key.
    """
    if whose == SMS:
        return KeyKind.USERNAME_PASSWORD
    return api_keys.partner_key(key) if whose == PARTNER else api_keys.shop_key(key)


def setting_of(kind: KeyKind) -> str:
    """Return the setting of a profile that holds a key of this kind."""
    return _SETTINGS[kind]


def is_of_one_shop(key: Secret) -> bool:
    """Return whether the form shows that it is a partner's key for a shop; no other form is clear."""
    try:
        return api_keys.shop_key(key) is KeyKind.PARTNER_SHOP_KEY
    except EtelecomError:
        return False


def shop_of(key: str) -> str:
    """Return the id of the account in a key; empty if the key shows none."""
    before, colon, _ = key.partition(":")
    return before.removeprefix("shop") if colon else ""


def check(credentials: Credentials, base_url: str | None, *, makes_call: bool = True) -> str:
    """
    Check the form of a key, and make one READ call with it.

    Args:
        credentials: The key.
        base_url: URL of the API, if an option gave it.
        makes_call: Whether to make the call.

    Returns:
        Name and id of the account, if the response has them.

    Raises:
        CommandError: The key or the URL cannot be used.
        EtelecomError: The service refused the key, or could not be reached.
    """
    kind = kind_of(credentials.client, credentials.secret)
    made = client(credentials, base_url, None)
    return run_until_interrupted(_account(made, kind)) if makes_call else ""


async def _account(made: PartnerClient | ShopClient | SmsClient, kind: KeyKind) -> str:
    async with made:
        if isinstance(made, SmsClient):
            await made.templates.list(item_count=1)
            return ""
        if kind is KeyKind.PARTNER_SHOP_KEY:
            shop = await cast("ShopClient", made).current()
            return _shown(shop.name, shop.id)
        account = await made.account()
        return _shown(account.get("name"), account.get("id"))


def _shown(name: object, number: object) -> str:
    return " ".join(str(part) for part in (name, number and f"({number})") if part)
