"""Test files of a request, before anything is sent."""

from __future__ import annotations

import asyncio
import gc
import io
import json
import os
import resource
import sys
from collections.abc import AsyncIterator, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

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
        (Attachment(None), "not NoneType"),
        (Attachment(bytearray(b"a")), "not bytearray"),
        (Attachment(io.BytesIO(b"a")), "not BytesIO"),
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
