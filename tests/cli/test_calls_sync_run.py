"""Test what `etelecom calls sync` does with the sandbox: one shop, many shops, again and again."""

from __future__ import annotations

import json
import signal
import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from etelecom_async.cli.calls_sync_run import pause
from etelecom_async.testing import Fault, Sandbox

SYNC = ("calls", "sync", "--database", "calls.db", "--since", "-7d")
LIST = "shop.call_logs.list"


@pytest.fixture(autouse=True)
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The folder of the commands."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def stored(*columns: str) -> list[tuple[Any, ...]]:
    """Return the calls in the database."""
    with closing(sqlite3.connect("calls.db")) as database:
        return database.execute(f"SELECT {', '.join(columns or ('id',))} FROM call_logs").fetchall()


def write_keys(folder: Path, **keys: str) -> str:
    """Write a file of keys; return its name."""
    file = folder / "keys.json"
    file.write_text(json.dumps(keys), encoding="utf-8")
    file.chmod(0o600)
    return file.name


def test_one_shop(etl: Any, service: Sandbox) -> None:
    """The database has the calls, the line of JSON has the sums, and a note has them for people."""
    first = etl(*SYNC, "--json")
    assert (first.code, first.err, first.out.count("\n")) == (0, "", 1)
    (shop,) = first.json["shops"]
    assert first.json["changed"] == first.json["rows"] == shop["rows"] == len(stored()) > 0
    assert (first.json["failed"], shop["error"]) == (0, None)
    assert shop["shop_id"] == service.shop_key.partition(":")[0].removeprefix("shop")
    second = etl(*SYNC)
    assert (second.code, second.out) == (0, "")
    assert " calls read, 0 of them new or changed; " in second.err
    assert etl(*SYNC, "--reread", "--look-back", "5", "--page-size", "10", "--quiet") == (0, "", "")


def test_dry_run(etl: Any, folder: Path) -> None:
    """A dry run shows the first request, and creates nothing."""
    result = etl(*SYNC, "--dry-run")
    assert (result.code, result.json["url"].endswith("Etelecom/ListCallLogs")) == (0, True)
    assert not list(folder.iterdir())


def test_failure(etl: Any, service: Sandbox) -> None:
    """A failure of the only shop is the error of the command, without a line; the next run continues."""
    service.faults.add(
        Fault(kind="status", status=400, code="invalid_argument", operation=LIST, after=2, times=1)
    )
    failed = etl(*SYNC, "--windows", "1", "--page-size", "10", "--json")
    assert (failed.code, failed.out) == (1, "")
    assert failed.err.startswith(f"etelecom: {LIST}: ")
    before = len(stored())
    assert before == 20
    assert etl(*SYNC, "--json").json["changed"] == len(stored()) - before


def test_other_database(etl: Any) -> None:
    """A database of another kind is a usage error, and one that cannot be reached is a failure."""
    assert etl(*SYNC, "--database", "mysql://db/calls").code == 2
    failed = etl(*SYNC, "--database", "absent/calls.db")
    assert (failed.code, failed.out) == (1, "")
    assert "its folder does not exist" in failed.err


def test_many_shops(etl: Any, service: Sandbox, folder: Path) -> None:
    """A shop that fails is in the line of JSON and in a note; the others are whole, and the code is 3."""
    etl.set({"ETELECOM_SHOP_API_KEY": "", "ETELECOM_SHOP_KEY": ""})
    added = service.shops.add(name="Nắng")
    assert added.shop is not None
    assert added.shop_key is not None
    service.hotlines.add(shop=added.shop.id)
    service.calls.add(shop=added.shop.id)
    keys = {"Một": service.shop_key, "Hai": added.shop_key.reveal(), "Ba": "shop5:canary"}
    line = (*SYNC, "--shops", write_keys(folder, **keys), "--deadline", "1h")
    partly = etl(*line, "--json")
    assert (partly.code, partly.json["failed"]) == (3, 1)
    names = [shop["shop_name"] for shop in partly.json["shops"]]
    assert names[1:] == ["Nắng", "Ba"]
    assert partly.json["shops"][2]["error"].startswith(f"{LIST}: ")
    assert partly.err.startswith(f"etelecom: shop Ba: {LIST}: ")
    assert "canary" not in partly.out + partly.err
    assert {name for (name,) in stored("shop_name")} == set(names[:2])
    whole = etl(*SYNC, "--shops", write_keys(folder, Hai=keys["Hai"], Một=keys["Một"]), "--json")
    assert (whole.code, whole.json["changed"]) == (0, 0)
    none = etl(*SYNC, "--shops", write_keys(folder, Ba="shop5:canary"))
    assert (none.code, none.out) == (1, "")


def test_key_store(etl: Any, service: Sandbox, folder: Path) -> None:
    """`--shops all` takes the shops of the partner's key store."""
    account, key = service.shop_key.partition(":")[0].removeprefix("shop"), service.shop_key
    etl.write_profiles(f'[profiles.default]\nkey_store = "{folder}/store.json"\n')
    assert etl(*SYNC, "--shops", "all").code == 4
    (folder / "store.json").write_text(
        json.dumps({"format": "etelecom_async.key_store/1", "keys": {account: key}})
    )
    (folder / "store.json").chmod(0o600)
    result = etl(*SYNC, "--shops", "all", "--json")
    assert (result.code, [shop["shop_id"] for shop in result.json["shops"]]) == (0, [account])


def test_keys_of_another_kind(etl: Any, service: Sandbox, folder: Path) -> None:
    """A shop's own key cannot be used by a partner: the error names the shop, and nothing is sent."""
    before = len(service.requests)
    result = etl(*SYNC, "--shops", write_keys(folder, Hai=service.shop_api_key))
    assert (result.code, result.out) == (4, "")
    assert "the key of 'Hai' in keys.json cannot be used" in result.err
    assert len(service.requests) == before


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_every(start: Any, surroundings: dict[str, str], service: Sandbox, number: signal.Signals) -> None:
    """With `--every`, runs follow one another, an error does not end them, and a signal does."""
    environment = {**surroundings, **service.environment()}
    with start(*SYNC, "--every", "1s", "--json", "--quiet", env=environment) as running:
        first, second = json.loads(running.line()), json.loads(running.line())
        assert first["changed"] > second["changed"] == 0
        service.faults.add(Fault(kind="status", status=400, code="invalid_argument", operation=LIST, times=1))
        assert json.loads(running.line())["failed"] == 0
        code, out, err = running.stop(number)
    assert code == 130
    assert out.count("\n") == len(out.splitlines())
    assert err.count("a fault of the sandbox") == 1
    service.calls.add(note="later")
    assert len(stored()) == first["changed"]


def test_pause() -> None:
    """A pause varies by a tenth, so that many machines do not send together."""
    pauses = {pause(timedelta(minutes=5)) for _ in range(100)}
    assert len(pauses) > 1
    assert all(270 <= seconds <= 330 for seconds in pauses)
