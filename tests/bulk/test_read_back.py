"""Read back many steps in doubt: what settles them, and with how many requests, over real sockets."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import attrs
import pytest

from etelecom_async import DecodeError, DeliveryError, EtelecomError, PartnerClient, ShopClient, phones
from etelecom_async.bulk.doubt import Found
from etelecom_async.bulk.read_back import Finding, Question, question, read_back
from etelecom_async.bulk.steps import Step, step
from etelecom_async.errors import PermissionDeniedError
from etelecom_async.key_store import FileKeyStore
from etelecom_async.testing import sandbox

if TYPE_CHECKING:
    from tests.conftest import Asked, Peer, Reply, Waits

INTENT = datetime(2026, 1, 2, 12, tzinfo=UTC)
OA = "579745863508352884"
ITEMS = {
    "Zalo/ListMessages": "messages",
    "Etelecom/GetExtensions": "extensions",
    "Shop/GetAccountUsers": "account_users",
}


@attrs.define
class Lists:
    """The lists of a service, newest first, with its filters and pages."""

    peer: Peer
    rows: list[dict[str, Any]] = attrs.field(factory=list)
    asked: list[str] = attrs.field(factory=list)
    """For each read: its method, and the page or the value of the filter."""

    def reply(self, asked: Asked) -> Reply:
        """Respond to a read."""
        wire_name, body = asked.path.partition(".")[2].removeprefix("shop.").rpartition(".")[2], asked.json
        if wire_name == "Etelecom/GetExtensionInfo":
            number = body["extension_number"]
            self.asked.append(f"get {number}")
            found = any(row.get("extension_number") == number for row in self.rows)
            return (
                self.peer.json({"extension_number": number}) if found else self.peer.refusal("not_found", 404)
            )
        conditions = {name: value for name, value in body.get("filter", {}).items() if name != "oa_id"}
        rows = [row for row in self.rows if conditions.items() <= row.items()]
        paging = body.get("paging", {})
        start, limit = int(paging.get("after") or 0), paging.get("limit", 100)
        self.asked.append(" ".join(map(str, conditions.values())) or f"page {start // limit + 1}")
        page = rows[start : start + limit]
        following = {"next": str(start + limit)} if page else {}
        return self.peer.json({ITEMS[wire_name]: page, "paging": following})

    def add(self, *rows: dict[str, Any], age: float = -1.0) -> None:
        """Add rows that are older than the intent by *age* seconds."""
        for row in rows:
            created_at = (INTENT - timedelta(seconds=age)).isoformat()
            self.rows.insert(0, {"id": str(1000 + len(self.rows)), "created_at": created_at, **row})


@pytest.fixture
def lists(peer: Peer) -> Lists:
    """The lists that the peer shows."""
    made = Lists(peer)
    peer.always = made.reply
    return made


def doubt(made: Step[Any], started_at: datetime = INTENT) -> Question:
    """Return how to read back a step."""
    asked = question(made.key, made.account, made.engine, made.operation, made.request, started_at=started_at)
    assert asked is not None
    return asked


def message(shop: ShopClient, tracking_id: str) -> Question:
    """A message in doubt."""
    given: dict[str, Any] = {"oa_id": OA, "phone": "0901234567", "template_id": 7, "template_data": {}}
    return doubt(step(tracking_id, shop.zns.messages.send, **given, tracking_id=tracking_id))


def extension(shop: ShopClient, number: int, key: str = "") -> Question:
    """An extension in doubt."""
    create = shop.extensions.create
    return doubt(step(key or str(number), create, hotline_id="5", extension_number=number))


def user(shop: ShopClient, phone: str) -> Question:
    """An employee in doubt."""
    return doubt(step(phone, shop.users.create, full_name="Lan", phone=phone, password="p"))


def found(findings: dict[str, Finding]) -> dict[str, str]:
    """Return what was found of each step."""
    return {key: finding.found.value for key, finding in findings.items()}


async def found_of(*questions: Question, **given: Any) -> dict[str, str]:
    """Read back these steps."""
    return found(await read_back(questions, **given))


def sent(*tracking_ids: str, **more: Any) -> list[dict[str, Any]]:
    """The rows of messages."""
    return [{"tracking_id": each, "oa_id": OA, **more} for each in tracking_ids]


def created(numbers: Iterable[int]) -> list[dict[str, Any]]:
    """The rows of extensions."""
    return [{"extension_number": str(number)} for number in numbers]


async def test_one_message(shop: ShopClient, lists: Lists) -> None:
    """A single message is asked for by its id, whether it is there or not."""
    lists.add(*sent("a", "c"))
    assert await found_of(message(shop, "a")) == {"a": "executed"}
    assert await found_of(message(shop, "b")) == {"b": "nothing"}
    assert lists.asked == ["a", "b"]


async def test_nothing_in_doubt(lists: Lists) -> None:
    """Without steps in doubt, nothing is read."""
    assert await read_back([]) == {}
    assert lists.asked == []


async def test_some_messages(shop: ShopClient, lists: Lists) -> None:
    """The first page settles those that were sent; each of the others is asked for, if the list is long."""
    lists.add(*sent(*(f"old {number}" for number in range(1000))), age=60)
    lists.add(*sent("a", "b"))
    asked = [message(shop, key) for key in "abcd"]
    done = {(asked[0].account, "shop.zns.messages.send"): 1000}
    assert await found_of(*asked, done=done) == dict(
        zip("abcd", ["executed"] * 2 + ["nothing"] * 2, strict=True)
    )
    assert lists.asked == ["page 1", "c", "d"]


async def test_many_messages(shop: ShopClient, lists: Lists) -> None:
    """A walk over a short list takes fewer requests than asking for each."""
    lists.add(*sent(*(str(number) for number in range(150))))
    asked = [message(shop, str(number)) for number in range(300)]
    findings = await found_of(*asked, done={(asked[0].account, "shop.zns.messages.send"): 120})
    executed = {key for key, value in findings.items() if value == "executed"}
    assert executed == {str(number) for number in range(150)}
    assert len(findings) == 300
    assert lists.asked == ["page 1", "page 2", "page 3"]


async def test_a_walk_ends_when_all_are_found(shop: ShopClient, lists: Lists) -> None:
    """The rest of the list is not read."""
    lists.add(*sent(*(str(number) for number in range(500))), age=60)
    lists.add(*sent("a", "b", "c"))
    assert set((await found_of(*(message(shop, key) for key in "abc"))).values()) == {"executed"}
    assert lists.asked == ["page 1"]


@pytest.mark.parametrize("steps", [1, 2, 3, 5, 8, 30])
@pytest.mark.parametrize("executed", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("rows", [50, 250, 950])
async def test_number_of_reads(
    shop: ShopClient, lists: Lists, steps: int, executed: float, rows: int
) -> None:
    """The reads are at most the number of steps, or of pages, and one more."""
    lists.add(*sent(*(f"old {number}" for number in range(rows))), age=60)
    there = [f"new {number}" for number in range(int(steps * executed))]
    lists.add(*sent(*there))
    asked = [message(shop, f"new {number}") for number in range(steps)]
    findings = await found_of(*asked, done={(asked[0].account, "shop.zns.messages.send"): rows})
    assert {key for key, value in findings.items() if value == "executed"} == set(there)
    pages = -(-len(lists.rows) // 100)
    assert len(lists.asked) <= min(steps, pages) + 1


async def test_list_that_is_longer_than_expected(shop: ShopClient, lists: Lists) -> None:
    """If the journal knows only a few rows of a long list, the walk gives up in time."""
    lists.add(*sent(*(f"old {number}" for number in range(3000))), age=60)
    assert await found_of(message(shop, "a"), message(shop, "b")) == {"a": "nothing", "b": "nothing"}
    assert lists.asked == ["page 1", "page 2", "a", "b"]


async def test_refused_message(shop: ShopClient, lists: Lists) -> None:
    """A message that is there and was refused is not sent; a refused one that is older is another one."""
    lists.add(*sent("b", error_code=-108, error_message="no"), age=60)
    lists.add(*sent("a", error_code=-108, error_message="no"))
    findings = await read_back([message(shop, "a"), message(shop, "b")])
    assert found(findings) == {"a": "refused", "b": "nothing"}
    assert isinstance(findings["a"].error, DeliveryError)
    assert findings["a"].item.tracking_id == "a"


async def test_older_objects(shop: ShopClient, lists: Lists) -> None:
    """An object that is older than the intent is not the step's, by the clock of the server."""
    lists.add(*created([1001]), age=60)
    lists.add(*created([1002]), age=0.5)
    lists.add(*created([1003, 1001]))
    findings = await read_back([extension(shop, number) for number in (1001, 1002, 1003, 1004)])
    assert found(findings) == {
        "1001": "executed",
        "1002": "executed",
        "1003": "executed",
        "1004": "nothing",
    }
    assert findings["1001"].item.created_at > INTENT


