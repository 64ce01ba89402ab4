"""Which network addresses are this very host, and which lie within a private network."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address

Ip = IPv4Address | IPv6Address


def is_loopback_host(host: str) -> bool:
    """The name "localhost", or an address that is loopback in either form (127.0.0.0/8, ::1, ::ffff:127.0.0.1)."""
    if host.lower().rstrip(".") == "localhost":
        return True
    try:
        return is_loopback(ip_address(host))
    except ValueError:
        return False


def is_loopback(address: Ip) -> bool:
    """Loopback, also where an IPv4 address is written as IPv6."""
    return plain(address).is_loopback


def is_private(address: Ip) -> bool:
    """Not an address of the public internet: private, link-local, shared, multicast, reserved, unspecified."""
    return not plain(address).is_global or plain(address).is_multicast


def plain(address: Ip) -> Ip:
    """The IPv4 address that an IPv4-mapped IPv6 address stands for; any other as it is."""
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address
