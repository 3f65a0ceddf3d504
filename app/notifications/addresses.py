"""Which addresses an outgoing request may reach: public ones, and those an administrator listed (P20). Pure."""

import ipaddress
from collections.abc import Collection
from typing import Final

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
PORTS: Final = frozenset({80, 443, 8080, 8443})
"""Where a public robot may listen; a listed host may use any port."""
_NEVER_PUBLIC: Final = tuple(
    ipaddress.ip_network(text)
    for text in (
        "168.63.129.16/32",  # a cloud's own machine, behind an address that looks public
        "192.0.0.0/24",  # protocol assignments
        "192.88.99.0/24",  # 6to4 relays
        "64:ff9b::/96",  # NAT64: an IPv4 address inside
        "64:ff9b:1::/48",  # NAT64 of a local network
        "2001::/23",  # Teredo and other protocol assignments
        "2002::/16",  # 6to4: an IPv4 address inside
        "3fff::/20",  # documentation
        "fec0::/10",  # the site-local addresses of old
    )
)
"""Networks that Python calls global and that still lead inside, or nowhere."""


def is_public(address: Address) -> bool:
    """Whether this address belongs to the open internet: not private, loopback, link-local, multicast or reserved.

    An IPv6 address that only wraps an IPv4 one is judged by what it wraps.
    """
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return is_public(address.ipv4_mapped)
        if address.scope_id:
            return False
    inside = address.is_private or address.is_loopback or address.is_link_local or address.is_multicast
    odd = address.is_reserved or address.is_unspecified or not address.is_global
    return not (inside or odd or any(address in network for network in _NEVER_PUBLIC))


def is_listed(address: Address, *, host: str, listed: Collection[str]) -> bool:
    """Whether the host's name, its address, or a network around the address is on the list."""
    bare = host.lower().removesuffix(".")
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return any(bare == entry or _covers(entry, address) or (mapped and _covers(entry, mapped)) for entry in listed)


def _covers(entry: str, address: Address) -> bool:
    try:
        return address in ipaddress.ip_network(entry, strict=False)
    except ValueError:  # the entry is a name
        return False


def may_reach(address: Address, *, host: str, port: int, listed: Collection[str]) -> bool:
    """Whether a request for `host` may connect to this address and port."""
    return is_listed(address, host=host, listed=listed) or (is_public(address) and port in PORTS)
