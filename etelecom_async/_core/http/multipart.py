"""Bodies of requests: forms whose files are sent piece by piece, and whether a body was sent."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing

import aiohttp
from aiohttp.abc import AbstractStreamWriter

from etelecom_async._core.attachment import Attachment, Form
from etelecom_async._core.http.failures import describe
from etelecom_async.errors import InvalidRequestError


class _FilePart(aiohttp.AsyncIterablePayload):
    """A part with a file, sent in pieces. Its header states the size if it is known."""

    def __init__(self, name: str, file: Attachment) -> None:
        self.name = name
        self.failure: Exception | None = None
        """Why the file could not be read. aiohttp reports a broken connection instead."""
        self._bytes = file.size()
        self._pieces = self._watched(file)
        super().__init__(self._pieces, content_type=file.content_type)
        # Unquoted as in browsers, because servers do not decode percent signs here.
        self.set_content_disposition("form-data", quote_fields=False, name=name, filename=file.name)

    @property
    def size(self) -> int | None:
        return self._bytes

    async def write(self, writer: AbstractStreamWriter) -> None:
        try:
            await super().write(writer)
        finally:
            await (
                self._pieces.aclose()
            )  # closes the file, also if the response arrives before its end is sent

    async def _watched(self, file: Attachment) -> AsyncGenerator[bytes, None]:
        try:
            async with aclosing(file.pieces(self._bytes)) as pieces:
                async for piece in pieces:
                    yield piece
        except Exception as error:
            self.failure = error
            raise


class WatchedBytes(aiohttp.BytesPayload):
    """A body that knows whether it was sent."""

    is_sent = False

    async def write_with_length(self, writer: AbstractStreamWriter, content_length: int | None) -> None:
        self.is_sent = True
        await super().write_with_length(writer, content_length)


class WatchedForm(aiohttp.MultipartWriter):
    """A form that knows whether it was sent."""

    is_sent = False

    async def write(self, writer: AbstractStreamWriter, close_boundary: bool = True) -> None:  # noqa: FBT001, FBT002 - aiohttp's signature
        self.is_sent = True
        await super().write(writer, close_boundary)


def multipart(form: Form) -> WatchedForm:
    """Return *form* as aiohttp sends it."""
    writer = WatchedForm("form-data")
    for name, text in form.fields:
        writer.append(text).set_content_disposition("form-data", name=name)
    for name, file in form.files:
        try:
            writer.append_payload(_FilePart(name, file))
        except OSError as error:  # deleted after the check
            raise unreadable(name, error) from error
    return writer


def raise_if_unreadable(body: aiohttp.MultipartWriter) -> None:
    for part, _, _ in body:
        if isinstance(part, _FilePart) and part.failure is not None:
            raise unreadable(part.name, part.failure) from part.failure


def unreadable(name: str, error: Exception) -> InvalidRequestError:
    """Return the error for a file that could not be read to its end."""
    return InvalidRequestError((f"{name} could not be read to its end: {describe(error)}",))


def without_content_type(headers: Mapping[str, str]) -> Mapping[str, str]:
    # aiohttp adds this header itself, because it chooses the boundary between the parts.
    return {name: value for name, value in headers.items() if name != "Content-Type"}
