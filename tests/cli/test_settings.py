"""Test where settings come from, and in which order."""

from __future__ import annotations

from typing import Any

import pytest

from etelecom_async.cli.command import CommandError
from etelecom_async.cli.settings import SETTINGS, Settings, shown

WORK = """\
profile = "work"
[profiles.work]
base_url = "https://work.example/v1"
shop_key = "shop1:canary-work"
[profiles.home]
shop_api_key = "1:canary-home"
"""


@pytest.mark.parametrize(
    ("option", "variable", "name", "source"),
    [
        ("home", "work", "home", "option"),
        (None, "home", "home", "environment"),
        (None, "", "work", "profile"),
    ],
)
def test_profile(tool: Any, option: str | None, variable: str, name: str, source: str) -> None:
    """The option wins over the variable, and the variable over the file."""
    tool.write_profiles(WORK)
    tool.set({"ETELECOM_PROFILE": variable})
    assert Settings(option).profile[:2] == (name, source)


def test_default_profile(tool: Any) -> None:
    """Without a choice, the profile is `default`, which need not exist."""
    settings = Settings()
    assert settings.profile[:2] == ("default", "default")
    assert settings.stored.values == {}
    settings.check_profile()
    tool.write_profiles(WORK.replace('profile = "work"', 'profile = "wrk"'))
    with pytest.raises(CommandError, match=r"no profile 'wrk' .*Did you mean 'work'\? Profiles: home, work"):
        _ = Settings().stored


@pytest.mark.parametrize("variable", [True, False])
def test_unknown_profile(etl: Any, variable: bool) -> None:  # noqa: FBT001 - a case of the test
    """A wrong name is a usage error with a likely name, also if the environment has every key."""
    etl.write_profiles(WORK)
    words = ["shop", "extensions", "list"]
    if variable:
        etl.set({"ETELECOM_PROFILE": "wark"})
    else:
        words += ["--profile", "wark"]
    result = etl(*words)
    assert (result.code, result.out, result.err.count("\n")) == (2, "", 1)
    assert "there is no profile 'wark'" in result.err
    assert "Did you mean 'work'?" in result.err


def test_name_that_is_a_key(tool: Any) -> None:
    """A name of a wrong form is not shown: it may be a key in the wrong place."""
    tool.set({"ETELECOM_PROFILE": "shop1:canary"})
    for words in (("config", "list"), ("auth", "login"), ("shop", "extensions", "list")):
        result = tool(*words, stdin="1:x")
        assert (result.code, "canary" in result.err) == (2, False)
        assert "ETELECOM_PROFILE is no name of a profile" in result.err
    assert "the value of --profile is no name" in tool("config", "list", "--profile", "a b:canary").err


def test_order(tool: Any, memory_keyring: Any) -> None:
    """The environment wins over the file, and the file over the keyring. Others have a default or none."""
    tool.write_profiles(
        '[profiles.default]\nbase_url = "https://a.example"\nshop_api_key = "1:file"\n'
        'keyring = ["shop_key"]\n'
    )
    memory_keyring.set_password("etelecom", "default.shop_key", "shop1:ring")
    settings = Settings()
    found = {name: value and value[:2] for name in SETTINGS if (value := settings.value(name))}
    assert found.pop("key_store")[1] == "default"
    assert found.pop("sms_base_url")[1] == "default"
    assert found == {
        "base_url": ("https://a.example", "profile"),
        "shop_api_key": ("1:file", "profile"),
        "shop_key": ("shop1:ring", "keyring"),
    }
    tool.set({"ETELECOM_SHOP_KEY": "shop1:env"})
    value = Settings().value("shop_key")
    assert value == ("shop1:env", "environment", "ETELECOM_SHOP_KEY")
    assert "env" not in repr(value)


def test_keys_of_two_places_do_not_mix(tool: Any) -> None:
    """With a key of the shop in the environment, no key of the profile counts: it may be another shop's."""
    tool.write_profiles(WORK)
    assert set(Settings().values(("shop_api_key", "shop_key"))) == {"shop_key"}
    tool.set({"ETELECOM_SHOP_API_KEY": "2:env"})
    assert set(Settings().values(("shop_api_key", "shop_key"))) == {"shop_api_key"}


def test_key_that_left_the_keyring(tool: Any, memory_keyring: Any) -> None:
    """A key that the keyring does not have any more is a missing key, with what to do."""
    tool.write_profiles('[profiles.default]\nkeyring = ["shop_key"]\n')
    assert memory_keyring.keys == {}
    result = tool("shop", "extensions", "list")
    assert (result.code, result.err.count("\n")) == (4, 1)
    assert "the keyring has no shop_key for profile 'default': log in again" in result.err


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("shop_key", "shop1:x", "****"),
        ("base_url", "https://a.example/v1", "https://a.example/v1"),
        ("base_url", "https://u:canary@a.example", "****"),
        ("sms_base_url", "canary", "****"),
        ("shop", "Mây", "Mây"),
        ("profile", "a", "a"),
    ],
)
def test_shown(name: str, text: str, expected: str) -> None:
    """Keys are masked, and so is a URL that may hold a password or be a key."""
    assert shown(name, text) == expected
