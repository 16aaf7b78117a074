"""The ways in which the origin breaks: before, during and after its work, and in its response."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Any, Final

import attrs


class Accident(Enum):
    """What happens to the process of the origin."""

    NONE = "none"
    DOWN = "it does not run when the calls begin, and starts a second later"
    RESTART = "it is killed and started before the calls; proxies still have connections to it"
    KILL = "it is killed when the calls have arrived, and started again"


@attrs.frozen
class Stage:
    """A way to break: a fault of the first request of each operation, an accident, or both."""

    name: str
    fault: Mapping[str, Any] | None = None
    accident: Accident = Accident.NONE
    attempt_timeout: float = 10.0
    """Seconds for an attempt of the client; the default is longer than the proxies wait."""
    is_final: bool = False
    """Whether a read fails too, because a client does not repeat a call after this response."""

    @property
    def is_late(self) -> bool:
        """Whether the origin executes calls after their connections have ended."""
        return "late_seconds" in (self.fault or {})


# Shorter than the proxies wait.
_IMPATIENT: Final = 1.0
_LATE: Final = 20
_FINAL: Final = (403, 409)


def _status(when: str, status: int, **details: Any) -> Stage:
    fault = {"kind": "status", "status": status, **details}
    return Stage(f"{when}: {status}", fault, is_final=status in _FINAL)


STAGES: Final = (
    Stage("no fault"),
    Stage("before: down", accident=Accident.DOWN),
    Stage("before: restarted", accident=Accident.RESTART),
    # After a restart, the proxies have to open connections.
    Stage("before: connections reset", {"kind": "refuse"}, Accident.RESTART),
    Stage("before: reset", {"kind": "reset_before"}),
    *(_status("before", status) for status in (408, 499, 500, 502, 504, 520)),
    _status("before", 429, retry_after=0),
    _status("before", 503, retry_after=0),
    Stage("before: no response", {"kind": "stall_header", "processed": False}),
    Stage("before: killed", {"kind": "stall_header", "processed": False}, Accident.KILL),
    Stage("during: killed", {"kind": "stall_header"}, Accident.KILL),
    Stage("after: reset", {"kind": "reset_after"}),
    *(
        _status("after", status, processed=True, body="html")
        # A status such as 400 or 404 means a rejection, so a client may believe that the work was not done.
        for status in (403, 408, 409, 499, 500, 502, 504, 520)
    ),
    _status("after", 503, processed=True, retry_after=0),
    _status("after", 204, processed=True, body="none"),
    _status("after", 200, processed=True, body="none"),
    Stage("half a response: closed", {"kind": "half_body"}),
    Stage("half a response: silent", {"kind": "stall_body"}),
    Stage("half a response: killed", {"kind": "stall_body"}, Accident.KILL),
    Stage("half a response: too short", {"kind": "wrong_length", "off_by": 7}),
    Stage("half a response: no gzip", {"kind": "gzip_garbage"}),
    Stage("slow: pieces", {"kind": "slow", "piece_bytes": 50, "pause_seconds": 0.05}),
    Stage("slow: the proxy gives up", {"kind": "stall_header"}),
    Stage("slow: the client gives up", {"kind": "stall_header"}, attempt_timeout=_IMPATIENT),
    Stage("late: reset", {"kind": "execute_late", "late_seconds": _LATE}),
    _status("late", 503, retry_after=0, late_seconds=_LATE),
    _status("late", 504, body="html", late_seconds=_LATE),
    Stage(
        "late: the client gives up",
        {"kind": "stall_header", "late_seconds": _LATE},
        attempt_timeout=_IMPATIENT,
    ),
)
