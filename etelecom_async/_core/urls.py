"""
Classify URLs by their form, without a DNS lookup.

This module contains neither keys nor connections.
"""

from __future__ import annotations

from functools import lru_cache
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

# DNS allows fewer characters than this between two dots of a host name.
_LABEL: Final = 64


def is_web_address(url: str) -> bool:
    """Return whether *url* has the scheme http or https, a host, no `?` and no `#`."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
        if not host.isascii():
            host = host.encode("idna").decode()
    except ValueError:  # an invalid IPv6 address, host name or port
        return False
    return (
        parts.scheme in ("http", "https")
        and all(0 < len(label) < _LABEL for label in host.removesuffix(".").split("."))
        and not ("?" in url or "#" in url)
        and "//" not in parts.path.rstrip("/")
        and url.isprintable()
        and url.split() == [url]
    )


def is_encrypted(url: str) -> bool:
    """Return whether traffic to *url* is encrypted."""
    return urlsplit(url).scheme == "https"


def is_loopback(url: str) -> bool:
    """Return whether *url* names this machine."""
    host = urlsplit(url).hostname or ""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


@lru_cache
def host_and_port(url: str) -> tuple[str, int]:
    """Return the host of *url*, and its port or the default port of its scheme."""
    parts = urlsplit(url)
    return parts.hostname or "", parts.port or (443 if is_encrypted(url) else 80)
