"""The fixtures work with each plugin for asynchronous tests, and cost nothing when no test uses them."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

PLUGIN = "pytest_etelecom"

SYNC = """
import asyncio

import pytest

from etelecom_async import PartnerClient, ShopClient, SmsClient
from etelecom_async.testing import Fault, Sandbox, ScriptError

pytestmark = pytest.mark.etelecom_sandbox(users=2, extensions=2, call_logs=0, zns_messages=0)


def test_sandbox(etelecom_sandbox):
    async def view():
        async with ShopClient() as shop:
            return await shop.extensions.list()

    assert isinstance(etelecom_sandbox, Sandbox)
    assert len(asyncio.run(view())) == 2
    assert etelecom_sandbox.requests.counts == {"shop.extensions.list": 1}


@pytest.mark.etelecom_sandbox(users=5)
def test_clients(etelecom_shop, etelecom_partner, etelecom_sms, etelecom_sandbox):
    async def use():
        users = await etelecom_shop.users.list()
        extensions = await etelecom_shop.extensions.list()
        return len(users), len(extensions), len(await etelecom_partner.tenants.list())

    users, extensions, tenants = asyncio.run(use())
    assert (users, extensions) == (5, 2)
    assert tenants
    assert etelecom_sms.stats().attempts == 0


def test_script(etelecom_script, etelecom_shop):
    etelecom_script.reply("account", 503, {"n": 1})
    assert asyncio.run(etelecom_shop.account()) == {"n": 1}
    assert len(etelecom_script.clock.waits) == 1


def test_clock(etelecom_shop, etelecom_sandbox, etelecom_clock):
    etelecom_sandbox.faults.add(Fault(kind="status", status=429, retry_after=50, times=1))
    began = etelecom_sandbox.now
    asyncio.run(etelecom_shop.tenant.get())
    assert etelecom_clock.waits == [50.0]
    assert (etelecom_sandbox.now - began).total_seconds() >= 50
"""

ASYNC = """
import pytest

from etelecom_async import ShopClient

{mark}

async def test_shop(etelecom_shop, etelecom_sandbox):
    assert await etelecom_shop.users.list()
    async with ShopClient() as shop:
        assert await shop.extensions.list()
    assert etelecom_sandbox.requests.counts == {{"shop.users.list": 1, "shop.extensions.list": 1}}


async def test_script(etelecom_shop, etelecom_partner, etelecom_script):
    etelecom_script.reply("account", {{"n": 1}}, 429, {{"n": 2}})
    assert [await etelecom_shop.account(), await etelecom_partner.account()] == [{{"n": 1}}, {{"n": 2}}]


class TestClass:
    @pytest.mark.etelecom_sandbox(users=3, call_logs=0)
    async def test_marker(self, etelecom_shop):
        assert len(await etelecom_shop.users.list()) == 3
        assert not await etelecom_shop.call_logs.list()
"""

WRONG = """
import asyncio

import pytest

from etelecom_async import ShopClient


def test_unused(etelecom_script):
    etelecom_script.reply("account", {})


def test_failed(etelecom_script):
    etelecom_script.reply("account", {})
    assert 1 == 2


@pytest.mark.etelecom_sandbox(user=3)
def test_option(etelecom_sandbox):
    pass


@pytest.mark.etelecom_sandbox(3)
def test_position(etelecom_sandbox):
    pass


def test_both(etelecom_script, etelecom_sandbox):
    pass
"""


REPEATING = """
from _pytest.runner import runtestprotocol


def pytest_runtest_protocol(item, nextitem):
    for _ in range(2):
        item._initrequest()
        for report in runtestprotocol(item, nextitem=nextitem, log=False):
            item.ihook.pytest_runtest_logreport(report=report)
    return True
"""

ONCE = """
import pytest

runs = []


@pytest.fixture
def broken(etelecom_script):
    runs.append(1)
    if len(runs) > 1:
        etelecom_script.reply("account", {})
        pytest.fail("the second run")


def test_it(broken):
    pass
