"""Keeps our server from being sent to places that only it can reach (server-side request forgery)."""

import socket
from collections.abc import Iterable, Sequence
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network

from core.domain.errors import InvalidOption, Unavailable

Address = IPv4Address | IPv6Address
NAT64 = IPv6Network("64:ff9b::/96")
METADATA = frozenset(
    map(ip_address, ("169.254.169.254", "fd00:ec2::254", "100.100.100.200", "168.63.129.16"))
)
"""Where clouds (AWS, Google, Azure, Alibaba) answer any of their machines with its credentials."""


class HostNotAllowed(InvalidOption):
    title = "That host may not be reached from here"


class UnknownHost(Unavailable):
    title = "That host was not found"


def checked_address(host: str, port: int, *, allowed_networks: Iterable[str] = ()) -> str:
    """The address to connect to, instead of the name: the name is resolved once, and every address it has is checked.

    Refused unless ``allowed_networks`` (CIDR) holds them are loopback, private and other addresses that are not public;
    refused in any case are link-local, multicast and unspecified ones and those of cloud metadata.
    Raises HostNotAllowed, UnknownHost.
    """
    addresses = _resolved(host, port)
    networks = [ip_network(each, strict=False) for each in allowed_networks]
    for address in addresses:
        bare = _bare(address)
        if _is_forbidden(bare) or not (
            _is_public(bare) or any(bare.version == n.version and bare in n for n in networks)
        ):
            raise HostNotAllowed(
                "It has an address that is not public.",
                fix="Name a public host, or ask the operator to allow its network.",
            )
    return str(addresses[0])


def _resolved(host: str, port: int) -> Sequence[Address]:
    try:
        found = socket.getaddrinfo(host.strip("[]"), port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError, ValueError) as error:
        raise UnknownHost("Its name has no address.", fix="Check the spelling.") from error
    addresses = [ip_address(str(entry[4][0]).partition("%")[0]) for entry in found]
    if not addresses:
        raise UnknownHost("Its name has no address.", fix="Check the spelling.")
    return addresses


def _bare(address: Address) -> Address:
    """The IPv4 address inside an IPv6 one: routers take it out again."""
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped or address.sixtofour:
            return address.ipv4_mapped or address.sixtofour or address
        if address in NAT64 or (int(address) >> 32 == 0 and int(address) > 1):
            return IPv4Address(int(address) & 0xFFFF_FFFF)
    return address


def _is_forbidden(address: Address) -> bool:
    return address.is_link_local or address.is_multicast or address.is_unspecified or address in METADATA


def _is_public(address: Address) -> bool:
    site_local = isinstance(address, IPv6Address) and (address.is_site_local or address.teredo is not None)
    return address.is_global and not address.is_reserved and not site_local
