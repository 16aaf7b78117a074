"""Scripted replies: the client of a test gets its responses from a list, and nothing is sent."""

from __future__ import annotations

import asyncio
import inspect
import json
import math
from collections.abc import Callable
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Final, cast
from urllib.parse import urlsplit

import attrs

from etelecom_async._core.attachment import Form
from etelecom_async._core.calls.engine import Engine
from etelecom_async._core.http.messages import HttpRequest, HttpResponse
from etelecom_async._core.operation import KeyKind, is_wire_name
from etelecom_async._core.suggestions import did_you_mean
from etelecom_async._core.values import kind_of
from etelecom_async.operations import OPERATIONS
from etelecom_async.sandbox import Requests
from etelecom_async.sandbox.journal import Entry, Journal
from etelecom_async.sandbox.sender import Sender
from etelecom_async.testing.diversion import Diversion
from etelecom_async.testing.driven_clock import DrivenClock
from etelecom_async.testing.replies import Reply, check, late, row_of
from etelecom_async.testing.responder import RespondingTransport
from etelecom_async.testing.script_errors import ReplyError, ScriptError

_HOST: Final = "https://api.etelecom.invalid"
"""No machine has this name, so a client that does not use the script reaches nothing."""


@attrs.define(eq=False)
class _Planned:
    """Replies to the calls of one operation."""

    operation: str
    make: Callable[[HttpRequest], Reply]
    left: int | None
    """Number of calls that still get it; `None` for any number."""
    seconds: float


class ScriptedTransport(Diversion):
    """
    Gives the clients of a test the replies of a script, without a server.

    It replaces only the connections. Requests are checked and encoded, retries, limits and pauses apply, and
    responses are decoded, as in production. Waits take no time: they follow `clock`. A call without a reply
    raises `ScriptError`, and so does the end of the `with` if a reply was not used.

        with ScriptedTransport() as script:
            script.reply("shop.zns.messages.send", {"msg_id": "m1"})
            async with ShopClient(script.shop_key) as shop:
                ...
            (body,) = script.sent("shop.zns.messages.send")

    Args:
        in_order: Whether the calls must come in the order of all replies. By default only the replies of one
            operation have an order.
        clock: The clock that the clients follow. Default: a new one.
    """

    base_url: Final = f"{_HOST}/v1"
    """The `base_url` of the clients."""
    sms_base_url: Final = _HOST
    """The `base_url` of the SMS client."""
    partner_api_key: Final = "1234567890123456780:script-partner"
    """A key for `PartnerClient`."""
    shop_api_key: Final = "1234567890123456781:script-shop"
    """A shop's own key, for `ShopClient`."""
    shop_key: Final = "shop1234567890123456781:script-shop"
    """A partner's key for the shop, for `ShopClient` and `for_shop`."""
    sms_username: Final = "script-user"
    """A user name for `SmsClient`."""
    sms_password: Final = "script-password"  # noqa: S105 - no server accepts it
    """A password for `SmsClient`."""

    def __init__(self, *, in_order: bool = False, clock: DrivenClock | None = None) -> None:
        super().__init__()
        self.clock: Final = clock or DrivenClock()
        """The clock of the clients."""
        self._in_order: Final = in_order
        self._planned: list[_Planned] = []
        self._journal: Final = Journal()
        self._sent: list[tuple[str, Any]] = []
        self._refused: list[str] = []

    def environment(self) -> dict[str, str]:
        """Return the environment variables for clients without arguments, as `Sandbox.environment` does."""
        names = (
            "base_url",
            "sms_base_url",
            "partner_api_key",
            "shop_api_key",
            "sms_username",
            "sms_password",
        )
        return {f"ETELECOM_{name.upper()}": str(getattr(self, name)) for name in (*names, "shop_key")}

    def reply(
        self,
        operation: str,
        *replies: Callable[[Any], object] | object,
        times: int | None = 1,
        seconds: float = 0.0,
    ) -> None:
        """
        Add replies to the next calls of an operation.

        Args:
            operation: Public name, for example `shop.users.create`, or the name on the wire for
                `client.call`.
            *replies: A result for each call, as a model or a mapping; for a list its items, or a `Page`. An
                `APIError`, the status of an error, a `Fault`, a `ConnectError` or a `ResponseLostError` lets
                the call fail. A `RawResponse` is sent unchanged. A function takes the JSON of the request,
                and returns one of these.
            times: Number of calls that get each reply; `None` for any number, also none.
            seconds: Seconds on the clock from the request to the reply.

        Raises:
            ReplyError: There is no such operation, or a reply is not what the API could send.
        """
        _check_name(operation)
        if times is not None and (type(times) is not int or times < 1):
            raise ReplyError(f"times is {times!r}, not 1 or more, or None for any number")
        if not seconds >= 0:
            raise ReplyError(f"seconds is {seconds!r}, not 0 or more")
        if not replies:
            raise ReplyError(f"reply({operation!r}, ...) has no reply")
        for given in replies:
            self._planned.append(_Planned(operation, _maker(operation, given), times, seconds))

    @property
    def requests(self) -> Requests:
        """Return the requests of the clients, oldest first, with secrets and phone numbers masked."""
        return self._journal.requests()

    def sent(self, operation: str) -> list[Any]:
        """
        Return the JSON of each request of an operation as it was sent, unmasked.

        An upload has its fields, and for each file its name and its media type.

        Args:
            operation: Public name, or the name on the wire, as in `reply`.

        Raises:
            ReplyError: There is no such operation.
        """
        _check_name(operation)
        return [body for name, body in self._sent if operation in _names_of(name)]

    def check(self) -> None:
        """
        Raise an error if a call got no reply, or a reply was not used; the end of the `with` does the same.

        Raises:
            ScriptError: It names the calls and the replies.
        """
        problems = [f"no reply for {name}" for name in self._refused]
        problems += [f"{plan.left} unused for {plan.operation}" for plan in self._planned if plan.left]
        if problems:
            raise ScriptError(f"the calls do not fit the script: {', '.join(problems)}")

    def forgive(self) -> None:
        """Do not complain at the end: the test has failed for another reason."""
        self._refused.clear()
        self._planned.clear()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        super().__exit__(kind, error, trace)
        if kind is None:
            self.check()

    def changed(self, engine: Engine) -> Engine:
        """Return *engine* with the replies of the script, and with its clock."""
        return attrs.evolve(self.clock.changed(engine), transport=RespondingTransport(self._respond))

    async def _respond(self, request: HttpRequest, seconds: float) -> HttpResponse:
        await asyncio.sleep(0)  # as over a connection, other tasks run meanwhile
        entry = self._record(request)
        plan = self._take(request.operation)
        reply = plan.make(request)
        failure = reply.failure
        if reply.is_late or plan.seconds >= seconds:
            failure = late
            if seconds == math.inf:
                self._refused.append(request.operation)
                raise ScriptError(f"{request.operation} has no time limit, so it would wait forever")
        await self._pass(seconds if failure is late else plan.seconds)
        entry.is_executed, entry.faults, entry.status = reply.is_executed, reply.faults, reply.status
        if failure is not None:
            raise failure(seconds)
        assert reply.response is not None  # noqa: S101 - a reply without a failure has a response
        entry.status = reply.response.status
        return reply.response

    async def _pass(self, seconds: float) -> None:
        if seconds:
            await self.clock.sleep(seconds)

    def _record(self, request: HttpRequest) -> Entry:
        name, path = request.operation, urlsplit(request.url).path
        sender = Sender.of_head(request.headers)
        row = row_of(name)
        entry = self._journal.add(None if row is None else row.name, path, sender, datetime.now(UTC))
        entry.key_kind = _kind_of_key(path, sender.key)
        body = body_of(request)
        entry.keep_body(body if isinstance(request.body, Form) else request.body)
        self._sent.append((name, body))
        return entry

    def _take(self, name: str) -> _Planned:
        """Return the reply to a call, and count it as used."""
        names = _names_of(name)
        left = [plan for plan in self._planned if plan.left != 0]
        if self._in_order:
            # A reply for any number of calls ends with the first other call.
            while len(left) > 1 and left[0].left is None and left[0].operation not in names:
                left.pop(0).left = 0
            left = left[:1]
        for plan in left:
            if plan.operation in names:
                plan.left = None if plan.left is None else plan.left - 1
                return plan
        self._refused.append(name)
        raise ScriptError(self._text_of_refusal(name, names, left))

    def _text_of_refusal(self, name: str, names: set[str], left: list[_Planned]) -> str:
        used = sum(plan.operation in names for plan in self._planned)
        text = f"the script has no reply for {name}"
        if self._in_order and left:
            return f"{text}: the next reply is for {left[0].operation}"
        if used:
            return f"{text}: its replies are used up; add one with script.reply({name!r}, ...)"
        others = ", ".join(dict.fromkeys(plan.operation for plan in left))
        return f"{text}: add one with script.reply({name!r}, ...)" + (
            f". There are replies for {others}" if others else ""
        )


