"""How outcomes are printed: a table for people, JSON for programs."""

from __future__ import annotations

import json
import platform
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Final

from benchmarks.measure import Outcome

HEADINGS: Final = ("name", "ours", "baseline", "figure", "at most", "", "what")
_PACKAGES: Final = ("aiohttp", "attrs", "cattrs", "msgspec", "orjson", "pydantic", "telnyx")


def as_text(outcomes: Sequence[Outcome]) -> str:
    """Return the table, its columns as wide as they need be."""
    rows = [HEADINGS, *(_cells(outcome) for outcome in outcomes)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADINGS))]
    return "\n".join("  ".join(_aligned(row, widths)).rstrip() for row in rows)


def as_json(outcomes: Sequence[Outcome]) -> str:
    """Return everything that is known, and where it was measured."""
    known: dict[str, Any] = {
        "python": platform.python_version(),
        "machine": f"{platform.system()} {platform.machine()}",
        "packages": {name: found for name in _PACKAGES if (found := _version(name))},
        "rows": [outcome.to_dict() for outcome in outcomes],
    }
    return json.dumps(known, ensure_ascii=False, indent=2)


_FIGURES: Final = range(1, 5)
"""The columns that hold figures."""


def _aligned(row: Sequence[str], widths: Sequence[int]) -> list[str]:
    """Return the cells padded: names and words to the left, figures to the right."""
    return [
        cell.rjust(width) if column in _FIGURES else cell.ljust(width)
        for column, (cell, width) in enumerate(zip(row, widths, strict=True))
    ]


def _cells(outcome: Outcome) -> tuple[str, ...]:
    row = outcome.row
    return (
        row.name,
        "" if outcome.ours is None else seconds(outcome.ours),
        "" if outcome.baseline is None else seconds(outcome.baseline),
        "" if outcome.skipped else _figure(outcome.value, row.unit),
        "" if row.bound is None else _figure(row.bound, row.unit),
        outcome.verdict,
        f"{row.title}: {outcome.skipped}" if outcome.skipped else row.title,
    )


def _figure(value: float, unit: str) -> str:
    if unit == "ratio":
        return f"{value:.2f}"
    return f"{value:.0f} {unit}" if unit == "modules" else f"{value:.3g} {unit}"


def seconds(value: float) -> str:
    """Return a time in the unit in which it is read best."""
    for factor, unit in ((1, "s"), (1e3, "ms")):
        if value * factor >= 1:
            return f"{value * factor:.3g} {unit}"
    return f"{value * 1e6:.3g} µs"


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
