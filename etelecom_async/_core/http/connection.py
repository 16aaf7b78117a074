"""
Choose proxies and certificates for connections.

This module opens no connection; `transport` does.
"""

from __future__ import annotations

import ssl
from typing import Any, Final
from urllib.parse import unquote, urlsplit
from urllib.request import getproxies_environment, proxy_bypass

import attrs

from etelecom_async._core.http.tls import Tls
from etelecom_async._core.urls import is_encrypted, is_loopback, is_web_address
from etelecom_async._core.validators import must_be
from etelecom_async.errors import ConfigurationError

_YES_OR_NO: Final = must_be("True or False", lambda value: isinstance(value, bool))
_TLS: Final = must_be(
    "a Tls or an ssl.SSLContext", lambda value: value is None or isinstance(value, Tls | ssl.SSLContext)
)
_LIKE: Final = "looks like http://host:port or http://user:password@host:port; the given value does not"


@attrs.frozen(kw_only=True)
class ConnectionConfig:
    """Options of the caller for connections."""

    proxy: str | None = attrs.field(default=None, repr=False)
    """URL of the proxy for all calls. It may contain a user name and a password."""
    trust_env: bool = attrs.field(default=False, validator=_YES_OR_NO)
    """Whether to use the proxy of HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY."""
    tls: Tls | ssl.SSLContext | None = attrs.field(default=None, validator=_TLS)
    """Certificates. Default: the system's."""
    allow_http: bool = attrs.field(default=False, validator=_YES_OR_NO)
    """Whether to allow sending unencrypted requests to other machines."""

    def __attrs_post_init__(self) -> None:
        # Not a validator: its error shows the value, which may contain a password.
        if self.proxy is not None:
            _refuse_invalid_proxy(self.proxy, "proxy")

    def proxy_for(self, url: str) -> str | None:
        """
        Return the proxy for calls to *url*, or `None`.

        Raises:
            ConfigurationError: The proxy could read the key.
        """
        if self.proxy is not None:
            if not self._may_see(self.proxy, url):
                message = (
                    "the base URL is not encrypted: the proxy, and others on the network, could read the key "
                    "and every response. Use https, or pass allow_http=True if you accept this."
                )
                raise ConfigurationError(message)
            return self.proxy
        if self.trust_env:
            proxy = _proxy_of_environment(url)
            # Ignore a proxy that could read the key. Without it, unencrypted requests go only to loopback.
            if proxy is not None and self._may_see(proxy, url):
                return proxy
        return None

    def _may_see(self, proxy: str, url: str) -> bool:
        return self.allow_http or is_encrypted(url) or is_loopback(proxy)


def _proxy_of_environment(url: str) -> str | None:
    parts = urlsplit(url)
    # Only environment variables count: `getproxies` would also read the system's settings.
    proxies = getproxies_environment()
    proxy = proxies.get(parts.scheme) or proxies.get("all")
    if not proxy or proxy_bypass(parts.netloc):
        return None
    if "://" not in proxy:
        proxy = f"http://{proxy}"
    _refuse_invalid_proxy(proxy, f"the proxy in the environment for {parts.scheme}")
    return proxy


def _refuse_invalid_proxy(proxy: Any, name: str) -> None:
    if not (isinstance(proxy, str) and is_web_address(proxy)):
        message = f"{name} {_LIKE}."
        raise ConfigurationError(message)
    parts = urlsplit(proxy)
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    if ":" in user or any(letter > "\xff" for letter in user + password):
        message = (
            f"{name} has a user name with a colon, or characters outside Latin-1 in its user name or "
            f"password: HTTP cannot send them."
        )
        raise ConfigurationError(message)
