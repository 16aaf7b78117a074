"""Stored keys: loaded once, stored when the server returns them, replaced when the server refuses them."""

from __future__ import annotations

import asyncio
import traceback
from collections import Counter
from collections.abc import AsyncIterator, Callable
from typing import TYPE_CHECKING, Any

import attrs
import pytest
from pydantic import SecretStr

from etelecom_async import (
    ConfigurationError,
    InvalidRequestError,
    KeyKindError,
    PartnerClient,
    Secret,
    ShopClient,
    attempt_hook,
)
from etelecom_async.errors import (
    KeyStoreError,
    LoginRequiredError,
    PermissionDeniedError,
    ShopNotConnectedError,
    UnauthenticatedError,
)
from etelecom_async.key_store import FileKeyStore

if TYPE_CHECKING:
    from tests.conftest import Asked, LoopClock, Peer, Reply, Waits

SHOP_ID = "1052570182707778180"
OLD, NEW = (f"shop{SHOP_ID}:canary-{age}-key" for age in ("old", "new"))
LOGIN = "https://example.com/login?token=request:canary-login"
URL = "https://example.com/connected"
SHOP = {"id": SHOP_ID, "name": "Mây", "token": "of a file"}


@attrs.define
class Memory:
    """A key store of a user, without types of the SDK; it counts its uses."""

    keys: dict[str, Any] = attrs.field(factory=lambda: {SHOP_ID: OLD})
    uses: Counter[str] = attrs.field(factory=Counter)
    fails: tuple[str, ...] = ()
    hangs: tuple[str, ...] = ()
    on_hang: Callable[[], object] = int

    async def get(self, shop_id: str) -> Any:
        """Return the key of a shop."""
        await self._use("get")
        return self.keys.get(shop_id)

    async def put(self, shop_id: str, key: Secret) -> None:
        """Store a key."""
        await self._use("put")
        self.keys[shop_id] = key.reveal()

    async def _use(self, method: str) -> None:
        self.uses[method] += 1
        if method in self.hangs:
            self.on_hang()
            await asyncio.Event().wait()
        if method in self.fails:
            raise OSError(f"cannot {method}: canary")


@attrs.define
class Service:
    """The server: it knows one key, and answers AuthorizeShop as a test says."""

    peer: Peer
    key: str = OLD
    answer: Callable[[], Reply] | None = None
    calls: Counter[str] = attrs.field(factory=Counter)

    def respond(self, request: Asked) -> Reply:
        """Return the response to a request."""
        name = request.path.rpartition("/")[2]
        self.calls[name] += 1
        if name == "AuthorizeShop":
            assert request.json == {"shop_id": SHOP_ID, "redirect_url": URL}
            return self.answer() if self.answer else self.new_key()
        if request.headers["authorization"] != f"Bearer {self.key}":
            return self.peer.refusal("unauthenticated", 401)
        return self.peer.json(SHOP)

    def new_key(self) -> Reply:
        """Return the response with the key that the server knows."""
        return self.peer.json({"code": "ok", "type": "shop_key", "auth_token": self.key, "expires_in": -1})

    def login(self) -> Reply:
        """Return the response with the page for the login."""
        return self.peer.json({"code": "ok", "type": "shop_request", "expires_in": 900, "auth_url": LOGIN})


@pytest.fixture
def service(peer: Peer) -> Service:
    """A server that knows the old key."""
    service = Service(peer)
    peer.always = service.respond
    return service


@pytest.fixture
def store() -> Memory:
    """A store with the old key."""
    return Memory()


@pytest.fixture
async def partner(peer: Peer, store: Memory, waits: Waits) -> AsyncIterator[PartnerClient]:
    """A partner's client with the store."""
    async with PartnerClient(
        "a-partner-key", base_url=peer.base_url, key_store=store, redirect_url=URL
    ) as client:
        waits.govern(client)
        yield client


def shown(error: BaseException) -> str:
    """Return an error with its causes, and with the locals of our frames."""
    whole = traceback.TracebackException.from_exception(error, capture_locals=True)
    frames = [
        frame
        for frame in whole.stack
        if "/etelecom_async/" in frame.filename and "tests" not in frame.filename
    ]
    return "".join([str(error), repr(vars(error)), *(str(frame.locals) for frame in frames)])


