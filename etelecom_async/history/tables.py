"""Tables in memory, and their conversion to the frames of pandas and polars."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING, Any, Final, TypeAlias, cast

import attrs

from etelecom_async._core.model import Model
from etelecom_async._core.plurals import counted
from etelecom_async._core.tracebacks import cleaned
from etelecom_async._core.values import kind_of
from etelecom_async._generated.operations import OPERATIONS
from etelecom_async.errors import InvalidRequestError
from etelecom_async.history.arrow import ArrowTable, ArrowType, pa
from etelecom_async.history.model_rows import table_of
from etelecom_async.history.schema import EXTRA
from etelecom_async.paging import Page, Pager, Taken
from etelecom_async.times import VIETNAM, local

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd
    import polars as pl

_BATCH: Final = 1000
"""Models that are turned into columns at once."""


@attrs.frozen(eq=False, repr=False)
class Table:
    """
    Rows in columns. Times are in UTC, ids that are not set are null, and `call_targets` is nested.

    pandas, polars and DuckDB read it, too: it has the Arrow interface of Python objects.
    """

    arrow: ArrowTable
    """The columns as a `pyarrow.Table`."""

    def __repr__(self) -> str:
        return f"<table of {len(self)} rows and {self.arrow.num_columns} columns>"

    def _repr_html_(self) -> str:
        """Return the first rows as an HTML table, for notebooks. Times are in Hanoi."""
        from etelecom_async._core.html_tables import MOST_ROWS, records_table

        rows: list[dict[str, object]] = self.arrow.slice(0, MOST_ROWS).to_pylist()
        cells = [{name: _cell(value) for name, value in row.items() if name != EXTRA} for row in rows]
        more = len(self) - len(rows)
        notes = [f"… and {more:,} more"] if more else []
        return records_table(f"{len(self):,} rows", cells, notes=notes)

    def __len__(self) -> int:
        return int(self.arrow.num_rows)

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """Return the rows as an Arrow stream, as other libraries ask for them."""
        return self.arrow.__arrow_c_stream__(requested_schema)

    def to_pandas(self, *, tz: tzinfo | str | None = VIETNAM) -> pd.DataFrame:
        """
        Return the rows as a pandas frame.

        Texts and numbers keep null values. Times of the columns are in *tz*; times inside of `call_targets`
        stay in UTC.

        Args:
            tz: Zone of the times. Default: Hanoi. `None` keeps UTC.

        Raises:
            ImportError: pandas is not installed.
        """
        frame: Any = self.arrow.to_pandas(types_mapper=_pandas_types().get)
        if tz is not None:
            for column in self._times():
                frame[column] = frame[column].dt.tz_convert(tz)
        return cast("pd.DataFrame", frame)

    def to_polars(self, *, tz: str | None = "Asia/Ho_Chi_Minh") -> pl.DataFrame:
        """
        Return the rows as a polars frame.

        Args:
            tz: Name of the zone of the times. Default: Hanoi. `None` keeps UTC.

        Raises:
            ImportError: polars is not installed.
        """
        import polars as pl  # an optional package

        frame = pl.DataFrame(self)
        if tz is None:
            return frame
        return frame.with_columns(pl.col(self._times()).dt.convert_time_zone(tz))

    def _times(self) -> list[str]:
        return [field.name for field in self.arrow.schema if pa.types.is_timestamp(field.type)]


def _cell(value: object) -> object:
    """Return a value for a person: only the length of a list, because recordings may open without a key."""
    if isinstance(value, list):
        count = len(cast("list[object]", value))
        return counted(count, "item") if count else None
    if isinstance(value, datetime):
        return local(value).isoformat(sep=" ", timespec="seconds")
    return value


def _pandas_types() -> Mapping[ArrowType, Any]:
    """Return the types of pandas that can hold null, so that a number does not become a float."""
    import pandas as pd  # an optional package

    return {pa.int64(): pd.Int64Dtype(), pa.bool_(): pd.BooleanDtype(), pa.string(): pd.StringDtype()}


ListOfModels: TypeAlias = "Pager[Any] | Taken[Any] | Page[Any] | Sequence[Model]"
"""Any list of the SDK, and models in memory."""


async def list_table(items: ListOfModels) -> Table:
    """
    Return the items of any list as a table: a pager, `pager.take(n)`, a page, or models.

    Secrets are masked, and ids that are not set are null. An empty list of a client has columns, too.

    Raises:
        EtelecomError: A request failed.
        InvalidRequestError: *items* is no list of models of one class.
    """
    try:
        parts: list[ArrowTable] = []
        found: list[Model] = []
        kind: Any = _kind_of(items)
        async for item in _each(items):
            kind = kind or type(item)
            found.append(_of_class(kind, item))
            if len(found) == _BATCH:
                parts.append(table_of(kind, found))
                found = []
        if kind is None:
            return Table(pa.table({}))
        return Table(pa.concat_tables([*parts, table_of(kind, found)]))
    except BaseException as error:
        cleaned(error)
        raise


def _kind_of(items: object) -> Any:
    """Return the class of the models of a pager, so that an empty list has columns; else `None`."""
    if not isinstance(items, Pager | Taken):
        return None
    pager = cast("Any", items)
    row = OPERATIONS.get((pager._pager if isinstance(items, Taken) else pager)._operation)
    kind: Any = None if row is None else row.response
    return kind if isinstance(kind, type) and issubclass(kind, Model) else None


async def _each(items: object) -> AsyncIterator[Model]:
    if isinstance(items, Pager | Taken):
        async for item in cast("Pager[object]", items):
            yield _model(item)
    elif isinstance(items, Page | Sequence) and not isinstance(items, str | bytes):
        for item in cast("Sequence[object]", items):
            yield _model(item)
    else:
        problem = f"items takes a list of the SDK, for example shop.extensions.list(), not {kind_of(items)}"
        raise InvalidRequestError((problem,))


def _of_class(kind: type[Model], item: Model) -> Model:
    if type(item) is not kind:
        problem = f"items takes models of one class, not {kind.__name__} and {type(item).__name__}"
        raise InvalidRequestError((problem,))
    return item


def _model(item: object) -> Model:
    if not isinstance(item, Model):
        raise InvalidRequestError((f"items takes a list of models, not of {kind_of(item)}",))
    return item


async def to_pandas(items: ListOfModels, *, tz: tzinfo | str | None = VIETNAM) -> pd.DataFrame:
    """
    Return the items of any list as a pandas frame; see `list_table` and `Table.to_pandas`.

        frame = await history.to_pandas(shop.extensions.list())
    """
    return (await list_table(items)).to_pandas(tz=tz)


async def to_polars(items: ListOfModels, *, tz: str | None = "Asia/Ho_Chi_Minh") -> pl.DataFrame:
    """Return the items of any list as a polars frame; see `list_table` and `Table.to_polars`."""
    return (await list_table(items)).to_polars(tz=tz)
