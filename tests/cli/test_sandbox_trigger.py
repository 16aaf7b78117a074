"""Test `etelecom sandbox trigger`: which record or event each command makes."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import pytest

from etelecom_async import ShopClient
from etelecom_async.testing import Sandbox, sandbox

NOWHERE = "http://127.0.0.1:9/hook"


@pytest.fixture(scope="module")
def listening(other_thread: asyncio.AbstractEventLoop) -> Iterator[Sandbox]:
    """A sandbox in another thread, with an address for each kind of event, where nobody listens."""

    async def start() -> Sandbox:
        service = await sandbox(call_logs=0, sms_webhook=NOWHERE).start()
        async with ShopClient(service.shop_api_key, base_url=service.base_url) as shop:
            await shop.webhooks.create(url=NOWHERE, entities=["call_log", "zl_oa_message"])
            account = service.accounts.list()[-1]
            await shop.zalo.accounts.update(oa_id=account.oa_id, webhook_url=NOWHERE)
        return service

    service = asyncio.run_coroutine_threadsafe(start(), other_thread).result()
    yield service
    asyncio.run_coroutine_threadsafe(service.stop(), other_thread).result()


@pytest.fixture
def trigger(tool: Any, listening: Sandbox) -> Any:
    """Run `etelecom sandbox trigger …` with the URL of the sandbox in the environment."""
    tool.set({"ETELECOM_BASE_URL": listening.base_url})
    return lambda *arguments: tool("sandbox", "trigger", *arguments)


def test_a_call(trigger: Any, listening: Sandbox) -> None:
    """The options are fields of the call; the sandbox has it, and tries to deliver it."""
    before = len(listening.deliveries)
    options = ("--caller", "0912345678", "--callee", "1001", "--direction", "in", "--state", "not_answered")
    code, out, err = trigger("call_log", *options)
    call = listening.calls.list()[0]
    assert (code, out) == (0, f"call_log in 091***678 1001 not_answered {call.id}\n")
    assert "retry, cannot connect: Connection refused" in err
    assert (call.caller, call.callee, call.call_state) == ("0912345678", "1001", "not_answered")
    assert len(listening.deliveries) > before
    code, out, err = trigger("call-log", "--extension", "1001", "--duration", "7", "--json", "--quiet")
    assert (code, err) == (0, "")
    made = json.loads(out)
    assert made["duration"] == 7
    assert made["recording_urls"][0].startswith(listening.sms_base_url)
    assert made["extension_id"] == listening.calls.get(made["id"]).extension_id


def test_a_message(trigger: Any, listening: Sandbox) -> None:
    """The options are fields of the ZNS."""
    options = ("--phone", "84912345678", "--error-code=-118", "--tracking-id", "order-1")
    code, out, _ = trigger("zl_oa_message", *options)
    (message,) = [each for each in listening.messages.list() if each.tracking_id == "order-1"]
    assert (code, out) == (0, f"zl_oa_message 8491***678 N unknown {message.id}\n")
    assert message.error_code == -118
    code, out, _ = trigger("zl-oa-message", "--status", "P", "--delivery-status", "received", "--json")
    assert json.loads(out)["delivery_status"] == "received"


def test_an_event_of_an_account(trigger: Any, listening: Sandbox) -> None:
    """The event has the given name."""
    account = listening.accounts.list()[-1]
    assert trigger("oa_event", "follow", "--quiet")[:2] == (0, "oa_event follow\n")
    code, out, _ = trigger("oa-event", "user_send_text", "--oa-id", str(account.oa_id), "--json")
    assert (code, json.loads(out)) == (0, {"event_name": "user_send_text"})
    waiting = {receiver.name: receiver.waiting for receiver in listening.deliveries.receivers}
    assert waiting[f"oa:{account.oa_id}"] == 2


def test_the_state_of_an_sms(trigger: Any) -> None:
    """The options are fields of the state, with their names on the wire."""
    options = ("--id", "ICOMNI7", "--status", "FAIL", "--channel", "zns", "--error-code", "-110")
    code, out, err = trigger("sms_status", *options, "--json")
    made = json.loads(out)
    assert (made["IdOmniMess"], made["Status"], made["Channel"], made["ErrorCode"]) == (
        "ICOMNI7",
        "FAIL",
        "zns",
        "-110",
    )
    assert "sms: retry, cannot connect" in err
    assert trigger("sms-status", "--quiet")[0] == code == 0


def test_nobody_listens(tool: Any, service: Sandbox) -> None:
    """Without a webhook, the record exists, and a note says how to receive events."""
    code, out, err = tool("sandbox", "trigger", "call_log", "--base-url", service.base_url)
    assert (code, out.split()[0]) == (0, "call_log")
    assert (
        "etelecom: no webhook has received anything yet: register one with `etelecom webhooks listen" in err
    )
    code, _, err = tool("sandbox", "trigger", "sms_status", "--base-url", service.base_url)
    assert code == 1
    assert "start it with sms_webhook (--sms-webhook URL)" in err


@pytest.mark.parametrize(
    ("arguments", "code", "problem"),
    [
        (("call_log", "--extension", "9999"), 1, "extension_id: there is no extension '9999'"),
        (("call_log", "--shop", "nobody@example.com"), 1, "there is no shop 'nobody@example.com'"),
        (("call_log", "--duration", "-1"), 2, "-1 is below 0"),
        (("call_log", "--caller", " "), 2, "--caller"),
        (("oa_event",), 2, "Missing argument 'NAME'"),
        (("oa_event", "follow", "--oa-id", "1"), 1, "there is no official account '1'"),
        (("cal_log",), 2, "No such command 'cal_log'. Did you mean 'call-log'?"),
    ],
)
def test_wrong_arguments(trigger: Any, arguments: tuple[str, ...], code: int, problem: str) -> None:
    """A wrong value is one line on stderr."""
    result = trigger(*arguments)
    assert (result.code, result.out) == (code, "")
    assert problem in result.err
    assert result.err.count("\n") == 1


@pytest.mark.parametrize("event", ["call_log", "zl_oa_message", "oa_event", "sms_status"])
def test_help(tool: Any, event: str) -> None:
    """The help of each event has examples with its name in the API."""
    code, out, _ = tool("sandbox", "trigger", event, "--help")
    assert code == 0
    assert f"etelecom sandbox trigger {event}" in out.partition("Examples:")[2]
