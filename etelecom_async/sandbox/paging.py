"""
Pages of a list: a cursor is the place of a row in the order (a keyset), which no other row can shift.

What the documentation says: 100 items where no limit is given, newest first, `next` goes into `after`, and
so does `prev`. So a cursor carries its own direction and order, and either kind is good in `after`. As on the
platform, `next` is filled on the last page too, and the page after that is empty.

Chosen here, because no page says it: 100 is also the greatest limit and a larger one is lowered to it; `sort`
is `created_at` or `updated_at`, with a minus for newest first; `before` walks backwards.
"""

# ruff: noqa: S608 - names in SQL are our own tables and columns; what a caller sent goes in by `?`

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Iterable, Sequence
from typing import Final

import attrs

from etelecom_async.paging import Paging
from etelecom_async.sandbox.arguments import wrong
from etelecom_async.sandbox.call import ListResponse
from etelecom_async.sandbox.state import State

GREATEST_LIMIT: Final = 100
SORTS: Final = ("-created_at", "created_at", "-updated_at", "updated_at")

_SEAL_BYTES: Final = 9


class Rows:
    """
    Which rows of a table a list shows: every condition has to hold.

    Args:
        table: Where the records are.
        without: Fields of the records that this list does not show.
    """

    def __init__(self, table: str, *, without: Iterable[str] = ()) -> None:
        self.table: Final = table
        paths = "".join(f", '$.{name}'" for name in without)
        self.doc: Final = f"json_remove(doc{paths})" if paths else "doc"
        self.conditions: Final[list[str]] = []
        self.values: Final[list[object]] = []

    def where(self, condition: str, *values: object) -> None:
        """Add a condition, an SQL expression with a `?` for each of *values*."""
        self.conditions.append(condition)
        self.values.extend(values)

    def where_field(self, name: str, value: object) -> None:
        """Add the condition that a field of the record has this value."""
        self.where(f"json_extract(doc, '$.{name}') = ?", value)

    def where_in(self, column: str, values: Sequence[int | str]) -> None:
        """Add the condition that a column is one of *values*."""
        # One value for the whole list: SQLite limits the number of `?`.
        self.where(f"{column} IN (SELECT value FROM json_each(?))", json.dumps(list(values)))


@attrs.frozen
class _Cursor:
    """A place between two rows, and which way the page lies."""

    table: str
    sort: str
    value: int
    id: int
    back: bool = attrs.field(kw_only=True)

    def seal(self, key: str) -> str:
        body = json.dumps(attrs.asdict(self), separators=(",", ":")).encode()
        return base64.urlsafe_b64encode(_digest(body, key) + body).decode().rstrip("=")


def _digest(body: bytes, key: str) -> bytes:
    return hashlib.blake2b(body, digest_size=_SEAL_BYTES, key=key.encode()).digest()


def _open(text: str, field: str, table: str, key: str) -> _Cursor:
    try:
        sealed = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (ValueError, binascii.Error):
        sealed = b""
    seal, body = sealed[:_SEAL_BYTES], sealed[_SEAL_BYTES:]
    if not hmac.compare_digest(seal, _digest(body, key)):
        raise wrong(f"paging.{field}", "is not a cursor of this service")
    cursor = _Cursor(**json.loads(body))
    if cursor.table != table:
        raise wrong(f"paging.{field}", "is a cursor of another list")
    return cursor


def page(state: State, items: str, rows: Rows, paging: Paging | None) -> ListResponse:
    """
    Return one page of a list.

    Args:
        state: Where the rows are.
        items: JSON name of the array.
        rows: Which rows the list shows.
        paging: Which page is wanted.

    Raises:
        InvalidArgumentError: The limit, the order or the cursor cannot be right.
    """
    asked = paging or Paging()
    if asked.after and asked.before:
        raise wrong("paging.before", "cannot be given together with paging.after")
    limit = min(asked.limit or GREATEST_LIMIT, GREATEST_LIMIT)
    if limit < 0:
        raise wrong("paging.limit", "is negative")
    key = state.setting("cursor_key")
    text = asked.after or asked.before
    field = "after" if asked.after else "before"
    cursor = _open(text, field, rows.table, key) if text else None
    sort = asked.sort or (cursor.sort if cursor else SORTS[0])
    if sort not in SORTS:
        raise wrong("paging.sort", f"is none of {', '.join(SORTS)}")
    if cursor and cursor.sort != sort:
        raise wrong("paging.sort", f"is {sort}, but the cursor was made with {cursor.sort}")

    back = bool(asked.before) or (cursor is not None and cursor.back)
    column = sort.removeprefix("-")
    downwards = sort.startswith("-") != back
    if cursor:
        rows.where(f"({column}, id) {'<' if downwards else '>'} (?, ?)", cursor.value, cursor.id)
    order = "DESC" if downwards else "ASC"
    found = state.fetch_all(
        f"SELECT {column}, id, {rows.doc} AS doc FROM {rows.table} "
        f"WHERE {' AND '.join(rows.conditions) or 'true'} "
        f"ORDER BY {column} {order}, id {order} LIMIT ?",
        *rows.values,
        # One more, walking back, to know whether there is a page before this one.
        limit + back,
    )
    has_more = len(found) > limit
    found = found[:limit]
    if back:
        found.reverse()

    following = "" if back else asked.after or ""
    preceding = ""
    if found:
        following = _Cursor(rows.table, sort, found[-1][0], found[-1][1], back=False).seal(key)
        if has_more or (cursor and not back):
            preceding = _Cursor(rows.table, sort, found[0][0], found[0][1], back=True).seal(key)
    return ListResponse(
        items=items,
        docs=[row["doc"] for row in found],
        paging={
            "after": asked.after or "",
            "before": asked.before or "",
            "limit": limit,
            "next": following,
            "prev": preceding,
            "sort": sort,
        },
    )