class TestLoading:
    """`shop()` loads the key on the first call."""

    async def test_first_call(self, service: Service, store: Memory, partner: PartnerClient) -> None:
        """The store is read once for all clients of the shop; each call sends the key."""
        shop = partner.shop(SHOP_ID)
        assert isinstance(shop, ShopClient)
        assert store.uses == {}
        results = await asyncio.gather(*(partner.shop(SHOP_ID).current() for _ in range(10)), shop.current())
        assert {result.name for result in results} == {"Mây"}
        assert (service.calls, store.uses) == ({"CurrentShop": 11}, {"get": 1})
        assert "canary" not in f"{shop!r} {partner!r} {shop._engine!r} {partner._engine!r}"

    async def test_options_and_limits(self, service: Service, partner: PartnerClient) -> None:
        """A copy with options keeps the key; all clients of a shop share their limits and statistics."""
        attempts: list[Any] = []
        await partner.shop(SHOP_ID).with_options(hooks=[attempt_hook(attempts.append)]).current()
        await partner.shop(SHOP_ID).call("Shop/CurrentShop", {})
        assert [attempt.operation for attempt in attempts] == ["shop.current"]
        assert partner.shop(SHOP_ID).stats() == partner.shop(SHOP_ID).stats()
        assert service.calls == {"CurrentShop": 2}

    async def test_list(self, peer: Peer, service: Service, partner: PartnerClient) -> None:
        """A list works, and its checkpoint belongs to the shop, so that it outlives the key."""
        peer.always = lambda _: peer.json(
            {"extensions": [{"id": str(len(peer.requests))}], "paging": {"next": "n" * len(peer.requests)}}
        )
        shop, same = partner.shop(SHOP_ID), partner.for_shop(NEW)
        pager = shop.extensions.list()
        async for _ in pager:
            break
        checkpoint = pager.checkpoint()
        resumed = same.extensions.list(resume=checkpoint)
        assert (await anext(aiter(resumed))).id == "2"
        assert service.calls == {}

    async def test_no_key(self, service: Service, store: Memory, partner: PartnerClient) -> None:
        """A shop without a key gets an error that names `connect`; the store is asked again later."""
        store.keys.clear()
        for _ in range(2):
            with pytest.raises(
                ShopNotConnectedError, match=r"no key is stored for shop .*shops\.connect"
            ) as caught:
                await partner.shop(SHOP_ID).current()
        assert (caught.value.shop_id, caught.value.operation) == (SHOP_ID, "shop.current")
        store.keys[SHOP_ID] = OLD
        await partner.shop(SHOP_ID).current()
        assert (service.calls, store.uses) == ({"CurrentShop": 1}, {"get": 3})

    @pytest.mark.parametrize("shop_id", ["", "abc", "-1", "1 ", "\u0661", OLD, None, 12414, True], ids=ascii)
    def test_wrong_id(self, partner: PartnerClient, shop_id: Any) -> None:
        """The id of a shop is a text of digits."""
        with pytest.raises(InvalidRequestError, match="shop_id takes the id of a shop") as caught:
            partner.shop(shop_id)
        assert "canary" not in str(caught.value)

    @pytest.mark.parametrize(
        ("key", "kind", "text"),
        [
            ("", ConfigurationError, "the key in the key store is empty"),
            (5, ConfigurationError, "key_store.get returned int"),
            (
                f"Bearer {OLD}",
                ConfigurationError,
                "the key in the key store starts with an authorization scheme",
            ),
            ("1161512386239479010:canary-key", KeyKindError, "a shop's own api_key"),
            ("request:canary-key", KeyKindError, "request token"),
            (Secret.from_export("****"), ConfigurationError, "was pickled or exported without its text"),
        ],
        ids=["empty", "number", "header", "shop's own", "token", "masked"],
    )
    async def test_wrong_key(
        self, store: Memory, partner: PartnerClient, key: Any, kind: type[Exception], text: str
    ) -> None:
        """A value that cannot be a partner's key for a shop is never sent, and not shown."""
        store.keys[SHOP_ID] = key
        with pytest.raises(kind, match=text) as caught:
            await partner.shop(SHOP_ID).current()
        assert "canary" not in shown(caught.value)

    async def test_store_that_fails(self, store: Memory, partner: PartnerClient) -> None:
        """An exception of the user's class is the cause of an error that does not quote it."""
        store.fails = ("get",)
        with pytest.raises(KeyStoreError, match=r"key_store\.get raised OSError") as caught:
            await partner.shop(SHOP_ID).current()
        assert isinstance(caught.value.__cause__, OSError)
        assert "canary" not in str(caught.value)

    async def test_store_that_hangs(
        self, service: Service, store: Memory, loop_clock: LoopClock, partner: PartnerClient
    ) -> None:
        """A call waits for the store no longer than its deadline, also if another call uses the store."""
        store.hangs, store.on_hang = ("get",), lambda: loop_clock.advance(20)
        hasty = partner.with_options(deadline=15).shop(SHOP_ID)
        for error in await asyncio.gather(hasty.current(), hasty.current(), return_exceptions=True):
            assert isinstance(error, KeyStoreError)
            assert "shop.current: key_store.get took longer than 15 s" in str(error)
            assert error.__cause__ is None
        store.hangs = ()
        assert (await hasty.current()).id == SHOP_ID
        assert service.calls == {"CurrentShop": 1}

    async def test_key_of_another_library(
        self, service: Service, store: Memory, partner: PartnerClient
    ) -> None:
        """A store may return the secret of another library."""
        store.keys[SHOP_ID] = SecretStr(OLD)
        await partner.shop(SHOP_ID).current()
        assert service.calls == {"CurrentShop": 1}

    async def test_store_without_async(self, peer: Peer) -> None:
        """A store whose methods are not asynchronous is refused with the remedy."""

        class Plain:
            get = put = staticmethod(lambda *_: OLD)

        store: Any = Plain()
        async with PartnerClient("a-partner-key", base_url=peer.base_url, key_store=store) as partner:
            with pytest.raises(ConfigurationError, match=r"key_store\.get is not an async method"):
                await partner.shop(SHOP_ID).current()


