"""Test failures of aiohttp and the system: classification, description, and secrets in causes."""

from __future__ import annotations

import asyncio
import re
import ssl
import traceback
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest
from aiohttp.abc import AbstractResolver
from aiohttp.client_reqrep import ConnectionKey
from aiohttp.http_exceptions import BadHttpMessage
from multidict import CIMultiDict, CIMultiDictProxy
from yarl import URL

from etelecom_async._core.http.failures import (
    NeverSentError,
    describe,
    lost,
    refuses_our_certificate,
    sanitized_cause,
)
from etelecom_async._core.http.transport import Transport
from etelecom_async._core.tracebacks import cleaned
from etelecom_async.errors import ConnectError, ResponseLostError
from tests.core.http.conftest import failure, post

if TYPE_CHECKING:
    from tests.conftest import LoopClock, Peer


OK = b"HTTP/1.1 200 OK\r\n"
REQUEST = aiohttp.RequestInfo(
    URL("http://api.example"), "POST", CIMultiDictProxy(CIMultiDict()), URL("http://api.example")
)


class FailingResolver(AbstractResolver):
    """A resolver that knows no host."""

    async def resolve(self, host: str, port: int = 0, family: Any = 0) -> Any:
        """Fail."""
        raise OSError(None, f"unknown host {host}:{port} ({family})")

    async def close(self) -> None:
        """Do nothing."""


