"""The part of a sandbox that belongs to one test or one key."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aiohttp
import pytest

from etelecom_async import OutcomeUnknownError, ShopClient, errors
from etelecom_async.sandbox import Fault

if TYPE_CHECKING:
    from tests.sandbox.conftest import Peer

USERS = "Shop/GetAccountUsers"
HIRE = "Shop/CreateAccountUser"
LIST = "Etelecom/ListCallLogs"


async def ask(peer: Peer, method: str, body: Any = None, **headers: str) -> int:
    """Returns the status of a call with the partner's key for the shop and these headers."""
    headers = {"Authorization": f"Bearer {peer.service.shop_key}", **headers}
    url = f"{peer.service.base_url}/partner.{method}"
    async with peer.http.post(url, json=body or {}, headers=headers) as response:
        return response.status


async def test_two_tests(newcomer: Peer) -> None:
    """A test gets its own faults and sees its own requests; a call without the header gets neither."""
    one, other = newcomer.service.for_test("one"), newcomer.service.for_test("other")
    fault = one.faults.add(Fault(kind="status", status=502, after=1, times=1))
    other.faults.add(Fault(kind="status", status=503))
    statuses = [await ask(newcomer, USERS, **view.headers) for view in (one, other, one, one, other)]
    assert statuses == [200, 503, 502, 200, 503]
    assert await ask(newcomer, USERS) == 200
    assert (fault.seen, fault.struck) == (3, 1)
    assert [request.status for request in one.requests] == [200, 502, 200]
    assert {request.test for request in other.requests} == {"other"}
    assert (one.requests.counts, one.processed) == ({"shop.users.list": 3}, {"shop.users.list": 2})
    assert (other.requests.counts, other.processed) == ({"shop.users.list": 2}, {})
    assert newcomer.service.requests.counts == {"shop.users.list": 6}
    assert newcomer.service.processed == {"shop.users.list": 3}
    one.faults.clear()
    assert (len(one.faults), len(other.faults), len(newcomer.service.faults)) == (0, 1, 1)


async def test_a_test_with_vietnamese_letters(newcomer: Peer) -> None:
    """The client's `headers=` carries any name of a test, and the control API has the name as it is."""
    service, name = newcomer.service, "test_gọi_nhỡ[Lê An 100%]"
    view = service.for_test(name)
    view.faults.add(Fault(kind="status", status=404, code="not_found"))
    async with ShopClient(service.shop_key, base_url=service.base_url, headers=view.headers) as shop:
        with pytest.raises(errors.NotFoundError):
            await shop.users.list()
    assert [request.test for request in view.requests] == [name]
    url = f"{service.sms_base_url}/_sandbox/requests/log"
    async with newcomer.http.get(url, params={"test": name}) as response:
        assert [request["test"] for request in (await response.json())["requests"]] == [name]


async def test_two_keys(newcomer: Peer) -> None:
    """A fault of one key does not apply to calls with another key; a key has no header of its own."""
    service = newcomer.service
    view = service.for_key(service.shop_key)
    view.faults.add(Fault(kind="status"))
    assert await newcomer.shop_error(USERS) == (503, "unavailable")
    await newcomer.partner("Shop/GetShops")
    assert (await newcomer.post("shop.Etelecom/GetExtensions", key=service.shop_api_key))[0] == 200
    assert view.headers == {}
    assert view.requests.counts == {"shop.users.list": 1}
    assert [active.fault.to_dict()["key"] for active in view.faults] == ["****"]
    assert service.shop_key not in repr(view) + repr(next(iter(view.faults)).fault)
    assert service.for_key(service.shop_api_key).processed == {"shop.extensions.list": 1}


async def test_test_and_key(newcomer: Peer) -> None:
    """A fault of a view may name the other one of test and key; both have to match."""
    service = newcomer.service
    service.for_test("a").faults.add(Fault(kind="status", key=service.partner_api_key))
    service.for_key(service.shop_key).faults.add(Fault(kind="status", status=500, test="b"))
    assert await ask(newcomer, USERS, **{"X-Sandbox-Test": "a"}) == 200
    assert await ask(newcomer, USERS, **{"X-Sandbox-Test": "b"}) == 500
    partner = {"X-Sandbox-Test": "a", "Authorization": f"Bearer {service.partner_api_key}"}
    assert await ask(newcomer, "Shop/GetShops", **partner) == 503


