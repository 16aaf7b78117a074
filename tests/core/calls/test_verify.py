"""Calls that may have been executed, and the reads that verify them, over real sockets."""

from __future__ import annotations

import asyncio
import json
import pickle
import warnings
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import attrs
import pytest

from etelecom_async import DecodeError, PartnerClient, ProvisionalOperationWarning, ShopClient, phones
from etelecom_async._core.calls.verify import ServerClock, Wanted
from etelecom_async._core.operation import Operation, Verify
from etelecom_async.errors import (
    ClientClosedError,
    DeliveryError,
    EtelecomError,
    MalformedResponseError,
    OutcomeUnknownError,
    UnauthenticatedError,
)
from etelecom_async.models import (
    AccountUser,
    AccountUserFilter,
    CallType,
    Consent,
    Extension,
    ExtensionLogin,
    Hotline,
    Journey,
    OAStatus,
    OfficialAccount,
    Tenant,
    TenantStatus,
    Webhook,
    ZNSMessage,
    ZNSMessageFilter,
    ZNSTemplate,
)
from etelecom_async.operations import OPERATIONS, Effect
from etelecom_async.paging import Paging

if TYPE_CHECKING:
    from tests.conftest import Peer, Waits

OA, PHONE, URL = "579745863508352884", "0901234567", "https://example.com/events"
ZNS = {"oa_id": OA, "phone": PHONE, "template_id": 7, "template_data": {"otp": "123456"}}

# Each call that a read can verify. The values are its arguments, the array of the read's response (empty for
# one object), an item in the wanted state, an item in another state, and the result of `verify()`. For a
# delete, the second item is the one that is still there.
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
        "extensions",
        {"id": "1", "extension_number": "1001"},
        {"id": "2", "extension_number": "1002"},
        Extension(id="1", extension_number="1001"),
    ),
    "shop.extensions.assign": (
        {"extension_id": "1", "user_id": "7"},
        "extensions",
        {"id": "1", "user_id": "7"},
        {"id": "1", "user_id": "8"},
        Extension(id="1", user_id="7"),
    ),
    "shop.extensions.unassign": (
        {"extension_id": "1"},
        "extensions",
        {"id": "1", "user_id": "0"},
        {"id": "1", "user_id": "8"},
        Extension(id="1", user_id="0"),
    ),
    "shop.extensions.change_hotline": (
        {"extension_id": "1", "hotline_id": "5"},
        "extensions",
        {"id": "1", "hotline_id": "5"},
        {"id": "1", "hotline_id": "6"},
        Extension(id="1", hotline_id="5"),
    ),
    "shop.zalo.accounts.connect": (
        {"code": "c", "oa_id": OA},
        "",
        {"oa_id": OA, "status": "P"},
        {"oa_id": OA, "status": "N"},
        OfficialAccount(oa_id=OA, status=OAStatus.CONNECTED),
    ),
    "shop.zalo.accounts.update": (
        {"oa_id": OA, "webhook_url": URL},
        "",
        {"oa_id": OA, "webhook_url": URL},
        {"oa_id": OA, "webhook_url": ""},
        OfficialAccount(oa_id=OA, webhook_url=URL),
    ),
    "shop.zalo.consents.request": (
        {"oa_id": OA, "phone": PHONE, "call_type": "audio", "reason_code": "unknown"},
        "consents",
        {"id": "1", "oa_id": OA, "phone": "84901234567", "call_type": "audio"},
        {"id": "2", "oa_id": OA, "phone": "84901234567", "call_type": "video"},
        Consent(id="1", oa_id=OA, phone="84901234567", call_type=CallType("audio")),
    ),
    "shop.zns.journeys.create": (
        {"oa_id": OA, "phone": PHONE},
        "journeys",
        {"id": "1", "phone": PHONE},
        {"id": "2", "phone": "0901234568"},
        Journey(id="1", phone=PHONE),
    ),
    "shop.zns.templates.create": (
        {"oa_id": OA, "template_id": 7},
        "",
        {"template_id": 7},
        {"template_id": 8},
        ZNSTemplate(template_id=7),
    ),
    "partner.tenants.activate": (
        {"tenant_id": "1", "owner_id": "2", "connection_id": "3", "hotline_id": "4"},
        "tenants",
        {"id": "1", "status": "P"},
        {"id": "1", "status": "Z"},
        Tenant(id="1", status=TenantStatus.ENABLED),
    ),
    "partner.hotlines.delete": ({"hotline_id": "1"}, "hotlines", {"id": "2"}, {"id": "1"}, True),
    "webhooks.delete": ({"id": "1"}, "webhooks", {"id": "2"}, {"id": "1"}, True),
    "shop.users.create": (
        {"full_name": "An", "password": "canary-password", "phone": PHONE},
        "account_users",
        {"user_id": "1", "phone": "84901234567"},
        {"user_id": "2", "phone": "84901234568"},
        AccountUser(user_id="1", phone="84901234567"),
    ),
    "shop.tenant.create": (
        {},
        "",
        {"id": "1"},
        {"id": "1", "created_at": "2020-01-01T00:00:00Z"},
        Tenant(id="1"),
    ),
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
def lose(peer: Peer, partner: PartnerClient) -> Callable[..., Awaitable[Any]]:
    """Makes a call whose response is lost, or another one, and returns its error."""

    async def lose(name: str, reply: Any = None) -> EtelecomError:
        peer.respond_with(reply or peer.DROP)
        client: Any = partner if name.startswith("partner.") else partner.for_shop("shop123456:key")
        if name.startswith("webhooks."):  # not with a partner's key for a shop
            client = partner
        if OPERATIONS[name].effect in {Effect.IDEMPOTENT, Effect.DELETE}:
            client = client.with_options(retries=0)
        for step in name.removeprefix("partner.").removeprefix("shop.").split("."):
            client = getattr(client, step)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ProvisionalOperationWarning)
            call = client(**CALLS[name][0])
            (error,) = await asyncio.gather(call, return_exceptions=True)
        assert isinstance(error, EtelecomError)
        assert len(peer.requests) == 1
        return error

    return lose


