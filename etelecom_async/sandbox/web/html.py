"""
The HTML of the pages: sign-in, permission, overview.

The pages show no key. The sign-in page replaces the page of the platform (`partner-auth.etelecom.vn/login`),
and the permission page replaces Zalo's. They do not ask for a password, because the people are invented.
"""

from __future__ import annotations

import html
from collections.abc import Mapping
from typing import Final

_PAGE: Final = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>body {{ font: 1rem/1.5 system-ui, sans-serif; max-width: 40rem; margin: 3rem auto; padding: 0 1rem }}
td:last-child {{ text-align: right; padding-left: 2rem }}</style>
<h1>{title}</h1>
{body}
</html>
"""


def _page(title: str, body: str) -> str:
    return _PAGE.format(title=html.escape(title), body=body)


def sign_in_page(name: str, email: str, redirect_url: str) -> str:
    """Return the page on which the owner of a shop authorizes the partner."""
    return _page(
        "Sign in to eTelecom (sandbox)",
        f"<p>A partner asks to act for the shop <b>{html.escape(name)}</b> ({html.escape(email)}).</p>"
        f'<form method="post"><button>Sign in and allow</button></form>'
        f"<p>You will be sent to {html.escape(redirect_url)}</p>",
    )


def permission_page(app_id: str, redirect_uri: str) -> str:
    """Return the page on which the administrator of an official account authorizes a Zalo app."""
    return _page(
        "Zalo Official Account (sandbox)",
        f"<p>The Zalo app <b>{html.escape(app_id)}</b> asks to act for your official account.</p>"
        f'<form method="post"><button>Agree</button></form>'
        f"<p>You will be sent to {html.escape(redirect_uri)}</p>",
    )


def spent_page() -> str:
    """Return the page for a token that is unknown, used or expired."""
    return _page(
        "This link cannot be used",
        "<p>It was used, or it is older than 15 minutes. Ask the sender for a new one.</p>",
    )


def overview_page(
    base_url: str, records: Mapping[str, int], requests: Mapping[str, int], deliveries: Mapping[str, int]
) -> str:
    """Return the page with the numbers of records, requests and deliveries of events."""
    return _page(
        "eTelecom sandbox",
        f"<p>The API is at <code>{html.escape(base_url)}</code>.</p>"
        f"<h2>Records</h2>{_table(records)}<h2>Requests</h2>{_table(requests)}"
        f"<h2>Deliveries of events</h2>{_table(deliveries)}",
    )


def _table(counts: Mapping[str, int]) -> str:
    rows = [f"<tr><td>{html.escape(name)}</td><td>{count:,}</td></tr>" for name, count in counts.items()]
    return f"<table>{''.join(rows)}</table>" if rows else "<p>None yet.</p>"
