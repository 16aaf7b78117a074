"""The receiver for WSGI; tests/webhooks/test_receivers.py has its common behaviour."""

from __future__ import annotations

import asyncio
import io
import json
import os
import subprocess
import sys
import threading
from typing import Any

import pytest

from etelecom_async import ShopClient, webhooks
from etelecom_async.testing import Sandbox
from etelecom_async.webhooks.wsgi import WsgiReceiver, receiver

SECRET = "a-secret-of-the-tests"


def post(app: WsgiReceiver, body: bytes, **environ: Any) -> int:
    """Call the application as a server does; return the status. Its words differ between Pythons."""
    lines: list[str] = []
    whole = {
        "REQUEST_METHOD": "POST",
        "SCRIPT_NAME": "/hooks",
        "PATH_INFO": f"/{SECRET}",
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": io.BytesIO(body),
        **environ,
    }
    content = b"".join(app(whole, lambda status, headers: lines.extend([status, str(headers)])))
    assert f"('Content-Length', '{len(content)}')" in lines[1]
    assert "Connection" not in lines[1]  # WSGI forbids headers of the connection
    return int(lines[0].split()[0])


class Stalling(io.RawIOBase):
    """A stream without `read1` that breaks off."""

    def __init__(self, body: bytes, error: OSError | None = None) -> None:
        self._body = io.BytesIO(body)
        self._error = error

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes; raise the error at the end."""
        piece = self._body.read(size)
        if not piece and self._error is not None:
            raise self._error
        return piece


@pytest.fixture
def got() -> list[Any]:
    """The events that were handled."""
    return []


@pytest.fixture
def app(got: list[Any]) -> Any:
    """A receiver that keeps calls."""
    router = webhooks.Router(secret=SECRET, max_bytes=1000)
    router.on("call_log")(got.append)
    made = receiver(router)
    yield made
    made.close()


def test_bodies_of_servers(app: WsgiReceiver, got: list[Any], call: dict[str, Any]) -> None:
    """A body is read by its length, or to its end if the server says that it ends."""
    bodies = [json.dumps({**call, "note": str(number)}).encode() for number in range(4)]
    assert post(app, bodies[0]) == 200
    assert post(app, bodies[1], **{"wsgi.input": Stalling(bodies[1])}) == 200
    terminated = {"wsgi.input_terminated": True}
    assert post(app, bodies[2], CONTENT_LENGTH="", **terminated) == 200
    assert post(app, bodies[3], **{"wsgi.input": io.BytesIO(bodies[3] + b"more")}) == 200
    app.close()
    assert [event.raw["note"] for event in got] == ["0", "1", "2", "3"]


def test_bodies_that_are_refused(app: WsgiReceiver, got: list[Any], call: dict[str, Any]) -> None:
    """A body that is too large, breaks off or has no length changes nothing."""
    body = json.dumps(call).encode()
    large = b" " * 1001
    terminated = {"wsgi.input_terminated": True}
    assert post(app, large) == 413
    assert post(app, large, CONTENT_LENGTH="", **terminated) == 413
    for wrong in (str(len(body) + 1), "", "-1", "x", "\uff11\uff12"):
        assert post(app, body, CONTENT_LENGTH=wrong) == 400
    broken = Stalling(body, ConnectionResetError())
    environ: dict[str, Any] = {"wsgi.input": broken, "CONTENT_LENGTH": str(len(body) + 1)}
    assert post(app, body, **environ) == 400
    app.close()
    assert got == []


def test_where_it_is_mounted(app: WsgiReceiver, call: dict[str, Any]) -> None:
    """The secret is the end of the whole path, wherever the server cuts it."""
    body = json.dumps(call).encode()
    assert post(app, body, SCRIPT_NAME=f"/hooks/{SECRET}", PATH_INFO="") == 200
    assert post(app, body, SCRIPT_NAME="", PATH_INFO=f"/hooks/{SECRET}") == 200
    assert post(app, body, SCRIPT_NAME="", PATH_INFO="") == 404


def test_close(call: dict[str, Any]) -> None:
    """`close` handles what is left and calls `on_stop` in the loop. Later posts get 503."""
    order: list[str] = []
    router = webhooks.Router(secret=SECRET)

    @router.on("call_log")
    async def handle(_: webhooks.CallLogEvent) -> None:
        order.append(threading.current_thread().name)

    async def stop() -> None:
        order.append(f"stop in {threading.current_thread().name}")

    app = receiver(router, on_stop=stop)
    assert post(app, json.dumps(call).encode()) == 200
    assert app.close() == ()
    assert order == ["etelecom-webhooks", "stop in etelecom-webhooks"]
    assert post(app, b"{}") == 503
    app.close()


def test_close_in_time(call: dict[str, Any]) -> None:
    """A handler that hangs does not hold the end; its event comes back."""
    may_end, started = threading.Event(), threading.Event()
    router = webhooks.Router(secret=SECRET)

    @router.on("call_log")
    def hangs(_: webhooks.CallLogEvent) -> None:
        started.set()
        may_end.wait(60)

    app = receiver(router)
    assert post(app, json.dumps(call).encode()) == 200
    assert started.wait(60)
    (drop,) = app.close(0)
    assert (drop.reason, drop.event.raw) == ("stopped", call)
    may_end.set()


def test_handler_that_blocks_the_loop(call: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """A coroutine that blocks gets no more deliveries, and does not hold the end; the events come back."""
    monkeypatch.setattr("etelecom_async.webhooks.wsgi._LATE_SECONDS", 0.01)
    may_end, started = threading.Event(), threading.Event()
    router = webhooks.Router(secret=SECRET, body_seconds=0.1)

    @router.on("call_log")
    async def blocks(_: webhooks.CallLogEvent) -> None:
        started.set()
        may_end.wait(60)

    app = receiver(router)
    post(app, json.dumps(call).encode())
    assert started.wait(60)
    assert post(app, json.dumps({**call, "note": "1"}).encode()) == 503
    (drop,) = app.close(0)
    assert (drop.reason, drop.event.raw) == ("stopped", call)
    assert post(app, b"{}") == 503
    may_end.set()
    for each in threading.enumerate():
        if each.name == "etelecom-webhooks":
            each.join(60)


def test_store_that_hangs(call: dict[str, Any]) -> None:
    """A store of hashes that does not answer makes the service try again."""

    class Hangs:
        async def add(self, digest: str) -> bool:  # noqa: ARG002 - the protocol has it
            await asyncio.Event().wait()
            return True

    router = webhooks.Router(secret=SECRET, seen=Hangs(), body_seconds=0.01)
    app = receiver(router)
    assert post(app, json.dumps(call).encode()) == 503
    app.close(0)


def test_client_in_handlers(other_thread: Any, call: dict[str, Any]) -> None:
    """An async client works in the handlers of a synchronous program, and is closed in its event loop."""
    service = Sandbox(call_logs=5)
    asyncio.run_coroutine_threadsafe(service.start(), other_thread).result()
    shop = ShopClient(service.shop_api_key, base_url=service.base_url)
    router = webhooks.Router(secret=SECRET)
    read: list[int] = []

    @router.on("call_log")
    async def handle(_: webhooks.CallLogEvent) -> None:
        read.append(len(await shop.extensions.list(limit=1)))

    app = receiver(router, on_stop=shop.close)
    for number in range(2):
        assert post(app, json.dumps({**call, "note": str(number)}).encode()) == 200
    app.close()
    asyncio.run_coroutine_threadsafe(service.stop(), other_thread).result()
    assert read == [1, 1]


EXIT = """
import io, json, logging, sys
from etelecom_async import webhooks
from etelecom_async.webhooks.wsgi import receiver
logging.basicConfig(stream=sys.stdout, format="%(levelname)s %(reason)s")
router = webhooks.Router(secret="a-secret-of-the-tests")
@router.on("unknown")
async def handle(event):
    print("handled", event.raw, flush=True)
