"""Write into a stream: each write is whole, and nothing follows a failure."""

from __future__ import annotations

import errno
import io
from collections.abc import Coroutine
from typing import Any, BinaryIO, Final


class WholeStream:
    """
    A binary stream that its owner closes.

    Args:
        stream: Where to write. A raw stream may take a part of a write only; the rest is written again.
    """

    def __init__(self, stream: BinaryIO) -> None:
        self.closed: Final = False
        self._stream: Any = stream
        self._has_ended = False

    def write(self, data: Any) -> int:
        """
        Write all bytes.

        Raises:
            OSError: The stream failed, or it cannot wait.
        """
        # pyarrow writes the end of a file also when it frees a writer. A cut file would look whole then.
        rest: Any = b"" if self._has_ended else memoryview(data).cast("B")
        while rest:
            written: Any = self._stream.write(rest)
            if written is None and isinstance(self._stream, io.RawIOBase):
                raise BlockingIOError(errno.EAGAIN, "the stream does not wait: give a blocking one")
            if written is not None and type(written) is not int:
                if isinstance(written, Coroutine):
                    written.close()
                raise OSError(errno.EINVAL, "the stream's write() returns no number: give a binary stream")
            if written == 0:
                raise OSError(errno.EIO, "the stream takes no more bytes")
            rest = b"" if written is None else rest[written:]
        return len(data)

    def flush(self) -> None:
        """Flush the stream, so that a full disk is noticed now."""
        flush: Any = getattr(self._stream, "flush", None)
        if flush is not None and not self._has_ended:
            flush()

    def end(self) -> None:
        """Write nothing more. The stream stays open."""
        self._has_ended = True
