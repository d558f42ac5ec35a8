"""Which addresses may be called: https, a usual port, a public place; however an address is written."""

import re
import socket
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import SplitResult, urlsplit

from django.conf import settings

LONGEST = 500
PORTS = {"https": frozenset({443, 8443}), "http": frozenset({80, 8080})}
# Global by the registry, and yet no place of a stranger: relays to IPv4, documentation, a cloud's own machinery.
NOT_FOR_STRANGERS = tuple(
    ip_network(text)
    for text in ("192.88.99.0/24", "168.63.129.16/32", "2002::/16", "2001::/23", "2001:db8::/32", "3fff::/20")
)
UNICAST = ip_network("2000::/3")  # what of IPv6 is given out: mapped, translated and local addresses lie outside
Place = IPv4Address | IPv6Address
NAME = re.compile(r"[a-z0-9][a-z0-9-]*(?:\.[a-z0-9][a-z0-9-]*)+\.?", re.ASCII)
OURS = (".localhost", ".local", ".internal", ".localhost.", ".local.", ".internal.")


class BadPlace(ValueError):
    """This address is not called; the text is a code: bad_url, not_https, bad_port, not_public, no_such_host."""


def is_public(place: Place) -> bool:
    """Tell whether an address lies in the open internet."""
    if not place.is_global or place.is_multicast or (place.version == 6 and place not in UNICAST):
        return False
    return not any(place in net for net in NOT_FOR_STRANGERS if net.version == place.version)


def literal(host: str) -> Place | None:
    """Read a host that is a number, in any of the ways in which the system's resolver would; None for a name."""
    try:
        return ip_address(host.strip("[]"))
    except ValueError:
        pass
    try:
        return IPv4Address(socket.inet_aton(host))
    except (OSError, ValueError):
        return None


def taken_apart(url: str) -> SplitResult:
    """Take an address apart.

    Raises BadPlace.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise BadPlace("bad_url") from None
    clean = url.isascii() and url.isprintable() and " " not in url and "\\" not in url and len(url) <= LONGEST
    wrapped = "[" in parts.netloc and ":" not in (parts.hostname or "")
    if not clean or wrapped or not parts.hostname or "@" in parts.netloc or parts.fragment or "%" in parts.netloc:
        raise BadPlace("bad_url")
    if parts.scheme != "https" and not (parts.scheme == "http" and settings.WEBHOOKS_PLAIN_HTTP):
        raise BadPlace("not_https")
    if port is not None and port not in PORTS[parts.scheme]:
        raise BadPlace("bad_port")
    return parts


def check(url: str) -> None:
    """Refuse an address that would never be called, as far as its text tells.

    Raises BadPlace.
    """
    host = taken_apart(url).hostname or ""
    place = literal(host)
    if place is not None and not is_public(place):
        raise BadPlace("not_public")
    if place is None and (host.endswith(OURS) or not NAME.fullmatch(host)):
        raise BadPlace("not_public")
