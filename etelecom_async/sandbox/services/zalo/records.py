"""
The records of official accounts, followers and consents: their JSON and their columns.

The functions here create new records; `lifecycle` schedules their later changes.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

import attrs

from etelecom_async._core.codec.scalars import NEVER
from etelecom_async.sandbox.ids import UNSET_ID
from etelecom_async.sandbox.services.zalo.rejections import ACCEPTED, Rejection
from etelecom_async.sandbox.store.state import State, search_name
from etelecom_async.sandbox.times import iso
from etelecom_async.sandbox.world import fake
from etelecom_async.sandbox.world.fake import Rng

GRANT: Final = timedelta(days=90)
"""Time for which the grant of an official account is valid; chosen by the sandbox."""

_STREETS: Final = ("Lê Lợi", "Trần Phú", "Nguyễn Huệ", "Hai Bà Trưng", "Quang Trung", "Phan Chu Trinh")
_PLACES: Final = (
    ("Phường Bến Nghé", "Quận 1", "Hồ Chí Minh"), ("Phường Hải Châu 1", "Quận Hải Châu", "Đà Nẵng"),
    ("Phường Tràng Tiền", "Quận Hoàn Kiếm", "Hà Nội"), ("Phường An Cựu", "Thành phố Huế", "Thừa Thiên Huế"),
)  # fmt: skip


@attrs.frozen(kw_only=True)
class Allowance:
    """The quotas of an official account; the sandbox chooses all numbers."""

    daily: int = 10
    """ZNS per day."""
    promotions: int = 3
    """After-sales ZNS per month."""
    package: int = 10
    """Consulting messages per month, besides the replies."""


_NEW: Final = Allowance()


def zalo_id(rng: Rng) -> int:
    """Return an id in Zalo's form: 19 digits."""
    return rng.randrange(10**18, 4 * 10**18)


def add_oa(
    state: State,
    *,
    record_id: int,
    shop_id: int,
    owner_id: int,
    app_id: str,
    redirect_uri: str,
    created_at: datetime,
    expires_at: datetime,
    name: str,
    status: str = "P",
    connection_id: str = UNSET_ID,
    connection_method: str = "direct",
    allowance: Allowance = _NEW,
    is_verified: bool = False,
    current_quality: str = "UNDEFINED",
    last_week_quality: str = "UNDEFINED",
    webhook_url: str = "",
) -> dict[str, Any]:
    """Add an official account of a shop; return its JSON."""
    doc = {
        "app_id": app_id,
        "avatar": f"https://example.com/oa/{record_id}/avatar.png",
        "connection_id": connection_id,
        "connection_method": connection_method,
        "cover": f"https://example.com/oa/{record_id}/cover.png",
        "created_at": iso(created_at),
        "current_quality": current_quality,
        "daily_quota": allowance.daily,
        "daily_quota_promotion": None,
        "description": f"Kênh Zalo của {name}",
        "estimated_next_month_promotion_quota": allowance.promotions,
        "expires_at": iso(expires_at),
        "is_verified": is_verified,
        "last_week_quality": last_week_quality,
        "monthly_promotion_quota": allowance.promotions,
        "name": name,
        "oa_id": str(record_id),
        "onwer_id": str(owner_id),
        "remaining_monthly_promotion_quota": allowance.promotions,
        "remaining_quota": allowance.daily,
        "shop_id": str(shop_id),
        "status": status,
        "updated_at": iso(created_at),
        "webhook_url": webhook_url,
    }
    state.insert_record(
        "oa",
        record_id,
        doc,
        created_at,
        shop_id=shop_id,
        redirect_uri=redirect_uri,
        package=allowance.package,
        search_name=search_name(name),
    )
    return doc


def add_follower(
    state: State,
    *,
    record_id: int,
    shop_id: int,
    oa_id: int,
    zl_user_id: str,
    zl_user_id_by_app: str,
    full_name: str,
    phone: str,
    created_at: datetime,
    gender: str = "unknown",
    follow_state: str = "follow",
    has_conversation: bool = False,
    assigned_user_id: str = UNSET_ID,
    shared_info: dict[str, str] | None = None,
    notes: list[str] | None = None,
    tag_names: list[str] | None = None,
) -> dict[str, Any]:
    """Add a Zalo user with a contact to an official account; return its JSON."""
    pictures = {size: f"https://example.com/zalo/{zl_user_id}/{size}.jpg" for size in ("120", "240")}
    doc = {
        "assigned_user_id": assigned_user_id,
        "avatar": pictures["240"],
        "avatars": pictures,
        "created_at": iso(created_at),
        "full_name": full_name,
        "gender": gender,
        "has_conversation": has_conversation,
        "id": str(record_id),
        "oa_id": str(oa_id),
        "phone": phone,
        "shared_info": shared_info,
        "shop_id": str(shop_id),
        "state": follow_state,
        "tags_and_notes_info": {"notes": notes, "tag_names": tag_names},
        "updated_at": iso(created_at),
        "zl_user_id": zl_user_id,
        "zl_user_id_by_app": zl_user_id_by_app,
    }
    state.insert_record(
        "follower",
        record_id,
        doc,
        created_at,
        shop_id=shop_id,
        oa_id=oa_id,
        zl_user_id=zl_user_id,
        interacted_at=0,
        search_name=search_name(full_name),
    )
    return doc


def shared_info(rng: Rng, name: str, phone: str) -> dict[str, str]:
    """Return the data that a user shares with an official account; an unknown phone number is invented."""
    ward, district, city = rng.choice(_PLACES)
    return {
        "address": f"{rng.randrange(1, 200)} {rng.choice(_STREETS)}",
        "city": city,
        "district": district,
        "name": name,
        "phone": phone or f"84{fake.mobile_numbers(rng, 1)[0][1:]}",
        "ward": ward,
    }


def add_consent(
    state: State,
    *,
    record_id: int,
    oa: Mapping[str, Any],
    phone: str,
    call_type: str,
    reason_code: str,
    created_at: datetime,
    expires_at: datetime,
    rejection: Rejection = ACCEPTED,
) -> dict[str, Any]:
    """Add a request for a consent (cấp quyền gọi), sent or rejected; return its JSON."""
    is_sent = rejection is ACCEPTED
    doc = {
        "id": str(record_id),
        "shop_id": oa["shop_id"],
        "user_id": oa["onwer_id"],
        "oa_id": oa["oa_id"],
        "phone": phone,
        "call_type": call_type,
        "reason_code": reason_code,
        "status": "P" if is_sent else "N",
        "reply_status": "S" if is_sent else "Z",
        "delivery_status": "unknown",
        "delivery_time": NEVER,
        "is_charged": is_sent,
        "error_code": rejection.code,
        "error_message": rejection.text,
        "expires_at": iso(expires_at) if is_sent else NEVER,
        "created_at": iso(created_at),
        "updated_at": iso(created_at),
    }
    state.insert_record("consent", record_id, doc, created_at, shop_id=int(oa["shop_id"]), granted_until=0)
    return doc
