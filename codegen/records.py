"""Records of the API: facts from spec and overlay, without JSON and without Python text."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum, auto
from typing import Final

import attrs

# Written by hand in `etelecom_async.paging`; every spec file with paging repeats them.
HAND_WRITTEN: Final[Mapping[str, frozenset[str]]] = {
    "Paging": frozenset({"after", "before", "limit", "sort"}),
    "PageInfo": frozenset({"after", "before", "limit", "next", "prev", "sort"}),
}


class Kind(Enum):
    """Kind of a value."""

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
    """An object with unknown fields."""
    EMPTY = auto()
    """An object without fields: the request of an operation without arguments."""
    MAP = auto()
    LIST = auto()


FAILURE_RULES: Final[Mapping[str, str]] = {
    "updated": "NOT_UPDATED",
    "error_code": "ERROR_CODE",
    "status": "SMS_STATUS",
    "code": "NOT_OK",
}
"""Members of the client's `FailureRule`, by the field that marks a 200 as a failure."""


@attrs.frozen(kw_only=True)
class Verify:
    """The read that shows whether the state that a call asked for holds."""

    read: str
    """Its public name."""
    first: str | None = None
    """Public name of a cheaper read that is made before."""
    by: tuple[str, ...] = ()
    """Request fields that narrow the read."""
    key: str | None = None
    """The request field that identifies the object."""
    key_field: str | None = None
    """The item's field for it, if it has another name."""
    sets: tuple[str, ...] = ()
    """Request fields whose values the object must show."""
    shows: Mapping[str, str] = attrs.field(factory=dict[str, str])
    """Texts that fields of the object must show."""
    is_absent: bool = False
    """Whether the object must be absent."""
    any_age: bool = False
    """Whether an older object counts, too."""

    @property
    def item_fields(self) -> frozenset[str]:
        """The fields that an item of the read must have; a filter need not be shown."""
        key = self.key_field or self.key
        return frozenset((*self.sets, *self.shows, *(() if key is None else (key,))))


@attrs.frozen(kw_only=True)
class Case:
    """One of several results that share a response on the wire."""

    tag: str
    """Value of the tag for this case."""
    prefix: str
    """Regular expression for the beginning of the fallback field."""
    name: str
    """Class of the result."""


@attrs.frozen(kw_only=True)
class Cases:
    """How to tell the results of one response apart."""

    tag: str
    """JSON name of the tag."""
    fallback: str
    """JSON name of the field whose beginning decides if the tag is missing or unlisted."""
    known: tuple[Case, ...]
    expected: tuple[str, ...] = ()
    """Tags of the cases that an operation can have."""

    @property
    def results(self) -> tuple[str, ...]:
        """Return the classes of the expected cases."""
        return tuple(case.name for case in self.known if case.tag in self.expected)


@attrs.frozen(kw_only=True)
class PageNumbers:
    """Names of the page numbers of a list without cursors."""

    request: str
    """Request field with the page number."""
    response: str
    """JSON name of the page number in the response."""
    total: str
    """JSON name of the total number of items."""
    size: str | None = None
    """Request field with the number of items in a page."""


@attrs.frozen
class Type:
    """Type of a field, a request or a response."""

    kind: Kind
    name: str = ""
    """Class name, for ENUM and OBJECT."""
    item: Type | None = None
    """Type of the items, for MAP and LIST."""

    @property
    def enum(self) -> str | None:
        """Return the enum of the value, or of the items of a list."""
        if self.kind is Kind.LIST and self.item is not None:
            return self.item.enum
        return self.name if self.kind is Kind.ENUM else None


class Direction(Enum):
    """Direction in which an object is sent; each class has one."""

    REQUEST = auto()
    RESPONSE = auto()


@attrs.frozen(kw_only=True)
class Described:
    """Documentation of a class or a field in the spec."""

    doc: str
    doubt: str | None = None
    """Contradiction between the pages, and the side that the spec takes."""
    inferred: bool = False
    """Whether it comes from a source other than the documentation."""


@attrs.frozen(kw_only=True)
class Field(Described):
    """One field of a class."""

    name: str
    wire: str
    type: Type
    required: bool = False
    is_always_set: bool = False
    """Whether a result always has it; the client refuses a response without it."""
    max_length: int | None = None
    """Maximum number of characters of a text."""
    max_items: int | None = None
    """Maximum number of items of an array."""
    form: str | None = None
    """One of `FORMS`: a notation that differs from the one on the wire."""
    local: bool = False
    """Whether only the client uses it; it is never sent."""


