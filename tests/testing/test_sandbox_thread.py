"""A sandbox in its own thread serves tests without an event loop, and tests with several."""

from __future__ import annotations

import asyncio
import gc
import inspect
import threading
from datetime import timedelta
from typing import TYPE_CHECKING, Any, get_type_hints

import pytest

from etelecom_async import RetryPolicy, ShopClient
from etelecom_async.sandbox.server import SandboxOptions
from etelecom_async.testing import Fault, Sandbox, SandboxThread
from etelecom_async.testing.sandbox_thread import ThreadOptions
from tests.conftest import PATIENCE

if TYPE_CHECKING:
    from tests.conftest import Peer


def count_users(service: Sandbox, **options: Any) -> int:
    """Return the number of employees, from an event loop of its own."""

    async def count() -> int:
        options["retries"] = RetryPolicy(wait_initial=0)
        async with ShopClient(service.shop_key, base_url=service.base_url, **options) as shop:
            return len(await shop.users.list().collect())

    return asyncio.run(count())


def test_without_an_event_loop() -> None:
    """Records, requests, the clock, snapshots and faults work as in the usual sandbox."""
    with SandboxThread(users=3) as service:
        assert isinstance(service, Sandbox)
        assert count_users(service) == 3
        snapshot = service.snapshot()
        user = service.users.add(full_name="Lê An", phone="0901234567")
        assert service.users.get(user.id) == user
        assert count_users(service) == 4
        assert service.requests.counts == {"shop.users.list": 4}
        assert [request.operation for request in service.requests] == ["shop.users.list"] * 4
        assert len(service.requests) == len(service.requests.of("shop.users.list")) == 4
        assert service.requests[0].status == 200
        assert service.requests[-1:]
        began = service.now
        assert service.advance(timedelta(hours=1)) - began >= timedelta(hours=1)
        service.restore(snapshot)
        assert count_users(service) == 3
        active = service.faults.add(Fault(kind="status", status=503, times=1))
        assert len(service.faults) == 1
        assert count_users(service) == 3
        assert active.struck == 1
        assert "Sandbox" in repr(service)


def test_view_of_one_test() -> None:
    """A part of the sandbox is used in its thread, too."""
    with SandboxThread(users=2) as service:
        view = service.for_test("one")
        view.faults.add(Fault(kind="status", status=429, retry_after=0, times=1))
        assert count_users(service, headers=view.headers) == 2
        assert [request.status for request in view.requests] == [429, 200, 200]
        assert view.processed == {"shop.users.list": 2}


async def test_event_loop_of_the_test() -> None:
    """A test with its own event loop uses it in the usual way."""
    with SandboxThread(users=2) as service:
        async with ShopClient(service.shop_key, base_url=service.base_url) as shop:
            await shop.users.list()


async def test_coroutines_of_the_sandbox() -> None:
    """A coroutine runs in the sandbox's event loop; the test awaits it in its own."""
    with SandboxThread(users=2, sms_webhook="http://127.0.0.1:9/sms") as service:
        service.add_sms_status(Status="FAIL")
        (delivery,) = await service.deliver()
        assert (delivery.event, delivery.is_delivered) == ("sms_status", False)
        assert service.deliveries.waiting == 1


async def test_coroutine_at_the_end(peer: Peer) -> None:
    """A test that awaits the sandbox while it ends does not wait forever."""
    peer.always = lambda _: peer.HANG
    with SandboxThread(sms_webhook=f"http://127.0.0.1:{peer.port}/sms") as service:
        service.add_sms_status()
        call = asyncio.ensure_future(service.deliver())
        await peer.until(1)
    await asyncio.wait([call], timeout=PATIENCE)
    assert call.done()
    assert call.cancelled() or call.exception() is not None


def test_interrupted_start(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C while the sandbox starts leaves neither a thread nor a task."""
    threads = threading.active_count()
    ends: list[str] = []

    async def start(_: Sandbox) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ends.append("start")

    def interrupt(*_: object) -> Any:
        monkeypatch.undo()
        raise KeyboardInterrupt

    monkeypatch.setattr(Sandbox, "start", start)
    monkeypatch.setattr("concurrent.futures.Future.result", interrupt)
    with pytest.raises(KeyboardInterrupt), SandboxThread():
        pass
    assert ends == ["start"]
    assert threading.active_count() == threads


def test_coroutine_without_an_event_loop() -> None:
    """A synchronous test runs a coroutine of the sandbox with `asyncio.run`."""
    with SandboxThread() as service:
        assert len(asyncio.run(service.deliver())) == 0


def test_truth() -> None:
    """The sandbox is true, and a list of requests is true if it has one."""
    with SandboxThread(users=2) as service:
        assert service
        assert not service.requests
        count_users(service)
        assert service.requests


def test_errors_and_the_end() -> None:
    """An error of the sandbox reaches the test, and nothing runs after the `with`."""
    threads = threading.active_count()
    with SandboxThread() as service:
        with pytest.raises(ValueError, match="cannot go back"):
            service.advance(timedelta(seconds=-1))
        with pytest.raises(AttributeError):
            _ = service.nothing  # type: ignore[attr-defined]  # it does not exist
        for name in ("start", "stop"):
            with pytest.raises(RuntimeError, match=f"{name} does not work here"):
                getattr(service, name)
    assert threading.active_count() == threads


def test_after_the_end() -> None:
    """After the `with`, the requests so far can be read, and the sandbox says that it is not running."""
    with SandboxThread(users=2) as service:
        count_users(service)
        requests = service.requests
    assert requests.counts == {"shop.users.list": 2}  # two pages
    assert "Sandbox" in repr(service)
    with pytest.raises(RuntimeError, match="the sandbox is not running"):
        _ = service.requests
    with pytest.raises(RuntimeError, match="the sandbox is not running"):
        asyncio.run(service.deliver())


def test_one_with_at_a_time() -> None:
    """An object without a `with` opens nothing, and one object can start again after its end."""
    thread = SandboxThread(users=2)
    with thread as service:
        assert count_users(service) == 2
        with pytest.raises(RuntimeError, match="in use already"):
            thread.__enter__()
    with thread as service:
        assert count_users(service) == 2
    del thread
    SandboxThread()
    gc.collect()  # an event loop that is still open would warn here


def test_wrong_options(tmp_path: Any) -> None:
    """A wrong option is refused, and a start that fails leaves no thread."""
    threads = threading.active_count()
    wrong: Any = {"user": 3}
    with pytest.raises(TypeError, match="did you mean 'users'"):
        SandboxThread(**wrong)
    with pytest.raises(Exception, match="it is a folder"), SandboxThread(data=tmp_path):
        pass
    assert threading.active_count() == threads


def test_options() -> None:
    """The thread takes the options of the sandbox."""
    names = [name for name in inspect.signature(Sandbox).parameters if name != "options"]
    content = get_type_hints(SandboxOptions)
    assert set(get_type_hints(ThreadOptions)) - set(content) == set(names)


def test_call_in_the_thread_of_the_sandbox() -> None:
    """Code that runs in the sandbox's own thread does not wait for itself."""
    with SandboxThread(users=2) as service:
        thread: Any = service
        assert thread._run(service.users.list)
