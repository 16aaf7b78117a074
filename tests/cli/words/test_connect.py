"""Test `etelecom connect`: the login of a shop, and what becomes of the key."""

from __future__ import annotations

import asyncio
import json
import re
import stat
import sys
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

SHOP = ("--email", "may@example.com", "--phone", "0901234567", "--name", "Trà sữa Mây")
PAGE = re.compile(r"etelecom: open (http://127\.0\.0\.1:\d+/) in a browser")


def log_in(url: str) -> str:
    """Follow an address to the login page, log in as the owner, and return the page after it."""
    with urllib.request.urlopen(url) as response:
        login = response.url
    with urllib.request.urlopen(urllib.request.Request(login, data=b"")) as response:
        text: str = response.read().decode()
        return text


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    """The path of a key store that does not exist yet."""
    return tmp_path / "keys.json"


def stored(keys: Path) -> dict[str, str]:
    """Return the keys in a key store, which only its owner can read."""
    assert stat.S_IMODE(keys.stat().st_mode) == 0o600
    found: dict[str, str] = json.loads(keys.read_text())["keys"]
    return found


def test_connect(
    start: Callable[..., Any], surroundings: dict[str, str], service: Any, keys: Path, etl: Any
) -> None:
    """The owner logs in at the printed address; the key is in the file, and nowhere else."""
    surroundings |= service.environment()
    with start("connect", *SHOP, "--key-store", str(keys), "--json", "--debug") as running:
        shown = ""
        while not (found := PAGE.search(shown)):
            shown += running.process.stderr.readline()
        assert "return to the terminal" in log_in(found[1])
        code, out, err = running.end()
    (shop_id, key), *others = stored(keys).items()
    assert (code, others) == (0, [])
    assert json.loads(out) == {"shop_id": shop_id, "key_store": str(keys)}
    assert key.startswith(f"shop{shop_id}:")
    for text in (out, shown + err):
        assert key not in text
        assert "request:" not in text

    etl.set({"ETELECOM_SHOP_KEY": key, "ETELECOM_SHOP_API_KEY": ""})
    assert etl("shop", "current", "--json").json["id"] == shop_id

    # The shop is connected now, so its key comes without a login.
    keys.unlink()
    again = etl("connect", "--shop-id", shop_id, "--key-store", str(keys), "--columns", "shop_id")
    assert again == (0, f"{shop_id}\n", "")
    assert stored(keys) == {shop_id: key}


def test_on_a_terminal(terminal: Any, keys: Path, tmp_path: Path) -> None:
    """On a terminal, the address is a line. `--open` starts a browser with it, and without a token."""
    browser, arguments = tmp_path / "browser", tmp_path / "arguments"
    program = (
        f'#!/bin/sh\necho "$@" > {arguments}\nexec {sys.executable} {tmp_path}/login.py "$1" > /dev/null\n'
    )
    browser.write_text(program)
    browser.chmod(0o700)
    (tmp_path / "login.py").write_text(
        "import sys, urllib.request as web\n"
        "login = web.urlopen(sys.argv[1]).url\n"
        "web.urlopen(web.Request(login, data=b''))\n"
    )
    terminal.environment["BROWSER"] = f"{browser} %s"
    code, shown = terminal("connect", *SHOP, "--key-store", str(keys), "--open", "--timeout", "60")
    assert code == 0
    url = PAGE.search(shown)
    assert url is not None
    assert arguments.read_text() == f"{url[1]}\n"
    assert next(iter(stored(keys))) in shown


def page(**fields: Any) -> dict[str, Any]:
    """Return the response that asks for a login."""
    login = {"auth_url": "https://login.example/?token=canary", "auth_token": "request:canary"}
    return {"code": "ok", "type": "shop_request", "expires_in": 900, **login, **fields}


