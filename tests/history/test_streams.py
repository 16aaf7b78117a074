"""Writes into a stream are whole, and nothing follows a failure."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any, cast

import pytest

from etelecom_async.history.streams import WholeStream

if TYPE_CHECKING:
    from collections.abc import Buffer


class Slow(io.RawIOBase):
    """A raw stream that takes three bytes at a time, or nothing."""

    def __init__(self, *, waits: bool = True) -> None:
        self.data = b""
        self._waits = waits

    def write(self, data: Buffer) -> int | None:  # type: ignore[override] # a raw stream may return `None`
        """Take three bytes."""
        taken = bytes(data)[:3]
        self.data += taken
        return len(taken) if self._waits else None


class Plain:
    """An object that has only `write`, which returns nothing."""

    def __init__(self) -> None:
        self.parts: list[object] = []

    def write(self, data: bytes) -> None:
        """Keep the bytes."""
        self.parts.append(data)


def test_raw_stream() -> None:
    """A raw stream that takes a part of the bytes gets the rest, too."""
    slow = Slow()
    assert WholeStream(cast("Any", slow)).write(memoryview(b"0123456789")) == 10
    assert slow.data == b"0123456789"


def test_stream_that_does_not_wait() -> None:
    """A raw stream that takes nothing now is an error, because the bytes would be lost."""
    with pytest.raises(BlockingIOError, match="the stream does not wait"):
        WholeStream(cast("Any", Slow(waits=False))).write(b"0")


def test_object_with_write() -> None:
    """Any object with `write` gets bytes; it needs no `flush`, and its result does not count."""
    plain = Plain()
    stream = WholeStream(cast("Any", plain))
    stream.write(bytearray(b"01"))
    stream.flush()
    assert plain.parts == [b"01"]


def test_end() -> None:
    """After the end, nothing is written or flushed, and the stream stays open."""
    inner = io.BytesIO()
    stream = WholeStream(inner)
    stream.write(b"0")
    stream.end()
    assert stream.write(b"12") == 2
    stream.flush()
    assert (inner.getvalue(), inner.closed, stream.closed) == (b"0", False, False)
    inner.close()
    stream.flush()


class Asynchronous:
    """A stream of an async library."""

    async def write(self, data: bytes) -> int:
        """Write later."""
        return len(data)


class Full:
    """A stream that takes nothing more."""

    def write(self, _: bytes) -> int:
        """Write nothing."""
        return 0


@pytest.mark.parametrize(("stream", "text"), [(Asynchronous(), "returns no number"), (Full(), "no more")])
def test_wrong_streams(stream: Any, text: str) -> None:
    """A stream that is awaited, or that takes no bytes, is refused: nothing would be written."""
    with pytest.raises(OSError, match=text):
        WholeStream(stream).write(b"rows")
