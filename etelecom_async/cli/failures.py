"""Convert errors of the SDK to one line and an exit code."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from etelecom_async import errors
from etelecom_async._core.operation import KeyKind
from etelecom_async.cli import exit_codes
from etelecom_async.cli.credentials import variables_of
from etelecom_async.cli.wording import in_words_of_commands
from etelecom_async.operations import OPERATIONS

_DOUBT = "The server may have executed the call: look before you repeat it."
_PASSWORD: Final = KeyKind.USERNAME_PASSWORD
_KINDS = "`etelecom partner …` takes ETELECOM_PARTNER_API_KEY, `etelecom shop …` takes ETELECOM_SHOP_API_KEY."


_HINTS: Final[Mapping[type[errors.EtelecomError], str]] = {
    errors.KeyKindError: _KINDS,
    errors.UnauthenticatedError: f"Check the key, and that it belongs to this base URL. {_KINDS}",
    errors.ClientClosedError: "",
    errors.DecodeError: "Another version of this program may know the response.",
    errors.LoginRequiredError: "`etelecom partner shops authorize` returns the page for the owner's browser.",
    errors.MalformedResponseError: "Check the base URL: a proxy or another service may have answered.",
    errors.QueueTimeoutError: "Try again later.",
    errors.ResourceExhaustedError: "Wait, and send fewer calls at a time.",
    errors.PermissionDeniedError: "Check that the key belongs to the shop or the partner.",
    errors.NotAppliedError: "Read the object: it may be in this state already.",
}
"""Hints in words of the command line, where those of the SDK are about Python."""


def exit_code_of(error: errors.EtelecomError) -> int:
    """Return the exit code of an error."""
    row = OPERATIONS.get(error.operation or "")
    if isinstance(error, errors.PermissionDeniedError) and row is not None and row.denied:
        return exit_codes.FAILED  # here it means that an id is wrong
    if isinstance(error, errors.KeyKindError | errors.UnauthenticatedError | errors.PermissionDeniedError):
        return exit_codes.KEY
    if isinstance(error, errors.InvalidRequestError | errors.ConfigurationError) or _is_resume(error):
        return exit_codes.USAGE
    return exit_codes.FAILED


def _is_resume(error: errors.EtelecomError) -> bool:
    """Return whether the checkpoint is wrong: a list that fails without a request has no other reason."""
    return isinstance(error, errors.PagingError) and not error.attempts


def text_of(error: errors.EtelecomError) -> str:
    """Return what happened and what to do, for someone who does not write Python."""
    where = f"{error.operation}: " if error.operation else ""
    tries = f" [{len(error.attempts)} attempts]" if len(error.attempts) > 1 else ""
    parts = [f"{where}{in_words_of_commands(error.message)}{tries}"]
    if error.may_have_happened:
        parts.append(_DOUBT)
    parts.append(_hint(error))
    return " ".join(filter(None, parts))


def _hint(error: errors.EtelecomError) -> str:
    row = OPERATIONS.get(error.operation or "")
    if isinstance(error, errors.PermissionDeniedError) and row is not None and not row.denied:
        names = variables_of([kind.value for kind in row.callers])
        return f"The documentation names for it the key in {' or '.join(names)}."
    if isinstance(error, errors.UnauthenticatedError) and row is not None and _PASSWORD in row.callers:
        return "Check the user name and the password, and that they belong to this base URL."
    return hint_of(error)


def hint_of(error: errors.EtelecomError | type[errors.EtelecomError]) -> str:
    """Return what to do after an error, or after errors of a class, for someone who does not write Python."""
    kind = error if isinstance(error, type) else type(error)
    return in_words_of_commands(_HINTS.get(kind, error.hint))
