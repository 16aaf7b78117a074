"""
Extensions (máy nhánh) of a shop.

Extensions and employees of another shop do not exist for the caller.
"""

from __future__ import annotations

import json
import sqlite3
from random import SystemRandom
from typing import TYPE_CHECKING, Any, Final

from etelecom_async.errors import AlreadyExistsError, FailedPreconditionError, NotFoundError
from etelecom_async.sandbox.context import Context, ListResponse, Response, handles
from etelecom_async.sandbox.ids import UNSET_ID
from etelecom_async.sandbox.listing import ListQuery, fetch_page
from etelecom_async.sandbox.params import invalid, read_id, read_number, read_optional_id, read_text
from etelecom_async.sandbox.services.pbx.records import add_extension
from etelecom_async.sandbox.services.pbx.users import require_user
from etelecom_async.sandbox.services.tenants.handlers import find_hotline, require_active, tenant_of
from etelecom_async.sandbox.world.fake import secret

if TYPE_CHECKING:
    from etelecom_async._generated.models.pbx import (
        AssignUserToExtensionRequest,
        CreateExtensionRequest,
        GetExtensionInfoRequest,
        GetExtensionsRequest,
        RemoveUserOfExtensionRequest,
        UpdateHotlineForExtensionRequest,
    )

_PASSWORD_LENGTH: Final = 12


@handles("shop.extensions.create")
def create_extension(context: Context, request: CreateExtensionRequest) -> Response:
    """Add an extension on a hotline of the active tenant; reject a used number, unless it is allowed."""
    shop_id = context.caller.account_id
    hotline_id = read_id(request.hotline_id, "hotline_id")
    user_id = read_optional_id(request.user_id, "user_id")
    number = str(read_number(request.extension_number, "extension_number", minimum=1))
    tenant = tenant_of(context.state, shop_id)
    if tenant is None:
        raise FailedPreconditionError("the shop has no tenant; create it first")
    require_active(tenant)
    _require_on_tenant(context, hotline_id, int(tenant["id"]))
    if user_id is not None:
        require_user(context, user_id)
    in_use = "SELECT 1 FROM extension WHERE tenant_id = ? AND number = ?"
    if not context.allow_duplicates and context.state.fetch_first(in_use, int(tenant["id"]), number):
        duplicated = {"duplicated": "extension_number"}
        raise AlreadyExistsError(f"extension {number} exists already", meta=duplicated)
    return add_extension(
        context.state,
        record_id=context.state.new_id(context.now),
        tenant=tenant,
        shop_id=shop_id,
        hotline_id=hotline_id,
        user_id=user_id,
        number=number,
        password=secret(SystemRandom(), _PASSWORD_LENGTH),
        created_at=context.now,
    )


@handles("shop.extensions.list")
def list_extensions(context: Context, request: GetExtensionsRequest) -> ListResponse:
    """Return the shop's extensions."""
    return fetch_page(context.state, "extensions", ListQuery.of_shop("extension", context), request.paging)


@handles("shop.extensions.get")
def get_extension(context: Context, request: GetExtensionInfoRequest) -> Response:
    """
    Return the credentials of a softphone.

    The documentation does not say what e-mail and phone are for. In the sandbox they must be those of the
    employee of the extension.
    """
    number = read_text(request.extension_number, "extension_number")
    row = context.state.fetch_first(
        "SELECT extension.doc AS doc, account_user.doc AS user FROM extension "
        "LEFT JOIN account_user ON account_user.id = extension.user_id "
        "WHERE extension.shop_id = ? AND number = ?",
        context.caller.account_id,
        number,
    )
    if row is None:
        raise NotFoundError(f"there is no extension {number}")
    user: dict[str, Any] = json.loads(row["user"] or "{}")
    for field, wanted in (("email", request.email), ("phone", request.phone)):
        if wanted and wanted != user.get(field):
            raise NotFoundError(f"extension {number} does not belong to an employee with this {field}")
    extension = json.loads(row["doc"])
    return {
        field: extension[field]
        for field in ("extension_number", "extension_password", "tenant_domain", "expires_at")
    }


@handles("shop.extensions.assign")
def assign_extension(context: Context, request: AssignUserToExtensionRequest) -> Response:
    """Assign an extension to an employee, whether or not it has another one; return 0 if nothing changes."""
    extension = _find_extension(context, read_id(request.extension_id, "extension_id"))
    user_id = read_id(request.user_id, "user_id")
    require_user(context, user_id)
    return {"updated": _set_user(context, extension, user_id)}


@handles("shop.extensions.unassign")
def unassign_extension(context: Context, request: RemoveUserOfExtensionRequest) -> Response:
    """
    Remove the employee of an extension; 0 if it has none, or another one than the request says.

    The documentation does not say what is required. In the sandbox one of the two ids is enough.
    """
    extension = _find_by_either_id(context, request.extension_id, request.user_id)
    return {"updated": _set_user(context, extension, None) if extension else 0}


@handles("shop.extensions.change_hotline")
def change_hotline(context: Context, request: UpdateHotlineForExtensionRequest) -> Response:
    """
    Move an extension to another hotline of its tenant; 0 if nothing changes.

    The documentation requires only hotline_id. The sandbox finds the extension by its own id or by the id of
    its employee. It returns 0 if both ids are given and do not belong together.
    """
    hotline_id = read_id(request.hotline_id, "hotline_id")
    extension = _find_by_either_id(context, request.extension_id, request.user_id)
    if extension is None:
        return {"updated": 0}
    _require_on_tenant(context, hotline_id, extension["tenant_id"])
    if extension["hotline_id"] == hotline_id:
        return {"updated": 0}
    changes = {"hotline_id": str(hotline_id)}
    context.state.update("extension", extension["id"], context.now, changes, hotline_id=hotline_id)
    return {"updated": 1}


def _require_on_tenant(context: Context, hotline_id: int, tenant_id: int) -> None:
    if find_hotline(context.state, hotline_id) != tenant_id:
        raise FailedPreconditionError(f"hotline {hotline_id} is not on the shop's tenant; attach it first")


def _find_extension(context: Context, extension_id: int) -> sqlite3.Row:
    row = context.state.fetch_first(
        "SELECT id, tenant_id, user_id, hotline_id FROM extension WHERE shop_id = ? AND id = ?",
        context.caller.account_id,
        extension_id,
    )
    if row is None:
        raise NotFoundError(f"the shop has no extension {extension_id}")
    return row


def _find_by_either_id(context: Context, extension_id: str | None, user_id: str | None) -> sqlite3.Row | None:
    """Return the extension with this id, or of this employee; `None` if both do not belong together."""
    extension_number = read_optional_id(extension_id, "extension_id")
    user_number = read_optional_id(user_id, "user_id")
    if extension_number is not None:
        extension = _find_extension(context, extension_number)
        return extension if user_number in (None, extension["user_id"]) else None
    if user_number is None:
        raise invalid("extension_id", "or user_id is required")
    require_user(context, user_number)
    # The oldest one, because the documentation does not say whether an employee can have several.
    return context.state.fetch_first(
        "SELECT id, tenant_id, user_id, hotline_id FROM extension WHERE user_id = ? ORDER BY id", user_number
    )


def _set_user(context: Context, extension: sqlite3.Row, user_id: int | None) -> int:
    """Set the employee of an extension; return 1 if that is a change, else 0."""
    if extension["user_id"] == user_id:
        return 0
    changes = {"user_id": str(user_id or UNSET_ID)}
    context.state.update("extension", extension["id"], context.now, changes, user_id=user_id)
    return 1
