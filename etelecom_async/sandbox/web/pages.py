"""
The pages for a browser: sign-in, permission, overview, and the recordings of calls.

The module has the routes; `html` has the texts, and the services execute the actions.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Awaitable, Callable, Iterable
from datetime import datetime
from typing import Final

from aiohttp import web

from etelecom_async.sandbox.deliveries import DeliveryLog
from etelecom_async.sandbox.journal import Journal
from etelecom_async.sandbox.services.account import handlers as account
from etelecom_async.sandbox.services.pbx import recordings
from etelecom_async.sandbox.services.zalo import accounts
from etelecom_async.sandbox.store.clock import Clock
from etelecom_async.sandbox.store.state import State
from etelecom_async.sandbox.web import html, responses

_Handler = Callable[[web.Request], Awaitable[web.Response]]
_Find = Callable[[State, datetime, str], sqlite3.Row | None]
_Act = Callable[[State, datetime, str], str | None]


class Pages:
    """
    The pages of one sandbox.

    Args:
        state: The state.
        clock: The clock.
        journal: The requests that arrived.
        deliveries: The attempts to deliver events.
    """

    def __init__(self, state: State, clock: Clock, journal: Journal, deliveries: DeliveryLog) -> None:
        self._state: Final = state
        self._clock: Final = clock
        self._journal: Final = journal
        self._deliveries: Final = deliveries

    def routes(self) -> Iterable[web.RouteDef]:
        """Return the routes."""
        return (
            web.get("/", self._overview),
            web.get(account.SIGN_IN_PATH, self._form(account.find_sign_in, _sign_in_page)),
            web.post(account.SIGN_IN_PATH, self._action(account.sign_in)),
            web.get(accounts.PERMISSION_PATH, self._form(accounts.find_link, _permission_page)),
            web.post(accounts.PERMISSION_PATH, self._action(accounts.grant)),
            web.get(recordings.PATH, self._recording),
        )

    async def _overview(self, request: web.Request) -> web.Response:
        base_url = f"{request.scheme}://{request.host}/v1"
        counts = (self._state.count_records(), self._journal.received(), self._deliveries.counts())
        return responses.html_response(200, html.overview_page(base_url, *counts))

    def _form(self, find: _Find, render: Callable[[sqlite3.Row], str]) -> _Handler:
        """Return the handler of a page that asks a person to agree."""

        async def handle(request: web.Request) -> web.Response:
            found = find(self._state, self._clock.apply_due(), request.query.get("token", ""))
            return _spent() if found is None else responses.html_response(200, render(found))

        return handle

    def _action(self, act: _Act) -> _Handler:
        """Return the handler that executes a person's agreement and redirects the browser."""

        async def handle(request: web.Request) -> web.Response:
            now = self._clock.apply_due()
            with self._state.transaction():
                url = act(self._state, now, request.query.get("token", ""))
            return _spent() if url is None else responses.redirect(url)

        return handle

    async def _recording(self, _: web.Request) -> web.Response:
        return web.Response(body=recordings.silence(), content_type=recordings.CONTENT_TYPE)


def _spent() -> web.Response:
    return responses.html_response(410, html.spent_page())


def _sign_in_page(request: sqlite3.Row) -> str:
    return html.sign_in_page(request["name"], request["email"], request["redirect_url"])


def _permission_page(request: sqlite3.Row) -> str:
    return html.permission_page(request["app_id"], request["redirect_uri"])
