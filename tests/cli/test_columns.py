"""Test the columns of tables, and the values at their paths."""

from __future__ import annotations

from typing import Any

import pytest

from etelecom_async.cli import index
from etelecom_async.cli.columns import DEFAULTS, cell, columns_of, value_at

ROW = {"id": "1", "shop": {"name": "A", "tags": []}, "calls": [{"to": "1"}, {"to": "2"}], "none": None}


def test_defaults_are_columns_of_lists() -> None:
    """Each list has default columns, and each of them exists; a table with all columns may be unreadable."""
    lists = {row.result or row.name: row for row in index.operations() if row.is_list}
    assert set(DEFAULTS) == set(lists)
    shop = [name.removeprefix("shop.") for name in index.operation("partner.shops.create").columns]
    for result, names in DEFAULTS.items():
        assert set(names) <= set(lists[result].columns or shop), result


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (True, "true"),
        (False, "false"),
        (0, "0"),
        (1.5, "1.5"),
        ("a\tb", "a\tb"),
        ([], ""),
        (["a", 1], "a,1"),
        ([{"a": "ố"}], '[{"a": "ố"}]'),
        ([["a"]], '[["a"]]'),
        ({}, ""),
        ({"a": None}, '{"a": null}'),
    ],
    ids=repr,
)
def test_cell(value: Any, text: str) -> None:
    """A scalar is itself, a list of scalars has commas, anything deeper is JSON, and nothing is empty."""
    assert cell(value) == text


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("id", "1"),
        ("shop.name", "A"),
        ("shop", ROW["shop"]),
        ("calls.to", ["1", "2"]),
        ("calls.1.to", "2"),
        ("calls.5.to", None),
        ("none.more", None),
        ("id.more", None),
        ("missing", None),
    ],
)
def test_value_at(column: str, value: Any) -> None:
    """A path leads into objects, into the items of a list, or one of them; a wrong one nowhere."""
    assert value_at(ROW, column) == value


def test_columns_of_any_object() -> None:
    """Without a class, the columns are the names of the first row, and those of objects inside."""
    assert columns_of(ROW) == ("id", "shop.name", "shop.tags", "calls", "none")
