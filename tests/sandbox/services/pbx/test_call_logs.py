"""Call logs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.sandbox.conftest import Peer

Row = dict[str, Any]


async def test_filters_of_call_logs(busy: Peer) -> None:
    """Each filter returns the same calls, in the same order, as a filter over the whole list."""
    everything = await busy.calls()
    assert len(everything) == 900
    departments = {user["user_id"]: user["department_id"] for user in await busy.users()}
    department = next(number for number in departments.values() if number != "0")
    some = next(call for call in everything if call["external_id"] and call["user_id"] != "0")
    ids = list({call["extension_id"] for call in everything if call["extension_id"] != "0"})[:3]

    for wanted, test in (
        ({"call_number": some["callee"]}, lambda call: some["callee"] in (call["caller"], call["callee"])),
        ({"call_number": some["caller"]}, lambda call: some["caller"] in (call["caller"], call["callee"])),
        ({"call_state": "answered"}, lambda call: call["call_state"] == "answered"),
        ({"call_state": "voicemail"}, lambda call: call["call_state"] == "voicemail"),
        ({"direction": "ext_out"}, lambda call: call["direction"] == "ext_out"),
        ({"direction": "callback"}, lambda call: call["direction"] == "callback"),
        ({"external_id": some["external_id"]}, lambda call: call["id"] == some["id"]),
        ({"external_session_id": some["external_session_id"]}, lambda call: call["id"] == some["id"]),
        ({"extension_ids": ids}, lambda call: call["extension_id"] in ids),
        ({"user_id": some["user_id"]}, lambda call: call["user_id"] == some["user_id"]),
        ({"department_id": department}, lambda call: departments.get(call["user_id"]) == department),
        ({"duration": at_most(60)}, lambda call: call["duration"] <= 60),
        ({"duration": at_most(0)}, lambda call: call["duration"] == 0),
        (
            {"direction": "in", "call_state": "answered", "duration": at_most(100), "extension_ids": ids},
            lambda call: (
                (call["direction"], call["call_state"]) == ("in", "answered")
                and call["duration"] <= 100
                and call["extension_id"] in ids
            ),
        ),
    ):
        expected = [call for call in everything if test(call)]
        assert 0 < len(expected) < 900, wanted
        assert await busy.calls(**wanted) == expected, wanted


def at_most(value: int) -> Row:
    """Returns a filter of the duration."""
    return {"comparison": "less_than_or_equal_to", "value": value}


async def test_dates_of_call_logs(busy: Peer) -> None:
    """The time span includes both ends, to the microsecond, in any time zone. The zero time is no limit."""
    everything = await busy.calls()
    moments = [datetime.fromisoformat(call["created_at"]) for call in everything]
    youngest, oldest = moments[100], moments[700]
    step = timedelta(microseconds=1)
    for date_from, date_to in (
        (oldest, youngest),
        (oldest + step, youngest - step),
        (oldest.astimezone(UTC), None),
        (None, youngest.astimezone(UTC)),
    ):
        wanted = {
            "date_from": date_from and date_from.isoformat(),
            "date_to": date_to and date_to.isoformat(),
        }
        expected = [
            call
            for call, moment in zip(everything, moments, strict=True)
            if (not date_from or date_from <= moment) and (not date_to or moment <= date_to)
        ]
        assert 0 < len(expected) < 900
        assert await busy.calls(**wanted) == expected
    zero_time = "0001-01-01T00:00:00Z"
    assert await busy.calls(date_from=zero_time, date_to=zero_time) == everything
    assert await busy.calls(date_from=youngest.isoformat(), date_to=oldest.isoformat()) == []


async def test_hotlines_of_call_logs(busy: Peer) -> None:
    """Each call is on one hotline of the tenant, which its record does not show."""
    everything = await busy.calls()
    hotlines = (await busy.shop("Etelecom/GetHotlines"))["hotlines"]
    found: list[Row] = []
    for hotline in hotlines:
        found += await busy.calls(hotline_ids=[hotline["id"]])
        assert await busy.calls(call_number=hotline["hotline"]) == []
    assert sorted(call["id"] for call in found) == sorted(call["id"] for call in everything)
    assert await busy.calls(hotline_ids=[hotline["id"] for hotline in hotlines]) == everything


async def test_extensions_call_and_are_called(busy: Peer) -> None:
    """An extension calls in an outgoing call and is called in an incoming one; its number finds both."""
    numbers = {one["id"]: one["extension_number"] for one in await busy.extensions()}
    everything = await busy.calls()
    for call in everything:
        own = call["caller"] if call["direction"] == "out" else call["callee"]
        if call["direction"] in ("in", "out"):
            assert own in numbers.values()
        if call["extension_id"] != "0":
            ends = {call["caller"], call["callee"]}
            assert numbers[call["extension_id"]] in ends
    number = next(call["callee"] for call in everything if call["direction"] == "in")
    found = await busy.calls(call_number=number)
    assert found == [call for call in everything if number in (call["caller"], call["callee"])]
    assert {call["direction"] for call in found} >= {"in", "out"}


async def test_unset_filters(busy: Peer) -> None:
    """A filter that is null, empty, "0" or unset returns all calls."""
    everything = await busy.calls()
    blank = {
        "call_number": "",
        "call_state": "unknown",
        "department_id": "0",
        "direction": "",
        "duration": {"comparison": "unknow", "value": 1},
        "extension_ids": [],
        "hotline_ids": None,
        "external_id": "",
        "user_id": "0",
    }
    assert await busy.calls(**blank) == everything
    assert await busy.calls(duration={}) == everything


@pytest.mark.parametrize(
    "wanted",
    [
        {"duration": {"comparison": "greater_than", "value": 1}},
        {"duration": {"comparison": "less_than_or_equal_to"}},
        {"duration": {"comparison": "less_than_or_equal_to", "value": -1}},
        {"duration": {"value": 1}},
        {"date_from": "2025-10-01"},
        {"date_from": "2025-10-01T00:00:00"},
        {"extension_ids": ["x"]},
        {"hotline_ids": [{}]},
        {"user_id": "me"},
    ],
)
async def test_wrong_filters(peer: Peer, wanted: Row) -> None:
    """A wrong filter is rejected, not ignored."""
    assert await peer.shop_error("Etelecom/ListCallLogs", filter=wanted) == (400, "invalid_argument")


async def test_calls_are_newest_first(busy: Peer) -> None:
    """By default the newest call is first, and a page has at most 100 calls."""
    for limit in (None, 0, 100, 1000):
        response = await busy.shop("Etelecom/ListCallLogs", paging={"limit": limit})
        moments = [datetime.fromisoformat(call["created_at"]) for call in response["call_logs"]]
        assert len(moments) == 100
        assert moments == sorted(moments, reverse=True)
