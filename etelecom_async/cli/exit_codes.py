"""The exit codes of every command, in one table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

DONE: Final = 0
FAILED: Final = 1
USAGE: Final = 2
PARTLY_DONE: Final = 3
KEY: Final = 4
INTERRUPTED: Final = 130

MEANINGS: Final[Mapping[int, str]] = {
    DONE: "done",
    FAILED: (
        "failed: the service refused the call, it could not be reached, nothing was found, or you answered no"
    ),
    USAGE: "usage: a command, an option or a setting is wrong, or --yes is missing; nothing was sent",
    PARTLY_DONE: (
        "partly done: a list ended early, and the rows before the error are printed; only some messages of a "
        "job were sent; not all changes of a roster are made; some recordings are missing; some shops of a "
        "sync or of an export with --dask failed; or "
        "--detailed-exitcode found changes to make"
    ),
    KEY: "key: a key is missing, of another kind, or refused",
    INTERRUPTED: "interrupted by Ctrl-C or SIGTERM",
}
"""What each exit code means."""
