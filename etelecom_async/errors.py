"""
All errors that the SDK raises.

    EtelecomError
    ├─ ConfigurationError         a setting is missing or wrong; nothing was sent
    │  └─ KeyKindError              the key is of another kind
    ├─ ShopNotConnectedError      no key is stored for the shop; nothing was sent              .shop_id
    ├─ KeyStoreError              the key store cannot be read or written                      .result
    ├─ JournalError               the journal of a bulk job is in use, broken, or of another job
    ├─ LedgerError                the ledger of sent messages cannot be read or written
    ├─ SyncError                  the database of a sync cannot be used, or another sync uses it
    ├─ ClusterError               the cluster of an export cannot be used, or its workers are lost
    ├─ InvalidRequestError        an argument is wrong; nothing was sent                       .problems
    │  └─ RosterError               a roster of employees has mistakes                         .mistakes
    ├─ ClientClosedError          the client was used after close(); from then on nothing was sent
    ├─ TransportError             no response
    │  ├─ ConnectError              the request was never sent
    │  ├─ QueueTimeoutError         the call did not get its turn in time; nothing was sent
    │  └─ ResponseLostError         the request was sent, and no usable response came back
    │     └─ OutcomeUnknownError      the server may have executed the call
    ├─ DecodeError                a response that does not fit the documentation     .problems .status .body
    │  ├─ MalformedResponseError    it is not a JSON object
    │  └─ ResponseTooLargeError     it has more bytes than the client reads
    ├─ APIError                   an error response                  .code .msg .meta .status .retry_after
    │  └─ one class for each code: InvalidArgumentError, NotFoundError, ResourceExhaustedError, ...
    ├─ ResultError                200, but the body says that the call failed                    .result
    │  ├─ DeliveryError             the message was refused
    │  ├─ LoginRequiredError        the shop must log in before the partner gets its key   .auth_url .shop_id
    │  ├─ NotAppliedError           nothing was changed
    │  └─ SmsError                  the SMS service refused the message                          .status
    ├─ QuotaError                 a quota or the balance is used up; a retry does not help
    │  ├─ APIQuotaError             also a ResourceExhaustedError
    │  ├─ DeliveryQuotaError        also a DeliveryError
    │  └─ SmsQuotaError             also an SmsError
    ├─ PagingError                a list that cannot continue                                    .cursor
    └─ InvalidWebhookError        a webhook delivery that cannot be read                       .problems

    ProvisionalOperationWarning   an operation whose wire name and fields are inferred

Every error has `.operation`, `.attempts` and `.may_have_happened`. If it may have happened, `verify()` reads
back whether it did, where a read of the API can tell. An error in the middle of a list has `.checkpoint`.
Errors survive pickling and hold no secret. This module imports no other module of the SDK.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any, Final, Self

import attrs


@attrs.frozen(kw_only=True)
class Attempt:
    """One attempt of a call, as hooks and errors see it."""

    operation: str
    """Public name of the operation."""
    number: int
    """1 for the first attempt."""
    seconds: float
    """Seconds from the request to the response or the failure."""
    outcome: str
    """
    `ok`, `cancelled` if the caller cancelled it, or what the failure proves: `never_sent`, `throttled`,
    `rejected`, `doubt`, `server_fault`, `response_lost`.
    """
    status: int | None = None
    """HTTP status, if a response came."""
    wait: float | None = None
    """Seconds to wait before the next attempt; `None` if there is none."""


_DOUBT: Final = (
    "The server may have executed the call: `await error.verify()` reads it back, if `.can_verify`. `None` "
    "proves nothing while a proxy may still hold the request: wait some minutes, and verify again."
)


class EtelecomError(Exception):
    """The root of all errors of the SDK."""

    hint: str = ""
    """What to do next."""

    operation: str | None = None
    """Public name of the operation, for example `shop.extensions.create`."""
    attempts: tuple[Attempt, ...] = ()
    """The attempts, first to last."""
    may_have_happened: bool = False
    """Whether the server may have executed the call in spite of the error."""
    checkpoint: str | None = None
    """In the middle of a list: where to continue without loss (`resume=`)."""
    request: str = ""
    """
    The request as JSON, if the call may have been executed.

    Secrets, phone numbers and template data are masked.
    """
    sent_at: datetime | None = None
    """When the last attempt started, if the call may have been executed."""
    _read_back: Callable[[], Awaitable[Any]] | None = None

    def __init__(self, message: str, *, operation: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        if operation is not None:
            self.operation = operation

    def __str__(self) -> str:
        where = f"{self.operation}: " if self.operation else ""
        tries = f" [{len(self.attempts)} attempts]" if len(self.attempts) > 1 else ""
        doubt = f" {_DOUBT}" if self.may_have_happened else ""
        hint = f" {self.hint}" if self.hint else ""
        return f"{where}{self.message}{tries}{doubt}{hint}"

    def __reduce__(self) -> tuple[Any, ...]:
        # Private fields belong to a client, which is not pickled. The notes are Python's own.
        fields = {
            name: value
            for name, value in self.__dict__.items()
            if not name.startswith("_") or name == "__notes__"
        }
        return _restore, (type(self), self.args, fields)

    def describe(
        self, request: str, sent_at: datetime, read_back: Callable[[], Awaitable[Any]] | None
    ) -> None:
        """Add what the engine knows: the request, when it was sent, and how to read it back."""
        self.request = request
        self.sent_at = sent_at
        self._read_back = read_back

    @property
    def can_verify(self) -> bool:
        """Whether a read can tell if the call was executed. False after pickling, without the client."""
        return self._read_back is not None

    async def verify(self) -> Any:
        """
        Read whether the state that the call asked for holds now.

        A new object counts only if it is not older than the call, by the server's clock. Where the read shows
        no time of creation, an object that matches the request counts.

        Returns:
            The object as the read shows it; `True` if the call was to delete it and it is absent. `None` if
            the state does not hold. `None` proves nothing while the server or a proxy may still hold the
            request: wait longer than their timeouts, and verify again, before you repeat the call.

        Raises:
            DeliveryError: The message was refused; the lost response would have said so.
            EtelecomError: No read can tell (see `can_verify`), the read failed, or its response was blank.
        """
        if self._read_back is None:
            message = (
                "no read of the API can tell whether this call was executed, or the error was pickled and "
                "has lost its client."
            )
            raise EtelecomError(message, operation=self.operation)
        return await self._read_back()


def _restore(kind: type[EtelecomError], args: tuple[object, ...], fields: dict[str, object]) -> EtelecomError:
    error = kind.__new__(kind, *args)
    error.__dict__.update(fields)
    return error


class ConfigurationError(EtelecomError, ValueError):
    """A setting is missing or wrong. Nothing was sent."""


class KeyKindError(ConfigurationError):
    """The key is of a kind that cannot be used here. Nothing was sent."""


class ShopNotConnectedError(EtelecomError, LookupError):
    """No key is stored for the shop. Nothing was sent."""

    hint = (
        "Connect the shop: `partner.shops.connect(...)` returns the page on which its owner logs in, and "
        "`partner.shops.authorize(shop_id=...)` then returns the key and stores it."
    )

    def __init__(self, message: str, *, shop_id: str, operation: str | None = None) -> None:
        super().__init__(message, operation=operation)
        self.shop_id: Final = shop_id


class KeyStoreError(EtelecomError):
    """The key store cannot be read or written."""

    def __init__(self, message: str, *, result: Any = None, operation: str | None = None) -> None:
        super().__init__(message, operation=operation)
        self.result: Final = result
        """The result of the call with the key that could not be stored; `None` if there is none."""


class JournalError(EtelecomError):
    """
    The journal of a bulk job cannot be used: it is in use, cannot be written, or belongs to another job.

    The job sends nothing more. All that the journal has recorded stays.
    """


class LedgerError(EtelecomError):
    """The ledger of sent messages cannot be read or written."""

    hint = "Send nothing without it: the message could then be sent twice."


class SyncError(EtelecomError):
    """The database of a sync cannot be read or written, or another sync uses it."""

    hint = "The calls in the database stay, and the next sync continues after them."


class ClusterError(EtelecomError):
    """The cluster of an export cannot be used, or its workers are lost."""

    hint = "The rows that were read stay, and the same export continues after them."


class InvalidRequestError(EtelecomError, ValueError):
    """An argument is wrong. Nothing was sent."""

    def __init__(self, problems: tuple[str, ...], *, operation: str | None = None) -> None:
        super().__init__(f"{'; '.join(problems)}.", operation=operation)
        self.problems: Final = problems


@attrs.frozen(kw_only=True)
class Mistake:
    """One mistake in a roster: where it is, what is wrong, and what to do."""

    problem: str
    remedy: str
    row: int | None = None
    """Number of the row, as the spreadsheet program shows it; `None` for the whole file."""
    column: str = ""
    """The column, for example `column C (Số điện thoại)`; empty for the whole row."""
    value: str = ""
    """The value in the cell. Phone numbers and secrets are masked."""

    def __str__(self) -> str:
        row = "" if self.row is None else f"row {self.row}"
        value = f'"{self.value}"' if self.value else ""
        where = ", ".join(part for part in (row, self.column, value) if part)
        return f"{f'{where}: ' if where else ''}{self.problem}; {self.remedy}"


_MOST_MISTAKES: Final = 100


class RosterError(InvalidRequestError):
    """
    A roster of employees has mistakes. Nothing was sent.

    The text has one line for each mistake, up to 100 of them.
    """

    def __init__(self, mistakes: tuple[Mistake, ...], *, operation: str | None = None) -> None:
        super().__init__(tuple(map(str, mistakes)), operation=operation)
        self.mistakes: Final = mistakes
        """All mistakes, in the order of the rows."""
        if len(mistakes) > 1:
            more = len(mistakes) - _MOST_MISTAKES
            ending = [f"and {more:,} more; `.mistakes` has all of them"] if more > 0 else []
            lines = [f"{len(mistakes):,} mistakes:", *self.problems[:_MOST_MISTAKES], *ending]
            self.message = "\n".join(lines)


class ClientClosedError(EtelecomError, RuntimeError):
    """The client was used after it was closed; from then on nothing was sent."""

    hint = "Make a new client. Close a client after its last call."


class TransportError(EtelecomError):
    """No response came."""


class ConnectError(TransportError):
    """The request was never sent: connection refused, unknown host, bad certificate, no free connection."""

    hint = "Nothing was sent, so it is safe to try again; check the base URL and the network."


class QueueTimeoutError(TransportError):
    """The call did not get its turn within *queue_timeout*. Nothing was sent."""

    hint = "Try again later, or set queue_timeout=... higher; `client.stats()` shows pause and waiting calls."


class ResponseLostError(TransportError):
    """The request was sent, and no usable response came back."""


class OutcomeUnknownError(ResponseLostError):
    """
    The request was sent, no usable response came back, and the server may have executed the call.

    A call that creates something or reaches a person was not retried, because it could then happen twice.
    Other calls were retried as often as the options allow, and no response came at all.
    """

    may_have_happened = True


# A page of a hundred items may have the same problem a hundred times.
_MOST_PROBLEMS: Final = 5


class DecodeError(EtelecomError):
    """A response that is not a JSON object, or does not fit the documentation."""

    hint = "The first bytes of the response are in `.body`; secrets and phone numbers are masked."

    def __init__(
        self, problems: tuple[str, ...], *, status: int, body: str, operation: str | None = None
    ) -> None:
        shown = "; ".join(problems[:_MOST_PROBLEMS])
        more = f"; and {len(problems) - _MOST_PROBLEMS} more" if len(problems) > _MOST_PROBLEMS else ""
        super().__init__(f"the response (HTTP {status}) does not fit: {shown}{more}.", operation=operation)
        self.problems: Final = problems
        """One line for each mismatch, with its JSON path."""
        self.status: Final = status
        self.body: Final = body
        """The first 200 bytes, masked."""

    def __str__(self) -> str:
        return f"{super().__str__()} It began with: {self.body!r}" if self.body else super().__str__()


class MalformedResponseError(DecodeError):
    """A response that is not a JSON object: cut off, empty, or HTML."""


class ResponseTooLargeError(DecodeError):
    """A response with more bytes than *max_response_bytes* allows, unpacked; the rest was not read."""

    hint = "Ask for fewer items (`limit=`), or set max_response_bytes=... higher."


class APIError(EtelecomError):
    """
    An error response, by the codes of the Twirp protocol.

    A plain `APIError` has an unlisted code, or none: a proxy or a firewall may have answered.

    Args:
        msg: The server's text for people, often Vietnamese.
        code: The server's code; by default that of the class.
        meta: Details, for example `reason`.
        status: HTTP status.
        retry_after: Seconds that the server asks to wait.
        operation: Public name of the operation.
    """

    code: str | None = None
    """The code that the server sent; `None` if it sent none."""
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
        self._describe()

    @classmethod
    def without_code(
        cls, msg: str, *, status: int, retry_after: float | None = None, operation: str | None = None
    ) -> Self:
        """Return the error of a response that carried no code."""
        error = cls(msg, status=status, retry_after=retry_after, operation=operation)
        error.code = None
        error._describe()
        return error

    def _describe(self) -> None:
        source = "no code" if self.code is None else self.code
        details = ", ".join(f"{key}: {value}" for key, value in self.meta.items())
        self.message = f"{self.msg} ({source}, HTTP {self.status}{'; ' + details if details else ''})."


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
    """The key, or the user name and the password, are missing or not valid."""

    code = "unauthenticated"
    status = 401
    hint = (
        "Check the key (for SMS: user name, password, and that your address is on eTelecom's list). Check "
        "that it belongs to this base URL. A partner's own key needs a PartnerClient, and a shop's key a "
        "ShopClient."
    )


class PermissionDeniedError(APIError):
    """The key is not allowed to make this call."""

    code = "permission_denied"
    status = 403
    hint = (
        "`.meta` may say why. If a partner's key for a shop is refused, the shop may have removed its link: "
        "`shops.authorize(shop_id=...)` returns another key or a sign-in page."
    )


class NotFoundError(APIError):
    """There is no such object."""

    code = "not_found"
    status = 404


class BadRouteError(APIError):
    """The server does not know the path."""

    code = "bad_route"
    status = 404
    hint = "Check the base URL; it ends before `/shop` or `/partner` (for SMS: before `/api`)."


class CanceledError(APIError):
    """The server cancelled the call."""

    code = "canceled"
    status = 408


class DeadlineExceededError(APIError):
    """The server ran out of time."""

    code = "deadline_exceeded"
    status = 408


class AlreadyExistsError(APIError):
    """The object exists already."""

    code = "already_exists"
    status = 409


class AbortedError(APIError):
    """The call collided with another call on the same object."""

    code = "aborted"
    status = 409


class FailedPreconditionError(APIError):
    """Another call has to come first, for example to activate the tenant."""

    code = "failed_precondition"
    status = 412


class ResourceExhaustedError(APIError):
    """Too many calls; refused before any work."""

    code = "resource_exhausted"
    status = 429
    hint = "Send fewer calls at a time, or wait for `.retry_after` seconds."


class UnknownError(APIError):
    """The server failed for an unknown reason."""

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
    """The server does not implement the operation."""

    code = "unimplemented"
    status = 501


class UnavailableError(APIError):
    """The server is not available now."""

    code = "unavailable"
    status = 503


_BY_CODE: Final[Mapping[str | None, type[APIError]]] = {kind.code: kind for kind in APIError.__subclasses__()}


def by_code(code: str) -> type[APIError]:
    """Return the class of a Twirp code; `APIError` for an unlisted one."""
    # Some Twirp libraries spell it with an underscore.
    return _BY_CODE.get("dataloss" if code == "data_loss" else code, APIError)


class QuotaError(EtelecomError):
    """A quota or the balance is used up; nothing was executed, and a retry does not help."""

    hint = "Wait until the quota is renewed, or ask eTelecom for more; a retry does not help."


class APIQuotaError(QuotaError, ResourceExhaustedError):
    """The API refused the call because a quota is used up; the text or `.meta` names it."""


class ResultError(EtelecomError):
    """A 200 whose body says that the call failed; `.result` is the whole result."""

    def __init__(self, message: str, *, result: Any, operation: str | None = None) -> None:
        super().__init__(message, operation=operation)
        self.result: Final = result


class DeliveryError(ResultError):
    """The message, consent request or journey was refused; `.result.error_code` says why."""


class DeliveryQuotaError(QuotaError, DeliveryError):
    """The message was refused because a quota or the balance is used up."""


class LoginRequiredError(ResultError):
    """The server refused the key of a shop, and gives a new one only after the shop's owner has logged in."""

    hint = "Send the owner's browser to `.auth_url`, as after `partner.shops.connect`."

    def __init__(self, message: str, *, result: Any, shop_id: str, operation: str | None = None) -> None:
        super().__init__(message, result=result, operation=operation)
        self.shop_id: Final = shop_id

    @property
    def auth_url(self) -> Any:
        """The page on which the owner logs in: a `Secret`, because it contains a token."""
        return self.result.auth_url