async def test_first_read_of_an_extension(shop: ShopClient, lists: Lists) -> None:
    """A cheaper read shows which numbers are not there; the list shows whether the others are new."""
    lists.add(*created([1001]))
    lists.add(*created(range(2000, 2250)))
    lists.add(*created([1002]))
    asked = [extension(shop, number) for number in (1001, 1002, 1003)]
    done = {(asked[0].account, "shop.extensions.create"): 252}
    assert await found_of(*asked, done=done) == {"1001": "executed", "1002": "executed", "1003": "nothing"}
    assert lists.asked == ["page 1", "get 1001", "get 1003", "page 2", "page 3"]


async def test_one_extension(shop: ShopClient, lists: Lists) -> None:
    """The cheaper read comes first, if it may be the only one."""
    lists.add(*created([1001]))
    assert await found_of(extension(shop, 1002)) == {"1002": "nothing"}
    assert await found_of(extension(shop, 1001)) == {"1001": "executed"}
    assert lists.asked == ["get 1002", "get 1001", "page 1"]


async def test_an_object_settles_one_step(shop: ShopClient, lists: Lists) -> None:
    """Of two steps that create the same, one object settles one; a second object settles the other."""
    lists.add(*created([1001]))
    twins = [extension(shop, 1001, key) for key in "ab"]
    assert await found_of(*twins) == {"a": "executed", "b": "nothing"}
    lists.add(*created([1001]))
    assert await found_of(*twins) == {"a": "executed", "b": "executed"}


