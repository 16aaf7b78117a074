"""
The control API of records.

    - POST   /_sandbox/records              {"calls": [{"caller": "0901234567"}]} adds all records, or none
    - GET    /_sandbox/records/{kind}       returns the records of a kind; ?shop= selects a shop
    - GET    /_sandbox/records/{kind}/{id}  returns a record
    - PATCH  /_sandbox/records/{kind}/{id}  {"note": "..."} changes fields of a record, returns it
    - DELETE /_sandbox/records/{kind}/{id}  deletes a record
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, Final

from aiohttp import web

from etelecom_async.errors import InvalidArgumentError, NotFoundError
from etelecom_async.sandbox.hints import nearest_or_all
from etelecom_async.sandbox.records import RecordBook, RecordError, add_document
from etelecom_async.sandbox.records.kinds import KINDS
from etelecom_async.sandbox.records.namespaces import read_record_id
from etelecom_async.sandbox.services.pbx.recordings import at_origin
from etelecom_async.sandbox.web import bodies, responses
from etelecom_async.sandbox.web.control import read_object, read_query, with_error_responses

_PATH: Final = "/_sandbox/records"
_KIND: Final = f"{_PATH}/{{kind}}"
_RECORD: Final = f"{_KIND}/{{id}}"


class RecordControl:
    """
    The control API of the records of one sandbox.

    Args:
        book: The records.
    """

    def __init__(self, book: RecordBook) -> None:
        self._book: Final = book

    def routes(self) -> Iterable[web.RouteDef]:
        """Return the routes."""
        return (
            web.post(_PATH, with_error_responses(self._add)),
            web.get(_KIND, with_error_responses(self._list)),
            web.get(_RECORD, with_error_responses(self._show)),
            web.patch(_RECORD, with_error_responses(self._update)),
            web.delete(_RECORD, with_error_responses(self._delete)),
        )

    async def _add(self, request: web.Request) -> web.Response:
        document = read_object(await bodies.read(request))
        try:
            with self._book.changes():
                return _respond(request, add_document(self._book, document))
        except RecordError as error:
            raise _rejection(error) from None

    async def _list(self, request: web.Request) -> web.Response:
        kind = _read_kind(request)
        shop: str | None = read_query(request, {"shop": str}).get("shop")
        try:
            return _respond(request, {kind: self._book.fetch_all(kind, shop)})
        except RecordError as error:
            raise _rejection(error) from None

    async def _show(self, request: web.Request) -> web.Response:
        return _respond(request, self._find(request))

    async def _update(self, request: web.Request) -> web.Response:
        changes = read_object(await bodies.read(request))
        self._find(request)
        try:
            with self._book.changes():
                record = self._book.update(*_read_path(request), changes)
        except RecordError as error:
            raise _rejection(error) from None
        return _respond(request, record)

    async def _delete(self, request: web.Request) -> web.Response:
        self._find(request)
        try:
            with self._book.changes():
                self._book.delete(*_read_path(request))
        except RecordError as error:
            raise _rejection(error) from None
        return _respond(request, {})

    def _find(self, request: web.Request) -> dict[str, Any]:
        try:
            return self._book.get(*_read_path(request))
        except RecordError as error:
            raise NotFoundError(str(error)) from None


def _read_kind(request: web.Request) -> str:
    kind = request.match_info["kind"]
    if kind not in KINDS:
        raise NotFoundError(f"there are no records {kind[:40]!r}{nearest_or_all(kind, KINDS)}")
    return kind


def _read_path(request: web.Request) -> tuple[str, int]:
    """Return the kind and the id in the path."""
    return _read_kind(request), read_record_id(request.match_info["id"])


def _rejection(error: RecordError) -> InvalidArgumentError:
    return InvalidArgumentError("; ".join(error.problems))


def _respond(request: web.Request, found: Mapping[str, Any]) -> web.Response:
    # A program reads the same bytes as from a list of the API.
    text = at_origin(json.dumps(found, ensure_ascii=False), f"{request.scheme}://{request.host}")
    return responses.json_bytes(200, text.encode())
