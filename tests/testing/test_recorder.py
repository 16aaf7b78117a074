"""A recorder writes masked exchanges, and replays exactly these."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING, Any

import attrs
import pytest

from etelecom_async import OutcomeUnknownError, RetryPolicy, ShopClient, errors
from etelecom_async._core.http.messages import HttpRequest, HttpResponse
from etelecom_async.testing import (
    DrivenClock,
    Fault,
    RawResponse,
    Recorder,
    Sandbox,
    ScriptedTransport,
    ScriptError,
    sandbox,
)
from etelecom_async.testing.responder import RespondingTransport

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Peer

KEY = "1161512386239479010:canary-key"
POLICY = RetryPolicy(retries=2, wait_initial=0)
NEW = {"full_name": "Lê An", "phone": "0901234567", "password": "one-time"}


async def work(shop: ShopClient) -> list[Any]:
    """Read, create and read again, as the code of a user does."""
    before = await shop.users.list().collect()
    user = await shop.users.create(**NEW)
    with pytest.raises(errors.NotFoundError):
        await shop.extensions.get(extension_number="99999")
    after = await shop.users.list().collect()
    calls = await shop.call_logs.list(limit=20).collect()
    return [len(before), user.id, len(after), [call.id for call in calls]]


async def recorded(service: Sandbox, recorder: Recorder) -> list[Any]:
    """Return what the code finds with a recorder."""
    with recorder:
        async with ShopClient(service.shop_key, base_url=service.base_url) as shop:
            return await work(shop)


def content(file: Path) -> str:
    """Return the text of a recording."""
    return file.read_text(encoding="utf-8")


def written(folder: Path) -> bool:
    """Return whether a folder has a file."""
    return any(folder.iterdir())


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """The file of a recorder."""
    return tmp_path / "recordings" / "work.json"


async def test_replay_without_a_server(file: Path) -> None:
    """The first run records, and the second one finds the same without a server."""
    async with sandbox(call_logs=50, users=3) as service:
        recorder = Recorder(file)
        found = await recorded(service, recorder)
        assert not recorder.is_replay
    recorder = Recorder(file)
    with recorder:
        async with ShopClient(KEY) as shop:
            assert await work(shop) == found
    assert recorder.is_replay


async def test_the_file_holds_no_secret(file: Path) -> None:
    """Neither keys nor passwords, phone numbers or URLs of recordings reach the disk."""
    async with sandbox(call_logs=50, users=3) as service:
        await recorded(service, Recorder(file, mask=["full_name"]))
        phones = {user.phone for user in service.users.list()} | {
            call.callee for call in service.calls.list()
        }
        urls = {url for call in service.calls.list() for url in call.recording_urls}
        secrets = {
            service.shop_key,
            service.shop_key.partition(":")[2],
            NEW["password"],
            NEW["phone"],
            NEW["full_name"],
        }
        text = content(file)
    assert len(phones) > 10
    assert urls
    assert [
        found for found in secrets | urls | {phone for phone in phones if len(phone) > 6} if found in text
    ] == []
    assert "127.0.0.1" not in text
    assert "Bearer" not in text


async def test_stable_file(tmp_path: Path) -> None:
    """Two recordings of the same work differ only in the times and ids of the server."""
    texts: list[str] = []
    for name in ("a.json", "b.json"):
        async with sandbox(call_logs=50, users=3, until="2026-11-30") as service:
            with Recorder(tmp_path / name, mode="record"):
                async with ShopClient(service.shop_key, base_url=service.base_url) as shop:
                    await shop.call_logs.list().collect()
        texts.append(content(tmp_path / name))
    assert texts[0] == texts[1]


async def test_changed_request(file: Path) -> None:
    """A request with another value is refused, and the difference is shown."""
    async with sandbox(users=3) as service:
        with Recorder(file):
            async with ShopClient(service.shop_key, base_url=service.base_url) as shop:
                await shop.users.list(limit=2)
    with pytest.raises(ScriptError) as caught:
        await replay(file, "users", limit=3)
    assert "shop.users.list differs from" in str(caught.value)
    assert '-    "limit": 2\n+    "limit": 3' in str(caught.value)
    with pytest.raises(
        ScriptError, match=r"has no more shop\.extensions\.list; it has left: shop\.users\.list"
    ):
        await replay(file, "extensions")


async def replay(file: Path, namespace: str, **arguments: Any) -> Any:
    """Read a list in a replay."""
    with Recorder(file, mode="replay"):
        async with ShopClient(KEY) as shop:
            return await getattr(shop, namespace).list(**arguments)


async def test_calls_that_do_not_come(file: Path) -> None:
    """A replay whose calls are not all made fails, and so does one that hides a refusal."""
    async with sandbox(users=3) as service:
        with Recorder(file):
            async with ShopClient(service.shop_key, base_url=service.base_url) as shop:
                await shop.users.list()
    with pytest.raises(ScriptError, match=r"shop\.users\.list was not called"), Recorder(file):
        pass

    async def hide() -> None:
        with Recorder(file):
            async with ShopClient(KEY) as shop:
                await asyncio.gather(shop.users.list(), shop.extensions.list(), return_exceptions=True)

    with pytest.raises(ScriptError, match=r"shop\.extensions\.list was refused"):
        await hide()


async def test_failed_recording(file: Path, tmp_path: Path) -> None:
    """A recording that ends with an error writes nothing, so an earlier file stays."""
    async with sandbox() as service:

        async def fail() -> None:
            with Recorder(file):
                async with ShopClient(service.shop_key, base_url=service.base_url) as shop:
                    await shop.users.list()
                raise LookupError

        with pytest.raises(LookupError):
            await fail()
    assert not written(tmp_path)


async def test_retries_and_failures(file: Path) -> None:
    """Lost responses, refusals and waits are replayed; the waits take no time then."""
    faults = [
        Fault(kind="status", status=429, retry_after=0, times=1, operation="shop.users.list"),
        Fault(kind="reset_after", times=1, operation="shop.users.list"),
        Fault(kind="status", status=502, body="html", operation="shop.extensions.list"),
        Fault(kind="reset_after", operation="shop.users.create"),
    ]

    async def use(shop: ShopClient) -> list[Any]:
        found: list[Any] = [[user.id for user in await shop.users.list()]]
        for call in (shop.extensions.list(), shop.users.create(**NEW)):
            with pytest.raises(errors.EtelecomError) as caught:
                await call
            found += [type(caught.value), [attempt.outcome for attempt in caught.value.attempts]]
        return found

    async with sandbox(faults=faults, users=2) as service:
        with Recorder(file):
            async with ShopClient(service.shop_key, base_url=service.base_url, retries=POLICY) as shop:
                first = await use(shop)
    assert first[3] is OutcomeUnknownError
    with Recorder(file):
        async with ShopClient(KEY, retries=POLICY) as shop:
            assert await use(shop) == first
    assert "502 Bad Gateway" in content(file)


async def test_server_that_is_not_there(file: Path) -> None:
    """A connection that was never made is replayed as one, without the port."""

    async def use() -> str:
        with Recorder(file):
            async with ShopClient(KEY, base_url="http://127.0.0.1:9/v1", retries=0) as shop:
                with pytest.raises(errors.ConnectError) as caught:
                    await shop.users.list()
                return caught.value.message

    first = await use()
    assert await use() == first.replace(":9:", ":0:").replace(", 9)", ", 0)")


async def test_call_that_is_cancelled(file: Path, peer: Peer) -> None:
    """A call without an outcome is not recorded."""
    peer.always = lambda _: peer.HANG
    with Recorder(file):
        async with ShopClient(KEY, base_url=peer.base_url) as shop:
            call = asyncio.create_task(shop.account())
            await peer.until(1)
            call.cancel()
            await asyncio.wait([call])
    assert '"exchanges": []' in content(file)


@pytest.mark.parametrize("cancelled", [0, 1])
async def test_two_equal_calls(file: Path, cancelled: int) -> None:
    """If one of two equal calls is cancelled, the other one is recorded, whichever it is."""
    arrived, go_on = asyncio.Semaphore(0), asyncio.Event()

    async def respond(_: HttpRequest, __: float) -> HttpResponse:
        arrived.release()
        await go_on.wait()
        return HttpResponse(200, {"Content-Type": "application/json"}, b'{"n": 1}')

    shop = ShopClient(KEY)
    shop._engine = attrs.evolve(shop._engine, transport=RespondingTransport(respond))
    with Recorder(file) as recorder:
        recorder.attach(shop)
        calls = [asyncio.create_task(shop.account()) for _ in range(2)]
        for _ in calls:
            await arrived.acquire()
        gone = calls.pop(cancelled)
        gone.cancel()
        await asyncio.wait([gone])
        go_on.set()
        assert await calls[0] == {"n": 1}
    with Recorder(file):
        async with ShopClient(KEY) as other:
            assert await other.account() == {"n": 1}


async def test_call_that_has_not_ended(file: Path, peer: Peer) -> None:
    """A call that is still under way at the end is left out: its outcome is not known."""
    peer.always = lambda _: peer.HANG
    async with ShopClient(KEY, base_url=peer.base_url) as shop:
        with Recorder(file) as recorder:
            recorder.attach(shop)
            call = asyncio.create_task(shop.account())
            await peer.until(1)
        call.cancel()
        await asyncio.wait([call])
    assert '"exchanges": []' in content(file)


async def test_login_code_by_the_name_on_the_wire(file: Path) -> None:
    """The code of a login is masked in a recording and in the requests, also if `call` sends it."""
    body = {"oa_id": "1", "code": "canary-code"}
    refusal = RawResponse({"code": "invalid_argument", "msg": "canary-code is used"}, 400)
    wire_name = "Zalo/ConnectOA"
    with ScriptedTransport() as script, Recorder(file):
        script.reply(wire_name, refusal, times=2)
        async with ShopClient(script.shop_key) as shop:
            for call in (lambda: shop.zalo.accounts.connect(**body), lambda: shop.call(wire_name, body)):
                with pytest.raises(errors.InvalidArgumentError):
                    await call()
    assert "canary-code" not in content(file)
    assert content(file).count('"code": "invalid_argument"') == 2
    assert "canary-code" not in repr(script.requests)


async def test_clock_of_the_test(file: Path) -> None:
    """Clients that follow the test's clock do so in a recording and in a replay."""
    throttled = Fault(kind="status", status=429, retry_after=40, times=1)
    for is_replay in (False, True):
        async with sandbox(faults=[throttled]) as service:
            with DrivenClock() as clock, Recorder(file) as recorder:
                async with ShopClient(service.shop_key, base_url=service.base_url) as shop:
                    await shop.users.list()
        assert recorder.is_replay is is_replay
        assert clock.waits == [40.0]
    with Recorder(file) as recorder:
        async with ShopClient(KEY) as shop:
            await shop.users.list()
    assert recorder.clock.waits == [40.0]


