"""
Say which hotline each call used.

A call log names no hotline, and the present hotline of its extension may be another one. So the calls of each
hotline are listed by the filter of the API.
"""

from __future__ import annotations

import json
from array import array
from bisect import bisect_left
from collections.abc import Iterable
from typing import Any, Final, Literal, cast

import attrs

from etelecom_async._client import ShopClient
from etelecom_async._core.values import kind_of
from etelecom_async._generated import models
from etelecom_async.errors import InvalidRequestError
from etelecom_async.history.arrow import ArrowArray, ArrowSchema, ArrowTable, ArrowType, pa, pc
from etelecom_async.history.reading import CallOptions, Calls, calls
from etelecom_async.history.spans import Span
from etelecom_async.history.walking import Stage

UNRESOLVED: Final = "unresolved"
"""Number and name of the hotline of a call that no hotline's list has, or that several have."""
COLUMNS: Final = ("hotline_id", "hotline", "hotline_name")
_NONE: Final = -1
_MOST_DIGITS: Final = 18
"""Each number with so many digits has 63 bits at most."""


class HotlineColumns:
    """
    Adds the columns of the hotline to tables.

    It keeps 10 bytes for each call while the export runs, and 46 while it sorts them.

    Args:
        shop: A client of the shop.
        span: The span of the calls.
        options: The options of the calls.
    """

    def __init__(self, shop: ShopClient, span: Span, options: CallOptions) -> None:
        self.requests = 0
        """Responses that were received for the hotlines."""
        self._shop = shop
        self._span = span
        self._options = options
        self._hotlines: list[models.Hotline] | None = None
        self._calls = _CallNumbers()

    @property
    def key(self) -> str:
        """What the columns depend on, as a text."""
        return json.dumps(None if self._hotlines is None else sorted(each.id for each in self._hotlines))

    def schema(self, schema: ArrowSchema) -> ArrowSchema:
        """Return the columns with those of the hotline."""
        if self._hotlines is None:
            return schema
        for name in COLUMNS:
            schema = schema.append(pa.field(name, pa.string()))
        return schema

    async def read(self, hotlines: Iterable[models.Hotline] | None, on_progress: Stage | None) -> None:
        """
        List the calls of each hotline.

        Args:
            hotlines: The hotlines; `None` for those of `shop.hotlines.list`.
            on_progress: Is called after each part.
        """
        wanted = self._options.get("hotline_ids")
        every = await self._list() if hotlines is None else hotlines
        found = {each.id: each for each in every if each.id and (not wanted or each.id in wanted)}
        self._hotlines = list(found.values())
        for number, hotline in enumerate(self._hotlines):
            walk = self._calls_of(hotline.id)
            async for table in walk:
                self._calls.add(table.column("id").to_pylist(), number)
                if on_progress is not None:
                    on_progress(hotline.hotline or hotline.id, walk.progress)
            self.requests += walk.progress.requests
        self._calls.close()

    async def _list(self) -> list[models.Hotline]:
        client = cast("Any", self._shop)

        def decode(*args: Any, **options: Any) -> Any:
            self.requests += 1
            return client._engine.decode(*args, **options)

        shop: ShopClient = client._copy(attrs.evolve(client._engine, decode=decode))
        return await shop.hotlines.list().collect()

    def _calls_of(self, hotline_id: str) -> Calls:
        options = cast("CallOptions", {**self._options, "hotline_ids": [hotline_id], "in_order": False})
        return calls(self._shop, self._span.begin, self._span.end, **options)

    def add(self, table: ArrowTable) -> ArrowTable:
        """Return a table with the columns of the hotline."""
        if self._hotlines is None:
            return table
        numbers = [self._calls.hotline_of(each) for each in table.column("id").to_pylist()]
        found = [None if number == _NONE else self._hotlines[number] for number in numbers]
        values = (
            [None if hotline is None else hotline.id for hotline in found],
            [UNRESOLVED if hotline is None else hotline.hotline for hotline in found],
            [UNRESOLVED if hotline is None else hotline.name for hotline in found],
        )
        for name, texts in zip(COLUMNS, values, strict=True):
            table = table.append_column(name, pa.array(texts, pa.string()))
        return table


def listed(given: object) -> list[models.Hotline]:
    """
    Return the hotlines that a caller has given.

    Raises:
        InvalidRequestError: They are no hotlines.
    """
    found = list(cast("Iterable[object]", given)) if isinstance(given, Iterable) else [given]
    for each in found:
        if not isinstance(each, models.Hotline):
            problem = f"hotlines takes True, False or a list of `Hotline`, not {kind_of(each)}"
            raise InvalidRequestError((problem,))
    return cast("list[models.Hotline]", found)


class _CallNumbers:
    """The hotline of each call, by the call's id: two arrays in the order of the ids."""

    def __init__(self) -> None:
        self._ids = array("q")
        self._hotlines = array("h")
        self._other: dict[str, int] = {}
        """Calls whose id is no such number."""

    def add(self, ids: Iterable[str | None], hotline: int) -> None:
        """Add calls of a hotline."""
        for each in ids:
            if each is None:
                continue
            if _is_number(each):
                self._ids.append(int(each))
                self._hotlines.append(hotline)
            else:
                self._other[each] = hotline if self._other.get(each, hotline) == hotline else _NONE

    def close(self) -> None:
        """Sort the calls; no more are added."""
        ids, hotlines = _arrow(self._ids, pa.int64()), _arrow(self._hotlines, pa.int16())
        order = pc.sort_indices(ids)
        self._ids, self._hotlines = _packed("q", ids.take(order)), _packed("h", hotlines.take(order))

    def hotline_of(self, call_id: str | None) -> int:
        """Return the hotline of a call; `_NONE` if no list has it, or several have."""
        if call_id is None or not _is_number(call_id):
            return self._other.get(call_id or "", _NONE)
        number = int(call_id)
        place = bisect_left(self._ids, number)
        found = _NONE
        while place < len(self._ids) and self._ids[place] == number:
            if found not in (_NONE, self._hotlines[place]):
                return _NONE
            found = self._hotlines[place]
            place += 1
        return found


def _arrow(numbers: array[int], kind: ArrowType) -> ArrowArray:
    return pa.Array.from_buffers(kind, len(numbers), [None, pa.py_buffer(numbers)])


def _packed(code: Literal["h", "q"], numbers: ArrowArray) -> array[int]:
    packed = array(code)
    packed.frombytes(memoryview(numbers.buffers()[1])[: len(numbers) * packed.itemsize])
    return packed


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and not text.startswith("0") and len(text) <= _MOST_DIGITS
