"""A script answers the calls of the tested code, and tells whether they are the expected ones."""

from __future__ import annotations

import asyncio
import contextlib
import os
from typing import TYPE_CHECKING, Any

import pytest

from etelecom_async import (
    DeliveryError,
    EtelecomError,
    Page,
    PartnerClient,
    ShopClient,
    SmsClient,
    errors,
)
from etelecom_async.errors import InvalidRequestError, OutcomeUnknownError
from etelecom_async.models import Extension
from etelecom_async.operations import OPERATIONS, KeyKind
from etelecom_async.testing import DrivenClock, Fault, ReplyError, ScriptedTransport, ScriptError, sandbox

if TYPE_CHECKING:
    import weakref

    import aiohttp

SEND = "shop.zns.messages.send"


async def notify(shop: ShopClient) -> Any:
    """Send one message, as the code of a user does."""
    return await shop.zns.messages.send(
        oa_id="1", phone="0901234567", template_id=7, template_data={"order_code": "A-1"}
    )


async def test_one_message_for_an_order() -> None:
    """The tested code gets the reply, and the test sees what was sent."""
    with ScriptedTransport() as script:
        script.reply(SEND, {"msg_id": "m1"})
        async with ShopClient(script.shop_key) as shop:
            assert (await notify(shop)).msg_id == "m1"
    (body,) = script.sent(SEND)
    assert body["phone"] == "0901234567"
    assert body["template_data"] == {"order_code": "A-1"}
    (request,) = script.requests
    assert (request.operation, request.status, request.is_executed) == (SEND, 200, True)
    assert "901234567" not in repr(script.requests)
    assert request.path == f"/v1/partner.{OPERATIONS[SEND].wire_name}"


async def test_clients_without_arguments(monkeypatch: pytest.MonkeyPatch) -> None:
    """Code that makes its clients itself gets invented keys from the environment."""
    with ScriptedTransport() as script, monkeypatch.context() as patch:
        for name, value in script.environment().items():
            patch.setenv(name, value)
        script.reply("account", {"n": 1}, {"n": 2})
        script.reply("sms.send", {"status": "1", "idOmniMess": "5"})
        async with ShopClient() as shop, PartnerClient() as partner, SmsClient() as sms:
            assert [await shop.account(), await partner.account()] == [{"n": 1}, {"n": 2}]
            script.reply("shop.extensions.list", [])
            assert not await partner.for_shop(script.shop_key).extensions.list()
            await sms.send(
                phonenumber="0901234567", templatecode="OTP", list_param={"otp": "1"}, routerule=["1"]
            )
    assert "ETELECOM_SHOP_KEY" in script.environment()


async def test_same_variables_as_the_sandbox() -> None:
    """A script and a sandbox can stand for each other: they have the same attributes and variables."""
    async with sandbox() as service:
        assert set(ScriptedTransport().environment()) == set(service.environment())
        for name in service.as_json():
            assert isinstance(getattr(ScriptedTransport(), name), str)


async def test_existing_client(monkeypatch: pytest.MonkeyPatch) -> None:
    """A client that the program has made before is attached for the time of the test."""
    monkeypatch.delenv("ETELECOM_BASE_URL", raising=False)
    assert "ETELECOM_BASE_URL" not in os.environ
    async with ShopClient("1161512386239479010:canary-key") as shop:
        with ScriptedTransport() as script:
            script.attach(shop)
            script.reply("account", {})
            assert await shop.account() == {}


async def test_unscripted_call(script: ScriptedTransport, scripted_shop: ShopClient) -> None:
    """A call without a reply fails at once, not as an error of the SDK, and the text says what to add."""
    script.reply(SEND, {"msg_id": "m1"})
    with pytest.raises(ScriptError) as caught:
        await scripted_shop.users.list()
    assert "the script has no reply for shop.users.list: add one with script.reply(" in str(caught.value)
    assert f"There are replies for {SEND}" in str(caught.value)
    with pytest.raises(ScriptError, match=f"no reply for shop.users.list, 1 unused for {SEND}"):
        script.check()
    assert script.requests.counts == {"shop.users.list": 1}


async def test_used_up_reply(script: ScriptedTransport, scripted_shop: ShopClient) -> None:
    """A second call that the test does not expect is refused; a client that sends twice is found."""
    script.reply(SEND, {"msg_id": "m1"})
    await notify(scripted_shop)
    with pytest.raises(ScriptError, match="its replies are used up"):
        await notify(scripted_shop)


async def test_hidden_refusal() -> None:
    """The end of the `with` complains even if the tested code hides the error."""

    async def hide() -> None:
        with ScriptedTransport() as script:
            async with ShopClient(script.shop_key) as shop:
                with contextlib.suppress(AssertionError):
                    await shop.account()

    with pytest.raises(ScriptError, match="the calls do not fit the script: no reply for account"):
        await hide()


