"""The forms of new keys."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.sandbox.conftest import Peer


async def test_forms(peer: Peer) -> None:
    """Keys have the documented forms, and both keys of the shop contain its id."""
    service = peer.service
    assert re.fullmatch(r"\d{19}:\w{32}", service.partner_api_key)
    assert re.fullmatch(r"\d{19}:\w{32}", service.shop_api_key)
    shop_id = service.shop_api_key.partition(":")[0]
    assert re.fullmatch(rf"shop{shop_id}:\w{{64}}", service.shop_key)
