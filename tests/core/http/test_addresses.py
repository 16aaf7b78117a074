"""Test which IP addresses are public, and that other connections are refused before a socket is opened."""

from __future__ import annotations

import socket

import pytest

from etelecom_async._core.http.addresses import PrivateAddressError, guarded_sockets, is_public


@pytest.mark.parametrize(
    "address",
    ["8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"],
)
def test_public(address: str) -> None:
    """Addresses of the Internet are public, also IPv6 addresses that lead to one."""
    assert is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.9.9.9",
        "0.0.0.0",
        "10.0.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "100.64.0.1",
        "198.18.0.1",
        "224.0.0.1",
        "239.255.255.250",
        "255.255.255.255",
        "240.0.0.1",
        "169.254.0.1",
        "169.254.169.254",  # metadata of most clouds
        "100.100.100.200",  # metadata of Alibaba Cloud
        "fd00:ec2::254",  # metadata of AWS over IPv6
        "::",
        "::1",
        "fe80::1",
        "fe80::1%lo",
        "fec0::1",
        "64:ff9b:1::a00:1",  # translation to IPv4 inside of a network
        "100:0:0:1::1",
        "4000::1",
        "5f00::1",
        "::fffe:127.0.0.1",
        "fc00::1",
        "ff02::1",
        "ff0e::1",
        "::ffff:127.0.0.1",
        "::ffff:169.254.169.254",
        "::ffff:0:10.0.0.1",
        "::7f00:1",
        "64:ff9b::a9fe:a9fe",
        "2002:7f00:1::1",
        "2002:808:808::1",
        "2002:a00:1::",
    ],
)
def test_not_public(address: str) -> None:
    """Addresses of machines, links, networks and groups are not, whatever their notation."""
    assert not is_public(address)


def test_sockets() -> None:
    """A socket is opened for an allowed address only."""
    info = (socket.AF_INET, socket.SOCK_STREAM, 0, "", ("127.0.0.1", 80))
    with guarded_sockets(lambda address: address == "127.0.0.1")(info) as opened:
        assert (opened.family, opened.type) == (socket.AF_INET, socket.SOCK_STREAM)
    with pytest.raises(PrivateAddressError, match="not public"):
        guarded_sockets(is_public)(info)
