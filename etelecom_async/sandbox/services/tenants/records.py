"""The records of tenants and hotlines: their JSON and their columns."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from etelecom_async.sandbox.ids import UNSET_ID
from etelecom_async.sandbox.store.state import State, search_name
from etelecom_async.sandbox.times import iso


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
    state.insert_record(
        "tenant",
        record_id,
        doc,
        created_at,
        shop_id=shop_id,
        owner_id=owner_id,
        search_name=search_name(name),
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
    """Add a hotline, attached to a tenant or not; return its JSON."""
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
        **attachment_fields(tenant),
    }
    state.insert_record(
        "hotline",
        record_id,
        doc,
        created_at,
        tenant_id=None if tenant is None else int(tenant["id"]),
        number=number,
    )
    return doc


def attachment_fields(tenant: dict[str, Any] | None) -> dict[str, str]:
    """Return the fields of a hotline that depend on the tenant to which it is attached."""
    if tenant is None:
        return {"connection_id": UNSET_ID, "connection_method": "unknown", "status": "Z"}
    return {
        "connection_id": tenant["connection_id"],
        "connection_method": tenant["connection_method"],
        "status": "P",
    }
