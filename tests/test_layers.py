"""The checks of `nox -s lint` find forbidden imports and edited generated code."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
LINT_IMPORTS = [
    sys.executable,
    "-c",
    "from importlinter.cli import lint_imports_command as lint; lint()",
    "--no-cache",
]
CODEGEN_CHECK = [sys.executable, "-m", "codegen", "--check"]

# Module, forbidden line, and the contract of pyproject.toml that forbids it.
FORBIDDEN = [
    ("_core/codec/responses.py", "import etelecom_async._core.calls.engine", "Imports go down only"),
    ("_core/calls/engine.py", "import etelecom_async._client", "Imports go down only"),
    ("_client.py", "import etelecom_async.sandbox", "Imports go down only"),
    ("_client.py", "import etelecom_async.bulk", "Imports go down only"),
    ("paging.py", "import etelecom_async._core.codec.responses", "Imports go down only"),
    ("bulk/journal.py", "import etelecom_async.bulk.work", "Bulk is a stack"),
    ("_core/secret.py", "import etelecom_async._core.hooks", "The core is a stack"),
    ("_core/http/pool.py", "import etelecom_async._core.codec.scalars", "The core is a stack"),
    ("_core/calls/policy.py", "import etelecom_async._core.calls.retrying", "Calls are a stack"),
    ("_core/codec/scalars.py", "import etelecom_async._core.codec.converters", "The codec is a stack"),
    ("_core/http/messages.py", "import etelecom_async._core.http.transport", "HTTP is a stack"),
    (
        "_core/calls/engine.py",
        "import etelecom_async._generated.models",
        "The core knows no generated module",
    ),
    (
        "sandbox/__init__.py",
        "import etelecom_async._core.http.transport",
        "The servers know the table and the wire, never the client",
    ),
    ("sandbox/store/state.py", "import etelecom_async.sandbox.app", "The sandbox is a stack"),
    (
        "sandbox/services/zalo/accounts.py",
        "import etelecom_async.sandbox.services.zns.messages",
        "The services of the sandbox are a stack",
    ),
    (
        "sandbox/faults/spec.py",
        "import etelecom_async.sandbox.faults.listener",
        "The faults of the sandbox are a stack",
    ),
    (
        "sandbox/app.py",
        "import etelecom_async._core.calls.engine",
        "The sandbox uses no client, engine or transport",
    ),
    (
        "sandbox/deliveries/posting.py",
        "import etelecom_async.sandbox.deliveries.dispatcher",
        "The deliveries of the sandbox are a stack",
    ),
    ("testing/replies.py", "import etelecom_async.testing.script", "Testing is a stack"),
    ("sandbox/params.py", "import aiohttp", "aiohttp lives in http and in the servers"),
    ("sandbox/deliveries/events.py", "import aiohttp", "aiohttp lives in http and in the servers"),
    ("cli/words/webhooks_listen.py", "import aiohttp", "aiohttp lives in http and in the servers"),
    ("_core/calls/engine.py", "import aiohttp", "aiohttp lives in http and in the servers"),
    ("_core/calls/engine.py", "import tenacity", "tenacity lives in retrying"),
    ("_core/calls/engine.py", "import msgspec", "cattrs and msgspec live in the codec"),
    ("_client.py", "import rich", "Packages of the command line live there"),
    ("bulk/sqlite_ledger.py", "import sqlalchemy", "SQLAlchemy lives in the ledger, and in the sync"),
    ("_core/clock.py", "import click", "Packages of the command line live there"),
    (
        "_client.py",
        "import filelock",
        "filelock lives in bulk, and in the folders and databases of history",
    ),
    ("key_store.py", "import segno", "segno lives in softphone"),
    ("bulk/steps.py", "import etelecom_async.provisioning.roster", "Imports go down only"),
    ("provisioning/cells.py", "import etelecom_async.provisioning.roster", "Provisioning is a stack"),
    ("provisioning/roster.py", "import charset_normalizer", "charset-normalizer lives in csv_files"),
    ("provisioning/roster.py", "import python_calamine", "python-calamine lives in xlsx_files"),
    ("provisioning/roster.py", "import xlsxwriter", "XlsxWriter lives in tables"),
    ("bulk/events.py", "import tqdm", "tqdm lives in notebook"),
    ("_core/hooks.py", "import opentelemetry", "OpenTelemetry lives in contrib.opentelemetry"),
    ("provisioning/plan.py", "import etelecom_async.contrib.notebook", "Imports go down only"),
    ("history/schema.py", "import etelecom_async.history.columns", "History is a stack"),
    ("webhooks/events.py", "import etelecom_async.webhooks.router", "Webhooks is a stack"),
    (
        "webhooks/confirming.py",
        "import etelecom_async._client",
        "The servers know the table and the wire, never the client",
    ),
    ("webhooks/asgi.py", "import aiohttp", "aiohttp lives in http and in the servers"),
    ("history/columns.py", "import pyarrow", "pyarrow lives in history.arrow"),
    ("history/report_figures.py", "import duckdb", "DuckDB lives in history.report_database"),
    ("history/report_page.py", "import altair", "altair and vl-convert live in history.report_charts"),
    ("history/window_reading.py", "import distributed", "Dask lives in four modules of history"),
    ("_core/codec/responses.py", "import codegen", "The generator writes names, it does not load them"),
]
EXHAUSTIVE = {
    "_core": "The core is a stack",
    "_core/calls": "Calls are a stack",
    "_core/codec": "The codec is a stack",
    "_core/http": "HTTP is a stack",
    "bulk": "Bulk is a stack",
    "history": "History is a stack",
    "provisioning": "Provisioning is a stack",
    "sandbox": "The sandbox is a stack",
    "sandbox/services": "The services of the sandbox are a stack",
    "webhooks": "Webhooks is a stack",
    "sandbox/faults": "The faults of the sandbox are a stack",
    "sandbox/deliveries": "The deliveries of the sandbox are a stack",
    "testing": "Testing is a stack",
}
"""Folders where a contract must list each module."""


def copy_source(folder: Path) -> Path:
    """Copy the source into *folder*, where a test may change it."""
    ignored = shutil.ignore_patterns("__pycache__")
    for part in ("codegen", "docs", "etelecom_async"):
        shutil.copytree(ROOT / part, folder / part, ignore=ignored)
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder


@pytest.fixture(scope="module")
def unchanged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of the source, which no test may change."""
    return copy_source(tmp_path_factory.mktemp("unchanged"))


