"""
Makes the records of official accounts: the account, its followers, and the messages between them.

As `records` does for the switchboard: seed and handlers make them through this room.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

import attrs

from etelecom_async.sandbox.ids import UNSET_ID
from etelecom_async.sandbox.store.state import State, search_name, to_json
from etelecom_async.sandbox.times import iso, micros
from etelecom_async.sandbox.world import fake
from etelecom_async.sandbox.world.fake import Rng

GRANT: Final = timedelta(days=90)
"""How long an official account's grant holds: chosen here."""

_STREETS: Final = ("Lê Lợi", "Trần Phú", "Nguyễn Huệ", "Hai Bà Trưng", "Quang Trung", "Phan Chu Trinh")
_PLACES: Final = (
    ("Phường Bến Nghé", "Quận 1", "Hồ Chí Minh"), ("Phường Hải Châu 1", "Quận Hải Châu", "Đà Nẵng"),
    ("Phường Tràng Tiền", "Quận Hoàn Kiếm", "Hà Nội"), ("Phường An Cựu", "Thành phố Huế", "Thừa Thiên Huế"),
)  # fmt: skip


@attrs.frozen(kw_only=True)
class Allowance:
    """How much an official account may send; all numbers are chosen here."""

    daily: int = 10
    """ZNS a day."""
    promotions: int = 3
    """Of these, after-sales ZNS a month."""
    package: int = 10
    """Consulting messages a month, beside the replies."""


_NEW: Final = Allowance()


def zalo_id(rng: Rng) -> int:
    """Return an id as Zalo gives them: 19 digits."""
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
    """Add an official account that is connected with a shop; return its JSON."""
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
    state.insert(
        "oa",
        id=record_id,
        shop_id=shop_id,
        redirect_uri=redirect_uri,
        package=allowance.package,
        search_name=search_name(name),
        created_at=micros(created_at),
        updated_at=micros(created_at),
        doc=to_json(doc),
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
    """Add a Zalo user who has had to do with an official account; return the JSON."""
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
    state.insert(
        "follower",
        id=record_id,
        shop_id=shop_id,
        oa_id=oa_id,
        zl_user_id=zl_user_id,
        interacted_at=0,
        search_name=search_name(full_name),
        created_at=micros(created_at),
        updated_at=micros(created_at),
        doc=to_json(doc),
    )
    return doc


def shared_info(rng: Rng, name: str, phone: str) -> dict[str, str]:
    """Return what someone shares with an official account; where the phone is not known, one is drawn."""
    ward, district, city = rng.choice(_PLACES)
    return {
        "address": f"{rng.randrange(1, 200)} {rng.choice(_STREETS)}",
        "city": city,
        "district": district,
        "name": name,
        "phone": phone or f"84{fake.mobile_numbers(rng, 1)[0][1:]}",
        "ward": ward,
    }