def listing(array: str, *items: dict[str, Any]) -> dict[str, Any]:
    """The response of the read: the first item, or a list of them."""
    return {array: list(items)} if array else items[0]


def lookups(name: str) -> range:
    """Return a range with one step for each read that finds nothing: one for each form of a phone number."""
    rule = OPERATIONS[name].verify
    assert rule is not None
    return range(len(phones.forms(PHONE)) if rule.key == "phone" else 1)


def reads(peer: Peer, name: str, *items: dict[str, Any]) -> None:
    """Says what the reads after the call *name* show."""
    _, array, *_ = CALLS[name]
    rule = OPERATIONS[name].verify
    assert rule is not None
    if rule.first is not None:
        peer.respond_with(peer.json({"extension_number": "1001"}))
    peer.respond_with(peer.json(listing(array, *items)))


def test_every_operation_that_can_be_verified_is_tried() -> None:
    """The calls above are all that have a read in the table, and their callers may make the read."""
    rules = {name: row.verify for name, row in OPERATIONS.items() if row.verify}
    assert rules.keys() == CALLS.keys()
    for name, rule in rules.items():
        for read in (OPERATIONS[rule.read], *([OPERATIONS[rule.first]] if rule.first else [])):
            assert read.effect is Effect.READ
            assert OPERATIONS[name].callers <= read.callers


@each_call
async def test_state_holds(peer: Peer, lose: Any, name: str) -> None:
    """The read shows the wanted state, among other items."""
    _, array, it, other, result = CALLS[name]
    error = await lose(name)
    others = [other] if array and other.get("id") != it.get("id") and result is not True else []
    reads(peer, name, *others, it)
    assert error.can_verify
    assert await error.verify() == result
    rule = OPERATIONS[name].verify
    assert peer.requests[-1].path.endswith(f".{OPERATIONS[rule.read].wire_name}")
    assert len(peer.requests) == (3 if rule.first else 2)


