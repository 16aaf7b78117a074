"""A lost answer of what makes a thing or reaches a person, and how it is settled, over real sockets."""

from __future__ import annotations

import asyncio
import json
import pickle
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from etelecom_async import PartnerClient, ShopClient
from etelecom_async._core.calls.verify import Wanted
from etelecom_async._core.operation import Verify
from etelecom_async.errors import (
    ClientClosedError,
    DeliveryError,
    EtelecomError,
    InternalError,
    OutcomeUnknownError,
    UnauthenticatedError,
)
from etelecom_async.models import (
    AccountUser,
    AccountUserFilter,
    ExtensionLogin,
    Hotline,
    Tenant,
    Webhook,
    ZNSMessage,
    ZNSMessageFilter,
)
from etelecom_async.operations import OPERATIONS, Effect

if TYPE_CHECKING:
    from tests.conftest import Peer, Waits

OA, PHONE, URL = "579745863508352884", "0901234567", "https://example.com/events"
ZNS = {"oa_id": OA, "phone": PHONE, "template_id": 7, "template_data": {"otp": "123456"}}

# Each call that a read can settle: what is sent, the read's answer in which the thing is, another thing that
# looks like it, and the thing.
CALLS: dict[str, tuple[dict[str, Any], str, dict[str, Any], dict[str, Any], object]] = {
    "shop.zns.messages.send": (
        {**ZNS, "tracking_id": "t-1"},
        "messages",
        {"id": "1", "oa_id": OA, "tracking_id": "t-1"},
        {"id": "2", "oa_id": OA, "tracking_id": "t-2"},
        ZNSMessage(id="1", oa_id=OA, tracking_id="t-1"),
    ),
    "shop.zns.messages.send_journey": (
        {**ZNS, "journey_id": "5", "tracking_id": "t-1"},
        "messages",
        {"id": "1", "oa_id": "", "tracking_id": "t-1"},
        {"id": "2", "oa_id": OA, "tracking_id": ""},
        ZNSMessage(id="1", tracking_id="t-1"),
    ),
    "shop.extensions.create": (
        {"hotline_id": "5", "extension_number": 1001},
        "",
        {"extension_number": "1001"},
        {"extension_number": "1002"},
        ExtensionLogin(extension_number="1001"),
    ),
    "shop.users.create": (
        {"full_name": "An", "password": "canary-password", "phone": PHONE},
        "account_users",
        {"user_id": "1", "phone": "84901234567"},
        {"user_id": "2", "phone": "84901234568"},
        AccountUser(user_id="1", phone="84901234567"),
    ),
    "shop.tenant.create": ({}, "", {"id": "1"}, {}, Tenant(id="1")),
    "webhooks.create": (
        {"url": URL, "entities": ["call_log"]},
        "webhooks",
        {"id": "1", "url": URL},
        {"id": "2", "url": f"{URL}/2"},
        Webhook(id="1", url=URL),
    ),
    "partner.hotlines.create": (
        {"hotline": "02471008888", "name": "acme"},
        "hotlines",
        {"id": "1", "hotline": "02471008888"},
        {"id": "2", "hotline": "02471008889"},
        Hotline(id="1", hotline="02471008888"),
    ),
}
each_call = pytest.mark.parametrize("name", CALLS)


@pytest.fixture
async def partner(peer: Peer, waits: Waits) -> AsyncIterator[PartnerClient]:
    """A partner's client of the peer, that waits for nothing."""
    async with PartnerClient("a-partner-key", base_url=peer.base_url) as client:
        waits.govern(client)
        yield client


@pytest.fixture
def lose(peer: Peer, partner: PartnerClient) -> Callable[[str], Awaitable[Any]]:
    """Makes a call whose answer is lost, and gives the error."""

    async def lose(name: str) -> OutcomeUnknownError:
        peer.answers(peer.DROP)
        client: Any = partner if name.startswith("partner.") else partner.for_shop("shop123456:key")
        if name == "webhooks.create":  # not with a partner's key for a shop
            client = partner
        for step in name.removeprefix("partner.").removeprefix("shop.").split("."):
            client = getattr(client, step)
        with pytest.raises(OutcomeUnknownError) as caught:
            await client(**CALLS[name][0])
        assert len(peer.requests) == 1  # never a second one
        return caught.value

    return lose


