"""The record of a shop."""

from __future__ import annotations

from typing import TYPE_CHECKING

from etelecom_async.sandbox.services.account.keys import ShopKeys
from etelecom_async.sandbox.services.account.records import add_shop
from etelecom_async.sandbox.store.state import utc_now

if TYPE_CHECKING:
    from collections.abc import Callable

    from etelecom_async.sandbox.store.state import State


def test_a_new_shop_is_linked(new_state: Callable[[], State]) -> None:
    """A new shop has both keys, and its JSON contains neither."""
    state = new_state()
    keys = ShopKeys(api_key="7:own", shop_key="shop7:partner")
    doc = add_shop(
        state,
        record_id=7,
        owner_id=8,
        code="ABCD",
        name="Cửa hàng",
        email="a@example.com",
        phone="0901234567",
        keys=keys,
        created_at=utc_now(),
    )
    row = state.fetch_one("SELECT api_key, shop_key, owner_id FROM shop WHERE id = 7")
    assert tuple(row) == ("7:own", "shop7:partner", 8)
    assert (doc["id"], doc["owner_id"], doc["name"]) == ("7", "8", "Cửa hàng")
    assert state.fetch_doc("shop", 7) == doc
    assert not {"7:own", "shop7:partner"} & set(map(str, doc.values()))
