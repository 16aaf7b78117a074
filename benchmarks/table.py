"""Print outcomes: a table for people, JSON for programs."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Final

from benchmarks.measure import Outcome

HEADINGS: Final = ("name", "ours", "baseline", "figure", "range", "at most", "", "what")
_PACKAGES: Final = ("aiohttp", "attrs", "cattrs", "msgspec", "orjson", "pydantic", "telnyx")


def as_text(outcomes: Sequence[Outcome]) -> str:
    """Return the machine, the packages and the table; docs/benchmarks.md holds this text of the last run."""
    rows = [HEADINGS, *(_cells(outcome) for outcome in outcomes)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADINGS))]
    return "\n".join((_environment_text(), "", *("  ".join(_aligned(row, widths)).rstrip() for row in rows)))


def as_json(outcomes: Sequence[Outcome]) -> str:
    """Return all figures and the environment as JSON."""
    content = {**_environment(), "rows": [outcome.to_dict() for outcome in outcomes]}
    return json.dumps(content, ensure_ascii=False, indent=2)


def _environment() -> dict[str, Any]:
    return {
        "python": platform.python_version(),
        "machine": f"{platform.system()} {platform.machine()}",
        "processors": os.cpu_count(),
        "packages": {name: found for name in _PACKAGES if (found := _version(name))},
    }


def _environment_text() -> str:
    environment = _environment()
    packages = "".join(f", {name} {found}" for name, found in environment["packages"].items())
    return (
        f"{environment['machine']}, {environment['processors']} processors, "
        f"Python {environment['python']}{packages}"
    )


_NUMERIC: Final = range(1, 6)
"""The columns that hold numbers."""


def _aligned(row: Sequence[str], widths: Sequence[int]) -> list[str]:
    """Return the cells padded: names and words to the left, numbers to the right."""
    return [
        cell.rjust(width) if column in _NUMERIC else cell.ljust(width)
        for column, (cell, width) in enumerate(zip(row, widths, strict=True))
    ]


def _cells(outcome: Outcome) -> tuple[str, ...]:
    row = outcome.row
    return (
        row.name,
        "" if outcome.ours is None else seconds(outcome.ours),
        "" if outcome.baseline is None else seconds(outcome.baseline),
        "" if outcome.skipped else figure(outcome.value, row.unit),
        f"{outcome.lowest:.3g}..{outcome.highest:.3g}" if outcome.rounds > 1 else "",
        "" if row.bound is None else figure(row.bound, row.unit),
        outcome.verdict,
        f"{row.title}: {outcome.skipped}" if outcome.skipped else row.title,
    )


def figure(value: float, unit: str) -> str:
    """Return a figure or a bound. A ratio has three decimals, so that 1.034 does not look like 1.03."""
    if unit == "ratio":
        return f"{value:.3f}"
    return f"{value:.0f} {unit}" if unit == "modules" else f"{value:.3g} {unit}"


def seconds(value: float) -> str:
    """Return a time in the unit that is easiest to read."""
    for factor, unit in ((1, "s"), (1e3, "ms")):
        if value * factor >= 1:
            return f"{value * factor:.3g} {unit}"
    return f"{value * 1e6:.3g} µs"


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
