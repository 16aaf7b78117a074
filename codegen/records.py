"""What the generator knows of the API once it has read it: plain facts, no JSON and no Python text."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum, auto
from typing import Final

import attrs

# Written by hand in `etelecom_async.paging`; every spec file that pages repeats them.
HAND_WRITTEN: Final[Mapping[str, frozenset[str]]] = {
    "Paging": frozenset({"after", "before", "limit", "sort"}),
    "PageInfo": frozenset({"after", "before", "limit", "next", "prev", "sort"}),
}


class Kind(Enum):
    """What a value is."""

    TEXT = auto()
    SECRET = auto()
    INTEGER = auto()
    NUMBER = auto()
    BOOLEAN = auto()
    TIME = auto()
    BYTES = auto()
    ENUM = auto()
    OBJECT = auto()
    """An object of a class."""
    OPEN = auto()
    """An object whose fields are not known."""
    EMPTY = auto()
    """An object without fields: the request of an operation without arguments."""
    MAP = auto()
    LIST = auto()


FAILURE_RULES: Final[Mapping[str, str]] = {
    "updated": "NOT_UPDATED",
    "error_code": "ERROR_CODE",
    "status": "SMS_STATUS",
}
"""Members of the client's `FailureRule`, by the field that says that a 200 is a failure."""


@attrs.frozen(kw_only=True)
class Verify:
    """The read that settles an unknown outcome."""

    read: str
    """Its public name."""
    by: tuple[str, ...] = ()
    """Request fields that narrow the read."""
    key: str | None = None
    """The request field that identifies the object."""


@attrs.frozen(kw_only=True)
class PageNumbers:
    """How a list counts its pages, where it has no cursors."""

    request: str
    """The request's field with the number of the page."""
    response: str
    """JSON name of the number of the page."""
    total: str
    """JSON name of the number of all items."""


@attrs.frozen
class Type:
    """The type of a field, a request or an answer."""

    kind: Kind
    name: str = ""
    """The class, for ENUM and OBJECT."""
    item: Type | None = None
    """What is inside, for MAP and LIST."""


class Direction(Enum):
    """Which way an object travels; a class is made for one of them."""

    REQUEST = auto()
    ANSWER = auto()


@attrs.frozen(kw_only=True)
class Words:
    """What the spec says of a class or a field."""

    doc: str
    doubt: str | None = None
    """What the pages say in two ways, and which is believed."""
    inferred: bool = False
    """Whether it rests on something else than the documentation."""


@attrs.frozen(kw_only=True)
class Field(Words):
    """One field of a class."""

    name: str
    wire: str
    type: Type
    required: bool = False
    max_length: int | None = None
    """Characters of a text at the most."""
    max_items: int | None = None
    """Items of an array at the most."""
    form: str | None = None
    """One of `FORMS`: how people write it, where that is not how the wire has it."""
    local: bool = False
    """Whether it stays with the client: it is never sent."""


FORMS: Final = ("phone", "local_time", "json")
"""A phone number; a time as it is in Vietnam; an object that may come as its JSON text."""


@attrs.frozen(kw_only=True)
class ModelClass(Words):
    """A class of requests or answers."""

    name: str
    area: str
    direction: Direction
    source: str
    fields: tuple[Field, ...]


@attrs.frozen(kw_only=True)
class Member:
    """A listed value of an enum."""

    name: str
    value: str
    doc: str


@attrs.frozen(kw_only=True)
class EnumClass(Words):
    """An open enum."""

    name: str
    area: str
    members: tuple[Member, ...]


@attrs.frozen(kw_only=True)
class Operation:
    """One operation: what becomes a row of the table and a method."""

    name: str
    area: str
    service: str
    method: str
    effect: str
    callers: tuple[str, ...]
    title: str
    title_vi: str | None
    doc: str
    notes: tuple[str, ...]
    doubts: tuple[str, ...]
    source: str
    request: Type
    """EMPTY, OPEN or OBJECT."""
    response: Type
    """OPEN or OBJECT; of one item for a list."""
    items: str | None = None
    """For a list: the JSON name of the array, `*` where it is not known."""
    key: str | None = None
    """For a list: the field that identifies an item."""
    pages: PageNumbers | None = None
    """For a list without cursors."""
    fails_in_body: str | None = None
    credentials: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    """Request fields without which the call means nothing, though the schema marks them optional."""
    tracking: str | None = None
    """The request field that tells one call from another; the client fills it where the caller does not."""
    template: str | None = None
    """The class of the template that the caller may pass, to have the data checked against it."""
    verify: Verify | None = None
    multipart: bool = False
    provisional: str | None = None

    @property
    def wire(self) -> str:
        """Service and method as they stand in the URL."""
        return f"{self.service}/{self.method}"

    @property
    def constant(self) -> str:
        """The name of its row."""
        return self.name.replace(".", "_").upper()


@attrs.frozen(kw_only=True)
class Namespace:
    """What is between two dots of public names: `shop.extensions` holds `create`, `list` and others."""

    path: str
    """The dotted name."""
    module: str
    """The module of its class."""
    doc: str
    operations: tuple[Operation, ...]
    """Those that hang directly on it."""
    children: tuple[str, ...]
    """Paths of the namespaces inside it."""

    @property
    def name(self) -> str:
        """The last word of its path."""
        return self.path.rpartition(".")[2]


@attrs.frozen(kw_only=True)
class Area:
    """One spec file."""

    name: str
    file: str
    title: str
    digest: str
    """The first digits of the SHA-256 of the spec file and the overlay."""


@attrs.frozen(kw_only=True)
class API:
    """Everything."""

    areas: tuple[Area, ...]
    enums: tuple[EnumClass, ...]
    models: tuple[ModelClass, ...]
    operations: tuple[Operation, ...]
    """By public name."""
    namespaces: tuple[Namespace, ...]
    """By path."""
    paging: dict[str, str]
    """Field of `Paging` -> what it means."""
    digest: str
    """Of all spec files and the overlay."""

    def model(self, name: str) -> ModelClass:
        """Return the class called *name*."""
        return next(model for model in self.models if model.name == name)

    def enum(self, name: str) -> EnumClass:
        """Return the enum called *name*."""
        return next(enum for enum in self.enums if enum.name == name)

    def namespace(self, path: str) -> Namespace:
        """Return the namespace at *path*."""
        return next(namespace for namespace in self.namespaces if namespace.path == path)
