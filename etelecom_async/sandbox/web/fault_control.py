"""
The control API of faults.

    - GET    /_sandbox/faults    returns the active faults with their counts
    - POST   /_sandbox/faults    {"faults": [{"kind": "reset_after", "times": 1}]} adds faults, returns all
    - DELETE /_sandbox/faults    removes all faults

`?test=NAME` and `?key=KEY` limit each of them to the faults of one test or key; added faults get both.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from aiohttp import web

from etelecom_async.errors import InvalidArgumentError
from etelecom_async.sandbox.faults.files import parse_faults
from etelecom_async.sandbox.faults.injector import FaultInjector
from etelecom_async.sandbox.faults.spec import bind
from etelecom_async.sandbox.web import bodies, responses
from etelecom_async.sandbox.web.control import read_object, with_error_responses
from etelecom_async.sandbox.web.journal_control import read_sender

_PATH: Final = "/_sandbox/faults"


class FaultControl:
    """
    The control API of the faults of one sandbox.

    Args:
        faults: The active faults.
    """

    def __init__(self, faults: FaultInjector) -> None:
        self._faults: Final = faults

    def routes(self) -> Iterable[web.RouteDef]:
        """Return the routes."""
        return (
            web.get(_PATH, with_error_responses(self._show)),
            web.post(_PATH, with_error_responses(self._add)),
            web.delete(_PATH, with_error_responses(self._clear)),
        )

    async def _show(self, request: web.Request) -> web.Response:
        wanted = read_sender(request)
        listed = [
            {**active.fault.to_dict(), "seen": active.seen, "struck": active.struck}
            for active in self._faults
            if wanted.matches(active.sender)
        ]
        return responses.json_response({"faults": listed})

    async def _add(self, request: web.Request) -> web.Response:
        sender = read_sender(request)
        try:
            faults = [bind(fault, sender) for fault in parse_faults(read_object(await bodies.read(request)))]
        except ValueError as error:
            raise InvalidArgumentError(str(error)) from None
        for fault in faults:
            self._faults.add(fault)
        return await self._show(request)

    async def _clear(self, request: web.Request) -> web.Response:
        self._faults.clear(read_sender(request))
        return await self._show(request)
