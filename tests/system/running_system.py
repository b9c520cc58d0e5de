"""The whole system as `make run` starts it: web, engine with the trained model, actions, supervisord."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import httpx

from clinic.leads import Leads
from clinic.storage.database import Database
from launch.supervisor_calls import Supervisor

ROOT = Path(__file__).parents[2]
READY_WITHIN_SECONDS = 180
ANSWER_WITHIN_SECONDS = 5


class RunningSystem:
    """Started once for all tests; a test that breaks a part waits until it is repaired."""

    def __init__(self, folder: Path, start: str = "launch.start", **settings: str) -> None:
        self.folder = folder
        self._start = start
        self.ports = {name: find_free_port() for name in ("PORT", "ENGINE_PORT", "ACTIONS_PORT")}
        self.url = f"http://127.0.0.1:{self.ports['PORT']}"
        self.output = folder / "output.txt"
        self.within: list[str] = []  # a command that runs the system somewhere else, such as another network
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("OPTC_")}
        self.environment = inherited | {
            **{f"OPTC_{name}": str(port) for name, port in self.ports.items()},
            "OPTC_VAR_DIRECTORY": str(folder),
            "OPTC_MESSAGE_LIMIT": "10000/minute",
            "OPTC_MESSAGE_HOUR_LIMIT": "10000/hour",
            "OPTC_CONVERSATION_LIMIT": "10000/hour",
            "OPTC_SESSION_LIMIT": "10000/hour",
            "OPTC_CONTACT_LIMIT": "10000/hour",
            **settings,
        }
        self._process: subprocess.Popen[bytes] | None = None

    def set(self, **settings: str) -> None:
        """Add settings, before the start."""
        self.environment |= settings

    def start(self) -> None:
        """Start as `make run` does and wait until it says where to go."""
        self.begin_start()
        self.wait_until_started()

    def begin_start(self) -> None:
        """Start and return at once."""
        with self.output.open("wb") as output:
            self._process = subprocess.Popen(
                [*self.within, sys.executable, "-m", self._start],
                cwd=ROOT,
                env=self.environment,
                stdout=output,
                stderr=output,
            )

    def wait_until_started(self) -> None:
        """Wait until it says where to go."""
        wait_until(lambda: "Ctrl-C" in self.read_output(), READY_WITHIN_SECONDS, self.read_output)

    def stop(self) -> int:
        """Stop as Ctrl-C does; returns the exit code."""
        assert self._process is not None
        self.database.close()
        self._process.send_signal(signal.SIGINT)
        return self._process.wait(60)

    def end_suddenly(self) -> None:
        """SIGKILL every process at once, the supervisors too."""
        assert self._process is not None
        running = [process for _, process in self.process_ids()]
        supervisor = int((self.folder / "log" / "supervisor.pid").read_text())
        for process in (self._process.pid, supervisor, *running):
            os.kill(process, signal.SIGKILL)
        self._process.wait(10)
        wait_until(lambda: not any(_is_alive(process) for process in running), 10, lambda: "still alive")

    def read_output(self) -> str:
        return self.output.read_text("utf-8")

    @property
    def first_sign_in_link(self) -> str:
        found = re.search(r"http\S+/console/welcome/\S+", self.read_output())
        assert found, self.read_output()
        return found.group()

    @property
    def leads(self) -> Leads:
        return Leads(self.database)

    @cached_property
    def database(self) -> Database:
        """What the clinic's side has stored."""
        return Database(f"sqlite:///{self.folder / 'clinic.db'}")

    def process_ids(self) -> list[tuple[str, int]]:
        """The running processes: ("group:name", process id). An engine is named by its port."""
        running = Supervisor(self.folder / "supervisor.sock").processes()
        return [(f"{info['group']}:{info['name']}", info["pid"]) for info in running if info["pid"]]

    def process_id(self, part: str) -> int:
        """The process of a part: web, engine, actions or watch."""
        return next(process for name, process in self.process_ids() if name.split(":")[0] == part)

    def kill(self, name: str) -> None:
        """SIGKILL a part; supervisord will start it again."""
        os.kill(self.process_id(name), signal.SIGKILL)

    def freeze(self, name: str) -> int:
        """SIGSTOP a part: it lives and its port is open, but it does nothing. Returns its process id.

        Waits until the watch has seen it work: one that may still be starting is given more time.
        """
        process = self.process_id(name)
        log = self.folder / "log" / "watch.log"
        wait_until(lambda: f"works, process {process}" in log.read_text(), 60, log.read_text)
        os.kill(process, signal.SIGSTOP)
        return process

    def wait_until_ready(self) -> None:
        """Wait until every part answers again."""
        wait_until(self._is_ready, READY_WITHIN_SECONDS, self.read_output)

    def _is_ready(self) -> bool:
        try:
            actions = httpx.get(f"http://127.0.0.1:{self.ports['ACTIONS_PORT']}/health", timeout=5)
            web = httpx.get(f"{self.url}/health/ready", timeout=5)
        except httpx.HTTPError:
            return False
        return actions.status_code == web.status_code == 200


def _is_alive(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@dataclass
class Visitor:
    """Somebody who chats through the public API, as the widget does."""

    client: httpx.Client
    token: str
    welcome: list[dict[str, Any]]

    @classmethod
    def arrive(cls, url: str) -> Visitor:
        client = httpx.Client(base_url=url, timeout=ANSWER_WITHIN_SECONDS)
        started = client.post("/api/v1/sessions", json={})
        assert started.status_code == 201, started.text
        body = started.json()
        return cls(client, body["token"], body["messages"])

    def leave(self) -> None:
        """Close the connection, as a closed tab does."""
        self.client.close()

    def send(self, client_message_id: str = "", **message: str) -> httpx.Response:
        """One message; it must be answered within five seconds, whatever is broken."""
        body = {"client_message_id": client_message_id or uuid.uuid4().hex, **message}
        return self.client.post(
            "/api/v1/messages", json=body, headers={"Authorization": f"Bearer {self.token}"}
        )

    def say(self, text: str, client_message_id: str = "") -> list[dict[str, Any]]:
        reply = self.send(client_message_id, text=text)
        assert reply.status_code == 200, reply.text
        messages: list[dict[str, Any]] = reply.json()["messages"]
        assert messages and all(message["text"] for message in messages), "the assistant was silent"
        self.last = messages
        return messages

    def choose(self, title: str) -> list[dict[str, Any]]:
        """Press the button with this title in the latest messages."""
        tokens = {choice["title"]: choice["token"] for message in self.last for choice in message["choices"]}
        reply = self.send(choice=tokens[title])
        assert reply.status_code == 200, reply.text
        self.last = reply.json()["messages"]
        return self.last

    def leave_details(self) -> list[dict[str, Any]]:
        """Maria's request, up to the summary."""
        self.say("I would like to book an appointment")
        self.say("Maria Lopez")
        self.say("405-555-0134")
        self.say("mornings")
        self.choose("Back pain")
        return self.choose("I agree")


def wait_until(condition: Callable[[], bool], seconds: float, explain: Callable[[], str]) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, explain()
        time.sleep(0.1)  # between two looks at a condition that has a deadline


def find_free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
