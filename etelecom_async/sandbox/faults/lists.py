"""
Faults in the pages of a list: repeated rows, and a cursor that does not go on.

A page is corrupted after the handler and before the encoding, so the rest of the response stays correct. The
first page is never corrupted, because no page is before it; neither is the empty page at the end.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, cast

import attrs

from etelecom_async.paging import Paging
from etelecom_async.sandbox.context import Context, ListResponse, Response
from etelecom_async.sandbox.faults.injector import FaultInjector, Injection
from etelecom_async.sandbox.faults.spec import Kind, Target

_Handler = Callable[[Context, Any], Response]
_FetchPage = Callable[[str, int], ListResponse]


def corrupt_pages(handler: _Handler, operation: str, faults: FaultInjector) -> _Handler:
    """
    Return a handler that corrupts pages to which a fault applies.

    Args:
        handler: The handler that returns correct pages.
        operation: Public name of the operation.
        faults: The active faults.
    """

    def handle(context: Context, request: Any) -> Response:
        response = handler(context, request)
        asked: Paging | None = getattr(request, "paging", None)
        if not (
            asked and asked.after and isinstance(response, ListResponse) and response.docs and response.paging
        ):
            return response
        injection = faults.match(Target.PAGE, operation)
        if injection is None:
            return response

        def fetch_page(after: str, limit: int) -> ListResponse:
            paging = attrs.evolve(asked, after=after, limit=limit)
            return cast("ListResponse", handler(context, attrs.evolve(request, paging=paging)))

        return _corrupt_page(response, response.paging, fetch_page, injection)

    return handle


def _corrupt_page(
    page: ListResponse, info: Any, fetch_page: _FetchPage, injection: Injection
) -> ListResponse:
    """
    Return a corrupted page.

    Args:
        page: The correct page.
        info: Its paging.
        fetch_page: Returns another page of the same list, by cursor and limit.
        injection: The fault.
    """
    cursor, limit = info["after"], info["limit"]
    if injection.kind is Kind.REPEAT_CURSOR:
        return attrs.evolve(page, paging={**info, "next": cursor})
    if injection.kind is Kind.DUPLICATE_ROWS:
        return attrs.evolve(page, docs=[*_rows_before(info, fetch_page, injection.fault.rows), *page.docs])
    # A page needs a new row, or the list would never end.
    shift = min(injection.fault.rows, limit - 1)
    shorter = fetch_page(cursor, limit - shift)
    return attrs.evolve(
        shorter,
        docs=[*_rows_before(info, fetch_page, shift), *shorter.docs],
        paging={**info, "next": cast("Any", shorter.paging)["next"]},
    )


def _rows_before(info: Any, fetch_page: _FetchPage, count: int) -> Sequence[str]:
    """Return the last rows of the page before, which the `prev` cursor selects."""
    return fetch_page(info["prev"], count).docs if count and info["prev"] else ()
