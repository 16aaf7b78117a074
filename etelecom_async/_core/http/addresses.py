"""Tell public IP addresses from those of private networks, and refuse connections to the latter."""

from __future__ import annotations

import socket
from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Any, Final

_CARRIERS: Final = (IPv6Network("64:ff9b::/96"), IPv6Network("::/96"), IPv6Network("::ffff:0:0:0/96"))
"""Networks whose addresses end with an IPv4 address: translation (NAT64, SIIT), and its oldest form."""
_ASSIGNED: Final = IPv6Network("2000::/3")
"""The only IPv6 addresses that are assigned for the Internet. Translators inside of networks use others."""


class PrivateAddressError(OSError):
    """A connection to an address was refused before its socket was opened."""

    def __init__(self) -> None:
        super().__init__("the address is not public")


def is_public(address: str) -> bool:
    """
    Return whether an IP address belongs to the public Internet.

    Not public are addresses of this machine, of private networks, links and groups. The metadata services of
    clouds have such addresses. An IPv6 address that leads to an IPv4 address is as public as that one. 6to4
    is out of use, and its addresses are not public: newer releases of Python say so, too.
    """
    ip = ip_address(address)
    inside = _inside(ip)
    if isinstance(ip, IPv6Address) and not inside and (ip not in _ASSIGNED or ip.sixtofour is not None):
        return False
    return all(part.is_global and not part.is_multicast for part in inside or (ip,))


def _inside(ip: IPv4Address | IPv6Address) -> tuple[IPv4Address, ...]:
    """Return the IPv4 addresses to which an IPv6 address leads."""
    if isinstance(ip, IPv4Address):
        return ()
    found = [ip.ipv4_mapped]
    if any(ip in network for network in _CARRIERS):
        found.append(IPv4Address(int(ip) & 0xFFFFFFFF))
    return tuple(each for each in found if each is not None)


def guarded_sockets(is_allowed: Callable[[str], bool]) -> Callable[[Any], socket.socket]:
    """
    Return a function that opens the sockets of a connection pool, for allowed IP addresses only.

    It sees each address just before the connection, after the look-up of the name. So a name that has another
    address in the next look-up gains nothing.

    Args:
        is_allowed: Whether a connection to an IP address is allowed.
    """

    def open_socket(info: Any) -> socket.socket:
        family, kind, protocol, _, place = info
        if not is_allowed(str(place[0])):
            raise PrivateAddressError
        return socket.socket(family, kind, protocol)

    return open_socket
