"""Which addresses of the network are the public internet's, and which are somebody's inside."""

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

from cdp.common.outbound_errors import OutboundFailed, OutboundRefused

Address = IPv4Address | IPv6Address

# IANA's registries of special-purpose addresses, multicast, class E, and what clouds answer about themselves on.
INSIDE_4 = tuple(
    IPv4Network(network)
    for network in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "168.63.129.16/32",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.31.196.0/24",
        "192.52.193.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "192.175.48.0/24",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
    )
)
PUBLIC_6 = IPv6Network("2000::/3")
"""Global unicast. Mapped, compatible, NAT64, unique local, link-local, site-local and multicast lie outside."""
INSIDE_6 = tuple(
    IPv6Network(network)
    for network in (
        "2001::/23",  # protocol assignments, Teredo and benchmarking among them
        "2001:db8::/32",
        "2002::/16",  # 6to4: an IPv4 address in disguise
        "2620:4f:8000::/48",
        "3fff::/20",
    )
)
ISATAP = (0x0000_5EFE, 0x0200_5EFE)
"""Bits 64 to 95 of an address whose last 32 bits are an IPv4 address."""


def is_public(address: Address) -> bool:
    if isinstance(address, IPv4Address):
        return not any(address in network for network in INSIDE_4)
    if address.scope_id is not None or address not in PUBLIC_6:
        return False
    if int(address) >> 32 & 0xFFFF_FFFF in ISATAP:
        return False
    return not any(address in network for network in INSIDE_6)


def checked(answers: Sequence[str]) -> list[Address]:
    """The addresses a name stands for. One that is not public spoils them all: an honest name has no such mixture."""
    if not answers:
        raise OutboundFailed("The host's name has no address.", permanent=True, is_unsent=True)
    addresses = [ip_address(answer) for answer in answers]
    if not all(map(is_public, addresses)):
        raise OutboundRefused("The host's address is private or reserved, and such addresses are not asked.")
    return addresses
