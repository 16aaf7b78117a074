"""Test which shops and keys `etelecom calls sync --shops` takes, also in later runs."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from etelecom_async.testing import Sandbox

SYNC = ("calls", "sync", "--database", "calls.db", "--since", "-7d")


@pytest.fixture(autouse=True)
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The folder of the commands."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write_keys(folder: Path, **keys: str) -> str:
    """Write a file of keys; return its name."""
    file = folder / "keys.json"
    file.write_text(json.dumps(keys), encoding="utf-8")
    file.chmod(0o600)
    return file.name


@pytest.fixture
def store(etl: Any, service: Sandbox, folder: Path) -> Callable[..., str]:
    """Write a key store of the profile; return the id of the shop of the sandbox."""
    shop_id = service.shop_key.partition(":")[0].removeprefix("shop")
    etl.write_profiles(f'[profiles.default]\nkey_store = "{folder}/store.json"\n')

    def write(**keys: str) -> str:
        file = folder / "store.json"
        file.write_text(json.dumps({"format": "etelecom_async.key_store/1", "keys": keys}))
        file.chmod(0o600)
        return shop_id

    return write


def test_key_store(etl: Any, service: Sandbox, store: Callable[..., str]) -> None:
    """`--shops all` takes the shops of the partner's key store."""
    assert etl(*SYNC, "--shops", "all").code == 4
    account = store()
    store(**{account: service.shop_key})
    result = etl(*SYNC, "--shops", "all", "--json")
    assert (result.code, [shop["shop_id"] for shop in result.json["shops"]]) == (0, [account])
    store(**{account: service.shop_key, "Mây": "shop5:canary"})
    wrong = etl(*SYNC, "--shops", "all")
    assert (wrong.code, wrong.out) == (4, "")
    assert "the key of 'Mây'" in wrong.err
    assert "canary" not in wrong.err


def test_renewed_key(etl: Any, service: Sandbox, store: Callable[..., str], folder: Path) -> None:
    """With the key store, a key that the service refuses is replaced by a new one, which is stored."""
    account = store()
    store(**{account: f"shop{account}:canary", "5": "shop5:canary"})
    result = etl(*SYNC, "--shops", "all", "--json")
    assert result.code == 3
    assert [shop["error"] is None for shop in result.json["shops"]] == [True, False]
    assert "Client" not in result.out + result.err
    assert json.loads((folder / "store.json").read_text())["keys"][account] == service.shop_key
    assert "canary" not in result.out + result.err


def test_keys_of_another_kind(etl: Any, service: Sandbox, folder: Path) -> None:
    """A shop's own key cannot be used by a partner: the error names the shop, and nothing is sent."""
    before = len(service.requests)
    result = etl(*SYNC, "--shops", write_keys(folder, Hai=service.shop_api_key))
    assert (result.code, result.out) == (4, "")
    assert "the key of 'Hai' in keys.json cannot be used" in result.err
    assert len(service.requests) == before


def test_shop_that_must_log_in(at_peer: Any, peer: Any, folder: Path) -> None:
    """If there is no new key before a login, the error names the command for it, and shows no link."""
    at_peer.write_profiles(f'[profiles.default]\nkey_store = "{folder}/store.json"\n')
    keys = {"7": "shop7:canary"}
    (folder / "store.json").write_text(json.dumps({"format": "etelecom_async.key_store/1", "keys": keys}))
    (folder / "store.json").chmod(0o600)

    def respond(asked: Any) -> Any:
        if asked.path.endswith("AuthorizeShop"):
            page = {"auth_url": "https://login.example/canary", "expires_in": 900}
            return peer.json({"code": "ok", "type": "shop_request", **page})
        return peer.refusal("unauthenticated", 401)

    peer.always = respond
    result = at_peer(*SYNC, "--shops", "all", "--json")
    (shop,) = result.json["shops"]
    assert result.code == 1
    assert "must log in again. Let the owner log in with `etelecom connect`." in shop["error"]
    assert result.err == f"etelecom: shop 7: {shop['error']}\n"
    assert "canary" not in result.out + result.err


def test_shops_of_later_runs(
    start: Any,
    surroundings: dict[str, str],
    service: Sandbox,
    folder: Path,
) -> None:
    """With `--every`, each run reads the keys again; a file that is missing for a moment ends nothing."""
    added = service.shops.add(name="Mưa")
    assert added.shop is not None
    assert added.shop_key is not None
    file = write_keys(folder, Một=service.shop_key)
    environment = {
        **surroundings,
        **service.environment(),
        "ETELECOM_SHOP_API_KEY": "",
        "ETELECOM_SHOP_KEY": "",
    }
    with start(*SYNC, "--every", "1s", "--json", "--shops", file, env=environment) as running:
        assert len(json.loads(running.line())["shops"]) == 1
        (folder / file).rename(folder / "moved.json")
        assert "keys.json" in running.process.stderr.readline()
        write_keys(folder, Một=service.shop_key, Hai=added.shop_key.reveal())
        while len(json.loads(running.line())["shops"]) == 1:
            pass
        assert running.stop()[0] == 130


def test_keys_on_stdin(etl: Any, service: Sandbox) -> None:
    """The keys may come from stdin; without the partner's key, those of the shops are enough."""
    etl.set({name: "" for name in service.environment() if name.endswith("KEY")})
    result = etl(*SYNC, "--shops", "-", "--json", stdin=json.dumps({"Một": service.shop_key}))
    assert (result.code, result.json["failed"]) == (0, 0)
    assert etl(*SYNC, "--shops", "all").code == 4
