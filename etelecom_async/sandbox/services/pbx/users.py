"""Employees (nhân viên) of a shop."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from etelecom_async._core.codec.scalars import NEVER
from etelecom_async.errors import AlreadyExistsError, NotFoundError
from etelecom_async.sandbox.context import Context, ListResponse, Response, handles
from etelecom_async.sandbox.filters import filter_by_name
from etelecom_async.sandbox.listing import ListQuery, fetch_page
from etelecom_async.sandbox.params import read_ids, read_text
from etelecom_async.sandbox.services.pbx.records import add_user
from etelecom_async.sandbox.times import iso

if TYPE_CHECKING:
    from etelecom_async._generated.models.pbx import CreateAccountUserRequest, GetAccountUsersRequest

_HAS_EXTENSION: Final = "EXISTS (SELECT 1 FROM extension WHERE user_id = account_user.id)"


@handles("shop.users.create")
def create_user(context: Context, request: CreateAccountUserRequest) -> Response:
    """Add an employee; reject a phone number of another employee, unless duplicates are allowed."""
    shop_id, phone = context.caller.account_id, read_text(request.phone, "phone")
    full_name = read_text(request.full_name, "full_name")
    read_text(request.password.reveal(), "password")
    in_use = "SELECT 1 FROM account_user WHERE shop_id = ? AND phone = ?"
    if not context.allow_duplicates and context.state.fetch_first(in_use, shop_id, phone):
        raise AlreadyExistsError("an employee has this phone number already", meta={"duplicated": "phone"})
    user_id = context.state.new_id(context.now)
    short_name = full_name.split()[-1]
    add_user(
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
        "email_verified_at": NEVER,
        "phone_verified_at": NEVER,
        "email_verification_sent_at": NEVER,
        "phone_verification_sent_at": NEVER,
        "is_blocked": False,
        "block_reason": "",
        "blocked_at": NEVER,
        "ref_aff": "",
        "ref_sale": "",
        "source": "unknown",
        "total_shop": 0,
    }


@handles("shop.users.list")
def list_users(context: Context, request: GetAccountUsersRequest) -> ListResponse:
    """Return the shop's employees; a name filter matches any part of the full name, in any case."""
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


def require_user(context: Context, user_id: int) -> None:
    """
    Check that the caller's shop has an employee.

    Raises:
        NotFoundError: The shop has no such employee.
    """
    found = "SELECT 1 FROM account_user WHERE shop_id = ? AND id = ?"
    if not context.state.fetch_first(found, context.caller.account_id, user_id):
        raise NotFoundError(f"the shop has no employee {user_id}")
