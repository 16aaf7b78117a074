"""Which failed calls are retried, when, and after how long; `test_engine` has the same over sockets."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etelecom_async import (
    APIError,
    Attempt,
    ConfigurationError,
    ConnectError,
    DecodeError,
    Effect,
    EtelecomError,
    NotAppliedError,
    OutcomeUnknownError,
    RetryPolicy,
    errors,
)
from etelecom_async._core.calls import policy
from etelecom_async._core.calls.policy import Failure

READ, IDEMPOTENT, DELETE, CREATE, SEND = (
    Effect.READ,
    Effect.IDEMPOTENT,
    Effect.DELETE,
    Effect.CREATE,
    Effect.SEND,
)
GARBLED = errors.MalformedResponseError(("x @ $",), status=200, body="")
MISFIT = DecodeError(("x @ $",), status=200, body="")


def test_table() -> None:
    """The table is the one of docs/reliability.md: six failures, five effects."""
    assert {failure: set(effects) for failure, effects in policy.TABLE.items()} == {
        Failure.NEVER_SENT: {READ, IDEMPOTENT, DELETE, CREATE, SEND},
        Failure.THROTTLED: {READ, IDEMPOTENT, DELETE, CREATE, SEND},
        Failure.REJECTED: set(),
        Failure.DOUBT: set(),
        Failure.SERVER_FAULT: {READ, IDEMPOTENT, DELETE},
        Failure.RESPONSE_LOST: {READ, IDEMPOTENT, DELETE},
    }


BARE = {
    Failure.THROTTLED: {429},
    Failure.REJECTED: {400, 401, 402, 404, 405, 407, *range(410, 416), 417, 421, 422, 426, 431, 451},
    Failure.SERVER_FAULT: {408, 499, 500, 501, 503, *range(505, 522), 523, *range(525, 598)},
    Failure.RESPONSE_LOST: {502, 504, 522, 524, 598, 599},
}


@pytest.mark.parametrize("status", [0, 100, 101, *range(300, 610), 999])
def test_response_without_a_code(status: int) -> None:
    """Without a code the status alone decides; a status that no row names leaves a doubt."""
    expected = next((failure for failure, statuses in BARE.items() if status in statuses), Failure.DOUBT)
    assert policy.by_response(status, None) is expected


CODES = {
    "invalid_argument": Failure.REJECTED,
    "malformed": Failure.REJECTED,
    "out_of_range": Failure.REJECTED,
    "unauthenticated": Failure.REJECTED,
    "permission_denied": Failure.REJECTED,
    "not_found": Failure.REJECTED,
    "bad_route": Failure.REJECTED,
    "already_exists": Failure.REJECTED,
    "failed_precondition": Failure.REJECTED,
    "aborted": Failure.DOUBT,
    "internal": Failure.SERVER_FAULT,
    "unknown": Failure.SERVER_FAULT,
    "unavailable": Failure.SERVER_FAULT,
    "deadline_exceeded": Failure.SERVER_FAULT,
    "dataloss": Failure.SERVER_FAULT,
    "data_loss": Failure.SERVER_FAULT,
    "canceled": Failure.SERVER_FAULT,
    "resource_exhausted": Failure.THROTTLED,
    "unimplemented": None,
    "teapot": None,
    "": None,
}


@pytest.mark.parametrize("code", CODES)
def test_response_with_a_code(code: str) -> None:
    """Of the row of the status and that of the code, the one further down counts."""
    order = list(Failure)
    for status in range(300, 610):
        rows: list[Failure] = []
        if status in {408, 429, 499} or 500 <= status < 600:
            rows.append(policy.by_response(status, None))
        own = CODES[code]
        if own is not None and (400 <= status < 500 or own in {Failure.DOUBT, Failure.SERVER_FAULT}):
            rows.append(own)
        expected = max(rows, key=order.index, default=Failure.DOUBT)
        if (status, code) == (501, "unimplemented"):
            expected = Failure.REJECTED
        assert policy.by_response(status, code) is expected, status


@pytest.mark.parametrize(
    ("error", "failure"),
    [
        (ConnectError("x"), Failure.NEVER_SENT),
        (errors.ResponseLostError("x"), Failure.RESPONSE_LOST),
        (GARBLED, Failure.RESPONSE_LOST),
        (MISFIT, Failure.DOUBT),
        (errors.ResponseTooLargeError(("x @ $",), status=200, body=""), Failure.DOUBT),
        (errors.ResourceExhaustedError("x"), Failure.THROTTLED),
        (errors.ResourceExhaustedError("x", status=403), Failure.THROTTLED),
        (errors.ResourceExhaustedError("x", status=500), Failure.SERVER_FAULT),
        (errors.ResourceExhaustedError("x", status=502), Failure.RESPONSE_LOST),
        (errors.APIQuotaError("x"), Failure.REJECTED),
        (errors.APIQuotaError("x", status=408), Failure.SERVER_FAULT),
        (APIError("x", code="slow_down", status=429), Failure.THROTTLED),
        (errors.UnavailableError("x", retry_after=0), Failure.SERVER_FAULT),
        (APIError("x", code="busy", status=503, retry_after=1), Failure.SERVER_FAULT),
        (APIError.without_code("x", status=530, retry_after=1), Failure.SERVER_FAULT),
        (errors.UnavailableError("x", status=502), Failure.RESPONSE_LOST),
        (errors.UnavailableError("x", status=504, retry_after=1), Failure.RESPONSE_LOST),
        (errors.InternalError("x", status=400), Failure.SERVER_FAULT),
        (errors.DeadlineExceededError("x", status=400), Failure.SERVER_FAULT),
        (errors.DatalossError("x", status=422), Failure.SERVER_FAULT),
        (errors.UnknownError("x", status=404), Failure.SERVER_FAULT),
        (errors.UnimplementedError("x"), Failure.REJECTED),
        (errors.UnimplementedError("x", status=404), Failure.DOUBT),
        (errors.NotFoundError("x"), Failure.REJECTED),
        (errors.NotFoundError("x", status=500), Failure.SERVER_FAULT),
        (errors.PermissionDeniedError("x", status=200), Failure.REJECTED),
        (errors.ResourceExhaustedError("x", status=200), Failure.DOUBT),
        (APIError("x", code="odd", status=200), Failure.DOUBT),
        (errors.AbortedError("x"), Failure.DOUBT),
        (NotAppliedError("x", result=None), Failure.REJECTED),
        (errors.DeliveryQuotaError("x", result=None), Failure.REJECTED),
        (errors.SmsQuotaError("x", result=None), Failure.REJECTED),
        (errors.ClientClosedError("x"), Failure.REJECTED),
    ],
    ids=lambda value: getattr(value, "value", f"{type(value).__name__}-{getattr(value, 'status', '')}"),
)
def test_classify(error: EtelecomError, failure: Failure) -> None:
    """Each error has the class of what it proves."""
    assert policy.classify(error) is failure


def test_result_that_proves_nothing() -> None:
    """A result that leaves a doubt itself is a doubt."""
    error = errors.SmsError("x", result=None)
    error.may_have_happened = True
    assert policy.classify(error) is Failure.DOUBT


POLICY = RetryPolicy(retries=2, wait_initial=1.0, wait_max=1.0)


def decide(error: EtelecomError, retry: int = 1, *, effect: Effect = READ, can_resend: bool = True) -> Any:
    """What follows from an attempt that failed."""
    return policy.decide(error, effect, POLICY, retry=retry, can_resend=can_resend)


ONE_OF_EACH: dict[Failure, EtelecomError] = {
    Failure.NEVER_SENT: ConnectError("x"),
    Failure.THROTTLED: errors.ResourceExhaustedError("x"),
    Failure.REJECTED: errors.NotFoundError("x"),
    Failure.DOUBT: MISFIT,
    Failure.SERVER_FAULT: errors.InternalError("x"),
    Failure.RESPONSE_LOST: errors.ResponseLostError("x"),
}


@pytest.mark.parametrize("effect", Effect)
@pytest.mark.parametrize("failure", Failure)
def test_table_decides_on_retries(failure: Failure, effect: Effect) -> None:
    """A call is retried exactly where the table says so; a call that might be retried tells why it is not."""
    effects = policy.TABLE[failure]
    decision = decide(ONE_OF_EACH[failure], effect=effect)
    assert decision.failure is failure
    assert (decision.wait is not None) == (effect in effects)
    assert decision.reason == ("unsafe" if effects and effect not in effects else None)


@pytest.mark.parametrize("effect", Effect)
@pytest.mark.parametrize("failure", Failure)
def test_request_that_cannot_be_sent_again(failure: Failure, effect: Effect) -> None:
    """Without its request a call is not retried; the reason is the request if another one could be."""
    decision = decide(ONE_OF_EACH[failure], effect=effect, can_resend=False)
    expected = "stream" if effect in policy.TABLE[failure] else "unsafe" if policy.TABLE[failure] else None
    assert (decision.wait, decision.reason) == (None, expected)


def test_retries_are_limited() -> None:
    """After the policy's retries the call ends, and tells it."""
    decisions = [decide(ConnectError("x"), retry) for retry in (1, 2, 3)]
    assert [decision.wait is None for decision in decisions] == [False, False, True]
    assert [decision.reason for decision in decisions] == [None, None, "retries"]


