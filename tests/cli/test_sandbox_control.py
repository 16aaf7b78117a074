"""Test how commands find a running sandbox, and what they say if there is none."""

from __future__ import annotations

import socket
import threading
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from etelecom_async.cli.command import CommandError
from etelecom_async.cli.sandbox_control import SandboxAddress, find_sandbox, post

if TYPE_CHECKING:
    from etelecom_async.testing import Sandbox


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("http://127.0.0.1:8080/v1", "http://127.0.0.1:8080"),
        ("http://localhost:8080", "http://localhost:8080"),
        ("http://[::1]:8080/v1", "http://[::1]:8080"),
        ("http://127.0.0.1", "http://127.0.0.1:80"),
    ],
)
def test_the_address(tool: Any, url: str, origin: str) -> None:
    """The address comes from the option, the environment or the profile."""
    assert find_sandbox(url, None).origin == origin
    tool.set({"ETELECOM_BASE_URL": url})
    assert find_sandbox(None, None).origin == origin
    tool.set({"ETELECOM_BASE_URL": ""})
    tool.write_profiles(f'[profiles.default]\nbase_url = "{url}"\n')
    assert find_sandbox(None, None).origin == origin


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("", "no variable"),
        ("https://api.etelecom.vn/v1", "ETELECOM_BASE_URL"),
        ("http://10.0.0.1:8080/v1", "ETELECOM_BASE_URL"),
    ],
)
def test_the_real_service(tool: Any, url: str, place: str) -> None:
    """A URL of the environment must be on this machine, so nothing goes to the real service."""
    tool.set({"ETELECOM_BASE_URL": url})
    with pytest.raises(CommandError, match=f"{place} names a sandbox on this machine: start one") as raised:
        find_sandbox(None, None)
    assert raised.value.exit_code == 2


def test_a_sandbox_elsewhere(tool: Any) -> None:
    """The option may name another machine, for example a container."""
    tool.set({"ETELECOM_BASE_URL": ""})
    assert find_sandbox("http://sandbox:8080/v1", None) == SandboxAddress("sandbox", 8080)


@pytest.mark.parametrize("url", ["", "sandbox", "https://127.0.0.1", "http://", "http://[1", "http://a:x"])
def test_wrong_urls(tool: Any, url: str) -> None:
    """A text that cannot be the URL of a sandbox is a usage error."""
    tool.set({})
    with pytest.raises(CommandError, match="--base-url is not the URL of a sandbox") as raised:
        find_sandbox(url, None)
    assert raised.value.exit_code == 2


def test_no_sandbox() -> None:
    """The error says how to start one."""
    with closing(socket.create_server(("127.0.0.1", 0))) as probe:
        port = probe.getsockname()[1]
    with pytest.raises(
        CommandError, match=r"no sandbox listens at http://127.0.0.1:\d+ \(Connection refused\)"
    ):
        post(SandboxAddress("127.0.0.1", port), "/events", {})


def test_refused(service: Sandbox) -> None:
    """The error has the reason of the sandbox."""
    address = find_sandbox(service.base_url, None)
    with pytest.raises(CommandError, match="the sandbox refused the event: all is unknown"):
        post(address, "/deliveries", {"all": 1})
    with pytest.raises(CommandError, match="is not a sandbox that can make events"):
        post(address, "/unknown", {})


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, b"<html>"),
        (404, b"[]"),
        (500, b'{"code": "internal"}'),
        (404, b'{"code":"bad_route","msg":"x"}'),
    ],
)
def test_another_server(peer: Any, status: int, body: bytes) -> None:
    """A server that is no sandbox is named so."""
    peer.always = lambda _: peer.raw(body, status)
    with pytest.raises(CommandError, match=rf"is not a sandbox that can make events \(HTTP {status}\)"):
        post(find_sandbox(peer.base_url, None), "/events", {})


def test_a_lost_response() -> None:
    """If the connection ends after the request, the error says that the event may exist."""
    with closing(socket.create_server(("127.0.0.1", 0))) as server:

        def hang_up() -> None:
            connection, _ = server.accept()
            connection.recv(65536)
            connection.close()

        thread = threading.Thread(target=hang_up)
        thread.start()
        with pytest.raises(CommandError, match="the sandbox may have made the event, so look before"):
            post(SandboxAddress("127.0.0.1", server.getsockname()[1]), "/events", {})
        thread.join()
