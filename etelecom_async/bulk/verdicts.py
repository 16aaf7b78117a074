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
    AlreadyExistsError,
    APIError,
    ClientClosedError,
    ConnectError,
    DeliveryError,
    EtelecomError,
    KeyStoreError,
    LoginRequiredError,
    NotFoundError,
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
KEY_REFUSED: Final = "The key is missing or refused: correct it, and resume."
_KEY: Final = Verdict(State.PLANNED, Stop.ACCOUNT, KEY_REFUSED)
_NOT_STORED: Final = Verdict(
    State.UNKNOWN,
    Stop.ACCOUNT,
    "The call was executed, but its key could not be stored: correct the key store, and resume.",
)
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
            State.PLANNED,
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
    State.PLANNED,
    Stop.ACCOUNT,
    "Messages are not sent at night, from 22:00 to 06:00 in Vietnam: resume after 06:00.",
)
_CLIENT_ERRORS: Final = range(400, 500)
_SERVER_TIMEOUTS: Final = (408, 499)
"""Client errors that say the same as a failure of the server."""


def of_error(error: EtelecomError, effect: Effect, *, was_in_doubt: bool = False) -> Verdict:
    """
    Return what *error* says; a step that was surely not executed can run again.

    Args:
        error: The error of the last call.
        effect: What the call does.
        was_in_doubt: Whether an earlier call of the same step may have been executed.
    """
    verdict = _of_last_call(error, effect)
    return _with_doubt(verdict, error, effect) if was_in_doubt else verdict


def _of_last_call(error: EtelecomError, effect: Effect) -> Verdict:
    if isinstance(error, KeyStoreError) and error.result is not None:
        return _NOT_STORED
    if not error.may_have_happened:
        for kind, verdict in _BY_CLASS:
            if isinstance(error, kind):
                return verdict
        if isinstance(error, DeliveryError) and getattr(error.result, "error_code", None) == NIGHT:
            return _NIGHT
    if isinstance(error, APIError) and _is_bare_refusal(error):
        # A proxy or a CDN may have made the refusal from a failure of the server.
        is_certain = not error.may_have_happened and effect not in _NON_IDEMPOTENT
        reason = f"A refusal without a code came (HTTP {error.status}): find out what sent it, and resume."
        return Verdict(State.FAILED if is_certain else State.UNKNOWN, Stop.RUN, reason)
    return Verdict(State.UNKNOWN if error.may_have_happened else State.FAILED)


def _is_bare_refusal(error: APIError) -> bool:
    return error.code is None and error.status in _CLIENT_ERRORS and error.status not in _SERVER_TIMEOUTS


def _with_doubt(verdict: Verdict, error: EtelecomError, effect: Effect) -> Verdict:
    """Return *verdict* with the doubt that an earlier call has left, as far as it still counts."""
    if effect is Effect.DELETE and isinstance(error, NotFoundError):
        return Verdict(State.DONE)
    # The refusal of a second call says nothing about the first one.
    is_open = effect is Effect.SEND or isinstance(error, AlreadyExistsError)
    if verdict.state is State.PLANNED or is_open:
        return attrs.evolve(verdict, state=State.UNKNOWN)
    return verdict
