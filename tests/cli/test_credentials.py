"""Test where the key of a command comes from."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from etelecom_async.cli import exit_codes
from etelecom_async.cli.command import CommandError
from etelecom_async.cli.credentials import clients_with_key, find, stand_in

BOTH = {"ETELECOM_SHOP_API_KEY": "own", "ETELECOM_SHOP_KEY": "linked"}
ANY = ("shop_api_key", "partner_shop_key")


@pytest.mark.parametrize(
    ("variables", "callers", "key"),
    [
        (BOTH, ANY, "own"),
        (BOTH, ("shop_api_key",), "own"),
        (BOTH, ("partner_shop_key",), "linked"),
        (BOTH, (), "own"),
        ({"ETELECOM_SHOP_KEY": "linked"}, ("shop_api_key",), "linked"),
        ({"ETELECOM_SHOP_API_KEY": "own", "ETELECOM_SHOP_KEY": ""}, ("partner_shop_key",), "own"),
    ],
)
def test_key_of_the_shop(tool: Any, variables: dict[str, str], callers: tuple[str, ...], key: str) -> None:
    """Of two keys, the one counts whose kind the documentation names; a single one is always used."""
    tool.set(variables)
    found = find("shop", callers, None)
    assert found.secret.reveal() == key
    assert found.source == found.variable
    assert variables[found.variable] == key


def test_file_wins_over_the_environment(tool: Any, tmp_path: Path) -> None:
    """The key in a file is used even if the environment has one."""
    tool.set(BOTH)
    (tmp_path / "key").write_text("from a file\n")
    found = find("shop", ANY, str(tmp_path / "key"))
    assert (found.secret.reveal(), found.source) == ("from a file", f"--key-file {tmp_path / 'key'}")


@pytest.mark.parametrize("client", ["partner", "shop", "sms"])
def test_missing_key(tool: Any, client: str) -> None:
    """A missing key has its own exit code, and the text names the variables."""
    assert clients_with_key([client]) == []
    with pytest.raises(CommandError, match=f"ETELECOM_{client.upper()}") as raised:
        find(client, (), None)
    assert raised.value.exit_code == exit_codes.KEY
    tool.set({})


def test_password_of_the_sms_service(tool: Any) -> None:
    """The SMS service needs a user name and a password; each missing one is named."""
    tool.set({"ETELECOM_SMS_USERNAME": "someone"})
    with pytest.raises(CommandError, match="ETELECOM_SMS_PASSWORD"):
        find("sms", (), None)
    tool.set({"ETELECOM_SMS_PASSWORD": "p"})
    found = find("sms", (), None)
    assert (found.username, found.secret.reveal()) == ("someone", "p")
    assert clients_with_key(["partner", "shop", "sms"]) == ["sms"]


def test_stand_in_has_the_right_kind() -> None:
    """The key of a dry run has the form of the kind that the operation takes."""
    assert stand_in("shop", ("partner_shop_key",)).secret.reveal().startswith("shop0:")
    assert stand_in("shop", ANY).variable == "ETELECOM_SHOP_API_KEY"
    assert stand_in("partner", ("shop_api_key",)).variable == "ETELECOM_PARTNER_API_KEY"


def test_key_is_in_no_argument(etl: Any, tmp_path: Path) -> None:
    """`--key-file` works from a file and from stdin; there is no option for a key itself."""
    etl.set({"ETELECOM_SHOP_API_KEY": "", "ETELECOM_SHOP_KEY": ""})
    for name in ("--api-key", "--key"):
        assert etl("shop", "extensions", "list", name, "x").code == exit_codes.USAGE
    assert (
        etl("shop", "extensions", "list", "--limit", "1", "--key-file", "/nowhere").code == exit_codes.USAGE
    )
    (tmp_path / "key").write_text("1:wrong")
    refused = etl("shop", "extensions", "list", "--key-file", str(tmp_path / "key"))
    assert (refused.code, "1:wrong" in refused.err) == (exit_codes.KEY, False)


def test_key_from_stdin(etl: Any, service: Any) -> None:
    """A key may come from a pipe, as from a password manager."""
    etl.set({"ETELECOM_SHOP_API_KEY": "", "ETELECOM_SHOP_KEY": ""})
    key = service.shop_api_key if isinstance(service.shop_api_key, str) else service.shop_api_key.reveal()
    words = ("shop", "extensions", "list", "--limit", "1", "--json")
    result = etl(*words, "--key-file", "-", stdin=f"{key}\n")
    assert (result.code, len(result.json)) == (0, 1)
