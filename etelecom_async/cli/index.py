"""
Read the generated index of the operations: which commands there are, and which options each has.

It is plain data, and this module imports nothing else. So help and completion load no model.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Final, NamedTuple

from etelecom_async._generated.commands import COLUMNS, COMPLETE_ENUMS, ENUMS, GROUPS, OPERATIONS

BODY_KIND: Final = "body"
"""The kind of a part of the request that only `--body` can have."""
SECRET_KIND: Final = "secret"  # noqa: S105 - the name of a kind of field
"""The kind of a field that must not be an argument."""
ASKING_EFFECTS: Final = ("SEND", "DELETE")
"""Effects of the commands that ask first."""


class Enum(NamedTuple):
    """A list of texts."""

    names: Mapping[str, str]
    """The listed texts, with their names in Python."""
    is_complete: bool
    """Whether a request takes no other text."""


class Field(NamedTuple):
    """A field of a request."""

    name: str
    """Its path in the request model, for example `recipient.user_id`."""
    path: tuple[str, ...]
    """Its path in the request's JSON object."""
    kind: str
    is_required: bool
    doc: str

    @property
    def flag(self) -> str:
        """The option. That of a secret takes a file."""
        flag = f"--{self.name.rstrip('_').replace('_', '-')}"  # `from_` is `from` on the wire
        return f"{flag}-file" if self.item_kind == SECRET_KIND else flag

    @property
    def parameter(self) -> str:
        """The name under which click keeps the value; no other option has a name like it."""
        return f"field_{self.name.replace('.', '__')}"

    @property
    def item_kind(self) -> str:
        """The kind of one value."""
        return self.kind.removeprefix("list:")

    @property
    def is_multiple(self) -> bool:
        """Whether the option may be repeated."""
        return self.kind == "map" or self.kind.startswith("list:")


class Operation(NamedTuple):
    """An operation as a command."""

    name: str
    """Public name."""
    wire: str
    effect: str
    documented: bool
    callers: tuple[str, ...]
    summary: str
    title: str
    title_vi: str
    source: str
    result: str
    """Name of the result's class; for a list, of one item. Empty for any JSON object."""
    is_list: bool
    page_size: tuple[str, ...]
    """Path of the page size in the request; empty if the list has one page."""
    is_partial: bool
    """Whether the request may have fields that are not known: the method takes it as one object."""
    fields: tuple[Field, ...]

    @property
    def command(self) -> str:
        """The words of the command, without `etelecom`."""
        return words(self.name)

    @property
    def client(self) -> str:
        """The client that has the operation: `partner`, `shop` or `sms`; empty if two have it."""
        first = self.name.partition(".")[0]
        return first if first in CLIENTS else ""

    @property
    def asks(self) -> bool:
        """Whether the command asks before it sends the request."""
        return self.effect in ASKING_EFFECTS

    @property
    def columns(self) -> tuple[str, ...]:
        """Paths of the values in the result; none for any JSON object."""
        return COLUMNS.get(self.result, ())


CLIENTS: Final = ("partner", "shop", "sms")


def words(path: str) -> str:
    """Return a dotted path as words of a command."""
    return path.replace(".", " ").replace("_", "-")


@cache
def operation(name: str) -> Operation:
    """Return the operation with this public name."""
    row = dict(OPERATIONS[name])
    return Operation(name=name, fields=tuple(Field(*option) for option in row.pop("options")), **row)


def operations() -> Iterator[Operation]:
    """Yield all operations, by public name."""
    return map(operation, OPERATIONS)


def children(path: str) -> Mapping[str, str]:
    """Return what is directly in a namespace: the full names by the words of their commands."""
    names = sorted({*GROUPS, *OPERATIONS})
    inside = [name for name in names if name.rpartition(".")[0] == path]
    return {words(name.rpartition(".")[2]): name for name in inside}


def nested_groups() -> Mapping[str, Sequence[str]]:
    """Return the words of the groups inside of others, by the last word of each."""
    found: dict[str, list[str]] = {}
    for path in GROUPS:
        outer, _, last = path.rpartition(".")
        if outer:
            found.setdefault(words(last), []).append(words(path))
    return found


def is_group(path: str) -> bool:
    """Return whether a path is a namespace."""
    return path in GROUPS


def summary(path: str) -> str:
    """Return one line about a namespace or an operation."""
    return GROUPS[path] if path in GROUPS else str(OPERATIONS[path]["summary"])


def enum(kind: str) -> Enum:
    """Return the enum of a kind `enum:X`."""
    name = kind.partition(":")[2]
    return Enum(ENUMS[name], is_complete=name in COMPLETE_ENUMS)


def by_wire_name(wire: str) -> Operation | None:
    """Return the operation with this wire name, for example `Etelecom/GetExtensions`."""
    name = next((name for name, row in OPERATIONS.items() if row["wire"] == wire), None)
    return None if name is None else operation(name)
