"""Test exports that end early, continue, or meet another one; and what they show."""

from __future__ import annotations

import json
import signal
import threading
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pyarrow import parquet

from etelecom_async import times
from etelecom_async.testing import Fault

LIST = "shop.call_logs.list"
EXPORT = ("calls", "export", "--since", "-7d")
SMALL = ("--windows", "1", "--page-size", "10")
"""Many pages, one after the other."""
DAY = datetime(2026, 11, 27, tzinfo=times.VIETNAM)
PAGES = 30
ROWS_IN_PAGE = 2


@pytest.fixture(autouse=True)
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The folder of the commands."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def ids(file: Path) -> list[str]:
    """Return the ids in a file of JSON Lines."""
    return [json.loads(line)["id"] for line in file.read_text(encoding="utf-8").splitlines()]


def fail_after(service: Any, requests: int) -> None:
    """Let one request for call logs fail, after some others."""
    service.faults.add(
        Fault(kind="status", status=400, code="invalid_argument", operation=LIST, after=requests, times=1)
    )


@pytest.mark.parametrize("suffix", ["jsonl", "parquet"])
def test_failure(etl: Any, service: Any, folder: Path, suffix: str) -> None:
    """After a failure, the same command continues, and the file has each row once."""
    whole = etl(*EXPORT, "-o", f"whole.{suffix}", "--json").json["rows"]
    fail_after(service, 5)
    failed = etl(*EXPORT, *SMALL, "-o", f"calls.{suffix}")
    assert (failed.code, failed.out, failed.err.count("\n")) == (1, "", 1)
    assert failed.err.startswith(f"etelecom: {LIST}: ")
    assert failed.err.endswith(" The same command again continues after 50 rows.\n")
    assert not (folder / f"calls.{suffix}").exists()
    result = etl(*EXPORT, *SMALL, "-o", f"calls.{suffix}")
    assert result.code == 0
    written, continued = result.err.splitlines()
    assert written.startswith(f"etelecom: {whole} rows written to calls.{suffix}; ")
    assert continued == "etelecom: continued after 50 rows of an earlier run"
    if suffix == "parquet":
        found = parquet.read_table(folder / "calls.parquet").column("id").to_pylist()
    else:
        found = ids(folder / "calls.jsonl")
    assert len(found) == len(set(found)) == whole
    assert len(list(folder.iterdir())) == 2


def test_failure_for_scripts(etl: Any, service: Any) -> None:
    """With `--json`, a failure has no line on stdout, and the next run says how many rows it found."""
    fail_after(service, 5)
    failed = etl(*EXPORT, *SMALL, "-o", "calls.csv", "--json")
    assert (failed.code, failed.out) == (1, "")
    assert etl(*EXPORT, *SMALL, "-o", "calls.csv", "--json").json["resumed_rows"] == 50


def test_failure_before_the_first_row(etl: Any, service: Any, folder: Path) -> None:
    """A failure without rows leaves nothing to continue, and says nothing about it."""
    etl.set({"ETELECOM_SHOP_API_KEY": "1:canary"})
    refused = etl(*EXPORT, "-o", "calls.csv")
    assert refused.code == 4
    assert "same command" not in refused.err
    etl.set(service.environment())
    fail_after(service, 0)
    failed = etl(*EXPORT, "--hotlines", "-o", "calls.csv", "--quiet")
    assert (failed.code, "same command" in failed.err) == (1, False)
    assert not list(folder.glob("calls.csv"))


def test_failure_on_stdout(etl: Any, service: Any) -> None:
    """Rows on stdout stay, and the exit code says that they are not all."""
    fail_after(service, 5)
    failed = etl(*EXPORT, *SMALL, "-o", "-", "--format", "jsonl")
    assert (failed.code, failed.out.count("\n")) == (3, 50)
    assert failed.err.endswith(" The output ended after 50 rows.\n")
    fail_after(service, 0)
    failed = etl(*EXPORT, *SMALL, "-o", "-", "--format", "jsonl")
    assert (failed.code, failed.out) == (1, "")


class History:
    """
    A service with pages of call logs that keeps one request waiting.

    Args:
        peer: The server.
        hangs_at: The page that never comes the first time.
    """

    def __init__(self, peer: Any, hangs_at: int) -> None:
        self.asked: list[int] = []
        self.hangs = threading.Event()
        self._peer = peer
        self._hangs_at: int | None = hangs_at
        peer.always = self._respond
        peer.on_hang = self.hangs.set

    def _respond(self, request: Any) -> Any:
        page = int((request.json.get("paging") or {}).get("after") or 0)
        self.asked.append(page)
        if page == self._hangs_at:
            self._hangs_at = None
            return self._peer.HANG
        rows = [
            {
                "id": str(1000 + number),
                "started_at": (DAY + timedelta(hours=23, minutes=-number)).isoformat(),
                "is_new": True,
            }
            for number in range(page * ROWS_IN_PAGE, (page + 1) * ROWS_IN_PAGE)
        ]
        paging = {"next": str(page + 1)} if page + 1 < PAGES else {}
        return self._peer.json({"call_logs": rows, "paging": paging})


