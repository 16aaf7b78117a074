"""
Everything that the SDK raises.

    EtelecomError
    ├─ ConfigurationError       a setting is missing or cannot be right; nothing was sent
    │  └─ KeyKindError            the key is plainly of another kind
    ├─ InvalidRequestError      an argument cannot be right; nothing was sent             .problems
    ├─ ClientClosedError        the client was used after close(); from then on nothing was sent
    ├─ TransportError           no answer
    │  ├─ ConnectError            the request never left
    │  └─ ResponseLostError         it left, and no answer came back
    │     └─ OutcomeUnknownError    ... and the deed may have been done
    ├─ DecodeError              an answer that does not fit                   .problems .status .body
    │  ├─ MalformedResponseError      ... because it is no JSON object at all
    │  └─ ResponseTooLargeError     ... because it has more bytes than are read
    ├─ APIError                 an answer that says no           .code .msg .meta .status .retry_after
    │  └─ one class for each code: InvalidArgumentError, NotFoundError, ResourceExhaustedError, ...
    ├─ ResultError              200, but the body says that the deed failed                   .result
    │  ├─ DeliveryError           ... it was refused
    │  ├─ NotAppliedError         ... nothing was done
    │  └─ SmsError                ... the SMS service refused the message                     .status
    ├─ PagingError              a list that cannot go on                                      .cursor
    └─ InvalidWebhookError             a delivery that cannot be read

    ProvisionalOperationWarning   an operation whose wire name and fields are inferred

Every error has `.operation`, `.attempts`, `.may_have_happened` and, when it came in the middle of a list,
`.checkpoint`; it survives pickling and holds no secret. This room imports no other one.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any, ClassVar, Final

import attrs


@attrs.frozen(kw_only=True)
class Attempt:
    """One attempt at a call, as hooks and errors see it."""

    operation: str
    """Public name of the operation."""
    number: int
    """1 for the first."""
    seconds: float
    """Seconds from the request to the answer or the failure."""
    outcome: str
    """
    `ok`, `cancelled` where the caller did that, or what went wrong: `never_sent`, `throttled`, `lost`,
    `server_fault`, `rejected`.
    """
    status: int | None = None
    """HTTP status, where an answer came."""
    wait: float | None = None
    """Seconds that are waited before the next attempt, `None` where there is none."""


class EtelecomError(Exception):
    """The root of all errors of the SDK."""

    hint: ClassVar[str] = ""
    """What to do next."""

    operation: str | None = None
    """Public name of the operation, e.g. `shop.extensions.create`."""
    attempts: tuple[Attempt, ...] = ()
    """What was tried, first to last."""
    may_have_happened: bool = False
    """Whether the server may have done what was asked in spite of the error."""
    checkpoint: str | None = None
    """In the middle of a list: where to go on without loss (`resume=`)."""

    def __init__(self, message: str, *, operation: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        if operation is not None:
            self.operation = operation

    def __str__(self) -> str:
        where = f"{self.operation}: " if self.operation else ""
        tries = f" [{len(self.attempts)} attempts]" if len(self.attempts) > 1 else ""
        hint = f" {self.hint}" if self.hint else ""
        return f"{where}{self.message}{tries}{hint}"

    def __reduce__(self) -> tuple[Any, ...]:
        # What is private belongs to a client, which stays behind; the notes are Python's.
        fields = {
            name: value
            for name, value in self.__dict__.items()
            if not name.startswith("_") or name == "__notes__"
        }
        return _restore, (type(self), self.args, fields)


def _restore(kind: type[EtelecomError], args: tuple[object, ...], fields: dict[str, object]) -> EtelecomError:
    error = kind.__new__(kind, *args)
    error.__dict__.update(fields)
    return error


class ConfigurationError(EtelecomError, ValueError):
    """A setting is missing or cannot be right. Nothing was sent."""


class KeyKindError(ConfigurationError):
    """The key is plainly of a kind that cannot be used here. Nothing was sent."""


class InvalidRequestError(EtelecomError, ValueError):
    """Arguments that cannot be right. Nothing was sent."""

    def __init__(self, problems: tuple[str, ...], *, operation: str | None = None) -> None:
        super().__init__(f"{'; '.join(problems)}.", operation=operation)
        self.problems: Final = problems


class ClientClosedError(EtelecomError, RuntimeError):
    """The client was used after it was closed; from then on nothing was sent."""

    hint = "Make a new client, or close this one later."


class TransportError(EtelecomError):
    """No answer came."""


class ConnectError(TransportError):
    """The request never left this machine: refused, unknown host, bad certificate, no free connection."""

    hint = "Nothing was sent, so it is safe to try again; check the base URL and the network."


class ResponseLostError(TransportError):
    """The request left, and no usable answer came back."""


class OutcomeUnknownError(ResponseLostError):
    """
    The request left, no usable answer came back, and the server may have done what was asked.

    What makes a thing or reaches a person was not repeated, because it could then happen twice. Other calls
    were repeated as often as the options allow, and no answer came at all.
    """

    hint = "Read back what is there before trying again: `await error.verify()`, where `.can_verify`."
    may_have_happened = True

    request: str = ""
    """What was sent, as JSON; secrets, phone numbers and what a template is filled with are masked."""
    sent_at: datetime | None = None
    """When the last attempt began."""
    _read_back: Callable[[], Awaitable[Any]] | None = None

    def describe(
        self, request: str, sent_at: datetime, read_back: Callable[[], Awaitable[Any]] | None
    ) -> None:
        """Add what only the engine knows: what was sent, when, and how to read it back."""
        self.request = request
        self.sent_at = sent_at
        self._read_back = read_back

    @property
    def can_verify(self) -> bool:
        """Whether a read can settle the outcome. Not after pickling: the error has left its client."""
        return self._read_back is not None

    async def verify(self) -> Any:
        """
        Ask the server whether it was done.

        Returns:
            What was made or sent, as the read that can show it gives it; `None` where it is not there. A
            server may still be at work on the lost call: `None` soon after it is no proof. What was there
            before, and cannot be told from it, is taken for it: see when it was created.

        Raises:
            DeliveryError: It was refused: the lost answer would have said so.
            EtelecomError: No read can settle it (see `can_verify`), or the read failed.
        """
        if self._read_back is None:
            message = (
                "no read of the API can settle what became of this call, or the error was pickled and has "
                "left its client behind."
            )
            raise EtelecomError(message, operation=self.operation)
        return await self._read_back()


# A page of a hundred items may have the same problem a hundred times.
_PROBLEMS_TOLD: Final = 5


class DecodeError(EtelecomError):
    """An answer that is no JSON object, or does not fit the documentation."""

    hint = "The first bytes of the answer are in `.body`; secrets and phone numbers are masked."

    def __init__(
        self, problems: tuple[str, ...], *, status: int, body: str, operation: str | None = None
    ) -> None:
        told = "; ".join(problems[:_PROBLEMS_TOLD])
        more = f"; and {len(problems) - _PROBLEMS_TOLD} more" if len(problems) > _PROBLEMS_TOLD else ""
        super().__init__(f"answer (HTTP {status}) does not fit: {told}{more}.", operation=operation)
        self.problems: Final = problems
        """One line for each misfit, with its JSON path."""
        self.status: Final = status
        self.body: Final = body
        """The first 200 bytes, masked."""

    def __str__(self) -> str:
        return f"{super().__str__()} It began with: {self.body!r}" if self.body else super().__str__()


class MalformedResponseError(DecodeError):
    """An answer that is no JSON object at all: cut off, empty, HTML."""


class ResponseTooLargeError(DecodeError):
    """A response of more bytes than *max_response_bytes* allows, unpacked; the rest was not read."""

    hint = "Ask for less at a time (`limit=`), or set max_response_bytes=... higher."


class APIError(EtelecomError):
    """
    An answer that says no, by the codes of the Twirp protocol.

    An unlisted code is kept in `.code` of a plain `APIError`.

    Args:
        msg: The server's text for people, often Vietnamese.
        code: The server's code; of the class where left out.
        meta: Details, e.g. `reason`.
        status: HTTP status.
        retry_after: Seconds that the server asks to wait.
        operation: Public name of the operation.
    """

    code: str = "unknown"
    status: int = 500

    def __init__(
        self,
        msg: str,
        *,
        code: str | None = None,
        meta: Mapping[str, str] | None = None,
        status: int | None = None,
        retry_after: float | None = None,
        operation: str | None = None,
    ) -> None:
        super().__init__(msg, operation=operation)
        if code is not None:
            self.code = code
        if status is not None:
            self.status = status
        self.msg: Final = msg
        self.meta: Final = dict(meta or {})
        self.retry_after: Final = retry_after
        details = ", ".join(f"{key}: {value}" for key, value in self.meta.items())
        self.message = f"{msg} ({self.code}, HTTP {self.status}{'; ' + details if details else ''})."


class InvalidArgumentError(APIError):
    """A value in the request is wrong."""

    code = "invalid_argument"
    status = 400


class MalformedError(APIError):
    """The server could not read the request."""

    code = "malformed"
    status = 400


class OutOfRangeError(APIError):
    """A value is past the valid range."""

    code = "out_of_range"
    status = 400


class UnauthenticatedError(APIError):
    """The key, or user name and password, are missing or not valid."""

    code = "unauthenticated"
    status = 401
    hint = (
        "Check the key (for SMS: user name, password, and that your address is on eTelecom's list), and that "
        "it belongs to this base URL."
    )


class PermissionDeniedError(APIError):
    """The key may not do this."""

    code = "permission_denied"
    status = 403
    hint = "`.meta` may say why; a shop that unlinked the partner has to be authorized again."


class NotFoundError(APIError):
    """There is no such object."""

    code = "not_found"
    status = 404


class BadRouteError(APIError):
    """The server, or a proxy on the way to it, does not know the path."""

    code = "bad_route"
    status = 404
    hint = "Check the base URL; it ends before `/shop` or `/partner` (for SMS: before `/api`)."


class CanceledError(APIError):
    """The server gave the call up."""

    code = "canceled"
    status = 408


class DeadlineExceededError(APIError):
    """The server ran out of time."""

    code = "deadline_exceeded"
    status = 408


class AlreadyExistsError(APIError):
    """There is such an object already."""

    code = "already_exists"
    status = 409


class AbortedError(APIError):
    """The call met another one on the same object."""

    code = "aborted"
    status = 409


class FailedPreconditionError(APIError):
    """Something else has to be done first, such as activating the tenant."""

    code = "failed_precondition"
    status = 412


class ResourceExhaustedError(APIError):
    """Too many calls, or a quota that is used up; refused before any work."""

    code = "resource_exhausted"
    status = 429
    hint = "Send fewer calls at a time, or wait for `.retry_after` seconds."


class UnknownError(APIError):
    """The server failed and does not say why."""

    code = "unknown"
    status = 500


class InternalError(APIError):
    """The server failed."""

    code = "internal"
    status = 500


class DatalossError(APIError):
    """The server lost data."""

    code = "dataloss"
    status = 500


class UnimplementedError(APIError):
    """The server does not do this."""

    code = "unimplemented"
    status = 501


class UnavailableError(APIError):
    """The server cannot answer now."""

    code = "unavailable"
    status = 503


_BY_CODE: Final[Mapping[str, type[APIError]]] = {kind.code: kind for kind in APIError.__subclasses__()}


def by_code(code: str) -> type[APIError]:
    """Return the class of a Twirp code; `APIError` for an unlisted one."""
    # Some Twirp libraries spell it with an underscore.
    return _BY_CODE.get("dataloss" if code == "data_loss" else code, APIError)


class ResultError(EtelecomError):
    """A 200 whose body says that the deed failed; `.result` is the whole answer."""

    def __init__(self, message: str, *, result: Any, operation: str | None = None) -> None:
        super().__init__(message, operation=operation)
        self.result: Final = result


class DeliveryError(ResultError):
    """The message, consent request or journey was refused; `.result.error_code` says why."""


class NotAppliedError(ResultError):
    """The answer says `updated: 0`, which the documentation calls a failure."""

    hint = "Read the object back: it may be so already, or the ids may not belong together."


class SmsError(ResultError):
    """The SMS service refused the message; an unlisted `.status` is kept in a plain `SmsError`."""

    status: str = ""
    """The service's code; `1` would be success."""

    def __init__(
        self, message: str, *, result: Any, status: str | None = None, operation: str | None = None
    ) -> None:
        super().__init__(message, result=result, operation=operation)
        if status is not None:
            self.status = status


