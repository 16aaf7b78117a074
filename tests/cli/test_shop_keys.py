"""Test where `--shops` finds the keys of shops."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from etelecom_async import PartnerClient
from etelecom_async.cli.command import CommandError
from etelecom_async.cli.shop_keys import KeysOfShops
from etelecom_async.testing import Sandbox


@pytest.fixture(autouse=True)
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The folder of the files; there are no settings."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("ETELECOM_PARTNER_API_KEY", "partner1:key")
    return tmp_path


def given(shops: str) -> dict[str, Any]:
    """Return the values of the options."""
    return {"shops": shops, "profile": None, "quiet": True, "base_url": None}


async def test_file(folder: Path, service: Sandbox) -> None:
    """Each name in a file gets a client with its key; one of another kind is an error with its name."""
    file = folder / "keys.json"
    file.write_text(json.dumps({"A": "shop1:a", "B": "shop2:b"}), encoding="utf-8")
    async with PartnerClient() as partner:
        clients = await KeysOfShops.of(given(file.name)).clients(partner)
        assert list(clients) == ["A", "B"]
        file.write_text(json.dumps({"A": service.shop_api_key}), encoding="utf-8")
        keys = KeysOfShops.of(given(file.name))
        with pytest.raises(CommandError, match=r"the key of 'A' in keys\.json cannot be used"):
            await keys.clients(partner)


async def test_store() -> None:
    """Without a shop in the key store, `all` is an error that says what to run."""
    async with PartnerClient() as partner:
        keys = KeysOfShops.of(given("all"))
        with pytest.raises(CommandError, match="run `etelecom connect` for each shop"):
            await keys.clients(partner)
