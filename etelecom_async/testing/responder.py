"""A transport without connections: a function returns each response."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from etelecom_async._core.attachment import Form
from etelecom_async._core.http.messages import HttpRequest, HttpResponse
from etelecom_async._core.http.multipart import unreadable
from etelecom_async._core.http.transport import MAX_RESPONSE_BYTES, Transport, too_large

Respond = Callable[[HttpRequest, float], Awaitable[HttpResponse]]
"""Returns the response to a request within a number of seconds, or raises what a transport raises."""


class RespondingTransport(Transport):
    """
    Asks a function for each response; everything above it is the real client.

    Args:
        respond: Returns the response.
    """

    def __init__(self, respond: Respond) -> None:
        super().__init__()
        self._respond = respond

    async def send(
        self, request: HttpRequest, seconds: float, most_bytes: int = MAX_RESPONSE_BYTES
    ) -> HttpResponse:
        """Read the files of *request*, and return its response."""
        self._refuse_if_closed()
        if isinstance(request.body, Form):
            await _read_files(request.body)
        response = await self._respond(request, seconds)
        if len(response.body) > most_bytes:
            raise too_large(response.status, most_bytes)
        return response


async def _read_files(form: Form) -> None:
    """Read the files of a form to their ends, as a connection does."""
    for name, file in form.files:
        try:
            async for _ in file.pieces(file.size()):
                pass
        except Exception as error:
            raise unreadable(name, error) from error
