"""Test that prints, logs, pickles and exports show no key or password, and errors no phone number."""

from __future__ import annotations

import asyncio
import base64
import io
import json
import logging
import pickle
import re
import tempfile
import traceback
from collections.abc import AsyncIterator, Callable, Iterator
from typing import TYPE_CHECKING, Any

import aiohttp
import attrs
import pytest
from aiohttp.connector import Connection
from rich.console import Console
from rich.syntax import Syntax
from rich.text import Text
from rich.traceback import Traceback

from etelecom_async import (
    Attempt,
    Effect,
    EtelecomError,
    PartnerClient,
    ProvisionalOperationWarning,
    Secret,
    ShopClient,
    SmsClient,
    Tls,
    attempt_hook,
    errors,
)
from etelecom_async._core.model import Model
from etelecom_async.history.downloading import RecordingCounts, download_recordings
from etelecom_async.history.reading import calls
from etelecom_async.history.tables import list_table

if TYPE_CHECKING:
    from tests.conftest import Asked, LoopClock, Peer, Reply, Waits

KEY = "shop1161512386239479010:canary-key-1f2e"
PASSWORD = "canary-password-3d4c"
PHONE = "0901234567"
PHONES = [PHONE, "84901234567", "+84 901 234 567", "0901.234.567"]
KEYS = ["canary-key-1f2e", PASSWORD]


@pytest.fixture
async def shop(peer: Peer, waits: Waits) -> AsyncIterator[ShopClient]:
    """A client with a canary as its key."""
    async with ShopClient(KEY, base_url=peer.base_url, retries=1) as client:
        waits.govern(client)
        yield client


def request_data(request: Asked) -> str:
    """Everything that a careless server may repeat in an error: the request, and its own data about it."""
    known = ", ".join([*PHONES, f"Bearer {KEY}", f"password={PASSWORD}"])
    return json.dumps({"headers": request.headers, "body": request.body.decode(), "known": known})


def echo(peer: Peer, request: Asked, status: int = 400, code: str = "invalid_argument") -> Reply:
    """Return an error that shows the whole request: in its text, and in names and values of its details."""
    repeated = request_data(request)
    return peer.json({"code": code, "msg": repeated, "meta": {"sent": repeated, repeated: "sent"}}, status)


# Reactions of a server to a request with a password and a phone number.
SCENES: dict[str, Callable[[Peer, Asked], Reply]] = {
    "refused": echo,
    "failed": lambda peer, request: echo(peer, request, 500),
    "throttled": lambda peer, request: echo(peer, request, 429),
    "hung up": lambda peer, _: peer.DROP,
    "half an answer": lambda peer, _: peer.half(),
    "no HTTP": lambda peer, request: peer.bare(
        b"HTTP/1.1 200 OK\r\n" + request.headers["authorization"].encode() + b"\r\n\r\n"
    ),
    "silent": lambda peer, _: peer.HANG,
    "proxy": lambda peer, request: peer.raw(
        b"<h1>" + request.headers["authorization"].encode() + request_data(request).encode(), 502
    ),
    "garbled": lambda peer, request: peer.raw(b"[" + request_data(request).encode() + b"] x"),
    "redirect": lambda peer, request: peer.raw(request.body, 302),
}


def chain(error: BaseException | None) -> Iterator[BaseException]:
    """Return an error with all its causes and contexts, also suppressed ones."""
    while error is not None:
        yield error
        if error.__cause__ is not error.__context__:
            yield from chain(error.__cause__)
        error = error.__context__


def text_forms(value: object) -> str:
    """Return with_subclasses text form of a value, without the frames of a traceback."""
    texts = [repr(value), str(value), f"{value}", pickle.dumps(value).decode("latin-1")]
    if isinstance(value, Model):
        texts += [repr(value.to_dict()), json.dumps(value.to_dict(), default=str)]
    if attrs.has(type(value)):
        texts.append(repr(attrs.asdict(value)))
    if isinstance(value, BaseException):
        texts.append(repr(vars(pickle.loads(pickle.dumps(value)))))
        for link in chain(value):
            texts += [repr(link), str(link), repr(vars(link)), *traceback.format_exception(link)]
    return "\n".join(texts)


def shown(value: object) -> str:
    """Return with_subclasses text form of a value; for an error also the frames with their locals."""
    texts = [text_forms(value)]
    if isinstance(value, BaseException):
        for link in chain(value):
            texts += traceback.TracebackException.from_exception(link, capture_locals=True).format()
    return "\n".join(texts)