def _check_name(operation: str) -> None:
    """Refuse a text that names no operation."""
    if not isinstance(cast("object", operation), str):
        raise ReplyError(f"a script takes the name of an operation, not {kind_of(operation)}")
    if row_of(operation) is None and not is_wire_name(operation):
        known = did_you_mean(operation, OPERATIONS)
        raise ReplyError(f"{operation!r} is not the public name of an operation{known}")


def _names_of(operation: str) -> set[str]:
    """Return the names with which a test may mean the operation of a request: public, and on the wire."""
    row = row_of(operation)
    return {operation} if row is None else {operation, row.name, row.wire_name}


def _kind_of_key(path: str, key: str | None) -> KeyKind:
    """Return the kind of the key of a request; the client has checked its form."""
    if key is None:
        return KeyKind.USERNAME_PASSWORD
    if f"/{KeyKind.SHOP_API_KEY.scope}." in path:
        return KeyKind.SHOP_API_KEY
    return KeyKind.PARTNER_SHOP_KEY if key.startswith("shop") else KeyKind.PARTNER_API_KEY


def body_of(request: HttpRequest) -> Any:
    """Return the JSON of a request, or the fields and the names of the files of an upload."""
    if isinstance(request.body, Form):
        files = {name: f"{file.name} ({file.content_type})" for name, file in request.body.files}
        return {**dict(request.body.fields), **files}
    return json.loads(request.body or b"{}")


def _maker(operation: str, given: object) -> Callable[[HttpRequest], Reply]:
    """Return a function that makes the reply to a request; a reply that is no function is checked now."""
    row = row_of(operation)
    if isinstance(given, type):
        raise ReplyError(f"a reply is an object, not the class {given.__name__}: add its arguments")
    if inspect.iscoroutinefunction(given):
        raise ReplyError("a reply takes a usual function, not a coroutine function")
    if callable(given):
        make = cast("Callable[[Any], object]", given)
        return lambda request: check(row, make(body_of(request)))
    reply = check(row, given)
    return lambda _: reply
