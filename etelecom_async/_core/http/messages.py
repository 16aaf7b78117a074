"""Define HTTP requests and responses without the types of a library."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from etelecom_async._core import call_secrets
from etelecom_async._core.attachment import Form
from etelecom_async._core.known_secrets import KnownSecrets
from etelecom_async._core.secret import MASK, mask
from etelecom_async._core.tracebacks import Hidden


def _no_secrets(_: str) -> Iterable[str]:
    return ()


class HttpRequest:
    """
    A request to send. Its `repr` shows neither key nor body, and there is no `__dict__` to print.

    Args:
        url: The URL.
        headers: The headers.
        body: The body.
        of_client: Returns the secrets of the client that a request to a URL carries.
        hidden: The request as the caller gave it.
        operation: Public name of the operation; the name on the wire for a call by that name.
    """

    __slots__ = ("_hidden", "_known", "_of_client", "body", "headers", "operation", "url")

    def __init__(
        self,
        url: str,
        headers: Mapping[str, str],
        body: bytes | Form,
        of_client: Callable[[str], Iterable[str]] = _no_secrets,
        hidden: Hidden[object] | None = None,
        *,
        operation: str = "",
    ) -> None:
        self.url = url
        self.operation = operation
        self.headers = headers
        self.body = body
        self._of_client = of_client
        self._hidden = hidden
        self._known: KnownSecrets | None = None

    def __repr__(self) -> str:
        return f"HttpRequest(url={self.url!r})"

    def can_resend(self) -> bool:
        """Return whether the request can be sent again. A stream can be read only once."""
        return not (isinstance(self.body, Form) and self.body.is_spent)

    def shown(self) -> str:
        """Return the body with secrets and phone numbers masked, and names instead of files."""
        text = self.body.shown() if isinstance(self.body, Form) else self.body.decode()
        # Only the secrets: a value in the data of a template may also be the id that the call is found by.
        return mask(self.known_secrets().replace_secrets(text, MASK))

    def known_secrets(self) -> KnownSecrets:
        """Return the secrets that a response to this request may repeat."""
        if self._known is None:
            request = None if self._hidden is None else self._hidden.value
            self._known = call_secrets.known_secrets(self._of_client(self.url), request)
        return self._known


class HttpResponse:
    """A received response. Its `repr` does not show the body, and there is no `__dict__` to print."""

    __slots__ = ("body", "headers", "status")

    def __init__(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        self.status = status
        self.headers = headers
        self.body = body

    def __repr__(self) -> str:
        return f"HttpResponse(status={self.status}, headers={self.headers!r})"
