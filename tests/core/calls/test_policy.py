"""What may be repeated, when, and after how long; `test_engine` has the same over sockets."""

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
    """The table is the one of the design: five failures against five effects."""
    assert {failure: set(effects) for failure, effects in policy.TABLE.items()} == {
        Failure.NEVER_SENT: {READ, IDEMPOTENT, DELETE, CREATE, SEND},
        Failure.THROTTLED: {READ, IDEMPOTENT, DELETE, CREATE, SEND},
        Failure.LOST: {READ, IDEMPOTENT, DELETE},
        Failure.SERVER_FAULT: {READ, IDEMPOTENT, DELETE},
        Failure.REJECTED: set(),
    }


@pytest.mark.parametrize(
    ("error", "failure"),
    [
        (ConnectError("x"), Failure.NEVER_SENT),
        (errors.ResponseLostError("x"), Failure.LOST),
        (GARBLED, Failure.LOST),
        (MISFIT, Failure.REJECTED),
        (errors.ResourceExhaustedError("x"), Failure.THROTTLED),
        (errors.ResourceExhaustedError("x", status=403), Failure.THROTTLED),
        (APIError("x", code="slow_down", status=429), Failure.THROTTLED),
        (errors.UnavailableError("x", retry_after=0), Failure.THROTTLED),
        (APIError("x", code="busy", status=503, retry_after=1), Failure.THROTTLED),
        (errors.UnavailableError("x"), Failure.SERVER_FAULT),
        (APIError("x", code="busy", status=503), Failure.SERVER_FAULT),
        (errors.UnavailableError("x", status=502), Failure.LOST),
        (errors.UnavailableError("x", status=504, retry_after=1), Failure.LOST),
        (errors.InternalError("x"), Failure.SERVER_FAULT),
        (errors.UnknownError("x"), Failure.SERVER_FAULT),
        (errors.DatalossError("x"), Failure.SERVER_FAULT),
        (errors.CanceledError("x"), Failure.SERVER_FAULT),
        (errors.DeadlineExceededError("x"), Failure.SERVER_FAULT),
        (APIError("x", code="strange", status=520), Failure.SERVER_FAULT),
        (errors.UnimplementedError("x"), Failure.REJECTED),
        (errors.UnknownError("x", status=405), Failure.REJECTED),
        (errors.UnknownError("x", status=413), Failure.REJECTED),
        (errors.InternalError("x", status=400), Failure.REJECTED),
        (errors.NotFoundError("x"), Failure.REJECTED),
        (errors.AbortedError("x"), Failure.REJECTED),
        (NotAppliedError("x", result=None), Failure.REJECTED),
        (errors.ClientClosedError("x"), Failure.REJECTED),
    ],
    ids=lambda value: getattr(value, "value", f"{type(value).__name__}-{getattr(value, 'status', '')}"),
)
def test_classify(error: EtelecomError, failure: Failure) -> None:
    """Each error says by its kind and its HTTP status what became of the deed."""
    assert policy.classify(error) is failure


POLICY = RetryPolicy(retries=2, wait_initial=1.0, wait_max=1.0)


def retry_wait(error: EtelecomError, retry: int = 1, *, effect: Effect = READ, pause: float = 0.0) -> Any:
    """The wait before a retry."""
    return policy.retry_wait(error, policy.classify(error), effect, POLICY, retry=retry, pause=pause)


@pytest.mark.parametrize("effect", Effect)
@pytest.mark.parametrize(
    "error", [ConnectError("x"), errors.ResponseLostError("x"), errors.InternalError("x"), GARBLED, MISFIT]
)
def test_table_decides_on_retries(error: EtelecomError, effect: Effect) -> None:
    """A call is retried exactly where the table says so."""
    assert (retry_wait(error, effect=effect) is not None) == (effect in policy.TABLE[policy.classify(error)])


def test_retries_are_limited() -> None:
    """After the policy's retries the call ends."""
    waits = [retry_wait(ConnectError("x"), retry) for retry in (1, 2, 3)]
    assert [wait is None for wait in waits] == [False, False, True]


def test_no_wait_is_shorter_than_the_pause() -> None:
    """A retry waits as long as all calls of the client pause."""
    assert retry_wait(ConnectError("x"), pause=20.0) == 20.0
    assert 0.5 <= retry_wait(ConnectError("x"), pause=0.1) <= 1.0


