"""Test `etelecom sandbox`: the printed address, the service, and the end."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import resource
import shlex
import signal
import socket
import sysconfig
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aiohttp
import attrs
import pytest

from etelecom_async import PartnerClient, ShopClient, errors
from etelecom_async._core.operation import KeyKind
from etelecom_async.operations import OPERATIONS
from etelecom_async.sandbox import RuleOptions, Rules
from etelecom_async.times import VIETNAM

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ETELECOM = Path(sysconfig.get_path("scripts"), "etelecom")


async def count_everything(service: dict[str, str]) -> dict[str, int]:
    """Count the records that clients get with the printed settings."""
    async with (
        PartnerClient(service["partner_api_key"], base_url=service["base_url"]) as partner,
        ShopClient(service["shop_api_key"], base_url=service["base_url"]) as shop,
    ):
        linked = partner.for_shop(service["shop_key"])
        assert (await linked.current()).id == (await shop.account())["id"]
        return {
            "tenants": len(await partner.tenants.list().collect()),
            "hotlines": len(await partner.hotlines.list().collect()),
            "users": len(await linked.users.list().collect()),
            "extensions": len(await shop.extensions.list().collect()),
            "call_logs": len(await linked.call_logs.list().collect()),
            "official_accounts": len(await shop.zalo.accounts.list().collect()),
            "followers": len(await shop.zalo.followers.list().collect()),
            "zns_messages": len(await shop.zns.messages.list().collect()),
        }


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_json(start: Callable[..., Any], number: signal.Signals) -> None:
    """The one line of JSON connects clients to the requested content; a signal ends it with success."""
    wanted = {"tenants": 2, "hotlines": 5, "users": 7, "extensions": 6, "call_logs": 120}
    wanted |= {"official_accounts": 2, "followers": 105, "zns_messages": 9}
    options = [text for name, n in wanted.items() for text in (f"--{name.replace('_', '-')}", str(n))]
    with start("sandbox", "--json", "--seed", "5", *options) as running:
        service = json.loads(running.line())
        assert set(service) == {
            "base_url", "partner_api_key", "shop_api_key", "shop_key",
            "sms_base_url", "sms_username", "sms_password",
        }  # fmt: skip
        assert service["base_url"].startswith("http://127.0.0.1:")
        assert asyncio.run(count_everything(service)) == wanted
        assert running.stop(number) == (0, "", "")


def test_export_lines_are_the_environment(start: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """The lines set the variables that clients read by default; comments explain the two keys of the shop."""

    async def account() -> str:
        async with PartnerClient() as partner, ShopClient() as shop:
            assert len(await shop.extensions.list()) == 10
            assert await partner.for_shop(os.environ["ETELECOM_SHOP_KEY"]).users.list()
            return str((await partner.account())["type"])

    with start("sandbox") as running:
        lines = running.lines_until("ETELECOM_SMS_PASSWORD")
        words = shlex.split("".join(lines), comments=True)
        for word in words:
            if word != "export":
                monkeypatch.setenv(*word.split("=", 1))
        assert asyncio.run(account()) == "partner"
        assert running.stop() == (0, "", "")
    base_url = dict(word.split("=", 1) for word in words if word != "export")["ETELECOM_BASE_URL"]
    assert lines[0].startswith(f"# The sandbox is at {base_url};")
    partners, own = re.findall(r"only (ETELECOM_\w+) \(the [^)]+\) may call ([^;]+?)[;.]\W", lines[1])
    assert partners[0] == "ETELECOM_SHOP_KEY"
    assert {"shop.current", "shop.users.list", "shop.users.create"} < set(partners[1].split(", "))
    assert own[0] == "ETELECOM_SHOP_API_KEY"
    assert {"account", "webhooks.list"} < set(own[1].split(", "))
    assert {
        OPERATIONS[name].callers & {KeyKind.SHOP_API_KEY, KeyKind.PARTNER_SHOP_KEY}
        for name in own[1].split(", ")
    } == {frozenset({KeyKind.SHOP_API_KEY})}


def test_access_is_not_logged(start: Callable[..., Any]) -> None:
    """Requests print no line, whether they succeed or fail."""

    async def ask(service: dict[str, str]) -> None:
        async with PartnerClient("1:wrong", base_url=service["base_url"]) as partner:
            with pytest.raises(errors.UnauthenticatedError):
                await partner.account()

    with start("sandbox", "--json") as running:
        asyncio.run(ask(json.loads(running.line())))
        assert running.stop() == (0, "", "")


def test_port_in_use(start: Callable[..., Any], tool: Any) -> None:
    """The chosen port is used. A second sandbox on it ends with exit code 1 and a clear error."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    with start("sandbox", "--json", "--port", port) as running:
        assert json.loads(running.line())["base_url"] == f"http://127.0.0.1:{port}/v1"
        code, out, err = tool("sandbox", "--port", port)
    assert (code, out) == (1, "")
    assert err == f"etelecom: port {port} is in use: choose another --port, or omit it to use a free one\n"