@each_call
async def test_state_does_not_hold(peer: Peer, lose: Any, name: str) -> None:
    """The read shows another state, or another object: the result is `None`."""
    error = await lose(name)
    for _ in range(2):
        for _ in lookups(name):
            reads(peer, name, CALLS[name][3])
        assert await error.verify() is None


@each_call
async def test_object_is_absent(peer: Peer, lose: Any, name: str) -> None:
    """An absent object is what a delete asked for, and proves nothing for any other call."""
    error = await lose(name)
    _, array, _, _, result = CALLS[name]
    if array and OPERATIONS[name].verify.first is None:
        for nothing in ([], None):
            peer.respond_with(*(peer.json({array: nothing}) for _ in lookups(name)))
    else:
        peer.respond_with(*(peer.refusal("not_found", 404) for _ in range(2)))
    for _ in range(2):
        assert await error.verify() == (True if result is True else None)
    assert len(peer.requests) == 1 + 2 * len(lookups(name))


@pytest.mark.parametrize("name", [name for name in CALLS if len(lookups(name)) > 1])
async def test_phone_number_in_another_form(peer: Peer, lose: Any, name: str) -> None:
    """A filter that compares texts exactly finds the number in the form that the server has stored."""
    _, array, it, _, result = CALLS[name]
    error = await lose(name)
    stored = {**it, "phone": "84901234567"}
    peer.respond_with(peer.json({array: []}), peer.json({array: [stored]}))
    assert await error.verify() == attrs.evolve(result, phone="84901234567")
    asked = [request.json["filter"]["phone"] for request in peer.requests[1:]]
    assert asked == [PHONE, "84901234567"]


@each_call
@pytest.mark.parametrize("body", [{}, {"error_": -216}, {"data": {"id": "1"}}], ids=str)
async def test_blank_read_back(peer: Peer, lose: Any, name: str, body: dict[str, Any]) -> None:
    """A read-back that shows nothing raises: it is not proof that the object is absent."""
    error = await lose(name)
    peer.respond_with(peer.json(body))
    with pytest.raises(DecodeError):
        await error.verify()


@each_call
async def test_blank_item(peer: Peer, lose: Any, name: str) -> None:
    """An item without any value raises, too."""
    error = await lose(name)
    _, array, it, _, _ = CALLS[name]
    reads(peer, name, dict.fromkeys(it), *([it] if array else []))
    with pytest.raises(EtelecomError, match="the read-back is blank"):
        await error.verify()


@each_call
@pytest.mark.parametrize("body", [b"<html>", b"", b'{"x'], ids=["HTML", "empty", "cut"])
async def test_unreadable_read_back(peer: Peer, lose: Any, name: str, body: bytes) -> None:
    """A read-back that cannot be read raises."""
    error = await lose(name)
    peer.always = lambda _: peer.raw(body)
    with pytest.raises(MalformedResponseError):
        await error.verify()


@each_call
@pytest.mark.parametrize("kind", ["server fault", "does not fit", "aborted"])
async def test_other_doubts(peer: Peer, lose: Any, name: str, kind: str) -> None:
    """Each error of a call in doubt can verify it, not only that of a lost response."""
    replies = {
        "server fault": peer.refusal("internal", 500),
        "does not fit": peer.json({"error_": "maintenance"}),
        "aborted": peer.refusal("aborted", 409),
    }
    error = await lose(name, replies[kind])
    assert not isinstance(error, OutcomeUnknownError)
    assert (error.may_have_happened, error.can_verify) == (True, True)
    reads(peer, name, CALLS[name][2])
    assert await error.verify() == CALLS[name][4]


