"""
Fills a new sandbox with a partner, its shops, and one shop that has used everything for a while.

The same content gives the same records, ids and secrets, each part drawn from its own random numbers. Rows
hold what a reader of the platform has to survive: ids "0", times `0001-01-01T00:00:00Z`, null arrays, offsets
beside `Z`, and values of enums that the documentation does not list.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

import attrs

from etelecom_async.sandbox import draw, records, seed_calls, seed_sms, seed_zalo, seed_zns
from etelecom_async.sandbox.draw import Luck
from etelecom_async.sandbox.ids import UNSET_ID, id_at
from etelecom_async.sandbox.keys import api_key, secret, shop_keys
from etelecom_async.sandbox.state import State
from etelecom_async.sandbox.times import UNSET_TIME, VIETNAM, iso

UNTIL: Final = datetime(2025, 10, 1, tzinfo=VIETNAM)
"""Where seeded history ends unless told otherwise: fixed, so that a seed gives the same on any day."""

_CARRIERS_OF_LANDLINES: Final = ("unknown", "other", "vinaphone", "viettel", "vietnamobile")
_DEPARTMENTS: Final = 4
_POSITIONS: Final = ("Tư vấn viên", "Trưởng nhóm", "Chăm sóc khách hàng", "Kỹ thuật viên", "")
_ROLES: Final[tuple[list[str] | None, ...]] = (["staff"], ["staff", "telesale"], ["admin"], [], None)
_PERMISSIONS: Final[tuple[list[str] | None, ...]] = (None, [], ["call_log"], ["call_log", "extension"])


def _not_negative(_: object, attribute: attrs.Attribute[int], value: int) -> None:
    if value < 0:
        raise ValueError(f"{attribute.name} is {value}, but cannot be negative")


@attrs.frozen(kw_only=True)
class Content:
    """
    How much a new sandbox holds.

    The first tenant belongs to the shop whose keys the sandbox gives, and all that is a shop's, too.

    Raises:
        ValueError: A number is negative, a time has no zone, there are extensions or calls and no tenant or
            hotline to be on, or followers or ZNS and no official account.
    """

    seed: int = 1
    tenants: int = attrs.field(default=3, validator=_not_negative)
    hotlines: int = attrs.field(default=4, validator=_not_negative)
    users: int = attrs.field(default=12, validator=_not_negative)
    extensions: int = attrs.field(default=10, validator=_not_negative)
    call_logs: int = attrs.field(default=250, validator=_not_negative)
    official_accounts: int = attrs.field(default=3, validator=_not_negative)
    followers: int = attrs.field(default=40, validator=_not_negative)
    zns_messages: int = attrs.field(default=60, validator=_not_negative)
    sms_quota: int = attrs.field(default=10_000, validator=_not_negative)
    until: datetime = UNTIL
    """Before which all of it was made."""

    def __attrs_post_init__(self) -> None:
        if self.until.tzinfo is None:
            raise ValueError("until needs a zone: a time without one is not a moment")
        if (self.extensions or self.call_logs) and not (self.tenants and self.hotlines):
            raise ValueError("extensions and call logs need at least one tenant and one hotline")
        if (self.followers or self.zns_messages) and not self.official_accounts:
            raise ValueError("followers and ZNS messages need at least one official account")

    def luck(self, part: str) -> Luck:
        """Return the random numbers of one part."""
        return Luck(f"{self.seed}/{part}")

    def before(self, days: float, luck: Luck) -> datetime:
        """Return a moment about that many days before the end."""
        return self.until - timedelta(days=days, microseconds=luck.randrange(86_400_000_000))


def plant(state: State, content: Content) -> None:
    """Fill an empty state."""
    _plant_partner(state, content)
    tenants = _plant_shops(state, content)
    shop_id = int(state.setting("shop_id"))
    lines = _plant_hotlines(state, content, tenants)
    users = _plant_users(state, content, shop_id)
    agents = _plant_extensions(state, content, tenants, lines, users)
    seed_calls.plant(
        state,
        content.luck("call_logs"),
        shop_id=shop_id,
        count=content.call_logs,
        until=content.until,
        lines=lines,
        agents=agents,
    )
    _plant_zalo(state, content, shop_id, [user_id for user_id, _ in users])
    seed_sms.plant(state, content.luck("sms"), content.sms_quota)
    # What was sent has become of it what time does, and the rest becomes so later.
    state.catch_up(content.until)


def _plant_partner(state: State, content: Content) -> None:
    luck = content.luck("partner")
    partner_id = id_at(content.before(500, luck), luck.getrandbits(24))
    state.keep(
        partner_id=str(partner_id),
        partner_name=draw.company(luck),
        partner_api_key=api_key(luck, partner_id),
        connection_id=str(id_at(content.before(600, luck), luck.getrandbits(24))),
        cursor_key=secret(luck, 32),
        clock_ahead="0",
        sms_username=f"sandbox{luck.randrange(1000, 9999)}",
        sms_password=secret(luck, 16),
    )


def _plant_shops(state: State, content: Content) -> list[dict[str, Any]]:
    """Make a shop for each tenant, and one where there is none; return the tenants."""
    luck = content.luck("shops")
    planted: list[dict[str, Any]] = []
    count = max(content.tenants, 1)
    phones = draw.mobile_numbers(luck, count)
    for index in range(count):
        made = content.before(400 - 200 * index / count, luck)
        name, owner = draw.company(luck), draw.person(luck, index)
        shop_id, owner_id = id_at(made, luck.getrandbits(24)), id_at(made, luck.getrandbits(24))
        records.add_shop(
            state,
            record_id=shop_id,
            owner_id=owner_id,
            code=secret(luck, 4).upper(),
            name=name,
            email=owner.email,
            phone=phones[index],
            keys=shop_keys(luck, shop_id),
            made=made,
        )
        if index == 0:
            state.keep(shop_id=str(shop_id))
        if index == content.tenants:
            break
        tenant = records.add_tenant(
            state,
            record_id=id_at(made + timedelta(minutes=7), luck.getrandbits(24)),
            shop_id=shop_id,
            owner_id=owner_id,
            connection_id=state.setting("connection_id"),
            name=name,
            made=made + timedelta(minutes=7, microseconds=luck.randrange(1_000_000)),
            status="P" if index == 0 else luck.choices("PZNS", (70, 15, 12, 3))[0],
            connection_method="direct" if index % 5 == 1 else "unknown",
        )
        planted.append(tenant)
    return planted


def _plant_hotlines(state: State, content: Content, tenants: list[dict[str, Any]]) -> list[seed_calls.Line]:
    """
    Make hotlines; return those of the first tenant.

    One in four is on no tenant, and one in four on another one that is active, if there is any.
    """
    luck = content.luck("hotlines")
    landlines = draw.landline_numbers(luck, content.hotlines)
    mobiles = draw.mobile_numbers(luck, content.hotlines)
    active = [tenant for tenant in tenants if tenant["status"] == "P"]
    places = [*active[:1], *active[:1], None, *active[1:2]]
    planted: list[seed_calls.Line] = []
    for index in range(content.hotlines):
        made = content.before(390 - 180 * index / content.hotlines, luck)
        is_mobile = index % 3 == 1
        number = mobiles[index] if is_mobile else landlines[index]
        tenant = places[index % len(places)]
        hotline_id = id_at(made, luck.getrandbits(24))
        records.add_hotline(
            state,
            record_id=hotline_id,
            number=number,
            name=f"Hotline {index + 1}",
            description=luck.choice(("Chăm sóc khách hàng", "Bán hàng", "Kỹ thuật", "")),
            network=draw.network(number) if is_mobile else luck.choice(_CARRIERS_OF_LANDLINES),
            is_free_charge=luck.chance(0.2),
            owner_id=tenant["owner_id"] if tenant else UNSET_ID,
            made=made,
            tenant=tenant,
        )
        if tenant and tenant is active[0]:
            planted.append(seed_calls.Line(hotline_id, number))
    return planted


def _plant_users(state: State, content: Content, shop_id: int) -> list[tuple[int, int]]:
    """Make employees; return the ids of each and of the department, 0 for none."""
    luck = content.luck("users")
    departments = [id_at(content.before(395, luck), luck.getrandbits(24)) for _ in range(_DEPARTMENTS)]
    phones = draw.mobile_numbers(luck, content.users)
    planted: list[tuple[int, int]] = []
    for index in range(content.users):
        made = content.before(380 - 200 * index / content.users, luck)
        person = draw.person(luck, index)
        user_id = id_at(made, luck.getrandbits(24))
        department = luck.choice((*departments, 0))
        records.add_user(
            state,
            record_id=user_id,
            shop_id=shop_id,
            full_name=person.full_name,
            short_name=person.short_name,
            phone=phones[index],
            email=person.email if luck.chance(0.8) else "",
            department_id=str(department),
            position=luck.choice(_POSITIONS),
            roles=luck.choice(_ROLES),
            permissions=luck.choice(_PERMISSIONS),
            deleted=luck.chance(0.02),
            made=made,
        )
        planted.append((user_id, department))
    return planted


def _plant_zalo(state: State, content: Content, shop_id: int, user_ids: list[int]) -> None:
    """Make official accounts, their followers, and what was sent by ZNS."""
    accounts = seed_zalo.plant_accounts(
        state,
        content.luck("official_accounts"),
        shop_id=shop_id,
        owner_id=int(state.doc("shop", shop_id)["owner_id"]),
        count=content.official_accounts,
        until=content.until,
    )
    if not accounts:
        return
    seed_zalo.plant_followers(
        state,
        content.luck("followers"),
        accounts=accounts,
        user_ids=user_ids,
        count=content.followers,
        until=content.until,
    )
    templates = seed_zns.plant_templates(
        state, content.luck("zns_templates"), accounts=accounts, until=content.until
    )
    seed_zns.plant_history(
        state,
        content.luck("zns_messages"),
        oa=accounts[0],
        templates=templates,
        count=content.zns_messages,
        until=content.until,
    )


def _plant_extensions(
    state: State,
    content: Content,
    tenants: list[dict[str, Any]],
    lines: list[seed_calls.Line],
    users: list[tuple[int, int]],
) -> list[seed_calls.Agent]:
    """Make extensions, the first ones for the employees in their order, every tenth for nobody."""
    luck = content.luck("extensions")
    planted: list[seed_calls.Agent] = []
    for index in range(content.extensions):
        made = content.before(370 - 200 * index / content.extensions, luck)
        is_free = index >= len(users) or (index + 1) % 10 == 0
        user_id, department_id = (0, 0) if is_free else users[index]
        is_paid = luck.chance(0.7)
        extension_id = id_at(made, luck.getrandbits(24))
        number = str(1001 + index)
        records.add_extension(
            state,
            record_id=extension_id,
            tenant=tenants[0],
            shop_id=int(state.setting("shop_id")),
            hotline_id=luck.choice(lines).id,
            user_id=user_id or None,
            number=number,
            password=secret(luck, 12),
            made=made,
            state_letter=luck.choices("PZNS", (80, 12, 6, 2))[0],
            expires_at=iso(content.until + timedelta(days=luck.randrange(365))) if is_paid else UNSET_TIME,
            subscription_id=str(id_at(made, luck.getrandbits(24))) if is_paid else UNSET_ID,
        )
        planted.append(seed_calls.Agent(extension_id, number, user_id, department_id))
    return planted
