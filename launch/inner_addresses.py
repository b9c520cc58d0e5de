"""Engine and action server listen where the public cannot reach them, or the assistant does not start."""

from __future__ import annotations

import ipaddress
import socket


class AddressIsPublic(Exception):
    """A part that must stay inside would listen on a public address; the message says what to do."""


def check_inner_address(setting: str, host: str) -> None:
    """Raise AddressIsPublic unless everything `host` means is loopback or a private network (RFC 1918, 4193).

    0.0.0.0 and :: mean every network of the machine, so they are refused too.
    """
    for address in _addresses(setting, host):
        if address.is_unspecified or not (address.is_loopback or address.is_private):
            raise AddressIsPublic(
                f"{setting}={host} can be reached from outside ({address}). The engine and the action server "
                "trust whoever has their secret: set it to 127.0.0.1 or to this machine's private address."
            )


def _addresses(setting: str, host: str) -> list[ipaddress.IPv4Address | ipaddress.IPv6Address]:
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except OSError:
        raise AddressIsPublic(f"{setting}={host} is not a known address. Set it to 127.0.0.1.") from None
    return [ipaddress.ip_address(str(entry[4][0]).partition("%")[0]) for entry in found]
