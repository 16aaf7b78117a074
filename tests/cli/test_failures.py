"""Test what users see of the errors of the SDK: one text, and an exit code."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from etelecom_async import errors
from etelecom_async.cli import exit_codes
from etelecom_async.cli.failures import exit_code_of, text_of

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (errors.KeyKindError("no"), exit_codes.KEY),
        (errors.UnauthenticatedError("no"), exit_codes.KEY),
        (errors.PermissionDeniedError("no", operation="shop.tenant.get"), exit_codes.KEY),
        (errors.PermissionDeniedError("no", operation="partner.shops.authorize"), exit_codes.FAILED),
        (errors.PermissionDeniedError("no"), exit_codes.KEY),
        (errors.InvalidRequestError(("no",)), exit_codes.USAGE),
        (errors.ConfigurationError("no"), exit_codes.USAGE),
        (errors.PagingError("no"), exit_codes.USAGE),
        (errors.NotFoundError("no"), exit_codes.FAILED),
        (errors.ConnectError("no"), exit_codes.FAILED),
    ],
)
def test_exit_code(error: errors.EtelecomError, code: int) -> None:
    """A refused key, a wrong argument and a failure have different exit codes."""
    assert exit_code_of(error) == code


def test_text() -> None:
    """The text names the operation, the tries, the doubt and the hint, in this order."""
    error = errors.OutcomeUnknownError("no response.", operation="shop.tenant.create")
    attempt = errors.Attempt(operation="shop.tenant.create", number=1, seconds=1.0, outcome="response_lost")
    error.attempts = (attempt, attempt)
    error.hint = "Wait."
    assert text_of(error) == (
        "shop.tenant.create: no response. [2 attempts] The server may have executed the call: look before "
        "you repeat it. Wait."
    )


def test_hints_are_about_commands() -> None:
    """Where the hint of the SDK names Python classes, the text names commands and variables."""
    for error in (errors.UnauthenticatedError("no"), errors.KeyKindError("no.")):
        assert "ETELECOM_SHOP_API_KEY" in text_of(error)
    assert text_of(errors.ConnectError("no.")) == f"no. {errors.ConnectError.hint}"
    assert text_of(errors.EtelecomError("no.")) == "no."


def kinds(kind: type[errors.EtelecomError] = errors.EtelecomError) -> Iterator[type[errors.EtelecomError]]:
    """Yield a class of errors, and those under it."""
    yield kind
    for inner in kind.__subclasses__():
        yield from kinds(inner)


@pytest.mark.parametrize("kind", dict.fromkeys(kinds()), ids=lambda kind: kind.__name__)
def test_no_hint_is_about_python(kind: type[errors.EtelecomError]) -> None:
    """No hint of any error has an argument, a method or a class of Python."""
    error = kind.__new__(kind)
    error.message, error.operation, error.attempts, error.may_have_happened = "no.", "account", (), False
    assert not re.search(r"\w=|\w\(|Client|`\.", text_of(error)), text_of(error)


def test_refused_password(etl: Any) -> None:
    """If the SMS service refuses the password, the line is about it, and about no key of a shop."""
    etl.set({"ETELECOM_SMS_PASSWORD": "canary-wrong"})
    result = etl("sms", "templates", "list")
    assert (result.code, result.out, result.err.count("\n")) == (4, "", 1)
    assert result.err.endswith(
        "Check the user name and the password, and that they belong to this base URL.\n"
    )
    assert "canary" not in result.err
