"""
Kill one process of the service of FastAPI (SIGKILL), once, at a chosen place; only the tests use it.

`KILL_AT` is the start of a statement, or `COMMIT`, and which one in a process: `UPDATE etelecom_sent:2`. The
process that deletes the file `KILL_ONCE` is the one that is killed.
"""

from __future__ import annotations

import os
import signal
from collections import Counter
from pathlib import Path
from typing import Any

from fastapi_orders import app
from sqlalchemy import Engine, event

__all__ = ["app"]

PLACE, _, NUMBER = os.environ["KILL_AT"].rpartition(":")
ONCE = Path(os.environ["KILL_ONCE"])
REACHED: Counter[str] = Counter()


def reach(statement: str) -> None:
    """Kill this process if the place is reached."""
    REACHED[PLACE] += " ".join(statement.split()).startswith(PLACE)
    if REACHED[PLACE] >= int(NUMBER):
        try:
            ONCE.unlink()
        except FileNotFoundError:
            return
        os.kill(os.getpid(), signal.SIGKILL)


@event.listens_for(Engine, "before_cursor_execute")
def before_statement(connection: Any, cursor: Any, statement: str, *_: Any) -> None:
    """Look at each statement before it is sent."""
    del connection, cursor
    reach(statement)


@event.listens_for(Engine, "commit")
def before_commit(_: Any) -> None:
    """Look at each commit before it is sent."""
    reach("COMMIT")
