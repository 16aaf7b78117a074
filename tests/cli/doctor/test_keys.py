"""Test the check of a key's form."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from etelecom_async.cli.credentials import CLIENTS
from etelecom_async.cli.doctor import keys
from etelecom_async.cli.settings import Settings
from etelecom_async.operations import KeyKind

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Tool

OWN, LINKED = "1161512386239479010:canary", "shop1161512386239479010:canary"


@pytest.mark.parametrize(
    ("variable", "text", "status", "finding", "kind"),
    [
        ("ETELECOM_SHOP_API_KEY", OWN, "ok", "a shop's own key", KeyKind.SHOP_API_KEY),
        ("ETELECOM_SHOP_KEY", LINKED, "ok", "a partner's key for a shop", KeyKind.PARTNER_SHOP_KEY),
        ("ETELECOM_PARTNER_API_KEY", "canary", "ok", "a partner's key", KeyKind.PARTNER_API_KEY),
        ("ETELECOM_SHOP_API_KEY", "canary", "warning", "has not the known form", KeyKind.SHOP_API_KEY),
        ("ETELECOM_SHOP_KEY", OWN, "warning", "is in the variable of", KeyKind.SHOP_API_KEY),
        ("ETELECOM_SHOP_API_KEY", LINKED, "warning", "is in the variable of", KeyKind.PARTNER_SHOP_KEY),
        ("ETELECOM_PARTNER_API_KEY", LINKED, "failed", "shop_key", None),
        ("ETELECOM_SHOP_API_KEY", "request:canary", "failed", "request token", None),
        ("ETELECOM_SHOP_API_KEY", f"Bearer {OWN}", "failed", "authorization scheme", None),
        ("ETELECOM_SHOP_API_KEY", f'"{OWN}"', "failed", "contains quotes", None),
        ("ETELECOM_SHOP_API_KEY", f"{OWN}\n", "failed", "white space", None),
        ("ETELECOM_SMS_PASSWORD", "canary ", "failed", "white space", None),
        ("ETELECOM_SMS_PASSWORD", "canary", "failed", "ETELECOM_SMS_USERNAME is missing", None),
    ],
)
def test_form(  # noqa: PLR0917 - one value for each column
    tool: Tool, variable: str, text: str, status: str, finding: str, kind: KeyKind | None
) -> None:
    """The form shows the kind of a key; a key in a wrong variable or form has a remedy and is not shown."""
    tool.set({variable: text, "ETELECOM_SMS_USERNAME": "me" if text.endswith(" ") else ""})
    ((found, key),) = keys.check(keys.find(CLIENTS, None))
    assert (found.status.value, found.target) == (status, variable)
    assert finding in found.finding
    assert bool(found.remedy) == (status != "ok")
    assert (None if key is None else key.kind) == kind
    assert "canary" not in found.finding + found.remedy


def test_all_keys(tool: Tool) -> None:
    """All variables are looked at, those of the chosen clients only."""
    tool.set({"ETELECOM_SHOP_KEY": LINKED, "ETELECOM_SHOP_API_KEY": OWN, "ETELECOM_PARTNER_API_KEY": "1"})
    assert [each.variable for each in keys.find(("shop",), None)] == [
        "ETELECOM_SHOP_API_KEY", "ETELECOM_SHOP_KEY"
    ]  # fmt: skip
    assert len(keys.find(CLIENTS, None)) == 3


def test_no_key(tool: Tool) -> None:
    """No key is a failure with exit code 4."""
    del tool
    ((found, key),) = keys.check(keys.find(CLIENTS, None))
    assert (found.check.exit_code, key) == (4, None)


def test_key_of_a_file(tool: Tool, tmp_path: Path) -> None:
    """A file has no usual kind of key, so each kind of the client is right."""
    del tool
    file = tmp_path / "key"
    file.write_text(f"{LINKED}\n", encoding="utf-8")
    ((found, key),) = keys.check(keys.find(("shop",), str(file)))
    assert found.status.value == "ok"
    assert key is not None
    assert key.kind is KeyKind.PARTNER_SHOP_KEY


@pytest.mark.parametrize(
    ("setting", "text", "finding"),
    [
        ("shop_key", LINKED, "a partner's key for a shop, with the form `shop<digits>:…`"),
        ("shop_key", OWN, "a shop's own key is stored as a partner's key for a shop"),
        ("partner_api_key", "canary", "a partner's key, whose form is not documented"),
    ],
)
def test_key_of_a_profile(tool: Tool, setting: str, text: str, finding: str) -> None:
    """A finding names which key of the profile it is about, and says if its kind is another one."""
    tool.write_profiles(f'[profiles.office]\n{setting} = "{text}"\n')
    found = keys.find(CLIENTS, None, Settings("office"))
    ((seen, key),) = keys.check(found)
    assert (seen.target, seen.finding) == (f"{setting} in profile 'office'", finding)
    assert (seen.status.value == "ok") is ("stored as" not in finding)
    assert key is not None
