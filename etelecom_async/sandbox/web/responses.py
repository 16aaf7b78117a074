"""Writes HTTP answers: JSON, refusals, pages, and where a browser goes next."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from etelecom_async._core.codec import error_bodies, responses
from etelecom_async.errors import APIError


def json_bytes(status: int, body: bytes) -> web.Response:
    """Return an answer whose JSON is written already."""
    return web.Response(status=status, body=body, content_type="application/json")


def json_response(payload: dict[str, Any]) -> web.Response:
    """Return a success."""
    return json_bytes(200, responses.encode(payload))


def error_response(error: APIError) -> web.Response:
    """Return the answer that says no."""
    return json_bytes(*error_bodies.encode(error))


def text_response(status: int, body: str) -> web.Response:
    """Return bare text, as the SMS service refuses in."""
    return web.Response(status=status, text=body)


def html_response(status: int, html: str) -> web.Response:
    """Return what a browser shows."""
    return web.Response(status=status, text=html, content_type="text/html")


def redirect(url: str) -> web.Response:
    """Send the browser on."""
    # As text: aiohttp's own redirect would write the partner's URL anew.
    return web.Response(status=303, headers={"Location": url})
