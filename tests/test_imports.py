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

# A tree of processes imports all modules, because starting two hundred interpreters takes minutes. Python
# imports the packages around a module before the module. So a process that has imported only these packages
# forks a child for each module inside. A module that its package has loaded needs no child: its import does
# no more.
# The packages of others are loaded first; this test does not judge them.
EACH_ALONE = """
import gc, importlib, json, os, sys, traceback
import aiohttp.web, attrs, cattrs.preconf.json, click, msgspec, rich.console, rich.table, sqlite3, tenacity
import altair, distributed, duckdb, filelock, opentelemetry.metrics, opentelemetry.trace
import pyarrow.compute, pyarrow.csv, pyarrow.json, pyarrow.parquet, sqlalchemy.ext.asyncio

assert not [name for name in sys.modules if name.partition(".")[0] == "etelecom_async"]
gc.disable()  # keeps the memory of parent and child shared
inside = json.load(sys.stdin)

def import_each(package):
    for name in inside.get(package, ()):
        if name in sys.modules:
            print(json.dumps([name, ""]), flush=True)
            import_each(name)
        elif child := os.fork():
            os.waitpid(child, 0)
        else:
            try:
                importlib.import_module(name)
            except BaseException:
                print(json.dumps([name, traceback.format_exc()]), flush=True)
            else:
                print(json.dumps([name, ""]), flush=True)
                import_each(name)
            os._exit(0)

import_each("")
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
    """Return the modules that the first use of each client loads."""
    code = "import etelecom_async as e, sys; e.PartnerClient, e.ShopClient, e.SmsClient; print(*sys.modules)"
    return frozenset(run(code).split())


def test_every_module_imports_alone() -> None:
    """Each module can be the first import, and causes no warning."""
    files = [file.relative_to(PACKAGE.parent) for file in PACKAGE.rglob("*.py") if file.stem != "__main__"]
    names = [".".join(file.with_suffix("").parts).removesuffix(".__init__") for file in sorted(files)]
    assert "etelecom_async" in names
    inside: dict[str, list[str]] = {}
    for name in names:
        inside.setdefault(name.rpartition(".")[0], []).append(name)
    results = [json.loads(line) for line in run(EACH_ALONE, stdin=json.dumps(inside)).splitlines()]
    failures = [failure for _, failure in results if failure]
    assert not failures, "\n".join(failures)
    assert sorted(name for name, _ in results) == sorted(names)


@pytest.mark.parametrize(
    "part",
    ["aiohttp.web", "etelecom_async._core.html_tables", "filelock", "rich", "sqlite3", "tqdm"]
    + [
        f"etelecom_async.{package}"
        for package in ("bulk", "cli", "contrib", "history", "provisioning", "sandbox", "testing", "webhooks")
    ],
)
def test_optional_parts_are_not_imported(part: str) -> None:
    """The clients load no part that only some users need."""
    assert part not in initial_modules()


def test_models_are_not_imported() -> None:
    """The clients load no generated models, because creating them is slow."""
    models = {name for name in initial_modules() if name.startswith("etelecom_async._generated.models.")}
    assert not models


def test_import_loads_nothing() -> None:
    """`import etelecom_async` loads no other module of the package, and no dependency."""
    loaded = run("import etelecom_async, sys; print(*sys.modules)").split()
    ours = {name for name in loaded if name.partition(".")[0] == "etelecom_async"}
    assert ours == {"etelecom_async", "etelecom_async._lazy", "etelecom_async._version"}
    assert not {"aiohttp", "asyncio", "attr", "attrs", "cattrs", "msgspec", "tenacity"}.intersection(loaded)


FIRST_USES = {
    "star": "from etelecom_async import *; assert issubclass(APIError, EtelecomError) and Pager",
    "submodules": """
import etelecom_async
for name in "bulk call_logs errors models operations paging phones testing times webhooks".split():
    assert getattr(etelecom_async, name).__name__ == f"etelecom_async.{name}"
""",
    "from a dict": """
from etelecom_async.models import Tenant
assert Tenant.from_dict({"id": "1"}).id == "1"
""",
    "page from a dict": """
from etelecom_async.paging import Page
assert Page.from_dict({"items": [1], "next": "a"}).items == (1,)
""",
    "unpickle": """
import pickle, subprocess, sys
code = '''
from etelecom_async import Effect, PagingError, RetryPolicy, models
import pickle, sys
sys.stdout.buffer.write(pickle.dumps([RetryPolicy(), models.Tenant(id="1"), Effect.READ, PagingError("a")]))
'''
data = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout
policy, tenant, effect, error = pickle.loads(data)
import etelecom_async as e
assert (policy, tenant, effect) == (e.RetryPolicy(), e.models.Tenant(id="1"), e.Effect.READ)
assert type(error) is e.PagingError and type(tenant).from_dict(tenant.to_dict()) == tenant
""",
    "threads": """
import threading, etelecom_async
names = [name for name in etelecom_async.__all__] * 2
found, start = [], threading.Barrier(len(names))
def use(name):
    start.wait()
    found.append(getattr(etelecom_async, name) is getattr(etelecom_async, name))
threads = [threading.Thread(target=use, args=[name]) for name in names]
for thread in threads: thread.start()
for thread in threads: thread.join()
assert found == [True] * len(names)
""",
    "filter of warnings": """
import warnings
warnings.filterwarnings("ignore", category=__import__("etelecom_async").ProvisionalOperationWarning)
""",
    "unknown": """
import etelecom_async
try:
    etelecom_async.ShopClien
except AttributeError as error:
    assert str(error) == "module 'etelecom_async' has no attribute 'ShopClien'"
    assert error.obj is etelecom_async
else:
    raise SystemExit("no error")
""",
}


@pytest.mark.parametrize("code", FIRST_USES.values(), ids=FIRST_USES)
def test_first_use(code: str) -> None:
    """Whatever a program uses first works: it needs no other import before."""
    run(code)
