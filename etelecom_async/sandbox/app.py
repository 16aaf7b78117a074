"""
The web application: routing, authentication, handlers and responses.

Checks run in the order of a Twirp server: path, method and content type, then the key, then the body. No
operation is named here; the handlers are in `services`.
"""

from __future__ import annotations

import functools
import json
import logging
import re
from collections import Counter
from collections.abc import Sequence
from typing import Any, Final

from aiohttp import web

from etelecom_async._core.codec import requests, responses
from etelecom_async._core.operation import Effect, KeyKind, Operation
from etelecom_async.errors import APIError, BadRouteError, InternalError, UnimplementedError
from etelecom_async.operations import OPERATIONS
from etelecom_async.sandbox import uploads
from etelecom_async.sandbox.auth import authenticate, authorize
from etelecom_async.sandbox.context import Caller, Context, ListResponse, Response
from etelecom_async.sandbox.faults import FaultInjector, Target
from etelecom_async.sandbox.faults.connection import ConnectionFaults
from etelecom_async.sandbox.faults.lists import corrupt_pages
from etelecom_async.sandbox.services import HANDLERS
from etelecom_async.sandbox.services.sms import auth as sms_auth
from etelecom_async.sandbox.store.clock import Clock
from etelecom_async.sandbox.store.state import State
from etelecom_async.sandbox.web.control import Control
from etelecom_async.sandbox.web.fault_control import FaultControl
from etelecom_async.sandbox.web.pages import Pages
from etelecom_async.sandbox.web.responses import error_response, json_bytes, text_response

_LOG: Final = logging.getLogger(__name__)
# The SMS service is another host with other paths; the sandbox serves all hosts.
_PATH: Final = re.compile(r"/(?:v1/(?P<scope>shop|partner)\.|api/)(?P<wire_name>\w+/\w+)", re.ASCII)
_OPERATIONS: Final = {row.wire_name: row for row in OPERATIONS.values()}
# Larger than any body of the API. Uploads have no limit, because they are not read into memory.
_MAX_BODY_BYTES: Final = 8 * 1024 * 1024
_DRAINED_BYTES: Final = 64 * 1024


