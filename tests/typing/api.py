"""Typical code of users, with the expected types. It never runs; `nox -s types` checks it."""

from __future__ import annotations

import csv
from collections.abc import AsyncIterator
from datetime import date, datetime, timedelta
from io import BufferedReader, BytesIO
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any, assert_type

from aiohttp import web
from pydantic import SecretStr
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession

from etelecom_async import (
    Attachment,
    EtelecomError,
    MapResult,
    Page,
    Pager,
    PartnerClient,
    Secret,
    SecretLike,
    ShopClient,
    SmsClient,
    Tls,
    bulk,
    history,
    webhooks,
)
from etelecom_async.bulk.ledger import Claim, Entry, KeyState, Ledger, LedgerKey
from etelecom_async.bulk.sql_ledger import SqlLedger
from etelecom_async.bulk.sqlite_ledger import SqliteLedger
from etelecom_async.bulk.steps import Plan, Step
from etelecom_async.bulk.steps import step as bulk_step
from etelecom_async.connect import ShopRedirect, parse_redirect
from etelecom_async.contrib import notebook
from etelecom_async.contrib.opentelemetry import OpenTelemetry
from etelecom_async.errors import NotFoundError
from etelecom_async.key_store import FileKeyStore, KeyStore
from etelecom_async.models import (
    CallDirection,
    CallLog,
    CallLogFilter,
    CreateAccountUserRequest,
    CreatedShopAccount,
    CreateShopAccountRequest,
    Extension,
    ExtensionChangeResult,
    ExtensionLogin,
    Gender,
    Hotline,
    LoginRequired,
    ShopKey,
    SmsChannel,
    Tenant,
    UploadedFile,
    User,
    ZNSTemplate,
)
from etelecom_async.operations import OPERATIONS, Effect, Operation
from etelecom_async.softphone import SoftphoneAccount
from etelecom_async.testing import (
    DrivenClock,
    Fault,
    RawResponse,
    Recorder,
    Requests,
    Sandbox,
    SandboxThread,
    ScriptedTransport,
    sandbox,
)
from etelecom_async.webhooks import aiohttp as on_aiohttp
from etelecom_async.webhooks import asgi, wsgi


async def lists(shop: ShopClient, partner: PartnerClient) -> None:
    """A list call returns a pager. Awaiting it gives a page; iterating it gives the items."""
    assert_type(shop.extensions.list(), Pager[Extension])
    assert_type(await shop.extensions.list(), Page[Extension])
    async for extension in shop.extensions.list():
        assert_type(extension, Extension)
    async for page in shop.call_logs.list(prefetch=1).pages():
        assert_type(page, Page[CallLog])
        assert_type(page.items, tuple[CallLog, ...])
        assert_type(page.next, str)
    assert_type(await partner.tenants.list().first(), Tenant | None)
    assert_type(await partner.tenants.list().take(10), list[Tenant])
    assert_type(await partner.tenants.list().collect(), list[Tenant])
    async for tenant in partner.tenants.list().take(10):
        assert_type(tenant, Tenant)
    assert_type([hotline async for hotline in partner.hotlines.list(limit=50)], list[Hotline])


async def calls(shop: ShopClient, monday: datetime) -> None:
    """A call returns its model; fields that may be missing are optional."""
    extension = await shop.extensions.create(hotline_id="1", extension_number=1001)
    assert_type(extension, Extension)
    assert_type(extension.id, str)
    assert_type(extension.extension_password, Secret | None)
    async for call in shop.call_logs.list(date_from=monday, direction="in"):
        assert_type(call.started_at, datetime | None)
        assert_type(call.duration, int | None)
    assert_type(await shop.call("Etelecom/AnyMethod", {"a": 1}), dict[str, Any])


async def lists_of_values(shop: ShopClient, sms: SmsClient, call: CallLog, text: str) -> None:
    """A complete list takes its enum or one of its texts, an open list any text."""
    assert_type(CallDirection.unlisted("new"), CallDirection)
    assert_type(CallDirection(text), CallDirection)
    for direction in (CallDirection.IN, CallDirection.unlisted("new"), CallDirection(text), call.direction):
        shop.call_logs.list(direction=direction)
        CallLogFilter(direction=direction)
    shop.zalo.followers.list(gender=text)
    shop.zalo.followers.list(gender=Gender.unlisted("new"))
    await sms.send(phonenumber="1", routerule=["1", "3"], templatecode="T", list_param={})
    await sms.send(phonenumber="1", routerule=(SmsChannel.SMS, "1"), templatecode="T", list_param={})
    await sms.send(phonenumber="1", routerule=[SmsChannel.unlisted("4")], templatecode="T", list_param={})


