"""Two machines and a cable between them, made of network namespaces: nothing of this machine is changed."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from types import TracebackType

OURS, OTHERS = "10.77.0.1", "10.77.0.2"
OURS_6, OTHERS_6 = "fd77::1", "fd77::2"
SCAN = """
import json, socket, sys
address, open_ports = sys.argv[1], []
family = socket.AF_INET6 if ":" in address else socket.AF_INET
for port in range(1, 65536):
    with socket.socket(family) as probe:
        probe.settimeout(5)
        if probe.connect_ex((address, port)) == 0:
            open_ports.append(port)
print(json.dumps(open_ports))
"""


def can_have_two_machines() -> bool:
    """Say whether this system permits it."""
    if not all(map(shutil.which, ("unshare", "nsenter", "ip"))):
        return False
    return subprocess.run(["unshare", "-rn", "ip", "link"], capture_output=True).returncode == 0


class TwoMachines:
    """`on_ours` and `on_others` are what a command begins with to run on one of them."""

    def __init__(self) -> None:
        self._processes: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> TwoMachines:
        ours = self._hold(["unshare", "-rn"])
        self.on_ours = _enter(ours)
        others = self._hold([*self.on_ours, "unshare", "-n"])
        self.on_others = _enter(others)
        cable = ["ip", "link", "add", "ours", "type", "veth", "peer", "name", "others", "netns", str(others)]
        _run([*self.on_ours, *cable])
        for begin, name, addresses in (
            (self.on_ours, "ours", (f"{OURS}/24", f"{OURS_6}/64")),
            (self.on_others, "others", (f"{OTHERS}/24", f"{OTHERS_6}/64")),
        ):
            for address in addresses:
                no_check = ["nodad"] if ":" in address else []
                _run([*begin, "ip", "address", "add", address, "dev", name, *no_check])
            for link in ("lo", name):
                _run([*begin, "ip", "link", "set", link, "up"])
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for process in self._processes:
            process.kill()
            process.communicate(timeout=10)

    def run_on_ours(self, program: str, *arguments: str) -> subprocess.Popen[bytes]:
        """Start a Python program on our machine, as long as that lasts; returns when it says something."""
        command = [*self.on_ours, sys.executable, "-c", program, *arguments]
        process = subprocess.Popen(command, stdout=subprocess.PIPE)
        self._processes.append(process)
        assert process.stdout is not None and process.stdout.readline(), "it ended at once"
        return process

    def run_on_others(self, program: str, *arguments: str) -> str:
        """Run a Python program on the other machine; returns what it says."""
        return _run([*self.on_others, sys.executable, "-c", program, *arguments])

    def _hold(self, command: list[str]) -> int:
        """Keep a new machine while this lasts; returns the process that it consists of."""
        waiting = [*command, "sh", "-c", "echo ready; exec sleep 3600"]
        process = subprocess.Popen(waiting, stdout=subprocess.PIPE)
        self._processes.append(process)
        assert process.stdout is not None and process.stdout.readline() == b"ready\n"
        return process.pid


def _enter(process: int) -> list[str]:
    namespaces = Path(f"/proc/{process}/ns")
    return [
        "nsenter",
        f"--user={namespaces / 'user'}",
        f"--net={namespaces / 'net'}",
        "--preserve-credentials",
        "--",
    ]


def _run(command: list[str]) -> str:
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout
