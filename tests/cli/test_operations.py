"""Test `etelecom operations`, which scripts read."""

from __future__ import annotations

import csv
from typing import Any

from etelecom_async.operations import OPERATIONS


def test_json(tool: Any) -> None:
    """`--json` is one array with an object for each operation; it needs no key."""
    result = tool("operations", "--json")
    assert (result.code, result.err) == (0, "")
    rows = {row["name"]: row for row in result.json}
    assert list(rows) == list(OPERATIONS)
    row = rows["shop.extensions.list"]
    assert row.items() >= {
        "command": "shop extensions list", "effect": "READ", "documented": True, "is_list": True,
        "wire": "Etelecom/GetExtensions",
    }.items()  # fmt: skip
    assert "--recipient.user-id" in rows["shop.zalo.messages.send_text"]["options"]
    assert rows["shop.hotlines.list"]["documented"] is False


def test_every_command_exists(tool: Any) -> None:
    """Each command of the list takes `--help`."""
    for row in tool("operations", "--json", "--columns", "command").json:
        assert tool(*row["command"].split(), "--help").code == 0


def test_other_formats(tool: Any) -> None:
    """In a pipe there are the most useful columns; CSV has all of them."""
    lines = tool("operations").out.splitlines()
    assert len(lines) == len(OPERATIONS)
    assert lines[0].split("\t")[:3] == ["account", "READ", "true"]
    rows = list(csv.DictReader(tool("operations", "--csv").out.splitlines()))
    assert [row["name"] for row in rows] == list(OPERATIONS)
    assert rows[0]["callers"] == "shop_api_key,partner_api_key"