app = receiver(router)
environ = {"REQUEST_METHOD": "POST", "PATH_INFO": "/a-secret-of-the-tests", "CONTENT_LENGTH": "2",
           "wsgi.input": io.BytesIO(b"{}")}
print(*app(environ, lambda status, headers: print(status)))
"""


def test_exit_without_close() -> None:
    """A program that forgets `close` can exit, and its events are handled at the exit."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", EXIT], capture_output=True, text=True, check=True, timeout=60
    )
    assert sorted(done.stdout.splitlines()) == ["200 OK", "b'ok'", "handled {}"]
    assert done.stderr == ""


FORK = """
import io, os, threading
from etelecom_async import webhooks
from etelecom_async.webhooks.wsgi import receiver
may_end = threading.Event()
router = webhooks.Router(secret="a-secret-of-the-tests")
@router.on("unknown")
def handle(event):
    may_end.wait(60)
    os.write(1, f"{os.getpid() == parent} {event.raw['n']}\\n".encode())
app = receiver(router)
def post(body):
    environ = {"REQUEST_METHOD": "POST", "PATH_INFO": "/a-secret-of-the-tests",
               "CONTENT_LENGTH": str(len(body)), "wsgi.input": io.BytesIO(body)}
    assert list(app(environ, lambda status, headers: None)) == [b"ok"]
parent = os.getpid()
post(b'{"n": 1}')
child = os.fork()
may_end.set()
if not child:
    post(b'{"n": 2}')
app.close()
if child:
    assert os.waitpid(child, 0)[1] == 0
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the system has no fork")
def test_fork() -> None:
    """After a fork the child has its own thread, and does not handle what waits in the parent."""
    done = subprocess.run(
        [sys.executable, "-c", FORK], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr
    assert sorted(done.stdout.splitlines()) == ["False 2", "True 1"]
