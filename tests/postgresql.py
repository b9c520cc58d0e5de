"""A throw-away PostgreSQL server from the system's package, on a socket in its own folder."""

from __future__ import annotations

import glob
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path


@dataclass
class PostgresqlServer:
    """A running server; `url` names its maintenance database."""

    folder: str

    @property
    def url(self) -> str:
        return self.url_of("postgres")

    def url_of(self, database: str) -> str:
        return f"postgresql://clinic@/{database}?host={self.folder}"

    @property
    def process(self) -> int:
        """The server's process id."""
        return int(Path(f"{self.folder}/data/postmaster.pid").read_text().splitlines()[0])

    def start(self) -> None:
        """Start it, also again after a crash."""
        options = f"-k {self.folder} -c listen_addresses='' -c shared_buffers=16MB"
        self.run("pg_ctl", "-D", f"{self.folder}/data", "-w", "-t", "150", "-o", options, "start")

    def crash(self) -> None:
        """End it as a power cut would end its processes: at once, all of them."""
        process = self.process
        children = subprocess.run(
            ["pgrep", "-P", str(process)], capture_output=True, text=True
        ).stdout.split()
        ended = [process, *map(int, children)]
        for number in ended:
            with suppress(ProcessLookupError):
                os.kill(number, signal.SIGKILL)
        # it does not start again while one of them still holds the shared memory
        deadline = time.monotonic() + 60
        while any(Path(f"/proc/{number}").exists() for number in ended):
            assert time.monotonic() < deadline, "PostgreSQL's processes did not end"
            time.sleep(0.05)  # between two looks at a condition that has a deadline

    def run(self, program: str, *arguments: str) -> None:
        """Run one of PostgreSQL's programs as the user it insists on."""
        prefix = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        with open(f"{self.folder}.log", "a") as log:
            subprocess.run(
                [*prefix, f"{_programs()}/{program}", *arguments],
                check=True,
                cwd="/",
                env={"PATH": os.environ["PATH"], "LC_ALL": "C"},
                stdout=log,
                stderr=log,
                timeout=180,
            )


def can_run_postgresql() -> bool:
    """Whether the programs are installed and, for root, there is a user to run them as."""
    with suppress(KeyError):
        return bool(_programs()) and (os.geteuid() != 0 or bool(pwd.getpwnam("postgres")))
    return False


def _programs() -> str:
    found = [os.path.dirname(path) for path in sorted(glob.glob("/usr/lib/postgresql/*/bin/initdb"))]
    return found[-1] if found else ""


@contextmanager
def running_postgresql() -> Iterator[PostgresqlServer]:
    """A server for the length of the block."""
    folder = tempfile.mkdtemp(prefix="clinic-postgresql-")
    if os.geteuid() == 0:  # PostgreSQL refuses to run as root
        shutil.chown(folder, "postgres")
    server = PostgresqlServer(folder)
    server.run("initdb", "-D", f"{folder}/data", "-U", "clinic", "-A", "trust", "-E", "UTF8", "--no-sync")
    server.start()
    try:
        yield server
    finally:
        with suppress(subprocess.CalledProcessError):  # it may have been crashed by a test
            server.run("pg_ctl", "-D", f"{folder}/data", "-m", "immediate", "-w", "stop")
        shutil.rmtree(folder)
        os.unlink(f"{folder}.log")
