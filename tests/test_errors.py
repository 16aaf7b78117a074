"""Errors of the SDK: the class tree, the texts, pickling and copying."""

from __future__ import annotations

import copy
import inspect
import pickle
import re
from datetime import UTC, datetime
from typing import Any

import pytest

from etelecom_async import Attempt, Secret, errors, models
from etelecom_async.errors import APIError, EtelecomError

ATTEMPTS = (
    Attempt(operation="shop.current", number=1, seconds=0.5, outcome="response_lost", wait=1.5),
    Attempt(operation="shop.current", number=2, seconds=0.5, outcome="rejected", status=404),
)


def subclasses(kind: type[EtelecomError]) -> list[type[EtelecomError]]:
    """Return a class and all its subclasses."""
    return [kind, *(subclass for child in kind.__subclasses__() for subclass in subclasses(child))]


KINDS = [kind for kind in dict.fromkeys(subclasses(EtelecomError)) if kind.__module__ == errors.__name__]


def example(kind: type[EtelecomError]) -> EtelecomError:
    """Return an error of this class with a value in every field."""
    result = models.ExtensionChangeResult(updated=0)
    if issubclass(kind, APIError):
        error: EtelecomError = kind(
            "không", code="odd", meta={"a": "b"}, status=418, retry_after=5.0, operation="shop.current"
        )
    elif issubclass(kind, errors.DecodeError):
        error = kind(("x @ $",), status=200, body="<html>", operation="shop.current")
    elif issubclass(kind, errors.InvalidRequestError):
        error = kind(("a is wrong", "b is wrong"), operation="shop.current")
    elif issubclass(kind, errors.ShopNotConnectedError):
        error = kind("none", shop_id="1", operation="shop.current")
    elif issubclass(kind, errors.KeyStoreError):
        error = kind("no", result=result, operation="shop.current")
    elif issubclass(kind, errors.LoginRequiredError):
        error = kind("log in", result=result, shop_id="1", operation="shop.current")
    elif issubclass(kind, errors.SmsError):
        error = kind("refused", result=result, status="-7", operation="shop.current")
    elif issubclass(kind, errors.ResultError):
        error = kind("refused", result=result, operation="shop.current")
    elif issubclass(kind, errors.PagingError):
        error = kind("round", cursor="c", operation="shop.current")
    else:
        error = kind("wrong", operation="shop.current")
    error.describe('{"a": 1}', datetime(2026, 1, 2, tzinfo=UTC), None)
    error.attempts = ATTEMPTS
    error.may_have_happened = True
    error.checkpoint = "{}"
    return error


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_error_survives_pickling(kind: type[EtelecomError], protocol: int) -> None:
    """An unpickled error has the same class, text and fields."""
    error = example(kind)
    other = pickle.loads(pickle.dumps(error, protocol))
    assert type(other) is kind
    assert str(other) == str(error)
    assert repr(other) == repr(error)
    assert other.args == error.args
    assert vars(other) == {name: value for name, value in vars(error).items() if not name.startswith("_")}
    assert (other.operation, other.attempts, other.may_have_happened, other.checkpoint) == (
        "shop.current",
        ATTEMPTS,
        True,
        "{}",
    )


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_error_can_be_copied(kind: type[EtelecomError]) -> None:
    """A copy has the same class and text."""
    error = example(kind)
    for other in (copy.copy(error), copy.deepcopy(error)):
        assert (type(other), str(other)) == (kind, str(error))


def test_changed_error_survives_pickling() -> None:
    """A message and notes that change after the creation of an error are pickled, too."""
    error = errors.BadRouteError("no")
    error.message += " Or so."
    error.add_note("a note")
    other = pickle.loads(pickle.dumps(error))
    assert str(other) == str(error)
    assert other.__notes__ == ["a note"]


