"""The records of employees, extensions and calls: their JSON and their columns."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from etelecom_async._core.codec.scalars import NEVER
from etelecom_async.sandbox.ids import UNSET_ID
from etelecom_async.sandbox.store.state import State, search_name
from etelecom_async.sandbox.times import iso


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
    """Add an employee of a shop, as `GetAccountUsers` returns it."""
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
    state.insert_record(
        "account_user",
        record_id,
        doc,
        created_at,
        shop_id=shop_id,
        phone=phone,
        search_name=search_name(full_name),
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
    expires_at: str = NEVER,
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
    state.insert_record(
        "extension",
        record_id,
        doc,
        created_at,
        shop_id=shop_id,
        tenant_id=int(tenant["id"]),
        hotline_id=hotline_id,
        user_id=user_id,
        number=number,
    )
    return doc


def add_call(state: State, *, record_id: int, shop_id: int, created_at: datetime) -> None:
    """Add a call with nothing but its start."""
    doc: dict[str, Any] = {
        "id": str(record_id),
        "call_state": "unknown",
        "call_status": "Z",
        "call_targets": None,
        "caller": "",
        "callee": "",
        "contact_id": UNSET_ID,
        "created_at": iso(created_at),
        "direction": "unknown",
        "duration": 0,
        "ended_at": NEVER,
        "extension_id": UNSET_ID,
        "external_id": "",
        "external_session_id": "",
        "note": "",
        "recording_urls": [],
        "started_at": iso(created_at),
        "updated_at": iso(created_at),
        "user_id": UNSET_ID,
    }
    state.insert_record(
        "call_log",
        record_id,
        doc,
        created_at,
        shop_id=shop_id,
        caller="",
        callee="",
        direction="unknown",
        call_state="unknown",
        duration=0,
        extension_id=0,
        hotline_id=0,
        user_id=0,
        department_id=0,
        external_id="",
        external_session_id="",
    )
