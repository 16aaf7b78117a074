"""
Pages of a list. A cursor is the position of a row in the order (a keyset), so new rows do not shift it.

By the documentation, the default limit is 100, the newest item is first, and both `next` and `prev` go into
`after`. So a cursor contains its direction and its order. As on the platform, the last page still has a
`next` cursor, and the page after it is empty.

The documentation leaves some rules open, so the sandbox chooses. `sort` is `created_at` or `updated_at`, with
a minus for newest first. `before` goes backwards. An option of the sandbox changes the choices in `rules`.
"""

# ruff: noqa: S608 - names in SQL are our own tables and columns; values of callers are bound by `?`

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
from etelecom_async.sandbox.context import Context, ListResponse
from etelecom_async.sandbox.params import invalid, read_choice
from etelecom_async.sandbox.rules import Rules
from etelecom_async.sandbox.store.state import State

SORT_ORDERS: Final = ("-created_at", "created_at", "-updated_at", "updated_at")

_SIGNATURE_BYTES: Final = 9


class ListQuery:
    """
    The rows of a table that a list shows; every condition must hold.

    Args:
        table: The table.
        rules: The rules of the list.
        without: Fields of the records that the list does not show.
    """

    def __init__(self, table: str, *, rules: Rules, without: Iterable[str] = ()) -> None:
        self.table: Final = table
        self.rules: Final = rules
        paths = "".join(f", '$.{name}'" for name in without)
        self.doc: Final = f"json_remove(doc{paths})" if paths else "doc"
        self.conditions: Final[list[str]] = []
        self.values: Final[list[object]] = []

    @classmethod
    def of_shop(cls, table: str, context: Context, *, without: Iterable[str] = ()) -> ListQuery:
        """Return a query for the rows of the caller's shop."""
        query = cls(table, without=without, rules=context.rules)
        query.where("shop_id = ?", context.caller.account_id)
        return query

    def where(self, condition: str, *values: object) -> None:
        """Add a condition, an SQL expression with a `?` for each of *values*."""
        self.conditions.append(condition)
        self.values.extend(values)

    def where_field(self, name: str, value: object) -> None:
        """Add the condition that a field of the record has this value."""
        self.where(f"json_extract(doc, '$.{name}') = ?", value)

    def where_in(self, column: str, values: Sequence[int | str]) -> None:
        """Add the condition that a column has one of *values*."""
        # One parameter for the whole list, because SQLite limits the number of `?`.
        self.where(f"{column} IN (SELECT value FROM json_each(?))", json.dumps(list(values)))


@attrs.frozen
class _Cursor:
    """A position between two rows, and the direction of the page."""

    table: str
    sort: str
    value: int
    id: int
    back: bool = attrs.field(kw_only=True)

    def encode(self, key: str) -> str:
        body = json.dumps(attrs.asdict(self), separators=(",", ":")).encode()
        return base64.urlsafe_b64encode(_sign(body, key) + body).decode().rstrip("=")


def _sign(body: bytes, key: str) -> bytes:
    return hashlib.blake2b(body, digest_size=_SIGNATURE_BYTES, key=key.encode()).digest()


def _decode_cursor(text: str, field: str, table: str, key: str) -> _Cursor:
    try:
        signed = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (ValueError, binascii.Error):
        signed = b""
    signature, body = signed[:_SIGNATURE_BYTES], signed[_SIGNATURE_BYTES:]
    if not hmac.compare_digest(signature, _sign(body, key)):
        raise invalid(f"paging.{field}", "is not a cursor of this service")
    cursor = _Cursor(**json.loads(body))
    if cursor.table != table:
        raise invalid(f"paging.{field}", "is a cursor of another list")
    return cursor


def renew_cursor(text: str, state: State) -> str:
    """Return another cursor of the same position, never one of those from which *text* was renewed."""
    body = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_")[_SIGNATURE_BYTES:] + b" "
    signed = _sign(body, state.setting("cursor_key")) + body
    return base64.urlsafe_b64encode(signed).decode().rstrip("=")


def _read_limit(limit: int | None, rules: Rules) -> int:
    if limit is not None and limit < 0:
        raise invalid("paging.limit", "is negative")
    if limit and limit > rules.max_page_size and rules.larger_limit == "rejected":
        raise invalid("paging.limit", f"is {limit}, but a page has at most {rules.max_page_size} rows")
    return min(limit or rules.page_size, rules.max_page_size)


def fetch_page(state: State, items: str, query: ListQuery, paging: Paging | None) -> ListResponse:
    """
    Return one page of a list.

    Args:
        state: The state with the rows.
        items: JSON name of the array.
        query: The rows of the list.
        paging: The limit, the order and the cursor of the page.

    Raises:
        InvalidArgumentError: The limit, the order or the cursor is wrong.
    """
    paging = paging or Paging()
    if paging.after and paging.before:
        raise invalid("paging.before", "cannot be given together with paging.after")
    limit = _read_limit(paging.limit, query.rules)
    key = state.setting("cursor_key")
    text = paging.after or paging.before
    field = "after" if paging.after else "before"
    cursor = _decode_cursor(text, field, query.table, key) if text else None
    usual = cursor.sort if cursor else SORT_ORDERS[query.rules.order == "oldest_first"]
    sort = read_choice(paging.sort or usual, "paging.sort", SORT_ORDERS)
    if cursor and cursor.sort != sort:
        raise invalid("paging.sort", f"is {sort}, but the cursor was made with {cursor.sort}")

    is_exact = query.rules.last_page == "has_no_next"
    back = bool(paging.before) or (cursor is not None and cursor.back)
    column = sort.removeprefix("-")
    is_descending = sort.startswith("-") != back
    if cursor:
        query.where(f"({column}, id) {'<' if is_descending else '>'} (?, ?)", cursor.value, cursor.id)
    order = "DESC" if is_descending else "ASC"
    found = state.fetch_all(
        f"SELECT {column}, id, {query.doc} AS doc FROM {query.table} "
        f"WHERE {' AND '.join(query.conditions) or 'true'} "
        f"ORDER BY {column} {order}, id {order} LIMIT ?",
        *query.values,
        # One more row shows whether there is another page; -1 returns all rows.
        -1 if query.rules.unpaged else limit + (back or is_exact),
    )
    if query.rules.unpaged:
        return ListResponse(items=items, docs=[row["doc"] for row in found])
    has_more = len(found) > limit
    found = found[:limit]
    if back:
        found.reverse()

    following = "" if back or is_exact else paging.after or ""
    preceding = ""
    if found and (has_more or back or not is_exact):
        following = _Cursor(query.table, sort, found[-1][0], found[-1][1], back=False).encode(key)
    if found and ((has_more and back) or (cursor and not back)):
        preceding = _Cursor(query.table, sort, found[0][0], found[0][1], back=True).encode(key)
    return ListResponse(
        items=items,
        docs=[row["doc"] for row in found],
        paging={
            "after": paging.after or "",
            "before": paging.before or "",
            "limit": limit,
            "next": following,
            "prev": preceding,
            "sort": sort,
        },
    )
