"""Test the request of a command: files, options, secrets."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from etelecom_async.cli.command import CommandError
from etelecom_async.cli.index import operation
from etelecom_async.cli.request_body import build, read_body, read_secret

USERS = operation("shop.users.create")
LIST = operation("shop.call_logs.list")


def test_options_replace_parts_of_the_body(tmp_path: Path) -> None:
    """Options win over the file, part by part; the rest of the file stays."""
    body = {"filter": {"direction": "in", "duration": {"value": 3}}, "paging": {"limit": 5}}
    (tmp_path / "body.json").write_text("\ufeff" + json.dumps(body), encoding="utf-8")
    given = {"body": str(tmp_path / "body.json"), "field_direction": "out", "field_duration__comparison": "x"}
    assert build(LIST, {**given, "field_extension_ids": ("1", "2"), "field_hotline_ids": ()}) == {
        "filter": {
            "direction": "out", "duration": {"value": 3, "comparison": "x"}, "extension_ids": ["1", "2"],
        },
        "paging": {"limit": 5},
    }  # fmt: skip


def test_pairs_extend_the_body(tmp_path: Path) -> None:
    """Pairs are added to the map of the file, and replace those of the same name."""
    (tmp_path / "body.json").write_text('{"template_data": {"a": "1", "b": "2"}, "oa_id": "1", "phone": "2"}')
    given = {"body": str(tmp_path / "body.json"), "field_template_data": (("b", "3"),)}
    body = build(operation("shop.zns.messages.send"), given)
    assert body["template_data"] == {"a": "1", "b": "3"}


def test_false_is_a_value() -> None:
    """A flag that says no is sent; one that is not given is not."""
    body = build(operation("shop.users.list"), {"field_has_extension": False})
    assert body == {"filter": {"has_extension": False}}


def test_secret_from_file_and_stdin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A secret comes from a file or from stdin, without the end of the line."""
    (tmp_path / "password").write_text(" pass word \r\n")
    given = {"field_full_name": "A", "field_phone": "1"}
    body = build(USERS, {**given, "field_password": str(tmp_path / "password")})
    assert body["password"] == " pass word "
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO("mật khẩu\n".encode())))
    assert build(USERS, {**given, "field_password": "-"})["password"] == "mật khẩu"


def test_body_may_hold_everything(tmp_path: Path) -> None:
    """Nothing is missing if the body has it, under its name in JSON or in the model."""
    (tmp_path / "body.json").write_text('{"full_name": "A", "phone": "1", "password": "x"}')
    assert build(USERS, {"body": str(tmp_path / "body.json")})["full_name"] == "A"
    (tmp_path / "body.json").write_text('{"id_omni_mess": "1"}')
    assert build(operation("sms.status"), {"body": str(tmp_path / "body.json")}) == {"id_omni_mess": "1"}


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"[1]", "is not a JSON object, which starts with {"),
        (b'"canary"', "is not a JSON object, which starts with {"),
        (b"{", "is not JSON"),
        (b"[" * 100_000, "is not JSON"),
        (b"\xff\xfe", "is not UTF-8 text"),
    ],
    ids=["list", "text", "cut", "deep", "bytes"],
)
def test_unusable_body(tmp_path: Path, content: bytes, problem: str) -> None:
    """A body that is no JSON object is refused with its file and the reason."""
    file = tmp_path / "body.json"
    file.write_bytes(content)
    with pytest.raises(CommandError) as raised:
        read_body(str(file))
    assert str(raised.value).startswith(f"--body {file} {problem}")
    assert "canary" not in str(raised.value)
    assert raised.value.exit_code == 2


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"body": '{"phone": "1"}'}, "not the JSON itself"),
        ({"body": "/nowhere/body.json"}, "--body /nowhere/body.json cannot be read: No such file"),
        ({"body": "-", "field_password": "-"}, "only one file can come from stdin"),
        (
            {"field_full_name": "A"},
            "missing: --password-file FILE (or `-` for stdin, or type it on a terminal), --phone. Or give",
        ),
    ],
    ids=["inline", "no file", "twice", "missing"],
)
def test_unusable_options(given: dict[str, Any], problem: str) -> None:
    """An impossible request is a usage error with the remedy."""
    with pytest.raises(CommandError) as raised:
        build(USERS, given)
    assert problem in str(raised.value)
    assert raised.value.exit_code == 2


def test_empty_secret(tmp_path: Path) -> None:
    """An empty file is no secret: the variable of a script was perhaps not set."""
    (tmp_path / "key").write_text("\n")
    with pytest.raises(CommandError, match="is empty"):
        read_secret(str(tmp_path / "key"), "--key-file")


def test_prompt_on_a_terminal(terminal: Any) -> None:
    """On a terminal the command asks for a missing secret, and does not show what is typed."""
    words = ("shop", "users", "create", "--full-name", "Lê An", "--phone", "0901230001", "--columns", "phone")
    code, shown = terminal(*words, answer="canary-pass\n", after="password:")
    assert code == 0
    assert "0901230001" in shown
    assert "canary" not in shown


def test_no_option_for_a_secret() -> None:
    """No secret field has an option that takes the secret itself."""
    params = {flag for param in _params("shop.users.create") for flag in param.opts}
    assert "--password-file" in params
    assert "--password" not in params


def _params(name: str) -> list[Any]:
    from etelecom_async.cli.operation import command

    return list(command(operation(name)).params)
