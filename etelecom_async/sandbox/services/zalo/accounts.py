"""
The operations on official accounts: connection with a shop, grant and quotas.

A page of the sandbox replaces the page of Zalo on which an administrator agrees. The documentation leaves
some rules open, so the sandbox chooses. The administrator that opens a link always has an official account
that is not connected yet. A link is valid for 15 minutes, its code for 10 minutes, a grant for 90 days. An
account with an expired grant keeps its status; `expires_at` shows the end. Operations that need Zalo are then
rejected (`failed_precondition`); operations on eTelecom's own data are not.
"""

from __future__ import annotations

import json
import secrets
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

import attrs

from etelecom_async.errors import FailedPreconditionError, NotFoundError
from etelecom_async.sandbox.context import Context, ListResponse, Response, handles
from etelecom_async.sandbox.filters import filter_by_fields, filter_by_name, filter_by_time
from etelecom_async.sandbox.listing import ListQuery, fetch_page
from etelecom_async.sandbox.params import invalid, read_id, read_text, read_url
from etelecom_async.sandbox.services.zalo.records import GRANT, add_follower, add_oa, zalo_id
from etelecom_async.sandbox.store.outbox import forget_receiver, oa_receiver
from etelecom_async.sandbox.times import iso, micros
from etelecom_async.sandbox.urls import with_query
from etelecom_async.sandbox.world import fake, people
from etelecom_async.sandbox.world.fake import Rng

if TYPE_CHECKING:
    import sqlite3

    from etelecom_async._generated.models.zalo import (
        AuthorizeOARequest,
        ConnectOARequest,
        GetShopOARequest,
        ListOARequest,
        RefreshTokenRequest,
        UpdateShopOARequest,
    )
    from etelecom_async.sandbox.store.state import State


@attrs.frozen
class OA:
    """An official account of the caller's shop."""

    id: int
    redirect_uri: str
    package: int
    """Consulting messages per month, besides the replies."""
    doc: dict[str, Any]


PERMISSION_PATH: Final = "/zalo/oa/permission"

_LINK: Final = timedelta(minutes=15)
_CODE: Final = timedelta(minutes=10)
# Fields of GetShopOA and UpdateShopOA only.
_DETAILS: Final = (
    "daily_quota_promotion",
    "estimated_next_month_promotion_quota",
    "monthly_promotion_quota",
    "remaining_monthly_promotion_quota",
    "webhook_url",
)


@handles("shop.zalo.accounts.authorize")
def authorize(context: Context, request: AuthorizeOARequest) -> Response:
    """Return the link on which an administrator authorizes the Zalo app."""
    app_id = str(read_id(request.app_id, "app_id"))
    read_text(request.app_secret.reveal(), "app_secret")
    redirect_uri = read_url(request.redirect_uri, "redirect_uri")
    return _link(context, app_id, redirect_uri)


@handles("shop.zalo.accounts.refresh_token")
def refresh_token(context: Context, request: RefreshTokenRequest) -> Response:
    """Return a link for an account that was connected before, expired or not."""
    oa = find_oa(context, request.oa_id)
    return _link(context, oa.doc["app_id"], oa.redirect_uri, oa.id)


def _link(context: Context, app_id: str, redirect_uri: str, oa_id: int | None = None) -> Response:
    token = secrets.token_urlsafe(24)
    context.state.insert(
        "oa_link",
        token=token,
        shop_id=context.caller.account_id,
        app_id=app_id,
        redirect_uri=redirect_uri,
        oa_id=oa_id,
        expires_at=micros(context.now + _LINK),
    )
    return {"url": f"{context.origin}{PERMISSION_PATH}?app_id={app_id}&token={quote(token)}"}


def find_link(state: State, now: datetime, token: str) -> sqlite3.Row | None:
    """Return the request of a link; `None` if it is unknown, used or expired."""
    return state.fetch_first("SELECT * FROM oa_link WHERE token = ? AND expires_at > ?", token, micros(now))


def grant(state: State, now: datetime, token: str) -> str | None:
    """
    Authorize the Zalo app of a link for an official account, after its administrator agreed.

    Returns:
        The URL for the browser; `None` if the link is unknown, used or expired.
    """
    link = find_link(state, now, token)
    if link is None:
        return None
    state.execute("DELETE FROM oa_link WHERE token = ?", token)
    code, number = secrets.token_urlsafe(32), secrets.randbelow(2**31)
    oa_id = link["oa_id"] or zalo_id(Rng(token))
    state.insert(
        "oa_code",
        code=code,
        shop_id=link["shop_id"],
        app_id=link["app_id"],
        redirect_uri=link["redirect_uri"],
        oa_id=oa_id,
        state=number,
        expires_at=micros(now + _CODE),
    )
    return with_query(link["redirect_uri"], f"code={quote(code)}&state={number}&oa_id={oa_id}")


