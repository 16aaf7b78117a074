"""
Check keys and base URLs, and build URLs and headers from them.

This module contains the documented forms of keys. It contains no operation and sends nothing.
"""

from __future__ import annotations

import platform
import re
import string
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final
from urllib.parse import urlsplit

import attrs

from etelecom_async._core.operation import KeyKind
from etelecom_async._core.secret import Secret
from etelecom_async._core.urls import is_encrypted, is_loopback, is_web_address
from etelecom_async._core.values import kind_of
from etelecom_async._version import __version__
from etelecom_async.errors import ConfigurationError, KeyKindError

USER_AGENT: Final = f"etelecom-async/{__version__} python/{platform.python_version()}"

BASE_URL: Final = "https://api.etelecom.vn/v1"
# The newer of the two hosts in the documentation of the SMS service.
SMS_BASE_URL: Final = "https://omni.incom.vn"

_FEWEST_DIGITS: Final = 15
_REQUEST_PREFIX: Final = "request:"

# Parts that the client adds itself, but that users copy from the documentation.
_SCOPES: Final = ("shop", "partner")
_SMS_PREFIX: Final = "api"


@attrs.frozen(kw_only=True)
class Identity:
    """A key, its kind, and the base URL that it is sent to."""

    kind: KeyKind
    base_url: str
    secret: Secret
    """The key, or the password of the SMS service."""
    username: str = ""
    """The user name of the SMS service."""

    @property
    def account(self) -> str:
        """Whose data it is: the id before the key's colon, else the scope; for SMS the user name."""
        if self.kind is KeyKind.USERNAME_PASSWORD:
            return self.username
        account, colon, _ = self.secret.reveal().partition(":")
        return account if colon else self.kind.scope

    def secrets(self) -> Iterator[str]:
        """Yield the texts that no error may show."""
        secret = self.secret.reveal()
        yield secret
        if self.kind is not KeyKind.USERNAME_PASSWORD:
            yield secret.partition(":")[2]  # the part before the colon is the id of the account

    def url(self, wire_name: str) -> str:
        """Return the URL of an operation with a wire name such as `Etelecom/GetExtensions`."""
        if self.kind is KeyKind.USERNAME_PASSWORD:
            return f"{self.base_url}/api/{wire_name}"
        # A dot, not a slash: in the documentation the base URL ends with the scope.
        return f"{self.base_url}/{self.kind.scope}.{wire_name}"

    def headers(self) -> Mapping[str, str]:
        """Return the headers of every request."""
        headers = {
            "Accept": "application/json",
            "Content-Type": "application/json",
            "User-Agent": USER_AGENT,
        }
        if self.kind is not KeyKind.USERNAME_PASSWORD:
            headers["Authorization"] = f"Bearer {self.secret.reveal()}"
        return headers


def partner_key(key: Secret) -> KeyKind:
    """
    Return the kind of a key given to a `PartnerClient`.

    Raises:
        KeyKindError: The key has the form of a shop's key.
    """
    _refuse_request_token(key)
    if _is_shop_key(key):
        raise KeyKindError(
            "this is a shop_key (`shop<digits>:...`), which acts for one shop: "
            "use PartnerClient.for_shop(key) or ShopClient(api_key=key)."
        )
    return KeyKind.PARTNER_API_KEY


def shop_key(key: Secret) -> KeyKind:
    """
    Return the kind of a key given to a `ShopClient`: a shop's own, or a partner's for the shop.

    Raises:
        KeyKindError: The key is a request token.
    """
    _refuse_request_token(key)
    return KeyKind.PARTNER_SHOP_KEY if _is_shop_key(key) else KeyKind.SHOP_API_KEY


def partners_shop_key(key: Secret) -> KeyKind:
    """
    Return the kind of a key given to `PartnerClient.for_shop`.

    Raises:
        KeyKindError: The key has the form of a shop's own key.
    """
    _refuse_request_token(key)
    if is_shops_own(key):
        raise KeyKindError(
            "this is a shop's own api_key (`<digits>:...`), which is sent to the shop's base URL: "
            "use ShopClient(api_key=key)."
        )
    return KeyKind.PARTNER_SHOP_KEY


# https://docs.etelecom.vn/tich-hop-api/partner/su-dung shows the forms of shop_key and request token.
# The form of a shop's api_key (19 digits) is known from public client code. The form of a partner's key is
# not known.
def _is_shop_key(key: Secret) -> bool:
    before, colon, _ = key.reveal().partition(":")
    return colon != "" and before.startswith("shop") and before.removeprefix("shop").isdecimal()


def is_shops_own(key: Secret) -> bool:
    """Return whether a key has the known form of a shop's own key."""
    before, colon, _ = key.reveal().partition(":")
    return colon != "" and len(before) >= _FEWEST_DIGITS and before.isdecimal()


