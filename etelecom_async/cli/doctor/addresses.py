"""Check base URLs and proxies by their form alone, without a connection. No finding shows a password."""

from __future__ import annotations

from typing import Final, NamedTuple
from urllib.parse import urlsplit

from etelecom_async import ConfigurationError
from etelecom_async._core import api_keys
from etelecom_async._core.http.connection import ConnectionConfig, Proxy
from etelecom_async._core.urls import is_encrypted, is_loopback
from etelecom_async.cli.credentials import SMS
from etelecom_async.cli.doctor.checks import BASE_URL, PROXY, Finding
from etelecom_async.cli.settings import SETTINGS, Settings
from etelecom_async.cli.wording import in_words_of_commands

_HTTP_PORT: Final = 80
_HTTPS_PORT: Final = 443
_SETTINGS: Final = {True: "sms_base_url", False: "base_url"}
"""The variable of a base URL, by whether it is that of the SMS service."""


class Address(NamedTuple):
    """Where a connection goes."""

    host: str
    port: int
    is_encrypted: bool

    @classmethod
    def of(cls, url: str) -> Address:
        """Return the address of a URL."""
        parts = urlsplit(url)
        usual = _HTTPS_PORT if is_encrypted(url) else _HTTP_PORT
        return cls(parts.hostname or "", parts.port or usual, is_encrypted(url))

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


def base_url(client: str, given: str | None, settings: Settings | None = None) -> tuple[Finding, str | None]:
    """
    Return the finding about the base URL of a client, and the URL if it can be used.

    Args:
        client: `partner`, `shop` or `sms`.
        given: The value of `--base-url`.
        settings: The settings of the command. Default: those of the usual profile.
    """
    is_sms = client == SMS
    name, usual = _SETTINGS[is_sms], api_keys.SMS_BASE_URL if is_sms else api_keys.BASE_URL
    clean = api_keys.sms_base_url if is_sms else api_keys.api_base_url
    stored = None if given is not None else (settings or Settings()).value(name)
    source = (stored.place or SETTINGS[name].variable) if stored else "--base-url"
    url = stored.text if stored else (given or "")
    try:
        cleaned = clean(url, name="the URL")
    except ConfigurationError as error:
        return BASE_URL.failed(source, in_words_of_commands(error.message), "form"), None
    host = urlsplit(cleaned).hostname or ""
    if host == urlsplit(usual).hostname:
        return BASE_URL.ok(host, f"{cleaned} is eTelecom's"), cleaned
    if is_loopback(cleaned):
        return BASE_URL.ok(host, f"{cleaned} is on this machine, as a sandbox is"), cleaned
    return BASE_URL.warning(host, f"{cleaned} from {source} is not eTelecom's", "host"), cleaned


def proxy(url: str) -> tuple[Finding, Proxy | None]:
    """Return the finding about the proxy for calls to *url*, and the proxy if calls use it."""
    host = urlsplit(url).hostname or ""
    if is_loopback(url):
        return PROXY.ok(host, "none: a service on this machine needs none"), None
    try:
        found = ConnectionConfig(trust_env=True).proxy_for(url)
        any_proxy = ConnectionConfig(trust_env=True, allow_http=True).proxy_for(url)
    except ConfigurationError as error:
        return PROXY.failed(host, in_words_of_commands(error.message), "form"), None
    if found is not None:
        return PROXY.ok(host, f"calls go through {Address.of(found.url)}"), found
    if any_proxy is not None:
        finding = f"calls do not use {Address.of(any_proxy.url)}, because they are not encrypted"
        return PROXY.warning(host, finding, "unused"), None
    return PROXY.ok(host, "none"), None
