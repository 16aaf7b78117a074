"""Test the options of `etelecom demo`."""

from __future__ import annotations

from etelecom_async.cli import demo
from etelecom_async.cli.sandbox import SEED


def test_defaults() -> None:
    """The demo reads ten thousand calls of the default seed."""
    defaults = {param.name: param.default for param in demo.command().params}
    assert (defaults["call_logs"], defaults["seed"]) == (10_000, SEED)
