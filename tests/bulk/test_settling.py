"""Steps in doubt are read back where a read can tell, and decided with what the user allows."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from etelecom_async.bulk.doubt import Doing, Found
from etelecom_async.bulk.journal import Journal
from etelecom_async.bulk.options import RunOptions
from etelecom_async.bulk.records import Entry
from etelecom_async.bulk.server_time import ServerTimes
from etelecom_async.bulk.settling import Settler
from etelecom_async.bulk.states import State
from etelecom_async.bulk.steps import Plan, step

if TYPE_CHECKING:
    from etelecom_async import ShopClient
    from tests.conftest import Asked, Peer, Reply, Waits

NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
DATE = "Wed, 04 Mar 2026 05:06:07 GMT"


@pytest.fixture
def rows(peer: Peer) -> list[dict[str, Any]]:
    """The extensions that the service shows; its time stands still."""
    shown: list[dict[str, Any]] = []

    def reply(asked: Asked) -> Reply:
        if asked.path.endswith("GetExtensionInfo"):
            number = asked.json["extension_number"]
            is_there = any(row["extension_number"] == number for row in shown)
            return (
                peer.json({"extension_number": number}, Date=DATE)
                if is_there
                else peer.refusal("not_found", 404, Date=DATE)
            )
        after = asked.json.get("paging", {}).get("after")
        return peer.json({"extensions": [] if after else shown, "paging": {"next": "n"}}, Date=DATE)

    peer.always = reply
    return shown


@pytest.fixture
def plan(shop: ShopClient) -> Plan:
    """Two steps that create the same extension, and one that no read can tell of."""
    given: dict[str, Any] = {"hotline_id": "5", "extension_number": 1001}
    return Plan(
        [
            step("a", shop.extensions.create, **given),
            step("b", shop.extensions.create, **given),
            step("c", shop.call, "Any/Create"),
        ]
    )


@pytest.fixture
async def journal(plan: Plan, tmp_path: Path) -> AsyncIterator[Journal]:
    """The journal, in which all steps were started a minute ago."""
    entries = [
        Entry(
            key=each.key, operation=each.operation.name, effect=each.effect, account=each.account, digest="d"
        )
        for each in plan.steps.values()
    ]
    async with await Journal.open(tmp_path / "job", lambda _: entries) as opened:
        for key in plan.steps:
            await opened.intent(key, NOW - timedelta(seconds=60))
        yield opened


def settler(plan: Plan, journal: Journal, **options: Any) -> Settler:
    """Return what decides, with these options."""
    return Settler(plan, journal, ServerTimes(), RunOptions(**options))


async def doings(settler: Settler, keys: str) -> dict[str, Doing]:
    """Return the decisions."""
    return {key: made.action.doing for key, made in (await settler.decide(keys)).items()}


async def test_found(plan: Plan, journal: Journal, rows: list[dict[str, Any]]) -> None:
    """An object settles one step, with itself as the result."""
    rows.append({"id": "77", "extension_number": "1001", "created_at": NOW.isoformat()})
    made = await settler(plan, journal).decide("ab")
    assert {key: each.action.doing for key, each in made.items()} == {
        "a": Doing.SETTLE_DONE,
        "b": Doing.STAY_UNKNOWN,
    }
    assert made["a"].finding.found is Found.EXECUTED
    assert made["a"].finding.item.id == "77"


async def test_object_of_another_step(plan: Plan, journal: Journal, rows: list[dict[str, Any]]) -> None:
    """An object that a step of this job has created settles no other step."""
    rows.append({"id": "77", "extension_number": "1001", "created_at": NOW.isoformat()})
    await journal.outcome("a", State.DONE, kept={"id": "77"})
    assert await doings(settler(plan, journal), "b") == {"b": Doing.STAY_UNKNOWN}


async def test_older_object(plan: Plan, journal: Journal, rows: list[dict[str, Any]]) -> None:
    """An object from before the first call is another one."""
    long_ago = NOW - timedelta(seconds=90)
    rows.append({"id": "77", "extension_number": "1001", "created_at": long_ago.isoformat()})
    assert await doings(settler(plan, journal), "a") == {"a": Doing.STAY_UNKNOWN}


async def test_settle_after(plan: Plan, journal: Journal, rows: list[dict[str, Any]], waits: Waits) -> None:
    """A call is repeated only when it was surely over for that long; a killed process does not tell."""
    assert rows == []
    decides = settler(plan, journal, settle_after=timedelta(seconds=30))
    assert (await decides.decide("a"))["a"].action.seconds == 30
    await journal.outcome("a", State.UNKNOWN, quiet_since=NOW - timedelta(seconds=20))
    made = (await decides.decide("a"))["a"].action
    assert made.doing is Doing.WAIT
    assert 10 <= made.seconds <= 12
    waits.at += 12
    assert await doings(settler(plan, journal, settle_after=timedelta(seconds=15)), "a") == {
        "a": Doing.REPEAT
    }


async def test_no_read(plan: Plan, journal: Journal, peer: Peer) -> None:
    """A step that no read can tell of stays unknown, and nothing is read."""
    made = (await settler(plan, journal, settle_after=timedelta()).decide("c"))["c"]
    assert made.action.doing is Doing.STAY_UNKNOWN
    assert "No read" in made.action.reason
    assert peer.requests == []


async def test_holds(plan: Plan, journal: Journal, rows: list[dict[str, Any]]) -> None:
    """Whether a read shows the wanted state."""
    decides = settler(plan, journal)
    assert not await decides.holds("a")
    assert not await decides.holds("c")
    rows.append({"id": "77", "extension_number": "1001", "created_at": NOW.isoformat()})
    assert await decides.holds("a")
