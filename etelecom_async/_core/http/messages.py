"""Define HTTP requests and responses without the types of a library."""

from __future__ import annotations

from collections.abc import Mapping

from etelecom_async._core.attachment import Form
from etelecom_async._core.secret import mask


class HttpRequest:
    """A request to send. Its `repr` shows neither key nor body, and there is no `__dict__` to print."""

    __slots__ = ("body", "headers", "url")

    def __init__(self, url: str, headers: Mapping[str, str], body: bytes | Form) -> None:
        self.url = url
        self.headers = headers
        self.body = body

    def __repr__(self) -> str:
        return f"HttpRequest(url={self.url!r})"

    def can_resend(self) -> bool:
        """Return whether the request can be sent again. A stream can be read only once."""
        return not (isinstance(self.body, Form) and self.body.is_spent)

    def shown(self) -> str:
        """Return the body with secrets and phone numbers masked, and names instead of files."""
        return mask(self.body.shown() if isinstance(self.body, Form) else self.body.decode())


class HttpResponse:
    """A received response. Its `repr` does not show the body, and there is no `__dict__` to print."""

    __slots__ = ("body", "headers", "status")

    def __init__(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        self.status = status
        self.headers = headers
        self.body = body

    def __repr__(self) -> str:
        return f"HttpResponse(status={self.status}, headers={self.headers!r})"
