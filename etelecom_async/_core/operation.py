"""
Define the row of the table: the data in which the operations of the API differ.

Client, sandbox, command line, contract tests and docs read the same rows. This module imports none of them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from enum import StrEnum
from functools import cached_property
from typing import Any, Generic, TypeVar, cast

import attrs

from etelecom_async._core.model import Model

RequestT = TypeVar("RequestT")
ResultT = TypeVar("ResultT")

JsonObject = dict[str, Any]


class Effect(StrEnum):
    """What a call does, and so whether it may be retried (see `_core.calls.policy`)."""

    READ = "READ"
    IDEMPOTENT = "IDEMPOTENT"
    """Sets something; a second call finds the same object and changes nothing more."""
    DELETE = "DELETE"
    CREATE = "CREATE"
    """Creates something new; a second call creates another one."""
    SEND = "SEND"
    """Costs money or reaches a person."""


class KeyKind(StrEnum):
    """Kinds of key. The documentation says which operations each kind may call."""

    SHOP_API_KEY = "shop_api_key"
    PARTNER_API_KEY = "partner_api_key"
    PARTNER_SHOP_KEY = "partner_shop_key"
    USERNAME_PASSWORD = "username_password"  # noqa: S105 - the name of a kind of key

    @property
    def scope(self) -> str:
        """The last word of the base URL for this kind of key."""
        return "shop" if self is KeyKind.SHOP_API_KEY else "partner"


class FailureRule(StrEnum):
    """How a response with HTTP 200 reports a failed call. The value is the name of the JSON field."""

    NOT_UPDATED = "updated"
    """`updated: 0`: nothing changed."""
    ERROR_CODE = "error_code"
    """A Zalo error code other than 0."""
    SMS_STATUS = "status"
    """A status of the SMS service other than 1."""
    NOT_OK = "code"
    """A code other than `ok`: the body is an error of the API."""


@attrs.frozen(kw_only=True)
class PageNumbers:
    """Fields with page numbers, for a list without cursors."""

    request: str
    """Request field with the page number."""
    response: str
    """JSON name of the page number in the response."""
    total: str
    """JSON name of the total number of items in the response."""


@attrs.frozen(kw_only=True)
class Verify:
    """The read that shows whether the state that a call asked for holds."""

    read: str
    """Public name of the read."""
    first: str | None = None
    """Public name of a cheaper read; if it does not find the object, *read* is not made."""
    by: tuple[str, ...] = ()
    """Request fields that filter the read. An item with other values does not match."""
    key: str | None = None
    """The request field that identifies the object; an item must show the same value."""
    key_field: str | None = None
    """The field of an item that shows *key*, if it has another name."""
    sets: tuple[str, ...] = ()
    """Request fields that the call sets; the object must show the same values."""
    shows: Mapping[str, str] = attrs.field(factory=dict[str, str])
    """Fields that the object must show with these texts; an empty text stands for a blank or zero."""
    is_absent: bool = False
    """Whether the call was to delete the object."""
    any_age: bool = False
    """Whether an object that is older than the call counts, too."""


@attrs.frozen
class Case:
    """One of several results that share a response on the wire."""

    tag: str
    """Value of the tag for this case."""
    prefix: str
    """Regular expression for the beginning of the fallback field."""
    result_type: Callable[[], type[Any]] = attrs.field(repr=False)
    """Function that returns the class of the result. Its fields are fields of the response."""


@attrs.frozen(kw_only=True)
class Cases:
    """Rule that tells the results of one response apart. A result class keeps only the fields of its case."""

    tag: str
    """Response field with the tag."""
    fallback: str
    """Response field whose beginning decides if the tag is missing or unlisted."""
    known: tuple[Case, ...]
    """All cases of the response."""
    expected: tuple[str, ...]
    """Tags of the cases that this operation can have; any other one is an error."""


@attrs.frozen
class EmptyRequest(Model):
    """The request of an operation without arguments: `{}`."""


@attrs.frozen(kw_only=True, eq=False)  # compared by identity: each call uses rows as keys of caches
class Operation(Generic[RequestT, ResultT]):
    """
    One operation of the API.

    A row loads its classes on first use, so importing the table imports no model.
    """

    name: str
    """Public name, for example `shop.extensions.create`."""
    service: str
    method: str
    effect: Effect
    """What a call does, if `idempotent_if` does not say otherwise; see `effect_of`."""
    callers: frozenset[KeyKind]
    """Kinds of key that the documentation names. The client refuses no other kind: documentation errs."""
    request_type: Callable[[], type[RequestT]] = attrs.field(repr=False)
    """Function that returns the class of the request."""
    response_type: Callable[[], type[ResultT]] = attrs.field(repr=False)
    """Function that returns the class of the response; for a list, the class of one item."""
    items: str | None = None
    """For a list: JSON name of the array, or `*` if the documentation does not show it."""
    key: str = "id"
    """For a list: field that identifies an item."""
    pages: PageNumbers | None = None
    """For a list: how it counts its pages, if it has no cursors."""
    idempotent_if: tuple[str, ...] = ()
    """
    Request fields without which an `IDEMPOTENT` call is not idempotent.

    Without them a second call may find another object.
    """
    form_of: str | None = None
    """
    Public name of the main row with the same wire name, if this row is another form of that operation.

    A form has its own method, request and result. A server knows only the main row.
    """
    wire_request_type: Callable[[], type[Any]] | None = attrs.field(default=None, repr=False)
    """Function that returns the class with the request fields of all forms; `None` if there is one form."""
    cases: Cases | None = None
    """How to tell the results apart, if the response stands for one of several."""
    fails_in_body: FailureRule | None = None
    """How a 200 reports a failed call."""
    credentials: tuple[str, ...] = ()
    """Request fields that the client fills with its user name and password."""
    multipart: bool = False
    """Whether the request is a form that carries a file."""
    tracking: str | None = None
    """Request field with a unique id of the call. The client fills it if the caller does not."""
    template: bool = False
    """Whether the caller may pass the template, so that the client checks the data against it."""
    verify: Verify | None = None
    """The read that settles an unknown outcome."""
    denied: str = ""
    """What the error `permission_denied` means, if the documentation says."""
    provisional: str | None = None
    """Why the operation is inferred, if its documentation could not be read."""
    source: str = ""
    """URL of the documentation."""

    @property
    def wire_name(self) -> str:
        """Service and method as in the URL, for example `Etelecom/CreateExtension`."""
        return f"{self.service}/{self.method}"

    def effect_of(self, request: object) -> Effect:
        """Return what a call with *request* does; `CREATE` if a second call may change another object."""
        if all(_is_set(_field(request, name)) for name in self.idempotent_if):
            return self.effect
        return Effect.CREATE

    def as_served(self) -> Operation[Any, Any]:
        """Return the row as a server reads it: its request has the fields of all forms."""
        if self.wire_request_type is None:
            return self
        return attrs.evolve(self, request_type=self.wire_request_type)

    @cached_property
    def request(self) -> type[RequestT]:
        """The class of the request."""
        return self.request_type()

    @cached_property
    def response(self) -> type[ResultT]:
        """The class of the response; for a list, the class of one item."""
        return self.response_type()

    @cached_property
    def results(self) -> tuple[type[Any], ...]:
        """The classes of the result: the response's own, or those of its expected cases."""
        if self.cases is None:
            return (self.response,)
        return tuple(case.result_type() for case in self.cases.known if case.tag in self.cases.expected)


def _field(request: object, name: str) -> object:
    # The request of a call by its wire name is a mapping.
    if isinstance(request, Mapping):
        return cast("Mapping[str, object]", request).get(name)
    return getattr(request, name, None)


def _is_set(identifier: object) -> bool:
    """Return whether an id names an object; the API sends 0 for an id that is not set."""
    if isinstance(identifier, int):
        return identifier != 0
    return isinstance(identifier, str) and str.strip(identifier, "0 ") != ""


_SERVICE = r"(?a)[\w.]+"
_WIRE_NAME = rf"{_SERVICE}/[\w.]+"


def is_wire_name(text: str) -> bool:
    """Return whether *text* has the form `Service/Method`."""
    return re.fullmatch(_WIRE_NAME, text) is not None


def is_service_name(text: str) -> bool:
    """Return whether *text* may be the name of a service."""
    return re.fullmatch(_SERVICE, text) is not None
