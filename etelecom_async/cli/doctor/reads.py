"""Choose the READ calls whose responses are compared, and take the ids that they need from earlier ones."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple, cast

import attrs

from etelecom_async import EtelecomError
from etelecom_async._core.model import fields_of
from etelecom_async.cli.doctor.shapes import wire_name
from etelecom_async.cli.index import operation as command_of
from etelecom_async.errors import APIError
from etelecom_async.operations import OPERATIONS, Effect, Operation

SMALL_PAGE: Final = 20
"""Rows of a page."""

Rows = Mapping[str, list[Any]]
"""Rows of the lists that were read, by public name."""

_SOURCES: Final[Mapping[str, str]] = {
    "shop.extensions.get": "shop.extensions.list",
    "shop.zalo.accounts.get": "shop.zalo.accounts.list",
    "shop.zalo.consents.check": "shop.zalo.consents.list",
    "shop.zns.journeys.get": "shop.zns.journeys.list",
    "shop.zns.messages.get": "shop.zns.messages.list",
    "shop.zns.templates.get": "shop.zns.templates.list",
}
"""The list whose rows have the ids that an operation needs."""


class Read(NamedTuple):
    """A READ call to make."""

    row: Operation[Any, Any]
    body: dict[str, Any]
    reason: str = ""
    """Why it cannot be made, if so."""


def order() -> Iterator[Operation[Any, Any]]:
    """Yield all READ operations; first those that need nothing, so that others can use their rows."""
    reads = [row for row in OPERATIONS.values() if row.effect is Effect.READ and row.form_of is None]
    yield from sorted(reads, key=lambda row: (bool(_required(row)), row.name))


def not_tried() -> list[Operation[Any, Any]]:
    """Return the inferred operations that are no READ, so they are not called."""
    return [row for row in OPERATIONS.values() if row.provisional and row.effect is not Effect.READ]


def read_of(row: Operation[Any, Any], rows: Rows) -> Read:
    """
    Return the call of an operation.

    Args:
        row: The operation.
        rows: The rows that were read until now.
    """
    body = page(row, SMALL_PAGE)
    needed = _required(row)
    source = _SOURCES.get(row.name)
    if needed and source is None:
        return Read(row, {}, "it needs an id that no list shows")
    found = next((item for item in rows.get(source or "", []) if _has(item, needed)), None)
    if not needed:
        return Read(row, body)
    if found is None:
        return Read(row, {}, f"it needs an id from {source}, which showed none")
    return Read(row, body | {name: found[name] for name in needed})


def page(row: Operation[Any, Any], limit: int | None, **paging: Any) -> dict[str, Any]:
    """
    Return the request of a list for one page.

    Args:
        row: The list; for another operation the request is empty.
        limit: Rows of the page; `None` for the service's choice.
        **paging: Other fields of the paging.
    """
    path = command_of(row.name).page_size
    size = {} if limit is None else {path[-1]: limit} if path else {}
    inner = size | paging
    for name in reversed(path[:-1]):
        inner = {name: inner}
    return inner


def describe(error: EtelecomError) -> str:
    """Return what kind of error it is; its text may quote the response."""
    if isinstance(error, APIError):
        listed = type(error).code  # that of the class, which the server cannot choose
        return f"HTTP {error.status}, {listed or 'another code'}"
    return type(error).__name__


def _required(row: Operation[Any, Any]) -> list[str]:
    request: Any = row.request
    return [wire_name(field) for field in fields_of(request) if field.default is attrs.NOTHING]


def _has(item: Any, names: list[str]) -> bool:
    return isinstance(item, dict) and all(cast("dict[str, Any]", item).get(name) for name in names)
