"""
A shop's switchboard at work: employees, extensions, and the history of calls.

Extensions and employees of another shop are as good as not there.
"""

from __future__ import annotations

import json
import sqlite3
from random import SystemRandom
from typing import TYPE_CHECKING, Any, Final

import attrs

from etelecom_async.errors import AlreadyExistsError, FailedPreconditionError, NotFoundError
from etelecom_async.sandbox import records
from etelecom_async.sandbox.context import Context, ListResponse, Response, handles
from etelecom_async.sandbox.filters import filter_by_name, filter_by_time
from etelecom_async.sandbox.handlers.tenants import find_hotline, require_active, tenant_of
from etelecom_async.sandbox.ids import UNSET_ID
from etelecom_async.sandbox.listing import ListQuery, fetch_page
from etelecom_async.sandbox.params import invalid, read_id, read_ids, read_number, read_optional_id, read_text
from etelecom_async.sandbox.recordings import at_origin
from etelecom_async.sandbox.times import UNSET_TIME, iso
from etelecom_async.sandbox.world.fake import secret

if TYPE_CHECKING:
    from etelecom_async._generated.models.pbx import (
        AssignUserToExtensionRequest,
        CallDurationFilter,
        CallLogFilter,
        CreateAccountUserRequest,
        CreateExtensionRequest,
        GetAccountUsersRequest,
        GetExtensionInfoRequest,
        GetExtensionsRequest,
        ListCallLogsRequest,
        RemoveUserOfExtensionRequest,
        UpdateHotlineForExtensionRequest,
    )

# Spelt so in the documentation; its other enums have `unknown`.
_NO_COMPARISON: Final = "unknow"
_AT_MOST: Final = "less_than_or_equal_to"
_PASSWORD_SIGNS: Final = 12


@handles("shop.users.create")
def create_user(context: Context, request: CreateAccountUserRequest) -> Response:
    """Add an employee; a phone number that another one of the shop has is refused."""
    shop_id, phone = context.caller.account_id, read_text(request.phone, "phone")
    full_name = read_text(request.full_name, "full_name")
    read_text(request.password.reveal(), "password")
    if context.state.fetch_first(
        "SELECT 1 FROM account_user WHERE shop_id = ? AND phone = ?", shop_id, phone
    ):
        raise AlreadyExistsError("an employee has this phone number already", meta={"duplicated": "phone"})
    user_id = context.state.new_id(context.now)
    short_name = full_name.split()[-1]
    records.add_user(
        context.state,
        record_id=user_id,
        shop_id=shop_id,
        full_name=full_name,
        short_name=short_name,
        phone=phone,
        created_at=context.now,
    )
    return {
        "id": str(user_id),
        "full_name": full_name,
        "short_name": short_name,
        "phone": phone,
        "email": "",
        "created_at": iso(context.now),
        "updated_at": iso(context.now),
        "email_verified_at": UNSET_TIME,
        "phone_verified_at": UNSET_TIME,
        "email_verification_sent_at": UNSET_TIME,
        "phone_verification_sent_at": UNSET_TIME,
        "is_blocked": False,
        "block_reason": "",
        "blocked_at": UNSET_TIME,
        "ref_aff": "",
        "ref_sale": "",
        "source": "unknown",
        "total_shop": 0,
    }


@handles("shop.users.list")
def list_users(context: Context, request: GetAccountUsersRequest) -> ListResponse:
    """List the shop's employees; a name matches any part of the full name, in any case."""
    query = ListQuery.of_shop("account_user", context)
    if wanted := request.filter:
        filter_by_name(query, wanted.name)
        if wanted.phone:
            query.where("phone = ?", wanted.phone)
        if wanted.user_ids:
            query.where_in("id", read_ids(wanted.user_ids, "filter.user_ids"))
        if wanted.has_extension is not None:
            query.where(f"{_HAS_EXTENSION} = ?", wanted.has_extension)
        if wanted.extension_number:
            query.where("id IN (SELECT user_id FROM extension WHERE number = ?)", wanted.extension_number)
    return fetch_page(context.state, "account_users", query, request.paging)