class App:
    """
    The sandbox as a web application.

    Args:
        state: The state.
        clock: The clock.
        faults: The active faults.
        sms_whitelist: Networks that may call the SMS service; `None` for all.
    """

    def __init__(
        self,
        state: State,
        clock: Clock,
        faults: FaultInjector,
        *,
        sms_whitelist: Sequence[sms_auth.IPNetwork] | None = None,
    ) -> None:
        self._state: Final = state
        self._clock: Final = clock
        self.faults: Final = faults
        """The active faults."""
        self._connection_faults: Final = ConnectionFaults()
        self._sms_whitelist: Final = sms_whitelist
        self.requests: Final = Counter[str]()
        """Number of requests by public name of the operation, rejected requests included."""
        self.processed: Final = Counter[str]()
        """Number of executed calls by public name, whether or not the response arrived."""
        self.web: Final = web.Application(client_max_size=_MAX_BODY_BYTES)
        self.web.add_routes(
            [
                *Pages(state, clock, self.requests).routes(),
                *Control(state, clock, self.requests, self.processed).routes(),
                *FaultControl(faults).routes(),
                # The pattern matches a line break too.
                web.route("*", "/{path:(?s:.*)}", self._handle),
            ]
        )
        self.web.on_shutdown.append(self._close)

    async def _close(self, _: web.Application) -> None:
        self._connection_faults.close()

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        try:
            operation, scope = _route(request)
        except APIError as error:
            return await _drain(request, error_response(error))
        self.requests[operation.name] += 1
        respond = functools.partial(self._respond, request, operation, scope)
        injection = self.faults.match(Target.CALL, operation.name) if self.faults else None
        if injection is None:
            return await respond()
        if not injection.is_processed:
            respond = functools.partial(_drain, request, web.Response())
        return await self._connection_faults.inject(injection, request, respond)

    async def _respond(
        self, request: web.Request, operation: Operation[Any, Any], scope: str
    ) -> web.Response:
        try:
            response = json_bytes(200, await self._execute(request, operation, scope))
        except APIError as error:
            response = error_response(error)
        except sms_auth.TextRejectionError as error:
            response = text_response(error.status, error.text)
        except web.HTTPException:
            raise
        except Exception:  # noqa: BLE001 - a server responds to every failure; the log has the traceback
            _LOG.exception("The sandbox could not respond to %s", request.path)
            response = error_response(InternalError("the sandbox failed; its log says why"))
        else:
            self.processed[operation.name] += 1
            return response
        return await _drain(request, response)

    async def _execute(self, request: web.Request, operation: Operation[Any, Any], scope: str) -> bytes:
        if operation.name not in HANDLERS:
            raise UnimplementedError(f"the sandbox does not support {operation.wire_name} yet")
        body = b"" if operation.multipart else await request.read()
        if KeyKind.USERNAME_PASSWORD in operation.callers:
            arguments: Any = sms_auth.read_fields(body)
            caller = sms_auth.authenticate(self._state, arguments, request.remote, self._sms_whitelist)
        else:
            caller = authenticate(self._state, request.headers.get("Authorization"))
            authorize(caller, scope, operation)
            if operation.multipart:
                arguments = await uploads.receive(request)
            else:
                arguments = requests.decode(operation, body)
        return self._run_handler(operation, caller, f"{request.scheme}://{request.host}", arguments)

    def _run_handler(
        self, operation: Operation[Any, Any], caller: Caller, origin: str, arguments: object
    ) -> bytes:
        context = Context(state=self._state, caller=caller, now=self._clock.apply_due(), origin=origin)
        handler = HANDLERS[operation.name]
        if self.faults:
            handler = corrupt_pages(handler, operation.name, self.faults)
        if operation.effect is Effect.READ:
            return _encode(handler(context, arguments))
        with self._state.transaction():
            return _encode(handler(context, arguments))


def _route(request: web.Request) -> tuple[Operation[Any, Any], str]:
    """
    Return the operation of a request, and the scope of its base URL.

    Raises:
        BadRouteError: The path has no operation, or the method or the content type is wrong.
    """
    found = _PATH.fullmatch(request.path)
    operation = _OPERATIONS.get(found["wire_name"]) if found else None
    if not (found and operation and _is_on_host(operation, found["scope"])):
        raise BadRouteError(f"no handler for path {json.dumps(request.path)}")
    if request.method != "POST":
        raise BadRouteError(f"unsupported method {json.dumps(request.method)} (only POST is allowed)")
    content_type = request.headers.get("Content-Type", "")
    wanted = uploads.CONTENT_TYPE if operation.multipart else "application/json"
    # Some samples of the SMS service have no content type, so none is checked.
    if found["scope"] and content_type.partition(";")[0].strip().lower() != wanted:
        raise BadRouteError(f"unexpected Content-Type: {json.dumps(content_type)}")
    return operation, found["scope"] or ""


async def _drain(request: web.Request, response: web.Response) -> web.Response:
    """Read the rest of the body, because a caller may not read before it has sent all; return *response*."""
    async for _ in request.content.iter_chunked(_DRAINED_BYTES):
        pass
    return response


def _is_on_host(operation: Operation[Any, Any], scope: str | None) -> bool:
    """Return whether an operation belongs to the host of the path: the SMS service or the API."""
    return (KeyKind.USERNAME_PASSWORD in operation.callers) == (scope is None)


def _encode(response: Response) -> bytes:
    if not isinstance(response, ListResponse):
        return responses.encode(response)
    end = b"}" if response.paging is None else b',"paging":' + responses.encode(response.paging) + b"}"
    return f'{{"{response.items}":[{",".join(response.docs)}]'.encode() + end