FORMS: Final = ("phone", "local_time", "json")
"""A phone number; a time in Vietnam's time zone; an object that may be encoded as JSON text."""


@attrs.frozen(kw_only=True)
class ModelClass(Described):
    """A class of requests or responses."""

    name: str
    area: str
    direction: Direction
    source: str
    fields: tuple[Field, ...]
    id_name: str | None = None
    """For a result: the name that requests use for its id."""

    @property
    def other_id(self) -> tuple[str, Field] | None:
        """Return the name of the id that the wire does not have, and the field that has the id."""
        names = {"id", self.id_name} - {None}
        ids = [field for field in self.fields if field.name in names]
        missing = [name for name in names if name not in {field.name for field in ids}]
        return (missing[0], ids[0]) if missing and ids and missing[0] else None


@attrs.frozen(kw_only=True)
class Member:
    """A listed value of an enum."""

    name: str
    value: str
    doc: str


@attrs.frozen(kw_only=True)
class EnumClass(Described):
    """An open enum."""

    name: str
    area: str
    members: tuple[Member, ...]
    is_complete: bool
    """Whether a request refuses a text that is not a member."""


@attrs.frozen(kw_only=True)
class Operation:
    """One operation; it becomes a row of the table and a method."""

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
    """EMPTY or OBJECT."""
    response: Type
    """OPEN or OBJECT; for a list, the type of one item."""
    form_of: str | None = None
    """Public name of the operation's main form, if this is another one."""
    wire_request: Type | None = None
    """Type with the request fields of all forms, if there are several."""
    cases: Cases | None = None
    """For a response that stands for one of several results."""
    items: str | None = None
    """For a list: the JSON name of the array, `*` if it is unknown."""
    key: str | None = None
    """For a list: the field that identifies an item."""
    pages: PageNumbers | None = None
    """For a list without cursors."""
    idempotent_if: tuple[str, ...] = ()
    """Request fields without which the call is not idempotent."""
    fails_in_body: str | None = None
    credentials: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    """Request fields that a call needs, although the schema marks them optional."""
    tracking: str | None = None
    """The request field that identifies a call; the client fills it if the caller does not."""
    template: str | None = None
    """Class of the template that the caller may pass; the client checks the data against it."""
    denied: str | None = None
    """What the error `permission_denied` means."""
    verify: Verify | None = None
    multipart: bool = False
    is_partial: bool = False
    """Whether the request may have fields that the documentation does not show."""
    provisional: str | None = None

    @property
    def wire(self) -> str:
        """Return service and method as in the URL."""
        return f"{self.service}/{self.method}"

    @property
    def constant(self) -> str:
        """Return the name of its row."""
        return self.name.replace(".", "_").upper()


@attrs.frozen(kw_only=True)
class Namespace:
    """Group of operations with a common prefix: `shop.extensions` holds `create`, `list` and others."""

    path: str
    """The dotted name."""
    module: str
    """The module of its class."""
    doc: str
    operations: tuple[Operation, ...]
    """Operations directly in it."""
    children: tuple[str, ...]
    """Paths of the namespaces inside it."""

    @property
    def name(self) -> str:
        """Return the last part of its path."""
        return self.path.rpartition(".")[2]


@attrs.frozen(kw_only=True)
class Area:
    """One spec file."""

    name: str
    file: str
    title: str
    digest: str
    """First digits of the SHA-256 of the spec file and the overlay."""


@attrs.frozen(kw_only=True)
class API:
    """The whole API."""

    areas: tuple[Area, ...]
    enums: tuple[EnumClass, ...]
    models: tuple[ModelClass, ...]
    operations: tuple[Operation, ...]
    """Sorted by public name."""
    namespaces: tuple[Namespace, ...]
    """Sorted by path."""
    paging: dict[str, str]
    """Description of each field of `Paging`, by name."""
    digest: str
    """First digits of the SHA-256 of all spec files and the overlay."""

    def model(self, name: str) -> ModelClass:
        """Return the class with this *name*."""
        return next(model for model in self.models if model.name == name)

    def enum(self, name: str) -> EnumClass:
        """Return the enum with this *name*."""
        return next(enum for enum in self.enums if enum.name == name)

    def namespace(self, path: str) -> Namespace:
        """Return the namespace at *path*."""
        return next(namespace for namespace in self.namespaces if namespace.path == path)