def test_file_keeps_the_state(start: Callable[..., Any], visit: Callable[..., Any], tmp_path: Path) -> None:
    """With --data, keys and records are still there after a restart, even after `kill -9`."""

    async def add_user(service: dict[str, str]) -> None:
        async with ShopClient(service["shop_key"], base_url=service["base_url"]) as shop:
            await shop.users.create(full_name="Trần Thị Mới", phone="0909000001", password="one-time")

    async def count(service: dict[str, str]) -> tuple[str, int]:
        return service["shop_key"], (await count_everything(service))["users"]

    options = ("sandbox", "--json", "--data", str(tmp_path / "state"), "--seed", "7")
    with start(*options) as running:
        service = json.loads(running.line())
        key, users = asyncio.run(count(service))
        asyncio.run(add_user(service))
        running.stop(signal.SIGKILL)
    assert visit(count, *options) == (key, users + 1)


@pytest.mark.parametrize(
    ("arguments", "code", "problem"),
    [
        (("--host", "10.1.2.3"), 2, "10.1.2.3 can be reached from other machines"),
        (("--tenants", "0"), 2, "at least one tenant"),
        (("--host", "127.0.0.1.example.invalid", "--allow-remote"), 1, "cannot listen on this address"),
        (("--data", "{folder}"), 1, "{folder} cannot hold the state of a sandbox: it is a folder"),
        (("--data", "/"), 1, "/ cannot hold the state of a sandbox: it is a folder"),
        (
            ("--data", "{folder}/missing/state"),
            1,
            "{folder}/missing/state cannot hold the state of a sandbox",
        ),
        (("--data", "{folder}/text"), 1, "{folder}/text"),
        (("--chaos", "{folder}/text"), 2, "{folder}/text"),
        (("--chaos", "{folder}/missing.toml"), 2, "{folder}/missing.toml"),
        (("--until", "9999-01-01"), 2, "until is 9999-01-01, but its year must be from 2020 to 2149"),
        (("--until", "0001-01-01"), 2, "from 2020 to 2149"),
        (("--until", "2150-01-01"), 2, "from 2020 to 2149"),
        (("--content", "{folder}/text"), 2, "{folder}/text"),
        (("--content", "{folder}/missing.json"), 2, "{folder}/missing.json"),
        (("--content", "{folder}/story.json"), 1, "cals: there is no such kind; did you mean 'calls'?"),
        (("--unpaged", "shop.user.list"), 2, "did you mean 'shop.users.list'?"),
        (("--page-size", "101"), 2, "page_size is 101, which is larger than max_page_size, 100"),
        (("--max-page-size", "0"), 2, "max_page_size is 0, not a number of rows"),
        (("--allow-host", "http://a.example"), 2, "'http://a.example' is not a host"),
        (("--allow-host", "a.example", "--allow-host", "a:80"), 2, "'a:80' is not a host"),
        (("--data", "{folder}/damaged"), 1, "{folder}/damaged cannot hold the state of a sandbox"),
        (("--data", "/dev/full"), 1, "/dev/full"),
        (("--data", "/dev/null"), 1, "/dev/null"),
        (("--data", "/proc/state"), 1, "/proc/state"),
    ],
)
def test_invalid_arguments(
    tool: Any, tmp_path: Path, arguments: tuple[str, ...], code: int, problem: str
) -> None:
    """Invalid arguments give one line without a traceback, and no sandbox starts."""
    (tmp_path / "text").write_text("no state of a sandbox, however long one reads it\n" * 100)
    (tmp_path / "story.json").write_text('{"cals": []}')
    (tmp_path / "damaged").write_bytes(b"SQLite format 3\0" + b"\xff" * 10_000)
    given = [argument.format(folder=tmp_path) for argument in arguments]
    result, out, err = tool("sandbox", *given)
    assert (result, out) == (code, "")
    assert problem.format(folder=tmp_path) in err
    assert err.startswith("etelecom: ")
    assert err.count("\n") == 1


