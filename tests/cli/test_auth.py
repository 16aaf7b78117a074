"""Test `etelecom auth`: transcripts of login, status and logout against the sandbox."""

from __future__ import annotations

import stat
from typing import Any

from etelecom_async.cli import exit_codes

OWN, LINKED, PARTNER = "ETELECOM_SHOP_API_KEY", "ETELECOM_SHOP_KEY", "ETELECOM_PARTNER_API_KEY"


def test_transcript(tool: Any, keys: dict[str, str]) -> None:
    """A key from a pipe is checked, stored, used and removed. Status and list show where it comes from."""
    login = tool("auth", "login", "--as", "shop", "--quiet", "--json", stdin=f"{keys[OWN]}\n")
    assert (login.code, login.err) == (0, "")
    shop_id = keys[OWN].partition(":")[0]
    name = login.json.pop("account").removesuffix(f" ({shop_id})")
    assert name
    assert login.json == {
        "profile": "default",
        "key": "shop_api_key",
        "kind": "the shop's own key",
        "account": f"{name} ({shop_id})",
        "stored_in": str(tool.file),
    }
    assert stat.S_IMODE(tool.file.stat().st_mode) == 0o600
    assert len(tool("shop", "extensions", "list", "--limit", "1", "--json").json) == 1

    status = tool("auth", "status", "--check", "--columns", "client,key,source,place,check")
    assert status == (0, "shop\tshop_api_key\tprofile\tprofile 'default'\tok\n", "")
    listed = tool("config", "list", "--columns", "name,value,source")
    assert "\nshop_api_key\t****\tprofile\n" in listed.out

    logout = tool("auth", "logout")
    assert logout == (0, "", "etelecom: removed shop_api_key of profile 'default'\n")
    assert "1357" not in tool.file.read_text()
    assert tool("auth", "logout").err == "etelecom: no key is stored in profile 'default'\n"
    missing = tool("auth", "status")
    assert missing == (4, "", "etelecom: there is no key: run `etelecom auth login` (profile 'default')\n")
    assert tool("shop", "extensions", "list").code == exit_codes.KEY


def test_login_on_a_terminal(terminal: Any, keys: dict[str, str]) -> None:
    """On a terminal the key is asked for, and the terminal does not show it; then whose key it is."""
    for name in (OWN, LINKED, PARTNER):
        del terminal.environment[name]
    code, shown = terminal(
        "auth",
        "login",
        "--quiet",
        "--store",
        "file",
        answers=[("Key: ", f"{keys[PARTNER]}\n"), ("(partner, shop)", "partner\n")],
    )
    assert (code, keys[PARTNER] in shown) == (0, False)
    assert "the partner's own key" in shown
    code, shown = terminal("auth", "status")
    assert (code, keys[PARTNER] in shown) == (0, False)
    assert "partner_api_key" in shown


def test_several_profiles(tool: Any, keys: dict[str, str]) -> None:
    """Each profile has its own keys and URL; logout removes those of one client or of the profile."""
    url = keys["ETELECOM_BASE_URL"]
    tool.set({"ETELECOM_BASE_URL": "", "ETELECOM_SMS_BASE_URL": ""})
    words = ("auth", "login", "--profile", "hq", "--base-url", url)
    assert tool(*words, "--as", "partner", stdin=keys[PARTNER]).code == 0
    assert tool(*words, stdin=keys[LINKED]).out.splitlines()[1] == "key\tshop_key"  # its form is clear
    assert tool("partner", "tenants", "list", "--limit", "1").code == exit_codes.KEY
    assert tool("partner", "tenants", "list", "--limit", "1", "--profile", "hq").code == 0
    tool.set({"ETELECOM_PROFILE": "hq"})
    rows = tool("auth", "status", "--json").json
    assert [(row["client"], row["key"], row["base_url"]) for row in rows] == [
        ("partner", "partner_api_key", url),
        ("shop", "shop_key", url),
    ]
    assert tool("auth", "logout", "--as", "shop").err.startswith("etelecom: removed shop_key of")
    assert [row["client"] for row in tool("auth", "status", "--json").json] == ["partner"]
    assert f'base_url = "{url}"' in tool.file.read_text()


def test_sms(tool: Any, keys: dict[str, str]) -> None:
    """The SMS service has a user name and a password."""
    words = ("auth", "login", "--as", "sms")
    missing = tool(*words, stdin="x")
    assert (missing.code, "add --username TEXT" in missing.err) == (2, True)
    username = keys["ETELECOM_SMS_USERNAME"]
    done = tool(*words, "--username", username, "--quiet", stdin=keys["ETELECOM_SMS_PASSWORD"])
    assert (done.code, done.err) == (0, "")
    assert tool("sms", "templates", "list", "--limit", "1").code == 0
    assert tool("auth", "status", "--check").out.endswith("\tok\n")


