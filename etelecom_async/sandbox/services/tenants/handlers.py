"""
The operations on tenants and hotlines.

A shop creates its tenant; the partner activates it and attaches hotlines. The documentation has only the
titles of five operations, so their behavior here is inferred.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from etelecom_async._core.operation import EmptyRequest
from etelecom_async.errors import AlreadyExistsError, FailedPreconditionError, NotFoundError
from etelecom_async.sandbox.context import Context, ListResponse, Response, handles
from etelecom_async.sandbox.filters import filter_by_name
from etelecom_async.sandbox.ids import UNSET_ID
from etelecom_async.sandbox.listing import ListQuery, fetch_page
from etelecom_async.sandbox.params import invalid, read_choice, read_id, read_optional_id, read_text
from etelecom_async.sandbox.services.tenants.records import add_hotline, add_tenant, attachment_fields

if TYPE_CHECKING:
    from etelecom_async._generated.models.tenants import (
        GetHotlinesRequest,
        GetPartnerHotlineListRequest,
        GetPartnerTenantListRequest,
        PartnerActivateTenantRequest,
        PartnerAddHotlineRequest,
        PartnerAddHotlineToTenantRequest,
        PartnerRemoveHotlineFromTenantRequest,
        PartnerRemoveHotlineRequest,
    )
    from etelecom_async.sandbox.store.state import State

_NETWORKS: Final = ("unknown", "mobifone", "vinaphone", "viettel", "other")


@handles("partner.tenants.list")
def list_tenants(context: Context, request: GetPartnerTenantListRequest) -> ListResponse:
    """Return the partner's tenants; a name filter matches any part of the name, in any case."""
    query = ListQuery("tenant", rules=context.rules)
    if wanted := request.filter:
        filter_by_name(query, wanted.name)
        if owner_id := read_optional_id(wanted.owner_id, "filter.owner_id"):
            query.where("owner_id = ?", owner_id)
    return fetch_page(context.state, "tenants", query, request.paging)


@handles("partner.tenants.activate")
def activate_tenant(context: Context, request: PartnerActivateTenantRequest) -> Response:
    """
    Activate a tenant; 0 if it is active already.

    The documentation contradicts itself on whether hotline_id is required, and does not say what it does. In
    the sandbox it must name a hotline or be "0", and nothing is attached.
    """
    tenant = find_tenant(context.state, read_id(request.tenant_id, "tenant_id"))
    if read_id(request.owner_id, "owner_id") != int(tenant["owner_id"]):
        raise invalid("owner_id", "is not the owner of the tenant")
    if read_id(request.connection_id, "connection_id") != int(tenant["connection_id"]):
        raise invalid("connection_id", "is not the connection of the tenant")
    if hotline_id := read_optional_id(request.hotline_id, "hotline_id"):
        find_hotline(context.state, hotline_id)
    if tenant["status"] == "P":
        return {"updated": 0}
    context.state.update("tenant", int(tenant["id"]), context.now, {"status": "P"})
    return {"updated": 1}


@handles("partner.hotlines.list")
def list_hotlines(context: Context, request: GetPartnerHotlineListRequest) -> ListResponse:
    """Return the partner's hotlines, attached or not."""
    return fetch_page(context.state, "hotlines", ListQuery("hotline", rules=context.rules), request.paging)


@handles("partner.hotlines.create")
def create_hotline(context: Context, request: PartnerAddHotlineRequest) -> Response:
    """Add a hotline without a tenant; reject a number that exists, unless duplicates are allowed."""
    number = read_text(request.hotline, "hotline")
    network = read_choice(request.network or "unknown", "network", _NETWORKS)
    in_use = "SELECT 1 FROM hotline WHERE number = ?"
    if not context.allow_duplicates and context.state.fetch_first(in_use, number):
        raise AlreadyExistsError(f"hotline {number} exists already", meta={"duplicated": "hotline"})
    return add_hotline(
        context.state,
        record_id=context.state.new_id(context.now),
        number=number,
        name=read_text(request.name, "name"),
        description=request.description or "",
        network=network,
        is_free_charge=bool(request.is_free_charge),
        owner_id=str(read_optional_id(request.owner_id, "owner_id") or UNSET_ID),
        created_at=context.now,
    )


@handles("partner.hotlines.attach")
def attach_hotline(context: Context, request: PartnerAddHotlineToTenantRequest) -> Response:
    """Attach a hotline to an active tenant; 0 if it is attached already."""
    hotline_id = read_id(request.hotline_id, "hotline_id")
    tenant = find_tenant(context.state, read_id(request.tenant_id, "tenant_id"))
    place = find_hotline(context.state, hotline_id)
    require_active(tenant)
    if place == int(tenant["id"]):
        return {"updated": 0}
    if place is not None:
        raise FailedPreconditionError(f"hotline {hotline_id} is on another tenant; detach it first")
    _move_hotline(context, hotline_id, tenant)
    return {"updated": 1}


