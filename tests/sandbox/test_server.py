"""The public class: address, keys, clock, and the state in a file."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import sqlite3
import sys
import threading
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest

from etelecom_async.sandbox import Rules, Sandbox, StateFileError, server

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
    sandbox = Sandbox(tenants=1, until="2026-11-30")
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
    """A file that is not a state file raises an error that names it, and no other file stays."""
    file = tmp_path / "notes.txt"
    file.write_text("not a database, and long enough to differ from an empty file", encoding="utf-8")
    with pytest.raises(StateFileError, match=r"notes\.txt"):
        async with Sandbox(data=file):
            pass
    assert list(tmp_path.iterdir()) == [file]  # noqa: ASYNC240 - nothing else runs


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


async def test_start_and_stop() -> None:
    """`start` and `stop` replace `async with`. A second start is refused, a second stop does nothing."""
    service = Sandbox(call_logs=0)
    await service.stop()
    for _ in range(2):
        assert await service.start() is service
        with pytest.raises(RuntimeError, match="runs already"):
            await service.start()
        async with aiohttp.ClientSession() as http, http.get(service.sms_base_url) as response:
            assert response.status == 200
        await service.stop()
        await service.stop()
    with pytest.raises(RuntimeError, match="not running"):
        _ = service.base_url


async def test_a_start_that_fails(tmp_path: Path) -> None:
    """After a start that failed, the sandbox can start, and only one of two starts at once succeeds."""
    file = tmp_path / "folder" / "state.db"
    service = Sandbox(data=file, call_logs=0)
    with pytest.raises(StateFileError, match="folder"):
        await service.start()
    file.parent.mkdir()
    first, second = await asyncio.gather(service.start(), service.start(), return_exceptions=True)
    assert first is service
    assert isinstance(second, RuntimeError)
    await service.stop()


async def test_stopped_inside_its_block() -> None:
    """A sandbox that is stopped inside its `async with` ends once."""
    async with Sandbox(call_logs=0) as service:
        await service.stop()


async def test_one_sandbox_for_each_file(tmp_path: Path) -> None:
    """A second sandbox cannot use the file of a first, by any path to it. After the first, it can."""
    file = tmp_path / "state.db"
    link = tmp_path / "link.db"
    link.symlink_to(file)
    folder = tmp_path / "folder"
    folder.symlink_to(tmp_path, target_is_directory=True)
    paths = [file, str(file), link, folder / "state.db", folder / "folder" / "state.db"]
    async with Sandbox(data=file, call_logs=0) as service:
        key = service.shop_key
        for path in paths:
            with pytest.raises(StateFileError, match=r"another sandbox uses .*state\.db: stop it, or choose"):
                await Sandbox(data=path, call_logs=0).start()
        async with Sandbox(data=tmp_path / "other.db", call_logs=0):
            pass
    for path in paths:
        async with Sandbox(data=path, call_logs=0, seed=9) as service:
            assert service.shop_key == key
    assert not list(tmp_path.glob("*.lock"))  # noqa: ASYNC240 - nothing else runs


async def test_many_starts_at_once(tmp_path: Path) -> None:
    """Of many sandboxes that start at once on a new file, one starts, and the others name the file."""
    file = tmp_path / "state.db"
    services = [Sandbox(data=file, call_logs=0, seed=seed) for seed in range(6)]
    started = await asyncio.gather(*(service.start() for service in services), return_exceptions=True)
    assert [outcome for outcome in started if not isinstance(outcome, StateFileError)] == [services[0]]
    assert all(str(file) in str(outcome) for outcome in started[1:])
    await services[0].stop()


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM setting WHERE name = 'keys'",
        "UPDATE setting SET value = 'x' WHERE name = 'partner_id'",
        "DELETE FROM setting WHERE name = 'shop_id'",
        "DELETE FROM setting WHERE name = 'sms_password'",
        "DELETE FROM shop",
        "UPDATE setting SET value = 'x' WHERE name = 'clock_ahead'",
        "UPDATE setting SET value = '9999999999999999999999' WHERE name = 'clock_ahead'",
        "UPDATE setting SET value = '' WHERE name = 'shop_id'",
        "UPDATE setting SET value = CAST(x'ff' AS TEXT) WHERE name = 'sms_username'",
    ],
)
async def test_settings_that_are_damaged(tmp_path: Path, statement: str) -> None:
    """A file with a missing or wrong setting raises one line that names the file, each time."""
    file = tmp_path / "state.db"
    async with Sandbox(data=file, call_logs=0):
        pass
    with contextlib.closing(sqlite3.connect(file)) as db, db:
        db.execute(statement)
    # Only random keys need these settings.
    allow_remote = "'keys'" in statement or "'partner_id'" in statement
    for _ in range(2):
        with pytest.raises(StateFileError, match=r"state\.db cannot hold the state of a sandbox") as caught:
            await Sandbox(data=file, allow_remote=allow_remote).start()
        assert "\n" not in str(caught.value)


def keys_of(service: Sandbox) -> set[str]:
    """Return the keys of a sandbox, and the password of its SMS service."""
    return {service.partner_api_key, service.shop_api_key, service.shop_key, service.sms_password}


async def test_keys_for_other_machines(tmp_path: Path) -> None:
    """With `allow_remote` the keys are random; in a file, they replace those of the seed once, and stay."""
    file = tmp_path / "state.db"
    options: dict[str, Any] = {"call_logs": 0, "until": "2026-11-30"}
    async with Sandbox(**options) as service, Sandbox(data=file, **options) as other:
        seeded = keys_of(service)
        assert keys_of(other) == seeded
    async with (
        Sandbox(**options, allow_remote=True) as service,
        Sandbox(**options, allow_remote=True) as other,
    ):
        assert len(keys_of(service) | keys_of(other) | seeded) == 12
    async with Sandbox(data=file, allow_remote=True) as service:
        random = keys_of(service)
    assert not random & seeded
    for allow_remote in (True, False):
        async with Sandbox(data=file, allow_remote=allow_remote) as service:
            assert keys_of(service) == random
            headers = {"Authorization": f"Bearer {service.shop_key}"}
            url = f"{service.base_url}/partner.Etelecom/GetTenant"
            async with aiohttp.ClientSession() as http, http.post(url, json={}, headers=headers) as response:
                assert response.status == 200


def test_wrong_hosts() -> None:
    """A host that cannot be in a request raises an error when the sandbox is created."""
    with pytest.raises(ValueError, match="'http://a' is not a host"):
        Sandbox(allow_hosts=["http://a"])


async def test_a_start_that_is_cancelled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A start that is cancelled while it seeds keeps the lock until the seed ends, and no longer."""
    file = tmp_path / "state.db"
    seeding, proceed = threading.Event(), threading.Event()
    populate = server.populate

    def populate_slowly(*arguments: Any) -> None:
        seeding.set()
        assert proceed.wait(60)
        populate(*arguments)

    monkeypatch.setattr(server, "populate", populate_slowly)
    service = Sandbox(data=file, call_logs=0)
    starting = asyncio.create_task(service.start())
    await asyncio.to_thread(seeding.wait, 60)
    starting.cancel()
    with pytest.raises(StateFileError, match="another sandbox uses"):
        await Sandbox(data=file).start()
    proceed.set()
    with pytest.raises(asyncio.CancelledError):
        await starting
    async with service:
        assert service.shop_key


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("max_pagesize", "max_page_size"),
        ("call_log", "call_logs"),
        ("alow_remote", "allow_remote"),
        ("xyz", ""),
    ],
)
def test_unknown_options(name: str, meant: str) -> None:
    """An unknown option raises an error that names the option that was perhaps meant."""
    options: Any = {name: 1}
    with pytest.raises(TypeError, match=f"the sandbox has no option '{name}'") as caught:
        Sandbox(**options)
    assert str(caught.value).endswith(f"; did you mean '{meant}'?" if meant else f"'{name}'")


@pytest.mark.parametrize("content", [5, ["calls"], b"story.json"])
def test_wrong_content(content: Any) -> None:
    """Content that is neither a file nor a mapping is refused when the sandbox is created."""
    with pytest.raises(TypeError, match="content takes a file or a mapping of records, not "):
        Sandbox(content=content)


def test_rules_are_options() -> None:
    """The rules are options of the sandbox, beside those of the content."""
    service = Sandbox(order="oldest_first", call_logs=5, unpaged=["shop.users.list"])
    assert service.rules == Rules(order="oldest_first", unpaged=["shop.users.list"])
    with pytest.raises(ValueError, match="did you mean 'oldest_first'"):
        Sandbox(order="oldest")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - the test
