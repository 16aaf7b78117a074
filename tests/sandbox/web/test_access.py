"""Protection from web pages: hosts, origins, content types of the control API, and headers for browsers."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING
from unittest.mock import Mock

import pytest
from aiohttp.test_utils import make_mocked_request

from etelecom_async.errors import PermissionDeniedError
from etelecom_async.sandbox.web.access import AccessControl, is_loopback

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractAsyncContextManager

    from aiohttp import web

    from tests.sandbox.conftest import Peer


def authority(peer: Peer) -> str:
    """Return host and port of the sandbox."""
    return peer.service.sms_base_url.removeprefix("http://")


async def ask(
    peer: Peer, method: str, path: str, body: bytes | None = None, **headers: str
) -> tuple[int, str]:
    """Send a request with these headers; `_` stands for `-`. Return the status and the text."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    url = f"{peer.service.sms_base_url}{path}"
    async with peer.http.request(
        method, url, data=body, headers=named, skip_auto_headers=["Content-Type"], allow_redirects=False
    ) as response:
        return response.status, await response.text()


async def say(peer: Peer, head: str) -> bytes:
    """Send a head as it is; return all that the sandbox sends before it closes the connection."""
    host, _, port = authority(peer).rpartition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(head.encode("latin-1") + b"Connection: close\r\n\r\n")
    heard = await reader.read()
    writer.close()
    await writer.wait_closed()
    return heard


HOSTS = {
    "127.0.0.1": True,
    "127.0.0.1:1": True,
    "127.8.9.10:8080": True,
    "localhost": True,
    "LocalHost.:8080": True,
    "[::1]:8080": True,
    "[::ffff:127.0.0.1]": True,
    "evil.example": False,
    "evil.example:8080": False,
    "127.0.0.1.evil.example": False,
    "localhost.evil.example": False,
    "evil.localhost": False,
    "127.1": False,
    "2130706433": False,
    "0x7f000001": False,
    "0.0.0.0": False,
    "192.168.1.5:8080": False,
    "[::ffff:192.168.1.5]": False,
    "[fd00::1]:8080": False,
    "user@127.0.0.1": False,
    "127.0.0.1:8080:1": False,
    "127.0.0.1:http": False,
    "[127.0.0.1]": False,
    '127.0.0.1"': False,
    "127.0.0.1/": False,
    "127.0.0.1, evil.example": False,
    "127.0.0.1 ": True,  # HTTP does not count spaces around a value.
    "": False,
}


@pytest.mark.parametrize(("host", "is_served"), HOSTS.items())
@pytest.mark.parametrize("path", ["/", "/_sandbox/requests", "/v1/shop.Misc/CurrentAccount", "/api/x"])
async def test_hosts(newcomer: Peer, path: str, host: str, *, is_served: bool) -> None:
    """Only a request to this machine is served, by any name and form that is surely loopback."""
    status, text = await ask(newcomer, "GET", path, Host=host)
    assert (status == 403) == (not is_served), text


@pytest.mark.parametrize(
    "head",
    [
        "GET /_sandbox/requests HTTP/1.0\r\n",
        "GET /_sandbox/requests HTTP/1.1\r\nHost: 127.0.0.1\r\nHost: evil.example\r\n",
        "GET http://evil.example/_sandbox/requests HTTP/1.1\r\nHost: 127.0.0.1\r\n",
        "GET http://127.0.0.1/_sandbox/requests HTTP/1.1\r\nHost: evil.example\r\n",
        "CONNECT evil.example:80 HTTP/1.1\r\nHost: 127.0.0.1\r\n",
        "GET /login?token=\xff HTTP/1.1\r\nHost: 127.0.0.1\r\n",
        "GET /_sandbox/uploads/\xe9 HTTP/1.1\r\nHost: 127.0.0.1\r\n",
    ],
)
async def test_unusual_heads(newcomer: Peer, caplog: pytest.LogCaptureFixture, head: str) -> None:
    """A missing or second host, a URL as target, or raw bytes in it get 400 or 403, but no log line."""
    status = (await say(newcomer, head)).split(b" ", 2)[1]
    assert status in (b"400", b"403")
    assert not caplog.records


@pytest.mark.parametrize(
    ("allowed", "host"),
    [
        ("Sandbox.Local", "sandbox.local:8080"),
        ("sandbox_1.", "SANDBOX_1"),
        ("192.168.1.5", "192.168.1.5:80"),
        ("fd00::1", "[FD00:0::1]:8080"),
        ("[fd00::1]", "[fd00::1]"),
    ],
)
async def test_allowed_hosts(
    open_peer: Callable[..., AbstractAsyncContextManager[Peer]], allowed: str, host: str
) -> None:
    """A host in `allow_hosts` is served, with any port and in any form; other hosts are not."""
    async with open_peer(call_logs=0, allow_hosts=["other.example", allowed]) as peer:
        assert (await ask(peer, "GET", "/_sandbox/requests", Host=host))[0] == 200
        assert (await ask(peer, "GET", "/_sandbox/requests", Host="evil.example"))[0] == 403


