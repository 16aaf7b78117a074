"""
Accounts: who a key belongs to, and how a partner gets shops and their keys.

The link between partner and shop is the column `shop_key`: the partner's key while they are linked, null
after the shop ended it.
"""

from __future__ import annotations

import json
import secrets
from datetime import timedelta
from random import SystemRandom
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from etelecom_async._core.operation import EmptyRequest, JsonObject, KeyKind
from etelecom_async.errors import PermissionDeniedError
from etelecom_async.sandbox import records
from etelecom_async.sandbox.context import Context, ListResponse, Response, handles
from etelecom_async.sandbox.listing import ListQuery, fetch_page
from etelecom_async.sandbox.params import invalid, read_id, read_text, read_url
from etelecom_async.sandbox.services.account.keys import ShopKeys, new_shop_key, new_shop_keys
from etelecom_async.sandbox.times import micros
from etelecom_async.sandbox.urls import with_query
from etelecom_async.sandbox.world.fake import secret

if TYPE_CHECKING:
    import sqlite3
    from datetime import datetime

    from etelecom_async._generated.models.account import AuthorizeShopRequest, GetShopsRequest
    from etelecom_async.sandbox.store.state import State

SIGN_IN_PATH: Final = "/login"
_SIGN_IN_SECONDS: Final = 900
_RANDOM: Final = SystemRandom()


@handles("account")
def current_account(context: Context, _: EmptyRequest) -> Response:
    """Tell whose key it is. The fields are not documented: these are the sandbox's own choice."""
    if context.caller.kind is KeyKind.PARTNER_API_KEY:
        name = context.state.setting("partner_name")
        return {"id": str(context.caller.account_id), "name": name, "type": "partner"}
    shop = _shop(context)
    return {"id": shop["id"], "name": shop["name"], "type": "shop"}


@handles("shop.current")
def current_shop(context: Context, _: EmptyRequest) -> Response:
    """Tell which shop a shop_key is for. The spelling of `type` is not documented: `shop` is chosen here."""
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
    """Begin the link with a shop, or give the key of one that is linked; `type` tells which."""
    redirect_url = read_url(request.redirect_url, "redirect_url")
    if not request.shop_id:
        name = read_text(request.name, "name")
        email, phone = read_text(request.email, "email"), read_text(request.phone, "phone")
        return _ask_to_sign_in(context, redirect_url, name=name, email=email, phone=phone)
    shop_id = read_id(request.shop_id, "shop_id")
    row = context.state.fetch_first("SELECT shop_key, doc FROM shop WHERE id = ?", shop_id)
    if row is None:
        raise PermissionDeniedError(
            "the shop is not linked with this partner",
            meta={"reason": "only a shop that has signed in through this partner can be named by shop_id"},
        )
    if row["shop_key"] is None:
        shop = json.loads(row["doc"])
        who = {field: shop[field] for field in ("name", "email", "phone")}
        return _ask_to_sign_in(context, redirect_url, shop_id=shop_id, **who)
    return {"code": "ok", "msg": "", "type": "shop_key", "auth_token": row["shop_key"], "expires_in": -1}


def _ask_to_sign_in(
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
    """Return what a token is for; `None` where it is unknown, used or too old."""
    return state.fetch_first("SELECT * FROM sign_in WHERE token = ? AND expires_at > ?", token, micros(now))


def sign_in(state: State, now: datetime, token: str) -> str | None:
    """
    Link the shop whose owner signed in, new or known by its e-mail address, with the partner.

    Returns:
        The URL that the browser is sent to; `None` where the token is unknown, used or too old.
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
    """End a shop's link with the partner, as its owner can; return whether there was one."""
    return state.execute("UPDATE shop SET shop_key = NULL WHERE id = ? AND shop_key IS NOT NULL", shop_id) > 0


@handles("partner.shops.create")
def create_shop_account(context: Context, request: JsonObject) -> Response:
    """
    Make a shop without a sign-in and give both its keys.

    The documentation does not show the request: the sandbox takes the fields of the shop that a caller could
    know, and any others.
    """
    fields: dict[str, Any] = {name: request.get(name, "") for name in ("name", "email", "phone")}
    for name, value in fields.items():
        if not isinstance(value, str):
            raise invalid(name, "is not a text")
    shop, keys = _create(context.state, context.now, fields["name"], fields["email"], fields["phone"])
    return {"shop": shop, "api_key": keys.api_key, "shop_key": keys.shop_key}


def _create(
    state: State, now: datetime, name: str, email: str, phone: str
) -> tuple[dict[str, Any], ShopKeys]:
    shop_id = state.new_id(now)
    keys = new_shop_keys(_RANDOM, shop_id)
    shop = records.add_shop(
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
    """List the partner's shops. Request and answer are not documented: they are the sandbox's own choice."""
    return fetch_page(context.state, "shops", ListQuery("shop"), request.paging)


def _shop(context: Context) -> dict[str, Any]:
    row = context.state.fetch_one("SELECT doc FROM shop WHERE id = ?", context.caller.account_id)
    shop: dict[str, Any] = json.loads(row["doc"])
    return shop
