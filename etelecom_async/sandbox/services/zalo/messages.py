"""
The operations on consulting messages from an official account to one Zalo user: text, sticker, picture, file.

The documentation names 8 replies in 48 hours and the free messages of a package, but not their order. The
sandbox chooses it. The 48 hours start with the last interaction of the user. The 8 replies are used first,
then the package, which is renewed every month. After that, messages are rejected (`resource_exhausted`).
"""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from etelecom_async.errors import ResourceExhaustedError
from etelecom_async.sandbox.context import Context, Response, handles
from etelecom_async.sandbox.ids import UNSET_ID
from etelecom_async.sandbox.params import invalid, read_text, read_url
from etelecom_async.sandbox.services.zalo.accounts import OA, granted_oa
from etelecom_async.sandbox.services.zalo.files import require_upload
from etelecom_async.sandbox.services.zalo.followers import Follower, find_follower
from etelecom_async.sandbox.store.state import to_json
from etelecom_async.sandbox.times import micros, moment, next_month, this_month
from etelecom_async.times import VIETNAM

if TYPE_CHECKING:
    from etelecom_async._generated.models.zalo import (
        OASendFileRequest,
        OASendImageRequest,
        OASendStickerRequest,
        OASendTextRequest,
    )

# The limit of another reseller; eTelecom's documentation has none.
_MAX_TEXT: Final = 2000
_REPLIES: Final = 8
_REPLY_WINDOW: Final = timedelta(hours=48)


@handles("shop.zalo.messages.send_text")
def send_text(context: Context, request: OASendTextRequest) -> Response:
    """Send a text."""
    parties = _parties(context, request)
    text = read_text(request.message.text, "message.text", max_length=_MAX_TEXT)
    return _send(context, parties, "text", {"text": text}, hidden=("wl_partner_id", "zl_user_id"))


@handles("shop.zalo.messages.send_sticker")
def send_sticker(context: Context, request: OASendStickerRequest) -> Response:
    """Send a sticker; every id is accepted, because the documentation does not list them."""
    parties = _parties(context, request)
    sticker = read_text(request.message.attachment_id, "message.attachment_id")
    return _send(context, parties, "sticker", {"attachment_id": sticker})


@handles("shop.zalo.messages.send_image")
def send_image(context: Context, request: OASendImageRequest) -> Response:
    """Send a picture by its upload or its URL; a request may have both."""
    parties = _parties(context, request)
    message = request.message
    token, url = message.attachment_id, message.image_url
    if not (token or url):
        raise invalid("message.attachment_id", "or message.image_url is required")
    if token:
        require_upload(context, parties[0], token, "message.attachment_id", picture=True)
    if url:
        read_url(url, "message.image_url")
    return _send(context, parties, "photo", {"attachment_id": token, "image_url": url})


@handles("shop.zalo.messages.send_file")
def send_file(context: Context, request: OASendFileRequest) -> Response:
    """Send an uploaded file."""
    parties = _parties(context, request)
    token = read_text(request.message.token, "message.token")
    require_upload(context, parties[0], token, "message.token", picture=False)
    return _send(context, parties, "file", {"token": token}, hidden=("quota", "wl_partner_id"))


def _parties(context: Context, request: Any) -> tuple[OA, Follower]:
    """Return the sender and the recipient."""
    oa = granted_oa(context, request.oa_id)
    return oa, find_follower(context, oa, request.recipient.user_id, "recipient.user_id")


def _send(
    context: Context,
    parties: tuple[OA, Follower],
    kind: str,
    content: dict[str, Any],
    hidden: tuple[str, ...] = (),
) -> Response:
    """Send a message; the response is without the fields in *hidden*, which its kind does not have."""
    oa, follower = parties
    quota = _spend(context, oa, follower)
    zl_user_id = follower.doc["zl_user_id"]
    doc = {
        "direction": "out",
        "msg_id": secrets.token_hex(10),
        "oa_id": str(oa.id),
        "quota": quota,
        "recipient_id": zl_user_id,
        "sender_id": str(oa.id),
        "shop_id": oa.doc["shop_id"],
        "type": kind,
        "user_id": oa.doc["onwer_id"],
        "wl_partner_id": UNSET_ID,
        "zl_user_id": zl_user_id,
    }
    context.state.insert(
        "oa_message",
        id=context.state.new_id(context.now),
        oa_id=oa.id,
        follower_id=follower.id,
        quota_type=quota["quota_type"],
        created_at=micros(context.now),
        content=to_json(content),
        doc=to_json(doc),
    )
    if not follower.doc["has_conversation"]:
        context.state.update("follower", follower.id, context.now, {"has_conversation": True})
    return {name: value for name, value in doc.items() if name not in hidden}


def _spend(context: Context, oa: OA, follower: Follower) -> dict[str, str]:
    """
    Return the quota after one more message.

    Raises:
        ResourceExhaustedError: No quota is left.
    """
    replies = "follower_id = ? AND quota_type = 'reply' AND created_at >= ?"
    left = _REPLIES - _count(context, replies, follower.id, follower.interacted_at)
    quota_type = "reply"
    if left < 1 or moment(follower.interacted_at) + _REPLY_WINDOW <= context.now:
        package = "oa_id = ? AND quota_type = 'sub_quota' AND created_at >= ?"
        left = oa.package - _count(context, package, oa.id, micros(this_month(context.now)))
        quota_type = "sub_quota"
    if left < 1:
        raise ResourceExhaustedError(
            f"official account {oa.id} has no consulting messages left; "
            "its package is renewed on the first of the month"
        )
    return {
        "expired_date": next_month(context.now).astimezone(VIETNAM).strftime("%d/%m/%Y"),
        "owner_id": str(oa.id),
        "owner_type": "OA",
        "quota_type": quota_type,
        "remain": str(left - 1),
        "total": str(oa.package),
    }


def _count(context: Context, condition: str, *values: object) -> int:
    row = context.state.fetch_one(f"SELECT count(*) FROM oa_message WHERE {condition}", *values)  # noqa: S608 - a constant of this module
    count: int = row[0]
    return count
