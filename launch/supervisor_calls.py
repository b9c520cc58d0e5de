"""Speaks to supervisord over its socket: what runs, start, stop, kill."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Any
from xmlrpc.client import Fault, ServerProxy

from supervisor.xmlrpc import SupervisorTransport

from clinic.settings import Settings

LONGEST_SOCKET_PATH = 100  # characters; the kernel takes 107 (unix(7))


def socket_path(settings: Settings) -> Path:
    """Return where supervisord listens; only the owner can connect."""
    return Path(settings.var_directory).resolve() / "supervisor.sock"


def is_running(settings: Settings) -> bool:
    """Tell whether a supervisord of this var folder listens."""
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.connect(str(socket_path(settings)))
        except OSError:
            return False
    return True


class Supervisor:
    """The running supervisord. Every method raises OSError when it is not there."""

    def __init__(self, path: Path) -> None:
        """Take the socket's path."""
        self._path = path

    def _call(self, name: str, *arguments: object) -> Any:
        transport = SupervisorTransport(None, None, f"unix://{self._path}")  # type: ignore[no-untyped-call]
        with ServerProxy("http://127.0.0.1", transport=transport) as proxy:
            return getattr(proxy.supervisor, name)(*arguments)

    def processes(self) -> list[dict[str, Any]]:
        """Return every process: group, name, pid, statename, start (seconds since 1970), now."""
        found: list[dict[str, Any]] = self._call("getAllProcessInfo")
        return found

    def kill(self, process: str) -> None:
        """SIGKILL a process ("group:name"); supervisord starts it again."""
        try:
            self._call("signalProcess", process, "KILL")
        except Fault:
            return  # it has just died by itself

    def start_group(self, group: str) -> None:
        """Start all processes of a group that do not run."""
        self._call("startProcessGroup", group, False)

    def stop_group(self, group: str) -> None:
        """Stop all processes of a group and wait until they have."""
        self._call("stopProcessGroup", group, True)
