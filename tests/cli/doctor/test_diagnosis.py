"""Test the order of the checks, and which are skipped."""

from __future__ import annotations

import asyncio
import socket
from typing import TYPE_CHECKING, Any

from etelecom_async.cli.credentials import CLIENTS
from etelecom_async.cli.doctor import keys
from etelecom_async.cli.doctor.diagnosis import diagnose

if TYPE_CHECKING:
    import pytest

    from etelecom_async.testing import Sandbox
    from tests.cli.conftest import Tool

ORDER = [
    "base URL", "proxy", "DNS", "connection", "TLS", "key", "access", "path name", "clock", "latency"
]  # fmt: skip


def findings(base_url: str | None = None) -> list[tuple[str, str]]:
    """Run all checks with the keys of the environment, and return names and statuses."""
    found = asyncio.run(diagnose(keys.find(CLIENTS, None), base_url))
    return [(each.check.name, each.status.value) for each in found]


def test_order(etl: Tool) -> None:
    """The findings come in one order, whatever number of services and keys there is."""
    del etl
    names = [name for name, _ in findings()]
    assert names == sorted(names, key=ORDER.index)


def test_base_url_is_not_for_sms(etl: Tool, service: Sandbox) -> None:
    """`--base-url` is that of the API, so the SMS service keeps its own."""
    etl.set({"ETELECOM_BASE_URL": ""})
    found = findings(service.base_url)
    assert {status for _, status in found} == {"ok"}
    assert [name for name, _ in found].count("base URL") == 2


def test_unknown_host(at_peer: Tool, monkeypatch: pytest.MonkeyPatch) -> None:
    """If the host cannot be found, everything after it is skipped; the keys are checked."""
    at_peer.set({"ETELECOM_SMS_PASSWORD": "", "ETELECOM_BASE_URL": "https://nowhere.example/v1"})

    def refuse(*_: object, **__: object) -> None:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    found = dict(findings())
    assert found["DNS"] == "failed"
    assert found["key"] == "ok"
    assert [name for name, status in found.items() if status == "skipped"] == [
        "connection", "access", "path name", "clock", "latency"
    ]  # fmt: skip


def test_broken_proxy(at_peer: Tool, monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy that does not listen is one row, and the DNS of this machine does not matter."""
    at_peer.set({"ETELECOM_SMS_PASSWORD": "", "ETELECOM_BASE_URL": "https://nowhere.example/v1"})
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    found = findings()
    assert [status for name, status in found if name == "proxy"] == ["failed"]
    assert "DNS" not in dict(found)
    assert dict(found)["latency"] == "skipped"


def test_wrong_proxy(at_peer: Tool, monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy of a wrong form stops everything after it."""
    at_peer.set({"ETELECOM_SMS_PASSWORD": "", "ETELECOM_BASE_URL": "https://nowhere.example/v1"})
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy example")
    found = dict(findings())
    assert found["proxy"] == "failed"
    assert found["connection"] == "skipped"


def test_first_accepted_key_is_used(at_peer: Tool, peer: Any) -> None:
    """If one key is refused, another one shows path name and latency."""
    at_peer.set({"ETELECOM_SMS_PASSWORD": ""})

    def respond(asked: Any) -> Any:
        if asked.headers["authorization"].endswith("canary-partner"):
            return peer.refusal("unauthenticated", 401)
        return peer.json({"id": "1", "extensions": []})

    peer.always = respond
    found = findings()
    assert [status for name, status in found if name == "access"] == ["failed", "ok", "ok"]
    assert dict(found)["latency"] == "ok"
