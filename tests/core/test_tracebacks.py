"""
Test the boundary: internal frames of an exception show the caller no key, password or phone number.

`ENTRIES` are the public entry points of the SDK; `ENDS` are the possible ends of each. The tests scan every
frame of the whole exception chain, and the SDK's log records. Frames of the caller's code stay.
"""

from __future__ import annotations

import asyncio
import logging
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from types import FrameType, TracebackType
from typing import TYPE_CHECKING, Any, cast

import pytest

from etelecom_async import (
    Call,
    CallObserver,
    OutcomeUnknownError,
    PartnerClient,
    Secret,
    ShopClient,
    SmsClient,
    Tls,
    errors,
)
from etelecom_async._core.tracebacks import Hidden, boundary, cleaned
from etelecom_async.softphone import SoftphoneAccount

if TYPE_CHECKING:
    from tests.conftest import Peer, Waits

KEY = "shop1161512386239479010:canary-key-1f2e"
OWN_KEY = "1161512386239479010:canary-key-1f2e"
PASSWORD = "canary-password-3d4c"
PHONE = "0901234567"
CANARIES = ("canary-key-1f2e", PASSWORD, PHONE)


def links(error: BaseException) -> Iterator[BaseException]:
    """Return an exception with all its causes, contexts (suppressed ones too) and members of groups."""
    seen: set[int] = set()
    waiting: list[BaseException | None] = [error]
    while waiting:
        link = waiting.pop()
        if link is None or id(link) in seen:
            continue
        seen.add(id(link))
        waiting += [link.__cause__, link.__context__, *getattr(link, "exceptions", ())]
        yield link


def frames(trace: TracebackType | None) -> Iterator[FrameType]:
    """Return the frames of a traceback."""
    while trace is not None:
        yield trace.tb_frame
        trace = trace.tb_next


def leaks(error: BaseException) -> list[str]:
    """Return where an exception shows a canary: in frames outside of this file, in its text or its fields."""
    found: list[str] = []
    for link in links(error):
        for frame in frames(link.__traceback__):
            if frame.f_code.co_filename == __file__:
                continue
            shown = repr(frame.f_locals)
            found += [
                f"{frame.f_code.co_qualname}: {canary} in {shown}" for canary in CANARIES if canary in shown
            ]
        output = f"{link!r} {link} {vars(link)}"
        found += [f"{type(link).__name__}: {canary} in {output}" for canary in CANARIES if canary in output]
    return found