def test_unused_reply() -> None:
    """The end of the `with` names the replies that were not used, but not after another error."""

    def use(error: Exception | None) -> None:
        with ScriptedTransport() as script:
            script.reply("account", {}, times=3)
            script.reply("shop.users.list", [])
            script.reply("shop.hotlines.list", [], times=None)
            if error is not None:
                raise error

    with pytest.raises(ScriptError, match=r"3 unused for account, 1 unused for shop.users.list\Z"):
        use(None)
    with pytest.raises(LookupError):
        use(LookupError())


async def test_order_of_one_operation(script: ScriptedTransport, scripted_shop: ShopClient) -> None:
    """Replies of one operation come in their order, each as often as the test says."""
    script.reply("account", {"n": 1}, {"n": 2}, times=2)
    script.reply("shop.users.list", [])
    script.reply("account", {"n": 3}, times=None)
    found = [await scripted_shop.account() for _ in range(4)]
    await scripted_shop.users.list()
    found += [await scripted_shop.account() for _ in range(3)]
    assert [reply["n"] for reply in found] == [1, 1, 2, 2, 3, 3, 3]


async def test_order_of_all_calls() -> None:
    """With `in_order`, a call that comes too early is refused."""
    with ScriptedTransport(in_order=True) as script:
        script.reply("account", {})
        script.reply("shop.users.list", [], times=None)
        script.reply(SEND, {"msg_id": "m1"})
        async with ShopClient(script.shop_key) as shop:
            with pytest.raises(
                ScriptError, match=r"no reply for shop.users.list: the next reply is for account"
            ):
                await shop.users.list()
            await shop.account()
            await shop.users.list()
            await shop.users.list()
            await notify(shop)
            with pytest.raises(ScriptError, match="its replies are used up"):
                await shop.users.list()
        script.forgive()


async def test_whole_list(script: ScriptedTransport, scripted_shop: ShopClient) -> None:
    """A list is walked page by page, as the server's."""
    first = Page(items=(Extension(id="1"), Extension(id="2")), next="c2")
    script.reply("shop.extensions.list", first, [Extension(id="3")])
    assert [item.id async for item in scripted_shop.extensions.list(limit=2)] == ["1", "2", "3"]
    assert [body["paging"].get("after") for body in script.sent("shop.extensions.list")] == [None, "c2"]


async def test_function(script: ScriptedTransport, scripted_shop: ShopClient) -> None:
    """A function makes the reply from the JSON of the request; its result is checked, too."""
    script.reply("shop.extensions.get", lambda body: {"extension_number": body["extension_number"]}, times=2)
    found = [await scripted_shop.extensions.get(extension_number=number) for number in ("7", "8")]
    assert [login.extension_number for login in found] == ["7", "8"]
    script.reply("shop.extensions.get", lambda _: {"tenant_domian": "a"})
    with pytest.raises(ReplyError, match="did you mean 'tenant_domain'"):
        await scripted_shop.extensions.get(extension_number="1")


async def test_failure_in_a_success(script: ScriptedTransport, scripted_shop: ShopClient) -> None:
    """A 200 that says that a message was refused raises the error of the operation."""
    script.reply(SEND, {"error_code": -124, "error_message": "not a user"})
    with pytest.raises(DeliveryError):
        await notify(scripted_shop)


async def test_calls_by_their_names_on_the_wire(script: ScriptedTransport, scripted_shop: ShopClient) -> None:
    """`call()` takes replies by either name, also for an operation that the SDK lacks."""
    script.reply("Etelecom/GetExtensions", [])
    script.reply("shop.extensions.list", [{"id": "1"}])
    script.reply("Etelecom/NewThing", {"any": "thing"})
    assert await scripted_shop.call("Etelecom/GetExtensions") == {
        "extensions": [],
        "paging": {"next": "", "prev": ""},
    }
    assert await scripted_shop.call("Etelecom/NewThing", {"a": 1}) == {"any": "thing"}
    assert script.sent("Etelecom/NewThing") == [{"a": 1}]
    assert [extension.id for extension in await scripted_shop.extensions.list()] == ["1"]
    assert script.sent("shop.extensions.list") == script.sent("Etelecom/GetExtensions") == [{}, {}]


def test_sent_by_a_wrong_name(script: ScriptedTransport) -> None:
    """A misspelt operation is refused: a test that nothing was sent must not pass because of it."""
    with pytest.raises(ReplyError, match=r"did you mean 'shop\.extensions\.list'\?"):
        script.sent("shop.extension.list")


async def test_checks_of_requests_stay(script: ScriptedTransport, scripted_shop: ShopClient) -> None:
    """A wrong argument is refused by the client, so nothing arrives at the script."""
    with pytest.raises(InvalidRequestError):
        await scripted_shop.users.create(full_name="Lê An", phone=12, password="x")
    assert len(script.requests) == 0


