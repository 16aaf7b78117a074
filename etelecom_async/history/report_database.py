"""Count the calls of a report with DuckDB, in a file of a folder that is deleted afterwards."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Literal, Self, TypeVar, cast

import duckdb

from etelecom_async.history import report_figures
from etelecom_async.history.arrow import ArrowTable, pa
from etelecom_async.history.report_figures import Figures, Query
from etelecom_async.history.spans import Span
from etelecom_async.times import local

R = TypeVar("R")
Step = Literal["day", "week", "month", "year"]

_USED: Final = (
    *("started_at", "created_at", "ended_at", "call_targets", "direction", "call_state"),
    *("caller", "callee", "user_id"),
)
_HOTLINE: Final = ("hotline_id", "hotline", "hotline_name")
_MOST_PERIODS: Final = 62
"""Rows of the table by day. A longer span is counted by week, month or year, so that the page stays small."""
_DAYS: Final[dict[Step, int]] = {"day": 1, "week": 7, "month": 31}
_CONFIG: Final[dict[str, Any]] = {
    "memory_limit": "256MB",
    "threads": 2,
    # Nothing is loaded from the network or from other files.
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    "enable_external_access": False,
}


def step_of(span: Span) -> Step:
    """Return the length of the periods into which a span is split."""
    days = (span.end - span.begin) / timedelta(days=1)
    for step, length in _DAYS.items():
        if days <= _MOST_PERIODS * length:
            return step
    return "year"


class Database:
    """
    The calls of a report.

    Args:
        folder: An empty folder for its file, and for what does not fit into the memory.

    Raises:
        OSError: The folder cannot be used, or is full.
    """

    def __init__(self, folder: Path) -> None:
        self._rows = 0
        with _as_os_error():
            config = {**_CONFIG, "temp_directory": str(folder / "overflow")}
            self._connection: Any = duckdb.connect(str(folder / "calls.duckdb"), config=config)
            self._connection.execute(report_figures.TABLES)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._connection.close()

    def add(self, table: ArrowTable) -> None:
        """Add call logs."""
        part = table.select([name for name in (*_USED, *_HOTLINE) if name in table.column_names])
        for name in _HOTLINE:
            if name not in part.column_names:
                part = part.append_column(name, pa.nulls(len(part), pa.string()))
        places = range(self._rows, self._rows + len(part))
        part = part.append_column("place", pa.array(places, pa.int64()))
        self._rows += len(part)
        with _as_os_error():
            self._connection.register("part", part)
            for statement in report_figures.LOAD:
                self._connection.execute(statement)
            self._connection.unregister("part")

    def figures(self, span: Span, *, limit: float, has_hotlines: bool) -> Figures:
        """
        Return the figures of all rows. Call it once, after the last row.

        Args:
            span: The span of the report.
            limit: Seconds within which an answer is in time.
            has_hotlines: Whether the rows have the columns of the hotline.
        """
        with _as_os_error():
            self._connection.execute(report_figures.CLOSE)
            (waiting,) = self._rows_of(report_figures.WAITING, limit=limit)
            (missed,) = self._rows_of(report_figures.MISSED)
            first, last = days_of(span)
            return Figures(
                outcomes=self._rows_of(report_figures.OUTCOMES),
                periods=self._rows_of(report_figures.PERIODS, step=step_of(span), first=first, last=last),
                hours=self._rows_of(report_figures.HOURS),
                waiting=waiting,
                waits=self._rows_of(report_figures.WAITS),
                talking=self._rows_of(report_figures.TALKING),
                extensions=self._rows_of(report_figures.EXTENSIONS),
                employees=self._rows_of(report_figures.EMPLOYEES),
                hotlines=self._rows_of(report_figures.HOTLINES) if has_hotlines else None,
                missed=missed,
                delays=self._rows_of(report_figures.DELAYS),
                callers=self._rows_of(report_figures.CALLERS),
            )

    def _rows_of(self, query: Query[R], **parameters: object) -> list[R]:
        found = self._connection.execute(query.sql, parameters).fetchall()
        return [query.row(*values) for values in cast("list[tuple[object, ...]]", found)]


def days_of(span: Span) -> tuple[date, date]:
    """Return the first and the last day of a span in Hanoi."""
    return local(span.begin).date(), local(span.end - timedelta(microseconds=1)).date()


@contextmanager
def _as_os_error() -> Generator[None]:
    try:
        yield
    except (duckdb.IOException, duckdb.OutOfMemoryException) as error:
        raise OSError(f"the calls cannot be counted: {error}") from None
