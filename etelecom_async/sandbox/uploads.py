"""
Takes files that are uploaded as a form, however large: bytes are counted and hashed as they come, not kept.

The room knows the form (multipart/form-data); what is allowed is in the handler.
"""

from __future__ import annotations

import hashlib
from typing import Any, Final

import attrs
from aiohttp import BodyPartReader, web
from aiohttp.http import HttpProcessingError

from etelecom_async.errors import InvalidArgumentError, MalformedError

CONTENT_TYPE: Final = "multipart/form-data"

_CHUNK_BYTES: Final = 256 * 1024
# The form's other fields are an id and a word.
_LONGEST_FIELD: Final = 4096
_MOST_FIELDS: Final = 16


@attrs.frozen(kw_only=True)
class UploadedForm:
    """A form with a file, once its last byte has come."""

    fields: dict[str, str]
    """The form's other fields, by name."""
    name: str | None
    """The file's name; `None` where the form has no file."""
    content_type: str
    size: int
    sha256: str


async def receive(request: web.Request) -> UploadedForm:
    """
    Return the form that a request holds, without its file's bytes.

    Raises:
        MalformedError: The body is no such form.
        InvalidArgumentError: A field other than the file is too long, or there are too many.
    """
    try:
        return await _receive(request)
    except (ValueError, HttpProcessingError) as error:
        # What aiohttp raises for bodies that are no form, end too early, or have parts with bad headers.
        raise MalformedError(f"the body is not a form: {type(error).__name__}") from None


async def _receive(request: web.Request) -> UploadedForm:
    fields: dict[str, str] = {}
    file: dict[str, Any] = {"name": None, "content_type": "", "size": 0, "sha256": ""}
    reader = await request.multipart()
    while (part := await reader.next()) is not None:
        if not isinstance(part, BodyPartReader):
            raise MalformedError("the form has a form inside")
        if part.name == "file":
            file = await _read_file(part)
        else:
            fields[part.name or ""] = await _read_field(part)
        if len(fields) > _MOST_FIELDS:
            raise InvalidArgumentError(f"the form has more than {_MOST_FIELDS} fields")
    return UploadedForm(fields=fields, **file)


async def _read_file(part: BodyPartReader) -> dict[str, Any]:
    size, digest = 0, hashlib.sha256()
    while chunk := await part.read_chunk(_CHUNK_BYTES):
        size += len(chunk)
        digest.update(chunk)
    return {
        "name": (part.filename or "").encode(errors="replace").decode(),
        "content_type": part.headers.get("Content-Type", "").partition(";")[0].strip().lower(),
        "size": size,
        "sha256": digest.hexdigest(),
    }


async def _read_field(part: BodyPartReader) -> str:
    text = b""
    while chunk := await part.read_chunk(_LONGEST_FIELD):
        text += chunk
        if len(text) > _LONGEST_FIELD:
            raise InvalidArgumentError(f"{part.name} is longer than {_LONGEST_FIELD} bytes")
    return text.decode()
