"""Redirect URLs for a browser."""

from __future__ import annotations


def with_query(url: str, query: str) -> str:
    """Return *url* with *query* added after its own query, which stays unchanged."""
    address, mark, fragment = url.partition("#")
    joint = "" if address.endswith(("?", "&")) else "&" if "?" in address else "?"
    return f"{address}{joint}{query}{mark}{fragment}"
