"""
Write the log records of calls.

Each record has all `FIELDS`; users rely on their names and meanings. No record contains a key, a phone
number or a body. A handler or a filter that fails cannot break a call. This module is imported when there is
something to log.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Final

from etelecom_async.errors import Attempt, EtelecomError

LOGGER: Final = logging.getLogger(__name__.partition(".")[0])
LONG_PAUSE: Final = 5.0
"""A pause of more seconds is a warning."""

FIELDS: Final = (
    *("kind", "operation", "attempt", "outcome", "status", "seconds", "wait"),
    *("reason", "error", "may_have_happened"),
)
"""Fields of every record; `None` where one does not apply."""

REASONS: Final[Mapping[str, str]] = {
    "retries": "no retries are left",
    "deadline": "the next attempt would start after the deadline",
    "unsafe": "a retry could execute the call twice",
    "stream": "the file can be read only once",
    "throttled": "the server still throttles this operation",
    "queue_timeout": "the call did not get its turn in time, so nothing was sent",
    "rate": "the file of the shared rate cannot be used",
}
"""Why a call ended without another attempt, by the value of `reason`."""


def attempt_ended(attempt: Attempt) -> None:
    """Write a record at DEBUG for an attempt, and one at INFO if a retry follows."""
    result = _result(attempt)
    fields: dict[str, Any] = {
        "operation": attempt.operation,
        "attempt": attempt.number,
        "outcome": str(attempt.outcome),
        "status": attempt.status,
        "seconds": attempt.seconds,
        "wait": attempt.wait,
    }
    _write(
        *(logging.DEBUG, "%s: attempt %d %s after %.3f s"),
        *(attempt.operation, attempt.number, result, attempt.seconds),
        kind="attempt",
        **fields,
    )
    if attempt.wait is not None:
        _write(
            *(logging.INFO, "%s: retry in %.2f s, because attempt %d ended with %s"),
            *(attempt.operation, attempt.wait, attempt.number, result),
            kind="retry",
            **fields,
        )


def paused(operation: str, seconds: float) -> None:
    """Write a record at WARNING: the server throttled *operation*, and all calls of the key pause."""
    _write(
        *(logging.WARNING, "%s: the server asked for fewer calls; all calls with this key pause for %.1f s"),
        *(operation, seconds),
        kind="pause",
        operation=operation,
        wait=seconds,
    )


def gave_up(error: EtelecomError, reason: str, seconds: float | None) -> None:
    """
    Write a record at WARNING for a call that failed without another attempt.

    Args:
        error: The error that the caller gets.
        reason: One of `REASONS`.
        seconds: Seconds since the first attempt; `None` without an attempt.
    """
    last = error.attempts[-1] if error.attempts else None
    number = len(error.attempts)
    attempts = f" after {number} attempt{'s' * (number > 1)}, the last {_result(last)}" if last else ""
    _write(
        *(logging.WARNING, "%s: gave up%s: %s"),
        *(error.operation, attempts, REASONS[reason]),
        kind="gave_up",
        operation=error.operation,
        attempt=number,
        outcome=last and str(last.outcome),
        status=last and last.status,
        seconds=seconds,
        reason=reason,
        error=type(error).__name__,
        may_have_happened=error.may_have_happened,
    )


def hook_failed(operation: str, problem: str, *, failure: BaseException | None = None) -> None:
    """Write a record at ERROR for a hook that raised *failure*, or returned a wrong value."""
    _write(
        *(logging.ERROR, "%s: %s"),
        *(operation, problem),
        failure=failure,
        kind="hook_failed",
        operation=operation,
        error=None if failure is None else type(failure).__name__,
    )


def _result(attempt: Attempt) -> str:
    return attempt.outcome if attempt.status is None else f"{attempt.outcome} (HTTP {attempt.status})"


def _write(
    level: int, text: str, *values: object, failure: BaseException | None = None, **fields: Any
) -> None:
    with suppress(Exception, asyncio.CancelledError):
        LOGGER.log(level, text, *values, exc_info=failure, extra={**dict.fromkeys(FIELDS), **fields})