async def ids(shop: ShopClient, partner: PartnerClient) -> None:
    """An id has the type of its field under both names; a request may be a model or a mapping."""
    user = await shop.users.create(full_name="An", phone="0901234567", password="x")
    assert_type(user.user_id, str)
    async for listed in shop.users.list():
        assert_type(listed.id, str)
    async for template in shop.zns.templates.list(oa_id="1"):
        assert_type(template.id, int | None)
    assert_type(await partner.shops.create({"name": "Mây"}), CreatedShopAccount)
    assert_type(await partner.shops.create(CreateShopAccountRequest(name="Mây")), CreatedShopAccount)


async def secrets(shop: ShopClient) -> None:
    """A secret is a text, a `Secret`, or a secret of pydantic; the model has a `Secret`."""
    for password in ("a", Secret("a"), SecretStr("a")):
        await shop.users.create(full_name="Lan", phone="0901234567", password=password)
        request = CreateAccountUserRequest(full_name="Lan", phone="0901234567", password=password)
        assert_type(request.password, Secret)
    Tls(cert_file="a.pem", key_password=SecretStr("a"))


class Database:
    """A user's key store."""

    async def get(self, shop_id: str) -> str | None:
        """Return the key of a shop."""
        return shop_id

    async def put(self, shop_id: str, shop_key: Secret) -> None:
        """Store the key of a shop."""


async def connecting(path: Path) -> None:
    """Each half of the connect flow has its own result; a file or a user's class is a key store."""
    stores: list[KeyStore] = [FileKeyStore(path), Database()]
    partner = PartnerClient(key_store=stores[0], redirect_url="https://example.com/r")
    begun = await partner.shops.connect(email="a", phone="b", name="c", redirect_url="d")
    assert_type(begun, LoginRequired)
    assert_type(begun.auth_url, Secret)
    assert_type(begun.expires_in, int | None)
    back = parse_redirect("https://example.com/r")
    assert_type(back, ShopRedirect)
    match await partner.shops.authorize(shop_id=back.shop_id, redirect_url="d"):
        case ShopKey(shop_key=key):
            assert_type(key, Secret)
        case LoginRequired(auth_url=url):
            assert_type(url, Secret)
    assert_type(partner.shop(back.shop_id), ShopClient)


async def files(shop: ShopClient, opened: BufferedReader, received: web.FileField) -> None:
    """A file is a path, bytes, a binary file that is open, or the received file of a web framework."""
    with TemporaryFile() as temporary:
        for file in (
            "a.png",
            Path("a.png"),
            b"",
            BytesIO(),
            opened,
            temporary,
            received,
            Attachment(received),
        ):
            assert_type(await shop.zalo.files.upload(file=file, oa_id="1", type="image"), UploadedFile)


def exports(row: Extension, page: Page[Extension]) -> None:
    """An export is plain data, and an import gives the class that reads it."""
    assert_type(row.to_dict(mode="json", unset_ids_as_none=True), dict[str, Any])
    assert_type(row.to_json(), str)
    assert_type(Extension.from_dict(row.to_dict()), Extension)
    assert_type(page.to_json(), str)


async def many_calls(shop: ShopClient, names: AsyncIterator[str]) -> None:
    """A `MapResult` has the types of the input and of the call's result."""
    async for done in shop.map(lambda number: shop.extensions.get(extension_number=number), ["1001", "1002"]):
        assert_type(done, MapResult[str, ExtensionLogin])
        assert_type(done.input, str)
        assert_type(done.result, ExtensionLogin | None)
        assert_type(done.error, EtelecomError | None)
        assert_type(done.unwrap(), ExtensionLogin)
    listed = [done async for done in shop.map(shop.call, names, in_order=True)]
    assert_type(listed, list[MapResult[str, dict[str, Any]]])
    async for call, result, error in shop.map(
        lambda row: shop.call("Any/Note", {"id": row.id}), shop.call_logs.list()
    ):
        assert_type(call, CallLog)
        assert_type(result, dict[str, Any] | None)
        assert_type(error, EtelecomError | None)


