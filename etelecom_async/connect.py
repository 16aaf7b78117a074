"""
Read the redirect with which the owner of a shop returns after the login.

`partner.shops.connect` returns the page for the login. eTelecom then opens the partner's `redirect_url`, and
adds `token` and `shop_id` to it. `partner.shops.authorize` takes the `shop_id` and returns the key.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final
from urllib.parse import unquote, unquote_plus

import attrs

from etelecom_async._core.secret import Secret
from etelecom_async._core.tracebacks import boundary
from etelecom_async._core.values import kind_of
from etelecom_async.errors import InvalidRequestError

_NAMES: Final = ("token", "shop_id")
# The service may add its parameters after a second question mark. They are then inside of the text before.
_SECOND_MARK: Final = re.compile(rf"\?(?={'|'.join(f'{name}=' for name in _NAMES)})")
_ID: Final = re.compile(r"0*[1-9][0-9]{0,18}")


@attrs.frozen(kw_only=True)
class ShopRedirect:
    """The parameters of a redirect."""

    shop_id: str
    """The shop that logged in."""
    token: Secret
    """The token that eTelecom added. No call needs it."""
    params: Mapping[str, str] = attrs.field(repr=False)
    """The partner's own parameters of `redirect_url`, for example a `state`."""


@boundary
def parse_redirect(url: str) -> ShopRedirect:
    """
    Read the address that the browser of a shop's owner opened after the login.

    The service's parameters come last. So they are found even if the partner's own address has parameters of
    the same names, or if the service added a second `?`. Anybody can open such an address: check a `state` of
    your own, and get the key only with `partner.shops.authorize`.

    Args:
        url: The whole address, or only its path and query, for example `str(request.url)`.

    Returns:
        The shop's id, the token, and the partner's own parameters.

    Raises:
        InvalidRequestError: The address has no token or no valid shop_id. The text shows no value.
    """
    given: Any = url
    if not isinstance(given, str):
        raise _invalid(f"url takes a text, not {kind_of(given)}: pass the address, e.g. str(request.url)")
    parts = _parts(given.strip())
    service = {name: part for part in parts for name in _NAMES if part.is_named(name)}
    missing = [name for name in _NAMES if name not in service]
    if missing:
        raise _invalid(
            *(f"the address has no {name}" for name in missing),
            "pass the whole address that the browser opened, with its query",
        )
    token, shop_id = (service[name] for name in _NAMES)
    if _ID.fullmatch(shop_id.value) is None:
        raise _invalid("the shop_id of the address is not an id: a whole number above 0")
    own = _joined(parts, service.values())
    return ShopRedirect(shop_id=shop_id.value, token=Secret(token.value), params=own)


@attrs.define(eq=False)
class _Part:
    """A part of the query: a parameter, or what follows a second question mark in one."""

    text: str
    """As it is in the address, without the question mark."""
    continues: _Part | None = None
    """The part before the second question mark."""

    @property
    def value(self) -> str:
        return unquote(self.text.partition("=")[2])  # a plus sign of a token stays

    def is_named(self, name: str) -> bool:
        """Return whether the part is a parameter of this name, and not empty."""
        found, _, value = self.text.partition("=")
        return bool(value) and unquote(found) == name


def _parts(url: str) -> list[_Part]:
    """Return the parts of the query of *url* in their order."""
    query = url.partition("?")[2] if "?" in url else url
    parts: list[_Part] = []
    for parameter in re.split("[&#]", query):
        # A framework that wrote the query again has encoded the second question mark.
        encoded = re.sub("%3f", "?", parameter, flags=re.IGNORECASE)
        encoded = re.sub("%3d", "=", encoded, flags=re.IGNORECASE)
        first, *more = _SECOND_MARK.split(encoded)
        parts.append(_Part(first if more else parameter))
        for text in more:
            parts.append(_Part(text, continues=parts[-1]))
    return parts


def _joined(parts: Iterable[_Part], service: Iterable[_Part]) -> dict[str, str]:
    """Return the partner's own parameters; a part that is not the service's belongs to the one before."""
    texts: list[str] = []
    taken = set(map(id, service))
    for part in parts:
        if id(part) in taken:
            continue
        if part.continues is not None and id(part.continues) not in taken:
            texts[-1] += f"?{part.text}"
        else:
            texts.append(part.text)
    pairs = [unquote_plus(text).partition("=") for text in texts if text]
    return {name: value for name, _, value in pairs}


def _invalid(*problems: str) -> InvalidRequestError:
    return InvalidRequestError(problems, operation="parse_redirect")
