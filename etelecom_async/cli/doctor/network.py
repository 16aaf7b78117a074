"""Check DNS, the connection and TLS, step by step, and so find out which step fails."""

from __future__ import annotations

import asyncio
import re
import socket
import ssl
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from http import HTTPStatus
from ipaddress import ip_address
from time import perf_counter
from typing import Any, Final

from etelecom_async._core.http.connection import Proxy
from etelecom_async.cli.doctor.addresses import Address
from etelecom_async.cli.doctor.checks import CONNECTION, DNS, PROXY, TLS, Finding
from etelecom_async.cli.terminal import one_line

TIMEOUT: Final = 10.0
"""Seconds for each step."""
_CLOSING: Final = 0.2
"""Seconds to wait for the end of a connection."""
_SOON: Final = 14
"""Days before the end of a certificate that are few."""
# OpenSSL's numbers.
_EARLY: Final = 9
_EXPIRED: Final = 10
_WRONG_HOSTS: Final = (62, 64)
_ISSUERS: Final = range(18, 22)
_STATUS_LINE: Final = re.compile(rb"HTTP/1\.[01] (\d{3})")
_AUTHENTICATION_REQUIRED: Final = 407
_LONGEST: Final = 200


async def dns(address: Address) -> Finding:
    """Look up the host."""
    with suppress(ValueError):
        return DNS.ok(address.host, f"{ip_address(address.host)} is an address, so nothing is looked up")
    loop = asyncio.get_running_loop()
    began = perf_counter()
    try:
        async with asyncio.timeout(TIMEOUT):
            found = await loop.getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM)
    except TimeoutError:
        return DNS.failed(address.host, f"no response within {TIMEOUT:g} s", "unknown")
    except OSError as error:
        return DNS.failed(address.host, _reason(error), "unknown")
    families = sorted({"IPv6" if family == socket.AF_INET6 else "IPv4" for family, *_ in found})
    milliseconds = (perf_counter() - began) * 1000
    return DNS.ok(address.host, f"found by {' and '.join(families)} in {milliseconds:.0f} ms")


async def connection(address: Address, proxy: Proxy | None) -> list[Finding]:
    """
    Open a connection, and make a TLS handshake if the URL is encrypted.

    Args:
        address: Where calls go.
        proxy: The proxy that they go through.

    Returns:
        A finding for each step; the last one may have failed.
    """
    target = str(address)
    try:
        async with _opened(address, proxy) as writer:
            through = "" if proxy is None else f" through {Address.of(proxy.url)}"
            found = [CONNECTION.ok(target, f"opened{through}")]
            if address.is_encrypted:
                found.append(await _handshake(address, writer))
    except _ProxyRefusalError as refusal:
        found = [PROXY.failed(target, refusal.finding, refusal.problem)]
    except ConnectionRefusedError:
        found = [CONNECTION.failed(target, "nothing listens on this port", "refused")]
    except TimeoutError:
        found = [CONNECTION.failed(target, f"no response within {TIMEOUT:g} s", "unreachable")]
    except OSError as error:
        found = [CONNECTION.failed(target, _reason(error), "unreachable")]
    return found


class _ProxyRefusalError(Exception):
    """The proxy cannot be used; *problem* names the remedy."""

    def __init__(self, finding: str, problem: str) -> None:
        super().__init__(finding)
        self.finding = finding
        self.problem = problem


@asynccontextmanager
async def _opened(address: Address, proxy: Proxy | None) -> AsyncGenerator[asyncio.StreamWriter]:
    """Yield a connection, through a tunnel of the proxy if there is one."""
    if proxy is None:
        async with _connected(address) as (_, writer):
            yield writer
        return
    nearest = Address.of(proxy.url)
    try:
        connecting = _connected(nearest, ssl.create_default_context() if nearest.is_encrypted else None)
        reader, writer = await connecting.__aenter__()
    except OSError as error:
        raise _ProxyRefusalError(f"no connection to {nearest}: {_reason(error)}", "unreachable") from None
    try:
        if address.is_encrypted:
            await _open_tunnel(address, proxy, reader, writer)
        yield writer
    finally:
        await connecting.__aexit__(None, None, None)


@asynccontextmanager
async def _connected(
    address: Address, context: ssl.SSLContext | None = None
) -> AsyncGenerator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    async with asyncio.timeout(TIMEOUT):
        reader, writer = await asyncio.open_connection(address.host, address.port, ssl=context)
    try:
        yield reader, writer
    finally:
        writer.transport.abort()
        # After a handshake that was cancelled, asyncio never says that the connection is closed.
        with suppress(OSError):
            async with asyncio.timeout(_CLOSING):
                await writer.wait_closed()


async def _open_tunnel(
    address: Address, proxy: Proxy, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    host = f"[{address.host}]" if ":" in address.host else address.host
    headers = {"Host": f"{host}:{address.port}", **proxy.headers}
    lines = [
        f"CONNECT {host}:{address.port} HTTP/1.1",
        *(f"{name}: {text}" for name, text in headers.items()),
    ]
    writer.write("\r\n".join([*lines, "", ""]).encode("latin-1"))
    try:
        async with asyncio.timeout(TIMEOUT):
            head = await reader.readuntil(b"\r\n\r\n")
    except (asyncio.IncompleteReadError, asyncio.LimitOverrunError):
        head = b""
    match = _STATUS_LINE.match(head)
    if match is None:
        raise _ProxyRefusalError("the proxy answered with something that is not HTTP", "unreachable")
    status = int(match[1])
    if status == _AUTHENTICATION_REQUIRED:
        raise _ProxyRefusalError("the proxy requires a user name and a password (HTTP 407)", "credentials")
    if not HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
        raise _ProxyRefusalError(f"the proxy refused the connection with HTTP {status}", "refused")


async def _handshake(address: Address, writer: asyncio.StreamWriter) -> Finding:
    target = str(address)
    context = await asyncio.to_thread(ssl.create_default_context)
    try:
        async with asyncio.timeout(TIMEOUT):
            await writer.start_tls(context, server_hostname=address.host)
    except ssl.SSLCertVerificationError as error:
        problem = _problem(error.verify_code)
        return TLS.failed(target, f"the certificate is not accepted: {error.verify_message}", problem)
    except TimeoutError:
        return TLS.failed(target, f"no handshake within {TIMEOUT:g} s", "other")
    except OSError as error:  # also every other error of OpenSSL
        return TLS.failed(target, f"no handshake: {_reason(error)}", "other")
    return certificate(
        target, writer.get_extra_info("peercert"), writer.get_extra_info("ssl_object").version()
    )


def certificate(target: str, shown: Mapping[str, Any], version: str) -> Finding:
    """
    Return the finding about an accepted certificate.

    Args:
        target: Host and port.
        shown: The certificate, as Python shows it.
        version: Version of TLS.
    """
    end = datetime.fromtimestamp(ssl.cert_time_to_seconds(shown["notAfter"]), UTC)
    finding = f"{version}, and the certificate is valid until {end:%Y-%m-%d}"
    if (end - datetime.now(UTC)).days < _SOON:
        return TLS.warning(target, finding, "soon")
    return TLS.ok(target, finding)


def _problem(verify_code: int) -> str:
    """Return the problem for OpenSSL's number of it."""
    problems = {_EARLY: "early", _EXPIRED: "expired", **dict.fromkeys(_WRONG_HOSTS, "host")}
    return problems.get(verify_code, "issuer" if verify_code in _ISSUERS else "other")


def _reason(error: OSError) -> str:
    reason = error.strerror or str(error) or type(error).__name__
    return one_line(reason)[:_LONGEST]
