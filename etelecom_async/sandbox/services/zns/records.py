"""
The records of templates, journeys and messages: their JSON and their columns.

The functions here create new records; `lifecycle` schedules their later changes.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from etelecom_async._core.codec.scalars import NEVER
from etelecom_async.sandbox.ids import UNSET_ID
from etelecom_async.sandbox.services.zalo.rejections import ACCEPTED, Rejection
from etelecom_async.sandbox.store.state import State, search_name
from etelecom_async.sandbox.times import iso


def add_template(
    state: State,
    *,
    template_id: int,
    oa: Mapping[str, Any],
    name: str,
    kind: str,
    tag: str,
    params: list[dict[str, Any]],
    price: int,
    created_at: datetime,
    status: str = "ENABLE",
    quality: str = "UNDEFINED",
    daily_quota: int = 0,
    is_journey: bool = False,
) -> dict[str, Any]:
    """Add a template of an official account, with a daily quota if one is given; return its JSON."""
    doc = {
        "template_id": template_id,
        "template_name": name,
        "type": kind,
        "template_status": status,
        "template_quality": quality,
        "template_tag": tag,
        "price": price,
        "timeout": 7_200_000,
        "apply_template_quota": daily_quota > 0,
        "template_daily_quota": daily_quota,
        "template_remaining_quota": daily_quota,
        "preview_url": f"https://example.com/zns/{template_id}",
        "template_params": params,
        "created_at": iso(created_at),
        "updated_at": iso(created_at),
        "oa_id": oa["oa_id"],
        "shop_id": oa["shop_id"],
        "is_journey": is_journey,
        "price_exceeded": price + 100,
        "retail_price": price + 50,
        "ref_param": "",
    }
    state.insert_record(
        "zns_template",
        template_id,
        doc,
        created_at,
        shop_id=int(oa["shop_id"]),
        search_name=search_name(name),
    )
    return doc


def add_journey(
    state: State,
    *,
    record_id: int,
    oa: Mapping[str, Any],
    journey_id: str,
    journey_token: str,
    phone: str,
    fee: int,
    created_at: datetime,
    expired_at: datetime,
    rejection: Rejection = ACCEPTED,
) -> dict[str, Any]:
    """Add a journey, charged or rejected; return its JSON."""
    is_accepted = rejection is ACCEPTED
    doc = {
        "id": str(record_id),
        "journey_id": journey_id if is_accepted else UNSET_ID,
        "journey_token": journey_token if is_accepted else "",
        "phone": phone,
        "status": "P" if is_accepted else "N",
        "is_charged": is_accepted,
        "expired_at": iso(expired_at) if is_accepted else NEVER,
        "error_code": rejection.code,
        "error_message": rejection.text,
        "created_at": iso(created_at),
        "updated_at": iso(created_at),
    }
    state.insert_record(
        "journey",
        record_id,
        doc,
        created_at,
        shop_id=int(oa["shop_id"]),
        oa_id=int(oa["oa_id"]),
        fee=fee,
    )
    return doc


def add_message(
    state: State,
    *,
    record_id: int,
    oa: Mapping[str, Any],
    msg_id: str,
    phone: str,
    template_id: int,
    template_data: Mapping[str, str],
    created_at: datetime,
    tracking_id: str = "",
    kind: str = "template",
    journey_id: str = UNSET_ID,
    campaign_id: str = UNSET_ID,
    zl_user_id: str = UNSET_ID,
    timeout: int = 0,
    is_development: bool = False,
    sending_mode: str = "unknown",
    rejection: Rejection = ACCEPTED,
) -> dict[str, Any]:
    """Add a ZNS, new or rejected; return its JSON."""
    is_accepted = rejection is ACCEPTED
    doc = {
        "id": str(record_id),
        "msg_id": msg_id if is_accepted else "",
        "shop_id": oa["shop_id"],
        "user_id": oa["onwer_id"],
        "oa_id": oa["oa_id"],
        "campaign_id": campaign_id,
        "journey_id": journey_id,
        "zl_user_id": zl_user_id,
        "phone": phone,
        "template_id": template_id,
        "template_data": dict(template_data),
        "tracking_id": tracking_id,
        "type": kind,
        "status": "Z" if is_accepted else "N",
        "delivery_status": "unknown",
        "delivery_time": NEVER,
        "sent_time": NEVER,
        "error_code": rejection.code,
        "error_message": rejection.text,
        "is_charged": False,
        "fee_main": 0,
        "fee_token": 0,
        "timeout": timeout,
        "rate": 0,
        "note": "",
        "feedback": None,
        "submit_time": NEVER,
        "is_development": is_development,
        "request_time": iso(created_at),
        "response_data": "",
        "sending_mode": sending_mode,
        "created_at": iso(created_at),
        "updated_at": iso(created_at),
    }
    state.insert_record("zns_message", record_id, doc, created_at, shop_id=int(oa["shop_id"]), submitted_at=0)
    return doc
