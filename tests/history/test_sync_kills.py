"""
A sync that is killed again and again: no call is lost, doubled or outdated.

`nox -s databases` kills it 50 times in each database.
"""

from __future__ import annotations

import logging
import os
import sys

import pytest

from kills.syncing import SyncKillOptions, kill_sync

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
ALL_KILLS = int(os.environ.get("SYNC_KILLS", "6"))
KILLS = min(ALL_KILLS, 10)
"""Kills of one test."""


@pytest.mark.parametrize("seed", range(1, ALL_KILLS // KILLS + 1))
async def test_tables_equal_the_sandbox(calls_database: str, seed: int) -> None:
    """After kills at random requests, with faults and with changes of calls, the tables are the sandbox."""
    outcome = await kill_sync(SyncKillOptions(kills=KILLS, database=calls_database, seed=seed))
    logging.getLogger(__name__).info("%s", outcome)
    assert outcome.violations == [], outcome
    assert len(outcome.killed_at) == KILLS, outcome
    assert len(set(outcome.killed_at)) > 1, outcome
    assert outcome.faults.total() > KILLS / 2, outcome
    assert outcome.calls > outcome.added > 0, outcome
