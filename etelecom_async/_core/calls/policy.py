"""
What may be repeated, when, and after how long.

The table is the whole policy: what went wrong, against what the call does to the world. The only room that
knows tenacity, whose errors never leave it.
"""

from __future__ import annotations

import random
from collections.abc import Iterable
from enum import StrEnum
from typing import Final

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
    ResourceExhaustedError,
    ResponseLostError,
    UnavailableError,
    UnimplementedError,
)


class Failure(StrEnum):
    """What went wrong, by what it says about the deed."""

    NEVER_SENT = "never_sent"
    """Refused connection, unknown host, TLS, no free connection."""
    THROTTLED = "throttled"
    """Turned away before any work: 429, `resource_exhausted`, 503 with `Retry-After`."""
    LOST = "lost"
    """The answer was lost: dropped, timed out, 502, 504, a garbled 200."""
    SERVER_FAULT = "server_fault"
    """The server failed at an unknown point: 408, 500 and above, 503 without `Retry-After`."""
    REJECTED = "rejected"
    """The API said no (so does any other 4xx, and 501), or answered what does not fit."""


_ALL: Final = frozenset(Effect)
_REPEATABLE: Final = frozenset({Effect.READ, Effect.IDEMPOTENT, Effect.DELETE})

TABLE: Final = {
    Failure.NEVER_SENT: _ALL,
    Failure.THROTTLED: _ALL,
    Failure.LOST: _REPEATABLE,
    Failure.SERVER_FAULT: _REPEATABLE,
    Failure.REJECTED: frozenset[Effect](),
}
"""For each failure, the effects whose calls are made again."""

# By status rather than by code, because proxies know no codes. 502 and 504: it has sent the request on, and
# has no answer to give.
_TIMED_OUT: Final = 408
_TOO_MANY: Final = 429
_FAULT: Final = 500
_GATEWAY: Final = (502, 504)
_NO_SERVICE: Final = 503
# Beyond these, 2 ** n is no float any more.
_DOUBLINGS: Final = 1000

_SECONDS: Final = "a number of seconds, 0 or more"


@attrs.frozen(kw_only=True)
class RetryPolicy:
    """
    How often and after how long a failed call is made again.

    Before repetition *n* (1 for the first) the wait is a random time between half of and the whole of
    `min(wait_initial * 2 ** (n - 1), wait_max)` seconds; where the server asks for a longer one
    (`Retry-After`), or all calls of the client pause for longer, that one.
    """

    retries: int = attrs.field(default=3, validator=whole_number(least=0))
    """Repetitions at the most; 0 for none."""
    wait_initial: float = attrs.field(default=0.5, validator=zero_or_more(_SECONDS))
    """Seconds before the first repetition, at the most."""
    wait_max: float = attrs.field(default=8.0, validator=zero_or_more(_SECONDS))
    """Seconds before any repetition, at the most; only the server can ask for more."""

    def wait(self, repetition: int, error: BaseException | None) -> float:
        """Return the seconds to wait before *repetition*."""
        doublings = min(repetition - 1, _DOUBLINGS)
        longest = min(self.wait_initial * 2.0**doublings, self.wait_max)
        wait = random.uniform(longest / 2, longest)  # noqa: S311 - spreads load, guards nothing
        asked = error.retry_after if isinstance(error, APIError) else None
        return wait if asked is None else max(asked, wait)


def classify(error: EtelecomError) -> Failure:
    """Return what *error* says about the deed."""
    if isinstance(error, ConnectError):
        return Failure.NEVER_SENT
    if isinstance(error, ResponseLostError | MalformedResponseError):
        return Failure.LOST
    if isinstance(error, APIError):
        return _classify_refusal(error)
    return Failure.REJECTED


def _classify_refusal(error: APIError) -> Failure:
    if isinstance(error, ResourceExhaustedError) or error.status == _TOO_MANY:
        return Failure.THROTTLED
    if error.status in _GATEWAY:
        return Failure.LOST
    if isinstance(error, UnavailableError) or error.status == _NO_SERVICE:
        return Failure.SERVER_FAULT if error.retry_after is None else Failure.THROTTLED
    if isinstance(error, UnimplementedError) or not (error.status == _TIMED_OUT or error.status >= _FAULT):
        return Failure.REJECTED
    return Failure.SERVER_FAULT


def retry_wait(
    error: EtelecomError, failure: Failure, effect: Effect, policy: RetryPolicy, *, retry: int, pause: float
) -> float | None:
    """
    Return the seconds to wait before a retry; `None` if the call is not retried.

    Args:
        error: How the last attempt failed.
        failure: The class of *error*.
        effect: What the call does to the world.
        policy: How often to retry, and after how long.
        retry: Number of the retry, 1 for the first.
        pause: Seconds for which the client starts no call; no wait is shorter.
    """
    if retry > policy.retries or effect not in TABLE[failure]:
        return None
    return max(policy.wait(retry, error), pause)


def outcome(error: EtelecomError, effect: Effect) -> EtelecomError:
    """Return the error that the caller gets: where the deed may have been done, one that says so."""
    failure = classify(error)
    if effect is Effect.READ:
        return error
    if failure is Failure.LOST:
        return OutcomeUnknownError(f"it may have been done: {error.message}", operation=error.operation)
    if failure is Failure.SERVER_FAULT or isinstance(error, DecodeError):
        error.may_have_happened = True
    return error


def left_a_doubt(attempts: Iterable[Attempt], effect: Effect) -> bool:
    """Return whether the server may have executed one of *attempts*, which all failed or were cancelled."""
    return effect is not Effect.READ and any(
        attempt.outcome in (Failure.LOST, Failure.SERVER_FAULT, CANCELLED) for attempt in attempts
    )
