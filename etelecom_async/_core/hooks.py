"""
Telling others of each attempt: hooks of the caller, and the log.

A hook is called with an `Attempt` after each attempt. It must be quick and must not raise: what it raises
is logged and dropped, because the call itself has been made by then.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import Final

from etelecom_async.errors import Attempt

Hook = Callable[[Attempt], None]

# How an attempt ends that is no failure.
OK: Final = "ok"
CANCELLED: Final = "cancelled"

logger = logging.getLogger("etelecom_async")


def emit(hooks: Sequence[Hook], attempt: Attempt) -> None:
    """Tell the log and every hook of *attempt*."""
    if logger.isEnabledFor(logging.DEBUG):
        again = "" if attempt.wait is None else f", again in {attempt.wait:.2f} s"
        logger.debug(
            "%s: attempt %d %s (HTTP %s) after %.3f s%s",
            attempt.operation,
            attempt.number,
            attempt.outcome,
            attempt.status,
            attempt.seconds,
            again,
        )
    for hook in hooks:
        try:
            hook(attempt)
        except Exception:
            logger.exception("%s: a hook failed", attempt.operation)
