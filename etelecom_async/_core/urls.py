"""
What a web address tells by its form; nothing is looked up.

The room knows neither keys nor connections.
"""

from __future__ import annotations

from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

# Characters between two dots of a host's name are fewer than these.
_LABEL: Final = 64


def is_web_address(url: str) -> bool:
    """Return whether *url* is http or https, has a host, and neither query nor fragment."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
        if not host.isascii():
            host = host.encode("idna").decode()
    except ValueError:  # the address of a machine, the name of a machine, or the port
        return False
    return (
        parts.scheme in ("http", "https")
        and all(0 < len(label) < _LABEL for label in host.removesuffix(".").split("."))
        and not (parts.query or parts.fragment)
        and url.split() == [url]
    )


def is_encrypted(url: str) -> bool:
    """Return whether what goes to *url* is encrypted."""
    return urlsplit(url).scheme == "https"


def is_loopback(url: str) -> bool:
    """Return whether *url* is on this machine."""
    host = urlsplit(url).hostname or ""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