def answer(array: str, *things: dict[str, Any]) -> dict[str, Any]:
    """The read's answer: the first thing, or a list of them."""
    return {array: list(things), "paging": {"next": "n"}} if array else things[0]


def test_every_operation_that_can_be_settled_is_tried() -> None:
    """The calls above are all to which the table gives a read, and who may call one may read."""
    settled = {name: OPERATIONS[row.verify.read] for name, row in OPERATIONS.items() if row.verify}
    assert settled.keys() == CALLS.keys()
    assert {read.effect for read in settled.values()} == {Effect.READ}
    assert [name for name, read in settled.items() if not OPERATIONS[name].callers <= read.callers] == []


@each_call
async def test_it_was_done(peer: Peer, lose: Any, name: str) -> None:
    """The read finds what was made, among others that look like it."""
    _, array, it, other, thing = CALLS[name]
    error = await lose(name)
    peer.answers(peer.json(answer(array, *([other, it] if array else [it]))))
    assert error.can_verify
    assert await error.verify() == thing
    read = OPERATIONS[OPERATIONS[name].verify.read]
    assert peer.requests[-1].path.endswith(f".{read.wire_name}")
    assert len(peer.requests) == 2


@each_call
async def test_it_was_not_done(peer: Peer, lose: Any, name: str) -> None:
    """The read finds others only, or nothing, or says that there is nothing: the answer is None."""
    _, array, _, other, _ = CALLS[name]
    error = await lose(name)
    nothing = {array: None} if array else {}
    peer.always = lambda _: peer.json(nothing)
    peer.answers(peer.json(answer(array, other)))
    assert await error.verify() is None
    assert await error.verify() is None
    peer.answers(peer.refusal("not_found", 404))
    assert await error.verify() is None


@pytest.mark.parametrize("name", ["shop.zns.messages.send", "shop.zns.messages.send_journey"])
async def test_it_was_refused(peer: Peer, lose: Any, name: str) -> None:
    """A message that is there and was refused is no message that was sent: the error is the lost answer's."""
    _, array, it, _, _ = CALLS[name]
    error = await lose(name)
    peer.answers(peer.json(answer(array, {**it, "error_code": -108, "error_message": "no"})))
    with pytest.raises(DeliveryError) as caught:
        await error.verify()
    assert str(caught.value) == f"{name}: refused with error_code -108 (the phone number is not valid): no."
    assert caught.value.result.id == it["id"]


@pytest.mark.parametrize(
    ("name", "asked"),
    [
        ("shop.zns.messages.send", {"filter": {"oa_id": OA, "tracking_id": "t-1"}}),
        ("shop.extensions.create", {"extension_number": "1001"}),
        ("shop.users.create", {"filter": {"phone": PHONE}}),
        ("shop.tenant.create", {}),
        ("webhooks.create", {}),
        ("partner.hotlines.create", {}),
    ],
)
async def test_what_is_asked(peer: Peer, lose: Any, name: str, asked: dict[str, Any]) -> None:
    """The read asks for the thing as far as it can be asked for, and so gets no more than it must."""
    error = await lose(name)
    await error.verify()
    assert peer.requests[-1].json == asked


async def test_it_is_looked_for_on_every_page(peer: Peer, lose: Any) -> None:
    """A list without a filter is read page by page, until the thing is found and no further."""
    error = await lose("partner.hotlines.create")
    _, array, it, other, thing = CALLS["partner.hotlines.create"]
    peer.answers(
        peer.json(answer(array, other)),
        peer.json({array: [{**other, "id": "3"}, it], "paging": {"next": "n2"}}),
    )
    assert await error.verify() == thing
    assert len(peer.requests) == 3
    assert peer.requests[-1].json == {"paging": {"after": "n"}}


async def test_reading_back_is_a_call_like_others(peer: Peer, lose: Any, waits: Waits) -> None:
    """A read that fails is repeated, and when it goes on failing the error is its own."""
    error = await lose("shop.extensions.create")
    peer.answers(peer.DROP, peer.json({"extension_number": "1001"}))
    assert await error.verify() == ExtensionLogin(extension_number="1001")
    assert len(waits) == 1
    peer.answers(peer.refusal("unauthenticated", 401))
    with pytest.raises(UnauthenticatedError) as caught:
        await error.verify()
    assert caught.value.operation == "shop.extensions.get"


