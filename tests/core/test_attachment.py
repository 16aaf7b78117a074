"""Test files of a request, before anything is sent."""

from __future__ import annotations

import asyncio
import gc
import gzip
import io
import json
import os
import resource
import sys
import tempfile
import threading
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from markupsafe import Markup

from etelecom_async._core.attachment import (
    PIECE,
    Attachment,
    Form,
    to_attachment,
    to_attachment_or_none,
)

CONTENT = os.urandom(2 * PIECE + 7)


class Stream:
    """An async iterable of bytes that is not a generator."""

    def __init__(self, pieces: Iterable[Any]) -> None:
        self._pieces = pieces

    async def __aiter__(self) -> AsyncIterator[Any]:
        for piece in self._pieces:
            yield piece


class BytesPath:
    """A path of bytes, which `pathlib` does not accept."""

    def __fspath__(self) -> bytes:
        """Return the path."""
        return b"a.png"


class Upload:
    """A file that a web framework received."""

    filename = "C:\\folder\\b.png"
    content_type = "image/x"

    def __init__(self, file: Any) -> None:
        self.file = file


class AsyncUpload(Upload):
    """A received file whose `read` is a coroutine function."""

    async def read(self, size: int) -> bytes:
        """Return the next bytes."""
        return self.file.read(size)


class ProxyUpload(Upload):
    """A received file whose `read` returns an awaitable, and whose own file is called `stream`."""

    def __init__(self, file: Any) -> None:
        self.stream = file

    def read(self, size: int) -> Any:
        """Return an awaitable of the next bytes."""

        async def read() -> bytes:
            return self.stream.read(size)

        return read()


def closed_file() -> io.BytesIO:
    """Return a file that is closed."""
    file = io.BytesIO()
    file.close()
    return file


def spooled(content: bytes, max_size: int = 0) -> Any:
    """Return a temporary file at its start; on the disk if *content* has more than *max_size* bytes."""
    file = tempfile.SpooledTemporaryFile(max_size=max_size)  # noqa: SIM115 - the test closes it
    file.write(content)
    file.seek(0)
    return file


