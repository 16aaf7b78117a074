"""
Read the files of a request, and describe forms that carry them.

A file is read in pieces while it is sent, in a thread. It is never completely in memory. This module
contains no operation and sends nothing.
"""

from __future__ import annotations

import asyncio
import inspect
import io
import json
import mimetypes
import os
import re
from collections.abc import AsyncGenerator, AsyncIterable, Awaitable, Callable, Iterator
from contextlib import aclosing, suppress
from functools import partial
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import Any, Final, Protocol, cast

import attrs

from etelecom_async._core.values import kind_of

PIECE: Final = 256 * 1024
"""Bytes read at a time."""

Progress = Callable[[int, int | None], None]
"""Function that takes the bytes sent so far and the total bytes, `None` if unknown."""

# Control characters, and the surrogates that stand for undecodable bytes in file names.
_NO_HEADER: Final = r"[\x00-\x1f\x7f\ud800-\udfff]"


class Readable(Protocol):
    """A file that is open for reading bytes; `read` may be a coroutine function."""

    def read(self, size: int, /) -> bytes | Awaitable[bytes]:
        """Return at most *size* bytes, and no bytes at the end."""
        ...


class Upload(Protocol):
    """A file that a web framework received, for example `aiohttp.web.FileField`."""

    @property
    def file(self) -> Readable:
        """The open file."""
        ...


Content = str | os.PathLike[str] | bytes | AsyncIterable[bytes] | Readable | Upload
"""A path, bytes, or a stream."""


class Attachment:
    """
    A file to send: a file on disk, bytes in memory, or a stream.

    A stream is an async iterable of bytes, a binary file that you opened (also `BytesIO`), or the file that
    a web framework received. It is read from its current position. It can be sent only once, so a call that
    began to send it is not retried. A generator is closed when the sending ends; an open file stays open.

    Args:
        content: A path, the bytes themselves, or a stream.
        name: The file's name. Default: the name in the path, or the name of the open file.
        content_type: Its media type. Default: that of the received file, or guessed from the name.
        progress: Called after each piece. An exception that it raises stops the sending.
    """

    __slots__ = ("_content", "_is_spent", "_progress", "content_type", "name")

    def __init__(
        self,
        content: Content,
        *,
        name: str | None = None,
        content_type: str | None = None,
        progress: Progress | None = None,
    ) -> None:
        # Wrong types are not refused here, but by `problem()`, whose text names the argument of the call.
        self._content = _opened(content)
        self.name = _given(name) or _name_of(content, self._content)
        self.content_type = _given(content_type) or _content_type_of(content, self.name)
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
        return self._problem_of_details() or _problem_of_content(content)

    def _problem_of_details(self) -> str | None:
        details: tuple[tuple[str, object], ...] = (("name", self.name), ("content_type", self.content_type))
        for argument, text in details:
            if not isinstance(text, str):
                return f"{argument} takes a text, not {kind_of(text)}"
        progress: object = self._progress
        if not (progress is None or callable(progress)):
            return f"progress takes a function, not {kind_of(progress)}"
        if re.search(_NO_HEADER, self.name + self.content_type):
            return (
                f"name {self.name!r} or content type {self.content_type!r} is not one line of text: pass "
                f"Attachment(..., name=..., content_type=...)"
            )
        return None

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
            blocks = _blocks(content) if _is_readable(content) else content
            try:
                async for block in blocks:
                    for piece in _cut(block):
                        yield piece
            finally:
                if isinstance(blocks, AsyncGenerator):  # the end of the call releases its resources
                    await blocks.aclose()

    def __repr__(self) -> str:
        return f"Attachment({self.name!r}, {self.content_type!r})"


def _opened(content: Content) -> Any:
    """Return the path, or the open file of an upload; anything else unchanged."""
    if isinstance(content, str | os.PathLike):
        with suppress(TypeError):  # an `os.PathLike` of bytes
            return Path(content)
    file = getattr(content, "file", None)
    is_upload = _is_readable(file) and not (_is_readable(content) or hasattr(content, "__aiter__"))
    return file if is_upload else content


def _given(text: Any) -> Any:
    """Return a text as a `str`, and any other value as it is; `None` for an empty text."""
    return (str.__str__(text) or None) if isinstance(text, str) else text


def _is_readable(content: object) -> bool:
    return not hasattr(content, "__aiter__") and callable(getattr(content, "read", None))


def _name_of(*contents: object) -> str:
    """Return the name of the path, upload or open file, without its folder."""
    for content in contents:
        if isinstance(content, Path):
            return content.name
        # Open files of Python have no `filename`, or warn about it.
        for attribute in ("name",) if isinstance(content, io.IOBase) else ("filename", "name"):
            name: object = getattr(content, attribute, None)
            if isinstance(name, str) and (last := re.split(r"[/\\]", str.__str__(name))[-1]):
                return last
    return "file"


def _content_type_of(content: object, name: object) -> str:
    received: object = getattr(content, "content_type", None)
    if isinstance(received, str) and received:
        return str.__str__(received)
    guessed = mimetypes.guess_type(name)[0] if isinstance(name, str) else None
    return guessed or "application/octet-stream"


def _problem_of_content(content: object) -> str | None:
    if isinstance(content, Path):
        return _problem_of(content)
    if isinstance(content, bytes) or hasattr(content, "__aiter__"):
        return None
    if _is_readable(content):
        return _problem_of_open(content)
    return f"a file must be a path, bytes, an open file or an async iterable of bytes, not {kind_of(content)}"


def _problem_of_open(file: object) -> str | None:
    if isinstance(file, io.TextIOBase) or isinstance(getattr(file, "encoding", None), str):
        return "the file is open as text: open it with the mode 'rb'"
    if getattr(file, "closed", False) is True:
        return "the file is closed"
    if isinstance(file, io.IOBase) and not file.readable():
        return "the file is not open for reading: open it with the mode 'rb'"
    return (
        "the file is at its end, so nothing would be sent: call seek(0) before" if _is_at_end(file) else None
    )


_SEEKABLE: Final = (io.BytesIO, io.BufferedReader, io.BufferedRandom, SpooledTemporaryFile)
"""Files that seek their end quickly; for example a compressed one would have to read all its bytes."""


def _is_at_end(file: object) -> bool:
    """Return whether the bytes of *file* were read before; it may be wrapped by a web framework."""
    for wrapped in ("file", "stream", "file"):
        if not isinstance(file, _SEEKABLE):
            file = getattr(file, wrapped, file)
    if not isinstance(file, _SEEKABLE):
        return False
    seekable = cast("io.BytesIO", file)
    with suppress(OSError, ValueError):
        here = seekable.tell()
        end = seekable.seek(0, os.SEEK_END)
        seekable.seek(here)
        return here == end > 0
    return False


async def _blocks(file: Readable) -> AsyncGenerator[object, None]:
    """Yield what *file* reads until its end; a blocking `read` runs in a thread."""
    is_coroutine = inspect.iscoroutinefunction(file.read)
    while True:
        block: object = file.read(PIECE) if is_coroutine else await asyncio.to_thread(file.read, PIECE)
        if inspect.isawaitable(block):
            block = await block
        if _is_end(block):
            return
        yield block


def _is_end(block: object) -> bool:
    return isinstance(block, bytes | bytearray) and not block


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


FileSource = Content | Attachment
"""A path, bytes, a stream, or an `Attachment` with more details."""


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
