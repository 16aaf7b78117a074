"""
The API's HTTP side: finds the row of a request, lets the caller in, runs the handler, writes the answer.

Refusals come in the order in which a Twirp server finds them: path, method and content type, then the key,
then the body. The room knows no operation by name; what each does is in `handlers`.
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
from etelecom_async.sandbox import answers, sms_host, uploads
from etelecom_async.sandbox.call import Answer, Call, Caller, ListAnswer
from etelecom_async.sandbox.clock import Clock
from etelecom_async.sandbox.control import Control
from etelecom_async.sandbox.faults import FaultInjector, Target
from etelecom_async.sandbox.faults.connection import ConnectionFaults
from etelecom_async.sandbox.faults.control import FaultControl
from etelecom_async.sandbox.faults.lists import corrupt_pages
from etelecom_async.sandbox.handlers import HANDLERS
from etelecom_async.sandbox.keys import identify, permit
from etelecom_async.sandbox.pages import Pages
from etelecom_async.sandbox.state import State

_LOG: Final = logging.getLogger(__name__)
# The SMS service is another host with another form; the sandbox is all hosts at once.
_PATH: Final = re.compile(r"/(?:v1/(?P<scope>shop|partner)\.|api/)(?P<wire_name>\w+/\w+)", re.ASCII)
_ROWS: Final = {row.wire_name: row for row in OPERATIONS.values()}
# Larger than any body that the API takes but an upload, which is not read into memory.
_GREATEST_BODY: Final = 8 * 1024 * 1024
_DRAINED_BYTES: Final = 64 * 1024


class App:
    """
    The sandbox as a web application.

    Args:
        state: What it answers from.
        clock: Its time.
        faults: What goes wrong on purpose.
        sms_whitelist: The addresses that may call the SMS service; `None` for all.
    """

    def __init__(
        self,
        state: State,
        clock: Clock,
        faults: FaultInjector,
        *,
        sms_whitelist: Sequence[sms_host.Network] | None = None,
    ) -> None:
        self._state: Final = state
        self._clock: Final = clock
        self.faults: Final = faults
        """What goes wrong on purpose."""
        self._connection_faults: Final = ConnectionFaults()
        self._sms_whitelist: Final = sms_whitelist
        self.requests: Final = Counter[str]()
        """How often each operation was asked for, by public name; refused requests count too."""
        self.processed: Final = Counter[str]()
        """How often each operation was done, whatever became of the answer."""
        self.web: Final = web.Application(client_max_size=_GREATEST_BODY)
        self.web.add_routes(
            [
                *Pages(state, clock, self.requests).routes(),
                *Control(state, clock, self.requests, self.processed).routes(),
                *FaultControl(faults).routes(),
                # A line break too is a path that the service does not have.
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
            return await _drain(request, answers.refusal(error))
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
            answer = answers.json_bytes(200, await self._answer(request, operation, scope))
        except APIError as error:
            answer = answers.refusal(error)
        except sms_host.TextRefusalError as error:
            answer = answers.text(error.status, error.text)
        except web.HTTPException:
            raise
        except Exception:  # noqa: BLE001 - a server answers whatever happens to it; the log tells
            _LOG.exception("The sandbox could not answer %s", request.path)
            answer = answers.refusal(InternalError("the sandbox failed; its log says why"))
        else:
            self.processed[operation.name] += 1
            return answer
        return await _drain(request, answer)

    async def _answer(self, request: web.Request, operation: Operation[Any, Any], scope: str) -> bytes:
        if operation.name not in HANDLERS:
            raise UnimplementedError(f"the sandbox does not do {operation.wire_name} yet")
        body = b"" if operation.multipart else await request.read()
        if KeyKind.USERNAME_PASSWORD in operation.callers:
            arguments: Any = sms_host.read_fields(body)
            caller = sms_host.admit(self._state, arguments, request.remote, self._sms_whitelist)
        else:
            caller = identify(self._state, request.headers.get("Authorization"))
            permit(caller, scope, operation)
            if operation.multipart:
                arguments = await uploads.receive(request)
            else:
                arguments = requests.decode(operation, body)
        return self._run(operation, caller, f"{request.scheme}://{request.host}", arguments)

    def _run(self, operation: Operation[Any, Any], caller: Caller, origin: str, arguments: object) -> bytes:
        call = Call(state=self._state, caller=caller, now=self._clock.apply_due(), origin=origin)
        handler = HANDLERS[operation.name]
        if self.faults:
            handler = corrupt_pages(handler, operation.name, self.faults)
        if operation.effect is Effect.READ:
            return _encode(handler(call, arguments))
        with self._state.transaction():
            return _encode(handler(call, arguments))


def _route(request: web.Request) -> tuple[Operation[Any, Any], str]:
    """
    Return the row that a request is for, and the base on which it came.

    Raises:
        BadRouteError: There is none, or it is not asked for as the protocol wants.
    """
    found = _PATH.fullmatch(request.path)
    operation = _ROWS.get(found["wire_name"]) if found else None
    if not (found and operation and _is_at_home(operation, found["scope"])):
        raise BadRouteError(f"no handler for path {json.dumps(request.path)}")
    if request.method != "POST":
        raise BadRouteError(f"unsupported method {json.dumps(request.method)} (only POST is allowed)")
    content_type = request.headers.get("Content-Type", "")
    wanted = uploads.CONTENT_TYPE if operation.multipart else "application/json"
    # The SMS service's own samples do not all say what they send.
    if found["scope"] and content_type.partition(";")[0].strip().lower() != wanted:
        raise BadRouteError(f"unexpected Content-Type: {json.dumps(content_type)}")
    return operation, found["scope"] or ""


async def _drain(request: web.Request, answer: web.Response) -> web.Response:
    """Read the rest of the body, because a caller that still sends does not read; return *answer*."""
    async for _ in request.content.iter_chunked(_DRAINED_BYTES):
        pass
    return answer


def _is_at_home(operation: Operation[Any, Any], scope: str | None) -> bool:
    """Tell the SMS service's paths from the others."""
    return (KeyKind.USERNAME_PASSWORD in operation.callers) == (scope is None)


def _encode(answer: Answer) -> bytes:
    if not isinstance(answer, ListAnswer):
        return responses.encode(answer)
    end = b"}" if answer.paging is None else b',"paging":' + responses.encode(answer.paging) + b"}"
    return f'{{"{answer.items}":[{",".join(answer.docs)}]'.encode() + end
