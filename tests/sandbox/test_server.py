"""The public class: address, keys, clock, and the state in a file."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest

from etelecom_async.sandbox import Sandbox, server

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractAsyncContextManager
    from pathlib import Path

    from tests.sandbox.conftest import Peer

SERVE = """
import asyncio, json, sys
from etelecom_async.sandbox import Sandbox

async def main():
    async with Sandbox(data=sys.argv[1], call_logs=300) as sandbox:
        print(json.dumps(sandbox.as_json()), flush=True)
        await asyncio.Event().wait()

asyncio.run(main())
"""


async def test_confirmed_changes_survive_kill_9(tmp_path: Path) -> None:
    """A killed sandbox keeps confirmed changes; keys and cursors stay valid, and nothing is seeded."""
    file = tmp_path / "state.db"
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", SERVE, str(file), stdout=asyncio.subprocess.PIPE, env=dict(os.environ)
    )
    assert process.stdout is not None
    settings = json.loads(await process.stdout.readline())
    headers = {"Authorization": f"Bearer {settings['shop_key']}"}
    confirmed: dict[str, str] = {}
    enough = asyncio.Event()

    async with aiohttp.ClientSession(headers=headers) as http:

        async def ask(method: str, **body: Any) -> Any:
            async with http.post(f"{settings['base_url']}/partner.{method}", json=body) as response:
                assert response.status == 200
                return await response.json()

        async def hire(number: int) -> None:
            user = await ask(
                "Shop/CreateAccountUser", full_name="Lê An", password="x", phone=f"09{number:08}"
            )
            confirmed[user["id"]] = user["phone"]
            if len(confirmed) == 40:
                enough.set()

        page = await ask("Etelecom/ListCallLogs")
        hiring = [asyncio.create_task(hire(number)) for number in range(400)]
        await enough.wait()
        process.kill()
        await asyncio.gather(*hiring, return_exceptions=True)
    await process.communicate()
    assert 40 <= len(confirmed) < 400

    async with (
        Sandbox(data=file, seed=99, call_logs=5) as sandbox,
        aiohttp.ClientSession(headers=headers) as http,
    ):
        keys = sandbox.as_json()
        same = ("partner_api_key", "shop_api_key", "shop_key", "sms_username", "sms_password")
        assert {name: keys[name] for name in same} == {name: settings[name] for name in same}
        settings = keys
        calls = page["call_logs"]
        while (page := await ask("Etelecom/ListCallLogs", paging={"after": page["paging"]["next"]}))[
            "call_logs"
        ]:
            calls += page["call_logs"]
        assert len({call["id"] for call in calls}) == len(calls) == 300
        kept: dict[str, str] = {}
        paging: dict[str, str] = {}
        while (users := await ask("Shop/GetAccountUsers", paging=paging))["account_users"]:
            kept |= {user["user_id"]: user["phone"] for user in users["account_users"]}
            paging = {"after": users["paging"]["next"]}
        assert confirmed.items() <= kept.items()


async def test_settings(peer: Peer) -> None:
    """The settings are available as JSON and as environment variables, on a loopback port."""
    service = peer.service
    assert service.base_url.startswith("http://127.0.0.1:")
    assert service.base_url == f"{service.sms_base_url}/v1"
    values = {
        "base_url": service.base_url,
        "partner_api_key": service.partner_api_key,
        "shop_api_key": service.shop_api_key,
        "shop_key": service.shop_key,
        "sms_base_url": service.sms_base_url,
        "sms_username": service.sms_username,
        "sms_password": service.sms_password,
    }
    assert service.as_json() == values
    assert all(values.values())
    del values["shop_key"]
    assert service.environment() == {f"ETELECOM_{name.upper()}": value for name, value in values.items()}


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "::", "example.com"])
def test_other_hosts_need_allow_remote(host: str) -> None:
    """An address that other machines can reach raises an error that names `allow_remote`."""
    with pytest.raises(ValueError, match="allow_remote"):
        Sandbox(host=host)


@pytest.mark.parametrize(
    ("host", "shown"),
    [
        ("127.0.0.1", "127.0.0.1"),
        ("0.0.0.0", "127.0.0.1"),
        ("::", "[::1]"),
        ("::1", "[::1]"),
        ("localhost", "localhost"),
    ],
)
def test_the_base_url_can_be_opened_here(host: str, shown: str) -> None:
    """This machine can open the base URL, for any address of the sandbox."""
    assert server._url_host(host) == shown


async def test_remote_can_be_allowed(open_peer: Callable[..., AbstractAsyncContextManager[Peer]]) -> None:
    """With `allow_remote`, the sandbox listens on all addresses, including loopback."""
    async with open_peer(host="0.0.0.0", allow_remote=True) as peer:
        assert (await peer.shop("Etelecom/GetTenant"))["status"] == "P"


async def test_the_clock_can_be_advanced(peer: Peer) -> None:
    """`advance` changes `now` and the time of every call; the clock cannot go back."""
    before = peer.service.now
    shown = peer.service.advance(timedelta(days=2))
    assert timedelta(days=2) <= shown - before < timedelta(days=2, hours=1)
    assert peer.service.now >= shown
    made = await peer.partner("Shop/CreateShopAccount")
    assert datetime.fromisoformat(made["shop"]["created_at"]) >= shown
    with pytest.raises(ValueError, match="cannot go back"):
        peer.service.advance(timedelta(days=-1))


async def test_only_while_it_runs() -> None:
    """Before and after the `async with` there is no base URL and no key, and the port is closed."""
    sandbox = Sandbox()
    with pytest.raises(RuntimeError, match="async with"):
        _ = sandbox.base_url
    with pytest.raises(RuntimeError, match="async with"):
        sandbox.advance(timedelta(days=1))
    async with sandbox:
        url = sandbox.base_url
    with pytest.raises(RuntimeError, match="async with"):
        _ = sandbox.shop_key
    async with aiohttp.ClientSession() as http:
        with pytest.raises(aiohttp.ClientConnectorError):
            await http.get(url)


async def test_it_can_run_again() -> None:
    """A sandbox can be entered again with the same keys. Without a file, it starts with a new state."""
    sandbox = Sandbox(tenants=1)
    seen: list[dict[str, str]] = []
    for _ in range(2):
        async with sandbox, aiohttp.ClientSession() as http:
            headers = {"Authorization": f"Bearer {sandbox.partner_api_key}"}
            url = f"{sandbox.base_url}/partner.Shop"
            async with http.post(f"{url}/GetShops", json={}, headers=headers) as response:
                assert len((await response.json())["shops"]) == 1
            async with http.post(f"{url}/CreateShopAccount", json={}, headers=headers) as response:
                assert response.status == 200
            seen.append({name: value for name, value in sandbox.as_json().items() if "url" not in name})
    assert seen[0] == seen[1]


async def test_a_port_in_use(peer: Peer) -> None:
    """A port in use raises an error that says so, and the first sandbox still works."""
    port = int(peer.service.sms_base_url.rpartition(":")[2])
    with pytest.raises(OSError, match="in use"):
        async with Sandbox(port=port):
            pass
    await peer.shop("Etelecom/GetTenant")


async def test_other_files(tmp_path: Path) -> None:
    """A file that is not a state file raises an error that names it, and nothing listens."""
    file = tmp_path / "notes.txt"
    file.write_text("not a database, and long enough to differ from an empty file", encoding="utf-8")
    with pytest.raises(ValueError, match=r"notes\.txt"):
        async with Sandbox(data=file):
            pass


async def test_a_seeding_that_fails_leaves_no_open_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a failed seed, the next start seeds again."""

    def fail(*_: Any) -> None:
        raise ZeroDivisionError

    file = tmp_path / "state.db"
    with monkeypatch.context() as patch:
        patch.setattr(server, "populate", fail)
        with pytest.raises(ZeroDivisionError):
            async with Sandbox(data=file):
                pass
    async with Sandbox(data=file) as sandbox:
        assert sandbox.shop_key