async def test_client_after_the_end(file: Path) -> None:
    """A client that was made inside works after the end, and nothing more is kept of its calls."""
    async with sandbox() as service:
        with Recorder(file) as recorder:
            shop = ShopClient(service.shop_key, base_url=service.base_url)
            await shop.users.list()
        await shop.users.list()
        assert len(recorder._exchanges) == 1
        await shop.close()


async def test_statistics_and_closing(file: Path) -> None:
    """A client that is recorded reuses its connections, counts them and closes them."""
    async with sandbox() as service:
        with Recorder(file):
            shop = ShopClient(service.shop_key, base_url=service.base_url)
            await shop.users.list()
            await shop.users.list()
            assert shop.stats().connections_reused == 1
            assert shop._engine.transport.loops() == [asyncio.get_running_loop()]
            await shop.close()
            with pytest.raises(errors.ClientClosedError):
                await shop.users.list()


async def test_message_with_its_own_id(file: Path) -> None:
    """The client makes a new id for each message, and a replay returns that of its own request."""

    async def send(shop: ShopClient, oa_id: str, template_id: int) -> tuple[Any, Any]:
        sent = await shop.zns.messages.send(
            oa_id=oa_id,
            phone="0901234567",
            template_id=template_id,
            template_data={"customer_name": "Lê An", "order_code": "A-1"},
        )
        return sent.msg_id, sent.tracking_id

    async with sandbox() as service:
        async with ShopClient(service.shop_key, base_url=service.base_url) as shop:
            accounts = await shop.zalo.accounts.list()
            oa_id = next(one.oa_id for one in accounts if one.status == "P" and one.is_verified)
            templates = await shop.zns.templates.list(oa_id=oa_id).collect()
            template = next(
                one for one in templates if one.template_status == "ENABLE" and one.type == "text"
            )
        with Recorder(file):
            async with ShopClient(service.shop_key, base_url=service.base_url) as shop:
                first = await send(shop, oa_id, template.template_id)
    with Recorder(file):
        async with ShopClient(KEY) as shop:
            second = await send(shop, oa_id, template.template_id)
    assert first[0] == second[0]
    if first[1]:
        assert re.fullmatch(r"[0-9a-f]{32}", second[1])
    text = content(file)
    assert not first[1] or first[1] not in text
    assert "Lê An" not in text


def test_wrong_arguments(file: Path) -> None:
    """An unknown mode, a single text for several names, and a missing file are refused."""
    mode: Any = "once"
    with pytest.raises(ValueError, match="mode is 'once', not one of auto, record, replay"):
        Recorder(file, mode=mode)
    with pytest.raises(ValueError, match="mask takes several names"):
        Recorder(file, mask="full_name")
    with pytest.raises(ScriptError, match="record it first"), Recorder(file, mode="replay"):
        pass
