"""The figures are named queries that each say what they read."""

from __future__ import annotations

from datetime import date
from typing import Any

from etelecom_async.history import report_figures
from etelecom_async.history.report_figures import Period, Query


def test_queries() -> None:
    """Each query has a class for its rows, and that class says what a row is."""
    queries: dict[str, Query[Any]] = {
        name: value for name, value in vars(report_figures).items() if isinstance(value, Query)
    }
    assert len(queries) == 12
    for name, query in queries.items():
        assert query.row.__doc__, name
        assert "SELECT" in query.sql, name


def test_calls_of_a_period() -> None:
    """The calls of a period are those of all four directions."""
    assert Period(date(2025, 9, 1), 1, 20, 300, 4000, 0, 0).calls == 4321


def test_calls(maker: Any) -> None:
    """The number of calls counts every direction."""
    rows = [maker.call("2025-09-23T09:00:00", direction=name) for name in ("in", "out", "ext", "new")]
    assert maker.figures(*rows).calls == 4