def test_tree_is_drawn() -> None:
    """The module's docstring draws the tree of all classes, except those for one code or one status."""
    drawn: dict[str, str] = {}
    above: list[str] = []
    for line in inspect.getdoc(errors).splitlines():
        match = re.match(r"    (?P<bars>[│├└─ ]*)(?P<name>[A-Z]\w+Error)\b", line)
        if match:
            depth = len(match["bars"]) // 3
            above[depth:] = [match["name"]]
            drawn[match["name"]] = above[depth - 1] if depth else "Exception"
    expected = {
        kind.__name__: kind.__bases__[0].__name__
        for kind in KINDS
        if kind.__bases__[0] not in {APIError, errors.SmsError}
    }
    assert drawn == expected


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_error_has_the_same_four_fields(kind: type[EtelecomError]) -> None:
    """Each class has defaults for the four fields that all errors have."""
    assert (kind.operation, kind.attempts, kind.checkpoint) == (None, (), None)
    assert kind.may_have_happened == (kind is errors.OutcomeUnknownError)


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (EtelecomError("wrong."), "wrong."),
        (EtelecomError("wrong.", operation="shop.current"), "shop.current: wrong."),
        (errors.InvalidRequestError(("a", "b"), operation="shop.current"), "shop.current: a; b."),
        (
            errors.ConnectError("refused.", operation="shop.current"),
            f"shop.current: refused. {errors.ConnectError.hint}",
        ),
        (errors.NotFoundError("gone"), "gone (not_found, HTTP 404)."),
        (
            errors.NotFoundError("gone", code="no_such", status=410, meta={"a": "b", "c": "d"}),
            "gone (no_such, HTTP 410; a: b, c: d).",
        ),
        (APIError("odd"), "odd (no code, HTTP 500)."),
        (
            errors.ResourceExhaustedError.without_code("slow", status=429),
            "slow (no code, HTTP 429). " + errors.ResourceExhaustedError.hint,
        ),
        (
            errors.DecodeError(("x @ $",), status=200, body="<a>"),
            f"the response (HTTP 200) does not fit: x @ $. {errors.DecodeError.hint} It began with: '<a>'",
        ),
    ],
    ids=str,
)
def test_text(error: EtelecomError, text: str) -> None:
    """An error's text names the operation and the problem, and tells what to do next."""
    assert str(error) == text


def test_text_counts_the_attempts() -> None:
    """The text states the number of attempts if there was more than one."""
    error = EtelecomError("wrong.")
    error.attempts = ATTEMPTS[:1]
    assert str(error) == "wrong."
    error.attempts = ATTEMPTS
    assert str(error) == "wrong. [2 attempts]"


def test_problems_in_the_message() -> None:
    """The message lists up to five problems; of more, it lists five and the number of the others."""
    problems = tuple(f"p{number}" for number in range(7))
    assert "p4." in errors.DecodeError(problems[:5], status=200, body="").message
    error = errors.DecodeError(problems, status=200, body="")
    assert error.message == "the response (HTTP 200) does not fit: p0; p1; p2; p3; p4; and 2 more."
    assert error.problems == problems


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("canceled", 408),
        ("unknown", 500),
        ("invalid_argument", 400),
        ("malformed", 400),
        ("deadline_exceeded", 408),
        ("not_found", 404),
        ("bad_route", 404),
        ("already_exists", 409),
        ("permission_denied", 403),
        ("unauthenticated", 401),
        ("resource_exhausted", 429),
        ("failed_precondition", 412),
        ("aborted", 409),
        ("out_of_range", 400),
        ("unimplemented", 501),
        ("internal", 500),
        ("unavailable", 503),
        ("dataloss", 500),
    ],
)
def test_code(code: str, status: int) -> None:
    """Each code of the Twirp protocol has its class, with the protocol's HTTP status."""
    kind = errors.by_code(code)
    assert (kind.code, kind.status) == (code, status)
    assert kind is not APIError
    assert kind.__name__ == f"{code.title().replace('_', '')}Error"


def test_codes_are_all() -> None:
    """Only the protocol's codes have classes; `data_loss` is known, too; any other code is an `APIError`."""
    assert len(APIError.__subclasses__()) == 18
    assert errors.by_code("data_loss") is errors.DatalossError
    assert errors.by_code("teapot") is errors.by_code("") is APIError


@pytest.mark.parametrize("status", ["-1", "-2", "-3", "-6", "-8", "-9"])
def test_sms_status(status: str) -> None:
    """Each documented error status of the SMS service has its class; any other status is an `SmsError`."""
    kind = errors.by_sms_status(status)
    assert kind.status == status
    assert set(kind.__bases__) == {errors.SmsError, *([errors.QuotaError] if status == "-3" else [])}
    assert errors.by_sms_status("-5") is errors.SmsError
    assert kind("no", result=None).status == status


