"""Test which keys `etelecom auth status` lists."""

from __future__ import annotations

import asyncio
from typing import Any

from etelecom_async.cli import auth_status
from etelecom_async.cli.settings import Settings
from etelecom_async.key_store import FileKeyStore


def test_wrong_kind_in_the_profile(tool: Any) -> None:
    """Status names a key that cannot be used; the exit code says so."""
    tool.write_profiles('[profiles.default]\npartner_api_key = "shop1:canary"\n')
    status = tool("auth", "status", "--json")
    assert (status.code, status.err) == (4, "")
    assert status.json[0]["check"].startswith("this is a shop_key")
    assert "canary" not in status.out


def test_shop_of_a_partner(tool: Any, keys: dict[str, str], tmp_path: Any) -> None:
    """A profile that acts for a shop has a row for it; the check uses the key of the key store."""
    store = tmp_path / "keys.json"
    shop_id = keys["ETELECOM_SHOP_API_KEY"].partition(":")[0]
    asyncio.run(FileKeyStore(store).put(shop_id, keys["ETELECOM_SHOP_KEY"]))
    tool.write_profiles(f'[profiles.default]\nshop = "{shop_id}"\nkey_store = "{store}"\n')
    (row,) = auth_status.rows(Settings(), is_checked=False)
    assert (row["client"], row["key"], row["kind"]) == ("shop", "shop", "a partner's key for one shop")
    assert (row["source"], row["check"]) == ("profile", "")
    tool.write_profiles(f'[profiles.default]\nshop = "Mây"\nkey_store = "{store}"\n')
    checked = tool("auth", "status", "--check", "--columns", "check")
    assert (checked.code, "no shop of the partner" in checked.out) == (4, False)
    (row,) = auth_status.rows(Settings(), is_checked=False)
    assert (row["kind"], row["check"]) == ("", "")