OF_THE_MACHINE = {"created", "lineno", "msecs", "process", "relativeCreated", "thread"}
"""Numbers in the record of a log: times and ids, which may have the digits of a secret by chance."""


def all_of(caplog: pytest.LogCaptureFixture) -> str:
    """Return the log, with the fields of its records."""
    fields = [
        {name: value for name, value in vars(record).items() if name not in OF_THE_MACHINE}
        for record in caplog.records
    ]
    return "\n".join([caplog.text, *map(repr, fields)])


def leaks(text: str) -> list[str]:
    """Return the secrets in a text."""
    return [secret for secret in KEYS if secret in text]


def numbers(text: str) -> list[str]:
    """Return the phone numbers in a text."""
    return re.findall(r"901[ .]?234[ .]?567", text)


def test_a_leak_is_found() -> None:
    """A secret in the locals of a frame, in a cause or in an export is found, so the tests below can fail."""

    def leak() -> None:
        local = PASSWORD
        try:
            int(local[:1])
        except ValueError as error:
            raise RuntimeError from error

    with pytest.raises(RuntimeError) as caught:
        leak()
    assert leaks(shown(caught.value)) == leaks(shown({"a": PASSWORD})) == [PASSWORD]
    assert leaks("".join(traceback.format_exception(caught.value))) == []
    assert [len(numbers(text_forms({"a": phone}))) for phone in PHONES] == [4] * len(PHONES)


async def recordings_of_a_call(shop: ShopClient) -> RecordingCounts:
    """Download recordings into a folder of their own."""
    with tempfile.TemporaryDirectory() as folder:
        return await download_recordings(shop, folder, "-7d", call_number=PHONES[0], windows=1)


CALLS: dict[str, Callable[[ShopClient], Any]] = {
    "create": lambda shop: shop.users.create(full_name="Lê Ánh", phone=PHONE, password=PASSWORD),
    "open call": lambda shop: shop.call("Any/Create", {"phones": PHONES, "password": PASSWORD}),
    "open call of a known method": lambda shop: shop.call("Zalo/ConnectOA", {"oa_id": "1", "code": PASSWORD}),
    "read": lambda shop: shop.zalo.consents.check(oa_id="1", phone=PHONE),
    "list": lambda shop: shop.users.list(phone=PHONES[3]).collect(),
    "call history": lambda shop: calls(shop, "-7d", call_number=PHONES[0], windows=1).table(),
    "loop over call history": lambda shop: anext(
        aiter(calls(shop, "-7d", call_number=PHONES[0], windows=1, in_order=True))
    ),
    "recordings": recordings_of_a_call,
    "table of a list": lambda shop: list_table(shop.users.list(phone=PHONES[3])),
}


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("scene", SCENES)
async def test_failure(
    peer: Peer,
    shop: ShopClient,
    caplog: pytest.LogCaptureFixture,
    loop_clock: LoopClock,
    *,
    scene: str,
    call: str,
) -> None:
    """
    If a call fails, at once or after a retry, no output shows a secret or a phone number.

    Outputs are the error, its causes, its traceback and its pickle, the log, the hooks and the client's
    statistics. The locals in a traceback may contain the caller's request, and so a phone number, but no
    secret.
    """
    caplog.set_level(0)
    peer.always = lambda request: SCENES[scene](peer, request)
    attempts: list[Attempt] = []
    peer.on_hang = lambda: loop_clock.advance(21)
    shop = shop.with_options(attempt_timeout=20, hooks=[attempt_hook(attempts.append)])
    with pytest.raises(EtelecomError) as caught:
        await CALLS[call](shop)
    error = caught.value
    assert leaks(shown(error)) == leaks(shown(pickle.loads(pickle.dumps(error)))) == []
    texts = [
        text_forms(error),
        all_of(caplog),
        text_forms(attempts),
        text_forms(shop.stats()),
        text_forms(shop.schema_mismatches()),
    ]
    assert [(leaks(text), numbers(text)) for text in texts] == [([], [])] * len(texts)
    assert len(attempts) == len(error.attempts) > 0
    assert "attempt 1" in caplog.text


