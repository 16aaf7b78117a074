"""
The control API of the journal, and the filter of a sender that other parts share.

    - GET /_sandbox/requests        number of requests and of executed calls, by operation
    - GET /_sandbox/requests/log    the newest requests themselves, with masked bodies

`?test=NAME` and `?key=KEY` limit them to the requests of one test or key. `?limit=N` limits the second to the
newest *N* requests.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable
from typing import Final

from aiohttp import web

from etelecom_async.sandbox.journal import MOST_REQUESTS, Journal, Requests
from etelecom_async.sandbox.sender import Sender, read_key, read_test_name
from etelecom_async.sandbox.web import responses
from etelecom_async.sandbox.web.control import read_query, with_error_responses

_OF_SENDER: Final = {"test": read_test_name, "key": read_key}


def read_sender(request: web.Request) -> Sender:
    """
    Return the filter in the query of a control request.

    Raises:
        InvalidArgumentError: The query has another field, a field twice, or a wrong value.
    """
    return Sender(**read_query(request, _OF_SENDER))


def read_limit(text: str) -> int:
    """
    Return a number of rows in a query.

    Raises:
        ValueError: The text is not such a number.
    """
    if not (text.isascii() and text.isdecimal() and len(text) <= len(str(MOST_REQUESTS)) and int(text)):
        raise ValueError(f"limit is {text[:20]!r}, not a number from 1 to {MOST_REQUESTS}")
    return int(text)


class JournalControl:
    """
    The control API of the journal of one sandbox.

    Args:
        journal: The requests that arrived.
    """

    def __init__(self, journal: Journal) -> None:
        self._journal: Final = journal

    def routes(self) -> Iterable[web.RouteDef]:
        """Return the routes."""
        return (
            web.get("/_sandbox/requests", with_error_responses(self._count)),
            web.get("/_sandbox/requests/log", with_error_responses(self._show)),
        )

    async def _count(self, request: web.Request) -> web.Response:
        wanted = read_sender(request)
        received = self._journal.received(wanted)
        counts = {"total": sum(received.values()), "requests": received}
        return responses.json_response({**counts, "processed": self._journal.executed(wanted)})

    async def _show(self, request: web.Request) -> web.Response:
        query = read_query(request, {**_OF_SENDER, "limit": read_limit})
        limit: int = query.pop("limit", MOST_REQUESTS)
        found = self._journal.requests(Sender(**query))
        # Masking many bodies takes seconds, so other requests go on.
        return responses.json_bytes(200, await asyncio.to_thread(_encode, found, limit))


def _encode(requests: Requests, limit: int) -> bytes:
    """Return the newest requests as JSON in ASCII, because a body may have halves of surrogate pairs."""
    return json.dumps({"requests": [request.to_dict() for request in requests[-limit:]]}).encode()
