"""HTTP responses."""

from __future__ import annotations

from etelecom_async.errors import NotFoundError
from etelecom_async.sandbox.web import responses


def test_kinds_of_responses() -> None:
    """JSON, plain text and pages have their content types."""
    assert responses.json_response({"a": "đ"}).body == '{"a":"đ"}'.encode()
    kinds = [
        (responses.json_response({}), 200, "application/json"),
        (responses.error_response(NotFoundError("no")), 404, "application/json"),
        (responses.text_response(401, "Unauthorized"), 401, "text/plain"),
        (responses.html_response(410, "<p>"), 410, "text/html"),
    ]
    for response, status, content_type in kinds:
        assert (response.status, response.content_type) == (status, content_type)


def test_redirects() -> None:
    """The redirect URL is exactly the given one."""
    response = responses.redirect("https://a.example/%C3%A9?b=%2F")
    assert (response.status, response.headers["Location"]) == (303, "https://a.example/%C3%A9?b=%2F")
