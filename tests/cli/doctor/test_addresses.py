"""Test the checks of base URLs and proxies by their form."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from etelecom_async.cli.doctor import addresses
from etelecom_async.cli.doctor.addresses import Address

if TYPE_CHECKING:
    from tests.cli.conftest import Tool

API = "https://api.etelecom.vn/v1"


@pytest.mark.parametrize(
    ("client", "variable", "given", "status", "url"),
    [
        ("shop", "", None, "ok", API),
        ("sms", "", None, "ok", "https://omni.incom.vn"),
        ("shop", "http://localhost:80/v1", None, "ok", "http://localhost:80/v1"),
        ("shop", "http://localhost:80/v1", f"{API}/", "ok", API),
        ("partner", "https://api.example.com/v1", None, "warning", "https://api.example.com/v1"),
        ("shop", "https://me:canary@api.example.com/v1", None, "failed", None),
        ("shop", "", "canary", "failed", None),
        ("sms", "", "https://omni.incom.vn/api", "failed", None),
    ],
)
def test_base_url(  # noqa: PLR0917 - one value for each column
    tool: Tool, client: str, variable: str, given: str | None, status: str, url: str | None
) -> None:
    """The URL comes from the option, the variable or is eTelecom's; another host is a warning."""
    tool.set({"ETELECOM_BASE_URL": variable})
    found, cleaned = addresses.base_url(client, given)
    assert (found.status.value, cleaned) == (status, url)
    assert "canary" not in found.finding
    assert bool(found.remedy) == (status != "ok")


@pytest.mark.parametrize(
    ("variable", "proxy", "url", "status", "text"),
    [
        ("HTTPS_PROXY", "http://me:canary@proxy.example:3128", API, "ok", "go through proxy.example:3128"),
        ("ALL_PROXY", "proxy.example:3128", API, "ok", "go through proxy.example:3128"),
        ("HTTPS_PROXY", "canary proxy", API, "failed", "the proxy in the environment"),
        ("HTTP_PROXY", "http://proxy.example:3128", API, "ok", "none"),
        (
            "HTTP_PROXY",
            "http://proxy.example",
            "http://api.example/v1",
            "warning",
            "do not use proxy.example:80",
        ),
        ("HTTPS_PROXY", "http://proxy.example", "https://localhost/v1", "ok", "none"),
    ],
)
def test_proxy(  # noqa: PLR0917 - one value for each column
    monkeypatch: pytest.MonkeyPatch, variable: str, proxy: str, url: str, status: str, text: str
) -> None:
    """The proxy of the environment is found as calls find it, and its password is not shown."""
    monkeypatch.setenv(variable, proxy)
    found, used = addresses.proxy(url)
    assert found.status.value == status
    assert text in found.finding
    assert (used is not None) == ("go through" in text)
    assert "canary" not in found.finding


def test_no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """A host in NO_PROXY uses none."""
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example")
    monkeypatch.setenv("NO_PROXY", "api.etelecom.vn")
    assert addresses.proxy(API)[1] is None


@pytest.mark.parametrize(
    ("url", "address"),
    [
        (API, Address("api.etelecom.vn", 443, is_encrypted=True)),
        ("http://[::1]:8080/v1", Address("::1", 8080, is_encrypted=False)),
        ("http://localhost", Address("localhost", 80, is_encrypted=False)),
    ],
)
def test_address(url: str, address: Address) -> None:
    """Host and port come from the URL, or from its scheme."""
    assert Address.of(url) == address
    assert str(address) == f"{address.host}:{address.port}"
