"""Write files that only their owner can read, in one step. The content may hold keys and passwords."""

from __future__ import annotations

import os
import stat
import sys
from contextlib import suppress
from pathlib import Path
from typing import Final

MODE: Final = 0o600
_OTHERS: Final = 0o077


def is_open_to_others(mode: int) -> bool:
    """Return whether a mode gives anything to other users. Windows has no such bits: never true there."""
    return sys.platform != "win32" and bool(stat.S_IMODE(mode) & _OTHERS)


def replace(path: Path, content: bytes) -> None:
    """
    Write a file with the mode 0600, in place of an older one.

    A killed process leaves the old file or the new one. The new content is on the disk when this returns.
    Only one writer may do this at a time for a path.
    """
    new = path.with_name(f".{path.name}.new")
    new.unlink(missing_ok=True)  # a killed process may have left it
    try:
        descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, MODE)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        new.replace(path)
    except BaseException:
        with suppress(OSError):
            new.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make the new name survive a power failure, where the system can."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