def arriving_on(address: str, host: str) -> web.Request:
    """Return a request for a host that arrived on an address of this machine."""
    transport = Mock(get_extra_info=lambda name: (address, 8080) if name == "sockname" else None)
    return make_mocked_request("GET", "/", headers={"Host": host}, transport=transport)


@pytest.mark.parametrize(
    ("address", "host"),
    [("192.168.1.5", "192.168.1.5:8080"), ("::ffff:192.168.1.5", "192.168.1.5"), ("fd00::1", "[fd00::1]:80")],
)
def test_the_address_on_which_a_request_arrives(address: str, host: str) -> None:
    """Other machines reach the sandbox by the address of its machine, and not by another one."""
    access = AccessControl("0.0.0.0")
    access.check(arriving_on(address, host))
    with pytest.raises(PermissionDeniedError, match="does not serve the host"):
        access.check(arriving_on("192.168.1.6", host))


def test_the_name_on_which_the_sandbox_listens() -> None:
    """The host option may be a name, which is then allowed."""
    AccessControl("Sandbox.Local").check(arriving_on("192.168.1.5", "sandbox.local:8080"))


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "http://a.example",
        "a.example:80",
        "127.0.0.1:80",
        "[::1]:80",
        "a b",
        "*",
        "a,b",
        "é.example",
        "a\n",
    ],
)
def test_wrong_names(text: str) -> None:
    """A text that cannot be a host raises an error that quotes it."""
    with pytest.raises(ValueError, match="is not a host") as caught:
        AccessControl("127.0.0.1", ["a.example", text])
    assert repr(text) in str(caught.value)


def test_one_text_is_one_name() -> None:
    """A text in place of a list is one name, not its letters."""
    access = AccessControl("127.0.0.1", "a.example")
    access.check(arriving_on("127.0.0.1", "a.example"))
    with pytest.raises(PermissionDeniedError):
        access.check(arriving_on("127.0.0.1", "a"))


@pytest.mark.parametrize(
    ("host", "expected"),
    [("127.0.0.1", True), ("127.3.0.1", True), ("::1", True), ("localhost", True), ("::ffff:127.0.0.1", True),
     ("0.0.0.0", False), ("::", False), ("192.168.1.5", False), ("a.example", False), ("", False)],
)  # fmt: skip
def test_loopback(host: str, *, expected: bool) -> None:
    """Only addresses that other machines cannot reach are loopback."""
    assert is_loopback(host) == expected


