"""Test `--shop`: a partner acts for a shop by its id or its name."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from etelecom_async.cli.values import is_id
from etelecom_async.key_store import FileKeyStore

SHOPS = [
    {"id": "11", "name": "Trà sữa Mây"},
    {"id": "12", "name": "Mỹ phẩm Lá"},
    {"id": "13", "name": "Mỹ phẩm  lá"},
    {"id": "14", "name": None},
]
LIST = ("shop", "extensions", "list", "--json")


@pytest.fixture
def partner(tool: Any, peer: Any) -> Any:
    """Run commands with the profile of a partner that has stored the keys of two shops."""
    store = tool.file.parent / "shop-keys.json"
    tool.write_profiles(
        f'[profiles.default]\nbase_url = "{peer.base_url}"\npartner_api_key = "1:canary-partner"\n'
    )

    async def put() -> None:
        await FileKeyStore(store).put("11", "shop11:canary-eleven")
        await FileKeyStore(store).put("12", "shop12:canary-twelve")

    asyncio.run(put())

    def respond(request: Any) -> Any:
        if request.path.endswith("Shop/GetShops"):
            return peer.json({"shops": [] if b"next" in request.body else SHOPS})
        return peer.json({"extensions": [{"id": "1"}]})

    peer.always = respond
    return tool


def keys(peer: Any) -> list[str]:
    """Return the key of each request, in short."""
    return [request.headers["authorization"].rpartition("-")[2] for request in peer.requests]


@pytest.mark.parametrize("shop", ["11", "Trà sữa Mây", " trà SỮA mây", "Tra\u0300 su\u031b\u0303a Ma\u0302y"])
def test_shop(partner: Any, peer: Any, shop: str) -> None:
    """An id needs no call; a name is looked up with the partner's key, whatever its case and Unicode form."""
    result = partner(*LIST, "--shop", shop, "--limit", "1")
    assert (result.code, result.json[0]["id"], result.err) == (0, "1", "")
    assert keys(peer) == (["eleven"] if is_id(shop) else ["partner", "eleven"])
    assert peer.requests[-1].path.endswith("/partner.Etelecom/GetExtensions")


@pytest.mark.parametrize(
    ("words", "code", "problem"),
    [
        ("--shop", 2, "requires an argument"),
        ("--shop Mây", 2, "no shop of the partner has the name 'Mây' (--shop)."),
        ("--shop Trà_sữa_Mấy", 2, "Did you mean 'Trà sữa Mây'?"),
        ("--shop mỹ_phẩm_lá", 2, "2 shops have the name 'mỹ phẩm lá': use one of the ids 12, 13"),
        (
            "--shop 13",
            4,
            "(--shop). Store it there with `etelecom connect --shop-id 13`",
        ),
        ("--shop 111", 4, "has no key for shop 111 (--shop). Did you mean '11'"),
        ("--shop 11 --key-file -", 2, "--shop and --key-file exclude each other"),
    ],
)
def test_wrong_shop(partner: Any, peer: Any, words: str, code: int, problem: str) -> None:
    """A wrong shop is one line with the right code, and no call is made for it."""
    result = partner(*LIST, *(word.replace("_", " ") for word in words.split()))
    assert (result.code, result.out, result.err.count("\n")) == (code, "", 1)
    assert problem in result.err
    assert set(keys(peer)) <= {"partner"}
    assert "canary" not in result.err


def test_shop_of_the_profile(partner: Any, peer: Any) -> None:
    """A profile may name the shop; a key of the environment wins, and an error names the profile."""
    assert partner("config", "set", "shop", "Trà sữa Mây").code == 0
    assert partner(*LIST, "--limit", "1").code == 0
    assert keys(peer) == ["partner", "eleven"]
    partner.set({"ETELECOM_SHOP_KEY": "shop12:canary-environment"})
    assert partner(*LIST, "--limit", "1").code == 0
    assert keys(peer)[2:] == ["environment"]
    partner.set({"ETELECOM_SHOP_KEY": ""})
    partner("config", "set", "shop", "99")
    assert "(shop of profile 'default')" in partner(*LIST).err


def test_operations_of_two_clients(partner: Any, peer: Any) -> None:
    """`--shop` decides whose key is used; `--as partner` contradicts it."""
    assert partner("account", "--shop", "11", "--json").code == 0
    assert keys(peer) == ["eleven"]
    result = partner("account", "--shop", "11", "--as", "partner")
    assert (result.code, result.err) == (2, "etelecom: --shop and --as partner exclude each other\n")
    assert partner("api", "Etelecom/GetExtensions", "--shop", "12", "--as", "shop").code == 0
    assert keys(peer) == ["eleven", "twelve"]


def test_dry_run_and_debug(partner: Any, peer: Any) -> None:
    """A dry run makes no call, also not to find a shop; `--debug` shows the look-up, without a key."""
    for shop in ("11", "99", "Trà sữa Mây", "nobody"):
        result = partner(*LIST, "--shop", shop, "--dry-run")
        assert (result.code, result.err) == (0, "")
        assert "/partner.Etelecom/GetExtensions" in json.loads(result.out)["url"]
    assert peer.requests == []
    shown = partner(*LIST, "--shop", "Trà sữa Mây", "--limit", "1", "--debug").err
    assert shown.count("curl -sS") == 2
    assert "$ETELECOM_PARTNER_API_KEY" in shown
    assert "the key comes from the key of shop 11 in" in shown
    assert "canary" not in shown


def test_no_partner_key(partner: Any) -> None:
    """A name without a partner's key says so; an id works."""
    partner("auth", "logout", "--quiet")
    partner("config", "set", "base_url", "http://127.0.0.1:9/v1")
    result = partner(*LIST, "--shop", "Trà sữa Mây")
    assert (result.code, result.err.count("\n")) == (4, 1)
    assert (
        "the name of a shop is looked up with a partner's key, and the partner's key is missing" in result.err
    )
    assert "Or pass the id" in result.err


def test_open_key_store(partner: Any) -> None:
    """A key store that others can read is refused, with what to do."""
    (partner.file.parent / "shop-keys.json").chmod(0o644)
    result = partner(*LIST, "--shop", "11")
    assert (result.code, result.out, result.err.count("\n")) == (1, "", 1)
    assert "run `chmod 600` on it" in result.err
