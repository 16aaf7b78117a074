"""Test what `etelecom calls recordings` accepts, with the sandbox."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from etelecom_async.cli.extras import install_command
from etelecom_async.cli.words import call_filters, calls_recordings

RECORDINGS = ("calls", "recordings")
WEEK = (*RECORDINGS, "--since", "-7d", "--output", "recordings", "--allow-private")


@pytest.fixture(autouse=True)
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The folder of the commands."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def saved(folder: Path) -> list[str]:
    """Return the ids of the calls whose recordings are there."""
    return sorted(path.stem.removesuffix("-0") for path in (folder / "recordings").glob("*.wav"))


def test_script_contract(etl: Any, folder: Path) -> None:
    """The last line of `--json` has the counts, and each call with a recording has its file."""
    rows = etl("calls", "list", "--from", "-7d", "--to", "yesterday", "--json").json
    wanted = sorted(row["id"] for row in rows if row["recording_urls"])
    result = etl(*WEEK, "--json")
    assert (result.code, result.err) == (0, "")
    assert result.json == {
        "files": len(wanted),
        "bytes": sum(path.stat().st_size for path in (folder / "recordings").glob("*.wav")),
        "missing": 0,
        "failed": 0,
        "skipped": 0,
    }
    assert saved(folder) == wanted
    again = etl(*WEEK, "--json").json
    assert (again["files"], again["skipped"]) == (0, len(wanted))


def test_filters(etl: Any, folder: Path) -> None:
    """The options that choose calls choose recordings, too."""
    rows = etl("calls", "list", "--from", "-7d", "--to", "yesterday", "--direction", "out", "--json").json
    wanted = sorted(row["id"] for row in rows if row["recording_urls"])
    assert etl(*WEEK, "--direction", "out", "--quiet") == (0, "", "")
    assert saved(folder) == wanted


def test_options_that_choose_calls() -> None:
    """Each option that chooses calls is there, except `--missed`: nobody talks in a missed call."""
    names = {option.name for option in calls_recordings.command().params}
    others = {option.name for option in call_filters.options(of_user="", of_extension="")}
    assert others - names == {"missed"}


def test_private_by_default(etl: Any, folder: Path) -> None:
    """Without `--allow-private`, this machine is refused, and the exit code says that files are not there."""
    result = etl(*RECORDINGS, "--since", "-1d", "--output", "recordings", "--json")
    assert result.code == 3
    assert (result.json["files"], result.json["failed"] > 0) == (0, True)
    lines = (folder / "recordings" / "recordings.jsonl").read_text().splitlines()
    assert {json.loads(line)["reason"] for line in lines} == {"the host has a private address"}


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("--output a", "Missing option '--since'"),
        ("--since -7d", "Missing option '--output'"),
        ("--since foo -o a", "foo"),
        ("--since 2026-11-28T09:30 -o a", "has no offset"),
        ("--since today -o a", "which is not before --until"),
        ("--since -7d -o -", "--output takes a folder, not stdout"),
        ("--since -7d -o a --max-bytes lots", "'lots' is no size"),
        ("--since -7d -o a --max-file-bytes 0", "'0' is no size"),
        ("--since -7d -o a --concurrency 65", "65 is above 64"),
        ("--since -7d -o a --missed", "--missed"),
        ("--since -7d -o a --user 1 --extension 2", "exclude each other"),
        ("--since -7d -o file", "--output file cannot be written"),
    ],
)
def test_wrong_input(etl: Any, folder: Path, line: str, problem: str) -> None:
    """Wrong input is a usage error in one line, and writes nothing."""
    (folder / "file").touch()
    result = etl(*RECORDINGS, *line.split())
    assert (result.code, result.out, result.err.count("\n")) == (2, "", 1), result
    assert problem in result.err
    assert [path.name for path in folder.iterdir()] == ["file"]


@pytest.mark.parametrize("module", ["pyarrow", "filelock"])
def test_missing_package(start: Any, folder: Path, module: str) -> None:
    """Without a package of the extra, one line ends with the install command."""
    code = (
        f"import sys; sys.modules[{module!r}] = None; from etelecom_async.cli import main; "
        f"sys.exit(main(['calls', 'recordings', '--since', '-7d', '--output', 'a']))"
    )
    with start(command=(sys.executable, "-c", code), cwd=folder) as running:
        ended, out, err = running.end()
    assert (ended, out, err.count("\n")) == (2, "", 1), err
    assert err.startswith(f"etelecom: {module} is not installed. The list of the calls needs it")
    assert err.endswith(f"Install it: {install_command('filelock', 'pyarrow')}\n")


def test_dry_run(at_peer: Any, peer: Any, folder: Path) -> None:
    """`--dry-run` shows the first request, sends nothing and makes no folder."""
    result = at_peer(*WEEK, "--answered", "--hotline", "1900", "--dry-run", "--quiet")
    assert (result.code, result.err, peer.requests) == (0, "", [])
    result = at_peer(*WEEK, "--answered", "--dry-run")
    assert (result.code, result.err, peer.requests) == (0, "", [])
    assert result.json["body"]["filter"]["call_state"] == "answered"
    assert not list(folder.iterdir())
