"""
The control API of the journal, and the filter of a sender that other parts share.

    - GET /_sandbox/requests        number of requests and of executed calls, by operation
    - GET /_sandbox/requests/log    the newest requests themselves, with masked bodies

`?test=NAME` and `?key=KEY` limit them to the requests of one test or key.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from aiohttp import web

from etelecom_async.sandbox.hints import did_you_mean
from etelecom_async.sandbox.journal import Journal
from etelecom_async.sandbox.params import invalid
from etelecom_async.sandbox.sender import Sender, read_key, read_test_name
from etelecom_async.sandbox.web import responses
from etelecom_async.sandbox.web.control import with_error_responses

_READERS: Final = {"test": read_test_name, "key": read_key}


def read_sender(request: web.Request) -> Sender:
    """
    Return the filter in the query of a control request.

    Raises:
        InvalidArgumentError: The query has another field, a field twice, or a wrong value.
    """
    values: dict[str, str] = {}
    for name, value in request.query.items():
        if name not in _READERS:
            raise invalid(
                name, f"is unknown: there are {' and '.join(_READERS)}{did_you_mean(name, _READERS)}"
            )
        if name in values:
            raise invalid(name, "is given twice")
        try:
            values[name] = _READERS[name](value)
        except ValueError as error:
            raise invalid(name, str(error).removeprefix(f"{name} ")) from None
    return Sender(**values)


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
        found = self._journal.requests(read_sender(request))
        return responses.json_response({"requests": [each.to_dict() for each in found]})
