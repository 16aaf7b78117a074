"""Test reports that end early, and what they show on a terminal."""

from __future__ import annotations

import signal
import tempfile
import threading
from pathlib import Path
from typing import Any

import pytest

from etelecom_async.testing import Fault

LIST = "shop.call_logs.list"
REPORT = ("calls", "report", "--since", "-7d", "--output", "week.html")


@pytest.fixture(autouse=True)
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The folder of the commands."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_failure(etl: Any, service: Any, folder: Path) -> None:
    """A failure is one line with the exit code of its error, and leaves no file."""
    service.faults.add(
        Fault(kind="status", status=400, code="invalid_argument", operation=LIST, after=2, times=1)
    )
    failed = etl(*REPORT, "--windows", "1", "--page-size", "10", "--json")
    assert (failed.code, failed.out, failed.err.count("\n")) == (1, "", 1)
    assert failed.err.startswith(f"etelecom: {LIST}: ")
    assert not list(folder.glob("*week*"))


def test_refused_key(etl: Any) -> None:
    """A refused key has its exit code."""
    etl.set({"ETELECOM_SHOP_API_KEY": "1:canary"})
    refused = etl(*REPORT)
    assert (refused.code, refused.out) == (4, "")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupted(
    start: Any, peer: Any, surroundings: dict[str, str], folder: Path, number: signal.Signals
) -> None:
    """After Ctrl-C or SIGTERM there is no page, and no folder with the calls of the report."""
    hangs = threading.Event()

    def respond(request: Any) -> Any:
        return peer.HANG if "ListCallLogs" in request.path else peer.json({})

    peer.always = respond
    peer.on_hang = hangs.set
    temporary = folder / "temporary"
    temporary.mkdir()
    surroundings |= {
        "ETELECOM_BASE_URL": peer.base_url,
        "ETELECOM_SHOP_API_KEY": "1161512386239479010:key",
        "TMPDIR": str(temporary),
    }
    with start(*REPORT, cwd=folder) as running:
        assert hangs.wait(60)
        assert running.stop(number) == (130, "", "etelecom: interrupted\n")
    assert not list(temporary.iterdir())
    assert not list(folder.glob("*week*"))


def test_progress_on_a_terminal(terminal: Any, folder: Path) -> None:
    """A terminal shows the stage, the share of the time, rows and requests; then only the summary stays."""
    code, shown = terminal(*REPORT, "--hotlines", cwd=folder)
    assert code == 0
    for text in ("Calls of hotline", "Calls", "100%", " rows, ", " requests", "written to week.html"):
        assert text in shown
    code, shown = terminal(*REPORT, "--quiet", cwd=folder)
    assert (code, shown) == (0, "")


def test_no_temporary_folder(etl: Any, monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """Without a place for the calls, the command says so in one line."""
    monkeypatch.setattr(tempfile, "tempdir", str(folder / "none"))
    result = etl(*REPORT)
    assert (result.code, result.out, result.err.count("\n")) == (2, "", 1)
    assert "No such file or directory" in result.err