async def test_objects_of_other_steps(shop: ShopClient, lists: Lists) -> None:
    """An object that another step has created settles no step; an id of another account does not count."""
    lists.add(*sent("a", "b"))
    account = message(shop, "a").account
    taken = [(account, lists.rows[0]["id"]), ("another account", lists.rows[1]["id"])]
    for steps in ("b", "ab"):
        asked = [message(shop, key) for key in steps]
        findings = await found_of(*asked, taken=taken)
        assert findings == {"b": "nothing"} | ({"a": "executed"} if "a" in steps else {})


async def test_phone_numbers(shop: ShopClient, lists: Lists) -> None:
    """A number is found in the form that the server has stored, by a walk and by the filter."""
    numbers = ["0901234567", "+84 902 234 567", "0903234567"]
    lists.add({"user_id": "1", "phone": "84901234567"}, {"user_id": "2", "phone": "0902234567"})
    assert await found_of(*(user(shop, number) for number in numbers)) == {
        numbers[0]: "executed",
        numbers[1]: "executed",
        numbers[2]: "nothing",
    }
    assert lists.asked == ["page 1", "page 2"]
    lists.asked.clear()
    assert await found_of(*(user(shop, number) for number in numbers[:1])) == {numbers[0]: "executed"}
    assert lists.asked == ["page 1"]
    lists.asked.clear()
    lists.add(*({"user_id": str(number), "phone": f"09{number:08}"} for number in range(100, 700)))
    asked = [user(shop, number) for number in numbers[::2]]
    done = {(asked[0].account, "shop.users.create"): 600}
    assert await found_of(*asked, done=done) == {numbers[0]: "executed", numbers[2]: "nothing"}
    assert lists.asked[0] == "page 1"
    assert sorted(lists.asked[1:]) == sorted([*phones.forms(numbers[0]), *phones.forms(numbers[2])])


