"""Test what `etelecom calls report` accepts and writes, with the sandbox."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from etelecom_async.cli.extras import install_command
from etelecom_async.cli.words import calls_report
from etelecom_async.history import report_texts

REPORT = ("calls", "report")
PACKAGES = ("altair", "duckdb", "filelock", "pyarrow", "vl-convert-python")


@pytest.fixture(autouse=True)
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The folder of the commands."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_summary(etl: Any, folder: Path) -> None:
    """The page is written, and the summary is on stderr; with `--quiet` there is none."""
    result = etl(*REPORT, "--since", "-7d", "--output", "week.html")
    assert (result.code, result.out) == (0, "")
    written, missed = result.err.splitlines()
    assert re.fullmatch(r"etelecom: report about \d+ calls written to week\.html; \d+ requests", written)
    assert re.fullmatch(r"etelecom: \d+ missed calls, \d+ of them not returned", missed)
    assert "<h1>" in (folder / "week.html").read_text(encoding="utf-8")
    result = etl(*REPORT, "--since", "-7d", "--output", "week.html", "--quiet")
    assert (result.code, result.out, result.err) == (0, "", "")


def test_json(etl: Any, folder: Path) -> None:
    """With `--json`, stdout has one line with all fields of the report."""
    result = etl(*REPORT, "--since", "-7d", "--output", "week.html", "--json")
    assert (result.code, result.err, result.out.count("\n")) == (0, "", 1)
    assert result.json["size"] == (folder / "week.html").stat().st_size
    assert set(result.json) == {
        "calls", "missed", "not_returned", "requests", "hotline_requests", "size", "output",
    }  # fmt: skip


def test_stdout(etelecom: Any, service: Any, surroundings: dict[str, str], folder: Path) -> None:
    """With `--output -`, the page is on stdout, and the line of `--json` on stderr."""
    surroundings |= service.environment()
    code, out, err = etelecom(*REPORT, "--since", "-7d", "--output", "-", "--json", cwd=folder)
    assert (code, out[:15], out[-8:]) == (0, "<!DOCTYPE html>", "</html>\n")
    assert json.loads(err)["output"] == "-"
    assert not list(folder.glob("*.html"))


def test_options(etl: Any, folder: Path) -> None:
    """Language, service level, hotlines and numbers change the page."""
    line = (*REPORT, "--since", "-7d", "--output", "a.html", "--language", "vi", "--service-level", "45")
    result = etl(*line, "--hotlines", "--reveal-numbers", "--windows", "2", "--page-size", "20")
    assert result.code == 0
    assert "shop.hotlines.list names the hotlines; it is inferred" in result.err
    assert re.search(r"etelecom: \d+ requests for the calls of each hotline\n", result.err)
    html = (folder / "a.html").read_text(encoding="utf-8")
    for text in ('lang="vi"', "trả lời trong 45 s", "Theo hotline", "tel:+84"):
        assert text in html
    assert etl(*line).code == 0
    html = (folder / "a.html").read_text(encoding="utf-8")
    assert "Theo hotline" not in html
    assert "tel:" not in html


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("-o a.html", "Missing option '--since'"),
        ("--since -7d", "Missing option '--output' / '-o'"),
        ("--since today -o a.html", "in Hanoi. The day of --until is not included"),
        ("--since -1d --until -2d -o a.html", "which is not before --until, "),
        (
            "--since 2026-11-28T09:30 -o a.html",
            "has no offset; for a time of Hanoi write 2026-11-28T09:30+07",
        ),
        ("--since -7d -o a.html --language fr", "'fr' is not one of 'en', 'vi'"),
        ("--since -7d -o a.html --service-level 0", "0 is below 1"),
        ("--since -7d -o a.html --windows 65", "65 is above 64"),
        ("--since -7d -o none/a.html", "--output none/a.html cannot be written: there is no such folder"),
        ("--since -7d -o folder", "--output folder cannot be written: this is a folder, and no file"),
    ],
)
def test_wrong_input(etl: Any, folder: Path, line: str, problem: str) -> None:
    """Wrong input is a usage error in one line, and writes nothing."""
    (folder / "folder").mkdir()
    result = etl(*REPORT, *line.split())
    assert (result.code, result.out, result.err.count("\n")) == (2, "", 1), result
    assert problem in result.err
    assert [path.name for path in folder.iterdir()] == ["folder"]


def test_languages() -> None:
    """The command has the languages of the report, without loading it."""
    assert calls_report.LANGUAGES == report_texts.LANGUAGES


@pytest.mark.parametrize(
    ("module", "name"), [("duckdb", "duckdb"), ("altair", "altair"), ("vl_convert", "vl-convert-python")]
)
def test_missing_package(start: Any, folder: Path, module: str, name: str) -> None:
    """Without a package of the extra, one line ends with the install command."""
    code = (
        f"import sys; sys.modules[{module!r}] = None; from etelecom_async.cli import main; "
        f"sys.exit(main(['calls', 'report', '--since', '-7d', '--output', 'a.html']))"
    )
    with start(command=(sys.executable, "-c", code), cwd=folder) as running:
        ended, out, err = running.end()
    assert (ended, out, err.count("\n")) == (2, "", 1), err
    assert err.startswith(f"etelecom: {name} is not installed. A report needs it")
    assert err.endswith(f"Install it: {install_command(*PACKAGES)}\n")


def test_dry_run(at_peer: Any, peer: Any, folder: Path) -> None:
    """`--dry-run` shows the first request for calls, sends nothing and makes no file."""
    line = (*REPORT, "--since", "2026-11-01", "--until", "2026-11-02", "-o", "a.html", "--windows", "1")
    result = at_peer(*line, "--page-size", "20", "--dry-run")
    assert (result.code, result.err, peer.requests) == (0, "", [])
    assert result.json["body"]["paging"] == {"limit": 20}
    found = at_peer(*line, "--hotlines", "--quiet", "--dry-run")
    assert (found.code, found.err, peer.requests) == (0, "", [])
    assert found.json["url"].endswith("GetHotlines")
    assert not list(folder.iterdir())


def test_help_loads_no_library(surroundings: dict[str, str]) -> None:
    """Help and the definition of the command load neither DuckDB nor altair."""
    code = (
        "import sys; from etelecom_async.cli.words import calls_report; calls_report.command(); "
        "print(sorted({'duckdb', 'altair', 'vl_convert', 'pyarrow', 'aiohttp'} & set(sys.modules)))"
    )
    found = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=surroundings
    )
    assert found.stdout == "[]\n"
