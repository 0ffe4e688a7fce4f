"""Which hosts and addresses may be dialled: public ones, and nothing that only looks public."""

import ipaddress
import re

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

# The URL standard reads a host as an IPv4 address where its last label is a number of any base.
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*", re.IGNORECASE)
_REFUSED = tuple(
    ipaddress.ip_network(network)
    for network in (
        "192.0.0.0/24",  # protocol assignments, and a cloud's metadata
        "168.63.129.16/32",  # the platform service of Azure
        "192.88.99.0/24",  # relays of 6to4
        "64:ff9b::/96",  # NAT64: an IPv4 address inside
        "64:ff9b:1::/48",
        "2002::/16",  # 6to4: likewise
        "2001::/32",  # Teredo: likewise
        "::/96",  # IPv4-compatible, long deprecated
        "::ffff:0:0:0/96",  # IPv4-translated
        "5f00::/16",  # segment routing
    )
)


def literal(host: str) -> Address | None:
    """Return the address that a host is a literal of, or None where it is a name.

    Args:
        host: as a URL parser returns it: normalised, an IPv6 literal without brackets.
    """
    try:
        return ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return None


def is_number(host: str) -> bool:
    """Tell whether some URL parser would read a host as an IPv4 address: `127.1`, `0x7f000001`."""
    return _NUMBER.fullmatch(host.rstrip(".").rpartition(".")[2]) is not None


def refusal(address: Address, *, allow_loopback: bool) -> str | None:
    """Return why an address may not be dialled, or None where it may.

    Args:
        address: an address.
        allow_loopback: whether this machine itself may be dialled, for development.
    """
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    if address.is_loopback:
        return None if allow_loopback else "is this machine's own"
    if not address.is_global or address.is_multicast or address.is_reserved:
        return "is not a public address"
    if any(address in network for network in _REFUSED if network.version == address.version):
        return "stands for another address"
    return None
