"""
Which failed calls are retried, when, and after how long.

The table is the whole policy. A failure has the class of what it proves; the effect of the call says what a
second execution would do. This module sends nothing and waits for nothing.
"""

from __future__ import annotations

import random
from collections.abc import Iterable
from enum import StrEnum
from typing import Final, Literal, TypeAlias

import attrs

from etelecom_async._core.hooks import CANCELLED
from etelecom_async._core.operation import Effect
from etelecom_async._core.validators import whole_number, zero_or_more
from etelecom_async.errors import (
    APIError,
    Attempt,
    ConnectError,
    DecodeError,
    EtelecomError,
    MalformedResponseError,
    OutcomeUnknownError,
    QuotaError,
    ResponseLostError,
)


class Failure(StrEnum):
    """What a failure proves; of two members, the one further down is the more careful one."""

    NEVER_SENT = "never_sent"
    """Not executed: connection refused, unknown host, TLS, no free connection."""
    THROTTLED = "throttled"
    """Not executed: too many calls."""
    REJECTED = "rejected"
    """Not executed: the API refused the call."""
    DOUBT = "doubt"
    """Perhaps executed, and a retry does not help."""
    SERVER_FAULT = "server_fault"
    """Perhaps executed: the server failed at an unknown point."""
    RESPONSE_LOST = "response_lost"
    """Perhaps executed: the response was lost, cut off or malformed."""


_ALL: Final = frozenset(Effect)
_NONE: Final = frozenset[Effect]()
_REPEATABLE: Final = frozenset((Effect.READ, Effect.IDEMPOTENT, Effect.DELETE))

TABLE: Final = {
    Failure.NEVER_SENT: _ALL,
    Failure.THROTTLED: _ALL,
    Failure.REJECTED: _NONE,
    Failure.DOUBT: _NONE,
    Failure.SERVER_FAULT: _REPEATABLE,
    Failure.RESPONSE_LOST: _REPEATABLE,
}
"""For each failure, the effects whose calls are retried."""

NoRetry: TypeAlias = Literal["retries", "deadline", "unsafe", "stream", "throttled", "queue_timeout", "rate"]
"""Why the client gave a call up: another attempt might have succeeded. `logs.REASONS` explains them."""

_DOUBTS: Final = frozenset((Failure.DOUBT, Failure.SERVER_FAULT, Failure.RESPONSE_LOST))
_DOUBTFUL: Final = frozenset[str]((*_DOUBTS, CANCELLED))
"""Outcomes of attempts that may have executed the call."""
_ORDER: Final = {failure: number for number, failure in enumerate(Failure)}

_TOO_MANY: Final = 429
_CLIENT_ERRORS: Final = range(400, 500)
_ENVELOPES: Final = frozenset((*range(200, 300), *_CLIENT_ERRORS))
"""Statuses with which a code counts; a success may carry the API's error (see `FailureRule.NOT_OK`)."""
_UNIMPLEMENTED: Final = 501
# Any sender of these may have passed the call on before. That is true of a 503 with `Retry-After`: Varnish
# sends it after a failed fetch. It is true of a CDN's "no connection" (521 to 526), which may follow a fetch
# from another origin.
_FAULT_STATUSES: Final = frozenset((408, 499, *range(500, 600)))
_LOST_STATUSES: Final = frozenset((502, 504, 522, 524, 598, 599))
# Without a code of the API these still prove a refusal, whichever server or proxy sent them.
_REFUSAL_STATUSES: Final = frozenset(
    (400, 401, 402, 404, 405, 407, *range(410, 416), 417, 421, 422, 426, 431, 451)
)
_FAULT_CODES: Final = frozenset(
    ("internal", "unknown", "unavailable", "deadline_exceeded", "dataloss", "data_loss", "canceled")
)
_REFUSAL_CODES: Final = frozenset(
    (
        *("invalid_argument", "malformed", "out_of_range", "unauthenticated", "permission_denied"),
        *("not_found", "bad_route", "already_exists", "failed_precondition"),
    )
)
# Above this number, 2.0 ** n is no float.
_DOUBLINGS: Final = 1000

_SECONDS: Final = "a number of seconds, 0 or more"


@attrs.frozen(kw_only=True)
class RetryPolicy:
    """
    How often and after how long a failed call is retried.

    Before retry *n* (1 for the first) the client waits a random time between half of and all of
    `min(wait_initial * 2 ** (n - 1), wait_max)` seconds. It waits longer if the server asks for it
    (`Retry-After`), or if all calls of the client pause.
    """

    retries: int = attrs.field(default=3, validator=whole_number(least=0))
    """Maximum number of retries; 0 for none."""
    wait_initial: float = attrs.field(default=0.5, validator=zero_or_more(_SECONDS))
    """Maximum seconds before the first retry."""
    wait_max: float = attrs.field(default=8.0, validator=zero_or_more(_SECONDS))
    """Maximum seconds before any retry; only the server can ask for more."""

    def wait(self, retry: int, error: BaseException | None) -> float:
        """Return the seconds to wait before *retry*."""
        doublings = min(retry - 1, _DOUBLINGS)
        longest = min(self.wait_initial * 2.0**doublings, self.wait_max)
        wait = random.uniform(longest / 2, longest)  # noqa: S311 - it spreads the load; nobody gains by guessing it
        asked = retry_after(error)
        return wait if asked is None else max(asked, wait)


