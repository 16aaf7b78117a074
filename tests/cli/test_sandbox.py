"""Test `etelecom sandbox`: the printed address, the service, and the end."""

from __future__ import annotations

import asyncio
import contextlib
import json
import shlex
import signal
import socket
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from etelecom_async import PartnerClient, ShopClient, errors
from etelecom_async._core.codec.scalars import VIETNAM

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


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
    """The lines set the variables that clients read by default; for a shell the rest is a comment."""

    async def account() -> str:
        async with PartnerClient() as partner, ShopClient() as shop:
            assert len(await shop.extensions.list()) == 10
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


def test_access_is_not_logged(start: Callable[..., Any]) -> None:
    """Requests print no line, whether they succeed or fail."""

    async def ask(service: dict[str, str]) -> None:
        async with PartnerClient("1:wrong", base_url=service["base_url"]) as partner:
            with pytest.raises(errors.UnauthenticatedError):
                await partner.account()

    with start("sandbox", "--json") as running:
        asyncio.run(ask(json.loads(running.line())))
        assert running.stop() == (0, "", "")


def test_port_in_use(start: Callable[..., Any], etelecom: Callable[..., Any]) -> None:
    """The chosen port is used. A second sandbox on it ends with exit code 1 and a clear error."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    with start("sandbox", "--json", "--port", port) as running:
        assert json.loads(running.line())["base_url"] == f"http://127.0.0.1:{port}/v1"
        code, out, err = etelecom("sandbox", "--port", port)
    assert (code, out) == (1, "")
    assert err == f"etelecom: port {port} is in use: choose another --port, or omit it to use a free one\n"


def test_file_keeps_the_state(start: Callable[..., Any], tmp_path: Path) -> None:
    """With --data, keys and records are still there after a restart, even after `kill -9`."""

    async def add_user(service: dict[str, str]) -> None:
        async with ShopClient(service["shop_key"], base_url=service["base_url"]) as shop:
            await shop.users.create(full_name="Trần Thị Mới", phone="0909000001", password="one-time")

    found = []
    for _ in range(2):
        with start("sandbox", "--json", "--data", str(tmp_path / "state"), "--seed", "7") as running:
            service = json.loads(running.line())
            found.append((service["shop_key"], asyncio.run(count_everything(service))["users"]))
            if len(found) == 1:
                asyncio.run(add_user(service))
            running.stop(signal.SIGKILL)
    (key, users), (key_again, users_again) = found
    assert (key_again, users_again) == (key, users + 1)


@pytest.mark.parametrize(
    ("arguments", "code", "problem"),
    [
        (("--host", "10.1.2.3"), 2, "10.1.2.3 can be reached from other machines"),
        (("--tenants", "0"), 2, "at least one tenant"),
        (("--host", "127.0.0.1.example.invalid", "--allow-remote"), 1, "cannot listen on this address"),
        (("--data", "{folder}"), 1, "{folder}"),
        (("--data", "{folder}/missing/state"), 1, "{folder}/missing/state"),
        (("--data", "{folder}/text"), 1, "{folder}/text"),
        (("--chaos", "{folder}/text"), 2, "{folder}/text"),
        (("--chaos", "{folder}/missing.toml"), 2, "{folder}/missing.toml"),
    ],
)
def test_invalid_arguments(
    etelecom: Callable[..., Any], tmp_path: Path, arguments: tuple[str, ...], code: int, problem: str
) -> None:
    """Invalid arguments give one line without a traceback, and no sandbox starts."""
    (tmp_path / "text").write_text("no state of a sandbox, however long one reads it\n" * 100)
    given = [argument.format(folder=tmp_path) for argument in arguments]
    result, out, err = etelecom("sandbox", *given)
    assert (result, out) == (code, "")
    assert problem.format(folder=tmp_path) in err
    assert err.startswith("etelecom: ")
    assert err.count("\n") == 1


def test_chaos(start: Callable[..., Any], tmp_path: Path) -> None:
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
    with start("sandbox", "--json", "--chaos", str(chaos)) as running:
        assert asyncio.run(outcomes(json.loads(running.line()))) == ["ok", "InternalError", "ok"]
        assert running.stop() == (0, "", "")


@pytest.mark.parametrize("options", [(), ("--allow-duplicates",)])
def test_duplicates(start: Callable[..., Any], options: tuple[str, ...]) -> None:
    """With --allow-duplicates, a second employee with the same phone number is accepted."""

    async def hire_twice(service: dict[str, str]) -> int:
        async with ShopClient(service["shop_key"], base_url=service["base_url"]) as shop:
            with contextlib.suppress(errors.AlreadyExistsError):
                for _ in range(2):
                    await shop.users.create(full_name="Lê An", phone="0901234567", password="one-time")
            return len(await shop.users.list(phone="0901234567").collect())

    with start("sandbox", "--json", *options) as running:
        assert asyncio.run(hire_twice(json.loads(running.line()))) == 1 + len(options)
        assert running.stop() == (0, "", "")


def test_allow_remote(start: Callable[..., Any]) -> None:
    """By default the sandbox listens only on 127.0.0.1; with --allow-remote, on all addresses."""

    def is_heard(*arguments: str) -> bool:
        with start("sandbox", "--json", *arguments) as running:
            port = int(json.loads(running.line())["base_url"].rpartition(":")[2].removesuffix("/v1"))
            with socket.socket() as caller:
                return caller.connect_ex(("127.0.0.2", port)) == 0

    assert (is_heard(), is_heard("--allow-remote")) == (False, True)


def test_rich_is_not_needed(start: Callable[..., Any], without_rich: tuple[str, ...]) -> None:
    """The sandbox runs without the extra `cli`."""
    with start("sandbox", "--json", command=without_rich) as running:
        assert json.loads(running.line())["shop_key"]
        assert running.stop() == (0, "", "")


async def newest_call(service: dict[str, str]) -> datetime:
    """Return the start time of the newest seeded call."""
    async with ShopClient(service["shop_api_key"], base_url=service["base_url"]) as shop:
        (call,) = await shop.call_logs.list(limit=1).collect(max_items=1)
    assert call.started_at is not None
    return call.started_at.astimezone(VIETNAM)


def test_history_ends_yesterday(start: Callable[..., Any]) -> None:
    """By default the seeded calls end yesterday, so a query for this week finds some."""
    with start("sandbox", "--json") as running:
        newest = asyncio.run(newest_call(json.loads(running.line())))
    assert timedelta(0) < datetime.now(VIETNAM) - newest < timedelta(days=7)


def test_until(start: Callable[..., Any]) -> None:
    """With --until, the seeded calls end before that day."""
    with start("sandbox", "--json", "--until", "2026-02-01") as running:
        newest = asyncio.run(newest_call(json.loads(running.line())))
    assert datetime(2026, 1, 25, tzinfo=VIETNAM) < newest < datetime(2026, 2, 1, tzinfo=VIETNAM)