def test_time_that_the_server_asks_for() -> None:
    """The wait is at least the time that the server asks for."""
    error = errors.ResourceExhaustedError("x")
    error.retry_after = 7.0
    decision = decide(error)
    assert (decision.wait, decision.retry_after) == (7.0, 7.0)
    assert decide(ConnectError("x")).retry_after is None


@pytest.mark.parametrize("effect", Effect)
@pytest.mark.parametrize(
    "error", [errors.ResponseLostError("gone."), GARBLED, errors.UnavailableError("x", status=504)]
)
def test_lost_response(error: EtelecomError, effect: Effect) -> None:
    """A lost response is an unknown outcome, except for a read."""
    outcome = policy.outcome(error, effect)
    if effect is READ:
        assert outcome is error
        assert not outcome.may_have_happened
    else:
        assert type(outcome) is OutcomeUnknownError
        assert outcome.may_have_happened
        assert outcome.message == f"it may have been executed: {error.message}"


@pytest.mark.parametrize("effect", Effect)
def test_doubt_is_marked(effect: Effect) -> None:
    """A server fault and a doubt say so, except after a read; a refusal leaves no doubt."""
    misfit = DecodeError(("x @ $",), status=200, body="")
    for error in (errors.InternalError("x"), errors.AbortedError("x"), misfit):
        assert policy.outcome(error, effect) is error
        assert error.may_have_happened == (effect is not READ)
    for sure in (errors.NotFoundError("x"), errors.ResourceExhaustedError("x"), ConnectError("x")):
        assert not policy.outcome(sure, effect).may_have_happened


