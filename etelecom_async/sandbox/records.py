"""
Makes records: the JSON in which each kind is answered, and the columns by which the state finds it.

Seed and handlers make them through this room, so a seeded record and one made by a call look alike.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from etelecom_async.sandbox.ids import UNSET_ID
from etelecom_async.sandbox.services.account.keys import ShopKeys
from etelecom_async.sandbox.store.state import State, search_name, to_json
from etelecom_async.sandbox.times import UNSET_TIME, iso, iso_utc, micros


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
    state.insert(
        "shop",
        id=record_id,
        owner_id=owner_id,
        email=email,
        api_key=keys.api_key,
        shop_key=keys.shop_key,
        created_at=micros(created_at),
        updated_at=micros(created_at),
        doc=to_json(doc),
    )
    return doc


def add_tenant(
    state: State,
    *,
    record_id: int,
    shop_id: int,
    owner_id: int,
    connection_id: str,
    name: str,
    created_at: datetime,
    status: str = "Z",
    connection_method: str = "unknown",
) -> dict[str, Any]:
    """Add a tenant; return its JSON."""
    doc = {
        "id": str(record_id),
        "name": name,
        "domain": f"t{record_id}.pbx.example.com",
        "owner_id": str(owner_id),
        "connection_id": connection_id,
        "connection_method": connection_method,
        "status": status,
        "created_at": iso(created_at),
        "updated_at": iso(created_at),
    }
    state.insert(
        "tenant",
        id=record_id,
        shop_id=shop_id,
        owner_id=owner_id,
        search_name=search_name(name),
        created_at=micros(created_at),
        updated_at=micros(created_at),
        doc=to_json(doc),
    )
    return doc


def add_hotline(
    state: State,
    *,
    record_id: int,
    number: str,
    name: str,
    created_at: datetime,
    description: str = "",
    network: str = "unknown",
    is_free_charge: bool = False,
    owner_id: str = UNSET_ID,
    tenant: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """Add a hotline, on a tenant or on none; return its JSON."""
    doc = {
        "id": str(record_id),
        "owner_id": owner_id,
        "name": name,
        "hotline": number,
        "description": description,
        "network": network,
        "is_free_charge": is_free_charge,
        "created_at": iso(created_at),
        "updated_at": iso(created_at),
        **hotline_place(tenant),
    }
    state.insert(
        "hotline",
        id=record_id,
        tenant_id=None if tenant is None else int(tenant["id"]),
        number=number,
        created_at=micros(created_at),
        updated_at=micros(created_at),
        doc=to_json(doc),
    )
    return doc


def hotline_place(tenant: dict[str, Any] | None) -> dict[str, str]:
    """Return the fields of a hotline by which one sees whether it is attached."""
    if tenant is None:
        return {"connection_id": UNSET_ID, "connection_method": "unknown", "status": "Z"}
    return {
        "connection_id": tenant["connection_id"],
        "connection_method": tenant["connection_method"],
        "status": "P",
    }


def add_user(
    state: State,
    *,
    record_id: int,
    shop_id: int,
    full_name: str,
    phone: str,
    created_at: datetime,
    email: str = "",
    short_name: str = "",
    department_id: str = UNSET_ID,
    position: str = "",
    roles: list[str] | None = None,
    permissions: list[str] | None = None,
    deleted: bool = False,
) -> None:
    """Add an employee of a shop, as `GetAccountUsers` shows one."""
    doc = {
        "account_id": str(shop_id),
        "deleted": deleted,
        "department_id": department_id,
        "email": email,
        "full_name": full_name,
        "permissions": permissions,
        "phone": phone,
        "position": position,
        "roles": roles,
        "short_name": short_name,
        "user_id": str(record_id),
    }
    state.insert(
        "account_user",
        id=record_id,
        shop_id=shop_id,
        phone=phone,
        search_name=search_name(full_name),
        created_at=micros(created_at),
        updated_at=micros(created_at),
        doc=to_json(doc),
    )


def add_extension(
    state: State,
    *,
    record_id: int,
    tenant: dict[str, Any],
    shop_id: int,
    hotline_id: int,
    user_id: int | None,
    number: str,
    password: str,
    created_at: datetime,
    state_letter: str = "Z",
    expires_at: str = UNSET_TIME,
    subscription_id: str = UNSET_ID,
) -> dict[str, Any]:
    """Add an extension of a tenant; return its JSON."""
    doc = {
        "id": str(record_id),
        "user_id": str(user_id or UNSET_ID),
        "account_id": str(shop_id),
        "extension_number": number,
        "extension_password": password,
        "tenant_id": tenant["id"],
        "tenant_domain": tenant["domain"],
        "hotline_id": str(hotline_id),
        "created_at": iso(created_at),
        "updated_at": iso(created_at),
        "expires_at": expires_at,
        "subscription_id": subscription_id,
        "state": state_letter,
    }
    state.insert(
        "extension",
        id=record_id,
        shop_id=shop_id,
        tenant_id=int(tenant["id"]),
        hotline_id=hotline_id,
        user_id=user_id,
        number=number,
        created_at=micros(created_at),
        updated_at=micros(created_at),
        doc=to_json(doc),
    )
    return doc


def add_webhook(
    state: State, *, record_id: int, account_id: int, url: str, entities: list[str], created_at: datetime
) -> dict[str, Any]:
    """Add a webhook to which nothing was sent yet; return its JSON."""
    doc = {
        "id": str(record_id),
        "entities": entities,
        "fields": [],
        "url": url,
        "metadata": "",
        "created_at": iso_utc(created_at),
        "states": {"state": "ok", "last_sent_at": None, "last_error": None},
    }
    state.insert("webhook", id=record_id, account_id=account_id, doc=to_json(doc))
    return doc
