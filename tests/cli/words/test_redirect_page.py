"""Test the pages for the login of a shop: which requests they accept, and what they answer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import pytest

from etelecom_async import Secret
from etelecom_async.cli.words.redirect_page import HOST, RedirectPage, redirect_page

LOGIN = Secret("https://login.example/?token=request:canary")


async def ask(page: RedirectPage, target: str, *, method: str = "GET") -> str:
    """Send one request, and return the response."""
    return await send(page, f"{method} {target} HTTP/1.1\r\nHost: {HOST}:{page.port}\r\n\r\n".encode())


async def send(page: RedirectPage, data: bytes) -> str:
    """Send bytes, and return the response; empty if there is none."""
    reader, writer = await asyncio.open_connection(HOST, page.port)
    writer.write(data)
    try:
        return (await reader.read()).decode()
    finally:
        writer.close()


@pytest.fixture
async def page() -> AsyncIterator[RedirectPage]:
    """The pages on a free port."""
    async with redirect_page(0) as page:
        yield page


def target_of(page: RedirectPage, query: str) -> str:
    """Return the path and the query that a browser asks for after the login."""
    parts = urlsplit(page.redirect_url)
    return f"{parts.path}?{parts.query}&{query}"


async def test_login(page: RedirectPage) -> None:
    """`/` leads to the login page, and the redirect after the login ends the wait."""
    login = asyncio.create_task(page.login(LOGIN))
    await asyncio.sleep(0)
    start = await ask(page, "/")
    assert start.startswith("HTTP/1.1 303 See Other\r\n")
    assert f"\r\nLocation: {LOGIN.reveal()}\r\n" in start
    assert "canary" not in start.partition("\r\n\r\n")[2]
    end = await ask(page, target_of(page, "token=request:canary&shop_id=12"))
    assert end.startswith("HTTP/1.1 200 OK\r\n")
    assert "\r\nReferrer-Policy: no-referrer\r\n" in end
    assert "Close this page" in end
    assert "canary" not in end
    back = await login
    assert back.shop_id == "12"
    assert (await ask(page, "/")).startswith("HTTP/1.1 410 Gone\r\n")


async def test_wrong_requests(page: RedirectPage) -> None:
    """A request with another state, an incomplete one and another path do not end the wait."""
    login = asyncio.create_task(page.login(LOGIN))
    full = "token=a&shop_id=12"
    for target, status in (
        (f"/connected?state=other&{full}", "403"),
        (f"/connected?{full}", "403"),
        (f"/connected?state=%C3%A9&{full}", "403"),
        (target_of(page, "token=a"), "400"),
        (target_of(page, "token=a&shop_id=<b>"), "400"),
        (f"/other?{full}", "404"),
        ("/favicon.ico", "404"),
        ("//[", "404"),
    ):
        response = await ask(page, target)
        assert response.startswith(f"HTTP/1.1 {status} ")
        assert "<b>" not in response
    assert (await ask(page, "/", method="POST")).startswith("HTTP/1.1 405 ")
    assert not login.done()
    login.cancel()


@pytest.mark.parametrize(
    "data", [b"\r\n\r\n", b"GET\r\n\r\n", b"GET /\xff\r\n\r\n", b"x" * 70000 + b"\r\n\r\n"], ids=len
)
async def test_no_http(page: RedirectPage, data: bytes) -> None:
    """Bytes that are no request of a browser are refused or ignored, and the server goes on."""
    response = await send(page, data)
    assert not response.startswith(("HTTP/1.1 2", "HTTP/1.1 3"))
    assert (await ask(page, "/")).startswith("HTTP/1.1 410 ")


async def test_unused_connection_does_not_hold_the_end() -> None:
    """A connection that a browser opened and does not use is closed at the end."""
    async with redirect_page(0) as page:
        reader, writer = await asyncio.open_connection(HOST, page.port)
        await ask(page, "/")
    assert await reader.read() == b""
    writer.close()


async def test_port_in_use(page: RedirectPage) -> None:
    """A port in use is an `OSError`."""
    with pytest.raises(OSError, match="in use"):
        async with redirect_page(page.port):
            pass


async def test_state_is_random(page: RedirectPage) -> None:
    """Each run has another state, and listens on the loopback address only."""
    async with redirect_page(0) as other:
        states = [urlsplit(each.redirect_url).query for each in (page, other)]
    assert states[0] != states[1]
    assert page.url == f"http://127.0.0.1:{page.port}/"
