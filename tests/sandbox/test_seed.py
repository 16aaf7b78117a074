"""What a new sandbox holds."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from etelecom_async.sandbox.store.state import State

TABLES = ("setting", "shop", "tenant", "hotline", "account_user", "extension", "call_log")
LATER = ("oa", "follower", "zns_template", "sms_template", "consent", "journey", "zns_message", "due")


def rows(state: State) -> list[list[tuple[Any, ...]]]:
    """All that a state holds."""
    tables = (*TABLES, *LATER)
    return [[tuple(row) for row in state.fetch_all(f"SELECT * FROM {table}")] for table in tables]


def docs(state: State, table: str) -> list[dict[str, Any]]:
    """All records of one kind."""
    return [json.loads(row["doc"]) for row in state.fetch_all(f"SELECT doc FROM {table} ORDER BY id")]


def test_same_seed_same_everything(populated: Callable[..., State]) -> None:
    """The same content gives the same records, ids and keys; another seed gives others."""
    assert rows(populated(seed=5)) == rows(populated(seed=5))
    first, second = populated(seed=5), populated(seed=6)
    for name in ("partner_id", "partner_api_key", "shop_id", "cursor_key", "sms_password"):
        assert first.setting(name) != second.setting(name)


def test_more_calls_leave_the_rest(populated: Callable[..., State]) -> None:
    """Each part has its own random numbers: the number of calls or ZNS changes nothing but them."""
    few, many = rows(populated(call_logs=1)), rows(populated(call_logs=100))
    calls = TABLES.index("call_log")
    assert few[:calls] == many[:calls]
    assert few[calls + 1 :] == many[calls + 1 :]
    many = rows(populated(call_logs=1, zns_messages=80))
    assert few[: -len(LATER) + 4] == many[: -len(LATER) + 4]


@pytest.mark.parametrize("tenants", [0, 1, 30])
def test_there_is_as_much_as_was_asked_for(populated: Callable[..., State], tenants: int) -> None:
    """Each number is the number of records; there is a shop for each tenant, and one in any case."""
    wanted = {"hotlines": 9, "users": 17, "official_accounts": 4, "followers": 21, "zns_messages": 33}
    wanted |= {"extensions": 13, "call_logs": 40} if tenants else {}
    nothing = {"hotlines": 0, "users": 0, "extensions": 0, "call_logs": 0}
    state = populated(tenants=tenants, **(nothing | wanted))
    counts = state.count_records()
    tables = {
        "hotlines": "hotline",
        "users": "account_user",
        "extensions": "extension",
        "call_logs": "call_log",
        "official_accounts": "oa",
        "followers": "follower",
        "zns_messages": "zns_message",
    }
    assert counts["tenant"] == tenants
    assert counts["shop"] == max(tenants, 1)
    assert {name: counts[tables[name]] for name in wanted} == wanted


def test_the_first_shop_can_be_used_at_once(populated: Callable[..., State]) -> None:
    """Its tenant is active, has hotlines, and its extensions are on them and belong to its employees."""
    state = populated(tenants=5, hotlines=8, users=30, extensions=30)
    shop_id = state.setting("shop_id")
    (tenant,) = state.fetch_all("SELECT * FROM tenant WHERE shop_id = ?", int(shop_id))
    assert json.loads(tenant["doc"])["status"] == "P"
    hotlines = {
        str(row["id"]) for row in state.fetch_all("SELECT id FROM hotline WHERE tenant_id = ?", tenant["id"])
    }
    users = {user["user_id"] for user in docs(state, "account_user")}
    assert len(hotlines) >= 4
    for extension in docs(state, "extension"):
        assert extension["tenant_id"] == str(tenant["id"])
        assert extension["hotline_id"] in hotlines
        assert extension["user_id"] in users | {"0"}


def test_what_a_reader_has_to_survive_is_there(populated: Callable[..., State]) -> None:
    """Unset ids and times, null arrays and values that no page lists are on some rows."""
    state = populated(tenants=40, hotlines=40, users=100, extensions=100)
    tenants, hotlines, users, extensions = (
        docs(state, table) for table in ("tenant", "hotline", "account_user", "extension")
    )
    assert {tenant["status"] for tenant in tenants} > {"Z", "P", "N"}
    assert {tenant["connection_method"] for tenant in tenants} == {"unknown", "direct"}
    assert {hotline["network"] for hotline in hotlines} > {"mobifone", "vinaphone", "viettel"}
    assert "vietnamobile" in {hotline["network"] for hotline in hotlines}
    assert {hotline["connection_id"] for hotline in hotlines} > {"0"}
    assert None in [user["roles"] for user in users]
    assert [] in [user["permissions"] for user in users]
    assert {extension["state"] for extension in extensions} > {"Z", "P", "N"}
    assert "0" in {extension["user_id"] for extension in extensions}
    assert "0001-01-01T00:00:00Z" in {extension["expires_at"] for extension in extensions}


def test_everything_was_made_before_the_end(populated: Callable[..., State]) -> None:
    """No record is younger than `until`, so what is made by calls is always the newest."""
    state = populated(until=datetime(2026, 1, 1, tzinfo=UTC))
    others = ("shop", "tenant", "hotline", "extension", "oa", "follower", "zns_template", "zns_message")
    for table in (*others, "call_log"):
        moments = [datetime.fromisoformat(doc["created_at"]) for doc in docs(state, table)]
        assert max(moments) < datetime(2026, 1, 1, tzinfo=UTC)
    assert max(moments) > datetime(2026, 1, 1, tzinfo=UTC) - timedelta(days=8)