@pytest.mark.parametrize("call", CALLS)
async def test_traceback_of_rich(
    peer: Peer, shop: ShopClient, call: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """rich, which prints the locals of with_subclasses frame, shows no secret."""
    # Without colors for the source: each frame would read a whole file again.
    monkeypatch.setattr(Syntax, "highlight", lambda _self, code, _lines=None: Text(code))
    peer.always = lambda _: peer.DROP
    with pytest.raises(EtelecomError) as caught:
        await CALLS[call](shop)
    error, page = caught.value, io.StringIO()
    frames = Traceback.from_exception(type(error), error, error.__traceback__, show_locals=True)
    Console(file=page, width=400).print(frames)
    assert "locals" in page.getvalue()
    assert leaks(page.getvalue()) == []


async def test_event_loop_in_debug_mode(
    peer: Peer, shop: ShopClient, caplog: pytest.LogCaptureFixture
) -> None:
    """An event loop in debug mode, which logs each callback with its arguments, shows nothing."""
    caplog.set_level(0)
    loop = asyncio.get_running_loop()
    loop.set_debug(True)
    loop.slow_callback_duration = 0
    for call in CALLS.values():
        peer.respond_with(peer.refusal("aborted", 409))
        with pytest.raises(EtelecomError):
            await call(shop)
    assert "Executing <" in caplog.text
    assert (leaks(all_of(caplog)), numbers(all_of(caplog))) == ([], [])


@attrs.frozen
class Clients:
    """Clients whose secrets a server repeats in with_subclasses possible way."""

    shop: ShopClient
    sms: SmsClient
    unheard: ShopClient
    """Start TLS with a server that does not support it."""

    async def settle(self) -> object:
        """Verify a call that no read can settle."""
        try:
            return await CALLS["open call"](self.shop)
        except errors.OutcomeUnknownError as error:
            return await error.verify()

    async def use_after_close(self) -> object:
        """Make a call with a closed client."""
        await self.unheard.close()
        return await CALLS["open call"](self.unheard)

    async def wait_in_the_queue(self) -> object:
        """Make a call that does not get its turn."""
        client = self.shop.with_options(concurrency=1, queue_timeout=0.001)
        client._engine.limiters.limiter(Effect.CREATE).acquire_nowait()
        return await CALLS["create"](client)

    async def send_zns(self) -> object:
        """Send a ZNS message."""
        return await self.shop.zns.messages.send(
            oa_id="1", phone=PHONES[1], template_id=1, template_data={"name": "An"}
        )

    async def send_sms(self) -> object:
        """Send an SMS."""
        return await self.sms.send(
            phonenumber=PHONES[2], routerule=["3"], templatecode="T", list_param={"name": "An"}
        )


Scene = Callable[["Peer", "Asked"], "Reply"]


def success(value: Callable[[str], object]) -> Scene:
    """Return a success that contains the repeated data somewhere."""
    return lambda peer, request: peer.json(value(request_data(request)))


def with_subclasses(kind: type[EtelecomError]) -> Iterator[type[EtelecomError]]:
    """Yield a class of errors and all its subclasses."""
    yield kind
    for below in kind.__subclasses__():
        yield from with_subclasses(below)


HANGS_UP: Scene = SCENES["hung up"]
# For each class of errors: the reaction of the server, and the call that raises it. Missing classes are base
# classes, or are not raised yet.
WAYS: dict[type[EtelecomError], tuple[Scene, Callable[[Clients], Any]]] = {
    errors.EtelecomError: (HANGS_UP, Clients.settle),
    errors.ConfigurationError: (
        HANGS_UP,
        lambda _: ShopClient(KEY, proxy=f"ftp://user:{PASSWORD}@127.0.0.1"),
    ),
    errors.KeyKindError: (HANGS_UP, lambda _: PartnerClient(KEY)),
    errors.InvalidRequestError: (
        HANGS_UP,
        lambda clients: clients.shop.users.create(
            full_name=f"{PHONE}\0",
            phone=f"{PHONE}0",
            password=5,
        ),
    ),
    errors.ClientClosedError: (HANGS_UP, Clients.use_after_close),
    errors.ConnectError: (HANGS_UP, lambda clients: CALLS["create"](clients.unheard)),
    errors.QueueTimeoutError: (HANGS_UP, Clients.wait_in_the_queue),
    errors.ResponseLostError: (HANGS_UP, lambda clients: CALLS["list"](clients.shop)),
    errors.OutcomeUnknownError: (HANGS_UP, lambda clients: CALLS["create"](clients.shop)),
    errors.DecodeError: (
        # A mismatch is reported with its path: here, under an unknown name.
        success(lambda repeated: {"list_temp": [{"SenderChannel": {repeated: []}}]}),
        lambda clients: clients.sms.templates.list(),
    ),
    errors.MalformedResponseError: (
        lambda peer, request: peer.raw(f"<p>{request_data(request)}".encode()),
        lambda clients: CALLS["list"](clients.shop),
    ),
    errors.ResponseTooLargeError: (
        success(lambda repeated: {"account_users": [{"full_name": repeated}]}),
        lambda clients: CALLS["list"](clients.shop.with_options(max_response_bytes=100)),
    ),
    errors.APIQuotaError: (
        lambda peer, request: peer.json(
            {"code": "resource_exhausted", "msg": f"quota exceeded: {request_data(request)}"}, 429
        ),
        lambda clients: CALLS["create"](clients.shop),
    ),
    errors.DeliveryQuotaError: (
        success(lambda repeated: {"error_code": -115, "error_message": repeated}),
        Clients.send_zns,
    ),
    errors.DeliveryError: (
        success(lambda repeated: {"error_code": -108, "error_message": repeated}),
        Clients.send_zns,
    ),
    errors.NotAppliedError: (
        success(lambda repeated: {"updated": 0, "msg": repeated}),
        lambda clients: clients.shop.extensions.assign(extension_id=PHONE, user_id="1"),
    ),
    errors.PagingError: (
        success(lambda _: {"account_users": [{"user_id": "1"}], "paging": {"next": "n"}}),
        lambda clients: CALLS["list"](clients.shop),
    ),
    errors.APIError: (
        lambda peer, request: echo(peer, request, code=request_data(request)),
        lambda clients: CALLS["create"](clients.shop),
    ),
    **{
        kind: (
            lambda peer, request, kind=kind: echo(peer, request, kind.status, kind.code),
            lambda clients: CALLS["create"](clients.shop),
        )
        for kind in errors.APIError.__subclasses__()
    },
    **{
        kind: (
            success(lambda repeated, status=kind.status: {"status": status or "-77", "code": repeated}),
            Clients.send_sms,
        )
        for kind in with_subclasses(errors.SmsError)
        if issubclass(kind, errors.SmsError)
    },
}


def test_no_class_of_errors_is_missing() -> None:
    """The test below covers each class of errors, except base classes and classes that are not raised yet."""
    missing = {errors.TransportError, errors.ResultError, errors.QuotaError, errors.InvalidWebhookError}
    # tests/test_shop_keys.py and tests/test_key_store.py cover the errors around stored keys.
    missing |= {errors.ShopNotConnectedError, errors.KeyStoreError, errors.LoginRequiredError}
    missing |= {errors.JournalError, errors.LedgerError}  # tests/bulk covers them
    missing |= {errors.SyncError}  # tests/history/test_sync_database.py covers it
    missing |= {errors.ClusterError}  # tests/history/test_dask.py covers it
    # tests/webhooks/test_json_bodies.py covers InvalidWebhookError
    missing |= {errors.RosterError}  # tests/provisioning/test_roster.py covers it
    assert set(with_subclasses(EtelecomError)) - set(WAYS) == missing


@pytest.mark.parametrize("kind", WAYS, ids=lambda kind: kind.__name__)
async def test_every_error(
    peer: Peer, shop: ShopClient, caplog: pytest.LogCaptureFixture, kind: type[EtelecomError]
) -> None:
    """Each class of errors, raised as for users, shows no secret and no phone number."""
    caplog.set_level(0)
    scene, call = WAYS[kind]
    peer.always = lambda request: scene(peer, request)
    tls = peer.base_url.replace("http:", "https:")
    async with (
        SmsClient("user", Secret(PASSWORD), base_url=peer.base_url, retries=0) as sms,
        ShopClient(KEY, base_url=tls, retries=0) as unheard,
    ):
        with pytest.raises(kind) as caught:
            await call(Clients(shop, sms, unheard))
    error = caught.value
    assert type(error) is kind
    vars(error).pop("result", None)  # the response itself, which is data as after a success
    assert leaks(shown(error)) == []
    assert (numbers(text_forms(error)), numbers(all_of(caplog))) == ([], [])
    taken_apart = "\n".join(text for link in chain(error) for text in locals_of_ours(link))
    assert (leaks(taken_apart), numbers(taken_apart)) == ([], [])


def locals_of_ours(error: BaseException) -> Iterator[str]:
    """Return what error trackers send of the SDK's frames: the locals, with containers unpacked."""
    for frame, _ in traceback.walk_tb(error.__traceback__):
        if frame.f_globals["__name__"].startswith("etelecom_async"):
            yield from unpacked(dict(frame.f_locals))


def unpacked(value: object) -> Iterator[str]:
    """Return a value as texts, container by container, whatever their own reprs hide."""
    if isinstance(value, dict):
        yield from (text for item in value.items() for text in unpacked(item))
    elif isinstance(value, list | tuple | set | frozenset):
        yield from (text for item in value for text in unpacked(item))
    else:
        yield repr(value)


async def test_mismatch(peer: Peer, shop: ShopClient, caplog: pytest.LogCaptureFixture) -> None:
    """A response that does not fit is quoted without passwords and phone numbers."""
    caplog.set_level(logging.DEBUG)
    peer.always = lambda _: peer.json(
        {"phone": PHONE, "extension_password": PASSWORD, "id": [PHONE], "created_at": PHONE}
    )
    with pytest.raises(EtelecomError) as caught:
        await shop.extensions.create(hotline_id="1", extension_number=1001)
    error = caught.value
    assert '"phone": "090***567", "extension_password": "****"' in str(error)
    assert leaks(shown(error) + all_of(caplog)) == []
    assert PHONE not in repr(vars(error)) + str(error) + all_of(caplog)


async def test_refused_connection(shop: ShopClient, peer: Peer) -> None:
    """The error for a request that was never sent shows nothing either."""
    shop._engine.identity = attrs.evolve(
        shop._engine.identity, base_url=peer.base_url.replace("http:", "https:")
    )
    with pytest.raises(EtelecomError) as caught:
        await shop.users.create(full_name="Lê Ánh", phone=PHONE, password=PASSWORD)
    assert leaks(shown(caught.value)) == []


async def test_proxy_that_refuses(peer: Peer) -> None:
    """The response of a proxy, which aiohttp stores together with the request, is not shown."""
    peer.always = lambda _: peer.raw(b"", 407)
    async with aiohttp.ClientSession(proxy=peer.base_url) as session:
        shop = ShopClient(KEY, base_url="https://127.0.0.1:9", session=session, retries=0)
        with pytest.raises(EtelecomError) as caught:
            await shop.current()
    assert leaks(shown(caught.value)) == []


@pytest.mark.parametrize("scene", ["proxy", "hung up", "no way through"])
async def test_password_of_a_proxy(peer: Peer, caplog: pytest.LogCaptureFixture, scene: str) -> None:
    """The password for a proxy is not shown, neither as given nor as sent."""
    caplog.set_level(0)
    sent = base64.b64encode(f"user:{PASSWORD}".encode()).decode()
    peer.always = lambda request: SCENES.get(scene, lambda peer, _: peer.raw(sent.encode(), 407))(
        peer, request
    )
    network = {"proxy": f"http://user:{PASSWORD}@127.0.0.1:{peer.port}"}
    url = "https://127.0.0.1:9" if scene == "no way through" else "http://127.0.0.1:9"
    async with ShopClient(KEY, base_url=url, retries=1, **network) as shop:
        del network  # from this frame, which is in the traceback
        with pytest.raises(EtelecomError) as caught:
            await CALLS["create"](shop)
    assert f"Basic {sent}" in {request.headers["proxy-authorization"] for request in peer.requests}
    assert leaks(shown(caught.value)) == leaks(all_of(caplog)) == []
    assert sent not in text_forms(caught.value) + all_of(caplog)


async def test_unclosed_connection(peer: Peer, caplog: pytest.LogCaptureFixture) -> None:
    """The ResourceWarning of aiohttp about a connection to a proxy does not show the password."""
    caplog.set_level(0)
    proxy = f"http://user:{PASSWORD}@127.0.0.1:{peer.port}"
    async with ShopClient(KEY, base_url="http://127.0.0.1:9", proxy=proxy) as shop:
        await shop.call("Any/Thing")
        session = shop._engine.transport._open_session()
        assert session is not None
        connector: Any = session.connector
        (kept,) = connector._conns.items()
        connection = Connection(connector, kept[0], kept[1][0][0], asyncio.get_running_loop())
        with pytest.warns(ResourceWarning, match=f"Unclosed connection.*127.0.0.1:{peer.port}") as caught:
            del connection
    assert "Unclosed connection" in caplog.text
    texts = [str(warning.message) for warning in caught]
    assert leaks("".join(texts) + all_of(caplog)) == []


async def test_invalid_request(shop: ShopClient) -> None:
    """The error for an invalid request, which is not sent, shows no secrets and phone numbers."""
    with pytest.raises(EtelecomError) as caught:
        await shop.users.create(full_name=5, phone=84901234567, password=PASSWORD)
    assert leaks(shown(caught.value)) == []
    assert PHONE[1:] not in str(caught.value)


async def test_success(peer: Peer, shop: ShopClient, caplog: pytest.LogCaptureFixture) -> None:
    """Only `reveal()` shows a password in a response."""
    caplog.set_level(logging.DEBUG)
    peer.always = lambda _: peer.json(
        {"id": "1", "extension_password": PASSWORD, "tenant_domain": "a.example"}
    )
    extension = await shop.extensions.create(hotline_id="1", extension_number=1001)
    assert extension.extension_password == Secret(PASSWORD)
    assert extension.extension_password.reveal() == PASSWORD
    for value in (extension, [extension], {"a": extension}, extension.extension_password):
        assert PASSWORD not in shown(value)
    assert extension.to_dict()["extension_password"] == "****"
    assert PASSWORD not in all_of(caplog)
    with pytest.raises(TypeError):
        json.dumps(attrs.asdict(extension))


async def test_phone_numbers_are_data(peer: Peer, shop: ShopClient, caplog: pytest.LogCaptureFixture) -> None:
    """A record contains its phone numbers, exported too; the log and the hooks of the call show none."""
    caplog.set_level(0)
    peer.always = lambda _: peer.json({"account_users": [{"user_id": 5, "phone": int(PHONES[1])}]})
    attempts: list[Attempt] = []
    shop = shop.with_options(hooks=[attempt_hook(attempts.append)])
    pager = shop.users.list(phone=PHONE)
    (user,) = await pager
    assert (user.phone, user.to_dict()["phone"]) == (PHONES[1], PHONES[1])
    assert shop.schema_mismatches()
    texts = [
        all_of(caplog),
        text_forms(attempts),
        text_forms(shop.stats()),
        text_forms(shop.schema_mismatches()),
        pager.checkpoint(),
        repr(pager),
    ]
    assert [(leaks(text), numbers(text)) for text in texts] == [([], [])] * len(texts)


async def test_warning(peer: Peer) -> None:
    """A warning names the operation, and shows no argument of the call."""
    async with PartnerClient(KEY.removeprefix("shop"), base_url=peer.base_url) as partner:
        with pytest.warns(ProvisionalOperationWarning) as caught:
            await partner.hotlines.delete(hotline_id=PHONE)
    (text,) = [text_forms(warning.message) for warning in caught]
    assert "partner.hotlines.delete" in text
    assert (leaks(text), numbers(text)) == ([], [])


async def test_list(peer: Peer, shop: ShopClient) -> None:
    """Pages, pagers and checkpoints show no secret."""
    peer.always = lambda _: peer.json({"extensions": [{"id": "1", "extension_password": PASSWORD}]})
    pager = shop.extensions.list()
    page = await pager
    assert PASSWORD not in shown(page) + repr(pager) + pager.checkpoint()
    assert page.to_dict()["items"][0]["extension_password"] == "****"


async def test_error_in_the_caller_s_code(peer: Peer, shop: ShopClient) -> None:
    """After an error of the caller in a loop over a list, the SDK's frames show no secret."""
    peer.always = lambda _: peer.json(
        {"extensions": [{"id": "1", "extension_password": PASSWORD, "extension_number": "1"}]}
    )
    with pytest.raises(ZeroDivisionError) as caught:  # noqa: PT012 - the loop is the subject of the test
        async for extension in shop.extensions.list(prefetch=1):
            int(extension.extension_number) / 0
    assert leaks(shown(caught.value)) == []


@pytest.mark.parametrize(
    "make",
    [
        lambda: ShopClient("1161512386239479010:canary-key-1f2e"),
        lambda: PartnerClient("canary-key-1f2e"),
        lambda: PartnerClient("canary-key").for_shop("shop1:canary-key-1f2e"),
        lambda: SmsClient("user", PASSWORD),
        lambda: SmsClient("user", PASSWORD).with_options(retries=0),
        lambda: ShopClient(
            KEY, proxy=f"http://user:{PASSWORD}@127.0.0.1:9", tls=Tls(cert_file="a", key_password=PASSWORD)
        ),
    ],
    ids=["shop", "partner", "for_shop", "sms", "copy", "proxy"],
)
def test_client(make: Callable[[], Any]) -> None:
    """A client and its parts show no key."""
    client = make()
    engine = client._engine
    parts = [engine, engine.identity, engine.options, engine.limiters, engine.transport]
    text = repr([client, vars(client), *parts, *vars(engine.transport).values()])
    assert leaks(text + text_forms(client.stats()) + text_forms(client.schema_mismatches())) == []


@pytest.mark.parametrize(
    "make",
    [
        lambda: ShopClient(f"{KEY} "),
        lambda: ShopClient(f"{KEY}\u00e1"),
        lambda: ShopClient(KEY, base_url="example.com"),
        lambda: ShopClient(KEY, proxy=f"ftp://user:{PASSWORD}@127.0.0.1"),
        lambda: ShopClient(KEY, proxy=f"http://user:{PASSWORD}@127.0.0.1:9", retries=-1),
        lambda: PartnerClient(KEY),
        lambda: PartnerClient("a-partner-key").for_shop(KEY.removeprefix("shop")),
        lambda: SmsClient("user", f"{PASSWORD}\n"),
        lambda: SmsClient("user", PASSWORD, base_url="example.com"),
    ],
    ids=[
        *("blank", "no ASCII", "base URL", "no proxy", "proxy and retries", "wrong kind", "for_shop"),
        *("sms", "sms, base URL"),
    ],
)
def test_constructor_that_fails(make: Callable[[], Any]) -> None:
    """If a constructor fails, no frame shows the key or password that was passed."""
    with pytest.raises(errors.ConfigurationError) as caught:
        make()
    assert leaks(shown(caught.value)) == []


@pytest.mark.parametrize("variable", ["ETELECOM_SHOP_API_KEY", "ETELECOM_SMS_PASSWORD"])
def test_environment_with_invalid_values(monkeypatch: pytest.MonkeyPatch, variable: str) -> None:
    """The same is true for values of the environment."""
    monkeypatch.setenv(variable, f"{KEY} ")
    with pytest.raises(errors.ConfigurationError) as caught:
        ShopClient() if "SHOP" in variable else SmsClient("user")
    assert leaks(shown(caught.value)) == []


async def test_sms(peer: Peer, caplog: pytest.LogCaptureFixture) -> None:
    """An error that quotes an SMS request does not show the password, which the client adds to each body."""
    caplog.set_level(logging.DEBUG)
    peer.always = lambda request: peer.raw(request.body, 500)
    async with SmsClient("user", PASSWORD, base_url=peer.base_url, retries=0) as sms:
        with pytest.raises(EtelecomError) as caught:
            await sms.send(phonenumber="0901234567", routerule=["3"], templatecode="T", list_param={})
        peer.always = lambda request: peer.raw(b"[" + request.body)
        with pytest.raises(EtelecomError) as garbled:
            await sms.status(id_omni_mess="I")
    for error in (caught.value, garbled.value):
        assert PASSWORD not in shown(error) + all_of(caplog)
    assert PHONE not in str(caught.value)


async def test_timeout_of_the_caller(peer: Peer, shop: ShopClient, loop_clock: LoopClock) -> None:
    """A call that the caller's timeout ends leaves no frame with the key or the request."""
    peer.always = lambda _: peer.HANG
    peer.on_hang = lambda: loop_clock.advance(21)
    with pytest.raises(TimeoutError) as caught:
        async with asyncio.timeout(20):
            await shop.users.create(full_name="Lan", phone=PHONE, password=Secret(PASSWORD))
    assert not [leak for link in chain(caught.value) for leak in leaks(shown_frames(link))]


def shown_frames(error: BaseException) -> str:
    """Return a traceback with the locals of the frames of the SDK and the libraries below it."""
    frames = traceback.TracebackException.from_exception(error, capture_locals=True).stack
    return "\n".join(str(frame.locals) for frame in frames if "test_secrecy" not in frame.filename)
