"""Records over HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.sandbox.conftest import Peer


async def ask(peer: Peer, method: str, path: str = "", body: Any = None) -> tuple[int, Any]:
    """Calls the control API of the records, without a key."""
    url = f"{peer.service.sms_base_url}/_sandbox/records{path}"
    async with peer.http.request(method, url, json=body) as response:
        return response.status, await response.json()


async def test_a_record_from_its_addition_to_its_deletion(peer: Peer) -> None:
    """A document adds records; each can be read, changed and deleted, and lists of the API show it."""
    user = {"full_name": "Lê An", "phone": "0901234567"}
    status, added = await ask(peer, "POST", "", {"calls": [{"user_id": "0901234567"}], "users": [user]})
    (call,), (employee,) = added["calls"], added["users"]
    assert (status, call["user_id"]) == (200, employee["user_id"])
    assert call["recording_urls"] == [f"{peer.service.sms_base_url}/recordings/{call['id']}.wav"]
    assert await peer.calls(user_id=employee["user_id"]) == [call]
    assert await ask(peer, "GET", f"/calls/{call['id']}") == (200, call)
    status, changed = await ask(peer, "PATCH", f"/calls/{call['id']}", {"note": "x"})
    assert (status, changed["note"]) == (200, "x")
    status, listed = await ask(peer, "GET", f"/calls?shop={employee['account_id']}")
    assert (status, listed["calls"][0], len(listed["calls"])) == (200, changed, 31)
    assert await ask(peer, "DELETE", f"/calls/{call['id']}") == (200, {})
    assert (await ask(peer, "GET", f"/calls/{call['id']}"))[0] == 404
    assert len(await peer.calls()) == 30


async def test_wrong_requests(peer: Peer) -> None:
    """A wrong record gets a 400 with all problems, an unknown one a 404, and nothing is changed."""
    before = await peer.calls()
    wrong = {"calls": [{}, {"hotline_id": "9"}, {"duraton": 5}]}
    status, error = await ask(peer, "POST", "", wrong)
    assert (status, error["code"]) == (400, "invalid_argument")
    assert error["msg"] == (
        "calls[1].hotline_id: there is no hotline '9'; "
        "calls[2].duraton: there is no such field; did you mean 'duration'?"
    )
    path = f"/calls/{before[0]['id']}"
    assert (await ask(peer, "PATCH", path, {"id": "5"}))[0] == 400
    assert (await ask(peer, "PATCH", path, [1]))[1]["code"] == "malformed"
    assert (await ask(peer, "GET", "/calls?shop=9"))[0] == 400
    assert (await ask(peer, "GET", "/calls?shp=9"))[1]["msg"] == "shp is unknown; did you mean 'shop'?"
    for method in ("GET", "PATCH", "DELETE"):
        for name in ("/calls/9", "/calls/x", "/cals/9"):
            assert (await ask(peer, method, name, {}))[0] == 404
    assert (await ask(peer, "GET", "/cals"))[1]["msg"] == "there are no records 'cals'; did you mean 'calls'?"
    first = peer.service.shops.list()[-1].id
    assert (await ask(peer, "DELETE", f"/shops/{first}"))[0] == 400
    assert await peer.calls() == before
