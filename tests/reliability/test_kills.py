"""A bulk job that is killed again and again: each call is made once, and the report is true."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from kills.killing import Options, kill_again_and_again

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")


async def test_each_call_once(tmp_path: Path) -> None:
    """After 8 kills at random requests, nothing was made twice or is lost; `unknown` is really unknown."""
    outcome = await kill_again_and_again(
        Options(creates=50, sends=30, kills=8, fault_share=0.2, late_seconds=0.2), tmp_path
    )
    assert outcome.violations == [], outcome
    assert (len(outcome.killed_at), outcome.faults.total() > 5) == (8, True), outcome


async def test_control(tmp_path: Path) -> None:
    """Without the journal, the same test finds extensions and messages that were made twice."""
    outcome = await kill_again_and_again(
        Options(creates=20, sends=20, kills=1, late_seconds=0.2, with_journal=False, with_ledger=False),
        tmp_path,
    )
    assert set(outcome.twice) == {"extension", "message"}, outcome
