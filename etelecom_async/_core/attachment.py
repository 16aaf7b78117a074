"""
Files to be sent, and forms that carry them.

A file is read in pieces while it is sent, off the event loop, and never held whole. The room knows no
operation and sends nothing.
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
"""Told of the bytes sent so far, and of all bytes, `None` where that is not known."""

# Line breaks and the like, and what a file system gives for bytes that are no text.
_NO_HEADER: Final = r"[\x00-\x1f\x7f\ud800-\udfff]"


class Attachment:
    """
    A file: on disk, in memory, or coming from a stream.

    Args:
        content: A path, the bytes themselves, or an async iterable of bytes. The bytes of a stream can be
            sent once only, so a call that began to send them is not made again; a generator is closed when
            the sending ends.
        name: The file's name; of the path where left out.
        content_type: Its media type; guessed from the name where left out.
        progress: Called while it is sent; what it raises ends the sending.
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
        if self._is_spent:
            return "its stream has been sent before, and cannot be sent again: open a new one"
        if re.search(_NO_HEADER, self.name + self.content_type):
            return f"name {self.name!r} or content type {self.content_type!r} is more than one line of text"
        if isinstance(content, Path):
            return _problem_of(content)
        if isinstance(content, bytes) or hasattr(content, "__aiter__"):
            return None
        return f"a file is a path, bytes or an async iterable of bytes, not {type(content).__name__}"

    def size(self) -> int | None:
        """Return its bytes, `None` for a stream."""
        if isinstance(self._content, Path):
            return self._content.stat().st_size
        return len(self._content) if isinstance(self._content, bytes) else None

    async def pieces(self, size: int | None) -> AsyncGenerator[bytes, None]:
        """
        Give the bytes, piece by piece.

        Args:
            size: What `size()` gave; where it is known, the pieces are never more than that.

        Raises:
            Exception: They cannot be read, or are not as many as they were.
        """
        sent = 0
        async with aclosing(self._read()) as pieces:
            async for piece in pieces:
                sent += len(piece)
                if size is not None and sent > size:
                    break
                yield piece
                await asyncio.sleep(0)  # a quick connection takes everything at once, and others wait
                if self._progress is not None:
                    self._progress(sent, size)
        if size is not None and sent != size:
            # The size was told beforehand, so it can neither be ended sooner nor go on.
            message = f"it had {size} bytes, and changed while it was sent"
            raise ValueError(message)

    async def _read(self) -> AsyncGenerator[bytes, None]:
        content = self._content
        if isinstance(content, Path):
            # Opened here: a thread that opens it for a call which ends meanwhile would leave it open.
            file = content.open("rb")
            close: Callable[[], object] = file.close
            try:
                while piece := await asyncio.to_thread(file.read, PIECE):
                    yield piece
            except asyncio.CancelledError:
                # A read is under way, and closing waits for it.
                close = partial(asyncio.get_running_loop().run_in_executor, None, file.close)
                raise
            finally:
                close()
        elif isinstance(content, bytes):
            for piece in _cut(content):
                yield piece
        elif self._is_spent:
            message = "its stream has been sent before"
            raise ValueError(message)
        else:
            self._is_spent = True
            try:
                async for given in content:
                    for piece in _cut(given):
                        yield piece
            finally:
                if isinstance(content, AsyncGenerator):  # what it holds open goes with the call
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


def _cut(given: object) -> Iterator[bytes]:
    # A stream may not keep to its type.
    if not isinstance(given, bytes | bytearray):
        message = f"its stream gave a {type(given).__name__} in place of bytes"
        raise TypeError(message)
    for start in range(0, len(given), PIECE):
        yield bytes(given[start : start + PIECE])


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

    def shown(self) -> str:
        """Return it as JSON, with files by their names."""
        files = {name: repr(file) for name, file in self.files}
        return json.dumps({**dict(self.fields), **files}, ensure_ascii=False)
