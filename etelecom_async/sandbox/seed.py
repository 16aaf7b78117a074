"""
Fills a new sandbox with a partner, its shops, and one shop that has used everything for a while.

The same content gives the same records, ids and secrets, each part drawn from its own random numbers. Rows
hold what a reader of the platform has to survive: ids "0", times `0001-01-01T00:00:00Z`, null arrays, offsets
beside `Z`, and values of enums that the documentation does not list.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from etelecom_async.sandbox import records, seed_calls, seed_sms, seed_zalo, seed_zns
from etelecom_async.sandbox.ids import UNSET_ID, id_at
from etelecom_async.sandbox.services.account.keys import new_api_key, new_shop_keys
from etelecom_async.sandbox.store.state import State
from etelecom_async.sandbox.times import UNSET_TIME, iso
from etelecom_async.sandbox.world import fake
from etelecom_async.sandbox.world.content import Content

_CARRIERS_OF_LANDLINES: Final = ("unknown", "other", "vinaphone", "viettel", "vietnamobile")
_DEPARTMENTS: Final = 4
_POSITIONS: Final = ("Tư vấn viên", "Trưởng nhóm", "Chăm sóc khách hàng", "Kỹ thuật viên", "")
_ROLES: Final[tuple[list[str] | None, ...]] = (["staff"], ["staff", "telesale"], ["admin"], [], None)
_PERMISSIONS: Final[tuple[list[str] | None, ...]] = (None, [], ["call_log"], ["call_log", "extension"])


def populate(state: State, content: Content) -> None:
    """Fill an empty state."""
    _populate_partner(state, content)
    tenants = _populate_shops(state, content)
    shop_id = int(state.setting("shop_id"))
    lines = _populate_hotlines(state, content, tenants)
    users = _populate_users(state, content, shop_id)
    agents = _populate_extensions(state, content, tenants, lines, users)
    seed_calls.populate(
        state,
        content.rng("call_logs"),
        shop_id=shop_id,
        count=content.call_logs,
        until=content.until,
        lines=lines,
        agents=agents,
    )
    _populate_zalo(state, content, shop_id, [user_id for user_id, _ in users])
    seed_sms.populate(state, content.rng("sms"), content.sms_quota)
    # What was sent has become of it what time does, and the rest becomes so later.
    state.apply_due(content.until)


def _populate_partner(state: State, content: Content) -> None:
    rng = content.rng("partner")
    partner_id = id_at(content.before(500, rng), rng.getrandbits(24))
    state.save_settings(
        partner_id=str(partner_id),
        partner_name=fake.company(rng),
        partner_api_key=new_api_key(rng, partner_id),
        connection_id=str(id_at(content.before(600, rng), rng.getrandbits(24))),
        cursor_key=fake.secret(rng, 32),
        clock_ahead="0",
        sms_username=f"sandbox{rng.randrange(1000, 9999)}",
        sms_password=fake.secret(rng, 16),
    )


def _populate_shops(state: State, content: Content) -> list[dict[str, Any]]:
    """Make a shop for each tenant, and one where there is none; return the tenants."""
    rng = content.rng("shops")
    populated: list[dict[str, Any]] = []
    count = max(content.tenants, 1)
    phones = fake.mobile_numbers(rng, count)
    for index in range(count):
        created_at = content.before(400 - 200 * index / count, rng)
        name, owner = fake.company(rng), fake.person(rng, index)
        shop_id, owner_id = id_at(created_at, rng.getrandbits(24)), id_at(created_at, rng.getrandbits(24))
        records.add_shop(
            state,
            record_id=shop_id,
            owner_id=owner_id,
            code=fake.secret(rng, 4).upper(),
            name=name,
            email=owner.email,
            phone=phones[index],
            keys=new_shop_keys(rng, shop_id),
            created_at=created_at,
        )
        if index == 0:
            state.save_settings(shop_id=str(shop_id))
        if index == content.tenants:
            break
        tenant = records.add_tenant(
            state,
            record_id=id_at(created_at + timedelta(minutes=7), rng.getrandbits(24)),
            shop_id=shop_id,
            owner_id=owner_id,
            connection_id=state.setting("connection_id"),
            name=name,
            created_at=created_at + timedelta(minutes=7, microseconds=rng.randrange(1_000_000)),
            status="P" if index == 0 else rng.choices("PZNS", (70, 15, 12, 3))[0],
            connection_method="direct" if index % 5 == 1 else "unknown",
        )
        populated.append(tenant)
    return populated


def _populate_hotlines(
    state: State, content: Content, tenants: list[dict[str, Any]]
) -> list[seed_calls.Line]:
    """
    Make hotlines; return those of the first tenant.

    One in four is on no tenant, and one in four on another one that is active, if there is any.
    """
    rng = content.rng("hotlines")
    landlines = fake.landline_numbers(rng, content.hotlines)
    mobiles = fake.mobile_numbers(rng, content.hotlines)
    active = [tenant for tenant in tenants if tenant["status"] == "P"]
    places = [*active[:1], *active[:1], None, *active[1:2]]
    populated: list[seed_calls.Line] = []
    for index in range(content.hotlines):
        created_at = content.before(390 - 180 * index / content.hotlines, rng)
        is_mobile = index % 3 == 1
        number = mobiles[index] if is_mobile else landlines[index]
        tenant = places[index % len(places)]
        hotline_id = id_at(created_at, rng.getrandbits(24))
        records.add_hotline(
            state,
            record_id=hotline_id,
            number=number,
            name=f"Hotline {index + 1}",
            description=rng.choice(("Chăm sóc khách hàng", "Bán hàng", "Kỹ thuật", "")),
            network=fake.network(number) if is_mobile else rng.choice(_CARRIERS_OF_LANDLINES),
            is_free_charge=rng.chance(0.2),
            owner_id=tenant["owner_id"] if tenant else UNSET_ID,
            created_at=created_at,
            tenant=tenant,
        )
        if tenant and tenant is active[0]:
            populated.append(seed_calls.Line(hotline_id, number))
    return populated


def _populate_users(state: State, content: Content, shop_id: int) -> list[tuple[int, int]]:
    """Make employees; return the ids of each and of the department, 0 for none."""
    rng = content.rng("users")
    departments = [id_at(content.before(395, rng), rng.getrandbits(24)) for _ in range(_DEPARTMENTS)]
    phones = fake.mobile_numbers(rng, content.users)
    populated: list[tuple[int, int]] = []
    for index in range(content.users):
        created_at = content.before(380 - 200 * index / content.users, rng)
        person = fake.person(rng, index)
        user_id = id_at(created_at, rng.getrandbits(24))
        department = rng.choice((*departments, 0))
        records.add_user(
            state,
            record_id=user_id,
            shop_id=shop_id,
            full_name=person.full_name,
            short_name=person.short_name,
            phone=phones[index],
            email=person.email if rng.chance(0.8) else "",
            department_id=str(department),
            position=rng.choice(_POSITIONS),
            roles=rng.choice(_ROLES),
            permissions=rng.choice(_PERMISSIONS),
            deleted=rng.chance(0.02),
            created_at=created_at,
        )
        populated.append((user_id, department))
    return populated


def _populate_zalo(state: State, content: Content, shop_id: int, user_ids: list[int]) -> None:
    """Make official accounts, their followers, and what was sent by ZNS."""
    accounts = seed_zalo.populate_accounts(
        state,
        content.rng("official_accounts"),
        shop_id=shop_id,
        owner_id=int(state.fetch_doc("shop", shop_id)["owner_id"]),
        count=content.official_accounts,
        until=content.until,
    )
    if not accounts:
        return
    seed_zalo.populate_followers(
        state,
        content.rng("followers"),
        accounts=accounts,
        user_ids=user_ids,
        count=content.followers,
        until=content.until,
    )
    templates = seed_zns.populate_templates(
        state, content.rng("zns_templates"), accounts=accounts, until=content.until
    )
    seed_zns.populate_history(
        state,
        content.rng("zns_messages"),
        oa=accounts[0],
        templates=templates,
        count=content.zns_messages,
        until=content.until,
    )


def _populate_extensions(
    state: State,
    content: Content,
    tenants: list[dict[str, Any]],
    lines: list[seed_calls.Line],
    users: list[tuple[int, int]],
) -> list[seed_calls.Agent]:
    """Make extensions, the first ones for the employees in their order, every tenth for nobody."""
    rng = content.rng("extensions")
    populated: list[seed_calls.Agent] = []
    for index in range(content.extensions):
        created_at = content.before(370 - 200 * index / content.extensions, rng)
        is_free = index >= len(users) or (index + 1) % 10 == 0
        user_id, department_id = (0, 0) if is_free else users[index]
        is_paid = rng.chance(0.7)
        extension_id = id_at(created_at, rng.getrandbits(24))
        number = str(1001 + index)
        records.add_extension(
            state,
            record_id=extension_id,
            tenant=tenants[0],
            shop_id=int(state.setting("shop_id")),
            hotline_id=rng.choice(lines).id,
            user_id=user_id or None,
            number=number,
            password=fake.secret(rng, 12),
            created_at=created_at,
            state_letter=rng.choices("PZNS", (80, 12, 6, 2))[0],
            expires_at=iso(content.until + timedelta(days=rng.randrange(365))) if is_paid else UNSET_TIME,
            subscription_id=str(id_at(created_at, rng.getrandbits(24))) if is_paid else UNSET_ID,
        )
        populated.append(seed_calls.Agent(extension_id, number, user_id, department_id))
    return populated