def _refuse_request_token(key: Secret) -> None:
    if key.reveal().startswith(_REQUEST_PREFIX):
        raise KeyKindError(
            "this is a request token, which is valid only in auth_url: after the shop's owner has signed in, "
            "shops.authorize(shop_id=...) returns the shop_key."
        )


_AROUND: Final = (r"\A\s|\s\Z", "starts or ends with white space: copy it again")
_EXPORT: Final = r"\A(?:(?:export|set)\s+)?"
# Patterns of what a pasted key contains from the place that it was copied from, and what to do.
_PASTED: Final = (
    _AROUND,
    ("[\"'`\u2018\u2019\u201c\u201d]", "contains quotes: pass only the key between them"),
    (
        r"(?i)\A(?:authorization\s*:|(?:basic|bearer|token)[\s:])",
        "starts with an authorization scheme such as `Bearer`: pass only the key after it",
    ),
    # A key in base64 may end with equals signs.
    (
        rf"{_EXPORT}[A-Za-z_]\w*\s*=(?!=*\Z)",
        "starts with `NAME=`: pass only the key after the equals sign",
    ),
    ("://", "is a web address, not a key"),
    # Such a key breaks the header, or the server refuses it without a clear reason.
    (r"[^ -~]", "has characters that no key has: copy it again"),
    (" ", "contains a space: copy it again"),
)
# Each new client checks its key. Compiling the patterns takes longer than making the rest of a client.
_USUAL: Final = frozenset(string.ascii_letters + string.digits + ":._-+")
_SCHEMES: Final = frozenset(("authorization", "basic", "bearer", "token"))
# User names and passwords may contain anything.
_SURROUNDING: Final = (
    _AROUND,
    (
        rf"{_EXPORT}ETELECOM_\w+\s*=",
        "starts with the name of a variable: pass only the text after the equals sign",
    ),
)


def problem_of_key(text: str) -> str | None:
    """
    Return what is wrong with the form of any key, or `None`.

    The result completes a sentence whose subject is the key, and does not show the key.
    """
    if _USUAL.issuperset(text) and text.partition(":")[0].lower() not in _SCHEMES:
        return None
    return _first_match(_PASTED, text)


def problem_of_credential(text: str) -> str | None:
    """Return what is wrong with a user name or a password, or `None`, as `problem_of_key` does."""
    return _first_match(_SURROUNDING, text)


def _first_match(patterns: Iterable[tuple[str, str]], text: str) -> str | None:
    return next((problem for pattern, problem in patterns if re.search(pattern, text)), None)


def api_base_url(url: str, *, name: str = "base_url", allow_http: bool = False) -> str:
    """
    Return *url*, which must not include `shop` or `partner`, without a trailing slash.

    Errors call the value *name*.

    Raises:
        ConfigurationError: The value is not a base URL, or the key would be sent unencrypted.
    """
    return _clean(url, name, like=BASE_URL, added=_has_scope, allow_http=allow_http)


def sms_base_url(url: str, *, name: str = "base_url", allow_http: bool = False) -> str:
    """
    Return *url*, which must not include `api`, without a trailing slash.

    Errors call the value *name*.

    Raises:
        ConfigurationError: The value is not a base URL, or the password would be sent unencrypted.
    """
    return _clean(url, name, like=SMS_BASE_URL, added=_has_sms_prefix, allow_http=allow_http)


def _clean(url: object, name: str, *, like: str, added: Callable[[list[str]], bool], allow_http: bool) -> str:
    if not isinstance(url, str):
        message = f"{name} takes a text, not {kind_of(url)}; a valid one looks like {like}."
        raise ConfigurationError(message)
    url = str.__str__(url)  # a subclass may behave differently
    # No message shows the value: it may contain a password, or be a key in the wrong place.
    if "@" in url:
        message = f"{name} contains a user name or a password; a valid one looks like {like}."
        raise ConfigurationError(message)
    if "?" in url or "#" in url:
        message = f"{name} contains `?` or `#`: remove it and what follows; a valid one looks like {like}."
        raise ConfigurationError(message)
    if not is_web_address(url):
        message = f"{name} is not a valid web address; a valid one looks like {like}."
        raise ConfigurationError(message)
    if not (allow_http or is_encrypted(url) or is_loopback(url)):
        message = (
            f"{name} is not encrypted: others on the network could read the key and every response. Use "
            f"https, or pass allow_http=True if you accept this."
        )
        raise ConfigurationError(message)
    url = url.rstrip("/")
    if added(urlsplit(url).path.split("/")):
        message = (
            f"{name} has too many parts: the client adds the scope, the service and the method itself; a "
            f"valid one looks like {like}."
        )
        raise ConfigurationError(message)
    return url


def _has_scope(path: list[str]) -> bool:
    *_, before, last = ["", *path]
    return last.partition(".")[0] in _SCOPES or ("." in before and before.partition(".")[0] in _SCOPES)


def _has_sms_prefix(path: list[str]) -> bool:
    return _SMS_PREFIX in path[-3:]