def steps_of_a_job(shop: ShopClient, sms: SmsClient) -> Plan:
    """A step takes the arguments of its method. A field of its result has the field's type."""
    user = bulk_step("user Lan", shop.users.create, full_name="Lan", phone="0901234567", password="x")
    extension = bulk_step("1001", shop.extensions.create, hotline_id="1", extension_number=1001)
    assert_type(user, Step[User])
    assert_type(user.result.id, str)
    assign = bulk_step(
        "assign", shop.extensions.assign, extension_id=extension.result.id, user_id=user.result.id
    )
    assert_type(assign.after(user, extension), Step[ExtensionChangeResult])
    opened = bulk_step("any", shop.call, "Etelecom/AnyMethod", {"id": user.result.id}, effect=Effect.CREATE)
    assert_type(opened.result, dict[str, Any])
    sent = bulk_step("sms", sms.send, phonenumber="1", routerule=["1"], templatecode="T", list_param={})
    return Plan([user, extension, assign, opened, sent])


async def messages_of_a_job(shop: ShopClient, sms: SmsClient, template: ZNSTemplate) -> None:
    """Messages for the rows of a table are a run, and awaiting it gives the report."""
    rows = [{"invoice": "HD-1", "phone": 901234567}]
    run = bulk.send(
        "j", shop, oa_id="1", template=template, rows=rows, key_column="invoice", resend_unknown=True
    )
    assert_type(run, bulk.Run)
    assert_type(await run, bulk.Report)
    table = csv.DictReader(["id,phone"])
    assert_type(bulk.send_sms("j", sms, template="T", routerule=["1"], rows=table, key_column="id"), bulk.Run)


def with_gateway(key: SecretLike, token: SecretLike) -> ShopClient:
    """A function of the caller takes the same secrets as a client."""
    return ShopClient(key, headers={"X-Gateway-Key": token})


async def clients(session_key: str) -> AsyncIterator[object]:
    """A client is its own context manager; a client derived from it keeps the class."""
    async with PartnerClient(session_key) as partner:
        assert_type(partner, PartnerClient)
        assert_type(partner.for_shop("key"), ShopClient)
        assert_type(partner.with_options(deadline=10, rate=None), PartnerClient)
        assert_type(
            partner.with_options(rate=bulk.SharedRate(Path("calls.rate"), per_second=5)), PartnerClient
        )
    headers = {"X-Gateway-Key": "a"}
    assert_type(ShopClient(SecretStr(session_key), headers=headers), ShopClient)
    assert_type(partner.for_shop(SecretStr(session_key)).with_options(headers={"a": Secret("b")}), ShopClient)
    async with SmsClient("user", SecretStr("password")) as sms:
        assert_type(sms.with_options(retries=0), SmsClient)
    yield OPERATIONS


async def softphones(shop: ShopClient, folder: Path) -> None:
    """An account comes from any result with a login; its exports are secrets."""
    extension = await shop.extensions.create(hotline_id="1", extension_number=1001)
    login = await shop.extensions.get(extension_number="1001")
    account = SoftphoneAccount.of(extension)
    assert_type(account, SoftphoneAccount)
    assert_type(SoftphoneAccount.of(login, websocket_url="wss://a.example"), SoftphoneAccount)
    assert_type(SoftphoneAccount(user="1", domain="a.example", password=SecretStr("b")).password, Secret)
    assert_type(account.to_linphone(), Secret)
    assert_type(account.write(folder, "linphone", "zoiper"), tuple[Path, ...])
    assert_type(account.write_qr("qr", account.to_jssip()), Path)


def table() -> None:
    """The table of operations is a mapping."""
    row = OPERATIONS["shop.extensions.create"]
    assert_type(row, Operation[Any, Any])
    assert_type(row.effect, Effect)


async def ledgers(shop: ShopClient, engine: AsyncEngine, own: AsyncConnection | AsyncSession) -> None:
    """Both ledgers are a `Ledger`; an app queues a key in its own connection or session."""
    outbox = SqlLedger(engine)
    each: list[Ledger] = [SqliteLedger("sent.ledger"), SqliteLedger(Path("sent.ledger")), outbox]
    key = LedgerKey.of(shop, oa_id="1", tracking_id="HD-1")
    assert_type(await each[0].claim(key, "job"), Claim)
    assert_type(await each[0].release(key, "job"), bool)
    assert_type(await outbox.enqueue(own, key), bool)
    assert_type(await outbox.entries(KeyState.QUEUED), list[Entry])


