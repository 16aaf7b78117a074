"""
The HTTP side: finds the row of a request, lets the right callers in, runs the handler, writes the answer.

Refusals come in the order in which a Twirp server finds them: path, method and content type, then the key,
then the body. The room knows no operation by name; what each does is in `handlers`.
"""

from __future__ import annotations

import json
import logging
import re
from collections import Counter
from typing import Any, Final

from aiohttp import web

from etelecom_async._core import wire
from etelecom_async._core.operation import Effect, KeyKind, Operation
from etelecom_async.errors import APIError, BadRouteError, InternalError, NotFoundError, UnimplementedError
from etelecom_async.operations import OPERATIONS
from etelecom_async.sandbox import console, recordings
from etelecom_async.sandbox.arguments import read_id
from etelecom_async.sandbox.call import Answer, Call, ListAnswer
from etelecom_async.sandbox.handlers import HANDLERS
from etelecom_async.sandbox.handlers.account import SIGN_IN_PATH, sign_in, unlink
from etelecom_async.sandbox.keys import identify, permit
from etelecom_async.sandbox.state import State, now
from etelecom_async.sandbox.times import micros

_LOG: Final = logging.getLogger(__name__)
# The SMS service is another host with another form; the sandbox is all hosts at once.
_PATH: Final = re.compile(r"/(?:v1/(?P<scope>shop|partner)\.|api/)(?P<wire_name>\w+/\w+)", re.ASCII)
_ROWS: Final = {row.wire_name: row for row in OPERATIONS.values()}
# Larger than any body that the API takes but an upload.
_GREATEST_BODY: Final = 8 * 1024 * 1024


class App:
    """
    The sandbox as a web application.

    Args:
        state: What it answers from.
    """

    def __init__(self, state: State) -> None:
        self._state: Final = state
        self.requests: Final = Counter[str]()
        """How often each operation was asked for, by public name; refused requests count too."""
        self.web: Final = web.Application(client_max_size=_GREATEST_BODY)
        self.web.add_routes(
            [
                web.get("/", self._overview),
                web.get(SIGN_IN_PATH, self._sign_in_page),
                web.post(SIGN_IN_PATH, self._sign_in),
                web.get(recordings.PATH, self._recording),
                web.get("/_sandbox/requests", self._request_log),
                web.post("/_sandbox/shops/{shop_id}/unlink", self._unlink),
                web.route("*", "/{path:.*}", self._call),
            ]
        )

    async def _call(self, request: web.Request) -> web.Response:
        body = await request.read()
        try:
            operation, scope = _route(request)
            self.requests[operation.name] += 1
            answer = self._answer(request, operation, scope, body)
        except APIError as error:
            return _refusal(error)
        except Exception:  # noqa: BLE001 - a server answers whatever happens to it; the log tells
            _LOG.exception("The sandbox could not answer %s", request.path)
            return _refusal(InternalError("the sandbox failed; its log says why"))
        return _json_response(200, answer)

    def _answer(self, request: web.Request, operation: Operation[Any, Any], scope: str, body: bytes) -> bytes:
        if operation.name not in HANDLERS:
            raise UnimplementedError(f"the sandbox does not do {operation.wire_name} yet")
        caller = identify(self._state, request.headers.get("Authorization"))
        permit(caller, scope, operation)
        arguments = wire.decode_request(operation, body)
        call = Call(state=self._state, caller=caller, now=now(), origin=_origin(request))
        handler = HANDLERS[operation.name]
        if operation.effect is Effect.READ:
            return _encode(handler(call, arguments))
        with self._state.transaction():
            return _encode(handler(call, arguments))

    async def _sign_in_page(self, request: web.Request) -> web.Response:
        asked = self._state.one(
            "SELECT name, email, redirect_url FROM sign_in WHERE token = ? AND expires_at > ?",
            request.query.get("token", ""),
            micros(now()),
        )
        if asked is None:
            return _spent()
        return _html(200, console.sign_in_page(asked["name"], asked["email"], asked["redirect_url"]))

    async def _sign_in(self, request: web.Request) -> web.Response:
        with self._state.transaction():
            url = sign_in(self._state, now(), request.query.get("token", ""))
        # As text: aiohttp's own redirect would write the partner's URL anew.
        return _spent() if url is None else web.Response(status=303, headers={"Location": url})

    async def _overview(self, request: web.Request) -> web.Response:
        counts = self._state.counts()
        return _html(200, console.overview_page(f"{_origin(request)}/v1", counts, self.requests))

    async def _recording(self, _: web.Request) -> web.Response:
        return web.Response(body=recordings.silence(), content_type=recordings.CONTENT_TYPE)

    async def _request_log(self, _: web.Request) -> web.Response:
        log = {"total": self.requests.total(), "requests": dict(self.requests)}
        return _json_response(200, wire.encode_answer(log))

    async def _unlink(self, request: web.Request) -> web.Response:
        try:
            if not unlink(self._state, read_id(request.match_info["shop_id"], "shop_id")):
                raise NotFoundError("no such shop is linked with the partner")
        except APIError as error:
            return _refusal(error)
        return _json_response(200, b"{}")


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
    wanted = "multipart/form-data" if operation.multipart else "application/json"
    if content_type.partition(";")[0].strip().lower() != wanted:
        raise BadRouteError(f"unexpected Content-Type: {json.dumps(content_type)}")
    return operation, found["scope"] or ""


def _is_at_home(operation: Operation[Any, Any], scope: str | None) -> bool:
    """Tell the SMS service's paths from the others."""
    return (KeyKind.USERNAME_PASSWORD in operation.callers) == (scope is None)


def _encode(answer: Answer) -> bytes:
    if not isinstance(answer, ListAnswer):
        return wire.encode_answer(answer)
    end = b"}" if answer.paging is None else b',"paging":' + wire.encode_answer(answer.paging) + b"}"
    return f'{{"{answer.items}":[{",".join(answer.docs)}]'.encode() + end


def _origin(request: web.Request) -> str:
    return f"{request.scheme}://{request.host}"


def _json_response(status: int, body: bytes) -> web.Response:
    return web.Response(status=status, body=body, content_type="application/json")


def _refusal(error: APIError) -> web.Response:
    return _json_response(*wire.encode_error(error))


def _html(status: int, text: str) -> web.Response:
    return web.Response(status=status, text=text, content_type="text/html")


def _spent() -> web.Response:
    return _html(410, console.spent_page())
