"""The call logs of a shop."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import attrs

from etelecom_async.sandbox.context import Context, ListResponse, handles
from etelecom_async.sandbox.filters import filter_by_time
from etelecom_async.sandbox.listing import ListQuery, fetch_page
from etelecom_async.sandbox.params import invalid, read_ids, read_number, read_optional_id
from etelecom_async.sandbox.services.pbx.recordings import at_origin

if TYPE_CHECKING:
    from etelecom_async._generated.models.pbx import CallDurationFilter, CallLogFilter, ListCallLogsRequest

# The documentation has this spelling; its other enums have `unknown`.
_NO_COMPARISON: Final = "unknow"
_AT_MOST: Final = "less_than_or_equal_to"
_TIMES: Final = {
    "created_at": "created_at",
    "started_at": "micros_of(json_extract(doc, '$.started_at'))",
}
"""The column or expression of each time that the rule `call_time` can choose."""


@handles("shop.call_logs.list")
def list_call_logs(context: Context, request: ListCallLogsRequest) -> ListResponse:
    """
    Return the shop's calls.

    The documentation leaves some rules open, so the sandbox chooses. A number matches caller or callee, also
    the number of an extension. The rule `call_time` says which time the span means. A duration has only the
    comparison `less_than_or_equal_to`, because no other value is known.
    """
    query = ListQuery.of_shop("call_log", context)
    if request.filter:
        _filter_by_words(query, request.filter)
        _filter_by_ids(query, request.filter)
        time = _TIMES[query.rules.call_time]
        filter_by_time(query, time, request.filter.date_from, request.filter.date_to)
        _filter_by_duration(query, request.filter.duration)
    response = fetch_page(context.state, "call_logs", query, request.paging)
    return attrs.evolve(response, docs=[at_origin(doc, context.origin) for doc in response.docs])


def _filter_by_words(query: ListQuery, wanted: CallLogFilter) -> None:
    if wanted.call_number:
        query.where("(caller = ? OR callee = ?)", wanted.call_number, wanted.call_number)
    for column, word in (
        ("call_state", wanted.call_state),
        ("direction", wanted.direction),
        ("external_id", wanted.external_id),
        ("external_session_id", wanted.external_session_id),
    ):
        if word:
            query.where(f"{column} = ?", str(word))


def _filter_by_ids(query: ListQuery, wanted: CallLogFilter) -> None:
    for column, text in (("user_id", wanted.user_id), ("department_id", wanted.department_id)):
        if number := read_optional_id(text, f"filter.{column}"):
            query.where(f"{column} = ?", number)
    for column, texts in (("extension_id", wanted.extension_ids), ("hotline_id", wanted.hotline_ids)):
        if texts:
            query.where_in(column, read_ids(texts, f"filter.{column}s"))


def _filter_by_duration(query: ListQuery, wanted: CallDurationFilter | None) -> None:
    if wanted is None or wanted.comparison == _NO_COMPARISON:
        return
    if wanted.comparison is None and wanted.value is None:
        return
    if wanted.comparison != _AT_MOST:
        raise invalid("filter.duration.comparison", f"is neither {_AT_MOST} nor {_NO_COMPARISON}")
    query.where("duration <= ?", read_number(wanted.value, "filter.duration.value", minimum=0))