async def syncs(shop: ShopClient, engine: AsyncEngine) -> None:
    """A sync takes a URL or an engine; that of many shops returns what was done for each."""
    done = await history.sync(shop, "calls.db", "-7d", look_back=timedelta(days=1), reread=True)
    assert_type(done, history.ShopSync)
    assert_type(done.error, str | None)

    def on_progress(progress: history.SyncProgress) -> None:
        assert_type(progress.shop.rows, int)
        assert_type(progress.done, float)

    await history.sync(shop, "calls.db", "-7d", on_progress=on_progress)
    many = await history.sync_shops({"1": shop}, engine, date(2026, 11, 1), deadline=timedelta(minutes=1))
    assert_type(many, history.Sync)
    assert_type(many.failed, tuple[history.ShopSync, ...])
    far = await history.export_on_dask(
        {"1": shop}, "calls", "-7d", scheduler="tcp://host:8786", rate=5, partition=["shop"], direction="in"
    )
    assert_type(far, history.ClusterExport)
    assert_type(far.failed, tuple[history.ShopExport, ...])


async def fakes(shop: ShopClient, partner: PartnerClient, folder: Path) -> None:
    """A script, a clock and a recorder keep the types of clients and of the sandbox."""
    with ScriptedTransport(in_order=True) as script:
        script.reply("account", {}, 503, NotFoundError("no"), Fault(kind="refuse"), times=None, seconds=2)
        script.reply("account", RawResponse(b"", 204), lambda body: {"id": body["id"]})
        assert_type(script.attach(shop), ShopClient)
        assert_type(script.requests, Requests)
        assert_type(script.clock, DrivenClock)
        assert_type(script.sent("account"), list[Any])
    with SandboxThread(users=3, strict=True) as service, DrivenClock(service) as clock:
        assert_type(service, Sandbox)
        assert_type(clock.attach(partner), PartnerClient)
        clock.advance(timedelta(hours=1))
        assert_type(clock.waits, list[float])
    with Recorder(folder / "a.json", mode="replay", mask=("full_name",)) as recorder:
        assert_type(recorder.is_replay, bool)
    async with sandbox(users=3) as other:
        assert_type(other, Sandbox)


async def notebooks(shop: ShopClient) -> None:
    """Progress keeps the type of the items; both other functions fit the arguments that take them."""
    async for call in notebook.progress(shop.call_logs.list(), total=10, desc="calls"):
        assert_type(call, CallLog)
    watched = shop.with_options(hooks=[notebook.waits(at_least=2), OpenTelemetry(methods=["Any/Create"])])
    steps = [bulk_step("1", watched.call, "Any/Create", {})]
    with notebook.events(total=1) as on_event:
        assert_type(await bulk.run("a.journal", steps, on_event=on_event), bulk.Report)
        async for ended in notebook.progress(bulk.run("b.journal", steps)):
            assert_type(ended, bulk.Ended)


async def receive_webhooks(shop: ShopClient, secret: Secret) -> None:
    """Receive events behind each kind of server."""
    router = webhooks.Router(secret=[secret, webhooks.new_secret()], confirm=shop, concurrency=2)

    @router.on("call_log")
    async def save(event: webhooks.CallLogEvent) -> None:
        assert_type(event.call, CallLog)

    @router.on("zl_oa_message")
    def note(event: webhooks.MessageEvent) -> None:
        assert_type(event.message.msg_id, str)

    @router.on("unknown")
    async def look(event: webhooks.UnknownEvent) -> None:
        assert_type(event.problems, tuple[str, ...])

    @router.on_dropped
    async def keep(drop: webhooks.Dropped) -> None:
        assert_type(drop.event, webhooks.Event)

    assert_type(on_aiohttp.receiver(router), web.Application)
    assert_type(asgi.receiver(router), asgi.AsgiReceiver)
    assert_type(wsgi.receiver(router, on_stop=shop.close), wsgi.WsgiReceiver)
    assert_type(webhooks.parse(b"{}"), tuple[webhooks.Event, ...])
    async with router:
        assert_type(await router.accept(b"{}"), webhooks.Answer)
    assert_type(await router.close(), tuple[webhooks.Dropped, ...])

    async def find(event: webhooks.Event) -> ShopClient | None:
        return shop if isinstance(event, webhooks.CallLogEvent) else None

    webhooks.Router(secret="text", confirm=lambda _: shop)
    webhooks.Router(secret="text", confirm=find, seen=webhooks.SeenInMemory(keep=timedelta(days=2)))
