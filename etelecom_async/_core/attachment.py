"""
Files to be sent, and forms that carry them.

A file is read in pieces while it is sent, off the event loop, and never held whole. The room knows no
operation and sends nothing.
"""

from __future__ import annotations

import asyncio
import mimetypes
import os
from collections.abc import AsyncIterable, AsyncIterator, Callable
from pathlib import Path
from typing import Final

import attrs

PIECE: Final = 256 * 1024
"""Bytes read at a time."""

Progress = Callable[[int, int | None], None]
"""Told of the bytes sent so far, and of all bytes, `None` where that is not known."""


class Attachment:
    """
    A file: on disk, in memory, or coming from a stream.

    Args:
        content: A path, the bytes themselves, or an async iterable of bytes. The bytes of a stream can be
            sent once only, so a call that began to send them is not made again.
        name: The file's name; of the path where left out.
        content_type: Its media type; guessed from the name where left out.
        progress: Called while it is sent.
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
        """Whether it cannot be sent again."""
        return self._is_spent

    def problem(self) -> str | None:
        """Return why it cannot be sent, `None` where it can."""
        content: object = self._content
        if isinstance(content, Path):
            return None if content.is_file() else f"there is no file {str(content)!r}"
        if isinstance(content, bytes) or hasattr(content, "__aiter__"):
            return None
        return f"a file is a path, bytes or an async iterable of bytes, not {type(content).__name__}"

    def size(self) -> int | None:
        """Return its bytes, `None` for a stream."""
        if isinstance(self._content, Path):
            return self._content.stat().st_size
        return len(self._content) if isinstance(self._content, bytes) else None

    async def pieces(self) -> AsyncIterator[bytes]:
        """Give the bytes, piece by piece."""
        sent, size = 0, self.size()
        async for piece in self._read():
            yield piece
            sent += len(piece)
            if self._progress is not None:
                self._progress(sent, size)

    async def _read(self) -> AsyncIterator[bytes]:
        content = self._content
        if isinstance(content, Path):
            file = await asyncio.to_thread(content.open, "rb")
            try:
                while piece := await asyncio.to_thread(file.read, PIECE):
                    yield piece
            finally:
                file.close()
        elif isinstance(content, bytes):
            for start in range(0, len(content), PIECE):
                yield content[start : start + PIECE]
        else:
            self._is_spent = True
            async for piece in content:
                yield piece

    def __repr__(self) -> str:
        return f"Attachment({self.name!r}, {self.content_type!r})"


FileSource = str | os.PathLike[str] | bytes | AsyncIterable[bytes] | Attachment
"""A path, bytes, an async iterable of bytes, or an `Attachment` that says more of them."""


def to_attachment(source: FileSource) -> Attachment:
    """Return *source* as an attachment; the converter of the models' fields."""
    return source if isinstance(source, Attachment) else Attachment(source)


def to_attachment_or_none(source: FileSource | None) -> Attachment | None:
    """Return *source* as an attachment, `None` as `None`."""
    return None if source is None else to_attachment(source)


@attrs.frozen(kw_only=True)
class Form:
    """A request that carries a file."""

    fields: tuple[tuple[str, str], ...] = attrs.field(repr=False)
    """Name and text of each plain field."""
    files: tuple[tuple[str, Attachment], ...]

    @property
    def is_spent(self) -> bool:
        """Whether it cannot be sent again."""
        return any(file.is_spent for _, file in self.files)
