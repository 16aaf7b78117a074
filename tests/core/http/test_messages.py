"""HTTP requests and responses, as they may be shown."""

from __future__ import annotations

from etelecom_async._core.http.messages import HttpResponse
from tests.core.http.conftest import post


def test_reprs_show_neither_key_nor_bodies() -> None:
    """What goes out and what comes back may be printed."""
    assert repr(post("http://a")) == "HttpRequest(url='http://a/x')"
    assert repr(HttpResponse(200, {}, b"canary")) == "HttpResponse(status=200, headers={})"