@handles("partner.hotlines.detach")
def detach_hotline(context: Context, request: PartnerRemoveHotlineFromTenantRequest) -> Response:
    """Detach a hotline from a tenant; 0 if it is not attached to it. Extensions keep its id."""
    hotline_id = read_id(request.hotline_id, "hotline_id")
    tenant = find_tenant(context.state, read_id(request.tenant_id, "tenant_id"))
    if find_hotline(context.state, hotline_id) != int(tenant["id"]):
        return {"updated": 0}
    _move_hotline(context, hotline_id, None)
    return {"updated": 1}


def _move_hotline(context: Context, hotline_id: int, tenant: dict[str, Any] | None) -> None:
    tenant_id = None if tenant is None else int(tenant["id"])
    context.state.update("hotline", hotline_id, context.now, attachment_fields(tenant), tenant_id=tenant_id)


@handles("partner.hotlines.delete")
def delete_hotline(context: Context, request: PartnerRemoveHotlineRequest) -> Response:
    """Delete a hotline, attached or not."""
    hotline_id = read_id(request.hotline_id, "hotline_id")
    find_hotline(context.state, hotline_id)
    return {"updated": context.state.execute("DELETE FROM hotline WHERE id = ?", hotline_id)}


@handles("shop.tenant.create")
def create_tenant(context: Context, _: EmptyRequest) -> Response:
    """Add the shop's tenant, which is not active yet; reject a second one."""
    shop_id = context.caller.account_id
    if tenant_of(context.state, shop_id):
        raise AlreadyExistsError("the shop has a tenant already", meta={"duplicated": "tenant"})
    shop = context.state.fetch_one("SELECT owner_id, doc FROM shop WHERE id = ?", shop_id)
    return add_tenant(
        context.state,
        record_id=context.state.new_id(context.now),
        shop_id=shop_id,
        owner_id=shop["owner_id"],
        connection_id=context.state.setting("connection_id"),
        name=json.loads(shop["doc"])["name"],
        created_at=context.now,
    )


@handles("shop.tenant.get")
def get_tenant(context: Context, _: EmptyRequest) -> Response:
    """Return the shop's tenant."""
    return _own_tenant(context)


@handles("shop.tenant.driver_config")
def get_driver_config(context: Context, _: EmptyRequest) -> Response:
    """Return the connection of a softphone to the tenant. The sandbox chooses the undocumented response."""
    tenant = _own_tenant(context)
    return {
        "tenant_id": tenant["id"],
        "tenant_domain": tenant["domain"],
        "connection_method": tenant["connection_method"],
    }


@handles("shop.hotlines.list")
def list_own_hotlines(context: Context, request: GetHotlinesRequest) -> ListResponse:
    """Return the hotlines of the shop's tenant; none if it has no tenant."""
    tenant = tenant_of(context.state, context.caller.account_id)
    query = ListQuery("hotline", rules=context.rules)
    query.where("tenant_id = ?", tenant and int(tenant["id"]))
    return fetch_page(context.state, "hotlines", query, request.paging)


def find_tenant(state: State, tenant_id: int) -> dict[str, Any]:
    """
    Return the JSON of a tenant.

    Raises:
        NotFoundError: There is no such tenant.
    """
    row = state.fetch_first("SELECT doc FROM tenant WHERE id = ?", tenant_id)
    if row is None:
        raise NotFoundError(f"there is no tenant {tenant_id}")
    tenant: dict[str, Any] = json.loads(row["doc"])
    return tenant


def tenant_of(state: State, shop_id: int) -> dict[str, Any] | None:
    """Return the JSON of a shop's tenant; `None` if it has no tenant."""
    row = state.fetch_first("SELECT doc FROM tenant WHERE shop_id = ?", shop_id)
    tenant: dict[str, Any] | None = json.loads(row["doc"]) if row else None
    return tenant


def require_active(tenant: dict[str, Any]) -> None:
    """
    Check that a tenant is active.

    Raises:
        FailedPreconditionError: The tenant is new or disabled.
    """
    if tenant["status"] != "P":
        raise FailedPreconditionError(f"tenant {tenant['id']} is not active; activate it first")


def find_hotline(state: State, hotline_id: int) -> int | None:
    """
    Return the id of the tenant of a hotline; `None` if it has no tenant.

    Raises:
        NotFoundError: There is no such hotline.
    """
    row = state.fetch_first("SELECT tenant_id FROM hotline WHERE id = ?", hotline_id)
    if row is None:
        raise NotFoundError(f"there is no hotline {hotline_id}")
    tenant_id: int | None = row["tenant_id"]
    return tenant_id


def _own_tenant(context: Context) -> dict[str, Any]:
    tenant = tenant_of(context.state, context.caller.account_id)
    if tenant is None:
        raise NotFoundError("the shop has no tenant")
    return tenant
