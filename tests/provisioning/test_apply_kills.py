"""
Provisioning that is killed again and again: the shop is as the roster says, and no password is lost.

`nox -s rosters` kills it 100 times.
"""

from __future__ import annotations

import logging
import os
import sys
from pathlib import Path

import pytest

from kills.provisioning import ProvisionOptions, kill_provisioning

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
KILLS = int(os.environ.get("ROSTER_KILLS", "3"))
USERS = 8 * KILLS


async def test_roster_is_reached(tmp_path: Path) -> None:
    """After the kills, with faults in one call of five, each object is there once, with its password."""
    outcome = await kill_provisioning(
        ProvisionOptions(users=USERS, kills=KILLS, fault_share=0.2, late_seconds=0.2), tmp_path
    )
    logging.getLogger(__name__).info("%s", outcome)
    assert outcome.violations == [], outcome
    assert (outcome.killed, outcome.faults.total() > 5) == (KILLS, True), outcome
    assert outcome.passwords["confirmed"] > USERS


async def test_control(tmp_path: Path) -> None:
    """Without the journal, the same test finds users and extensions that were created twice."""
    outcome = await kill_provisioning(
        ProvisionOptions(users=20, kills=1, fault_share=0.3, late_seconds=3600.0, with_journal=False),
        tmp_path,
    )
    assert outcome.twice.total(), outcome