@pytest.mark.parametrize("effect", Effect)
@pytest.mark.parametrize(
    "error", [errors.ResponseLostError("gone."), GARBLED, errors.UnavailableError("x", status=504)]
)
def test_lost_answer_of_what_changes_something(error: EtelecomError, effect: Effect) -> None:
    """A caller whose deed may have been done gets an error that says so; one who only read, the plain one."""
    outcome = policy.outcome(error, effect)
    if effect is READ:
        assert outcome is error
        assert not outcome.may_have_happened
    else:
        assert type(outcome) is OutcomeUnknownError
        assert outcome.may_have_happened
        assert outcome.message == f"it may have been done: {error.message}"


@pytest.mark.parametrize("effect", Effect)
def test_doubt_is_marked(effect: Effect) -> None:
    """A fault at an unknown point, or an answer that does not fit, leaves a doubt except after reading."""
    for error in (errors.InternalError("x"), DecodeError(("x @ $",), status=200, body="")):
        assert policy.outcome(error, effect) is error
        assert error.may_have_happened == (effect is not READ)
    sure = errors.NotFoundError("x")
    assert not policy.outcome(sure, effect).may_have_happened


@pytest.mark.parametrize("effect", Effect)
@pytest.mark.parametrize("outcome", [*Failure, "cancelled"])
def test_attempts_that_leave_a_doubt(outcome: str, effect: Effect) -> None:
    """A lost response, a server fault and a cancelled attempt leave a doubt; a read never does."""
    attempts = [Attempt(operation="x", number=1, seconds=0, outcome=outcome)]
    assert policy.left_a_doubt(attempts, effect) == (
        effect is not READ and outcome in {Failure.LOST, Failure.SERVER_FAULT, "cancelled"}
    )
    assert not policy.left_a_doubt([], effect)


@given(repetition=st.integers(1, 10**6), initial=st.floats(0, 1e300), longest=st.floats(0, 1e300))
def test_wait_is_jittered_and_bounded(repetition: int, initial: float, longest: float) -> None:
    """A wait lies between half of and the whole of the exponential one, and never above the greatest."""
    policy = RetryPolicy(wait_initial=initial, wait_max=longest)
    whole = min(initial * 2.0 ** min(repetition - 1, 1000), longest)
    assert whole / 2 <= policy.wait(repetition, None) <= whole


def test_waits_grow(monkeypatch: pytest.MonkeyPatch) -> None:
    """At the most the waits are 0.5, 1, 2, 4, 8 and then 8 seconds, at the least half of that."""
    assert len({RetryPolicy().wait(1, None) for _ in range(100)}) > 50
    monkeypatch.setattr(random, "uniform", lambda _, most: most)
    assert [RetryPolicy().wait(n, None) for n in range(1, 8)] == [0.5, 1, 2, 4, 8, 8, 8]
    monkeypatch.setattr(random, "uniform", lambda least, _: least)
    assert [RetryPolicy().wait(n, None) for n in range(1, 8)] == [0.25, 0.5, 1, 2, 4, 4, 4]


@pytest.mark.parametrize(
    ("retry_after", "least", "most"), [(None, 0.25, 0.5), (0.0, 0.25, 0.5), (0.3, 0.3, 0.5), (99.0, 99, 99)]
)
def test_server_s_wait(retry_after: float | None, least: float, most: float) -> None:
    """Where the server asks for a longer wait, even one above the greatest, that one is waited."""
    error = errors.UnavailableError("x", retry_after=retry_after)
    assert least <= RetryPolicy().wait(1, error) <= most
    assert RetryPolicy().wait(1, ConnectError("x")) <= 0.5


@pytest.mark.parametrize("name", ["retries", "wait_initial", "wait_max"])
@pytest.mark.parametrize("value", [-1, float("nan"), float("inf"), "3", None, True], ids=repr)
def test_policy_is_checked(name: str, value: Any) -> None:
    """A policy with a negative number, or none at all, is refused where it is made."""
    kind = "whole number" if name == "retries" else "number of seconds"
    with pytest.raises(ConfigurationError, match=f"{name} is a {kind}, 0 or more; not {value!r}"):
        RetryPolicy(**{name: value})


def test_repetitions_are_whole() -> None:
    """There is no half of a repetition."""
    with pytest.raises(ConfigurationError, match=r"retries is a whole number, 0 or more; not 2\.5"):
        RetryPolicy(retries=2.5)