class TestStoring:
    """The client stores each key that the server returns."""

    async def test_authorize(self, service: Service, store: Memory, partner: PartnerClient) -> None:
        """The key of `authorize` is stored, and used from then on."""
        await partner.shop(SHOP_ID).current()
        service.key = NEW
        await partner.with_options(deadline=5).shops.authorize(shop_id=SHOP_ID, redirect_url=URL)
        assert store.keys == {SHOP_ID: NEW}
        await partner.shop(SHOP_ID).current()
        assert service.calls == {"CurrentShop": 2, "AuthorizeShop": 1}

    async def test_login_is_not_stored(self, service: Service, store: Memory, partner: PartnerClient) -> None:
        """A page for the login changes nothing in the store."""
        service.answer = service.login
        await partner.shops.authorize(shop_id=SHOP_ID, redirect_url=URL)
        assert (store.keys, store.uses) == ({SHOP_ID: OLD}, {})

    async def test_create(self, peer: Peer, store: Memory, partner: PartnerClient) -> None:
        """The key of a new shop is stored; a result without id or key is not."""
        peer.respond_with(
            peer.json({"shop_key": "shop7:new", "shop": {"id": "7"}}),
            peer.json({"shop_key": "shop8:new", "shop": {}}),
            peer.json({"shop": {"id": "9"}}),
        )
        for _ in range(3):
            await partner.shops.create({"name": "Gió"})
        assert store.keys == {SHOP_ID: OLD, "7": "shop7:new"}

    async def test_key_that_cannot_be_stored(self, peer: Peer, store: Memory, partner: PartnerClient) -> None:
        """The error has the result, so that the key of a new shop is not lost."""
        store.fails = ("put",)
        peer.respond_with(peer.json({"shop_key": "shop7:canary-new-key", "shop": {"id": "7"}}))
        with pytest.raises(
            KeyStoreError, match=r"its key was not stored: key_store\.put raised OSError"
        ) as caught:
            await partner.shops.create({"name": "Gió"})
        assert caught.value.result.shop_key == Secret("shop7:canary-new-key")
        assert caught.value.operation == "partner.shops.create"
        assert "canary" not in shown(caught.value)

    async def test_store_that_hangs(
        self, service: Service, store: Memory, loop_clock: LoopClock, partner: PartnerClient
    ) -> None:
        """A store that hangs does not hold the result of the call longer than the deadline."""
        store.hangs, store.on_hang = ("put",), lambda: loop_clock.advance(20)
        with pytest.raises(
            KeyStoreError, match=r"not stored: key_store\.put took longer than 15 s"
        ) as caught:
            await partner.with_options(deadline=15).shops.authorize(shop_id=SHOP_ID, redirect_url=URL)
        assert caught.value.__cause__ is None
        assert caught.value.result.shop_key == Secret(OLD)
        assert service.calls == {"AuthorizeShop": 1}

    async def test_file_that_cannot_be_written(self, peer: Peer, service: Service, tmp_path: Any) -> None:
        """The reason of the file store is in the error."""
        store = FileKeyStore(tmp_path / "absent" / "keys.json")
        async with PartnerClient("a-partner-key", base_url=peer.base_url, key_store=store) as partner:
            with pytest.raises(KeyStoreError, match=r"its key was not stored: .*No such file"):
                await partner.shops.authorize(shop_id=SHOP_ID, redirect_url=URL)
        assert service.calls == {"AuthorizeShop": 1}

    async def test_put_without_async(self, peer: Peer, service: Service) -> None:
        """A `put` that is not asynchronous is refused with the remedy."""

        class HalfAsync(Memory):
            def put(self, *_: Any) -> None:  # type: ignore[override]
                pass

        async with PartnerClient("a-partner-key", base_url=peer.base_url, key_store=HalfAsync()) as partner:
            with pytest.raises(ConfigurationError, match=r"key_store\.put is not an async method"):
                await partner.shops.authorize(shop_id=SHOP_ID, redirect_url=URL)
        assert service.calls == {"AuthorizeShop": 1}


