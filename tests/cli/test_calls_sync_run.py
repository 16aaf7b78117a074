"""Test what `etelecom calls sync` does with the sandbox: one shop, many shops, again and again."""

from __future__ import annotations

import json
import re
import signal
import sqlite3
from collections import Counter
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
    """A failure of the only shop is the error of the command and of the line; the next run continues."""
    service.faults.add(
        Fault(kind="status", status=400, code="invalid_argument", operation=LIST, after=2, times=1)
    )
    failed = etl(*SYNC, "--windows", "1", "--page-size", "10", "--json")
    assert failed.code == 1
    assert failed.err.startswith(f"etelecom: {LIST}: ")
    (shop,) = failed.json["shops"]
    assert failed.json["error"] == shop["error"]
    assert f"etelecom: {shop['error']}\n" == failed.err
    before = len(stored())
    assert (failed.json["failed"], shop["rows"], shop["changed"], shop["requests"]) == (1, 20, 20, 3)
    assert before == 20
    done = etl(*SYNC, "--json").json
    assert (done["changed"], done["error"]) == (len(stored()) - before, None)


def test_failure_before_the_first_page(etl: Any, service: Sandbox, folder: Path) -> None:
    """A run that stores nothing ends with a line, too; a usage error does not."""
    shop_id = service.shop_key.partition(":")[0].removeprefix("shop")
    (folder / "calls.db").write_text("this is not a database " * 100)
    failed = etl(*SYNC, "--json")
    assert (failed.code, failed.json["rows"], failed.json["failed"]) == (1, 0, 1)
    assert failed.json["shops"][0]["shop_id"] == shop_id
    assert "file is not a database" in failed.json["error"]
    etl.set({"ETELECOM_SHOP_API_KEY": "", "ETELECOM_SHOP_KEY": ""})
    failed = etl(*SYNC, "--json", "--shops", write_keys(folder, Hai=service.shop_key))
    assert (failed.code, failed.json["shops"]) == (1, [])
    assert "file is not a database" in failed.json["error"]


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://an:geheim@127.0.0.1:1/calls?password=geheim",
        "postgresql:an:geheim@127.0.0.1/calls",
        "postgresql://an:x@geheim@127.0.0.1:1/calls",
        "sqlite:///calls.db?timeout=geheim",
    ],
)
def test_password_in_the_url(etl: Any, url: str) -> None:
    """A password in the URL is in no output, and a wrong URL is an error in one line."""
    failed = etl(*SYNC, "--database", url, "--debug", "--json")
    assert failed.code in {1, 2}
    assert "geheim" not in failed.out + failed.err
    assert failed.err.splitlines()[-1].startswith("etelecom: ")


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


def test_thirty_shops(etl: Any, service: Sandbox, folder: Path) -> None:
    """Of 30 shops, one has a refused key, one is empty, one is too slow: 28 are whole, and the code is 3."""
    etl.set({"ETELECOM_SHOP_API_KEY": "", "ETELECOM_SHOP_KEY": ""})
    keys: dict[str, str] = {}
    for number in range(30):
        added = service.shops.add(name=f"Quán {number}")
        assert added.shop is not None
        assert added.shop_key is not None
        service.hotlines.add(shop=added.shop.id)
        keys[f"Quán {number}"] = added.shop_key.reveal()
        for _ in range(number):  # the first one is empty
            service.calls.add(shop=added.shop.id, note=f"Quán {number}")
    slow = Fault(kind="stall_header", operation=LIST)
    service.for_key(keys["Quán 7"]).faults.add(slow)
    right = keys["Quán 3"]
    refused = {**keys, "Quán 3": f"{right.partition(':')[0]}:canary"}
    partly = etl(*SYNC, "--shops", write_keys(folder, **refused), "--deadline", "5s", "--json")
    expected = {f"Quán {number}": number for number in range(30)}
    assert (partly.code, partly.json["failed"], partly.json["error"]) == (3, 2, None)
    assert partly.json["changed"] == sum(expected.values()) - 3 - 7 == len(stored())
    rows = {shop["shop_name"]: shop["changed"] for shop in partly.json["shops"]}
    assert rows == {**expected, "Quán 3": 0, "Quán 7": 0}
    errors = {shop["shop_name"]: shop["error"] for shop in partly.json["shops"] if shop["error"]}
    assert errors.keys() == {"Quán 3", "Quán 7"}
    assert "unauthenticated" in errors["Quán 3"]
    assert "the deadline of the shop is over: 5 s" in errors["Quán 7"]
    service.faults.clear()
    whole = etl(*SYNC, "--shops", write_keys(folder, **keys), "--deadline", "5s", "--json")
    assert (whole.code, whole.json["failed"], whole.json["changed"]) == (0, 0, 3 + 7)
    assert Counter(name for (name,) in stored("shop_name")) == +Counter(expected)
    assert all(name == note for name, note in stored("shop_name", "note"))


def test_progress(terminal: Any, service: Sandbox, folder: Path) -> None:
    """On a terminal a bar shows how far the sync is, also one of many shops; `--quiet` shows none."""
    assert terminal(*SYNC, "--quiet") == (0, "")
    terminal.environment |= {"ETELECOM_SHOP_API_KEY": "", "ETELECOM_SHOP_KEY": ""}
    code, shown = terminal(*SYNC, "--reread", "--shops", write_keys(folder, Một=service.shop_key))
    assert code == 0
    assert re.search(r"Calls of 1 shop .*\d+ calls, \d+ requests", shown)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_every(start: Any, surroundings: dict[str, str], service: Sandbox, number: signal.Signals) -> None:
    """With `--every`, runs follow one another, an error does not end them, and a signal does."""
    environment = {**surroundings, **service.environment()}
    with start(*SYNC, "--every", "1s", "--json", "--quiet", env=environment) as running:
        first, second = json.loads(running.line()), json.loads(running.line())
        assert first["changed"] > second["changed"] == 0
        service.faults.add(Fault(kind="status", status=400, code="invalid_argument", operation=LIST, times=1))
        assert [json.loads(running.line())["failed"] for _ in range(2)] == [1, 0]
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
