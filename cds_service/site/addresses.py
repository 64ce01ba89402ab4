"""Addresses: which are this very host, and when two of the web are the same."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address
from urllib.parse import SplitResult, urlsplit

Ip = IPv4Address | IPv6Address

_DEFAULT_PORTS = {"https": 443, "http": 80}


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


def plain(address: Ip) -> Ip:
    """The IPv4 address that an IPv4-mapped IPv6 address stands for; any other as it is."""
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


def origin(parts: SplitResult) -> tuple[str, str | None, int | None]:
    """Scheme, host and port, the port of the scheme where none is said. Raises ValueError for a port that is none."""
    return parts.scheme, parts.hostname, parts.port or _DEFAULT_PORTS.get(parts.scheme)


def normal_url(text: str) -> str:
    """The address without regard to case of scheme and host, default port and trailing slash; other text as it is."""
    try:
        parts = urlsplit(text)
        host, port = parts.hostname, parts.port
    except ValueError:
        return text
    if not parts.scheme or not host or "@" in parts.netloc or "#" in text:
        return text
    shown = f"[{host}]" if ":" in host else host
    if port is not None and port != _DEFAULT_PORTS.get(parts.scheme.lower()):
        shown = f"{shown}:{port}"
    query = f"?{parts.query}" if parts.query else ""
    return f"{parts.scheme.lower()}://{shown}{parts.path.removesuffix('/')}{query}"