@each_call
async def test_refusal_has_nothing_to_verify(lose: Any, peer: Peer, name: str) -> None:
    """A call that was not executed has no request to show and nothing to verify."""
    error = await lose(name, peer.refusal("not_found", 404))
    assert (error.may_have_happened, error.can_verify, error.request) == (False, False, "")


NEW = [name for name, row in OPERATIONS.items() if row.verify and row.effect in {Effect.CREATE, Effect.SEND}]
# No read shows when a user was created; a template was created at Zalo.
AGED = [name for name in NEW if name not in {"shop.users.create", "shop.zns.templates.create"}]


@pytest.mark.parametrize("name", AGED)
@pytest.mark.parametrize("skew", [timedelta(0), timedelta(days=-300), timedelta(days=300)], ids=str)
async def test_older_object(peer: Peer, lose: Any, name: str, skew: timedelta) -> None:
    """An object counts only if it is not older than the call, by the clock of the server."""
    error = await lose(name)
    now = datetime.now(UTC) + skew
    date = format_datetime(now, usegmt=True)
    _, array, it, _, _ = CALLS[name]
    for age, is_it in ((timedelta(minutes=5), False), (timedelta(0), True)):
        if OPERATIONS[name].verify.first is not None:
            peer.respond_with(peer.json({"extension_number": "1001"}, Date=date))
        item = {**it, "created_at": (now - age).isoformat()}
        peer.respond_with(
            *(peer.json(listing(array, item), Date=date) for _ in (lookups(name) if not is_it else range(1)))
        )
        found = await error.verify()
        assert (found is not None) == is_it


async def test_new_object_beside_an_older_one(peer: Peer, lose: Any) -> None:
    """The same webhook may be there twice; the older one is passed over."""
    error = await lose("webhooks.create")
    now = datetime.now(UTC)
    old = {"id": "1", "url": URL, "created_at": (now - timedelta(days=1)).isoformat()}
    new = {"id": "2", "url": URL, "created_at": now.isoformat()}
    peer.respond_with(peer.json({"webhooks": [old, new]}, Date=format_datetime(now, usegmt=True)))
    assert (await error.verify()).id == "2"


@pytest.mark.parametrize("date", [None, "soon", ""], ids=repr)
async def test_server_without_a_clock(peer: Peer, lose: Any, date: str | None) -> None:
    """Without a readable `Date` the client's own time counts."""
    error = await lose("shop.tenant.create")
    headers = {} if date is None else {"Date": date}
    for age, is_it in ((timedelta(minutes=5), False), (timedelta(0), True)):
        item = {"id": "1", "created_at": (datetime.now(UTC) - age).isoformat()}
        peer.respond_with(peer.json(item, **headers))
        assert (await error.verify() is not None) == is_it


@pytest.mark.parametrize("name", ["unassign", "change_hotline"])
async def test_object_that_the_call_does_not_name(peer: Peer, partner: PartnerClient, name: str) -> None:
    """A call by the employee alone does not name its extension, so no read can verify it."""
    peer.respond_with(peer.DROP)
    hotline = {"hotline_id": "5"} if name == "change_hotline" else {}
    call = getattr(partner.for_shop("shop123456:key").extensions, name)
    with pytest.raises(OutcomeUnknownError) as caught:
        await call(user_id="7", **hotline)
    assert not caught.value.can_verify


@pytest.mark.parametrize(
    "name",
    [
        "shop.zns.messages.send",
        "shop.zns.messages.send_journey",
        "shop.zns.journeys.create",
        "shop.zalo.consents.request",
    ],
)
async def test_it_was_refused(peer: Peer, lose: Any, name: str) -> None:
    """A message that is there, but was refused, was not sent: the error is that of the lost response."""
    it = CALLS[name][2]
    error = await lose(name)
    reads(peer, name, {**it, "error_code": -108, "error_message": "no"})
    with pytest.raises(DeliveryError) as caught:
        await error.verify()
    assert str(caught.value) == f"{name}: refused with error_code -108 (the phone number is not valid): no."
    assert caught.value.result.id == it["id"]