def run(command: list[str], folder: Path) -> tuple[int, str]:
    """Run a check of `nox -s lint` in a folder; return its exit code and its output."""
    done = subprocess.run(command, cwd=folder, capture_output=True, check=False, text=True, timeout=120)
    return done.returncode, done.stdout + done.stderr


def add_line(module: Path, line: str) -> None:
    """Add a line to the end of a module."""
    module.write_text(f"{module.read_text(encoding='utf-8')}\n{line}\n", encoding="utf-8")


def broken_contracts(output: str) -> dict[str, str]:
    """Return what import-linter reports on each broken contract, by the contract's name."""
    details = output.partition("Broken contracts")[2]
    parts = re.split(r"^(.+)\n-+$", details, flags=re.MULTILINE)
    return {name: " ".join(report.split()) for name, report in zip(parts[1::2], parts[2::2], strict=True)}


def module_name(file: str) -> str:
    """Return the dotted name of a file of the package."""
    return f"etelecom_async/{file}".removesuffix(".py").removesuffix("/__init__").replace("/", ".")


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """
    Return the reports on a copy of the source with every forbidden line and every unlisted module.

    One run checks all of them, because each run reads the whole source.
    """
    folder = copy_source(tmp_path_factory.mktemp("forbidden"))
    for importer, line, _ in FORBIDDEN:
        add_line(folder / "etelecom_async" / importer, line)
    for package in EXHAUSTIVE:
        (folder / "etelecom_async" / package / "newcomer.py").write_text('"""New."""\n', encoding="utf-8")
    code, output = run(LINT_IMPORTS, folder)
    assert code == 1, output
    return broken_contracts(output)


