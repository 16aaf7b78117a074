"""Official accounts as a shop has them after a while, and the people who follow them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from etelecom_async.sandbox.ids import UNSET_ID, id_at
from etelecom_async.sandbox.records_zalo import Allowance, add_follower, add_oa, shared_info, zalo_id
from etelecom_async.sandbox.store.state import State
from etelecom_async.sandbox.world.fake import Rng, company, mobile_numbers, person
from etelecom_async.sandbox.world.people import normalize

REDIRECT_URI: Final = "https://example.com/zalo/callback"
"""Where administrators of seeded accounts are sent back to."""

# Far, so that a sandbox that is started years after its seeded history can send.
_LASTING: Final = timedelta(days=3650)
_LARGE: Final = Allowance(daily=5000, promotions=1000, package=2000)

_TAGS: Final[tuple[list[str] | None, ...]] = (None, [], ["VIP"], ["Khách mới"], ["Khách mới", "Hà Nội"])
_NOTES: Final[tuple[list[str] | None, ...]] = (
    None,
    [],
    ["Hỏi giá combo"],
    ["Gọi lại sau 18h", "Thích màu xanh"],
)
# The last one is not in the documentation; every enum is open.
_GENDERS: Final = {"female": 45, "male": 45, "unknown": 6, "other": 3, "undisclosed": 1}


def populate_accounts(
    state: State, rng: Rng, *, shop_id: int, owner_id: int, count: int, until: datetime
) -> list[dict[str, Any]]:
    """Make official accounts of one app; return their JSON."""
    app_id = str(zalo_id(rng))
    populated: list[dict[str, Any]] = []
    for index in range(count):
        created_at = _before(until, 300 - 150 * index / count, rng)
        # The second has run out, the third was given up, the rest can send.
        has_run_out, is_given_up = index == 1, index == 2  # noqa: PLR2004 - so it says
        lasts = timedelta(days=-10) if has_run_out or is_given_up else _LASTING
        doc = add_oa(
            state,
            record_id=zalo_id(rng),
            shop_id=shop_id,
            owner_id=owner_id,
            app_id=app_id,
            redirect_uri=REDIRECT_URI,
            created_at=created_at,
            expires_at=until + lasts,
            name=company(rng),
            status="N" if is_given_up else "P",
            connection_id=str(id_at(created_at, rng.getrandbits(24))),
            connection_method="builtin" if is_given_up else "direct",
            allowance=_LARGE if index == 0 else Allowance(daily=500, promotions=100, package=200),
            is_verified=index == 0,
            current_quality="HIGH" if index == 0 else "UNDEFINED",
            last_week_quality="HIGH" if index == 0 else rng.choice(("MEDIUM", "LOW", "unknown")),
        )
        populated.append(doc)
    return populated


def populate_followers(
    state: State,
    rng: Rng,
    *,
    accounts: Sequence[dict[str, Any]],
    user_ids: Sequence[int],
    count: int,
    until: datetime,
) -> None:
    """Make followers, three in four of the first account."""
    phones = mobile_numbers(rng, count)
    for index in range(count):
        account = accounts[index // 4 % len(accounts)] if index % 4 == 0 else accounts[0]
        created_at = _before(until, 140 - 130 * index / count, rng)
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


def _before(until: datetime, days: float, rng: Rng) -> datetime:
    """Return a moment about that many days before the end."""
    return until - timedelta(days=days, microseconds=rng.randrange(86_400_000_000))