async def test_client_that_was_closed(peer: Peer) -> None:
    """An error that has outlived its client says so."""
    async with ShopClient("1161512386239479010:key", base_url=peer.base_url) as client:
        peer.answers(peer.DROP)
        with pytest.raises(OutcomeUnknownError) as caught:
            await client.extensions.create(hotline_id="5", extension_number=1001)
    with pytest.raises(ClientClosedError, match=r"shop\.extensions\.get: the client is closed"):
        await caught.value.verify()


@pytest.mark.parametrize(
    "call",
    [
        lambda shop: shop.zalo.consents.request(oa_id=OA, phone=PHONE, call_type="audio", reason_code="x"),
        lambda shop: shop.call("Zalo/SendZNS", {"oa_id": OA}),
    ],
    ids=["no read shows it", "a call by its wire name"],
)
async def test_what_no_read_can_settle(peer: Peer, shop: ShopClient, call: Any) -> None:
    """Where no read can settle the outcome, verify() is a clear error, and nothing is asked."""
    peer.answers(peer.DROP)
    with pytest.raises(OutcomeUnknownError) as caught:
        await call(shop)
    assert not caught.value.can_verify
    with pytest.raises(EtelecomError) as told:
        await caught.value.verify()
    assert type(told.value) is EtelecomError
    assert f"{caught.value.operation}: no read of the API can settle what became of this call" in str(
        told.value
    )
    assert len(peer.requests) == 1


class TestError:
    """What the error itself tells."""

    @each_call
    async def test_request_is_shown_masked(self, peer: Peer, lose: Any, name: str) -> None:
        """The error shows what was sent; secrets, phone numbers and template data are masked."""
        error = await lose(name)
        sent = peer.requests[0].json
        shown = json.loads(error.request)
        assert shown.keys() == sent.keys()
        assert "canary" not in error.request
        assert PHONE not in error.request
        assert {key: value for key, value in sent.items() if shown[key] != value}.keys() <= {
            "phone",
            "password",
            "hotline",
            "template_data",
        }

    async def test_when_it_was_sent(self, lose: Any) -> None:
        """The error tells when the attempt began, in UTC."""
        before = datetime.now(UTC)
        error = await lose("shop.tenant.create")
        assert before - timedelta(seconds=1) <= error.sent_at <= datetime.now(UTC)
        assert error.sent_at.tzinfo is UTC

    async def test_pickle(self, lose: Any) -> None:
        """The error survives pickling; what is left behind is the client, and with it the reading back."""
        error = await lose("shop.users.create")
        copy = pickle.loads(pickle.dumps(error))
        assert (str(copy), copy.request, copy.sent_at, copy.operation, copy.attempts) == (
            str(error),
            error.request,
            error.sent_at,
            "shop.users.create",
            error.attempts,
        )
        assert (error.can_verify, copy.can_verify) == (True, False)
        with pytest.raises(EtelecomError, match="the error was pickled and has left its client behind"):
            await copy.verify()


class TestTracking:
    """The id by which a message is found."""

    @pytest.fixture(autouse=True)
    def sent(self, peer: Peer) -> None:
        """Has every message sent."""
        peer.always = lambda _: peer.json({"id": "1"})

    @pytest.mark.parametrize("given", [{}, {"tracking_id": None}, {"tracking_id": ""}], ids=str)
    async def test_made_once_for_all_attempts(self, peer: Peer, shop: ShopClient, given: Any) -> None:
        """An id is made where the caller gives none, and every attempt carries the same one."""
        peer.answers(peer.refusal("resource_exhausted", 429), peer.refusal("resource_exhausted", 429))
        await shop.zns.messages.send(**ZNS, **given)
        (tracking_id,) = {asked.json["tracking_id"] for asked in peer.requests}
        assert len(peer.requests) == 3
        assert len(tracking_id) == 32
        assert int(tracking_id, 16)

    async def test_one_for_each_call(self, peer: Peer, shop: ShopClient) -> None:
        """No two calls have the same id, even at the same time."""
        calls = [shop.zns.messages.send(**ZNS) for _ in range(20)]
        calls += [shop.zns.messages.send_journey(**ZNS, journey_id="5") for _ in range(20)]
        await asyncio.gather(*calls)
        assert len({asked.json["tracking_id"] for asked in peer.requests}) == 40

    @pytest.mark.parametrize("method", ["send", "send_journey"])
    async def test_the_caller_s_own_is_kept(self, peer: Peer, shop: ShopClient, method: str) -> None:
        """The caller's own id goes out as it is."""
        journey = {"journey_id": "5"} if method == "send_journey" else {}
        await getattr(shop.zns.messages, method)(**ZNS, **journey, tracking_id="HĐ-0001")
        assert peer.requests[0].json["tracking_id"] == "HĐ-0001"

    async def test_an_id_that_was_made_finds_the_message(self, peer: Peer, shop: ShopClient) -> None:
        """A message whose id the caller never saw is found by it all the same."""
        peer.answers(peer.DROP)
        with pytest.raises(OutcomeUnknownError) as caught:
            await shop.zns.messages.send(**ZNS)
        tracking_id = peer.requests[0].json["tracking_id"]
        assert json.loads(caught.value.request)["tracking_id"] == tracking_id
        peer.answers(peer.json({"messages": [{"id": "1", "oa_id": OA, "tracking_id": tracking_id}]}))
        assert (await caught.value.verify()).id == "1"
        assert peer.requests[-1].json == {"filter": {"oa_id": OA, "tracking_id": tracking_id}}

    async def test_a_fault_is_not_a_lost_answer(self, peer: Peer, shop: ShopClient) -> None:
        """A server that fails has answered: it is told as it is, with the doubt, and not repeated."""
        peer.answers(peer.refusal("internal", 500))
        with pytest.raises(InternalError) as caught:
            await shop.zns.messages.send(**ZNS)
        assert caught.value.may_have_happened
        assert len(peer.requests) == 1


