"""HTTP responses: JSON, errors, plain text, pages and redirects."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from etelecom_async._core.codec import error_bodies, responses
from etelecom_async.errors import APIError


def json_bytes(status: int, body: bytes) -> web.Response:
    """Return a response with encoded JSON."""
    return web.Response(status=status, body=body, content_type="application/json")


def json_response(payload: dict[str, Any]) -> web.Response:
    """Return a 200 response with JSON."""
    return json_bytes(200, responses.encode(payload))


def error_response(error: APIError) -> web.Response:
    """Return the response for an error of the API."""
    return json_bytes(*error_bodies.encode(error))


def text_response(status: int, body: str) -> web.Response:
    """Return a response with plain text, as the SMS service sends its rejections."""
    return web.Response(status=status, text=body)


def html_response(status: int, html: str) -> web.Response:
    """Return a response with a page for a browser."""
    return web.Response(status=status, text=html, content_type="text/html")


def redirect(url: str) -> web.Response:
    """Return a redirect for the browser."""
    # A plain header, because aiohttp's own redirect would rewrite the URL of the partner.
    return web.Response(status=303, headers={"Location": url})
