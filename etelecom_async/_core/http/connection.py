"""
Choose proxies and certificates for connections.

This module opens no connection; `transport` does.
"""

from __future__ import annotations

import base64
import ssl
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any, Final, Self
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


@attrs.frozen(slots=False)
class Proxy:
    """A proxy. Its URL has no password, because aiohttp prints the URL in warnings."""

    url: str
    user: str = attrs.field(default="", repr=False)
    password: str = attrs.field(default="", repr=False)

    @classmethod
    def of(cls, url: str) -> Self:
        """Return the proxy with this URL, which may contain a user name and a password."""
        parts = urlsplit(url)
        bare = parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
        return cls(bare, unquote(parts.username or ""), unquote(parts.password or ""))

    @cached_property
    def headers(self) -> Mapping[str, str]:
        """The header with user name and password, if there are any."""
        if not (self.user or self.password):
            return {}
        credentials = base64.b64encode(f"{self.user}:{self.password}".encode("latin-1")).decode()
        return {"Proxy-Authorization": f"Basic {credentials}"}

    def secrets(self) -> Iterator[str]:
        """Yield the texts that no error may show."""
        if self.user or self.password:
            yield self.password or self.user  # a user name without a password is a token


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
    _proxy: Proxy | None = attrs.field(init=False, eq=False, repr=False)

    def __attrs_post_init__(self) -> None:
        proxy = None if self.proxy is None else _read_proxy(self.proxy, "proxy")
        object.__setattr__(self, "_proxy", proxy)

    def proxy_for(self, url: str) -> Proxy | None:
        """
        Return the proxy for calls to *url*, or `None`.

        Raises:
            ConfigurationError: The proxy could read the key.
        """
        if self._proxy is not None:
            if not self._may_see(self._proxy, url):
                message = (
                    "the base URL is not encrypted: the proxy, and others on the network, could read the key "
                    "and every response. Use https, or pass allow_http=True if you accept this."
                )
                raise ConfigurationError(message)
            return self._proxy
        if self.trust_env:
            proxy = _proxy_of_environment(url)
            # Ignore a proxy that could read the key. Without it, unencrypted requests go only to loopback.
            if proxy is not None and self._may_see(proxy, url):
                return proxy
        return None

    def _may_see(self, proxy: Proxy, url: str) -> bool:
        return self.allow_http or is_encrypted(url) or is_loopback(proxy.url)


def _proxy_of_environment(url: str) -> Proxy | None:
    parts = urlsplit(url)
    # Only environment variables count: `getproxies` would also read the system's settings.
    proxies = getproxies_environment()
    proxy = proxies.get(parts.scheme) or proxies.get("all")
    if not proxy or proxy_bypass(parts.netloc):
        return None
    if "://" not in proxy:
        proxy = f"http://{proxy}"
    return _read_proxy(proxy, f"the proxy in the environment for {parts.scheme}")


def _read_proxy(proxy: Any, name: str) -> Proxy:
    """Return the proxy; an error shows only *name*, because the URL may contain a password."""
    if not (isinstance(proxy, str) and is_web_address(proxy)):
        message = f"{name} {_LIKE}."
        raise ConfigurationError(message)
    read = Proxy.of(proxy)
    if ":" in read.user or any(letter > "\xff" for letter in read.user + read.password):
        message = (
            f"{name} has a user name with a colon, or characters outside Latin-1 in its user name or "
            f"password: HTTP cannot send them."
        )
        raise ConfigurationError(message)
    return read
