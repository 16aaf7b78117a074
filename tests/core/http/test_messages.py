"""HTTP requests and responses, and how they are shown."""

from __future__ import annotations

from etelecom_async._core.http.messages import HttpResponse
from tests.core.http.conftest import post


def test_reprs_show_neither_key_nor_bodies() -> None:
    """A repr shows neither key nor body."""
    assert repr(post("http://a")) == "HttpRequest(url='http://a/x')"
    assert repr(HttpResponse(200, {}, b"canary")) == "HttpResponse(status=200, headers={})"
