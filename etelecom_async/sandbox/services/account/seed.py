"""The partner and its shops in a new sandbox."""

from __future__ import annotations

from datetime import timedelta
from random import SystemRandom
from typing import Any, Final, NamedTuple

from etelecom_async.sandbox.ids import id_at
from etelecom_async.sandbox.services.account.keys import new_api_key, new_shop_keys
from etelecom_async.sandbox.services.account.records import add_shop
from etelecom_async.sandbox.services.tenants.seed import populate_tenant
from etelecom_async.sandbox.store.state import State
from etelecom_async.sandbox.world import fake
from etelecom_async.sandbox.world.content import Content

# Values of the setting `keys`.
_SEEDED: Final = "seeded"
_RANDOM: Final = "random"
_SMS_PASSWORD_LENGTH: Final = 16


class SeededShop(NamedTuple):
    """A shop, and the JSON of its tenant if it has one."""

    id: int
    tenant: dict[str, Any] | None


def populate_partner(state: State, content: Content) -> None:
    """Save the settings of the partner, and the credentials of its accounts."""
    rng = content.rng("partner")
    partner_id = id_at(content.before(500, rng), rng.getrandbits(24))
    state.save_settings(
        partner_id=str(partner_id),
        partner_name=fake.company(rng),
        partner_api_key=new_api_key(rng, partner_id),
        connection_id=str(id_at(content.before(600, rng), rng.getrandbits(24))),
        cursor_key=fake.secret(rng, 32),
        keys=_SEEDED,
        clock_ahead="0",
        sms_username=f"sandbox{rng.randrange(1000, 9999)}",
        sms_password=fake.secret(rng, _SMS_PASSWORD_LENGTH),
    )


def randomize_keys(state: State) -> None:
    """
    Replace the keys from the seed by random ones, if the state still has them.

    The seed gives the same keys on every machine, so another machine would know them.
    """
    if state.setting("keys") != _SEEDED:
        return
    rng = SystemRandom()
    state.save_settings(
        keys=_RANDOM,
        partner_api_key=new_api_key(rng, int(state.setting("partner_id"))),
        sms_password=fake.secret(rng, _SMS_PASSWORD_LENGTH),
    )
    for row in state.fetch_all("SELECT id, shop_key FROM shop"):
        keys = new_shop_keys(rng, row["id"])
        shop_key = None if row["shop_key"] is None else keys.shop_key
        state.execute(
            "UPDATE shop SET api_key = ?, shop_key = ? WHERE id = ?", keys.api_key, shop_key, row["id"]
        )


def populate_shops(state: State, content: Content) -> list[SeededShop]:
    """Add a shop with its tenant for each tenant, or one shop without a tenant; return the shops."""
    rng = content.rng("shops")
    shops: list[SeededShop] = []
    count = max(content.tenants, 1)
    phones = fake.mobile_numbers(rng, count)
    for index in range(count):
        created_at = content.before(400 - 200 * index / count, rng)
        name, owner = fake.company(rng), fake.person(rng, index)
        shop_id, owner_id = id_at(created_at, rng.getrandbits(24)), id_at(created_at, rng.getrandbits(24))
        add_shop(
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
        tenant = None
        if index < content.tenants:
            # The same random numbers in the same order, so that a seed keeps its tenants.
            tenant = populate_tenant(
                state,
                rng,
                index=index,
                shop_id=shop_id,
                owner_id=owner_id,
                name=name,
                created_at=created_at + timedelta(minutes=7),
            )
        shops.append(SeededShop(shop_id, tenant))
    return shops