@contextlib.contextmanager
def largest_file(size: int) -> Iterator[None]:
    """Let no file of this process become larger than *size* bytes."""
    before, most = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, most))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (before, most))


@pytest.mark.parametrize("blocks", [8, 64, 256])
def test_full_disk(tool: Any, visit: Callable[..., Any], tmp_path: Path, blocks: int) -> None:
    """A seed for which there is no space gives one line with the file, and the next start seeds again."""
    file = tmp_path / "state"
    with largest_file(512 * blocks):
        code, out, err = tool("sandbox", "--data", str(file), "--call-logs", "2000")
    assert (code, out, err.count("\n")) == (1, "", 1)
    assert err.startswith(f"etelecom: {file} cannot hold the state of a sandbox: ")
    assert visit(count_everything, "sandbox", "--json", "--data", str(file))["call_logs"] == 250


def test_disk_that_becomes_full(start: Callable[..., Any], tmp_path: Path) -> None:
    """When the disk becomes full, each call that fails gives one line; reads and the end still work."""

    async def fill(service: dict[str, str]) -> int:
        async with ShopClient(service["shop_key"], base_url=service["base_url"], retries=0) as shop:
            failed = 0
            for number in range(400):
                try:
                    await shop.users.create(
                        full_name="Lê An" * 1000, phone=f"09{number:08}", password="one-time"
                    )
                except errors.InternalError:
                    failed += 1
                    if failed == 2:
                        break
            assert len(await shop.extensions.list().collect()) == 10
            return failed

    limited = ("sh", "-c", 'ulimit -f 4000 && exec "$0" "$@"', str(ETELECOM))
    with start("sandbox", "--json", "--data", str(tmp_path / "state"), command=limited) as running:
        assert asyncio.run(fill(json.loads(running.line()))) == 2
        code, out, err = running.stop()
    assert (code, out, err.count("\n")) == (0, "", 2)
    assert err.count("The sandbox could not respond to '/v1/partner.Shop/CreateAccountUser': ") == 2


def test_two_starts_at_once(start: Callable[..., Any], tmp_path: Path) -> None:
    """Of commands that start at once on one new file, one runs; the others print one line with the file."""
    file = tmp_path / "state"
    with contextlib.ExitStack() as stack:
        commands = [
            stack.enter_context(start("sandbox", "--json", "--data", str(file), "--call-logs", "3000"))
            for _ in range(3)
        ]
        lines = [running.line() for running in commands]
        (service,) = [json.loads(line) for line in lines if line]
        assert service["shop_key"]
        ended = [running.end() for running, line in zip(commands, lines, strict=True) if not line]
        assert (
            ended
            == [(1, "", f"etelecom: another sandbox uses {file}: stop it, or choose another file\n")] * 2
        )


