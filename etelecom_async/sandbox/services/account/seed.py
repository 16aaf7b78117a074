"""The partner and its shops in a new sandbox."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from etelecom_async.sandbox.ids import id_at
from etelecom_async.sandbox.services.account.keys import new_api_key, new_shop_keys
from etelecom_async.sandbox.services.account.records import add_shop
from etelecom_async.sandbox.services.tenants.seed import populate_tenant
from etelecom_async.sandbox.store.state import State
from etelecom_async.sandbox.world import fake
from etelecom_async.sandbox.world.content import Content


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
        clock_ahead="0",
        sms_username=f"sandbox{rng.randrange(1000, 9999)}",
        sms_password=fake.secret(rng, 16),
    )


def populate_shops(state: State, content: Content) -> list[dict[str, Any]]:
    """Add a shop with its tenant for each tenant, or one shop without a tenant; return the tenants."""
    rng = content.rng("shops")
    tenants: list[dict[str, Any]] = []
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
            tenants.append(tenant)
    return tenants
