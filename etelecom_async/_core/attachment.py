"""
Read the files of a request, and describe forms that carry them.

A file is read in pieces while it is sent, in a thread. It is never completely in memory. This module
contains no operation and sends nothing.
"""

from __future__ import annotations

import asyncio
import json
import mimetypes
import os
import re
from collections.abc import AsyncGenerator, AsyncIterable, Callable, Iterator
from contextlib import aclosing
from functools import partial
from pathlib import Path
from typing import Final

import attrs

PIECE: Final = 256 * 1024
"""Bytes read at a time."""

Progress = Callable[[int, int | None], None]
"""Function that takes the bytes sent so far and the total bytes, `None` if unknown."""

# Control characters, and the surrogates that stand for undecodable bytes in file names.
_NO_HEADER: Final = r"[\x00-\x1f\x7f\ud800-\udfff]"


class Attachment:
    """
    A file to send: a file on disk, bytes in memory, or a stream.

    Args:
        content: A path, the bytes themselves, or an async iterable of bytes. A stream can be sent only once,
            so a call that began to send it is not retried. A generator is closed when the sending ends.
        name: The file's name. Default: the name in the path.
        content_type: Its media type. Default: guessed from the name.
        progress: Called after each piece. An exception that it raises stops the sending.
    """

    __slots__ = ("_content", "_is_spent", "_progress", "content_type", "name")

    def __init__(
        self,
        content: str | os.PathLike[str] | bytes | AsyncIterable[bytes],
        *,
        name: str | None = None,
        content_type: str | None = None,
        progress: Progress | None = None,
    ) -> None:
        self._content = Path(content) if isinstance(content, str | os.PathLike) else content
        self.name = name or (self._content.name if isinstance(self._content, Path) else "file")
        self.content_type = content_type or mimetypes.guess_type(self.name)[0] or "application/octet-stream"
        self._progress = progress
        self._is_spent = False

    @property
    def is_spent(self) -> bool:
        """Whether the content was read and cannot be sent again."""
        return self._is_spent

    def problem(self) -> str | None:
        """Return why the file cannot be sent, or `None` if it can."""
        content: object = self._content
        if self._is_spent:
            return "its stream was already sent and cannot be sent again: open a new one"
        if re.search(_NO_HEADER, self.name + self.content_type):
            return f"name {self.name!r} or content type {self.content_type!r} is not one line of text"
        if isinstance(content, Path):
            return _problem_of(content)
        if isinstance(content, bytes) or hasattr(content, "__aiter__"):
            return None
        return f"a file must be a path, bytes or an async iterable of bytes, not {type(content).__name__}"

    def size(self) -> int | None:
        """Return the size in bytes, `None` for a stream."""
        if isinstance(self._content, Path):
            return self._content.stat().st_size
        return len(self._content) if isinstance(self._content, bytes) else None

    async def pieces(self, size: int | None) -> AsyncGenerator[bytes, None]:
        """
        Yield the bytes, piece by piece.

        Args:
            size: The result of `size()`. If it is known, the pieces never have more bytes in total.

        Raises:
            Exception: The file cannot be read, or its size has changed.
        """
        sent = 0
        async with aclosing(self._read()) as pieces:
            async for piece in pieces:
                sent += len(piece)
                if size is not None and sent > size:
                    break
                yield piece
                await asyncio.sleep(0)  # on a fast connection, writes never wait: let other tasks run
                if self._progress is not None:
                    self._progress(sent, size)
        if size is not None and sent != size:
            # The request's header already states the size, so the body must have exactly that many bytes.
            message = f"it had {size} bytes, and changed while it was sent"
            raise ValueError(message)

    async def _read(self) -> AsyncGenerator[bytes, None]:
        content = self._content
        if isinstance(content, Path):
            # Not in a thread: if the call ended meanwhile, the file would stay open.
            file = content.open("rb")
            close: Callable[[], object] = file.close
            try:
                while piece := await asyncio.to_thread(file.read, PIECE):
                    yield piece
            except asyncio.CancelledError:
                # A thread may still read the file. Closing waits for it, so a thread closes the file.
                close = partial(asyncio.get_running_loop().run_in_executor, None, file.close)
                raise
            finally:
                close()
        elif isinstance(content, bytes):
            for piece in _cut(content):
                yield piece
        elif self._is_spent:
            message = "its stream was already sent"
            raise ValueError(message)
        else:
            self._is_spent = True
            try:
                async for block in content:
                    for piece in _cut(block):
                        yield piece
            finally:
                if isinstance(content, AsyncGenerator):  # the end of the call releases its resources
                    await content.aclose()

    def __repr__(self) -> str:
        return f"Attachment({self.name!r}, {self.content_type!r})"


def _problem_of(path: Path) -> str | None:
    try:
        if not path.is_file():
            return f"there is no file {str(path)!r}"
        path.open("rb").close()
    except OSError as error:
        return f"{str(path)!r} cannot be read: {error.strerror}"
    return None


def _cut(block: object) -> Iterator[bytes]:
    # A stream of the caller may yield other types than declared.
    if not isinstance(block, bytes | bytearray):
        message = f"its stream yielded {type(block).__name__} instead of bytes"
        raise TypeError(message)
    for start in range(0, len(block), PIECE):
        yield bytes(block[start : start + PIECE])


FileSource = str | os.PathLike[str] | bytes | AsyncIterable[bytes] | Attachment
"""A path, bytes, an async iterable of bytes, or an `Attachment` with more details."""


def to_attachment(source: FileSource) -> Attachment:
    """Return *source* as an attachment; the converter of the models' fields."""
    return source if isinstance(source, Attachment) else Attachment(source)


def to_attachment_or_none(source: FileSource | None) -> Attachment | None:
    """Return *source* as an attachment, `None` as `None`."""
    return None if source is None else to_attachment(source)


@attrs.frozen(kw_only=True)
class Form:
    """A request body that carries files."""

    fields: tuple[tuple[str, str], ...] = attrs.field(repr=False)
    """Name and text of each field that is not a file."""
    files: tuple[tuple[str, Attachment], ...]

    @property
    def is_spent(self) -> bool:
        """Whether a file was read and cannot be sent again."""
        return any(file.is_spent for _, file in self.files)

    def shown(self) -> str:
        """Return the form as JSON, with a name and a media type for each file."""
        files = {name: repr(file) for name, file in self.files}
        return json.dumps({**dict(self.fields), **files}, ensure_ascii=False)