STREAMS: dict[str, Callable[[bytes], Any]] = {
    "BytesIO": io.BytesIO,
    "in memory": spooled,
    "on the disk": lambda content: spooled(content, 1),
    "buffered": lambda content: io.BufferedReader(io.BytesIO(content)),
    "upload": lambda content: Upload(io.BytesIO(content)),
    "upload on the disk": lambda content: Upload(spooled(content, 1)),
    "async upload": lambda content: AsyncUpload(spooled(content)),
    "proxy": lambda content: ProxyUpload(io.BytesIO(content)),
    "proxy of a proxy": lambda content: ProxyUpload(Upload(io.BytesIO(content)).file),
}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file of two full pieces and a rest."""
    path = tmp_path / "a.png"
    path.write_bytes(CONTENT)
    return path


async def sizes(attachment: Attachment) -> list[int]:
    """Return the number of bytes in each piece."""
    return [len(piece) async for piece in attachment.pieces(attachment.size())]


@pytest.mark.parametrize("kind", ["text", "path", "bytes", "bytearray pieces", "stream"])
async def test_bytes_are_complete_and_in_pieces(kind: str, file: Path) -> None:
    """The bytes of each kind of file are complete and in order, and no piece is longer than the limit."""
    content: Any = {
        "text": str(file),
        "path": file,
        "bytes": CONTENT,
        "bytearray pieces": Stream([bytearray(CONTENT[:9]), bytearray(CONTENT[9:])]),
        "stream": Stream([CONTENT]),
    }[kind]
    attachment = Attachment(content)
    assert attachment.problem() is None
    pieces = [piece async for piece in attachment.pieces(attachment.size())]
    assert b"".join(pieces) == CONTENT
    assert max(map(len, pieces)) <= PIECE
    assert {type(piece) for piece in pieces} == {bytes}


@pytest.mark.parametrize("stream", STREAMS)
async def test_open_file_is_a_stream(stream: str) -> None:
    """An open file and a received file are read in pieces from their position, once, and stay open."""
    content = STREAMS[stream](b"skipped" + CONTENT)
    opened = getattr(content, "file", None) or getattr(content, "stream", content)
    opened.read(7)
    attachment = Attachment(content)
    assert (attachment.problem(), attachment.size(), attachment.is_spent) == (None, None, False)
    pieces = [piece async for piece in attachment.pieces(None)]
    assert b"".join(pieces) == CONTENT
    assert list(map(len, pieces)) == [PIECE, PIECE, 7]
    assert {type(piece) for piece in pieces} == {bytes}
    assert attachment.is_spent
    assert not opened.closed
    assert "its stream was already sent" in str(attachment.problem())
    assert "the file is at its end, so nothing would be sent" in str(Attachment(content).problem())
    opened.close()


@pytest.mark.parametrize("stream", STREAMS)
async def test_empty_open_file(stream: str) -> None:
    """An open file without any bytes is not at its end by mistake, and has no pieces."""
    content = STREAMS[stream](b"")
    attachment = Attachment(content)
    assert attachment.problem() is None
    assert await sizes(attachment) == []
    (getattr(content, "file", None) or getattr(content, "stream", content)).close()


async def test_slow_seeks_are_avoided() -> None:
    """The end of a compressed file is not searched, because that would read the whole file."""
    packed = io.BytesIO(gzip.compress(CONTENT))
    with gzip.open(packed) as content:
        content.read()
        attachment = Attachment(content)
        at = packed.tell()
        assert attachment.problem() is None
        assert packed.tell() == at
        assert await sizes(attachment) == []


async def test_pipe() -> None:
    """A file that cannot seek, like a pipe, is read to its end."""
    reader, writer = os.pipe()
    with os.fdopen(reader, "rb") as content, os.fdopen(writer, "wb") as source:
        source.write(b"abc")
        source.close()
        attachment = Attachment(content)
        assert attachment.problem() is None
        assert await sizes(attachment) == [3]


def test_file_that_is_not_open_for_reading(tmp_path: Path) -> None:
    """A file that is open only for writing is refused, and so is one that is open as text."""
    with (tmp_path / "a.png").open("wb") as written, Path(__file__).open(encoding="utf-8") as text:
        problems = [Attachment(content).problem() for content in (written, text)]
    assert problems == [
        "the file is not open for reading: open it with the mode 'rb'",
        "the file is open as text: open it with the mode 'rb'",
    ]


@pytest.mark.parametrize("end", [b"", bytearray(b"")])
async def test_reads_until_an_empty_result(end: bytes) -> None:
    """An empty result of `read` ends the file; every other type but bytes is refused."""
    results: list[Any] = [b"a", bytearray(b"b"), end]
    attachment = Attachment(SimpleNamespace(read=lambda _: results.pop(0)))
    assert attachment.problem() is None
    assert await sizes(attachment) == [1, 1]
    for wrong, kind in (("", "str"), (None, "NoneType"), (7, "int")):
        with pytest.raises(TypeError, match=f"^its stream yielded {kind} instead of bytes$"):
            await sizes(Attachment(SimpleNamespace(read=lambda _, wrong=wrong: wrong)))


async def test_open_file_is_read_in_a_thread() -> None:
    """A blocking `read` runs in another thread; a coroutine function runs in the event loop."""
    threads: list[int] = []

    def blocking(_: int) -> bytes:
        threads.append(threading.get_ident())
        return b""

    async def coroutine(_: int) -> bytes:
        return blocking(0)

    await sizes(Attachment(SimpleNamespace(read=blocking)))
    await sizes(Attachment(SimpleNamespace(read=coroutine)))
    assert [thread == threading.get_ident() for thread in threads] == [False, True]


async def test_reader_of_an_open_file_stops() -> None:
    """If the sending ends early, the file is left open where it is."""
    content = io.BytesIO(CONTENT)
    pieces = Attachment(content).pieces(None)
    await anext(pieces)
    await pieces.aclose()
    assert (content.closed, content.tell()) == (False, PIECE)


@pytest.mark.parametrize("content", [b"", Stream([])])
async def test_empty_file(content: Any) -> None:
    """An empty file has no pieces and no problem."""
    attachment = Attachment(content)
    assert attachment.problem() is None
    assert await sizes(attachment) == []


def test_size_is_known_where_it_can_be(file: Path) -> None:
    """The size of a file and of bytes is known before sending; the size of a stream is not."""
    contents: list[Any] = [file, CONTENT, Stream([CONTENT])]
    assert [Attachment(content).size() for content in contents] == [len(CONTENT), len(CONTENT), None]


@pytest.mark.parametrize(
    ("attachment", "name", "content_type"),
    [
        (Attachment("x/y/invoice.PDF"), "invoice.PDF", "application/pdf"),
        (Attachment(Path("a.jpg"), name="b.png"), "b.png", "image/png"),
        (Attachment(Path("a.jpg"), content_type="image/x"), "a.jpg", "image/x"),
        (Attachment(b""), "file", "application/octet-stream"),
        (Attachment(b"", name="hoá đơn.png"), "hoá đơn.png", "image/png"),
        (Attachment(b"", name="", content_type=""), "file", "application/octet-stream"),
        (Attachment(b"", name=Markup("a.png"), content_type=Markup("image/x")), "a.png", "image/x"),
        (Attachment(io.BytesIO()), "file", "application/octet-stream"),
        (Attachment(spooled(b"")), "file", "application/octet-stream"),
        (Attachment(Upload(io.BytesIO())), "b.png", "image/x"),
        (Attachment(AsyncUpload(io.BytesIO())), "b.png", "image/x"),
        (Attachment(Upload(io.BytesIO()), name="c.jpg"), "c.jpg", "image/x"),
        (Attachment(SimpleNamespace(read=len, filename=None, name="x/y.png")), "y.png", "image/png"),
        (Attachment(SimpleNamespace(read=len, filename="", name=7)), "file", "application/octet-stream"),
        (Attachment(SimpleNamespace(read=len, filename="a.png", content_type=None)), "a.png", "image/png"),
    ],
)
def test_name_and_content_type(attachment: Attachment, name: str, content_type: str) -> None:
    """By default the name comes from the path, and the content type from the name."""
    assert (attachment.name, attachment.content_type) == (name, content_type)


@pytest.mark.parametrize(
    ("attachment", "problem"),
    [
        (Attachment("no/such.png"), "there is no file 'no/such.png'"),
        (Attachment(Path(__file__).parent), f"there is no file '{Path(__file__).parent}'"),
        (Attachment("a\0b"), "name 'a\\x00b' or content type"),
        (Attachment(""), "there is no file '.'"),
        (Attachment(7), "not int"),
        (Attachment(None), "not None"),
        (Attachment(bytearray(b"a")), "not bytearray"),
        (Attachment(io.StringIO("a")), "the file is open as text: open it with the mode 'rb'"),
        (Attachment(closed_file()), "the file is closed"),
        (Attachment(BytesPath()), "not BytesPath"),
        (Attachment(b"", name=7), "name takes a text, not int"),
        (Attachment(b"", name=b"a.png"), "name takes a text, not bytes"),
        (Attachment(b"", content_type=["image/png"]), "content_type takes a text, not list of str"),
        (Attachment(b"", progress=7), "progress takes a function, not int"),
        (Attachment(Upload(io.StringIO("a"))), "the file is open as text"),
        (Attachment(b"", name="a\r\nX: y"), "name 'a\\r\\nX: y' or content type"),
        (Attachment(b"", name="a\udcff.png"), "is not one line of text"),
        (Attachment(b"", content_type="text/plain\nX: y"), "is not one line of text"),
    ],
)
def test_problem(attachment: Attachment, problem: str) -> None:
    """A value that is not a file, or a name that would break the header, is reported before sending."""
    assert problem in str(attachment.problem())


def test_file_that_cannot_be_opened(file: Path) -> None:
    """A file that exists but cannot be opened is reported with the system's reason."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    attachment = Attachment(file)
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, hard))  # no file can be opened after this line
    try:
        problem = attachment.problem()
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert problem == f"'{file}' cannot be read: Too many open files"


