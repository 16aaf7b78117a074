"""
Judge the end of one call of a job: what became of the step, and whether the run has to stop.

This module makes no call. A stop is for the steps of one account, or for the whole run.
"""

from __future__ import annotations

from enum import Enum, auto
from typing import Final

import attrs

from etelecom_async._core.operation import Effect
from etelecom_async.bulk.states import State
from etelecom_async.errors import (
    APIError,
    ClientClosedError,
    ConnectError,
    DeliveryError,
    EtelecomError,
    KeyStoreError,
    LoginRequiredError,
    QueueTimeoutError,
    QuotaError,
    ResourceExhaustedError,
    ShopNotConnectedError,
    UnauthenticatedError,
)

NIGHT: Final = -133
"""Zalo's code for a message that is refused at night."""
_NON_IDEMPOTENT: Final = frozenset((Effect.CREATE, Effect.SEND))


class Stop(Enum):
    """Which steps do not start any more."""

    ACCOUNT = auto()
    """The steps of the same account."""
    RUN = auto()
    """All steps."""
    OUTAGE = auto()
    """None, but the next ones wait until the server can be reached."""


@attrs.frozen
class Verdict:
    """What an error of a call says about its step and about the run."""

    state: State
    stop: Stop | None = None
    reason: str = ""
    """Why the run stops, and when to resume it."""


KEY_ERRORS: Final = (UnauthenticatedError, ShopNotConnectedError, LoginRequiredError, KeyStoreError)
"""Errors about the key, from before the call was executed."""
_KEY: Final = Verdict(State.PLANNED, Stop.ACCOUNT, "The key is missing or refused: correct it, and resume.")
_BY_CLASS: Final[tuple[tuple[type[EtelecomError], Verdict], ...]] = (
    (ClientClosedError, Verdict(State.PLANNED, Stop.RUN, "The client was closed: resume with an open one.")),
    (ConnectError, Verdict(State.PLANNED, Stop.OUTAGE, "The server cannot be reached: resume later.")),
    (
        QueueTimeoutError,
        Verdict(
            State.PLANNED,
            Stop.RUN,
            "A call did not get its turn in time: resume later, without queue_timeout.",
        ),
    ),
    (
        QuotaError,
        Verdict(
            State.FAILED,
            Stop.ACCOUNT,
            "A quota or the balance is used up: resume after the quota is renewed.",
        ),
    ),
    *((kind, _KEY) for kind in KEY_ERRORS),
    (
        ResourceExhaustedError,
        Verdict(
            State.PLANNED,
            Stop.ACCOUNT,
            "The server takes no more calls now: resume later, perhaps with a lower rate.",
        ),
    ),
)
"""What errors say that surely were not executed. The first class counts that fits."""
_NIGHT: Final = Verdict(
    State.FAILED, Stop.ACCOUNT, "Messages are not sent at night: resume after the night, in the daytime."
)


def of_error(error: EtelecomError, effect: Effect) -> Verdict:
    """Return what *error* says; a step that was surely not executed can run again."""
    if error.may_have_happened:
        return Verdict(State.UNKNOWN)
    for kind, verdict in _BY_CLASS:
        if isinstance(error, kind):
            return verdict
    if isinstance(error, DeliveryError) and getattr(error.result, "error_code", None) == NIGHT:
        return _NIGHT
    if isinstance(error, APIError) and error.code is None:
        # A proxy or a CDN may have made the refusal from a failure of the server.
        state = State.UNKNOWN if effect in _NON_IDEMPOTENT else State.FAILED
        reason = f"A refusal without a code came (HTTP {error.status}): find out what sent it, and resume."
        return Verdict(state, Stop.RUN, reason)
    return Verdict(State.FAILED)
