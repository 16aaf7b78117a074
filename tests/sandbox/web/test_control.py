"""The control API."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.sandbox.conftest import Peer


async def clock(peer: Peer, body: Any = None, data: bytes | None = None) -> tuple[int, Any]:
    """Reads or advances the clock."""
    url = f"{peer.service.sms_base_url}/_sandbox/clock"
    if body is None and data is None:
        async with peer.http.get(url) as response:
            return response.status, await response.json()
    headers = {"Content-Type": "application/json"}
    async with peer.http.post(url, json=body, data=data, headers=headers) as response:
        return response.status, await response.json()


async def shown(peer: Peer) -> datetime:
    """Returns the time of the sandbox."""
    status, response = await clock(peer)
    assert (status, set(response)) == (200, {"now"})
    return datetime.fromisoformat(response["now"])


async def test_the_clock_is_advanced(newcomer: Peer) -> None:
    """The clock advances by seconds or to a time, and calls have the new time."""
    start = await shown(newcomer)
    status, response = await clock(newcomer, {"advance_seconds": 3600.5})
    assert status == 200
    hour_later = datetime.fromisoformat(response["now"])
    assert timedelta(hours=1) < hour_later - start < timedelta(hours=2)
    wanted = (hour_later + timedelta(days=30)).isoformat()
    status, response = await clock(newcomer, {"now": wanted})
    assert status == 200
    assert (
        timedelta(0)
        <= datetime.fromisoformat(response["now"]) - datetime.fromisoformat(wanted)
        < timedelta(hours=1)
    )
    tenant = await newcomer.shop("Etelecom/CreateTenant")
    assert datetime.fromisoformat(tenant["created_at"]) > datetime.fromisoformat(wanted)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"advance_seconds": 1, "now": "2100-01-01T00:00:00Z"},
        {"hours": 1},
        {"advance_seconds": -1},
        {"advance_seconds": "1"},
        {"advance_seconds": True},
        {"advance_seconds": 1e300},
        {"advance_seconds": 1e10},
        {"now": "2001-01-01T00:00:00Z"},
        {"now": "2100-01-01T00:00:00"},
        {"now": "tomorrow"},
        {"now": 5},
    ],
)
async def test_a_wrong_advance(newcomer: Peer, body: Any) -> None:
    """A wrong advance gets invalid_argument, and the clock stays unchanged."""
    start = await shown(newcomer)
    status, response = await clock(newcomer, body)
    assert (status, response["code"]) == (400, "invalid_argument")
    assert await shown(newcomer) - start < timedelta(hours=1)


@pytest.mark.parametrize("data", [b"", b"[]", b"{", b"[" * 100_000, b'{"advance_seconds": NaN}'])
async def test_the_clock_takes_json(newcomer: Peer, data: bytes) -> None:
    """A body that is not a JSON object is rejected."""
    status, response = await clock(newcomer, data=data)
    assert status == 400
    assert response["code"] in ("malformed", "invalid_argument")


async def test_uploads_can_be_read(peer: Peer) -> None:
    """An upload is described without its content; an unknown token gets not_found."""
    oa = (await peer.oas())[0]
    _, response = await peer.upload(b"hello", "a.txt", "text/plain", type="file", oa_id=oa["oa_id"])
    url = f"{peer.service.sms_base_url}/_sandbox/uploads"
    async with peer.http.get(f"{url}/{response['token']}") as found:
        assert await found.json() == {
            "oa_id": int(oa["oa_id"]),
            "type": "file",
            "name": "a.txt",
            "content_type": "text/plain",
            "size": 5,
            "sha256": "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824",
        }
    async with peer.http.get(f"{url}/x") as found:
        assert (found.status, (await found.json())["code"]) == (404, "not_found")


async def test_rules_are_shown(newcomer: Peer) -> None:
    """The rules that the documentation leaves open are shown with their values."""
    async with newcomer.http.get(f"{newcomer.service.sms_base_url}/_sandbox/rules") as response:
        rules = (await response.json())["rules"]
    assert rules == newcomer.service.rules.to_dict()
    assert (rules["order"], rules["page_size"], rules["unpaged"]) == ("newest_first", 100, [])
