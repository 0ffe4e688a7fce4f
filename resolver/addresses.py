"""Which hosts and addresses may be dialled: public ones, and nothing that only looks public."""

import ipaddress
import re

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

MAX_NAME = 253
"""Characters of a host name (RFC 1035 2.3.4)."""

_LABEL = "[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_NAME = re.compile(rf"{_LABEL}(?:\.{_LABEL})*\.?")
# The URL standard reads a host as an IPv4 address where its last label is a number of any base.
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")

# Python calls these global. The public registry of special addresses, and clouds, do not.
_NOT_PUBLIC_4 = tuple(
    ipaddress.IPv4Network(network)
    for network in (
        "192.0.0.0/24",  # protocol assignments, and a cloud's metadata
        "168.63.129.16/32",  # the platform service of Azure
        "192.88.99.0/24",  # relays of 6to4
    )
)
# All of IPv6 that is assigned to be public. What is outside of it (mapped and translated IPv4,
# NAT64, site-local, unique local, multicast) is refused without a list.
_PUBLIC_6 = ipaddress.IPv6Network("2000::/3")
_NOT_PUBLIC_6 = tuple(
    ipaddress.IPv6Network(network)
    for network in (
        "2001::/23",  # protocol assignments, with Teredo: an IPv4 address inside
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4: an IPv4 address inside
        "3fff::/20",  # documentation
    )
)


def literal(host: str) -> Address | None:
    """Return the address that a host is a literal of, or None where it is none.

    Args:
        host: as a URL parser returns it: normalised, an IPv6 literal without brackets.
    """
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def is_name(host: str) -> bool:
    """Tell whether a host is a name: letters, digits and hyphens that nobody reads as a number.

    `127.1`, `0x7f000001` and `127%2e0%2e0%2e1` are none.

    Args:
        host: as a URL parser returns it: normalised, in lower case, in its ASCII form.
    """
    if len(host) > MAX_NAME or not _NAME.fullmatch(host):
        return False
    return not _NUMBER.fullmatch(host.rstrip(".").rpartition(".")[2])


def refusal(address: Address, *, allow_loopback: bool) -> str | None:
    """Return why an address may not be dialled, or None where it may.

    Args:
        address: an address.
        allow_loopback: whether this machine itself may be dialled, for development.
    """
    if address.is_loopback:
        return None if allow_loopback else "is this machine's own"
    return None if _is_public(address) else "is not a public address"


def _is_public(address: Address) -> bool:
    if isinstance(address, ipaddress.IPv4Address):
        public = address.is_global and not address.is_multicast
        return public and not any(address in network for network in _NOT_PUBLIC_4)
    return address in _PUBLIC_6 and not any(address in network for network in _NOT_PUBLIC_6)
