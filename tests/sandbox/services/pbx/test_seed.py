"""Employees and extensions in a new sandbox."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from etelecom_async.sandbox.store.state import State


def docs(state: State, table: str) -> list[dict[str, Any]]:
    """Returns all records of a table."""
    return [json.loads(row["doc"]) for row in state.fetch_all(f"SELECT doc FROM {table} ORDER BY id")]


def test_rows_have_unusual_values(populated: Callable[..., State]) -> None:
    """Some employees have null or empty arrays, and some extensions have unset ids and times."""
    state = populated(tenants=40, hotlines=40, users=100, extensions=100)
    users, extensions = docs(state, "account_user"), docs(state, "extension")
    assert None in [user["roles"] for user in users]
    assert [] in [user["permissions"] for user in users]
    assert {extension["state"] for extension in extensions} > {"Z", "P", "N"}
    assert "0" in {extension["user_id"] for extension in extensions}
    assert "0001-01-01T00:00:00Z" in {extension["expires_at"] for extension in extensions}


def test_extensions_belong_to_employees_in_order(populated: Callable[..., State]) -> None:
    """The employees get the extensions in their order; every tenth extension has no employee."""
    state = populated(users=12, extensions=15, tenants=1)
    users = [user["user_id"] for user in docs(state, "account_user")]
    extensions = docs(state, "extension")
    assert [one["extension_number"] for one in extensions] == [str(number) for number in range(1001, 1016)]
    expected = [*users[:9], "0", *users[10:12], "0", "0", "0"]
    assert [one["user_id"] for one in extensions] == expected


def test_every_shop_has_employees_and_extensions(populated: Callable[..., State]) -> None:
    """Each other shop has a tenth of the employees and extensions, on its tenant and with its employees."""
    state = populated(tenants=5, users=25, extensions=30)
    shops = [row["id"] for row in state.fetch_all("SELECT id FROM shop ORDER BY created_at")]
    users = dict(state.fetch_all("SELECT shop_id, count(*) FROM account_user GROUP BY 1"))
    extensions = dict(state.fetch_all("SELECT shop_id, count(*) FROM extension GROUP BY 1"))
    assert [users[shop] for shop in shops] == [25, 3, 3, 3, 3]
    assert [extensions[shop] for shop in shops] == [30, 3, 3, 3, 3]
    strangers = state.fetch_all(
        "SELECT extension.id FROM extension JOIN tenant ON tenant.id = extension.tenant_id "
        "LEFT JOIN account_user ON account_user.id = extension.user_id "
        "LEFT JOIN hotline ON hotline.id = extension.hotline_id WHERE tenant.shop_id <> extension.shop_id "
        "OR hotline.id IS NULL OR account_user.shop_id <> extension.shop_id"
    )
    assert not strangers
