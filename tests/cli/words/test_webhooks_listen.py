"""Test `etelecom webhooks listen`: the webhook lasts as long as the command, and is created once."""

from __future__ import annotations

import asyncio
import io
import json
import signal
import sys
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest

from etelecom_async import Secret
from etelecom_async.cli.calling import client
from etelecom_async.cli.command import CommandError
from etelecom_async.cli.credentials import Credentials
from etelecom_async.cli.words.webhooks_listen import _listen, _wanted
from etelecom_async.errors import UnauthenticatedError
from etelecom_async.testing import Fault, Sandbox, sandbox
from tests.conftest import PATIENCE

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

GIVEN = {
    "forward": None,
    "public_url": None,
    "is_printing": True,
    "json": False,
    "quiet": False,
    "events": "call_log,zl_oa_message",
    "port": 0,
}


@pytest.fixture
async def lone() -> AsyncIterator[Sandbox]:
    """A sandbox of one test."""
    async with sandbox(call_logs=0) as service:
        yield service


def webhooks(service: Sandbox) -> list[dict[str, Any]]:
    """Return all webhooks of a sandbox."""
    return [json.loads(row["doc"]) for row in service._now.state.fetch_all("SELECT doc FROM webhook")]


async def until(condition: Callable[[], object]) -> None:
    """Let other tasks run until a condition is true."""
    async with asyncio.timeout(PATIENCE):
        while not condition():  # noqa: ASYNC110 - the sandbox runs on this loop and sets no event
            await asyncio.sleep(0)


async def listen(service: Sandbox, hear: Callable[[object], object] | None = None, **given: Any) -> int:
    """Run the command with the shop's key, without the signals of a process."""
    credentials = Credentials("shop", Secret(service.shop_api_key), "ETELECOM_SHOP_API_KEY", "a test")
    async with client(credentials, service.base_url, None, hear) as made:
        return await _listen(made, _wanted({**GIVEN, **given}))


@asynccontextmanager
async def listening(service: Sandbox, responses: int = 2, **given: Any) -> AsyncIterator[None]:
    """
    Run the command until the end of the block, and cancel it as Ctrl-C does.

    The command reads the list of webhooks, and creates its own: the block starts after both responses.
    """
    heard: list[object] = []
    task = asyncio.create_task(listen(service, heard.append, **given))
    await until(lambda: len(heard) >= responses or task.done())
    yield
    task.cancel()
    assert await task == 0


async def test_print(lone: Sandbox, capsys: pytest.CaptureFixture[str]) -> None:
    """Each event is a line with masked numbers; the end deletes the webhook."""
    async with listening(lone):
        (webhook,) = webhooks(lone)
        assert webhook["url"].startswith("http://127.0.0.1:")
        assert webhook["entities"] == ["call_log", "zl_oa_message"]
        call = lone.calls.add(caller="0912345678", callee="1001")
        (delivery,) = await lone.deliver()
        assert delivery.is_delivered
    assert webhooks(lone) == []
    out, err = capsys.readouterr()
    assert out == f"call_log in 091***678 1001 answered {call.id}\n"
    assert err == (
        f"etelecom: webhook {webhook['id']} receives call_log, zl_oa_message. Ctrl-C deletes it; "
        f"after a kill: etelecom webhooks delete --id {webhook['id']} --as shop\n"
    )


async def test_forward_and_json(lone: Sandbox, peer: Any, capsys: pytest.CaptureFixture[str]) -> None:
    """With --json, each line is the whole event; the app's refusal goes back to the service."""
    peer.respond_with(peer.raw(b"no", 500), peer.raw(b"ok"))
    async with listening(lone, forward=f"{peer.base_url}/hooks", json=True, events="call_log"):
        assert webhooks(lone)[0]["entities"] == ["call_log"]
        call = lone.calls.add(caller="0912345678")
        (refused,) = await lone.deliver()
        assert refused.error == "unexpected status: 500"
        lone.calls.update(call.id, note="x")
        assert lone.deliveries.waiting == 2
    out, err = capsys.readouterr()
    assert json.loads(out)["caller"] == "0912345678"
    assert out.encode().strip() == peer.requests[0].body
    assert "call_log in 091***678" in err
    assert "-> 500 no" in err