class TestOverSockets:
    """Failures over real sockets, by whether the request was sent."""

    async def test_refused(self, transport: Transport, closed_port: int) -> None:
        """After a refused connection the request was not sent."""
        error = await failure(transport, f"http://127.0.0.1:{closed_port}")
        assert type(error) is ConnectError
        assert f"could not connect: 127.0.0.1:{closed_port}: [Errno " in str(error)

    async def test_tls(self, transport: Transport, peer: Peer) -> None:
        """If the server speaks no TLS, the request was not sent."""
        error = await failure(transport, peer.base_url.replace("http:", "https:"))
        assert type(error) is ConnectError
        assert peer.requests == []

    async def test_unknown_host(self) -> None:
        """For an unknown host the request was not sent."""
        connector = aiohttp.TCPConnector(resolver=FailingResolver(), use_dns_cache=False)
        async with aiohttp.ClientSession(connector=connector) as session:
            error = await failure(Transport(session), "http://api.example")
        assert type(error) is ConnectError
        assert "unknown host api.example" in str(error)

    @pytest.mark.parametrize("seconds", [0.05, 0.2])
    async def test_connection_that_does_not_open(
        self, transport: Transport, silent_port: int, seconds: float
    ) -> None:
        """If the handshake does not end in time, the request was not sent, even within a short limit."""
        error = await failure(transport, f"https://127.0.0.1:{silent_port}", seconds)
        assert type(error) is ConnectError
        assert "Connection timeout" in str(error)

    async def test_no_free_connection(self, peer: Peer) -> None:
        """If no connection becomes free in time, the request was not sent."""
        peer.respond_with(peer.HANG)
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=1)) as session:
            transport = Transport(session)
            first = asyncio.create_task(transport.send(post(peer.base_url), 10))
            await peer.until(1)
            assert type(await failure(transport, peer.base_url, 0.1)) is ConnectError
            first.cancel()
            assert [type(end) for end in await asyncio.gather(first, return_exceptions=True)] == [
                asyncio.CancelledError
            ]
        assert len(peer.requests) == 1

    async def test_proxy_that_refuses(self, peer: Peer) -> None:
        """If the proxy refuses the tunnel, the request was not sent; the response is not the API's."""
        peer.respond_with(peer.raw(b"", 407))
        async with aiohttp.ClientSession(proxy=peer.base_url.removesuffix("/v1")) as session:
            error = await failure(Transport(session), "https://127.0.0.1:9")
        assert type(error) is ConnectError
        assert "407" in str(error)

    async def test_no_response_in_time(self, transport: Transport, peer: Peer, loop_clock: LoopClock) -> None:
        """If the server stays silent, the request was sent and the response is lost."""
        peer.respond_with(peer.HANG)
        peer.on_hang = lambda: loop_clock.advance(21)
        error = await failure(transport, peer.base_url, 20)
        assert type(error) is ResponseLostError
        assert str(error) == "no response within 20 s."

    @pytest.mark.parametrize("how", ["drop", "half", "half, chunked"])
    async def test_broken_connection(self, transport: Transport, peer: Peer, how: str) -> None:
        """If the server closes or breaks off, the response is lost; the text adds no status of its own."""
        replies = {
            "drop": peer.DROP,
            "half": peer.half(),
            "half, chunked": peer.bare(OK + b"Transfer-Encoding: chunked\r\n\r\n20\r\n{}"),
        }
        peer.respond_with(replies[how])
        error = await failure(transport, peer.base_url)
        assert type(error) is ResponseLostError
        assert re.fullmatch(r"the connection broke: \S.*\w\)?\.", str(error))
        assert "400" not in str(error) + repr(error.__cause__)

    @pytest.mark.parametrize(
        ("reply", "reason"),
        [
            (b"SSH-2.0-x\r\n\r\n", "Bad status line"),
            (b"", "Bad status line"),
            (
                OK + b"X: " + b"y" * 9000 + b"\r\n\r\n",
                "more than 8190 bytes, which is the limit; for a higher one",
            ),
            (OK + b"X" * 9000 + b": y\r\n\r\n", "more than 8190 bytes"),
            (b"HTTP/1.1 200 " + b"y" * 9000 + b"\r\n\r\n", "more than 8190 bytes"),
            (OK + b"X: y\r\n" * 1000 + b"\r\n", "Too many headers"),
            (
                OK + b"Content-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}",
                "decoded as its Content-Encoding says",
            ),
            (OK + b"Content-Encoding: deflate\r\nContent-Length: 2\r\n\r\n{}", "Content-Encoding says"),
            (OK + b"Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}", "Content-Length"),
            (OK + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}", "Content-Length"),
            (OK + b"Content-Length: 2, 2\r\n\r\n{}", "Content-Length"),
            (OK + b"Content-Length: x\r\n\r\n{}", "Content-Length"),
            (OK + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "Transfer-Encoding"),
            (OK + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n", "chunk size"),
        ],
        ids=[
            *("ssh", "tls", "long header", "long name", "long reason", "many headers", "plain gzip"),
            *("plain deflate", "same length", "other length", "list of lengths", "no length"),
            *("length and chunks", "no chunk"),
        ],
    )
    async def test_invalid_http(self, transport: Transport, peer: Peer, reply: bytes, reason: str) -> None:
        """The error says that the response is not HTTP, and names the rule or limit; it adds no status."""
        peer.respond_with(peer.bare(reply or b"\x15\x03\x01\x00\x02\x02\x46"))
        error = await failure(transport, peer.base_url)
        assert type(error) is ResponseLostError
        assert str(error).startswith("the response is not valid HTTP: ")
        assert reason in str(error)
        for text in (str(error), repr(error.__cause__)):
            assert "400" not in text
            assert "\n" not in text
            assert "message" not in text
            assert "yyy" not in text

    async def test_quoted_bytes_are_masked(self, transport: Transport, peer: Peer) -> None:
        """The message masks bytes that aiohttp quotes from a response that is not HTTP."""
        peer.respond_with(peer.bare(b"HTTP/1.1 200 OK\r\nBearer canary-key\r\n\r\n"))
        message = str(await failure(transport, peer.base_url))
        assert "Bearer" in message
        assert "canary" not in message

    @pytest.mark.parametrize("how", ["refused", "drop", "hang", "half", "half head", "no http", "proxy"])
    async def test_causes_hold_no_key(self, peer: Peer, closed_port: int, how: str) -> None:
        """The cause repeats the text of aiohttp; no frame, repr or cause shows the key to the caller."""
        peer.respond_with(
            {
                "drop": peer.DROP,
                "hang": peer.HANG,
                "half": peer.half(),
                "half head": peer.bare(b"HTTP/1.1 200 OK\r\nAuthorization: Bearer canary-key"),
                "no http": peer.bare(b"SSH-2.0-x\r\n\r\n"),
                "proxy": peer.raw(b"", 407),
                "refused": peer.DROP,
            }[how]
        )
        url = f"http://127.0.0.1:{closed_port}" if how == "refused" else peer.base_url
        proxy = peer.base_url if how == "proxy" else None
        async with aiohttp.ClientSession(proxy=proxy) as session:
            error = await failure(
                Transport(session), "https://127.0.0.1:9" if proxy else url, 0.05 if how == "hang" else 10
            )
        cause = cleaned(error).__cause__
        if cause is None:
            assert how in {"proxy", "no http", "half head"}
        else:
            shown = traceback.TracebackException.from_exception(cause, capture_locals=True).format()
            assert "canary" not in "".join(shown) + repr(cause)


def connector_error(reason: OSError) -> aiohttp.ClientConnectorError:
    """Return the error of aiohttp for a connection that did not open."""
    key = ConnectionKey(
        "api.example", 443, is_ssl=True, ssl=True, proxy=None, proxy_auth=None, proxy_headers_hash=None
    )
    return aiohttp.ClientConnectorError(key, reason)


def unverified(code: int) -> ssl.SSLCertVerificationError:
    """Return the error of a server certificate that OpenSSL refuses with *code*."""
    error = ssl.SSLCertVerificationError(1, "certificate verify failed")
    error.verify_code = code
    return error


def alert(name: str) -> aiohttp.ClientOSError:
    """Return the error of a TLS alert."""
    return aiohttp.ClientOSError(1, f"[SSL: {name}] from the server")


class TestDescribe:
    """Test the texts of errors."""

    @pytest.mark.parametrize(
        ("error", "text"),
        [
            (aiohttp.ServerDisconnectedError("HTTP/1.1 200 OK canary"), "Server disconnected"),
            (ConnectionResetError(), "ConnectionResetError"),
            (ConnectionResetError(104, "reset"), "[Errno 104] reset"),
            (ValueError("no number 0901234567"), "no number 090***567"),
            (ValueError("on\ntwo  lines"), "on two lines"),
            (connector_error(OSError(None, "unknown host")), "api.example:443: [Errno None] unknown host"),
            (connector_error(ConnectionRefusedError()), "api.example:443: ConnectionRefusedError"),
        ],
        ids=repr,
    )
    def test_text(self, error: Exception, text: str) -> None:
        """The text names the failure and its place; it quotes no response, and masks phone numbers."""
        assert describe(error) == text

    @pytest.mark.parametrize("form", ["head", "str", "repr", "repr, reset"])
    @pytest.mark.parametrize(
        ("parser", "text"),
        [
            ("", "not valid HTTP: it cannot be read"),
            ("Bad line:\n\n  b'x'\n  ^", "not valid HTTP: Bad line: b'x'"),
            ("Got more than 80 bytes when reading: b'canary'.", "has more than 80 bytes, which is the limit"),
            ("Can not decode content-encoding: gzip", "cannot be decoded as its Content-Encoding says"),
            ("deflate", "cannot be decoded as its Content-Encoding says (deflate)"),
            (
                "Not enough data to satisfy content length header.",
                "Not enough data to satisfy content length",
            ),
        ],
    )
    def test_error_of_the_parser(self, form: str, parser: str, text: str) -> None:
        """The parser's own text counts, in each form in which aiohttp shows it, and without its status."""
        wrapped = BadHttpMessage(parser)
        error: aiohttp.ClientError
        if form == "head":
            error = aiohttp.ClientResponseError(REQUEST, (), status=400, message=parser)
            error.__cause__ = wrapped
        elif form == "str":
            error = aiohttp.ClientPayloadError(str(wrapped))
        else:
            reset = ". ConnectionResetError(104, 'reset')" if form == "repr, reset" else ""
            error = aiohttp.ClientPayloadError(f"Response payload is not completed: {wrapped!r}{reset}")
        shown = describe(error)
        assert text in shown.replace("\\n", " ").replace("  ", " ").replace("  ", " ")
        assert "400" not in shown
        assert "canary" not in shown
        assert "not valid HTTP" in str(lost(error)) or str(lost(error)).startswith(
            "the connection broke: Not"
        )

    @pytest.mark.parametrize(
        ("error", "text"),
        [
            (
                aiohttp.ClientResponseError(REQUEST, (), status=400, message="Bad"),
                "400, message='Bad', url='http://api.example'",
            ),
            (aiohttp.ClientPayloadError("400 of something"), "400 of something"),
        ],
        ids=repr,
    )
    def test_status_that_a_server_sent(self, error: Exception, text: str) -> None:
        """An error of a middleware keeps the status of its response."""
        assert describe(error) == text

    @pytest.mark.parametrize(
        ("code", "hint"),
        [
            *(
                (9, "must renew it"),
                (10, "must renew it"),
                (18, "Tls(ca_file=...)"),
                (20, "Tls(ca_file=...)"),
            ),
            *((85, "VERIFY_X509_STRICT"), (89, "VERIFY_X509_STRICT")),
        ],
    )
    def test_hint_for_an_unverified_certificate(self, code: int, hint: str) -> None:
        """For an expired certificate, an unknown issuer or a strict rule, the text says what to do."""
        assert hint in describe(connector_error(unverified(code)))

    def test_unverified_certificate_without_a_hint(self) -> None:
        """For other reasons of OpenSSL the text contains no hint."""
        assert describe(connector_error(unverified(62))).endswith("certificate verify failed")

    def test_hint_for_a_refused_certificate(self) -> None:
        """If the server refuses the client's certificate, the text names the arguments for another one."""
        text = describe(alert("TLSV13_ALERT_CERTIFICATE_REQUIRED"))
        assert text.endswith("tls=Tls(cert_file=..., key_file=...)")


@pytest.mark.parametrize(
    ("error", "refuses"),
    [
        (alert("TLSV13_ALERT_CERTIFICATE_REQUIRED"), True),
        (alert("SSLV3_ALERT_BAD_CERTIFICATE"), True),
        (alert("TLSV1_ALERT_UNKNOWN_CA"), True),
        (alert("TLSV1_ALERT_ACCESS_DENIED"), True),
        (alert("SSLV3_ALERT_HANDSHAKE_FAILURE"), False),
        (ConnectionResetError(104, "[SSL: TLSV1_ALERT_UNKNOWN_CA]"), False),
    ],
    ids=str,
)
def test_refused_certificate(error: Exception, *, refuses: bool) -> None:
    """Only an alert about the client's certificate proves that the server refuses it."""
    assert refuses_our_certificate(error) is refuses


class TestSanitizedCause:
    """Test the causes that the SDK's errors keep."""

    def test_reason_of_a_connection(self) -> None:
        """The system's error replaces the error of aiohttp, whose repr shows the proxy."""
        reason = ConnectionRefusedError(111, "refused")
        assert sanitized_cause(connector_error(reason)) is reason

    def test_reason_of_the_pool(self) -> None:
        """The error of the pool is replaced by its reason."""
        reason = ConnectionRefusedError(111, "refused")
        assert sanitized_cause(NeverSentError(connector_error(reason))) is reason

    def test_chain_is_cut(self) -> None:
        """A cause has no cause and no context itself."""
        error = aiohttp.ServerDisconnectedError()
        error.__cause__, error.__context__ = ValueError("canary"), KeyError("canary")
        assert sanitized_cause(error) is error
        assert (error.__cause__, error.__context__) == (None, None)

    @pytest.mark.parametrize(
        "error",
        [
            aiohttp.ClientPayloadError("for 0901234567"),
            aiohttp.ClientResponseError(None, (), headers={"Authorization": "Bearer canary-key"}),
        ],
        ids=["phone number", "headers"],
    )
    def test_error_with_a_secret(self, error: Exception) -> None:
        """An error that shows a secret, or contains headers, is not kept as a cause."""
        assert sanitized_cause(error) is None
