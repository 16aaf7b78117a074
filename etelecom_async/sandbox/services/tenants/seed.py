"""Tenants and hotlines in a new sandbox."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from etelecom_async.sandbox.ids import UNSET_ID, id_at
from etelecom_async.sandbox.services.tenants.records import add_hotline, add_tenant
from etelecom_async.sandbox.store.state import State
from etelecom_async.sandbox.world import fake
from etelecom_async.sandbox.world.content import Content
from etelecom_async.sandbox.world.fake import Rng

# `vietnamobile` is not in the documentation, because enums may have new values.
_LANDLINE_NETWORKS: Final = ("unknown", "other", "vinaphone", "viettel", "vietnamobile")


class Line(NamedTuple):
    """A hotline with calls."""

    id: int
    number: str


def populate_tenant(
    state: State,
    rng: Rng,
    *,
    index: int,
    shop_id: int,
    owner_id: int,
    name: str,
    created_at: datetime,
) -> dict[str, Any]:
    """Add the tenant of the shop with this index; return its JSON. The first tenant is active."""
    return add_tenant(
        state,
        record_id=id_at(created_at, rng.getrandbits(24)),
        shop_id=shop_id,
        owner_id=owner_id,
        connection_id=state.setting("connection_id"),
        name=name,
        created_at=created_at + timedelta(microseconds=rng.randrange(1_000_000)),
        status="P" if index == 0 else rng.choices("PZNS", (70, 15, 12, 3))[0],
        connection_method="direct" if index % 5 == 1 else "unknown",
    )


def populate_hotlines(
    state: State, content: Content, tenants: Sequence[dict[str, Any]]
) -> dict[str | None, list[Line]]:
    """
    Add hotlines; return them by the id of their tenant.

    One in four is on no tenant, and one in four on another active tenant, if there is one.
    """
    rng = content.rng("hotlines")
    landlines = fake.landline_numbers(rng, content.hotlines)
    mobiles = fake.mobile_numbers(rng, content.hotlines)
    active = [tenant for tenant in tenants if tenant["status"] == "P"]
    places = [*active[:1], *active[:1], None, *active[1:2]]
    lines: dict[str | None, list[Line]] = {}
    for index in range(content.hotlines):
        created_at = content.before(390 - 180 * index / content.hotlines, rng)
        is_mobile = index % 3 == 1
        number = mobiles[index] if is_mobile else landlines[index]
        tenant = places[index % len(places)]
        hotline_id = id_at(created_at, rng.getrandbits(24))
        add_hotline(
            state,
            record_id=hotline_id,
            number=number,
            name=f"Hotline {index + 1}",
            description=rng.choice(("Chăm sóc khách hàng", "Bán hàng", "Kỹ thuật", "")),
            network=fake.network(number) if is_mobile else rng.choice(_LANDLINE_NETWORKS),
            is_free_charge=rng.chance(0.2),
            owner_id=tenant["owner_id"] if tenant else UNSET_ID,
            created_at=created_at,
            tenant=tenant,
        )
        lines.setdefault(tenant["id"] if tenant else None, []).append(Line(hotline_id, number))
    return lines


def lines_of(tenant: Mapping[str, Any], lines: Mapping[str | None, list[Line]]) -> list[Line]:
    """
    Return the hotlines of the extensions and calls of a tenant.

    A tenant without hotlines had some before: those that are on no tenant now, or else on another one.
    """
    return lines.get(tenant["id"]) or lines.get(None) or [line for some in lines.values() for line in some]
