"""The journal of requests: what it records, what it masks, and what it counts."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest

from etelecom_async import KeyKind, ShopClient
from etelecom_async.sandbox import Fault, RecordedRequest, journal
from etelecom_async.sandbox.journal import Journal
from etelecom_async.sandbox.sender import Sender

if TYPE_CHECKING:
    from tests.sandbox.conftest import Peer

NOW = datetime(2026, 1, 1, tzinfo=UTC)
USERS = "Shop/GetAccountUsers"
HIRE = "Shop/CreateAccountUser"
USER = {"full_name": "Lê An", "phone": "0901234567", "password": "canary-word"}


def read(body: bytes, key: str | None = None) -> Any:
    """Returns a body as the journal shows it."""
    entries = Journal()
    entries.add("sms.send", "/api/x", Sender(None, key), NOW).keep_body(body)
    return entries.requests()[0].body


async def test_a_call(newcomer: Peer) -> None:
    """A call is recorded with its outcome, its key and its masked body."""
    before = newcomer.service.now
    await newcomer.shop(HIRE, **USER)
    (request,) = newcomer.service.requests
    assert isinstance(request, RecordedRequest)
    assert (request.operation, request.path) == ("shop.users.create", f"/v1/partner.{HIRE}")
    assert (request.status, request.is_executed, request.faults) == (200, True, ())
    assert (request.key_kind, request.test) == (KeyKind.PARTNER_SHOP_KEY, None)
    assert before <= request.time <= newcomer.service.now
    assert request.body == {"full_name": "Lê An", "phone": "090***567", "password": "****"}
    assert newcomer.service.requests.counts == newcomer.service.processed == {"shop.users.create": 1}
    json.dumps(request.to_dict())


async def test_rejected_requests(newcomer: Peer) -> None:
    """A rejected request, also one to an unknown path, is recorded with its status and its body."""
    await newcomer.post(f"shop.{USERS}", key="no-key")
    await newcomer.post(f"partner.{HIRE}", {"phone": 5}, key=newcomer.service.shop_key)
    await newcomer.post("shop.Shop/Nothing", key=newcomer.service.shop_key)
    found = [
        (each.operation, each.status, each.is_executed, each.key_kind, each.body)
        for each in newcomer.service.requests
    ]
    assert found == [
        ("shop.users.list", 401, False, None, {}),
        ("shop.users.create", 400, False, KeyKind.PARTNER_SHOP_KEY, {"phone": 5}),
        (None, 404, False, None, None),
    ]
    assert newcomer.service.requests.counts == {"shop.users.list": 1, "shop.users.create": 1}
    assert newcomer.service.processed == {}


@pytest.mark.parametrize(
    ("settings", "status", "is_executed", "has_body"),
    [
        ({"kind": "reset_before"}, None, False, False),
        ({"kind": "reset_after"}, None, True, True),
        ({"kind": "half_body"}, 200, True, True),
        ({"kind": "status", "status": 503}, 503, False, True),
        ({"kind": "status", "status": 504, "processed": True}, 504, True, True),
        ({"kind": "execute_late", "late_seconds": 0}, None, True, True),
    ],
)
async def test_calls_with_faults(
    newcomer: Peer, settings: Any, status: int | None, *, is_executed: bool, has_body: bool
) -> None:
    """The record has the status that was sent, whether the call was executed, and the kind of the fault."""
    newcomer.service.faults.add(Fault(operation="shop.users.create", times=1, **settings))
    with_key = {"Authorization": f"Bearer {newcomer.service.shop_key}"}
    url = f"{newcomer.service.base_url}/partner.{HIRE}"
    try:
        async with newcomer.http.post(url, json=USER, headers=with_key) as response:
            await response.read()
    except aiohttp.ClientError:
        assert status in (None, 200)
    (request,) = newcomer.service.requests
    assert (request.status, request.is_executed, request.faults) == (
        status,
        is_executed,
        (settings["kind"],),
    )
    assert (request.body is not None) == has_body
    assert request.key_kind == (KeyKind.PARTNER_SHOP_KEY if has_body else None)


async def test_uploads_and_sms(peer: Peer) -> None:
    """An upload is recorded by its fields; a message without its password and its values."""
    oa = (await peer.oas())[0]
    await peer.upload(b"hello", "a.txt", "text/plain", type="file", oa_id=oa["oa_id"])
    await peer.sms("OmniMessage/SendMessage", phonenumber="0901234567", list_param={"otp": "482913"})
    upload, message = peer.service.requests[-2:]
    assert upload.body["fields"] == {"type": "file", "oa_id": oa["oa_id"]}
    assert (upload.body["name"], upload.body["size"]) == ("a.txt", 5)
    assert message.key_kind is KeyKind.USERNAME_PASSWORD
    assert message.body["password"] == message.body["list_param"] == "****"
    assert peer.service.sms_password not in str(peer.service.requests)
    assert "482913" not in repr(peer.service.requests)


async def test_faults_of_pages(peer: Peer) -> None:
    """The record of a page has the fault of the page."""
    peer.service.faults.add(Fault(kind="repeat_page", operation="shop.call_logs.list", times=1))
    peer.service.faults.add(Fault(kind="blank_next", operation="shop.call_logs.list", times=1))
    async with ShopClient(peer.service.shop_api_key, base_url=peer.service.base_url) as shop:
        assert isinstance(await shop.call_logs.list(limit=15).collect(), list)
    kinds = [request.faults for request in peer.service.requests.of("shop.call_logs.list")]
    assert sorted(kinds, reverse=True)[:2] == [("repeat_page",), ("blank_next",)]


def test_masking() -> None:
    """Names, values of templates, phone numbers, secrets elsewhere in the body, and the key are masked."""
    body = {
        "password": "canary-1",
        "note": "canary-1 of 0901234567, canary-key-2",
        "apiKey": ["a"],
        "token": None,
        "phones": ["84901234567", 84901234567],
        "template_data": {"name": {"deep": "x"}},
        "id": "1161512386239479010",
        "limit": 5,
        "is_on": True,
        "list": [{"secret": 7, "sort": "-created_at"}],
    }
    assert read(json.dumps(body).encode(), "canary-key-2") == {
        "password": "****",
        "note": "**** of 090***567, ****",
        "apiKey": "****",
        "token": None,
        "phones": ["8490***567", "8490***567"],
        "template_data": "****",
        "id": "1161512386239479010",
        "limit": 5,
        "is_on": True,
        "list": [{"secret": "****", "sort": "-created_at"}],
    }


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"", None),
        (b'{"password": "canary', '{"password": "****"'),
        (b"\xff{", "\ufffd{"),
        (b"[1, 0901234567", "[1, 090***567"),
        (b"null", None),
    ],
)
def test_bodies_that_are_no_json(body: bytes, expected: Any) -> None:
    """A body that is no JSON is a masked text."""
    assert read(body) == expected


def test_long_and_deep_bodies() -> None:
    """A long body is cut, and a deep one is read as a text; both are masked."""
    long = read(b'{"password": "canary", "x": "' + b"x" * 2**20 + b'"}')
    assert isinstance(long, str)
    assert "canary" not in long
    assert len(long) < 2**15
    deep = read(b"[" * 900 + b'{"password": "canary"}' + b"]" * 900)
    assert "canary" not in str(deep)
    assert "****" in str(deep)


def test_old_requests_are_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the newest requests are kept, but all are counted."""
    monkeypatch.setattr(journal, "MOST_REQUESTS", 3)
    entries = Journal()
    for number in range(5):
        entries.add("sms.send", f"/{number}", Sender(str(number % 2)), NOW)
    assert [request.path for request in entries.requests()] == ["/2", "/3", "/4"]
    assert entries.received() == {"sms.send": 5}
    odd = entries.requests(Sender("1"))
    assert ([request.path for request in odd], odd.counts) == (["/3"], {"sms.send": 2})


async def test_as_a_sequence(newcomer: Peer) -> None:
    """Requests have the methods of a sequence, and `of` chooses those of one operation."""
    await newcomer.shop(USERS, filter={"name": "a"})
    await newcomer.shop("Shop/CurrentShop")
    requests = newcomer.service.requests
    assert len(requests) == 2
    assert requests[0].body == {"filter": {"name": "a"}}
    assert [each.operation for each in requests[1:]] == [requests[-1].operation]
    assert requests.of("shop.users.list") == [requests[0]]
    with pytest.raises(ValueError, match=r"'shop\.user\.list' is not .*; did you mean 'shop\.users\.list'\?"):
        requests.of("shop.user.list")
    assert repr(requests).startswith("Requests([RecordedRequest(operation='shop.users.list'")