async def test_progress(file: Path) -> None:
    """After each piece, progress gets the bytes sent so far and the total, which is None for a stream."""
    reports: list[tuple[int, int | None]] = []
    for content in (file, Stream([CONTENT[:5], CONTENT[5:9]])):
        attachment = Attachment(content, progress=lambda *given: reports.append(given))
        pieces = attachment.pieces(attachment.size())
        await anext(pieces)
        assert reports == []  # passed on, but not sent yet
        _ = [piece async for piece in pieces]
        if content is file:
            whole = len(CONTENT)
            assert reports == [(PIECE, whole), (2 * PIECE, whole), (whole, whole)]
            reports.clear()
    assert reports == [(5, None), (9, None)]


@pytest.mark.parametrize(
    "changed", [CONTENT[:-1], CONTENT + b"more", b""], ids=["shorter", "longer", "empty"]
)
async def test_file_that_changes(file: Path, changed: bytes) -> None:
    """If the size of a file changes, at most the announced bytes are sent, and an error is raised."""
    sent = [0]
    attachment = Attachment(file, progress=lambda so_far, _: sent.append(so_far))
    pieces = attachment.pieces(attachment.size())
    await asyncio.to_thread(file.write_bytes, changed)
    with pytest.raises(ValueError, match=f"^it had {len(CONTENT)} bytes, and changed while it was sent$"):
        _ = [piece async for piece in pieces]
    assert sent[-1] <= len(CONTENT)