def test_keyring(tool: Any, keys: dict[str, str], memory_keyring: Any) -> None:
    """If there is a keyring, the key goes there, and not into the file; logout removes it from there."""
    login = tool("auth", "login", "--as", "shop", "--columns", "stored_in", "--quiet", stdin=keys[OWN])
    assert login == (0, "keyring\n", "")
    assert memory_keyring.keys == {("etelecom", "default.shop_api_key"): keys[OWN]}
    assert keys[OWN] not in tool.file.read_text()
    assert tool("shop", "extensions", "list", "--limit", "1").code == 0
    status = tool("auth", "status", "--check", "--columns", "key,source,place,check")
    assert status.out == "shop_api_key\tkeyring\tthe keyring, profile 'default'\tok\n"
    assert tool("config", "list").out.count("****\tkeyring") == 1

    to_file = tool("auth", "login", "--as", "shop", "--store", "file", "--quiet", stdin=keys[OWN])
    assert (to_file.code, memory_keyring.keys) == (0, {})
    assert tool("auth", "login", "--as", "shop", "--store", "keyring", "--quiet", stdin=keys[OWN]).code == 0
    assert keys[OWN] not in tool.file.read_text()
    assert tool("auth", "logout", "--quiet") == (0, "", "")
    assert memory_keyring.keys == {}


def test_locked_keyring(tool: Any, keys: dict[str, str], memory_keyring: Any) -> None:
    """If the keyring fails, a key goes to the file, with a note. Commands and logout say what to do."""
    memory_keyring.is_locked = True
    by_default = tool("auth", "login", "--as", "shop", "--columns", "stored_in", stdin=keys[OWN])
    assert (by_default.code, by_default.out) == (0, f"{tool.file}\n")
    assert "the keyring of the system failed (KeyringLocked)" in by_default.err
    assert "The key goes to the file" in by_default.err
    chosen = tool("auth", "login", "--as", "shop", "--store", "keyring", "--quiet", stdin=keys[OWN])
    assert (chosen.code, chosen.out, chosen.err.count("\n")) == (4, "", 1)
    tool.write_profiles('[profiles.default]\nkeyring = ["shop_api_key"]\n')
    for words in ("shop extensions list", "auth status", "auth logout"):
        result = tool(*words.split())
        assert (result.code, result.out, result.err.count("\n")) == (4, "", 1)
        assert "unlock it, or keep the key in the file" in result.err
    assert tool("config", "list").code == 0  # it asks no keyring
    assert tool("auth", "login", "--as", "shop", "--store", "file", stdin=keys[OWN]).code == 0


def test_variable_wins(etl: Any, service: Any) -> None:
    """If the environment has a key, login and logout say that it wins; so does a command with `--profile`."""
    own = service.environment()[OWN]
    login = etl("auth", "login", "--profile", "a", "--as", "shop", stdin=own)
    assert f"etelecom: {OWN} is set in the environment, and wins over the profile\n" in login.err
    used = etl("shop", "extensions", "list", "--limit", "1", "--profile", "a")
    assert used.err == f"etelecom: the key in {OWN} is used, not that of profile 'a'\n"
    assert etl("shop", "extensions", "list", "--limit", "1", "--profile", "a", "--quiet").err == ""
    logout = etl("auth", "logout", "--profile", "a")
    assert f"etelecom: {OWN} is still set, so commands use it\n" in logout.err
    assert [row["source"] for row in etl("auth", "status", "--json").json] == ["environment"] * 4


def test_no_command_shows_a_key(etl: Any, service: Any) -> None:
    """No key is in the output of any command about keys, nor in `--debug`."""
    secrets = [text for name, text in service.environment().items() if name.endswith(("KEY", "PASSWORD"))]
    etl.set(dict.fromkeys(service.environment(), ""))
    url = ("--base-url", service.base_url)
    shown = ""
    for words, name in ((("--as", "partner"), PARTNER), (("--as", "shop"), OWN), ((), LINKED)):
        shown += str(etl("auth", "login", *words, *url, "--json", stdin=service.environment()[name]))
    for line in (
        "auth status",
        "auth status --check --json",
        "config list --csv",
        "config list --json",
        "shop extensions list --limit 1 --debug",
        "partner tenants list --limit 1 --debug",
        "partner tenants list --dry-run",
        "config get partner_api_key",
        "config set partner_api_key x",
        "auth logout",
    ):
        shown += str(etl(*line.split()))
    assert len(secrets) == 4
    assert not [text for text in secrets if (text.partition(":")[2] or text) in shown]
