"""
The web application: routing, authentication, handlers and responses.

`web.access` rejects requests of web pages first. The other checks run in the order of a Twirp server: path,
method and content type, then the key, then the body. No operation is named here; the handlers are in
`services`.
"""

from __future__ import annotations

import functools
import json
import logging
import re
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any, Final

import attrs
from aiohttp import web
from aiohttp.typedefs import Handler

from etelecom_async._core.codec import requests, responses
from etelecom_async._core.operation import Effect, KeyKind, Operation
from etelecom_async.errors import (
    APIError,
    BadRouteError,
    InternalError,
    MalformedError,
    UnimplementedError,
)
from etelecom_async.operations import OPERATIONS
from etelecom_async.sandbox import leniency, uploads
from etelecom_async.sandbox.auth import authenticate, authorize
from etelecom_async.sandbox.context import Caller, Context, ListResponse, Response
from etelecom_async.sandbox.deliveries import Dispatcher
from etelecom_async.sandbox.faults import FaultInjector, Target
from etelecom_async.sandbox.faults.connection import ConnectionFaults
from etelecom_async.sandbox.faults.injector import Injection
from etelecom_async.sandbox.faults.late import LateCalls
from etelecom_async.sandbox.faults.lists import corrupt_pages
from etelecom_async.sandbox.journal import Entry, Journal
from etelecom_async.sandbox.records import RecordBook
from etelecom_async.sandbox.rules import DEFAULTS, Rules
from etelecom_async.sandbox.sender import Sender
from etelecom_async.sandbox.services import HANDLERS
from etelecom_async.sandbox.services.sms import auth as sms_auth
from etelecom_async.sandbox.snapshots import Snapshots
from etelecom_async.sandbox.store.clock import Clock
from etelecom_async.sandbox.store.state import State, describe_storage_failure
from etelecom_async.sandbox.web import bodies
from etelecom_async.sandbox.web.access import AccessControl, add_headers, media_type
from etelecom_async.sandbox.web.control import Control
from etelecom_async.sandbox.web.delivery_control import DeliveryControl
from etelecom_async.sandbox.web.fault_control import FaultControl
from etelecom_async.sandbox.web.heads import FirstHeads
from etelecom_async.sandbox.web.journal_control import JournalControl
from etelecom_async.sandbox.web.pages import Pages
from etelecom_async.sandbox.web.record_control import RecordControl
from etelecom_async.sandbox.web.responses import error_response, json_bytes, text_response
from etelecom_async.sandbox.web.snapshot_control import SnapshotControl

_LOG: Final = logging.getLogger(__name__)
# The SMS service is another host with other paths; the sandbox serves all hosts.
_PATH: Final = re.compile(r"/(?:v1/(?P<scope>shop|partner)\.|api/)(?P<wire_name>\w+/\w+)", re.ASCII)
_OPERATIONS: Final = {row.wire_name: row.as_served() for row in OPERATIONS.values() if row.form_of is None}
# Larger than any body of the API. `uploads` has the limit of uploads, which are not read into memory.
_MAX_BODY_BYTES: Final = 8 * 1024 * 1024
# The body is too large or cannot be decoded, or the caller has closed the connection.
_CALLERS_FAULTS: Final = (web.HTTPException, web.RequestPayloadError, ConnectionError)


_ENTRY: Final = web.RequestKey("entry", Entry)
"""The place of the journal's entry in a request."""


@attrs.frozen
class _Call:
    """A call that was read and may be executed."""

    entry: Entry
    operation: Operation[Any, Any]
    caller: Caller
    origin: str
    arguments: Any


