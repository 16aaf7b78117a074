"""
Fixtures of pytest. Installing the package enables them; `-p no:etelecom_async` disables them.

pytest loads this module in each run of each project that has the package. So it imports only pytest, and
works with old releases of it, too. It is beside the package: a plugin inside would import the package before
coverage starts. The fixtures import the rest when a test uses them. They are synchronous, so they work with
pytest-asyncio in both modes, with the plugin of anyio, and in tests without an event loop.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING, Any, Final
from weakref import WeakSet

import pytest

if TYPE_CHECKING:
    from etelecom_async import PartnerClient, ShopClient, SmsClient
    from etelecom_async.testing import DrivenClock, Sandbox, ScriptedTransport

_MARKER: Final = "etelecom_sandbox"
_SCRIPT: Final = "etelecom_script"
_CLOCK: Final = "etelecom_clock"
_PASSED: Final[WeakSet[pytest.Item]] = WeakSet()
"""The test that has passed, until its fixtures have ended."""


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker."""
    line = f"{_MARKER}(**options): options of the sandbox that the fixture {_MARKER} starts"
    config.addinivalue_line("markers", line)


@pytest.hookimpl(hookwrapper=True)  # not `wrapper`, which old releases of pluggy refuse
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, Any, None]:
    """Remember whether the test passed: a script does not complain about a test that failed."""
    report: pytest.TestReport = (yield).get_result()
    _PASSED.discard(item)  # a test may run again
    if report.when == "call" and report.passed:
        _PASSED.add(item)


@pytest.fixture
def etelecom_sandbox(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    """
    A sandbox of the test's own, in a thread of its own.

    Clients without arguments use it: the environment has its URLs and keys. The marker `etelecom_sandbox`
    takes its options.
    """
    from etelecom_async.testing.sandbox_thread import SandboxThread

    with SandboxThread(**_options(request.node)) as service:
        _set_environment(monkeypatch, service.environment())
        yield service


@pytest.fixture
def etelecom_script(
    etelecom_clock: DrivenClock, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> Iterator[ScriptedTransport]:
    """
    Scripted replies for all clients that the test creates; each must be used if the test passes.

    Clients without arguments get invented keys from the environment.
    """
    from etelecom_async.testing.script import ScriptedTransport

    if _uses(request, _MARKER):
        raise pytest.UsageError(f"a script takes all calls: use {_SCRIPT} or {_MARKER} in a test, not both")
    with ScriptedTransport(clock=etelecom_clock) as script:
        _set_environment(monkeypatch, script.environment())
        yield script
        if request.node not in _PASSED:
            script.forgive()


@pytest.fixture
def etelecom_clock(request: pytest.FixtureRequest) -> Iterator[DrivenClock]:
    """A clock for all clients that the test creates, and for its sandbox: waits take no time."""
    from etelecom_async.testing.driven_clock import DrivenClock

    services = [request.getfixturevalue(_MARKER)] if _uses(request, _MARKER) else []
    with DrivenClock(*services) as clock:
        yield clock


@pytest.fixture
def etelecom_partner(request: pytest.FixtureRequest) -> Iterator[PartnerClient]:
    """A client of the partner: of the script if the test has one, and otherwise of the sandbox."""
    from etelecom_async import PartnerClient

    peer = _peer(request)
    client = PartnerClient(peer.partner_api_key, base_url=peer.base_url)
    yield client
    _close(client)


@pytest.fixture
def etelecom_shop(request: pytest.FixtureRequest) -> Iterator[ShopClient]:
    """A client of the first shop, with the partner's key: of the script, or of the sandbox."""
    from etelecom_async import ShopClient

    peer = _peer(request)
    client = ShopClient(peer.shop_key, base_url=peer.base_url)
    yield client
    _close(client)


@pytest.fixture
def etelecom_sms(request: pytest.FixtureRequest) -> Iterator[SmsClient]:
    """A client of the SMS service: of the script, or of the sandbox."""
    from etelecom_async import SmsClient

    peer = _peer(request)
    client = SmsClient(peer.sms_username, peer.sms_password, base_url=peer.sms_base_url)
    yield client
    _close(client)


def _options(node: Any) -> dict[str, Any]:
    """Return the options of all markers of a test; the nearest one counts."""
    options: dict[str, Any] = {}
    for mark in reversed(list(node.iter_markers(_MARKER))):
        if mark.args:
            raise pytest.UsageError(
                f"@pytest.mark.{_MARKER} takes names with values, for example call_logs=100"
            )
        options |= mark.kwargs
    return options


def _set_environment(monkeypatch: pytest.MonkeyPatch, variables: dict[str, str]) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)


def _uses(request: pytest.FixtureRequest, name: str) -> bool:
    return name in request.fixturenames


def _peer(request: pytest.FixtureRequest) -> Any:
    """Return what the clients of a test talk to; the clock is made before them."""
    if _uses(request, _CLOCK):
        request.getfixturevalue(_CLOCK)
    return request.getfixturevalue(_SCRIPT if _uses(request, _SCRIPT) else _MARKER)


def _close(client: Any) -> None:
    from etelecom_async.testing.closing import close

    close(client)
