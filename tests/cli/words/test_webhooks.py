"""Test the group `etelecom webhooks`."""

from __future__ import annotations

from typing import Any


def test_the_group_has_listen_and_the_operations(tool: Any) -> None:
    """`listen` stands beside the operations, and in the list of everyday words."""
    code, out, _ = tool("webhooks", "--help")
    assert code == 0
    commands = [line.split()[0] for line in out.partition("Commands:\n")[2].splitlines() if line[:3] > "  "]
    assert commands[:4] == ["listen", "create", "delete", "list"]
    assert "webhooks listen" in tool("--help").out
