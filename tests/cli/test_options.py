"""Test the options that commands share."""

from __future__ import annotations

from typing import Any

import pytest

from etelecom_async.cli import options
from etelecom_async.cli.command import CommandError
from etelecom_async.cli.index import operation
from etelecom_async.cli.layout import Layout


def flags(name: str) -> dict[str, str]:
    """Return the options of an operation's request, with the names of their types."""
    params = options.request_options(operation(name))
    return {param.opts[0]: param.type.name for param in params}


def test_types_of_request_options() -> None:
    """Each kind of field has its type; a list may be repeated; a nested field has a dot."""
    calls = flags("shop.call_logs.list")
    assert calls["--date-from"] == "when"
    assert calls["--direction"] == "value"
    assert calls["--duration.value"] == "n"
    assert flags("shop.users.list")["--has-extension"] == "boolean"
    assert flags("shop.zalo.files.upload")["--file"] == "file"
    assert flags("shop.zns.messages.send")["--template-data"] == "name=value"
    multiple = {param.opts[0] for param in options.request_options(operation("sms.send")) if param.multiple}
    assert multiple == {"--routerule", "--list-param"}


def test_parts_that_only_the_body_has() -> None:
    """A list of objects has no option; the help of `--body` names it."""
    params = {
        param.opts[0]: param
        for param in options.request_options(operation("shop.zalo.messages.send_transaction"))
    }
    assert "--message.buttons" not in params
    assert "message.buttons" in str(vars(params["--body"])["help"])
    partial = [param.opts[0] for param in options.request_options(operation("partner.shops.create"))]
    assert partial == ["--name", "--email", "--phone", "--body"]
    assert options.request_options(operation("shop.tenant.get")) == []


def test_layout() -> None:
    """One format may be chosen."""
    given = {"json": False, "jsonl": True, "csv": False, "columns": ("a",), "output": "f", "reveal": True}
    assert options.layout(given) == Layout("jsonl", ("a",), "f", reveal=True)
    assert options.layout({}) == Layout()
    with pytest.raises(CommandError, match="--json and --jsonl exclude each other"):
        options.layout({**given, "json": True})


def test_yes_only_where_a_command_asks() -> None:
    """A read has no `--yes`, so nobody gets used to it."""
    assert [param.name for param in options.safety_options(asks=False)] == ["dry_run"]
    assert [param.name for param in options.safety_options(asks=True)] == ["dry_run", "yes"]


def test_choice_of_the_key() -> None:
    """`--as` exists only where several clients have the operation."""
    assert "client" not in {param.name for param in options.connection_options()}
    assert options.connection_options(("shop", "partner"))[0].opts == ["--as"]


@pytest.mark.parametrize(
    "line",
    ["shop call-logs list --user-id", "shop call-logs list --extension-ids", "zns messages list --phone"],
)
def test_empty_filter(at_peer: Any, peer: Any, line: str) -> None:
    """An empty filter, as of an unset variable of a shell, does not return everything; it is an error."""
    *words, flag = line.split()
    result = at_peer(*words, flag, "")
    assert (result.code, result.out, peer.requests) == (2, "", [])
    assert f"Invalid value for '{flag}': the text is empty" in result.err


def test_empty_text_of_a_change(at_peer: Any, peer: Any) -> None:
    """An operation that changes something may set a text to an empty one."""
    words = ("shop", "zalo", "accounts", "update", "--oa-id", "1", "--webhook-url", "")
    assert at_peer(*words, "--dry-run").json["body"] == {"oa_id": "1", "webhook_url": ""}
    assert peer.requests == []