class NotAppliedError(ResultError):
    """The response says `updated: 0`, which the documentation calls a failure."""

    hint = "Read the object: it may be in this state already, or the ids may not belong together."


class SmsError(ResultError):
    """
    The SMS service did not accept the message.

    A negative status is a refusal. A plain `SmsError` has an unlisted status; if it is not negative, the
    message may have been sent.
    """

    status: str = ""
    """The service's code; `1` is success."""

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


class SmsQuotaError(QuotaError, SmsError):
    """The messages that the account bought are used up."""

    status = "-3"
    hint = "Ask eTelecom's sales contact for more."


class SmsTemplateError(SmsError):
    """There is no template with this code."""

    status = "-6"
    hint = "`sms.templates.list()` lists the account's templates."


class SmsRoutingError(SmsError):
    """The template has no channel."""

    status = "-8"
    hint = "Ask eTelecom's technical staff to set up a route for the template."


class SmsChannelError(SmsError):
    """A channel of *routerule* is not set up correctly; the text names it."""

    status = "-9"
    hint = "Ask eTelecom's technical staff to set up the channel."


_SMS_BY_STATUS: Final[Mapping[str, type[SmsError]]] = {
    kind.status: kind for kind in SmsError.__subclasses__()
}


def by_sms_status(status: str) -> type[SmsError]:
    """Return the class of a code of the SMS service; `SmsError` for an unlisted one."""
    return _SMS_BY_STATUS.get(status, SmsError)


class PagingError(EtelecomError):
    """A list that cannot continue: its cursor repeats, or the checkpoint belongs to another list."""

    def __init__(self, message: str, *, cursor: str | None = None, operation: str | None = None) -> None:
        super().__init__(message, operation=operation)
        self.cursor: Final = cursor
        """The last good cursor."""


class InvalidWebhookError(EtelecomError, ValueError):
    """A webhook delivery that cannot be read. Its text shows nothing of the body."""

    def __init__(self, problems: tuple[str, ...], *, operation: str | None = None) -> None:
        super().__init__(f"the delivery cannot be read: {'; '.join(problems)}.", operation=operation)
        self.problems: Final = problems
        """One line for each problem, with its JSON path."""


class ProvisionalOperationWarning(UserWarning):
    """The operation's page could not be read: its wire name and fields are inferred."""


class UnlistedValueWarning(UserWarning):
    """The documentation does not list this value: it may be misspelt. `X.unlisted("…")` does not warn."""
