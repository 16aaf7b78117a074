"""
The control API of webhooks.

    - GET  /_sandbox/deliveries   {"receivers": [...], "deliveries": [...]}, newest last; ?limit=N
    - POST /_sandbox/deliveries   {} delivers what is due now, and responds when each attempt has ended
    - POST /_sandbox/events       {"oa_event": {"event_name": "follow", "oa_id": "..."}} queues an event of an
                                  official account, {"sms_status": {"Status": "FAIL"}} the state of an SMS
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable, Mapping
from typing import Any, Final, cast

from aiohttp import web

from etelecom_async.sandbox.deliveries import Deliveries, Dispatcher
from etelecom_async.sandbox.deliveries.log import MOST_DELIVERIES
from etelecom_async.sandbox.deliveries.manual import EventError, queue_oa_event, queue_sms_status
from etelecom_async.sandbox.params import invalid
from etelecom_async.sandbox.store.state import State
from etelecom_async.sandbox.web import bodies, responses
from etelecom_async.sandbox.web.control import read_object, read_query, with_error_responses
from etelecom_async.sandbox.web.journal_control import read_limit

_PATH: Final = "/_sandbox/deliveries"
_EVENTS: Final = ("oa_event", "sms_status")


class DeliveryControl:
    """
    The control API of the webhooks of one sandbox.

    Args:
        state: The state.
        dispatcher: Delivers events.
    """

    def __init__(self, state: State, dispatcher: Dispatcher) -> None:
        self._state: Final = state
        self._dispatcher: Final = dispatcher

    def routes(self) -> Iterable[web.RouteDef]:
        """Return the routes."""
        return (
            web.get(_PATH, with_error_responses(self._show)),
            web.post(_PATH, with_error_responses(self._deliver)),
            web.post("/_sandbox/events", with_error_responses(self._queue)),
        )

    async def _show(self, request: web.Request) -> web.Response:
        query = read_query(request, {"limit": read_limit})
        # Masking many bodies takes seconds, so other requests go on.
        found = await asyncio.to_thread(_encode, self._dispatcher.read(), query.get("limit", MOST_DELIVERIES))
        return responses.json_bytes(200, found)

    async def _deliver(self, request: web.Request) -> web.Response:
        given = read_object(await bodies.read(request))
        for name in given:
            raise invalid(name, "is unknown; the body is {}")
        await self._dispatcher.drain()
        receivers = [receiver.to_dict() for receiver in self._dispatcher.read().receivers]
        return responses.json_response({"receivers": receivers})

    async def _queue(self, request: web.Request) -> web.Response:
        given = read_object(await bodies.read(request))
        if len(given) != 1 or (name := next(iter(given))) not in _EVENTS or not isinstance(given[name], dict):
            raise invalid(" or ".join(_EVENTS), "with an object is required, and nothing else")
        fields = cast("Mapping[str, Any]", given[name])
        try:
            return responses.json_response({name: self._add(name, fields)})
        except EventError as error:
            raise invalid(name, f"cannot be queued: {error}") from None

    def _add(self, name: str, fields: Mapping[str, Any]) -> Mapping[str, Any]:
        events = self._dispatcher.events
        if name == "sms_status":
            return queue_sms_status(self._state, events, fields)
        for field in fields:
            if field not in ("event_name", "oa_id"):
                raise invalid(field, "is unknown; use event_name and oa_id")
        queue_oa_event(self._state, events, fields.get("event_name"), fields.get("oa_id"))
        return {"event_name": fields["event_name"]}


def _encode(found: Deliveries, limit: int) -> bytes:
    receivers = [receiver.to_dict() for receiver in found.receivers]
    return json.dumps(
        {"receivers": receivers, "deliveries": [delivery.to_dict() for delivery in found[-limit:]]}
    ).encode()
