"""What is printed, logged, pickled or exported shows no key, no password, and in errors no phone number."""

from __future__ import annotations

import asyncio
import json
import logging
import pickle
import traceback
from collections.abc import AsyncIterator, Callable, Iterator
from typing import TYPE_CHECKING, Any

import aiohttp
import attrs
import pytest

from etelecom_async import EtelecomError, PartnerClient, Secret, ShopClient, SmsClient
from etelecom_async._core.model import Model

if TYPE_CHECKING:
    from tests.conftest import Asked, Peer, Reply, Waits

PASSWORD = "canary-password-3d4c"
PHONE = "0901234567"
KEYS = ["canary-key-1f2e", PASSWORD]


@pytest.fixture
async def shop(peer: Peer, waits: Waits) -> AsyncIterator[ShopClient]:
    """A client with a canary for its key."""
    async with ShopClient(
        "shop1161512386239479010:canary-key-1f2e", base_url=peer.base_url, retries=1
    ) as client:
        waits.govern(client)
        yield client


def echo(peer: Peer, asked: Asked, status: int = 400) -> Reply:
    """An error that quotes the whole request, as careless servers do."""
    sent = json.dumps({"headers": asked.headers, "body": asked.body.decode()})
    return peer.json({"code": "invalid_argument", "msg": sent, "meta": {"sent": sent}}, status)


# What a server may do with a request that holds a password and a phone number.
SCENES: dict[str, Callable[[Peer, Asked], Reply]] = {
    "said no": echo,
    "failed": lambda peer, asked: echo(peer, asked, 500),
    "throttled": lambda peer, asked: echo(peer, asked, 429),
    "hung up": lambda peer, _: peer.DROP,
    "half an answer": lambda peer, _: peer.half(),
    "no HTTP": lambda peer, asked: peer.bare(
        b"HTTP/1.1 200 OK\r\n" + asked.headers["authorization"].encode() + b"\r\n\r\n"
    ),
    "silent": lambda peer, _: peer.HANG,
    "proxy": lambda peer, asked: peer.raw(
        b"<h1>" + asked.headers["authorization"].encode() + asked.body, 502
    ),
    "garbled": lambda peer, asked: peer.raw(b"[" + asked.body + b"] x"),
    "redirect": lambda peer, asked: peer.raw(asked.body, 302),
}


def chain(error: BaseException | None) -> Iterator[BaseException]:
    """An error with all its causes and contexts, also those that a traceback would not show."""
    while error is not None:
        yield error
        if error.__cause__ is not error.__context__:
            yield from chain(error.__cause__)
        error = error.__context__


def shown(value: object) -> str:
    """All ways in which a value may show itself."""
    texts = [repr(value), str(value), f"{value}", pickle.dumps(value).decode("latin-1")]
    if isinstance(value, Model):
        texts += [repr(value.to_dict()), json.dumps(value.to_dict(), default=str), repr(attrs.asdict(value))]  # type: ignore[arg-type]
    if isinstance(value, BaseException):
        for link in chain(value):
            texts += [repr(link), str(link), repr(vars(link))]
            texts += traceback.format_exception(link)
            texts += traceback.TracebackException.from_exception(link, capture_locals=True).format()
    return "\n".join(texts)


def leaks(text: str) -> list[str]:
    """The secrets that a text shows."""
    return [secret for secret in KEYS if secret in text]


def test_the_alarm_rings() -> None:
    """What would show a secret is found, in a frame's locals, in a cause and in an export."""

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


@pytest.mark.parametrize(
    "call",
    [
        lambda shop: shop.users.create(full_name="Lê Ánh", phone=PHONE, password=PASSWORD),
        lambda shop: shop.call("Shop/CreateAccountUser", {"phone": PHONE, "password": Secret(PASSWORD)}),
        lambda shop: shop.zalo.consents.check(oa_id="1", phone=PHONE),
        lambda shop: shop.users.list(phone=PHONE).collect(),
    ],
    ids=["create", "open call", "read", "list"],
)
@pytest.mark.parametrize("scene", SCENES)
async def test_failure(
    peer: Peer,
    shop: ShopClient,
    caplog: pytest.LogCaptureFixture,
    scene: str,
    call: Callable[[ShopClient], Any],
) -> None:
    """However a call fails, at once or after a repetition, error, traceback, pickle and log show nothing."""
    caplog.set_level(logging.DEBUG)
    peer.always = lambda asked: SCENES[scene](peer, asked)
    with pytest.raises(EtelecomError) as caught:
        await call(shop.with_options(attempt_timeout=0.05 if scene == "silent" else 5))
    error = caught.value
    assert leaks(shown(error)) == leaks(shown(pickle.loads(pickle.dumps(error)))) == leaks(caplog.text) == []
    told = "".join(traceback.format_exception(error)) + caplog.text + repr(vars(error))
    assert PHONE not in told
    assert "attempt 1" in caplog.text


