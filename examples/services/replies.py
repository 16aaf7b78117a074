"""
Say which error of the SDK becomes which HTTP status; all services of this folder use it.

A status tells clients and proxies whether they may repeat a request. They repeat after 503, and many do after
502 and 504. So a call that may have been executed never becomes one of these. docs/web-services.md has the
reasons.
"""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from types import MappingProxyType
from typing import Any

import attrs

from etelecom_async import errors

NO_HEADERS: Mapping[str, str] = MappingProxyType({})
STATUSES: tuple[tuple[int, tuple[type[errors.EtelecomError], ...]], ...] = (
    (400, (errors.InvalidRequestError,)),
    (409, (errors.AlreadyExistsError,)),
    (503, (errors.ConnectError, errors.QueueTimeoutError, errors.ClientClosedError)),
    (503, (errors.ResourceExhaustedError, errors.QuotaError)),
    (500, (errors.ConfigurationError, errors.UnauthenticatedError, errors.PermissionDeniedError)),
    (
        500,
        (errors.LoginRequiredError, errors.ShopNotConnectedError, errors.LedgerError, errors.KeyStoreError),
    ),
    (422, (errors.InvalidArgumentError, errors.OutOfRangeError, errors.FailedPreconditionError)),
    (422, (errors.NotFoundError, errors.MalformedError, errors.ResultError)),
)


@attrs.frozen
class Reply:
    """A response of a service, for any framework."""

    status: int
    body: dict[str, Any]
    headers: Mapping[str, str] = NO_HEADERS


def status_of(error: errors.EtelecomError) -> int:
    """Return the status for an error: 500 if the call may have been executed, so that nobody repeats it."""
    if error.may_have_happened:
        return 500
    return next((status for status, kinds in STATUSES if isinstance(error, kinds)), 502)


def reply_to(error: errors.EtelecomError) -> Reply:
    """Return the response to an error. Its text has no key and no whole phone number."""
    status = status_of(error)
    headers = {"Retry-After": "10"} if status == HTTPStatus.SERVICE_UNAVAILABLE else NO_HEADERS
    return Reply(status, {"detail": str(error)}, headers)
