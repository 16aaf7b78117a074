"""The control API of snapshots."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.sandbox.conftest import Peer


async def ask(peer: Peer, method: str, path: str = "") -> tuple[int, Any]:
    """Calls the control API of snapshots, without a key and a body."""
    url = f"{peer.service.sms_base_url}/_sandbox/snapshots{path}"
    headers = {"Content-Type": "application/json"} if method == "POST" else {}
    async with peer.http.request(method, url, headers=headers) as response:
        return response.status, await response.json()


async def test_snapshots(newcomer: Peer) -> None:
    """A snapshot is taken, listed, restored as often as needed, and forgotten."""
    assert await ask(newcomer, "GET") == (200, {"snapshots": []})
    status, taken = await ask(newcomer, "POST")
    assert (status, taken["id"]) == (200, "1")
    assert timedelta(0) <= newcomer.service.now - datetime.fromisoformat(taken["now"]) < timedelta(hours=1)
    for _ in range(2):
        await newcomer.shop("Etelecom/CreateTenant")
        newcomer.advance(days=5)
        assert await ask(newcomer, "POST", "/1/restore") == (200, taken)
        assert newcomer.service.requests.counts == {}
        assert newcomer.service.now - datetime.fromisoformat(taken["now"]) < timedelta(days=1)
        assert newcomer.service._now.state.count_records()["tenant"] == 0
    assert (await ask(newcomer, "POST"))[1]["id"] == "2"
    assert [each["id"] for each in (await ask(newcomer, "GET"))[1]["snapshots"]] == ["1", "2"]
    assert (await ask(newcomer, "DELETE", "/1"))[1]["snapshots"][0]["id"] == "2"
    for method, path in (("POST", "/1/restore"), ("DELETE", "/1"), ("POST", "/x/restore")):
        status, error = await ask(newcomer, method, path)
        assert (status, error["code"]) == (404, "not_found")


async def test_too_many(newcomer: Peer) -> None:
    """The number of snapshots is limited, because each is a copy of the state."""
    for _ in range(16):
        assert (await ask(newcomer, "POST"))[0] == 200
    status, error = await ask(newcomer, "POST")
    assert (status, error["code"]) == (429, "resource_exhausted")
    await ask(newcomer, "DELETE", "/3")
    assert (await ask(newcomer, "POST"))[1]["id"] == "17"