class TestRenewal:
    """A refused key is replaced, and the refused calls are repeated once."""

    async def test_together(self, service: Service, store: Memory, partner: PartnerClient) -> None:
        """Calls of any effect that are refused together ask once, and each is repeated once."""
        service.key = NEW
        shop = partner.shop(SHOP_ID)
        calls = [shop.current() for _ in range(32)]
        creations = [shop.call("Any/Create", {}) for _ in range(32)]
        results = await asyncio.gather(*calls, *creations)
        assert len(results) == 64
        assert service.calls == {"CurrentShop": 64, "Create": 64, "AuthorizeShop": 1}
        assert (store.keys, store.uses) == ({SHOP_ID: NEW}, {"get": 2, "put": 1})
        await shop.current()
        assert service.calls["AuthorizeShop"] == 1

    async def test_key_of_another_process(
        self, service: Service, store: Memory, partner: PartnerClient
    ) -> None:
        """A newer key in the store is used before the server is asked."""
        shop = partner.shop(SHOP_ID)
        await shop.current()
        service.key = store.keys[SHOP_ID] = NEW
        await shop.current()
        assert service.calls == {"CurrentShop": 3}

    async def test_login_required(self, service: Service, store: Memory, partner: PartnerClient) -> None:
        """All refused calls get the page for the login, from one request; later calls ask again."""
        service.key, service.answer = NEW, service.login
        shop = partner.shop(SHOP_ID)
        errors = await asyncio.gather(*(shop.current() for _ in range(64)), return_exceptions=True)
        assert {type(error) for error in errors} == {LoginRequiredError}
        error: Any = errors[0]
        assert error.auth_url == Secret(LOGIN)
        assert (error.shop_id, error.operation, error.may_have_happened) == (SHOP_ID, "shop.current", False)
        assert isinstance(error.__cause__, UnauthenticatedError)
        assert "canary" not in shown(error)
        assert service.calls == {"CurrentShop": 64, "AuthorizeShop": 1}

        service.answer = None  # the owner has logged in
        assert (await shop.current()).name == "Mây"
        assert (service.calls["AuthorizeShop"], store.keys) == (2, {SHOP_ID: NEW})

    async def test_login_during_a_call(self, service: Service, partner: PartnerClient) -> None:
        """A key that came while the renewal failed for others is used."""
        service.key, service.answer = NEW, service.login
        key = partner._engine.keys.of(SHOP_ID)  # type: ignore[attr-defined]
        began = key.renewals
        with pytest.raises(LoginRequiredError):
            await partner.shop(SHOP_ID).current()
        service.answer = None
        await partner.shops.authorize(shop_id=SHOP_ID, redirect_url=URL)
        assert await key.renew(Secret(OLD), began, lambda *_: pytest.fail("asked")) == Secret(NEW)

    async def test_new_key_is_refused_too(self, service: Service, partner: PartnerClient) -> None:
        """A call is repeated once; its error counts all attempts."""
        service.answer = lambda: service.peer.json({"type": "shop_key", "auth_token": f"shop{SHOP_ID}:third"})
        service.key = NEW
        with pytest.raises(UnauthenticatedError) as caught:
            await partner.shop(SHOP_ID).current()
        assert service.calls == {"CurrentShop": 2, "AuthorizeShop": 1}
        assert len(caught.value.attempts) == 2

    @pytest.mark.parametrize("answer", ["denied", "no key"])
    async def test_renewal_that_fails(self, service: Service, partner: PartnerClient, answer: str) -> None:
        """The refusal is raised with the reason: the caller's call has failed, not another one."""
        service.key = NEW
        service.answer = {
            "denied": lambda: service.peer.refusal("permission_denied", 403),
            "no key": lambda: service.peer.json({"type": "shop_key"}),
        }[answer]
        with pytest.raises(
            UnauthenticatedError, match="The client asked for a new key, which failed: "
        ) as caught:
            await partner.shop(SHOP_ID).current()
        assert caught.value.operation == "shop.current"
        assert ("permission_denied" in str(caught.value)) == (answer == "denied")
        assert not isinstance(caught.value, PermissionDeniedError)

    async def test_store_that_fails(self, service: Service, store: Memory, partner: PartnerClient) -> None:
        """
        A new key that cannot be stored is an error; the key itself works for the next call.

        The cause of the error is the exception of the store.
        """
        service.key, store.fails = NEW, ("put",)
        with pytest.raises(KeyStoreError, match=r"key_store\.put raised OSError") as caught:
            await partner.shop(SHOP_ID).current()
        assert isinstance(caught.value.__cause__, OSError)
        assert "canary" not in shown(caught.value)
        assert (await partner.shop(SHOP_ID).current()).name == "Mây"

    async def test_store_with_a_refused_key(
        self, service: Service, store: Memory, partner: PartnerClient
    ) -> None:
        """A key that was refused before is not tried again, if it is still in the store."""
        service.key, store.fails = NEW, ("put",)
        with pytest.raises(KeyStoreError):
            await partner.shop(SHOP_ID).current()
        service.key, store.fails = f"{NEW}er", ()
        assert (await partner.shop(SHOP_ID).current()).name == "Mây"
        assert store.keys == {SHOP_ID: f"{NEW}er"}
        assert service.calls == {"CurrentShop": 3, "AuthorizeShop": 2}

    async def test_without_redirect_url(self, peer: Peer, service: Service, store: Memory) -> None:
        """Without an address for the redirect, the refusal says what to pass. The store is still read."""
        service.key = NEW
        async with PartnerClient("a-partner-key", base_url=peer.base_url, key_store=store) as partner:
            with pytest.raises(UnauthenticatedError, match=r"PartnerClient\(redirect_url=\.\.\.\)"):
                await partner.shop(SHOP_ID).current()
            store.keys[SHOP_ID] = NEW
            await partner.shop(SHOP_ID).current()
        assert service.calls == {"CurrentShop": 3}

    async def test_deadline(self, service: Service, waits: Waits, partner: PartnerClient) -> None:
        """The repeated call has what is left of the deadline; without any, the refusal is raised."""
        service.key = NEW

        def slow() -> Reply:
            waits.at += 500
            return service.new_key()

        service.answer = slow
        with pytest.raises(UnauthenticatedError):
            await partner.with_options(deadline=100).shop(SHOP_ID).current()
        assert service.calls == {"CurrentShop": 1, "AuthorizeShop": 1}
        assert (await partner.with_options(deadline=None).shop(SHOP_ID).current()).name == "Mây"

    async def test_ask_that_takes_too_long(
        self, peer: Peer, service: Service, loop_clock: LoopClock, partner: PartnerClient
    ) -> None:
        """A call does not wait for a new key past its deadline."""
        service.key, service.answer = NEW, lambda: peer.HANG
        peer.on_hang = lambda: loop_clock.advance(20)
        with pytest.raises(UnauthenticatedError, match="took longer than the deadline"):
            await partner.shop(SHOP_ID).with_options(deadline=15).current()

    async def test_cancelled_renewal(self, peer: Peer, service: Service, partner: PartnerClient) -> None:
        """If the call that asks is cancelled, another refused call asks."""
        service.key, service.answer = NEW, lambda: peer.HANG
        first = asyncio.ensure_future(partner.shop(SHOP_ID).current())
        await peer.until(2)
        second = asyncio.ensure_future(partner.shop(SHOP_ID).current())
        await peer.until(3)
        service.answer = None
        first.cancel()
        assert (await second).name == "Mây"
        assert service.calls == {"CurrentShop": 3, "AuthorizeShop": 2}

    async def test_file_that_was_read(self, peer: Peer, service: Service, partner: PartnerClient) -> None:
        """A call with a file that cannot be read again is not repeated."""
        service.key = NEW

        async def pieces(_: int = 0) -> bytes:
            return contents.pop() if contents else b""

        class Stream:
            read = staticmethod(pieces)

        contents = [b"abc"]
        stream: Any = Stream()
        with pytest.raises(UnauthenticatedError):
            await partner.shop(SHOP_ID).zalo.files.upload(file=stream, oa_id="1", type="image")
        await partner.shop(SHOP_ID).zalo.files.upload(file=b"abc", oa_id="1", type="image")
        assert service.calls == {"UploadFile": 3, "AuthorizeShop": 1}
        assert peer.requests[-1].headers["authorization"] == f"Bearer {NEW}"

    async def test_call_that_may_have_happened(
        self, peer: Peer, service: Service, partner: PartnerClient
    ) -> None:
        """A refusal after a lost response is not repeated: the first attempt may have been executed."""
        service.key = NEW
        await partner.shop(SHOP_ID)._engine.key.load(within=5)  # type: ignore[attr-defined]
        peer.respond_with(peer.DROP)
        with pytest.raises(UnauthenticatedError) as caught:
            await partner.shop(SHOP_ID).webhooks.delete(id="1")
        assert caught.value.may_have_happened
        assert service.calls == {"DeleteWebhook": 1}


