"""
Protection of the sandbox from web pages.

A browser on this machine runs pages of other origins. Each of them can send requests to a loopback address.
Three rules reject such requests before anything else reads them:

    - The `Host` names the sandbox. A page can have a DNS name that points to this machine (DNS rebinding).
    - The request comes from no page of another origin, by `Origin` and `Sec-Fetch-Site`. Only a link or a
      redirect to a sign-in page may come from there, because people reach these pages in that way.
    - A POST to the control API has JSON. A form of a page cannot send JSON.

Programs that are not browsers send neither `Origin` nor `Sec-Fetch-Site`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from http import HTTPStatus
from ipaddress import IPv6Address, ip_address
from typing import Final

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from etelecom_async.errors import APIError, MalformedError, PermissionDeniedError
from etelecom_async.sandbox.services.account.handlers import SIGN_IN_PATH
from etelecom_async.sandbox.services.zalo.accounts import PERMISSION_PATH
from etelecom_async.sandbox.web.responses import error_response

_JSON: Final = "application/json"
_CONTROL_API: Final = "/_sandbox/"
_SIGN_IN_PAGES: Final = (SIGN_IN_PATH, PERMISSION_PATH)
_NAME: Final = re.compile(r"[A-Za-z0-9._-]+")
_HOST: Final = re.compile(rf"(?P<name>{_NAME.pattern}|\[[0-9A-Fa-f.]*:[0-9A-Fa-f:.]*\])(?::[0-9]{{1,5}})?")
# `none` is a typed address or a bookmark.
_OWN_SITES: Final = frozenset({"none", "same-origin"})
_TOP_LEVEL: Final = {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
_HEADERS: Final = {
    # A page cannot show a sign-in page in a frame and trick a person into a click.
    "Content-Security-Policy": "frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    # The URL of a sign-in page has a token.
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}


class AccessControl:
    """
    The rules of one sandbox.

    Args:
        host: Address that the sandbox listens on.
        allow_hosts: Other names or addresses of the sandbox, without ports.

    Raises:
        ValueError: A text of *allow_hosts* is neither a name nor an address.
    """

    def __init__(self, host: str, allow_hosts: Iterable[str] = ()) -> None:
        names = [allow_hosts] if isinstance(allow_hosts, str) else allow_hosts
        self._names: Final = frozenset({_normalize(host), *map(_read_name, names)})

    def middleware(self) -> Middleware:
        """Return the middleware that rejects requests by the rules."""

        @web.middleware
        async def check(request: web.Request, handler: Handler) -> web.StreamResponse:
            try:
                self.check(request)
            except APIError as error:
                return error_response(error)
            return await handler(request)

        return check

    def check(self, request: web.Request) -> None:
        """
        Check a request by the rules.

        Raises:
            MalformedError: The target of the request is not a path in ASCII.
            PermissionDeniedError: The host is not allowed, or a page of another origin sent the request.
            APIError: A POST to the control API has no JSON (415).
        """
        if not (request.raw_path.startswith("/") and request.raw_path.isascii()):
            raise MalformedError("the target of the request is not a path in ASCII")
        host = self._check_host(request)
        if _is_foreign(request, host):
            raise PermissionDeniedError(
                "the sandbox takes no request from a web page of another origin",
                meta={"reason": "a person can open the sandbox by typing its address"},
            )
        if request.method == "POST" and request.path.startswith(_CONTROL_API):
            _check_json(request)

    def _check_host(self, request: web.Request) -> str:
        """Return the `Host` of a request, in lower case."""
        # Blanks at the end mean nothing; older releases of aiohttp keep them.
        hosts = [host.rstrip() for host in request.headers.getall("Host", [])]
        found = _HOST.fullmatch(hosts[0]) if len(hosts) == 1 else None
        if found is None:
            raise PermissionDeniedError("the sandbox needs one Host header with a name or an address")
        name = _normalize(found["name"])
        if not (name in self._names or is_loopback(name) or name == _local_address(request)):
            raise PermissionDeniedError(
                f"the sandbox does not serve the host {name}",
                meta={"reason": f"if {name} names this machine, start the sandbox with --allow-host {name}"},
            )
        return hosts[0].lower()


async def add_headers(_: web.Request, response: web.StreamResponse) -> None:
    """Add the headers with which browsers keep a response from other origins."""
    response.headers.update(_HEADERS)


def media_type(request: web.Request) -> str:
    """Return the media type of a body in lower case, without its parameters."""
    return request.headers.get("Content-Type", "").partition(";")[0].strip().lower()


def is_loopback(host: str) -> bool:
    """Return whether only this machine can reach a host."""
    name = _normalize(host)
    return name == "localhost" or (_is_address(name) and ip_address(name).is_loopback)


def _check_json(request: web.Request) -> None:
    if media_type(request) != _JSON:
        text = "a POST to the control API needs the header `Content-Type: application/json`"
        raise APIError(text, code=MalformedError.code, status=HTTPStatus.UNSUPPORTED_MEDIA_TYPE)


def _is_foreign(request: web.Request, host: str) -> bool:
    """Return whether a page of another origin sent a request."""
    # A proxy for https keeps the host.
    own = {f"http://{host}", f"https://{host}"}
    if not own.issuperset(map(str.lower, request.headers.getall("Origin", ()))):
        return True
    if _OWN_SITES.issuperset(request.headers.getall("Sec-Fetch-Site", ())):
        return False
    return not (
        request.method == "GET"
        and request.path in _SIGN_IN_PAGES
        and all(request.headers.getall(name, ()) == [value] for name, value in _TOP_LEVEL.items())
    )


def _read_name(text: str) -> str:
    if not (_NAME.fullmatch(text) or _is_address(_normalize(text))):
        raise ValueError(f"{text!r} is not a host: give a name or an address, without scheme and port")
    return _normalize(text)


def _normalize(host: str) -> str:
    """Return the only form of a name or an address."""
    name = host.lower().removesuffix(".")
    try:
        address = ip_address(name.removeprefix("[").removesuffix("]"))
    except ValueError:
        return name
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return str(mapped or address)


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


def _local_address(request: web.Request) -> str:
    """Return the address of this machine on which a request arrived."""
    transport = request.transport
    address: Sequence[object] = (transport and transport.get_extra_info("sockname")) or ("",)
    return _normalize(str(address[0]))
