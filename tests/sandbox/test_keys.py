"""Forms of keys. Who is let in is tested over HTTP, in test_app."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.sandbox.conftest import Peer


async def test_forms(peer: Peer) -> None:
    """Keys have the forms of the documentation, and the shop's two are of one shop."""
    service = peer.service
    assert re.fullmatch(r"\d{19}:\w{32}", service.partner_api_key)
    assert re.fullmatch(r"\d{19}:\w{32}", service.shop_api_key)
    shop_id = service.shop_api_key.partition(":")[0]
    assert re.fullmatch(rf"shop{shop_id}:\w{{64}}", service.shop_key)


async def test_both_keys_act_for_the_same_shop(peer: Peer) -> None:
    """What is made with the shop's own key is seen with the partner's key for it."""
    own = await peer.post("shop.Misc/CurrentAccount", key=peer.service.shop_api_key)
    assert own[1]["id"] == (await peer.shop("Shop/CurrentShop"))["id"]