@handles("shop.zalo.accounts.connect")
def connect(context: Context, request: ConnectOARequest) -> Response:
    """
    Connect an official account, or renew its grant, with the code from the redirect URL.

    A code is valid once, and only for the shop that requested the link. A new account is empty and has a
    small quota. Its first follower is its administrator, with the shop's own phone number.
    """
    code = context.state.fetch_first(
        "SELECT * FROM oa_code WHERE code = ? AND shop_id = ? AND expires_at > ?",
        read_text(request.code.reveal(), "code"),
        context.caller.account_id,
        micros(context.now),
    )
    if code is None:
        raise invalid("code", "is unknown, used or expired")
    if read_id(request.oa_id, "oa_id") != code["oa_id"]:
        raise invalid("oa_id", "is not the account of the code")
    if request.state != code["state"]:
        raise invalid("state", "is not the state that came with the code")
    context.state.execute("DELETE FROM oa_code WHERE code = ?", code["code"])
    oa_id: int = code["oa_id"]
    expires_at = context.now + GRANT
    if context.state.fetch_first("SELECT 1 FROM oa WHERE id = ?", oa_id):
        changes = {"status": "P", "expires_at": iso(expires_at)}
        context.state.update("oa", oa_id, context.now, changes)
    else:
        _add(context, code, expires_at)
    return _without_details(context.state.fetch_doc("oa", oa_id))


def _add(context: Context, code: sqlite3.Row, expires_at: datetime) -> None:
    oa_id, shop_id = code["oa_id"], context.caller.account_id
    rng = Rng(str(oa_id))
    shop = context.state.fetch_doc("shop", shop_id)
    add_oa(
        context.state,
        record_id=oa_id,
        shop_id=shop_id,
        owner_id=int(shop["owner_id"]),
        app_id=code["app_id"],
        redirect_uri=code["redirect_uri"],
        created_at=context.now,
        expires_at=expires_at,
        name=fake.company(rng),
        connection_id=str(context.state.new_id(context.now)),
    )
    add_follower(
        context.state,
        record_id=context.state.new_id(context.now),
        shop_id=shop_id,
        oa_id=oa_id,
        zl_user_id=str(zalo_id(rng)),
        zl_user_id_by_app=str(zalo_id(rng)),
        full_name=fake.person(rng, 0).full_name,
        phone=people.normalize(shop["phone"]) or "",
        created_at=context.now,
    )


@handles("shop.zalo.accounts.list")
def list_accounts(context: Context, request: ListOARequest) -> ListResponse:
    """Return the shop's official accounts. A name matches any part; dates are those of the connection."""
    query = ListQuery.of_shop("oa", context, without=_DETAILS)
    if wanted := request.filter:
        filter_by_fields(query, wanted, ids=("app_id", "oa_id"))
        filter_by_time(query, "created_at", wanted.date_from, wanted.date_to)
        filter_by_name(query, wanted.name)
    return fetch_page(context.state, "accounts", query, request.paging)


@handles("shop.zalo.accounts.get")
def get_account(context: Context, request: GetShopOARequest) -> Response:
    """Return an official account with its quotas."""
    return find_oa(context, request.oa_id).doc


@handles("shop.zalo.accounts.update")
def update_account(context: Context, request: UpdateShopOARequest) -> Response:
    """
    Set the webhook URL of an account; a blank one removes it, unless the sandbox is strict.

    The removal is not documented; a public program removes the URL in this way. Events that wait for the old
    URL are dropped.
    """
    oa = find_oa(context, request.oa_id)
    webhook_url = request.webhook_url or ""
    if webhook_url or context.strict:
        read_url(webhook_url, "webhook_url")
    context.state.update("oa", oa.id, context.now, {"webhook_url": webhook_url})
    forget_receiver(context.state, oa_receiver(oa.id))
    return context.state.fetch_doc("oa", oa.id)


def find_oa(context: Context, oa_id: str | None) -> OA:
    """
    Return an official account of the caller's shop.

    Raises:
        InvalidArgumentError: The id is missing or wrong.
        NotFoundError: The shop has no such account.
    """
    number = read_id(oa_id, "oa_id")
    row = context.state.fetch_first(
        "SELECT redirect_uri, package, doc FROM oa WHERE id = ? AND shop_id = ?",
        number,
        context.caller.account_id,
    )
    if row is None:
        raise NotFoundError(f"the shop has no official account {number}")
    return OA(number, row["redirect_uri"], row["package"], json.loads(row["doc"]))


def granted_oa(context: Context, oa_id: str | None) -> OA:
    """
    Return an official account with a valid grant.

    Raises:
        InvalidArgumentError: The id is missing or wrong.
        NotFoundError: The shop has no such account.
        FailedPreconditionError: The account is not connected, or its grant has expired.
    """
    oa = find_oa(context, oa_id)
    if oa.doc["status"] != "P":
        raise FailedPreconditionError(f"official account {oa.id} is not connected; connect it first")
    if datetime.fromisoformat(oa.doc["expires_at"]) <= context.now:
        raise FailedPreconditionError(
            f"the grant of official account {oa.id} has expired; RefreshToken returns the link to renew it"
        )
    return oa


def _without_details(doc: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in doc.items() if name not in _DETAILS}