async def test_misfit(peer: Peer, shop: ShopClient, caplog: pytest.LogCaptureFixture) -> None:
    """An answer that does not fit is quoted without its passwords and phone numbers."""
    caplog.set_level(logging.DEBUG)
    peer.always = lambda _: peer.json(
        {"phone": PHONE, "extension_password": PASSWORD, "id": [PHONE], "created_at": PHONE}
    )
    with pytest.raises(EtelecomError) as caught:
        await shop.extensions.create(hotline_id="1", extension_number=1001)
    error = caught.value
    assert '"phone": "090***567", "extension_password": "****"' in str(error)
    assert leaks(shown(error) + caplog.text) == []
    assert PHONE not in repr(vars(error)) + str(error) + caplog.text


async def test_refused_connection(shop: ShopClient, peer: Peer) -> None:
    """A request that never left shows nothing either."""
    shop._engine.identity = attrs.evolve(
        shop._engine.identity, base_url=peer.base_url.replace("http:", "https:")
    )
    with pytest.raises(EtelecomError) as caught:
        await shop.users.create(full_name="Lê Ánh", phone=PHONE, password=PASSWORD)
    assert leaks(shown(caught.value)) == []


async def test_proxy_that_refuses(peer: Peer) -> None:
    """The answer of a proxy, which aiohttp holds together with the request, is not shown."""
    peer.always = lambda _: peer.raw(b"", 407)
    async with aiohttp.ClientSession(proxy=peer.base_url) as session:
        shop = ShopClient("shop1:canary-key-1f2e", base_url="https://127.0.0.1:9", session=session, retries=0)
        with pytest.raises(EtelecomError) as caught:
            await shop.shop()
    assert leaks(shown(caught.value)) == []


async def test_request_that_cannot_be_right(shop: ShopClient) -> None:
    """A request that is refused before it leaves is told without its secrets and phone numbers."""
    with pytest.raises(EtelecomError) as caught:
        await shop.users.create(full_name=5, phone=84901234567, password=PASSWORD)  # type: ignore[arg-type]
    assert leaks(shown(caught.value)) == []
    assert PHONE[1:] not in str(caught.value)


async def test_success(peer: Peer, shop: ShopClient, caplog: pytest.LogCaptureFixture) -> None:
    """A password in an answer is seen by who reveals it, and nowhere else."""
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
    assert PASSWORD not in caplog.text
    with pytest.raises(TypeError):
        json.dumps(attrs.asdict(extension))


async def test_list(peer: Peer, shop: ShopClient) -> None:
    """Pages, pagers and checkpoints show no secret."""
    peer.always = lambda _: peer.json({"extensions": [{"id": "1", "extension_password": PASSWORD}]})
    pager = shop.extensions.list()
    page = await pager
    assert PASSWORD not in shown(page) + repr(pager) + pager.checkpoint()
    assert page.to_dict()["items"][0]["extension_password"] == "****"


async def test_error_in_the_caller_s_code(peer: Peer, shop: ShopClient) -> None:
    """A fault of the caller in the middle of a list shows no secret of the answer in the SDK's frames."""
    peer.always = lambda _: peer.json(
        {"extensions": [{"id": "1", "extension_password": PASSWORD, "extension_number": "1"}]}
    )
    with pytest.raises(ZeroDivisionError) as caught:  # noqa: PT012 - the loop is what is tested
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
    ],
    ids=["shop", "partner", "for_shop", "sms", "copy"],
)
def test_client(make: Callable[[], Any]) -> None:
    """A client, and what it is made of, shows no key."""
    client = make()
    engine = client._engine
    text = repr([client, vars(client), engine, engine.identity, engine.options, engine.transport])
    assert leaks(text) == []


async def test_sms(peer: Peer, caplog: pytest.LogCaptureFixture) -> None:
    """The password that the client puts into each body is not in an error that quotes it."""
    caplog.set_level(logging.DEBUG)
    peer.always = lambda asked: peer.raw(asked.body, 500)
    async with SmsClient("user", PASSWORD, base_url=peer.base_url, retries=0) as sms:
        with pytest.raises(EtelecomError) as caught:
            await sms.send(phonenumber="0901234567", routerule=["3"], templatecode="T", list_param={})
        peer.always = lambda asked: peer.raw(b"[" + asked.body)
        with pytest.raises(EtelecomError) as garbled:
            await sms.status(id_omni_mess="I")
    for error in (caught.value, garbled.value):
        assert PASSWORD not in shown(error) + caplog.text
    assert PHONE not in str(caught.value)


async def test_time_limit_of_the_caller(peer: Peer, shop: ShopClient) -> None:
    """A call that its caller cuts short leaves no frame that holds the key or what was sent."""
    peer.always = lambda _: peer.HANG
    with pytest.raises(TimeoutError) as caught:
        async with asyncio.timeout(0.05):
            await shop.users.create(full_name="Lan", phone=PHONE, password=Secret(PASSWORD))
    assert not [leak for link in chain(caught.value) for leak in leaks(shown_frames(link))]


def shown_frames(error: BaseException) -> str:
    """A traceback with the locals of the package's frames, and of those below it."""
    frames = traceback.TracebackException.from_exception(error, capture_locals=True).stack
    return "\n".join(str(frame.locals) for frame in frames if "test_secrecy" not in frame.filename)
