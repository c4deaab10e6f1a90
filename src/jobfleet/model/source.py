"""Where a request comes from, behind proxies too."""

import ipaddress
from collections.abc import Sequence

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def source_of(peer: str, forwarded_for: str, trusted: Sequence[Network]) -> str:
    """Return the address that a request comes from.

    Args:
        peer: Who opened the connection.
        forwarded_for: The header `X-Forwarded-For`; every proxy adds at its end whom it heard from.
        trusted: Networks of our own proxies; what others write into the header counts for nothing.

    Source: docs/reference/sign-in.md, «Source addresses».
    """
    found = peer
    for text in reversed([part.strip() for part in forwarded_for.split(",") if part.strip()]):
        if not is_trusted(found, trusted):
            break
        if _address(text) is None:
            break
        found = text
    plain = _address(found)
    return str(plain) if plain else found


def counted_as(address: str) -> str:
    """Return what wrong passwords from an address are counted for: itself, or the /64 network of an IPv6 address.

    Whoever has one IPv6 address has all of its network.

    Source: docs/reference/sign-in.md, «Wrong passwords».
    """
    plain = _address(address)
    if not isinstance(plain, ipaddress.IPv6Address):
        return address
    return str(ipaddress.IPv6Network((int(plain) >> 64 << 64, 64)))


def is_trusted(address: str, trusted: Sequence[Network]) -> bool:
    """Tell whether an address is one of our own proxies'."""
    plain = _address(address)
    return plain is not None and any(plain in network for network in trusted if network.version == plain.version)


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        found = ipaddress.ip_address(text)
    except ValueError:
        return None
    mapped = found.ipv4_mapped if isinstance(found, ipaddress.IPv6Address) else None
    return mapped or found
