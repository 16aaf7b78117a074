"""
New API keys, in the documented forms.

A shop's own key is `<19 digits>:<32 characters>`. The partner's key for a shop is
`shop<19 digits>:<64 characters>`. The form of a partner's own key is not documented; the sandbox uses
the form of a shop's own key.
"""

from __future__ import annotations

import random

import attrs

from etelecom_async.sandbox.world.fake import secret


@attrs.frozen(kw_only=True)
class ShopKeys:
    """The two keys of a shop."""

    api_key: str
    """The shop's own key."""
    shop_key: str
    """The partner's key for the shop."""


def new_api_key(rng: random.Random, account_id: int) -> str:
    """Return a new own key of a shop or partner."""
    return f"{account_id}:{secret(rng, 32)}"


def new_shop_key(rng: random.Random, shop_id: int) -> str:
    """Return a new key of the partner for a shop."""
    return f"shop{shop_id}:{secret(rng, 64)}"


def new_shop_keys(rng: random.Random, shop_id: int) -> ShopKeys:
    """Return both keys of a new shop."""
    return ShopKeys(api_key=new_api_key(rng, shop_id), shop_key=new_shop_key(rng, shop_id))
