"""
How an unknown outcome is settled: which read to make, and which item of it proves that the call was executed.

This module sends nothing; the engine makes the read.
"""

from __future__ import annotations

from collections.abc import AsyncIterable, Awaitable, Callable
from typing import Any, Self

import attrs

from etelecom_async._core.codec import error_bodies
from etelecom_async._core.operation import Operation, Verify
from etelecom_async._core.phone import normal
from etelecom_async._core.tracebacks import cleaned
from etelecom_async.errors import NotFoundError


@attrs.frozen
class Wanted:
    """What the call asked for, as far as a read can show it."""

    _values: dict[str, object] = attrs.field(repr=False)
    """Values by the names of request fields."""
    _key: str | None
    """The field that identifies the object: an item must show it."""

    @classmethod
    def of(cls, rule: Verify, request: object) -> Self:
        """Return what *rule* looks for after *request*."""
        names = rule.by if rule.key is None else (*rule.by, rule.key)
        return cls({name: getattr(request, name) for name in names}, rule.key)

    def question(self, row: Operation[Any, Any]) -> Any:
        """Return the request of the read *row* that asks for the wanted object, as far as it has filters."""
        asked: dict[str, Any] = {}
        for field in attrs.fields(attrs.resolve_types(row.request)):
            if field.name == "filter":
                filters = next(part for part in field.type.__args__ if part is not type(None))
                known = attrs.fields_dict(filters)
                values = {name: value for name, value in self._values.items() if name in known}
                asked["filter"] = filters(**values)
            elif field.name in self._values:
                # A number in one request is a text in another one, as an extension's number is.
                asked[field.name] = str(self._values[field.name])
        return row.request(**asked)

    def is_shown_by(self, item: object) -> bool:
        """Return whether *item* is the wanted object: its key is equal, and no other field differs."""
        if item == type(item)():
            return False  # an empty response
        for name, value in self._values.items():
            shown = getattr(item, name, None) or ""
            if (name == self._key or shown) and _comparable(shown) != _comparable(value):
                return False
        return True


@attrs.frozen
class ReadBack:
    """
    Reads whether a call was executed; called without arguments, as often as wanted.

    Returns what the read shows of the object, or `None` if it is absent. If the object says that the call
    failed, it raises what the lost response would have raised.
    """

    _operation: Operation[Any, Any]
    """The call whose outcome is unknown."""
    _row: Operation[Any, Any]
    """The read."""
    _wanted: Wanted
    _read_one: Callable[[Operation[Any, Any], Any], Awaitable[object]] = attrs.field(
        kw_only=True, alias="read_one"
    )
    _read_list: Callable[[Operation[Any, Any], Any], AsyncIterable[object]] = attrs.field(
        kw_only=True, alias="read_list"
    )

    async def __call__(self) -> object:
        try:
            found = await self._find()
            if found is not None:
                error_bodies.raise_if_failed(self._operation, found)
        except NotFoundError:
            return None
        except BaseException as error:
            cleaned(error)
            raise
        else:
            return found

    async def _find(self) -> object:
        question = self._wanted.question(self._row)
        if self._row.items is None:
            item = await self._read_one(self._row, question)
            return item if self._wanted.is_shown_by(item) else None
        async for item in self._read_list(self._row, question):
            if self._wanted.is_shown_by(item):
                return item
        return None


def _comparable(value: object) -> str:
    """Return *value* in one form: a server may write a phone number in another one."""
    try:
        return normal(str(value))
    except ValueError:
        return str(value)
