"""
The operations on accounts: the owner of a key, and the shops of a partner with their keys.

The column `shop_key` is the link between partner and shop: the partner's key for the shop, or null after the
shop ended the link.
"""

from __future__ import annotations

import json
import secrets
from datetime import timedelta
from random import SystemRandom
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from etelecom_async._core.operation import EmptyRequest, KeyKind
from etelecom_async.errors import PermissionDeniedError
from etelecom_async.sandbox.context import Context, ListResponse, Response, handles
from etelecom_async.sandbox.listing import ListQuery, fetch_page
from etelecom_async.sandbox.params import read_id, read_text, read_url
from etelecom_async.sandbox.services.account.keys import ShopKeys, new_shop_key, new_shop_keys
from etelecom_async.sandbox.services.account.records import add_shop
from etelecom_async.sandbox.times import micros
from etelecom_async.sandbox.urls import with_query
from etelecom_async.sandbox.world.fake import secret

if TYPE_CHECKING:
    import sqlite3
    from datetime import datetime

    from etelecom_async._generated.models.account import (
        AuthorizeShopRequest,
        CreateShopAccountRequest,
        GetShopsRequest,
    )
    from etelecom_async.sandbox.store.state import State

SIGN_IN_PATH: Final = "/login"
_SIGN_IN_SECONDS: Final = 900
_RANDOM: Final = SystemRandom()


@handles("account")
def current_account(context: Context, _: EmptyRequest) -> Response:
    """Return the owner of the key. The sandbox chooses the undocumented fields."""
    if context.caller.kind is KeyKind.PARTNER_API_KEY:
        name = context.state.setting("partner_name")
        return {"id": str(context.caller.account_id), "name": name, "type": "partner"}
    shop = _shop(context)
    return {"id": shop["id"], "name": shop["name"], "type": "shop"}


@handles("shop.current")
def current_shop(context: Context, _: EmptyRequest) -> Response:
    """Return the shop of a shop_key. The sandbox chooses `shop` as the undocumented `type`."""
    shop = _shop(context)
    return {
        "id": shop["id"],
        "name": shop["name"],
        "type": "shop",
        "image_url": shop["image_url"],
        "website": "",
    }


@handles("partner.shops.authorize")
def authorize_shop(context: Context, request: AuthorizeShopRequest) -> Response:
    """Start the link with a shop, or return the key of a linked shop; `type` distinguishes them."""
    redirect_url = read_url(request.redirect_url, "redirect_url")
    if not request.shop_id:
        name = read_text(request.name, "name")
        email, phone = read_text(request.email, "email"), read_text(request.phone, "phone")
        return _request_sign_in(context, redirect_url, name=name, email=email, phone=phone)
    shop_id = read_id(request.shop_id, "shop_id")
    row = context.state.fetch_first("SELECT shop_key, doc FROM shop WHERE id = ?", shop_id)
    if row is None:
        raise PermissionDeniedError(
            "the shop is not linked with this partner",
            meta={"reason": "shop_id must name a shop that has signed in through this partner"},
        )
    if row["shop_key"] is None:
        shop = json.loads(row["doc"])
        contact = {field: shop[field] for field in ("name", "email", "phone")}
        return _request_sign_in(context, redirect_url, shop_id=shop_id, **contact)
    return {"code": "ok", "msg": "", "type": "shop_key", "auth_token": row["shop_key"], "expires_in": -1}


def _request_sign_in(
    context: Context, redirect_url: str, *, name: str, email: str, phone: str, shop_id: int | None = None
) -> Response:
    token = f"request:{secrets.token_urlsafe(32)}"
    context.state.insert(
        "sign_in",
        token=token,
        shop_id=shop_id,
        name=name,
        email=email,
        phone=phone,
        redirect_url=redirect_url,
        expires_at=micros(context.now + timedelta(seconds=_SIGN_IN_SECONDS)),
    )
    return {
        "code": "ok",
        "msg": "",
        "type": "shop_request",
        "auth_token": token,
        "expires_in": _SIGN_IN_SECONDS,
        "auth_url": f"{context.origin}{SIGN_IN_PATH}?token={quote(token, safe=':')}",
    }


def find_sign_in(state: State, now: datetime, token: str) -> sqlite3.Row | None:
    """Return the request of a token; `None` if it is unknown, used or expired."""
    return state.fetch_first("SELECT * FROM sign_in WHERE token = ? AND expires_at > ?", token, micros(now))


def sign_in(state: State, now: datetime, token: str) -> str | None:
    """
    Link a shop with the partner after its owner signed in; a new e-mail address gives a new shop.

    Returns:
        The URL for the browser; `None` if the token is unknown, used or expired.
    """
    asked = find_sign_in(state, now, token)
    if asked is None:
        return None
    state.execute("DELETE FROM sign_in WHERE token = ?", token)
    shop_id = asked["shop_id"]
    if shop_id is None:
        known = state.fetch_first("SELECT id FROM shop WHERE email = ? ORDER BY id", asked["email"])
        shop_id = known["id"] if known else None
    if shop_id is None:
        shop, _ = _create(state, now, asked["name"], asked["email"], asked["phone"])
        shop_id = shop["id"]
    else:
        state.execute(
            "UPDATE shop SET shop_key = ? WHERE id = ? AND shop_key IS NULL",
            new_shop_key(_RANDOM, shop_id),
            shop_id,
        )
    return with_query(asked["redirect_url"], f"token={quote(token, safe=':')}&shop_id={shop_id}")


def unlink(state: State, shop_id: int) -> bool:
    """End the link of a shop with the partner, as its owner can do; return whether there was a link."""
    return state.execute("UPDATE shop SET shop_key = NULL WHERE id = ? AND shop_key IS NOT NULL", shop_id) > 0


@handles("partner.shops.create")
def create_shop_account(context: Context, request: CreateShopAccountRequest) -> Response:
    """
    Add a shop without a sign-in; return both its keys.

    The documentation does not show the request. The sandbox reads the fields of a shop that a caller can
    know, and ignores all others.
    """
    shop, keys = _create(
        context.state, context.now, request.name or "", request.email or "", request.phone or ""
    )
    return {"shop": shop, "api_key": keys.api_key, "shop_key": keys.shop_key}


def _create(
    state: State, now: datetime, name: str, email: str, phone: str
) -> tuple[dict[str, Any], ShopKeys]:
    shop_id = state.new_id(now)
    keys = new_shop_keys(_RANDOM, shop_id)
    shop = add_shop(
        state,
        record_id=shop_id,
        owner_id=state.new_id(now),
        code=secret(_RANDOM, 4).upper(),
        name=name,
        email=email,
        phone=phone,
        keys=keys,
        created_at=now,
    )
    return shop, keys


@handles("partner.shops.list")
def get_shops(context: Context, request: GetShopsRequest) -> ListResponse:
    """Return the partner's shops. The sandbox chooses the undocumented request and response."""
    return fetch_page(context.state, "shops", ListQuery("shop", rules=context.rules), request.paging)


def _shop(context: Context) -> dict[str, Any]:
    return context.state.fetch_doc("shop", context.caller.account_id)
