"""Employees and extensions in a new sandbox."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from etelecom_async._core.codec.scalars import NEVER
from etelecom_async.sandbox.ids import UNSET_ID, id_at
from etelecom_async.sandbox.services.pbx.call_history import Agent
from etelecom_async.sandbox.services.pbx.records import add_extension, add_user
from etelecom_async.sandbox.services.tenants.seed import Line
from etelecom_async.sandbox.store.state import State
from etelecom_async.sandbox.times import iso
from etelecom_async.sandbox.world import fake
from etelecom_async.sandbox.world.content import Content

_DEPARTMENTS: Final = 4
_POSITIONS: Final = ("Tư vấn viên", "Trưởng nhóm", "Chăm sóc khách hàng", "Kỹ thuật viên", "")
_ROLES: Final[tuple[list[str] | None, ...]] = (["staff"], ["staff", "telesale"], ["admin"], [], None)
_PERMISSIONS: Final[tuple[list[str] | None, ...]] = (None, [], ["call_log"], ["call_log", "extension"])


def populate_users(state: State, content: Content, shop_id: int) -> list[tuple[int, int]]:
    """Add employees; return the id of each and of its department, which may be 0."""
    rng = content.rng("users")
    departments = [id_at(content.before(395, rng), rng.getrandbits(24)) for _ in range(_DEPARTMENTS)]
    phones = fake.mobile_numbers(rng, content.users)
    users: list[tuple[int, int]] = []
    for index in range(content.users):
        created_at = content.before(380 - 200 * index / content.users, rng)
        person = fake.person(rng, index)
        user_id = id_at(created_at, rng.getrandbits(24))
        department = rng.choice((*departments, 0))
        add_user(
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
        users.append((user_id, department))
    return users


def populate_extensions(
    state: State,
    content: Content,
    *,
    shop_id: int,
    tenant: dict[str, Any],
    lines: list[Line],
    users: list[tuple[int, int]],
) -> list[Agent]:
    """Add extensions for the employees in their order; every tenth extension has no employee."""
    rng = content.rng("extensions")
    agents: list[Agent] = []
    for index in range(content.extensions):
        created_at = content.before(370 - 200 * index / content.extensions, rng)
        is_free = index >= len(users) or (index + 1) % 10 == 0
        user_id, department_id = (0, 0) if is_free else users[index]
        is_paid = rng.chance(0.7)
        extension_id = id_at(created_at, rng.getrandbits(24))
        number = str(1001 + index)
        add_extension(
            state,
            record_id=extension_id,
            tenant=tenant,
            shop_id=shop_id,
            hotline_id=rng.choice(lines).id,
            user_id=user_id or None,
            number=number,
            password=fake.secret(rng, 12),
            created_at=created_at,
            state_letter=rng.choices("PZNS", (80, 12, 6, 2))[0],
            expires_at=iso(content.until + timedelta(days=rng.randrange(365))) if is_paid else NEVER,
            subscription_id=str(id_at(created_at, rng.getrandbits(24))) if is_paid else UNSET_ID,
        )
        agents.append(Agent(extension_id, number, user_id, department_id))
    return agents