def wanted(fields: dict[str, object]) -> Wanted:
    """What a call asked for by these fields, the last of which identifies it."""
    *by, key = fields or [None]
    return Wanted.of(Verify(read="", by=tuple(by), key=key), SimpleNamespace(**fields))


class TestQuestion:
    """The request of the read."""

    def test_list(self) -> None:
        """A list is asked by the fields that its filter has."""
        row = OPERATIONS["shop.zns.messages.list"]
        assert wanted({"oa_id": "1", "tracking_id": "t", "else": 5}).question(row) == row.request(
            filter=ZNSMessageFilter(oa_id="1", tracking_id="t")
        )
        users = OPERATIONS["shop.users.list"]
        assert wanted({"phone": "1"}).question(users) == users.request(filter=AccountUserFilter(phone="1"))

    def test_list_without_filter(self) -> None:
        """A list that has no filter is asked for whole."""
        for name in ("webhooks.list", "partner.hotlines.list"):
            row = OPERATIONS[name]
            assert wanted({"url": "x", "hotline": "y"}).question(row) == row.request()

    def test_one_thing(self) -> None:
        """A thing is asked for by the fields of the request, as texts."""
        row = OPERATIONS["shop.extensions.get"]
        assert wanted({"extension_number": 1001}).question(row) == row.request(extension_number="1001")


@pytest.mark.parametrize(
    ("item", "fields", "is_it"),
    [
        (ExtensionLogin(extension_number="1001"), {"extension_number": 1001}, True),
        (ExtensionLogin(extension_number="1002"), {"extension_number": 1001}, False),
        (ExtensionLogin(), {"extension_number": 1001}, False),
        (Tenant(id="1"), {}, True),
        (Tenant(), {}, False),
        (ZNSMessage(tracking_id="t"), {"oa_id": "1", "tracking_id": "t"}, True),
        (ZNSMessage(oa_id="1", tracking_id="t"), {"oa_id": "1", "tracking_id": "t"}, True),
        (ZNSMessage(oa_id="2", tracking_id="t"), {"oa_id": "1", "tracking_id": "t"}, False),
        (ZNSMessage(oa_id="1"), {"oa_id": "1", "tracking_id": "t"}, False),
        (ZNSMessage(id="5"), {"oa_id": "1", "tracking_id": "t"}, False),
        (AccountUser(phone="+84 901 234 567"), {"phone": PHONE}, True),
        (AccountUser(phone="0901234568"), {"phone": PHONE}, False),
        (Webhook(id="1", url=URL), {"no field": "x", "url": URL}, True),
        (Webhook(id="1", url=URL), {"url": URL, "no field": "x"}, False),
    ],
    ids=str,
)
def test_is_it(item: object, fields: dict[str, object], *, is_it: bool) -> None:
    """A thing is it when it has what tells it from others, and shows nothing else than what is wanted."""
    assert wanted(fields).is_shown_by(item) is is_it