class App:
    """
    The sandbox as a web application.

    Args:
        state: The state.
        clock: The clock.
        faults: The active faults.
        access: Rejects requests of web pages.
        dispatcher: Delivers events.
        sms_whitelist: Networks that may call the SMS service; `None` for all.
        allow_duplicates: Whether a number may be used again for another record.
        strict: Whether the documented form of a request is the only one.
        rules: The rules that the documentation leaves open.
    """

    def __init__(
        self,
        state: State,
        clock: Clock,
        faults: FaultInjector,
        access: AccessControl,
        dispatcher: Dispatcher,
        *,
        sms_whitelist: Sequence[sms_auth.IPNetwork] | None = None,
        allow_duplicates: bool = False,
        strict: bool = False,
        rules: Rules = DEFAULTS,
    ) -> None:
        self._state: Final = state
        self._clock: Final = clock
        self.faults: Final = faults
        """The active faults."""
        self.records: Final = RecordBook(state, clock, rules=rules, allow_duplicates=allow_duplicates)
        """The records, which tests add and change."""
        self.late_calls: Final = LateCalls(clock)
        """The calls that faults postponed."""
        self.first_heads: Final = FirstHeads()
        """The connections that have sent no request yet."""
        self._connection_faults: Final = ConnectionFaults()
        self._allow_duplicates: Final = allow_duplicates
        self._strict: Final = strict
        self._sms_whitelist: Final = sms_whitelist
        self._rules: Final = rules
        self.journal: Final = Journal()
        """The requests that arrived."""
        self.dispatcher: Final = dispatcher
        """Delivers events."""
        self.snapshots: Final = Snapshots(
            state,
            clock,
            late_calls=self.late_calls,
            faults=faults,
            journal=self.journal,
            dispatcher=dispatcher,
        )
        """Takes and restores snapshots."""

        @web.middleware
        async def execute_due(request: web.Request, handler: Handler) -> web.StreamResponse:
            self.late_calls.execute_due()
            return await handler(request)

        self.web: Final = web.Application(
            client_max_size=_MAX_BODY_BYTES,
            middlewares=[
                self.first_heads.middleware(),
                access.middleware(),
                _respond_to_failures,
                execute_due,
            ],
        )
        self.web.on_response_prepare.extend([add_headers, _record_status])
        self.web.add_routes(
            [
                *Pages(state, clock, self.journal, dispatcher.log).routes(),
                *Control(state, clock, rules).routes(),
                *JournalControl(self.journal).routes(),
                *SnapshotControl(self.snapshots).routes(),
                *FaultControl(faults).routes(),
                *DeliveryControl(state, dispatcher).routes(),
                *RecordControl(self.records).routes(),
                # The pattern matches a line break too.
                web.route("*", "/{path:(?s:.*)}", self._handle),
            ]
        )
        self.web.on_shutdown.extend([self._close, self.first_heads.stop])

    async def _close(self, _: web.Application) -> None:
        self._connection_faults.close()

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        sender = Sender.of_head(request.headers)
        try:
            operation, scope = _route(request, strict=self._strict)
        except APIError as error:
            request[_ENTRY] = self.journal.add(None, request.path, sender, self._clock.now())
            return await bodies.drain(request, error_response(error))
        entry = self.journal.add(operation.name, request.path, sender, self._clock.now())
        request[_ENTRY] = entry
        respond = functools.partial(self._respond, request, operation, scope, entry)
        injection = self.faults.match(Target.CALL, operation.name, sender) if self.faults else None
        if injection is None:
            return await respond()
        entry.add_fault(injection.kind)
        if injection.late_seconds is not None:
            return await self._postpone(request, operation, scope, entry, injection)
        if not injection.is_processed:
            respond = functools.partial(self._skip, request, entry)
        return await self._connection_faults.inject(injection, request, respond)

    async def _skip(self, request: web.Request, entry: Entry) -> web.Response:
        """Read a call without executing it; return a response that is not sent."""
        with suppress(APIError):
            entry.key_kind = authenticate(self._state, request.headers.get("Authorization")).kind
        return await bodies.drain(request, web.Response(), entry.add_to_body)

    async def _postpone(
        self,
        request: web.Request,
        operation: Operation[Any, Any],
        scope: str,
        entry: Entry,
        injection: Injection,
    ) -> web.StreamResponse:
        """Respond with a fault, and schedule the call."""
        calls: list[_Call] = []
        restores = self.snapshots.restores

        async def read() -> web.Response:
            try:
                calls.append(await self._read(request, operation, scope, entry))
            except (APIError, sms_auth.TextRejectionError):
                # The service will reject it, when the caller no longer listens.
                return await bodies.drain(request, web.Response())
            return web.Response()

        response = await self._connection_faults.inject(injection, request, read)
        for call in calls if self.snapshots.restores == restores else ():
            self.late_calls.schedule(injection.late_seconds or 0, functools.partial(self._execute_late, call))
        return response

    def _execute_late(self, call: _Call, now: datetime) -> None:
        try:
            self._execute(call, now)
        except (APIError, sms_auth.TextRejectionError):
            pass
        except Exception as error:  # noqa: BLE001 - the next request is another one; the log has the failure
            _log_failure(f"execute a late {call.operation.name}", error)
        else:
            self.journal.add_execution(call.entry)

    async def _respond(
        self, request: web.Request, operation: Operation[Any, Any], scope: str, entry: Entry
    ) -> web.Response:
        restores = self.snapshots.restores
        try:
            call = await self._read(request, operation, scope, entry)
            self.snapshots.check_no_restore_since(restores)
            response = json_bytes(200, self._execute(call))
        except APIError as error:
            response = error_response(error)
        except sms_auth.TextRejectionError as error:
            response = text_response(error.status, error.text)
        except _CALLERS_FAULTS:
            raise
        except Exception as error:  # noqa: BLE001 - a server responds to every failure
            response = _failure_response(request, error)
        else:
            self.journal.add_execution(entry)
            return response
        return await bodies.drain(request, response)

    async def _read(
        self, request: web.Request, operation: Operation[Any, Any], scope: str, entry: Entry
    ) -> _Call:
        if operation.name not in HANDLERS:
            raise UnimplementedError(f"the sandbox does not support {operation.wire_name} yet")
        body = b"" if operation.multipart else await bodies.read(request)
        entry.keep_body(body)
        if KeyKind.USERNAME_PASSWORD in operation.callers:
            raw = sms_auth.read_fields(body)
            arguments: Any = leniency.sms_fields(operation, raw, strict=self._strict)
            caller = sms_auth.authenticate(self._state, arguments, request.remote, self._sms_whitelist)
            entry.key_kind = caller.kind
        else:
            caller = authenticate(self._state, request.headers.get("Authorization"))
            entry.key_kind = caller.kind
            authorize(caller, scope, operation)
            if operation.multipart:
                arguments = await uploads.receive(request)
                entry.keep_body(attrs.asdict(arguments))
            else:
                arguments = self._decode(operation, body)
        return _Call(entry, operation, caller, f"{request.scheme}://{request.host}", arguments)

    def _decode(self, operation: Operation[Any, Any], body: bytes) -> Any:
        raw = requests.read_object(body)
        if self._strict:
            leniency.require_values(raw)
        else:
            raw = leniency.relax(operation, raw)
        return requests.structure(operation, raw)

    def _execute(self, call: _Call, now: datetime | None = None) -> bytes:
        context = Context(
            state=self._state,
            caller=call.caller,
            now=self._clock.apply_due(now),
            origin=call.origin,
            allow_duplicates=self._allow_duplicates,
            strict=self._strict,
            rules=self._rules.of(call.operation.name),
        )
        handler = HANDLERS[call.operation.name]
        if self.faults:
            record = call.entry.add_fault
            handler = corrupt_pages(handler, call.operation.name, self.faults, call.entry.sender, record)
        if call.operation.effect is Effect.READ:
            return _encode(handler(context, call.arguments))
        with self._state.transaction():
            return _encode(handler(context, call.arguments))


