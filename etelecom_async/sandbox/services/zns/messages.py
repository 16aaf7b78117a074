"""
The operations on ZNS: templated messages to phone numbers, alone or under a journey.

A rejection by Zalo is a 200 with `error_code`: the message is stored with status N, has no msg_id, and is not
charged. An unknown account or journey, and an expired grant, is an error of eTelecom.

The documentation leaves some rules open, so the sandbox chooses:

- A test (`mode` development) goes to the shop's own phone number only. It is free and uses no quota.
- After-sales ZNS (also called tag 3) have templates tagged FOLLOW_UP or PROMOTION, and need the monthly
  quota too.
- `sending_mode` tag3 sends them without any quota, for accounts that Zalo has verified.
- A ZNS under a journey needs a journey template and shows no main fee; the first one shows the token fee.
"""

from __future__ import annotations

import json
import secrets
from typing import TYPE_CHECKING, Any, Final

import attrs

from etelecom_async.errors import NotFoundError
from etelecom_async.sandbox.context import Context, ListResponse, Response, handles
from etelecom_async.sandbox.filters import filter_by_fields, filter_by_time
from etelecom_async.sandbox.ids import UNSET_ID
from etelecom_async.sandbox.listing import ListQuery, fetch_page
from etelecom_async.sandbox.params import invalid, read_choice, read_number, read_optional_id, read_text
from etelecom_async.sandbox.services.zalo.accounts import OA, find_oa, granted_oa
from etelecom_async.sandbox.services.zalo.rejections import ACCEPTED, Rejection, read_phone
from etelecom_async.sandbox.services.zns import quotas, rejections
from etelecom_async.sandbox.services.zns.journeys import Journey, find_journey, journey_name
from etelecom_async.sandbox.services.zns.lifecycle import FREE, Fees, schedule_message
from etelecom_async.sandbox.services.zns.records import add_message
from etelecom_async.sandbox.services.zns.template_rules import check_data
from etelecom_async.sandbox.services.zns.templates import find_template
from etelecom_async.sandbox.world import people

if TYPE_CHECKING:
    from collections.abc import Mapping

    from etelecom_async._generated.models.zns import (
        GetMessageRequest,
        ListMessagesRequest,
        SendZNSJourneyRequest,
        SendZNSRequest,
    )

_MODES: Final = ("unknown", "development")
_SENDING_MODES: Final = ("unknown", "default", "tag3")
_WITHOUT_QUOTA: Final = "tag3"
_AFTER_SALES: Final = ("FOLLOW_UP", "PROMOTION")
_NOT_LISTED: Final = ("response_data", "sending_mode")
_NOT_UNDER_A_JOURNEY: Final = ("is_development", "request_time", "response_data", "sending_mode")
# A missing value and the zero value of the enum mean the time of the last change.
_SUBMITTED: Final = "submitted_at"
_TIME_COLUMNS: Final = {
    "unknown": "updated_at",
    "updated_time": "updated_at",
    "request_time": "created_at",
    "submit_time": _SUBMITTED,
}


@attrs.frozen(kw_only=True)
class _Wanted:
    """A requested ZNS."""

    oa: OA
    phone: str
    template_id: int
    data: Mapping[str, str]
    tracking_id: str
    is_test: bool = False
    sending_mode: str = "unknown"
    journey: Journey | None = None


@handles("shop.zns.messages.send")
def send(context: Context, request: SendZNSRequest) -> Response:
    """Send one ZNS."""
    mode = read_choice(request.mode or "unknown", "mode", _MODES)
    sending_mode = read_choice(request.sending_mode or "unknown", "sending_mode", _SENDING_MODES)
    return _send(
        context,
        _Wanted(
            oa=granted_oa(context, request.oa_id),
            phone=read_text(request.phone, "phone"),
            template_id=read_number(request.template_id, "template_id", minimum=0),
            data=request.template_data,
            tracking_id=request.tracking_id or "",
            is_test=mode == "development",
            sending_mode=sending_mode,
        ),
    )


@handles("shop.zns.messages.send_journey")
def send_under_journey(context: Context, request: SendZNSJourneyRequest) -> Response:
    """Send one ZNS under a journey of the same account for this phone number; Zalo rejects an ended one."""
    oa = granted_oa(context, request.oa_id)
    phone = read_text(request.phone, "phone")
    journey = find_journey(context, request.journey_id)
    if journey.oa_id != oa.id:
        raise NotFoundError(f"official account {oa.id} has no journey {request.journey_id}")
    if people.normalize(phone) != journey.doc["phone"]:
        raise invalid("phone", "is not the phone number of the journey")
    message = _send(
        context,
        _Wanted(
            oa=oa,
            phone=phone,
            template_id=read_number(request.template_id, "template_id", minimum=0),
            data=request.template_data,
            tracking_id=request.tracking_id or "",
            journey=journey,
        ),
    )
    return {name: value for name, value in message.items() if name not in _NOT_UNDER_A_JOURNEY}


