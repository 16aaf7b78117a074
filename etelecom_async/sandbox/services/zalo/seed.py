"""Official accounts, their followers and requests for consent in a new sandbox."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from etelecom_async.sandbox.ids import UNSET_ID, id_at
from etelecom_async.sandbox.services.zalo.consents import CALL_TYPES, REASONS
from etelecom_async.sandbox.services.zalo.lifecycle import CONSENT_OPEN, schedule_consent
from etelecom_async.sandbox.services.zalo.records import (
    Allowance,
    add_consent,
    add_follower,
    add_oa,
    shared_info,
    zalo_id,
)
from etelecom_async.sandbox.services.zalo.rejections import ACCEPTED, read_phone
from etelecom_async.sandbox.store.state import State
from etelecom_async.sandbox.world.content import Content
from etelecom_async.sandbox.world.fake import Rng, company, mobile_numbers, person
from etelecom_async.sandbox.world.people import behavior_of, normalize

REDIRECT_URI: Final = "https://example.com/zalo/callback"
"""Redirect address of the seeded accounts."""

# Long enough that a sandbox can still send years after its seeded history.
_VALID: Final = timedelta(days=3650)
_LARGE: Final = Allowance(daily=5000, promotions=1000, package=2000)

_TAGS: Final[tuple[list[str] | None, ...]] = (None, [], ["VIP"], ["Khách mới"], ["Khách mới", "Hà Nội"])
_NOTES: Final[tuple[list[str] | None, ...]] = (
    None,
    [],
    ["Hỏi giá combo"],
    ["Gọi lại sau 18h", "Thích màu xanh"],
)
# The last value is not in the documentation, because enums may have new values.
_GENDERS: Final = {"female": 45, "male": 45, "unknown": 6, "other": 3, "undisclosed": 1}


def populate_accounts(state: State, content: Content, *, shop_id: int, owner_id: int) -> list[dict[str, Any]]:
    """Add official accounts of one Zalo app; return their JSON."""
    rng, count = content.rng("official_accounts"), content.official_accounts
    app_id = str(zalo_id(rng))
    accounts: list[dict[str, Any]] = []
    for index in range(count):
        created_at = content.before(300 - 150 * index / count, rng)
        # The grant of the second has expired, the third was disconnected, the others can send.
        has_expired, is_disconnected = index == 1, index == 2  # noqa: PLR2004 - an index, explained above
        valid = timedelta(days=-10) if has_expired or is_disconnected else _VALID
        doc = add_oa(
            state,
            record_id=zalo_id(rng),
            shop_id=shop_id,
            owner_id=owner_id,
            app_id=app_id,
            redirect_uri=REDIRECT_URI,
            created_at=created_at,
            expires_at=content.until + valid,
            name=company(rng),
            status="N" if is_disconnected else "P",
            connection_id=str(id_at(created_at, rng.getrandbits(24))),
            connection_method="builtin" if is_disconnected else "direct",
            allowance=_LARGE if index == 0 else Allowance(daily=500, promotions=100, package=200),
            is_verified=index == 0,
            current_quality="HIGH" if index == 0 else "UNDEFINED",
            last_week_quality="HIGH" if index == 0 else rng.choice(("MEDIUM", "LOW", "unknown")),
        )
        accounts.append(doc)
    return accounts


def populate_followers(
    state: State, content: Content, *, accounts: Sequence[dict[str, Any]], user_ids: Sequence[int]
) -> None:
    """Add followers, most of them of the first account."""
    rng, count = content.rng("followers"), content.followers
    phones = mobile_numbers(rng, count)
    for index in range(count):
        account = accounts[index // 4 % len(accounts)] if index % 4 == 0 else accounts[0]
        created_at = content.before(140 - 130 * index / count, rng)
        phone = normalize(phones[index]) or ""
        zl_user_id = str(zalo_id(rng))
        name = person(rng, index).full_name
        has_shared = rng.chance(0.5)
        add_follower(
            state,
            record_id=id_at(created_at, rng.getrandbits(24)),
            shop_id=int(account["shop_id"]),
            oa_id=int(account["oa_id"]),
            zl_user_id=zl_user_id,
            zl_user_id_by_app=str(zalo_id(rng)),
            full_name=name,
            phone=phone if has_shared or rng.chance(0.4) else "",
            created_at=created_at,
            gender=rng.choices(list(_GENDERS), list(_GENDERS.values()))[0],
            follow_state="follow" if rng.chance(0.85) else "unfollow",
            has_conversation=rng.chance(0.6),
            assigned_user_id=str(rng.choice((*user_ids, UNSET_ID))),
            shared_info=shared_info(Rng(zl_user_id), name, phone) if has_shared else None,
            notes=rng.choice(_NOTES),
            tag_names=rng.choice(_TAGS),
        )


def populate_consent(
    state: State, rng: Rng, *, oa: Mapping[str, Any], number: str, created_at: datetime
) -> None:
    """Add a request for consent, and schedule its changes if Zalo accepts it."""
    phone, rejection = read_phone(number)
    doc = add_consent(
        state,
        record_id=id_at(created_at, rng.getrandbits(24)),
        oa=oa,
        phone=phone,
        call_type=rng.choice(CALL_TYPES),
        # Only three of the five, because more choices would change the rows of existing seeds.
        reason_code=rng.choice(REASONS[:3]),
        created_at=created_at,
        expires_at=created_at + CONSENT_OPEN,
        rejection=rejection,
    )
    if rejection is ACCEPTED:
        schedule_consent(state, doc, created_at, behavior_of(phone))
