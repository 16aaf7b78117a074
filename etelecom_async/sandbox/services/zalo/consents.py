"""
The operations on consents (cấp quyền gọi): permissions of Zalo users for calls from an official account.

The phone number and the clock decide the reply. The documentation leaves some rules open, so the sandbox
chooses. A sent request is charged, a rejected one is not. A consent is valid for 30 days; without one,
`error` is -1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from etelecom_async._core.codec.scalars import NEVER
from etelecom_async.sandbox.context import Context, ListResponse, Response, handles
from etelecom_async.sandbox.filters import filter_by_fields, filter_by_time
from etelecom_async.sandbox.listing import ListQuery, fetch_page
from etelecom_async.sandbox.params import read_choice, read_text
from etelecom_async.sandbox.services.zalo.accounts import granted_oa
from etelecom_async.sandbox.services.zalo.lifecycle import CONSENT_OPEN, schedule_consent
from etelecom_async.sandbox.services.zalo.records import add_consent
from etelecom_async.sandbox.services.zalo.rejections import ACCEPTED, read_phone
from etelecom_async.sandbox.times import iso, micros, moment
from etelecom_async.sandbox.world import people

if TYPE_CHECKING:
    from etelecom_async._generated.models.zns import (
        CheckConsentRequest,
        ListRequestConsentRequest,
        RequestConsentRequest,
    )

CALL_TYPES: Final = ("audio", "video", "audio_and_video")
REASONS: Final = (
    "product_service_consulting",
    "order_appointment_confirmation",
    "delivery_notification",
    "flight_announcement",
    "update_order",
)
_NO_CONSENT: Final = -1
_NO_CONSENT_MESSAGES: Final = {
    "S": "the user has not answered yet",
    "NS": "the user did not answer",
    "N": "the user refused",
    "P": "the consent has expired",
}


@handles("shop.zalo.consents.request")
def request_consent(context: Context, request: RequestConsentRequest) -> Response:
    """Request a consent; a phone number without ZNS is rejected inside a 200."""
    oa = granted_oa(context, request.oa_id)
    call_type = read_choice(request.call_type, "call_type", CALL_TYPES)
    reason_code = read_choice(request.reason_code, "reason_code", REASONS)
    phone, rejection = read_phone(read_text(request.phone, "phone"))
    doc = add_consent(
        context.state,
        record_id=context.state.new_id(context.now),
        oa=oa.doc,
        phone=phone,
        call_type=call_type,
        reason_code=reason_code,
        created_at=context.now,
        expires_at=context.now + CONSENT_OPEN,
        rejection=rejection,
    )
    if rejection is ACCEPTED:
        schedule_consent(context.state, doc, context.now, people.behavior_of(phone))
    return doc


@handles("shop.zalo.consents.check")
def check_consent(context: Context, request: CheckConsentRequest) -> Response:
    """Return whether the account may call, and until when."""
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
    message = _NO_CONSENT_MESSAGES.get(row["reply"] if row else "", "the user was not asked")
    return {"error": _NO_CONSENT, "message": message, "expired_time": NEVER}


@handles("shop.zalo.consents.list")
def list_consents(context: Context, request: ListRequestConsentRequest) -> ListResponse:
    """Return the shop's requests for consent; dates are those of the request."""
    query = ListQuery.of_shop("consent", context)
    if wanted := request.filter:
        words = ("phone", "call_type", "reason_code", "status", "reply_status", "is_charged")
        filter_by_fields(query, wanted, ids=("oa_id", "user_id"), words=words)
        filter_by_time(query, "created_at", wanted.date_from, wanted.date_to)
    return fetch_page(context.state, "consents", query, request.paging)