def retry_after(error: BaseException | None) -> float | None:
    """Return the seconds that the server asks to wait; `None` if it does not ask."""
    return error.retry_after if isinstance(error, APIError) else None


def classify(error: EtelecomError) -> Failure:
    """Return what *error* proves."""
    if isinstance(error, APIError):
        failure = by_response(error.status, error.code)
        is_quota = failure is Failure.THROTTLED and isinstance(error, QuotaError)
        return Failure.REJECTED if is_quota else failure
    if isinstance(error, ConnectError):
        return Failure.NEVER_SENT
    if isinstance(error, ResponseLostError | MalformedResponseError):
        return Failure.RESPONSE_LOST
    # A result can say itself that it proves nothing.
    if isinstance(error, DecodeError) or error.may_have_happened:
        return Failure.DOUBT
    return Failure.REJECTED


def by_response(status: int, code: str | None) -> Failure:
    """
    Return what an error response proves.

    Args:
        status: The HTTP status.
        code: The code that the server sent; `None` if it sent none.
    """
    by_status = _by_status(status)
    if code is None:
        return by_status or (Failure.REJECTED if status in _REFUSAL_STATUSES else Failure.DOUBT)
    if (status, code) == (_UNIMPLEMENTED, "unimplemented"):
        return Failure.REJECTED
    found = [failure for failure in (by_status, _by_code(status, code)) if failure is not None]
    return max(found, key=_ORDER.__getitem__, default=Failure.DOUBT)


def _by_status(status: int) -> Failure | None:
    """Return what *status* proves, whatever sent it; `None` if that depends on the rest."""
    if status == _TOO_MANY:
        return Failure.THROTTLED
    if status in _LOST_STATUSES:
        return Failure.RESPONSE_LOST
    return Failure.SERVER_FAULT if status in _FAULT_STATUSES else None


def _by_code(status: int, code: str) -> Failure | None:
    """Return what *code* proves; `None` for one that is unlisted, or not listed for this status."""
    if code in _FAULT_CODES:
        return Failure.SERVER_FAULT
    if code == "aborted":
        return Failure.DOUBT
    if code == "resource_exhausted" and status in _CLIENT_ERRORS:
        return Failure.THROTTLED
    return Failure.REJECTED if code in _REFUSAL_CODES and status in _ENVELOPES else None


@attrs.frozen(kw_only=True)
class RetryDecision:
    """What follows from a failed attempt."""

    failure: Failure
    """What the attempt proves."""
    wait: float | None = None
    """Seconds to wait before a retry; `None` for no retry."""
    reason: NoRetry | None = None
    """Why there is no retry, if one might have succeeded."""
    retry_after: float | None = None
    """Seconds that the server asks to wait; `None` if it does not ask."""

    def give_up(self, reason: NoRetry) -> RetryDecision:
        """Return the decision not to retry, for another reason than the policy."""
        return attrs.evolve(self, wait=None, reason=reason)


def decide(
    error: EtelecomError, effect: Effect, policy: RetryPolicy, *, retry: int, can_resend: bool
) -> RetryDecision:
    """
    Return what follows from a failed attempt.

    Args:
        error: How the attempt failed.
        effect: What the call does.
        policy: How often to retry, and after how long.
        retry: Number of the retry, 1 for the first.
        can_resend: Whether the request can be sent again.
    """
    failure = classify(error)
    effects = TABLE[failure]
    wait: float | None = None
    reason: NoRetry | None = None
    if effect in effects and can_resend and retry <= policy.retries:
        wait = policy.wait(retry, error)
    elif effects:  # a retry might help
        reason = "unsafe" if effect not in effects else "retries" if can_resend else "stream"
    return RetryDecision(failure=failure, wait=wait, reason=reason, retry_after=retry_after(error))


def outcome(error: EtelecomError, effect: Effect) -> EtelecomError:
    """Return the error for the caller; it says so if the call may have been executed."""
    if effect is Effect.READ:
        return error
    failure = classify(error)
    if failure is Failure.RESPONSE_LOST:
        return OutcomeUnknownError(f"it may have been executed: {error.message}", operation=error.operation)
    if failure in _DOUBTS:
        error.may_have_happened = True
    return error


def left_a_doubt(attempts: Iterable[Attempt], effect: Effect) -> bool:
    """Return whether one of *attempts*, which failed or were cancelled, may have executed the call."""
    return effect is not Effect.READ and any(attempt.outcome in _DOUBTFUL for attempt in attempts)