class TestArguments:
    """The arguments of the client."""

    @pytest.mark.parametrize(
        "store",
        ["keys.json", 5, FileKeyStore, {"get": 1, "put": 2}, object()],
        ids=["path", "number", "class", "dict", "object"],
    )
    def test_wrong_store(self, store: Any) -> None:
        """A key store has the two methods; a path or a class is not one."""
        with pytest.raises(ConfigurationError, match=r"key_store takes an object .*FileKeyStore\(path\)"):
            PartnerClient("a-partner-key", key_store=store)

    @pytest.mark.parametrize("url", ["", "example.com", 5, "ftp://example.com"], ids=repr)
    def test_wrong_redirect_url(self, store: Memory, url: Any) -> None:
        """The address of the redirect is a web address."""
        with pytest.raises(ConfigurationError, match="redirect_url is not a web address"):
            PartnerClient("a-partner-key", key_store=store, redirect_url=url)

    def test_redirect_url_without_store(self) -> None:
        """An address without a key store has no use, so it is a mistake."""
        with pytest.raises(ConfigurationError, match=r"pass key_store=\.\.\., too"):
            PartnerClient("a-partner-key", redirect_url=URL)

    def test_shop_without_store(self) -> None:
        """`shop()` without a key store says what to pass, and names `for_shop`."""
        with pytest.raises(ConfigurationError, match=r"PartnerClient\(key_store=.*use for_shop\(shop_key\)"):
            PartnerClient("a-partner-key").shop(SHOP_ID)