async def test_quiet(lone: Sandbox, capsys: pytest.CaptureFixture[str]) -> None:
    """With --quiet, nothing is written to stderr."""
    async with listening(lone, json=True, quiet=True):
        lone.calls.add()
        await lone.deliver()
    assert capsys.readouterr().err == ""


async def test_a_lost_response(lone: Sandbox) -> None:
    """If the response to the create is lost, the list tells that the webhook exists: it is created once."""
    lone.faults.add(Fault(kind="reset_after", operation="webhooks.create", times=1))
    async with listening(lone):
        assert len(webhooks(lone)) == 1
    assert webhooks(lone) == []
    assert lone.requests.counts["webhooks.create"] == 1


async def test_a_create_that_was_lost(lone: Sandbox) -> None:
    """If the list does not have the webhook, the command ends, and says that it may appear later."""
    lone.faults.add(Fault(kind="reset_before", operation="webhooks.create"))
    with pytest.raises(CommandError, match="No new webhook was found, but one may appear later: look with"):
        await listen(lone)
    assert lone.requests.counts["webhooks.create"] == 1


async def test_a_list_that_fails_too(lone: Sandbox) -> None:
    """If neither the create nor the list works, the command ends in the same way."""
    lone.faults.add(Fault(kind="reset_before", operation="webhooks.create"))
    lone.faults.add(Fault(kind="status", status=403, operation="webhooks.list", after=1))
    with pytest.raises(CommandError, match="one may appear later"):
        await listen(lone)


async def test_a_refused_create(lone: Sandbox) -> None:
    """A refusal is the error of the command."""
    lone.faults.add(Fault(kind="status", status=401, code="unauthenticated", operation="webhooks.create"))
    with pytest.raises(UnauthenticatedError):
        await listen(lone)
    assert webhooks(lone) == []


async def test_ctrl_c_during_the_create(lone: Sandbox) -> None:
    """Ctrl-C while the response is awaited deletes the webhook, too."""
    lone.faults.add(Fault(kind="stall_header", operation="webhooks.create"))
    async with listening(lone, responses=1):
        await until(lambda: webhooks(lone))
    assert webhooks(lone) == []


async def test_the_webhook_is_deleted_by_somebody_else(lone: Sandbox) -> None:
    """A webhook that no longer exists is no error at the end."""
    async with listening(lone):
        lone._now.state.execute("DELETE FROM webhook")


async def test_a_delete_that_fails(lone: Sandbox) -> None:
    """If the webhook cannot be deleted, the error has the command that deletes it."""
    lone.faults.add(Fault(kind="status", status=403, operation="webhooks.delete"))
    task = asyncio.create_task(listen(lone))
    await until(lambda: webhooks(lone))
    (webhook,) = webhooks(lone)
    task.cancel()
    problem = rf"webhook {webhook['id']} may still exist: .* Delete it: etelecom webhooks delete --id"
    with pytest.raises(CommandError, match=problem):
        await task


async def test_a_webhook_that_a_kill_left(lone: Sandbox, capsys: pytest.CaptureFixture[str]) -> None:
    """The next command says how to delete it, and leaves it alone."""
    async with listening(lone):
        (left,) = webhooks(lone)
        async with listening(lone):
            assert len(webhooks(lone)) == 2
        assert webhooks(lone) == [left]
    problem = (
        f"webhook {left['id']} is of another `webhooks listen`; if that was killed: etelecom webhooks delete"
    )
    assert problem in capsys.readouterr().err