"""


def run(folder: Path, test: str, *options: str) -> subprocess.CompletedProcess[str]:
    """Run the tests of a file with the plugin, and with no others than the named ones."""
    (folder / "test_it.py").write_text(test, encoding="utf-8")
    (folder / "pytest.ini").write_text("[pytest]\naddopts = --strict-markers\n", encoding="utf-8")
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-W",
        "error",
        "-p",
        "no:cacheprovider",
        "-p",
        PLUGIN,
        *options,
    ]
    environment = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=120
    )


def passed(done: subprocess.CompletedProcess[str], count: int) -> None:
    """Check that all tests passed, without warnings."""
    assert re.search(rf"^{count} passed in ", done.stdout, re.MULTILINE), done.stdout + done.stderr


def test_without_a_plugin_for_coroutines(tmp_path: Path) -> None:
    """Synchronous tests need no other plugin."""
    passed(run(tmp_path, SYNC), 4)


@pytest.mark.parametrize(
    ("mark", "options"),
    [
        ("", ("-p", "pytest_asyncio.plugin", "-o", "asyncio_mode=auto")),
        ("pytestmark = pytest.mark.asyncio(loop_scope='module')", ("-p", "pytest_asyncio.plugin")),
        (
            "pytestmark = pytest.mark.anyio\n\n@pytest.fixture\ndef anyio_backend():\n    return 'asyncio'\n",
            ("-p", "anyio.pytest_plugin"),
        ),
    ],
    ids=["asyncio-auto", "asyncio-strict", "anyio"],
)
def test_with_a_plugin_for_coroutines(tmp_path: Path, mark: str, options: tuple[str, ...]) -> None:
    """Asynchronous tests work with pytest-asyncio in both modes, and with anyio; nothing is left open."""
    if "pytest_asyncio.plugin" in options:
        options += ("-o", "asyncio_default_fixture_loop_scope=function")
    passed(run(tmp_path, ASYNC.format(mark=mark), *options), 3)


def test_wrong_tests(tmp_path: Path) -> None:
    """An unused reply fails a test that passed, and not one that failed; a wrong option is named."""
    output = run(tmp_path, WRONG).stdout
    assert re.search(r"^1 failed, 1 passed, 4 errors", output, re.MULTILINE), output
    assert "ScriptError: the calls do not fit the script: 1 unused for account" in output
    assert output.count("ScriptError: ") >= 1
    assert "ERROR at teardown of test_failed" not in output
    assert "did you mean 'users'" in output
    assert "use etelecom_script or etelecom_sandbox in a test, not both" in output
    assert "takes names with values, for example call_logs=100" in output


def test_plugin_loads_nothing() -> None:
    """A run loads nothing of the package, so `pytest --co` is quick, and coverage sees each import."""
    code = f"import {PLUGIN}, sys; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    tops = ("etelecom_async", "aiohttp", "attrs", "msgspec")
    assert [name for name in loaded.split() if name.partition(".")[0] in tops] == []


def test_old_releases_of_pytest() -> None:
    """
    The plugin needs nothing that pytest 6 lacks.

    pytest loads it in each run of each project that has the package, and a failure there ends the run.
    """
    code = f"""
import pytest


class Old:
    def __init__(self, fixture, config):
        self.fixture = fixture
        self.Config = config

    def hookimpl(self, function=None, hookwrapper=False, optionalhook=False, tryfirst=False, trylast=False):
        return function or (lambda given: given)


import sys
sys.modules["pytest"] = Old(pytest.fixture, pytest.Config)
import {PLUGIN}
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_repeated_test(tmp_path: Path) -> None:
    """A test that passed at first, and fails when it is repeated, is not blamed for unused replies."""
    (tmp_path / "conftest.py").write_text(REPEATING, encoding="utf-8")
    output = run(tmp_path, ONCE).stdout
    assert re.search(r"^1 passed, 1 error in", output, re.MULTILINE), output
    assert "ScriptError" not in output


def test_entry_point() -> None:
    """The installed package enables the plugin under the name that `-p no:` takes."""
    from importlib.metadata import entry_points

    (found,) = entry_points(group="pytest11", name="etelecom_async")
    assert found.value == PLUGIN


def test_help(pytestconfig: pytest.Config) -> None:
    """The marker is registered, so `pytest --markers` explains it."""
    assert any(line.startswith("etelecom_sandbox(**options)") for line in pytestconfig.getini("markers"))
