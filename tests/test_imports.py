"""Importing: every module by itself, and the front door at little cost."""

from __future__ import annotations

import json
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

import etelecom_async

PACKAGE = Path(etelecom_async.__file__).parent

# One interpreter for all modules, because starting two hundred takes minutes. Each import of a module begins
# with the front door, so that stays. Before each import the interpreter forgets all other modules: no module
# then finds what only the import of another one has brought.
EACH_ALONE = """
import importlib, json, sys, traceback

importlib.import_module("etelecom_async")
front_door = frozenset(sys.modules)
failures = {}
for name in json.load(sys.stdin):
    for known in [known for known in sys.modules if known.partition(".")[0] == "etelecom_async"]:
        if known not in front_door:
            package, _, module = known.rpartition(".")
            if package in front_door:
                delattr(sys.modules[package], module)
            del sys.modules[known]
    try:
        importlib.import_module(name)
    except BaseException:
        failures[name] = traceback.format_exc()
json.dump(failures, sys.stdout)
"""


def run(code: str, *, stdin: str = "") -> str:
    """Runs code in a fresh interpreter, with warnings as errors, and returns what it prints."""
    command = [sys.executable, "-W", "error", "-c", code]
    # From the folder of the package, not of the checkout, so that the tested package is the one imported.
    done = subprocess.run(
        command, cwd=PACKAGE.parent, input=stdin, capture_output=True, check=False, text=True, timeout=120
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


@cache
def modules_of_the_front_door() -> frozenset[str]:
    """What `import etelecom_async` has imported in the end."""
    return frozenset(run("import etelecom_async, sys; print(*sys.modules, sep='\\n')").split())


def test_every_module_imports_alone() -> None:
    """No module needs another one to have been imported before it, and none warns."""
    files = [file.relative_to(PACKAGE.parent) for file in PACKAGE.rglob("*.py") if file.stem != "__main__"]
    names = [".".join(file.with_suffix("").parts).removesuffix(".__init__") for file in sorted(files)]
    assert "etelecom_async" in names
    failures = json.loads(run(EACH_ALONE, stdin=json.dumps(names)))
    assert not failures, "\n".join(failures.values())


@pytest.mark.parametrize(
    "part",
    ["aiohttp.web", "rich", "sqlite3"]
    + [
        f"etelecom_async.{room}"
        for room in ("cli", "history", "provisioning", "sandbox", "testing", "webhooks")
    ],
)
def test_front_door_leaves_optional_parts_alone(part: str) -> None:
    """`import etelecom_async` imports nothing that only a part of the users needs."""
    assert part not in modules_of_the_front_door()


def test_front_door_makes_no_models() -> None:
    """The generated models, which are dear to make, come with the first use of their area."""
    models = {
        name for name in modules_of_the_front_door() if name.startswith("etelecom_async._generated.models.")
    }
    assert not models
