"""
The operation on transaction messages: banner, heading, text, table and buttons to one Zalo user.

The documentation allows four buttons, and 1000 characters in the reply of a query button. For a label it
names 35 characters and 100 characters; the sandbox checks 100. The limits of the table (25 and 100
characters), and the payload of each type of button, come from another reseller. The sandbox chooses that
these messages need no quota.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Final

from etelecom_async.sandbox.context import Context, Response, handles
from etelecom_async.sandbox.params import invalid, read_choice, read_optional_text, read_text, read_url
from etelecom_async.sandbox.services.zalo.accounts import OA, granted_oa
from etelecom_async.sandbox.services.zalo.files import require_upload
from etelecom_async.sandbox.services.zalo.followers import find_follower
from etelecom_async.sandbox.store.state import to_json
from etelecom_async.sandbox.times import micros

if TYPE_CHECKING:
    from etelecom_async._generated.models.zalo import (
        SendZNSTxnRequest,
        TransactionBanner,
        TransactionButton,
        TransactionRow,
    )

_MAX_BUTTONS: Final = 4
_MAX_LABEL: Final = 100
_MAX_QUERY: Final = 1000
_MAX_KEY: Final = 25
_MAX_VALUE: Final = 100
_ALIGNS: Final = ("left", "center", "right")
_LANGUAGES: Final = ("unknown", "VI", "EN")
_STANDARD_ICON: Final = "default"
_PAYLOADS: Final = {
    "oa.open.url": ("url",),
    "oa.query.show": ("content",),
    "oa.query.hide": ("content",),
    "oa.open.sms": ("content", "phone_code"),
    "oa.open.phone": ("phone_code",),
}


@handles("shop.zalo.messages.send_transaction")
def send_transaction(context: Context, request: SendZNSTxnRequest) -> Response:
    """Send a transaction message; every template_type is accepted, because none is documented."""
    oa = granted_oa(context, request.oa_id)
    follower = find_follower(context, oa, request.recipient.user_id, "recipient.user_id")
    read_choice(request.language or "unknown", "language", _LANGUAGES)
    message = request.message
    for index, button in enumerate(message.buttons or ()):
        if index == _MAX_BUTTONS:
            raise invalid("message.buttons", f"are more than {_MAX_BUTTONS}")
        _check_button(context, oa, button, f"message.buttons[{index}]")
    for index, row in enumerate(message.content_table or ()):
        _check_row(row, f"message.content_table[{index}]")
    if message.content_banner:
        _check_banner(context, oa, message.content_banner)
    for name, part in (("content_header", message.content_header), ("content_text", message.content_text)):
        if part:
            read_text(part.content, f"message.{name}.content")
            if part.align:
                read_choice(part.align, f"message.{name}.align", _ALIGNS)
    message_id = secrets.token_hex(10)
    context.state.insert(
        "oa_message",
        id=context.state.new_id(context.now),
        oa_id=oa.id,
        follower_id=follower.id,
        quota_type="",
        created_at=micros(context.now),
        content=to_json({"template_type": str(request.template_type or "unknown")}),
        doc=to_json({"message_id": message_id}),
    )
    return {"message_id": message_id}


def _check_button(context: Context, oa: OA, button: TransactionButton, where: str) -> None:
    read_text(button.title, f"{where}.title", max_length=_MAX_LABEL)
    kind = read_choice(button.type, f"{where}.type", _PAYLOADS)
    for name in _PAYLOADS[kind]:
        value = read_text(getattr(button.payload, name, None), f"{where}.payload.{name}")
        if name == "url":
            read_url(value, f"{where}.payload.url")
        if name == "content":
            read_optional_text(value, f"{where}.payload.content", max_length=_MAX_QUERY)
    icon = button.image_icon
    if icon and icon != _STANDARD_ICON and "://" not in icon:
        require_upload(context, oa, icon, f"{where}.image_icon", picture=True)


def _check_row(row: TransactionRow, where: str) -> None:
    for name, value, max_length in (("key", row.key, _MAX_KEY), ("value", row.value, _MAX_VALUE)):
        read_text(value, f"{where}.{name}", max_length=max_length)


def _check_banner(context: Context, oa: OA, banner: TransactionBanner) -> None:
    where = "message.content_banner"
    if not (banner.attachment_id or banner.image_url):
        raise invalid(f"{where}.attachment_id", "or image_url is required")
    if banner.attachment_id:
        require_upload(context, oa, banner.attachment_id, f"{where}.attachment_id", picture=True)
    if banner.image_url:
        read_url(banner.image_url, f"{where}.image_url")
