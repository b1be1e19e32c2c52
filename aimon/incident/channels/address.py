"""Addresses that may be reached: a name is resolved once, checked, and the connection goes to what was checked.

A name that resolves to a private, loopback or otherwise internal address is refused unless the channel allows it, so
that nobody uses a message to reach what only this machine can.
"""

import socket
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from aimon.incident.channel import DeliveryError

_EMBEDS_IPV4 = (
    ip_network("::/96"),
    ip_network("64:ff9b::/96"),
    ip_network("64:ff9b:1::/48"),
    ip_network("2002::/16"),
    ip_network("2001::/32"),
)


def resolve(host: str, port: int, *, allow_private: bool) -> str:
    """The address to connect to. Every address of the name must be allowed, not only the first.

    >>> resolve("10.0.0.7", 443, allow_private=True)
    '10.0.0.7'
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise DeliveryError(f"the name {host} is not known") from None
    addresses = [str(entry[4][0]).partition("%")[0] for entry in found]
    if not allow_private and any(is_internal(address) for address in addresses):
        raise DeliveryError(
            f"{host} is a private address or one of this machine; allow_private: true on the channel would let it pass",
            permanent=True,
        )
    return addresses[0]


def is_internal(address: str) -> bool:
    """Whether an address is not one of the public internet.

    >>> [is_internal(each) for each in ("127.0.0.1", "169.254.169.254", "::ffff:10.0.0.1", "100.64.0.1", "8.8.8.8")]
    [True, True, True, True, False]
    """
    parsed = ip_address(address)
    if isinstance(parsed, IPv6Address):
        if parsed.ipv4_mapped is not None:
            return _is_internal(parsed.ipv4_mapped)
        return _is_internal(parsed) or any(parsed in network for network in _EMBEDS_IPV4)
    return _is_internal(parsed)


def _is_internal(address: IPv4Address | IPv6Address) -> bool:
    return not address.is_global or address.is_multicast