@pytest.mark.parametrize(
    ("name", "asked"),
    [
        ("shop.zns.messages.send", {"filter": {"oa_id": OA, "tracking_id": "t-1"}}),
        ("shop.extensions.create", {"extension_number": "1001"}),
        ("shop.extensions.assign", {}),
        ("shop.zalo.accounts.update", {"oa_id": OA}),
        (
            "shop.zalo.consents.request",
            {"filter": {"oa_id": OA, "phone": PHONE, "call_type": "audio", "reason_code": "unknown"}},
        ),
        ("shop.zns.journeys.create", {"filter": {"oa_id": OA, "phone": PHONE}}),
        ("shop.zns.templates.create", {"oa_id": OA, "template_id": 7}),
        ("partner.tenants.activate", {"filter": {"owner_id": "2"}}),
        ("shop.users.create", {"filter": {"phone": PHONE}}),
        ("shop.tenant.create", {}),
        ("webhooks.create", {}),
        ("partner.hotlines.create", {}),
    ],
)
async def test_what_is_asked(peer: Peer, lose: Any, name: str, asked: dict[str, Any]) -> None:
    """The read asks for the thing as far as it can be asked for, and so gets no more than it must."""
    error = await lose(name)
    peer.respond_with(peer.refusal("not_found", 404))
    with suppress(EtelecomError):
        await error.verify()
    assert peer.requests[1].json == asked


async def test_it_is_looked_for_on_every_page(peer: Peer, lose: Any) -> None:
    """A list without a filter is read page by page, until the thing is found and no further."""
    error = await lose("partner.hotlines.create")
    _, array, it, other, thing = CALLS["partner.hotlines.create"]
    peer.respond_with(
        peer.json({**listing(array, other), "paging": {"next": "n"}}),
        peer.json({array: [{**other, "id": "3"}, it], "paging": {"next": "n2"}}),
    )
    assert await error.verify() == thing
    assert len(peer.requests) == 3
    assert peer.requests[-1].json == {"paging": {"after": "n"}}


async def test_reading_back_is_a_call_like_others(peer: Peer, lose: Any, waits: Waits) -> None:
    """A read that fails is repeated, and when it goes on failing the error is its own."""
    error = await lose("shop.extensions.create")
    peer.respond_with(peer.DROP)
    reads(peer, "shop.extensions.create", {"id": "1", "extension_number": "1001"})
    assert await error.verify() == Extension(id="1", extension_number="1001")
    assert len(waits) == 1
    peer.respond_with(peer.refusal("unauthenticated", 401))
    with pytest.raises(UnauthenticatedError) as caught:
        await error.verify()
    assert caught.value.operation == "shop.extensions.get"


async def test_client_that_was_closed(peer: Peer) -> None:
    """An error that has outlived its client says so."""
    async with ShopClient("1161512386239479010:key", base_url=peer.base_url) as client:
        peer.respond_with(peer.DROP)
        with pytest.raises(OutcomeUnknownError) as caught:
            await client.extensions.create(hotline_id="5", extension_number=1001)
    with pytest.raises(ClientClosedError, match=r"shop\.extensions\.get: the client is closed"):
        await caught.value.verify()


