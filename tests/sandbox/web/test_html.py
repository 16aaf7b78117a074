"""The HTML of the pages."""

from __future__ import annotations

from etelecom_async.sandbox.web import html


def test_values_of_a_partner_are_escaped() -> None:
    """Markup in a name is escaped."""
    page = html.sign_in_page("<script>alert(1)</script>", '"><b>', "https://example.com/?a=1&b=<i>")
    assert "<script>" not in page
    assert "&lt;script&gt;" in page
    assert "<b>&quot;" not in page
    assert "<i>" not in page


def test_sign_in_page_sends_itself_back() -> None:
    """The form has no URL, so it posts to the URL of the page with its token."""
    page = html.sign_in_page("Shop", "shop@example.com", "https://example.com")
    assert '<form method="post"><button>' in page


def test_overview() -> None:
    """The page shows the counts, and says so if a table is empty."""
    page = html.overview_page("http://127.0.0.1:1/v1", {"call_log": 12345}, {}, {})
    assert "12,345" in page
    assert "None yet." in page


def test_permission_page() -> None:
    """The page shows the app and the redirect URL as text, and posts to its own URL."""
    page = html.permission_page("<b>7</b>", "https://example.com/?a=<i>")
    assert "&lt;b&gt;7" in page
    assert "<i>" not in page
    assert '<form method="post"><button>' in page
