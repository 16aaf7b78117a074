"""
What may be repeated, when, and after how long.

The table is the whole policy: what went wrong, against what the call does to the world. The only room that
knows tenacity, whose errors never leave it.
"""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable, Iterable
from enum import StrEnum
from typing import Final, TypeVar

import attrs
import tenacity

from etelecom_async._core.clock import Sleep
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

ResultT = TypeVar("ResultT")


class Failure(StrEnum):
    """What went wrong, by what it says about the deed."""

    NEVER_SENT = "never_sent"
    """Refused connection, unknown host, TLS, no free connection."""
    REFUSED = "refused"
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
    Failure.REFUSED: _ALL,
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
        return Failure.REFUSED
    if error.status in _GATEWAY:
        return Failure.LOST
    if isinstance(error, UnavailableError) or error.status == _NO_SERVICE:
        return Failure.SERVER_FAULT if error.retry_after is None else Failure.REFUSED
    if isinstance(error, UnimplementedError) or not (error.status == _TIMED_OUT or error.status >= _FAULT):
        return Failure.REJECTED
    return Failure.SERVER_FAULT


def may_repeat(error: BaseException, effect: Effect) -> bool:
    """Return whether a call that failed with *error* is made again."""
    return isinstance(error, EtelecomError) and effect in TABLE[classify(error)]


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
    """Return whether one of *attempts*, all failed, may have done the deed."""
    return effect is not Effect.READ and any(
        attempt.outcome in (Failure.LOST, Failure.SERVER_FAULT) for attempt in attempts
    )


async def repeat(
    first: EtelecomError,
    attempt: Callable[[], Awaitable[ResultT]],
    *,
    effect: Effect,
    policy: RetryPolicy,
    time_left: Callable[[], float],
    sleep: Sleep,
    pause: Callable[[], float],
    before_wait: Callable[[float], None],
) -> ResultT:
    """
    Make a call again whose first attempt failed with *first*, as long as table, policy and deadline allow.

    Args:
        first: How the first attempt failed.
        attempt: Makes one more.
        effect: What the call does to the world.
        policy: How often and after how long.
        time_left: Seconds left before the deadline; a wait that is longer ends the call at once.
        sleep: Waits.
        pause: Seconds for which no call is to start; no wait is shorter.
        before_wait: Told of each wait in seconds.

    Raises:
        EtelecomError: The last failure.
    """
    failures: list[EtelecomError] = [first]

    async def run() -> ResultT:
        # The first failure is handed in, so that the first attempt of a call pays nothing for all this.
        if failures:
            raise failures.pop()
        return await attempt()

    def wait(state: tenacity.RetryCallState) -> float:
        own = policy.wait(state.attempt_number, state.outcome.exception() if state.outcome else None)
        return max(own, pause())

    def stop(state: tenacity.RetryCallState) -> bool:
        return state.attempt_number > policy.retries or state.upcoming_sleep >= time_left()

    return await tenacity.AsyncRetrying(
        retry=tenacity.retry_if_exception(lambda error: may_repeat(error, effect)),
        wait=wait,
        stop=stop,
        sleep=sleep,
        before_sleep=lambda state: before_wait(state.upcoming_sleep),
        reraise=True,
    )(run)