def leaks_of_log(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Return the log records of the SDK that show a canary."""
    found = [canary for canary in CANARIES if canary in caplog.text]
    for record in caplog.records:
        if record.exc_info and record.exc_info[1]:
            found += leaks(record.exc_info[1])
        found += [canary for canary in CANARIES if canary in repr(vars(record))]
    return found


def caller_s_frames(error: BaseException) -> list[str]:
    """Return the functions of this file in the traceback."""
    return [
        frame.f_code.co_name for frame in frames(error.__traceback__) if frame.f_code.co_filename == __file__
    ]


async def call(shop: ShopClient) -> object:
    """Call a generated method."""
    return await shop.users.create(full_name="Lê Ánh", phone=PHONE, password=PASSWORD)


async def call_with_secret(shop: ShopClient) -> object:
    """Call a generated method that takes a `Secret`."""
    return await shop.users.create(full_name="Lê Ánh", phone=PHONE, password=Secret(PASSWORD))


async def open_call(shop: ShopClient) -> object:
    """Call an operation by its wire name."""
    return await shop.call("Any/Create", {"phone": PHONE, "password": PASSWORD})


async def read(shop: ShopClient) -> object:
    """Make a read."""
    return await shop.zalo.consents.check(oa_id="1", phone=PHONE)


async def awaited_list(shop: ShopClient) -> object:
    """Get one page."""
    return await shop.users.list(phone=PHONE)


async def iterated_list(shop: ShopClient) -> object:
    """Iterate over every item."""
    return [user async for user in shop.users.list(phone=PHONE)]


async def pages(shop: ShopClient) -> object:
    """Iterate over the pages, with prefetching."""
    return [page async for page in shop.users.list(phone=PHONE, prefetch=2).pages()]


async def collected_list(shop: ShopClient) -> object:
    """Collect all items in a list."""
    return await shop.users.list(phone=PHONE).collect()


async def mapped(shop: ShopClient) -> object:
    """Make many calls, whose errors are values."""
    rows = [{"full_name": "Lê Ánh", "phone": PHONE, "password": PASSWORD}] * 2
    async for done in shop.map(lambda row: shop.users.create(**row), rows):
        if done.error is not None:
            assert leaks(done.error) == []
            done.unwrap()
    return None


async def with_options(shop: ShopClient) -> object:
    """Make a copy of the client."""
    return await call(shop.with_options(deadline=50))


async def for_shop(shop: ShopClient) -> object:
    """Make a client for a shop from a partner's client."""
    async with PartnerClient("partner-key", base_url=shop._engine.identity.base_url) as partner:
        client = partner.for_shop(KEY)
        client._engine.options = shop._engine.options
        if shop._engine.transport._closed:
            await partner.close()
        return await call(client)


class Store:
    """Key store with the canary as the key of each shop."""

    async def get(self, _: str) -> Secret:
        """Return the key."""
        return Secret(KEY)

    async def put(self, _: str, key: Secret) -> None:
        """Forget a key."""


async def stored_key(shop: ShopClient) -> object:
    """Make a client for a shop whose key comes from a key store."""
    base_url = shop._engine.identity.base_url
    async with PartnerClient("partner-key", base_url=base_url, key_store=Store()) as partner:
        client = partner.shop("1161512386239479010")
        client._engine.options = shop._engine.options
        if shop._engine.transport._closed:
            await partner.close()
        return await call(client)


async def verified(shop: ShopClient) -> object:
    """Verify whether a lost call was executed."""
    if shop._engine.transport._closed:
        return await call(shop)
    with pytest.raises(OutcomeUnknownError) as caught:
        await call(shop)
    assert leaks(caught.value) == []
    return await caught.value.verify()


ENTRIES: list[Callable[[ShopClient], Awaitable[object]]] = [
    call,
    call_with_secret,
    open_call,
    read,
    awaited_list,
    iterated_list,
    pages,
    collected_list,
    mapped,
    with_options,
    for_shop,
    stored_key,
    verified,
]


class Failing(CallObserver):
    """Observer that raises an exception in each method."""

    def attempt_started(self, number: int) -> None:
        """Raise an exception."""
        raise ZeroDivisionError(number)

    def attempt_ended(self, attempt: object) -> None:
        """Raise an exception."""
        raise ZeroDivisionError(str(attempt))

    def call_ended(self, end: object) -> None:
        """Raise an exception."""
        raise ZeroDivisionError(str(end))


@pytest.fixture
async def shop(peer: Peer, waits: Waits) -> AsyncIterator[ShopClient]:
    """A client with canaries as secrets."""
    async with ShopClient(KEY, base_url=peer.base_url, retries=1) as client:
        waits.govern(client)
        yield client


async def end(peer: Peer, shop: ShopClient, how: str, entry: Callable[[ShopClient], Any]) -> BaseException:
    """Run an entry to its end, and return the exception."""
    page = {"account_users": [{"user_id": "1", "phone": PHONE}], "paging": {"next": "n"}}
    if how.startswith("failing hook"):
        shop = shop.with_options(hooks=[lambda _: Failing()])
    if how == "late":  # the second page fails, so the first page is in the frames
        peer.respond_with(peer.json(page))
    match how.removeprefix("failing hook, "):
        case "API error" | "late":
            peer.always = lambda request: peer.json({"code": "aborted", "msg": request.body.decode()}, 409)
        case "lost":
            peer.always = lambda _: peer.DROP
        case "decode error":
            peer.always = lambda request: peer.json([request.body.decode()])
        case "closed":
            await shop.close()
        case _:
            peer.always = lambda _: peer.HANG
    if entry is verified and how != "closed":
        peer.respond_with(peer.DROP)
    task = asyncio.create_task(entry(shop))
    if "cancelled in flight" in how:
        await peer.until(2 if entry is verified else 1)
        task.cancel()
    await asyncio.wait([task])
    if task.cancelled():
        with pytest.raises(asyncio.CancelledError) as cancelled:
            task.result()
        return cancelled.value
    error = task.exception()
    assert error is not None
    return error


ENDS = [
    "API error",
    "late",
    "lost",
    "decode error",
    "closed",
    "cancelled in flight",
    "failing hook, API error",
    "failing hook, lost",
    "failing hook, cancelled in flight",
]


WALKS = [iterated_list, pages, collected_list]


@pytest.mark.parametrize(
    ("how", "entry"),
    [
        pytest.param(how, entry, id=f"{entry.__name__}: {how}")
        for how in ENDS
        for entry in (WALKS if how == "late" else ENTRIES)
    ],
)
async def test_entry(
    peer: Peer, shop: ShopClient, caplog: pytest.LogCaptureFixture, entry: Callable[..., Any], how: str
) -> None:
    """For every entry and every end, no internal frame shows a canary, and the caller's frame stays."""
    caplog.set_level(logging.DEBUG, logger="etelecom_async")
    error = await end(peer, shop, how, entry)
    assert leaks(error) == []
    assert leaks_of_log(caplog) == []
    if "hook" in how:
        assert "a hook failed" in caplog.text
    assert entry.__name__ in caller_s_frames(error)
    assert PASSWORD not in "".join(traceback.TracebackException.from_exception(error).format())


@pytest.mark.parametrize("is_grouped", [False, True])
@pytest.mark.parametrize(
    "make",
    [
        lambda shop: shop.users.create(full_name="Lê Ánh", phone=PHONE, password=PASSWORD),
        lambda shop: shop.call("Any/Create", {"phone": PHONE, "password": PASSWORD}),
        lambda shop: shop.users.list(phone=PHONE).collect(),
        lambda shop: anext(shop.map(shop.call, [{"password": PASSWORD}])),
    ],
    ids=["method", "call", "collect", "map"],
)
async def test_task_that_is_cancelled_before_it_starts(
    shop: ShopClient, make: Callable[[ShopClient], Any], *, is_grouped: bool
) -> None:
    """The traceback of a task that never ran keeps its arguments, but they show nothing, also in groups."""
    if is_grouped:

        async def fail_at_once() -> None:
            async with asyncio.TaskGroup() as group:
                task = group.create_task(as_coroutine(make(shop)))
                tasks.append(task)
                task.cancel()
                raise ZeroDivisionError

        tasks: list[asyncio.Task[Any]] = []
        with pytest.raises(ExceptionGroup) as caught:
            await fail_at_once()
        assert leaks(caught.value) == []
    else:
        tasks = [asyncio.create_task(as_coroutine(make(shop)))]
        tasks[0].cancel()
        await asyncio.wait(tasks)
    with pytest.raises(asyncio.CancelledError) as cancelled:
        tasks[0].result()
    assert leaks(cancelled.value) == []


def as_coroutine(awaitable: Any) -> Any:
    """Return a coroutine for a task: the value itself, or one that awaits it."""
    if asyncio.iscoroutine(awaitable):
        return awaitable

    async def wait() -> object:
        return await awaitable

    return wait()


def softphone() -> SoftphoneAccount:
    """Return an account with the canary as its password."""
    return SoftphoneAccount(user="1", domain="a.example", password=PASSWORD)


WRONG: dict[str, Callable[[], object]] = {
    "unknown option beside a proxy": lambda: ShopClient(
        KEY, proxy=f"http://u:{PASSWORD}@127.0.0.1", dedline=5
    ),
    "proxy of another scheme": lambda: PartnerClient("k", proxy=f"ftp://u:{PASSWORD}@127.0.0.1"),
    "key of the other kind": lambda: PartnerClient(KEY),
    "no web address": lambda: ShopClient(KEY, base_url="nowhere"),
    "wrong option": lambda: ShopClient(KEY, concurrency=0),
    "SMS": lambda: SmsClient("user", PASSWORD, base_url="nowhere"),
    "key password without a certificate": lambda: Tls(key_password=PASSWORD),
    "file that is no path": lambda: Tls(ca_file=5, key_password=PASSWORD),
    "unknown file": lambda: Tls(key_password=PASSWORD, key="k.pem"),
    "unknown option of a copy": lambda: ShopClient(KEY).with_options(proxy=f"http://u:{PASSWORD}@127.0.0.1"),
    "shop's own key for a partner": lambda: PartnerClient("k").for_shop(OWN_KEY),
    "key as a key store": lambda: PartnerClient("k", key_store=KEY),
    "key as the id of a shop": lambda: PartnerClient("k", key_store=Store()).shop(KEY),
    "softphone without a domain": lambda: SoftphoneAccount(user="1", domain="", password=PASSWORD),
    "softphone with a long QR code": lambda: softphone().write_qr("credentials", PASSWORD * 1000),
    "softphone of an unknown program": lambda: softphone().write("credentials", cast("Any", PASSWORD)),
}


@pytest.mark.parametrize("how", WRONG)
def test_constructor(how: str) -> None:
    """A constructor that raises shows none of its arguments, and the caller's frame stays."""
    with pytest.raises((errors.ConfigurationError, errors.InvalidRequestError, TypeError)) as caught:
        WRONG[how]()
    error = caught.value
    assert leaks(error) == []
    assert "<lambda>" in caller_s_frames(error)


@pytest.mark.parametrize("arguments", [{"prefetch": -1}, {"resume": "nonsense"}], ids=str)
@pytest.mark.parametrize("use", ["await", "iterate", "pages", "checkpoint"])
async def test_list_with_invalid_arguments(shop: ShopClient, arguments: dict[str, Any], use: str) -> None:
    """A list with invalid arguments raises when it is used, and no frame shows the arguments."""
    pager = shop.users.list(phone=PHONE, **arguments)

    async def iterate() -> None:
        async for _ in pager:
            pass

    async def await_() -> None:
        await pager

    async def list_pages() -> None:
        pager.pages()

    async def write_checkpoint() -> None:
        pager.checkpoint()

    uses = {"await": await_, "iterate": iterate, "pages": list_pages, "checkpoint": write_checkpoint}
    with pytest.raises(errors.PagingError) as caught:
        await uses[use]()
    assert leaks(caught.value) == []


async def test_frames_of_the_caller_stay(peer: Peer, shop: ShopClient) -> None:
    """An exception in the caller's own code, called by the SDK, keeps the caller's frame and its locals."""

    async def broken() -> AsyncIterator[bytes]:
        mine = "the caller's local"
        yield b"%PDF-1.7"
        raise ValueError(mine)

    upload = shop.zalo.files.upload(file=broken(), oa_id="1", type="image")
    with pytest.raises(errors.InvalidRequestError) as caught:
        await upload
    own = [
        frame
        for link in links(caught.value)
        for frame in frames(link.__traceback__)
        if frame.f_code.co_name == "broken"
    ]
    assert [frame.f_locals["mine"] for frame in own] == ["the caller's local"]
    assert peer.requests == [] or PASSWORD not in repr(peer.requests)


class TestCleaning:
    """Test the functions of the module directly."""

    def test_lines_stay(self) -> None:
        """The traceback still has the internal functions and lines, without their locals."""
        error = refused(lambda: ShopClient(KEY, concurrency=0))
        names = [frame.f_code.co_name for frame in frames(error.__traceback__)]
        assert "__init__" in names
        internal = [frame for frame in frames(error.__traceback__) if frame.f_code.co_filename != __file__]
        assert [frame.f_locals for frame in internal if frame.f_code.co_name == "_start"] == [{}]

    def test_suppressed_context_is_dropped(self) -> None:
        """A context that `from` suppresses is removed, because tools that walk contexts would find it."""
        error = KeyError("output")
        error.__context__ = ValueError(PASSWORD)
        assert cleaned(error).__context__ is not None
        error.__cause__ = None  # as `from None`, this also sets __suppress_context__
        assert cleaned(error).__context__ is None

    def test_chain_with_a_cycle(self) -> None:
        """The search ends for a chain with a cycle."""
        first, second = ValueError("a"), ValueError("b")
        first.__cause__, second.__context__ = second, first
        assert cleaned(first) is first

    def test_group(self) -> None:
        """Members of groups are cleaned too."""
        group = ExceptionGroup("g", [refused(lambda: ShopClient(KEY, concurrency=0)), ValueError()])
        assert leaks(cleaned(group)) == []

    def test_boundary_returns(self) -> None:
        """A function behind the boundary keeps its arguments, its result and its name."""

        @boundary
        def add(one: int, *, other: int) -> int:
            return one + other

        assert add(1, other=2) == 3
        assert add.__name__ == "add"

    def test_hidden(self) -> None:
        """The repr of a hidden value does not show it."""
        assert PASSWORD not in repr(Hidden(PASSWORD))


def refused(make: Callable[[], object]) -> Exception:
    """Return the error of a constructor."""
    with pytest.raises(errors.ConfigurationError) as caught:
        make()
    return caught.value


def test_a_leak_is_found() -> None:
    """A leak in a frame outside of this file is found, so the tests above can fail."""
    namespace: dict[str, Any] = {}
    exec("def leak(password):\n    raise ValueError('x')", namespace)
    with pytest.raises(ValueError, match="x") as caught:
        namespace["leak"](PASSWORD)
    assert len(leaks(caught.value)) == 1


def test_call_is_no_secret() -> None:
    """A hook gets the operation of a call, its server and its limiter, not its arguments."""
    place = {"server_address", "server_port", "limiter"}
    assert set(Call.__annotations__) == {"operation", "wire_name", "effect"} | place
