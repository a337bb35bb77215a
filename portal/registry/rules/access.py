"""How a camera is reached, as people write it: addresses and MAC addresses in their one spelling. Pure."""

import ipaddress
import re
from typing import Final

_MAC: Final = re.compile(r"[0-9A-Fa-f]{2}([:-][0-9A-Fa-f]{2}){5}")


def is_address(text: str, *versions: int) -> bool:
    """Whether a text is a plain IP address, of one of these versions where any is named."""
    try:
        found = ipaddress.ip_address(text)
    except ValueError:
        return False
    return not versions or found.version in versions


def is_mac(text: str) -> bool:
    """Whether a text is a MAC address of six pairs."""
    return _MAC.fullmatch(text) is not None


def tidy_mac(text: str) -> str:
    """A MAC address as it is kept."""
    return text.upper().replace("-", ":")


def tidy_ipv6(text: str) -> str:
    """An IPv6 address as it is kept."""
    return text.lower()
