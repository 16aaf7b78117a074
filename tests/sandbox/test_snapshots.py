"""Snapshots of a whole sandbox."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest

from etelecom_async.sandbox import Fault, Sandbox, StateFileError
from etelecom_async.sandbox.store.state import State

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.sandbox.conftest import Peer

HIRE = "Shop/CreateAccountUser"
NAME = "shop.users.create"
USER = {"full_name": "Lê An", "phone": "0901234567", "password": "x"}
SMS = {
    "phonenumber": "0901234560",
    "templatecode": "OTP_SMS",
    "routerule": ["3"],
    "list_param": {"otp": "482913"},
}


async def test_everything_returns(peer: Peer) -> None:
    """Records, keys, the clock, faults with their counts, requests and counts return, as often as needed."""
    service = peer.service
    kept = service.faults.add(Fault(kind="status", operation=NAME, after=1))
    await peer.shop(HIRE, **USER)
    users = await peer.users()
    snapshot = service.snapshot()
    counts, records = dict(service.requests.counts), service._now.state.count_records()
    for _ in range(2):
        assert await peer.shop_error(HIRE, **USER) == (503, "unavailable")
        service.faults.add(Fault(kind="status", operation="shop.users.list"))
        tenant = await peer.shop("Etelecom/GetTenant")
        service._now.state.execute("DELETE FROM extension WHERE tenant_id = ?", int(tenant["id"]))
        peer.advance(days=100)
        service.restore(snapshot)
        assert timedelta(0) <= service.now - snapshot.now < timedelta(hours=1)
        assert [(active, active.seen, active.struck) for active in service.faults] == [(kept, 1, 0)]
        assert (service.requests.counts, service.processed) == (counts, counts)
        assert service._now.state.count_records() == records
        assert await peer.users() == users
        service.restore(snapshot)


async def test_pending_changes_return(newcomer: Peer) -> None:
    """A message that was on its way at the snapshot is on its way again, and arrives again."""
    receipt = await newcomer.sms("OmniMessage/SendMessage", **SMS)

    async def status() -> str:
        report = await newcomer.sms("OmniReport/GetStatusOmni", idOmniMess=receipt["idOmniMess"])
        return str(report["status"])

    snapshot = newcomer.service.snapshot()
    for _ in range(2):
        assert await status() == "PROCESSING"
        newcomer.advance(minutes=5)
        assert await status() == "SUCCESS"
        newcomer.service.restore(snapshot)
    assert await status() == "PROCESSING"


async def test_late_calls_return(newcomer: Peer) -> None:
    """A late call that waited at the snapshot waits again; one that was added later is dropped."""
    service = newcomer.service

    async def hire_late(phone: str) -> None:
        service.faults.add(Fault(kind="status", operation=NAME, late_seconds=60, times=1))
        assert await newcomer.shop_error(HIRE, **{**USER, "phone": phone}) == (503, "unavailable")

    await hire_late("0901234560")
    snapshot = service.snapshot()
    await hire_late("0901234561")
    service.restore(snapshot)
    assert await newcomer.users() == []
    newcomer.advance(seconds=60)
    assert [user["phone"] for user in await newcomer.users()] == ["0901234560"]
    assert [request.is_executed for request in service.requests.of(NAME)] == [True]
    service.restore(snapshot)
    assert [request.is_executed for request in service.requests.of(NAME)] == [False]
    assert await newcomer.users() == []


async def hire_during_restore(peer: Peer) -> dict[str, Any]:
    """Returns the response to a call, half of whose body arrives after the sandbox has been restored."""
    service = peer.service
    content = json.dumps(USER).encode()
    snapshot = service.snapshot()

    async def body() -> AsyncIterator[bytes]:
        yield content[:9]
        while not service.requests:  # noqa: ASYNC110 - the sandbox runs on this loop and sets no event
            await asyncio.sleep(0)
        service.restore(snapshot)
        yield content[9:]

    headers = {"Authorization": f"Bearer {service.shop_key}", "Content-Type": "application/json"}
    url = f"{service.base_url}/partner.{HIRE}"
    async with peer.http.post(url, data=body(), headers=headers) as response:
        return {"status": response.status, **await response.json()}


async def test_a_call_under_way(newcomer: Peer) -> None:
    """A call whose body arrives after a restore is not executed, and its caller gets `aborted`."""
    response = await hire_during_restore(newcomer)
    assert (response["status"], response["code"]) == (409, "aborted")
    assert len(newcomer.service.requests) == 0
    assert (await newcomer.users(), newcomer.service.processed) == ([], {"shop.users.list": 1})


async def test_a_late_call_under_way(newcomer: Peer) -> None:
    """A call that would become late after a restore is dropped."""
    newcomer.service.faults.add(Fault(kind="execute_late"))
    with pytest.raises(aiohttp.ClientError):
        await hire_during_restore(newcomer)
    newcomer.service.faults.clear()
    newcomer.advance(days=1)
    assert await newcomer.users() == []


async def test_a_snapshot_of_another_run(newcomer: Peer) -> None:
    """A snapshot of another sandbox, or of an earlier run of this one, is refused."""
    other = Sandbox(call_logs=0, zns_messages=0)
    with pytest.raises(RuntimeError, match="not running"):
        other.snapshot()
    async with other:
        snapshot = other.snapshot()
        with pytest.raises(ValueError, match="another run of a sandbox"):
            newcomer.service.restore(snapshot)
    async with other:
        with pytest.raises(ValueError, match="another run of a sandbox"):
            other.restore(snapshot)


async def test_a_state_in_a_file(tmp_path: Path) -> None:
    """The file returns to the snapshot, and a later run of the sandbox finds this state."""
    file = tmp_path / "state.db"
    few: dict[str, Any] = {"call_logs": 5, "zns_messages": 0, "users": 0}
    async with Sandbox(data=file, **few) as service, aiohttp.ClientSession() as http:
        snapshot = service.snapshot()
        headers = {"Authorization": f"Bearer {service.shop_key}"}
        async with http.post(f"{service.base_url}/partner.{HIRE}", json=USER, headers=headers) as response:
            assert response.status == 200
        service.advance(timedelta(days=3))
        before = service._now.state.count_records()
        service.restore(snapshot)
        after = service._now.state.count_records()
        assert {name for name in after if after[name] != before[name]} == {"account_user"}
    async with Sandbox(data=file, **few) as service:
        assert service._now.state.count_records() == after
        assert service.now - snapshot.now < timedelta(days=1)


async def test_a_file_that_cannot_be_written(newcomer: Peer, monkeypatch: pytest.MonkeyPatch) -> None:
    """If the state cannot be restored, nothing is."""
    service = newcomer.service
    snapshot = service.snapshot()
    fault = service.faults.add(Fault(kind="slow"))
    ahead = service.advance(timedelta(days=1))

    def fail(*_: object) -> None:
        raise StateFileError("the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(State, "restore", fail)
        with pytest.raises(StateFileError):
            service.restore(snapshot)
    assert list(service.faults) == [fault]
    assert service.now >= ahead


async def test_added_records(newcomer: Peer) -> None:
    """Records of a test are dropped, those from before stay; each test gets the same invented values."""
    service = newcomer.service
    kept = service.users.add(full_name="Lê An")
    snapshot = service.snapshot()
    names: set[tuple[str | None, str | None]] = set()
    for _ in range(2):
        user, shop = service.users.add(), service.shops.add()
        service.users.update(kept.user_id or "", full_name="Lê Bình")
        assert shop.api_key is not None
        names.add((user.full_name, user.phone))
        assert (await newcomer.post("shop.Etelecom/GetExtensions", key=shop.api_key.reveal()))[0] == 200
        service.restore(snapshot)
        assert (await newcomer.post("shop.Etelecom/GetExtensions", key=shop.api_key.reveal()))[0] == 401
        assert service.users.list() == (kept,)
    assert len(names) == 1


async def test_faults_stay_apart(newcomer: Peer) -> None:
    """After a restore, the faults of a test, a key and an added shop still apply to their own calls only."""
    service, path = newcomer.service, "shop.Etelecom/GetExtensions"
    shop = service.shops.add()
    assert shop.api_key is not None
    other = shop.api_key.reveal()
    mine = service.for_key(service.shop_api_key)
    mine.faults.add(Fault(kind="status", status=502, times=1))
    service.for_key(other).faults.add(Fault(kind="status", status=503))
    named = service.for_test("named")
    named.faults.add(Fault(kind="status", status=500, operation=NAME))
    snapshot = service.snapshot()
    for _ in range(2):
        mine.faults.clear()
        service.for_test("later").faults.add(Fault(kind="status", status=504))
        service.restore(snapshot)
        asked = [(await newcomer.post(path, key=key))[0] for key in (service.shop_api_key, other) * 2]
        assert asked == [502, 503, 200, 503]
        assert (mine.requests.counts, len(service.requests)) == ({"shop.extensions.list": 2}, 4)
        assert (len(named.requests), len(named.faults), len(service.for_test("later").faults)) == (0, 1, 0)
        assert await newcomer.shop(HIRE, **USER)
