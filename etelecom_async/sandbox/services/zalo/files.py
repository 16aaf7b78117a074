"""
The upload of files for messages.

The documentation has no limits, so the sandbox chooses. A picture (`type` image) is a jpg or png file of at
most 10 MiB; its content type decides or, without one, its name. Another file has at most 512 MiB. A token is
valid for 7 days. The types of pictures come from the documentation of another reseller; the sandbox does not
use its limit of 1 MB.
"""

from __future__ import annotations

import mimetypes
import secrets
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from etelecom_async.errors import NotFoundError
from etelecom_async.sandbox.context import Context, Response, handles
from etelecom_async.sandbox.params import invalid
from etelecom_async.sandbox.services.zalo.accounts import OA, granted_oa
from etelecom_async.sandbox.times import micros

if TYPE_CHECKING:
    import sqlite3

    from etelecom_async.sandbox.store.state import State
    from etelecom_async.sandbox.uploads import UploadedForm

_PICTURE: Final = "image"
_PICTURE_TYPES: Final = ("image/jpeg", "image/png")
_MAX_PICTURE_BYTES: Final = 10 * 1024 * 1024
_MAX_FILE_BYTES: Final = 512 * 1024 * 1024
_UNKNOWN_TYPE: Final = "application/octet-stream"
_LIFETIME: Final = timedelta(days=7)


@handles("shop.zalo.files.upload")
def upload(context: Context, form: UploadedForm) -> Response:
    """Store the description of a file; return its token."""
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
    max_bytes = _MAX_PICTURE_BYTES if kind == _PICTURE else _MAX_FILE_BYTES
    if form.size > max_bytes:
        raise invalid("file", f"has {form.size} bytes, but at most {max_bytes} are allowed")
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
    """Return the description of an uploaded file, expired or not; `None` if there is none."""
    return state.fetch_first("SELECT * FROM upload WHERE token = ?", token)


def require_upload(context: Context, oa: OA, token: str, where: str, *, picture: bool) -> None:
    """
    Check the token of an upload of an official account.

    Raises:
        NotFoundError: The token is unknown, expired, or of another account.
        InvalidArgumentError: The upload is not a picture, but must be one.
    """
    found = find_upload(context.state, token)
    if found is None or found["oa_id"] != oa.id or found["expires_at"] <= micros(context.now):
        raise NotFoundError("the upload is unknown, or more than 7 days old", meta={"field": where})
    if picture and found["type"] != _PICTURE:
        raise invalid(where, "is the token of a file that was not uploaded with the type image")
