"""Code that the type checkers must reject. It never runs; `nox -s types` checks it.

Each wrong line has an ignore comment for each type checker, with the expected error. Both checkers report an
unneeded ignore. So a line fails the session if it becomes acceptable, or is wrong for another reason.
"""

from __future__ import annotations

from datetime import date

from pydantic import SecretBytes

from etelecom_async import PartnerClient, Secret, ShopClient, SmsClient, bulk
from etelecom_async.bulk.steps import Plan, Step
from etelecom_async.bulk.steps import step as bulk_step
from etelecom_async.models import CallDurationFilter, CallLogFilter, CallState, Extension
from etelecom_async.operations import OPERATIONS
from etelecom_async.testing import Recorder, SandboxThread, ScriptedTransport


async def key_kinds(shop: ShopClient, partner: PartnerClient) -> None:
    """A shop's client does not have the partner's methods, and a partner's client does not have the shop's."""
    shop.tenants  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]
    partner.extensions  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]


async def connecting(partner: PartnerClient) -> None:
    """Neither half of the connect flow has the other's arguments or result; a key store has two methods."""
    begun = await partner.shops.connect(email="a", phone="b", name="c", redirect_url="d")
    begun.shop_key  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]
    result = await partner.shops.authorize(shop_id="1", redirect_url="d")
    result.shop_key  # type: ignore[union-attr]  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]
    result.auth_url  # type: ignore[union-attr]  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]
    partner.for_shop(result.auth_token)  # type: ignore[union-attr]  # pyright: ignore[reportAttributeAccessIssue, reportUnknownArgumentType, reportUnknownMemberType]
    await partner.shops.connect(shop_id="1", redirect_url="d")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    await partner.shops.authorize(redirect_url="d")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    PartnerClient(key_store="keys.json")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


async def arguments(shop: ShopClient) -> None:
    """A misspelt, missing or positional argument, or one with a wrong type, is an error."""
    await shop.extensions.create(hotline_id="1", extension_number=1, usr_id="2")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    await shop.extensions.create(hotline_id="1")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    await shop.extensions.create("1", 1)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    await shop.extensions.create(hotline_id=1, extension_number=1)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    shop.call_logs.list(date_from=date(2026, 1, 1))  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    shop.call_logs.list(dateform=None)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]


async def lists_of_values(shop: ShopClient, partner: PartnerClient, sms: SmsClient, text: str) -> None:
    """A complete list takes its texts and its enum, and no other text or enum."""
    shop.call_logs.list(direction="inbound")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    shop.call_logs.list(direction="IN")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    shop.call_logs.list(direction=text)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    shop.call_logs.list(direction=CallState.ANSWERED)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    CallLogFilter(call_state="missed")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await partner.hotlines.create(hotline="1", name="a", network="Viettel")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await sms.send(phonenumber="1", routerule=["1", "SMS"], templatecode="T", list_param={})  # type: ignore[list-item]  # pyright: ignore[reportArgumentType]
    CallState.unlisted(5)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def options(shop: ShopClient) -> None:
    """`None` means no limit; an option without a limit refuses it."""
    shop.with_options(retries=None)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    ShopClient(proxy=None)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    shop.with_options(rate=bulk.SharedRate)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    shop.with_options(deadline="5")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    for client in (PartnerClient, ShopClient, SmsClient):
        client(deadline="5")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    shop.with_options(headers="X-Key: a")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    shop.with_options(headers={"X-Key": 5})  # type: ignore[dict-item]  # pyright: ignore[reportArgumentType]
    shop.with_options(session=None)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]


async def secrets(shop: ShopClient) -> None:
    """A secret is a text; bytes are refused, also within a secret of pydantic."""
    ShopClient(b"key")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    ShopClient(SecretBytes(b"key"))  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await shop.users.create(full_name="Lan", phone="0901234567", password=SecretBytes(b"a"))  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


async def results(shop: ShopClient, extension: Extension) -> None:
    """A model has only the documented fields and is frozen; a pager is not a page; a secret is not a text."""
    extension.to_dict(mode="JSON")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    extension.extension_numer  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]
    extension.id = "2"  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue]
    shop.extensions.list().items  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]
    len(shop.extensions.list())  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    shop.extensions.list()[0]  # type: ignore[index]  # pyright: ignore[reportIndexIssue]
    list(shop.extensions.list())  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType]
    list(shop.extensions.list().take(5))  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType]
    (await shop.extensions.list().first()).id  # type: ignore[union-attr]  # pyright: ignore[reportOptionalMemberAccess]
    "x".startswith(Secret("x"))  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


async def forgotten_await(shop: ShopClient) -> None:
    """Without `await`, a call has no result: it cannot be used, and cannot stand alone. A pager has no items."""
    shop.extensions.unassign(extension_id="1")  # type: ignore[unused-coroutine]  # pyright: ignore[reportUnusedCoroutine]
    shop.call("Shop/CurrentShop")  # type: ignore[unused-coroutine]  # pyright: ignore[reportUnusedCoroutine]
    shop.current().name  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]
    shop.call("Shop/CurrentShop")["id"]  # type: ignore[index]  # pyright: ignore[reportIndexIssue]
    shop.extensions.list().first().id  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]
    for _ in shop.extensions.list():  # type: ignore[attr-defined]  # pyright: ignore[reportGeneralTypeIssues, reportUnknownVariableType]
        pass
    shop.extensions.list().next  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]
    extensions: list[Extension] = shop.extensions.list()  # type: ignore[assignment]  # pyright: ignore[reportAssignmentType]
    extensions.clear()


async def parts(shop: ShopClient) -> None:
    """Type checkers expect the class of a part; a dict is for code without types. A typing error in it is caught."""
    shop.call_logs.list(duration={"value": 5})  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    CallDurationFilter(valu=5)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]


async def many_calls(shop: ShopClient) -> None:
    """`map` needs an async function that accepts the inputs; a result may be `None`, because calls can fail."""
    shop.map(len, ["1001"])  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    shop.map(shop.call, [1001])  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    async for done in shop.map(shop.call, ["Shop/CurrentShop"]):
        done.result["id"]  # type: ignore[index]  # pyright: ignore[reportOptionalSubscript]
    list(shop.map(shop.call, ["Shop/CurrentShop"]))  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType]


def fakes(script: ScriptedTransport) -> None:
    """A script attaches clients, and options are known by their names and values."""
    script.attach("shop")  # type: ignore[type-var]  # pyright: ignore[reportArgumentType]
    script.reply(OPERATIONS["account"], {})  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    Recorder("a.json", mode="once")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    SandboxThread(user=3)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]


def steps_of_a_job(shop: ShopClient, extension: Step[Extension]) -> None:
    """A step refuses what its method refuses, and its result has only the fields of the model."""
    bulk_step("a", shop.extensions.create, hotline_id="1", extension_numer=1)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    bulk_step("a", shop.extensions.create, hotline_id="1")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    bulk_step("a", shop.extensions.create, hotline_id=1, extension_number=1)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    bulk_step("a", shop.extensions.create, hotline_id="1", extension_number=extension.result.id)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    bulk_step("a", shop.extensions.list)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    bulk_step(1, shop.tenant.create)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    extension.result.idd  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]
    extension.after("user")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    bulk.send("j", shop, oa_id="1", template=5, rows=[], key_column="a")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    Plan([extension.result])  # type: ignore[list-item]  # pyright: ignore[reportArgumentType]
