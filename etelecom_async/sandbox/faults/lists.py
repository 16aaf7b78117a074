"""
Faults in the pages of a list: repeated rows, cursors that do not go on, and values that are no cursor.

A page is corrupted after the handler and before the encoding, so the rest of the response stays correct. The
first page is not corrupted, because no page is before it, unless it is also the last one. The empty page at
the end is never corrupted.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, cast

import attrs

from etelecom_async.paging import Paging
from etelecom_async.sandbox.context import Context, ListResponse, Response
from etelecom_async.sandbox.faults.injector import FaultInjector, Injection
from etelecom_async.sandbox.faults.spec import Kind, Target
from etelecom_async.sandbox.listing import renew_cursor
from etelecom_async.sandbox.sender import Sender

_Handler = Callable[[Context, Any], Response]
_FetchPage = Callable[[str, int], ListResponse]


def corrupt_pages(
    handler: _Handler, operation: str, faults: FaultInjector, sender: Sender, record: Callable[[Kind], object]
) -> _Handler:
    """
    Return a handler that corrupts pages to which a fault applies.

    Args:
        handler: The handler that returns correct pages.
        operation: Public name of the operation.
        faults: The active faults.
        sender: Sender of the request.
        record: Called with the kind of the fault that is injected.
    """

    def handle(context: Context, request: Any) -> Response:
        response = handler(context, request)
        if not (isinstance(response, ListResponse) and response.docs and response.paging):
            return response
        info: Any = response.paging
        asked: Paging = getattr(request, "paging", None) or Paging()

        def fetch_page(after: str, limit: int) -> ListResponse:
            # A rule can reject a larger limit; the fault then repeats as many rows as a page can have.
            paging = attrs.evolve(asked, after=after, limit=min(limit, context.rules.max_page_size))
            return cast("ListResponse", handler(context, attrs.evolve(request, paging=paging)))

        injection = faults.match(Target.PAGE, operation, sender) if asked.after else None
        if injection is not None:
            record(injection.kind)
            if injection.kind is Kind.REPEAT_PAGE:
                following = renew_cursor(info["after"], context.state)
                return attrs.evolve(response, paging={**info, "next": following})
            return _corrupt_page(response, info, fetch_page, injection)
        if (
            faults.has(Target.LAST_PAGE)
            and not (info["next"] and fetch_page(info["next"], 1).docs)
            and (injection := faults.match(Target.LAST_PAGE, operation, sender))
        ):
            record(injection.kind)
            return attrs.evolve(response, paging={**info, "next": injection.next})
        return response

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
