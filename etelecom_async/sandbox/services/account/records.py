"""The record of a shop: its JSON and its columns."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from etelecom_async.sandbox.services.account.keys import ShopKeys
from etelecom_async.sandbox.store.state import State
from etelecom_async.sandbox.times import iso


def add_shop(
    state: State,
    *,
    record_id: int,
    owner_id: int,
    code: str,
    name: str,
    email: str,
    phone: str,
    keys: ShopKeys,
    created_at: datetime,
) -> dict[str, Any]:
    """Add a shop that is linked with the partner; return its JSON."""
    doc = {
        "id": str(record_id),
        "name": name,
        "code": code,
        "email": email,
        "phone": phone,
        "owner_id": str(owner_id),
        "image_url": "",
        "created_at": iso(created_at),
        "is_test": False,
        "is_blocked": False,
        "block_reason": "",
        "address": None,
        "bank_account": None,
        "company_info": None,
        "exported_fields": None,
        "auto_create_ffm": False,
        "ghn_note_code": "unknown",
        "inventory_overstock": False,
        "is_prior_money_transaction": False,
        "money_transaction_count": 0,
        "money_transaction_rrule": "",
    }
    state.insert_record(
        "shop",
        record_id,
        doc,
        created_at,
        owner_id=owner_id,
        email=email,
        api_key=keys.api_key,
        shop_key=keys.shop_key,
    )
    return doc