async def test_wrong_faults(newcomer: Peer) -> None:
    """A fault of another test, or one that acts before a head was read, is refused with the remedy."""
    view = newcomer.service.for_test("a")
    with pytest.raises(ValueError, match="another test; remove it"):
        view.faults.add(Fault(kind="slow", test="b"))
    with pytest.raises(ValueError, match="another key; remove it"):
        newcomer.service.for_key("k:1").faults.add(Fault(kind="slow", key="k:2"))
    with pytest.raises(ValueError, match=r"test does not apply to refuse.*reset_before resets"):
        view.faults.add(Fault(kind="refuse"))
    for name in ("", "a\nb"):
        with pytest.raises(ValueError, match=r"^test "):
            newcomer.service.for_test(name)
    with pytest.raises(ValueError, match="without `Bearer`"):
        newcomer.service.for_key("Bearer k")
    assert not newcomer.service.faults


async def test_random_faults_of_one_test(newcomer: Peer) -> None:
    """Random faults hit the same calls of a test, whatever faults and calls other tests have."""

    async def hits(name: str, others: int) -> list[int]:
        for number in range(others):
            newcomer.service.for_test(f"other {number}").faults.add(Fault(kind="slow", probability=0.5))
        view = newcomer.service.for_test(name)
        view.faults.add(Fault(kind="status", probability=0.5))
        found: list[int] = []
        for _ in range(20):
            await ask(newcomer, USERS, **{"X-Sandbox-Test": "other 0"}) if others else None
            found.append(await ask(newcomer, USERS, **view.headers))
        return found

    alone = await hits("a", 0)
    assert alone == await hits("b", 3)
    assert {200, 503} == set(alone)


async def test_pages_and_late_calls_of_one_test(peer: Peer) -> None:
    """Faults of pages and late calls belong to a test, too."""
    view = peer.service.for_test("a")
    view.faults.add(Fault(kind="repeat_cursor", operation="shop.call_logs.list"))
    view.faults.add(Fault(kind="status", operation="shop.users.create", late_seconds=60))
    assert len(await peer.walk(peer.shop, LIST, "call_logs", paging={"limit": 10})) == 30
    page = await peer.shop(LIST, paging={"limit": 10})
    headers = {"Authorization": f"Bearer {peer.service.shop_key}", **view.headers}
    url = f"{peer.service.base_url}/partner.{LIST}"
    paging = {"limit": 10, "after": page["paging"]["next"]}
    async with peer.http.post(url, json={"paging": paging}, headers=headers) as response:
        assert (await response.json())["paging"]["next"] == paging["after"]
    user = {"full_name": "Lê An", "phone": "0901234567", "password": "x"}
    assert await ask(peer, HIRE, user, **view.headers) == 503
    peer.advance(minutes=1)
    assert view.requests.of("shop.users.create")[0].is_executed
    assert view.processed == {"shop.call_logs.list": 1, "shop.users.create": 1}


async def test_with_the_client(newcomer: Peer) -> None:
    """A client belongs to a test by the default headers of its session."""
    service = newcomer.service
    view = service.for_test("tests/test_a.py::test_b[1]")
    view.faults.add(Fault(kind="reset_after", operation="shop.users.create"))
    async with (
        aiohttp.ClientSession(headers=view.headers) as http,
        ShopClient(service.shop_key, base_url=service.base_url, session=http) as shop,
    ):
        with pytest.raises(OutcomeUnknownError):
            await shop.users.create(full_name="Lê An", phone="0901234567", password="x")
    async with ShopClient(service.shop_key, base_url=service.base_url) as shop:
        with pytest.raises(errors.AlreadyExistsError):
            await shop.users.create(full_name="Lê An", phone="0901234567", password="x")
    assert [request.is_executed for request in view.requests.of("shop.users.create")] == [True]
