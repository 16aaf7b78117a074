"""Writes URLs to which a browser is sent back."""

from __future__ import annotations


def with_query(url: str, query: str) -> str:
    """Return *url* with *query* behind the query that it has, which stays as it was written."""
    address, mark, fragment = url.partition("#")
    joint = "" if address.endswith(("?", "&")) else "&" if "?" in address else "?"
    return f"{address}{joint}{query}{mark}{fragment}"
