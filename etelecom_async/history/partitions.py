"""Write rows into one folder for each day, month or shop."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Final, Literal, get_args
from urllib.parse import quote

import attrs

from etelecom_async import times
from etelecom_async.errors import InvalidRequestError
from etelecom_async.history.arrow import ArrowArray, ArrowSchema, ArrowTable, pa, pc
from etelecom_async.history.formats import FormatName, OutputFile
from etelecom_async.history.row_times import times_of
from etelecom_async.history.spans import Span

PartitionName = Literal["shop", "day", "month"]
_NAMES: Final = frozenset(get_args(PartitionName))
_OFFSET: Final = timedelta(hours=7)
UNKNOWN: Final = "unknown"
"""Day and month of a call without a time."""


@attrs.frozen
class Layout:
    """Which folders and files there are."""

    names: Sequence[PartitionName]
    """What to partition by, the outermost first."""
    shop_id: str
    """Id of the shop, for `shop`."""
    file_format: FormatName
    schema: ArrowSchema
    most_open: int = 16
    """Files that are open at a time. A partition whose file was closed gets another file."""


class Partitions:
    """
    Files in folders like `shop=1234/day=2026-11-29`, as Hive names them. A day is a day in Hanoi.

    Args:
        folder: Where the folders are made.
        layout: The folders and files.
        first_number: Number of the first file. Files of an earlier run have lower ones.
    """

    def __init__(self, folder: Path, layout: Layout, first_number: int = 0) -> None:
        self._folder = folder
        self._layout = layout
        self._open: OrderedDict[str, OutputFile] = OrderedDict()
        self._next_number = first_number

    def write(self, table: ArrowTable) -> None:
        """Append each row to the file of its partition."""
        for name, rows in self._split(table):
            self._file(name).write(rows)

    def close(self) -> None:
        """Close all files."""
        with ExitStack() as stack:
            for each in self._open.values():
                stack.callback(each.close)
            self._open.clear()

    def _split(self, table: ArrowTable) -> Iterator[tuple[str, ArrowTable]]:
        keys = [name for name in self._layout.names if name != "shop"]
        if not keys:
            yield self._path({}), table
            return
        days = _days(table)
        for key in keys:
            texts = days if key == "day" else pc.utf8_slice_codeunits(days, 0, 7)
            table = table.append_column(f"_{key}", pc.fill_null(texts, UNKNOWN))
        finest = table.column("_day" if "day" in keys else "_month")
        for value in pc.unique(finest).to_pylist():
            rows = table.filter(pc.equal(finest, value))
            values: dict[str, str] = {key: rows.column(f"_{key}")[0].as_py() for key in keys}
            yield self._path(values), rows.drop_columns([f"_{key}" for key in keys])

    def _path(self, values: dict[str, str]) -> str:
        return _path(self._layout.names, {"shop": self._layout.shop_id, **values})

    def _file(self, name: str) -> OutputFile:
        if name not in self._open:
            if len(self._open) == self._layout.most_open:
                _, oldest = self._open.popitem(last=False)
                oldest.close()
            folder = self._folder / name
            folder.mkdir(parents=True, exist_ok=True)
            file_format = self._layout.file_format
            path = folder / f"part-{self._next_number:05}.{file_format}"
            self._open[name] = OutputFile(path, file_format, self._layout.schema)
            self._next_number += 1
        self._open.move_to_end(name)
        return self._open[name]


def _days(table: ArrowTable) -> ArrowArray:
    """Return the day in Hanoi of each row as a text; null if the row has no time."""
    shift = pa.scalar(_OFFSET, pa.duration("us"))
    local = pc.add(times_of(table).cast(pa.timestamp("us")), shift)
    return pc.cast(pc.cast(local, pa.date32()), pa.string())


def check(names: Sequence[str], span: Span) -> None:
    """
    Check that a span can be written into partitions.

    An export replaces the partitions of its span, so the span must have whole days or months.

    Raises:
        InvalidRequestError: It cannot.
    """
    begin, end = times.local(span.begin), times.local(span.end)
    problem = ""
    if sorted({*names} & _NAMES) != sorted(names):
        problem = "partition takes shop, day and month, each once"
    elif names == ("shop",):
        pass  # it has all calls of an export, whatever its span
    elif not (_is_midnight(begin) and _is_midnight(end)):
        problem = "a partition holds whole days of Hanoi, so since and until must be days"
    elif "day" not in names and not begin.day == end.day == 1:
        problem = "a partition holds whole months, so since and until must be first days of a month"
    if problem:
        raise InvalidRequestError((problem,))


def _is_midnight(moment: datetime) -> bool:
    return moment == times.day(moment).begin


def of_span(names: Sequence[PartitionName], shop_id: str, span: Span) -> list[str]:
    """Return the paths of the partitions that a span fills, in which no other call belongs."""
    first, last = times.local(span.begin).date(), times.local(span.end - timedelta(microseconds=1)).date()
    paths: dict[str, None] = {}
    day: date = first
    while day <= last:
        values = {"shop": shop_id, "day": f"{day}", "month": f"{day}"[:7]}
        paths[_path(names, values)] = None
        day += timedelta(days=1)
    return list(paths)


def _path(names: Sequence[PartitionName], values: Mapping[str, str]) -> str:
    # An id comes from a key, which may have any characters.
    return "/".join(f"{name}={quote(values[name], safe='')}" for name in names)