def test_allow_host(visit: Callable[..., Any]) -> None:
    """Only a host that --allow-host names is served; the error of another one names the option."""

    async def tenant(service: dict[str, str], host: str) -> str:
        async with aiohttp.ClientSession() as http:
            headers = {"Authorization": f"Bearer {service['shop_key']}", "Host": host}
            url = f"{service['base_url']}/partner.Etelecom/GetTenant"
            async with http.post(url, json={}, headers=headers) as response:
                return await response.text()

    async def ask(service: dict[str, str]) -> None:
        for host in ("a.example", "b.example:80", "localhost"):
            assert "domain" in await tenant(service, host)
        assert "--allow-host c.example" in await tenant(service, "c.example")

    visit(ask, "sandbox", "--json", "--allow-host", "a.example", "--allow-host", "b.example")


def test_keys_for_other_machines(start: Callable[..., Any]) -> None:
    """With --allow-remote, the keys differ each time."""
    seen: list[set[str]] = []
    for _ in range(2):
        with start("sandbox", "--json", "--allow-remote", "--seed", "1") as running:
            service = json.loads(running.line())
            seen.append(
                {service[name] for name in ("partner_api_key", "shop_api_key", "shop_key", "sms_password")}
            )
    assert len(seen[0] | seen[1]) == 8


def test_chaos(visit: Callable[..., Any], tmp_path: Path) -> None:
    """With --chaos, exactly the faults in the file occur."""

    async def outcomes(service: dict[str, str]) -> list[str]:
        found: list[str] = []
        async with ShopClient(service["shop_key"], base_url=service["base_url"], retries=0) as shop:
            for _ in range(3):
                try:
                    await shop.tenant.get()
                    found.append("ok")
                except errors.EtelecomError as error:
                    found.append(type(error).__name__)
        return found

    chaos = tmp_path / "chaos.toml"
    chaos.write_text('[[faults]]\nkind = "status"\nstatus = 500\nafter = 1\ntimes = 1\n')
    assert visit(outcomes, "sandbox", "--json", "--chaos", str(chaos)) == ["ok", "InternalError", "ok"]


@pytest.mark.parametrize("options", [(), ("--allow-duplicates",)])
def test_duplicates(visit: Callable[..., Any], options: tuple[str, ...]) -> None:
    """With --allow-duplicates, a second employee with the same phone number is accepted."""

    async def hire_twice(service: dict[str, str]) -> int:
        async with ShopClient(service["shop_key"], base_url=service["base_url"]) as shop:
            with contextlib.suppress(errors.AlreadyExistsError):
                for _ in range(2):
                    await shop.users.create(full_name="Lê An", phone="0901234567", password="one-time")
            return len(await shop.users.list(phone="0901234567").collect())

    assert visit(hire_twice, "sandbox", "--json", *options) == 1 + len(options)


@pytest.mark.parametrize("options", [(), ("--strict",)])
def test_strict(visit: Callable[..., Any], options: tuple[str, ...]) -> None:
    """With --strict, a request needs the documented form: a limit is a number."""

    async def limit_as_text(service: dict[str, str]) -> int:
        async with ShopClient(service["shop_api_key"], base_url=service["base_url"]) as shop:
            try:
                await shop.call("Etelecom/GetExtensions", {"paging": {"limit": "1"}})
            except errors.InvalidArgumentError as error:
                return error.status
        return 200

    assert visit(limit_as_text, "sandbox", "--json", *options) == (400 if options else 200)


def test_allow_remote(visit: Callable[..., Any]) -> None:
    """By default the sandbox listens only on 127.0.0.1; with --allow-remote, on all addresses."""

    async def is_heard(service: dict[str, str]) -> bool:
        port = int(service["base_url"].rpartition(":")[2].removesuffix("/v1"))
        with socket.socket() as caller:
            if caller.connect_ex(("127.0.0.2", port)):
                return False
            # The sandbox closes only connections that it has begun to serve.
            caller.sendall(b"GET / HTTP/1.0\r\n\r\n")
            return caller.recv(4) == b"HTTP"

    assert not visit(is_heard, "sandbox", "--json")
    assert visit(is_heard, "sandbox", "--json", "--allow-remote")