async def test_groups(shop: ShopClient, lists: Lists) -> None:
    """Each list is read for its own steps."""
    lists.add({"tracking_id": "a", "oa_id": OA, "user_id": "1", "phone": "0901234567"})
    lists.add({"extension_number": "1001", "user_id": "2"})
    mixed = [message(shop, "a"), extension(shop, 1001), user(shop, "0901234567"), extension(shop, 1002)]
    assert await found_of(*mixed) == {
        "a": "executed",
        "1001": "executed",
        "0901234567": "executed",
        "1002": "nothing",
    }
    assert sorted(lists.asked) == ["a", "get 1002", "page 1", "page 1"]


async def test_failed_read(peer: Peer, shop: ShopClient) -> None:
    """A read that fails ends in an error for its steps, and does not raise."""
    peer.always = lambda _: peer.refusal("permission_denied", 403)
    findings = await read_back([message(shop, "a"), message(shop, "b"), extension(shop, 1001)])
    assert set(found(findings).values()) == {"unreadable"}
    assert all(isinstance(finding.error, PermissionDeniedError) for finding in findings.values())


async def test_failed_read_of_one_step(peer: Peer, shop: ShopClient, lists: Lists) -> None:
    """If each step is asked for alone, a failed read ends only its own step."""
    lists.add(*sent(*(f"old {number}" for number in range(500))), age=60)

    def reply(asked: Asked) -> Reply:
        is_b = asked.json["filter"].get("tracking_id") == "b"
        return peer.refusal("permission_denied", 403) if is_b else lists.reply(asked)

    peer.always = reply
    asked = [message(shop, key) for key in "abc"]
    done = {(asked[0].account, "shop.zns.messages.send"): 500}
    assert await found_of(*asked, done=done) == {"a": "nothing", "b": "unreadable", "c": "nothing"}


@pytest.mark.parametrize("body", [b"<html>", b"", b"{}", b'{"messages": [{"id": ""}]}'], ids=repr)
async def test_blank_or_unreadable_list(peer: Peer, shop: ShopClient, body: bytes) -> None:
    """A response that shows nothing is no proof that the messages are not there."""
    peer.always = lambda _: peer.raw(body)
    for steps in ("a", "ab"):
        findings = await read_back([message(shop, key) for key in steps])
        assert set(found(findings).values()) == {"unreadable"}
        assert all(isinstance(finding.error, EtelecomError) for finding in findings.values())


async def test_blank_list_with_a_stored_key(peer: Peer, waits: Waits, tmp_path: Any) -> None:
    """A shop whose key comes from a key store reads back by the same rules."""
    store = FileKeyStore(tmp_path / "keys")
    await store.put("123456", "shop123456:canary-key")
    async with PartnerClient("a-partner-key", base_url=peer.base_url, key_store=store) as partner:
        waits.govern(partner)
        shop = partner.shop("123456")
        findings = await read_back([message(shop, "a")])
        assert isinstance(findings["a"].error, DecodeError)
        peer.always = lambda _: peer.json({"messages": sent("a", created_at=INTENT.isoformat())})
        assert await found_of(message(shop, "a")) == {"a": "executed"}


