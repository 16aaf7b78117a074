"""
The control API of the sandbox: the clock, the rules, uploads and the links of shops.

    - GET  /_sandbox/rules                 the rules that the documentation leaves open
    - GET  /_sandbox/clock                 {"now": ...}
    - POST /_sandbox/clock                 {"advance_seconds": 3600} or {"now": "2027-01-01T00:00:00Z"}
    - GET  /_sandbox/uploads/{token}       description of an uploaded file
    - POST /_sandbox/shops/{id}/unlink     ends the link of a shop with the partner

It needs no key. A POST needs `Content-Type: application/json`.
"""

from __future__ import annotations

import json
import math
from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final, cast

from aiohttp import web

from etelecom_async.errors import APIError, MalformedError, NotFoundError
from etelecom_async.sandbox.hints import nearest_or_all
from etelecom_async.sandbox.params import invalid, read_id
from etelecom_async.sandbox.rules import Rules
from etelecom_async.sandbox.services.account.handlers import unlink
from etelecom_async.sandbox.services.zalo.files import find_upload
from etelecom_async.sandbox.store.clock import Clock
from etelecom_async.sandbox.store.state import State
from etelecom_async.sandbox.times import iso
from etelecom_async.sandbox.web import bodies, responses


class Control:
    """
    The control API of one sandbox.

    Args:
        state: The state.
        clock: The clock.
        rules: The rules that the documentation leaves open.
    """

    def __init__(self, state: State, clock: Clock, rules: Rules) -> None:
        self._state: Final = state
        self._clock: Final = clock
        self._rules: Final = rules

    def routes(self) -> Iterable[web.RouteDef]:
        """Return the routes."""
        return (
            web.get("/_sandbox/rules", self._show_rules),
            web.get("/_sandbox/clock", self._show_clock),
            web.post("/_sandbox/clock", with_error_responses(self._advance_clock)),
            web.get("/_sandbox/uploads/{token}", with_error_responses(self._show_upload)),
            web.post("/_sandbox/shops/{shop_id}/unlink", with_error_responses(self._unlink)),
        )

    async def _show_rules(self, _: web.Request) -> web.Response:
        return responses.json_response({"rules": self._rules.to_dict()})

    async def _show_clock(self, _: web.Request) -> web.Response:
        return responses.json_response({"now": iso(self._clock.now())})

    async def _advance_clock(self, request: web.Request) -> web.Response:
        wanted = read_object(await bodies.read(request))
        try:
            if set(wanted) == {"advance_seconds"}:
                now = self._clock.advance(_read_seconds(wanted["advance_seconds"]))
            elif set(wanted) == {"now"}:
                now = self._clock.advance_to(_read_moment(wanted["now"]))
            else:
                raise invalid("advance_seconds", "or now is required, and nothing else")
        except ValueError as error:
            raise invalid(next(iter(wanted)), f"cannot be: {error}") from None
        return responses.json_response({"now": iso(now)})

    async def _show_upload(self, request: web.Request) -> web.Response:
        upload = find_upload(self._state, request.match_info["token"])
        if upload is None:
            raise NotFoundError("there is no such upload")
        fields = ("oa_id", "type", "name", "content_type", "size", "sha256")
        return responses.json_response({field: upload[field] for field in fields})

    async def _unlink(self, request: web.Request) -> web.Response:
        if not unlink(self._state, read_id(request.match_info["shop_id"], "shop_id")):
            raise NotFoundError("no such shop is linked with the partner")
        return responses.json_response({})


_Handler = Callable[[web.Request], Awaitable[web.Response]]


def with_error_responses(handler: _Handler) -> _Handler:
    """Return a handler that sends an `APIError` as the API sends it."""

    async def handle(request: web.Request) -> web.Response:
        try:
            return await handler(request)
        except APIError as error:
            return responses.error_response(error)

    return handle


def read_object(body: bytes) -> dict[str, Any]:
    """
    Return the JSON object in a body.

    Raises:
        MalformedError: The body is not a JSON object.
    """
    try:
        fields = json.loads(body)
    except (ValueError, RecursionError):
        fields = None
    if not isinstance(fields, dict):
        raise MalformedError("the body is not a JSON object")
    return cast("dict[str, Any]", fields)


def read_query(request: web.Request, readers: Mapping[str, Callable[[str], Any]]) -> dict[str, Any]:
    """
    Return the fields of a query, read by their readers.

    Raises:
        InvalidArgumentError: The query has another field, a field twice, or a wrong value.
    """
    values: dict[str, Any] = {}
    for name, value in request.query.items():
        if name not in readers:
            raise invalid(name, f"is unknown{nearest_or_all(name, readers)}")
        if name in values:
            raise invalid(name, "is given twice")
        try:
            values[name] = readers[name](value)
        except ValueError as error:
            raise invalid(name, str(error).removeprefix(f"{name} ")) from None
    return values


def _read_seconds(value: object) -> timedelta:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise invalid("advance_seconds", "is not a number")
    try:
        return timedelta(seconds=value)
    except OverflowError:
        raise invalid("advance_seconds", "is too large") from None


def _read_moment(value: object) -> datetime:
    if not isinstance(value, str):
        raise invalid("now", "is not a text")
    return datetime.fromisoformat(value)
