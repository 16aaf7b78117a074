"""Calls that are executed after their connection has ended."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest

from etelecom_async.sandbox import Fault

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.sandbox.conftest import Peer

NAME = "shop.users.create"
HIRE = "Shop/CreateAccountUser"
USER = {"full_name": "Lê An", "phone": "0901234567", "password": "one-time"}


async def hire(peer: Peer, **fields: str) -> None:
    """Creates the user, and takes any response or none."""
    with suppress(aiohttp.ClientError):
        await peer.post(f"partner.{HIRE}", {**USER, **fields}, key=peer.service.shop_key)


async def test_execute_late(peer: Peer, dial: Callable[..., Any]) -> None:
    """The connection is reset without a byte; the call is executed when the clock reaches its time."""
    peer.service.faults.add(Fault(kind="execute_late", operation=NAME, late_seconds=30, times=1))
    line = await dial()
    line.ask(HIRE, **USER)
    heard = await line.hear()
    assert (heard.data, heard.end) == (b"", "reset")
    peer.advance(seconds=25)
    assert await peer.users(phone=USER["phone"]) == []
    assert peer.service.processed.get(NAME) is None
    peer.advance(seconds=5)
    assert len(await peer.users(phone=USER["phone"])) == 1
    peer.advance(days=1)
    assert (peer.service.requests.counts[NAME], peer.service.processed[NAME]) == (1, 1)


@pytest.mark.parametrize("is_over_http", [False, True])
async def test_counts_execute_what_is_due(peer: Peer, *, is_over_http: bool) -> None:
    """A look at the counts, in the program or over HTTP, counts the calls that are due."""
    peer.service.faults.add(Fault(kind="status", operation=NAME, late_seconds=30))
    await hire(peer)
    peer.advance(seconds=30)
    if is_over_http:
        async with peer.http.get(f"{peer.service.sms_base_url}/_sandbox/requests") as response:
            assert (await response.json())["processed"] == {NAME: 1}
    else:
        assert peer.service.processed == {NAME: 1}


@pytest.mark.parametrize("late", [{}, {"late_seconds": 0}])
async def test_at_once(peer: Peer, late: Any) -> None:
    """Without a delay, the call is executed before the next request is."""
    peer.service.faults.add(Fault(kind="execute_late", operation=NAME, times=1, **late))
    await hire(peer)
    assert await peer.shop_error(HIRE, **USER) == (409, "already_exists")
    assert peer.service.processed[NAME] == 1


async def test_status_and_late(peer: Peer) -> None:
    """A proxy's 504 comes first, and the call is executed after it."""
    peer.service.faults.add(Fault(kind="status", status=504, operation=NAME, late_seconds=30))
    assert await peer.shop_error(HIRE, **USER) == (504, "deadline_exceeded")
    assert peer.service.processed == {}
    peer.advance(seconds=30)
    assert peer.service.processed == {NAME: 1}


async def test_time_and_order(peer: Peer) -> None:
    """Calls are executed in the order of their times, and each sees its own time."""
    seconds = (60, 30, 90)
    began = peer.service.now
    for number, delay in enumerate(seconds):
        peer.service.faults.add(Fault(kind="execute_late", operation=NAME, late_seconds=delay, times=1))
        await hire(peer, phone=f"090123456{number}")
    peer.advance(hours=1)
    rows = peer.service._now.state.fetch_all(
        "SELECT doc, created_at FROM account_user WHERE phone LIKE '090123456_' ORDER BY id"
    )
    assert rows == []
    assert peer.service.processed == {NAME: 3}
    rows = peer.service._now.state.fetch_all(
        "SELECT phone, created_at FROM account_user WHERE phone LIKE '090123456_' ORDER BY id"
    )
    assert [row["phone"][-1] for row in rows] == ["1", "0", "2"]
    for row, delay in zip(rows, sorted(seconds), strict=True):
        created = datetime.fromtimestamp(row["created_at"] / 1e6, tz=began.tzinfo)
        assert timedelta(seconds=delay) <= created - began < timedelta(minutes=10)


async def test_a_caller_who_gives_up(peer: Peer, dial: Callable[..., Any], until: Callable[..., Any]) -> None:
    """The time of a stalled response begins when the caller gives up."""
    peer.service.faults.add(Fault(kind="stall_header", operation=NAME, late_seconds=30))
    line = await dial()
    line.ask(HIRE, **USER)
    late = peer.service._now.app.late_calls
    await until(lambda: peer.service._now.app._connection_faults._waiting)
    peer.advance(seconds=60)
    assert peer.service.processed == {}
    line.writer.close()
    await until(lambda: late._waiting)
    assert peer.service.processed == {}
    peer.advance(seconds=30)
    assert peer.service.processed == {NAME: 1}


@pytest.mark.parametrize("fields", [{"phone": ""}, {"phone": None}, {"full_name": []}])
async def test_a_call_that_is_rejected(
    peer: Peer, dial: Callable[..., Any], caplog: pytest.LogCaptureFixture, fields: Any
) -> None:
    """A rejected call gets the fault too, and is never executed; the next request is not disturbed."""
    peer.service.faults.add(Fault(kind="execute_late", operation=NAME, late_seconds=30, times=1))
    line = await dial()
    line.ask(HIRE, **USER | fields)
    assert (await line.hear()).end == "reset"
    peer.advance(seconds=30)
    await peer.shop("Etelecom/GetTenant")
    assert peer.service.processed == {"shop.tenant.get": 1}
    assert not caplog.records


async def test_a_late_call_that_fails(
    peer: Peer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A failure of the sandbox in a late call is logged, and the next request is not disturbed."""
    peer.service.faults.add(Fault(kind="execute_late", operation=NAME, times=1))

    def fail(*_: object) -> Any:
        raise ZeroDivisionError

    with monkeypatch.context() as patch:
        patch.setitem(peer.service._now.app._execute.__globals__["HANDLERS"], NAME, fail)
        await hire(peer)
        await peer.shop("Etelecom/GetTenant")
    assert [record.getMessage() for record in caplog.records] == [
        f"The sandbox could not execute a late {NAME}"
    ]
    assert await peer.users(phone=USER["phone"]) == []


async def test_a_late_message(peer: Peer) -> None:
    """A call of the SMS service can be late, and its text rejections too."""
    peer.service.faults.add(Fault(kind="status", operation="sms.send", late_seconds=30))
    url = f"{peer.service.sms_base_url}/api/OmniMessage/SendMessage"
    account = {"username": peer.service.sms_username, "password": peer.service.sms_password}
    message = {
        "phonenumber": "0901234567",
        "templatecode": "OTP",
        "list_param": {"otp": "1"},
        "requestid": "a",
    }
    for fields in (account | message, message):
        async with peer.http.post(url, data=json.dumps(fields)) as response:
            assert response.status == 503
    peer.advance(seconds=30)
    assert peer.service.processed["sms.send"] == 1
