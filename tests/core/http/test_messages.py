"""HTTP requests and responses, and how they are shown."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

from etelecom_async._core.attachment import Attachment, Form
from etelecom_async._core.http.messages import HttpRequest, HttpResponse
from etelecom_async._core.tracebacks import Hidden
from tests.core.http.conftest import post


def test_reprs_show_neither_key_nor_bodies() -> None:
    """A repr shows neither key nor body."""
    assert repr(post("http://a")) == "HttpRequest(url='http://a/x')"
    assert repr(HttpResponse(200, {}, b"canary")) == "HttpResponse(status=200, headers={})"


def test_shown_body() -> None:
    """A shown body masks secrets and phone numbers, and names a file without its content."""
    request = HttpRequest("http://a", {}, b'{"password": "canary", "phone": "0901234567"}')
    assert request.shown() == '{"password": "****", "phone": "090***567"}'
    form = Form(fields=(("phone", "0901234567"),), files=(("file", Attachment(b"canary", name="a.png")),))
    assert json.loads(HttpRequest("http://a", {}, form).shown()) == {
        "phone": "090***567",
        "file": "Attachment('a.png', 'image/png')",
    }


def test_known_secrets() -> None:
    """A request knows the secrets of the client for its URL, and those of the caller's request."""
    hidden = Hidden[object]({"password": "canary-1234", "template_data": {"otp": "482913"}})
    request = HttpRequest("http://a", {}, b'{"a": "canary-1234"}', lambda url: [f"{url}/canary"], hidden)
    known = request.known_secrets()
    assert known is request.known_secrets()
    assert known.replace("http://a/canary canary-1234 482913", "*") == "* * *"
    assert "canary" not in request.shown()


def test_shown_body_keeps_ids() -> None:
    """An id that is also a value of a template stays in the body, because the call is found by it."""
    body = {"tracking_id": "DH-1001", "template_data": {"order": "DH-1001"}}
    request = HttpRequest("http://a", {}, json.dumps(body).encode(), lambda _: (), Hidden(body))
    assert json.loads(request.shown()) == {"tracking_id": "DH-1001", "template_data": "****"}


async def test_can_resend() -> None:
    """Bytes can be sent again; a form cannot after one of its streams was read."""

    async def stream() -> AsyncIterator[bytes]:
        yield b"a"

    attachment = Attachment(stream())
    request = HttpRequest("http://a", {}, Form(fields=(), files=(("file", attachment),)))
    assert request.can_resend()
    assert [piece async for piece in attachment.pieces(None)] == [b"a"]
    assert not request.can_resend()
    assert post("http://a").can_resend()