@pytest.fixture
def command_at_peer(surroundings: dict[str, str], peer: Any) -> None:
    """Let commands in processes of their own use the peer."""
    surroundings |= {"ETELECOM_BASE_URL": peer.base_url, "ETELECOM_SHOP_API_KEY": "1161512386239479010:key"}


DAY_TO_FILE = ("--since", "2026-11-27", "--until", "2026-11-28", "--windows", "1", "--output")


@pytest.mark.usefixtures("command_at_peer")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupted(start: Any, etelecom: Any, peer: Any, folder: Path, number: signal.Signals) -> None:
    """After Ctrl-C or SIGTERM, the same command continues after the rows that were written."""
    history = History(peer, hangs_at=PAGES - 1)
    line = ("calls", "export", *DAY_TO_FILE, "calls.jsonl")
    with start(*line, cwd=folder) as running:
        assert history.hangs.wait(60)
        code, out, err = running.stop(number)
    assert (code, out) == (130, "")
    kept, interrupted = err.splitlines()
    assert interrupted == "etelecom: interrupted"
    assert kept.startswith("etelecom: The same command again continues after ")
    rows = int(kept.split()[-2])
    assert 0 < rows <= PAGES * ROWS_IN_PAGE
    assert not (folder / "calls.jsonl").exists()
    history.asked.clear()
    code, out, err = etelecom(*line, cwd=folder)
    assert (code, out) == (0, "")
    assert history.asked == list(range(rows // ROWS_IN_PAGE, PAGES))
    assert f"etelecom: continued after {rows} rows of an earlier run\n" in err
    assert ids(folder / "calls.jsonl") == [str(1000 + number) for number in range(PAGES * ROWS_IN_PAGE)]


@pytest.mark.usefixtures("command_at_peer")
def test_same_file_twice_at_once(start: Any, etelecom: Any, peer: Any, folder: Path) -> None:
    """A second export to the same file ends at once, and does not disturb the first one."""
    history = History(peer, hangs_at=0)
    line = ("calls", "export", *DAY_TO_FILE, "calls.jsonl")
    with start(*line, cwd=folder) as running:
        assert history.hangs.wait(60)
        code, out, err = etelecom(*line, cwd=folder)
        assert (code, out) == (1, "")
        assert err == (
            "etelecom: --output calls.jsonl cannot be written: another export writes to it: wait until that "
            "one ends\n"
        )
        assert running.stop()[0] == 130
    assert etelecom(*line, "--quiet", cwd=folder) == (0, "", "")
    assert len(ids(folder / "calls.jsonl")) == PAGES * ROWS_IN_PAGE


def test_unknown_fields(at_peer: Any, peer: Any) -> None:
    """The summary counts the rows with each unknown field, and `extra` has the values."""
    History(peer, hangs_at=PAGES)
    result = at_peer("calls", "export", *DAY_TO_FILE, "calls.jsonl")
    count = PAGES * ROWS_IN_PAGE
    assert (result.code, result.out) == (0, "")
    assert result.err.splitlines() == [
        f"etelecom: {count} rows written to calls.jsonl; {PAGES} requests",
        f"etelecom: unknown fields, which the column extra has: is_new ({count} rows)",
    ]
    summary = at_peer("calls", "export", *DAY_TO_FILE, "calls.jsonl", "--json").json
    assert summary["unknown_fields"] == {"is_new": count}


def test_many_unknown_fields(at_peer: Any, peer: Any) -> None:
    """The summary names some of many unknown fields, without characters that control a terminal."""
    row = {"id": "1", "started_at": DAY.isoformat(), "\x1b[31m": 1, **{f"new_{n}": n for n in range(11)}}
    peer.respond_with(peer.json({"call_logs": [row]}))
    result = at_peer("calls", "export", *DAY_TO_FILE, "calls.jsonl")
    assert result.code == 0
    assert result.err.startswith("etelecom: 1 row written to calls.jsonl; 1 request\n")
    assert result.err.endswith(" and 2 more\n")
    assert "\x1b" not in result.err


def test_disk_that_fails(etl: Any, folder: Path) -> None:
    """A folder that cannot hold files is one line."""
    (folder / "file").touch()
    result = etl(*EXPORT, "-o", "file/calls.csv")
    assert (result.code, result.out) == (2, "")
    assert (
        result.err
        == "etelecom: --output file/calls.csv cannot be written: its folder does not exist: make it first\n"
    )


def test_progress_on_a_terminal(terminal: Any, folder: Path) -> None:
    """A terminal shows the stage, the share of the time, rows and requests; then only the summary stays."""
    code, shown = terminal(*EXPORT, "--hotlines", "-o", "calls.csv", cwd=folder)
    assert code == 0
    for text in ("Calls of hotline", "Calls", "100%", " rows, ", " requests", "written to calls.csv"):
        assert text in shown
    code, shown = terminal(*EXPORT, "-o", "calls.csv", "--quiet", cwd=folder)
    assert (code, shown) == (0, "")
    code, shown = terminal(*EXPORT, "-o", "-", "--format", "jsonl", cwd=folder)
    assert (code, "%" in shown) == (0, False)
