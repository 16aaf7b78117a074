"""
Turn pages of call logs into columns.

pyarrow reads the bytes of many pages at once. It accepts less than the models do, so a page that it refuses
is read by the models. Both ways give the same rows.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain, repeat
from typing import Any, Final, cast

from etelecom_async._core.codec import raw_pages
from etelecom_async._core.codec.raw_pages import Beside, RawPage
from etelecom_async._core.model import Model
from etelecom_async._core.operation import Operation
from etelecom_async._generated.models.pbx import CallLog
from etelecom_async.errors import DecodeError
from etelecom_async.history import arrow_values
from etelecom_async.history.arrow import ArrowField, ArrowTable, ArrowType, pa, pa_json, pc
from etelecom_async.history.model_rows import take_unfit
from etelecom_async.history.schema import EXTRA, TIME, columns_of, known_fields, schema_of
from etelecom_async.paging import Page, PageInfo

_NOTHING: Final[Beside] = {}
_OK: Final = 200
_MOST_NAMES: Final = 1000
"""Names of unknown fields that are counted apart, because a server may use new names endlessly."""


class PageColumns:
    """
    Turns pages into tables.

    Args:
        operation: The list that the pages belong to.
    """

    def __init__(self, operation: Operation[Any, Any]) -> None:
        self._operation = operation.name
        self._items = str(operation.items)
        self._model = cast("Any", operation.response)
        self.schema = schema_of(self._model)
        self._converts = arrow_values.columns(self._model)
        rows = pa.list_(pa.struct(_as_texts(columns_of(self._model))))
        self._response = pa.schema({self._items: rows, "paging": pa.struct(columns_of(PageInfo))})
        self._has_unknown = False
        """Whether a page had an unknown field, also beside its rows."""

    def table(self, pages: Sequence[RawPage]) -> ArrowTable:
        """
        Return the rows of the pages, in their order.

        Raises:
            DecodeError: A row does not fit the models either.
        """
        parts: list[ArrowTable] = []
        unread: list[RawPage] = []
        for page in pages:
            if page.read is None:
                parts += self._of_bodies(unread)
                unread = []
                parts.append(self._of_models(page, page.rows))
            else:
                unread.append(page)
        parts += self._of_bodies(unread)
        return pa.concat_tables(parts) if parts else self.schema.empty_table()

    def _of_bodies(self, pages: Sequence[RawPage]) -> list[ArrowTable]:
        if not pages:
            return []
        table = self._read(pages)
        if table is not None:
            return [_chosen(table, pages)]
        if len(pages) > 1:
            return [part for page in pages for part in self._of_bodies([page])]
        read = cast("Callable[[], Page[Any]]", pages[0].read)
        return [self._of_models(pages[0], read().items)]

    def _read(self, pages: Sequence[RawPage]) -> ArrowTable | None:
        """Return all rows of the pages; `None` if pyarrow refuses one of them."""
        body = b"\n".join([page.body for page in pages])
        # Once a server has sent an unknown field, its next pages have some, too.
        for unexpected in ("ignore",) if self._has_unknown else ("error", "ignore"):
            try:
                table = self._parse(body, pages, unexpected)
            except (pa.ArrowInvalid, pa.ArrowNotImplementedError, OverflowError):
                continue
            if unexpected == "ignore":
                self._has_unknown = True
                extras = [text for page in pages for text in self._extras(page)]
                table = table.set_column(len(table.schema) - 1, EXTRA, pa.array(extras, pa.string()))
            return table
        return None

    def _parse(self, body: bytes, pages: Sequence[RawPage], unexpected: str) -> ArrowTable:
        """
        Return the rows of a sequence of JSON objects.

        Raises:
            ArrowInvalid: A value does not have the type of its column.
        """
        if not all(page.body.lstrip().startswith(b"{") for page in pages):
            raise pa.ArrowInvalid("a body is no object")  # pyarrow ends the process at `null`
        read = pa_json.read_json(
            pa.BufferReader(body),
            read_options=pa_json.ReadOptions(use_threads=False, block_size=len(body) + 1),
            parse_options=pa_json.ParseOptions(
                explicit_schema=self._response, unexpected_field_behavior=unexpected
            ),
        )
        rows = read.column(self._items).combine_chunks()
        rows.validate(full=True)  # UTF-8
        if pc.list_value_length(rows).to_pylist() != [len(page.rows) for page in pages]:
            raise pa.ArrowInvalid("a body is not one page")
        objects = rows.flatten()
        if objects.null_count:
            raise pa.ArrowInvalid("null in place of a row")
        arrays = objects.flatten()
        columns = {
            name: convert(array)
            for (name, convert), array in zip(self._converts.items(), arrays, strict=True)
        }
        columns[EXTRA] = pa.nulls(len(objects), pa.string())
        return pa.table([columns[name] for name in self.schema.names], schema=self.schema)

    def _of_models(self, page: RawPage, items: Iterable[Model]) -> ArrowTable:
        rows = [model.to_dict(unset_ids_as_none=True) for model in items]
        extras = self._extras(page, [take_unfit(row) for row in rows])
        for row, extra in zip(rows, extras, strict=True):
            row[EXTRA] = extra
        return _chosen(pa.Table.from_pylist(rows, schema=self.schema), [page])

    def _extras(self, page: RawPage, unfit: Iterable[Beside] = ()) -> Iterator[str | None]:
        """
        Yield for each row of a page the fields that have no column, as a JSON text, or `None`.

        Raises:
            DecodeError: Objects and arrays are inside one another hundreds of times.
        """
        try:
            rows = raw_pages.fields_beside(page.body, self._items, known_fields(self._model))
        except RecursionError:
            problem = "too many objects and arrays inside one another @ $"
            raise DecodeError((problem,), status=_OK, body="", operation=self._operation) from None
        for fields, values in zip(rows, chain(unfit, repeat(_NOTHING)), strict=False):
            beside = raw_pages.merged(fields, values)
            yield raw_pages.join(beside) if beside else None


def count_unknown_fields(table: ArrowTable, counts: Counter[str]) -> None:
    """
    Count the rows of a table with each field that the models do not have.

    A field of the objects in another field has its name before it: `call_targets.codec`.

    Args:
        table: Call logs, with their column `extra`.
        counts: The counts to raise.
    """
    for text in table.column(EXTRA).drop_null().to_pylist():
        for name in _unknown(json.loads(text), known_fields(CallLog)):
            if len(counts) < _MOST_NAMES or name in counts:
                counts[name] += 1


def _unknown(fields: Mapping[str, Any], known: Mapping[str, Any]) -> set[str]:
    """Return the names that are not known. A known one is there because its value fits no column."""
    names = {name for name in fields if name not in known}
    for name, inner in known.items():
        if inner is not None and isinstance(fields.get(name), list):
            names |= {f"{name}.{path}" for each in fields[name] for path in _unknown(each, inner)}
    return names


def _chosen(table: ArrowTable, pages: Sequence[RawPage]) -> ArrowTable:
    """Return the rows of a table that did not come in an earlier page."""
    kept = [page.kept() for page in pages]
    if not any(kept):
        return table
    flags = [
        flag
        for chosen, page in zip(kept, pages, strict=True)
        for flag in ((True,) * len(page.rows) if chosen is None else chosen)
    ]
    return table.filter(pa.array(flags, pa.bool_()))


def _as_texts(fields: Iterable[ArrowField]) -> list[ArrowField]:
    """Return the fields as pyarrow reads them from JSON: times as texts, because it accepts local times."""
    return [pa.field(field.name, _as_text(field.type)) for field in fields]


def _as_text(kind: ArrowType) -> ArrowType:
    if kind == TIME:
        return pa.string()
    if pa.types.is_struct(kind):
        return pa.struct(_as_texts(kind))
    return pa.list_(_as_text(kind.value_type)) if pa.types.is_list(kind) else kind
