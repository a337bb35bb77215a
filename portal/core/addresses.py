"""Which addresses the prober may touch: what the operator allows, and nothing else.

Cameras live in private ranges, so "refuse private addresses" is the wrong rule; and the registry's
users type addresses, so "anything goes" makes the portal a port scanner inside the police network.
Checked when an address is saved and again before every probe, since the operator's list may change.
"""

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

DEFAULT_PORTS: Final = frozenset({80, 443, 554, 2020, 5000, 8000, 8080, 8081, 8554, 8899, 10554})

ALWAYS_DENIED: Final[tuple[Network, ...]] = tuple(
    ipaddress.ip_network(text)
    for text in (
        "0.0.0.0/8",
        "127.0.0.0/8",
        "169.254.0.0/16",  # link-local, where clouds keep their metadata service
        "192.0.0.0/24",
        "224.0.0.0/3",  # multicast, reserved and broadcast
        "::/128",
        "::1/128",
        "64:ff9b::/96",  # NAT64: an IPv4 address in disguise
        "64:ff9b:1::/48",
        "2002::/16",  # 6to4, the same
        "2001::/32",  # Teredo, the same
        "fe80::/10",
        "fd00:ec2::254/128",
        "ff00::/8",
    )
)


class Denial(StrEnum):
    """Why an address may not be probed."""

    NOT_AN_ADDRESS = "not_an_address"
    ALWAYS_DENIED = "always_denied"
    OWN_SERVICE = "own_service"
    NOT_ALLOWED = "not_allowed"
    PORT = "port"


class AddressDenied(Exception):
    """The policy refuses an address or a port."""

    def __init__(self, denial: Denial) -> None:
        super().__init__(str(denial))
        self.denial = denial


def parse_literal(text: str) -> Address:
    """An address in its one canonical spelling; `127.1`, `0x7f000001`, names and the like are refused.

    An IPv4 address mapped into IPv6 is unwrapped first: it would pass every IPv4 rule otherwise.
    """
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        raise AddressDenied(Denial.NOT_AN_ADDRESS) from None
    if isinstance(address, ipaddress.IPv6Address):
        if address.scope_id is not None:
            raise AddressDenied(Denial.NOT_AN_ADDRESS)
        if address.ipv4_mapped is not None:
            return address.ipv4_mapped
    return address


def sender_of(address: str) -> str:
    """What tries are counted by: an IPv4 address, or the network of 64 bits out of which one IPv6 sender draws as many."""
    try:
        found = parse_literal(address)
    except AddressDenied:
        return address
    return str(found) if found.version == 4 else str(ipaddress.ip_network((found, 64), strict=False))


@dataclass(frozen=True, kw_only=True)
class AddressPolicy:
    """The operator's networks and ports; empty means nothing may be probed."""

    allowed: tuple[Network, ...] = ()
    ports: frozenset[int] = DEFAULT_PORTS
    # The portal's own database, broker and web addresses, even inside an allowed network.
    own: frozenset[Address] = frozenset()
    # Part of loopback, for simulated devices only; the production profile refuses to start with one.
    loopback: tuple[Network, ...] = ()

    @classmethod
    def build(
        cls,
        *,
        networks: Iterable[str] = (),
        ports: Iterable[int] = (),
        own: Iterable[str] = (),
        simulated: bool = False,
    ) -> "AddressPolicy":
        """From settings; raises ValueError naming the bad entry, so a typing error stops the start.

        `simulated` lets networks that are spare parts of loopback through, for devices of a demonstration.
        """
        parsed = tuple(ipaddress.ip_network(text) for text in networks)
        loopback = tuple(network for network in parsed if network.is_loopback)
        for network in loopback:
            portal = ipaddress.ip_network("127.0.0.0/16" if network.version == 4 else "::1/128")
            if not simulated or network.overlaps(portal):
                raise ValueError(f"probe_networks: {network} holds the portal itself and is never probed")
        return cls(
            allowed=tuple(network for network in parsed if not network.is_loopback),
            ports=frozenset(ports) or DEFAULT_PORTS,
            own=frozenset(_literals(own)),
            loopback=loopback,
        )

    def check_address(self, text: str) -> Address:
        """The parsed address, or AddressDenied."""
        address = parse_literal(text)
        if address in self.own:
            raise AddressDenied(Denial.OWN_SERVICE)
        if _inside(address, self.loopback):
            return address
        if _inside(address, ALWAYS_DENIED):
            raise AddressDenied(Denial.ALWAYS_DENIED)
        if not _inside(address, self.allowed):
            raise AddressDenied(Denial.NOT_ALLOWED)
        return address

    def check(self, text: str, *ports: int | None) -> str:
        """The canonical literal to connect to, every port allowed; or AddressDenied."""
        address = self.check_address(text)
        for port in ports:
            if port is not None and port not in self.ports:
                raise AddressDenied(Denial.PORT)
        return str(address)


def _inside(address: Address, networks: Iterable[Network]) -> bool:
    return any(address.version == network.version and address in network for network in networks)


def _literals(hosts: Iterable[str]) -> Iterable[Address]:
    for host in hosts:
        try:
            yield ipaddress.ip_address(host)
        except ValueError:
            continue  # a name or a socket path: the operator's networks decide about what it resolves to
