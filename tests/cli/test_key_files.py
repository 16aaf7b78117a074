"""Test the files with the keys of several shops."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from etelecom_async.cli.command import CommandError
from etelecom_async.cli.key_files import read_keys

FLAG = "--shops"


def write(path: Path, content: object, mode: int = 0o600) -> str:
    """Write a file of JSON; return its path."""
    path.write_text(json.dumps(content), encoding="utf-8")
    path.chmod(mode)
    return str(path)


def test_forms(tmp_path: Path) -> None:
    """Keys stand at the top, or under `keys` as in a key store; spaces around names and keys do not count."""
    keys = {" Mây ": " shop1:canary ", "2": "shop2:canary"}
    for content in (keys, {"format": "etelecom_async.key_store/1", "keys": keys}):
        found = read_keys(write(tmp_path / "keys.json", content), FLAG, is_quiet=True)
        assert {name: key.reveal() for name, key in found.items()} == {
            "Mây": "shop1:canary",
            "2": "shop2:canary",
        }


@pytest.mark.parametrize("content", [[], {}, {"Mây": 1}, {"Mây": " "}, {"keys": {"Mây": None}}, "sécret"])
def test_other_forms(tmp_path: Path, content: object) -> None:
    """Another form is refused with an example, and without the content."""
    with pytest.raises(CommandError, match="has not the form") as caught:
        read_keys(write(tmp_path / "keys.json", content), FLAG, is_quiet=True)
    assert "sécret" not in str(caught.value)


def test_no_json(tmp_path: Path) -> None:
    """A file that is not JSON is refused, without its content."""
    (tmp_path / "keys.json").write_text("canary")
    with pytest.raises(CommandError, match=r"keys.json is not JSON \(--shops\)"):
        read_keys(str(tmp_path / "keys.json"), FLAG, is_quiet=True)


def test_file_that_others_can_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A note names the remedy if other users can read the keys; `--quiet` hides it."""
    file = write(tmp_path / "keys.json", {"Mây": "shop1:canary"}, 0o644)
    read_keys(file, FLAG, is_quiet=True)
    assert capsys.readouterr().err == ""
    read_keys(file, FLAG, is_quiet=False)
    assert f"chmod 600 {file}" in capsys.readouterr().err
