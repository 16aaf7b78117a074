"""Imports: each module by itself, and `import etelecom_async` at low cost."""

from __future__ import annotations

import json
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

import etelecom_async

PACKAGE = Path(etelecom_async.__file__).parent

# One interpreter imports all modules, because starting two hundred takes minutes. Importing any module first
# imports the package's `__init__`, so its modules stay. All others are removed before each import, so that a
# module cannot depend on a module that an earlier import has loaded.
EACH_ALONE = """
import importlib, json, sys, traceback

importlib.import_module("etelecom_async")
initial = frozenset(sys.modules)
failures = {}
for name in json.load(sys.stdin):
    for known in [known for known in sys.modules if known.partition(".")[0] == "etelecom_async"]:
        if known not in initial:
            package, _, module = known.rpartition(".")
            if package in initial:
                delattr(sys.modules[package], module)
            del sys.modules[known]
    try:
        importlib.import_module(name)
    except BaseException:
        failures[name] = traceback.format_exc()
json.dump(failures, sys.stdout)
"""


def run(code: str, *, stdin: str = "") -> str:
    """Run code in a fresh interpreter with warnings as errors, and return its output."""
    command = [sys.executable, "-W", "error", "-c", code]
    # The working folder is the parent of the tested package, so that the code imports that package.
    done = subprocess.run(
        command, cwd=PACKAGE.parent, input=stdin, capture_output=True, check=False, text=True, timeout=120
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


@cache
def initial_modules() -> frozenset[str]:
    """Return the modules that `import etelecom_async` loads."""
    return frozenset(run("import etelecom_async, sys; print(*sys.modules, sep='\\n')").split())


def test_every_module_imports_alone() -> None:
    """Each module can be the first import, and causes no warning."""
    files = [file.relative_to(PACKAGE.parent) for file in PACKAGE.rglob("*.py") if file.stem != "__main__"]
    names = [".".join(file.with_suffix("").parts).removesuffix(".__init__") for file in sorted(files)]
    assert "etelecom_async" in names
    failures = json.loads(run(EACH_ALONE, stdin=json.dumps(names)))
    assert not failures, "\n".join(failures.values())


@pytest.mark.parametrize(
    "part",
    ["aiohttp.web", "rich", "sqlite3"]
    + [
        f"etelecom_async.{package}"
        for package in ("cli", "history", "provisioning", "sandbox", "testing", "webhooks")
    ],
)
def test_optional_parts_are_not_imported(part: str) -> None:
    """`import etelecom_async` loads no part that only some users need."""
    assert part not in initial_modules()


def test_models_are_not_imported() -> None:
    """`import etelecom_async` loads no generated models, because creating them is slow."""
    models = {name for name in initial_modules() if name.startswith("etelecom_async._generated.models.")}
    assert not models