class SmsPhoneNumberError(SmsError):
    """The phone number is not in a valid form."""

    status = "-1"


class SmsParameterError(SmsError):
    """A variable of the template has a wrong form; the text names it."""

    status = "-2"


class SmsQuotaError(SmsError):
    """The messages that were bought are used up."""

    status = "-3"
    hint = "Ask eTelecom's sales contact for more."


class SmsTemplateError(SmsError):
    """There is no template of this code."""

    status = "-6"
    hint = "`sms.templates.list()` lists the account's templates."


class SmsRoutingError(SmsError):
    """No channel is set up for the template."""

    status = "-8"
    hint = "Ask eTelecom's technical staff to set up a route for the template."


class SmsChannelError(SmsError):
    """A channel of *routerule* is not set up rightly; the text names it."""

    status = "-9"
    hint = "Ask eTelecom's technical staff to set up the channel."


_SMS_BY_STATUS: Final[Mapping[str, type[SmsError]]] = {
    kind.status: kind for kind in SmsError.__subclasses__()
}


def by_sms_status(status: str) -> type[SmsError]:
    """Return the class of a code of the SMS service; `SmsError` for an unlisted one."""
    return _SMS_BY_STATUS.get(status, SmsError)


class PagingError(EtelecomError):
    """A list that cannot go on: its cursor repeats, or the checkpoint is of another list."""

    def __init__(self, message: str, *, cursor: str | None = None, operation: str | None = None) -> None:
        super().__init__(message, operation=operation)
        self.cursor: Final = cursor
        """The last good cursor."""


class InvalidWebhookError(EtelecomError):
    """A webhook delivery that cannot be read."""


class ProvisionalOperationWarning(UserWarning):
    """The operation's page could not be read: its wire name and fields are inferred."""