async def test_closed_output(lone: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """If nobody reads the output any more, the command ends, and deletes the webhook."""

    class Closed(io.StringIO):
        def write(self, _: str) -> int:
            raise BrokenPipeError

    monkeypatch.setattr(sys, "stdout", Closed())
    task = asyncio.create_task(listen(lone))
    await until(lambda: webhooks(lone))
    lone.calls.add()
    with pytest.raises(BrokenPipeError):
        await task
    assert webhooks(lone) == []


async def test_a_public_address(lone: Sandbox, capsys: pytest.CaptureFixture[str]) -> None:
    """With --public-url, that address is registered, with a random path."""
    with_tunnel = {"public_url": "https://abc.tunnel.example/in/", "port": 0}
    wanted = _wanted({**GIVEN, **with_tunnel, "port": 1})._replace(port=0)
    credentials = Credentials("shop", Secret(lone.shop_api_key), "ETELECOM_SHOP_API_KEY", "a test")
    async with client(credentials, lone.base_url, None) as made:
        task = asyncio.create_task(_listen(made, wanted))
        await until(lambda: webhooks(lone))
        (webhook,) = webhooks(lone)
        task.cancel()
        assert await task == 0
    assert webhook["url"].startswith("https://abc.tunnel.example/in/etelecom-listen/")
    assert webhook["url"].rpartition("/")[2] not in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ((), "add --forward URL for your app, or --print"),
        (("--forward", "localhost:8000"), "--forward is not an http or https URL"),
        (("--print", "--events", "call_logs"), "--events has 'call_logs'. Did you mean 'call_log'?"),
        (("--print", "--events", "follow"), "Kinds: call_log, zl_oa_message"),
        (("--print", "--events", ","), "--events is empty"),
        (("--print", "--public-url", "abc.example"), "--public-url is not a URL without `?` and `#`"),
        (("--print", "--public-url", "http://abc.example", "--port", "1"), "so use https"),
        (("--print", "--public-url", "https://abc.example"), "--public-url needs --port"),
        (("--print", "--port", "70000"), "--port"),
        (("--print", "--base-url", "https://api.etelecom.vn/v1"), "--public-url https://ADDRESS --port N"),
    ],
)
def test_wrong_arguments(tool: Any, arguments: tuple[str, ...], problem: str) -> None:
    """A wrong option, and a service that cannot reach this machine, are usage errors in one line."""
    tool.set({"ETELECOM_SHOP_API_KEY": "1:canary"})
    code, out, err = tool("webhooks", "listen", *arguments)
    assert (code, out) == (2, "")
    assert problem in err
    assert err.count("\n") == 1


def test_a_port_in_use(etl: Any, peer: Any) -> None:
    """A port in use is a usage error, and no webhook is created."""
    code, _, err = etl("webhooks", "listen", "--print", "--port", str(peer.port))
    assert code == 2
    assert f"--port {peer.port} cannot be used: " in err


def test_the_real_command(start: Callable[..., Any], service: Sandbox, surroundings: dict[str, str]) -> None:
    """The command prints events while it runs; Ctrl-C ends it with success, and deletes the webhook."""
    surroundings |= service.environment()
    with start("webhooks", "listen", "--print", "--as", "partner", env=surroundings) as running:
        assert " receives call_log, zl_oa_message. " in running.process.stderr.readline()
        call = service.calls.add(caller="0912345678")
        assert running.line() == f"call_log in 091***678 {call.callee} answered {call.id}\n"
        assert running.stop() == (0, "", "")
    assert webhooks(service) == []


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signal")
def test_end_of_the_terminal(
    start: Callable[..., Any], service: Sandbox, surroundings: dict[str, str]
) -> None:
    """The end of the terminal deletes the webhook, too."""
    surroundings |= service.environment()
    with start("webhooks", "listen", "--print", "--as", "partner", env=surroundings) as running:
        assert running.process.stderr.readline().endswith(" --as partner\n")
        running.process.send_signal(signal.SIGHUP)
        assert running.process.wait(PATIENCE) == 0
    assert webhooks(service) == []
