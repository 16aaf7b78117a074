"""Test the checks by calls that the transcripts of the command do not show."""

from __future__ import annotations

import time
from email.utils import formatdate
from typing import Any

import pytest

from etelecom_async._core.http.messages import HttpResponse
from etelecom_async._core.secret import Secret
from etelecom_async.cli.calling import client
from etelecom_async.cli.credentials import Credentials
from etelecom_async.cli.doctor import service
from etelecom_async.cli.doctor.keys import Key
from etelecom_async.cli.doctor.service import Ear
from etelecom_async.operations import KeyKind


@pytest.mark.parametrize(
    ("seconds", "status", "text"),
    [
        ([0.1, 0.2, 0.3, 0.2, 9.0], "ok", "median 200 ms, slowest 9000 ms of 5 calls"),
        ([1.5, 1.5, 0.1], "warning", "median 1500 ms"),
    ],
)
def test_latency(seconds: list[float], status: str, text: str) -> None:
    """The median counts, so one slow call is no warning."""
    found = service.latency_of("host", seconds)
    assert found.status.value == status
    assert text in found.finding


@pytest.mark.parametrize("date", [None, "", "yesterday", "Sat, 99 Nov 2026 10:00:00 GMT"])
def test_no_date(date: str | None) -> None:
    """A response without a time that can be read is a warning."""
    ear = Ear()
    ear(HttpResponse(200, {} if date is None else {"Date": date}, b""))
    assert service.clock(ear, "host").status.value == "warning"


@pytest.mark.parametrize("zone", ["GMT", "-0000", ""])
def test_date(zone: str) -> None:
    """A time without a time zone is taken as UTC."""
    ear = Ear()
    ear(HttpResponse(200, {"Date": formatdate(usegmt=True).replace("GMT", zone)}, b""))
    assert ear.heard_at == pytest.approx(time.time(), abs=60)
    assert service.clock(ear, "host").status.value == "ok"


async def test_failing_calls(peer: Any) -> None:
    """A service that fails after the first calls is a failure of the latency, with the reason."""
    key = Key(Credentials("shop", Secret("1:canary"), "X", "X"), KeyKind.SHOP_API_KEY)
    peer.respond_with(peer.json({"extensions": [], "paging": {}}), peer.refusal("internal", 500))
    async with client(key.credentials, peer.base_url, None) as made:
        found = await service.latency(made.with_options(retries=0), key, "host")
    assert found.status.value == "failed"
    assert "internal" in found.finding


@pytest.mark.parametrize(("status", "is_known"), [(404, False), (403, True)])
async def test_bare_refusal(peer: Any, status: int, is_known: bool) -> None:  # noqa: FBT001 - a column
    """A plain 404 means that the path is not known; any other refusal means that it is."""
    key = Key(Credentials("shop", Secret("1:canary"), "X", "X"), KeyKind.SHOP_API_KEY)
    peer.always = lambda _: peer.raw(b"no", status, Content_Type="text/plain")
    async with client(key.credentials, peer.base_url, None) as made:
        found = await service.path_name(made.with_options(retries=0), key, "host")
    assert (found.status.value == "ok") is is_known


@pytest.mark.parametrize(
    ("reply", "status", "text"),
    [
        ("page", "ok", "the service knows Etelecom; commands use Etelecom"),
        ("lost", "failed", "ETelecom"),
    ],
)
async def test_odd_reply_to_a_path(peer: Any, reply: str, status: str, text: str) -> None:
    """A page for people is no API; a lost response is a finding, so the other findings are not lost."""
    key = Key(Credentials("shop", Secret("1:canary"), "X", "X"), KeyKind.SHOP_API_KEY)
    page = peer.raw(b"<html>canary</html>", Content_Type="text/html")
    replies = {"page": page, "lost": peer.DROP}

    def respond(asked: Any) -> Any:
        return replies[reply] if ".ETelecom/" in asked.path else peer.json({"extensions": []})

    peer.always = respond
    async with client(key.credentials, peer.base_url, None) as made:
        found = await service.path_name(made.with_options(retries=0), key, "host")
    assert found.status.value == status
    assert text in found.finding
    assert "canary" not in found.finding
