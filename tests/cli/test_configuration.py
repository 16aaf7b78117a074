"""Test `etelecom config`: transcripts, sources, and wrong input."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from etelecom_async.cli.settings import SETTINGS


def test_transcript(tool: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Values are set, printed, listed with their sources, and removed."""
    monkeypatch.chdir(tmp_path)
    quiet = (0, "", "")
    assert tool("config", "set", "base_url", "http://127.0.0.1:1/v1/") == quiet
    assert tool("config", "get", "base-url") == (0, "http://127.0.0.1:1/v1\n", "")
    assert tool("config", "set", "shop", "Trà sữa Mây", "--profile", "tea") == quiet
    assert tool("config", "set", "key_store", "keys.json", "--profile", "tea") == quiet
    assert tool("config", "set", "profile", "tea") == quiet
    tool.set({"ETELECOM_SHOP_KEY": "shop1:canary"})
    listed = tool("config", "list")
    assert (listed.code, listed.err) == (0, "")
    assert listed.out.splitlines() == [
        f"profile\ttea\tprofile\t{tool.file}",
        "base_url\thttps://api.etelecom.vn/v1\tdefault\t",
        "sms_base_url\thttps://omni.incom.vn\tdefault\t",
        "partner_api_key\t\t\t",
        "shop_api_key\t\t\t",
        "shop_key\t****\tenvironment\tETELECOM_SHOP_KEY",
        "sms_username\t\t\t",
        "sms_password\t\t\t",
        "shop\tTrà sữa Mây\tprofile\tprofile 'tea'",
        f"key_store\t{tmp_path}/keys.json\tprofile\tprofile 'tea'",
    ]
    default = {
        row["name"]: row["source"] for row in tool("config", "list", "--profile", "default", "--json").json
    }
    assert (default["profile"], default["base_url"]) == ("option", "profile")
    for name in ("shop", "key_store", "shop", "profile", "profile"):
        assert tool("config", "unset", name) == quiet
    kept = tomllib.loads(tool.file.read_text())
    assert kept == {"profiles": {"default": {"base_url": "http://127.0.0.1:1/v1"}}}


def test_url_of_the_profile(tool: Any, peer: Any) -> None:
    """Commands use the URL of the profile; the variable and the option win."""
    tool("config", "set", "base_url", peer.base_url)
    tool.set({"ETELECOM_SHOP_API_KEY": "1:x"})
    words = ("shop", "extensions", "list", "--dry-run")
    assert tool(*words).json["url"].startswith(peer.base_url)
    tool.set({"ETELECOM_BASE_URL": "http://127.0.0.1:2/v1"})
    assert tool(*words).json["url"].startswith("http://127.0.0.1:2/")
    assert tool(*words, "--base-url", "http://127.0.0.1:3/v1").json["url"].startswith("http://127.0.0.1:3/")
    tool.set({"ETELECOM_BASE_URL": ""})
    tool.write_profiles('[profiles.default]\nbase_url = "canary"\n')
    wrong = tool(*words)
    assert (wrong.code, wrong.err.count("\n")) == (2, 1)
    assert "the base URL of profile 'default' is not a valid web address" in wrong.err
    assert "canary" not in wrong.err + tool("config", "list").out + tool("config", "get", "base_url").out


@pytest.mark.parametrize(
    ("line", "code", "problem"),
    [
        ("get bas_url", 2, "no setting 'bas_url'. Did you mean 'base_url'"),
        ("set shop-id 7", 2, "Settings: profile, base_url"),
        ("get shop_api_key", 2, "shop_api_key is a key, which no command shows"),
        ("set shop_api_key 1:canary", 2, "no key is an argument: it is stored by `etelecom auth login`"),
        ("set sms_password canary", 2, "no key is an argument"),
        ("unset sms_password", 2, "removed by `etelecom auth logout`"),
        ("get shop", 1, "shop is not set: `etelecom config set shop VALUE`"),
        ("set shop", 2, "the value of shop is missing"),
        ("set base_url ftp://canary", 2, "base_url is not a valid web address"),
        ("set base_url http://a.example/v1", 2, "base_url is not encrypted"),
        ("set base_url https://a.example/v1/shop", 2, "base_url has too many parts"),
        ("set sms_base_url https://a:canary@a.example", 2, "contains a user name or a password"),
        ("set profile work", 2, "there is no profile 'work' (the setting profile)"),
        ("set profile a --profile b", 2, "--profile has no use here"),
        ("list --profile work", 2, "there is no profile 'work' (option --profile)"),
        ("unset shop --profile work", 2, "there is no profile 'work'"),
        ("gett shop", 2, "No such command 'gett'. Did you mean 'get'"),
    ],
)
def test_wrong_input(tool: Any, line: str, code: int, problem: str) -> None:
    """Wrong input is one line with the right code, without a value that may be a key. Nothing is stored."""
    result = tool("config", *line.split())
    assert (result.code, result.out, result.err.count("\n")) == (code, "", 1), result
    assert problem in result.err
    assert "canary" not in result.err
    assert not tool.file.exists()


def test_completion(tool: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tab completes names of settings, and profiles; a wrong file completes nothing."""

    def completed(words: str) -> str:
        tool.set({"_ETELECOM_COMPLETE": "bash_complete", "COMP_WORDS": words})
        monkeypatch.setenv("COMP_CWORD", str(words.count(" ")))
        result = tool()
        assert (result.code, result.err) == (0, "")
        return str(result.out)

    tool.write_profiles("[profiles.work]\n[profiles.home]\n")
    assert "sms_username" in completed("etelecom config get sms")
    assert completed("etelecom shop extensions list --profile w") == "plain,work\n"
    tool.write_profiles("[profiles.work")
    assert completed("etelecom shop extensions list --profile w").strip() == ""


def test_help_names_every_setting(tool: Any) -> None:
    """The help of `config` names the settings, and that of `keys` their order."""
    text = tool("config", "--help").out
    assert all(f"{name}: {setting.summary}." in text for name, setting in SETTINGS.items())
    assert "etelecom auth login" in tool("help", "keys").out
