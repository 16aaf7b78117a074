"""
Files that are uploaded for messages.

Of limits the documentation says nothing. Here a picture (`type` image) is a jpg or png of 10 MiB at most, by
its content type or, without one, its name; any other file may have 512 MiB; a token is good for 7 days. That
pictures are jpg or png is another reseller's word; it has 1 MB, which a sandbox need not.
"""

from __future__ import annotations

import mimetypes
import secrets
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from etelecom_async.errors import NotFoundError
from etelecom_async.sandbox.context import Context, Response, handles
from etelecom_async.sandbox.handlers.zalo.accounts import OA, granted_oa
from etelecom_async.sandbox.params import invalid
from etelecom_async.sandbox.times import micros

if TYPE_CHECKING:
    import sqlite3

    from etelecom_async.sandbox.store.state import State
    from etelecom_async.sandbox.uploads import UploadedForm

_PICTURE: Final = "image"
_PICTURE_TYPES: Final = ("image/jpeg", "image/png")
_LARGEST_PICTURE: Final = 10 * 1024 * 1024
_LARGEST_FILE: Final = 512 * 1024 * 1024
_UNKNOWN_TYPE: Final = "application/octet-stream"
_LIFETIME: Final = timedelta(days=7)


@handles("shop.zalo.files.upload")
def upload(context: Context, form: UploadedForm) -> Response:
    """Keep what is known of a file, and give the token for it."""
    oa = granted_oa(context, form.fields.get("oa_id"))
    if form.name is None:
        raise invalid("file", "is required")
    if not form.size:
        raise invalid("file", "is empty")
    kind = form.fields.get("type", "")
    content_type = form.content_type
    if content_type in ("", _UNKNOWN_TYPE):
        content_type = mimetypes.guess_type(form.name)[0] or _UNKNOWN_TYPE
    if kind == _PICTURE and content_type not in _PICTURE_TYPES:
        raise invalid("file", f"is {content_type}, but a picture is one of {', '.join(_PICTURE_TYPES)}")
    largest = _LARGEST_PICTURE if kind == _PICTURE else _LARGEST_FILE
    if form.size > largest:
        raise invalid("file", f"has {form.size} bytes, but may have {largest} at most")
    token = secrets.token_urlsafe(48)
    context.state.insert(
        "upload",
        token=token,
        oa_id=oa.id,
        type=kind,
        name=form.name,
        content_type=content_type,
        size=form.size,
        sha256=form.sha256,
        expires_at=micros(context.now + _LIFETIME),
    )
    return {"token": token}


def find_upload(state: State, token: str) -> sqlite3.Row | None:
    """Return what is known of an uploaded file, however old."""
    return state.fetch_first("SELECT * FROM upload WHERE token = ?", token)


def require_upload(context: Context, oa: OA, token: str, where: str, *, picture: bool) -> None:
    """
    Let the token of an official account's upload pass.

    Raises:
        NotFoundError: It is unknown, too old, or another account's.
        InvalidArgumentError: It is not a picture's, but should be.
    """
    found = find_upload(context.state, token)
    if found is None or found["oa_id"] != oa.id or found["expires_at"] <= micros(context.now):
        raise NotFoundError("no such upload, or one of more than 7 days ago", meta={"field": where})
    if picture and found["type"] != _PICTURE:
        raise invalid(where, "is the token of a file that was not uploaded as image")