def _route(request: web.Request, *, strict: bool) -> tuple[Operation[Any, Any], str]:
    """
    Return the operation of a request, and the scope of its base URL.

    Raises:
        BadRouteError: The path has no operation, or the method or the content type is wrong.
    """
    found = _PATH.fullmatch(request.path)
    wire_name = found["wire_name"] if found else ""
    operation = _OPERATIONS.get(wire_name if strict else leniency.respell(wire_name))
    if not (found and operation and _is_on_host(operation, found["scope"])):
        raise BadRouteError(f"no handler for path {json.dumps(request.path)}")
    if request.method != "POST":
        raise BadRouteError(f"unsupported method {json.dumps(request.method)} (only POST is allowed)")
    # Some samples of the SMS service have no content type, so none is checked.
    wanted = uploads.CONTENT_TYPE if operation.multipart else "application/json"
    if found["scope"] and media_type(request) != wanted:
        content_type = json.dumps(request.headers.get("Content-Type", ""))
        raise BadRouteError(f"unexpected Content-Type: {content_type}")
    return operation, found["scope"] or ""


async def _record_status(request: web.Request, response: web.StreamResponse) -> None:
    """Record the status of a response whose head is about to be sent."""
    entry = request.get(_ENTRY)
    transport = request.transport
    # aiohttp prepares a response to a connection that was reset, too.
    if entry is not None and transport is not None and not transport.is_closing():
        entry.status = response.status


@web.middleware
async def _respond_to_failures(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except web.RequestPayloadError:
        response = error_response(MalformedError("the body is not in the encoding that its headers name"))
        response.force_close()
        return response
    except ConnectionError:
        # The caller has closed the connection, so nothing is sent.
        return web.Response()
    except web.HTTPException:
        raise
    except Exception as error:  # noqa: BLE001 - a server responds to every failure
        return _failure_response(request, error)


def _failure_response(request: web.Request, error: Exception) -> web.Response:
    """Log a failure of the sandbox, and return the response to the request."""
    _log_failure(f"respond to {request.path!r}", error)
    problem = describe_storage_failure(error) or "its log says why"
    return error_response(InternalError(f"the sandbox failed: {problem}"))


def _log_failure(task: str, error: Exception) -> None:
    """Log a failure: one line for the disk and the file of the state, and the traceback for an error here."""
    if problem := describe_storage_failure(error):
        _LOG.error("The sandbox could not %s: %s", task, problem)
    else:
        _LOG.error("The sandbox could not %s", task, exc_info=error)


def _is_on_host(operation: Operation[Any, Any], scope: str | None) -> bool:
    """Return whether an operation belongs to the host of the path: the SMS service or the API."""
    return (KeyKind.USERNAME_PASSWORD in operation.callers) == (scope is None)


def _encode(response: Response) -> bytes:
    if not isinstance(response, ListResponse):
        return responses.encode(response)
    end = b"}" if response.paging is None else b',"paging":' + responses.encode(response.paging) + b"}"
    return f'{{"{response.items}":[{",".join(response.docs)}]'.encode() + end
