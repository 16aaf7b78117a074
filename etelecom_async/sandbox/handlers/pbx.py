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
from etelecom_async.sandbox.arguments import read_id, read_number, read_optional_id, read_text, wrong
from etelecom_async.sandbox.call import Call, ListResponse, Response, handles
from etelecom_async.sandbox.handlers.tenants import find_hotline, require_active, tenant_of
from etelecom_async.sandbox.ids import UNSET_ID
from etelecom_async.sandbox.keys import secret
from etelecom_async.sandbox.paging import Rows, page
from etelecom_async.sandbox.recordings import at_origin
from etelecom_async.sandbox.times import UNSET_TIME, iso, micros

if TYPE_CHECKING:
    from collections.abc import Sequence

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
def create_user(call: Call, request: CreateAccountUserRequest) -> Response:
    """Add an employee; a phone number that another one of the shop has is refused."""
    shop_id, phone = call.caller.account_id, read_text(request.phone, "phone")
    full_name = read_text(request.full_name, "full_name")
    read_text(request.password.reveal(), "password")
    if call.state.fetch_first("SELECT 1 FROM account_user WHERE shop_id = ? AND phone = ?", shop_id, phone):
        raise AlreadyExistsError("an employee has this phone number already", meta={"duplicated": "phone"})
    user_id = call.state.new_id(call.now)
    short_name = full_name.split()[-1]
    records.add_user(
        call.state,
        record_id=user_id,
        shop_id=shop_id,
        full_name=full_name,
        short_name=short_name,
        phone=phone,
        created_at=call.now,
    )
    return {
        "id": str(user_id),
        "full_name": full_name,
        "short_name": short_name,
        "phone": phone,
        "email": "",
        "created_at": iso(call.now),
        "updated_at": iso(call.now),
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
def list_users(call: Call, request: GetAccountUsersRequest) -> ListResponse:
    """List the shop's employees; a name matches any part of the full name, in any case."""
    rows = _own("account_user", call)
    if wanted := request.filter:
        if wanted.name:
            rows.where("instr(search_name, ?)", records.search_name(wanted.name))
        if wanted.phone:
            rows.where("phone = ?", wanted.phone)
        if wanted.user_ids:
            rows.where_in("id", _read_ids(wanted.user_ids, "filter.user_ids"))
        if wanted.has_extension is not None:
            rows.where(f"{_HAS_EXTENSION} = ?", wanted.has_extension)
        if wanted.extension_number:
            rows.where("id IN (SELECT user_id FROM extension WHERE number = ?)", wanted.extension_number)
    return page(call.state, "account_users", rows, request.paging)


_HAS_EXTENSION: Final = "EXISTS (SELECT 1 FROM extension WHERE user_id = account_user.id)"


@handles("shop.extensions.create")
def create_extension(call: Call, request: CreateExtensionRequest) -> Response:
    """Make an extension on a hotline of the shop's active tenant; a number in use is refused."""
    shop_id = call.caller.account_id
    hotline_id = read_id(request.hotline_id, "hotline_id")
    user_id = read_optional_id(request.user_id, "user_id")
    number = str(read_number(request.extension_number, "extension_number", least=1))
    tenant = tenant_of(call.state, shop_id)
    if tenant is None:
        raise FailedPreconditionError("the shop has no tenant; create it first")
    require_active(tenant)
    _require_on_tenant(call, hotline_id, int(tenant["id"]))
    if user_id is not None:
        _require_user(call, user_id)
    in_use = "SELECT 1 FROM extension WHERE tenant_id = ? AND number = ?"
    if call.state.fetch_first(in_use, int(tenant["id"]), number):
        duplicated = {"duplicated": "extension_number"}
        raise AlreadyExistsError(f"extension {number} exists already", meta=duplicated)
    return records.add_extension(
        call.state,
        record_id=call.state.new_id(call.now),
        tenant=tenant,
        shop_id=shop_id,
        hotline_id=hotline_id,
        user_id=user_id,
        number=number,
        password=secret(SystemRandom(), _PASSWORD_SIGNS),
        created_at=call.now,
    )


@handles("shop.extensions.list")
def list_extensions(call: Call, request: GetExtensionsRequest) -> ListResponse:
    """List the shop's extensions."""
    return page(call.state, "extensions", _own("extension", call), request.paging)


@handles("shop.extensions.get")
def get_extension(call: Call, request: GetExtensionInfoRequest) -> Response:
    """
    Give what a softphone signs in with.

    The documentation does not say what e-mail and phone are for: here they have to be those of the employee
    who has the extension.
    """
    number = read_text(request.extension_number, "extension_number")
    row = call.state.fetch_first(
        "SELECT extension.doc AS doc, account_user.doc AS user FROM extension "
        "LEFT JOIN account_user ON account_user.id = extension.user_id "
        "WHERE extension.shop_id = ? AND number = ?",
        call.caller.account_id,
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
def assign_extension(call: Call, request: AssignUserToExtensionRequest) -> Response:
    """Give an extension to an employee, whoever had it before; 0 where it is so already."""
    extension = _find_extension(call, read_id(request.extension_id, "extension_id"))
    user_id = read_id(request.user_id, "user_id")
    _require_user(call, user_id)
    return {"updated": _give(call, extension, user_id)}


@handles("shop.extensions.unassign")
def unassign_extension(call: Call, request: RemoveUserOfExtensionRequest) -> Response:
    """
    Take an extension away from its employee; 0 where it has none, or another one than the caller says.

    The documentation does not say what is required: one of the two ids is enough here.
    """
    extension = _named_extension(call, request.extension_id, request.user_id)
    return {"updated": _give(call, extension, None) if extension else 0}


@handles("shop.extensions.change_hotline")
def change_hotline(call: Call, request: UpdateHotlineForExtensionRequest) -> Response:
    """
    Move an extension to another hotline of its tenant; 0 where it is on it already.

    The documentation requires only hotline_id: here the extension is found by its own id or its employee's,
    and 0 is answered where both are given and do not belong together.
    """
    hotline_id = read_id(request.hotline_id, "hotline_id")
    extension = _named_extension(call, request.extension_id, request.user_id)
    if extension is None:
        return {"updated": 0}
    _require_on_tenant(call, hotline_id, extension["tenant_id"])
    if extension["hotline_id"] == hotline_id:
        return {"updated": 0}
    changes = {"hotline_id": str(hotline_id)}
    call.state.update("extension", extension["id"], call.now, changes, hotline_id=hotline_id)
    return {"updated": 1}


@handles("shop.call_logs.list")
def list_call_logs(call: Call, request: ListCallLogsRequest) -> ListResponse:
    """
    List the shop's calls.

    Where the documentation is silent: a number matches caller or callee; both dates belong to the span, and
    `created_at`, here equal to `started_at`, has to be in it; a duration is compared by
    `less_than_or_equal_to` only, as no other value is known.
    """
    rows = _own("call_log", call)
    if request.filter:
        _choose_by_words(rows, request.filter)
        _choose_by_ids(rows, request.filter)
        _choose_by_time(rows, request.filter)
    response = page(call.state, "call_logs", rows, request.paging)
    return attrs.evolve(response, docs=[at_origin(doc, call.origin) for doc in response.docs])


def _choose_by_words(rows: Rows, wanted: CallLogFilter) -> None:
    if wanted.call_number:
        rows.where("(caller = ? OR callee = ?)", wanted.call_number, wanted.call_number)
    for column, word in (
        ("call_state", wanted.call_state),
        ("direction", wanted.direction),
        ("external_id", wanted.external_id),
        ("external_session_id", wanted.external_session_id),
    ):
        if word:
            rows.where(f"{column} = ?", str(word))


def _choose_by_ids(rows: Rows, wanted: CallLogFilter) -> None:
    for column, text in (("user_id", wanted.user_id), ("department_id", wanted.department_id)):
        if one := read_optional_id(text, f"filter.{column}"):
            rows.where(f"{column} = ?", one)
    for column, texts in (("extension_id", wanted.extension_ids), ("hotline_id", wanted.hotline_ids)):
        if texts:
            rows.where_in(column, _read_ids(texts, f"filter.{column}s"))


def _choose_by_time(rows: Rows, wanted: CallLogFilter) -> None:
    if wanted.date_from:
        rows.where("created_at >= ?", micros(wanted.date_from))
    # Go's zero time is how this wire says "not set".
    if wanted.date_to and wanted.date_to.year > 1:
        rows.where("created_at <= ?", micros(wanted.date_to))
    if wanted.duration:
        _compare_duration(rows, wanted.duration)


def _compare_duration(rows: Rows, wanted: CallDurationFilter) -> None:
    if wanted.comparison == _NO_COMPARISON or (wanted.comparison is None and wanted.value is None):
        return
    if wanted.comparison != _AT_MOST:
        raise wrong("filter.duration.comparison", f"is neither {_AT_MOST} nor {_NO_COMPARISON}")
    rows.where("duration <= ?", read_number(wanted.value, "filter.duration.value", least=0))


def _own(table: str, call: Call) -> Rows:
    rows = Rows(table)
    rows.where("shop_id = ?", call.caller.account_id)
    return rows


def _read_ids(texts: Sequence[str], where: str) -> list[int]:
    return [read_id(text, f"{where}[{index}]") for index, text in enumerate(texts)]


def _require_on_tenant(call: Call, hotline_id: int, tenant_id: int) -> None:
    if find_hotline(call.state, hotline_id) != tenant_id:
        raise FailedPreconditionError(f"hotline {hotline_id} is not on the shop's tenant; attach it first")


def _require_user(call: Call, user_id: int) -> None:
    if not call.state.fetch_first(
        "SELECT 1 FROM account_user WHERE shop_id = ? AND id = ?", call.caller.account_id, user_id
    ):
        raise NotFoundError(f"the shop has no employee {user_id}")


def _find_extension(call: Call, extension_id: int) -> sqlite3.Row:
    row = call.state.fetch_first(
        "SELECT id, tenant_id, user_id, hotline_id FROM extension WHERE shop_id = ? AND id = ?",
        call.caller.account_id,
        extension_id,
    )
    if row is None:
        raise NotFoundError(f"the shop has no extension {extension_id}")
    return row


def _named_extension(call: Call, extension_id: str | None, user_id: str | None) -> sqlite3.Row | None:
    """Return the extension with this id, or this employee's; `None` where the two do not belong together."""
    extension_number = read_optional_id(extension_id, "extension_id")
    user_number = read_optional_id(user_id, "user_id")
    if extension_number is not None:
        extension = _find_extension(call, extension_number)
        return extension if user_number in (None, extension["user_id"]) else None
    if user_number is None:
        raise wrong("extension_id", "or user_id is required")
    _require_user(call, user_number)
    # Of several the oldest: the documentation does not say whether an employee can have them.
    return call.state.fetch_first(
        "SELECT id, tenant_id, user_id, hotline_id FROM extension WHERE user_id = ? ORDER BY id", user_number
    )


def _give(call: Call, extension: sqlite3.Row, user_id: int | None) -> int:
    """Set who has an extension; return 1 where that is a change."""
    if extension["user_id"] == user_id:
        return 0
    changes = {"user_id": str(user_id or UNSET_ID)}
    call.state.update("extension", extension["id"], call.now, changes, user_id=user_id)
    return 1