def test_layers_are_kept(unchanged: Path) -> None:
    """The unchanged source breaks no contract, so the tests below find only the planted lines."""
    code, output = run(LINT_IMPORTS, unchanged)
    assert code == 0, output


@pytest.mark.parametrize(("importer", "line", "contract"), FORBIDDEN)
def test_forbidden_import_is_reported(
    reports: dict[str, str], importer: str, line: str, contract: str
) -> None:
    """A forbidden import breaks the contract that forbids it; the report names both modules."""
    imported = line.removeprefix("import ")
    chain = rf"{re.escape(module_name(importer))} -> {re.escape(imported)}\b"
    assert re.search(chain, reports[contract]), reports[contract]


@pytest.mark.parametrize("folder", EXHAUSTIVE)
def test_unlisted_module_is_reported(reports: dict[str, str], folder: str) -> None:
    """A new module that no contract lists breaks the contract of its folder."""
    report = reports[EXHAUSTIVE[folder]]
    assert re.search(r"\bnewcomer\b", report), report


def test_every_contract_is_tried() -> None:
    """Each contract has a test with a forbidden import, and each exhaustive one a test with a new module."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
    names = [contract["name"] for contract in contracts["contracts"]]
    exhaustive = [contract["name"] for contract in contracts["contracts"] if contract.get("exhaustive")]
    assert {contract for _, _, contract in FORBIDDEN} == set(names)
    assert sorted(EXHAUSTIVE.values()) == sorted(exhaustive)


def modules_that_name_generated(folder: Path) -> list[str]:
    """Return the modules of the core that name the generated package."""
    modules = sorted((folder / "etelecom_async" / "_core").rglob("*.py"))
    assert modules
    return [module.name for module in modules if "_generated" in module.read_text(encoding="utf-8")]


def test_core_names_no_generated_module(tmp_path: Path) -> None:
    """The core names no generated module at all: import-linter does not see `import_module`."""
    shutil.copytree(ROOT / "etelecom_async/_core", tmp_path / "etelecom_async/_core")
    assert modules_that_name_generated(tmp_path) == []
    line = 'import importlib; importlib.import_module("etelecom_async._generated.models")'
    add_line(tmp_path / "etelecom_async/_core/calls/engine.py", line)
    assert modules_that_name_generated(tmp_path) == ["engine.py"]


def test_generated_code_is_what_the_spec_says(unchanged: Path) -> None:
    """The unchanged generated code passes, so the tests below find only their own lines."""
    code, output = run(CODEGEN_CHECK, unchanged)
    assert (code, output) == (0, "")


EDITED = [
    "etelecom_async/_generated/models/pbx.py",
    "etelecom_async/_generated/operations.py",
    "etelecom_async/_generated/resources/shop.py",
    "docs/operations.md",
]


@pytest.fixture(scope="module")
def stale(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Return the report on a copy with a line added to each of these files; one check reads them all."""
    folder = copy_source(tmp_path_factory.mktemp("edited"))
    for file in EDITED:
        add_line(folder / file, "")
    code, output = run(CODEGEN_CHECK, folder)
    assert code == 1, output
    return output.splitlines()


@pytest.mark.parametrize("file", EDITED)
def test_edited_generated_file_is_reported(stale: list[str], file: str) -> None:
    """An added line in a generated file fails the check, and a line of the report names the file."""
    assert f"stale: {file}" in stale
    assert len(stale) == len(EDITED) + 1  # the last line says how to write the files again