async def test_other_effects(peer: Peer, shop: ShopClient) -> None:
    """The state that an idempotent call or a delete asked for is read by the rules of `verify()`."""
    rows = [{"id": "1", "user_id": "7"}, {"id": "2", "user_id": "8"}]
    peer.always = lambda _: peer.json({"extensions": rows})
    assign = shop.extensions.assign
    steps = [step(key, assign, extension_id=key, user_id="7") for key in "123"]
    assert await found_of(*map(doubt, steps)) == {"1": "executed", "2": "nothing", "3": "nothing"}
    peer.always = lambda _: peer.json({"webhooks": [{"id": "1", "url": "https://example.com"}]})
    deletes = [step(key, shop.webhooks.delete, id=key) for key in "12"]
    assert await found_of(*map(doubt, deletes)) == {"1": "nothing", "2": "executed"}


async def test_single_objects(peer: Peer, shop: ShopClient) -> None:
    """A read of one object settles its step."""
    tenant = doubt(step("tenant", shop.tenant.create))
    old, new = ((INTENT + timedelta(seconds=seconds)).isoformat() for seconds in (-60, 60))
    for created_at, expected in ((old, "nothing"), (new, "executed")):
        body = {"id": "1", "created_at": created_at}
        peer.always = lambda _, body=body: peer.json(body)
        assert await found_of(tenant) == {"tenant": expected}
    peer.always = lambda _: peer.refusal("not_found", 404)
    assert await found_of(tenant) == {"tenant": "nothing"}


async def test_lists_without_filters(peer: Peer, shop: ShopClient) -> None:
    """A list that cannot ask for one object is walked once for all steps."""
    urls = ("https://a.vn", "https://b.vn")
    hooks = [doubt(step(url, shop.webhooks.create, url=url, entities=["call_log"])) for url in urls]
    row = {"id": "1", "url": "https://a.vn", "created_at": INTENT.isoformat()}
    peer.always = lambda _: peer.json({"webhooks": [row]})
    assert await found_of(*hooks) == {"https://a.vn": "executed", "https://b.vn": "nothing"}
    assert len(peer.requests) == 1


def test_calls_that_no_read_can_show(shop: ShopClient) -> None:
    """There is no question for them."""
    for made in (
        step("a", shop.extensions.unassign, user_id="7"),
        step("b", shop.call, "Etelecom/CreateTenant"),
    ):
        asked = question(made.key, "", made.engine, made.operation, made.request, started_at=INTENT)
        assert asked is None


async def test_on_the_sandbox() -> None:
    """On the sandbox, a restarted job finds what its calls have created, and nothing else."""
    async with (
        sandbox() as service,
        ShopClient(service.shop_api_key, base_url=service.base_url) as shop,
    ):
        listed = await shop.extensions.list().first()
        assert listed is not None
        intent = datetime.now(UTC)
        numbers = range(7001, 7006)
        steps = [
            step(str(number), shop.extensions.create, hotline_id=listed.hotline_id, extension_number=number)
            for number in numbers
        ]
        for made in steps[::2]:
            await made.engine.call(made.operation, made.request)
        findings = await read_back([doubt(made, intent) for made in steps])
        assert found(findings) == dict(zip(map(str, numbers), ["executed", "nothing"] * 3, strict=False))
        assert findings["7001"].item.hotline_id == listed.hotline_id
        later = await read_back([doubt(made, intent + timedelta(hours=1)) for made in steps])
        assert {finding.found for finding in later.values()} == {Found.NOTHING}


def test_questions_hide_the_request(shop: ShopClient) -> None:
    """The text of a question or a finding shows no request and no object."""
    asked = message(shop, "a")
    assert "0901234567" not in repr(asked)
    assert json.dumps(asked.key) == '"a"'
    assert "0901234567" not in repr(Finding(Found.EXECUTED, {"phone": "0901234567"}))


@pytest.fixture
async def shop(peer: Peer, waits: Waits) -> AsyncIterator[ShopClient]:
    """A shop's client of the peer that does not wait between attempts."""
    async with PartnerClient("a-partner-key", base_url=peer.base_url) as partner:
        client = partner.for_shop("shop123456:canary-key")
        waits.govern(client)
        yield client
