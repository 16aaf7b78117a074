"""The control API of the journal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.sandbox.conftest import Peer

USER = {"full_name": "Lê An", "phone": "0901234567", "password": "canary-word"}


async def read(peer: Peer, path: str = "requests", **query: str) -> tuple[int, Any]:
    """Reads a path of the control API."""
    url = f"{peer.service.sms_base_url}/_sandbox/{path}"
    async with peer.http.get(url, params=query) as response:
        return response.status, await response.json()


async def test_counts_and_requests(newcomer: Peer) -> None:
    """The counts and the requests are those of the program, with masked bodies; the query limits both."""
    key = newcomer.service.shop_key
    await newcomer.shop("Shop/CreateAccountUser", **USER)
    url = f"{newcomer.service.base_url}/shop.Etelecom/GetExtensions"
    headers = {"Authorization": f"Bearer {newcomer.service.shop_api_key}", "X-Sandbox-Test": "a"}
    async with newcomer.http.post(url, json={}, headers=headers) as response:
        assert response.status == 200
    both = {"shop.users.create": 1, "shop.extensions.list": 1}
    assert await read(newcomer) == (200, {"total": 2, "requests": both, "processed": both})
    one = {"shop.extensions.list": 1}
    for query in ({"test": "a"}, {"key": newcomer.service.shop_api_key}):
        assert await read(newcomer, **query) == (200, {"total": 1, "requests": one, "processed": one})
        _, log = await read(newcomer, "requests/log", **query)
        assert [request["test"] for request in log["requests"]] == ["a"]
    assert (await read(newcomer, key=key, test="a"))[1]["total"] == 0
    status, log = await read(newcomer, "requests/log")
    assert status == 200
    assert log["requests"] == [request.to_dict() for request in newcomer.service.requests]
    assert log["requests"][0]["body"] == {**USER, "phone": "090***567", "password": "****"}
    assert (await read(newcomer))[1]["total"] == 2  # the control API does not count itself


async def test_the_newest_requests(newcomer: Peer) -> None:
    """`limit` chooses the newest requests; a wrong one is rejected, and so is one for the counts."""
    for number in range(3):
        await newcomer.shop("Shop/GetAccountUsers", paging={"limit": number})
    _, log = await read(newcomer, "requests/log", limit="2")
    assert [request["body"]["paging"]["limit"] for request in log["requests"]] == [1, 2]
    for path, limit in (
        ("requests/log", "0"),
        ("requests/log", "x"),
        ("requests/log", "9" * 99),
        ("requests", "1"),
    ):
        status, error = await read(newcomer, path, limit=limit)
        assert (status, error["code"]) == (400, "invalid_argument")
        assert error["msg"].startswith("limit ")


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b'{"name": "\\ud800"}', {"name": "\ud800"}),
        (b'{"x": [NaN, 1e999]}', {"x": ["nan", "inf"]}),
        (b'{"x": ' + b"9" * 30 + b"}", {"x": int("9" * 30)}),
        (b"\xff{", "\ufffd{"),
    ],
)
async def test_unusual_bodies(newcomer: Peer, data: bytes, expected: Any) -> None:
    """The log shows bodies that are no usual JSON, and stays JSON itself."""
    headers = {"Authorization": f"Bearer {newcomer.service.shop_key}", "Content-Type": "application/json"}
    url = f"{newcomer.service.base_url}/partner.Shop/GetAccountUsers"
    async with newcomer.http.post(url, data=data, headers=headers):
        pass
    status, log = await read(newcomer, "requests/log")
    assert (status, log["requests"][0]["body"]) == (200, expected)


@pytest.mark.parametrize(
    ("query", "problem"),
    [
        ("from=a", "from is unknown; there are test, key"),
        ("tets=a", "; did you mean 'test'?"),
        ("test=", "test is ''"),
        ("test=a&test=b", "test is given twice"),
        ("key=Bearer%20x", "without `Bearer`"),
    ],
)
@pytest.mark.parametrize("path", ["requests", "requests/log", "faults"])
async def test_wrong_queries(newcomer: Peer, path: str, query: str, problem: str) -> None:
    """A wrong query gets an error that names it, so a spelling mistake does not show everything."""
    async with newcomer.http.get(f"{newcomer.service.sms_base_url}/_sandbox/{path}?{query}") as response:
        error = await response.json()
        assert (response.status, error["code"]) == (400, "invalid_argument")
        assert problem in error["msg"]
