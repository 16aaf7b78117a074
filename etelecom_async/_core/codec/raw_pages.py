"""
Pages of a list whose rows stay bytes, for programs that read them into columns.

Only the ids of the rows and the cursors are decoded, as a walk over the list needs them.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from contextvars import copy_context
from functools import cache, partial
from typing import Any, Final, TypeAlias, cast

import attrs
import msgspec

from etelecom_async._core.codec import lenient_json, responses
from etelecom_async._core.operation import Operation
from etelecom_async.paging import Page, PageInfo

_OK: Final = 200
_UNSET: Final = frozenset({"", "0"})
"""Ids that identify no row."""

Beside: TypeAlias = "Mapping[str, str | list[Beside]]"
"""JSON texts by the names of their fields; for a field of objects, a list with such a mapping for each."""


class RowId(msgspec.Struct, gc=False):
    """A row with only its id."""

    id: str = ""


@attrs.frozen(kw_only=True, repr=False)
class RawPage(Page[Any]):
    """A page with its body. The items are models if their ids or the cursors have an unusual form."""

    body: bytes
    """The response, a JSON object."""
    rows: tuple[Any, ...]
    """All rows of the body; `items` lacks those that came before."""
    read: Callable[[], Page[Any]] | None
    """
    Returns the page with its rows as models; `None` if they are models.

    Raises:
        DecodeError: A row does not fit.
    """

    def kept(self) -> list[bool] | None:
        """Return for each row of the body whether `items` has it; `None` if it has all of them."""
        if len(self.items) == len(self.rows):
            return None
        items = set(map(id, self.items))
        return [id(row) in items for row in self.rows]


def decode(
    operation: Operation[Any, Any],
    status: int,
    headers: Mapping[str, str],
    body: bytes,
    schema_mismatches: Counter[str],
    *,
    allow_empty_page: bool = True,
) -> RawPage:
    """
    Return the page of a response. The arguments and errors are those of `responses.decode`.

    A row is decoded only as far as a walk needs it: its id.
    """

    def decode_rows() -> Page[Any]:
        return responses.decode(
            operation, status, headers, body, schema_mismatches, allow_empty_page=allow_empty_page
        )

    # In this context, errors mask the secrets of the call, also when the rows are read later.
    read = partial(copy_context().run, decode_rows)
    if status == _OK:
        try:
            response = _skim(str(operation.items))(body)
        except (ValueError, RecursionError):
            pass  # the models' reader knows what is wrong
        else:
            if response.items and _UNSET.isdisjoint([row.id for row in response.items]):
                rows = tuple(response.items)
                info = response.paging or PageInfo()
                return RawPage(items=rows, next=info.next, prev=info.prev, body=body, rows=rows, read=read)
    page = decode_rows()
    return RawPage(items=page.items, next=page.next, prev=page.prev, body=body, rows=page.items, read=None)


@cache
def _skim(items: str) -> Callable[[bytes], Any]:
    """Return a decoder for the ids and the cursors of a list whose array has this name."""
    kind = msgspec.defstruct(
        "RawResponse",
        [("items", list[RowId] | None, None), ("paging", PageInfo | None, None)],
        rename={"items": items},
    )
    return msgspec.json.Decoder(kind).decode


def fields_beside(body: bytes, items: str, known: Mapping[str, Any]) -> list[Beside]:
    """
    Return for each row of a page the JSON texts of its fields that are not *known*.

    A number keeps all its digits, and a time its offset. A body that a strict reader refuses is repaired as
    the models' reader repairs it, so its numbers may come in the form of Python.

    Args:
        body: The response, which the models' reader accepts.
        items: Name of the array of rows.
        known: The known fields; a mapping in place of `None` has the known fields of the objects in a field.

    Raises:
        RecursionError: Objects and arrays are inside one another hundreds of times.
    """
    body = lenient_json.without_mark(body)
    for read in (_raw_rows, _replaced_rows):
        with suppress(ValueError):  # no JSON for a strict reader
            return [_beside(row, known) for row in read(body, items)]
    return [_beside(row, known) for row in _repaired_rows(body, items)]


def merged(one: Beside, other: Beside) -> Beside:
    """Return the fields of both; objects in a field of both are merged one by one."""
    both = dict(one)
    for name, value in other.items():
        mine = one.get(name)
        if isinstance(mine, list) and isinstance(value, list):
            both[name] = [merged(each, part) for each, part in zip(mine, value, strict=True)]
        else:
            both[name] = value
    return both


def join(fields: Beside) -> str:
    """Return the JSON object with these fields, whose values are JSON texts or lists of such objects."""
    parts = (f"{_text(msgspec.json.encode(name))}:{_joined(value)}" for name, value in fields.items())
    return f"{{{','.join(parts)}}}"


def _joined(value: str | list[Beside]) -> str:
    return value if isinstance(value, str) else f"[{','.join(map(join, value))}]"


def _beside(row: Mapping[str, msgspec.Raw], known: Mapping[str, Any]) -> Beside:
    found: dict[str, str | list[Beside]] = {
        name: _text(raw) for name, raw in row.items() if name not in known
    }
    for name, inner in known.items():
        if inner is not None and name in row:
            inside = _inside(row[name], inner)
            if any(inside):
                found[name] = inside
    return found


def _inside(raw: msgspec.Raw, known: Mapping[str, Any]) -> list[Beside]:
    """Return the unknown fields of each object in an array."""
    try:
        objects = _RAW_OBJECTS(raw) or ()
    except msgspec.ValidationError:
        return []  # a blank that the models take for no array
    return [_beside(each, known) for each in objects]


def _text(raw: Any) -> str:
    return bytes(raw).decode(errors="replace")


_RAW_OBJECTS: Final[Callable[[Any], Any]] = msgspec.json.Decoder(list[dict[str, msgspec.Raw]] | None).decode


def _raw_rows(body: bytes, items: str) -> Collection[Mapping[str, msgspec.Raw]]:
    return _raw(items)(body).items or ()


@cache
def _raw(items: str) -> Callable[[bytes], Any]:
    kind = msgspec.defstruct(
        "RawRows", [("items", list[dict[str, msgspec.Raw]] | None, None)], rename={"items": items}
    )
    return msgspec.json.Decoder(kind).decode


def _replaced_rows(body: bytes, items: str) -> Collection[Mapping[str, msgspec.Raw]]:
    """Return the rows of a body with invalid UTF-8 in the name of a field."""
    return _raw_rows(body.decode(errors="replace").encode(), items)


def _repaired_rows(body: bytes, items: str) -> Collection[Mapping[str, msgspec.Raw]]:
    """Return the rows of a body that only the lenient reader can read."""
    response = cast("dict[str, list[dict[str, object]]]", lenient_json.read(body).value)
    return [
        # Not `msgspec.json.encode`, which refuses numbers of more than 64 bits.
        {name: msgspec.Raw(json.dumps(part, ensure_ascii=False).encode()) for name, part in row.items()}
        for row in response.get(items) or ()
    ]