CREATES = {
    "user": (
        "shop",
        "Shop/CreateAccountUser",
        {"full_name": "Lê An", "phone": "0901234567", "password": "x"},
    ),
    "extension": ("shop", "Etelecom/CreateExtension", {"extension_number": 4321}),
    "hotline": ("partner", "Etelecom/PartnerAddHotline", {"hotline": "1900123456", "name": "x"}),
}


@pytest.mark.parametrize("allow_duplicates", [False, True])
@pytest.mark.parametrize("record", CREATES)
async def test_duplicates(
    open_peer: Callable[..., AbstractAsyncContextManager[Peer]], record: str, *, allow_duplicates: bool
) -> None:
    """A second record with the same number is rejected, unless the sandbox allows duplicates."""
    caller, method, body = CREATES[record]
    async with open_peer(tenants=1, hotlines=2, extensions=1, allow_duplicates=allow_duplicates) as peer:
        if record == "extension":
            body = {**body, "hotline_id": (await peer.extensions())[0]["hotline_id"]}
        first = await getattr(peer, caller)(method, **body)
        if allow_duplicates:
            second = await getattr(peer, caller)(method, **body)
            assert second["id"] != first["id"]
        else:
            error = await getattr(peer, f"{caller}_error")(method, **body)
            assert error == (409, "already_exists")