@pytest.mark.parametrize(
    ("kind", "builtin"),
    [
        (errors.ConfigurationError, ValueError),
        (errors.InvalidRequestError, ValueError),
        (errors.ClientClosedError, RuntimeError),
        (errors.ProvisionalOperationWarning, UserWarning),
    ],
)
def test_builtin_kinds(kind: type[Exception], builtin: type[Exception]) -> None:
    """Errors of a built-in kind are subclasses of Python's own class."""
    assert issubclass(kind, builtin)


def test_quota_errors() -> None:
    """Code that catches `QuotaError` catches the used-up quotas of all services."""
    kinds = {kind for kind in KINDS if issubclass(kind, errors.QuotaError)}
    assert kinds == {
        errors.QuotaError,
        errors.APIQuotaError,
        errors.DeliveryQuotaError,
        errors.SmsQuotaError,
    }


def test_text_of_a_doubt() -> None:
    """An error says what to do if the call may have been executed, and that `None` proves nothing."""
    error = errors.InternalError("no")
    assert "verify" not in str(error)
    error.may_have_happened = True
    assert str(error) == (
        "no (internal, HTTP 500). The server may have executed the call: `await error.verify()` reads it "
        "back, if `.can_verify`. `None` proves nothing while a proxy may still hold the request: wait "
        "some minutes, and verify again."
    )


@pytest.mark.parametrize("kind", [errors.OutcomeUnknownError, errors.InternalError, errors.AbortedError])
class TestVerify:
    """Any error of a call in doubt can verify it."""

    async def test_verify(self, kind: type[EtelecomError]) -> None:
        """`verify()` reads back, if a read can tell."""

        async def read_back() -> Any:
            return "the extension"

        error = kind("lost")
        error.describe("{}", datetime(2026, 1, 2, tzinfo=UTC), read_back)
        assert error.can_verify
        assert await error.verify() == "the extension"
        other = pickle.loads(pickle.dumps(error))
        assert (other.request, other.sent_at) == (error.request, error.sent_at)
        assert not other.can_verify

    async def test_no_read(self, kind: type[EtelecomError]) -> None:
        """If no read can tell, the error says so."""
        error = kind("lost", operation="shop.current")
        assert not error.can_verify
        with pytest.raises(EtelecomError, match=r"shop\.current: no read of the API can tell"):
            await error.verify()


def test_login_required() -> None:
    """The error has the page for the login, which stays masked, and says what to do with it."""
    page = models.LoginRequired(auth_url=Secret("https://example.com/login?token=abc"), expires_in=900)
    error = errors.LoginRequiredError("log in", result=page, shop_id="12414")
    assert (error.auth_url, error.shop_id) == (page.auth_url, "12414")
    assert "Send the owner's browser to `.auth_url`" in str(error)
    assert "token=abc" not in f"{error!r} {error} {vars(error)}"


def test_problems_of_a_webhook() -> None:
    """The text has each problem, and the problems survive pickling."""
    error = errors.InvalidWebhookError(("null in place of an object @ $[0]", "x @ $"))
    assert str(error) == "the delivery cannot be read: null in place of an object @ $[0]; x @ $."
    copy = pickle.loads(pickle.dumps(error))
    assert (copy.problems, str(copy)) == (error.problems, str(error))
    assert isinstance(error, ValueError)


def test_mistakes_of_a_roster() -> None:
    """One mistake is one line. With several, the text has a line for each of the first hundred."""
    whole = errors.Mistake(problem="the file is broken", remedy="save it again")
    assert str(errors.RosterError((whole,))) == "the file is broken; save it again."
    cell = errors.Mistake(row=2, column="phone", value="12", problem="it is too short", remedy="complete it")
    error = errors.RosterError((cell,) * 102)
    first, second, *_, last = str(error).splitlines()
    assert first == "102 mistakes:"
    assert second == 'row 2, phone, "12": it is too short; complete it'
    assert last == "and 2 more; `.mistakes` has all of them"
    few = errors.RosterError((whole, cell))
    assert str(few).splitlines()[1:] == list(map(str, few.mistakes))
    again = pickle.loads(pickle.dumps(error))
    assert (again.mistakes, str(again)) == (error.mistakes, str(error))
