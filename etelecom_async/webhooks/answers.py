"""The responses of a receiver. None of them says more than the service needs."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

import attrs


@attrs.frozen(kw_only=True)
class Answer:
    """A response of plain text."""

    status: HTTPStatus
    text: str
    headers: Mapping[str, str] = attrs.field(factory=dict[str, str])
    """Headers besides the type and the length."""
    closes: bool = False
    """Whether the connection must end, because a part of the request may not be read."""

    @property
    def body(self) -> bytes:
        """The body."""
        return self.text.encode()

    @property
    def all_headers(self) -> dict[str, str]:
        """All headers, except the one that ends a connection."""
        return {
            "Content-Type": "text/plain; charset=utf-8",
            "Content-Length": str(len(self.body)),
            **self.headers,
        }


OK: Final = Answer(status=HTTPStatus.OK, text="ok")
"""
The delivery is accepted, or was accepted before.

The older platform of the same make documents this body as the acknowledgement.
"""
MALFORMED: Final = Answer(status=HTTPStatus.BAD_REQUEST, text="malformed")
"""
Whatever the sender is, nothing changes.

If the service has sent it, a delivery that broke on its way may be whole the next time. The status is then in
`last_error` of the webhook, where people see it.
"""
BROKEN: Final = attrs.evolve(MALFORMED, closes=True)
"""The body broke off on its way."""
NOT_FOUND: Final = Answer(status=HTTPStatus.NOT_FOUND, text="not found", closes=True)
NOT_ALLOWED: Final = Answer(
    status=HTTPStatus.METHOD_NOT_ALLOWED, text="method not allowed", headers={"Allow": "POST"}, closes=True
)
TOO_SLOW: Final = Answer(status=HTTPStatus.REQUEST_TIMEOUT, text="too slow", closes=True)
TOO_LARGE: Final = Answer(status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE, text="too large", closes=True)
ENCODED: Final = Answer(status=HTTPStatus.UNSUPPORTED_MEDIA_TYPE, text="compressed", closes=True)
"""A small compressed body can become a large one."""
BUSY: Final = Answer(
    status=HTTPStatus.SERVICE_UNAVAILABLE, text="try again later", headers={"Retry-After": "60"}
)
"""The queue is full, the receiver stops, or the store of hashes fails. The service delivers again later."""