@pytest.mark.parametrize(
    "call",
    [
        lambda shop: shop.zalo.messages.request_user_info(
            oa_id=OA, zl_user_id="1", image_url=URL, title="a", subtitle="b"
        ),
        lambda shop: shop.call("Zalo/SendZNS", {"oa_id": OA}),
    ],
    ids=["no read shows it", "a call by its wire name"],
)
async def test_what_no_read_can_settle(peer: Peer, shop: ShopClient, call: Any) -> None:
    """Where no read can settle the outcome, verify() is a clear error, and nothing is asked."""
    peer.respond_with(peer.DROP)
    with pytest.raises(OutcomeUnknownError) as caught:
        await call(shop)
    assert not caught.value.can_verify
    with pytest.raises(EtelecomError) as told:
        await caught.value.verify()
    assert type(told.value) is EtelecomError
    assert f"{caught.value.operation}: no read of the API can tell whether this call was executed" in str(
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
            "code",
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
        with pytest.raises(EtelecomError, match="the error was pickled and has lost its client"):
            await copy.verify()


class TestTracking:
    """The id that identifies a message."""

    @pytest.fixture(autouse=True)
    def sent(self, peer: Peer) -> None:
        """Has every message sent."""
        peer.always = lambda _: peer.json({"id": "1"})

    @pytest.mark.parametrize("given", [{}, {"tracking_id": None}, {"tracking_id": ""}], ids=str)
    async def test_made_once_for_all_attempts(self, peer: Peer, shop: ShopClient, given: Any) -> None:
        """An id is made where the caller gives none, and every attempt carries the same one."""
        peer.respond_with(peer.refusal("resource_exhausted", 429), peer.refusal("resource_exhausted", 429))
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
        """A message is found by an id that the client made and the caller never saw."""
        peer.respond_with(peer.DROP)
        with pytest.raises(OutcomeUnknownError) as caught:
            await shop.zns.messages.send(**ZNS)
        tracking_id = peer.requests[0].json["tracking_id"]
        assert json.loads(caught.value.request)["tracking_id"] == tracking_id
        peer.respond_with(peer.json({"messages": [{"id": "1", "oa_id": OA, "tracking_id": tracking_id}]}))
        assert (await caught.value.verify()).id == "1"
        assert peer.requests[-1].json == {"filter": {"oa_id": OA, "tracking_id": tracking_id}}


def wanted(fields: dict[str, object]) -> Wanted:
    """Return what a call asked for; the last field identifies the object."""
    *by, key = fields or [None]
    found = Wanted.of(Verify(read="", by=tuple(by), key=key), SimpleNamespace(**fields))
    assert found is not None
    return found


def questions(fields: dict[str, object], row: Operation[Any, Any]) -> list[Any]:
    """Return the requests of the read *row* after a call with these fields."""
    return list(wanted(fields).questions(row))


class TestQuestions:
    """The requests of the read."""

    def test_list(self) -> None:
        """A list is asked by the fields that its filter has."""
        row = OPERATIONS["shop.zns.messages.list"]
        assert questions({"oa_id": "1", "tracking_id": "t", "else": 5}, row) == [
            row.request(filter=ZNSMessageFilter(oa_id="1", tracking_id="t"))
        ]
        assert questions({"tracking_id": PHONE}, row) == [
            row.request(filter=ZNSMessageFilter(tracking_id=PHONE))
        ]

    @pytest.mark.parametrize(
        ("phone", "forms"),
        [
            ("0901234567", ["0901234567", "84901234567"]),
            ("84901234567", ["84901234567", "0901234567"]),
            ("+84 901 234 567", ["+84 901 234 567", "0901234567", "84901234567"]),
            ("1900 1234", ["1900 1234", "19001234"]),
            ("+12125550123", ["+12125550123"]),
            ("1", ["1"]),
        ],
    )
    def test_forms_of_a_phone_number(self, phone: str, forms: list[str]) -> None:
        """A list is asked first for the number as the call wrote it, and then for its other forms."""
        users = OPERATIONS["shop.users.list"]
        expected = [users.request(filter=AccountUserFilter(phone=form)) for form in forms]
        assert questions({"phone": phone}, users) == expected

    def test_list_without_filter(self) -> None:
        """A list that has no filter is asked for whole."""
        for name in ("webhooks.list", "partner.hotlines.list"):
            row = OPERATIONS[name]
            assert questions({"url": "x", "hotline": PHONE}, row) == [row.request()]

    def test_one_thing(self) -> None:
        """A thing is asked for by the fields of the request, as texts."""
        row = OPERATIONS["shop.extensions.get"]
        assert questions({"extension_number": 1001}, row) == [row.request(extension_number="1001")]


@pytest.mark.parametrize(
    ("item", "fields", "is_it"),
    [
        (ExtensionLogin(extension_number="1001"), {"extension_number": 1001}, True),
        (ExtensionLogin(extension_number="1002"), {"extension_number": 1001}, False),
        (ExtensionLogin(), {"extension_number": 1001}, False),
        (Tenant(id="1"), {}, True),
        (ZNSMessage(tracking_id="t"), {"oa_id": "1", "tracking_id": "t"}, True),
        (ZNSMessage(oa_id="1", tracking_id="t"), {"oa_id": "1", "tracking_id": "t"}, True),
        (ZNSMessage(oa_id="2", tracking_id="t"), {"oa_id": "1", "tracking_id": "t"}, False),
        (ZNSMessage(oa_id="1"), {"oa_id": "1", "tracking_id": "t"}, False),
        (ZNSMessage(id="5"), {"oa_id": "1", "tracking_id": "t"}, False),
        (AccountUser(phone="+84 901 234 567"), {"phone": PHONE}, True),
        (AccountUser(phone="0901234568"), {"phone": PHONE}, False),
        (AccountUser(phone="113"), {"phone": "113"}, True),
        (Hotline(hotline="+84 28 3822 1234"), {"hotline": "02838221234"}, True),
        (Hotline(hotline="1900 1234"), {"hotline": "19001234"}, True),
        (ZNSMessage(tracking_id="84901234567"), {"tracking_id": PHONE}, False),
        (ZNSMessage(tracking_id=PHONE), {"tracking_id": PHONE}, True),
        (Webhook(id="1", url=URL), {"no field": "x", "url": URL}, True),
        (Webhook(id="1", url=URL), {"url": URL, "no field": "x"}, False),
    ],
    ids=str,
)
def test_is_it(item: object, fields: dict[str, object], *, is_it: bool) -> None:
    """A thing is it when it has what tells it from others, and shows nothing else than what is wanted."""
    assert wanted(fields).names(item) is is_it


@each_call
async def test_call_of_an_earlier_process(peer: Peer, partner: PartnerClient, name: str) -> None:
    """Without an error object, the request alone is read back by the same rules."""
    arguments, _, it, other, result = CALLS[name]
    client: Any = partner if name.startswith("partner.") else partner.for_shop("shop123456:key")
    row = OPERATIONS[name]
    read_back = client._engine.read_back(row, row.request(**arguments), datetime.now(UTC))
    reads(peer, name, it)
    assert await read_back() == result
    for _ in lookups(name):
        reads(peer, name, other)
    assert await read_back() is None


@pytest.mark.parametrize("name", AGED)
async def test_start_of_an_earlier_process(peer: Peer, partner: PartnerClient, name: str) -> None:
    """The known time of the call counts, whatever this machine and the response say is now."""
    arguments, array, it, _, _ = CALLS[name]
    started = datetime(2026, 1, 2, 12, tzinfo=UTC)
    row = OPERATIONS[name]
    read_back = partner.for_shop("shop123456:key")._engine.read_back(row, row.request(**arguments), started)
    assert read_back is not None
    for seconds, is_it in ((-60, False), (-0.5, True), (60, True)):
        item = {**it, "created_at": (started + timedelta(seconds=seconds)).isoformat()}
        if row.verify.first is not None:
            peer.respond_with(peer.json({"extension_number": "1001"}))
        date = format_datetime(started + timedelta(days=1), usegmt=True)
        peer.respond_with(
            *(peer.json(listing(array, item), Date=date) for _ in range(1 if is_it else len(lookups(name))))
        )
        assert (await read_back() is not None) == is_it


async def test_time_for_other_calls(peer: Peer, partner: PartnerClient) -> None:
    """A read-back tells a listener the time of the server, and keeps its own."""
    arguments, array, it, _, _ = CALLS["shop.zns.messages.send"]
    started, now = datetime(2026, 1, 2, 12, tzinfo=UTC), datetime(2031, 1, 1, tzinfo=UTC)
    row = OPERATIONS["shop.zns.messages.send"]
    engine = partner.for_shop("shop123456:key")._engine
    listener = ServerClock(engine.options.clock, engine.options.clock.now())
    read_back = engine.read_back(row, row.request(**arguments), started, listener)
    assert read_back is not None
    assert not listener.is_servers
    item = {**it, "created_at": started.isoformat()}
    peer.respond_with(peer.json(listing(array, item), Date=format_datetime(now, usegmt=True)))
    assert await read_back() is not None
    assert listener.is_servers
    assert abs(listener.call_started - now) < timedelta(minutes=1)


@pytest.mark.parametrize(
    ("name", "arguments"), [("zalo.files.upload", {"file": b"a"}), ("extensions.unassign", {"user_id": "7"})]
)
async def test_earlier_call_that_no_read_can_tell(
    partner: PartnerClient, name: str, arguments: dict[str, Any]
) -> None:
    """There is nothing to read back without a rule, or if the request does not name its object."""
    row = OPERATIONS[f"shop.{name}"]
    more = {} if row.verify else {"oa_id": "1", "type": "image"}
    engine = partner.for_shop("shop123456:key")._engine
    assert engine.read_back(row, row.request(**arguments, **more), datetime.now(UTC)) is None


class TestManyCalls:
    """One list may show the objects of many calls."""

    def of(self, name: str) -> Wanted:
        """Return what a call looks for."""
        row = OPERATIONS[name]
        found = Wanted.of(row.verify, row.request(**CALLS[name][0]))
        assert found is not None
        return found

    def test_question(self) -> None:
        """It has the filters that the calls share, and the size of a page if the list has pages."""
        messages = OPERATIONS["shop.zns.messages.list"]
        sent = self.of("shop.zns.messages.send")
        expected = messages.request(filter=ZNSMessageFilter(oa_id=OA), paging=Paging(limit=100))
        assert sent.question_for_all(messages, 100) == expected
        assert sent.shared_values() == (OA,)
        hooks = OPERATIONS["webhooks.list"]
        assert self.of("webhooks.create").question_for_all(hooks, 100) == hooks.request()

    @pytest.mark.parametrize(
        ("name", "read", "has_filter"),
        [
            ("shop.zns.messages.send", "shop.zns.messages.list", True),
            ("shop.users.create", "shop.users.list", True),
            ("shop.extensions.create", "shop.extensions.get", True),
            ("shop.extensions.create", "shop.extensions.list", False),
            ("webhooks.create", "webhooks.list", False),
            ("shop.tenant.create", "shop.tenant.get", False),
        ],
    )
    def test_filter(self, name: str, read: str, *, has_filter: bool) -> None:
        """Some reads can ask for one object, by a filter or by a field."""
        assert self.of(name).has_filter(OPERATIONS[read]) is has_filter

    @pytest.mark.parametrize(
        ("name", "item", "label"),
        [
            ("shop.zns.messages.send", ZNSMessage(tracking_id="t-1"), "t-1"),
            ("shop.extensions.create", Extension(extension_number="1001"), "1001"),
            ("shop.extensions.assign", Extension(id="1", user_id="7"), "1"),
            ("shop.users.create", AccountUser(phone="+84 901 234 567"), "84901234567"),
            ("shop.tenant.create", Tenant(id="1"), ""),
        ],
    )
    def test_label(self, name: str, item: object, label: str) -> None:
        """An object has the label of its call; a phone number is the same in all its forms."""
        assert self.of(name).label_of(item) == self.of(name).label() == label

    def test_label_of_other_objects(self) -> None:
        """Another object, also one with a text that is no phone number, has another label."""
        users = self.of("shop.users.create")
        assert users.label_of(AccountUser(phone="none")) == "none"
        assert users.label_of(AccountUser()) == ""
