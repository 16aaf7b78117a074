"""
Consents: the leave of a Zalo user to be called by an official account.

What they answer, and when, is told by the phone number and the clock. Chosen here, where no page says it: a
request that was sent is charged, a refused one is not; leave holds for 30 days, and `error` is -1 where there
is none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from etelecom_async.sandbox import lifecycle
from etelecom_async.sandbox.context import Context, ListResponse, Response, handles
from etelecom_async.sandbox.filters import filter_by_fields, filter_by_time
from etelecom_async.sandbox.handlers.zalo.accounts import granted_oa
from etelecom_async.sandbox.listing import ListQuery, fetch_page
from etelecom_async.sandbox.params import invalid, read_text
from etelecom_async.sandbox.records_zns import ACCEPTED, add_consent
from etelecom_async.sandbox.rejections import read_phone
from etelecom_async.sandbox.times import UNSET_TIME, iso, micros, moment
from etelecom_async.sandbox.world import people

if TYPE_CHECKING:
    from etelecom_async._generated.models.zns import (
        CheckConsentRequest,
        ListRequestConsentRequest,
        RequestConsentRequest,
    )

_CALL_TYPES: Final = ("audio", "video", "audio_and_video")
_REASONS: Final = (
    "product_service_consulting",
    "order_appointment_confirmation",
    "delivery_notification",
    "flight_announcement",
    "update_order",
)
_NO_LEAVE: Final = -1
_WHY_NOT: Final = {
    "S": "the user has not answered yet",
    "NS": "the user did not answer",
    "N": "the user refused",
    "P": "the consent has run out",
}


@handles("shop.zalo.consents.request")
def request_consent(context: Context, request: RequestConsentRequest) -> Response:
    """Ask for leave to call; a phone number that cannot be asked is refused within a 200."""
    oa = granted_oa(context, request.oa_id)
    for name, value, known in (
        ("call_type", request.call_type, _CALL_TYPES),
        ("reason_code", request.reason_code, _REASONS),
    ):
        if value not in known:
            raise invalid(name, f"is none of {', '.join(known)}")
    phone, rejection = read_phone(read_text(request.phone, "phone"))
    doc = add_consent(
        context.state,
        record_id=context.state.new_id(context.now),
        oa=oa.doc,
        phone=phone,
        call_type=str(request.call_type),
        reason_code=str(request.reason_code),
        created_at=context.now,
        expires_at=context.now + lifecycle.CONSENT_OPEN,
        rejection=rejection,
    )
    if rejection is ACCEPTED:
        lifecycle.schedule_consent(context.state, doc, context.now, people.behavior_of(phone))
    return doc


@handles("shop.zalo.consents.check")
def check_consent(context: Context, request: CheckConsentRequest) -> Response:
    """Tell whether, and until when, the account may call."""
    oa = granted_oa(context, request.oa_id)
    text = read_text(request.phone, "phone")
    row = context.state.fetch_first(
        "SELECT granted_until, json_extract(doc, '$.reply_status') AS reply FROM consent "
        "WHERE json_extract(doc, '$.phone') = ? AND json_extract(doc, '$.oa_id') = ? "
        "ORDER BY granted_until DESC, id DESC",
        people.normalize(text) or text,
        oa.doc["oa_id"],
    )
    if row and row["granted_until"] > micros(context.now):
        return {"error": 0, "message": "", "expired_time": iso(moment(row["granted_until"]))}
    why = _WHY_NOT.get(row["reply"] if row else "", "the user was not asked")
    return {"error": _NO_LEAVE, "message": why, "expired_time": UNSET_TIME}


@handles("shop.zalo.consents.list")
def list_consents(context: Context, request: ListRequestConsentRequest) -> ListResponse:
    """List the shop's requests for consent; dates are of asking."""
    query = ListQuery.of_shop("consent", context)
    if wanted := request.filter:
        words = ("phone", "call_type", "reason_code", "status", "reply_status", "is_charged")
        filter_by_fields(query, wanted, ids=("oa_id", "user_id"), words=words)
        filter_by_time(query, "created_at", wanted.date_from, wanted.date_to)
    return fetch_page(context.state, "consents", query, request.paging)
