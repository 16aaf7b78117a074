"""The partner and its shops in a new sandbox."""

from __future__ import annotations

from typing import TYPE_CHECKING

from etelecom_async.sandbox.services.account.seed import randomize_keys

if TYPE_CHECKING:
    from collections.abc import Callable

    from etelecom_async.sandbox.store.state import State


def test_each_shop_has_its_tenant(populated: Callable[..., State]) -> None:
    """Each shop has its own keys and one tenant, which has the name and the owner of the shop."""
    state = populated(tenants=5)
    rows = state.fetch_all(
        "SELECT shop.api_key, shop.shop_key, shop.owner_id, tenant.owner_id AS tenant_owner_id, "
        "json_extract(shop.doc, '$.name') AS name, json_extract(tenant.doc, '$.name') AS tenant_name "
        "FROM shop JOIN tenant ON tenant.shop_id = shop.id"
    )
    assert len(rows) == 5
    assert len({row["api_key"] for row in rows} | {row["shop_key"] for row in rows}) == 10
    for row in rows:
        assert (row["tenant_owner_id"], row["tenant_name"]) == (row["owner_id"], row["name"])


def test_without_a_tenant_there_is_one_shop(populated: Callable[..., State]) -> None:
    """Without tenants there is one shop, which the settings name."""
    state = populated(tenants=0, extensions=0, call_logs=0)
    (shop,) = state.fetch_all("SELECT id FROM shop")
    assert str(shop["id"]) == state.setting("shop_id")
    assert state.count_records()["tenant"] == 0


def test_the_partner_has_credentials(populated: Callable[..., State]) -> None:
    """The settings hold the partner's id and key, and the credentials of the SMS service."""
    state = populated(call_logs=0)
    assert state.setting("partner_api_key").startswith(f"{state.setting('partner_id')}:")
    assert state.setting("partner_name")
    assert len(state.setting("sms_password")) == 16
    assert state.setting("sms_username").startswith("sandbox")


def read_keys(state: State) -> set[str]:
    """Return the keys of the partner and its shops, and the password of the SMS service."""
    rows = state.fetch_all("SELECT api_key, shop_key FROM shop")
    settings = [state.setting(name) for name in ("partner_api_key", "sms_password")]
    return {key for row in rows for key in row if key} | set(settings)


def test_random_keys(populated: Callable[..., State]) -> None:
    """Random keys replace all keys of the seed once, in the same forms, and link no shop."""
    state = populated(call_logs=0)
    unlinked = state.fetch_one("SELECT max(id) FROM shop")[0]
    state.execute("UPDATE shop SET shop_key = NULL WHERE id = ?", unlinked)
    seeded = read_keys(state)
    randomize_keys(state)
    random = read_keys(state)
    assert (len(seeded), len(random), seeded & random) == (7, 7, set())
    assert sorted(map(len, random)) == sorted(map(len, seeded))
    assert {key.partition(":")[0] for key in random if ":" in key} == {
        key.partition(":")[0] for key in seeded if ":" in key
    }
    randomize_keys(state)
    assert read_keys(state) == random
    other = populated(call_logs=0)
    randomize_keys(other)
    assert not read_keys(other) & random
