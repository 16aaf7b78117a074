"""Test the classification of URLs."""

from __future__ import annotations

import pytest

from etelecom_async._core.urls import host_and_port, is_encrypted, is_loopback, is_web_address


@pytest.mark.parametrize(
    ("url", "is_one"),
    [
        ("https://api.etelecom.vn/v1", True),
        ("http://127.0.0.1:8080", True),
        ("http://[::1]:8080/v1", True),
        ("https://user:password@host", True),
        ("https://tổng-đài.vn", True),
        ("api.etelecom.vn", False),
        ("ftp://host", False),
        ("socks5://host:1080", False),
        ("https://", False),
        ("https://host:port", False),
        ("https://[::1", False),
        ("https://host/?a=b", False),
        ("https://host/#a", False),
        ("https://host?", False),
        ("https://host/#", False),
        ("https://https://host", False),
        ("https://host//v1", False),
        ("https://host/v1//", True),
        ("https://host/v\u200b1", False),
        ("http://a\xad", False),
        ("https://host/v\n1", False),
        ("https://ho st", False),
        ("", False),
    ],
)
def test_web_address(url: str, *, is_one: bool) -> None:
    """A web address has the scheme http or https and a host, but no query, fragment or second scheme."""
    assert is_web_address(url) is is_one


@pytest.mark.parametrize(
    ("url", "encrypted", "loopback"),
    [
        ("https://api.etelecom.vn", True, False),
        ("http://api.etelecom.vn", False, False),
        ("https://localhost", True, True),
        ("http://localhost:80", False, True),
        ("http://127.8.8.8", False, True),
        ("http://[::1]:80", False, True),
        ("http://192.168.1.1", False, False),
        ("http://localhost.example", False, False),
        ("http://127.0.0.1.example", False, False),
    ],
)
def test_encryption_and_loopback(url: str, *, encrypted: bool, loopback: bool) -> None:
    """Only https is encrypted; only localhost and loopback addresses are on this machine, no look-alikes."""
    assert (is_encrypted(url), is_loopback(url)) == (encrypted, loopback)


@pytest.mark.parametrize(
    ("url", "host", "port"),
    [
        ("https://api.etelecom.vn/v1", "api.etelecom.vn", 443),
        ("http://API.etelecom.vn", "api.etelecom.vn", 80),
        ("https://api.etelecom.vn:8443/v1", "api.etelecom.vn", 8443),
        ("http://[::1]:8080", "::1", 8080),
    ],
)
def test_host_and_port(url: str, host: str, port: int) -> None:
    """A URL without a port has the port of its scheme."""
    assert host_and_port(url) == (host, port)
