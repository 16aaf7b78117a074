"""Test `zns send-many` on a terminal, its options, and the missing extra; `test_jobs.py` has the rest."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from etelecom_async.cli.extras import install_command
from tests.cli.test_jobs import Job

NEEDED = ("--template", "5", "--key-column", "invoice")


@pytest.fixture
def job(etl: Any, tmp_path: Path) -> Job:
    """A job with three invoices."""
    return Job(etl, tmp_path)


def test_on_a_terminal(job: Job, terminal: Any) -> None:
    """A terminal shows number and cost, asks, shows the progress, and lists nothing if all were sent."""
    options = (
        "--template",
        str(job.template["template_id"]),
        "--oa-id",
        job.oa_id,
        "--key-column",
        "invoice",
    )
    arguments = ("zns", "send-many", str(job.file), *options, "--column", "amount=total")
    code, shown = terminal(*arguments, answer="n\n", after="[y/N]")
    assert code == 1
    assert shown.endswith("etelecom: you answered no; nothing was sent\r\n")
    assert not job.journal.exists()
    code, shown = terminal(*arguments, answer="y\n", after="[y/N]")
    plain = re.sub(r"\x1b\[[\d;?]*[a-zA-Z]", "", shown)
    assert code == 0
    assert "3 ZNS of template" in plain
    assert "zns send-many costs money or reaches a person. Continue? [y/N]: y" in plain
    assert re.search(r"Sending ━+ 3/3", plain)
    assert plain.endswith("etelecom: 3 messages: 3 done\r\n")
    assert len(job.sent()) == 3


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["none.csv", *NEEDED, "--yes"], "none.csv cannot be read: No such file or directory"),
        ([], "Missing argument 'FILE'"),
        (["FILE", "--template", "5"], "Missing option '--key-column'"),
        (
            ["FILE", *NEEDED, "--settle-after", "10"],
            "'10' is no length of time: write it like 90s, 10m or 1h",
        ),
        (["FILE", *NEEDED, "--column", "amount"], "'amount' has not the form name=value"),
        (["FILE", *NEEDED, "--limit", "0"], "0 is below 1"),
        (["FILE", *NEEDED, "--test-to", "12"], "'--test-to'"),
        (["FILE", *NEEDED, "--templat", "5"], "No such option '--templat'. Did you mean '--template'"),
    ],
)
def test_wrong_input(etl: Any, tmp_path: Path, arguments: list[str], problem: str) -> None:
    """Wrong input is a usage error in one line."""
    file = tmp_path / "rows.csv"
    file.touch()
    result = etl("zns", "send-many", *(str(file) if each == "FILE" else each for each in arguments))
    assert (result.code, result.out, result.err.count("\n")) == (2, "", 1)
    assert problem in result.err


def test_missing_filelock(start: Callable[..., Any], tmp_path: Path) -> None:
    """Without the extra `bulk`, help works, and one line ends with the install command."""
    code = "import sys; sys.modules['filelock'] = None; from etelecom_async.cli import main; sys.exit(main())"
    (tmp_path / "j").touch()
    with start("bulk", "status", str(tmp_path / "j"), command=(sys.executable, "-c", code)) as running:
        ended, out, err = running.end()
    assert (ended, out) == (2, "")
    assert err.startswith(
        "etelecom: filelock is not installed. A job needs it, and it is part of the extra `bulk`."
    )
    assert err.endswith(f"Install it: {install_command('filelock')}\n")
