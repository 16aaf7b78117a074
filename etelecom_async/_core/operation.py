"""
The row: everything in which one operation of the API differs from another.

Client, sandbox, command line, contract tests and docs read the same rows; this room knows none of them.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from enum import StrEnum
from functools import cached_property
from typing import Any, Generic, TypeVar

import attrs

from etelecom_async._core.model import Model

RequestT = TypeVar("RequestT")
ResultT = TypeVar("ResultT")

JsonObject = dict[str, Any]


class Effect(StrEnum):
    """What a call does to the world, and so whether it may be repeated (see `_core.calls.policy`)."""

    READ = "READ"
    IDEMPOTENT = "IDEMPOTENT"
    """Sets something; doing it twice changes nothing more."""
    DELETE = "DELETE"
    CREATE = "CREATE"
    """Makes something new; doing it twice makes two."""
    SEND = "SEND"
    """Costs money or reaches a person."""


class KeyKind(StrEnum):
    """The kinds of key; the documentation says which of them may call what."""

    SHOP_API_KEY = "shop_api_key"
    PARTNER_API_KEY = "partner_api_key"
    PARTNER_SHOP_KEY = "partner_shop_key"
    USERNAME_PASSWORD = "username_password"  # noqa: S105 - the word for this kind

    @property
    def scope(self) -> str:
        """The word at the end of the base URL to which this kind of key goes."""
        return "shop" if self is KeyKind.SHOP_API_KEY else "partner"


class FailureRule(StrEnum):
    """How a response with HTTP 200 says that the call failed; the value is the field that says it."""

    NOT_UPDATED = "updated"
    """`updated: 0`: nothing was changed."""
    ERROR_CODE = "error_code"
    """A Zalo error code other than 0."""
    SMS_STATUS = "status"
    """A status of the SMS service other than 1."""


@attrs.frozen(kw_only=True)
class PageNumbers:
    """How a list counts its pages, if it has no cursors."""

    request: str
    """The request's field with the number of the page."""
    response: str
    """JSON name of the number of the page."""
    total: str
    """JSON name of the number of all items."""


@attrs.frozen(kw_only=True)
class Verify:
    """The read that shows whether a call was executed."""

    read: str
    """Public name of the read."""
    by: tuple[str, ...] = ()
    """Request fields that narrow the read; an item must not show other values."""
    key: str | None = None
    """The request field that identifies the object; an item must show the same value."""


@attrs.frozen
class EmptyRequest(Model):
    """The request of an operation without arguments: `{}`."""


@attrs.frozen(kw_only=True, eq=False)  # compared by identity: rows are keys of caches on the way of a call
class Operation(Generic[RequestT, ResultT]):
    """
    One operation of the API.

    A row loads its classes on first use, so importing the table imports no model.
    """

    name: str
    """Public name, e.g. `shop.extensions.create`."""
    service: str
    method: str
    effect: Effect
    callers: frozenset[KeyKind]
    """The kinds of key that may call it."""
    request_type: Callable[[], type[RequestT]] = attrs.field(repr=False)
    """Loads the class of the request."""
    response_type: Callable[[], type[ResultT]] = attrs.field(repr=False)
    """Loads the class of the result; of one item for a list."""
    items: str | None = None
    """For a list: the JSON name of the array, `*` where the documentation does not show it."""
    key: str = "id"
    """For a list: the field that identifies an item."""
    pages: PageNumbers | None = None
    """For a list: how it counts its pages, if it has no cursors."""
    fails_in_body: FailureRule | None = None
    """How a 200 says that the call failed."""
    credentials: tuple[str, ...] = ()
    """Request fields that the client fills with its user name and password."""
    multipart: bool = False
    """Whether the request is a form that carries a file."""
    tracking: str | None = None
    """The request field that tells one call from another; filled where the caller does not."""
    template: bool = False
    """Whether the caller may pass the template, to have the data checked against it."""
    verify: Verify | None = None
    """The read that settles an unknown outcome."""
    provisional: str | None = None
    """Why the operation is inferred, where no page of it could be read."""
    source: str = ""
    """The page of the documentation."""

    @property
    def wire_name(self) -> str:
        """Service and method as they stand in the URL, e.g. `Etelecom/CreateExtension`."""
        return f"{self.service}/{self.method}"

    @cached_property
    def request(self) -> type[RequestT]:
        """The class of the request."""
        return self.request_type()

    @cached_property
    def response(self) -> type[ResultT]:
        """The class of the answer; of one item for a list."""
        return self.response_type()


_WIRE_NAME = r"(?a)[\w.]+/[\w.]+"


def is_wire_name(text: str) -> bool:
    """Return whether *text* is written as `Service/Method`."""
    return re.fullmatch(_WIRE_NAME, text) is not None