FOREIGN = {
    "another host": {"Origin": "https://evil.example"},
    "another port": {"Origin": "http://127.0.0.1:1"},
    "no port": {"Origin": "http://127.0.0.1"},
    "another name": {"Origin": "http://localhost:{port}"},
    "a longer port": {"Origin": "http://127.0.0.1:{port}0"},
    "a longer host": {"Origin": "http://127.0.0.1:{port}.evil.example"},
    "a user": {"Origin": "http://127.0.0.1:{port}@evil.example"},
    "opaque": {"Origin": "null"},
    "empty": {"Origin": ""},
    "an extension": {"Origin": "chrome-extension://abcdefghijklmnop"},
    "cross-site": {"Sec-Fetch-Site": "cross-site"},
    "same-site": {"Sec-Fetch-Site": "same-site"},
    "a new word": {"Sec-Fetch-Site": "same-party"},
    "own origin, but cross-site": {"Origin": "http://127.0.0.1:{port}", "Sec-Fetch-Site": "cross-site"},
    "foreign origin, but same-origin": {"Origin": "https://evil.example", "Sec-Fetch-Site": "same-origin"},
    "a frame": {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "iframe"},
    "an image": {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"},
    "a script": {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "cors", "Sec-Fetch-Dest": "empty"},
    "a worker": {"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "cors", "Sec-Fetch-Dest": "worker"},
    "a link": {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"},
}  # fmt: skip
"""Headers that browsers send for requests of other pages."""

REQUESTS = {
    "API": ("POST", "/v1/partner.Shop/GetShops", b"{}"),
    "SMS": ("POST", "/api/OmniMessage/SendMessage", b"{}"),
    "clock": ("POST", "/_sandbox/clock", b'{"advance_seconds": 60}'),
    "faults": ("POST", "/_sandbox/faults", b'{"faults": [{"kind": "slow"}]}'),
    "no faults": ("DELETE", "/_sandbox/faults", None),
    "counts": ("GET", "/_sandbox/requests", None),
    "head of counts": ("HEAD", "/_sandbox/requests", None),
    "preflight": ("OPTIONS", "/_sandbox/clock", None),
    "overview": ("GET", "/", None),
    "sign-in": ("POST", "/login", None),
    "permission": ("POST", "/zalo/oa/permission", None),
    "recording": ("GET", "/recordings/1.wav", None),
    "no page": ("GET", "/nothing", None),
}


@pytest.mark.parametrize("headers", FOREIGN.values(), ids=FOREIGN)
async def test_pages_of_other_origins(newcomer: Peer, headers: dict[str, str]) -> None:
    """Each request of a page of another origin gets 403, without counts, changes or permission to read."""
    port = authority(newcomer).rpartition(":")[2]
    named = {name: value.format(port=port) for name, value in headers.items()}
    before = newcomer.service.now
    for method, path, body in REQUESTS.values():
        url = f"{newcomer.service.sms_base_url}{path}"
        sent = {"Content-Type": "application/json", **named}
        async with newcomer.http.request(method, url, data=body, headers=sent) as response:
            assert response.status == 403, (method, path)
            assert not [name for name in response.headers if name.lower().startswith("access-control")]
    assert newcomer.service.now - before < timedelta(seconds=60)
    assert (dict(newcomer.service.requests.counts), list(newcomer.service.faults)) == ({}, [])


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "http://{authority}"},
        {"Origin": "http://{authority}", "Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "navigate"},
        {"Sec-Fetch-Site": "none"},
        {"Sec-Fetch-Site": "same-origin"},
    ],
)
async def test_own_pages_and_programs(newcomer: Peer, headers: dict[str, str]) -> None:
    """A program, a typed address and the pages of the sandbox itself may send every request."""
    named = {name: value.format(authority=authority(newcomer)) for name, value in headers.items()}
    for name, (method, path, body) in REQUESTS.items():
        url = f"{newcomer.service.sms_base_url}{path}"
        sent = {"Content-Type": "application/json", **named}
        async with newcomer.http.request(method, url, data=body, headers=sent) as response:
            assert response.status != 403, name


async def test_a_proxy_for_https(open_peer: Callable[..., AbstractAsyncContextManager[Peer]]) -> None:
    """Behind a proxy for https, the origin of the sandbox's own pages is https."""
    async with open_peer(call_logs=0, allow_hosts=["a.example"]) as peer:
        for origin, status in {"https://a.example": 410, "https://b.example": 403}.items():
            found = await ask(peer, "POST", "/login?token=x", Host="a.example", Origin=origin)
            assert found[0] == status


LINK = {"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Mode": "navigate", "Sec_Fetch_Dest": "document"}


@pytest.mark.parametrize("path", ["/login?token=x", "/zalo/oa/permission?token=x"])
async def test_links_to_the_sign_in_pages(newcomer: Peer, path: str) -> None:
    """A link on any page leads to a sign-in page. A frame, a form and a second value do not."""
    assert (await ask(newcomer, "GET", path, **LINK))[0] == 410
    assert (await ask(newcomer, "GET", path, **{**LINK, "Sec_Fetch_Site": "same-site"}))[0] == 410
    assert (await ask(newcomer, "GET", path, **{**LINK, "Sec_Fetch_Dest": "iframe"}))[0] == 403
    assert (await ask(newcomer, "GET", path, **{**LINK, "Sec_Fetch_Mode": "cors"}))[0] == 403
    assert (await ask(newcomer, "POST", path, **LINK))[0] == 403
    assert (await ask(newcomer, "HEAD", path, **LINK))[0] == 403
    assert (await ask(newcomer, "GET", path, Sec_Fetch_Site="cross-site"))[0] == 403
    assert (await ask(newcomer, "GET", path, **LINK, Origin="https://evil.example"))[0] == 403


@pytest.mark.parametrize(
    "content_type",
    ["", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "application/jsonx"],
)
@pytest.mark.parametrize("path", ["clock", "faults", "shops/{shop}/unlink"])
async def test_controls_take_json(newcomer: Peer, path: str, content_type: str) -> None:
    """A POST to the control API needs JSON, which a form of another page cannot send."""
    shop = newcomer.service.shop_key.removeprefix("shop").partition(":")[0]
    url = f"/_sandbox/{path.format(shop=shop)}"
    headers = {"Content_Type": content_type} if content_type else {}
    status, text = await ask(newcomer, "POST", url, b'{"advance_seconds": 60, "faults": []}', **headers)
    assert (status, "needs the header `Content-Type: application/json`" in text) == (415, True)
    assert newcomer.service.shop_key


async def test_controls_take_json_with_a_charset(newcomer: Peer) -> None:
    """The media type counts in any case, and with parameters."""
    for content_type in ("application/json", "Application/JSON; charset=utf-8"):
        body = b'{"advance_seconds": 1}'
        status, _ = await ask(newcomer, "POST", "/_sandbox/clock", body, Content_Type=content_type)
        assert status == 200


async def test_headers_for_browsers(newcomer: Peer) -> None:
    """Each response forbids frames, use by other origins, and guesses of its type."""
    for path in ("/", "/login", "/_sandbox/requests", "/recordings/1.wav", "/nothing"):
        async with newcomer.http.get(f"{newcomer.service.sms_base_url}{path}") as response:
            assert response.headers["Content-Security-Policy"] == "frame-ancestors 'none'"
            assert response.headers["Cross-Origin-Resource-Policy"] == "same-origin"
            assert response.headers["Referrer-Policy"] == "same-origin"
            assert response.headers["X-Content-Type-Options"] == "nosniff"
