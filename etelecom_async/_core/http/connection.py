"""
The way to the server, where it is not the plain one: proxies, and certificates of one's own.

The room opens no connection; `transport` asks it before it does.
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
_LIKE: Final = "looks like http://host:port or http://user:password@host:port; what is given does not"


@attrs.frozen(kw_only=True)
class ConnectionConfig:
    """What a caller says of the way to the server."""

    proxy: str | None = attrs.field(default=None, repr=False)
    """All calls go by way of it; its user name and password stand in it."""
    trust_env: bool = attrs.field(default=False, validator=_YES_OR_NO)
    """Whether the environment may name the proxy: HTTPS_PROXY, HTTP_PROXY, ALL_PROXY, NO_PROXY."""
    tls: Tls | ssl.SSLContext | None = attrs.field(default=None, validator=_TLS)
    """Certificates, in place of the system's."""
    allow_http: bool = attrs.field(default=False, validator=_YES_OR_NO)
    """Whether what is not encrypted may leave this machine."""

    def __attrs_post_init__(self) -> None:
        # By no validator, which repeats what was given: a password may stand in it.
        if self.proxy is not None:
            _refuse_odd_proxy(self.proxy, "proxy")

    def proxy_for(self, url: str) -> str | None:
        """
        Return the proxy by way of which *url* is called, `None` for none.

        Raises:
            ConfigurationError: The proxy could read the key.
        """
        if self.proxy is not None:
            if not self._may_see(self.proxy, url):
                message = (
                    "the base URL is not encrypted, so that the proxy, and who is on the way to it, could "
                    "read the key and every answer. Write https, or allow_http=True if that is meant."
                )
                raise ConfigurationError(message)
            return self.proxy
        if self.trust_env:
            proxy = _proxy_of_environment(url)
            # One that may not see it is passed by: to loopback, where all else that is plain may not go.
            if proxy is not None and self._may_see(proxy, url):
                return proxy
        return None

    def _may_see(self, proxy: str, url: str) -> bool:
        return self.allow_http or is_encrypted(url) or is_loopback(proxy)


def _proxy_of_environment(url: str) -> str | None:
    parts = urlsplit(url)
    # The environment alone is asked: the system's settings are looked for where it names no proxy at all.
    proxies = getproxies_environment()
    proxy = proxies.get(parts.scheme) or proxies.get("all")
    if not proxy or proxy_bypass(parts.netloc):
        return None
    if "://" not in proxy:
        proxy = f"http://{proxy}"
    _refuse_odd_proxy(proxy, f"the proxy that the environment names for {parts.scheme}")
    return proxy


def _refuse_odd_proxy(proxy: Any, name: str) -> None:
    if not (isinstance(proxy, str) and is_web_address(proxy)):
        message = f"{name} {_LIKE}."
        raise ConfigurationError(message)
    parts = urlsplit(proxy)
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    if ":" in user or any(letter > "\xff" for letter in user + password):
        message = (
            f"{name} has a user name with a colon, or a user name or password with letters that Latin-1 does "
            f"not have: HTTP cannot carry them."
        )
        raise ConfigurationError(message)
