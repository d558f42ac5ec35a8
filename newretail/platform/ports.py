"""Ports on loopback: which are free, and which one a server had last time."""

import json
import socket
from pathlib import Path

from newretail.platform.folder import read_json, write_private
from newretail.platform.trouble import PortTaken

REMEMBERED = "ports.json"
# Ports that this process has chosen and keeps from others until its servers take them.
_held: dict[int, socket.socket] = {}


def reachable(host: str) -> str:
    """Give the address at which we reach a server that listens on `host`."""
    return "127.0.0.1" if host in ("", "0.0.0.0") else host  # noqa: S104


def is_free(port: int, host: str = "127.0.0.1") -> bool:
    """Say whether nobody else listens on the port or keeps it."""
    if port in _held:
        return True
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    with socket.socket() as caller:
        caller.settimeout(0.5)
        return caller.connect_ex((reachable(host), port)) != 0


def choose_port(*candidates: int | None) -> int:
    """Give the first free candidate on loopback, else any free port."""
    for port in candidates:
        if port and is_free(port):
            return port
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def hold(port: int) -> None:
    """Keep a free port from others, who find it taken; one that cools down from former connections serves too."""
    if port not in _held:
        keeper = socket.socket()
        keeper.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            keeper.bind(("127.0.0.1", port))
            keeper.listen(1)  # bound alone, others could still share it
        except OSError:
            keeper.close()  # snatched just now: the start will tell
        else:
            _held[port] = keeper


def let_go(port: int) -> None:
    """Give the port to the server that is about to start."""
    if keeper := _held.pop(port, None):
        keeper.close()


def require_free(port: int, *, host: str, use: str) -> None:
    """Stop before anything starts when the port is taken.

    Refuses: PortTaken.
    """
    if not is_free(port, host):
        raise PortTaken(port, use=use)


def remembered_port(home: Path, server: str) -> int | None:
    """Say which port the server had last time."""
    port = read_json(home / REMEMBERED).get(server)
    return port if isinstance(port, int) else None


def remember_port(home: Path, server: str, port: int) -> None:
    """Keep the port for the next start, so that addresses stay the same."""
    ports = read_json(home / REMEMBERED)
    if ports.get(server) != port:
        write_private(home / REMEMBERED, json.dumps({**ports, server: port}))
