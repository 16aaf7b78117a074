"""
Uploads of files of any size as forms: bytes are counted and hashed as they arrive, and not stored.

The module parses the form (multipart/form-data); the handler checks its content.
"""

from __future__ import annotations

import asyncio
import hashlib
from typing import Any, Final

import attrs
from aiohttp import BodyPartReader, web
from aiohttp.http import HttpProcessingError

from etelecom_async.errors import InvalidArgumentError, MalformedError

CONTENT_TYPE: Final = "multipart/form-data"
MAX_BYTES: Final = 1024 * 1024 * 1024
"""Size of a body after which the sandbox reads no further."""
MAX_SECONDS: Final = 600
"""Time for a whole body."""

_CHUNK_BYTES: Final = 256 * 1024
# The documented fields besides the file are short: an id and a type.
_MAX_FIELD_BYTES: Final = 4096
_MAX_FIELDS: Final = 16


@attrs.frozen(kw_only=True)
class UploadedForm:
    """A form with a file, completely received."""

    fields: dict[str, str]
    """The other fields, by name."""
    name: str | None
    """Name of the file; `None` if the form has no file."""
    content_type: str
    size: int
    sha256: str


async def receive(request: web.Request) -> UploadedForm:
    """
    Receive the form of a request; return it without the bytes of its file.

    Raises:
        MalformedError: The body is not such a form.
        InvalidArgumentError: Another field is too long, or there are too many fields.
        web.HTTPRequestEntityTooLarge: The body is too large.
        web.HTTPRequestTimeout: The body does not end in time.
    """
    try:
        async with asyncio.timeout(MAX_SECONDS):
            return await _receive(request)
    except TimeoutError:
        raise too_slow() from None
    except (ValueError, RuntimeError, HttpProcessingError) as error:
        # aiohttp raises these for a body that is not a form, ends too early, or has a part with bad headers.
        raise MalformedError(f"the body is not a form: {type(error).__name__}") from None


def too_slow() -> web.HTTPRequestTimeout:
    """Return the response to a body that does not end in time."""
    return web.HTTPRequestTimeout(text=f"The body does not end within {MAX_SECONDS} seconds.")


async def _receive(request: web.Request) -> UploadedForm:
    fields: dict[str, str] = {}
    file: dict[str, Any] = {"name": None, "content_type": "", "size": 0, "sha256": ""}
    reader = await request.multipart()
    count = 0
    while (part := await reader.next()) is not None:
        count += 1
        if count > _MAX_FIELDS:
            raise InvalidArgumentError(f"the form has more than {_MAX_FIELDS} fields")
        if not isinstance(part, BodyPartReader):
            raise MalformedError("the form has a form inside a part")
        if part.name == "file":
            file = await _read_file(request, part)
        else:
            fields[part.name or ""] = await _read_field(part)
    return UploadedForm(fields=fields, **file)


async def _read_file(request: web.Request, part: BodyPartReader) -> dict[str, Any]:
    size, digest = 0, hashlib.sha256()
    while chunk := await part.read_chunk(_CHUNK_BYTES):
        if request.content.total_bytes > MAX_BYTES:
            raise web.HTTPRequestEntityTooLarge(MAX_BYTES)
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
    while chunk := await part.read_chunk(_MAX_FIELD_BYTES):
        text += chunk
        if len(text) > _MAX_FIELD_BYTES:
            raise InvalidArgumentError(f"{part.name} is longer than {_MAX_FIELD_BYTES} bytes")
    return text.decode()