def _send(context: Context, wanted: _Wanted) -> dict[str, Any]:
    phone, rejection = read_phone(wanted.phone)
    template = find_template(context, wanted.oa.doc["oa_id"], wanted.template_id)
    if rejection is ACCEPTED:
        rejection = _check(context, wanted, phone, template)
    message = add_message(
        context.state,
        record_id=context.state.new_id(context.now),
        oa=wanted.oa.doc,
        msg_id=secrets.token_hex(12),
        phone=phone,
        template_id=wanted.template_id,
        template_data=wanted.data,
        created_at=context.now,
        tracking_id=wanted.tracking_id,
        kind="journey" if wanted.journey else "template",
        journey_id=wanted.journey.doc["journey_id"] if wanted.journey else UNSET_ID,
        zl_user_id=_zalo_user(context, wanted.oa, phone),
        timeout=template["timeout"] if template else 0,
        is_development=wanted.is_test,
        sending_mode=wanted.sending_mode,
        rejection=rejection,
    )
    if template and rejection is ACCEPTED:
        rated = template["type"] == "rating"
        fees = _fees(context, wanted, template)
        schedule_message(context.state, message, context.now, people.behavior_of(phone), fees, rated=rated)
    return message


def _check(context: Context, wanted: _Wanted, phone: str, template: dict[str, Any] | None) -> Rejection:
    """Return Zalo's rejection of a ZNS, or use the quotas if Zalo accepts it."""
    if template is None:
        return rejections.no_template("the account has no such template")
    unfit = _check_use(wanted, template) or check_data(template["template_params"], wanted.data)
    if unfit:
        return unfit
    if wanted.is_test:
        shop = context.state.fetch_doc("shop", context.caller.account_id)
        return ACCEPTED if people.normalize(shop["phone"]) == phone else rejections.NOT_ADMINISTRATOR
    oa, is_after_sales = wanted.oa.doc, template["template_tag"] in _AFTER_SALES
    if wanted.sending_mode == _WITHOUT_QUOTA:
        if not oa["is_verified"]:
            return rejections.NOT_WHITELISTED
        return ACCEPTED if is_after_sales else rejections.WRONG_TAG
    taken = [quotas.daily(oa)]
    if is_after_sales:
        taken.append(quotas.promotions(oa))
    if template["apply_template_quota"]:
        taken.append(quotas.of_template(template))
    return quotas.spend(context.state, context.now, taken)


def _check_use(wanted: _Wanted, template: Mapping[str, Any]) -> Rejection | None:
    """Return Zalo's rejection of a template or a journey that cannot be used; `None` if both can."""
    if template["template_status"] != "ENABLE":
        return rejections.not_approved(f"its status is {template['template_status']}")
    if wanted.journey is None:
        return None
    if not template["is_journey"]:
        return rejections.no_template("it is not for journeys")
    # The phone number of a rejected journey is rejected, too, so this one was accepted and has ended.
    return None if wanted.journey.doc["status"] == "P" else rejections.JOURNEY_OVER


def _fees(context: Context, wanted: _Wanted, template: Mapping[str, Any]) -> Fees:
    if wanted.is_test:
        return FREE
    if wanted.journey is None:
        return Fees(main=template["price"])
    context.state.execute("UPDATE journey SET fee = 0 WHERE id = ?", wanted.journey.id)
    return Fees(token=wanted.journey.fee)


def _zalo_user(context: Context, oa: OA, phone: str) -> str:
    row = context.state.fetch_first(
        "SELECT zl_user_id FROM follower WHERE oa_id = ? AND json_extract(doc, '$.phone') = ?", oa.id, phone
    )
    return row["zl_user_id"] if row else UNSET_ID


@handles("shop.zns.messages.get")
def get_message(context: Context, request: GetMessageRequest) -> Response:
    """Return a ZNS by its id at Zalo."""
    oa = find_oa(context, request.oa_id)
    msg_id = read_text(request.msg_id, "msg_id")
    row = context.state.fetch_first(
        "SELECT doc FROM zns_message "
        "WHERE json_extract(doc, '$.msg_id') = ? AND json_extract(doc, '$.oa_id') = ?",
        msg_id,
        oa.doc["oa_id"],
    )
    if row is None:
        raise NotFoundError(f"official account {oa.id} has no message {msg_id[:40]!r}")
    message: dict[str, Any] = json.loads(row["doc"])
    return message


@handles("shop.zns.messages.list")
def list_messages(context: Context, request: ListMessagesRequest) -> ListResponse:
    """
    Return the shop's ZNS, including rejected ones.

    `msg_type` filters by the field `type`. With `submit_time`, only rated messages are returned.
    """
    query = ListQuery.of_shop("zns_message", context, without=_NOT_LISTED)
    if wanted := request.filter:
        words = (
            "template_id", "msg_id", "tracking_id", "phone", "status", "delivery_status", "is_charged",
            "is_development",
        )  # fmt: skip
        filter_by_fields(query, wanted, ids=("oa_id", "campaign_id", "user_id"), words=words)
        if wanted.msg_type:
            query.where_field("type", str(wanted.msg_type))
        if journey_id := read_optional_id(wanted.journey_id, "filter.journey_id"):
            query.where_field("journey_id", journey_name(context, journey_id))
        time_type = read_choice(wanted.time_type or "unknown", "filter.time_type", _TIME_COLUMNS)
        column = _TIME_COLUMNS[time_type]
        if column == _SUBMITTED:
            query.where(f"{column} > 0")
        filter_by_time(query, column, wanted.date_from, wanted.date_to)
    return fetch_page(context.state, "messages", query, request.paging)
