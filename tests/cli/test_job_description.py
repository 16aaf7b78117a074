"""The journal's description of a job is enough to make its plan again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from etelecom_async.cli.command import CommandError
from etelecom_async.cli.job_description import JobDescription

GIVEN: dict[str, Any] = {
    "file": "invoices.csv",
    "template": 377385,
    "oa_id": None,
    "key_column": "invoice",
    "phone_column": "phone",
    "columns": (("amount", "total"),),
    "limit": 5,
    "ledger": "sent.ledger",
    "profile": "may",
    "shop": "12414",
}


def test_round_trip(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A description survives JSON, and names its files wherever the next command runs."""
    monkeypatch.chdir(tmp_path)
    job = JobDescription.of_options("zns", GIVEN)
    assert (job.file, job.ledger) == (str(tmp_path / "invoices.csv"), str(tmp_path / "sent.ledger"))
    assert (job.template, job.columns, job.limit) == ("377385", {"amount": "total"}, 5)
    assert JobDescription.of_meta(Path("j"), json.loads(json.dumps(job.meta()))) == job


@pytest.mark.parametrize("change", [{"job": "mine"}, {"version": 2}, {"more": 1}])
def test_other_programs(change: dict[str, Any]) -> None:
    """The job of another program, or of another version, is refused."""
    meta = JobDescription.of_options("zns", GIVEN | {"ledger": None}).meta() | change
    with pytest.raises(CommandError, match="j was not started by send-many of this version: run the program"):
        JobDescription.of_meta(Path("j"), meta)
