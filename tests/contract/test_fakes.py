"""The fakes of `etelecom_async.testing` cannot drift from the client: for each operation, both go one way."""

from __future__ import annotations

import json
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING, Any

import aiohttp
import attrs
import pytest

from etelecom_async import Attachment, PartnerClient, ShopClient, SmsClient
from etelecom_async._core.tracebacks import Hidden
from etelecom_async.operations import OPERATIONS, KeyKind, Operation
from etelecom_async.paging import Page
from etelecom_async.testing import RawResponse, Recorder, ScriptedTransport
from etelecom_async.testing.masks import UNIQUE, Masks
from etelecom_async.testing.results import plain
from etelecom_async.testing.script import body_of
from tests.contract.conftest import ARGUMENTS, FOR_A_NEW_SHOP, World, new_world

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from etelecom_async._core.http.messages import HttpRequest

pytestmark = pytest.mark.filterwarnings("ignore::etelecom_async.ProvisionalOperationWarning")


@attrs.frozen
class Keys:
    """The keys and URLs of a peer."""

    base_url: str
    sms_base_url: str
    partner_api_key: str
    shop_api_key: str
    shop_key: str
    new_shop_key: str
    sms_username: str
    sms_password: str

    @classmethod
    def of(cls, peer: Any, new_shop_key: str) -> Keys:
        """Return the keys of a sandbox or of a script."""
        names = [field.name for field in attrs.fields(cls) if field.name != "new_shop_key"]
        return cls(new_shop_key=new_shop_key, **{name: getattr(peer, name) for name in names})


class Callers:
    """Clients with each kind of key."""

    def __init__(self, keys: Keys) -> None:
        self._keys = keys
        self._clients: dict[str, Any] = {}

    def engine(self, row: Operation[Any, Any]) -> Any:
        """Return the engine that may call an operation."""
        kind = min(row.callers)
        name = row.name if row.name in FOR_A_NEW_SHOP else kind
        if name not in self._clients:
            self._clients[name] = self._client(kind, is_new=row.name in FOR_A_NEW_SHOP)
        return self._clients[name]._engine

    def _client(self, kind: KeyKind, *, is_new: bool) -> Any:
        keys = self._keys
        if kind is KeyKind.USERNAME_PASSWORD:
            return SmsClient(keys.sms_username, keys.sms_password, base_url=keys.sms_base_url)
        if kind is KeyKind.PARTNER_API_KEY:
            return PartnerClient(keys.partner_api_key, base_url=keys.base_url)
        partners = keys.new_shop_key if is_new else keys.shop_key
        return ShopClient(
            keys.shop_api_key if kind is KeyKind.SHOP_API_KEY else partners, base_url=keys.base_url
        )

    async def call(self, name: str, body: Any) -> Any:
        """Return the result of an operation, as its method returns it."""
        row = OPERATIONS[name]
        return await self.engine(row).call(row, body)

    def request(self, name: str, body: Any) -> HttpRequest:
        """Return the request of a call."""
        row = OPERATIONS[name]
        request: HttpRequest = self.engine(row)._prepare(row, Hidden(body))
        return request

    async def close(self) -> None:
        """Close all clients."""
        for client in self._clients.values():
            await client.close()


@asynccontextmanager
async def callers(keys: Keys) -> AsyncIterator[Callers]:
    """Yield clients, and close them."""
    async with AsyncExitStack() as stack:
        clients = Callers(keys)
        stack.push_async_callback(clients.close)
        yield clients


def bodies(world: World) -> Iterator[tuple[str, Any]]:
    """Yield each operation with the arguments of a call, without those that the client adds."""
    for name in OPERATIONS:
        body = ARGUMENTS[name](world)
        if isinstance(body, aiohttp.FormData):
            body = {"type": "image", "oa_id": world.oa["oa_id"], "file": Attachment(b"abc", name="a.png")}
        added = world.account if OPERATIONS[name].credentials else {}
        fields = {field: value for field, value in body.items() if field.lower() not in added}
        request = OPERATIONS[name].request
        yield name, fields if request is dict else request.from_dict(fields)


async def test_scripted_replies_give_the_results_of_the_sandbox() -> None:
    """For each operation, the result of the sandbox as a reply gives the same result; so does its JSON."""
    async with new_world() as world:
        given = list(bodies(world))
        snapshot = world.service.snapshot()
        raw: dict[str, bytes] = {}
        results: dict[str, Any] = {}
        async with callers(Keys.of(world.service, world.new_shop_key)) as clients:
            for name, body in given:
                world.service.restore(snapshot)
                results[name] = await clients.call(name, body)
                world.service.restore(snapshot)
                _, _, raw[name] = await world.request(name, ARGUMENTS[name](world))

    with ScriptedTransport() as script:
        async with callers(Keys.of(script, script.shop_key)) as clients:
            for name, body in given:
                sent = json.loads(raw[name])
                row = OPERATIONS[name]
                script.reply(name, results[name], sent, RawResponse(sent))
                by_model, by_fields, by_bytes = [await clients.call(name, body) for _ in range(3)]
                assert type(by_model) is type(results[name])
                assert plain(by_model) == plain(results[name]), name
                assert plain(by_fields) == plain(by_bytes), name
                assert isinstance(by_fields, Page if row.items else row.results), name
    assert script.requests.counts == dict.fromkeys(OPERATIONS, 3)


async def test_a_recording_replays_every_operation(tmp_path: Path) -> None:
    """The replay of a recording gives the masked results of the sandbox, for every operation."""
    file = tmp_path / "all.json"
    recorded: dict[str, Any] = {}
    async with new_world() as world:
        given = list(bodies(world))
        keys = Keys.of(world.service, world.new_shop_key)
        snapshot = world.service.snapshot()
        with Recorder(file, mode="record") as recorder:
            assert not recorder.is_replay
            async with callers(keys) as clients:
                for name, body in given:
                    world.service.restore(snapshot)
                    recorded[name] = await clients.call(name, body)

    with Recorder(file, mode="replay"):
        async with callers(keys) as clients:
            for name, body in given:
                result = await clients.call(name, body)
                assert type(result) is type(recorded[name])
                request = clients.request(name, body)
                masks = Masks.of(request, body_of(request), frozenset())
                expected, found = masks.apply(plain(recorded[name])), plain(result)
                # The id that the client makes differs in each run.
                for fields in (expected, found):
                    if OPERATIONS[name].tracking in fields:
                        fields[OPERATIONS[name].tracking] = UNIQUE
                assert found == expected, name

    text = file.read_text(encoding="utf-8")
    for secret in attrs.asdict(keys).values():
        assert secret not in text or secret == keys.sms_username
    assert "127.0.0.1" not in text
