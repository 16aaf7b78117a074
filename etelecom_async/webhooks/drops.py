"""Events that no handler got, or whose handler failed: why, and the log records about them."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Mapping
from typing import Any, Final, Literal, TypeAlias

import attrs

from etelecom_async._core.logs import FIELDS
from etelecom_async._core.secret import mask
from etelecom_async.webhooks.events import Event

LOGGER: Final = logging.getLogger("etelecom_async.webhooks")

Reason: TypeAlias = Literal["handler_failed", "not_found", "not_confirmable", "confirm_failed", "stopped"]

REASONS: Final[Mapping[Reason, str]] = {
    "handler_failed": "a handler raised an error",
    "not_found": "no read of the API shows the object",
    "not_confirmable": "the event does not say enough to read the object, or no shop is known for it",
    "confirm_failed": "the read of the object failed",
    "stopped": "the receiver stopped before the event was handled",
}
"""Why an event was dropped."""


@attrs.frozen(kw_only=True)
class Dropped:
    """An event that was accepted, and then not handled to the end."""

    event: Event
    reason: Reason
    error: Exception | None = None
    """The error of the handler, or of the read; `None` without one."""


def dropped(drop: Dropped) -> None:
    """
    Write a record at WARNING, or at ERROR for a handler that failed.

    The record shows nothing of the event but its kind. Phone numbers and secrets in an error are masked.
    """
    error = drop.error
    _write(
        logging.ERROR if drop.reason == "handler_failed" else logging.WARNING,
        f"webhooks: an event of kind {drop.event.kind} was dropped: {REASONS[drop.reason]}{_details(error)}",
        kind="webhook_dropped",
        operation=f"webhooks.{drop.event.kind}",
        reason=drop.reason,
        error=error and type(error).__name__,
    )


def refused(reason: str, text: str, *, error: Exception | None = None) -> None:
    """
    Write a record at WARNING for a delivery that was not accepted.

    Args:
        reason: `malformed`, `queue_full` or `seen_failed`.
        text: What happened; it shows nothing of the body.
        error: The error behind it. Phone numbers and secrets in it are masked.
    """
    _write(
        logging.WARNING,
        f"webhooks: a delivery was refused: {text}{_details(error)}",
        kind="webhook_refused",
        reason=reason,
        error=error and type(error).__name__,
    )


def unhandled(event: Event) -> None:
    """Write a record at DEBUG for an event without a handler."""
    text = f"webhooks: there is no handler for an event of kind {event.kind}"
    _write(logging.DEBUG, text, kind="webhook_unhandled", operation=f"webhooks.{event.kind}")


def _details(error: Exception | None) -> str:
    return "" if error is None else f"\n{mask(''.join(traceback.format_exception(error))).rstrip()}"


def _write(level: int, text: str, **fields: Any) -> None:
    LOGGER.log(level, "%s", text, extra={**dict.fromkeys(FIELDS), **fields})
