"""
Kill a sync at random requests, continue it each time, and compare its tables with the sandbox.

Meanwhile calls are added and changed, between the runs and within them. What must hold in the end: the tables
have each call of the sandbox once, with its present values, targets and recordings. They have nothing else.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any, Final, cast

import attrs
from sqlalchemy import Table, select

from etelecom_async import times
from etelecom_async.history.sync_database import Database
from etelecom_async.history.sync_tables import CALL_LOGS, CALL_TARGETS, RECORDING_URLS
from etelecom_async.testing import Sandbox
from kills.service import Service, faults, serving
from kills.sync_job import SyncSettings

LIST: Final = "shop.call_logs.list"
CALLS: Final = 1500
FIRST_DAY: Final = 4
"""Days of the first run. Each run adds some days before."""
_CHANGES: Final = timedelta(days=2)
"""How old a call may be that still changes."""
_MOST_REQUESTS: Final = 50
"""The kill comes at most so many requests after the start of a run."""
_SHARE_OF_CHANGES: Final = 1 / 8
_PAGES: Final = 16
"""A sync stores so many pages at once. Half of the kills come while it may store them."""

Row = dict[str, Any]


@attrs.frozen(kw_only=True)
class SyncKillOptions:
    """What to do."""

    kills: int
    database: str
    """URL of the database."""
    seed: int = 1
    fault_share: float = 0.1
    """Share of the calls that get a fault."""


@attrs.define
class SyncKillOutcome:
    """What happened."""

    violations: list[str] = attrs.field(factory=list)
    killed_at: list[int] = attrs.field(factory=list)
    """The requests of their runs at which the runs were killed."""
    runs: int = 0
    faults: Counter[str] = attrs.field(factory=Counter)
    added: int = 0
    changed: int = 0
    calls: int = 0
    """Calls in the tables at the end."""


async def kill_sync(options: SyncKillOptions) -> SyncKillOutcome:
    """Run and kill the sync, and check what it has stored."""
    outcome = SyncKillOutcome()
    async with serving(options.seed, call_logs=CALLS) as service:
        test = _Test(options, service, outcome)
        for fault in faults(options.seed, options.fault_share, late_seconds=0.2):
            service.sandbox.faults.add(fault)
        service.on_request = test.change_during_run
        while len(service.killed) < options.kills:
            await test.run(is_killed=True)
        await test.run(is_killed=False)
        # A change behind the last run would need another run.
        service.on_request = lambda: None
        service.sandbox.faults.clear()
        await test.run(is_killed=False)
        await test.check()
    outcome.runs = service.runs
    outcome.faults = Counter(fault for each in service.logged for fault in each.entry.faults)
    return outcome


class _Test:
    """The runs of the sync, and the checks."""

    def __init__(self, options: SyncKillOptions, service: Service, outcome: SyncKillOutcome) -> None:
        self._options = options
        self._service = service
        self._outcome = outcome
        self._random = Random(options.seed)  # noqa: S311 - the same seed kills at the same requests
        # The number of requests differs. So their changes must not use the numbers that choose the kills.
        self._random_of_runs = Random(options.seed)  # noqa: S311 - the same seed makes the same runs
        self._added: list[str] = []
        """Calls that were added within runs."""
        self._days = FIRST_DAY

    async def run(self, *, is_killed: bool) -> None:
        """Change some calls, and run the sync in a process of its own."""
        service, random = self._service, self._random
        service.runs += 1
        self._change_calls()
        settings = SyncSettings(
            base_url=service.sandbox.base_url,
            key=service.sandbox.shop_key,
            database=self._options.database,
            since=f"-{self._days}d",
            reread=is_killed and random.random() < 1 / 8,
        )
        started = len(service.logged)
        number = random.choice((random.randint(1, _MOST_REQUESTS), _PAGES + random.randint(1, 5)))
        kill_at = started + number if is_killed else None
        await service.run_job("kills.sync_job", settings.encode(), kill_at=kill_at)
        if service.runs in service.killed:
            self._outcome.killed_at.append(service.killed[service.runs] - started)
        if is_killed:
            self._days += random.randint(1, 3)

    def change_during_run(self) -> None:
        """Add a call while a run reads, after one request of eight, and change one that was added before."""
        calls, random = self._service.sandbox.calls, self._random_of_runs
        if random.random() > _SHARE_OF_CHANGES:
            return
        if self._added:
            calls.update(random.choice(self._added), note=f"change {self._outcome.changed}")
            self._outcome.changed += 1
        self._added.append(calls.add(note=f"added {self._outcome.added}").id)
        self._outcome.added += 1

    def _change_calls(self) -> None:
        calls, random = self._service.sandbox.calls, self._random
        earliest = self._service.sandbox.now - _CHANGES
        for _ in range(random.randint(1, 5)):
            calls.add(duration=random.randint(1, 500), note=f"added {self._outcome.added}")
            self._outcome.added += 1
        found = calls.list(shop=shop_of(self._service.sandbox))
        recent = [call for call in found if call.started_at and call.started_at > earliest]
        for call in random.sample(recent, min(5, len(recent))):
            calls.update(call.id, note=f"change {self._outcome.changed}", recording=random.random() < 1 / 2)
            if random.random() < 1 / 3:
                calls.update(call.id, call_targets=[])
            self._outcome.changed += 1

    async def check(self) -> None:
        """Compare the tables with the sandbox."""
        stored = await stored_calls(self._options.database)
        wanted = calls_of(self._service.sandbox, times.day(f"-{self._days}d").begin)
        self._outcome.calls = len(stored)
        violations = self._outcome.violations
        violations += [f"call {key} is lost" for key in wanted if key not in stored]
        violations += [f"call {key} is not in the sandbox" for key in stored if key not in wanted]
        for key, call in wanted.items():
            for name, value in call.items():
                if key in stored and stored[key][name] != value:
                    violations.append(f"{name} of call {key} is {stored[key][name]!r}, not {value!r}")


def shop_of(sandbox: Sandbox) -> str:
    """Return the id of the shop that the keys of a sandbox are for."""
    return sandbox.shop_key.partition(":")[0].removeprefix("shop")


def calls_of(sandbox: Sandbox, since: datetime, shop: str | None = None) -> dict[str, Row]:
    """
    Return calls in a sandbox by their ids, as the tables should have them.

    Args:
        sandbox: The sandbox.
        since: The time of the first call.
        shop: Id of the shop. Default: that of the keys.
    """
    found: dict[str, Row] = {}
    for call in sandbox.calls.list(shop=shop or shop_of(sandbox)):
        moment = call.started_at or call.created_at
        if moment is not None and moment >= since:
            found[call.id] = _in_utc(call.to_dict(unset_ids_as_none=True))
    return found


async def stored_calls(url: str, shop_id: str | None = None) -> dict[str, Row]:
    """
    Return the calls in the tables by their ids, with their targets and recordings.

    Args:
        url: URL of the database.
        shop_id: The shop. By default there is only one.

    Raises:
        AssertionError: A target or a recording belongs to no call.
    """
    database = Database.at(url)
    try:
        calls = {row["id"]: row for row in await _rows(database, CALL_LOGS, shop_id)}
        for call in calls.values():
            call["call_targets"], call["recording_urls"] = [], []
        for row in await _rows(database, CALL_TARGETS, shop_id):
            calls[row["call_id"]]["call_targets"].append(_wire(row))
        for row in await _rows(database, RECORDING_URLS, shop_id):
            calls[row["call_id"]]["recording_urls"].append(row["recording_url"])
    finally:
        await database.close()
    return calls


async def _rows(database: Database, table: Table, shop_id: str | None) -> list[Row]:
    wanted = select(table).order_by(*table.primary_key)
    if shop_id is not None:
        wanted = wanted.where(table.c.shop_id == shop_id)
    async with database.engine.connect() as connection:
        rows = (await connection.execute(wanted)).mappings()
        return [dict(cast("Mapping[str, Any]", row)) for row in rows]


def _wire(row: Row) -> Row:
    """Return a target without the columns that the wire does not have."""
    return {name: value for name, value in row.items() if name not in ("shop_id", "call_id", "position")}


def _in_utc(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC)
    if isinstance(value, dict):
        return {name: _in_utc(part) for name, part in cast("Row", value).items()}
    if isinstance(value, list):
        return [_in_utc(part) for part in cast("list[object]", value)]
    return value