_HAS_EXTENSION: Final = "EXISTS (SELECT 1 FROM extension WHERE user_id = account_user.id)"


@handles("shop.extensions.create")
def create_extension(context: Context, request: CreateExtensionRequest) -> Response:
    """Make an extension on a hotline of the shop's active tenant; a number in use is refused."""
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
        _require_user(context, user_id)
    in_use = "SELECT 1 FROM extension WHERE tenant_id = ? AND number = ?"
    if context.state.fetch_first(in_use, int(tenant["id"]), number):
        duplicated = {"duplicated": "extension_number"}
        raise AlreadyExistsError(f"extension {number} exists already", meta=duplicated)
    return records.add_extension(
        context.state,
        record_id=context.state.new_id(context.now),
        tenant=tenant,
        shop_id=shop_id,
        hotline_id=hotline_id,
        user_id=user_id,
        number=number,
        password=secret(SystemRandom(), _PASSWORD_SIGNS),
        created_at=context.now,
    )


@handles("shop.extensions.list")
def list_extensions(context: Context, request: GetExtensionsRequest) -> ListResponse:
    """List the shop's extensions."""
    return fetch_page(context.state, "extensions", ListQuery.of_shop("extension", context), request.paging)


@handles("shop.extensions.get")
def get_extension(context: Context, request: GetExtensionInfoRequest) -> Response:
    """
    Give what a softphone signs in with.

    The documentation does not say what e-mail and phone are for: here they have to be those of the employee
    who has the extension.
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
            raise NotFoundError(f"extension {number} belongs to nobody with this {field}")
    extension = json.loads(row["doc"])
    return {
        field: extension[field]
        for field in ("extension_number", "extension_password", "tenant_domain", "expires_at")
    }


@handles("shop.extensions.assign")
def assign_extension(context: Context, request: AssignUserToExtensionRequest) -> Response:
    """Give an extension to an employee, whoever had it before; 0 where it is so already."""
    extension = _find_extension(context, read_id(request.extension_id, "extension_id"))
    user_id = read_id(request.user_id, "user_id")
    _require_user(context, user_id)
    return {"updated": _give(context, extension, user_id)}


@handles("shop.extensions.unassign")
def unassign_extension(context: Context, request: RemoveUserOfExtensionRequest) -> Response:
    """
    Take an extension away from its employee; 0 where it has none, or another one than the caller says.

    The documentation does not say what is required: one of the two ids is enough here.
    """
    extension = _named_extension(context, request.extension_id, request.user_id)
    return {"updated": _give(context, extension, None) if extension else 0}


@handles("shop.extensions.change_hotline")
def change_hotline(context: Context, request: UpdateHotlineForExtensionRequest) -> Response:
    """
    Move an extension to another hotline of its tenant; 0 where it is on it already.

    The documentation requires only hotline_id: here the extension is found by its own id or its employee's,
    and 0 is answered where both are given and do not belong together.
    """
    hotline_id = read_id(request.hotline_id, "hotline_id")
    extension = _named_extension(context, request.extension_id, request.user_id)
    if extension is None:
        return {"updated": 0}
    _require_on_tenant(context, hotline_id, extension["tenant_id"])
    if extension["hotline_id"] == hotline_id:
        return {"updated": 0}
    changes = {"hotline_id": str(hotline_id)}
    context.state.update("extension", extension["id"], context.now, changes, hotline_id=hotline_id)
    return {"updated": 1}


@handles("shop.call_logs.list")
def list_call_logs(context: Context, request: ListCallLogsRequest) -> ListResponse:
    """
    List the shop's calls.

    Where the documentation is silent: a number matches caller or callee; both dates belong to the span, and
    `created_at`, here equal to `started_at`, has to be in it; a duration is compared by
    `less_than_or_equal_to` only, as no other value is known.
    """
    query = ListQuery.of_shop("call_log", context)
    if request.filter:
        _filter_by_words(query, request.filter)
        _filter_by_ids(query, request.filter)
        filter_by_time(query, "created_at", request.filter.date_from, request.filter.date_to)
        _filter_by_duration(query, request.filter.duration)
    response = fetch_page(context.state, "call_logs", query, request.paging)
    return attrs.evolve(response, docs=[at_origin(doc, context.origin) for doc in response.docs])


def _filter_by_words(query: ListQuery, wanted: CallLogFilter) -> None:
    if wanted.call_number:
        query.where("(caller = ? OR callee = ?)", wanted.call_number, wanted.call_number)
    for column, word in (
        ("call_state", wanted.call_state),
        ("direction", wanted.direction),
        ("external_id", wanted.external_id),
        ("external_session_id", wanted.external_session_id),
    ):
        if word:
            query.where(f"{column} = ?", str(word))


def _filter_by_ids(query: ListQuery, wanted: CallLogFilter) -> None:
    for column, text in (("user_id", wanted.user_id), ("department_id", wanted.department_id)):
        if one := read_optional_id(text, f"filter.{column}"):
            query.where(f"{column} = ?", one)
    for column, texts in (("extension_id", wanted.extension_ids), ("hotline_id", wanted.hotline_ids)):
        if texts:
            query.where_in(column, read_ids(texts, f"filter.{column}s"))


def _filter_by_duration(query: ListQuery, wanted: CallDurationFilter | None) -> None:
    if (
        wanted is None
        or wanted.comparison == _NO_COMPARISON
        or (wanted.comparison is None and wanted.value is None)
    ):
        return
    if wanted.comparison != _AT_MOST:
        raise invalid("filter.duration.comparison", f"is neither {_AT_MOST} nor {_NO_COMPARISON}")
    query.where("duration <= ?", read_number(wanted.value, "filter.duration.value", minimum=0))


def _require_on_tenant(context: Context, hotline_id: int, tenant_id: int) -> None:
    if find_hotline(context.state, hotline_id) != tenant_id:
        raise FailedPreconditionError(f"hotline {hotline_id} is not on the shop's tenant; attach it first")


def _require_user(context: Context, user_id: int) -> None:
    if not context.state.fetch_first(
        "SELECT 1 FROM account_user WHERE shop_id = ? AND id = ?", context.caller.account_id, user_id
    ):
        raise NotFoundError(f"the shop has no employee {user_id}")


def _find_extension(context: Context, extension_id: int) -> sqlite3.Row:
    row = context.state.fetch_first(
        "SELECT id, tenant_id, user_id, hotline_id FROM extension WHERE shop_id = ? AND id = ?",
        context.caller.account_id,
        extension_id,
    )
    if row is None:
        raise NotFoundError(f"the shop has no extension {extension_id}")
    return row


def _named_extension(context: Context, extension_id: str | None, user_id: str | None) -> sqlite3.Row | None:
    """Return the extension with this id, or this employee's; `None` where the two do not belong together."""
    extension_number = read_optional_id(extension_id, "extension_id")
    user_number = read_optional_id(user_id, "user_id")
    if extension_number is not None:
        extension = _find_extension(context, extension_number)
        return extension if user_number in (None, extension["user_id"]) else None
    if user_number is None:
        raise invalid("extension_id", "or user_id is required")
    _require_user(context, user_number)
    # Of several the oldest: the documentation does not say whether an employee can have them.
    return context.state.fetch_first(
        "SELECT id, tenant_id, user_id, hotline_id FROM extension WHERE user_id = ? ORDER BY id", user_number
    )


def _give(context: Context, extension: sqlite3.Row, user_id: int | None) -> int:
    """Set who has an extension; return 1 where that is a change."""
    if extension["user_id"] == user_id:
        return 0
    changes = {"user_id": str(user_id or UNSET_ID)}
    context.state.update("extension", extension["id"], context.now, changes, user_id=user_id)
    return 1
