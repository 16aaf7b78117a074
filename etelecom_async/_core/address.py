"""
What a web address tells by its form; nothing is looked up.

The room knows neither keys nor connections.
"""

from __future__ import annotations

import re
from ipaddress import ip_address
from urllib.parse import urlsplit


def is_web_address(url: str) -> bool:
    """Return whether *url* is http or https, has a host, and neither query nor fragment."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        if not host.isascii():
            host.encode("idna")
        int(parts.port or 0)
    except ValueError:  # the address of a machine, the name of a machine, or the port
        return False
    return (
        parts.scheme in ("http", "https")
        and host != ""
        and not (parts.query or parts.fragment)
        and re.search(r"\s", url) is None
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
