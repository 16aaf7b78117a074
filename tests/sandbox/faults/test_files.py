"""Faults in files and bodies."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from etelecom_async.sandbox.faults import Fault, load_faults
from etelecom_async.sandbox.faults.files import parse_faults

if TYPE_CHECKING:
    from pathlib import Path

FAULTS = [
    Fault(kind="refuse", times=1),
    Fault(kind="reset_after", operation="shop.extensions.create", after=2),
    Fault(kind=["half_body", "status"], probability=0.05, seed=7, status=[429, 503], retry_after=1.5),
    Fault(kind="status", body="none", code="x", processed=True),
    Fault(kind="slow", piece_bytes=1, pause_seconds=0.1),
    Fault(kind="wrong_length", off_by=5),
    Fault(kind="shift_rows", rows=3),
]
TOML = """
[[faults]]
kind = "refuse"
times = 1

[[faults]]
kind = "reset_after"
operation = "Etelecom/CreateExtension"
after = 2

[[faults]]
kind = ["half_body", "status"]
probability = 0.05
seed = 7
status = [429, 503]
retry_after = 1.5

[[faults]]
kind = "status"
body = "none"
code = "x"
processed = true

[[faults]]
kind = "slow"
piece_bytes = 1
pause_seconds = 0.1

[[faults]]
kind = "wrong_length"
off_by = 5

[[faults]]
kind = "shift_rows"
rows = 3
"""


def test_files(tmp_path: Path) -> None:
    """TOML and JSON give the same faults, and `to_dict` can be read again."""
    (tmp_path / "faults.toml").write_text(TOML, encoding="utf-8")
    document = {"faults": [fault.to_dict() for fault in FAULTS]}
    (tmp_path / "faults").write_text(json.dumps(document), encoding="utf-8")
    assert load_faults(tmp_path / "faults.toml") == FAULTS
    assert load_faults(str(tmp_path / "faults")) == FAULTS


@pytest.mark.parametrize(
    ("document", "problem"),
    [
        ({}, "faults, a list, is required"),
        ({"faults": {}}, "faults, a list"),
        ({"faults": [], "fault": []}, "nothing else"),
        ({"faults": [{"kind": "slow"}, "slow"]}, "faults[1] is not an object"),
        ({"faults": [{"time": 1, "kind": "slow"}]}, "faults[0].time is unknown; did you mean 'times'?"),
        ({"faults": [{"times": 1}]}, "faults[0].kind is missing"),
        ({"faults": [{"kind": "slow"}, {"kind": "slow", "times": 0}]}, "faults[1]: times is 0"),
    ],
)
def test_other_forms(document: dict[str, Any], problem: str) -> None:
    """A document with another form raises an error that names the position."""
    with pytest.raises(ValueError, match=re.escape(problem)):
        parse_faults(document)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("faults.toml", b"faults = "),
        ("faults.json", b"{"),
        ("faults.json", b"[" * 100_000),
        ("faults.json", b"[]"),
        ("faults.json", b"\xff"),
        ("missing.json", None),
    ],
)
def test_invalid_files(tmp_path: Path, name: str, content: bytes | None) -> None:
    """A file that is missing, or is not such a document, raises an error that names it."""
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(ValueError, match=name):
        load_faults(tmp_path / name)
