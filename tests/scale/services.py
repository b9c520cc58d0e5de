"""Redis and nginx from the system's packages, on free loopback ports, for the length of a test."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from tests.system.running_system import ROOT, find_free_port

START_SECONDS = 10


def missing_programs() -> list[str]:
    """Which of the programs this needs are not installed."""
    return [program for program in ("redis-server", "nginx") if shutil.which(program) is None]


@dataclass
class Service:
    """A program that listens on a port; it can be crashed and started again."""

    command: list[str]
    port: int
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self.process = subprocess.Popen(
            self.command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
        )
        wait_for_port(self.port)

    def crash(self) -> None:
        self.signal(signal.SIGKILL)
        assert self.process is not None
        self.process.wait(10)

    def signal(self, number: signal.Signals) -> None:
        assert self.process is not None
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, number)

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.signal(signal.SIGTERM)
            self.process.wait(10)


def redis(folder: Path) -> Service:
    """Redis as the documents advise: it keeps nothing on disk."""
    port = find_free_port()
    options = ["--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", str(folder)]
    return Service(["redis-server", "--port", str(port), *options], port)


def nginx(folder: Path, web: list[int], actions: list[int]) -> tuple[Service, int]:
    """nginx with deploy/nginx.conf, for these ports; returns it and the port of the action servers."""
    port, actions_port = find_free_port(), find_free_port()
    (folder / "site.conf").write_text(make_local(web, actions, port, actions_port), "utf-8")
    paths = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    temporary = "".join(f"{name}_temp_path {folder}/{name};\n" for name in paths)
    (folder / "nginx.conf").write_text(
        f"daemon off;\npid {folder}/nginx.pid;\nerror_log {folder}/error.log;\nworker_processes 1;\n"
        f"events {{}}\nhttp {{\n{temporary}include {folder}/site.conf;\n}}\n",
        "utf-8",
    )
    command = ["nginx", "-p", str(folder), "-e", f"{folder}/error.log", "-c", f"{folder}/nginx.conf"]
    return Service(command, port), actions_port


def make_local(web: list[int], actions: list[int], port: int, actions_port: int) -> str:
    """deploy/nginx.conf with loopback addresses and without TLS."""
    text = (ROOT / "deploy" / "nginx.conf").read_text("utf-8")
    for number, (web_port, action_port) in enumerate(zip(web, actions, strict=True), start=1):
        text = text.replace(f"10.0.0.1{number}:8000", f"127.0.0.1:{web_port}")
        text = text.replace(f"10.0.0.1{number}:5055", f"127.0.0.1:{action_port}")
    text = text.replace("10.0.0.10:5056", f"127.0.0.1:{actions_port}")
    text = text.replace("listen 443 ssl", f"listen 127.0.0.1:{port}")
    text = re.sub(r"^ *ssl_.*\n", "", text, flags=re.M)
    return re.sub(r"server \{\n    listen 80;.*?\n\}\n", "", text, flags=re.S)


def wait_for_port(port: int) -> None:
    """Wait until somebody listens on a loopback port."""
    deadline = time.monotonic() + START_SECONDS
    while True:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        assert time.monotonic() < deadline, f"nobody listens on {port}"
        time.sleep(0.05)  # between two looks at a condition that has a deadline