async def test_seconds(script: ScriptedTransport) -> None:
    """A slow reply takes time on the clock; one that is too slow ends the attempt."""
    script.reply("account", {}, seconds=5)
    script.reply("shop.users.create", {"id": "1"}, seconds=31)
    async with ShopClient(script.shop_key) as shop:
        await asyncio.gather(shop.account(), script.clock.sleep(5))
        assert script.clock.elapsed == 5
        with pytest.raises(OutcomeUnknownError, match="no response within 30 s"):
            await shop.users.create(full_name="Lê An", phone="0901234567", password="x")
    assert script.clock.elapsed == 35
    assert script.clock.waits == []


async def test_endless_wait(script: ScriptedTransport) -> None:
    """A call that would wait forever fails the test."""
    script.reply("account", Fault(kind="stall_header"))
    async with ShopClient(script.shop_key, attempt_timeout=None, deadline=None) as shop:
        with pytest.raises(ScriptError, match="account has no time limit"):
            await shop.account()


async def test_facts_of_requests(script: ScriptedTransport) -> None:
    """A request has the facts that the sandbox would record: its operation, its path and its kind of key."""
    clients: list[Any] = [
        ShopClient(script.shop_api_key),
        ShopClient(script.shop_key),
        PartnerClient(script.partner_api_key),
    ]
    script.reply("account", {}, times=None)
    script.reply("sms.status", {"status": "PROCESSING"})
    for client in clients:
        await client.call("Misc/CurrentAccount")
        await client.close()
    async with SmsClient(script.sms_username, script.sms_password) as sms:
        await sms.status(id_omni_mess="1")
    assert [(request.operation, request.path, request.key_kind) for request in script.requests] == [
        ("account", "/v1/shop.Misc/CurrentAccount", KeyKind.SHOP_API_KEY),
        ("account", "/v1/partner.Misc/CurrentAccount", KeyKind.PARTNER_SHOP_KEY),
        ("account", "/v1/partner.Misc/CurrentAccount", KeyKind.PARTNER_API_KEY),
        ("sms.status", f"/api/{OPERATIONS['sms.status'].wire_name}", KeyKind.USERNAME_PASSWORD),
    ]


async def test_no_connection(
    script: ScriptedTransport, connectors: weakref.WeakSet[aiohttp.BaseConnector]
) -> None:
    """A scripted client opens no session and no socket."""
    before = set(connectors)
    script.reply("account", 503, {})
    async with ShopClient(script.shop_key) as shop:
        await shop.account()
        assert shop._engine.transport.loops() == []
    assert set(connectors) == before


async def test_many_at_a_time(script: ScriptedTransport, scripted_shop: ShopClient) -> None:
    """Calls at the same time each take one reply."""
    script.reply("account", *[{"n": number} for number in range(50)])
    found = await asyncio.gather(*(scripted_shop.account() for _ in range(50)))
    assert sorted(reply["n"] for reply in found) == list(range(50))


def test_clock_of_the_test() -> None:
    """A script can use a clock that the test has already."""
    clock = DrivenClock()
    assert ScriptedTransport(clock=clock).clock is clock


WRONG: dict[str, tuple[tuple[Any, ...], dict[str, Any], str]] = {
    "operation": (("shop.user.list", []), {}, "did you mean 'shop.users.list'?"),
    "no name": ((None, []), {}, "takes the name of an operation, not None"),
    "nothing": (("account",), {}, "has no reply"),
    "times": (("account", {}), {"times": 0}, "times is 0, not 1 or more"),
    "half a time": (("account", {}), {"times": 1.5}, "times is 1.5, not 1 or more"),
    "seconds": (("account", {}), {"seconds": -1}, "seconds is -1, not 0 or more"),
    "class of an error": (
        ("account", errors.NotFoundError),
        {},
        "not the class NotFoundError: add its arguments",
    ),
    "coroutine function": (("account", notify), {}, "not a coroutine function"),
    "field": (("shop.users.create", {"user": "1"}), {}, "unknown field 'user'"),
    "class": (("shop.extensions.get", Extension), {}, "not the class Extension"),
}


@pytest.mark.parametrize(("arguments", "options", "text"), WRONG.values(), ids=WRONG)
def test_wrong_reply(
    script: ScriptedTransport, arguments: tuple[Any, ...], options: dict[str, Any], text: str
) -> None:
    """A wrong reply is refused in the line that adds it."""
    with pytest.raises(ReplyError) as caught:
        script.reply(*arguments, **options)
    assert text in str(caught.value)


def test_no_error_of_the_sdk() -> None:
    """The error is not one that code of users handles."""
    assert not issubclass(ScriptError, EtelecomError)