async def test_stream_is_sent_once() -> None:
    """The bytes of a stream can be read only once; then it is spent, and a second read fails."""
    attachment = Attachment(Stream([b"abc"]))
    assert not attachment.is_spent
    assert await sizes(attachment) == [3]
    assert attachment.is_spent
    assert attachment.problem() == ("its stream was already sent and cannot be sent again: open a new one")
    with pytest.raises(ValueError, match=r"^its stream was already sent$"):
        await sizes(attachment)


async def test_path_and_bytes_are_sent_as_often_as_needed(file: Path) -> None:
    """The bytes of a path or of a bytes object can be read again."""
    for attachment in (Attachment(file), Attachment(CONTENT)):
        assert await sizes(attachment) == await sizes(attachment) == [PIECE, PIECE, 7]
        assert not attachment.is_spent
        assert attachment.problem() is None


@pytest.mark.parametrize(("piece", "kind"), [("text", "str"), (7, "int"), (None, "NoneType")])
async def test_stream_of_something_else(piece: object, kind: str) -> None:
    """A stream that yields other types than bytes is refused; the error names the type."""
    with pytest.raises(TypeError, match=f"^its stream yielded {kind} instead of bytes$"):
        await sizes(Attachment(Stream([piece])))


def open_files(path: Path) -> list[str]:
    """Return the open handles of the file in this process."""
    readers = [found for found in gc.get_objects() if isinstance(found, io.BufferedReader)]
    return [str(reader) for reader in readers if not reader.closed and reader.name == str(path)]


async def test_file_is_closed_when_the_reader_stops(file: Path) -> None:
    """A file is open while it is read, and is closed as soon as the reader stops."""
    attachment = Attachment(file)
    pieces = attachment.pieces(attachment.size())
    await anext(pieces)
    assert len(open_files(file)) == 1
    await pieces.aclose()
    assert open_files(file) == []


@pytest.fixture
def reads_here() -> Iterator[list[str]]:
    """Reads of files in the test's own thread, which runs the event loop."""
    names: list[str] = []

    def note(_: object, event: str, called: Any) -> None:
        reader = getattr(called, "__self__", None)
        if event == "c_call" and called.__name__ == "read" and isinstance(reader, io.BufferedReader):
            names.append(str(reader.name))

    before = sys.getprofile()
    sys.setprofile(note)
    yield names
    sys.setprofile(before)


async def test_file_is_read_off_the_loop(file: Path, reads_here: list[str]) -> None:
    """Another thread reads the file, so a slow disk does not block the event loop."""
    assert await sizes(Attachment(file)) == [PIECE, PIECE, 7]
    assert reads_here == []
    with file.open("rb") as reader:
        reader.read()
    assert reads_here == [str(file)]


def test_repr_shows_no_content() -> None:
    """The repr of a file shows only its name and type."""
    assert repr(Attachment(b"canary", name="a.png")) == "Attachment('a.png', 'image/png')"


def test_converters() -> None:
    """A field converts a path, bytes or a stream; an attachment stays the same, and None stays None."""
    attachment = Attachment(b"a")
    assert to_attachment(attachment) is attachment
    assert to_attachment_or_none(attachment) is attachment
    assert isinstance(to_attachment(b"a"), Attachment)
    assert isinstance(to_attachment_or_none("a.png"), Attachment)
    assert to_attachment_or_none(None) is None


async def test_form() -> None:
    """A form is spent if one of its files is spent; its JSON does not contain the content of a file."""
    stream = Attachment(Stream([b"canary"]), name="hoá đơn.png")
    form = Form(fields=(("oa_id", "7"),), files=(("first", Attachment(b"canary")), ("second", stream)))
    assert not form.is_spent
    await sizes(stream)
    assert form.is_spent
    assert json.loads(form.shown()) == {
        "oa_id": "7",
        "first": "Attachment('file', 'application/octet-stream')",
        "second": "Attachment('hoá đơn.png', 'image/png')",
    }
    assert "hoá đơn" in form.shown()
    assert "7" not in repr(form)
