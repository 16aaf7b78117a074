"""Replace a file in one step, so that an error leaves the old one."""

from __future__ import annotations

import os
import secrets
import stat
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final, TextIO

_USUAL: Final = 0o666


@contextmanager
def replacing(path: Path, mode: int | None = None) -> Generator[TextIO]:
    """
    Yield a stream for the new text of a file, which replaces the old text at the end of the block.

    After an error, the old file stays as it was. A link stays a link. A device or a named pipe is written to.

    Args:
        path: The file.
        mode: Its new mode. Default: that of the old file, or else the usual one.

    Raises:
        OSError: The file cannot be written.
    """
    old = _status(path)  # of `/dev/stdout`, too, which leads to no path
    if old is not None and not stat.S_ISREG(old.st_mode):
        with path.open("w", encoding="utf-8", newline="\n") as stream:
            yield stream
        return
    target = path.resolve()
    if old is not None and not os.access(target, os.W_OK):
        raise PermissionError(13, "the file is read-only")
    new = target.with_name(f".etelecom-{secrets.token_hex(4)}.new")
    number = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _USUAL if mode is None else mode)
    try:
        with os.fdopen(number, "w", encoding="utf-8", newline="\n") as stream:
            if mode is None and old is not None:
                new.chmod(stat.S_IMODE(old.st_mode))
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        new.replace(target)
    except BaseException:
        with suppress(OSError):
            new.unlink()
        raise


def _status(path: Path) -> os.stat_result | None:
    try:
        return path.stat()
    except FileNotFoundError:
        return None