def test_rich_is_not_needed(start: Callable[..., Any], without_rich: tuple[str, ...]) -> None:
    """The sandbox runs without the extra `cli`."""
    with start("sandbox", "--json", command=without_rich) as running:
        assert json.loads(running.line())["shop_key"]
        assert running.stop() == (0, "", "")


def test_webhooks(visit: Callable[..., Any]) -> None:
    """With --sms-webhook, the sandbox has an address for states of SMS."""

    async def send(service: dict[str, str]) -> Any:
        url = f"{service['sms_base_url']}/_sandbox"
        async with aiohttp.ClientSession() as http:
            async with http.post(f"{url}/events", json={"sms_status": {}}) as response:
                assert response.status == 200
            async with http.post(f"{url}/deliveries", json={}) as response:
                return (await response.json())["receivers"]

    options = ("--sms-webhook", "http://127.0.0.1:9/sms", "--allow-remote-webhooks")
    (receiver,) = visit(send, "sandbox", "--json", *options)
    assert (receiver["name"], receiver["state"], receiver["waiting"]) == ("sms", "retry", 1)


async def newest_call(service: dict[str, str]) -> datetime:
    """Return the start time of the newest seeded call."""
    async with ShopClient(service["shop_api_key"], base_url=service["base_url"]) as shop:
        (call,) = await shop.call_logs.list(limit=1).take(1)
    assert call.started_at is not None
    return call.started_at.astimezone(VIETNAM)


def test_history_ends_yesterday(visit: Callable[..., Any]) -> None:
    """By default the seeded calls end yesterday, so a query for this week finds some."""
    newest = visit(newest_call, "sandbox", "--json")
    assert timedelta(0) < datetime.now(VIETNAM) - newest < timedelta(days=7)


def test_content(visit: Callable[..., Any], tmp_path: Path) -> None:
    """With --content, a new sandbox has the records in the file besides the seeded ones."""
    file = tmp_path / "story.json"
    file.write_text('{"calls": [{"caller": "0912345678", "ended_at": "now"}]}')

    async def look(service: dict[str, str]) -> tuple[datetime, int]:
        return await newest_call(service), (await count_everything(service))["call_logs"]

    newest, calls = visit(look, "sandbox", "--json", "--call-logs", "3", "--content", str(file))
    assert calls == 4
    assert timedelta(0) < datetime.now(VIETNAM) - newest < timedelta(hours=1)


def test_until(visit: Callable[..., Any]) -> None:
    """With --until, the seeded calls end before that day."""
    newest = visit(newest_call, "sandbox", "--json", "--until", "2026-02-01")
    assert datetime(2026, 1, 25, tzinfo=VIETNAM) < newest < datetime(2026, 2, 1, tzinfo=VIETNAM)


def test_rules(visit: Callable[..., Any]) -> None:
    """Each rule that the documentation leaves open has an option, and the control API shows the values."""

    async def read(service: dict[str, str]) -> Any:
        url = f"{service['sms_base_url']}/_sandbox/rules"
        async with aiohttp.ClientSession() as http, http.get(url) as response:
            return (await response.json())["rules"]

    options = [
        *("--call-time", "started_at", "--no-include-date-from", "--no-include-date-to"),
        *("--page-size", "5", "--max-page-size", "50", "--larger-limit", "rejected"),
        *("--order", "oldest_first", "--last-page", "has_no_next"),
        *("--unpaged", "shop.users.list", "--unpaged", "Etelecom/GetHotlines"),
    ]
    rules = visit(read, "sandbox", "--json", *options)
    expected: RuleOptions = {
        "call_time": "started_at",
        "include_date_from": False,
        "include_date_to": False,
        "page_size": 5,
        "max_page_size": 50,
        "larger_limit": "rejected",
        "order": "oldest_first",
        "last_page": "has_no_next",
        "unpaged": ["shop.users.list", "shop.hotlines.list"],
    }
    assert rules == expected
    assert len(rules) == len(attrs.fields(Rules))