@pytest.mark.parametrize("effect", Effect)
@pytest.mark.parametrize("outcome", [*Failure, "cancelled"])
def test_attempts_that_leave_a_doubt(outcome: str, effect: Effect) -> None:
    """An attempt of the last three rows, or a cancelled one, may have executed the call."""
    attempts = [Attempt(operation="x", number=1, seconds=0, outcome=outcome)]
    assert policy.left_a_doubt(attempts, effect) == (
        effect is not READ
        and outcome in {Failure.DOUBT, Failure.SERVER_FAULT, Failure.RESPONSE_LOST, "cancelled"}
    )
    assert not policy.left_a_doubt([], effect)


@given(retry=st.integers(1, 10**6), initial=st.floats(0, 1e300), longest=st.floats(0, 1e300))
def test_wait_is_jittered_and_bounded(retry: int, initial: float, longest: float) -> None:
    """A wait is between half of and all of the exponential one, and never above the maximum."""
    policy = RetryPolicy(wait_initial=initial, wait_max=longest)
    whole = min(initial * 2.0 ** min(retry - 1, 1000), longest)
    assert whole / 2 <= policy.wait(retry, None) <= whole


def test_waits_grow(monkeypatch: pytest.MonkeyPatch) -> None:
    """The waits are at most 0.5, 1, 2, 4, 8 and then 8 seconds, and at least half of that."""
    assert len({RetryPolicy().wait(1, None) for _ in range(100)}) > 50
    monkeypatch.setattr(random, "uniform", lambda _, most: most)
    assert [RetryPolicy().wait(n, None) for n in range(1, 8)] == [0.5, 1, 2, 4, 8, 8, 8]
    monkeypatch.setattr(random, "uniform", lambda least, _: least)
    assert [RetryPolicy().wait(n, None) for n in range(1, 8)] == [0.25, 0.5, 1, 2, 4, 4, 4]


@pytest.mark.parametrize(
    ("retry_after", "least", "most"), [(None, 0.25, 0.5), (0.0, 0.25, 0.5), (0.3, 0.3, 0.5), (99.0, 99, 99)]
)
def test_server_s_wait(retry_after: float | None, least: float, most: float) -> None:
    """The client waits as long as the server asks, even above its own maximum; a 503 counts too."""
    error = errors.UnavailableError("x", retry_after=retry_after)
    assert least <= RetryPolicy().wait(1, error) <= most
    assert RetryPolicy().wait(1, ConnectError("x")) <= 0.5


@pytest.mark.parametrize("name", ["retries", "wait_initial", "wait_max"])
@pytest.mark.parametrize("value", [-1, float("nan"), float("inf"), "3", None, True], ids=repr)
def test_policy_is_checked(name: str, value: Any) -> None:
    """A policy with a negative number, or with no number, is refused at once."""
    kind = "whole number" if name == "retries" else "number of seconds"
    shown = "str" if isinstance(value, str) else repr(value)
    with pytest.raises(ConfigurationError, match=f"{name} is a {kind}, 0 or more; not {shown}"):
        RetryPolicy(**{name: value})


def test_retries_are_whole() -> None:
    """The number of retries is a whole number."""
    with pytest.raises(ConfigurationError, match=r"retries is a whole number, 0 or more; not 2\.5"):
        RetryPolicy(retries=2.5)
