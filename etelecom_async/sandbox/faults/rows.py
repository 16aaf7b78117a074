"""
What befalls the pages of a list: rows that come again, and a cursor that leads nowhere.

A page is spoiled between the handler and the wire, so that all else about the answer stays right. The first
page is never struck, since there is none before it; nor is the empty one at the end.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, cast

import attrs

from etelecom_async.paging import Paging
from etelecom_async.sandbox.call import Answer, Call, ListAnswer
from etelecom_async.sandbox.faults.fault import Kind, Target
from etelecom_async.sandbox.faults.plan import Faults, Strike

_Handler = Callable[[Call, Any], Answer]
_Page = Callable[[str, int], ListAnswer]


def spoil(handler: _Handler, operation: str, faults: Faults) -> _Handler:
    """
    Return a handler whose pages the faults strike.

    Args:
        handler: Answers rightly.
        operation: Public name of the operation.
        faults: The faults in force.
    """

    def answer(call: Call, request: Any) -> Answer:
        right = handler(call, request)
        asked: Paging | None = getattr(request, "paging", None)
        if not (asked and asked.after and isinstance(right, ListAnswer) and right.docs and right.paging):
            return right
        strike = faults.strike(Target.PAGE, operation)
        if strike is None:
            return right

        def page(after: str, limit: int) -> ListAnswer:
            paging = attrs.evolve(asked, after=after, limit=limit)
            return cast("ListAnswer", handler(call, attrs.evolve(request, paging=paging)))

        return _spoilt(right, right.paging, page, strike)

    return answer


def _spoilt(right: ListAnswer, info: Any, page: _Page, strike: Strike) -> ListAnswer:
    """
    Return a page as the fault has it.

    Args:
        right: The page.
        info: What it says of itself.
        page: Returns other pages of the same list, by cursor and limit.
        strike: What befalls it.
    """
    cursor, limit = info["after"], info["limit"]
    if strike.kind is Kind.REPEAT_CURSOR:
        return attrs.evolve(right, paging={**info, "next": cursor})
    if strike.kind is Kind.DUPLICATE_ROWS:
        return attrs.evolve(right, docs=[*_rows_before(info, page, strike.fault.rows), *right.docs])
    # A page has to have a row of its own, or the list would never end.
    shift = min(strike.fault.rows, limit - 1)
    shorter = page(cursor, limit - shift)
    return attrs.evolve(
        shorter,
        docs=[*_rows_before(info, page, shift), *shorter.docs],
        paging={**info, "next": cast("Any", shorter.paging)["next"]},
    )


def _rows_before(info: Any, page: _Page, count: int) -> Sequence[str]:
    """Return the last rows of the page before, which its `prev` leads to."""
    return page(info["prev"], count).docs if count and info["prev"] else ()