def test_nobody_logs_in(at_peer: Any, peer: Any, keys: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If nobody logs in within the time, one line says so, and nothing is stored."""
    timeout = asyncio.timeout
    monkeypatch.setattr(asyncio, "timeout", lambda seconds: timeout(0.01 if seconds == 1 else seconds))
    peer.respond_with(peer.json(page(expires_in=1)))
    result = at_peer("connect", *SHOP, "--key-store", str(keys))
    assert (result.code, result.out) == (1, "")
    address, problem = result.err.splitlines()
    assert PAGE.search(address)
    assert problem == "etelecom: nobody logged in within 1 s; run the command again"
    assert "canary" not in result.err
    assert not keys.exists()


def test_shop_that_ended_the_link(
    at_peer: Any, peer: Any, keys: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If the shop has ended the link, its owner logs in again, and then its key is stored."""

    def respond(request: Any) -> Any:
        redirects.append(request.json["redirect_url"])
        if len(redirects) == 1:
            return peer.json(page(auth_url=f"{redirects[0]}&token=a&shop_id=12"))
        return peer.json({"code": "ok", "type": "shop_key", "auth_token": "shop12:canary", "expires_in": -1})

    redirects: list[str] = []
    peer.always = respond
    monkeypatch.setattr("webbrowser.open", lambda url: bool(urllib.request.urlopen(url)))
    result = at_peer("connect", "--shop-id", "12", "--key-store", str(keys), "--open", "--csv")
    assert (result.code, result.out) == (0, f"shop_id,key_store\n12,{keys}\n")
    assert [request.json["shop_id"] for request in peer.requests] == ["12", "12"]
    assert stored(keys) == {"12": "shop12:canary"}
    assert "canary" not in result.err


def test_another_shop_logs_in(at_peer: Any, peer: Any, keys: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With `--shop-id`, the login of another shop is refused."""

    def respond(request: Any) -> Any:
        redirects.append(request.json["redirect_url"])
        return peer.json(page(auth_url=f"{redirects[0]}&token=a&shop_id=13"))

    redirects: list[str] = []
    peer.always = respond
    monkeypatch.setattr("webbrowser.open", lambda url: bool(urllib.request.urlopen(url)))
    result = at_peer("connect", "--shop-id", "12", "--key-store", str(keys), "--open")
    assert (result.code, result.out) == (1, "")
    assert result.err.endswith("shop 13 logged in, not shop 12: log in as the owner of that shop\n")
    assert not keys.exists()


def test_no_browser(at_peer: Any, peer: Any, keys: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If no browser starts, a note says so, and the command still waits for the login."""

    def respond(request: Any) -> Any:
        if len(peer.requests) == 1:
            return peer.json(page(auth_url=f"{request.json['redirect_url']}&token=a&shop_id=12"))
        return peer.json({"code": "ok", "type": "shop_key", "auth_token": "shop12:canary", "expires_in": -1})

    peer.always = respond
    # The owner opens the address in another way.
    monkeypatch.setattr("webbrowser.open", lambda url: not urllib.request.urlopen(url))
    result = at_peer("connect", *SHOP, "--key-store", str(keys), "--open")
    assert result.code == 0
    assert "etelecom: no browser could be started: open the address yourself\n" in result.err


def test_key_that_cannot_be_stored(at_peer: Any, peer: Any, keys: Path) -> None:
    """If the key cannot be stored, the line says how to get it again, and does not show it."""

    def respond(_: Any) -> Any:
        keys.mkdir()  # only now, so that the check before the call passes
        return peer.json({"code": "ok", "type": "shop_key", "auth_token": "shop12:canary", "expires_in": -1})

    peer.always = respond
    result = at_peer("connect", "--shop-id", "12", "--key-store", str(keys))
    assert (result.code, result.out) == (1, "")
    assert f"run: etelecom connect --shop-id 12 --key-store {keys}" in result.err
    assert "canary" not in result.err


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ([], "missing: --email, --phone, --name. Or name a connected shop with --shop-id"),
        (["--email", "a@example.com"], "missing: --phone, --name."),
        ([*SHOP, "--shop-id", "1"], "--shop-id and --email exclude each other"),
        ([*SHOP[:2], "--phone", "12", *SHOP[4:]], "--phone: not a Vietnamese phone number (2 digits)"),
        (["--shop-id", ""], "'--shop-id': the text is empty"),
        ([*SHOP, "--port", "70000"], "70000 is above 65535"),
        ([*SHOP, "--timeout", "soon"], "'soon' is no whole number"),
        ([*SHOP, "--opn"], "No such option '--opn'. Did you mean '--open'?"),
    ],
)
def test_wrong_input(at_peer: Any, peer: Any, keys: Path, arguments: list[str], problem: str) -> None:
    """Wrong input is a usage error in one line, and nothing is sent."""
    result = at_peer("connect", *arguments, "--key-store", str(keys))
    assert (result.code, result.out, result.err.count("\n"), peer.requests) == (2, "", 1, [])
    assert problem in result.err


def test_file_is_checked_first(at_peer: Any, peer: Any, tmp_path: Path) -> None:
    """A key store that cannot be used is refused before a shop is created."""
    for path in (tmp_path / "none" / "keys.json", tmp_path):
        result = at_peer("connect", *SHOP, "--key-store", str(path))
        assert (result.code, result.out) == (2, "")
        assert f"--key-store {path} cannot be written: name a file in a folder" in result.err
    other = tmp_path / "other.json"
    other.write_text("{}")
    other.chmod(0o600)
    refused = at_peer("connect", *SHOP, "--key-store", str(other))
    assert (refused.code, refused.out) == (1, "")
    assert "nothing was changed" in refused.err
    assert peer.requests == []


def test_key_store_of_the_profile(
    at_peer: Any, peer: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a file, the key goes to the key store of the profile, where `--shop` finds it."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "settings"))
    peer.respond_with(
        peer.json({"code": "ok", "type": "shop_key", "auth_token": "shop12:canary", "expires_in": -1})
    )
    result = at_peer("connect", "--shop-id", "12", "--json")
    stored = tmp_path / "settings" / "etelecom" / "shop-keys.json"
    assert result.code == 0, result.err
    assert json.loads(result.out) == {"shop_id": "12", "key_store": str(stored)}
    assert stored.stat().st_mode & 0o777 == 0o600
    peer.respond_with(peer.json({"id": "12", "name": "Mây"}))
    current = at_peer("shop", "current", "--shop", "12", "--json")
    assert (current.code, json.loads(current.out)["name"]) == (0, "Mây")


def test_port_in_use(at_peer: Any, peer: Any, keys: Path) -> None:
    """A port in use is a usage error, and nothing is sent."""
    result = at_peer("connect", *SHOP, "--key-store", str(keys), "--port", str(peer.port))
    assert (result.code, result.out, peer.requests) == (2, "", [])
    assert f"--port {peer.port} cannot be used: " in result.err


def test_missing_key(tool: Any, keys: Path) -> None:
    """Without the partner's key the exit code is 4."""
    result = tool("connect", *SHOP, "--key-store", str(keys))
    assert (result.code, result.out) == (4, "")
    assert "ETELECOM_PARTNER_API_KEY" in result.err


def test_dry_run(at_peer: Any, peer: Any, keys: Path) -> None:
    """`--dry-run` shows the request, sends nothing and stores nothing."""
    result = at_peer("connect", *SHOP, "--key-store", str(keys), "--dry-run")
    assert (result.code, result.err, peer.requests) == (0, "", [])
    assert result.json["body"]["email"] == "may@example.com"
    assert result.json["body"]["redirect_url"].startswith("http://127.0.0.1:")
    assert not keys.exists()
