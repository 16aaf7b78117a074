"""Test that no advice for programs in Python reaches a user of commands."""

from __future__ import annotations

import json
from typing import Any

import pytest

from etelecom_async.cli import exit_codes

LIST = ("shop", "call-logs", "list")
SHOP_KEY = "shop1161512386239479010:canary"


def test_unlisted_text_of_a_complete_list(etl: Any) -> None:
    """The error of a body says which texts a complete list has, and nothing of `unlisted`."""
    result = etl(*LIST, "--body", "-", stdin='{"filter": {"direction": "inbound"}}')
    assert (result.code, result.out) == (exit_codes.USAGE, "")
    assert result.err == (
        "etelecom: shop.call_logs.list: filter.direction takes 'unknown', 'in', 'out', 'ext', 'ext_in' or "
        "'ext_out': did you mean 'in'?\n"
    )


@pytest.mark.parametrize(
    ("variables", "arguments", "code", "words"),
    [
        ({}, ("--base-url", "http://a.example/v1"), exit_codes.USAGE, "--base-url is not encrypted: "),
        ({"ETELECOM_BASE_URL": "http://a.example/v1"}, (), exit_codes.USAGE, "ETELECOM_BASE_URL is not encr"),
        (
            {"ETELECOM_SHOP_API_KEY": "request:1", "ETELECOM_SHOP_KEY": ""},
            (),
            exit_codes.KEY,
            "request token",
        ),
        ({}, ("--resume", "x"), exit_codes.USAGE, "--resume is not a checkpoint; it takes the text after "),
        ({}, ("--resume", json.dumps({"version": 0})), exit_codes.USAGE, "--resume "),
    ],
)
def test_arguments_of_python(
    etl: Any, variables: dict[str, str], arguments: tuple[str, ...], code: int, words: str
) -> None:
    """An error of the configuration names options, variables and commands, in one line."""
    etl.set(variables)
    result = etl(*LIST, *arguments)
    assert (result.code, result.out, result.err.count("\n")) == (code, "", 1)
    assert words in result.err
    for python in ("Client", "allow_http", "checkpoint()", "resume=", "shops.authorize("):
        assert python not in result.err


def test_key_of_the_wrong_kind(etl: Any) -> None:
    """A key that the client refuses, and one that the service refuses, lead to the right variable."""
    etl.set({"ETELECOM_PARTNER_API_KEY": SHOP_KEY})
    refused = etl("partner", "tenants", "list")
    assert (refused.code, refused.err.count("\n")) == (exit_codes.KEY, 1)
    assert "this is a shop_key (`shop<digits>:...`), which acts for one shop. " in refused.err
    assert "Client" not in refused.err
    assert "canary" not in refused.err


def test_key_that_may_not(etl: Any, service: Any) -> None:
    """If the service does not permit a call, the line names the variables of the documented kinds of key."""
    etl.set({"ETELECOM_PARTNER_API_KEY": service.shop_api_key})
    result = etl("partner", "tenants", "list")
    assert (result.code, result.err.count("\n")) == (exit_codes.KEY, 1)
    assert "The documentation names for it the key in ETELECOM_PARTNER_API_KEY." in result.err
    assert "`.meta`" not in result.err


def test_other_machines(tool: Any) -> None:
    """The sandbox's refusal of an address names the option."""
    result = tool("sandbox", "--host", "192.0.2.1")
    assert result == (
        exit_codes.USAGE,
        "",
        "etelecom: 192.0.2.1 can be reached from other machines: add --allow-remote to allow that\n",
    )
