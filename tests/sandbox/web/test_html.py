"""The pages that a browser sees."""

from __future__ import annotations

from etelecom_async.sandbox.web import html


def test_what_a_partner_sent_is_text() -> None:
    """A name with markup is shown, not run."""
    page = html.sign_in_page("<script>alert(1)</script>", '"><b>', "https://example.com/?a=1&b=<i>")
    assert "<script>" not in page
    assert "&lt;script&gt;" in page
    assert "<b>&quot;" not in page
    assert "<i>" not in page


def test_sign_in_page_sends_itself_back() -> None:
    """The form has no address of its own, so it goes where the page was, with its token."""
    page = html.sign_in_page("Shop", "shop@example.com", "https://example.com")
    assert '<form method="post"><button>' in page


def test_overview() -> None:
    """The counts are there, and an empty table says so."""
    page = html.overview_page("http://127.0.0.1:1/v1", {"call_log": 12345}, {})
    assert "12,345" in page
    assert "None yet." in page


def test_permission_page() -> None:
    """The page says who asks and where the browser goes, as text, and sends itself back."""
    page = html.permission_page("<b>7</b>", "https://example.com/?a=<i>")
    assert "&lt;b&gt;7" in page
    assert "<i>" not in page
    assert '<form method="post"><button>' in page
