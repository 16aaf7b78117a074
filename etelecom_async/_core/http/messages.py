"""HTTP requests and responses, without any library's types."""

from __future__ import annotations

from collections.abc import Mapping

from etelecom_async._core.attachment import Form
from etelecom_async._core.secret import mask


class HttpRequest:
    """What goes out; it shows neither key nor body to what prints it, or takes apart what it can."""

    __slots__ = ("body", "headers", "url")

    def __init__(self, url: str, headers: Mapping[str, str], body: bytes | Form) -> None:
        self.url = url
        self.headers = headers
        self.body = body

    def __repr__(self) -> str:
        return f"HttpRequest(url={self.url!r})"

    def can_resend(self) -> bool:
        """Return whether it can be sent again: a stream is read only once."""
        return not (isinstance(self.body, Form) and self.body.is_spent)

    def shown(self) -> str:
        """Return the body as it may be shown: secrets and phone numbers masked, files by their names."""
        return mask(self.body.shown() if isinstance(self.body, Form) else self.body.decode())


class HttpResponse:
    """What came back; it shows no body, as above."""

    __slots__ = ("body", "headers", "status")

    def __init__(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        self.status = status
        self.headers = headers
        self.body = body

    def __repr__(self) -> str:
        return f"HttpResponse(status={self.status}, headers={self.headers!r})"
