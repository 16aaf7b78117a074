"""Faults over HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from etelecom_async.sandbox import Fault

if TYPE_CHECKING:
    from tests.sandbox.conftest import Peer


async def ask(peer: Peer, method: str, body: Any = None, **query: str) -> tuple[int, Any]:
    """Calls the control API of the faults, without a key."""
    url = f"{peer.service.sms_base_url}/_sandbox/faults"
    async with peer.http.request(method, url, json=body, params=query) as response:
        return response.status, await response.json()


async def test_faults_are_added_and_removed(peer: Peer) -> None:
    """An added fault is active until it is deleted, and the list has its counts."""
    assert await ask(peer, "GET") == (200, {"faults": []})
    form = {"kind": "status", "operation": "shop.tenant.get", "times": 1}
    listed = {**form, "seen": 0, "struck": 0}
    assert await ask(peer, "POST", {"faults": [form]}) == (200, {"faults": [listed]})
    assert await peer.shop_error("Etelecom/GetTenant") == (503, "unavailable")
    await peer.shop("Etelecom/GetTenant")
    struck = {**form, "seen": 2, "struck": 1}
    assert await ask(peer, "POST", {"faults": [{"kind": "slow"}]}) == (
        200,
        {"faults": [struck, {"kind": "slow", "seen": 0, "struck": 0}]},
    )
    assert await ask(peer, "DELETE") == (200, {"faults": []})
    assert not peer.service.faults


async def test_faults_of_the_process_are_listed(peer: Peer) -> None:
    """The list contains the faults that the process added."""
    peer.service.faults.add(Fault(kind=["slow", "half_body"], probability=0.1, seed=3))
    _, body = await ask(peer, "GET")
    assert body["faults"] == [
        {"kind": ["slow", "half_body"], "probability": 0.1, "seed": 3, "seen": 0, "struck": 0}
    ]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ([], "malformed"),
        ({}, "invalid_argument"),
        ({"faults": [{"kind": "slow"}, {"kind": "explode"}]}, "invalid_argument"),
    ],
)
async def test_wrong_faults(peer: Peer, body: Any, code: str) -> None:
    """A wrong fault gets an error of the API, and no fault of the request becomes active."""
    status, response = await ask(peer, "POST", body)
    assert (status, response["code"]) == (400, code)
    assert not peer.service.faults


async def test_faults_of_one_test(peer: Peer) -> None:
    """A query adds, lists and removes the faults of one test or key; faults of others stay."""
    slow = {"kind": "slow", "seen": 0, "struck": 0}
    await ask(peer, "POST", {"faults": [{"kind": "slow"}, {"kind": "slow", "test": "b"}]})
    assert await ask(peer, "POST", {"faults": [{"kind": "slow"}]}, test="a") == (
        200,
        {"faults": [{**slow, "test": "a"}]},
    )
    key = peer.service.shop_key
    status, listed = await ask(peer, "POST", {"faults": [{"kind": "slow", "test": "a"}]}, key=key)
    assert (status, listed) == (200, {"faults": [{**slow, "test": "a", "key": "****"}]})
    assert len((await ask(peer, "GET", test="a"))[1]["faults"]) == 2
    assert await ask(peer, "DELETE", test="a") == (200, {"faults": []})
    assert (await ask(peer, "GET"))[1] == {"faults": [slow, {**slow, "test": "b"}]}
    for form, problem in (
        ({"kind": "refuse"}, "test does not apply"),
        ({"kind": "slow", "test": "b"}, "another"),
    ):
        status, error = await ask(peer, "POST", {"faults": [form]}, test="a")
        assert (status, error["code"]) == (400, "invalid_argument")
        assert problem in error["msg"]


async def test_the_control_api_has_no_faults(peer: Peer) -> None:
    """Faults apply to the API only. The control API, the pages and the log work as always."""
    peer.service.faults.add(Fault(kind="reset_before"))
    for path in ("/_sandbox/faults", "/_sandbox/requests", "/_sandbox/clock", "/"):
        async with peer.http.get(f"{peer.service.sms_base_url}{path}") as response:
            assert response.status == 200
