"""Test the file of the profiles: its place, its mode, its errors, its changes."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import Any

import pytest

from etelecom_async.cli import profiles
from etelecom_async.cli.command import CommandError
from etelecom_async.cli.profiles import Profile, Profiles

KNOWN = ("base_url", "shop_api_key", "sms_username")


def test_file_in_full(tool: Any) -> None:
    """A file has a default profile, texts, and names of keys in the keyring."""
    tool.write_profiles(
        'profile = "work"\n[profiles.work]\nbase_url = "https://a.example"\nkeyring = ["shop_api_key"]\n'
        "[profiles.empty]\n"
    )
    work = Profile({"base_url": "https://a.example"}, ("shop_api_key",))
    assert profiles.read(KNOWN) == Profiles("work", {"work": work, "empty": Profile({})})
    assert profiles.path() == tool.file


def test_no_file(tool: Any) -> None:
    """Without a file there are no profiles, and nothing is made."""
    assert profiles.read(KNOWN) == Profiles(None, {})
    assert not tool.file.parent.exists()


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('[profiles.a]\nbase_url = "x"\nshop_api_key: canary', "line 3"),
        ('[profiles.a\nshop_api_key = "canary"', "line 1"),
        ('[profiles.a]\nshop_apikey = "canary"', "'shop_apikey'. Did you mean 'shop_api_key'"),
        ('[profile.a]\nbase_url = "x"', "profile takes the name of a profile"),
        ('profil = "a"', "unknown name 'profil'. Did you mean 'profile'"),
        ("profiles = 3", "profiles takes a table for each profile"),
        ("[profiles]\na = 3", "profile 'a' takes a table, as in [profiles.a]"),
        ("[profiles.a]\nshop_api_key = 3", "shop_api_key of profile 'a' takes a text in quotes"),
        ('[profiles.a]\nkeyring = "shop_api_key"', "keyring of profile 'a' takes a list"),
        ('[profiles.a]\nkeyring = ["canary"]', "keyring of profile 'a' takes a list"),
    ],
)
def test_wrong_file(tool: Any, text: str, problem: str) -> None:
    """A wrong file is one line with the file and the place, without a value, and no command works."""
    tool.write_profiles(text)
    for words in (
        "config list",
        "auth status",
        "shop extensions list",
        "config set base_url https://a.example",
    ):
        result = tool(*words.split())
        assert (result.code, result.out, result.err.count("\n")) == (2, "", 1)
        assert problem in result.err
        assert str(tool.file) in result.err
        assert "canary" not in result.err
    assert tool.file.read_text() == text


def test_not_utf8(tool: Any) -> None:
    """A file in another encoding is named."""
    tool.write_profiles("")
    tool.file.write_bytes(b"\xff\xfe")
    assert "is not UTF-8 text" in tool("config", "list").err


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604])
def test_open_file_is_refused(tool: Any, mode: int) -> None:
    """A file that others can read is refused, and the text says how to repair it."""
    tool.write_profiles('[profiles.default]\nshop_api_key = "1:canary"\n', mode)
    for words in ("shop extensions list", "auth status", "config set sms_username a"):
        result = tool(*words.split())
        assert (result.code, result.out, result.err.count("\n")) == (2, "", 1)
        assert "run `chmod 600` on it" in result.err
        assert "canary" not in result.err


def test_change_keeps_comments_and_mode(tool: Any) -> None:
    """A change keeps the comments and the order of the file, and its mode is 0600."""
    tool.write_profiles('# mine\n[profiles.work]  # of the office\nbase_url = "https://a.example"\n')
    profiles.change(KNOWN, profiles.set_values("work", {"sms_username": "Lê"}, in_keyring=["shop_api_key"]))
    text = tool.file.read_text(encoding="utf-8")
    assert text.startswith('# mine\n[profiles.work]  # of the office\nbase_url = "https://a.example"\n')
    assert profiles.read(KNOWN).by_name["work"].keyring == ("shop_api_key",)
    assert stat.S_IMODE(tool.file.stat().st_mode) == 0o600
    assert [each.name for each in tool.file.parent.iterdir()] == ["config.toml"]


def test_new_file(tool: Any) -> None:
    """The first change makes the folder and the file, for the user only; odd names are quoted."""
    profiles.change(KNOWN, profiles.set_values("a.b", {"base_url": 'x"\n'}))
    assert profiles.read(KNOWN) == Profiles(None, {"a.b": Profile({"base_url": 'x"\n'})})
    assert stat.S_IMODE(tool.file.stat().st_mode) == 0o600
    assert stat.S_IMODE(tool.file.parent.stat().st_mode) == 0o700


@pytest.mark.usefixtures("tool")
def test_key_moves_between_file_and_keyring() -> None:
    """A key is in one place: storing it in the other removes it from the first. An empty profile goes."""
    profiles.change(KNOWN, profiles.set_values("a", {"shop_api_key": "1:x"}))
    profiles.change(KNOWN, profiles.set_default("a"))
    profiles.change(KNOWN, profiles.set_values("a", {}, in_keyring=["shop_api_key"]))
    assert profiles.read(KNOWN) == Profiles("a", {"a": Profile({}, ("shop_api_key",))})
    profiles.change(KNOWN, profiles.set_values("a", {"shop_api_key": "1:y"}))
    assert profiles.read(KNOWN) == Profiles("a", {"a": Profile({"shop_api_key": "1:y"})})
    profiles.change(KNOWN, profiles.set_values("a", {}, without=["shop_api_key"]))
    assert profiles.read(KNOWN) == Profiles(None, {})


def test_folder_that_cannot_be_written(tool: Any) -> None:
    """A folder that cannot be made or written is one line; nothing is stored."""
    tool.file.parent.parent.mkdir(parents=True)
    tool.file.parent.write_text("a file in place of the folder")
    result = tool("config", "set", "base_url", "https://a.example")
    assert (result.code, result.out, result.err.count("\n")) == (2, "", 1)
    assert f"{tool.file} cannot be written" in result.err


def test_read_only_folder(tool: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A read-only folder is one line, and the old file stays."""
    tool.write_profiles('[profiles.default]\nsms_username = "a"\n')

    def refuse(*_: object, **__: object) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("etelecom_async.cli.files.os.open", refuse)  # root may write everywhere
    result = tool("config", "set", "base_url", "https://a.example")
    monkeypatch.undo()
    assert (result.code, result.err.count("\n")) == (2, 1)
    assert "cannot be written: Permission denied" in result.err
    assert "base_url" not in tool.file.read_text()


def test_no_home(tool: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a home folder, the environment works alone; a change says what is missing."""
    monkeypatch.setattr("platformdirs.user_config_dir", lambda *_, **__: "~/.config/etelecom")
    assert profiles.read(KNOWN) == Profiles(None, {})
    with pytest.raises(CommandError, match="there is no home folder for the profiles: set HOME"):
        profiles.change(KNOWN, profiles.set_default("a"))
    listed = tool("config", "list", "--columns", "name,source")
    assert (listed.code, "key_store\t\n" in listed.out) == (0, True)
    tool.set({"ETELECOM_SHOP_API_KEY": "1:x", "ETELECOM_BASE_URL": "http://127.0.0.1:9/v1"})
    assert tool("shop", "extensions", "list", "--dry-run").code == 0
    by_name = tool("shop", "extensions", "list", "--shop", "1", "--dry-run", "--profile", "a")
    assert (by_name.code, "no profile 'a'" in by_name.err) == (2, True)
    assert not Path("~").exists()
