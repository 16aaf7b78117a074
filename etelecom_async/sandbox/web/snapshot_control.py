"""
The control API of snapshots.

    - GET    /_sandbox/snapshots                 returns the snapshots
    - POST   /_sandbox/snapshots                 takes one: {"id": "1", "now": ...}
    - POST   /_sandbox/snapshots/{id}/restore    returns to one, as often as needed
    - DELETE /_sandbox/snapshots/{id}            forgets one
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from aiohttp import web

from etelecom_async.errors import NotFoundError, ResourceExhaustedError
from etelecom_async.sandbox.snapshots import Snapshot, Snapshots
from etelecom_async.sandbox.times import iso
from etelecom_async.sandbox.web import responses
from etelecom_async.sandbox.web.control import with_error_responses

_PATH: Final = "/_sandbox/snapshots"
MOST_SNAPSHOTS: Final = 16
"""Number of snapshots that are kept, because each has a copy of the state."""


class SnapshotControl:
    """
    The control API of the snapshots of one sandbox.

    Args:
        snapshots: Takes and restores them.
    """

    def __init__(self, snapshots: Snapshots) -> None:
        self._snapshots: Final = snapshots
        self._kept: Final[dict[str, Snapshot]] = {}
        self._taken = 0

    def routes(self) -> Iterable[web.RouteDef]:
        """Return the routes."""
        return (
            web.get(_PATH, self._show),
            web.post(_PATH, with_error_responses(self._take)),
            web.post(_PATH + "/{id}/restore", with_error_responses(self._restore)),
            web.delete(_PATH + "/{id}", with_error_responses(self._forget)),
        )

    async def _show(self, _: web.Request) -> web.Response:
        return responses.json_response({"snapshots": [self._as_json(name) for name in self._kept]})

    async def _take(self, _: web.Request) -> web.Response:
        if len(self._kept) >= MOST_SNAPSHOTS:
            raise ResourceExhaustedError(f"there are {MOST_SNAPSHOTS} snapshots already; delete one first")
        self._taken += 1
        name = str(self._taken)
        self._kept[name] = self._snapshots.take()
        return responses.json_response(self._as_json(name))

    async def _restore(self, request: web.Request) -> web.Response:
        name = self._find(request)
        self._snapshots.restore(self._kept[name])
        return responses.json_response(self._as_json(name))

    async def _forget(self, request: web.Request) -> web.Response:
        del self._kept[self._find(request)]
        return await self._show(request)

    def _find(self, request: web.Request) -> str:
        name = request.match_info["id"]
        if name not in self._kept:
            raise NotFoundError("there is no such snapshot")
        return name

    def _as_json(self, name: str) -> dict[str, Any]:
        return {"id": name, "now": iso(self._kept[name].now)}
