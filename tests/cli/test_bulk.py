"""Test `etelecom bulk`: its help and wrong input; `test_jobs.py` has the jobs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest


def test_help(tool: Any) -> None:
    """The help lists both commands, and loads no client."""
    shown = tool("bulk", "--help").out
    assert all(f"\n  {word} " in shown for word in ("resume", "status"))
    assert "JOURNAL" in tool("bulk", "status", "--help").out
    assert "--resend-unknown" in tool("bulk", "resume", "--help").out


@pytest.mark.parametrize("word", ["status", "resume"])
def test_wrong_file(tool: Any, tmp_path: Path, word: str) -> None:
    """A file that is missing, or no journal, is one line."""
    missing = tool("bulk", word, str(tmp_path / "none"))
    assert (missing.code, missing.out, missing.err.count("\n")) == (1, "", 1)
    assert "does not exist: check the path of the journal" in missing.err
    other = tmp_path / "rows.csv"
    other.write_text("a,b\n" * 100, encoding="utf-8")
    wrong = tool("bulk", word, str(other))
    assert (wrong.code, wrong.out, wrong.err.count("\n")) == (1, "", 1)
    assert "it is not a journal: choose another file" in wrong.err
