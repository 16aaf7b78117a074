"""
The row: everything in which one operation of the API differs from another.

Client, sandbox, command line, contract tests and docs read the same rows; this room knows none of them.
"""

from __future__ import annotations

import re
from enum import StrEnum
from functools import cache, cached_property
from importlib import import_module
from typing import Any, Generic, TypeVar, cast

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


@attrs.frozen
class EmptyRequest(Model):
    """The request of an operation without arguments: `{}`."""


@attrs.frozen(kw_only=True, eq=False)  # compared by identity: rows are keys of caches on the way of a call
class Operation(Generic[RequestT, ResultT]):
    """
    One operation of the API.

    The classes are named, not held: a row costs no model until someone calls it.
    """

    name: str
    """Public name, e.g. `shop.extensions.create`."""
    service: str
    method: str
    effect: Effect
    callers: frozenset[KeyKind]
    """The kinds of key that may call it."""
    request_ref: str = attrs.field(repr=False)
    response_ref: str = attrs.field(repr=False)
    items: str | None = None
    """For a list: the JSON name of the array, `*` where the documentation does not show it."""
    key: str = "id"
    """For a list: the field that identifies an item."""
    fails_in_body: str | None = None
    """The answer's field by which a 200 says that the deed failed."""
    credentials: tuple[str, ...] = ()
    """Request fields that the client fills with its user name and password."""
    multipart: bool = False
    """Whether the request is a form that carries a file."""
    tracking: str | None = None
    """The request field that tells one call from another; filled where the caller does not."""
    template: bool = False
    """Whether the caller may pass the template, to have the data checked against it."""
    verify: tuple[str, ...] = ()
    """The read that settles an unknown outcome, and the request fields for it, the telling one last."""
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
        return cast("type[RequestT]", _resolve(self.request_ref))

    @cached_property
    def response(self) -> type[ResultT]:
        """The class of the answer; of one item for a list."""
        return cast("type[ResultT]", _resolve(self.response_ref))


_WIRE_NAME = r"(?a)[\w.]+/[\w.]+"


def is_wire_name(text: str) -> bool:
    """Return whether *text* is written as `Service/Method`."""
    return re.fullmatch(_WIRE_NAME, text) is not None


_HERE = {"EmptyRequest": EmptyRequest, "JsonObject": dict}


@cache
def _resolve(ref: str) -> type[Any]:
    area, _, name = ref.rpartition(":")
    if not area:
        return _HERE[name]
    return cast("type[Any]", getattr(import_module(f"etelecom_async._generated.models.{area}"), name))
