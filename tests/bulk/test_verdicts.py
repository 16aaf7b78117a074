"""What an error of a call says about its step, and about the run."""

from __future__ import annotations

from typing import Any

import pytest

from etelecom_async import Effect, errors, models
from etelecom_async.bulk.states import State
from etelecom_async.bulk.verdicts import NIGHT, Stop, of_error

CREATE, SEND, SET, DELETE = Effect.CREATE, Effect.SEND, Effect.IDEMPOTENT, Effect.DELETE


def api(kind: type[errors.APIError], code: str | None, status: int, *, may: bool = False) -> errors.APIError:
    """Return an error response."""
    error = kind("no", status=status)
    error.code = code
    error.may_have_happened = may
    return error


def lost(kind: type[errors.EtelecomError]) -> errors.EtelecomError:
    """Return an error of a call that may have been executed."""
    error = kind("no")
    error.may_have_happened = True
    return error


def delivery(code: int) -> errors.DeliveryError:
    """Return the refusal of a message inside a 200."""
    kind: Any = errors.DeliveryQuotaError if code == -144 else errors.DeliveryError
    return kind("no", result=models.ZNSMessage(error_code=code))


ERRORS: list[tuple[errors.EtelecomError, Effect, State, Stop | None, str]] = [
    (api(errors.InvalidArgumentError, "invalid_argument", 400), CREATE, State.FAILED, None, ""),
    (api(errors.PermissionDeniedError, "permission_denied", 403), CREATE, State.FAILED, None, ""),
    (delivery(-108), SEND, State.FAILED, None, ""),
    (delivery(NIGHT), SEND, State.PLANNED, Stop.ACCOUNT, "resume after 06:00"),
    (delivery(-144), SEND, State.PLANNED, Stop.ACCOUNT, "resume after the quota is renewed"),
    (
        api(errors.UnauthenticatedError, "unauthenticated", 401),
        SEND,
        State.PLANNED,
        Stop.ACCOUNT,
        "key is missing or refused",
    ),
    (api(errors.UnauthenticatedError, None, 401), SEND, State.PLANNED, Stop.ACCOUNT, "key"),
    (
        api(errors.ResourceExhaustedError, "resource_exhausted", 429),
        CREATE,
        State.PLANNED,
        Stop.ACCOUNT,
        "resume later",
    ),
    (errors.KeyStoreError("no"), CREATE, State.PLANNED, Stop.ACCOUNT, "key is missing or refused"),
    (
        errors.KeyStoreError("no", result=models.CreatedShopAccount()),
        CREATE,
        State.UNKNOWN,
        Stop.ACCOUNT,
        "correct the key store",
    ),
    (errors.ConnectError("no"), SEND, State.PLANNED, Stop.OUTAGE, ""),
    (errors.QueueTimeoutError("no"), SEND, State.PLANNED, Stop.RUN, "without queue_timeout"),
    (errors.ClientClosedError("no"), SEND, State.PLANNED, Stop.RUN, "client was closed"),
    (lost(errors.OutcomeUnknownError), SEND, State.UNKNOWN, None, ""),
    (api(errors.APIError, None, 503, may=True), CREATE, State.UNKNOWN, None, ""),
    (api(errors.APIError, None, 408, may=True), CREATE, State.UNKNOWN, None, ""),
    (api(errors.APIError, None, 404), CREATE, State.UNKNOWN, Stop.RUN, "HTTP 404"),
    (api(errors.APIError, None, 404), SET, State.FAILED, Stop.RUN, "HTTP 404"),
    (api(errors.APIError, None, 403, may=True), SEND, State.UNKNOWN, Stop.RUN, "HTTP 403"),
    (api(errors.APIError, None, 403, may=True), SET, State.UNKNOWN, Stop.RUN, "HTTP 403"),
    (errors.InvalidRequestError(("no",)), CREATE, State.FAILED, None, ""),
]


@pytest.mark.parametrize(
    ("error", "effect", "state", "stop", "reason"),
    ERRORS,
    ids=[f"{number} {type(each[0]).__name__}" for number, each in enumerate(ERRORS)],
)
def test_verdicts(
    error: errors.EtelecomError, effect: Effect, state: State, stop: Stop | None, reason: str
) -> None:
    """A refusal fails its step only; errors that the next calls would get, too, stop the run."""
    verdict = of_error(error, effect)
    assert (verdict.state, verdict.stop) == (state, stop)
    assert reason in verdict.reason


REPEATS: list[tuple[errors.EtelecomError, Effect, State]] = [
    (api(errors.InvalidArgumentError, "invalid_argument", 400), CREATE, State.FAILED),
    (api(errors.InvalidArgumentError, "invalid_argument", 400), SET, State.FAILED),
    (api(errors.AlreadyExistsError, "already_exists", 409), CREATE, State.UNKNOWN),
    (delivery(-108), SEND, State.UNKNOWN),
    (delivery(-144), SEND, State.UNKNOWN),
    (errors.ConnectError("no"), SEND, State.UNKNOWN),
    (errors.ConnectError("no"), DELETE, State.UNKNOWN),
    (api(errors.NotFoundError, "not_found", 404), DELETE, State.DONE),
    (api(errors.NotFoundError, "not_found", 404), SET, State.FAILED),
    (lost(errors.OutcomeUnknownError), SEND, State.UNKNOWN),
]


@pytest.mark.parametrize(
    ("error", "effect", "state"),
    REPEATS,
    ids=[f"{number} {type(each[0]).__name__}" for number, each in enumerate(REPEATS)],
)
def test_after_a_doubt(error: errors.EtelecomError, effect: Effect, state: State) -> None:
    """The refusal of a repeated call does not prove that the first one was not executed."""
    verdict = of_error(error, effect, was_in_doubt=True)
    assert verdict.state is state
    assert verdict.stop is of_error(error, effect).stop
